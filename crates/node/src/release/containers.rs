use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::Arc;

use comity_base::{OrgName, Position, Timestamp};
use comity_stix::{Doc, ObjectId, Value};
use comity_store::{LabelId, Op};
use parking_lot::RwLock;
use uuid::Uuid;

use super::{Channel, Item, View};
use crate::labels::OwnerNo;
use crate::release::given::Leaving;
use crate::{Ctx, Node, NodeError};

/// What every current object is and refers to, read once for all recipients. It is told to nobody: what a recipient
/// may see is decided anew for each.
#[derive(Debug, Default)]
pub struct Outline {
    table: RwLock<HashMap<Position, Entry>>,
}

/// One object in an outline.
#[derive(Debug)]
struct Entry {
    id: u64,
    /// Of a container.
    uuid: Option<Uuid>,
    part: Part,
    owner: OwnerNo,
    /// The day it was made, in days since 1970.
    day: i64,
    refs: Box<[u64]>,
    /// Its creator and markings.
    about: Box<[u64]>,
}

/// The part an object plays among others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    /// Holds what it refers to: a report, a grouping.
    Container,
    /// Holds what relationships tie to it.
    Incident,
    /// Ties others together or speaks of them.
    Tie,
    /// Speaks of others without tying them.
    Remark,
    /// Told with others only: who, and how it is marked.
    Context,
    /// Tells something of others one relationship away: malware, an actor.
    Telling,
    Plain,
}

/// What one recipient may see, as containers with what they hold.
#[derive(Debug, Default)]
pub struct Groups {
    /// In the order of the log.
    pub all: Vec<Group>,
    /// Everything up to here was looked at.
    pub position: Position,
    of: HashMap<Position, Vec<u32>>,
}

/// A container with what it holds; or what one owner made on one day that no container holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// Where the container stands; never told outside.
    pub container: Option<Position>,
    /// The UUID in the container's id.
    pub uuid: Option<Uuid>,
    /// Whose it is.
    pub owner: OrgName,
    /// The day of what no container holds.
    pub day: Timestamp,
    /// What it holds, with whether another holds it too. Sorted.
    pub members: Vec<(Position, bool)>,
    /// Changes whenever the recipient would see something else.
    pub stamp: u64,
}

impl Groups {
    /// The groups that hold what stands at a position.
    pub fn of(&self, position: Position) -> &[u32] {
        self.of.get(&position).map_or(&[], Vec::as_slice)
    }
}

impl Group {
    /// Every position of the group, sorted.
    pub fn positions(&self) -> Vec<Position> {
        let mut all: Vec<_> = self.members.iter().map(|(position, _)| *position).chain(self.container).collect();
        all.sort_unstable();
        all.dedup();
        all
    }
}

impl Node {
    /// Everything a recipient may see through these views, grouped. Nothing leaves by this.
    ///
    /// # Errors
    /// When the store cannot be read, or this process is still behind.
    pub fn groups(&self, ctx: &Ctx, outline: &Outline, views: &[Arc<View>]) -> Result<Groups, NodeError> {
        let visible = self.told_up_to(self.ready()?, ctx.now())?;
        let mut admitted = Vec::new();
        for view in views {
            admitted.extend(self.scan_view(view, Position::START, visible, usize::MAX, false)?.found);
        }
        admitted.sort_unstable();
        admitted.dedup();
        self.outline(outline, &admitted)?;
        let table = outline.table.read();
        let sorting = Sorting::new(&table, &admitted);
        let sorted = sorting.sort_out();
        let mut groups = Groups { all: Vec::with_capacity(sorted.len()), position: visible, of: HashMap::new() };
        for (at, (_, members)) in (0_u32..).zip(&sorted) {
            for position in members {
                groups.of.entry(*position).or_default().push(at);
            }
        }
        for (key, members) in sorted {
            let uuid = match key {
                Key::Container(position, _) => table.get(&position).and_then(|entry| entry.uuid),
                Key::Loose(..) => None,
            };
            let (container, owner, day) = match key {
                Key::Container(position, owner) => (Some(position), owner, 0),
                Key::Loose(owner, day) => (None, owner, day),
            };
            let shared = |position: Position| groups.of(position).len() > 1;
            let members: Vec<_> = members.into_iter().map(|position| (position, shared(position))).collect();
            let mut hasher = DefaultHasher::new();
            (container, &members).hash(&mut hasher);
            let day = Timestamp::from_micros(day.saturating_mul(DAY));
            groups.all.push(Group { container, uuid, owner: self.owner(owner)?, day, members, stamp: hasher.finish() });
        }
        for (at, group) in (0_u32..).zip(&groups.all) {
            groups.of.entry(group.container.unwrap_or_default()).or_default().push(at);
        }
        groups.of.remove(&Position::START);
        Ok(groups)
    }

