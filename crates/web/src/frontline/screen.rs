use std::convert::Infallible;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use comity_http::{Acting, Problem, Site};
use comity_node::{Ctx, PersonAsk, PersonsFound, Purpose};
use futures_util::stream;
use http_body_util::BodyExt as _;
use serde_json::json;

use super::Program;
use super::answer::Answer;
use super::ask::{Asked, Why, bad};
use super::search::ctx;

/// A list, a question a line; answered as it comes in, a line for each of which something is known or which cannot be asked, with
/// its number from 1, and at the end how many there were.
pub(super) async fn screen(
    State(site): State<Site>,
    Program(acting): Program,
    request: Request,
) -> Result<Response, Problem> {
    let lines = Lines { body: request.into_body(), held: Vec::new(), is_over: false };
    let state = Screening { site, acting, lines, why: None, asked: 0, found: 0 };
    // What stands in the way from the beginning is told before anything else.
    let mut state = state;
    let first = state.answer().await?;
    let body = stream::unfold(Some((state, Some(first))), async |state| {
        let (mut state, first) = state?;
        let piece = match first {
            Some(piece) => piece,
            None => match state.answer().await {
                Ok(piece) => piece,
                // Broken off without the last line, so that nobody takes what there is for all there is.
                Err(problem) => {
                    let line = json!({"broken": problem.detail, "asked": state.asked}).to_string() + "\n";
                    return Some((Ok::<_, Infallible>(Bytes::from(line)), None));
                }
            },
        };
        if let Some(bytes) = piece {
            return Some((Ok(bytes), Some((state, None))));
        }
        let line = json!({"asked": state.asked, "found": state.found, "over": true}).to_string() + "\n";
        Some((Ok(Bytes::from(line)), None))
    });
    let mut response = Body::from_stream(body).into_response();
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/x-ndjson"));
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    Ok(response)
}

struct Screening {
    site: Site,
    acting: Acting,
    lines: Lines,
    /// Why all of it is asked: what the first question says.
    why: Option<Why>,
    asked: usize,
    found: usize,
}

/// What is asked in one piece: each question with its number, or why it is none.
#[derive(Default)]
struct Piece {
    numbers: Vec<usize>,
    asks: Vec<PersonAsk>,
    wrong: Vec<(usize, String)>,
}

impl Screening {
    /// Answers the next piece; nothing when the list is over.
    async fn answer(&mut self) -> Result<Option<Bytes>, Problem> {
        let mut piece = Piece::default();
        while piece.len() < AT_ONCE {
            // Who sends one line and waits is answered; a list that comes in a row is asked for in pieces.
            let next = if piece.len() == 0 { self.lines.next().await? } else { self.lines.next_soon().await? };
            let Some(line) = next else { break };
            if line.iter().all(u8::is_ascii_whitespace) {
                continue;
            }
            self.asked += 1;
            piece.add(self.asked, &line, &mut self.why);
        }
        if piece.len() == 0 {
            return Ok(None);
        }
        let why = self.why.clone().unwrap_or(Why { purpose: Purpose::Prevention, case: None, reason: None });
        let ctx = ctx(&self.site, &self.acting, why);
        let Piece { numbers, asks, wrong, .. } = piece;
        let (ctx_there, at) = (ctx.clone(), ctx.now());
        let rows = self.site.work(move |node| node.screen_persons(&ctx_there, &asks)).await?;
        let mut out = Vec::new();
        for row in rows {
            let number = numbers.get(row.row).copied().unwrap_or_default();
            match row.found {
                Ok(found) => {
                    self.found += 1;
                    line(&mut out, number, &found, &ctx, at);
                }
                Err(reason) => tell_wrong(&mut out, number, &reason),
            }
        }
        for (number, reason) in wrong {
            tell_wrong(&mut out, number, &reason);
        }
        Ok(Some(Bytes::from(out)))
    }
}

impl Piece {
    /// How many lines.
    const fn len(&self) -> usize {
        self.numbers.len() + self.wrong.len()
    }

    /// Adds a line. A list is asked for one reason, that of its first question; a later one that says another is none.
    fn add(&mut self, number: usize, line: &[u8], of_list: &mut Option<Why>) {
        let read = Asked::read(line).and_then(|asked| {
            let (ask, why) = (asked.ask()?, asked.why()?);
            let known = of_list.get_or_insert_with(|| why.clone());
            if asked.says_why() && *known != why {
                return Err(bad(
                    "a list is asked for one reason, that of its first question; this line says another".into()
                ));
            }
            Ok(ask)
        });
        match read {
            Ok(ask) => {
                self.numbers.push(number);
                self.asks.push(ask);
            }
            Err(problem) => self.wrong.push((number, problem.detail)),
        }
    }
}

fn line(out: &mut Vec<u8>, number: usize, found: &PersonsFound, _: &Ctx, at: comity_base::Timestamp) {
    let mut answer = serde_json::to_value(Answer::of(found, &[], at)).unwrap_or_default();
    if let Some(answer) = answer.as_object_mut() {
        answer.insert("line".into(), number.into());
    }
    out.extend_from_slice(answer.to_string().as_bytes());
    out.push(b'\n');
}

fn tell_wrong(out: &mut Vec<u8>, number: usize, reason: &str) {
    out.extend_from_slice(json!({"line": number, "wrong": reason}).to_string().as_bytes());
    out.push(b'\n');
}

/// The lines of a body as it comes in.
struct Lines {
    body: Body,
    held: Vec<u8>,
    is_over: bool,
}

impl Lines {
    /// The next line, if it is here already or comes at once; nothing is lost of one that does not.
    async fn next_soon(&mut self) -> Result<Option<Vec<u8>>, Problem> {
        tokio::time::timeout(SOON, self.next()).await.unwrap_or(Ok(None))
    }

    async fn next(&mut self) -> Result<Option<Vec<u8>>, Problem> {
        loop {
            if let Some(end) = self.held.iter().position(|b| *b == b'\n') {
                let rest = self.held.split_off(end + 1);
                let mut line = std::mem::replace(&mut self.held, rest);
                line.pop();
                return Ok(Some(line));
            }
            if self.is_over {
                let last = std::mem::take(&mut self.held);
                return Ok((!last.is_empty()).then_some(last));
            }
            if self.held.len() > LINE {
                let detail = format!("a line has more than {LINE} bytes; what came before it was answered");
                return Err(Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "line too long", detail));
            }
            match self.body.frame().await {
                None => self.is_over = true,
                Some(Ok(frame)) => {
                    if let Ok(data) = frame.into_data() {
                        self.held.extend_from_slice(&data);
                    }
                }
                Some(Err(error)) => return Err(Problem::broken_body(&error.to_string())),
            }
        }
    }
}

/// Questions asked at once.
const AT_ONCE: usize = 500;
/// How long a piece waits for one more line.
const SOON: Duration = Duration::from_millis(20);
/// Bytes of one line.
const LINE: usize = 16 << 10;
