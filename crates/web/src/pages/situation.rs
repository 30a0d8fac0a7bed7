use askama::Template;
use axum::extract::State;
use axum::response::Response;

use super::language::Words;
use super::person::Person;
use super::reply::page as shown;
use super::shell::Shell;
use crate::site::Site;

#[derive(Template)]
#[template(path = "situation.html")]
struct Situation {
    words: Words,
    shell: Shell,
    trouble: String,
}

/// What is going on.
pub(super) async fn page(State(site): State<Site>, person: Person) -> Response {
    let shell = Shell::of(&site, &person, "situation");
    let words = shell.words;
    shown(&Situation { words, shell, trouble: String::new() }, None, words)
}
