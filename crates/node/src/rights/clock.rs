use comity_base::Timestamp;
use serde::{Deserialize, Serialize};

use super::{RightsKind, Says};

/// The time that the law gives, and what counts as decided when somebody says nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RightsTerms {
    /// Calendar months for an answer to a request for access, from the day it is admitted. Default 4: Statute of the
    /// Commission for the Control of INTERPOL's Files, Article 40(1).
    pub access_months: u16,
    /// The same for correction and deletion. Default 9: Article 40(2).
    pub deletion_months: u16,
    /// Days that an owner of data has to say what it wants. Default 30.
    pub consult_days: u16,
    /// What an owner is taken to say about correction and deletion that says nothing: `delete` or `keep`. Default: delete
    /// (INTERPOL Rules on the Processing of Data, Article 81).
    pub silence: Says,
    /// Where a person who does not agree can go: stands in every answer.
    pub authority: String,
}

impl Default for RightsTerms {
    fn default() -> Self {
        Self { access_months: 4, deletion_months: 9, consult_days: 30, silence: Says::Delete, authority: String::new() }
    }
}

impl RightsTerms {
    /// When a request must be answered that was admitted then.
    pub(super) fn due(&self, kind: RightsKind, admitted: Timestamp) -> Timestamp {
        admitted.plus_months(match kind {
            RightsKind::Access => self.access_months,
            RightsKind::Correction | RightsKind::Deletion => self.deletion_months,
        })
    }

    /// Until when an owner that is asked then may answer.
    pub(super) fn answer_by(&self, asked: Timestamp) -> Timestamp {
        Timestamp::from_micros(asked.as_micros().saturating_add(i64::from(self.consult_days) * 86_400_000_000))
    }

    /// What silence means: to a request for access it never means that data is given out.
    pub(super) fn of_silence(&self, kind: RightsKind) -> Says {
        if kind == RightsKind::Access { Says::Withhold } else { self.silence }
    }
}
