use std::collections::HashMap;

use comity_base::Timestamp;
use comity_node::Thing;
use comity_stix::person::{EXTENSION, Person};
use comity_stix::{Node, Shape};

use super::super::parts::{Fact, Facts, Foreign, Statements, ThingLink};
use super::super::shell::Shell;
use super::super::why::escaped;
use super::listed;

/// What people call an object.
pub(super) fn name(root: Node<'_, '_>) -> String {
    let document = listed::read(root).map(|document| listed::name(&document));
    let called = || comity_stix::callings(root).find(|text| !text.is_empty()).map(str::to_owned);
    document.or_else(called).unwrap_or_default()
}

/// What an object says of a person with our extension, statement by statement; none of what has it not.
pub(super) fn statements(root: Node<'_, '_>, shell: &Shell) -> Option<Statements> {
    root.get("extensions")?.get(EXTENSION)?;
    Some(Statements::of(&Person::read(root)?, shell.now, shell.words))
}

/// What an object says beside [`statements`], or all that it says where it has none.
pub(super) fn facts_beside(
    statements: Option<&Statements>,
    root: Node<'_, '_>,
    things: &HashMap<&str, &Thing>,
    shell: &Shell,
) -> Facts {
    facts_without(statements.map_or("", |_| EXTENSION), root, things, shell)
}

/// What an object says, the weightiest first, in words where there are words for it.
pub(crate) fn facts(root: Node<'_, '_>, things: &HashMap<&str, &Thing>, shell: &Shell) -> Facts {
    facts_without("", root, things, shell)
}

/// Without one extension.
fn facts_without(extension: &str, root: Node<'_, '_>, things: &HashMap<&str, &Thing>, shell: &Shell) -> Facts {
    let place = |name: &str| FIRST.iter().position(|first| *first == name).unwrap_or(FIRST.len());
    let mut entries: Vec<(&str, Node<'_, '_>)> =
        root.entries().filter(|(name, _)| !UNTOLD.contains(name)).take(PROPERTIES).collect();
    entries.sort_by_key(|(name, _)| place(name));
    let document = listed::read(root);
    if document.is_some() {
        entries.retain(|(name, _)| !listed::TOLD.contains(name));
    }
    let mut reader = Reader {
        things,
        shell,
        extension,
        facts: document.map_or_else(Vec::new, |one| listed::facts(&one, shell.words)),
    };
    for (name, value) in entries {
        reader.property(name, name, value, 0);
    }
    Facts(reader.facts)
}

struct Reader<'r> {
    things: &'r HashMap<&'r str, &'r Thing>,
    shell: &'r Shell,
    /// The extension that is told elsewhere.
    extension: &'r str,
    facts: Vec<(String, Vec<Fact>)>,
}

