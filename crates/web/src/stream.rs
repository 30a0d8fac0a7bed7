//! What a recipient may see as it comes in: server-sent events, and lines of JSON.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use comity_base::Position;
use comity_http::{Endless, Problem, Query, Site};
use comity_node::{Channel, Item, PageAsk};
use comity_taxii::{Cursor, Scope};
use futures_util::stream;
use tokio::sync::OwnedSemaphorePermit;

use crate::readers::{Reading, outlet};

/// The paths of the streams.
pub(crate) fn routes() -> Router<Site> {
    Router::new().route("/stream/{outlet}", get(events)).route("/ndjson/{outlet}", get(lines))
}

/// A stream that goes on for ever, as long as its reader may see something: server-sent events (WHATWG HTML, section
/// 9.2). `Last-Event-ID`, or `after`, is where it goes on.
async fn events(
    State(site): State<Site>,
    Path(name): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    reading: Reading,
) -> Result<Response, Problem> {
    let query = Query::parse(query.as_deref().unwrap_or_default());
    let last = headers.get("last-event-id").and_then(|value| value.to_str().ok()).map(str::to_owned);
    let flow = Flow::new(&site, reading, name, last.or_else(|| query.first("after").map(str::to_owned))).await?;
    let body = stream::unfold(flow, async |mut flow| {
        let piece = flow.next_event().await?;
        Some((Ok::<_, Infallible>(piece), flow))
    });
    Ok(answer(Body::from_stream(body), "text/event-stream; charset=utf-8"))
}

/// Everything there is now, one object a line. The header `X-Comity-After` of the last line's place comes as the last
/// line: `{"after":"..."}`.
async fn lines(
    State(site): State<Site>,
    Path(name): Path<String>,
    RawQuery(query): RawQuery,
    reading: Reading,
) -> Result<Response, Problem> {
    let query = Query::parse(query.as_deref().unwrap_or_default());
    let mut flow = Flow::new(&site, reading, name, query.first("after").map(str::to_owned)).await?;
    // What stands in the way from the beginning is told before anything else.
    let first = flow.fetch().await?;
    let body = stream::unfold(Some((flow, Some(first))), async |state| {
        let (mut flow, first) = state?;
        let items = match first {
            Some(items) => items,
            // Broken off without the last line, so that nobody takes what there is for all there is.
            None => match flow.fetch().await {
                Ok(items) => items,
                Err(problem) => return Some((Err(std::io::Error::other(problem.detail)), None)),
            },
        };
        if items.is_empty() {
            return Some((Ok(Bytes::from(format!("{{\"after\":\"{}\"}}\n", flow.token()))), None));
        }
        let mut text = Vec::new();
        for item in &items {
            one_line(&item.raw, &mut text);
            text.push(b'\n');
        }
        Some((Ok(Bytes::from(text)), Some((flow, None))))
    });
    Ok(answer(Body::from_stream(body), "application/x-ndjson"))
}

fn answer(body: Body, kind: &'static str) -> Response {
    let mut response = body.into_response();
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    response.extensions_mut().insert(Endless);
    response
}

/// How far one reader is.
struct Flow {
    site: Site,
    reading: Reading,
    outlet: String,
    at: Position,
    waiting: VecDeque<Item>,
    begun: bool,
    /// One of the streams that its organisation may have at once.
    _turn: OwnedSemaphorePermit,
}

impl Flow {
    async fn new(site: &Site, reading: Reading, outlet: String, token: Option<String>) -> Result<Self, Problem> {
        let turn = site.turns().stream(reading.organisation())?;
        let mut flow = Self {
            site: site.clone(),
            reading,
            outlet,
            at: Position::START,
            waiting: VecDeque::new(),
            begun: false,
            _turn: turn,
        };
        flow.view().await?;
        if let Some(token) = token.filter(|token| !token.is_empty()) {
            let scope = flow.scope();
            let cursor = Cursor::open(site.cursors(), scope, &token).map_err(|_| Problem::unknown_place())?;
            flow.at = cursor.position;
        }
        Ok(flow)
    }

    fn scope(&self) -> Scope<'_> {
        Scope { collection: &self.outlet, reader: self.reading.organisation().as_str() }
    }

    fn token(&self) -> String {
        Cursor { position: self.at, ..Cursor::default() }.seal(self.site.cursors(), self.scope())
    }

    /// What may be seen at this moment: an agreement may have ended since.
    async fn view(&self) -> Result<std::sync::Arc<comity_node::View>, Problem> {
        let found = outlet(&self.site, &self.reading, &self.outlet).await?;
        found.view.ok_or_else(Problem::not_found)
    }

    async fn fetch(&mut self) -> Result<Vec<Item>, Problem> {
        let view = self.view().await?;
        let (ctx, ask) = (self.site.ctx(Some(self.reading.principal())), PageAsk::after(self.at, PAGE));
        let page = self.site.work(move |node| node.page(&ctx, &view, Channel::Stream, &ask)).await?;
        self.at = page.reached;
        Ok(page.items)
    }

    /// The next event, or after a silence a remark that the stream still lives. Nothing when it has ended.
    async fn next_event(&mut self) -> Option<Bytes> {
        if !self.begun {
            self.begun = true;
            return Some(Bytes::from_static(b"retry: 2000\n\n"));
        }
        let mut news = self.site.news();
        loop {
            news.borrow_and_update();
            let items = self.fetch().await.ok()?;
            if !items.is_empty() {
                self.waiting.extend(items);
                return Some(self.written());
            }
            if tokio::time::timeout(SILENCE, news.changed()).await.is_err() {
                return Some(Bytes::from_static(b": still here\n\n"));
            }
        }
    }

    fn written(&mut self) -> Bytes {
        let token = self.token();
        let mut out = Vec::new();
        let last = self.waiting.len();
        for (number, item) in (1..).zip(self.waiting.drain(..)) {
            out.extend_from_slice(b"event: object\n");
            if number == last {
                // Who breaks off inside a page gets that page again: no object is lost.
                out.extend_from_slice(format!("id: {token}\n").as_bytes());
            }
            out.extend_from_slice(b"data: ");
            one_line(&item.raw, &mut out);
            out.extend_from_slice(b"\n\n");
        }
        Bytes::from(out)
    }
}

/// JSON without line ends: between its tokens they mean nothing, and inside its strings they cannot stand.
fn one_line(raw: &[u8], out: &mut Vec<u8>) {
    out.extend(raw.iter().map(|byte| if matches!(byte, b'\n' | b'\r') { b' ' } else { *byte }));
}

/// Objects read at once.
const PAGE: usize = 500;
/// After so long a silence something is said.
const SILENCE: Duration = Duration::from_secs(15);