    /// Reads the objects that are not in the outline yet, and drops those that count no more.
    fn outline(&self, outline: &Outline, positions: &[Position]) -> Result<(), NodeError> {
        let missing: Vec<Position> = {
            let table = outline.table.read();
            positions.iter().filter(|position| !table.contains_key(position)).copied().collect()
        };
        for page in missing.chunks(PAGE) {
            let mut read = Vec::with_capacity(page.len());
            for version in self.store.get(page)?.into_iter().flatten() {
                if version.op != Op::Put || version.raw.is_empty() {
                    continue;
                }
                let owner = self.labels.owner_no(&*self.store, version.label)?;
                let added = || self.date_added(version.position).ok().flatten().unwrap_or_default();
                let Ok(doc) = Doc::parse(&version.raw, self.reader.depth()) else { continue };
                read.push((version.position, self.entry(&doc, &version.id, owner, added)));
            }
            outline.table.write().extend(read);
        }
        if !missing.is_empty() {
            outline.table.write().retain(|position, _| self.derived.current(*position).is_some());
        }
        Ok(())
    }

    fn entry(&self, doc: &Doc<'_>, id: &ObjectId, owner: OwnerNo, added: impl Fn() -> Timestamp) -> Entry {
        let (mut refs, mut about) = (Vec::new(), Vec::new());
        comity_stix::refs(doc.root(), &mut |property, id| {
            let known_by = self.reader.reference_fingerprint(id);
            let context = matches!(property, "created_by_ref" | "object_marking_refs" | "marking_ref");
            if context { about.push(known_by) } else { refs.push(known_by) }
        });
        let made = doc.root().str("created").and_then(|text| Timestamp::parse(text).ok()).unwrap_or_else(added);
        let part = part(id.kind.as_str(), !refs.is_empty());
        Entry {
            id: self.reader.reference_fingerprint(&id.to_string()),
            uuid: is_container(part).then_some(id.uuid),
            part,
            owner,
            day: made.as_micros().div_euclid(DAY),
            refs: refs.into(),
            about: about.into(),
        }
    }

    /// The current objects at these positions that may be seen through one of the views. They have not left: what of
    /// them does is to be entered by [`Self::enter`] before it does.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn peek(&self, ctx: &Ctx, views: &[Arc<View>], positions: &[Position]) -> Result<Vec<Item>, NodeError> {
        let visible = self.told_up_to(self.ready()?, ctx.now())?;
        let mut open = Vec::with_capacity(positions.len());
        for position in positions.iter().filter(|position| **position <= visible) {
            let Some(label) = self.derived.current(*position) else { continue };
            if self.view_for(views, label)?.is_some() {
                open.push(*position);
            }
        }
        let mut items = Vec::with_capacity(open.len());
        for page in open.chunks(PAGE) {
            for version in self.store.get(page)?.into_iter().flatten() {
                if version.op == Op::Put && !version.raw.is_empty() {
                    let comity_store::Version { position, label, id, modified, raw, .. } = version;
                    let added = self.date_added(position)?.unwrap_or_default();
                    items.push(Item { position, label, id, modified, added, raw });
                }
            }
        }
        Ok(items)
    }

    /// Enters in the account of a recipient what is about to leave. `false`, and nothing is entered, where some of it
    /// may not leave any more: then it has to be put together anew.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn enter(
        &self,
        ctx: &Ctx,
        views: &[Arc<View>],
        channel: Channel,
        positions: &[Position],
    ) -> Result<bool, NodeError> {
        let mut by_view: BTreeMap<usize, Vec<Position>> = BTreeMap::new();
        for position in positions.iter().collect::<BTreeSet<_>>() {
            let Some(label) = self.derived.current(*position) else { return Ok(false) };
            let Some(view) = self.view_for(views, label)? else { return Ok(false) };
            by_view.entry(view).or_default().push(*position);
        }
        for (view, positions) in by_view {
            let Some(view) = views.get(view) else { continue };
            let (recipient, agreement) = (view.recipient(), view.agreement());
            let leaving = Leaving { recipient, channel, agreement, positions: &positions, now: ctx.now() };
            self.leaves(ctx, leaving)?;
        }
        Ok(true)
    }

    /// What of a group is about some of its objects: they, what refers to them, what these refer to, and who made them
    /// and how they are marked. As the whole would tell of them, at a fraction of the cost.
    pub fn part_of(&self, outline: &Outline, group: &Group, positions: &[Position]) -> Group {
        let table = outline.table.read();
        let wanted: BTreeSet<Position> = positions.iter().copied().collect();
        let entries = || group.members.iter().filter_map(|(position, _)| Some((*position, table.get(position)?)));
        let ids: BTreeSet<u64> = wanted.iter().filter_map(|position| Some(table.get(position)?.id)).collect();
        let mut part: BTreeSet<Position> = wanted.clone();
        part.extend(entries().filter(|(_, entry)| entry.refs.iter().any(|id| ids.contains(id))).map(|(at, _)| at));
        let mut named = BTreeSet::new();
        for entry in part.iter().filter_map(|position| table.get(position)) {
            named.extend(entry.refs.iter().chain(&entry.about).copied());
        }
        if let Some(container) = group.container.and_then(|position| table.get(&position)) {
            named.extend(container.about.iter().copied());
        }
        let about: Vec<_> = entries().filter(|(_, entry)| named.contains(&entry.id)).collect();
        named.extend(about.iter().flat_map(|(_, entry)| entry.about.iter().copied()));
        part.extend(entries().filter(|(_, entry)| named.contains(&entry.id)).map(|(at, _)| at));
        let members = group.members.iter().filter(|(position, _)| part.contains(position)).copied().collect();
        let (container, uuid, owner, day, stamp) =
            (group.container, group.uuid, group.owner.clone(), group.day, group.stamp);
        Group { container, uuid, owner, day, members, stamp }
    }

    /// The positions of current objects a recipient may see that hold one of these values, at most about so many.
    /// An object found by this is still to be read: a posting is believed only then.
    ///
    /// # Errors
    /// When this process is still behind.
    pub fn positions_of(
        &self,
        ctx: &Ctx,
        views: &[Arc<View>],
        values: &[Value],
        most: usize,
    ) -> Result<Vec<Position>, NodeError> {
        let visible = self.told_up_to(self.ready()?, ctx.now())?;
        let mut found = BTreeSet::new();
        for value in values {
            let fingerprint = self.reader.value_fingerprint(value.kind(), value.text());
            for position in self.derived.values.positions(fingerprint, most) {
                let Some(label) = self.derived.current(position).filter(|_| position <= visible) else { continue };
                if self.view_for(views, label)?.is_some() {
                    found.insert(position);
                }
            }
        }
        Ok(found.into_iter().collect())
    }

    /// The first view through which a label may be seen.
    fn view_for(&self, views: &[Arc<View>], label: LabelId) -> Result<Option<usize>, NodeError> {
        for (at, view) in views.iter().enumerate() {
            if self.admits(view, label)? {
                return Ok(Some(at));
            }
        }
        Ok(None)
    }
}

