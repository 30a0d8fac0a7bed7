//! What one event does, once its time is in order.

use std::collections::BTreeSet;

use comity_base::{OrgName, Timestamp};

use super::clock::{self, after};
use super::lifecycle::{Addendum, Ending, Head, Lifecycle, Out, Question, Recall, Review};
use super::refusal::{self as no, Refused};
use super::{
    Act, ActName, Actor, AddendumKind, Event, Extract, Ground, Outcome, Part, Screened, State, Transition, Who,
};
use crate::{Country, Person};

type Step = Result<(), Refused>;

impl Lifecycle {
    pub(super) fn step(&mut self, event: &Event) -> Step {
        let name = event.act.name();
        reasoned(event)?;
        named(&event.by)?;
        if let Act::Draft { .. } = event.act {
            return self.draft(event);
        }
        let Some(row) = name.transition() else { return Err(no::NOT_FROM_HERE.one("act", name).into()) };
        self.possible(row)?;
        self.allowed(row, &event.by)?;
        match &event.act {
            Act::Amend { changed } => return self.amend(changed, event),
            Act::Addendum { what, country } => self.add(event, *what, *country),
            Act::Justify {} => return self.justify(event.at),
            Act::ReExamine { valid_until } => return self.re_examine(event, *valid_until),
            Act::Receipts { outstanding } => return self.receipts(*outstanding),
            Act::Suspend {} => self.suspend(event.at),
            Act::Lift {} => self.lift(event),
            Act::Concur {} if !self.is_under_review() => self.agree(event),
            Act::Withdraw {} => self.over(State::Withdrawn, event.at, None, None),
            Act::Cancel { ground } => self.over(State::Cancelled, event.at, Some(*ground), None),
            Act::Execute { outcome, .. } => return self.execute(*outcome, event.at),
            Act::Clock {} => {}
            Act::Revise { extract } => {
                self.review_step(event)?;
                if let (Some(wished), Some(head)) = (extract, &mut self.head) {
                    head.extract = *wished;
                }
            }
            _ => return self.review_step(event),
        }
        Ok(())
    }

    fn draft(&mut self, event: &Event) -> Step {
        let Act::Draft { colour, form, extract } = event.act else { return Ok(()) };
        if self.head.is_some() {
            return Err(no::DRAFTED_ALREADY.plain().into());
        }
        let Actor::Source { person } = &event.by else { return Err(not_theirs(ActName::Draft, &[Who::Source])) };
        let source = person.node.clone();
        self.head = Some(Head { source, colour, form, extract, drafted: event.at });
        self.review = Some(Review::begun(person, BTreeSet::new()));
        self.hand(person);
        Ok(())
    }

    /// The state in which an act of this row would be done, when the row has it.
    fn possible(&self, row: &Transition) -> Step {
        if self.head.is_none() {
            return Err(no::NOTHING_DRAFTED.plain().into());
        }
        let standing = self.standing();
        let given = |state: State| vec![("state", vec![state.to_string()]), ("act", vec![row.act.to_string()])];
        if standing.is_final() && !row.from.contains(&standing) {
            return Err(no::FINAL_STATE.with(given(standing)).into());
        }
        let state = match &self.review {
            _ if row.act == ActName::Concur && !self.is_under_review() => standing,
            Some(review) if row.act.is_of_review() => review.stage,
            None if row.act.is_of_review() => return Err(no::NO_REVIEW.one("act", row.act).into()),
            _ => standing,
        };
        if row.from.contains(&state) { Ok(()) } else { Err(no::NOT_FROM_HERE.with(given(state)).into()) }
    }

    fn allowed(&self, row: &Transition, by: &Actor) -> Step {
        let source = self.head.as_ref().map(|head| &head.source);
        let of_source = |node: &OrgName| {
            if source == Some(node) {
                return Ok(());
            }
            let source = source.map(ToString::to_string).into_iter().collect();
            let given = vec![("source", source), ("node", vec![node.to_string()])];
            Err(Refused(no::NOT_THE_SOURCE.with(given)))
        };
        match by {
            Actor::Source { person } if row.by.contains(&Who::Source) => of_source(&person.node),
            Actor::Source { person } if row.by.contains(&Who::SecondPerson) => {
                of_source(&person.node)?;
                let wrote = self.review.iter().flat_map(|review| &review.writers).any(|writer| writer.is(person));
                if wrote { Err(no::FOUR_EYES.one("person", person).into()) } else { Ok(()) }
            }
            Actor::Reviewer { person } if row.by.contains(&Who::Reviewer) => {
                if self.had_a_hand(person) {
                    Err(no::OWN_TEXT.one("person", person).into())
                } else {
                    Ok(())
                }
            }
            Actor::Node { node } if row.by.contains(&Who::Node) => of_source(node),
            Actor::Clock {} if row.by.contains(&Who::Clock) => Ok(()),
            _ => Err(not_theirs(row.act, row.by)),
        }
    }

