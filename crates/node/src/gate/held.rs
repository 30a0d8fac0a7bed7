use comity_base::{OrgName, Timestamp};
use comity_law::gate::text::Findings;
use comity_law::gate::{
    Answer, History, Judged, MessageAct, MessageKind, MessageReview, MessageState, MessageStep, Screen,
};
use comity_law::notice::{Checklist, Colour, Facts};
use comity_law::{Person, Reason};
use comity_stix::ObjectId;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::GateNo;
use super::leaving::Leaving;
use crate::{Act, Ctx, Deed, Node, NodeError};

/// A message under review as it is kept.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Held {
    pub(super) no: GateNo,
    pub(super) leaving: Leaving,
    pub(super) at: Timestamp,
    /// What the checklists of what it asks demand, filled in by its author or a reviewer.
    #[serde(default)]
    pub(super) facts: Facts,
    /// What reviewers judged.
    #[serde(default)]
    pub(super) judged: Judged,
    pub(super) review: MessageReview,
    /// When its words were forgotten.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) forgotten: Option<Timestamp>,
}

/// What whoever asks could do to a message under review, were they to give a reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum MessageDeed {
    /// Fill in what the checklists demand.
    Facts,
    /// Judge it.
    Judge,
    /// Agree that it is sent.
    Pass,
    /// Refuse it.
    Refuse,
}

/// A message under review, with everything that whoever works on it needs.
#[derive(Clone, Debug, Serialize)]
pub struct MessageShown {
    /// Its number.
    pub no: GateNo,
    /// What kind of text it is.
    pub kind: MessageKind,
    /// The organisation it is to go to.
    pub to: OrgName,
    /// The object it is about.
    pub about: ObjectId,
    /// What people call that here; nothing when it is not known here.
    pub name: Option<String>,
    /// The words.
    pub text: String,
    /// Who wrote it, by account.
    pub by: String,
    /// When.
    pub at: Timestamp,
    /// Where it stands.
    pub state: MessageState,
    /// What was found in the words, with the bytes where it stands.
    pub found: Findings,
    /// What the gate answers now, and why.
    pub screen: Screen,
    /// What each colour that it amounts to demands, and whether the facts meet it.
    pub checklists: Vec<(Colour, Checklist)>,
    /// The facts.
    pub facts: Facts,
    /// What must be on record before anybody can agree to it, while it waits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub due: Option<Reason>,
    /// What reviewers judged.
    pub judged: Judged,
    /// Everything that was done to it.
    pub steps: Vec<MessageStep>,
    /// Who agreed to it as it is.
    pub agreed: Vec<Person>,
    /// When it was sent.
    pub sent: Option<Timestamp>,
    /// What whoever asks could do to it now.
    pub possible: Vec<MessageDeed>,
}

impl Node {
    /// The messages that wait for a reviewer or did, what waits longest first, then what was written last, as far as whoever asks
    /// may see what they are about.
    ///
    /// # Errors
    /// When whoever asks is no reviewer, or the store cannot be read.
    pub fn messages_under_review(&self, ctx: &Ctx) -> Result<Vec<MessageShown>, NodeError> {
        self.may(ctx, Act::ReviewNotices, json!({"messages": "under review"}))?;
        self.shown_messages(ctx, |_| true)
    }

    /// The messages of whoever asks that wait for a reviewer or did, in the same order.
    ///
    /// # Errors
    /// When whoever asks may send none, or the store cannot be read.
    pub fn own_messages(&self, ctx: &Ctx) -> Result<Vec<MessageShown>, NodeError> {
        self.may(ctx, Act::DecideHits, json!({"messages": "own"}))?;
        let own = ctx.law_person();
        self.shown_messages(ctx, |held| held.review.author.is(&own))
    }

    /// One message under review: for reviewers, and for whoever wrote it.
    ///
    /// # Errors
    /// When whoever asks may neither review nor send messages, or there is none of this number for them.
    pub fn message_under_review(&self, ctx: &Ctx, no: &GateNo) -> Result<MessageShown, NodeError> {
        self.may_see_messages(ctx, json!({"message": no}))?;
        let (_, held) = self.held_message(ctx, no)?;
        self.record(ctx, Deed::query("message", json!({"object": held.leaving.about.to_string(), "message": no})))?;
        self.show_message(ctx, held)
    }