/// What a group is known by while it is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Key {
    Container(Position, OwnerNo),
    Loose(OwnerNo, i64),
}

/// What one recipient may see while it is grouped.
struct Sorting<'o> {
    table: &'o HashMap<Position, Entry>,
    admitted: &'o [Position],
    /// (id, position), sorted.
    ids: Vec<(u64, Position)>,
    /// (id of what is tied or spoken of, position of what does), sorted.
    ties: Vec<(u64, Position)>,
}

impl<'o> Sorting<'o> {
    fn new(table: &'o HashMap<Position, Entry>, admitted: &'o [Position]) -> Self {
        let (mut ids, mut ties) = (Vec::with_capacity(admitted.len()), Vec::new());
        for position in admitted {
            let Some(entry) = table.get(position) else { continue };
            ids.push((entry.id, *position));
            if matches!(entry.part, Part::Tie | Part::Remark) {
                ties.extend(entry.refs.iter().map(|id| (*id, *position)));
            }
        }
        ids.sort_unstable();
        ties.sort_unstable();
        Self { table, admitted, ids, ties }
    }

    fn sort_out(&self) -> Vec<(Key, BTreeSet<Position>)> {
        let mut groups: Vec<(Key, BTreeSet<Position>)> = Vec::new();
        let mut placed = BTreeSet::new();
        for (position, entry) in self.entries().filter(|(_, entry)| is_container(entry.part)) {
            let mut members = BTreeSet::new();
            self.descend(&entry.refs, entry.owner, &mut members);
            if entry.part == Part::Incident {
                self.tied_to(position, entry, &mut members);
            }
            self.surround(Some(entry), &mut members);
            members.remove(&position);
            placed.extend(members.iter().copied());
            groups.push((Key::Container(position, entry.owner), members));
        }
        let mut loose: BTreeMap<Key, BTreeSet<Position>> = BTreeMap::new();
        for (position, entry) in self.entries().filter(|(_, entry)| matches!(entry.part, Part::Plain | Part::Telling)) {
            if !placed.contains(&position) {
                loose.entry(Key::Loose(entry.owner, entry.day)).or_default().insert(position);
            }
        }
        for (key, mut members) in loose {
            self.surround(None, &mut members);
            groups.push((key, members));
        }
        let first = |(key, members): &(Key, BTreeSet<Position>)| match key {
            Key::Container(position, _) => *position,
            Key::Loose(..) => members.first().copied().unwrap_or_default(),
        };
        groups.sort_by_key(|group| (first(group), group.0));
        groups
    }

