//! The head of an event, from its container.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use comity_base::Timestamp;
use comity_stix::label::KnownMarkings;
use comity_stix::{Node, ObjectId};
use uuid::Uuid;

use super::super::members::made;
use super::event::{Distribution, MispHead, MispOrg};
use super::marks::{Marks, kept};
use super::{MispSource, MispWriter};

pub(super) fn head<'d>(
    writer: &MispWriter,
    source: &MispSource<'_, 'd>,
    at: &HashMap<&'d str, Node<'d, 'd>>,
    distribution: Distribution,
) -> MispHead<'d> {
    let own = source.container;
    let text = |name: &str| own.and_then(|node| node.str(name)).filter(|text| !text.trim().is_empty());
    let time = |name: &str| own.and_then(|node| moment(node, name));
    let day = time("created").or_else(|| time("first_observed")).unwrap_or(source.day).to_string();
    let date = text("x_misp_date").unwrap_or_else(|| day.get(..10).unwrap_or_default()).to_owned();
    let timestamp = time("modified").or_else(|| time("last_observed")).unwrap_or(source.day);
    let loose = || made(&format!("loose {} {date}", source.owner.uuid));
    let id = text("id");
    let creator = text("created_by_ref").map(|id| {
        let unnamed = || MispOrg { name: source.owner.name.clone(), uuid: uuid_of(id).unwrap_or(source.owner.uuid) };
        organisation(at, id).unwrap_or_else(unnamed)
    });
    let told = |name: &str| own.and_then(|node| kept(node, name));
    let kind = text("type").unwrap_or_default();
    let done = if kind == "report" { "2" } else { "1" };
    MispHead {
        uuid: id.and_then(uuid_of).unwrap_or_else(loose),
        info: match text("name").or_else(|| text("abstract")) {
            Some(name) => Cow::Borrowed(name),
            None if own.is_some() => format!("{}, {date}", kind.replace('-', " ")).into(),
            None => format!("Objects of {}, {date}", source.owner.name).into(),
        },
        timestamp: seconds(timestamp),
        publish_timestamp: time("published").map_or(seconds(timestamp), seconds),
        analysis: told("analysis").unwrap_or(Cow::Borrowed(done)),
        threat_level: told("threat-level").unwrap_or(Cow::Borrowed("4")),
        distribution,
        org: writer.host.clone(),
        orgc: creator.unwrap_or_else(|| source.owner.clone()),
        extends: told("extends"),
        tags: Vec::new(),
        date,
    }
}

/// The marks of a container, without the tags that the reader took over from its links.
pub(super) fn of_container<'d>(node: Node<'d, 'd>, markings: &KnownMarkings) -> Marks<'d> {
    let mut marks = Marks::read(node, markings);
    let list = |member: Option<Node<'d, 'd>>| member.into_iter().flat_map(Node::items).filter_map(Node::as_str);
    if let Some(own) = node.get("x_misp_event_tags") {
        let own: HashSet<&str> = list(Some(own)).collect();
        let links = node.get("x_misp_links").into_iter().flat_map(Node::items);
        let of_links: HashSet<&str> = links.flat_map(|link| list(link.get("tags"))).collect();
        marks.tags.retain(|tag| own.contains(&**tag) || !of_links.contains(&**tag));
    }
    marks
}

/// Whether the reader made this container: it keeps what only MISP events say.
pub(super) fn is_from_misp(node: Node<'_, '_>) -> bool {
    ["analysis", "threat-level"].iter().any(|name| kept(node, name).is_some())
}

pub(super) fn organisation(at: &HashMap<&str, Node<'_, '_>>, id: &str) -> Option<MispOrg> {
    let name = at.get(id)?.str("name").filter(|_| id.starts_with("identity--"))?;
    Some(MispOrg { name: name.to_owned(), uuid: uuid_of(id)? })
}

/// The UUID in a STIX id.
pub(super) fn uuid_of(id: &str) -> Option<Uuid> {
    ObjectId::parse(id).ok().map(|id| id.uuid)
}

/// A member that is a moment.
pub(super) fn moment(node: Node<'_, '_>, name: &str) -> Option<Timestamp> {
    node.str(name).and_then(|text| Timestamp::parse(text).ok())
}

/// Whole seconds since 1970.
pub(super) fn seconds(at: Timestamp) -> i64 {
    at.as_micros().div_euclid(1_000_000)
}
