use askama::Template;
use axum::extract::State;
use axum::response::Response;

use super::language::Words;
use super::person::Visitor;
use super::reply::page as shown;
use crate::desk::Desk;

#[derive(Template)]
#[template(path = "about.html")]
struct About {
    words: Words,
    bureau: String,
    trouble: String,
    version: &'static str,
    parts: [Part; 5],
}

/// Something that others made and that is part of the pages.
struct Part {
    name: &'static str,
    /// What it is here.
    what: &'static str,
    licence: &'static str,
    text: &'static str,
}

const PARTS: [Part; 5] = [
    Part { name: "Lucide", what: "about-icons", licence: "ISC", text: include_str!("../pages/licences/lucide.txt") },
    Part {
        name: "Natural Earth",
        what: "about-map",
        licence: "public domain",
        text: include_str!("../pages/licences/natural-earth.txt"),
    },
    Part {
        name: "World Atlas TopoJSON",
        what: "about-map",
        licence: "ISC",
        text: include_str!("../pages/licences/world-atlas.txt"),
    },
    Part {
        name: "Unicode CLDR",
        what: "about-names",
        licence: "Unicode-3.0",
        text: include_str!("../pages/licences/unicode.txt"),
    },
    Part {
        name: "UniDic",
        what: "about-readings",
        licence: "BSD-3-Clause",
        text: include_str!("../pages/licences/unidic.txt"),
    },
];

/// What this is, and what others gave to it.
pub(super) async fn page(State(desk): State<Desk>, visitor: Visitor) -> Response {
    let words = visitor.words;
    let version = env!("CARGO_PKG_VERSION");
    shown(&About { words, bureau: desk.bureau(), trouble: String::new(), version, parts: PARTS }, None, words)
}
