//! When it is forgotten who was searched for.

use comity_base::Timestamp;
use comity_stix::ObjectId;
use serde_json::Value;

use super::file::{FILES, File};
use crate::retention::{Old, REASON, Words};
use crate::{Node, NodeError};

impl Node {
    /// Of hits that are old: most of those who were ever found were somebody else.
    pub(crate) fn forget_search_hits(&self, old: &Old) -> Result<u64, NodeError> {
        self.forget_each::<File>(FILES, old, |_| false)
    }
}

impl Words for File {
    /// A hit says what was done to somebody at a border: that outlives the notice it was done by.
    const GOES_WITH_OBJECT: bool = false;

    fn about(&self) -> Option<&ObjectId> {
        Some(&self.found)
    }

    fn last(&self) -> Timestamp {
        self.events.last().map_or(Timestamp::from_micros(i64::MIN), |event| event.at)
    }

    fn forgotten(&self) -> Option<Timestamp> {
        self.forgotten
    }

    /// Who did what, when, and how it ended, stays.
    fn forget(&mut self, now: Timestamp) {
        self.forgotten = Some(now);
        self.asked = Value::Null;
        self.name.clear();
        self.reference = None;
        for event in &mut self.events {
            REASON.clone_into(&mut event.reason);
        }
    }
}
