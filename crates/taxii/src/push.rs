//! Pushing objects to one collection of a remote server (TAXII 2.1 sections 4.3 and 5.5): what to send next, and when.
//!
//! Pure, like [`crate::FollowState`]. The caller keeps the objects to send in an order of positions, asks
//! [`PushState::plan`], fills a [`Batch`], posts it, and tells what came of it. After each call the state and the
//! report are to be made durable together. A batch may be sent twice, when the process ends between sending and
//! keeping; servers know an object's version again.

use std::time::Duration;

use comity_base::{Position, Timestamp};
use serde::{Deserialize, Serialize};

use crate::resource::Progress;
use crate::retry::later;
use crate::{Backoff, Failure, FailureKind, Status};

mod batch;

pub use batch::Batch;

/// How objects are pushed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PushOptions {
    /// Most objects in one request. Default 500.
    pub objects: usize,
    /// Most bytes of one request; the smaller of this and the server's `max_content_length` holds. Default 8 MiB.
    pub bytes: u64,
    /// How long the server is asked what became of a request before it counts as unconfirmed. Default 1 h.
    pub patience: Duration,
    /// How long to wait when there was nothing to send. Default 30 s.
    pub idle: Duration,
    /// Pauses after failures.
    pub backoff: Backoff,
}

impl Default for PushOptions {
    fn default() -> Self {
        Self {
            objects: 500,
            bytes: 8 << 20,
            patience: Duration::from_hours(1),
            idle: Duration::from_secs(30),
            backoff: Backoff::default(),
        }
    }
}

/// How far objects are pushed. Kept by the caller.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PushState {
    /// Everything up to here is settled: taken by the server, or reported as not taken.
    pub settled: Position,
    /// A request whose outcome is open.
    pub open: Option<Open>,
    /// A batch size lowered because the server refused larger ones.
    pub objects: Option<usize>,
    /// From where a request is sent once more, because the server forgot what became of it.
    pub again: Option<Position>,
    /// Single objects refused in a row.
    pub refused: u32,
    /// Failures in a row.
    pub failures: u32,
    /// Nothing to do before.
    pub next_due: Timestamp,
    /// The latest failure, for people, until something succeeds.
    pub trouble: Option<String>,
}

/// A request that the server works on (TAXII 2.1 section 4.3).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Open {
    /// The id of its status.
    pub status: String,
    /// The last position it holds.
    pub up_to: Position,
    /// How many objects it holds.
    pub objects: u64,
    /// When it was sent.
    pub since: Timestamp,
    /// How often it was asked for.
    pub asked: u32,
}

/// What to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PushAction {
    /// Nothing before this moment.
    Wait(Timestamp),
    /// Fill a batch with what comes after a position, and post it.
    Send {
        /// Everything up to here is settled.
        after: Position,
        /// Most objects.
        objects: usize,
        /// Most bytes.
        bytes: u64,
    },
    /// Ask what became of a request.
    Poll {
        /// The id of its status.
        status: String,
    },
}

/// An object the server did not take.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObjectFailure {
    /// The object's id.
    pub id: String,
    /// Its version, when the server told.
    pub version: Option<String>,
    /// Why, for people.
    pub message: String,
}

/// What came of a step.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PushReport {
    /// Objects newly settled as taken, as far as the server tells.
    pub taken: u64,
    /// Objects newly settled as not taken.
    pub failures: Vec<ObjectFailure>,
    /// What else people should know.
    pub notices: Vec<PushNotice>,
}

/// What was odd about a server's answer, for people and logs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PushNotice {
    /// The answer belongs to a batch or status that is no longer the planned one.
    #[error("the answer belongs to an earlier request and was not counted")]
    Stale,
    /// No status resource came with the reply, so nobody will tell what became of the objects.
    #[error("the server took {0} objects without a status; whether it kept them is not known")]
    NoStatus(u64),
    /// Failures were counted and not named.
    #[error("the server did not take {0} objects and does not say which")]
    Unnamed(u64),
    /// The status was asked for long enough.
    #[error("the server never finished a request of {0} objects; whether it kept them is not known")]
    Unconfirmed(u64),
    /// The server forgot the status.
    #[error("the server forgot what became of a request of {0} objects; it is sent once more")]
    Forgotten(u64),
    /// The server refused a batch; smaller ones are sent.
    #[error("the server refused a request; sending {0} objects at a time")]
    SmallerBatches(usize),
}

impl PushState {
    /// What to do now.
    pub fn plan(&self, options: &PushOptions, now: Timestamp) -> PushAction {
        if now < self.next_due {
            return PushAction::Wait(self.next_due);
        }
        if let Some(open) = &self.open {
            return PushAction::Poll { status: open.status.clone() };
        }
        let objects = self.objects.unwrap_or(options.objects).max(1);
        PushAction::Send { after: self.settled, objects, bytes: options.bytes }
    }

    /// There was nothing to send.
    pub fn idle(&mut self, options: &PushOptions, now: Timestamp) {
        self.next_due = later(now, options.idle);
    }

    /// The server took the batch, and told its status if it told one. What the batch itself set aside is in the report.
    pub fn accepted(
        &mut self,
        options: &PushOptions,
        batch: &Batch,
        status: Option<&Status>,
        now: Timestamp,
    ) -> PushReport {
        if self.open.is_some() || batch.after != self.settled {
            return PushReport::only(PushNotice::Stale);
        }
        let mut report = PushReport { failures: batch.aside.clone(), ..PushReport::default() };
        self.well(now);
        let count = batch.ids.len() as u64;
        match status {
            None => {
                if count > 0 {
                    report.notices.push(PushNotice::NoStatus(count));
                }
                self.settle(options, batch.up_to);
            }
            Some(status) if status.status == Progress::Complete => {
                report.take(status, count);
                self.settle(options, batch.up_to);
            }
            Some(status) => {
                let (up_to, id) = (batch.up_to, status.id.clone());
                self.open = Some(Open { status: id, up_to, objects: count, since: now, asked: 0 });
                self.next_due = later(now, POLL_FIRST);
            }
        }
        report
    }

