//! The event as JSON (MISP core format, section 2), written as a stream.

use std::fmt;
use std::io::{self, Write};

use comity_base::Timestamp;
use serde::ser::{Serialize, SerializeMap, Serializer};
use uuid::Uuid;

use super::event::{Cluster, MispAttribute, MispEvent, MispHead, MispObject, MispOrg, MispTag, Reference, Report};
use super::event::{Remark, Remarks, Says, Sighting};

/// The number by which REST clients of a MISP know an event, attribute, object or organisation.
pub type Numbers<'n> = &'n dyn Fn(Uuid) -> u64;

impl MispEvent<'_> {
    /// Writes `{"Event":{...}}`, the form of a feed: everything is known by its UUID.
    ///
    /// # Errors
    /// When writing fails.
    pub fn write(&self, out: &mut impl Write) -> io::Result<()> {
        whole(self, None, out)
    }

    /// Writes `{"Event":{...}}` with the numbers that REST clients expect beside the UUIDs.
    ///
    /// # Errors
    /// When writing fails.
    pub fn write_numbered(&self, numbers: Numbers<'_>, out: &mut impl Write) -> io::Result<()> {
        whole(self, Some(numbers), out)
    }
}

fn whole<'v>(event: &'v MispEvent<'v>, numbers: Option<Numbers<'v>>, out: &mut impl Write) -> io::Result<()> {
    let remarks = Some(&event.remarks).filter(|remarks| !remarks.about.is_empty());
    let around = Around { head: &event.head, numbers, clusters: &event.clusters, remarks };
    out.write_all(b"{\"Event\":")?;
    serde_json::to_writer(&mut *out, &In { of: event, around })?;
    out.write_all(b"}")
}

/// What everything in an event is written with.
#[derive(Clone, Copy)]
pub(super) struct Around<'v> {
    pub(super) head: &'v MispHead<'v>,
    numbers: Option<Numbers<'v>>,
    clusters: &'v [Cluster<'v>],
    remarks: Option<&'v Remarks<'v>>,
}

impl<'v> Around<'v> {
    /// What an attribute outside of its event is written with.
    pub(super) fn alone(head: &'v MispHead<'v>, numbers: Numbers<'v>) -> Self {
        Self { head, numbers: Some(numbers), clusters: &[], remarks: None }
    }

    /// `"id"` or the like, where numbers are asked for.
    pub(super) fn number<M: SerializeMap>(&self, map: &mut M, name: &str, uuid: Option<Uuid>) -> Result<(), M::Error> {
        match (self.numbers, uuid) {
            (Some(numbers), Some(uuid)) => map.serialize_entry(name, &Shown(numbers(uuid))),
            (Some(_), None) => map.serialize_entry(name, "0"),
            (None, _) => Ok(()),
        }
    }

    fn analyst_data<M: SerializeMap>(self, map: &mut M, about: Uuid) -> Result<(), M::Error> {
        let Some(list) = self.remarks.and_then(|remarks| remarks.about.get(&about)) else { return Ok(()) };
        for (kind, name) in KINDS.into_iter().enumerate() {
            let of_kind: Vec<_> = list.iter().filter(|remark| remark.says.kind() == kind).collect();
            if !of_kind.is_empty() {
                map.serialize_entry(name, &Each(of_kind.iter().map(|remark| Said { remark, about, around: self })))?;
            }
        }
        Ok(())
    }

    fn galaxies<'l, M: SerializeMap>(
        self,
        map: &mut M,
        list: impl IntoIterator<Item = &'l usize>,
    ) -> Result<(), M::Error> {
        let mut clusters: Vec<_> = list.into_iter().filter_map(|at| self.clusters.get(*at)).collect();
        if clusters.is_empty() {
            return Ok(());
        }
        clusters.sort_by(|a, b| a.galaxy.cmp(&b.galaxy));
        let galaxies: Vec<_> = clusters.chunk_by(|a, b| a.galaxy == b.galaxy).collect();
        map.serialize_entry("Galaxy", &Each(galaxies.iter().map(|of| Galaxy { of, around: self })))
    }
}

