use std::collections::HashMap;
use std::sync::Arc;

use comity_base::Timestamp;
use uuid::Uuid;

use super::misp::{Communities, Tags, needs_date, restricts};
use super::{KnownMarkings, Label, Learned, Party, Said};
use crate::{Node, ObjectId, Shape};

/// Reads the labels of one source's objects.
///
/// Objects with the same markings and tags share one label, which is worked out once; an object with none
/// gets the source's default at the cost of a look at its members' names.
///
/// ```
/// use comity_base::OrgName;
/// use comity_stix::label::{KnownMarkings, Label, LabelReader, Tlp};
///
/// let defaults = Label::defaults(OrgName::parse("ee-police")?);
/// let mut reader = LabelReader::new(defaults, KnownMarkings::default());
/// let doc = comity_stix::Doc::parse(br#"{"type":"indicator","labels":["tlp:amber"]}"#, 64)?;
/// let index = reader.read(doc.root());
/// assert_eq!(reader.labels()[index].tlp, Some(Tlp::Amber));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct LabelReader {
    known: KnownMarkings,
    owner: Party,
    communities: Communities,
    /// The first is the source's default.
    labels: Vec<Arc<Label>>,
    numbers: HashMap<Arc<Label>, usize>,
    /// From what an object says, as bytes, to the number of its label.
    cache: HashMap<Box<[u8]>, usize>,
    key: Vec<u8>,
    remarks: Vec<Remark>,
}

/// A marking or tag that could not be read as it stands, and what was made of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remark {
    /// The number of the label it was found on first.
    pub label: usize,
    /// An English sentence for the report of the batch.
    pub text: String,
}

impl LabelReader {
    /// A reader for the objects of `defaults.owner`. What an object says is added to the defaults and never
    /// opens them; where they are silent, the object's word stands.
    pub fn new(defaults: Label, known: KnownMarkings) -> Self {
        let owner = Party::org(&defaults.owner);
        let own = Party::group("community").unwrap_or_else(|_| owner.clone());
        let connected = Party::group("connected").unwrap_or_else(|_| owner.clone());
        let first = Arc::new(defaults);
        Self {
            known,
            owner,
            communities: Communities { own, connected },
            numbers: HashMap::from([(Arc::clone(&first), 0)]),
            labels: vec![first],
            cache: HashMap::new(),
            key: Vec::new(),
            remarks: Vec::new(),
        }
    }

    /// Sets the groups that MISP's `this community` and `connected communities` stand for at this source;
    /// `group:community` and `group:connected` otherwise. Needed where two sources mean different ones.
    #[must_use]
    pub fn with_communities(mut self, own: Party, connected: Party) -> Self {
        self.communities = Communities { own, connected };
        self
    }

    /// The number of this object's label in [`Self::labels`]. Numbers are given in order and stay; a label
    /// is new when its number is beyond those seen before.
    pub fn read(&mut self, object: Node<'_, '_>) -> usize {
        let marks = Marks::of(object);
        if marks.is_empty() {
            return 0;
        }
        self.key.clear();
        marks.write_key(&mut self.key);
        if self.key.is_empty() {
            return 0;
        }
        if let Some(number) = self.cache.get(self.key.as_slice()) {
            return *number;
        }
        self.read_anew(&marks)
    }

    /// Learns what a marking means from its definition. Labels read before are not changed: see
    /// [`KnownMarkings::resolve`].
    pub fn learn(&mut self, object: Node<'_, '_>) -> Learned {
        let learned = self.known.learn(object);
        if matches!(learned, Learned::New | Learned::Conflict) {
            self.cache.clear();
        }
        learned
    }

    /// Every label given out, by number; the first is the source's default.
    pub fn labels(&self) -> &[Arc<Label>] {
        &self.labels
    }

    /// The label of this number.
    pub fn label(&self, number: usize) -> Option<&Arc<Label>> {
        self.labels.get(number)
    }

    /// What is known about the source's markings.
    pub fn known(&self) -> &KnownMarkings {
        &self.known
    }

    /// What could not be read since the last call; each distinct set of markings and tags is remarked once.
    pub fn take_remarks(&mut self) -> Vec<Remark> {
        std::mem::take(&mut self.remarks)
    }

