//! Why an event is not allowed.

use crate::{Reason, Rule, Source, source};

/// An event that the law of notices does not allow; the notice stays as it was.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Refused(pub Reason);

impl From<Reason> for Refused {
    fn from(reason: Reason) -> Self {
        Self(reason)
    }
}

const fn house(code: &'static str, sentence: &'static str) -> Rule {
    Rule::new(code, sentence, Source::house())
}

pub(super) const NOTHING_DRAFTED: Rule = house("nothing-drafted", "Nothing has been drafted yet.");
pub(super) const DRAFTED_ALREADY: Rule = house("drafted-already", "It has been drafted already.");
pub(super) const FINAL_STATE: Rule = house("final-state", "It is {state}, which is final: {act} is not possible.");
pub(super) const NOT_FROM_HERE: Rule = house("not-from-here", "It is {state}: {act} is not possible.");
pub(super) const NO_REVIEW: Rule =
    house("no-review-open", "No version is being written or reviewed: {act} is not possible.");
pub(super) const NOT_THEIRS: Rule = house("not-theirs", "{act} is done by {who} only.");
pub(super) const NOT_THE_SOURCE: Rule = house("not-the-source", "It belongs to {source}; {node} cannot act for it.");
pub(super) const NOBODY_NAMED: Rule = house("nobody-named", "No account is named, or its name is too long.");
pub(super) const FOUR_EYES: Rule =
    house("four-eyes", "{person} wrote this version: somebody else of the same bureau must submit it.");
pub(super) const OWN_TEXT: Rule =
    house("own-text", "{person} had a hand in the text or submitted it and cannot review it.");
pub(super) const NO_REASON: Rule = house("no-reason", "{act} needs a reason in words.");
pub(super) const LONG_REASON: Rule = house("long-reason", "The reason has more than {limit} characters.");
pub(super) const OUT_OF_ORDER: Rule =
    house("out-of-order", "The event of {at} is earlier than the one before it, of {last}.");
pub(super) const FUTURE: Rule = house("from-the-future", "The event of {at} is later than now, {now}.");
pub(super) const TOO_MANY: Rule = house("too-many-events", "It has {limit} events, which is the most.");
pub(super) const ANSWER_TIME: Rule =
    house("answer-time", "The time to answer must end between {earliest} and {latest}.");
pub(super) const GATE_REFUSES: Rule =
    house("gate-refuses", "The gate refuses it on the ground {ground}; it cannot be published.");
pub(super) const TOO_FEW_REVIEWERS: Rule =
    house("too-few-reviewers", "The gate demands {needed} reviewers; {agreed} agreed to it as it is judged.");
pub(super) const VALIDITY: Rule = Rule::new(
    "validity",
    "It can hold until {latest} at most, and must end later than now.",
    Source::read("five years", source::RETENTION),
);
pub(super) const NO_LONGER_BY_AMENDMENT: Rule = house(
    "no-longer-by-amendment",
    "An amendment cannot make it hold longer than {latest}; that needs a re-examination.",
);
pub(super) const EXTRACT_NOT_WISHED: Rule = Rule::new(
    "extract-not-wished",
    "The source does not wish an extract to be published.",
    Source::read("public extract", source::CONSENT),
);
pub(super) const EXTRACT_NEVER: Rule = Rule::new(
    "extract-never",
    "Nothing of a {colour} notice is ever published.",
    Source::read("Silver Notice pilot", source::SILVER),
);
pub(super) const NOTHING_CHANGED: Rule = house("nothing-changed", "The amendment says nothing that it changes.");
pub(super) const AMENDMENT_OPEN: Rule = house("amendment-open", "Another amendment is being written or reviewed.");
pub(super) const WRONG_OUTCOME: Rule = house("wrong-outcome", "The outcome {outcome} does not end a {colour} notice.");
pub(super) const SILVER_NON_COERCIVE: Rule = Rule::new(
    "silver-non-coercive",
    "A silver notice compels nothing: freezing and seizing follow between the two countries.",
    Source::read("Silver Notice pilot", source::SILVER),
);
pub(super) const NOTHING_TO_RE_EXAMINE: Rule = house("nothing-to-re-examine", "It is not due to be examined again.");
pub(super) const NOT_JUSTIFIED: Rule = Rule::new(
    "not-justified",
    "It can hold longer only when the source was due to justify that, within six months of its end, and did.",
    Source::read("re-examination", source::RETENTION),
);
pub(super) const NO_RECALL: Rule = house("no-recall", "No recall is open.");

/// All of them.
pub const REFUSALS: &[&Rule] = &[
    &NOTHING_DRAFTED,
    &DRAFTED_ALREADY,
    &FINAL_STATE,
    &NOT_FROM_HERE,
    &NO_REVIEW,
    &NOT_THEIRS,
    &NOT_THE_SOURCE,
    &NOBODY_NAMED,
    &FOUR_EYES,
    &OWN_TEXT,
    &NO_REASON,
    &LONG_REASON,
    &OUT_OF_ORDER,
    &FUTURE,
    &TOO_MANY,
    &ANSWER_TIME,
    &GATE_REFUSES,
    &TOO_FEW_REVIEWERS,
    &VALIDITY,
    &NO_LONGER_BY_AMENDMENT,
    &EXTRACT_NOT_WISHED,
    &EXTRACT_NEVER,
    &NOTHING_CHANGED,
    &AMENDMENT_OPEN,
    &WRONG_OUTCOME,
    &SILVER_NON_COERCIVE,
    &NOTHING_TO_RE_EXAMINE,
    &NOT_JUSTIFIED,
    &NO_RECALL,
];
