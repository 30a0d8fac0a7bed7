//! What the node takes from one object's bytes: the same reading serves intake, catching up after a
//! start, and checking that a posting really holds what it was found by.

use std::borrow::Cow;

use comity_crypto::{Fingerprint, Fingerprinter};
use comity_stix::value::{Found, Role, Values};
use comity_stix::{Kind, Node, Value};

/// Grows whenever the same object would give other values or references.
const READING: u32 = 2;
/// The class of fingerprints that name readings.
const READING_CLASS: u8 = 201;
/// The class of fingerprints of reference targets; value kinds use their own numbers below it.
const REFERENCE_CLASS: u8 = 200;

/// Reads values and references from objects and names them by fingerprint.
#[derive(Clone, Debug)]
pub(crate) struct ObjectReader {
    values: Values,
    fingerprinter: Fingerprinter,
    limits: comity_base::Limits,
    reading: u64,
}

/// How an object holds a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Held {
    /// The object is this value.
    As,
    /// A property mentions it.
    Property,
    /// Its pattern looks for it.
    Pattern,
}

impl ObjectReader {
    pub(crate) fn new(values: Values, fingerprinter: Fingerprinter, limits: comity_base::Limits) -> Self {
        // Card numbers are kept as hashes under a key of their own: another key reads them as other values.
        let card = values.parse(Kind::Card, "4111111111111111").map(|value| value.text().to_owned());
        let how = format!("{READING} {} {}", limits.values, card.unwrap_or_default());
        let reading = fingerprinter.fingerprint(READING_CLASS, how.as_bytes()).0.max(1);
        Self { values, fingerprinter, limits, reading }
    }

    /// Names how objects are read here and under which keys; readings of the same name find the same.
    pub(crate) fn reading(&self) -> u64 {
        self.reading
    }

    pub(crate) fn values(&self) -> &Values {
        &self.values
    }

    pub(crate) fn depth(&self) -> usize {
        self.limits.depth
    }

    pub(crate) fn fingerprinter(&self) -> Fingerprinter {
        self.fingerprinter.clone()
    }

    pub(crate) fn value_fingerprint(&self, kind: Kind, normal: &str) -> u64 {
        self.fingerprinter.fingerprint(kind.number(), normal.as_bytes()).0
    }

    pub(crate) fn reference_fingerprint(&self, id: &str) -> u64 {
        let Fingerprint(bits) = self.fingerprinter.fingerprint(REFERENCE_CLASS, id.as_bytes());
        bits
    }

    /// Calls `sink` with every value of the object in its normal form. Returns how many texts did not
    /// read as the kind they claim.
    pub(crate) fn each_value(
        &self,
        root: Node<'_, '_>,
        scratch: &mut String,
        sink: &mut dyn FnMut(Kind, &str, Held),
    ) -> Misread {
        let mut misread = Misread::default();
        let mut left = self.limits.values;
        let mut take = |kind: Kind, text: &str, held: Held| {
            // What a property is called and what stands in it differ: a network in an address, an onion in a domain.
            let (kind, text) = comity_stix::value::settle(kind, text);
            if left == 0 {
                misread.dropped += 1;
            } else if self.values.normalise(kind, text, scratch).is_ok() {
                left -= 1;
                sink(kind, scratch, held);
            } else {
                misread.values += 1;
            }
        };
        comity_stix::value::extract(root, &mut |found: Found<'_>| {
            let held = if found.role == Role::Observable { Held::As } else { Held::Property };
            take(found.kind, &found.text, held);
        });
        if let Some(pattern) = stix_pattern(root) {
            let mut found = |kind: Kind, text: Cow<'_, str>| take(kind, &text, Held::Pattern);
            // A pattern that does not parse gives nothing; validation has said so.
            drop(comity_pattern::values(pattern, &mut found));
        }
        misread
    }

    /// The value of this object that has this fingerprint, when it really holds it.
    pub(crate) fn value_by_fingerprint(&self, root: Node<'_, '_>, fingerprint: u64) -> Option<(Value, Held)> {
        let mut best = None;
        self.each_value(root, &mut String::new(), &mut |kind, text, held| {
            let same =
                comity_index::significant(self.value_fingerprint(kind, text)) == comity_index::significant(fingerprint);
            if same && best.is_none() {
                best = self.values.parse(kind, text).ok().map(|value| (value, held));
            }
        });
        best
    }

    /// Adds the fingerprints of every object this one refers to, except its creator and its markings.
    pub(crate) fn each_reference(root: Node<'_, '_>, sink: &mut dyn FnMut(&str)) {
        comity_stix::refs(root, &mut |property, id| {
            if !matches!(property, "created_by_ref" | "object_marking_refs" | "marking_ref") {
                sink(id);
            }
        });
    }
}

/// What could not be read although it was announced.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Misread {
    /// Texts that are not the kind their place says.
    pub(crate) values: u32,
    /// Values beyond the limit of one object.
    pub(crate) dropped: u32,
}

/// The pattern of an indicator, when it is in STIX patterning.
pub(crate) fn stix_pattern<'d>(root: Node<'d, '_>) -> Option<&'d str> {
    let pattern = root.str("pattern")?;
    matches!(root.str("pattern_type"), Some("stix") | None)
        .then_some(pattern)
        .filter(|_| root.str("type") == Some("indicator"))
}
