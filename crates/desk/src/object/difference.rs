use std::collections::BTreeMap;

use comity_stix::{Doc, Node, Shape};

use super::super::parts::Foreign;

/// What one version changed in one place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Change {
    /// The place, as a path of property names.
    pub(super) path: Foreign,
    /// What stood there before; none where nothing did.
    pub(super) before: Option<Foreign>,
    /// What stands there since; none where nothing does.
    pub(super) after: Option<Foreign>,
}

/// What is different between two versions, by place: lists as sets of what they hold.
pub(super) fn between(before: &[u8], after: &[u8]) -> Vec<Change> {
    let (before, after) = (leaves(before), leaves(after));
    let mut paths: Vec<&String> = before.keys().chain(after.keys()).collect();
    paths.sort_unstable();
    paths.dedup();
    let mut changes = Vec::new();
    for path in paths {
        let (old, new) = (before.get(path), after.get(path));
        let gone = old.into_iter().flatten().filter(|text| !new.is_some_and(|new| new.contains(text)));
        let come = new.into_iter().flatten().filter(|text| !old.is_some_and(|old| old.contains(text)));
        let (mut gone, mut come) = (gone.map(|text| Foreign::line(text)), come.map(|text| Foreign::line(text)));
        loop {
            let (before, after) = (gone.next(), come.next());
            if (before.is_none() && after.is_none()) || changes.len() >= MOST {
                break;
            }
            changes.push(Change { path: Foreign::line(path), before, after });
        }
    }
    changes
}

/// Every text, number and truth of an object by its path.
fn leaves(raw: &[u8]) -> BTreeMap<String, Vec<String>> {
    let mut out = BTreeMap::new();
    if let Ok(doc) = Doc::parse(raw, super::DEPTH) {
        walk(doc.root(), &mut String::new(), &mut out);
    }
    out
}

fn walk(node: Node<'_, '_>, path: &mut String, out: &mut BTreeMap<String, Vec<String>>) {
    match node.shape() {
        Shape::Object => {
            for (name, value) in node.entries() {
                let length = path.len();
                if !path.is_empty() {
                    path.push('.');
                }
                path.push_str(name);
                walk(value, path, out);
                path.truncate(length);
            }
        }
        Shape::Array => node.items().for_each(|item| walk(item, path, out)),
        _ => out.entry(path.clone()).or_default().push(super::read::leaf(node)),
    }
}

/// Changes of one version that are told.
const MOST: usize = 200;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_tells_what_it_changed() {
        let told: Vec<(String, Option<String>, Option<String>)> = between(
            br#"{"name":"a","labels":["x","y"],"n":{"old":1}}"#,
            br#"{"name":"b","labels":["y","z"],"new":true}"#,
        )
        .into_iter()
        .map(|change| {
            let text = |one: &Foreign| one.plain().to_owned();
            (text(&change.path), change.before.as_ref().map(text), change.after.as_ref().map(text))
        })
        .collect();
        let line = |path: &str, before: &str, after: &str| {
            let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
            (path.to_owned(), some(before), some(after))
        };
        assert_eq!(
            told,
            [line("labels", "x", "z"), line("n.old", "1", ""), line("name", "a", "b"), line("new", "", "true")]
        );
        assert!(between(b"{}", b"{}").is_empty());
    }
}
