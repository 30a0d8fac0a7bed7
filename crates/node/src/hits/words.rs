//! When the words of questions and of their answers are forgotten.

use comity_base::Timestamp;
use comity_stix::ObjectId;

use super::questions::{Answer, RECEIVED, Received, SENT, Sent};
use crate::retention::{Old, Words};
use crate::{Node, NodeError};

impl Node {
    /// Of questions that are old, or about what was erased.
    pub(crate) fn forget_questions(&self, old: &Old) -> Result<u64, NodeError> {
        Ok(self.forget_each::<Sent>(SENT, old, |_| false)? + self.forget_each::<Received>(RECEIVED, old, |_| false)?)
    }
}

impl Words for Sent {
    const GOES_WITH_OBJECT: bool = true;

    fn about(&self) -> Option<&ObjectId> {
        Some(&self.about)
    }

    fn last(&self) -> Timestamp {
        self.answer.as_ref().map_or(self.at, |answer| answer.at.max(self.at))
    }

    fn forgotten(&self) -> Option<Timestamp> {
        self.forgotten
    }

    fn forget(&mut self, now: Timestamp) {
        self.forgotten = Some(now);
        self.text.clear();
        forget_answer(self.answer.as_mut());
    }
}

impl Words for Received {
    const GOES_WITH_OBJECT: bool = true;

    fn about(&self) -> Option<&ObjectId> {
        Some(&self.about)
    }

    fn last(&self) -> Timestamp {
        self.answer.as_ref().map_or(self.at, |answer| answer.at.max(self.at))
    }

    fn forgotten(&self) -> Option<Timestamp> {
        self.forgotten
    }

    fn forget(&mut self, now: Timestamp) {
        self.forgotten = Some(now);
        self.text.clear();
        forget_answer(self.answer.as_mut());
    }
}

fn forget_answer(answer: Option<&mut Answer>) {
    if let Some(answer) = answer {
        answer.text.clear();
    }
}
