//! What a node does with servers that are no nodes: it follows TAXII collections, MISP feeds and MISP servers, and
//! pushes to TAXII collections.
//!
//! One step is one page or one part of a feed: fetched, taken in, and only when that is durable is the place kept from
//! where it goes on. A process that ends between the two does one step twice, and the store knows the objects again.

mod misp;
mod push;
mod remote;
mod step;
mod taxii;
mod web;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use comity_node::{Ctx, Node, Turns};

pub(crate) use remote::{plain_address, secret};
pub(crate) use step::{Halt, Next, Runner};

use crate::desk::{Desk, Line};

/// What following needs of the process it runs in.
#[derive(Clone, Copy)]
pub(crate) struct Follows<'f> {
    pub(crate) desk: &'f Desk,
    pub(crate) node: &'f Arc<Node>,
    pub(crate) ctx: &'f Ctx,
    /// Under whose lease it is done; none when somebody does it by hand.
    pub(crate) turns: Option<&'f Turns>,
    /// Where those stand who want to write.
    pub(crate) line: Option<&'f Arc<Line>>,
    pub(crate) strict: bool,
    pub(crate) stop: &'f AtomicBool,
}

/// The lease under which one process of several follows and pushes.
pub(crate) const LEASE: &str = "follows";

impl Follows<'_> {
    /// Follows and pushes until the process is stopped: a slow server keeps nobody else waiting.
    pub(crate) fn run(self) {
        thread::scope(|scope| {
            let mut running: BTreeMap<String, thread::ScopedJoinHandle<'_, ()>> = BTreeMap::new();
            while !self.stop.load(Ordering::Relaxed) {
                let ended = running.iter().filter(|(_, thread)| thread.is_finished()).map(|(name, _)| name.clone());
                for name in ended.collect::<Vec<_>>() {
                    if running.remove(&name).is_some_and(|thread| thread.join().is_err()) {
                        self.desk.note(format_args!("comity: following {name} failed unexpectedly; it is begun again"));
                    }
                }
                let all = self.node.follows().unwrap_or_default();
                for follow in all.into_iter().filter(|follow| !follow.paused) {
                    let name = follow.name;
                    running.entry(name.clone()).or_insert_with(|| scope.spawn(move || self.keep(&name)));
                }
                thread::sleep(LOOK);
            }
        });
    }

    /// Follows one of them until it is paused, removed, or the process is stopped.
    fn keep(self, name: &str) {
        let told = |error: anyhow::Error| self.desk.error(&error.context(format!("following {name}")));
        let mut runner = match Runner::new(self, name) {
            Ok(runner) => runner,
            Err(error) => {
                told(error);
                return thread::sleep(PATIENCE);
            }
        };
        while !self.stop.load(Ordering::Relaxed) {
            let fence = self.turns.and_then(|turns| turns.fence(LEASE));
            if !self.node.is_ready() || fence.is_none() {
                thread::sleep(LOOK);
                continue;
            }
            match runner.step(fence) {
                Ok(Next::Now) => {}
                // When overtaken: whoever has the lease, or did it by hand, went on from where this began.
                Ok(Next::At(_)) | Err(Halt::Overtaken) => thread::sleep(LOOK),
                Ok(Next::Gone) | Err(Halt::Stopped) => return,
                Err(Halt::Broken(error)) => {
                    told(error);
                    return thread::sleep(PATIENCE);
                }
            }
        }
    }
}

/// How often it is looked whether something is due.
const LOOK: Duration = Duration::from_millis(500);
/// How long what cannot even be tried rests.
const PATIENCE: Duration = Duration::from_secs(5);
