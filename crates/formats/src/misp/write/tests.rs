use std::collections::{BTreeMap, BTreeSet};

use comity_base::Timestamp;
use comity_stix::Doc;
use comity_stix::value::Values;
use serde_json::{Value, json};
use uuid::Uuid;

use super::*;
use crate::collect::{Collected, context, shared};
use crate::{Format, SourceFile};

mod forms;
mod native;
mod round;

fn read(event: &Value) -> Collected {
    let mut sink = Collected::default();
    let file = SourceFile { name: "test", format: Format::MispEvent };
    let text = event.to_string();
    assert!(super::super::read_misp(&mut text.as_bytes(), file, &context(), &mut sink).unwrap().is_continue());
    sink
}

fn org(name: &str) -> MispOrg {
    MispOrg { name: name.to_owned(), uuid: Uuid::from_u128(name.len() as u128 + 1) }
}

fn writer() -> MispWriter {
    MispWriter::new(org("Node"), Values::new([7; 32]))
}

/// The event of these objects, of which the first report or grouping is the container; and what became of them.
fn written(objects: &[Vec<u8>], distribution: Distribution) -> (Value, MispAccount) {
    let docs: Vec<Doc<'_>> = objects.iter().map(|raw| Doc::parse(raw, 64).unwrap()).collect();
    let members: Vec<MispMember<'_>> =
        docs.iter().map(|doc| MispMember { object: doc.root(), elsewhere: false }).collect();
    let whole = |node: &comity_stix::Node<'_, '_>| matches!(node.str("type"), Some("report" | "grouping" | "incident"));
    let container = docs.iter().map(Doc::root).find(whole);
    let source = MispSource { container, members: &members, owner: &org("Owner"), day: day() };
    let event = writer().event(&source, distribution);
    let mut out = Vec::new();
    event.write(&mut out).unwrap();
    let mut value: Value = serde_json::from_slice(&out).unwrap();
    let sum = event.account.written + event.account.told + event.account.missing;
    assert_eq!(sum, members.len() as u64 - u64::from(container.is_some()), "every member is accounted for");
    (value["Event"].take(), event.account)
}

fn day() -> Timestamp {
    Timestamp::parse("2026-11-01T00:00:00Z").unwrap()
}
