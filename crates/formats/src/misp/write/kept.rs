//! What the reader made of a MISP attribute or object, as that attribute or object again.

use std::borrow::Cow;
use std::collections::HashMap;

use comity_base::Timestamp;
use comity_stix::label::Tlp;
use comity_stix::{Node, Shape};
use uuid::Uuid;

use super::super::members::{made, read_uuid};
use super::build::{Base, Build, End, Fate, Held};
use super::event::{MispAttribute, MispObject, MispTag};
use super::head::moment;
use super::loss::MispGap;
use super::marks::kept;
use super::plan::{Part, Plan};
use super::types;

/// What of a MISP attribute or object an object keeps; `None` when it keeps too little to be one again.
pub(super) enum Kept<'d> {
    Attribute {
        kind: Cow<'d, str>,
        value: Cow<'d, str>,
    },
    Object {
        name: Cow<'d, str>,
    },
    /// A card number, which is not kept.
    Card,
}

impl<'d> Kept<'d> {
    pub(super) fn of(node: Node<'d, 'd>) -> Option<Self> {
        if let Some(name) = node.str("x_misp_name").filter(|_| node.get("x_misp_attributes").is_some()) {
            return Some(Self::Object { name: Cow::Borrowed(name) });
        }
        let kind = node.str("x_misp_type").map(Cow::Borrowed).or_else(|| kept(node, "type"))?;
        if kind == "cc-number" && node.get("x_misp_value").is_none() {
            return Some(Self::Card);
        }
        let value = match node.str("type")? {
            "vulnerability" | "campaign" => node.str("name"),
            "indicator" if node.str("pattern_type") != Some("stix") => node.str("pattern"),
            "indicator" | "observed-data" | "x-misp-attribute" => node.str("x_misp_value"),
            _ => None,
        };
        Some(Self::Attribute { value: Cow::Borrowed(value?), kind })
    }
}

