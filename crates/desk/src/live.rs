use std::convert::Infallible;
use std::time::Duration;

use axum::extract::State;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse as _, Response};
use comity_http::Endless;
use futures_util::stream;
use tokio::time::Instant;

use super::person::Person;
use super::reply::{Trouble, work};
use crate::desk::Desk;

/// Tells a page when something that its reader may see came or went; what it is, the page asks itself.
///
/// It ends after a while: whoever comes back shows anew that they are logged in.
pub(super) async fn live(State(desk): State<Desk>, person: Person) -> Response {
    let Ok(turn) = desk.site().turns().live(&person.ctx.actor) else { return Trouble::Busy.plain(person.words) };
    let (news, until) = (desk.site().news(), Instant::now() + LASTS);
    let first = (desk, person, news, turn, None);
    let events = stream::unfold(first, move |(desk, person, mut news, turn, last)| async move {
        loop {
            let ctx = person.ctx.clone();
            let pulse = work(&desk, move |node| node.pulse(&ctx)).await.ok()?;
            if last != Some(pulse) {
                let (objects, newest) = pulse;
                let event = Event::default().event("state").data(format!("{objects}.{}", newest.0));
                return Some((Ok::<_, Infallible>(event), (desk, person, news, turn, Some(pulse))));
            }
            tokio::select! {
                changed = news.changed() => changed.ok()?,
                () = tokio::time::sleep_until(until) => return None,
            }
            // Many batches in a row are one piece of news.
            tokio::time::sleep(PAUSE).await;
            news.mark_unchanged();
        }
    });
    let mut response = Sse::new(events).keep_alive(KeepAlive::default()).into_response();
    response.extensions_mut().insert(Endless);
    response
}

/// Where pages ask for news.
pub(super) const PATH: &str = "/desk/live";
/// How long one connection lasts.
const LASTS: Duration = Duration::from_mins(10);
/// Between two pieces of news at least.
const PAUSE: Duration = Duration::from_secs(2);
