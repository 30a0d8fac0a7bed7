use std::io::Cursor;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::Context as _;
use comity_base::Timestamp;
use comity_crypto::sha256;
use comity_node::intake::{Input, IntakeOptions};
use comity_node::{Follow, FollowKind, FollowProgress, NodeError, SourceChange};
use comity_store::{Fence, StoreError};
use comity_taxii::{Backoff, Client, Failure, FailureKind};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::runtime::Runtime;

use super::web::Web;
use super::{Follows, misp, push, taxii};
use crate::desk::{NoTurn, Patience};
use crate::output::{grouped, printable};

/// Does what there is to do for one server, step by step.
pub(crate) struct Runner<'f> {
    pub(super) follows: Follows<'f>,
    name: String,
    runtime: Runtime,
    fence: Option<Fence>,
    /// Done although it is not due, or rests.
    by_hand: bool,
    /// Connections, kept as long as one step follows another.
    pub(super) taxii: Option<Client>,
    pub(super) web: Option<Web>,
}

/// What comes after a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// The next step at once.
    Now,
    /// Nothing before this moment.
    At(Timestamp),
    /// It was removed, or rests.
    Gone,
}

/// Why a step was not finished. Nothing was moved on.
#[derive(Debug)]
pub(crate) enum Halt {
    /// The process is to end.
    Stopped,
    /// Somebody else went on, here or in another process.
    Overtaken,
    /// The store, or what it holds.
    Broken(anyhow::Error),
}

impl<E: Into<anyhow::Error>> From<E> for Halt {
    fn from(error: E) -> Self {
        Self::Broken(error.into())
    }
}

/// One server and how far it is, as read for one step.
pub(super) struct Kept {
    pub(super) follow: Follow,
    pub(super) progress: FollowProgress,
    version: Option<u64>,
}

/// What an intake brought.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Taken {
    pub(super) added: u64,
}

impl Kept {
    /// Where it stands; a fresh one begins at the beginning.
    pub(super) fn state<T: DeserializeOwned + Default>(&self) -> anyhow::Result<T> {
        if self.progress.state.is_null() {
            return Ok(T::default());
        }
        let state = serde_json::from_value(self.progress.state.clone());
        state.with_context(|| format!("what is kept of {} does not read back; remove it and add it again", self.name()))
    }

    pub(super) fn set_state(&mut self, state: &impl Serialize) -> anyhow::Result<()> {
        self.progress.state = serde_json::to_value(state)?;
        Ok(())
    }

    pub(super) fn name(&self) -> &str {
        &self.follow.name
    }

    pub(super) fn every(&self) -> Duration {
        Duration::from_secs(self.follow.every_seconds.max(1))
    }

    /// Pauses after failures, different for each name.
    pub(super) fn backoff(&self) -> Backoff {
        let seed = u64::from_be_bytes(*sha256(self.name().as_bytes()).first_chunk().unwrap_or(&[0; 8]));
        let usual = Backoff::default();
        Backoff { first: usual.first.min(self.every()), seed, ..usual }
    }

    /// The server gave what it was asked for.
    pub(super) fn succeeded(&mut self, now: Timestamp) {
        self.progress.last_success = Some(now);
        self.outcome(0, None, now);
    }

    /// Something failed; says when to try again.
    pub(super) fn failed(&mut self, failure: &Failure, now: Timestamp) -> Timestamp {
        let failures = self.progress.failures.saturating_add(1);
        self.outcome(failures, Some(failure.text.clone()), now);
        self.progress.next_due = self.backoff().due(failures, failure, now);
        self.progress.next_due
    }

    /// Failures in a row, and the latest in words.
    pub(super) fn outcome(&mut self, failures: u32, trouble: Option<String>, now: Timestamp) {
        let progress = &mut self.progress;
        progress.failures = failures;
        progress.trouble_since = trouble.as_ref().map(|_| progress.trouble_since.unwrap_or(now));
        progress.trouble = trouble.map(|text| printable(&text));
    }
}

impl<'f> Runner<'f> {
    /// For the server of this name.
    pub(crate) fn new(follows: Follows<'f>, name: &str) -> anyhow::Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let name = name.to_owned();
        Ok(Self { follows, name, runtime, fence: None, by_hand: false, taxii: None, web: None })
    }

    /// One that does its next step now, whether it is due or not.
    pub(crate) fn by_hand(self) -> Self {
        Self { by_hand: true, ..self }
    }

    /// Does the next step, when it is due.
    pub(crate) fn step(&mut self, fence: Option<Fence>) -> Result<Next, Halt> {
        self.fence = fence;
        let Some(follow) = self.follows.node.follow_named(&self.name)? else { return Ok(Next::Gone) };
        if follow.paused && !self.by_hand {
            return Ok(Next::Gone);
        }
        let (version, progress) = self.follows.node.follow_progress(&follow)?;
        let mut kept = Kept { follow, progress, version };
        let forced = std::mem::take(&mut self.by_hand);
        if forced {
            kept.progress.next_due = Timestamp::default();
        }
        if self.follows.ctx.now() < kept.progress.next_due {
            return Ok(Next::At(kept.progress.next_due));
        }
        let before = kept.progress.trouble.clone();
        let next = match kept.follow.kind {
            FollowKind::Taxii => taxii::step(self, &mut kept),
            FollowKind::Push => push::step(self, &mut kept),
            FollowKind::MispFeed => misp::feed(self, &mut kept),
            FollowKind::Misp => misp::server(self, &mut kept),
        };
        if !matches!(next, Ok(Next::Now)) {
            // Secrets and certificates are read anew for the next round.
            (self.taxii, self.web) = (None, None);
        }
        if let Some(trouble) = kept.progress.trouble.filter(|trouble| before.as_ref() != Some(trouble)) {
            self.follows.desk.note(format_args!("comity: {}: {trouble}", self.name));
        }
        next
    }

