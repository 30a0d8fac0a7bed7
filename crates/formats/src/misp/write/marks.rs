//! What may be done with an object, and how it is tagged: from STIX markings and labels to MISP's tags.

use std::borrow::Cow;
use std::collections::HashSet;

use comity_stix::label::{KnownMarkings, Tlp};
use comity_stix::{Node, ObjectId};
use uuid::Uuid;

use super::event::{Distribution, MispTag};

/// The markings and labels of one object.
#[derive(Clone, Debug, Default)]
pub(super) struct Marks<'d> {
    /// The strictest level of its markings and labels.
    pub(super) tlp: Option<Tlp>,
    /// What limits who may see it at a MISP, when it says.
    pub(super) distribution: Option<Distribution>,
    /// Its tags but for TLP, in the order they stand.
    pub(super) tags: Vec<Cow<'d, str>>,
    /// Whether a marking restricts more than any tag says.
    pub(super) restricted: bool,
}

impl<'d> Marks<'d> {
    pub(super) fn read(node: Node<'d, 'd>, known: &KnownMarkings) -> Self {
        let mut marks = Self::default();
        let whole = node.get("object_marking_refs").into_iter().flat_map(Node::items).filter_map(Node::as_str);
        let parts = node.get("granular_markings").into_iter().flat_map(Node::items);
        let parts = parts.filter_map(|part| part.str("marking_ref"));
        for id in whole.chain(parts) {
            marks.marking(id, known);
        }
        for label in node.get("labels").into_iter().flat_map(Node::items).filter_map(Node::as_str) {
            marks.label(label);
        }
        marks
    }

    fn marking(&mut self, id: &str, known: &KnownMarkings) {
        let uuid = id.strip_prefix("marking-definition--").and_then(|uuid| Uuid::try_parse(uuid).ok());
        if let Some(level) = uuid.and_then(|uuid| Tlp::from_marking_uuid(uuid.as_u128())) {
            self.tlp = self.tlp.max(Some(level));
            return;
        }
        let Some(meaning) = ObjectId::parse(id).ok().and_then(|id| known.meaning(&id)) else {
            self.restricted = true;
            return;
        };
        let said = &meaning.said;
        self.tlp = self.tlp.max(said.tlp);
        self.tags.extend(said.pap.map(|pap| pap.marked().into()));
        self.tags.extend(said.handling.iter().map(|code| format!("handling:{}", code.name()).into()));
        self.tags.extend(said.grading.iter().flat_map(|grade| graded(grade)).map(Cow::Owned));
        self.restricted |= meaning.unreadable.is_some()
            || said.release_to.is_some()
            || !said.deny.is_empty()
            || said.purposes.is_some()
            || said.retain_until.is_some()
            || !said.markings.is_empty();
    }

    fn label(&mut self, label: &'d str) {
        match own_tag(label) {
            Some(("distribution", level)) => self.limit(Distribution::read(&level)),
            Some(("sharing-group", _)) => self.limit(Distribution::OwnOrganisation),
            Some(_) => {}
            None if is_tlp(label) => self.tlp = self.tlp.max(Some(Tlp::parse(label).unwrap_or(Tlp::Red))),
            None => self.tags.push(Cow::Borrowed(label)),
        }
    }

    fn limit(&mut self, level: Distribution) {
        self.distribution = Some(self.distribution.map_or(level, |other| other.min(level)));
    }

