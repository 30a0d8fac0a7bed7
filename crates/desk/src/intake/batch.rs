use askama::Template;
use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use comity_node::{Listing, NodeError};
use comity_store::{BatchId, BatchState, Rejected};

use super::super::forms::Sent;
use super::super::language::Words;
use super::super::parts::{Foreign, Moment, Owner};
use super::super::person::Person;
use super::super::reply::{Trouble, page as shown, work};
use super::super::shell::Shell;
use crate::desk::Desk;

#[derive(Template)]
#[template(path = "batch.html")]
struct BatchPage {
    words: Words,
    shell: Shell,
    trouble: String,
    number: u64,
    owner: Owner,
    note: Foreign,
    when: Moment,
    counts: [(&'static str, String); 6],
    files: Vec<FileRow>,
    findings: Vec<FindingRow>,
    rejected: Vec<RejectedRow>,
    rejected_total: u64,
    undone_by: Option<u64>,
    undoes: Option<u64>,
    can_be_undone: bool,
}

struct FileRow {
    name: Foreign,
    format: String,
    objects: String,
    already_in: Option<u64>,
    failed: Option<Foreign>,
}

struct FindingRow {
    code: String,
    count: String,
    example: Foreign,
}

struct RejectedRow {
    file: Foreign,
    offset: String,
    reason: Foreign,
    item: Foreign,
    repaired_by: Option<u64>,
}

/// What one batch brought in, and what it set aside.
pub(crate) async fn batch(State(desk): State<Desk>, Path(number): Path<u64>, person: Person) -> Response {
    told(&desk, person, number, None).await
}

async fn told(desk: &Desk, person: Person, number: u64, trouble: Option<Trouble>) -> Response {
    let shell = Shell::of(desk, &person, "intake");
    let ctx = person.ctx.clone();
    let read = move |node: &comity_node::Node| {
        let listing = node.batch(&ctx, BatchId(number))?;
        let rejected =
            if listing.batch.counts.rejected > 0 { node.rejected(&ctx, Some(BatchId(number)))? } else { Vec::new() };
        Ok::<_, NodeError>((listing, rejected))
    };
    match work(desk, read).await {
        Ok((listing, rejected)) => {
            let words = shell.words;
            let mut page = page(&listing, &rejected, shell);
            page.trouble = trouble.as_ref().map_or_else(String::new, |trouble| trouble.words(words));
            shown(&page, trouble.as_ref(), words)
        }
        Err(trouble) => trouble.page(shell),
    }
}

fn page(listing: &Listing, rejected: &[Rejected], shell: Shell) -> BatchPage {
    let (words, batch, counts) = (shell.words, &listing.batch, listing.batch.counts);
    BatchPage {
        number: batch.id.0,
        owner: shell.owner(&batch.owner),
        note: Foreign::line(&batch.note),
        when: shell.when(batch.finished.unwrap_or(batch.began)),
        counts: [
            ("objects-read", words.count(counts.objects)),
            ("stored", words.count(counts.added)),
            ("already-there", words.count(counts.unchanged)),
            ("set-aside", words.count(counts.rejected)),
            ("values-found", words.count(counts.values)),
            ("warnings", words.count(counts.warnings)),
        ],
        files: listing
            .files
            .iter()
            .take(ROWS)
            .map(|file| FileRow {
                name: Foreign::line(&file.name),
                format: file.format.clone(),
                objects: words.count(file.objects),
                already_in: file.already_in.map(|batch| batch.0),
                failed: file.failed.as_deref().map(Foreign::lines),
            })
            .collect(),
        findings: listing
            .findings
            .iter()
            .take(ROWS)
            .map(|finding| FindingRow {
                code: finding.code.clone(),
                count: words.count(finding.count),
                example: Foreign::lines(&finding.example),
            })
            .collect(),
        rejected: rejected
            .iter()
            .take(ROWS)
            .map(|item| RejectedRow {
                file: Foreign::line(&item.file),
                offset: words.count(item.offset),
                reason: Foreign::lines(&item.reason),
                item: Foreign::line(&String::from_utf8_lossy(&item.item)),
                repaired_by: item.repaired_by.map(|batch| batch.0),
            })
            .collect(),
        rejected_total: rejected.len() as u64,
        undone_by: batch.undone_by.map(|batch| batch.0),
        undoes: batch.undoes.map(|batch| batch.0),
        can_be_undone: batch.state == BatchState::Done,
        trouble: String::new(),
        words,
        shell,
    }
}

/// Takes a batch back, or brings back what an earlier undo took.
pub(crate) async fn undo(State(desk): State<Desk>, Path(number): Path<u64>, person: Person, _: Sent) -> Response {
    let ctx = person.ctx.clone();
    match work(&desk, move |node| node.undo(&ctx, BatchId(number))).await {
        Ok(_) => Redirect::to(&format!("/desk/intake/{number}")).into_response(),
        Err(trouble) => told(&desk, person, number, Some(trouble)).await,
    }
}

/// Rows of each table.
const ROWS: usize = 200;
