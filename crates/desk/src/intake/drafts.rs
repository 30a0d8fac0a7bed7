use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use comity_base::Timestamp;
use comity_node::intake::{Draft, Progress};
use comity_store::BatchId;
use parking_lot::Mutex;

use super::super::reply::{Trouble, unguessable};
use super::super::shelf::{Shelf, Shelved};

/// What is being brought in: nothing of it is kept anywhere else before it is brought in.
pub(crate) type Drafts = Shelf<Kept>;

/// One draft of somebody.
pub(crate) struct Kept {
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
    pub(super) fn tell(&self, progress: Progress) {
        self.bytes.store(progress.bytes, Ordering::Relaxed);
        self.objects.store(progress.objects, Ordering::Relaxed);
    }

    /// A draft that nobody has looked at.
    pub(super) fn new(account: &str, at: Timestamp, draft: Draft) -> Self {
        Self {
            id: unguessable(),
            account: account.to_owned(),
            at,
            draft: Mutex::new(draft),
            state: Mutex::new(State::Open),
            bytes: AtomicU64::new(0),
            objects: AtomicU64::new(0),
            stop: AtomicBool::new(false),
        }
    }
}

impl Shelved for Kept {
    const ROOM: usize = 384 << 20;
    const MOST: usize = 100;
    const HOURS: i64 = 4;

    fn id(&self) -> &str {
        &self.id
    }

    fn account(&self) -> &str {
        &self.account
    }

    fn at(&self) -> Timestamp {
        self.at
    }

    fn size(&self) -> usize {
        self.draft.lock().files.iter().map(|file| file.bytes.len()).sum()
    }

    fn is_held(&self) -> bool {
        matches!(*self.state.lock(), State::Going)
    }
}