impl<'d> Build<'_, 'd> {
    /// Writes what is kept; `false` when nothing is.
    pub(super) fn kept(&mut self, node: Node<'d, 'd>, elsewhere: bool) -> bool {
        let id = node.str("id");
        match Kept::of(node) {
            None => return false,
            Some(Kept::Card) => self.lose(id, MispGap::Card),
            Some(Kept::Attribute { kind, value }) => {
                let base = self.kept_base(node, elsewhere);
                let attribute = self.kept_attribute(node, &base, kind, value);
                let place = self.event.attributes.len();
                self.hold(&attribute.kind, &attribute.value, Held::Attribute(place));
                self.event.attributes.push(attribute);
                self.became(node, End::Attributes(vec![place]));
            }
            Some(Kept::Object { name }) => {
                let base = self.kept_base(node, elsewhere);
                let object = self.kept_object(node, &base, name);
                let place = self.event.objects.len();
                self.hold_all(&object, place);
                let inside = object.attributes.iter().enumerate().map(|(at, attribute)| (attribute.uuid, (place, at)));
                self.inside.extend(inside);
                self.event.objects.push(object);
                self.became(node, End::Objects(vec![place]));
            }
        }
        // The observables beside it tell the same.
        for told in node.get("object_refs").into_iter().flat_map(Node::items).filter_map(Node::as_str) {
            self.fate(Some(told), Fate::Told);
        }
        true
    }

    pub(super) fn became(&mut self, node: Node<'d, 'd>, end: End) {
        if let Some(id) = node.str("id") {
            self.fate(Some(id), Fate::Written);
            // An object that is the container stays the event for what refers to it.
            self.ends.entry(id).or_insert(end);
        }
    }

    /// As [`Self::base`], with the times as the reader keeps them.
    fn kept_base(&mut self, node: Node<'d, 'd>, elsewhere: bool) -> Base<'d> {
        let mut base = self.base(node, elsewhere);
        (base.first, base.last) = seen(node);
        let told = kept(node, "to_ids");
        base.to_ids = told.is_some_and(|told| told.eq_ignore_ascii_case("true"));
        let comment = match node.str("type") {
            Some("vulnerability" | "campaign") => node.str("description"),
            _ => node.str("x_misp_comment"),
        };
        base.comment = Cow::Borrowed(comment.unwrap_or_default());
        base
    }

    fn kept_attribute(
        &self,
        node: Node<'d, 'd>,
        base: &Base<'d>,
        kind: Cow<'d, str>,
        value: Cow<'d, str>,
    ) -> MispAttribute<'d> {
        let category = node.str("x_misp_category").map(Cow::Borrowed).or_else(|| kept(node, "category"));
        MispAttribute {
            uuid: base.uuid.unwrap_or_else(|| made(&format!("{} {}", self.event.head.uuid, base.source))),
            category: category.unwrap_or_else(|| Cow::Borrowed(types::category_of(&kind))),
            kind,
            value,
            to_ids: base.to_ids && !base.deleted,
            comment: base.comment.clone(),
            timestamp: base.timestamp,
            first_seen: base.first,
            last_seen: base.last,
            distribution: base.distribution,
            deleted: base.deleted,
            disable_correlation: truth(node, "x_misp_disable_correlation"),
            relation: Cow::Borrowed(""),
            data: node.str("x_misp_data").map(Cow::Borrowed),
            tags: base.tags.clone(),
            source: base.source,
            clusters: Vec::new(),
            sightings: Vec::new(),
        }
    }

    fn kept_object(&mut self, node: Node<'d, 'd>, base: &Base<'d>, name: Cow<'d, str>) -> MispObject<'d> {
        let template = types::template(&name);
        let own = |member: &str| node.str(member).map(Cow::Borrowed);
        let meta = own("x_misp_meta_category").or_else(|| template.map(|known| known.meta_category.into()));
        let uuid = base.uuid.unwrap_or_else(|| made(&format!("{} {}", self.event.head.uuid, base.source)));
        let items: Vec<_> = node.get("x_misp_attributes").into_iter().flat_map(Node::items).collect();
        let common = common_tags(&items, &base.tags);
        let mut attributes = Vec::with_capacity(items.len());
        for (place, item) in items.into_iter().enumerate() {
            let Some(mut attribute) = self.inside(item, base, uuid, place) else { continue };
            attribute.tags = own_tags(item);
            attribute.tags.extend(common.iter().cloned());
            attributes.push(attribute);
        }
        MispObject {
            uuid,
            meta_category: meta.unwrap_or(Cow::Borrowed("misc")),
            description: own("x_misp_description").unwrap_or_default(),
            template_uuid: own("x_misp_template_uuid").or_else(|| template.map(|known| known.uuid.into())),
            template_version: own("x_misp_template_version")
                .or_else(|| template.map(|known| known.version.into()))
                .unwrap_or(Cow::Borrowed("1")),
            comment: base.comment.clone(),
            timestamp: base.timestamp,
            first_seen: base.first,
            last_seen: base.last,
            distribution: base.distribution,
            deleted: base.deleted,
            attributes,
            source: base.source,
            references: Vec::new(),
            name,
        }
    }

    /// An attribute that is kept beside its object; none when it has no value.
    fn inside(&mut self, item: Node<'d, 'd>, base: &Base<'d>, object: Uuid, place: usize) -> Option<MispAttribute<'d>> {
        let text = |name: &str| item.str(name).unwrap_or_default();
        let kind = item.str("type")?;
        // A card number is kept as a hash only, which is no number.
        let value = item.str("value").filter(|value| kind != "cc-number" || !value.contains(':'));
        let Some(value) = value else {
            self.gap(Some("x_misp_attributes"), if kind == "cc-number" { MispGap::Card } else { MispGap::Empty });
            return None;
        };
        let own = read_uuid(text("uuid")).filter(|_| base.uuid.is_some());
        let uuid = own.unwrap_or_else(|| made(&format!("{object} {place} {kind} {value}")));
        let timestamp = text("timestamp").parse().unwrap_or(base.timestamp);
        self.changed(timestamp);
        let category = item.str("category").unwrap_or_else(|| types::category_of(kind));
        Some(MispAttribute {
            uuid,
            kind: Cow::Borrowed(kind),
            category: Cow::Borrowed(category),
            value: Cow::Borrowed(value),
            to_ids: truth(item, "to_ids") && !base.deleted,
            comment: Cow::Borrowed(text("comment")),
            timestamp,
            first_seen: moment(item, "first_seen"),
            last_seen: moment(item, "last_seen"),
            distribution: base.distribution,
            deleted: base.deleted,
            disable_correlation: truth(item, "disable_correlation"),
            relation: Cow::Borrowed(text("object_relation")),
            data: item.str("data").map(Cow::Borrowed),
            tags: Vec::new(),
            source: base.source,
            clusters: Vec::new(),
            sightings: Vec::new(),
        })
    }

    /// Links, which the reader makes references of the report, and addresses that a native report cites.
    pub(super) fn references(&mut self, node: Node<'d, 'd>) {
        let mut base = self.base(node, true);
        // What the report is tagged with holds for the event; the links kept their own tags.
        base.tags = Vec::new();
        // What the reader keeps of a link beside its reference.
        let links = node.get("x_misp_links").into_iter().flat_map(Node::items);
        let links: HashMap<&str, Node<'d, 'd>> = links.filter_map(|link| Some((link.str("uuid")?, link))).collect();
        for reference in node.get("external_references").into_iter().flat_map(Node::items) {
            let Some(url) = reference.str("url") else {
                self.cited(reference, &base);
                continue;
            };
            let source = reference.str("source_name").unwrap_or_default();
            let ours = source == "misp-link";
            let own = reference.str("external_id").filter(|_| ours).and_then(read_uuid);
            let kept = reference.str("external_id").filter(|_| ours).and_then(|uuid| links.get(uuid)).copied();
            let text = |name: &str| kept.and_then(|kept| kept.str(name));
            let comment = reference.str("description").unwrap_or(if ours { "" } else { source });
            let mut link = self.kept_attribute(node, &base, Cow::Borrowed("link"), Cow::Borrowed(url));
            link.uuid = own.unwrap_or_else(|| made(&format!("{} link {url}", base.source)));
            link.category = Cow::Borrowed(text("category").unwrap_or("External analysis"));
            link.comment = Cow::Borrowed(comment);
            (link.data, link.disable_correlation) = (None, kept.is_some_and(|kept| truth(kept, "disable_correlation")));
            link.timestamp = text("timestamp").and_then(|text| text.parse().ok()).unwrap_or(link.timestamp);
            link.first_seen = kept.and_then(|kept| moment(kept, "first_seen"));
            link.last_seen = kept.and_then(|kept| moment(kept, "last_seen"));
            link.tags = kept.map(own_tags).unwrap_or_default();
            if ours {
                self.event.attributes.push(link);
            } else {
                self.stand(link);
            }
        }
    }

    /// A citation without an address: `CVE-2026-1` is a value, the number of a paper is not.
    fn cited(&mut self, reference: Node<'d, 'd>, base: &Base<'d>) {
        match reference.str("external_id").filter(|_| reference.str("source_name") == Some("cve")) {
            Some(number) => {
                let alone = vec![Part::new("vulnerability", number).describing()];
                self.place(base, Plan { alone, ..Plan::default() }, "report");
            }
            None => self.gap(Some("external-reference"), MispGap::Part),
        }
    }
}

