use comity_base::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Answer, Screen};
use crate::notice::Ground;
use crate::words::words;
use crate::{Person, Reason, Rule, Source};

/// What somebody did to a message under review.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "act", rename_all = "kebab-case", deny_unknown_fields)]
pub enum MessageAct {
    /// Filled in what the checklists of what it asks demand: its author or a reviewer.
    Facts {},
    /// Judged what kind of offence it is about, or a factor: a reviewer.
    Judge {},
    /// Agreed that it is sent: a reviewer.
    Agree {},
    /// Refused it: a reviewer.
    Refuse {
        /// On which ground.
        ground: Ground,
    },
}

/// One thing that was done to a message under review.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MessageStep {
    /// When.
    pub at: Timestamp,
    /// Who.
    pub by: Person,
    /// What.
    pub act: MessageAct,
    /// Why, 1 to 2,000 characters.
    pub why: String,
}

words! {
    /// Where a message under review stands.
    MessageState {
        /// It waits for reviewers, and is not sent.
        Waiting "waiting",
        /// As many reviewers agreed as the gate demanded; it was sent.
        Sent "sent",
        /// A reviewer refused it; it is never sent.
        Refused "refused",
    }
}

/// A message that is not sent until as many reviewers agree as the gate demands. Nothing that was done is ever erased.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MessageReview {
    /// Who wrote it.
    pub author: Person,
    /// What was done, oldest first.
    pub steps: Vec<MessageStep>,
    /// When it was sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sent: Option<Timestamp>,
}

impl MessageReview {
    /// A message that waits.
    pub const fn new(author: Person) -> Self {
        Self { author, steps: Vec::new(), sent: None }
    }

    /// Where it stands.
    pub fn state(&self) -> MessageState {
        let refused = |step: &MessageStep| matches!(step.act, MessageAct::Refuse { .. });
        match self.sent {
            Some(_) => MessageState::Sent,
            None if self.steps.iter().any(refused) => MessageState::Refused,
            None => MessageState::Waiting,
        }
    }

    /// On which ground it was refused.
    pub fn refused(&self) -> Option<Ground> {
        self.steps.iter().find_map(|step| match step.act {
            MessageAct::Refuse { ground } => Some(ground),
            _ => None,
        })
    }

    /// Those who agreed to it as it is: what was filled in or judged since voids agreement given before.
    pub fn agreed(&self) -> Vec<Person> {
        let mut agreed = Vec::new();
        for step in &self.steps {
            match step.act {
                MessageAct::Facts {} | MessageAct::Judge {} => agreed.clear(),
                MessageAct::Agree {} => agreed.push(step.by.clone()),
                MessageAct::Refuse { .. } => {}
            }
        }
        agreed
    }

    /// When what it says was changed last; the beginning of time where it never was.
    pub fn changed(&self) -> Timestamp {
        let filled_in = self.steps.iter().rfind(|step| matches!(step.act, MessageAct::Facts {}));
        filled_in.map_or(Timestamp::from_micros(i64::MIN), |step| step.at)
    }

    /// Adds a step, where it is allowed; `screen` is what the gate answers to the message as it is.
    ///
    /// # Errors
    /// With the rule that forbids it; then nothing was added.
    pub fn add(&mut self, step: MessageStep, screen: &Screen) -> Result<(), Reason> {
        self.may(&step, screen)?;
        self.steps.push(step);
        Ok(())
    }

    fn may(&self, step: &MessageStep, screen: &Screen) -> Result<(), Reason> {
        if self.state() != MessageState::Waiting {
            return Err(MESSAGE_DECIDED.one("state", self.state()));
        }
        if step.by.is(&self.author) && !matches!(step.act, MessageAct::Facts {}) {
            return Err(OWN_MESSAGE.one("person", &self.author));
        }
        if step.why.trim().is_empty() || step.why.chars().count() > MOST_WHY {
            return Err(MESSAGE_REASON.plain());
        }
        if self.steps.len() >= MOST_STEPS {
            return Err(MESSAGE_STEPS.one("limit", MOST_STEPS));
        }
        let MessageAct::Agree {} = step.act else { return Ok(()) };
        if self.agreed().iter().any(|person| person.is(&step.by)) {
            return Err(AGREED_ALREADY.one("person", &step.by));
        }
        gate_lets(screen)
    }

    /// Whether as many agreed as the gate demands: it is to be sent.
    pub fn is_passed(&self, screen: &Screen) -> bool {
        let needed = match screen.answer {
            Answer::Pass {} => 1,
            Answer::NeedsReview { reviewers } => usize::from(reviewers.max(1)),
            Answer::Refused { .. } => return false,
        };
        self.state() == MessageState::Waiting && self.agreed().len() >= needed
    }
}

/// Whether the gate leaves it to reviewers at all.
fn gate_lets(screen: &Screen) -> Result<(), Reason> {
    let Answer::Refused { ground } = screen.answer else { return Ok(()) };
    Err(MESSAGE_REFUSED.one("ground", ground))
}

/// Whether somebody may decide about a report of abuse: never whoever wrote the message or let it go.
///
/// # Errors
/// With the rule that forbids it.
pub fn may_judge_report(by: &Person, author: Option<&Person>, agreed: &[Person], why: &str) -> Result<(), Reason> {
    if author.into_iter().chain(agreed).any(|person| person.is(by)) {
        return Err(OWN_REPORT.one("person", by));
    }
    if why.trim().is_empty() || why.chars().count() > MOST_WHY {
        return Err(MESSAGE_REASON.plain());
    }
    Ok(())
}

const fn house(code: &'static str, sentence: &'static str) -> Rule {
    Rule::new(code, sentence, Source::house())
}