    fn review_step(&mut self, event: &Event) -> Step {
        let (at, person) = (event.at, event.by.person().cloned());
        let Some(review) = self.review.as_mut() else { return Err(no::NO_REVIEW.one("act", event.act.name()).into()) };
        match &event.act {
            Act::Revise { .. } => review.writers.extend(person.clone()),
            Act::Submit {} => {
                review.stage = State::Submitted;
                review.submitted = Some(at);
                self.submitted = self.submitted.or(Some(at));
            }
            Act::TakeUp {} => review.stage = State::UnderReview,
            Act::Ask { answer_by } => review.ask(at, *answer_by)?,
            Act::Answer {} => {
                review.stage = State::UnderReview;
                review.asked = None;
                // What reviewers agreed to was another text.
                review.agreed.clear();
                review.writers.extend(person.clone());
            }
            Act::Concur {} => review.agreed.extend(person.clone().map(|person| (at, person))),
            Act::Refuse { ground } => {
                self.refuse(at, *ground);
                return Ok(());
            }
            Act::Publish { valid_until, extract, screened } => {
                return self.publish(event, *valid_until, *extract, *screened);
            }
            _ => {}
        }
        if let (Actor::Source { .. }, Some(person)) = (&event.by, person) {
            self.hand(&person);
        }
        Ok(())
    }

    fn refuse(&mut self, at: Timestamp, ground: Ground) {
        if self.out.is_some() {
            // The amendment is refused; what is published stays.
            self.review = None;
            return;
        }
        self.over(State::Refused, at, Some(ground), None);
    }

    fn publish(&mut self, event: &Event, until: Timestamp, extract: bool, screened: Screened) -> Step {
        let agreed = self.agreed(event);
        screened.enough(&agreed)?;
        within_validity(event.at, until)?;
        let extract = self.extract(extract)?;
        match self.out.as_mut() {
            None => self.out = Some(Out::new(event.at, until, extract, agreed)),
            Some(out) if until > out.valid_until => {
                return Err(no::NO_LONGER_BY_AMENDMENT.one("latest", out.valid_until).into());
            }
            Some(out) => {
                out.version = out.version.saturating_add(1);
                out.extract = extract;
                out.agreed = agreed;
                out.hold_until(event.at, until);
            }
        }
        self.review = None;
        Ok(())
    }

    /// The reviewers who agree to it, with the one who publishes.
    fn agreed(&self, publishes: &Event) -> Vec<(Timestamp, Person)> {
        let review = self.review.iter().flat_map(|review| review.agreed.iter().cloned());
        let mut distinct = Vec::new();
        for (at, person) in review.chain(publishes.by.person().map(|person| (publishes.at, person.clone()))) {
            if !self.had_a_hand(&person) {
                add(&mut distinct, at, &person);
            }
        }
        distinct
    }

    /// A reviewer agrees that what is out goes on.
    fn agree(&mut self, event: &Event) {
        if let (Some(out), Some(person)) = (self.out.as_mut(), event.by.person()) {
            add(&mut out.agreed, event.at, person);
        }
    }

    fn extract(&self, asked: bool) -> Result<bool, Refused> {
        let Some(head) = &self.head else { return Ok(false) };
        match head.colour.law().extract {
            Extract::Always => Ok(true),
            Extract::Never if asked => Err(no::EXTRACT_NEVER.one("colour", head.colour).into()),
            Extract::OnWish if asked && !head.extract => Err(no::EXTRACT_NOT_WISHED.plain().into()),
            Extract::Never | Extract::OnWish => Ok(asked),
        }
    }

    fn amend(&mut self, changed: &BTreeSet<Part>, event: &Event) -> Step {
        if self.review.is_some() {
            return Err(no::AMENDMENT_OPEN.plain().into());
        }
        let (Some(person), Some(out)) = (event.by.person(), self.out.as_mut()) else { return Ok(()) };
        if changed.is_empty() {
            return Err(no::NOTHING_CHANGED.plain().into());
        }
        if changed.iter().any(|part| part.matters()) {
            self.review = Some(Review::begun(person, changed.clone()));
        } else {
            out.version = out.version.saturating_add(1);
        }
        self.hand(person);
        Ok(())
    }

    fn add(&mut self, event: &Event, what: AddendumKind, country: Country) {
        self.addenda.push(Addendum { at: event.at, what, country, reason: event.reason.clone() });
        if let Some(out) = self.out.as_mut().filter(|_| what.asks_again()) {
            out.doubt = out.doubt.or(Some(event.at));
        }
    }

    fn suspend(&mut self, at: Timestamp) {
        if let Some(out) = self.out.as_mut() {
            out.suspended = true;
            self.suspended.push(at);
            self.recall = Some(Recall { since: at, outstanding: None });
        }
    }

    fn lift(&mut self, event: &Event) {
        self.agree(event);
        if let Some(out) = self.out.as_mut() {
            out.suspended = false;
            self.recall = None;
        }
    }