/// A part of an event with what it is written with.
pub(super) struct In<'v, T> {
    pub(super) of: &'v T,
    pub(super) around: Around<'v>,
}

impl Serialize for In<'_, MispEvent<'_>> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (event, around) = (self.of, self.around);
        let mut map = serializer.serialize_map(None)?;
        head(&event.head, around, &mut map)?;
        map.serialize_entry("locked", &false)?;
        map.serialize_entry("disable_correlation", &false)?;
        if around.numbers.is_some() {
            map.serialize_entry("attribute_count", &Shown(event.all_attributes().count()))?;
        }
        map.serialize_entry("Org", &In { of: &event.head.org, around })?;
        map.serialize_entry("Orgc", &In { of: &event.head.orgc, around })?;
        map.serialize_entry("Tag", &event.head.tags)?;
        around.galaxies(&mut map, &event.galaxies)?;
        map.serialize_entry(
            "Attribute",
            &Each(event.attributes.iter().map(|attribute| One { attribute, object: None, around })),
        )?;
        map.serialize_entry("Object", &Each(event.objects.iter().map(|of| In { of, around })))?;
        map.serialize_entry("EventReport", &Each(event.reports.iter().map(|of| In { of, around })))?;
        around.analyst_data(&mut map, event.head.uuid)?;
        map.end()
    }
}

/// What stands at the beginning of an event, and beside an attribute that a search found.
pub(super) fn head<M: SerializeMap>(head: &MispHead<'_>, around: Around<'_>, map: &mut M) -> Result<(), M::Error> {
    around.number(map, "id", Some(head.uuid))?;
    around.number(map, "org_id", Some(head.org.uuid))?;
    around.number(map, "orgc_id", Some(head.orgc.uuid))?;
    map.serialize_entry("uuid", &Shown(head.uuid))?;
    map.serialize_entry("info", &head.info)?;
    map.serialize_entry("date", &head.date)?;
    map.serialize_entry("threat_level_id", &head.threat_level)?;
    map.serialize_entry("analysis", &head.analysis)?;
    map.serialize_entry("published", &true)?;
    map.serialize_entry("timestamp", &Shown(head.timestamp))?;
    map.serialize_entry("publish_timestamp", &Shown(head.publish_timestamp))?;
    map.serialize_entry("distribution", &Shown(head.distribution.number()))?;
    map.serialize_entry("sharing_group_id", "0")?;
    map.serialize_entry("extends_uuid", head.extends.as_deref().unwrap_or_default())
}

impl Serialize for In<'_, MispOrg> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        self.around.number(&mut map, "id", Some(self.of.uuid))?;
        map.serialize_entry("name", &self.of.name)?;
        map.serialize_entry("uuid", &Shown(self.of.uuid))?;
        map.end()
    }
}

impl Serialize for MispOrg {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(2))?;
        map.serialize_entry("name", &self.name)?;
        map.serialize_entry("uuid", &Shown(self.uuid))?;
        map.end()
    }
}

impl Serialize for MispTag<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("name", &self.name)?;
        map.serialize_entry("colour", colour(&self.name))?;
        map.serialize_entry("exportable", &true)?;
        if let Some(relation) = &self.relation {
            map.serialize_entry("relationship_type", relation)?;
        }
        map.end()
    }
}

/// FIRST's and MISP's colours of levels; one colour for all other tags, since a MISP keeps its own.
fn colour(tag: &str) -> &'static str {
    match tag {
        "tlp:red" | "PAP:RED" => "#FF2B2B",
        "tlp:amber" | "tlp:amber+strict" | "PAP:AMBER" => "#FFC000",
        "tlp:green" | "PAP:GREEN" => "#33FF00",
        "tlp:clear" | "tlp:white" | "PAP:CLEAR" | "PAP:WHITE" => "#FFFFFF",
        _ => "#0088CC",
    }
}