const OWN_MESSAGE: Rule = house("own-message", "{person} wrote the message and cannot review it.");
const MESSAGE_DECIDED: Rule = house("message-decided", "The message is {state}, which is final.");
const MESSAGE_REASON: Rule = house("message-reason", "It needs a reason in words, of at most 2,000 characters.");
const MESSAGE_STEPS: Rule =
    house("message-steps", "So much was done to the message that it can only be left: {limit}.");
const AGREED_ALREADY: Rule = house("agreed-already", "{person} agreed to it already; somebody else must.");
const MESSAGE_REFUSED: Rule =
    house("message-gate-refuses", "The gate refuses it on the ground {ground}, and nobody can pass it as it is.");
const OWN_REPORT: Rule = house("own-report", "{person} wrote the message or let it go, and cannot judge the report.");

/// Why a step is not allowed.
pub const MESSAGE_REFUSALS: &[&Rule] =
    &[&OWN_MESSAGE, &MESSAGE_DECIDED, &MESSAGE_REASON, &MESSAGE_STEPS, &AGREED_ALREADY, &MESSAGE_REFUSED, &OWN_REPORT];

const MOST_WHY: usize = 2_000;
/// Most steps of one message.
pub const MOST_STEPS: usize = 200;

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use comity_base::OrgName;

    use super::*;
    use crate::reason::tests::{complete, well_made};

    fn person(name: &str) -> Person {
        Person::new(OrgName::parse("ee-police").unwrap(), name)
    }

    fn screen(answer: Answer) -> Screen {
        let at = Timestamp::from_micros(1_793_000_000_000_000);
        Screen { rules: 1, at, aims: BTreeSet::new(), answer, reasons: Vec::new() }
    }

    fn needs(reviewers: u8) -> Screen {
        screen(Answer::NeedsReview { reviewers })
    }

    fn step(by: &str, act: MessageAct) -> MessageStep {
        MessageStep { at: Timestamp::from_micros(1), by: person(by), act, why: "because".into() }
    }

    fn code(answer: Result<(), Reason>) -> &'static str {
        let reason = answer.unwrap_err();
        complete(&reason, MESSAGE_REFUSALS);
        reason.code
    }

    #[test]
    fn the_rules_are_well_made() {
        well_made(MESSAGE_REFUSALS);
    }

    #[test]
    fn whoever_wrote_it_fills_in_facts_and_does_nothing_else() {
        let mut review = MessageReview::new(person("mari"));
        review.add(step(" Mari", MessageAct::Facts {}), &needs(1)).unwrap();
        for act in [MessageAct::Judge {}, MessageAct::Agree {}, MessageAct::Refuse { ground: Ground::Other }] {
            assert_eq!(code(review.add(step("MARI", act), &needs(1))), "own-message");
        }
        assert_eq!(review.state(), MessageState::Waiting);
    }

    #[test]
    fn as_many_agree_as_the_gate_demands_and_to_what_it_is_now() {
        let mut review = MessageReview::new(person("mari"));
        review.add(step("liis", MessageAct::Agree {}), &needs(2)).unwrap();
        assert!(review.is_passed(&needs(1)) && !review.is_passed(&needs(2)));
        assert_eq!(code(review.add(step("Liis", MessageAct::Agree {}), &needs(2))), "agreed-already");
        review.add(step("rein", MessageAct::Judge {}), &needs(2)).unwrap();
        assert!(review.agreed().is_empty(), "what was judged since is news to whoever agreed");
        review.add(step("rein", MessageAct::Agree {}), &needs(2)).unwrap();
        assert!(!review.is_passed(&needs(2)));
        review.add(step("liis", MessageAct::Agree {}), &needs(2)).unwrap();
        assert!(review.is_passed(&needs(2)));
        assert!(!review.is_passed(&screen(Answer::Refused { ground: Ground::Article2 })));
    }

    #[test]
    fn what_the_gate_refuses_is_passed_by_nobody_and_what_is_decided_stays_so() {
        let mut review = MessageReview::new(person("mari"));
        let refused = screen(Answer::Refused { ground: Ground::Article3 });
        assert_eq!(code(review.add(step("liis", MessageAct::Agree {}), &refused)), "message-gate-refuses");
        let silent = MessageStep { why: " ".into(), ..step("liis", MessageAct::Refuse { ground: Ground::Article3 }) };
        assert_eq!(code(review.add(silent, &refused)), "message-reason");
        review.add(step("liis", MessageAct::Refuse { ground: Ground::Article3 }), &refused).unwrap();
        assert_eq!((review.state(), review.refused()), (MessageState::Refused, Some(Ground::Article3)));
        assert_eq!(code(review.add(step("rein", MessageAct::Agree {}), &needs(1))), "message-decided");
        assert!(!review.is_passed(&needs(1)));
    }

    #[test]
    fn a_report_is_judged_by_somebody_who_had_no_hand_in_the_message() {
        let (mari, liis, rein) = (person("mari"), person("liis"), person("rein"));
        let judge = |by: &Person, why| may_judge_report(by, Some(&mari), std::slice::from_ref(&liis), why);
        assert_eq!(code(judge(&mari, "x")), "own-report");
        assert_eq!(code(judge(&liis, "x")), "own-report");
        assert_eq!(code(judge(&rein, "")), "message-reason");
        assert_eq!(judge(&rein, "x"), Ok(()));
    }

    #[test]
    fn a_message_has_so_many_steps_and_no_more() {
        let mut review = MessageReview::new(person("mari"));
        review.steps = vec![step("liis", MessageAct::Judge {}); MOST_STEPS];
        assert_eq!(code(review.add(step("rein", MessageAct::Agree {}), &needs(1))), "message-steps");
    }
}
