use std::collections::BTreeSet;
use std::sync::atomic::Ordering;

use comity_base::Timestamp;
use comity_law::notice::{
    Act as Law, ActName, Actor, AddendumKind, Checklist, Contact, Event, Ground, Lifecycle, Outcome, Part, Screened,
    Who,
};
use comity_law::{Country, Reason};
use comity_store::NewEntry;
use serde_json::json;

use super::file::{File, NoticeNo, key};
use super::shown::NoticeShown;
use crate::{Act, Ctx, Deed, Node, NodeError, Said};

/// What people do to a notice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoticeDeed {
    /// Hands it to review: somebody who did not write it.
    Submit,
    /// Begins to review it.
    TakeUp,
    /// Asks its source, who has so many days to answer.
    Ask(u16),
    /// Answers.
    Answer,
    /// Agrees, where the gate demands several.
    Concur,
    /// Refuses it.
    Refuse(Ground),
    /// Publishes it until then.
    Publish {
        /// Until when it holds.
        valid_until: Timestamp,
        /// Whether an extract may be shown to the public.
        extract: bool,
    },
    /// Blocks it while there is doubt.
    Suspend,
    /// Ends the doubt.
    Lift,
    /// Begins a new version.
    Amend(BTreeSet<Part>),
    /// Gives another contact, which counts at once.
    Contact(Contact),
    /// Tells what happened elsewhere.
    Addendum(AddendumKind, Country),
    /// Takes it back, by its source.
    Withdraw,
    /// Ends it, by a reviewer.
    Cancel(Ground),
    /// Its purpose is achieved.
    Execute(Outcome, Country),
    /// Says why it must be kept.
    Justify,
    /// Has looked again.
    ReExamine(Timestamp),
}

