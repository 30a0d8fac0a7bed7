use comity_store::{NewEntry, Store, StoreError};
use parking_lot::{Condvar, Mutex};

use crate::NodeError;

/// Lets those who record at the same moment wait for the disk together: one of them writes for all.
#[derive(Debug, Default)]
pub(crate) struct Recorder {
    state: Mutex<State>,
    done: Condvar,
}

#[derive(Debug, Default)]
struct State {
    waiting: Vec<NewEntry>,
    /// The round that those who wait now belong to.
    round: u64,
    /// Rounds that are over, and of the newest ones whether they failed.
    over: u64,
    failed: Vec<u64>,
    is_writing: bool,
}

impl Recorder {
    /// Adds an entry durably, with those of whoever records at the same time.
    pub(crate) fn record(&self, store: &dyn Store, entry: NewEntry) -> Result<(), NodeError> {
        let mut state = self.state.lock();
        state.waiting.push(entry);
        let mine = state.round;
        while state.is_writing && state.over <= mine {
            self.done.wait(&mut state);
        }
        if state.over > mine {
            return if state.failed.contains(&mine) { Err(failed().into()) } else { Ok(()) };
        }
        let entries = std::mem::take(&mut state.waiting);
        state.round += 1;
        state.is_writing = true;
        drop(state);
        let mut round = Round { recorder: self, mine, is_done: false };
        let written = store.log(&entries);
        round.is_done = written.is_ok();
        drop(round);
        written.map(drop).map_err(Into::into)
    }
}

/// A round that is being written. However that ends, those who wait for it are told.
struct Round<'r> {
    recorder: &'r Recorder,
    mine: u64,
    is_done: bool,
}

impl Drop for Round<'_> {
    fn drop(&mut self) {
        let mut state = self.recorder.state.lock();
        state.is_writing = false;
        state.over = self.mine + 1;
        if !self.is_done {
            state.failed.retain(|round| round + REMEMBERED > self.mine);
            state.failed.push(self.mine);
        }
        drop(state);
        self.recorder.done.notify_all();
    }
}

fn failed() -> StoreError {
    StoreError::engine("add to the ledger", "whoever wrote for several at once failed; nothing was done: try again")
}

/// Nobody waits for the outcome of a round that is so long over.
const REMEMBERED: u64 = 1_024;

#[cfg(test)]
mod tests {
    use comity_store::conformance::MemoryStore;

    use super::*;

    #[test]
    fn whoever_records_at_once_is_written_once() {
        let (store, recorder) = (MemoryStore::default(), Recorder::default());
        std::thread::scope(|scope| {
            for writer in 0..8_u8 {
                let (store, recorder) = (&store, &recorder);
                scope.spawn(move || {
                    for n in 0..50 {
                        let entry = NewEntry { log: 2026, leaf: vec![writer, n], opening: Vec::new() };
                        recorder.record(store, entry).unwrap();
                        let all = store.entries(0, 1_000, false).unwrap();
                        assert!(all.iter().any(|kept| kept.leaf == [writer, n]), "on record when it returns");
                    }
                });
            }
        });
        assert_eq!(store.entries(0, 1_000, false).unwrap().len(), 400);
    }
}
