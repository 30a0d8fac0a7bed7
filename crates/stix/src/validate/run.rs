use super::formats;
use super::rule::{Rule, Schema, Targets, Unknown};
use super::vocab::Vocab;
use super::{Finding, Severity, parts};
use crate::header::clip;
use crate::{Class, Node, Shape};

/// One run over one object: where findings go, and what its rules need to know of the whole.
pub(super) struct Check<'o, 'd> {
    pub(super) out: &'o mut Vec<Finding>,
    pub(super) root: Node<'d, 'd>,
    /// The type of the object, for what differs by it.
    pub(super) kind: &'d str,
    /// An object of STIX 2.0: what 2.1 newly requires is not asked of it.
    pub(super) legacy: bool,
    /// The deprecated `objects` of observed data, while inside: references are its keys there.
    pub(super) siblings: Option<Node<'d, 'd>>,
    /// Where the object was refused already; nothing more is said of that member.
    refused: Option<String>,
    /// Whether an extension brings properties to the top level; found out when first asked.
    extended: Option<bool>,
    /// Findings still to be written out, and steps still to be walked: hostile objects must not cost more.
    room: usize,
    work: usize,
}

/// Most findings about one object; far beyond what anyone reads.
const MOST_FINDINGS: usize = 1_000;
/// Most members walked over in looking things up within one object.
const MOST_STEPS: usize = 4_000_000;

/// Where the check stands, kept on the stack and written out only for a finding.
#[derive(Clone, Copy)]
pub(super) struct Path<'p> {
    parent: Option<&'p Path<'p>>,
    step: Step<'p>,
}

#[derive(Clone, Copy)]
enum Step<'p> {
    Root,
    Name(&'p str),
    Index(usize),
}

impl<'p> Path<'p> {
    pub(super) const ROOT: Path<'static> = Path { parent: None, step: Step::Root };

    pub(super) fn name(&'p self, name: &'p str) -> Path<'p> {
        Path { parent: Some(self), step: Step::Name(name) }
    }

    pub(super) fn index(&'p self, index: usize) -> Path<'p> {
        Path { parent: Some(self), step: Step::Index(index) }
    }

    /// The JSON Pointer (RFC 6901).
    fn pointer(&self) -> String {
        let mut out = self.parent.map(Path::pointer).unwrap_or_default();
        match self.step {
            Step::Root => {}
            Step::Name(name) => {
                out.push('/');
                out.push_str(&name.replace('~', "~0").replace('/', "~1"));
            }
            Step::Index(index) => {
                out.push('/');
                out.push_str(&index.to_string());
            }
        }
        out
    }
}

impl<'o, 'd> Check<'o, 'd> {
    pub(super) fn new(out: &'o mut Vec<Finding>, root: Node<'d, 'd>, refused: Option<String>) -> Self {
        let kind = root.str("type").unwrap_or_default();
        let legacy = is_legacy(root, kind);
        Self { out, root, kind, legacy, siblings: None, refused, extended: None, room: MOST_FINDINGS, work: MOST_STEPS }
    }

    /// A check of an object inside this one, with the same purse.
    pub(super) fn inside(
        &mut self,
        inner: Node<'_, '_>,
        siblings: Node<'_, '_>,
        judge: impl FnOnce(&mut Check<'_, '_>),
    ) {
        let kind = inner.str("type").unwrap_or_default();
        let (legacy, room, work) = (self.legacy, self.room, self.work);
        let siblings = Some(siblings);
        let mut check =
            Check { out: self.out, root: inner, kind, legacy, siblings, refused: None, extended: None, room, work };
        judge(&mut check);
        (self.room, self.work) = (check.room, check.work);
    }