    /// The tags to write where those of the event hold too.
    pub(super) fn within(self, event: &EventMarks<'d>) -> Vec<MispTag<'d>> {
        let level = self.tlp.filter(|level| Some(*level) != event.tlp).map(tlp_tag);
        let own = self.tags.into_iter().filter(|tag| !event.tags.contains(tag));
        let mut seen = HashSet::new();
        level
            .into_iter()
            .map(Cow::Borrowed)
            .chain(own)
            .filter(|tag| seen.insert(tag.clone()))
            .map(|name| MispTag { name, relation: None })
            .collect()
    }
}

/// Adds to tags what restricts more: a stricter level, and codes that nothing else says.
pub(super) fn stricter<'d>(tags: &mut Vec<MispTag<'d>>, marks: &Marks<'d>, around: &EventMarks<'d>) {
    let level = |tag: &MispTag<'_>| is_tlp(&tag.name).then(|| Tlp::parse(&tag.name).unwrap_or(Tlp::Red));
    let strictest = tags.iter().filter_map(level).max().max(around.tlp);
    if let Some(new) = marks.tlp.filter(|new| Some(*new) > strictest) {
        tags.retain(|tag| level(tag).is_none());
        tags.insert(0, MispTag { name: Cow::Borrowed(tlp_tag(new)), relation: None });
    }
    for name in marks.tags.iter().filter(|name| restricts(name) && !around.tags.contains(*name)) {
        if tags.iter().all(|tag| tag.name != *name) {
            tags.push(MispTag { name: name.clone(), relation: None });
        }
    }
}

/// Tags that limit what may be done.
fn restricts(tag: &str) -> bool {
    let spaces = ["pap:", "handling", "europol-handling", "retention:"];
    spaces.iter().any(|space| tag.get(..space.len()).is_some_and(|head| head.eq_ignore_ascii_case(space)))
}

/// What the event says for everything in it.
#[derive(Debug, Default)]
pub(super) struct EventMarks<'d> {
    pub(super) tlp: Option<Tlp>,
    pub(super) tags: HashSet<Cow<'d, str>>,
}

fn is_tlp(label: &str) -> bool {
    label.get(..4).is_some_and(|head| head.eq_ignore_ascii_case("tlp:"))
}

/// The level as MISP's taxonomy `tlp` names it.
pub(super) fn tlp_tag(level: Tlp) -> &'static str {
    match level {
        Tlp::Clear => "tlp:clear",
        Tlp::Green => "tlp:green",
        Tlp::Amber => "tlp:amber",
        Tlp::AmberStrict => "tlp:amber+strict",
        Tlp::Red => "tlp:red",
    }
}

/// `admiralty-scale:B2` as the two tags of MISP's taxonomy.
fn graded(grade: &str) -> Vec<String> {
    let Some(code) = grade.strip_prefix("admiralty-scale:") else { return vec![grade.to_owned()] };
    let one = |c: char| {
        let predicate = if c.is_ascii_digit() { "information-credibility" } else { "source-reliability" };
        format!("admiralty-scale:{predicate}=\"{}\"", c.to_ascii_lowercase())
    };
    code.chars().map(one).collect()
}

/// The name and value of a label with which the reader keeps what STIX has no member for.
///
/// MISP's own taxonomy `misp` has other names, but for a threat level in words.
pub(super) fn own_tag(label: &str) -> Option<(&'static str, Cow<'_, str>)> {
    let (name, value) = label.strip_prefix("misp:")?.split_once("=\"")?;
    let name = *OWN.iter().find(|own| **own == name)?;
    let value = value.strip_suffix('"')?;
    if name == "threat-level" && !value.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    Some((name, if value.contains('\\') { unescaped(value).into() } else { value.into() }))
}

/// `\\` and `\"` as the reader wrote them.
fn unescaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        out.push(if c == '\\' { chars.next().unwrap_or(c) } else { c });
    }
    out
}

/// A value that the reader keeps in a label of this name.
pub(super) fn kept<'d>(node: Node<'d, 'd>, name: &str) -> Option<Cow<'d, str>> {
    let labels = node.get("labels").into_iter().flat_map(Node::items).filter_map(Node::as_str);
    labels.filter_map(own_tag).find(|(own, _)| *own == name).map(|(_, value)| value)
}

/// The names of the reader's labels.
const OWN: [&str; 16] = [
    "date",
    "type",
    "category",
    "to_ids",
    "name",
    "meta-category",
    "galaxy-name",
    "galaxy-type",
    "threat-level",
    "analysis",
    "extends",
    "distribution",
    "sharing-group",
    "sharing-group-name",
    "sighting-type",
    "context-layer",
];
