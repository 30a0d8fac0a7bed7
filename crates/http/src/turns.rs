//! Who is served when many want to be: so much at once for each organisation, so that one cannot take all places.

use std::collections::HashMap;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::middleware::Next;
use axum::response::Response;
use comity_base::OrgName;
use parking_lot::Mutex;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::listen::Caller;
use crate::principal::{Acting, Principal};
use crate::problem::Problem;
use crate::rates::Net;
use crate::site::{Site, soon};

/// Who a request comes from, found out once, or why it is not served now.
pub type Arrived = Result<Option<Principal>, Problem>;

/// Whose turn it is: that of an organisation, or of an address where people sit or strangers come from. One address keeps
/// nobody else from coming in.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Who {
    Known(OrgName),
    From(Option<Net>),
    /// Somebody of this organisation.
    Account(String),
}

/// What is going on for each organisation, and for each address of those who have not shown to be of one.
#[derive(Debug, Default)]
pub struct Turns {
    requests: Places<REQUESTS>,
    own: Places<OWN>,
    streams: Places<STREAMS>,
}

#[derive(Debug, Default)]
struct Places<const MOST: usize>(Mutex<HashMap<Who, Arc<Semaphore>>>);

impl<const MOST: usize> Places<MOST> {
    fn of(&self, who: Who) -> Arc<Semaphore> {
        let mut known = self.0.lock();
        // As many as there are organisations with a credential, and addresses for which something is going on.
        if known.len() >= MANY {
            known.retain(|who, places| matches!(who, Who::Known(_)) || Arc::strong_count(places) > 1);
        }
        Arc::clone(known.entry(who).or_insert_with(|| Arc::new(Semaphore::new(MOST))))
    }
}

impl Turns {
    /// A turn for one request; waits a moment for one of the same organisation, or from the same address, to come to its
    /// end.
    async fn request(&self, who: Who) -> Result<OwnedSemaphorePermit, Problem> {
        let is_own = matches!(who, Who::Account(_));
        let places = if is_own { self.own.of(who) } else { self.requests.of(who) };
        let turn = soon(&places, 1).await;
        turn.ok_or_else(|| Problem::too_many(if is_own { OWN } else { REQUESTS }, "requests"))
    }

    /// A turn for a stream that goes on for ever.
    ///
    /// # Errors
    /// When the organisation has as many as it may.
    pub fn stream(&self, who: &OrgName) -> Result<OwnedSemaphorePermit, Problem> {
        let places = self.streams.of(Who::Known(who.clone()));
        places.try_acquire_owned().map_err(|_| Problem::too_many(STREAMS, "streams"))
    }

    /// A turn for a page of somebody that is told of news.
    ///
    /// # Errors
    /// When the account has as many as it may.
    pub fn live(&self, account: &str) -> Result<OwnedSemaphorePermit, Problem> {
        let places = self.streams.of(Who::Account(account.to_owned()));
        places.try_acquire_owned().map_err(|_| Problem::too_many(STREAMS, "pages"))
    }
}

/// Who a request that has its turn comes from, of other organisations and of this one's own tools. An account of this
/// organisation is nobody here.
///
/// # Errors
/// Why it is not served now.
pub fn arrived(parts: &Parts) -> Arrived {
    let who = parts.extensions.get::<Arrived>().cloned().unwrap_or(Ok(None));
    who.map(|who| who.filter(|principal| principal.account.is_none()))
}

/// The account of this organisation that a request with an API key comes from.
///
/// # Errors
/// Why it is not served now.
pub fn arrived_by_key(parts: &Parts) -> Result<Option<Acting>, Problem> {
    let who = parts.extensions.get::<Arrived>().cloned().unwrap_or(Ok(None));
    who.map(|who| who.and_then(|principal| principal.account))
}

/// Finds out who asks and waits for its turn; what follows reads it from the request, and tells in its own dialect
/// when there is none. The turn lasts until the answer has left and nothing works for it any more, whether the client
/// is still there or not.
pub async fn arrive(State(site): State<Site>, mut request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    let mut who = site.recognise(&parts).await;
    let known = who.as_ref().ok().and_then(Option::as_ref).map(|principal| match &principal.account {
        Some(acting) => Who::Account(acting.name.clone()),
        None => Who::Known(principal.organisation.clone()),
    });
    let from = parts.extensions.get::<Caller>().map(|caller| caller.address.ip());
    let in_time = who.as_ref().map_or(Ok(()), |who| site.rates().check(who.as_ref(), from));
    let is_known = known.is_some();
    let whose = known.unwrap_or_else(|| Who::From(from.map(Net::from)));
    let turn = match in_time {
        Ok(()) => site.turns().request(whose).await,
        Err(problem) => Err(problem),
    };
    let turn = turn.map(Arc::new).map_err(|problem| who = Err(problem)).ok();
    request = Request::from_parts(parts, body);
    request.extensions_mut().insert::<Arrived>(who);
    let mut response = TURN.scope(turn.clone(), next.run(request)).await;
    // What those are answered who are of no organisation is short and in memory: whoever does not read it holds nothing.
    if response.extensions_mut().remove::<Endless>().is_some() || !is_known {
        return response;
    }
    response.map(|body| Body::new(Held { body, _turn: turn }))
}

/// The turn of the request that is being served here, for work that outlives it.
pub(crate) fn turn() -> Turn {
    TURN.try_with(Clone::clone).ok().flatten()
}

/// Says of a response that it goes on for ever and has a turn of its own.
#[derive(Clone, Copy, Debug)]
pub struct Endless;

/// The turn of a request; none where there was none to have.
pub(crate) type Turn = Option<Arc<OwnedSemaphorePermit>>;

tokio::task_local! {
    static TURN: Turn;
}

/// A body that keeps its turn until it has left.
struct Held {
    body: Body,
    _turn: Turn,
}

impl hyper::body::Body for Held {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<hyper::body::Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> hyper::body::SizeHint {
        self.body.size_hint()
    }
}

/// How many are remembered before those are forgotten for whom nothing is going on.
const MANY: usize = 4_096;
/// Requests of one organisation, or from one address, at once.
const REQUESTS: usize = 8;
/// Requests of one program of this organisation at once: all its border posts may stand behind it.
const OWN: usize = 256;
/// Streams of one organisation at once.
const STREAMS: usize = 32;

#[cfg(test)]
mod tests {
    use std::net::{IpAddr, Ipv4Addr};

    use super::*;

    fn from(number: u32) -> Who {
        Who::From(Some(Net::from(IpAddr::from(Ipv4Addr::from_bits(number)))))
    }

    #[test]
    fn one_address_keeps_nobody_out_and_those_who_are_gone_are_forgotten() {
        let places = Places::<2>::default();
        let held: Vec<_> = (0..2).map(|_| places.of(from(1)).try_acquire_owned().unwrap()).collect();
        assert!(places.of(from(1)).try_acquire_owned().is_err());
        assert!(places.of(from(2)).try_acquire_owned().is_ok());
        for number in 0..100_000 {
            drop(places.of(from(number + 10)).try_acquire_owned().unwrap());
        }
        assert!(places.0.lock().len() <= MANY);
        assert!(places.of(from(1)).try_acquire_owned().is_err(), "what goes on is not forgotten");
        drop(held);
        assert!(places.of(from(1)).try_acquire_owned().is_ok());
    }
}