    fn read_anew(&mut self, marks: &Marks<'_, '_>) -> usize {
        let mut said = Said::default();
        let mut remarks = Vec::new();
        let mut unreadable = false;
        for id in marks.refs() {
            match id.and_then(|id| ObjectId::parse(id).ok()) {
                Some(id) => self.known.apply(&id, &mut said),
                None => unreadable = true,
            }
        }
        if unreadable {
            remarks.push("A marking reference is not a STIX identifier; the object is closed.".to_owned());
        }
        let tags = Tags { owner: &self.owner, communities: &self.communities, created: marks.created() };
        let tagged = tags.read(marks.tags());
        said.and(&tagged.said);
        remarks.extend(tagged.remarks.into_iter().map(|remark| format!("Tag {remark}.")));
        if unreadable || tagged.unreadable {
            said.markings.extend(ObjectId::new("marking-definition", Uuid::nil()));
        }
        let number = self.number(&said);
        self.remarks.extend(remarks.into_iter().map(|text| Remark { label: number, text }));
        // A source that never repeats itself must not fill the memory.
        if self.cache.len() >= MOST_CACHED {
            self.cache.clear();
        }
        self.cache.insert(self.key.as_slice().into(), number);
        number
    }

    fn number(&mut self, said: &Said) -> usize {
        let Some(default) = self.labels.first() else { return 0 };
        let label = default.said(said);
        if let Some(number) = self.numbers.get(&label) {
            return *number;
        }
        let number = self.labels.len();
        let label = Arc::new(label);
        self.numbers.insert(Arc::clone(&label), number);
        self.labels.push(label);
        number
    }
}

/// The members of an object that may restrict it.
struct Marks<'d, 'a> {
    object: Node<'d, 'a>,
    refs: Option<Node<'d, 'a>>,
    granular: Option<Node<'d, 'a>>,
    labels: Option<Node<'d, 'a>>,
}

impl<'d, 'a> Marks<'d, 'a> {
    fn of(object: Node<'d, 'a>) -> Self {
        let mut marks = Self { object, refs: None, granular: None, labels: None };
        for (name, node) in object.entries() {
            match name {
                "object_marking_refs" => marks.refs = Some(node),
                "granular_markings" => marks.granular = Some(node),
                "labels" => marks.labels = Some(node),
                _ => {}
            }
        }
        marks
    }

    fn is_empty(&self) -> bool {
        self.refs.is_none() && self.granular.is_none() && self.labels.is_none()
    }

    /// Every marking the object or a part of it refers to; none for a reference that is not a text.
    fn refs(&self) -> impl Iterator<Item = Option<&'d str>> {
        let whole = self.refs.into_iter().flat_map(listed).map(|item| item.and_then(Node::as_str));
        let parts = self.granular.into_iter().flat_map(listed).filter_map(|item| match item {
            // A part may be marked with its language instead (STIX 2.1 section 7.2.3.1).
            Some(item) if item.shape() == Shape::Object => match item.get("marking_ref") {
                Some(id) => Some(id.as_str()),
                None => item.get("lang").is_none().then_some(None),
            },
            _ => Some(None),
        });
        whole.chain(parts)
    }

    /// The tags that may restrict. A label that is no text restricts nothing.
    fn tags(&self) -> impl Iterator<Item = &'d str> {
        let labels = self.labels.into_iter().flat_map(|labels| labels.items().chain(single(labels)));
        labels.filter_map(Node::as_str).filter(|tag| restricts(tag))
    }

    fn created(&self) -> Option<Timestamp> {
        match self.object.str("created").or_else(|| self.object.str("modified")) {
            Some(text) => Timestamp::parse(text).ok(),
            None => self.dated(),
        }
    }

    /// What has no date of its own may come with that of what it was part of: `misp:date="2026-11-01"`.
    fn dated(&self) -> Option<Timestamp> {
        let labels = self.labels.into_iter().flat_map(Node::items).filter_map(Node::as_str);
        let mut days = labels.filter_map(|label| label.strip_prefix("misp:date=\"")?.strip_suffix('"'));
        Timestamp::parse(&format!("{}T00:00:00Z", days.next()?)).ok()
    }

    /// Two objects with equal keys have equal labels: kind and length before every text keep keys apart.
    fn write_key(&self, key: &mut Vec<u8>) {
        for id in self.refs() {
            write_part(key, b'm', id.unwrap_or(""));
        }
        let mut dated = false;
        for tag in self.tags() {
            dated |= needs_date(tag);
            write_part(key, b't', tag);
        }
        if dated {
            let day = self.created().map_or(i64::MIN, |created| created.as_micros().div_euclid(86_400_000_000));
            key.push(b'd');
            key.extend_from_slice(&day.to_le_bytes());
        }
    }
}