/// An attribute with the object it stands in.
pub(super) struct One<'v> {
    pub(super) attribute: &'v MispAttribute<'v>,
    pub(super) object: Option<Uuid>,
    pub(super) around: Around<'v>,
}

impl Serialize for One<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        self.members(&mut map)?;
        if !self.attribute.sightings.is_empty() {
            let (uuid, around) = (self.attribute.uuid, self.around);
            let each = |sighting| Seen { sighting, attribute: uuid, around };
            map.serialize_entry("Sighting", &Each(self.attribute.sightings.iter().map(each)))?;
        }
        self.around.galaxies(&mut map, &self.attribute.clusters)?;
        self.around.analyst_data(&mut map, self.attribute.uuid)?;
        map.end()
    }
}

impl One<'_> {
    /// What the attribute itself says, without what others say of it.
    pub(super) fn members<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
        let (attribute, around) = (self.attribute, self.around);
        around.number(map, "id", Some(attribute.uuid))?;
        around.number(map, "event_id", Some(around.head.uuid))?;
        around.number(map, "object_id", self.object)?;
        if self.object.is_some() || !attribute.relation.is_empty() {
            map.serialize_entry("object_relation", &attribute.relation)?;
        } else {
            map.serialize_entry("object_relation", &())?;
        }
        map.serialize_entry("category", &attribute.category)?;
        map.serialize_entry("type", &attribute.kind)?;
        map.serialize_entry("value", &attribute.value)?;
        map.serialize_entry("to_ids", &attribute.to_ids)?;
        map.serialize_entry("uuid", &Shown(attribute.uuid))?;
        map.serialize_entry("timestamp", &Shown(attribute.timestamp))?;
        map.serialize_entry("distribution", &Shown(attribute.distribution.number()))?;
        map.serialize_entry("sharing_group_id", "0")?;
        map.serialize_entry("comment", &attribute.comment)?;
        map.serialize_entry("deleted", &attribute.deleted)?;
        map.serialize_entry("disable_correlation", &attribute.disable_correlation)?;
        seen(attribute.first_seen, attribute.last_seen, map)?;
        if let Some(data) = &attribute.data {
            map.serialize_entry("data", data)?;
        }
        if !attribute.tags.is_empty() {
            map.serialize_entry("Tag", &attribute.tags)?;
        }
        Ok(())
    }
}

fn seen<M: SerializeMap>(first: Option<Timestamp>, last: Option<Timestamp>, map: &mut M) -> Result<(), M::Error> {
    map.serialize_entry("first_seen", &first.map(Moment))?;
    map.serialize_entry("last_seen", &last.map(Moment))
}

impl Serialize for In<'_, MispObject<'_>> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (object, around) = (self.of, self.around);
        let mut map = serializer.serialize_map(None)?;
        around.number(&mut map, "id", Some(object.uuid))?;
        around.number(&mut map, "event_id", Some(around.head.uuid))?;
        map.serialize_entry("name", &object.name)?;
        map.serialize_entry("meta-category", &object.meta_category)?;
        map.serialize_entry("description", &object.description)?;
        if let Some(uuid) = &object.template_uuid {
            map.serialize_entry("template_uuid", uuid)?;
        }
        map.serialize_entry("template_version", &object.template_version)?;
        map.serialize_entry("uuid", &Shown(object.uuid))?;
        map.serialize_entry("timestamp", &Shown(object.timestamp))?;
        map.serialize_entry("distribution", &Shown(object.distribution.number()))?;
        map.serialize_entry("sharing_group_id", "0")?;
        map.serialize_entry("comment", &object.comment)?;
        map.serialize_entry("deleted", &object.deleted)?;
        seen(object.first_seen, object.last_seen, &mut map)?;
        let inside = |attribute| One { attribute, object: Some(object.uuid), around };
        map.serialize_entry("Attribute", &Each(object.attributes.iter().map(inside)))?;
        let tie = |reference| Tie { reference, object: object.uuid, around };
        map.serialize_entry("ObjectReference", &Each(object.references.iter().map(tie)))?;
        around.analyst_data(&mut map, object.uuid)?;
        map.end()
    }
}