    fn entries(&self) -> impl Iterator<Item = (Position, &'o Entry)> {
        self.admitted.iter().filter_map(|position| Some((*position, self.table.get(position)?)))
    }

    /// The object of an id: the same owner's when there is one.
    fn resolve(&self, id: u64, owner: OwnerNo) -> Option<(Position, &'o Entry)> {
        let from = self.ids.partition_point(|(known, _)| *known < id);
        let same = self.ids.get(from..).unwrap_or_default().iter().take_while(|(known, _)| *known == id);
        let mut found = None;
        for (_, position) in same {
            let entry = self.table.get(position)?;
            if entry.owner == owner {
                return Some((*position, entry));
            }
            found.get_or_insert((*position, entry));
        }
        found
    }

    /// Adds what these ids name, and what that holds in turn; but for containers, which are groups of their own.
    fn descend(&self, ids: &[u64], owner: OwnerNo, members: &mut BTreeSet<Position>) {
        let mut open: Vec<u64> = ids.to_vec();
        while let Some(id) = open.pop() {
            let Some((position, entry)) = self.resolve(id, owner) else { continue };
            if is_container(entry.part) || !members.insert(position) {
                continue;
            }
            if matches!(entry.part, Part::Plain | Part::Telling) {
                open.extend_from_slice(&entry.refs);
            }
        }
    }

    fn ties_of(&self, id: u64) -> impl Iterator<Item = (Position, &'o Entry)> {
        let from = self.ties.partition_point(|(known, _)| *known < id);
        let same = self.ties.get(from..).unwrap_or_default().iter().take_while(move |(known, _)| *known == id);
        same.filter_map(|(_, position)| Some((*position, self.table.get(position)?)))
    }

    /// What relationships tie to an incident is what it holds.
    fn tied_to(&self, position: Position, incident: &Entry, members: &mut BTreeSet<Position>) {
        for (tie, entry) in self.ties_of(incident.id) {
            if entry.part == Part::Tie {
                members.insert(tie);
                self.descend(&entry.refs, incident.owner, members);
            }
        }
        members.remove(&position);
    }

    /// Adds what is said of the members: ties among them, and to what tells more of them; remarks; who made them and
    /// how they are marked.
    fn surround(&self, container: Option<&Entry>, members: &mut BTreeSet<Position>) {
        let inside: BTreeSet<Position> = members.clone();
        let own = inside.iter().filter_map(|position| self.table.get(position));
        for entry in own.chain(container) {
            for (position, tie) in self.ties_of(entry.id) {
                let ends = || tie.refs.iter().filter_map(|id| self.resolve(*id, tie.owner));
                if tie.part == Part::Tie {
                    let fits = |(position, end): (Position, &Entry)| {
                        inside.contains(&position) || end.part == Part::Telling || is_container(end.part)
                    };
                    if !ends().all(fits) {
                        continue;
                    }
                    let telling = ends().filter(|(_, end)| end.part == Part::Telling);
                    members.extend(telling.map(|(position, _)| position));
                }
                members.insert(position);
            }
        }
        let about: BTreeSet<(u64, OwnerNo)> = members
            .iter()
            .filter_map(|position| self.table.get(position))
            .chain(container)
            .flat_map(|entry| entry.about.iter().map(|id| (*id, entry.owner)))
            .collect();
        members.extend(about.into_iter().filter_map(|(id, owner)| Some(self.resolve(id, owner)?.0)));
    }
}

fn is_container(part: Part) -> bool {
    matches!(part, Part::Container | Part::Incident)
}

fn part(kind: &str, refers: bool) -> Part {
    match kind {
        "report" | "grouping" => Part::Container,
        // Some tools give an incident the list of what it holds.
        "incident" if refers => Part::Container,
        "incident" => Part::Incident,
        "relationship" => Part::Tie,
        "sighting" | "note" | "opinion" => Part::Remark,
        "identity" | "marking-definition" | "extension-definition" | "language-content" => Part::Context,
        "malware" | "threat-actor" | "intrusion-set" | "campaign" | "tool" | "attack-pattern" | "infrastructure"
        | "course-of-action" | "location" | "malware-analysis" | "vulnerability" => Part::Telling,
        _ => Part::Plain,
    }
}

/// Objects read at once.
const PAGE: usize = 4_096;
/// A day in microseconds.
const DAY: i64 = 86_400_000_000;
