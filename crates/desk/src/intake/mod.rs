//! Bringing something in: put in, looked at, kept, and taken back.

mod batch;
mod draft;
mod drafts;
mod label;

use askama::Template;
use axum::extract::{RawQuery, State};
use axum::response::Response;
use comity_http::Query;
use comity_node::{Act, Listing};
use comity_store::{BatchId, BatchState};

pub(super) use self::batch::{batch, undo};
pub(super) use self::draft::{SeerRow, seer_row};
pub(super) use self::draft::{begin, change, commit, draft};
pub(crate) use self::drafts::Drafts;
pub(super) use self::label::LabelForm;

use super::language::Words;
use super::network::allowed;
use super::parts::{Foreign, Moment, Owner, Pager};
use super::person::Person;
use super::reply::page_of;
use super::shell::Shell;
use crate::desk::Desk;

#[derive(Template)]
#[template(path = "intake.html")]
struct Intake {
    words: Words,
    shell: Shell,
    trouble: String,
    label: LabelForm,
    batches: Vec<BatchRow>,
    pager: Pager,
}

/// A batch in the list of them.
struct BatchRow {
    number: u64,
    owner: Owner,
    note: Foreign,
    when: Moment,
    added: String,
    unchanged: String,
    rejected: u64,
    is_undone: bool,
}

/// Where something is put in, and what came in lately.
pub(super) async fn page(State(desk): State<Desk>, RawQuery(query): RawQuery, person: Person) -> Response {
    let before = Query::parse(query.as_deref().unwrap_or_default()).number("before");
    let before = before.map(|before| BatchId(before as u64));
    let shell = Shell::of(&desk, &person, "intake");
    let ctx = person.ctx.clone();
    let read = move |node: &comity_node::Node| {
        let peers = node.peers()?;
        // Whoever may bring in need not see what came in.
        let batches = allowed(node, &ctx, Act::Batches, || node.batches_before(&ctx, before, BATCHES))?;
        let batches = batches.unwrap_or_default();
        Ok((peers, batches))
    };
    page_of(&desk, shell, read, |shell, (peers, batches)| {
        let words = shell.words;
        let next = batches.last().filter(|_| batches.len() == BATCHES).map(|last| last.batch.id.0);
        Intake {
            label: LabelForm::new(desk.site().organisation(), &peers, &shell),
            batches: batches.iter().map(|one| row(one, &shell)).collect(),
            pager: Pager::uncounted(words)
                .leading(before.map(|_| "/desk/intake".into()), next.map(|next| format!("/desk/intake?before={next}"))),
            trouble: String::new(),
            words,
            shell,
        }
    })
    .await
}

fn row(listing: &Listing, shell: &Shell) -> BatchRow {
    let (words, batch) = (shell.words, &listing.batch);
    BatchRow {
        number: batch.id.0,
        owner: shell.owner(&batch.owner),
        note: Foreign::line(&batch.note),
        when: shell.when(batch.finished.unwrap_or(batch.began)),
        added: words.count(batch.counts.added),
        unchanged: words.count(batch.counts.unchanged),
        rejected: batch.counts.rejected,
        is_undone: batch.state == BatchState::Undone,
    }
}

/// Batches on one page.
const BATCHES: usize = 25;