/// A reference with the object it starts at.
struct Tie<'v> {
    reference: &'v Reference<'v>,
    object: Uuid,
    around: Around<'v>,
}

impl Serialize for Tie<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (reference, around) = (self.reference, self.around);
        let mut map = serializer.serialize_map(None)?;
        around.number(&mut map, "id", Some(reference.uuid))?;
        around.number(&mut map, "event_id", Some(around.head.uuid))?;
        around.number(&mut map, "object_id", Some(self.object))?;
        around.number(&mut map, "referenced_id", Some(reference.target))?;
        map.serialize_entry("uuid", &Shown(reference.uuid))?;
        map.serialize_entry("object_uuid", &Shown(self.object))?;
        map.serialize_entry("referenced_uuid", &Shown(reference.target))?;
        map.serialize_entry("referenced_type", if reference.to_object { "1" } else { "0" })?;
        map.serialize_entry("relationship_type", &reference.kind)?;
        map.serialize_entry("comment", &reference.comment)?;
        map.serialize_entry("timestamp", &Shown(reference.timestamp))?;
        map.serialize_entry("deleted", &false)?;
        map.end()
    }
}

/// A sighting with its attribute.
struct Seen<'v> {
    sighting: &'v Sighting<'v>,
    attribute: Uuid,
    around: Around<'v>,
}

impl Serialize for Seen<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (sighting, around) = (self.sighting, self.around);
        let mut map = serializer.serialize_map(None)?;
        around.number(&mut map, "id", Some(sighting.uuid))?;
        around.number(&mut map, "attribute_id", Some(self.attribute))?;
        around.number(&mut map, "event_id", Some(around.head.uuid))?;
        around.number(&mut map, "org_id", sighting.org.as_ref().map(|org| org.uuid))?;
        map.serialize_entry("uuid", &Shown(sighting.uuid))?;
        map.serialize_entry("attribute_uuid", &Shown(self.attribute))?;
        map.serialize_entry("type", &sighting.kind)?;
        map.serialize_entry("date_sighting", &Shown(sighting.date))?;
        map.serialize_entry("source", &sighting.source)?;
        if let Some(org) = &sighting.org {
            map.serialize_entry("Organisation", &In { of: org, around })?;
        }
        map.end()
    }
}

impl Serialize for In<'_, Report<'_>> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (report, around) = (self.of, self.around);
        let mut map = serializer.serialize_map(None)?;
        around.number(&mut map, "id", Some(report.uuid))?;
        around.number(&mut map, "event_id", Some(around.head.uuid))?;
        map.serialize_entry("uuid", &Shown(report.uuid))?;
        map.serialize_entry("name", &report.name)?;
        map.serialize_entry("content", &report.content)?;
        map.serialize_entry("distribution", &Shown(report.distribution.number()))?;
        map.serialize_entry("sharing_group_id", "0")?;
        map.serialize_entry("timestamp", &Shown(report.timestamp))?;
        map.serialize_entry("deleted", &false)?;
        around.analyst_data(&mut map, report.uuid)?;
        map.end()
    }
}

/// Clusters of one galaxy.
struct Galaxy<'v> {
    of: &'v [&'v Cluster<'v>],
    around: Around<'v>,
}

impl Serialize for Galaxy<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        if let Some(cluster) = self.of.first() {
            map.serialize_entry("name", &cluster.galaxy_name)?;
            map.serialize_entry("type", &cluster.galaxy)?;
            let mitre = cluster.galaxy.starts_with("mitre-");
            map.serialize_entry("namespace", if mitre { "mitre-attack" } else { "misp" })?;
        }
        map.serialize_entry("GalaxyCluster", &Each(self.of.iter().map(|of| In { of: *of, around: self.around })))?;
        map.end()
    }
}

