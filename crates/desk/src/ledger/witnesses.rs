use askama::Template;
use axum::extract::State;
use axum::response::Response;
use comity_base::Timestamp;
use comity_node::{Act, LedgerHead, Misconduct, Witnessing};
use serde_json::json;

use super::super::forms::Sent;
use super::super::language::Words;
use super::super::parts::{Foreign, Moment, Owner};
use super::super::person::Person;
use super::super::reply::{page as shown, work};
use super::super::shell::Shell;
use super::Tabs;
use crate::desk::Desk;

#[derive(Template)]
#[template(path = "witnesses.html")]
struct Witnesses {
    words: Words,
    shell: Shell,
    trouble: String,
    tabs: Tabs,
    heads: Vec<HeadRow>,
    peers: Vec<WitnessRow>,
    misconducts: Vec<(Owner, Foreign, Moment)>,
    /// What a check found; none before one was asked for.
    checked: Option<Vec<Foreign>>,
}

struct HeadRow {
    origin: Foreign,
    key: String,
    size: String,
    note: Option<Foreign>,
}

struct WitnessRow {
    peer: Owner,
    countersigned: Option<String>,
    seen: Option<String>,
}

/// The logs with their checkpoints, and who countersigned them.
pub(crate) async fn page(State(desk): State<Desk>, person: Person) -> Response {
    told(&desk, person, false).await
}

/// Checks every log against what was signed.
pub(crate) async fn verify(State(desk): State<Desk>, person: Person, _: Sent) -> Response {
    told(&desk, person, true).await
}

async fn told(desk: &Desk, person: Person, checks: bool) -> Response {
    let shell = Shell::of(desk, &person, "ledger");
    let ctx = person.ctx.clone();
    let read = move |node: &comity_node::Node| {
        node.may(&ctx, Act::Ledger, json!({}))?;
        let checked = checks.then(|| node.check_ledger()).transpose()?;
        Ok((node.ledger_heads()?, node.witnessing()?, node.misconducts()?, checked))
    };
    match work(desk, read).await {
        Ok((heads, witnesses, misconducts, checked)) => {
            let words = shell.words;
            let page = Witnesses {
                tabs: Tabs::of("witnesses", words),
                heads: heads.iter().rev().map(|head| head_row(head, words)).collect(),
                peers: witnesses.iter().map(|one| witness_row(one, &shell)).collect(),
                misconducts: misconducts.iter().map(|one| misconduct(one, &shell)).collect(),
                checked: checked.map(|found| found.iter().map(|text| Foreign::lines(text)).collect()),
                trouble: String::new(),
                words,
                shell,
            };
            shown(&page, None, words)
        }
        Err(trouble) => trouble.page(shell),
    }
}

fn head_row(head: &LedgerHead, words: Words) -> HeadRow {
    HeadRow {
        origin: Foreign::line(&head.origin),
        key: head.key.to_string(),
        size: words.count(head.size),
        note: head.checkpoint.as_ref().map(|note| Foreign::lines(&note.to_string())),
    }
}

fn witness_row(one: &Witnessing, shell: &Shell) -> WitnessRow {
    WitnessRow {
        peer: shell.owner(&one.peer),
        countersigned: one.countersigned.map(|size| shell.words.count(size)),
        seen: one.seen.map(|(size, _)| shell.words.count(size)),
    }
}

fn misconduct(one: &Misconduct, shell: &Shell) -> (Owner, Foreign, Moment) {
    let at = i64::try_from(one.at).unwrap_or(i64::MAX).saturating_mul(1_000_000);
    (shell.owner(&one.peer), Foreign::lines(&one.what), shell.when(Timestamp::from_micros(at)))
}
