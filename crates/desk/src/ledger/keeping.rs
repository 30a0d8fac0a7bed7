use askama::Template;
use axum::extract::State;
use axum::response::Response;
use comity_base::Timestamp;
use comity_node::{Act, Ending, LegalHold, NodeError, RetentionPlan};

use super::super::language::Words;
use super::super::network::allowed;
use super::super::parts::{Foreign, Moment, Owner};
use super::super::person::Person;
use super::super::reply::page_of;
use super::super::shell::Shell;
use super::Tabs;
use crate::desk::Desk;

#[derive(Template)]
#[template(path = "keeping.html")]
struct Keeping {
    words: Words,
    shell: Shell,
    trouble: String,
    tabs: Tabs,
    /// None where they may not see it.
    due: Option<Vec<EndingRow>>,
    review: Vec<EndingRow>,
    holds: Vec<HoldRow>,
    keys: Vec<String>,
}

struct EndingRow {
    owner: Owner,
    until: String,
    versions: String,
    held: u64,
    personal: bool,
}

struct HoldRow {
    object: String,
    reason: Foreign,
    by: Foreign,
    since: Moment,
    lifted: Option<Moment>,
}

/// What ends when, what is kept for a court, and which keys this node signs with.
pub(crate) async fn page(State(desk): State<Desk>, person: Person) -> Response {
    let shell = Shell::of(&desk, &person, "ledger");
    let ctx = person.ctx.clone();
    let read = move |node: &comity_node::Node| {
        let by = Timestamp::from_micros(ctx.now().as_micros().saturating_add(MONTH));
        let plan = allowed(node, &ctx, Act::RetentionPlan, || node.retention_plan(&ctx, by))?;
        let holds = if plan.is_some() { node.holds()? } else { Vec::new() };
        let keys = if node.would_allow(&ctx, Act::Ledger)? {
            node.ourselves().map(|own| own.keys.iter().map(ToString::to_string).collect()).unwrap_or_default()
        } else {
            Vec::new()
        };
        Ok::<_, NodeError>((plan, holds, keys))
    };
    page_of(&desk, shell, read, |shell, (plan, holds, keys)| {
        let words = shell.words;
        let RetentionPlan { due, review } =
            plan.clone().unwrap_or(RetentionPlan { due: Vec::new(), review: Vec::new() });
        let rows = |all: &[Ending]| all.iter().take(ROWS).map(|one| ending(one, &shell)).collect::<Vec<_>>();
        Keeping {
            tabs: Tabs::of("keeping", words),
            due: plan.map(|_| rows(&due)),
            review: rows(&review),
            holds: holds.iter().map(|hold| hold_row(hold, &shell)).collect(),
            keys,
            trouble: String::new(),
            words,
            shell,
        }
    })
    .await
}

fn ending(one: &Ending, shell: &Shell) -> EndingRow {
    EndingRow {
        owner: shell.owner(&one.owner),
        until: shell.words.day(one.until),
        versions: shell.words.count(one.versions),
        held: one.held,
        personal: one.personal,
    }
}

fn hold_row(hold: &LegalHold, shell: &Shell) -> HoldRow {
    HoldRow {
        object: hold.object.to_string(),
        reason: Foreign::lines(&hold.reason),
        by: Foreign::line(&hold.by),
        since: shell.when(hold.since),
        lifted: hold.lifted.map(|at| shell.when(at)),
    }
}

/// Microseconds of a month.
const MONTH: i64 = 30 * 86_400 * 1_000_000;
/// Rows of each table.
const ROWS: usize = 200;
