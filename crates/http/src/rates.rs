//! How often something may be done: requests of one key and of one organisation, new connections of one address. One that
//! asks too fast is told when to come again, and takes nothing from others.

use std::collections::HashMap;
use std::hash::Hash;
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use comity_base::OrgName;
use governor::clock::{Clock as _, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use parking_lot::Mutex;

use crate::principal::Principal;
use crate::problem::Problem;

/// Rates of requests.
pub struct Rates {
    keys: Rate<(OrgName, String)>,
    peers: Rate<OrgName>,
    own: Rate<String>,
    strangers: Rate<Net>,
    /// Secrets that are not remembered and have to be looked up: whoever guesses costs little.
    unknown: Rate<Net>,
}

/// A rate for each of many.
pub struct Rate<K: Hash + Eq + Clone>(Option<Limiter<K>>);

struct Limiter<K: Hash + Eq + Clone> {
    rate: DefaultKeyedRateLimiter<K>,
    clock: DefaultClock,
    asked: AtomicU32,
}

/// An address as one sees it who hands them out: of version 6, what one customer gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Net(IpAddr);

/// Who is connected now, by address.
#[derive(Clone, Debug, Default)]
pub(crate) struct Crowd(Arc<Mutex<HashMap<Net, usize>>>);

/// A connection that is counted while it lasts.
#[derive(Debug)]
pub(crate) struct Present {
    crowd: Crowd,
    net: Net,
}

impl Crowd {
    /// Counts a connection, where there are not so many of its address already.
    pub(crate) fn enter(&self, net: Net, most: usize) -> Option<Present> {
        let mut known = self.0.lock();
        let here = known.entry(net).or_default();
        if *here >= most {
            return None;
        }
        *here += 1;
        Some(Present { crowd: self.clone(), net })
    }
}

impl Drop for Present {
    fn drop(&mut self) {
        let mut known = self.crowd.0.lock();
        if let Some(here) = known.get_mut(&self.net) {
            *here -= 1;
            if *here == 0 {
                known.remove(&self.net);
            }
        }
    }
}

impl Rates {
    /// So many requests of one key in a second; twice as many of one organisation. 0 counts nothing.
    pub fn new(requests: u32) -> Self {
        Self {
            keys: Rate::new(requests, BURST),
            peers: Rate::new(requests.saturating_mul(2), BURST),
            own: Rate::new(requests.saturating_mul(OWN), BURST),
            strangers: Rate::new(requests.min(STRANGERS), BURST),
            unknown: Rate::new(requests.min(LOOKUPS), BURST),
        }
    }

    /// Whether a secret that is not remembered may be looked up now.
    pub(crate) fn check_unknown(&self, from: IpAddr) -> Result<(), Problem> {
        self.unknown.check(&Net::from(from)).map_err(|wait| Problem::too_fast(wait.as_secs() + 1))
    }

    /// Whether a request may be served now.
    pub(crate) fn check(&self, who: Option<&Principal>, from: Option<IpAddr>) -> Result<(), Problem> {
        let wait = match who {
            // How much a program of one's own may ask for is in its budget.
            Some(who) if who.account.is_some() => self.own.check(&who.by),
            Some(who) => {
                let key = self.keys.check(&(who.organisation.clone(), who.by.clone()));
                key.and_then(|()| self.peers.check(&who.organisation))
            }
            None => from.map_or(Ok(()), |from| self.strangers.check(&Net::from(from))),
        };
        wait.map_err(|wait| Problem::too_fast(wait.as_secs() + 1))
    }
}

impl<K: Hash + Eq + Clone> Rate<K> {
    /// So many in a second; of a sudden as many as in `burst` seconds.
    pub fn new(a_second: u32, burst: u32) -> Self {
        let most =
            NonZeroU32::new(a_second).map(|rate| (rate, rate.saturating_mul(NonZeroU32::new(burst).unwrap_or(rate))));
        Self(most.map(|(rate, burst)| Limiter {
            rate: RateLimiter::keyed(Quota::per_second(rate).allow_burst(burst)),
            clock: DefaultClock::default(),
            asked: AtomicU32::new(0),
        }))
    }

    /// Counts one; or says how long to wait.
    ///
    /// # Errors
    /// How long to wait.
    pub fn check(&self, key: &K) -> Result<(), Duration> {
        let Some(limiter) = &self.0 else { return Ok(()) };
        // Those who have not come for long are forgotten: memory is for those who come.
        if limiter.asked.fetch_add(1, Ordering::Relaxed).is_multiple_of(SWEEP) {
            limiter.rate.retain_recent();
        }
        limiter.rate.check_key(key).map_err(|not| not.wait_time_from(limiter.clock.now()))
    }
}

impl From<IpAddr> for Net {
    fn from(address: IpAddr) -> Self {
        let IpAddr::V6(address) = address.to_canonical() else { return Self(address.to_canonical()) };
        let [a, b, c, d, ..] = address.segments();
        Self(IpAddr::V6([a, b, c, d, 0, 0, 0, 0].into()))
    }
}

/// So many times as many of a program of this organisation as of a peer's.
const OWN: u32 = 40;
/// Seconds' worth that may come at once.
const BURST: u32 = 4;
/// Secrets of one address that are looked up in a second, at most.
const LOOKUPS: u32 = 20;
/// Most requests a second of one address that has not shown who it is.
const STRANGERS: u32 = 50;
/// After so many it is looked who can be forgotten.
const SWEEP: u32 = 10_000;

#[cfg(test)]
mod tests {
    use comity_node::Purpose;

    use super::*;

    fn principal(organisation: &str, by: &str) -> Principal {
        Principal {
            organisation: OrgName::parse(organisation).unwrap(),
            by: by.into(),
            purpose: Purpose::default(),
            node: None,
            account: None,
        }
    }

    #[test]
    fn one_that_asks_too_fast_takes_nothing_from_others() {
        let rates = Rates::new(10);
        let (mut served, fast) = (0, principal("fast", "1"));
        let problem = loop {
            match rates.check(Some(&fast), None) {
                Ok(()) => served += 1,
                Err(problem) => break problem,
            }
        };
        assert!((40..=60).contains(&served), "{served}");
        assert!(problem.status == axum::http::StatusCode::TOO_MANY_REQUESTS && problem.retry_after.is_some());
        assert!(rates.check(Some(&principal("slow", "1")), None).is_ok());
        assert!(rates.check(Some(&principal("fast", "2")), None).is_ok(), "another key of the same");
        let address = Some("192.0.2.1".parse().unwrap());
        assert!(rates.check(None, address).is_ok());
    }

    #[test]
    fn an_organisation_with_many_keys_is_held_as_one() {
        let rates = Rates::new(10);
        let served = (0..1_000).filter(|n| rates.check(Some(&principal("org", &n.to_string())), None).is_ok()).count();
        assert!((80..=120).contains(&served), "{served}");
    }

    #[test]
    fn where_nothing_is_counted_everything_is_served() {
        let rates = Rates::new(0);
        assert!((0..100_000).all(|_| rates.check(Some(&principal("fast", "1")), None).is_ok()));
    }

    #[test]
    fn one_address_does_not_take_every_place() {
        let (crowd, net) = (Crowd::default(), Net::from("192.0.2.1".parse::<IpAddr>().unwrap()));
        let here: Vec<_> = (0..5).filter_map(|_| crowd.enter(net, 3)).collect();
        assert_eq!(here.len(), 3);
        assert!(crowd.enter(Net::from("192.0.2.2".parse::<IpAddr>().unwrap()), 3).is_some());
        drop(here);
        assert!(crowd.enter(net, 3).is_some() && crowd.0.lock().is_empty());
    }

    #[test]
    fn addresses_of_one_customer_are_one() {
        let net = |text: &str| Net::from(text.parse::<IpAddr>().unwrap());
        assert_eq!(net("2001:db8:1:2::1"), net("2001:db8:1:2:ffff::9"));
        assert_ne!(net("2001:db8:1:2::1"), net("2001:db8:1:3::1"));
        assert_eq!(net("::ffff:192.0.2.1"), net("192.0.2.1"));
    }
}
