use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

use comity_node::{Ctx, Node};
use comity_store::{BatchStart, StoreError};
use parking_lot::{Condvar, Mutex};

/// The line of those in one process who want to write a batch: the embedded store has one open at a time.
/// Whoever came first is served first.
#[derive(Debug, Default)]
pub(crate) struct Line {
    queue: Mutex<Queue>,
    moved: Condvar,
}

#[derive(Debug, Default)]
struct Queue {
    next: u64,
    waiting: VecDeque<u64>,
    writing: Option<Writing>,
}

/// Who writes.
#[derive(Clone, Debug)]
struct Writing {
    what: String,
    since: Instant,
}

/// How long somebody stands in line, and what happens meanwhile.
pub(crate) struct Patience<'p> {
    /// At most so long; without end when none.
    pub(crate) most: Option<Duration>,
    /// Whether there is no point in waiting any more.
    pub(crate) is_over: &'p dyn Fn() -> bool,
    /// Told once who writes, when there is a wait.
    pub(crate) told: &'p dyn Fn(&str),
}

/// Why there was no turn.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NoTurn {
    /// It took too long.
    #[error(transparent)]
    Busy(StoreError),
    /// Nobody waits any more.
    #[error("stopped while waiting for its turn to write; nothing was done")]
    Stopped,
}

/// The right to write a batch, until it is dropped.
pub(crate) struct Turn {
    line: Arc<Line>,
    node: Arc<Node>,
    ctx: Ctx,
}

impl Line {
    /// Stands in line until it is one's turn.
    pub(crate) fn take(
        self: &Arc<Self>,
        what: &str,
        node: &Arc<Node>,
        ctx: &Ctx,
        patience: &Patience<'_>,
    ) -> Result<Turn, NoTurn> {
        let began = Instant::now();
        let mut queue = self.queue.lock();
        let number = queue.next;
        queue.next += 1;
        queue.waiting.push_back(number);
        let mut is_told = false;
        while let Some(before) = queue.before(number) {
            let late = patience.most.is_some_and(|most| began.elapsed() >= most);
            if late || (patience.is_over)() {
                queue.waiting.retain(|other| *other != number);
                self.moved.notify_all();
                return Err(if late { NoTurn::Busy(StoreError::Busy { holder: before }) } else { NoTurn::Stopped });
            }
            if !is_told {
                is_told = true;
                // Telling may take as long as whoever is told likes; the line moves on meanwhile.
                parking_lot::MutexGuard::unlocked(&mut queue, || (patience.told)(&before));
                continue;
            }
            self.moved.wait_for(&mut queue, LOOK);
        }
        queue.waiting.pop_front();
        queue.writing = Some(Writing { what: what.to_owned(), since: Instant::now() });
        Ok(Turn { line: Arc::clone(self), node: Arc::clone(node), ctx: ctx.clone() })
    }
}

impl Queue {
    /// Who comes before this number; `None` when it is its turn.
    fn before(&self, number: u64) -> Option<String> {
        if let Some(writing) = &self.writing {
            return Some(format!("{}, for {} s", writing.what, writing.since.elapsed().as_secs()));
        }
        (self.waiting.front() != Some(&number)).then(|| "another command that came earlier".to_owned())
    }
}

impl Turn {
    /// Gives up the batch that a panic left open, or nobody could write any more.
    fn give_up(&self) {
        let start = BatchStart {
            owner: self.ctx.organisation.clone(),
            note: "after a command that failed unexpectedly".to_owned(),
            now: self.ctx.now(),
            fence: None,
            entries: Vec::new(),
        };
        let store = self.node.store();
        // The store tells its open batch only to somebody who wants to open another. A store that fails here has
        // failed before, and the next batch tells why.
        drop(match store.begin(&start) {
            Ok(batch) | Err(StoreError::BatchState { batch, .. }) => store.abandon(batch),
            Err(error) => Err(error),
        });
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.give_up();
        }
        self.line.queue.lock().writing = None;
        self.line.moved.notify_all();
    }
}

/// How often somebody who waits looks whether it is over.
const LOOK: Duration = Duration::from_millis(100);

#[cfg(test)]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};
    use std::sync::atomic::{AtomicBool, Ordering};

    use super::super::testing::Opened;
    use super::*;

    fn take(opened: &Opened, most: Duration, is_over: bool) -> Result<Turn, NoTurn> {
        let patience = Patience { most: Some(most), is_over: &|| is_over, told: &|_| {} };
        opened.line.take("`ingest` of juhan", &opened.node, &opened.ctx, &patience)
    }

    #[test]
    fn one_writes_and_the_next_waits_or_hears_who_it_is() {
        let opened = Opened::new();
        let turn = take(&opened, Duration::ZERO, false).unwrap();
        let late = take(&opened, Duration::from_millis(20), false).err().unwrap();
        assert!(late.to_string().contains("`ingest` of juhan"), "{late}");
        assert!(matches!(take(&opened, Duration::from_mins(1), true), Err(NoTurn::Stopped)));
        let done = AtomicBool::new(false);
        std::thread::scope(|scope| {
            let second = scope.spawn(|| {
                let turn = take(&opened, Duration::from_mins(1), false).unwrap();
                assert!(done.load(Ordering::SeqCst), "it came before its turn");
                drop(turn);
            });
            std::thread::sleep(Duration::from_millis(50));
            done.store(true, Ordering::SeqCst);
            drop(turn);
            second.join().unwrap();
        });
        drop(take(&opened, Duration::ZERO, false).unwrap());
    }

    #[test]
    fn a_panic_in_the_middle_of_a_batch_keeps_nobody_else_from_writing() {
        let opened = Opened::new();
        let ended = catch_unwind(AssertUnwindSafe(|| {
            let _turn = take(&opened, Duration::ZERO, false).unwrap();
            opened.node.store().begin(&Opened::start(&opened.ctx)).unwrap();
            panic!("for this test");
        }));
        assert!(ended.is_err());
        let _turn = take(&opened, Duration::ZERO, false).unwrap();
        let batch = opened.node.store().begin(&Opened::start(&opened.ctx)).unwrap();
        opened.node.store().abandon(batch).unwrap();
    }
}
