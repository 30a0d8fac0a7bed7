use axum::extract::{Request, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use comity_http::{Acting, Problem, Site, body};
use comity_node::{Ctx, Node, NodeError, PersonAsk, PersonsFound, SearchHitNo};

use super::Program;
use super::answer::Answer;
use super::ask::{Asked, Why};

/// One question, one answer. Where somebody was found that another organisation, or this one, looks for by a notice, a hit is opened
/// for the bureau.
pub(super) async fn search(
    State(site): State<Site>,
    Program(acting): Program,
    request: Request,
) -> Result<Response, Problem> {
    let posted = body(&site, request, BODY).await?;
    let asked = Asked::read(&posted)?;
    let (ask, why) = (asked.ask()?, asked.why()?);
    let ctx = ctx(&site, &acting, why);
    let text = site.work(move |node| answered(node, &ctx, &ask, &asked)).await?;
    Ok(([(header::CONTENT_TYPE, "application/json")], text).into_response())
}

fn answered(node: &Node, ctx: &Ctx, ask: &PersonAsk, asked: &Asked) -> Result<String, NodeError> {
    let found = node.search_persons(ctx, ask)?;
    let hits = opened(node, ctx, ask, &found, asked)?;
    Ok(serde_json::to_string(&Answer::of(&found, &hits, ctx.now())).unwrap_or_default())
}

/// The hits of those who are looked for by a notice that holds.
fn opened(
    node: &Node,
    ctx: &Ctx,
    ask: &PersonAsk,
    found: &PersonsFound,
    asked: &Asked,
) -> Result<Vec<SearchHitNo>, NodeError> {
    let looked_for = found.persons.iter().filter(|one| one.notice.as_ref().is_some_and(|notice| notice.holds));
    let told = (asked.silent, asked.reference.as_deref());
    looked_for.map(|person| node.open_search_hit(ctx, ask, person, told)).collect()
}

pub(super) fn ctx(site: &Site, acting: &Acting, why: Why) -> Ctx {
    Ctx { case: why.case, reason: why.reason, ..site.ctx_of(acting, why.purpose) }
}

/// Bytes of one question.
const BODY: usize = 16 << 10;