    /// The member of this name or, in an array, of this index, against the purse.
    pub(super) fn step<'n>(&mut self, node: Node<'n, 'n>, name: &str, index: Option<usize>) -> Option<Node<'n, 'n>> {
        let work = &mut self.work;
        let afford = |work: &mut usize| {
            *work = work.checked_sub(1)?;
            Some(())
        };
        match index {
            Some(index) => node.items().map_while(|item| afford(work).map(|()| item)).nth(index),
            None => node
                .entries()
                .map_while(|entry| afford(work).map(|()| entry))
                .find(|(key, _)| *key == name)
                .map(|(_, found)| found),
        }
    }

    /// Whether looking things up has cost too much, so that an absence means nothing.
    pub(super) fn exhausted(&self) -> bool {
        self.work == 0
    }

    #[cold]
    pub(super) fn must(&mut self, path: &Path<'_>, code: &'static str, text: impl Into<String>) {
        self.add(Severity::Must, path, code, text.into());
    }

    #[cold]
    pub(super) fn should(&mut self, path: &Path<'_>, code: &'static str, text: impl Into<String>) {
        self.add(Severity::Should, path, code, text.into());
    }

    fn add(&mut self, severity: Severity, path: &Path<'_>, code: &'static str, text: String) {
        let Some(room) = self.room.checked_sub(1) else { return };
        self.room = room;
        if room == 0 {
            let text = format!("There are more than {MOST_FINDINGS} findings; the rest is not listed.");
            let pointer = String::new();
            return self.out.push(Finding { severity: Severity::Must, code: "too-many-findings", pointer, text });
        }
        let pointer = path.pointer();
        if self.refused.as_ref() != Some(&pointer) {
            self.out.push(Finding { severity, code, pointer, text });
        }
    }

    /// Judges an object's members by a schema, then the rules between them.
    pub(super) fn object(&mut self, node: Node<'_, '_>, schema: &'static Schema, path: &Path<'_>) {
        if node.shape() != Shape::Object {
            return self.mistyped(path, "an object");
        }
        let mut seen = 0u64;
        for (name, value) in node.entries() {
            let here = path.name(name);
            if let Some((number, prop)) = schema.find(name) {
                seen |= 1 << number;
                self.value(value, prop.rule, &here);
                if prop.required && value.as_str() == Some("") {
                    self.should(&here, "text-empty", "A required text should not be empty.");
                }
            } else {
                parts::unknown(self, name, value, schema.unknown, &here);
            }
        }
        for name in schema.missing(seen) {
            if self.legacy && NEW_IN_21.contains(&name) {
                continue;
            }
            self.must(&path.name(name), "property-missing", format!("The property {name} is required and missing."));
        }
        if !schema.any_of.is_empty() && !schema.any_of.iter().any(|name| node.get(name).is_some()) {
            let text = format!("At least one of these properties must be present: {}.", schema.any_of.join(", "));
            self.must(path, "property-missing", text);
        }
        for (first, last, may_be_equal) in schema.pairs {
            self.ordered(node, first, last, *may_be_equal, path);
        }
        for rule in schema.extra {
            rule(self, node, path);
        }
    }

    pub(super) fn value(&mut self, node: Node<'_, '_>, rule: Rule, path: &Path<'_>) {
        match rule {
            Rule::Any => parts::anything(self, node, path),
            Rule::Text => {
                self.text(node, path);
            }
            Rule::Bool if node.as_bool().is_none() => self.mistyped(path, "true or false"),
            Rule::Bool => {}
            Rule::Int(from, to) => self.integer(node, from, to, path),
            Rule::Number(from, to) => self.number(node, from, to, path),
            Rule::Time => self.time(node, false, path),
            Rule::Millis => self.time(node, true, path),
            Rule::Ref(targets) => self.reference(node, targets, path),
            Rule::Refs(targets) => self.each(node, path, |check, item, here| check.reference(item, targets, here)),
            Rule::ScoRef(targets) => self.loose_reference(node, targets, path),
            Rule::ScoRefs(targets) => {
                self.each(node, path, |check, item, here| check.loose_reference(item, targets, here));
            }
            Rule::Texts => self.each(node, path, |check, item, here| {
                check.text(item, here);
            }),
            Rule::Open(vocab) => self.open(node, vocab, path),
            Rule::Opens(vocab) => self.each(node, path, |check, item, here| check.open(item, vocab, here)),
            Rule::OneOf(words) => self.one_of(node, words, path),
            Rule::Hex | Rule::Binary => self.encoded(node, matches!(rule, Rule::Hex), path),
            Rule::Object(schema) => self.object(node, schema, path),
            Rule::Objects(schema) => self.each(node, path, |check, item, here| check.object(item, schema, here)),
            Rule::Custom(custom) => custom(self, node, path),
            Rule::CustomList(custom) => self.each(node, path, |check, item, here| custom(check, item, here)),
        }
    }

    /// The items of a list that must not be empty (STIX 2.1 section 2.11).
    pub(super) fn each(
        &mut self,
        node: Node<'_, '_>,
        path: &Path<'_>,
        mut judge: impl FnMut(&mut Self, Node<'_, '_>, &Path<'_>),
    ) {
        if node.shape() != Shape::Array {
            return self.mistyped(path, "a list");
        }
        let mut count = 0;
        for item in node.items() {
            judge(self, item, &path.index(count));
            count += 1;
        }
        if count == 0 {
            self.must(path, "list-empty", "A list must not be empty; leave the property out instead.");
        }
    }

    pub(super) fn text<'n>(&mut self, node: Node<'n, '_>, path: &Path<'_>) -> Option<&'n str> {
        let text = node.as_str();
        if text.is_none() {
            self.mistyped(path, "a text");
        }
        text
    }

    #[cold]
    pub(super) fn mistyped(&mut self, path: &Path<'_>, expected: &str) {
        self.must(path, "property-type", format!("This must be {expected}."));
    }

    fn integer(&mut self, node: Node<'_, '_>, from: i64, to: i64, path: &Path<'_>) {
        let Some(number) = node.as_i64() else {
            return self.mistyped(path, "a whole number");
        };
        if number < from || number > to {
            self.must(
                path,
                "property-range",
                format!("{number} is out of range: it must be {}.", formats::range(from, to)),
            );
        }
    }

    fn number(&mut self, node: Node<'_, '_>, from: f64, to: f64, path: &Path<'_>) {
        let Some(number) = node.as_f64() else {
            return self.mistyped(path, "a number");
        };
        if number < from || number > to {
            self.must(path, "property-range", format!("{number} is out of range: it must be from {from} to {to}."));
        }
    }

    fn time(&mut self, node: Node<'_, '_>, millis: bool, path: &Path<'_>) {
        let Some(text) = self.text(node, path) else { return };
        if formats::timestamp(text).is_none() {
            let text = format!("{:?} is not a timestamp of the form 2026-11-01T12:00:00.000Z.", clip(text));
            self.must(path, "timestamp-format", text);
        } else if millis && text.len() < "2026-11-01T12:00:00.000Z".len() {
            self.must(path, "timestamp-precision", "This timestamp must give milliseconds.");
        }
    }

    pub(super) fn reference(&mut self, node: Node<'_, '_>, targets: Targets, path: &Path<'_>) {
        let Some(text) = self.text(node, path) else { return };
        let Some(kind) = formats::identifier(text) else {
            let text = format!("{:?} is not an identifier of the form type--UUID.", clip(text));
            return self.must(path, "reference-malformed", text);
        };
        if !targets.admit(kind) {
            self.must(
                path,
                "reference-type",
                format!("This property must not refer to an object of type {}.", clip(kind)),
            );
        }
    }

    /// A reference between observables. The committee's schemas ask for a text only, since the same property
    /// holds a key of the container inside the deprecated form of observed data; so do we, and warn of other texts.
    fn loose_reference(&mut self, node: Node<'_, '_>, targets: Targets, path: &Path<'_>) {
        let Some(text) = self.text(node, path) else { return };
        let sibling = self.siblings.and_then(|objects| self.step(objects, text, None));
        let Some(kind) = sibling.and_then(|object| object.str("type")).or_else(|| formats::identifier(text)) else {
            let text = format!("{:?} is not an identifier of the form type--UUID.", clip(text));
            return self.should(path, "reference-malformed", text);
        };
        // Custom observables may stand wherever an observable may.
        if !targets.admit(kind) && Class::of(kind) != Class::Custom {
            self.must(
                path,
                "reference-type",
                format!("This property must not refer to an object of type {}.", clip(kind)),
            );
        }
    }

    pub(super) fn open(&mut self, node: Node<'_, '_>, vocab: &Vocab, path: &Path<'_>) {
        let Some(text) = self.text(node, path) else { return };
        if vocab.words.contains(&text) {
            return;
        }
        if !vocab.words.is_empty() {
            self.should(path, "vocabulary", format!("{:?} is not in the vocabulary {}.", clip(text), vocab.name));
        }
        if !formats::lower_hyphens(text) {
            let text = format!("{:?} should be lower case with hyphens between words.", clip(text));
            self.should(path, "vocabulary-format", text);
        }
    }

    fn one_of(&mut self, node: Node<'_, '_>, words: &[&str], path: &Path<'_>) {
        let Some(text) = self.text(node, path) else { return };
        if !words.contains(&text) {
            let text = format!("{:?} is not allowed here; it must be one of: {}.", clip(text), words.join(", "));
            self.must(path, "value-not-in-enum", text);
        }
    }

    fn encoded(&mut self, node: Node<'_, '_>, hex: bool, path: &Path<'_>) {
        let Some(text) = self.text(node, path) else { return };
        if hex && !formats::hex(text) {
            self.must(path, "hex-format", "This must be an even number of hexadecimal digits.");
        } else if !hex && !formats::base64(text) {
            self.must(path, "base64-format", "This must be base64.");
        }
    }

    pub(super) fn ordered(&mut self, node: Node<'_, '_>, first: &str, last: &str, may_be_equal: bool, path: &Path<'_>) {
        let time = |name| node.str(name).and_then(formats::timestamp);
        let (Some(from), Some(to)) = (time(first), time(last)) else { return };
        if to < from || (to == from && !may_be_equal) {
            let or_equal = if may_be_equal { "later than or equal to" } else { "later than" };
            self.must(&path.name(last), "time-order", format!("The time {last} must be {or_equal} {first}."));
        }
    }

    /// Whether a property that no table names is a custom one without an extension behind it.
    pub(super) fn is_custom(&mut self, unknown: Unknown) -> bool {
        match unknown {
            Unknown::Fine => false,
            Unknown::OfPart => true,
            Unknown::OfObject => {
                let root = self.root;
                !*self.extended.get_or_insert_with(|| has_extension(root, &["toplevel-property-extension"]))
            }
        }
    }
}

/// Whether this is an object of STIX 2.0: without a `spec_version` every type but an observable is (section 3.2).
fn is_legacy(root: Node<'_, '_>, kind: &str) -> bool {
    match root.str("spec_version") {
        Some(version) => version == "2.0",
        None => match Class::of(kind) {
            Class::Sco | Class::ExtensionDefinition | Class::LanguageContent => false,
            Class::Custom => super::is_versioned(root),
            _ => true,
        },
    }
}

/// Required properties that STIX 2.0 did not know; `id` is that of observables inside observed data.
const NEW_IN_21: &[&str] = &["spec_version", "pattern_type", "is_family", "id"];

/// Whether an extension of the object is of one of these types.
pub(super) fn has_extension(root: Node<'_, '_>, types: &[&str]) -> bool {
    let Some(extensions) = root.get("extensions") else { return false };
    extensions.entries().any(|(_, ext)| ext.str("extension_type").is_some_and(|kind| types.contains(&kind)))
}