/// The tags that an attribute inside an object, or a link, keeps by itself.
fn own_tags<'d>(item: Node<'d, 'd>) -> Vec<MispTag<'d>> {
    let names = item.get("tags").into_iter().flat_map(Node::items).filter_map(Node::as_str);
    names.map(|name| MispTag { name: Cow::Borrowed(name), relation: None }).collect()
}

/// The tags of an object that its attributes do not keep by themselves: they hold for each.
fn common_tags<'d>(items: &[Node<'d, 'd>], of_object: &[MispTag<'d>]) -> Vec<MispTag<'d>> {
    let own: Vec<MispTag<'_>> = items.iter().flat_map(|item| own_tags(*item)).collect();
    let strictest = own.iter().filter_map(|tag| level(&tag.name)).max();
    let is_common = |tag: &&MispTag<'_>| match level(&tag.name) {
        Some(level) => Some(level) > strictest,
        None => !own.iter().any(|other| other.name == tag.name),
    };
    of_object.iter().filter(is_common).cloned().collect()
}

fn level(tag: &str) -> Option<Tlp> {
    tag.get(..4).filter(|head| head.eq_ignore_ascii_case("tlp:")).and_then(|_| Tlp::parse(tag).ok())
}

/// When it was seen: the reader writes these as validity or observation, from the moment of change on where
/// nothing was said, and keeps them beside where that would not tell them.
fn seen(node: Node<'_, '_>) -> (Option<Timestamp>, Option<Timestamp>) {
    let (first, last) = match node.str("type") {
        Some("indicator") => (moment(node, "valid_from"), moment(node, "valid_until")),
        Some("observed-data") => (moment(node, "first_observed"), moment(node, "last_observed")),
        _ => (None, None),
    };
    let last = last.filter(|_| last != first);
    let first = first.filter(|_| first != moment(node, "modified"));
    (moment(node, "x_misp_first_seen").or(first), moment(node, "x_misp_last_seen").or(last))
}

fn truth(node: Node<'_, '_>, name: &str) -> bool {
    match node.get(name).map(|member| (member.shape(), member)) {
        Some((Shape::Bool, member)) => member.as_bool() == Some(true),
        Some((Shape::Integer, member)) => member.as_i64() == Some(1),
        Some((Shape::Text, member)) => {
            member.as_str().is_some_and(|text| text == "1" || text.eq_ignore_ascii_case("true"))
        }
        _ => false,
    }
}