impl Reader<'_> {
    /// Adds what one property says; what it holds inside is named by the way to it.
    fn property(&mut self, path: &str, name: &str, value: Node<'_, '_>, depth: usize) {
        match value.shape() {
            Shape::Object if depth < INSIDE => {
                let inside = value.entries().take(PROPERTIES);
                let elsewhere = if path == "extensions" { self.extension } else { "" };
                for (inner, value) in inside.filter(|(inner, _)| *inner != elsewhere || elsewhere.is_empty()) {
                    self.property(&format!("{path} {inner}"), inner, value, depth + 1);
                }
            }
            Shape::Array => self.list(path, name, value, depth),
            _ => {
                let fact = self.leaf(path, name, value);
                self.tell(path, vec![fact]);
            }
        }
    }

    fn list(&mut self, path: &str, name: &str, value: Node<'_, '_>, depth: usize) {
        let total = value.items().count();
        let mut facts = Vec::new();
        for item in value.items().take(ITEMS) {
            match item.shape() {
                Shape::Object if depth < INSIDE => facts.push(Fact::Text(Foreign::lines(&brief(item)))),
                _ => facts.push(self.leaf(path, name, item)),
            }
        }
        if total > ITEMS {
            facts.push(Fact::More(self.shell.words.counted("and-more", (total - ITEMS) as u64)));
        }
        if !facts.is_empty() {
            self.tell(path, facts);
        }
    }

    fn leaf(&self, path: &str, name: &str, value: Node<'_, '_>) -> Fact {
        let words = self.shell.words;
        let Some(text) = value.as_str() else { return Fact::Text(Foreign::line(&leaf(value))) };
        if name.ends_with("_ref") || name.ends_with("_refs") {
            let kind = text.split("--").next().unwrap_or_default();
            return Fact::Thing(match self.things.get(text) {
                Some(thing) => super::link(thing, words),
                None => ThingLink::new(text, kind, "", true, words),
            });
        }
        if let Some(at) = text.ends_with('Z').then(|| Timestamp::parse(text).ok()).flatten() {
            return Fact::Words(words.moment(at));
        }
        if name == "pattern" || name == "definition" {
            return Fact::Code(Foreign::lines(text));
        }
        if VALUES.contains(&name) || path.starts_with("hashes ") || path.contains(" hashes ") {
            return Fact::Value(
                Foreign::line(text),
                format!("/desk/find?q={}", escaped(&text.chars().take(1_000).collect::<String>())),
            );
        }
        if text.len() > 120 || text.contains('\n') {
            Fact::Long(Foreign::lines(text))
        } else {
            Fact::Text(Foreign::line(text))
        }
    }

    fn tell(&mut self, path: &str, facts: Vec<Fact>) {
        let words = self.shell.words;
        let name = match path.split_once(' ') {
            Some((first, rest)) => format!("{} {}", words.known("property-", first), Foreign::line(rest).plain()),
            None => Foreign::line(&words.known("property-", path)).plain().to_owned(),
        };
        self.facts.push((name, facts));
    }
}

/// An object inside a list, in a line.
fn brief(node: Node<'_, '_>) -> String {
    let parts = node.entries().take(8).filter(|(_, value)| !matches!(value.shape(), Shape::Object | Shape::Array));
    let parts: Vec<String> = parts.map(|(name, value)| format!("{name}: {}", leaf(value))).collect();
    parts.join(" · ")
}

/// A text, number or truth as text.
pub(super) fn leaf(node: Node<'_, '_>) -> String {
    if let Some(text) = node.as_str() {
        return text.to_owned();
    }
    let number = || node.as_i64().map(|number| number.to_string()).or_else(|| node.as_f64().map(|n| n.to_string()));
    node.as_bool().map(|is| is.to_string()).or_else(number).unwrap_or_else(|| "null".to_owned())
}

/// What is told first.
const FIRST: [&str; 34] = [
    "name",
    "value",
    "description",
    "abstract",
    "content",
    "opinion",
    "explanation",
    "pattern",
    "pattern_type",
    "indicator_types",
    "relationship_type",
    "source_ref",
    "target_ref",
    "sighting_of_ref",
    "count",
    "aliases",
    "malware_types",
    "is_family",
    "threat_actor_types",
    "goals",
    "sophistication",
    "resource_level",
    "primary_motivation",
    "identity_class",
    "sectors",
    "confidence",
    "published",
    "valid_from",
    "valid_until",
    "first_seen",
    "last_seen",
    "object_refs",
    "hashes",
    "created_by_ref",
];
/// What stands elsewhere on the page, or says nothing to people.
const UNTOLD: [&str; 6] = ["type", "id", "spec_version", "object_marking_refs", "granular_markings", "pattern_version"];
/// Properties that hold one value each.
const VALUES: [&str; 6] = ["value", "key", "account_login", "user_id", "mac", "serial_number"];
/// Properties of one object that are told.
const PROPERTIES: usize = 200;
/// Items of one list that are told.
const ITEMS: usize = 20;
/// How deep objects inside objects are told.
const INSIDE: usize = 4;