    /// How much waits at the gate for a reviewer: messages that others wrote, and reports of abuse against this organisation, as
    /// far as whoever asks may see what they are about.
    ///
    /// # Errors
    /// When whoever asks is no reviewer, or the store cannot be read.
    pub fn waits_at_gate(&self, ctx: &Ctx) -> Result<usize, NodeError> {
        self.may(ctx, Act::ReviewNotices, json!({"messages": "waiting"}))?;
        let own = ctx.law_person();
        let mut waiting = self.reports_open(ctx)?;
        for held in self.settings::<Held>(HELD)? {
            let is_theirs = held.waits() && !held.review.author.is(&own);
            waiting += usize::from(is_theirs && self.sees_leaving(ctx, &held.leaving)?);
        }
        Ok(waiting)
    }

    fn shown_messages(&self, ctx: &Ctx, which: impl Fn(&Held) -> bool) -> Result<Vec<MessageShown>, NodeError> {
        let mut all = Vec::new();
        let history = self.gate_history(ctx)?;
        for held in self.settings::<Held>(HELD)?.into_iter().filter(which) {
            if held.forgotten.is_none() && self.sees_leaving(ctx, &held.leaving)? {
                all.push(self.show_among(ctx, held, &history)?);
            }
        }
        all.sort_by_key(|shown| {
            let is_waiting = shown.state == MessageState::Waiting;
            let at = shown.at.as_micros();
            (!is_waiting, if is_waiting { at } else { -at })
        });
        let shown: Vec<String> = all.iter().map(|shown| shown.about.to_string()).collect();
        self.record(ctx, Deed::query("messages under review", json!({"shown": shown})))?;
        Ok(all)
    }

    pub(super) fn may_see_messages(&self, ctx: &Ctx, subject: serde_json::Value) -> Result<(), NodeError> {
        let act = if self.would_allow(ctx, Act::ReviewNotices)? { Act::ReviewNotices } else { Act::DecideHits };
        self.may(ctx, act, subject)
    }

    /// A message under review that whoever asks may see, with the version it is kept under.
    pub(super) fn held_message(&self, ctx: &Ctx, no: &GateNo) -> Result<(u64, Held), NodeError> {
        let unknown = || NodeError::UnknownObject(format!("a message {no}"));
        let (version, held) = self.versioned::<Held>(&key(no))?.ok_or_else(unknown)?;
        let is_theirs = self.would_allow(ctx, Act::ReviewNotices)? || held.review.author.is(&ctx.law_person());
        if is_theirs && held.forgotten.is_none() && self.sees_leaving(ctx, &held.leaving)? {
            Ok((version, held))
        } else {
            Err(unknown())
        }
    }

    fn sees_leaving(&self, ctx: &Ctx, leaving: &Leaving) -> Result<bool, NodeError> {
        let known = match leaving.behind() {
            Some(behind) => self.known_to(ctx, &leaving.about, behind)?,
            None => self.name_for(ctx, &leaving.about)?,
        };
        Ok(known.is_some())
    }

    /// Keeps a text that reviewers must look at. The same text of the same person waits once.
    pub(super) fn hold_message(&self, ctx: &Ctx, leaving: &Leaving) -> Result<GateNo, NodeError> {
        let waiting: Vec<Held> = self.settings::<Held>(HELD)?.into_iter().filter(Held::waits).collect();
        if let Some(same) = waiting.iter().find(|held| held.leaving.is_same(leaving)) {
            return Ok(same.no.clone());
        }
        if waiting.len() >= WAITING {
            let why =
                format!("{WAITING} messages wait for a reviewer already; nothing was sent, and this one is not kept");
            return Err(NodeError::Refused(why));
        }
        let no = GateNo::random()?;
        let review = MessageReview::new(Person::new(ctx.organisation.clone(), leaving.by.clone()));
        let (facts, judged) = (Facts::default(), Judged::default());
        let held =
            Held { no: no.clone(), leaving: leaving.clone(), at: ctx.now(), facts, judged, review, forgotten: None };
        let deed =
            Deed::decision("message held", json!({"object": leaving.about.to_string()})).and("message", json!(no));
        self.decide(ctx, &key(&no), &held, deed.and("peer", leaving.to.as_str()).and("kind", leaving.kind().name()))?;
        Ok(no)
    }

    pub(super) fn screen_held(&self, ctx: &Ctx, held: &Held) -> Result<Screen, NodeError> {
        Ok(self.screen_text(ctx, &held.leaving.text, (&held.facts, &held.judged), &self.gate_history(ctx)?))
    }

