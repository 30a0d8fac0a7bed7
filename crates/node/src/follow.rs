//! Following the log that other processes write to as well.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use comity_base::Position;

use crate::{Node, NodeError};

/// What a following process does between two looks.
pub struct Following<'f> {
    /// Set from outside to stop.
    pub stop: &'f AtomicBool,
    /// Told after every look: the position reached, or why it was not.
    pub told: &'f dyn Fn(&Result<Position, NodeError>),
}

impl Node {
    /// Keeps this process up to date until it is stopped: wakes when something becomes visible, and looks
    /// anyway from time to time. A failure is told and tried again; nothing is skipped by it.
    pub fn follow(&self, following: &Following<'_>) {
        let (mut settled, mut forgot) = (Instant::now(), Instant::now());
        while !following.stop.load(Ordering::Relaxed) {
            let reached = self.store.wait(self.position(), LOOK).map_err(NodeError::from);
            let reached = reached.and_then(|_| self.catch_up());
            (following.told)(&reached);
            if reached.is_err() {
                std::thread::sleep(LOOK);
            }
            if forgot.elapsed() > FORGET {
                self.forget();
                forgot = Instant::now();
            }
            if settled.elapsed() > SETTLE {
                // Not being able to write what is derived costs time at the next start and nothing else.
                drop(self.settle());
                settled = Instant::now();
            }
        }
    }

    /// Waits until queries here see everything up to a position, as whoever wrote it elsewhere expects. Says
    /// whether that came about in time.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn wait_for(&self, position: Position, most: Duration) -> Result<bool, NodeError> {
        let asked = Instant::now();
        while self.position() < position {
            let left = most.saturating_sub(asked.elapsed());
            if left.is_zero() {
                return Ok(false);
            }
            if self.store.wait(Position(position.0.saturating_sub(1)), left)?.visible >= position {
                self.catch_up()?;
            }
        }
        Ok(true)
    }
}

const LOOK: Duration = Duration::from_secs(1);
/// How long a setting that another process changed may go unnoticed.
const FORGET: Duration = Duration::from_secs(2);
const SETTLE: Duration = Duration::from_mins(1);
