use askama::Template;
use comity_base::Timestamp;
use comity_node::Seer;

use super::super::language::Words;
use super::{Foreign, Icon, Moment, Owner};

/// Who may see an object and why, and who not and why.
#[derive(Clone, Debug, Template)]
#[template(path = "parts/audience.html")]
pub(crate) struct Audience {
    words: Words,
    /// Those who may, those who may not.
    seers: Seers,
}

/// Those who may see something, and those who may not.
#[derive(Clone, Debug, Default)]
pub(crate) struct Seers {
    pub(crate) admitted: Vec<SeerRow>,
    pub(crate) refused: Vec<SeerRow>,
}

/// One organisation in an audience.
#[derive(Clone, Debug)]
pub(crate) struct SeerRow {
    who: Owner,
    reasons: Vec<Foreign>,
    can_recall: bool,
    given: Vec<(Moment, String)>,
}

impl Audience {
    pub(crate) const fn new(words: Words, seers: Seers) -> Self {
        Self { words, seers }
    }

    fn icon(&self, name: &'static str) -> Icon {
        Icon(name)
    }
}

impl Seers {
    /// From the verdicts on each organisation; `country` says where one sits.
    pub(crate) fn new(seers: &[Seer], now: Timestamp, words: Words, country: impl Fn(&Seer) -> Option<String>) -> Self {
        let mut all = Self::default();
        for seer in seers {
            let row = SeerRow {
                who: Owner::new(seer.recipient.clone(), country(seer).as_deref(), words),
                reasons: seer.reasons.iter().map(|reason| super::reason(reason, words)).collect(),
                can_recall: seer.can_recall,
                given: seer
                    .given
                    .iter()
                    .map(|delivery| {
                        (Moment::new(delivery.ended, now, words), words.known("way-", delivery.channel.name()))
                    })
                    .collect(),
            };
            if seer.admitted { all.admitted.push(row) } else { all.refused.push(row) }
        }
        all
    }
}

super::safe!(Audience);