impl Serialize for In<'_, Cluster<'_>> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let cluster = self.of;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("uuid", &Shown(cluster.uuid))?;
        map.serialize_entry("type", &cluster.galaxy)?;
        map.serialize_entry("value", &cluster.value)?;
        map.serialize_entry("tag_name", &cluster.tag())?;
        map.serialize_entry("description", cluster.description)?;
        map.serialize_entry("meta", &Meta(cluster))?;
        self.around.analyst_data(&mut map, cluster.uuid)?;
        map.end()
    }
}

struct Meta<'v>(&'v Cluster<'v>);

impl Serialize for Meta<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.meta.iter().map(|(name, values)| (name, values)))
    }
}

/// A remark with what it is about.
struct Said<'v> {
    remark: &'v Remark<'v>,
    about: Uuid,
    around: Around<'v>,
}

impl Serialize for Said<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (remark, around) = (self.remark, self.around);
        let mut map = serializer.serialize_map(None)?;
        around.number(&mut map, "id", Some(remark.uuid))?;
        map.serialize_entry("uuid", &Shown(remark.uuid))?;
        map.serialize_entry("object_uuid", &Shown(self.about))?;
        map.serialize_entry("object_type", remark.of)?;
        map.serialize_entry("authors", &remark.authors)?;
        map.serialize_entry("created", &Clock(remark.created))?;
        map.serialize_entry("modified", &Clock(remark.modified))?;
        map.serialize_entry("distribution", &Shown(remark.distribution.number()))?;
        map.serialize_entry("sharing_group_id", &())?;
        if let Some(org) = &remark.org {
            map.serialize_entry("orgc_uuid", &Shown(org.uuid))?;
            if !org.name.is_empty() {
                map.serialize_entry("Orgc", &In { of: org, around })?;
            }
        }
        match &remark.says {
            Says::Note { text, language } => {
                map.serialize_entry("note", text)?;
                map.serialize_entry("language", language)?;
            }
            Says::Opinion { level, comment } => {
                map.serialize_entry("opinion", &Shown(level))?;
                map.serialize_entry("comment", comment)?;
            }
            Says::Tie { kind, target, target_kind } => {
                map.serialize_entry("relationship_type", kind)?;
                map.serialize_entry("related_object_uuid", &Shown(target))?;
                map.serialize_entry("related_object_type", target_kind)?;
            }
        }
        around.analyst_data(&mut map, remark.uuid)?;
        map.end()
    }
}

/// The member names of the kinds of analyst data.
const KINDS: [&str; 3] = ["Note", "Opinion", "Relationship"];

impl Says<'_> {
    /// Its place in [`KINDS`].
    fn kind(&self) -> usize {
        match self {
            Self::Note { .. } => 0,
            Self::Opinion { .. } => 1,
            Self::Tie { .. } => 2,
        }
    }
}

/// A list, element by element.
struct Each<I>(I);

impl<I: Iterator<Item: Serialize> + Clone> Serialize for Each<I> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.clone())
    }
}

/// A number or UUID as MISP writes it: in quotes.
pub(super) struct Shown<T>(pub(super) T);

impl<T: fmt::Display> Serialize for Shown<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

/// `2026-11-01T12:00:00.000000+00:00`
struct Moment(Timestamp);

impl Serialize for Moment {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let text = self.0.to_string();
        let text = text.trim_end_matches('Z');
        let digits = text.rsplit_once('.').map_or(0, |(_, digits)| digits.len());
        serializer.collect_str(&format_args!("{text}{:0<missing$}+00:00", "", missing = 6usize.saturating_sub(digits)))
    }
}

/// `2026-11-01 12:00:00`, as analyst data has it.
struct Clock(Timestamp);

impl Serialize for Clock {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let text = self.0.to_string().replacen('T', " ", 1);
        serializer.serialize_str(text.get(..19).unwrap_or(&text))
    }
}
