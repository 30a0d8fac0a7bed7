use askama::Template;
use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use comity_base::OrgName;
use comity_node::hits::{HitKey, HitRow, HitState, HitVerdict};

use super::super::forms::{Fields, Sent};
use super::super::language::Words;
use super::super::parts::{Icon, safe};
use super::super::person::Person;
use super::super::reply::{Trouble, work};
use super::super::shell::Shell;
use super::one;
use crate::desk::Desk;

/// Where somebody says what a hit is.
#[derive(Clone, Debug, Template)]
#[template(path = "parts/decide.html")]
pub(super) struct Decision {
    words: Words,
    key: String,
    /// How often something was said of it when this was shown.
    steps: u32,
    is_open: bool,
    /// The list it stands in, to go back to; empty where it does not.
    back: String,
}

impl Decision {
    pub(super) fn new(row: &HitRow, back: String, words: Words) -> Self {
        Self { words, key: row.key.to_string(), steps: row.steps, is_open: row.state == HitState::Open, back }
    }

    fn icon(&self, name: &'static str) -> Icon {
        Icon(name)
    }
}

safe!(Decision);

/// Says what a hit is; each decision can be taken back by another.
pub(crate) async fn decide(State(desk): State<Desk>, Path(key): Path<String>, person: Person, body: Sent) -> Response {
    let fields = Fields::read(&body);
    let note = fields.get("note");
    let verdict = match fields.get("verdict").as_str() {
        "confirm" => HitVerdict::Confirm,
        "dismiss" => HitVerdict::Dismiss,
        "ask" => HitVerdict::Ask(note.clone()),
        "reopen" => HitVerdict::Reopen,
        _ => return one::told(&desk, person, &key, Some(Trouble::Failed)).await,
    };
    let note = if matches!(verdict, HitVerdict::Ask(_)) { String::new() } else { note };
    let seen = fields.get("steps").parse().ok();
    let Ok(hit) = key.parse::<HitKey>() else {
        let shell = Shell::of(&desk, &person, "hits");
        return Trouble::NotFound.page(shell);
    };
    let ctx = person.ctx.clone();
    match work(&desk, move |node| node.decide_hit(&ctx, &hit, &verdict, &note, seen)).await {
        Ok(_) => {
            let list = Some(fields.get("back")).filter(|back| back.starts_with("/desk/hits?"));
            Redirect::to(&list.unwrap_or_else(|| format!("/desk/hits/{key}"))).into_response()
        }
        Err(trouble) => one::told(&desk, person, &key, Some(trouble)).await,
    }
}

/// Answers a question of another organisation.
pub(crate) async fn answer(State(desk): State<Desk>, person: Person, body: Sent) -> Response {
    let shell = Shell::of(&desk, &person, "situation");
    let fields = Fields::read(&body);
    let Ok(from) = OrgName::parse(&fields.get("from")) else { return Trouble::NotFound.page(shell) };
    let (ctx, id, text) = (person.ctx.clone(), fields.get("id"), fields.get("text"));
    match work(&desk, move |node| node.answer_question(&ctx, &from, &id, &text)).await {
        Ok(_) => Redirect::to("/desk#questions").into_response(),
        Err(trouble) => trouble.page(shell),
    }
}