impl Node {
    /// Does something to a notice, if the law of notices lets whoever asks do it now, and carries out what follows: what is
    /// published goes out under an attestation, what ends is recalled.
    ///
    /// # Errors
    /// [`NodeError::NotLawful`] with the reason when the law does not allow it; [`NodeError::ChangedSince`]; when whoever asks may
    /// not, or the store cannot be read or written.
    pub fn act_on_notice<'a>(
        &self,
        ctx: &Ctx,
        no: NoticeNo,
        deed: &NoticeDeed,
        said: impl Into<Said<'a>>,
    ) -> Result<NoticeShown, NodeError> {
        self.ready()?;
        let name = deed.act(ctx, None).name();
        self.may(ctx, right_to(name), json!({"notice": no, "act": name.name()}))?;
        self.notice_file(ctx, no)?;
        let act = |file: &mut File| match deed {
            NoticeDeed::Publish { .. } => self.publishing(ctx, file, deed),
            NoticeDeed::Submit => self.submitting(ctx, file, deed),
            NoticeDeed::Contact(contact) => another(contact, file).map(|()| deed.act(ctx, None)),
            NoticeDeed::Amend(parts) if *parts == [Part::Contact].into() => {
                Err(NodeError::Refused("a new contact counts at once: say which it is; nothing was done".into()))
            }
            _ => Ok(deed.act(ctx, None)),
        };
        let file = self.change_notice(ctx, no, (name, said.into()), act)?;
        let file = self.carry_out_notice(ctx, file)?;
        self.show_notice(ctx, file)
    }

    /// Handing a notice to review: reviewers send nothing back that lacks what it must say, for its source can only answer them.
    fn submitting(&self, ctx: &Ctx, file: &File, deed: &NoticeDeed) -> Result<Law, NodeError> {
        let lifecycle = file.lifecycle(ctx.now());
        let act = deed.act(ctx, None);
        apply(&mut lifecycle.clone(), &event(ctx, act.clone(), "because"))?;
        complete(&self.screen(ctx, file, &lifecycle)?.0)?;
        Ok(act)
    }

    /// The publication of a notice as it is, with what the gate answers to it.
    fn publishing(&self, ctx: &Ctx, file: &File, deed: &NoticeDeed) -> Result<Law, NodeError> {
        let lifecycle = file.lifecycle(ctx.now());
        let (checklist, screen) = self.screen(ctx, file, &lifecycle)?;
        complete(&checklist)?;
        let act = deed.act(ctx, Some(file.screened(&screen, &lifecycle)));
        apply(&mut lifecycle.clone(), &event(ctx, act.clone(), "because"))?;
        file.due(&screen, &lifecycle).map_or(Ok(act), |reason| Err(NodeError::NotLawful(reason)))
    }

    /// Adds an event to a notice, with whatever else it changes, where the law allows it. The act is made of the notice as it is when
    /// it is written.
    pub(super) fn change_notice(
        &self,
        ctx: &Ctx,
        no: NoticeNo,
        (name, said): (ActName, Said<'_>),
        act: impl Fn(&mut File) -> Result<Law, NodeError>,
    ) -> Result<File, NodeError> {
        let why = said.why.trim();
        let deed = Deed::decision("notice", json!({"notice": no})).and("act", name.name());
        let entries = [deed.and("why", why).entry(ctx)?];
        self.change_file(
            no,
            |file| {
                said.saw(file.happened())?;
                let event = event(ctx, act(file)?, why);
                let mut lifecycle = file.lifecycle(event.at);
                apply(&mut lifecycle, &event)?;
                file.events.push(event.clone());
                self.prepare_release(ctx, file, &event.act, &lifecycle)
            },
            &entries,
        )
    }

    /// Changes what is kept of a notice.
    pub(super) fn change_file(
        &self,
        no: NoticeNo,
        change: impl Fn(&mut File) -> Result<(), NodeError>,
        entries: &[NewEntry],
    ) -> Result<File, NodeError> {
        let changed = |old: Option<File>| {
            let mut file = old.ok_or_else(|| NodeError::UnknownObject(no.to_string()))?;
            change(&mut file)?;
            Ok(file)
        };
        let file = self.change_setting(&key(no), changed, entries)?;
        // Of what never went out nothing follows.
        if file.released.is_some() {
            self.notices_stirred.store(true, Ordering::Relaxed);
        }
        Ok(file)
    }

    /// What whoever asks could do to it now, were they to give a reason.
    pub(super) fn possible(
        &self,
        ctx: &Ctx,
        lifecycle: &Lifecycle,
        screened: Screened,
        due: Option<&Reason>,
    ) -> Result<Vec<ActName>, NodeError> {
        let (may_write, may_review) =
            (self.would_allow(ctx, Act::Notices)?, self.would_allow(ctx, Act::ReviewNotices)?);
        let mut possible = Vec::new();
        // What is out and goes on as it is judged needs nobody more to agree to it.
        let goes_on = lifecycle.out().is_some_and(|out| screened.enough(&out.agreed).is_ok());
        let is_under_review = lifecycle.at(ctx.now()).is_under_review();
        let is_of_use = |deed: &NoticeDeed| match deed {
            NoticeDeed::Publish { .. } => due.is_none(),
            NoticeDeed::Concur => is_under_review || !goes_on,
            _ => true,
        };
        for deed in tried(ctx.now()).into_iter().filter(is_of_use) {
            let act = deed.act(ctx, Some(screened));
            let name = act.name();
            let may = if right_to(name) == Act::ReviewNotices { may_review } else { may_write };
            if may && apply(&mut lifecycle.clone(), &event(ctx, act, "because")).is_ok() {
                possible.push(name);
            }
        }
        if may_write && apply(&mut lifecycle.clone(), &event(ctx, Law::Revise { extract: None }, "")).is_ok() {
            possible.push(ActName::Revise);
        }
        Ok(possible)
    }
}

/// That whoever asks does this now, for a reason.
fn event(ctx: &Ctx, act: Law, reason: &str) -> Event {
    Event { at: ctx.now(), by: actor(ctx, act.name()), act, reason: reason.trim().to_owned() }
}

