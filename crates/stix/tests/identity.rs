//! Deterministic identifiers against those in published data.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use comity_stix::{Class, Doc, Node, refs, sco_id};

fn data() -> Option<PathBuf> {
    let folder = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data/cti"));
    if !folder.is_dir() {
        println!("skipped: ../shared/data absent");
        return None;
    }
    Some(folder)
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut all = Vec::new();
    for entry in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        if entry.is_dir() {
            all.extend(files(&entry));
        } else if entry.extension().is_some_and(|ending| ending == "json" || ending == "stix2") {
            all.push(entry);
        }
    }
    all.sort();
    all
}

fn observables<'d, 'a>(node: Node<'d, 'a>, found: &mut dyn FnMut(Node<'d, 'a>)) {
    if node.str("type").is_some_and(|kind| Class::of(kind) == Class::Sco) && node.str("id").is_some() {
        found(node);
    }
    for inner in node.items().chain(node.entries().map(|(_, value)| value)) {
        observables(inner, found);
    }
}

#[test]
fn identifiers_agree_with_published_ones() {
    let Some(folder) = data() else { return };
    let show = std::env::var("COMITY_SHOW").is_ok();
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for name in ["interop", "cti-docs-examples", "attack", "elevator-2.1", "misp-stix", "mobile-stix", "talos-stix"] {
        for file in files(&folder.join(name)) {
            let bytes = fs::read(&file).unwrap();
            let Ok(doc) = Doc::parse(&bytes, 64) else { continue };
            observables(doc.root(), &mut |node| {
                let (kind, id) = (node.str("type").unwrap(), node.str("id").unwrap());
                let made = sco_id(kind, node).map(|id| id.to_string());
                let verdict = match &made {
                    _ if id.as_bytes().get(id.len().saturating_sub(22)) != Some(&b'5') => "not made from contents",
                    Some(made) if made == id => "agree",
                    _ => "differ",
                };
                if show && verdict == "differ" {
                    println!("{} {id} {made:?} {node:?}", file.display());
                }
                *counts.entry(format!("{name}: {verdict}")).or_default() += 1;
            });
        }
    }
    let lines: Vec<_> = counts.iter().map(|(what, count)| format!("{what} {count}")).collect();
    println!("{}", lines.join("\n"));
    // Those that differ were made otherwise: the specification's own examples (copied by misp-stix and by
    // some of interop) come from a draft, two of elevator from objects it changed afterwards, and some of
    // interop are the identifier of another example. python-stix2 made the same identifiers as we do for
    // all 655 observables of these folders that it can read.
    let expected = [
        "elevator-2.1: agree 7",
        "elevator-2.1: differ 2",
        "elevator-2.1: not made from contents 3",
        "interop: agree 12",
        "interop: differ 19",
        "interop: not made from contents 60",
        "misp-stix: agree 2",
        "misp-stix: differ 211",
        "misp-stix: not made from contents 370",
        "talos-stix: not made from contents 1",
    ];
    assert_eq!(lines, expected);
}

#[test]
fn references_of_a_bundle_are_found() {
    let Some(folder) = data() else { return };
    let bytes = fs::read(folder.join("interop/graph/indicator-malware-actor-chain.json")).unwrap();
    let doc = Doc::parse(&bytes, 64).unwrap();
    let mut count = 0;
    refs(doc.root(), &mut |property, id| {
        assert!(property.ends_with("_ref") || property.ends_with("_refs"));
        assert!(id.contains("--"));
        count += 1;
    });
    assert!(count > 0);
}