/// The items of a list; one nothing for a member that should be a list and is not.
fn listed<'d, 'a>(node: Node<'d, 'a>) -> impl Iterator<Item = Option<Node<'d, 'a>>> {
    let wrong = node.shape() != Shape::Array;
    node.items().map(Some).chain(wrong.then_some(None))
}

fn single<'d, 'a>(node: Node<'d, 'a>) -> Option<Node<'d, 'a>> {
    (node.shape() == Shape::Text).then_some(node)
}

fn write_part(key: &mut Vec<u8>, kind: u8, text: &str) {
    key.push(kind);
    key.extend_from_slice(&text.len().to_le_bytes());
    key.extend_from_slice(text.as_bytes());
}

/// Most distinct sets of markings and tags that are remembered.
const MOST_CACHED: usize = 65_536;

#[cfg(test)]
mod tests {
    use comity_base::OrgName;

    use super::*;
    use crate::Doc;
    use crate::label::Tlp;

    const AMBER: &str = "marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421";
    const OLD_GREEN: &str = "marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da";
    const UNKNOWN: &str = "marking-definition--20864905-06a0-47be-a04c-2164af17d635";

    fn reader() -> LabelReader {
        LabelReader::new(Label::defaults(OrgName::parse("cert-ee").unwrap()), KnownMarkings::default())
    }

    fn read(reader: &mut LabelReader, object: &str) -> usize {
        reader.read(Doc::parse(object.as_bytes(), 16).unwrap().root())
    }

