use std::collections::BTreeSet;

use comity_base::{OrgName, Timestamp};

use super::clock::{Clock, ClockKind, Duty, DutyKind, REVIEW_AIM, after};
use super::refusal::{self as no, Refused};
use super::{Act, Actor, AddendumKind, Colour, Event, Form, Ground, Outcome, Part, State};
use crate::{Country, Person};

/// Where one notice or diffusion stands: its events, folded.
///
/// Time does its part by itself: whatever is asked of a lifecycle is asked at a moment, and whatever fell due by then has
/// happened. An event that is not allowed changes nothing, so equal events give equal lifecycles everywhere.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lifecycle {
    pub(super) head: Option<Head>,
    pub(super) out: Option<Out>,
    pub(super) review: Option<Review>,
    pub(super) ending: Option<Ending>,
    pub(super) recall: Option<Recall>,
    pub(super) addenda: Vec<Addendum>,
    /// Everybody who ever wrote or submitted a version.
    pub(super) hands: Vec<Person>,
    pub(super) submitted: Option<Timestamp>,
    pub(super) suspended: Vec<Timestamp>,
    pub(super) last: Option<Timestamp>,
    pub(super) events: usize,
}

/// What a notice is from its first draft on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// Whose it is.
    pub source: OrgName,
    /// Its colour.
    pub colour: Colour,
    /// To whom it goes.
    pub form: Form,
    /// Whether the source wishes an extract to be published.
    pub extract: bool,
    /// When it was first drafted.
    pub drafted: Timestamp,
}

/// What is published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Out {
    /// The version in force, from 1.
    pub version: u32,
    /// When the first version was published.
    pub published: Timestamp,
    /// Until when it holds; at that moment it is over.
    pub valid_until: Timestamp,
    /// Whether an extract is published.
    pub extract: bool,
    /// The reviewers who agreed to this version, with those who agreed since that it goes on, and when each did last.
    pub agreed: Vec<(Timestamp, Person)>,
    pub(super) suspended: bool,
    pub(super) ask: Timestamp,
    pub(super) question: Question,
    /// An addendum asks for another look, since then.
    pub(super) doubt: Option<Timestamp>,
}

/// How far the question has come why it must be kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Question {
    /// Not answered.
    Open,
    /// The source said why.
    Justified,
    /// A reviewer looked when it was due, and it ends when it ends.
    Examined,
}

/// A version on its way: the first, or an amendment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Review {
    /// Draft, submitted, under review or info requested.
    pub stage: State,
    /// What it changes; nothing for the first version.
    pub changed: BTreeSet<Part>,
    pub(super) writers: Vec<Person>,
    pub(super) agreed: Vec<(Timestamp, Person)>,
    pub(super) submitted: Option<Timestamp>,
    pub(super) asked: Option<(Timestamp, Timestamp)>,
}

/// How it ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ending {
    /// The final state.
    pub state: State,
    /// When.
    pub at: Timestamp,
    /// On which ground, when it was refused or cancelled.
    pub ground: Option<Ground>,
    /// How its purpose was achieved, when it was.
    pub outcome: Option<Outcome>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Recall {
    pub(super) since: Timestamp,
    pub(super) outstanding: Option<u32>,
}

/// What was added to a published notice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Addendum {
    /// When.
    pub at: Timestamp,
    /// What happened.
    pub what: AddendumKind,
    /// Where.
    pub country: Country,
    /// In words.
    pub reason: String,
}

/// Events, folded, and those that were not allowed with their place in the list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Folded {
    /// What they make.
    pub lifecycle: Lifecycle,
    /// What counted for nothing.
    pub refused: Vec<(usize, Refused)>,
}

impl Lifecycle {
    /// Folds a list of events. Those that are not allowed are passed over and told.
    pub fn fold(events: &[Event], now: Timestamp) -> Folded {
        let mut folded = Folded::default();
        for (place, event) in events.iter().enumerate() {
            if let Err(refused) = folded.lifecycle.apply(event, now) {
                folded.refused.push((place, refused));
            }
        }
        folded
    }

