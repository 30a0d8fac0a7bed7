//! What a MISP event holds (MISP core format, sections 2.2 to 2.12), with texts borrowed from the STIX objects.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};

use comity_base::Timestamp;
use uuid::Uuid;

use super::MispAccount;

/// Who may see an event at the MISP that takes it (MISP core format, section 2.2.2.10).
///
/// Levels are ordered from closed to open. Sharing groups are not among them: a MISP takes one only with
/// the list of its organisations, so what is limited to a group is served as [`Self::OwnOrganisation`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Distribution {
    /// The organisation that receives it.
    #[default]
    OwnOrganisation,
    /// Every organisation of the receiving MISP.
    ThisCommunity,
    /// These, and MISPs connected to it.
    ConnectedCommunities,
    /// Everyone.
    AllCommunities,
}

impl Distribution {
    /// MISP's number for the level.
    pub const fn number(self) -> u8 {
        match self {
            Self::OwnOrganisation => 0,
            Self::ThisCommunity => 1,
            Self::ConnectedCommunities => 2,
            Self::AllCommunities => 3,
        }
    }

    /// The level that MISP writes as this text; a sharing group and what is not known are the most closed.
    pub(super) fn read(text: &str) -> Self {
        match text {
            "1" => Self::ThisCommunity,
            "2" => Self::ConnectedCommunities,
            "3" => Self::AllCommunities,
            _ => Self::OwnOrganisation,
        }
    }
}

/// An organisation as MISP names it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct MispOrg {
    /// Its name.
    pub name: String,
    /// Its UUID, by which MISPs know it under any name.
    pub uuid: Uuid,
}

/// A tag on an event or attribute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MispTag<'d> {
    /// `tlp:amber`
    pub name: Cow<'d, str>,
    /// How what is tagged relates to a galaxy's cluster, where more is known than that it does.
    pub relation: Option<Cow<'d, str>>,
}

/// What is said of an event as a whole.
#[derive(Clone, Debug)]
pub struct MispHead<'d> {
    /// Its UUID: the one it had at the MISP it came from, else that of the STIX object.
    pub uuid: Uuid,
    /// Its title.
    pub info: Cow<'d, str>,
    /// `2026-11-01`
    pub date: String,
    /// When it or anything in it changed last, in seconds since 1970.
    pub timestamp: i64,
    /// When it was published, in seconds since 1970.
    pub publish_timestamp: i64,
    /// 0 initial, 1 ongoing, 2 completed.
    pub analysis: Cow<'d, str>,
    /// 1 high, 2 medium, 3 low, 4 undefined.
    pub threat_level: Cow<'d, str>,
    /// Who may see it.
    pub distribution: Distribution,
    /// Who serves it.
    pub org: MispOrg,
    /// Who made it.
    pub orgc: MispOrg,
    /// The event it continues.
    pub extends: Option<Cow<'d, str>>,
    /// Its tags.
    pub tags: Vec<MispTag<'d>>,
}

/// A MISP event, ready to be written.
#[derive(Debug)]
pub struct MispEvent<'d> {
    /// What is said of the whole.
    pub head: MispHead<'d>,
    /// Attributes that stand by themselves.
    pub attributes: Vec<MispAttribute<'d>>,
    /// Objects with theirs.
    pub objects: Vec<MispObject<'d>>,
    /// What became of the STIX objects.
    pub account: MispAccount,
    pub(super) reports: Vec<Report<'d>>,
    pub(super) clusters: Vec<Cluster<'d>>,
    /// The event's own clusters, by their place in `clusters`.
    pub(super) galaxies: BTreeSet<usize>,
    pub(super) remarks: Remarks<'d>,
}

/// One value with what is said of it.
#[derive(Clone, Debug)]
pub struct MispAttribute<'d> {
    /// Its UUID.
    pub uuid: Uuid,
    /// `ip-dst`
    pub kind: Cow<'d, str>,
    /// `Network activity`
    pub category: Cow<'d, str>,
    /// The value; composite ones have `|` between their parts.
    pub value: Cow<'d, str>,
    /// Whether it is meant for detection.
    pub to_ids: bool,
    /// A remark.
    pub comment: Cow<'d, str>,
    /// When it changed last, in seconds since 1970.
    pub timestamp: i64,
    /// When it was seen first.
    pub first_seen: Option<Timestamp>,
    /// When it was seen last.
    pub last_seen: Option<Timestamp>,
    /// Who may see it; never more open than its event.
    pub distribution: Distribution,
    /// Whether it no longer holds: the STIX object is revoked. Receivers withdraw it.
    pub deleted: bool,
    /// Whether it is not compared with others.
    pub disable_correlation: bool,
    /// What it is in its object: `dst-port`; empty outside of one.
    pub relation: Cow<'d, str>,
    /// An attached file in Base64.
    pub data: Option<Cow<'d, str>>,
    /// Its own tags; those of the event hold for it too.
    pub tags: Vec<MispTag<'d>>,
    /// The id of the STIX object it was made of.
    pub source: &'d str,
    pub(super) clusters: Vec<usize>,
    pub(super) sightings: Vec<Sighting<'d>>,
}

