use comity_base::{OrgName, Timestamp};

use super::transition as no;
use super::{
    Basis, HitAct, HitActor, HitEvent, HitOutcome, HitState, HitTransition, HitWho, Measure, Refutal, SecondIdentifier,
};
use crate::Person;
use crate::notice::{Refused, said};

/// The owner has 8 hours to answer when it is urgent, in microseconds.
pub const URGENT: i64 = 8 * 3_600_000_000;
/// And 3 days otherwise.
pub const ORDINARY: i64 = 72 * 3_600_000_000;

/// Where one hit stands: its events, folded. As with notices, time does its part by itself, and an event that is not
/// allowed changes nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hit {
    found: Option<Found>,
    checked: Option<Checked>,
    asked: Option<Asked>,
    confirmed: Option<Measure>,
    escalated: bool,
    end: Option<End>,
    last: Option<Timestamp>,
    events: usize,
}

/// What was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// When.
    pub at: Timestamp,
    /// Who searched.
    pub officer: Person,
    /// Whose notice it is.
    pub owner: OrgName,
    /// Whether the owner must not learn of it.
    pub silent: bool,
}

/// The comparison of a second identifier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checked {
    /// When.
    pub at: Timestamp,
    /// Who compared.
    pub by: Person,
    /// What.
    pub with: SecondIdentifier,
}

/// The question to the owner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Asked {
    /// When.
    pub at: Timestamp,
    /// By when an answer is due; at that moment there was none.
    pub due: Timestamp,
    over: bool,
}

/// How it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// It is nothing.
    Refuted(Timestamp, Refutal),
    /// What was done.
    Closed(Timestamp, HitOutcome),
}

/// A hit's events, folded, and those that were not allowed with their place in the list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FoldedHit {
    /// What they make.
    pub hit: Hit,
    /// What counted for nothing.
    pub refused: Vec<(usize, Refused)>,
}

impl Hit {
    /// Folds a list of events. Those that are not allowed are passed over and told.
    pub fn fold(events: &[HitEvent], now: Timestamp) -> FoldedHit {
        let mut folded = FoldedHit::default();
        for (place, event) in events.iter().enumerate() {
            if let Err(refused) = folded.hit.apply(event, now) {
                folded.refused.push((place, refused));
            }
        }
        folded
    }

    /// Adds one event.
    ///
    /// # Errors
    /// When it is not allowed; nothing is changed then.
    pub fn apply(&mut self, event: &HitEvent, now: Timestamp) -> Result<(), Refused> {
        self.in_order(event, now)?;
        let mut next = self.at(event.at);
        next.step(event)?;
        next.last = Some(event.at);
        next.events += 1;
        *self = next;
        Ok(())
    }

    /// The same at a later moment.
    #[must_use]
    pub fn at(&self, now: Timestamp) -> Self {
        let mut then = self.clone();
        if let Some(asked) = then.asked.as_mut().filter(|asked| asked.due <= now) {
            asked.over = true;
        }
        then
    }

    /// The state at a moment; nothing before something was found.
    pub fn state(&self, now: Timestamp) -> Option<HitState> {
        self.found.as_ref()?;
        Some(self.at(now).standing())
    }

    /// What was found.
    pub fn found(&self) -> Option<&Found> {
        self.found.as_ref()
    }

    /// How the person was compared.
    pub fn checked(&self) -> Option<&Checked> {
        self.checked.as_ref()
    }

    /// The last question to the owner.
    pub fn asked(&self) -> Option<Asked> {
        self.asked
    }

    /// What the owner asks for, when it confirmed.
    pub fn confirmed(&self) -> Option<Measure> {
        self.confirmed
    }

    /// Whether it was taken further.
    pub fn is_escalated(&self) -> bool {
        self.escalated
    }

    /// How it ended.
    pub fn end(&self) -> Option<End> {
        self.end
    }

    /// Whether the owner may be told that there is a hit: never of a silent search, and not before somebody compared.
    pub fn may_tell_owner(&self) -> bool {
        self.found.as_ref().is_some_and(|found| !found.silent) && self.checked.is_some()
    }

