//! Events made of what one recipient may see.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::Range;
use std::sync::Arc;

use comity_base::Position;
use comity_formats::{
    Distribution, MispAttribute, MispEvent, MispHead, MispMember, MispObject, MispSource, MispTag, attribute_json,
};
use comity_node::{Ctx, Group, Item, Node, NodeError};
use comity_stix::Doc;
use uuid::Uuid;

use super::desk::{Seen, org_of, writer};

/// An event with what searches read of it.
pub(super) struct Built {
    pub(super) head: Arc<Head>,
    /// As REST clients read it.
    pub(super) json: Vec<u8>,
    /// Its attributes with and without the event's tags, one after the other.
    texts: Vec<u8>,
    pub(super) attributes: Vec<Found>,
}

/// An event's head with what it stands on.
pub(super) struct Head {
    pub(super) of: MispHead<'static>,
    /// When anything in it changed or came here last.
    pub(super) newest: i64,
    pub(super) attributes: usize,
    pub(super) stamp: u64,
    /// What is told where the head is.
    pub(super) leaves: Option<Position>,
}

/// An attribute that searches find.
pub(super) struct Found {
    pub(super) uuid: Uuid,
    pub(super) kind: String,
    pub(super) category: String,
    pub(super) value: String,
    pub(super) relation: String,
    pub(super) tags: Vec<String>,
    pub(super) to_ids: bool,
    pub(super) deleted: bool,
    pub(super) timestamp: i64,
    /// The id of the STIX object it was made of.
    pub(super) source: String,
    /// What is told with it.
    pub(super) leaves: Vec<Position>,
    plain: Range<usize>,
    tagged: Range<usize>,
}

impl Built {
    pub(super) fn of(node: &Node, ctx: &Ctx, seen: &Seen, at: usize) -> Result<Option<Self>, NodeError> {
        let Some(group) = seen.groups.all.get(at) else { return Ok(None) };
        with_event(node, ctx, seen, at, |made| make(seen, group.stamp, made))
    }

    /// Of a part of its objects only.
    pub(super) fn of_part(
        node: &Node,
        ctx: &Ctx,
        seen: &Seen,
        (part, uuid): (&Group, Uuid),
    ) -> Result<Option<Self>, NodeError> {
        event_of(node, ctx, seen, (part, uuid), |made| make(seen, part.stamp, made))
    }

    /// An attribute's JSON, with its event's tags or without.
    pub(super) fn text(&self, found: &Found, event_tags: bool) -> &[u8] {
        let range = if event_tags { &found.tagged } else { &found.plain };
        self.texts.get(range.clone()).unwrap_or_default()
    }

    pub(super) fn size(&self) -> usize {
        self.json.len() + self.texts.len() + self.attributes.len() * 400 + 1_000
    }
}

impl Found {
    /// Its value, and the parts of a composite one.
    pub(super) fn texts(&self) -> impl Iterator<Item = &str> {
        let composite = self.kind.contains('|') || self.kind == "malware-sample";
        let parts = self.value.split('|').filter(move |_| composite);
        std::iter::once(&*self.value).chain(parts)
    }
}

/// An event while its objects are at hand.
pub(super) struct Made<'d> {
    pub(super) event: MispEvent<'d>,
    pub(super) items: &'d [Item],
    pub(super) docs: &'d [Doc<'d>],
    pub(super) container: Option<Position>,
}

