use askama::Template;
use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use comity_node::{Node, RecallReason, Relabelling};
use comity_stix::{Label, ObjectId};

use super::super::forms::{Fields, Sent, Upload};
use super::super::intake::{LabelForm, SeerRow, seer_row};
use super::super::language::Words;
use super::super::parts::Marks;
use super::super::person::Person;
use super::super::reply::{Trouble, page as shown, page_of, work};
use super::super::shell::Shell;
use crate::desk::Desk;

#[derive(Template)]
#[template(path = "share.html")]
struct Share {
    words: Words,
    shell: Shell,
    trouble: String,
    id: String,
    now: Marks,
    label: LabelForm,
    objects: u64,
    whole: bool,
    seers: Vec<SeerRow>,
    /// Whether what is shown is what would be, not what is.
    is_preview: bool,
}

#[derive(Template)]
#[template(path = "recall.html")]
struct RecallPage {
    words: Words,
    shell: Shell,
    trouble: String,
    id: String,
    seers: Vec<SeerRow>,
}

/// Who is given an object now, and how that is changed.
pub(crate) async fn share(State(desk): State<Desk>, Path(id): Path<String>, person: Person) -> Response {
    told(&desk, person, &id, None, true).await
}

async fn told(desk: &Desk, person: Person, id: &str, label: Option<Label>, whole: bool) -> Response {
    let shell = Shell::of(desk, &person, "object");
    let Ok(id) = ObjectId::parse(id) else { return Trouble::NotFound.page(shell) };
    let (ctx, wanted, said) = (person.ctx.clone(), id.clone(), label.clone());
    let read = move |node: &Node| Ok((node.preview_relabel(&ctx, &wanted, said.as_ref(), whole)?, node.peers()?));
    match work(desk, read).await {
        Ok((found, peers)) => {
            let words = shell.words;
            let Relabelling { now, objects, seers } = found;
            let page = Share {
                id: id.to_string(),
                now: Marks::of(&now, words),
                label: LabelForm::of(label.as_ref().unwrap_or(&now.label), &peers, &shell),
                objects,
                whole,
                seers: seers.iter().map(|seer| seer_row(seer, &shell)).collect(),
                is_preview: label.is_some(),
                trouble: String::new(),
                words,
                shell,
            };
            shown(&page, None, words)
        }
        Err(trouble) => trouble.page(shell),
    }
}

/// Shows who would be given it, or says so.
pub(crate) async fn relabel(
    State(desk): State<Desk>,
    Path(id): Path<String>,
    person: Person,
    form: Upload,
) -> Response {
    let shell = Shell::of(&desk, &person, "object");
    let label = match LabelForm::read(&form, desk.site().organisation()) {
        Ok(label) => label,
        Err(why) => return Trouble::Refused(why).page(shell),
    };
    let whole = form.text("whole") == "yes";
    if form.text("do") != "yes" {
        return told(&desk, person, &id, Some(label), whole).await;
    }
    let Ok(wanted) = ObjectId::parse(&id) else { return Trouble::NotFound.page(shell) };
    let ctx = person.ctx.clone();
    match work(&desk, move |node| node.relabel(&ctx, &wanted, &label, whole)).await {
        Ok(_) => Redirect::to(&format!("/desk/object/{id}?view=audience")).into_response(),
        Err(trouble) => trouble.page(shell),
    }
}

/// Whom a recall would reach.
pub(crate) async fn recall_page(State(desk): State<Desk>, Path(id): Path<String>, person: Person) -> Response {
    let shell = Shell::of(&desk, &person, "object");
    let Ok(wanted) = ObjectId::parse(&id) else { return Trouble::NotFound.page(shell) };
    let ctx = person.ctx.clone();
    page_of(
        &desk,
        shell,
        move |node| node.preview_relabel(&ctx, &wanted, None, false),
        |shell, found| {
            let words = shell.words;
            let seers = found.seers.iter().map(|seer| seer_row(seer, &shell)).collect();
            RecallPage { words, shell, trouble: String::new(), id, seers }
        },
    )
    .await
}

/// Orders everyone who was given an object to delete it.
pub(crate) async fn recall(State(desk): State<Desk>, Path(id): Path<String>, person: Person, body: Sent) -> Response {
    let shell = Shell::of(&desk, &person, "object");
    let Ok(wanted) = ObjectId::parse(&id) else { return Trouble::NotFound.page(shell) };
    let reason = match Fields::read(&body).get("reason").as_str() {
        "incorrect" => RecallReason::Incorrect,
        "legal" => RecallReason::Legal,
        _ => RecallReason::Withdrawn,
    };
    let ctx = person.ctx.clone();
    match work(&desk, move |node| node.recall(&ctx, &wanted, reason, None)).await {
        Ok(_) => Redirect::to(&format!("/desk/object/{id}?view=audience")).into_response(),
        Err(trouble) => trouble.page(shell),
    }
}