    fn execute(&mut self, outcome: Outcome, at: Timestamp) -> Step {
        let Some(head) = &self.head else { return Ok(()) };
        if head.colour == super::Colour::Silver && outcome == Outcome::AssetFrozen {
            return Err(no::SILVER_NON_COERCIVE.plain().into());
        }
        if !outcome.ends().contains(&head.colour) {
            let given = vec![("outcome", vec![outcome.to_string()]), ("colour", vec![head.colour.to_string()])];
            return Err(no::WRONG_OUTCOME.with(given).into());
        }
        self.over(State::Executed, at, None, Some(outcome));
        Ok(())
    }

    fn justify(&mut self, at: Timestamp) -> Step {
        match self.out.as_mut().filter(|out| out.is_due(at) || out.doubt.is_some()) {
            None => Err(no::NOTHING_TO_RE_EXAMINE.plain().into()),
            Some(out) => {
                out.question = Question::Justified;
                Ok(())
            }
        }
    }

    fn re_examine(&mut self, event: &Event, until: Timestamp) -> Step {
        let at = event.at;
        let Some(out) = self.out.as_mut().filter(|out| out.is_due(at) || out.doubt.is_some()) else {
            return Err(no::NOTHING_TO_RE_EXAMINE.plain().into());
        };
        within_validity(at, until)?;
        if until > out.valid_until && !(out.is_due(at) && out.question == Question::Justified) {
            return Err(no::NOT_JUSTIFIED.plain().into());
        }
        let examined = until <= out.valid_until && (out.is_due(at) || out.question == Question::Examined);
        out.question = if examined { Question::Examined } else { Question::Open };
        out.doubt = None;
        out.hold_until(at, until);
        self.agree(event);
        Ok(())
    }

    fn receipts(&mut self, outstanding: u32) -> Step {
        match self.recall.as_mut() {
            None => return Err(no::NO_RECALL.plain().into()),
            Some(_) if outstanding == 0 => self.recall = None,
            Some(recall) => recall.outstanding = Some(outstanding),
        }
        Ok(())
    }

    fn over(&mut self, state: State, at: Timestamp, ground: Option<Ground>, outcome: Option<Outcome>) {
        self.end(Ending { state, at, ground, outcome });
    }

    fn hand(&mut self, person: &Person) {
        if !self.had_a_hand(person) {
            self.hands.push(person.clone());
        }
    }

    /// Whether somebody wrote it or handed it in, and so cannot review it.
    pub fn had_a_hand(&self, person: &Person) -> bool {
        self.hands.iter().any(|hand| hand.is(person))
    }
}

impl Review {
    fn ask(&mut self, at: Timestamp, answer_by: Timestamp) -> Step {
        let (earliest, latest) = (after(at, clock::ANSWER_AT_LEAST), after(at, clock::ANSWER_AT_MOST));
        if answer_by < earliest || answer_by > latest {
            let given = vec![("earliest", vec![earliest.to_string()]), ("latest", vec![latest.to_string()])];
            return Err(no::ANSWER_TIME.with(given).into());
        }
        self.stage = State::InfoRequested;
        self.asked = Some((at, answer_by));
        Ok(())
    }
}

impl Out {
    fn new(at: Timestamp, until: Timestamp, extract: bool, agreed: Vec<(Timestamp, Person)>) -> Self {
        Self {
            version: 1,
            published: at,
            valid_until: until,
            extract,
            agreed,
            suspended: false,
            ask: clock::ask_at(at, until),
            question: Question::Open,
            doubt: None,
        }
    }

    /// It ends at another moment than before, and the question comes at another.
    fn hold_until(&mut self, at: Timestamp, until: Timestamp) {
        if until != self.valid_until && self.question != Question::Examined {
            self.ask = clock::ask_at(at, until);
        }
        self.valid_until = until;
    }
}

/// Adds a person who agrees at a moment; who is among them already agrees anew.
fn add(persons: &mut Vec<(Timestamp, Person)>, at: Timestamp, person: &Person) {
    match persons.iter_mut().find(|(_, other)| other.is(person)) {
        Some((before, _)) => *before = at.max(*before),
        None => persons.push((at, person.clone())),
    }
}

fn within_validity(at: Timestamp, until: Timestamp) -> Step {
    let latest = clock::latest_end(at);
    if until <= at || until > latest {
        return Err(no::VALIDITY.one("latest", latest).into());
    }
    Ok(())
}

fn reasoned(event: &Event) -> Step {
    let name = event.act.name();
    let needed = name.transition().is_some_and(|row| row.reason);
    if needed && event.reason.trim().is_empty() {
        return Err(no::NO_REASON.one("act", name).into());
    }
    if event.reason.chars().count() > MOST_REASON {
        return Err(no::LONG_REASON.one("limit", MOST_REASON).into());
    }
    Ok(())
}

fn named(by: &Actor) -> Step {
    if by.person().is_some_and(|person| !person.is_named()) {
        return Err(no::NOBODY_NAMED.plain().into());
    }
    Ok(())
}

fn not_theirs(act: ActName, who: &[Who]) -> Refused {
    let who = who.iter().map(ToString::to_string).collect();
    no::NOT_THEIRS.with(vec![("act", vec![act.to_string()]), ("who", who)]).into()
}

/// Most characters of a reason.
const MOST_REASON: usize = 2_000;
