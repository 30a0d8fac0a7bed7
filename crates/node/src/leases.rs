//! Work that exactly one process does at a time: following sources, clocks, checkpoints, retention.

use std::time::{Duration, Instant};

use comity_store::{Fence, StoreError, Tenure, lease_key};
use parking_lot::Mutex;

use crate::{Node, NodeError};

/// One process's wish to hold one lease. Call [`Lease::tick`] several times within `silence`.
///
/// Only this process's own monotonic clock is used: a lease is taken over once it was *seen* not to change
/// for `silence`. Who holds it counts from the moment before its last renewal, so it stops believing in it
/// before anybody else may take it.
#[derive(Debug)]
pub struct Lease {
    name: String,
    holder: String,
    silence: Duration,
    state: State,
}

#[derive(Debug)]
enum State {
    /// Nothing is known.
    Unseen,
    /// Somebody else held it in this version when it was first seen.
    Theirs { version: u64, since: Instant },
    /// Held here, renewed last at this moment.
    Mine { version: u64, tenure: Tenure, renewed: Instant },
}

impl Lease {
    /// The wish of `holder` for the lease `name`, which moves on after so long a silence.
    pub fn new(name: &str, holder: &str, silence: Duration) -> Self {
        Self { name: name.to_owned(), holder: holder.to_owned(), silence, state: State::Unseen }
    }

    /// The lease's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The right to do the work at this moment, when it is held here.
    pub fn fence(&self, now: Instant) -> Option<Fence> {
        match &self.state {
            State::Mine { tenure, renewed, .. } if now.duration_since(*renewed) < self.silence => {
                Some(Fence { lease: self.name.clone(), token: tenure.token })
            }
            _ => None,
        }
    }

    /// Renews the lease, takes it where it is free or its holder silent, or watches who holds it.
    ///
    /// # Errors
    /// When the store fails; the lease is then kept for as long as it was renewed for.
    pub fn tick(&mut self, node: &Node, now: Instant) -> Result<Option<Fence>, NodeError> {
        let key = lease_key(&self.name);
        if let State::Mine { version, tenure, .. } = &self.state {
            let tenure = tenure.renewed();
            match node.store.put(&key, Some(*version), &tenure.to_bytes()) {
                Ok(version) => self.state = State::Mine { version, tenure, renewed: now },
                Err(StoreError::Changed(_)) => self.state = State::Unseen,
                Err(error) => return Err(error.into()),
            }
            return Ok(self.fence(now));
        }
        let found = node.store.value(&key)?;
        let found = found.map(|(version, bytes)| Ok::<_, StoreError>((version, Tenure::from_bytes(&bytes)?)));
        let next = match found.transpose()? {
            None => Some((None, Tenure::first(&self.holder))),
            Some((version, tenure)) if tenure.is_free || self.is_silent(version, now) => {
                Some((Some(version), tenure.next(&self.holder)))
            }
            Some(_) => None,
        };
        if let Some((expected, tenure)) = next {
            match node.store.put(&key, expected, &tenure.to_bytes()) {
                Ok(version) => self.state = State::Mine { version, tenure, renewed: now },
                // Somebody else was faster.
                Err(StoreError::Changed(_)) => self.state = State::Unseen,
                Err(error) => return Err(error.into()),
            }
        }
        Ok(self.fence(now))
    }

    /// Gives it back, so that the next one need not wait.
    ///
    /// # Errors
    /// When the store fails; others then wait until it was silent for long enough.
    pub fn free(&mut self, node: &Node) -> Result<(), NodeError> {
        let State::Mine { version, tenure, .. } = std::mem::replace(&mut self.state, State::Unseen) else {
            return Ok(());
        };
        match node.store.put(&lease_key(&self.name), Some(version), &tenure.freed().to_bytes()) {
            Ok(_) | Err(StoreError::Changed(_)) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    fn is_silent(&mut self, version: u64, now: Instant) -> bool {
        match &self.state {
            State::Theirs { version: seen, since } if *seen == version => now.duration_since(*since) >= self.silence,
            _ => {
                self.state = State::Theirs { version, since: now };
                false
            }
        }
    }
}

/// The leases one process wishes to hold, kept by whoever calls [`Turns::tick`].
#[derive(Debug)]
pub struct Turns {
    leases: Mutex<Vec<Lease>>,
    silence: Duration,
}

impl Turns {
    /// The wishes of `holder` for leases of these names.
    pub fn new(names: &[String], holder: &str, silence: Duration) -> Self {
        let leases = names.iter().map(|name| Lease::new(name, holder, silence)).collect();
        Self { leases: Mutex::new(leases), silence }
    }

    /// How long to sleep between two calls of [`Self::tick`].
    pub fn pause(&self) -> Duration {
        self.silence / 5
    }

    /// Renews, takes or watches each lease. A lease whose store fails is kept for as long as it was renewed for.
    pub fn tick(&self, node: &Node) {
        for lease in &mut *self.leases.lock() {
            // The next call tries again; until then the fence runs out by itself.
            drop(lease.tick(node, Instant::now()));
        }
    }

    /// The right to do this work at this moment.
    pub fn fence(&self, name: &str) -> Option<Fence> {
        self.leases.lock().iter().find(|lease| lease.name == name)?.fence(Instant::now())
    }

    /// The names of the leases held at this moment.
    pub fn held(&self) -> Vec<String> {
        let leases = self.leases.lock();
        let held = leases.iter().filter(|lease| lease.fence(Instant::now()).is_some());
        held.map(|lease| lease.name.clone()).collect()
    }

    /// Gives all of them back.
    pub fn free(&self, node: &Node) {
        for lease in &mut *self.leases.lock() {
            // Who waits for it waits a little longer.
            drop(lease.free(node));
        }
    }
}
