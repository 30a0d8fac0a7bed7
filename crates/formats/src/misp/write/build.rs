//! An event while it is made.

use std::borrow::Cow;
use std::collections::hash_map::DefaultHasher;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::hash::{Hash, Hasher};

use comity_base::Timestamp;
use comity_stix::Node;
use comity_stix::label::KnownMarkings;
use comity_stix::value::{Kind, from_misp};
use uuid::Uuid;

use super::super::members::made;
use super::event::{Distribution, MispAttribute, MispEvent, MispObject, MispOrg, MispTag, Remarks};
use super::head::{head, is_from_misp, moment, of_container, organisation, seconds, uuid_of};
use super::loss::MispGap;
use super::marks::{EventMarks, Marks, stricter, tlp_tag};
use super::observable::Finder;
use super::plan::{Part, Plan};
use super::{MispAccount, MispMember, MispSource, MispWriter, types};

/// An event in the making.
pub(super) struct Build<'m, 'd> {
    pub(super) writer: &'m MispWriter,
    pub(super) source: MispSource<'m, 'd>,
    pub(super) members: &'m [MispMember<'d>],
    /// Every object by its id.
    pub(super) at: HashMap<&'d str, Node<'d, 'd>>,
    /// What became of each member, by its id.
    pub(super) fates: HashMap<&'d str, Fate>,
    pub(super) markings: KnownMarkings,
    pub(super) marks: EventMarks<'d>,
    /// What each object became, for what refers to it.
    pub(super) ends: HashMap<&'d str, End>,
    pub(super) event: MispEvent<'d>,
    /// Where attributes are that the reader kept inside objects: the object, and the place in it.
    pub(super) inside: HashMap<Uuid, (usize, usize)>,
    /// The names of the event's tags.
    pub(super) names: HashSet<Cow<'d, str>>,
    /// Whether the container came from a MISP through the reader.
    pub(super) from_misp: bool,
    /// Where the values are that are in the event, by their normal forms, hashed.
    held: HashMap<u64, Held>,
    /// Where what stands by itself is, by category, type and value, hashed: a MISP takes each once in an event.
    alone: HashMap<u64, usize>,
}

/// What became of a member.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// It is something of its own in the event.
    Written,
    /// Another tells it.
    Told,
    Missing(MispGap),
}

/// What an object became.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum End {
    Event,
    /// Attributes, by their places.
    Attributes(Vec<usize>),
    /// Objects, by their places.
    Objects(Vec<usize>),
    Cluster(usize),
    Report(Uuid),
    Remark(Uuid, &'static str),
}

/// Where a value is.
#[derive(Clone, Copy, Debug)]
pub(super) enum Held {
    Attribute(usize),
    Object(usize),
}

/// What every attribute and object made of one STIX object has from it.
#[derive(Clone, Debug)]
pub(super) struct Base<'d> {
    pub(super) source: &'d str,
    /// The UUID for what is made of it, when that is one thing.
    pub(super) uuid: Option<Uuid>,
    pub(super) timestamp: i64,
    pub(super) first: Option<Timestamp>,
    pub(super) last: Option<Timestamp>,
    pub(super) distribution: Distribution,
    pub(super) tags: Vec<MispTag<'d>>,
    pub(super) comment: Cow<'d, str>,
    pub(super) to_ids: bool,
    pub(super) deleted: bool,
}

impl<'m, 'd> Build<'m, 'd> {
    pub(super) fn start(writer: &'m MispWriter, source: &MispSource<'m, 'd>, distribution: Distribution) -> Self {
        let mut markings = KnownMarkings::default();
        let mut at = HashMap::with_capacity(source.members.len() + 1);
        for node in source.members.iter().map(|member| member.object).chain(source.container) {
            if node.str("type") == Some("marking-definition") {
                markings.learn(node);
            }
            if let Some(id) = node.str("id") {
                at.insert(id, node);
            }
        }
        let own = source.container.map(|node| of_container(node, &markings)).unwrap_or_default();
        let distribution = distribution.min(own.distribution.unwrap_or(distribution));
        let head = head(writer, source, &at, distribution);
        let mut build = Self {
            writer,
            source: *source,
            members: source.members,
            fates: HashMap::with_capacity(source.members.len()),
            markings,
            marks: EventMarks { tlp: own.tlp, tags: own.tags.iter().cloned().collect() },
            ends: HashMap::new(),
            inside: HashMap::new(),
            names: HashSet::new(),
            from_misp: source.container.is_some_and(is_from_misp),
            held: HashMap::new(),
            alone: HashMap::new(),
            event: MispEvent {
                head,
                attributes: Vec::new(),
                objects: Vec::new(),
                account: MispAccount::default(),
                reports: Vec::new(),
                clusters: Vec::new(),
                galaxies: BTreeSet::new(),
                remarks: Remarks::default(),
            },
            at,
        };
        if own.restricted {
            build.gap(source.container.and_then(|node| node.str("type")), MispGap::Restriction);
        }
        build.event.head.tags = own.within(&EventMarks::default());
        build.names = build.event.head.tags.iter().map(|tag| tag.name.clone()).collect();
        if let Some(id) = source.container.and_then(|node| node.str("id")) {
            build.ends.insert(id, End::Event);
        }
        build
    }

