use std::time::Duration;

use axum::extract::{RawQuery, State};
use axum::response::Response;
use comity_http::{Problem, Query, Site};
use comity_node::Peer;
use tokio::time::Instant;

use super::caller::{FromNode, json};

/// The next page for a peer's node. With `wait`, when there is none yet, it is given as soon as there is, or after so
/// many seconds empty.
pub(crate) async fn feed(
    State(site): State<Site>,
    FromNode(peer): FromNode,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let query = Query::parse(query.as_deref().unwrap_or_default());
    let cursor = query.first("cursor").map(str::to_owned);
    let limit = query.number("limit").unwrap_or(LIMIT).clamp(1, MOST);
    let wait = Duration::from_secs(query.number("wait").unwrap_or(0).min(60) as u64);
    if let Some(cursor) = &cursor {
        wait_for_news(&site, &peer, cursor, wait).await?;
    }
    let ctx = site.ctx(None);
    let page = site.work(move |node| node.feed(&ctx, &peer, cursor.as_deref(), limit)).await?;
    Ok(json(page))
}

async fn wait_for_news(site: &Site, peer: &Peer, cursor: &str, wait: Duration) -> Result<(), Problem> {
    let until = Instant::now() + wait;
    let mut news = site.news();
    while Instant::now() < until {
        news.borrow_and_update();
        let (ctx, peer, cursor) = (site.ctx(None), peer.clone(), cursor.to_owned());
        if site.work(move |node| node.has_news(&ctx, &peer, &cursor)).await? {
            break;
        }
        if tokio::time::timeout_at(until, news.changed()).await.is_err() {
            break;
        }
    }
    Ok(())
}

/// Objects in a page when nothing is said.
const LIMIT: usize = 5_000;
/// And at most.
const MOST: usize = 10_000;
