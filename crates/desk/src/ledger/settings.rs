use askama::Template;
use axum::extract::State;
use axum::response::Response;
use comity_node::{Act, Node, NodeError};

use super::super::language::Words;
use super::super::parts::Foreign;
use super::super::person::Person;
use super::super::reply::page_of;
use super::super::shell::Shell;
use super::Tabs;
use crate::desk::Desk;

#[derive(Template)]
#[template(path = "settings.html")]
struct SettingsPage {
    words: Words,
    shell: Shell,
    trouble: String,
    tabs: Tabs,
    /// None where they may not see it.
    settings: Option<Vec<(String, Foreign)>>,
}

/// What the node runs with. Whoever runs the machine, and whoever checks it, sees it; nothing is changed here.
pub(crate) async fn page(State(desk): State<Desk>, person: Person) -> Response {
    let shell = Shell::of(&desk, &person, "ledger");
    let ctx = person.ctx.clone();
    let may = move |node: &Node| {
        Ok::<_, NodeError>(node.would_allow(&ctx, Act::Operate)? || node.would_allow(&ctx, Act::Audit)?)
    };
    page_of(&desk, shell, may, |shell, may| {
        let words = shell.words;
        let row = |(name, value): &(String, String)| (name.clone(), Foreign::lines(value));
        SettingsPage {
            tabs: Tabs::of("settings", words),
            settings: may.then(|| desk.settings().iter().map(row).collect()),
            trouble: String::new(),
            words,
            shell,
        }
    })
    .await
}