    #[test]
    fn an_unmarked_object_has_the_sources_default() {
        let mut reader = reader();
        assert_eq!(read(&mut reader, r#"{"type":"indicator","name":"x"}"#), 0);
        assert_eq!(read(&mut reader, r#"{"labels":["malicious-activity","misp:type=\"ip\""]}"#), 0);
        assert_eq!(read(&mut reader, r#"{"object_marking_refs":[],"granular_markings":[]}"#), 0);
        assert_eq!(reader.labels().len(), 1);
    }

    #[test]
    fn equal_labels_have_one_number() {
        let mut reader = reader();
        let by_ref = read(&mut reader, &format!(r#"{{"object_marking_refs":["{AMBER}"]}}"#));
        let by_tag = read(&mut reader, r#"{"labels":["tlp:amber"]}"#);
        assert_eq!((by_ref, by_tag), (1, 1));
        assert_eq!(reader.labels()[1].tlp, Some(Tlp::Amber));
        assert_eq!(read(&mut reader, r#"{"labels":["tlp:red","x"]}"#), 2);
    }

    #[test]
    fn the_strictest_of_object_and_parts_stands_for_the_whole() {
        let mut reader = reader();
        let object = format!(
            r#"{{"object_marking_refs":["{OLD_GREEN}"],"granular_markings":[{{"marking_ref":"{AMBER}","selectors":["name"]}},{{"lang":"et","selectors":["name"]}}]}}"#
        );
        let at = read(&mut reader, &object);
        assert_eq!(reader.labels()[at].tlp, Some(Tlp::Amber));
        assert!(reader.labels()[at].markings.is_empty());
    }

    #[test]
    fn the_default_is_a_floor() {
        let mut defaults = Label::defaults(OrgName::parse("cert-ee").unwrap());
        defaults.tlp = Some(Tlp::Amber);
        let mut reader = LabelReader::new(defaults, KnownMarkings::default());
        assert_eq!(read(&mut reader, r#"{"labels":["tlp:clear"]}"#), 0);
    }

    #[test]
    fn an_unknown_marking_closes_until_it_is_learned() {
        let mut reader = reader();
        let object = format!(r#"{{"object_marking_refs":["{UNKNOWN}"]}}"#);
        let before = read(&mut reader, &object);
        assert_eq!(reader.labels()[before].markings.len(), 1);
        let definition = format!(
            r#"{{"type":"marking-definition","id":"{UNKNOWN}","definition_type":"tlp","definition":{{"tlp":"green"}}}}"#
        );
        assert_eq!(reader.learn(Doc::parse(definition.as_bytes(), 16).unwrap().root()), Learned::New);
        let after = read(&mut reader, &object);
        assert_ne!(before, after, "numbers stay");
        assert_eq!(reader.labels()[after].tlp, Some(Tlp::Green));
        assert_eq!(reader.known().resolve(&reader.labels()[before]), *reader.labels()[after]);
    }

    #[test]
    fn a_reference_that_cannot_be_read_closes() {
        for object in [
            r#"{"object_marking_refs":["TLP:RED"]}"#,
            r#"{"object_marking_refs":[7]}"#,
            r#"{"object_marking_refs":"marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421"}"#,
            r#"{"granular_markings":[{"selectors":["name"]}]}"#,
            r#"{"granular_markings":["x"]}"#,
            r#"{"labels":["retention:1y"]}"#,
        ] {
            let mut reader = reader();
            let at = read(&mut reader, object);
            assert_eq!(reader.labels()[at].markings.len(), 1, "{object}");
            assert_eq!(reader.take_remarks().len(), 1, "{object}");
            assert_eq!(read(&mut reader, object), at);
            assert!(reader.take_remarks().is_empty(), "remarked once");
        }
    }

    #[test]
    fn a_period_counts_from_each_objects_own_day() {
        let mut reader = reader();
        let one = read(&mut reader, r#"{"created":"2026-11-01T12:00:00Z","labels":["retention:1d"]}"#);
        let same = read(&mut reader, r#"{"created":"2026-11-01T18:00:00Z","labels":["retention:1d"]}"#);
        let next = read(&mut reader, r#"{"created":"2026-11-02T18:00:00Z","labels":["retention:1d"]}"#);
        assert_eq!((one, same, next), (1, 1, 2));
    }

    #[test]
    fn a_label_may_be_one_text_instead_of_a_list() {
        let mut reader = reader();
        let at = read(&mut reader, r#"{"labels":"tlp:red"}"#);
        assert_eq!(reader.labels()[at].tlp, Some(Tlp::Red));
    }

    /// Reads every marked object of a file twice: before and after its marking-definitions were learned.
    fn real_labels(file: &str) -> Option<(Vec<Label>, usize)> {
        let path = format!("{}/../../../shared/data/cti/{file}", env!("CARGO_MANIFEST_DIR"));
        let bytes = std::fs::read(path).ok()?;
        let doc = Doc::parse(&bytes, 64).unwrap();
        let objects = || doc.root().get("objects").into_iter().flat_map(Node::items);
        let mut reader = reader();
        let first: Vec<usize> = objects().map(|object| reader.read(object)).collect();
        for object in objects() {
            reader.learn(object);
        }
        let second: Vec<usize> = objects().map(|object| reader.read(object)).collect();
        for (before, after) in first.iter().zip(&second) {
            assert_eq!(reader.known().resolve(&reader.labels()[*before]), *reader.labels()[*after]);
        }
        assert!(reader.take_remarks().is_empty());
        let labels = second.into_iter().map(|at| Label::clone(&reader.labels()[at])).collect();
        Some((labels, reader.labels().len()))
    }

    #[test]
    fn published_bundles_read_as_they_are_marked() {
        let Some((attack, distinct)) = real_labels("attack/ics-attack-18.1.json") else {
            println!("skipped: ../shared/data absent");
            return;
        };
        let silent = Label::defaults(OrgName::parse("cert-ee").unwrap());
        assert!(attack.iter().all(|label| *label == silent), "a copyright statement restricts nothing");
        assert_eq!(distinct, 2, "the default, and the statement before it was learned");
        let talos = "talos-stix/Cisco-Talos__2025__05__iocs_spam-campaign-abuses-rmm-tools.json";
        let (talos, _) = real_labels(talos).unwrap();
        let clear = talos.iter().filter(|label| label.tlp == Some(Tlp::Clear)).count();
        assert_eq!((clear, talos.len()), (1, 405), "only the report is marked, not what it holds");
    }
}
