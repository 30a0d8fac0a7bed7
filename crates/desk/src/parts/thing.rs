use std::fmt;

use askama::filters::{Escaper as _, Html, HtmlSafe};

use super::super::language::Words;
use super::{Foreign, Icon};

/// An object, by its type and what people call it, as a way to it.
#[derive(Clone, Debug)]
pub(crate) struct ThingLink {
    id: String,
    kind: String,
    kind_words: String,
    name: Foreign,
    is_here: bool,
}

impl ThingLink {
    /// What is not here for whoever looks is named by its id and leads nowhere.
    pub(crate) fn new(id: &str, kind: &str, name: &str, is_here: bool, words: Words) -> Self {
        let name = if name.is_empty() { id } else { name };
        let name = Foreign::line(name);
        Self { id: id.to_owned(), kind: kind.to_owned(), kind_words: words.kind(kind), name, is_here }
    }

    /// What people call it.
    pub(crate) fn name(&self) -> &str {
        self.name.plain()
    }
}

impl fmt::Display for ThingLink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let icon = Icon(kind_icon(&self.kind));
        f.write_str("<span class=\"thing\"><span class=\"kind\">")?;
        write!(f, "{icon}<span>")?;
        Html.write_escaped_str(&mut *f, &self.kind_words)?;
        f.write_str("</span></span> ")?;
        if self.is_here {
            f.write_str("<a href=\"/desk/object/")?;
            Html.write_escaped_str(&mut *f, &self.id)?;
            write!(f, "\">{}</a></span>", self.name)
        } else {
            write!(f, "<span class=\"quiet\">{}</span></span>", self.name)
        }
    }
}

impl HtmlSafe for ThingLink {}

/// The sign of a STIX type.
pub(crate) fn kind_icon(kind: &str) -> &'static str {
    match kind {
        "report" => "report",
        "grouping" | "incident" | "x-comity-case" => "grouping",
        "indicator" => "indicator",
        "malware" | "malware-analysis" => "malware",
        "threat-actor" | "intrusion-set" => "actor",
        "campaign" => "campaign",
        "tool" | "attack-pattern" | "course-of-action" => "tool",
        "vulnerability" => "vulnerability",
        "relationship" => "relationship",
        "sighting" | "observed-data" => "sighting",
        "note" | "opinion" => "note",
        "identity" | "comity-document" => "identity",
        "location" => "place",
        "infrastructure" => "server",
        "marking-definition" => "shield",
        "file" | "artifact" => "hash",
        "email-addr" | "email-message" => "mail",
        "user-account" => "person",
        "ipv4-addr" | "ipv6-addr" | "domain-name" | "url" | "autonomous-system" | "network-traffic" | "mac-addr" => {
            "network"
        }
        "file-collection" => "file",
        _ => "object",
    }
}