    /// Adds one event.
    ///
    /// # Errors
    /// When it is not allowed; nothing is changed then.
    pub fn apply(&mut self, event: &Event, now: Timestamp) -> Result<(), Refused> {
        self.in_order(event, now)?;
        let mut next = self.at(event.at);
        next.step(event)?;
        next.last = Some(event.at);
        next.events += 1;
        *self = next;
        Ok(())
    }

    /// The same at a later moment: whatever fell due by then has happened.
    #[must_use]
    pub fn at(&self, now: Timestamp) -> Self {
        let mut then = self.clone();
        then.lapse(now);
        then.expire(now);
        then
    }

    /// What it is; nothing before it was drafted.
    pub fn head(&self) -> Option<&Head> {
        self.head.as_ref()
    }

    /// The state at a moment; nothing before it was drafted.
    pub fn state(&self, now: Timestamp) -> Option<State> {
        self.head.as_ref()?;
        Some(self.at(now).standing())
    }

    /// What is in force at a moment, to be acted on: published, not suspended, not over.
    pub fn in_force(&self, now: Timestamp) -> Option<Out> {
        let then = self.at(now);
        (then.standing() == State::Published).then_some(then.out).flatten()
    }

    /// What was published, in force or not.
    pub fn out(&self) -> Option<&Out> {
        self.out.as_ref()
    }

    /// How it ended by a moment.
    pub fn ending(&self, now: Timestamp) -> Option<Ending> {
        self.at(now).ending
    }

    /// The version on its way at a moment: the first, or an amendment.
    pub fn review(&self, now: Timestamp) -> Option<Review> {
        self.at(now).review
    }

    /// Whether a version is before reviewers, without regard to time: ask [`at`](Self::at) a moment.
    pub fn is_under_review(&self) -> bool {
        self.review.as_ref().is_some_and(|review| review.stage == State::UnderReview)
    }

    /// What was added.
    pub fn addenda(&self) -> &[Addendum] {
        &self.addenda
    }

    /// When it was first submitted.
    pub fn submitted(&self) -> Option<Timestamp> {
        self.submitted
    }

    /// When it was first published.
    pub fn published(&self) -> Option<Timestamp> {
        self.out.as_ref().map(|out| out.published)
    }

    /// When it was suspended, each time.
    pub fn suspensions(&self) -> &[Timestamp] {
        &self.suspended
    }

    /// What somebody owes at a moment.
    pub fn duties(&self, now: Timestamp) -> Vec<Duty> {
        let then = self.at(now);
        let mut duties = Vec::new();
        if let Some(recall) = then.recall {
            let Recall { since, outstanding } = recall;
            duties.push(Duty { kind: DutyKind::Recall, since, due: None, outstanding });
        }
        duties.extend(then.review.as_ref().and_then(Review::duty));
        if then.standing().is_out() {
            duties.extend(then.out.as_ref().and_then(|out| out.duty(now)));
        }
        duties
    }

    /// What falls due next after a moment.
    pub fn next_clock(&self, now: Timestamp) -> Option<Clock> {
        let then = self.at(now);
        let mut clocks = Vec::new();
        if let Some(review) = &then.review {
            let aim = review.aim().map(|at| Clock { at, kind: ClockKind::Review });
            let answer = review.asked.map(|(_, at)| Clock { at, kind: ClockKind::Answer });
            clocks.extend(aim.into_iter().chain(answer));
        }
        if let Some(out) = then.out.as_ref().filter(|_| then.standing().is_out()) {
            clocks.push(Clock { at: out.ask, kind: ClockKind::Ask });
            clocks.push(Clock { at: out.valid_until, kind: ClockKind::Expiry });
        }
        clocks.into_iter().filter(|clock| clock.at > now).min()
    }

