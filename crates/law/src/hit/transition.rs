//! The states of a hit, which act leads from which to which, and why an act is not allowed.

use super::HitActName;
use crate::words::words;
use crate::{Rule, Source, source};

words! {
    /// Where a hit stands.
    HitState {
        /// A search found something. Nobody may act on it.
        Unconfirmed "unconfirmed",
        /// The bureau compared a second identifier, and it is the same person.
        Checked "checked",
        /// The owner was asked.
        Asked "asked",
        /// The owner confirmed.
        Confirmed "confirmed",
        /// The owner did not answer in time. Nothing that compels may be done; it is taken further.
        NoAnswer "no-answer",
        /// It is nothing. Final.
        Refuted "refuted",
        /// What was done is recorded. Final.
        Closed "closed",
    }
}

words! {
    /// Who may do something.
    HitWho {
        /// Whoever searched.
        Officer "officer",
        /// The national bureau.
        Bureau "bureau",
        /// The owner.
        Owner "owner",
        /// Time.
        Clock "clock",
    }
}

/// One row of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HitTransition {
    /// The act.
    pub act: HitActName,
    /// The states it is possible in.
    pub from: &'static [HitState],
    /// Who may.
    pub by: &'static [HitWho],
    /// Whether a reason in words is needed.
    pub reason: bool,
}

impl HitState {
    /// Whether nothing leads out of it.
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Refuted | Self::Closed)
    }
}

use HitState::{Asked, Checked, Confirmed, NoAnswer, Unconfirmed};

const fn row(act: HitActName, from: &'static [HitState], by: &'static [HitWho], reason: bool) -> HitTransition {
    HitTransition { act, from, by, reason }
}

const OPEN: &[HitState] = &[Unconfirmed, Checked, Asked, Confirmed, NoAnswer];

/// Every transition; that of the clock is `asked` to `no-answer`.
pub const HIT_TRANSITIONS: &[HitTransition] = &[
    row(HitActName::Found, &[], &[HitWho::Officer], false),
    row(HitActName::Check, &[Unconfirmed], &[HitWho::Bureau], true),
    row(HitActName::Ask, &[Checked, NoAnswer], &[HitWho::Bureau], true),
    // Late is better than never.
    row(HitActName::Confirm, &[Asked, NoAnswer], &[HitWho::Owner], true),
    row(HitActName::Refute, OPEN, &[HitWho::Bureau, HitWho::Owner], true),
    row(HitActName::Escalate, &[NoAnswer], &[HitWho::Bureau], true),
    row(HitActName::Close, OPEN, &[HitWho::Bureau], true),
    row(HitActName::Clock, HitState::ALL, &[HitWho::Clock], false),
];

impl HitActName {
    /// The row of the table.
    pub fn transition(self) -> Option<&'static HitTransition> {
        HIT_TRANSITIONS.iter().find(|row| row.act == self)
    }
}

const fn house(code: &'static str, sentence: &'static str) -> Rule {
    Rule::new(code, sentence, Source::house())
}

pub(super) const NOTHING_FOUND: Rule = house("hit-nothing-found", "Nothing was found yet.");
pub(super) const FOUND_ALREADY: Rule = house("hit-found-already", "It was found already.");
pub(super) const NOT_FROM_HERE: Rule = house("hit-not-from-here", "The hit is {state}: {act} is not possible.");
pub(super) const NOT_THEIRS: Rule = house("hit-not-theirs", "{act} is done by {who} only.");
pub(super) const NOT_THE_OWNER: Rule =
    house("hit-not-the-owner", "The notice belongs to {owner}; {node} cannot answer for it.");
pub(super) const NOT_THE_BUREAU: Rule =
    house("hit-not-the-bureau", "The bureau {bureau} checked this hit; {node} cannot act for it.");
pub(super) const FOUR_EYES: Rule =
    house("hit-four-eyes", "{person} searched or checked already: somebody else must do this.");
pub(super) const NOBODY_NAMED: Rule = house("hit-nobody-named", "No account is named, or its name is too long.");
pub(super) const NO_REASON: Rule =
    house("hit-no-reason", "{act} needs a reason in words, of at most 2,000 characters.");
pub(super) const OUT_OF_ORDER: Rule =
    house("hit-out-of-order", "The event of {at} is earlier than the one before it, of {last}.");
pub(super) const FUTURE: Rule = house("hit-from-the-future", "The event of {at} is later than now, {now}.");
pub(super) const TOO_MANY: Rule = house("hit-too-many-events", "The hit has {limit} events, which is the most.");
pub(super) const SILENT: Rule = Rule::new(
    "hit-silent",
    "The search was silent: its owner is told nothing.",
    Source::unverified("EU travel authorisations", source::TRAVEL),
);
pub(super) const SILENT_COMPELS: Rule =
    house("hit-silent-compels-nothing", "The search was silent: nothing that compels may follow from it.");
pub(super) const NOT_CONFIRMED: Rule = Rule::new(
    "hit-not-confirmed",
    "{outcome} may only be done when the owner has confirmed the hit, after a second identifier was compared.",
    Source::unverified("RPD Art. 12", source::RPD),
);
pub(super) const OTHER_MEASURE: Rule =
    house("hit-other-measure", "The owner asked for {measure}; {outcome} is something else.");
pub(super) const NO_BASIS: Rule = Rule::new(
    "hit-no-basis",
    "A hit is no warrant: {outcome} needs an order of the country's own authorities or a law by which a red notice is a \
     ground to arrest.",
    Source::read("USA: a red notice alone is no ground to arrest", source::USA),
);

pub(super) const NO_RED_NOTICE: Rule =
    house("hit-no-red-notice", "An arrest is asked for on a red notice in force only, and there is none about this.");
pub(super) const NOTICE_OVER: Rule =
    house("hit-notice-over", "The notice about this is over or suspended: nothing is asked for any more.");

/// All reasons for which an event of a hit is not allowed.
pub const HIT_REFUSALS: &[&Rule] = &[
    &NOTHING_FOUND,
    &FOUND_ALREADY,
    &NOT_FROM_HERE,
    &NOT_THEIRS,
    &NOT_THE_OWNER,
    &NOT_THE_BUREAU,
    &FOUR_EYES,
    &NOBODY_NAMED,
    &NO_REASON,
    &OUT_OF_ORDER,
    &FUTURE,
    &TOO_MANY,
    &SILENT,
    &SILENT_COMPELS,
    &NOT_CONFIRMED,
    &OTHER_MEASURE,
    &NO_BASIS,
    &NO_RED_NOTICE,
    &NOTICE_OVER,
];