    /// Whether it goes on after this step by hand.
    pub(crate) fn progress(&self) -> anyhow::Result<FollowProgress> {
        let follow = self.follows.node.known_follow(&self.name)?;
        Ok(self.follows.node.follow_progress(&follow)?.1)
    }

    /// Waits for the network, no longer than the process goes on.
    pub(super) fn wait<T>(&self, future: impl Future<Output = T>) -> Result<T, Halt> {
        let stop = self.follows.stop;
        let stopped = async {
            while !stop.load(Ordering::Relaxed) {
                tokio::time::sleep(STOP).await;
            }
        };
        self.runtime.block_on(async {
            tokio::select! {
                done = future => Ok(done),
                () = stopped => Err(Halt::Stopped),
            }
        })
    }

    /// Takes streams in as one batch of the source, and counts what came. Everything is durable when this returns.
    pub(super) fn take(&self, kept: &mut Kept, inputs: Vec<(String, Vec<u8>)>) -> Result<Taken, Halt> {
        let Follows { desk, node, ctx, strict, stop, .. } = self.follows;
        let source = node.set_source(ctx, &kept.follow.organisation, &SourceChange::default())?;
        // What was fetched is taken in as a whole; it is at most one page.
        let whole = AtomicBool::new(false);
        let noted = IntakeOptions::noted(format!("follow {}", kept.name()), &whole);
        let options = IntakeOptions { strict, objects_only: true, fence: self.fence.clone(), ..noted };
        let is_over = || stop.load(Ordering::Relaxed);
        let patience = Patience { most: None, is_over: &is_over, told: &|_| {} };
        let what = format!("following {}", kept.name());
        let turn = self.follows.line.map(|line| line.take(&what, node, ctx, &patience)).transpose();
        let _turn = turn.map_err(|_: NoTurn| Halt::Stopped)?;
        let inputs: Vec<(String, Arc<[u8]>)> = inputs.into_iter().map(|(name, bytes)| (name, bytes.into())).collect();
        let report = loop {
            let streams = inputs.iter().cloned();
            let streams = streams.map(|(name, bytes)| Input { name, reader: Box::new(Cursor::new(bytes)) });
            match node.intake(ctx, &source, &mut streams.map(Ok), &options) {
                // Somebody writes a long batch; nothing was begun.
                Err(NodeError::Store(StoreError::BatchState { .. })) if !is_over() => {}
                Err(NodeError::Store(StoreError::Fenced { .. })) => return Err(Halt::Overtaken),
                done => break done?,
            }
        };
        let counts = report.batch.as_ref().map(|batch| batch.counts).unwrap_or_default();
        for file in &report.files {
            if let Some(why) = &file.failed {
                kept.progress.notice(printable(&format!("{} was not read to its end: {why}", file.name)));
            }
        }
        let progress = &mut kept.progress;
        progress.objects += counts.added;
        progress.unchanged += counts.unchanged;
        progress.set_aside += counts.rejected;
        if counts.added > 0 {
            progress.last_new = Some(ctx.now());
        }
        if counts.added > 0 || counts.rejected > 0 || self.follows.turns.is_none() {
            desk.say(format_args!(
                "{}: {} stored, {} unchanged, {} set aside.",
                kept.name(),
                grouped(counts.added),
                grouped(counts.unchanged),
                grouped(counts.rejected)
            ))?;
        }
        Ok(Taken { added: counts.added })
    }

    /// Keeps how far it is; from now on it goes on from there.
    pub(super) fn save(&self, kept: &mut Kept) -> Result<(), Halt> {
        let node = self.follows.node;
        let saved = node.keep_progress(self.fence.as_ref(), &self.name, kept.version, &kept.progress)?;
        kept.version = Some(saved.ok_or(Halt::Overtaken)?);
        Ok(())
    }

    /// Says something that is worth hearing when it is done by hand.
    pub(super) fn tell(&self, kept: &Kept, text: &str) {
        if self.follows.turns.is_none() {
            // Nobody listens any more.
            drop(self.follows.desk.say(format_args!("{}: {}", kept.name(), printable(text))));
        }
    }

    pub(super) fn now(&self) -> Timestamp {
        self.follows.ctx.now()
    }
}

/// A failure on this side, or a server that makes no sense.
pub(super) fn failure(kind: FailureKind, text: impl Into<String>) -> Failure {
    Failure { kind, retry_after: None, text: text.into() }
}

/// The moment so long after another.
pub(super) fn later(moment: Timestamp, pause: Duration) -> Timestamp {
    let micros = i64::try_from(pause.as_micros()).unwrap_or(i64::MAX);
    Timestamp::from_micros(moment.as_micros().saturating_add(micros))
}

/// How often it is looked whether the process is to end.
const STOP: Duration = Duration::from_millis(100);