    pub(super) fn show_message(&self, ctx: &Ctx, held: Held) -> Result<MessageShown, NodeError> {
        let history = self.gate_history(ctx)?;
        self.show_among(ctx, held, &history)
    }

    fn show_among(&self, ctx: &Ctx, held: Held, history: &History) -> Result<MessageShown, NodeError> {
        let screen = self.screen_text(ctx, &held.leaving.text, (&held.facts, &held.judged), history);
        let mut colours: Vec<Colour> = screen.aims.iter().map(|aim| aim.colour()).collect();
        colours.sort_unstable();
        colours.dedup();
        let checklists = colours.into_iter().map(|colour| (colour, Checklist::of(colour, &held.facts))).collect();
        let due = (held.review.state() == MessageState::Waiting).then(|| held.due(&screen)).flatten();
        let possible = self.possible_to_message(ctx, &held, &screen, due.as_ref())?;
        let kind = held.leaving.kind();
        let Leaving { to, about, text, by, .. } = held.leaving;
        Ok(MessageShown {
            no: held.no,
            kind,
            to,
            name: self.name_for(ctx, &about)?.and_then(|known| known.0),
            about,
            found: Findings::of(&text),
            text,
            by,
            at: held.at,
            state: held.review.state(),
            screen,
            checklists,
            facts: held.facts,
            due,
            judged: held.judged,
            agreed: held.review.agreed(),
            sent: held.review.sent,
            steps: held.review.steps,
            possible,
        })
    }

    fn possible_to_message(
        &self,
        ctx: &Ctx,
        held: &Held,
        screen: &Screen,
        due: Option<&Reason>,
    ) -> Result<Vec<MessageDeed>, NodeError> {
        let is_reviewer = self.would_allow(ctx, Act::ReviewNotices)?;
        let ground = comity_law::notice::Ground::Other;
        let tried = [
            (MessageDeed::Facts, MessageAct::Facts {}),
            (MessageDeed::Judge, MessageAct::Judge {}),
            (MessageDeed::Pass, MessageAct::Agree {}),
            (MessageDeed::Refuse, MessageAct::Refuse { ground }),
        ];
        let allowed = tried.into_iter().filter(|(_, act)| {
            let step = MessageStep { at: ctx.now(), by: ctx.law_person(), act: *act, why: "because".into() };
            let is_due = due.is_some() && *act == MessageAct::Agree {};
            (is_reviewer || *act == MessageAct::Facts {}) && !is_due && held.review.clone().add(step, screen).is_ok()
        });
        Ok(allowed.map(|(deed, _)| deed).collect())
    }

    /// Adds to a record what became of messages in the last three years: they pass the same gate as notices.
    pub(crate) fn add_messages_to(&self, history: &mut History, now: Timestamp) -> Result<(), NodeError> {
        let lately = |at: Timestamp| at.plus_months(MONTHS) > now;
        for held in self.settings::<Held>(HELD)? {
            let decided = held.review.steps.last().map_or(held.at, |step| step.at);
            if !lately(decided) {
                continue;
            }
            match (held.review.state(), held.review.refused()) {
                (MessageState::Sent, _) => history.issued = history.issued.saturating_add(1),
                (MessageState::Refused, Some(ground)) => {
                    let count = history.refused.entry(ground).or_default();
                    *count = count.saturating_add(1);
                }
                _ => {}
            }
        }
        Ok(())
    }
}

impl Held {
    /// Whether a reviewer is to look at it.
    fn waits(&self) -> bool {
        self.review.state() == MessageState::Waiting && self.forgotten.is_none()
    }

    /// What must be on record before anybody agrees to it.
    pub(super) fn due(&self, screen: &Screen) -> Option<Reason> {
        screen.due(&self.judged, self.review.changed(), |person| person.is(&self.review.author))
    }
}

impl MessageShown {
    /// How many reviewers must agree; nothing where the gate refuses.
    pub const fn needed(&self) -> Option<u8> {
        match self.screen.answer {
            Answer::Pass {} => Some(1),
            Answer::NeedsReview { reviewers } => Some(reviewers),
            Answer::Refused { .. } => None,
        }
    }
}

pub(super) fn key(no: &GateNo) -> String {
    format!("{HELD}{no}")
}

pub(super) const HELD: &str = "message-held/";
/// Most messages of one node that wait for a reviewer.
const WAITING: usize = 1_000;
/// How long what was refused counts in a record.
const MONTHS: u16 = 36;
