//! When it is forgotten what a notice said, of one that is over.

use comity_base::Timestamp;
use comity_law::gate::Judged;
use comity_law::notice::DutyKind;
use comity_stix::ObjectId;

use super::file::{FILES, File, NoticeText};
use crate::retention::{Old, REASON, Words};
use crate::{Node, NodeError};

impl Node {
    /// Of notices that ended long ago and are gone everywhere, and of drafts that nobody went on with.
    pub(crate) fn forget_notices(&self, old: &Old) -> Result<u64, NodeError> {
        let is_needed = |file: &File| {
            let then = file.lifecycle(old.before);
            let was_out = then.out().is_some() && then.ending(old.before).is_none();
            was_out || file.lifecycle(old.now).duties(old.now).iter().any(|duty| duty.kind == DutyKind::Recall)
        };
        self.forget_each::<File>(FILES, old, is_needed)
    }
}

impl Words for File {
    /// It has a term and a basis of its own.
    const GOES_WITH_OBJECT: bool = false;

    fn about(&self) -> Option<&ObjectId> {
        self.from.as_ref()
    }

    fn last(&self) -> Timestamp {
        self.events.last().map_or(Timestamp::from_micros(i64::MIN), |event| event.at)
    }

    fn forgotten(&self) -> Option<Timestamp> {
        self.forgotten
    }

    /// What was done with it, and how it ended, stays: the yearly figures are counted from that.
    fn forget(&mut self, now: Timestamp) {
        self.forgotten = Some(now);
        self.text = NoticeText::default();
        self.judged = Judged::default();
        (self.from, self.case, self.out) = (None, None, None);
        self.released = None;
        for event in &mut self.events {
            REASON.clone_into(&mut event.reason);
        }
    }
}