    pub(super) fn finder(&self) -> Finder<'_, 'd> {
        Finder { at: &self.at, inline: None }
    }

    pub(super) fn fate(&mut self, id: Option<&'d str>, fate: Fate) {
        // What was written once stays so: an observable told by a second object is there already.
        if let Some(id) = id
            && self.fates.get(id).is_none_or(|old| matches!(old, Fate::Missing(_)) || fate == Fate::Written)
        {
            self.fates.insert(id, fate);
        }
    }

    /// An object is not in the event after all.
    pub(super) fn lose(&mut self, id: Option<&'d str>, gap: MispGap) {
        if let Some(id) = id {
            self.fates.insert(id, Fate::Missing(gap));
        }
    }

    pub(super) fn gap(&mut self, kind: Option<&str>, gap: MispGap) {
        self.event.account.gap(kind.unwrap_or_default(), gap);
    }

    /// The organisation of an identity, when its name is known.
    pub(super) fn organisation(&self, id: &str) -> Option<MispOrg> {
        organisation(&self.at, id)
    }

    /// The marks of an object as the event holds them, and the level that limits it.
    pub(super) fn marks_of(&mut self, node: Node<'d, 'd>) -> (Vec<MispTag<'d>>, Distribution) {
        let marks = Marks::read(node, &self.markings);
        if marks.restricted {
            self.gap(node.str("type"), MispGap::Restriction);
        }
        if self.source.container.is_none() {
            self.marks.tlp = self.marks.tlp.max(marks.tlp);
        }
        let widest = self.event.head.distribution;
        let distribution = widest.min(marks.distribution.unwrap_or(widest));
        // Without a container the event's level is known at the end only: every attribute says its own.
        let around = EventMarks::default();
        let around = if self.source.container.is_some() { &self.marks } else { &around };
        (marks.within(around), distribution)
    }