    /// The batch holds nothing to post, since everything in it was set aside.
    pub fn set_aside(&mut self, options: &PushOptions, batch: &Batch, now: Timestamp) -> PushReport {
        self.accepted(options, batch, None, now)
    }

    /// The status of the open request came.
    pub fn polled(&mut self, options: &PushOptions, status: &Status, now: Timestamp) -> PushReport {
        let Some(open) = self.open.clone().filter(|open| status.id.is_empty() || open.status == status.id) else {
            return PushReport::only(PushNotice::Stale);
        };
        self.well(now);
        let mut report = PushReport::default();
        if status.status == Progress::Complete {
            report.take(status, open.objects);
            self.settle(options, open.up_to);
        } else if now >= later(open.since, options.patience) {
            report.notices.push(PushNotice::Unconfirmed(open.objects));
            self.settle(options, open.up_to);
        } else {
            let pause = POLL_FIRST.saturating_mul(1 << open.asked.min(6)).min(POLL_MOST);
            self.open = Some(Open { asked: open.asked.saturating_add(1), ..open });
            self.next_due = later(now, pause);
        }
        report
    }

    /// Posting the batch failed.
    pub fn refused(&mut self, options: &PushOptions, batch: &Batch, failure: &Failure, now: Timestamp) -> PushReport {
        if self.open.is_some() || batch.after != self.settled {
            return PushReport::only(PushNotice::Stale);
        }
        // The server says that the content is at fault; which object, only smaller batches can tell.
        let content = matches!(failure.kind, FailureKind::Status(400 | 413 | 422));
        if content && batch.ids.len() > 1 {
            let objects = batch.ids.len() / 2;
            self.objects = Some(objects);
            self.next_due = now;
            return PushReport::only(PushNotice::SmallerBatches(objects));
        }
        // When it refuses one object after another, it is rather the server that is at fault: each is tried again first.
        let doubtful = self.refused >= MOST_REFUSED && self.failures + 1 < TRIES;
        match batch.ids.first() {
            Some(id) if content && !doubtful => {
                let mut report = PushReport { failures: batch.aside.clone(), ..PushReport::default() };
                let message = failure.text.clone();
                report.failures.push(ObjectFailure { id: id.clone(), version: None, message });
                self.refused = self.refused.saturating_add(1);
                self.failures = 0;
                self.next_due = now;
                self.settled = batch.up_to;
                self.again = None;
                report
            }
            _ => {
                self.fail(options, failure, now);
                PushReport::default()
            }
        }
    }

    /// Asking for the status failed.
    pub fn poll_failed(&mut self, options: &PushOptions, failure: &Failure, now: Timestamp) -> PushReport {
        let Some(open) = self.open.clone() else { return PushReport::only(PushNotice::Stale) };
        let gone = matches!(failure.kind, FailureKind::Status(404 | 410));
        if !gone && now < later(open.since, options.patience) {
            self.fail(options, failure, now);
            return PushReport::default();
        }
        self.well(now);
        if gone && self.again != Some(self.settled) {
            self.open = None;
            self.again = Some(self.settled);
            return PushReport::only(PushNotice::Forgotten(open.objects));
        }
        self.settle(options, open.up_to);
        PushReport::only(PushNotice::Unconfirmed(open.objects))
    }

    fn well(&mut self, now: Timestamp) {
        self.failures = 0;
        self.refused = 0;
        self.trouble = None;
        self.next_due = now;
    }

    fn fail(&mut self, options: &PushOptions, failure: &Failure, now: Timestamp) {
        self.failures = self.failures.saturating_add(1);
        self.trouble = Some(failure.text.clone());
        self.next_due = options.backoff.due(self.failures, failure, now);
    }

    fn settle(&mut self, options: &PushOptions, up_to: Position) {
        self.settled = self.settled.max(up_to);
        self.open = None;
        self.again = None;
        self.objects =
            self.objects.map(|objects| objects.saturating_mul(2)).filter(|&objects| objects < options.objects);
    }
}

impl PushReport {
    fn only(notice: PushNotice) -> Self {
        Self { notices: vec![notice], ..Self::default() }
    }

    /// Reads a finished status.
    fn take(&mut self, status: &Status, sent: u64) {
        let named = status.failures.len() as u64;
        for detail in &status.failures {
            self.failures.push(ObjectFailure {
                id: detail.id.clone(),
                version: Some(detail.version.clone()).filter(|version| !version.is_empty()),
                message: detail.message.clone().unwrap_or_else(|| "the server gives no reason".to_owned()),
            });
        }
        let failed = status.failure_count.max(named);
        self.taken += sent.saturating_sub(failed);
        if failed > named {
            self.notices.push(PushNotice::Unnamed(failed - named));
        }
    }
}

/// The first pause before a status is asked for again.
const POLL_FIRST: Duration = Duration::from_secs(1);
/// The longest.
const POLL_MOST: Duration = Duration::from_mins(1);
/// So many objects may be refused in a row before the server itself is doubted.
const MOST_REFUSED: u32 = 10;
/// How often an object is tried while the server is doubted.
const TRIES: u32 = 3;

#[cfg(test)]
mod tests;
