//! The feed of one recipient, in the form of MISP's static feeds.

use std::sync::Arc;

use axum::extract::{Extension, Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use comity_formats::{hash_lines, manifest_entry};
use comity_http::{Site, Tag};
use comity_node::{Group, NodeError};

use super::built::with_event;
use super::desk::{Desk, Seen};
use super::events::{run, with};
use super::reply::{Asking, JSON, Wrong, raw};
use super::search::{Answer, Search};

/// `manifest.json`, `hashes.csv`, or the file of one event.
pub(super) async fn file(
    State(site): State<Site>,
    Extension(desk): Extension<Arc<Desk>>,
    Path(name): Path<String>,
    headers: HeaderMap,
    asking: Asking,
) -> Result<Response, Wrong> {
    let key = *site.tag_key();
    let asked = name.clone();
    let tag = with(&site, &desk, &asking, move |search| {
        let seen = search.desk.seen(search.node, search.ctx, search.organisation)?;
        Ok(tag(&key, search, &seen, &asked))
    })
    .await?;
    let tag = tag.ok_or_else(|| Wrong::new(StatusCode::NOT_FOUND, "There is no such file in your feed."))?;
    if tag.is_known(&headers) {
        return Ok(tag.unchanged());
    }
    let kind = if name == "hashes.csv" { "text/csv; charset=UTF-8" } else { JSON };
    let answer = run(&site, &desk, &asking, move |search| match name.as_str() {
        "manifest.json" => manifest(search),
        "hashes.csv" => hashes(search),
        _ => event(search, &name),
    })
    .await?;
    if answer.count == 0 && kind == JSON {
        return Err(Wrong::new(StatusCode::NOT_FOUND, "There is no such file in your feed."));
    }
    Ok(tag.on(raw(answer.texts, kind)))
}

/// Changes exactly when the file does, and tells nothing about what the recipient may not see.
fn tag(key: &[u8; 32], search: Search<'_>, seen: &Seen, name: &str) -> Option<Tag> {
    let mut said = format!("misp {} {name}\n", search.organisation).into_bytes();
    let mut add = |at: usize| {
        if let (Some(group), Some(uuid)) = (seen.groups.all.get(at), seen.uuids.get(at)) {
            said.extend_from_slice(uuid.as_bytes());
            said.extend_from_slice(&group.stamp.to_le_bytes());
        }
    };
    match name {
        "manifest.json" | "hashes.csv" => offered(search, seen).for_each(&mut add),
        _ => add(of_file(search, seen, name)?),
    }
    Some(Tag::of(key, &said))
}

fn offered(search: Search<'_>, seen: &Seen) -> impl Iterator<Item = usize> {
    (0..seen.groups.all.len()).filter(move |at| seen.is_offered(search.ctx, *at))
}

fn of_file(search: Search<'_>, seen: &Seen, name: &str) -> Option<usize> {
    let uuid = name.strip_suffix(".json").filter(|name| name.len() == 36)?;
    seen.find(uuid).filter(|at| seen.is_offered(search.ctx, *at))
}

fn manifest(search: Search<'_>) -> Result<Answer, NodeError> {
    let mut whole = search.answer(|seen, _| {
        let mut answer = Answer::default();
        for at in offered(search, seen) {
            let Some(head) = search.desk.head(search.node, search.ctx, seen, at)? else { continue };
            let mut entry = Vec::new();
            // Writing into memory cannot fail.
            drop(manifest_entry(&head.of, &mut entry));
            answer.leave(head.leaves);
            answer.add(&entry, b",");
        }
        Ok(answer)
    })?;
    whole.texts = [b"{".as_slice(), &whole.texts, b"}"].concat();
    whole.count += 1;
    Ok(whole)
}

fn event(search: Search<'_>, name: &str) -> Result<Answer, NodeError> {
    search.answer(|seen, _| {
        let mut answer = Answer::default();
        let Some(at) = of_file(search, seen, name) else { return Ok(answer) };
        let text = with_event(search.node, search.ctx, seen, at, |made| {
            let mut text = Vec::new();
            drop(made.event.write(&mut text));
            text
        })?;
        if let Some(text) = text {
            answer.add(&text, b"");
            answer.leave(seen.groups.all.get(at).into_iter().flat_map(Group::positions));
        }
        Ok(answer)
    })
}

fn hashes(search: Search<'_>) -> Result<Answer, NodeError> {
    search.answer(|seen, _| {
        let mut answer = Answer::default();
        for at in offered(search, seen) {
            let lines = with_event(search.node, search.ctx, seen, at, |made| {
                let mut lines = Vec::new();
                drop(hash_lines(&made.event, &mut lines));
                lines
            })?;
            answer.add(&lines.unwrap_or_default(), b"");
            answer.leave(seen.groups.all.get(at).into_iter().flat_map(Group::positions));
        }
        Ok(answer)
    })
}