    /// What is made of a domain object has in common. An object that is itself the container gives its id to
    /// the event.
    pub(super) fn base(&mut self, node: Node<'d, 'd>, elsewhere: bool) -> Base<'d> {
        let source = node.str("id").unwrap_or_default();
        let (tags, distribution) = self.marks_of(node);
        let modified = moment(node, "modified");
        let timestamp = modified.map_or(self.event.head.timestamp, seconds);
        self.changed(timestamp);
        let shared = elsewhere || self.ends.get(source) == Some(&End::Event);
        Base {
            source,
            uuid: uuid_of(source).filter(|_| !shared),
            timestamp,
            first: None,
            last: None,
            distribution,
            tags,
            comment: Cow::Borrowed(""),
            to_ids: false,
            deleted: node.get("revoked").and_then(Node::as_bool) == Some(true),
        }
    }

    /// The event changed when anything in it did: feeds are read again by this.
    pub(super) fn changed(&mut self, timestamp: i64) {
        self.event.head.timestamp = self.event.head.timestamp.max(timestamp);
    }

    /// Makes sure that what is made of one object and tells another is marked as strictly as both.
    pub(super) fn tighten(&mut self, base: &mut Base<'d>, node: Node<'d, 'd>) {
        let marks = Marks::read(node, &self.markings);
        base.distribution = base.distribution.min(marks.distribution.unwrap_or(base.distribution));
        stricter(&mut base.tags, &marks, &self.marks);
        if marks.restricted {
            self.gap(node.str("type"), MispGap::Restriction);
        }
    }

    /// Makes sure that what carries no tags of its own, such as a sighting, is covered by the tags of what it
    /// stands on. `closes` when it has no distribution of its own either.
    pub(super) fn restrain(&mut self, end: &End, node: Node<'d, 'd>, closes: bool) {
        let marks = Marks::read(node, &self.markings);
        if marks.restricted {
            self.gap(node.str("type"), MispGap::Restriction);
        }
        let level = marks.distribution.filter(|_| closes);
        if !matches!(end, End::Attributes(_) | End::Objects(_)) {
            let head = &mut self.event.head;
            head.distribution = head.distribution.min(level.unwrap_or(head.distribution));
            stricter(&mut head.tags, &marks, &EventMarks::default());
            return;
        }
        let around = std::mem::take(&mut self.marks);
        self.each_attribute(end, |attribute| {
            attribute.distribution = attribute.distribution.min(level.unwrap_or(attribute.distribution));
            stricter(&mut attribute.tags, &marks, &around);
        });
        self.marks = around;
    }

    /// Every attribute that an end is or holds.
    pub(super) fn each_attribute(&mut self, end: &End, mut change: impl FnMut(&mut MispAttribute<'d>)) {
        match end {
            End::Attributes(list) => {
                for place in list {
                    self.event.attributes.get_mut(*place).into_iter().for_each(&mut change);
                }
            }
            End::Objects(list) => {
                for place in list {
                    let object = self.event.objects.get_mut(*place);
                    object.into_iter().flat_map(|object| &mut object.attributes).for_each(&mut change);
                }
            }
            _ => {}
        }
    }

    /// A UUID for an object that other events hold too.
    pub(super) fn unique(&self, id: &str) -> Uuid {
        made(&format!("{} {id}", self.event.head.uuid))
    }

    /// Makes what was planned of an object; what it became.
    pub(super) fn place(&mut self, base: &Base<'d>, plan: Plan<'d>, kind: &str) -> Option<End> {
        if plan.card && !plan.is_empty() {
            self.gap(Some(kind), MispGap::Card);
        }
        if plan.cut {
            self.gap(Some(kind), MispGap::Part);
        }
        let mut base = base.clone();
        for id in plan.folded.iter().chain(&plan.used) {
            if let Some(node) = self.at.get(id).copied() {
                self.tighten(&mut base, node);
            }
        }
        let only = base.uuid.filter(|_| plan.len() == 1);
        let (mut attributes, mut objects) = (Vec::new(), Vec::new());
        for part in plan.alone {
            let attribute = self.attribute(&base, part, only);
            let (kind, value) = (attribute.kind.clone(), attribute.value.clone());
            let place = self.stand(attribute);
            self.hold(&kind, &value, Held::Attribute(place));
            attributes.push(place);
        }
        for (name, parts) in plan.objects {
            let place = self.event.objects.len();
            let object = self.object(&base, name, parts, only);
            self.hold_all(&object, place);
            self.event.objects.push(object);
            objects.push(place);
        }
        for id in plan.folded {
            self.fate(Some(id), Fate::Told);
            let end =
                if objects.is_empty() { End::Attributes(attributes.clone()) } else { End::Objects(objects.clone()) };
            self.ends.entry(id).or_insert(end);
        }
        match (attributes.is_empty(), objects.is_empty()) {
            (_, false) => Some(End::Objects(objects)),
            (false, true) => Some(End::Attributes(attributes)),
            (true, true) => None,
        }
    }

    /// Puts an attribute into the event; its place, or that of the same value which stands there already.
    pub(super) fn stand(&mut self, attribute: MispAttribute<'d>) -> usize {
        let next = self.event.attributes.len();
        let key = fingerprint(&(&attribute.category, &attribute.kind, &attribute.value));
        let place = *self.alone.entry(key).or_insert(next);
        if place == next {
            self.event.attributes.push(attribute);
        }
        place
    }

    fn attribute(&self, base: &Base<'d>, part: Part<'d>, uuid: Option<Uuid>) -> MispAttribute<'d> {
        let uuid = uuid.unwrap_or_else(|| self.made(base, &[&part.kind, part.relation, &part.value]));
        let category = part.category.unwrap_or_else(|| Cow::Borrowed(types::category_of(&part.kind)));
        MispAttribute {
            uuid,
            to_ids: base.to_ids && part.detects && !base.deleted,
            kind: part.kind,
            category,
            value: part.value,
            comment: if part.comment.is_empty() { base.comment.clone() } else { part.comment },
            timestamp: base.timestamp,
            first_seen: base.first,
            last_seen: base.last,
            distribution: base.distribution,
            deleted: base.deleted,
            disable_correlation: false,
            relation: Cow::Borrowed(part.relation),
            data: part.data.map(Cow::Borrowed),
            tags: base.tags.clone(),
            source: base.source,
            clusters: Vec::new(),
            sightings: Vec::new(),
        }
    }

    fn object(
        &mut self,
        base: &Base<'d>,
        name: &'static str,
        parts: Vec<Part<'d>>,
        uuid: Option<Uuid>,
    ) -> MispObject<'d> {
        let told: Vec<&str> = parts.iter().flat_map(|part| [part.relation, &*part.value]).collect();
        let uuid = uuid.unwrap_or_else(|| self.made(base, &[&[name], told.as_slice()].concat()));
        let template = types::template(name);
        let attributes: Vec<_> = parts
            .into_iter()
            .map(|part| {
                let own = made(&format!("{uuid} {} {} {}", part.relation, part.kind, part.value));
                self.attribute(base, part, Some(own))
            })
            .collect();
        MispObject {
            uuid,
            name: Cow::Borrowed(name),
            meta_category: Cow::Borrowed(template.map_or("misc", |known| known.meta_category)),
            description: Cow::Borrowed(""),
            template_uuid: template.map(|known| Cow::Borrowed(known.uuid)),
            template_version: Cow::Borrowed(template.map_or("1", |known| known.version)),
            comment: base.comment.clone(),
            timestamp: base.timestamp,
            first_seen: base.first,
            last_seen: base.last,
            distribution: base.distribution,
            deleted: base.deleted,
            attributes,
            source: base.source,
            references: Vec::new(),
        }
    }

    /// A UUID for one of several things made of an object, or of one that other events hold too.
    fn made(&self, base: &Base<'d>, parts: &[&str]) -> Uuid {
        let within = if base.uuid.is_some() { Uuid::nil() } else { self.event.head.uuid };
        made(&format!("{within} {} {}", base.source, parts.join("\n")))
    }

    /// Remembers where a value is.
    pub(super) fn hold(&mut self, kind: &str, value: &str, place: Held) {
        for key in keys(kind, value, self.writer) {
            self.held.entry(key).or_insert(place);
        }
    }

    /// Remembers where the values of an object are.
    pub(super) fn hold_all(&mut self, object: &MispObject<'d>, place: usize) {
        for attribute in &object.attributes {
            self.hold(&attribute.kind, &attribute.value, Held::Object(place));
        }
    }

    /// Where everything that a plan would tell is already; none when something of it is new.
    pub(super) fn holds(&self, plan: &Plan<'d>) -> Option<End> {
        let find =
            |kind: &str, text: &str| keys(kind, text, self.writer).into_iter().find_map(|key| self.held.get(&key));
        let known = |part: &Part<'_>| {
            let pairs = part.kind.split_once('|').zip(part.value.split_once('|'));
            match pairs {
                Some(((first, second), (one, two))) => find(first, one).and_then(|end| find(second, two).map(|_| end)),
                None => find(&part.kind, &part.value),
            }
        };
        let mut first = None;
        for part in plan.parts().filter(|part| part.detects) {
            let end = known(part)?;
            first.get_or_insert(end);
        }
        first.map(|place| match *place {
            Held::Attribute(place) => End::Attributes(vec![place]),
            Held::Object(place) => End::Objects(vec![place]),
        })
    }

    /// Settles what is only known at the end, and counts what became of everything.
    pub(super) fn finish(mut self) -> MispEvent<'d> {
        let head = &mut self.event.head;
        head.publish_timestamp = head.publish_timestamp.max(0);
        if self.source.container.is_none() {
            let level = self.marks.tlp.map(tlp_tag);
            head.tags.extend(level.map(|level| MispTag { name: Cow::Borrowed(level), relation: None }));
            head.publish_timestamp = head.timestamp;
        }
        let container = self.source.container.and_then(|node| node.str("id"));
        for member in self.members {
            let id = member.object.str("id");
            if id.is_some() && id == container {
                continue;
            }
            let kind = member.object.str("type").unwrap_or_default();
            match id.and_then(|id| self.fates.get(id)).copied().unwrap_or(Fate::Missing(MispGap::NoPlace)) {
                Fate::Written => self.event.account.written += 1,
                Fate::Told => self.event.account.told += 1,
                Fate::Missing(gap) => {
                    self.event.account.missing += 1;
                    self.event.account.gap(kind, gap);
                }
            }
        }
        self.event
    }
}

/// The normal forms of a value and of its parts, hashed.
fn keys(kind: &str, value: &str, writer: &MispWriter) -> Vec<u64> {
    let lower = |text: &str| fingerprint(&text.trim().to_lowercase());
    let mut keys = vec![lower(value)];
    if let Some((one, two)) = value.split_once('|') {
        keys.extend([lower(one), lower(two)]);
        keys.extend(value.rsplit_once('|').map(|(_, last)| lower(last)));
    }
    for (kind, text) in from_misp(kind, value) {
        if let Ok(value) = writer.values.parse(kind, &text) {
            keys.push(lower(value.text()));
            let login = value.text().split_once(':').filter(|_| kind == Kind::Handle);
            keys.extend(login.map(|(_, login)| lower(login)));
        }
    }
    keys
}

fn fingerprint(of: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    of.hash(&mut hasher);
    hasher.finish()
}
