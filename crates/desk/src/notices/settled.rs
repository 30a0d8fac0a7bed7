use std::collections::BTreeSet;

use comity_base::Timestamp;
use comity_law::gate::{Judged, Judgement, MessageAct};
use comity_law::notice::Lifecycle;
use comity_law::{Person, Reason};
use comity_node::{MessageShown, NoticeShown};

/// Which questions of the gate somebody has answered who had no hand in the text, of the text as it is. They stand among what people
/// judged, and are asked no more.
#[derive(Clone, Debug, Default)]
pub(crate) struct Settled {
    category: bool,
    factors: BTreeSet<String>,
}

impl Settled {
    /// Of a notice.
    pub(crate) fn of_notice(notice: &NoticeShown, now: Timestamp) -> Self {
        let lifecycle = Lifecycle::fold(&notice.events, now).lifecycle;
        let changed = notice.events.iter().rfind(|event| event.act.changes_text()).map(|event| event.at);
        Self::of(&notice.judged, now, changed, |person| lifecycle.had_a_hand(person))
    }

    /// Of a message.
    pub(crate) fn of_message(one: &MessageShown, now: Timestamp) -> Self {
        let filled = one.steps.iter().rfind(|step| matches!(step.act, MessageAct::Facts {})).map(|step| step.at);
        Self::of(&one.judged, now, filled, |person| person.account == one.by)
    }

    /// Of what was judged of a text that was changed last at a moment, by whoever had no hand in it.
    pub(super) fn of(
        judged: &Judged,
        now: Timestamp,
        since: Option<Timestamp>,
        had_a_hand: impl Fn(&Person) -> bool,
    ) -> Self {
        let counts =
            |one: &Judgement| one.counts(now) && since.is_none_or(|since| one.at >= since) && !had_a_hand(&one.by);
        let factors = judged.factors.iter().filter(|factor| counts(&factor.judged));
        Self {
            category: judged.categories.iter().any(|one| counts(&one.judged)),
            factors: factors.map(|factor| factor.factor.to_string()).collect(),
        }
    }

    /// Whether a question is one that was answered.
    pub(super) fn has(&self, question: &Reason) -> bool {
        match question.code {
            "category-not-judged" => self.category,
            "factor-not-judged" => {
                let mut asked = question.given.iter().filter(|(place, _)| *place == "factor").flat_map(|(_, all)| all);
                asked.all(|factor| self.factors.contains(factor))
            }
            _ => false,
        }
    }
}