/// Adds an event where the law allows it.
fn apply(lifecycle: &mut Lifecycle, event: &Event) -> Result<(), NodeError> {
    lifecycle.apply(event, event.at).map_err(|refused| NodeError::NotLawful(refused.0))
}

/// In which capacity whoever asks does this.
fn actor(ctx: &Ctx, act: ActName) -> Actor {
    let person = ctx.law_person();
    match right_to(act) {
        Act::ReviewNotices => Actor::Reviewer { person },
        _ => Actor::Source { person },
    }
}

/// Which right an act on a notice needs: reviewers', where nobody else may do it.
fn right_to(act: ActName) -> Act {
    let by = act.transition().map(|row| row.by).unwrap_or_default();
    let is_source = by.iter().any(|who| matches!(who, Who::Source | Who::SecondPerson));
    if by.contains(&Who::Reviewer) && !is_source { Act::ReviewNotices } else { Act::Notices }
}

/// Writes another contact into what is out.
fn another(contact: &Contact, file: &mut File) -> Result<(), NodeError> {
    if *contact == Contact::default() || *contact == file.put_out().contact {
        return Err(NodeError::Refused("that is no other contact than the notice has; nothing was done".into()));
    }
    file.text.contact = contact.clone();
    Ok(())
}

fn complete(checklist: &Checklist) -> Result<(), NodeError> {
    let missing = checklist.missing().next();
    missing.map_or(Ok(()), |item| Err(NodeError::NotLawful(item.demand.clone())))
}

/// One of each deed, as it could be done.
fn tried(now: Timestamp) -> Vec<NoticeDeed> {
    let anywhere = Country::parse("EE").ok();
    let mut all = vec![
        NoticeDeed::Submit,
        NoticeDeed::TakeUp,
        NoticeDeed::Ask(7),
        NoticeDeed::Answer,
        NoticeDeed::Concur,
        NoticeDeed::Refuse(Ground::Other),
        NoticeDeed::Publish { valid_until: now.plus_months(1), extract: false },
        NoticeDeed::Suspend,
        NoticeDeed::Lift,
        NoticeDeed::Amend([Part::Sought].into()),
        NoticeDeed::Withdraw,
        NoticeDeed::Cancel(Ground::Other),
        NoticeDeed::Justify,
        NoticeDeed::ReExamine(now.plus_months(1)),
    ];
    all.extend(anywhere.map(|country| NoticeDeed::Addendum(AddendumKind::News, country)));
    all.extend(anywhere.map(|country| NoticeDeed::Execute(Outcome::Located, country)));
    all
}

impl NoticeDeed {
    fn act(&self, ctx: &Ctx, screened: Option<Screened>) -> Law {
        match self.clone() {
            Self::Submit => Law::Submit {},
            Self::TakeUp => Law::TakeUp {},
            Self::Ask(days) => {
                let micros = i64::from(days) * DAY;
                Law::Ask { answer_by: Timestamp::from_micros(ctx.now().as_micros().saturating_add(micros)) }
            }
            Self::Answer => Law::Answer {},
            Self::Concur => Law::Concur {},
            Self::Refuse(ground) => Law::Refuse { ground },
            Self::Publish { valid_until, extract } => {
                // Without an answer of the gate nothing is published: what is not screened is refused.
                let refused = Screened::refused(Ground::Incomplete);
                Law::Publish { valid_until, extract, screened: screened.unwrap_or(refused) }
            }
            Self::Suspend => Law::Suspend {},
            Self::Lift => Law::Lift {},
            Self::Amend(changed) => Law::Amend { changed },
            Self::Contact(_) => Law::Amend { changed: [Part::Contact].into() },
            Self::Addendum(what, country) => Law::Addendum { what, country },
            Self::Withdraw => Law::Withdraw {},
            Self::Cancel(ground) => Law::Cancel { ground },
            Self::Execute(outcome, country) => Law::Execute { outcome, country },
            Self::Justify => Law::Justify {},
            Self::ReExamine(valid_until) => Law::ReExamine { valid_until },
        }
    }
}

const DAY: i64 = 24 * 3_600 * 1_000_000;