    /// The state without regard to time.
    pub(super) fn standing(&self) -> State {
        match (&self.ending, &self.out, &self.review) {
            (Some(ending), _, _) => ending.state,
            (None, Some(out), _) if out.suspended => State::Suspended,
            (None, Some(_), _) => State::Published,
            (None, None, Some(review)) => review.stage,
            (None, None, None) => State::Draft,
        }
    }

    /// Ends it, and demands that it be taken back wherever it went.
    pub(super) fn end(&mut self, ending: Ending) {
        self.recall = self.out.as_ref().map(|_| Recall { since: ending.at, outstanding: None });
        self.review = None;
        self.ending = Some(ending);
    }

    fn in_order(&self, event: &Event, now: Timestamp) -> Result<(), Refused> {
        if self.events >= MOST_EVENTS {
            return Err(no::TOO_MANY.one("limit", MOST_EVENTS).into());
        }
        if let Some(last) = self.last.filter(|last| event.at < *last) {
            let given = vec![("at", vec![event.at.to_string()]), ("last", vec![last.to_string()])];
            return Err(no::OUT_OF_ORDER.with(given).into());
        }
        if event.at > now {
            let given = vec![("at", vec![event.at.to_string()]), ("now", vec![now.to_string()])];
            return Err(no::FUTURE.with(given).into());
        }
        Ok(())
    }

    fn lapse(&mut self, now: Timestamp) {
        let due = self.review.as_ref().and_then(|review| review.asked).map(|(_, by)| by).filter(|by| *by <= now);
        let Some(at) = due else { return };
        // It may be over before the answer was due.
        self.expire(at);
        if self.ending.is_none() && self.out.is_none() {
            self.end(Ending { state: State::Lapsed, at, ground: None, outcome: None });
        }
        self.review = None;
    }

    fn expire(&mut self, now: Timestamp) {
        let until = self.out.as_ref().map(|out| out.valid_until).filter(|until| *until <= now);
        if let (Some(at), None) = (until, &self.ending) {
            self.end(Ending { state: State::Expired, at, ground: None, outcome: None });
        }
    }
}

impl Review {
    /// A version that somebody begins to write.
    pub(super) fn begun(by: &Person, changed: BTreeSet<Part>) -> Self {
        Self {
            stage: State::Draft,
            changed,
            writers: vec![by.clone()],
            agreed: Vec::new(),
            submitted: None,
            asked: None,
        }
    }

    fn aim(&self) -> Option<Timestamp> {
        matches!(self.stage, State::Submitted | State::UnderReview)
            .then(|| self.submitted.map(|at| after(at, REVIEW_AIM)))
            .flatten()
    }

    fn duty(&self) -> Option<Duty> {
        if let Some((since, by)) = self.asked {
            return Some(Duty { kind: DutyKind::Answer, since, due: Some(by), outstanding: None });
        }
        let since = self.submitted?;
        self.aim().map(|due| Duty { kind: DutyKind::Review, since, due: Some(due), outstanding: None })
    }
}

impl Out {
    /// Whether it is due to be justified and examined again because its end is near.
    pub(super) fn is_due(&self, now: Timestamp) -> bool {
        self.ask <= now && self.question != Question::Examined
    }

    fn duty(&self, now: Timestamp) -> Option<Duty> {
        let near = self.is_due(now);
        let since = self.doubt.into_iter().chain(near.then_some(self.ask)).min()?;
        let kind = if near && self.question != Question::Justified && self.doubt.is_none() {
            DutyKind::Justify
        } else {
            DutyKind::ReExamine
        };
        let due = near.then_some(self.valid_until).filter(|_| self.doubt.is_none());
        Some(Duty { kind, since, due, outstanding: None })
    }
}

impl Event {
    /// Drafts something: how every notice begins.
    pub fn draft(at: Timestamp, person: Person, colour: Colour, form: Form) -> Self {
        let act = Act::Draft { colour, form, extract: false };
        Self { at, by: Actor::Source { person }, act, reason: String::new() }
    }
}

/// Most events of one notice.
pub const MOST_EVENTS: usize = 2_000;
