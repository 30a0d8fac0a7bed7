use comity_law::Country;
use comity_law::gate::{Category, FactorKind, Finding, History, Judgement, Screen, Screening, Targeting};
use comity_law::notice::{Checklist, Lifecycle};
use comity_law::statistics::Statistics;
use serde_json::json;

use super::draft::fits;
use super::file::{FILES, File, NoticeNo, NoticeText};
use super::shown::NoticeShown;
use crate::{Act, Ctx, Deed, Node, NodeError, Said};

/// What somebody judges of a notice, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum JudgementSaid {
    /// What kind of offence it is about.
    Category {
        /// The kind.
        category: Category,
        /// Whether it is tied to serious or organised crime.
        tied_to_serious_crime: bool,
    },
    /// What must be weighed.
    Factor {
        /// What.
        factor: FactorKind,
        /// Whether it raises doubt.
        finding: Finding,
        /// Of a refugee: which country protects them.
        protected_by: Option<Country>,
        /// And from which.
        fled_from: Option<Country>,
    },
}

impl JudgementSaid {
    /// What is found of a factor. Countries are said of a refugee and of nobody else.
    pub fn factor(
        factor: FactorKind,
        finding: Finding,
        (protected_by, fled_from): (Option<Country>, Option<Country>),
    ) -> Self {
        let of_refugee = |country: Option<Country>| country.filter(|_| factor == FactorKind::Refugee);
        Self::Factor { factor, finding, protected_by: of_refugee(protected_by), fled_from: of_refugee(fled_from) }
    }
}

impl Node {
    /// Records what somebody judges of a notice, for one reason: what kind of offence it is, whether factors raise doubt.
    /// Nothing that was said before is taken away. Reviewers who agreed before it did not know of it: they agree anew, unless a
    /// writer found nothing against their own text.
    ///
    /// # Errors
    /// When whoever asks may neither write nor review notices, or gives no reason; [`NodeError::ChangedSince`].
    pub fn judge_notice<'a>(
        &self,
        ctx: &Ctx,
        no: NoticeNo,
        said: &[JudgementSaid],
        because: impl Into<Said<'a>>,
    ) -> Result<NoticeShown, NodeError> {
        let because = because.into();
        let why = because.why;
        let act = if self.would_allow(ctx, Act::ReviewNotices)? { Act::ReviewNotices } else { Act::Notices };
        self.may(ctx, act, json!({"notice": no}))?;
        self.notice_file(ctx, no)?;
        if why.trim().is_empty() || why.chars().count() > WHY {
            return Err(NodeError::Refused("a judgement needs a reason in words, of at most 2,000 characters".into()));
        }
        let judged = Judgement { by: ctx.law_person(), at: ctx.now(), why: why.trim().to_owned() };
        let deed = Deed::decision("notice judged", json!({"notice": no})).and("judged", format!("{said:?}"));
        let entries = [deed.entry(ctx)?];
        let change = |file: &mut File| {
            because.saw(file.happened())?;
            crate::gate::add_judgements(&mut file.judged, said, &judged)
        };
        let file = self.change_file(no, change, &entries)?;
        self.show_notice(ctx, file)
    }

    /// What the gate answers now.
    pub(super) fn screen(
        &self,
        ctx: &Ctx,
        file: &File,
        lifecycle: &Lifecycle,
    ) -> Result<(Checklist, Screen), NodeError> {
        let head = lifecycle.head().ok_or(NodeError::Stage)?;
        let act = Targeting::Notice { colour: head.colour, form: head.form };
        let country = self.ourselves.as_ref().and_then(|own| own.country.as_deref());
        let screening = Screening {
            act: &act,
            source: &ctx.organisation,
            country: country.and_then(|country| Country::parse(country).ok()),
            facts: &file.text.facts,
            judged: &file.judged,
            history: &self.gate_history(ctx)?,
            text: "",
        };
        Ok((Checklist::of(head.colour, &file.text.facts), Screen::of(&screening, ctx.now())))
    }

    /// What a text would lack and what the gate would answer for it, were it the text of this notice. Nothing is kept.
    ///
    /// # Errors
    /// When whoever asks may neither write nor review notices, there is none of this number for them, or the text says more
    /// than fits.
    pub fn check_notice_text(
        &self,
        ctx: &Ctx,
        no: NoticeNo,
        text: &NoticeText,
    ) -> Result<(Checklist, Screen), NodeError> {
        self.may_see_notices(ctx, json!({"notice": no}))?;
        fits(text)?;
        let mut file = self.notice_file(ctx, no)?;
        file.text = text.clone();
        self.screen(ctx, &file, &file.lifecycle(ctx.now()))
    }

    /// What became of this organisation's notices, by year, source and colour.
    ///
    /// # Errors
    /// When whoever asks may neither write nor review notices, nor see who did what; or the store cannot be read.
    pub fn notice_statistics(&self, ctx: &Ctx) -> Result<Statistics, NodeError> {
        if !self.would_allow(ctx, Act::Audit)? {
            self.may_see_notices(ctx, json!({"notices": "statistics"}))?;
        }
        self.counted_notices(ctx)
    }

    fn counted_notices(&self, ctx: &Ctx) -> Result<Statistics, NodeError> {
        let now = ctx.now();
        let lifecycles: Vec<Lifecycle> = self.settings::<File>(FILES)?.iter().map(|file| file.lifecycle(now)).collect();
        Ok(Statistics::of(&lifecycles, now))
    }

    /// What became of this organisation's notices and messages in the last years, as the gate weighs it.
    pub(crate) fn gate_history(&self, ctx: &Ctx) -> Result<History, NodeError> {
        let upheld = self.abuse_upheld(&ctx.organisation)?;
        let mut history = self.counted_notices(ctx)?.history(&ctx.organisation, ctx.now(), upheld);
        self.add_messages_to(&mut history, ctx.now())?;
        Ok(history)
    }
}

const WHY: usize = 2_000;