    /// Whether the bureau must take it further: nobody answered in time, and it has not yet.
    pub fn must_escalate(&self, now: Timestamp) -> bool {
        self.state(now) == Some(HitState::NoAnswer) && !self.escalated
    }

    /// When something falls due after a moment: the owner's answer.
    pub fn next_clock(&self, now: Timestamp) -> Option<Timestamp> {
        let waiting = self.at(now).standing() == HitState::Asked;
        self.asked.filter(|asked| waiting && asked.due > now).map(|asked| asked.due)
    }

    fn standing(&self) -> HitState {
        match (&self.end, self.confirmed, self.asked) {
            (Some(End::Refuted(..)), _, _) => HitState::Refuted,
            (Some(End::Closed(..)), _, _) => HitState::Closed,
            (None, Some(_), _) => HitState::Confirmed,
            (None, None, Some(Asked { over: true, .. })) => HitState::NoAnswer,
            (None, None, Some(_)) => HitState::Asked,
            (None, None, None) if self.checked.is_some() => HitState::Checked,
            (None, None, None) => HitState::Unconfirmed,
        }
    }

    fn in_order(&self, event: &HitEvent, now: Timestamp) -> Result<(), Refused> {
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
        let named = event.by.person().is_none_or(Person::is_named);
        if named { Ok(()) } else { Err(no::NOBODY_NAMED.plain().into()) }
    }

    fn step(&mut self, event: &HitEvent) -> Result<(), Refused> {
        let Some(row) = event.act.name().transition() else { return Err(no::NOTHING_FOUND.plain().into()) };
        if let HitAct::Found { owner, silent } = &event.act {
            reasoned(row, event)?;
            return self.find(event, owner, *silent);
        }
        self.possible(row)?;
        self.allowed(row, event)?;
        reasoned(row, event)?;
        match &event.act {
            HitAct::Check { with, same } => self.check(event, *with, *same),
            HitAct::Ask { urgent } => return self.ask(event.at, *urgent),
            HitAct::Confirm { measure } => self.confirmed = Some(*measure),
            HitAct::Refute { why } => self.end = Some(End::Refuted(event.at, *why)),
            HitAct::Escalate {} => self.escalated = true,
            HitAct::Close { outcome, basis } => return self.close(event.at, *outcome, basis.as_ref()),
            HitAct::Found { .. } | HitAct::Clock {} => {}
        }
        Ok(())
    }

    fn find(&mut self, event: &HitEvent, owner: &OrgName, silent: bool) -> Result<(), Refused> {
        let HitActor::Officer { person } = &event.by else {
            return Err(not_theirs(event, &[HitWho::Officer]));
        };
        if self.found.is_some() {
            return Err(no::FOUND_ALREADY.plain().into());
        }
        self.found = Some(Found { at: event.at, officer: person.clone(), owner: owner.clone(), silent });
        Ok(())
    }

    fn possible(&self, row: &HitTransition) -> Result<(), Refused> {
        if self.found.is_none() {
            return Err(no::NOTHING_FOUND.plain().into());
        }
        let state = self.standing();
        if row.from.contains(&state) {
            return Ok(());
        }
        let given = vec![("state", vec![state.to_string()]), ("act", vec![row.act.to_string()])];
        Err(no::NOT_FROM_HERE.with(given).into())
    }

    fn allowed(&self, row: &HitTransition, event: &HitEvent) -> Result<(), Refused> {
        let Some(found) = &self.found else { return Err(no::NOTHING_FOUND.plain().into()) };
        match &event.by {
            HitActor::Bureau { person } if row.by.contains(&HitWho::Bureau) => self.bureau(found, person, &event.act),
            HitActor::Owner { person } if row.by.contains(&HitWho::Owner) => {
                if found.silent {
                    return Err(no::SILENT.plain().into());
                }
                if person.node != found.owner {
                    let given = vec![("owner", vec![found.owner.to_string()]), ("node", vec![person.node.to_string()])];
                    return Err(no::NOT_THE_OWNER.with(given).into());
                }
                let checker = self.checked.as_ref().is_some_and(|checked| checked.by.is(person));
                four_eyes(checker || found.officer.is(person), person)
            }
            HitActor::Clock {} if row.by.contains(&HitWho::Clock) => Ok(()),
            _ => Err(not_theirs(event, row.by)),
        }
    }