/// Makes an event of what may be seen at this moment; none when its container may not be.
pub(super) fn with_event<T>(
    node: &Node,
    ctx: &Ctx,
    seen: &Seen,
    at: usize,
    then: impl FnOnce(Made<'_>) -> T,
) -> Result<Option<T>, NodeError> {
    let (Some(group), Some(uuid)) = (seen.groups.all.get(at), seen.uuids.get(at)) else { return Ok(None) };
    event_of(node, ctx, seen, (group, *uuid), then)
}

fn event_of<T>(
    node: &Node,
    ctx: &Ctx,
    seen: &Seen,
    (group, uuid): (&Group, Uuid),
    then: impl FnOnce(Made<'_>) -> T,
) -> Result<Option<T>, NodeError> {
    let mut items = node.peek(ctx, &seen.views, &group.positions())?;
    items.retain(|item| Doc::parse(&item.raw, DEPTH).is_ok());
    let docs: Vec<Doc<'_>> = items.iter().filter_map(|item| Doc::parse(&item.raw, DEPTH).ok()).collect();
    let own = items.iter().zip(&docs).find(|(item, _)| Some(item.position) == group.container);
    if items.is_empty() || group.container.is_some() && own.is_none() {
        return Ok(None);
    }
    let elsewhere: HashMap<Position, bool> = group.members.iter().copied().collect();
    let members: Vec<MispMember<'_>> = items
        .iter()
        .zip(&docs)
        .filter(|(item, _)| Some(item.position) != group.container)
        .map(|(item, doc)| MispMember {
            object: doc.root(),
            elsewhere: elsewhere.get(&item.position).copied().unwrap_or_default(),
        })
        .collect();
    let owner = org_of(&group.owner);
    let source =
        MispSource { container: own.map(|(_, doc)| doc.root()), members: &members, owner: &owner, day: group.day };
    let mut event = writer(node, ctx).event(&source, Distribution::OwnOrganisation);
    let came = items.iter().map(seconds).max().unwrap_or_default();
    event.head.uuid = uuid;
    // What came late must not look old: a MISP fetches again what is newer than what it has.
    event.head.timestamp = event.head.timestamp.max(came);
    event.head.publish_timestamp = event.head.publish_timestamp.max(came);
    Ok(Some(then(Made { event, items: &items, docs: &docs, container: group.container })))
}

fn seconds(item: &Item) -> i64 {
    item.added.as_micros().div_euclid(1_000_000)
}

fn make(seen: &Seen, stamp: u64, made: Made<'_>) -> Built {
    let Made { event, items, docs, container } = made;
    let told = told_with(items, docs, container);
    let mut by_id: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (place, doc) in docs.iter().enumerate() {
        by_id.entry(doc.root().str("id").unwrap_or_default()).or_default().push(place);
    }
    let numbers = |uuid: Uuid| seen.number(uuid);
    let mut json = Vec::new();
    // Writing into memory cannot fail.
    drop(event.write_numbered(&numbers, &mut json));
    let (mut texts, mut attributes) = (Vec::new(), Vec::new());
    for (object, attribute) in event.all_attributes() {
        let places = by_id.get(attribute.source).map_or(&[][..], Vec::as_slice);
        let from: Vec<&Item> = places.iter().filter_map(|place| items.get(*place)).collect();
        let mut leaves: BTreeSet<Position> = container.into_iter().collect();
        leaves.extend(places.iter().filter_map(|place| told.get(*place)).flatten());
        let came = from.iter().map(|item| seconds(item)).max().unwrap_or_default();
        let mut shown = attribute.clone();
        // Clients ask for what is newer than the newest they have: what came late must not look old.
        shown.timestamp = shown.timestamp.max(came);
        let mut write = |event_tags: bool| written((&shown, object), &event.head, event_tags, &numbers, &mut texts);
        attributes.push(Found {
            plain: write(false),
            tagged: write(true),
            leaves: leaves.into_iter().collect(),
            ..found(&shown)
        });
    }
    let newest = attributes.iter().map(|found| found.timestamp).max().unwrap_or_default().max(event.head.timestamp);
    let (of, count) = (owned(&event.head), attributes.len());
    let head = Arc::new(Head { of, newest, attributes: count, stamp, leaves: container });
    Built { head, json, texts, attributes }
}

fn written(
    (attribute, object): (&MispAttribute<'_>, Option<&MispObject<'_>>),
    head: &MispHead<'_>,
    event_tags: bool,
    numbers: &dyn Fn(Uuid) -> u64,
    out: &mut Vec<u8>,
) -> Range<usize> {
    let from = out.len();
    drop(attribute_json(attribute, object, head, event_tags, numbers, &mut *out));
    from..out.len()
}

fn found(of: &MispAttribute<'_>) -> Found {
    Found {
        uuid: of.uuid,
        kind: of.kind.to_string(),
        category: of.category.to_string(),
        value: of.value.to_string(),
        relation: of.relation.to_string(),
        tags: of.tags.iter().map(|tag| tag.name.to_string()).collect(),
        to_ids: of.to_ids,
        deleted: of.deleted,
        timestamp: of.timestamp,
        source: of.source.to_owned(),
        leaves: Vec::new(),
        plain: 0..0,
        tagged: 0..0,
    }
}

/// For each object the positions of it, of what it refers to, and of what refers to it; but for the container.
fn told_with(items: &[Item], docs: &[Doc<'_>], container: Option<Position>) -> Vec<BTreeSet<Position>> {
    let places: HashMap<&str, Position> =
        docs.iter().zip(items).filter_map(|(doc, item)| Some((doc.root().str("id")?, item.position))).collect();
    let at: HashMap<Position, usize> = items.iter().enumerate().map(|(place, item)| (item.position, place)).collect();
    let mut told: Vec<BTreeSet<Position>> = items.iter().map(|item| BTreeSet::from([item.position])).collect();
    for (place, (doc, item)) in docs.iter().zip(items).enumerate() {
        if Some(item.position) == container {
            continue;
        }
        let mut ends = Vec::new();
        comity_stix::refs(doc.root(), &mut |_, id| ends.extend(places.get(id)));
        for end in &ends {
            if let Some(other) = at.get(end).and_then(|place| told.get_mut(*place)) {
                other.extend(ends.iter().copied().chain([item.position]));
            }
        }
        if let Some(own) = told.get_mut(place) {
            own.extend(ends);
        }
    }
    told
}

/// The head without the objects it was read from.
fn owned(head: &MispHead<'_>) -> MispHead<'static> {
    let own = |text: &Cow<'_, str>| Cow::Owned(text.to_string());
    let tag = |tag: &MispTag<'_>| MispTag { name: own(&tag.name), relation: tag.relation.as_ref().map(own) };
    MispHead {
        uuid: head.uuid,
        info: own(&head.info),
        date: head.date.clone(),
        timestamp: head.timestamp,
        publish_timestamp: head.publish_timestamp,
        analysis: own(&head.analysis),
        threat_level: own(&head.threat_level),
        distribution: head.distribution,
        org: head.org.clone(),
        orgc: head.orgc.clone(),
        extends: head.extends.as_ref().map(own),
        tags: head.tags.iter().map(tag).collect(),
    }
}

/// Objects were read within the node's own limit when they came in.
const DEPTH: usize = 256;
