use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use comity_base::Timestamp;
use comity_node::intake::{Draft, Progress};
use comity_store::BatchId;
use parking_lot::Mutex;

use super::super::reply::{Trouble, unguessable};

/// What is being brought in, as long as there is room: nothing of it is kept anywhere else before it is brought in.
#[derive(Default)]
pub(crate) struct Drafts(Mutex<VecDeque<Arc<Kept>>>);

/// One draft of somebody.
pub(super) struct Kept {
    /// Names it; cannot be guessed.
    pub(super) id: String,
    account: String,
    at: Timestamp,
    pub(super) draft: Mutex<Draft>,
    pub(super) state: Mutex<State>,
    /// Bytes that were read since it is being brought in.
    pub(super) bytes: AtomicU64,
    pub(super) objects: AtomicU64,
    /// Set to stop it; what was read is kept.
    pub(super) stop: AtomicBool,
}

/// How far a draft is.
#[derive(Clone, Debug)]
pub(super) enum State {
    /// It is looked at.
    Open,
    /// It is being brought in.
    Going,
    /// It is in, as this batch, if anything of it was new.
    Done(Option<BatchId>),
    /// It could not be brought in.
    Failed(Trouble),
}

impl Kept {
    pub(super) fn size(&self) -> u64 {
        self.draft.lock().files.iter().map(|file| file.bytes.len() as u64).sum()
    }

    pub(super) fn tell(&self, progress: Progress) {
        self.bytes.store(progress.bytes, Ordering::Relaxed);
        self.objects.store(progress.objects, Ordering::Relaxed);
    }

    fn is_new(&self, now: Timestamp) -> bool {
        now.as_micros().saturating_sub(self.at.as_micros()) < HOURS * 3_600 * 1_000_000
    }

    fn is_going(&self) -> bool {
        matches!(*self.state.lock(), State::Going)
    }
}

impl Drafts {
    pub(super) fn keep(&self, account: &str, at: Timestamp, draft: Draft) -> Arc<Kept> {
        let kept = Arc::new(Kept {
            id: unguessable(),
            account: account.to_owned(),
            at,
            draft: Mutex::new(draft),
            state: Mutex::new(State::Open),
            bytes: AtomicU64::new(0),
            objects: AtomicU64::new(0),
            stop: AtomicBool::new(false),
        });
        let mut all = self.0.lock();
        all.push_front(Arc::clone(&kept));
        let (mut bytes, mut count) = (0, 0);
        all.retain(|one| {
            bytes += one.size();
            count += 1;
            count == 1 || one.is_going() || (bytes <= ROOM && count <= MOST && one.is_new(at))
        });
        kept
    }

    pub(super) fn find(&self, id: &str, account: &str, now: Timestamp) -> Option<Arc<Kept>> {
        self.0.lock().iter().find(|one| one.id == id && one.account == account && one.is_new(now)).cloned()
    }
}

/// How long a draft is kept.
const HOURS: i64 = 4;
/// Bytes of all drafts.
const ROOM: u64 = 384 << 20;
/// Drafts that are kept.
const MOST: usize = 100;