    /// Whoever compares did not search; from then on it is that bureau's matter.
    fn bureau(&self, found: &Found, person: &Person, act: &HitAct) -> Result<(), Refused> {
        if matches!(act, HitAct::Check { .. }) {
            return four_eyes(found.officer.is(person), person);
        }
        match &self.checked {
            Some(checked) if checked.by.node != person.node => {
                let given =
                    vec![("bureau", vec![checked.by.node.to_string()]), ("node", vec![person.node.to_string()])];
                Err(no::NOT_THE_BUREAU.with(given).into())
            }
            _ => Ok(()),
        }
    }

    fn check(&mut self, event: &HitEvent, with: SecondIdentifier, same: bool) {
        if !same {
            self.end = Some(End::Refuted(event.at, Refutal::OtherPerson));
        } else if let Some(person) = event.by.person() {
            self.checked = Some(Checked { at: event.at, by: person.clone(), with });
        }
    }

    fn ask(&mut self, at: Timestamp, urgent: bool) -> Result<(), Refused> {
        if self.found.as_ref().is_none_or(|found| found.silent) {
            return Err(no::SILENT.plain().into());
        }
        let time = if urgent { URGENT } else { ORDINARY };
        let due = Timestamp::from_micros(at.as_micros().saturating_add(time));
        self.asked = Some(Asked { at, due, over: false });
        Ok(())
    }

    fn close(&mut self, at: Timestamp, outcome: HitOutcome, basis: Option<&Basis>) -> Result<(), Refused> {
        if outcome.compels() {
            self.may_compel(outcome, basis)?;
        }
        if let (Some(asked_for), Some(done)) = (self.confirmed, outcome.carries_out()) {
            if asked_for != done {
                let given = vec![("measure", vec![asked_for.to_string()]), ("outcome", vec![outcome.to_string()])];
                return Err(no::OTHER_MEASURE.with(given).into());
            }
        } else if outcome.carries_out().is_some() {
            return Err(no::NOT_CONFIRMED.one("outcome", outcome).into());
        }
        self.end = Some(End::Closed(at, outcome));
        Ok(())
    }

    fn may_compel(&self, outcome: HitOutcome, basis: Option<&Basis>) -> Result<(), Refused> {
        if self.found.as_ref().is_none_or(|found| found.silent) {
            return Err(no::SILENT_COMPELS.plain().into());
        }
        if self.confirmed.is_none() || self.checked.is_none() {
            return Err(no::NOT_CONFIRMED.one("outcome", outcome).into());
        }
        let grounded = match basis {
            Some(Basis::RedNotice { effect }) => outcome == HitOutcome::Arrested && effect.allows_arrest(),
            Some(Basis::NationalOrder { reference }) => said(Some(reference)),
            None => false,
        };
        if grounded { Ok(()) } else { Err(no::NO_BASIS.one("outcome", outcome).into()) }
    }
}

fn reasoned(row: &HitTransition, event: &HitEvent) -> Result<(), Refused> {
    let missing = row.reason && !said(Some(&event.reason));
    if missing || event.reason.chars().count() > MOST_REASON {
        return Err(no::NO_REASON.one("act", row.act).into());
    }
    Ok(())
}

fn four_eyes(same: bool, person: &Person) -> Result<(), Refused> {
    if same { Err(no::FOUR_EYES.one("person", person).into()) } else { Ok(()) }
}

fn not_theirs(event: &HitEvent, who: &[HitWho]) -> Refused {
    let who = who.iter().map(ToString::to_string).collect();
    no::NOT_THEIRS.with(vec![("act", vec![event.act.name().to_string()]), ("who", who)]).into()
}

/// Most events of one hit.
pub const MOST_EVENTS: usize = 500;
const MOST_REASON: usize = 2_000;
