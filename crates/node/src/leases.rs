//! Work that exactly one process does at a time: following sources, clocks, checkpoints, retention.

use std::time::{Duration, Instant};

use comity_store::{Fence, Store, StoreError, Tenure, lease_key};
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
    pub fn tick(&mut self, store: &dyn Store, now: Instant) -> Result<Option<Fence>, NodeError> {
        let key = lease_key(&self.name);
        if let State::Mine { version, tenure, .. } = &self.state {
            let tenure = tenure.renewed();
            match store.put(&key, Some(*version), &tenure.to_bytes()) {
                Ok(version) => self.state = State::Mine { version, tenure, renewed: now },
                Err(StoreError::Changed(_)) => self.state = State::Unseen,
                Err(error) => return Err(error.into()),
            }
            return Ok(self.fence(now));
        }
        let found = store.value(&key)?;
        let found = found.map(|(version, bytes)| Ok::<_, StoreError>((version, Tenure::from_bytes(&bytes)?)));
        let next = match found.transpose()? {
            None => Some((None, Tenure::first(&self.holder))),
            Some((version, tenure)) if tenure.is_free || self.is_silent(version, now) => {
                Some((Some(version), tenure.next(&self.holder)))
            }
            Some(_) => None,
        };
        if let Some((expected, tenure)) = next {
            match store.put(&key, expected, &tenure.to_bytes()) {
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
    pub fn free(&mut self, store: &dyn Store) -> Result<(), NodeError> {
        let State::Mine { version, tenure, .. } = std::mem::replace(&mut self.state, State::Unseen) else {
            return Ok(());
        };
        match store.put(&lease_key(&self.name), Some(version), &tenure.freed().to_bytes()) {
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
            drop(lease.tick(&*node.store, Instant::now()));
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
            drop(lease.free(&*node.store));
        }
    }
}

#[cfg(test)]
mod tests {
    use comity_store::conformance::MemoryStore;

    use super::*;

    const SILENCE: Duration = Duration::from_secs(6);

    fn lease(holder: &str) -> Lease {
        Lease::new("follow feeds", holder, SILENCE)
    }

    fn after(start: Instant, seconds: f64) -> Instant {
        start + Duration::from_secs_f64(seconds)
    }

    #[test]
    fn one_holds_it_and_the_other_waits() {
        let (store, t) = (MemoryStore::side_by_side(), Instant::now());
        let (mut one, mut other) = (lease("one"), lease("other"));
        assert_eq!(one.tick(&store, t).unwrap().unwrap().token, 1);
        for tenth in 0..200 {
            let now = after(t, f64::from(tenth) / 10.0);
            assert!(one.tick(&store, now).unwrap().is_some());
            assert!(other.tick(&store, now).unwrap().is_none(), "as long as it is renewed");
        }
    }

    #[test]
    fn a_silent_holders_work_moves_within_ten_seconds_and_it_stops_believing_before_that() {
        let (store, t) = (MemoryStore::side_by_side(), Instant::now());
        let (mut one, mut other) = (lease("one"), lease("other"));
        one.tick(&store, t).unwrap();
        // The other looks at whatever moment; the first one never comes back.
        let taken = (0..20).map(|n| after(t, 0.9 + 1.2 * f64::from(n))).find(|now| {
            let taken = other.tick(&store, *now).unwrap().is_some();
            assert!(!(taken && one.fence(*now).is_some()), "never two who believe in it");
            taken
        });
        let took = taken.unwrap() - t;
        assert!((SILENCE..Duration::from_secs(10)).contains(&took), "{took:?}");
        // Thawed, the first one is told that it lost it, and what it does under its old token is refused.
        assert!(one.tick(&store, taken.unwrap()).unwrap().is_none());
        let old = Fence { lease: "follow feeds".into(), token: 1 };
        assert!(matches!(store.put_under(Some(&old), "cursor", None, b"1"), Err(StoreError::Fenced { .. })));
        let new = other.fence(taken.unwrap()).unwrap();
        store.put_under(Some(&new), "cursor", None, b"2").unwrap();
    }

    #[test]
    fn given_back_it_is_free_at_once() {
        let (store, t) = (MemoryStore::side_by_side(), Instant::now());
        let (mut one, mut other) = (lease("one"), lease("other"));
        let fence = one.tick(&store, t).unwrap().unwrap();
        one.free(&store).unwrap();
        assert!(one.fence(t).is_none());
        assert!(store.put_under(Some(&fence), "cursor", None, b"1").is_err(), "what is given back is gone");
        assert_eq!(other.tick(&store, t).unwrap().unwrap().token, 2);
    }

    #[test]
    fn of_many_who_reach_for_it_one_gets_it() {
        let (store, t) = (MemoryStore::side_by_side(), Instant::now());
        let mut all: Vec<Lease> = (0..5).map(|n| lease(&n.to_string())).collect();
        all[0].tick(&store, t).unwrap();
        for lease in &mut all[1..] {
            lease.tick(&store, t).unwrap();
        }
        let late = after(t, 7.0);
        let held: Vec<bool> = all[1..].iter_mut().map(|lease| lease.tick(&store, late).unwrap().is_some()).collect();
        assert_eq!(held, [true, false, false, false]);
    }
}
