//! The states of a notice, and which act leads from which to which, as one table.

use super::ActName;
use crate::words::words;

words! {
    /// Where a notice or diffusion stands.
    State {
        /// Somebody of the source writes it.
        Draft "draft",
        /// Waits for a reviewer.
        Submitted "submitted",
        /// A reviewer looks at it.
        UnderReview "under-review",
        /// The source was asked.
        InfoRequested "info-requested",
        /// Not published. Final.
        Refused "refused",
        /// The source did not answer in time. Final.
        Lapsed "lapsed",
        /// In force.
        Published "published",
        /// In doubt; nobody may act on it.
        Suspended "suspended",
        /// Taken back by the source. Final.
        Withdrawn "withdrawn",
        /// Ended by a reviewer. Final.
        Cancelled "cancelled",
        /// Its purpose is achieved. Final.
        Executed "executed",
        /// Its time is over. Final.
        Expired "expired",
    }
}

words! {
    /// Who may do something.
    Who {
        /// Anybody of the source.
        Source "source",
        /// Somebody of the source who had no hand in the text.
        SecondPerson "second-person",
        /// A legal reviewer who neither had a hand in the text nor submitted it.
        Reviewer "reviewer",
        /// The owner's node.
        Node "node",
        /// Time.
        Clock "clock",
    }
}

/// One row of the table: an act, from where, by whom, to where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Transition {
    /// The act.
    pub act: ActName,
    /// The states it is possible in; the acts of a review look at the amendment under review, when there is one.
    pub from: &'static [State],
    /// Who may.
    pub by: &'static [Who],
    /// Whether a reason in words is needed.
    pub reason: bool,
    /// The state after it; none where that stays. An amendment's review never changes the state of the notice.
    pub to: Option<State>,
}

impl State {
    /// Whether nothing leads out of it.
    pub const fn is_final(self) -> bool {
        matches!(
            self,
            Self::Refused | Self::Lapsed | Self::Withdrawn | Self::Cancelled | Self::Executed | Self::Expired
        )
    }

    /// Whether others hold it: what leads out of here demands a recall.
    pub const fn is_out(self) -> bool {
        matches!(self, Self::Published | Self::Suspended)
    }
}

impl ActName {
    /// Whether it belongs to a review, the first or that of an amendment.
    pub const fn is_of_review(self) -> bool {
        matches!(
            self,
            Self::Revise
                | Self::Submit
                | Self::TakeUp
                | Self::Ask
                | Self::Answer
                | Self::Concur
                | Self::Refuse
                | Self::Publish
        )
    }

    /// The row of the table; every act but the first has one.
    pub fn transition(self) -> Option<&'static Transition> {
        TRANSITIONS.iter().find(|row| row.act == self)
    }
}

use State::{
    Cancelled, Draft, Executed, Expired, InfoRequested, Published, Refused, Submitted, Suspended, UnderReview,
    Withdrawn,
};

const fn row(act: ActName, from: &'static [State], by: &'static [Who], reason: bool, to: Option<State>) -> Transition {
    Transition { act, from, by, reason, to }
}

const AGREED_TO: &[State] = &[UnderReview, Published, Suspended];
const OUT: &[State] = &[Published, Suspended];
const ENDED: &[State] = &[Suspended, Withdrawn, Cancelled, Executed, Expired];
const OPEN: &[State] = &[Draft, Submitted, UnderReview, InfoRequested, Published, Suspended];

/// Every transition that somebody makes; those of the clock are `info-requested` to `lapsed` and `published` or
/// `suspended` to `expired`.
pub const TRANSITIONS: &[Transition] = &[
    row(ActName::Draft, &[], &[Who::Source], false, Some(Draft)),
    row(ActName::Revise, &[Draft], &[Who::Source], false, None),
    row(ActName::Submit, &[Draft], &[Who::SecondPerson], false, Some(Submitted)),
    row(ActName::TakeUp, &[Submitted], &[Who::Reviewer], false, Some(UnderReview)),
    row(ActName::Ask, &[UnderReview], &[Who::Reviewer], true, Some(InfoRequested)),
    row(ActName::Answer, &[InfoRequested], &[Who::Source], true, Some(UnderReview)),
    row(ActName::Concur, AGREED_TO, &[Who::Reviewer], true, None),
    row(ActName::Refuse, &[UnderReview], &[Who::Reviewer], true, Some(Refused)),
    row(ActName::Publish, &[UnderReview], &[Who::Reviewer], true, Some(Published)),
    row(ActName::Suspend, &[Published], &[Who::Reviewer, Who::Node], true, Some(Suspended)),
    row(ActName::Lift, &[Suspended], &[Who::Reviewer], true, Some(Published)),
    row(ActName::Amend, OUT, &[Who::Source], true, None),
    row(ActName::Addendum, OUT, &[Who::Source, Who::Reviewer, Who::Node], true, None),
    row(ActName::Withdraw, OPEN, &[Who::Source, Who::Node], true, Some(Withdrawn)),
    row(ActName::Cancel, OUT, &[Who::Reviewer], true, Some(Cancelled)),
    row(ActName::Execute, OUT, &[Who::Source, Who::Node], true, Some(Executed)),
    row(ActName::Justify, OUT, &[Who::Source], true, None),
    row(ActName::ReExamine, OUT, &[Who::Reviewer], true, None),
    row(ActName::Receipts, ENDED, &[Who::Node], false, None),
    row(ActName::Clock, State::ALL, &[Who::Clock], false, None),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_act_has_one_row() {
        for act in ActName::ALL {
            assert_eq!(TRANSITIONS.iter().filter(|row| row.act == *act).count(), 1, "{act}");
        }
    }

    #[test]
    fn no_row_leads_out_of_a_final_state() {
        for row in TRANSITIONS {
            let leaves = row.from.iter().any(|from| from.is_final()) && row.to.is_some();
            assert!(!leaves, "{} leaves a final state", row.act);
        }
    }

    #[test]
    fn only_reviewers_publish_refuse_lift_and_cancel() {
        for act in [ActName::Publish, ActName::Refuse, ActName::Lift, ActName::Cancel, ActName::Concur] {
            assert_eq!(act.transition().unwrap().by, [Who::Reviewer], "{act}");
        }
        let publishes: Vec<_> = TRANSITIONS.iter().filter(|row| row.to == Some(Published)).map(|row| row.act).collect();
        assert_eq!(publishes, [ActName::Publish, ActName::Lift]);
    }
}