/// Attributes that together describe one thing.
#[derive(Clone, Debug)]
pub struct MispObject<'d> {
    /// Its UUID.
    pub uuid: Uuid,
    /// The name of its template: `file`.
    pub name: Cow<'d, str>,
    /// The template's group: `network`.
    pub meta_category: Cow<'d, str>,
    /// What the template says it is for.
    pub description: Cow<'d, str>,
    /// The template's UUID, when it is known.
    pub template_uuid: Option<Cow<'d, str>>,
    /// The template's version.
    pub template_version: Cow<'d, str>,
    /// A remark.
    pub comment: Cow<'d, str>,
    /// When it changed last, in seconds since 1970.
    pub timestamp: i64,
    /// When it was seen first.
    pub first_seen: Option<Timestamp>,
    /// When it was seen last.
    pub last_seen: Option<Timestamp>,
    /// Who may see it; never more open than its event.
    pub distribution: Distribution,
    /// Whether it no longer holds.
    pub deleted: bool,
    /// What it holds.
    pub attributes: Vec<MispAttribute<'d>>,
    /// The id of the STIX object it was made of.
    pub source: &'d str,
    pub(super) references: Vec<Reference<'d>>,
}

/// A tie from an object to another or to an attribute.
#[derive(Clone, Debug)]
pub(super) struct Reference<'d> {
    pub(super) uuid: Uuid,
    pub(super) target: Uuid,
    /// Whether the target is an object; else it is an attribute.
    pub(super) to_object: bool,
    pub(super) kind: Cow<'d, str>,
    pub(super) comment: Cow<'d, str>,
    pub(super) timestamp: i64,
}

/// That somebody saw a value (0), saw it do no harm (1), or holds it for over (2).
#[derive(Clone, Debug)]
pub(super) struct Sighting<'d> {
    pub(super) uuid: Uuid,
    pub(super) kind: Cow<'d, str>,
    pub(super) date: i64,
    pub(super) source: Cow<'d, str>,
    pub(super) org: Option<MispOrg>,
}

/// A written report on the event.
#[derive(Clone, Debug)]
pub(super) struct Report<'d> {
    pub(super) uuid: Uuid,
    pub(super) name: Cow<'d, str>,
    pub(super) content: Cow<'d, str>,
    pub(super) timestamp: i64,
    pub(super) distribution: Distribution,
}

/// A cluster of a galaxy: a threat actor, a technique, a malware family.
#[derive(Clone, Debug)]
pub(super) struct Cluster<'d> {
    pub(super) uuid: Uuid,
    /// The id of the STIX object it was made of.
    pub(super) source: &'d str,
    /// `mitre-attack-pattern`
    pub(super) galaxy: Cow<'d, str>,
    /// `Attack Pattern`
    pub(super) galaxy_name: Cow<'d, str>,
    pub(super) value: Cow<'d, str>,
    pub(super) description: &'d str,
    /// `synonyms`, `refs`, `external_id` and the like.
    pub(super) meta: Vec<(Cow<'d, str>, Vec<Cow<'d, str>>)>,
}

impl Cluster<'_> {
    pub(super) fn tag(&self) -> String {
        format!("misp-galaxy:{}=\"{}\"", self.galaxy, self.value)
    }
}

/// Analyst data, by what it is about.
#[derive(Debug, Default)]
pub(super) struct Remarks<'d> {
    pub(super) about: HashMap<Uuid, Vec<Remark<'d>>>,
}

/// A note, opinion or relationship of an analyst.
#[derive(Debug)]
pub(super) struct Remark<'d> {
    pub(super) uuid: Uuid,
    /// What kind of thing it is about: `Attribute`.
    pub(super) of: &'static str,
    pub(super) says: Says<'d>,
    pub(super) authors: Cow<'d, str>,
    pub(super) created: Timestamp,
    pub(super) modified: Timestamp,
    pub(super) distribution: Distribution,
    pub(super) org: Option<MispOrg>,
}

/// What a remark says.
#[derive(Debug)]
pub(super) enum Says<'d> {
    Note { text: Cow<'d, str>, language: Cow<'d, str> },
    Opinion { level: u8, comment: Cow<'d, str> },
    Tie { kind: Cow<'d, str>, target: Uuid, target_kind: &'static str },
}

impl<'d> MispEvent<'d> {
    /// Every attribute, those of objects with their object.
    pub fn all_attributes(&self) -> impl Iterator<Item = (Option<&MispObject<'d>>, &MispAttribute<'d>)> {
        let inside = self.objects.iter().flat_map(|object| object.attributes.iter().map(move |a| (Some(object), a)));
        self.attributes.iter().map(|attribute| (None, attribute)).chain(inside)
    }
}

impl MispAttribute<'_> {
    /// The parts of a composite value; one part for any other.
    pub fn parts(&self) -> impl Iterator<Item = &str> {
        let composite = self.kind.contains('|') || self.kind == "malware-sample";
        let (one, two) = match self.value.split_once('|') {
            Some((one, two)) if composite => (one, Some(two)),
            _ => (&*self.value, None),
        };
        std::iter::once(one).chain(two)
    }
}
