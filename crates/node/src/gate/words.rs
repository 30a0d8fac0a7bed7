//! When the words of messages and of reports are forgotten.

use comity_base::Timestamp;
use comity_law::gate::Judged;
use comity_law::notice::Facts;
use comity_stix::ObjectId;

use super::came::{GOT, Got};
use super::held::{HELD, Held};
use super::report::{REPORT, Report};
use crate::retention::{Old, Words};
use crate::{Node, NodeError};

impl Node {
    /// Of messages and reports that are old. A report waits for its decision as long as anything is known of who did what.
    pub(crate) fn forget_messages(&self, old: &Old) -> Result<u64, NodeError> {
        let long_ago = self.ledger_terms.all_before(old.now);
        let waits = |report: &Report| report.shown.verdict.is_none() && report.shown.at >= long_ago;
        Ok(self.forget_each::<Held>(HELD, old, |_| false)?
            + self.forget_each::<Got>(GOT, old, |_| false)?
            + self.forget_each::<Report>(REPORT, old, waits)?)
    }
}

impl Words for Held {
    const GOES_WITH_OBJECT: bool = true;

    fn about(&self) -> Option<&ObjectId> {
        Some(&self.leaving.about)
    }

    fn last(&self) -> Timestamp {
        self.review.steps.last().map_or(self.at, |step| step.at)
    }

    fn forgotten(&self) -> Option<Timestamp> {
        self.forgotten
    }

    /// Who decided, and on which ground, stays: it counts in the bureau's record.
    fn forget(&mut self, now: Timestamp) {
        self.forgotten = Some(now);
        self.leaving.forget_words();
        self.facts = Facts::default();
        self.judged = Judged::default();
        for step in &mut self.review.steps {
            step.why.clear();
        }
    }
}

impl Words for Got {
    const GOES_WITH_OBJECT: bool = true;

    fn about(&self) -> Option<&ObjectId> {
        Some(&self.about)
    }

    fn last(&self) -> Timestamp {
        self.at
    }

    fn forgotten(&self) -> Option<Timestamp> {
        self.forgotten
    }

    fn forget(&mut self, now: Timestamp) {
        self.forgotten = Some(now);
        self.text.clear();
        self.message.clear();
    }
}

impl Words for Report {
    /// Whoever is reported could take back what a message was about.
    const GOES_WITH_OBJECT: bool = false;

    fn about(&self) -> Option<&ObjectId> {
        self.shown.about.as_ref()
    }

    fn last(&self) -> Timestamp {
        self.shown.verdict.as_ref().map_or(self.shown.at, |verdict| verdict.at)
    }

    fn forgotten(&self) -> Option<Timestamp> {
        self.forgotten
    }

    /// Against whom it was, and what was decided, stays.
    fn forget(&mut self, now: Timestamp) {
        self.forgotten = Some(now);
        self.shown.text.clear();
        self.shown.why.clear();
        if let Some(verdict) = &mut self.shown.verdict {
            verdict.why.clear();
        }
        self.signed.said.clear();
    }
}
