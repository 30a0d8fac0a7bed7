//! What objects say of each other: relationships, sightings, notes and opinions.

use std::borrow::Cow;
use std::collections::{HashMap, VecDeque};

use comity_stix::Node;
use uuid::Uuid;

use super::super::members::read_uuid;
use super::build::{Build, End, Fate};
use super::event::{MispOrg, Reference, Remark, Report, Says, Sighting};
use super::head::{moment, seconds, uuid_of};
use super::loss::MispGap;
use super::marks::kept;
use super::plan::{Part, Plan};

/// A remark whose place is known once everything else has its own.
struct Pending<'d> {
    node: Node<'d, 'd>,
    /// What it is about.
    about: &'d str,
    kind: &'static str,
}

/// How many remarks may stand on each other: what a reader of events follows, and a bound on nesting.
const DEPTH: usize = 8;

impl<'d> Build<'_, 'd> {
    /// Everything that is about something else.
    pub(super) fn said(&mut self) {
        let (mut notes, mut opinions, mut relationships, mut sightings) = (vec![], vec![], vec![], vec![]);
        for member in self.members {
            match member.object.str("type") {
                Some("note") => notes.push(member),
                Some("opinion") => opinions.push(member),
                Some("relationship") => relationships.push(member.object),
                Some("sighting") => sightings.push(member.object),
                _ => {}
            }
        }
        let mut pending = Vec::new();
        for note in notes {
            self.note(note.object, note.elsewhere, &mut pending);
        }
        for opinion in opinions {
            self.opinion(opinion.object, opinion.elsewhere, &mut pending);
        }
        let mut tied = vec![false; self.event.clusters.len()];
        for node in relationships {
            self.relationship(node, &mut tied, &mut pending);
        }
        for node in sightings {
            self.sighting(node, node.str("sighting_of_ref"));
        }
        self.untied_clusters(&tied);
        self.remarks(pending, &tied);
    }

    /// A report on the event, a remark of an analyst, or a comment.
    fn note(&mut self, node: Node<'d, 'd>, elsewhere: bool, pending: &mut Vec<Pending<'d>>) {
        let id = node.str("id");
        let content = node.str("content").unwrap_or_default();
        if kept(node, "context-layer").is_some() {
            return self.postpone(node, "Note", pending);
        }
        let container = self.source.container.and_then(|node| node.str("id"));
        let about = self.about(node);
        if container.is_some_and(|id| about.contains(&id)) {
            let base = self.base(node, elsewhere);
            let uuid = base.uuid.unwrap_or_else(|| self.unique(base.source));
            self.event.reports.push(Report {
                uuid,
                name: Cow::Borrowed(node.str("abstract").unwrap_or_default()),
                content: Cow::Borrowed(content),
                timestamp: base.timestamp,
                distribution: base.distribution,
            });
            self.restrain(&End::Event, node, false);
            self.became(node, End::Report(uuid));
            return;
        }
        if about.is_empty() {
            return self.lose(id, MispGap::ElsewhereOnly);
        }
        let told = node.str("abstract").map(|text| format!("{text}: ")).unwrap_or_default();
        self.comment(node, elsewhere, Cow::Borrowed(content), &format!("{told}{}", self.names(&about)));
    }

    fn opinion(&mut self, node: Node<'d, 'd>, elsewhere: bool, pending: &mut Vec<Pending<'d>>) {
        if kept(node, "sighting-type").is_some() {
            let of = node.get("object_refs").and_then(|refs| refs.items().next()).and_then(Node::as_str);
            return self.sighting(node, of);
        }
        if kept(node, "context-layer").is_some() {
            return self.postpone(node, "Opinion", pending);
        }
        let about = self.about(node);
        if about.is_empty() {
            return self.lose(node.str("id"), MispGap::ElsewhereOnly);
        }
        let opinion = node.str("opinion").unwrap_or_default();
        let why = node.str("explanation").map(|text| format!(": {text}")).unwrap_or_default();
        self.comment(node, elsewhere, format!("Opinion: {opinion}{why}").into(), &self.names(&about));
    }

    /// An attribute of words.
    fn comment(&mut self, node: Node<'d, 'd>, elsewhere: bool, text: Cow<'d, str>, about: &str) {
        if text.trim().is_empty() {
            return self.lose(node.str("id"), MispGap::Empty);
        }
        let base = self.base(node, elsewhere);
        let part = Part::new("comment", text).remark(about.to_owned());
        if let Some(end) = self.place(&base, Plan { alone: vec![part], ..Plan::default() }, "note") {
            self.became(node, end);
        }
    }

    /// What of the event a note or opinion is about.
    fn about(&self, node: Node<'d, 'd>) -> Vec<&'d str> {
        let refs = node.get("object_refs").into_iter().flat_map(Node::items).filter_map(Node::as_str);
        refs.filter(|id| self.ends.contains_key(id)).collect()
    }

    /// What people call these things, at most a few of them.
    fn names(&self, about: &[&str]) -> String {
        let name = |id: &&&str| match self.ends.get(**id)? {
            End::Event => Some(self.event.head.info.to_string()),
            End::Attributes(list) => Some(self.event.attributes.get(*list.first()?)?.value.to_string()),
            End::Objects(list) => {
                let object = self.event.objects.get(*list.first()?)?;
                Some(object.attributes.first().map_or_else(|| object.name.to_string(), |first| first.value.to_string()))
            }
            End::Cluster(place) => Some(self.event.clusters.get(*place)?.value.to_string()),
            End::Report(_) | End::Remark(..) => None,
        };
        let names: Vec<String> = about.iter().filter_map(|id| name(&id)).take(5).collect();
        format!("On {}", names.join(", "))
    }

    fn postpone(&mut self, node: Node<'d, 'd>, kind: &'static str, pending: &mut Vec<Pending<'d>>) {
        let about = match kind {
            "Relationship" => node.str("source_ref"),
            _ => node.get("object_refs").and_then(|refs| refs.items().next()).and_then(Node::as_str),
        };
        match about {
            Some(about) => pending.push(Pending { node, about, kind }),
            None => self.lose(node.str("id"), MispGap::ElsewhereOnly),
        }
    }

    /// A tag, a reference between objects, or a remark that ties two things.
    fn relationship(&mut self, node: Node<'d, 'd>, tied: &mut [bool], pending: &mut Vec<Pending<'d>>) {
        let id = node.str("id");
        if kept(node, "context-layer").is_some() {
            return self.postpone(node, "Relationship", pending);
        }
        let kind = node.str("x_misp_relationship_type").or_else(|| node.str("relationship_type")).unwrap_or_default();
        let end = |name: &str| node.str(name).and_then(|id| self.ends.get(id)).cloned();
        let (Some(source), Some(target)) = (end("source_ref"), end("target_ref")) else {
            let there = |name: &str| node.str(name).is_some_and(|id| self.at.contains_key(id));
            let gap = if there("source_ref") && there("target_ref") { MispGap::NoTie } else { MispGap::ElsewhereOnly };
            return self.lose(id, gap);
        };
        // An indicator and the observable it is based on are one attribute.
        if source == target {
            return self.fate(id, Fate::Told);
        }
        match (&source, &target) {
            (End::Event, End::Cluster(place)) | (End::Cluster(place), End::Event) => {
                self.tag_event(*place);
                self.restrain(&End::Event, node, true);
                mark(tied, *place);
            }
            (End::Attributes(_) | End::Objects(_), End::Cluster(place)) => {
                let usual = matches!(kind, "indicates" | "related-to");
                self.tag_attributes(&source, *place, (!usual).then_some(kind));
                self.restrain(&source, node, true);
                mark(tied, *place);
            }
            (End::Cluster(place), End::Attributes(_) | End::Objects(_)) => {
                self.gap(Some("relationship"), MispGap::Direction);
                self.tag_attributes(&target, *place, Some(kind));
                self.restrain(&target, node, true);
                mark(tied, *place);
            }
            (End::Objects(from), End::Attributes(_) | End::Objects(_)) => {
                self.reference(node, from, &target, kind);
                self.restrain(&source, node, true);
            }
            _ => return self.postpone(node, "Relationship", pending),
        }
        self.fate(id, Fate::Written);
    }

    /// A reference from an object.
    fn reference(&mut self, node: Node<'d, 'd>, from: &[usize], target: &End, kind: &'d str) {
        let Some((uuid, what)) = self.whereabouts(target) else { return };
        let timestamp = moment(node, "modified").map_or(self.event.head.timestamp, seconds);
        self.changed(timestamp);
        // The reader ties what points into an object to the object, and keeps where it pointed.
        let inner = node.str("x_misp_referenced_uuid").and_then(read_uuid);
        let reference = Reference {
            uuid: node.str("id").and_then(uuid_of).unwrap_or_default(),
            target: inner.unwrap_or(uuid),
            to_object: what == "Object" && inner.is_none(),
            kind: Cow::Borrowed(kind),
            comment: Cow::Borrowed(node.str("description").unwrap_or_default()),
            timestamp,
        };
        if let Some(object) = from.first().and_then(|place| self.event.objects.get_mut(*place)) {
            object.references.push(reference);
        }
    }

    /// A sighting, or an opinion that the reader made of one.
    fn sighting(&mut self, node: Node<'d, 'd>, of: Option<&'d str>) {
        let id = node.str("id");
        let Some(end) = of.and_then(|of| self.ends.get(of)).cloned() else {
            return self.lose(id, MispGap::ElsewhereOnly);
        };
        let seen = ["last_seen", "first_seen", "modified", "created"].iter().find_map(|name| moment(node, name));
        let by = node.get("where_sighted_refs").and_then(|refs| refs.items().next()).and_then(Node::as_str);
        let org = by.or_else(|| node.str("created_by_ref")).and_then(|by| self.organisation(by));
        let is_sighting = node.str("type") == Some("sighting");
        let sighting = Sighting {
            uuid: id.and_then(uuid_of).unwrap_or_default(),
            kind: kept(node, "sighting-type").unwrap_or(Cow::Borrowed("0")),
            date: seen.map_or(self.event.head.timestamp, seconds),
            source: Cow::Borrowed(node.str("description").filter(|_| is_sighting).unwrap_or_default()),
            org,
        };
        let inner = node.str("x_misp_attribute_uuid").and_then(read_uuid);
        let inner = inner.and_then(|uuid| self.inside.get(&uuid)).copied();
        let attribute = match &end {
            End::Attributes(list) => list.first().and_then(|place| self.event.attributes.get_mut(*place)),
            End::Objects(list) => {
                let first = list.first().copied().unwrap_or_default();
                let (object, at) = inner.filter(|(object, _)| list.contains(object)).unwrap_or((first, 0));
                self.event.objects.get_mut(object).and_then(|object| object.attributes.get_mut(at))
            }
            _ => None,
        };
        let Some(attribute) = attribute else { return self.lose(id, MispGap::NoSighting) };
        attribute.sightings.push(sighting);
        self.restrain(&end, node, true);
        self.fate(id, Fate::Written);
        if node.get("count").and_then(Node::as_i64).is_some_and(|count| count > 1) {
            self.gap(Some("sighting"), MispGap::Count);
        }
    }

    /// Puts remarks where what they are about is, those on other remarks after these.
    fn remarks(&mut self, pending: Vec<Pending<'d>>, tied: &[bool]) {
        let mut waiting: HashMap<&'d str, Vec<Pending<'d>>> = HashMap::new();
        for remark in pending {
            waiting.entry(remark.about).or_default().push(remark);
        }
        let shown = |build: &Self, id: &str| match build.ends.get(id) {
            Some(End::Cluster(place)) => {
                tied.get(*place).copied().unwrap_or_default() || build.event.galaxies.contains(place)
            }
            end => end.is_some(),
        };
        let roots: Vec<&'d str> = waiting.keys().copied().filter(|id| shown(self, id)).collect();
        let mut open: VecDeque<(&'d str, usize)> = roots.into_iter().map(|id| (id, 0)).collect();
        // Ties come last: they may point to any remark.
        let mut ties = Vec::new();
        while let Some((about, depth)) = open.pop_front() {
            for remark in waiting.remove(about).unwrap_or_default() {
                let id = remark.node.str("id");
                match remark.kind {
                    "Relationship" => ties.push(remark),
                    _ if depth >= DEPTH => self.lose(id, MispGap::TooDeep),
                    _ => {
                        self.remark(&remark);
                        open.extend(id.map(|id| (id, depth + 1)));
                    }
                }
            }
        }
        ties.sort_by_key(|tie| tie.node.str("id"));
        for tie in &ties {
            self.remark(tie);
            let on_ties = tie.node.str("id").and_then(|id| waiting.remove(id)).unwrap_or_default();
            for remark in on_ties.iter().filter(|remark| remark.kind != "Relationship") {
                self.remark(remark);
            }
        }
        for remark in waiting.into_values().flatten() {
            self.lose(remark.node.str("id"), MispGap::ElsewhereOnly);
        }
    }

    fn remark(&mut self, remark: &Pending<'d>) {
        let node = remark.node;
        let base = self.base(node, false);
        let about = self.ends.get(remark.about).cloned();
        let Some((place, of)) = about.as_ref().and_then(|end| self.whereabouts(end)) else {
            return self.lose(node.str("id"), MispGap::ElsewhereOnly);
        };
        let target = node.str("target_ref").and_then(|id| self.ends.get(id)).and_then(|end| self.whereabouts(end));
        let says = match (remark.kind, target) {
            ("Note", _) => {
                let language = node.str("lang").or_else(|| node.str("x_misp_language")).unwrap_or_default();
                Says::Note { text: Cow::Borrowed(node.str("content").unwrap_or_default()), language: language.into() }
            }
            ("Opinion", _) => {
                let level =
                    node.get("x_misp_opinion").and_then(Node::as_i64).and_then(|level| u8::try_from(level).ok());
                let level = level.unwrap_or_else(|| level_of(node.str("opinion").unwrap_or_default()));
                Says::Opinion { level, comment: node.str("explanation").unwrap_or_default().into() }
            }
            (_, Some((target, target_kind))) => {
                let kind = node.str("x_misp_relationship_type").or_else(|| node.str("relationship_type"));
                Says::Tie { kind: kind.unwrap_or_default().into(), target, target_kind }
            }
            (_, None) => return self.lose(node.str("id"), MispGap::NoTie),
        };
        let authors = node.get("authors").into_iter().flat_map(Node::items).filter_map(Node::as_str);
        let authors: Vec<&str> = authors.chain(node.str("x_misp_authors")).collect();
        let unnamed = |uuid| MispOrg { name: String::new(), uuid };
        let by = || node.str("x_misp_orgc_uuid").and_then(read_uuid).map(unnamed);
        let uuid = base.uuid.unwrap_or_else(|| self.unique(base.source));
        let modified = moment(node, "modified").unwrap_or_default();
        let made = Remark {
            uuid,
            of,
            says,
            authors: authors.join(", ").into(),
            created: moment(node, "created").unwrap_or(modified),
            modified,
            distribution: base.distribution,
            org: node.str("created_by_ref").and_then(|by| self.organisation(by)).or_else(by),
        };
        self.event.remarks.about.entry(place).or_default().push(made);
        if let Some(about) = &about {
            self.restrain(about, node, false);
        }
        self.became(node, End::Remark(uuid, remark.kind));
    }

    /// The UUID of what an end is, and what MISP calls it.
    fn whereabouts(&self, end: &End) -> Option<(Uuid, &'static str)> {
        Some(match end {
            End::Event => (self.event.head.uuid, "Event"),
            End::Attributes(list) => (self.event.attributes.get(*list.first()?)?.uuid, "Attribute"),
            End::Objects(list) => (self.event.objects.get(*list.first()?)?.uuid, "Object"),
            End::Cluster(place) => (self.event.clusters.get(*place)?.uuid, "GalaxyCluster"),
            End::Report(uuid) => (*uuid, "EventReport"),
            End::Remark(uuid, kind) => (*uuid, kind),
        })
    }
}

fn mark(tied: &mut [bool], place: usize) {
    if let Some(tied) = tied.get_mut(place) {
        *tied = true;
    }
}

/// MISP's 0 to 100 for the five values of STIX 2.1 section 4.15.
fn level_of(opinion: &str) -> u8 {
    match opinion {
        "strongly-disagree" => 0,
        "disagree" => 25,
        "agree" => 75,
        "strongly-agree" => 100,
        _ => 50,
    }
}
