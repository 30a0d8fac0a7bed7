use super::run::{Check, Path};
use super::vocab::Vocab;
use crate::Node;

/// A rule written out by hand, for what a table cannot say.
pub(super) type Custom = fn(&mut Check<'_, '_>, Node<'_, '_>, &Path<'_>);

/// What a property's value must be.
#[derive(Clone, Copy)]
pub(super) enum Rule {
    /// Anything but null and the empty list.
    Any,
    Text,
    Bool,
    /// A whole number from, to.
    Int(i64, i64),
    /// A number from, to.
    Number(f64, f64),
    /// A timestamp (STIX 2.1 section 2.16).
    Time,
    /// A timestamp with milliseconds: `created`, `modified`.
    Millis,
    Ref(Targets),
    Refs(Targets),
    /// A reference between observables.
    ScoRef(Targets),
    ScoRefs(Targets),
    /// A list of texts.
    Texts,
    /// A text that should come from the vocabulary.
    Open(&'static Vocab),
    /// A list of texts that should come from the vocabulary.
    Opens(&'static Vocab),
    /// A text that must be one of these.
    OneOf(&'static [&'static str]),
    Hex,
    Binary,
    Object(&'static Schema),
    /// A list of objects.
    Objects(&'static Schema),
    Custom(Custom),
    /// A list whose items are judged by hand.
    CustomList(Custom),
}

/// What a reference may name.
#[derive(Clone, Copy)]
pub(super) enum Targets {
    Any,
    Only(&'static [&'static str]),
    Not(&'static [&'static str]),
}

impl Targets {
    pub(super) fn admit(self, kind: &str) -> bool {
        match self {
            Self::Any => true,
            Self::Only(kinds) => kinds.contains(&kind),
            Self::Not(kinds) => !kinds.contains(&kind),
        }
    }
}

/// One property of a type.
#[derive(Clone, Copy)]
pub(super) struct Prop {
    pub(super) name: &'static str,
    pub(super) rule: Rule,
    pub(super) required: bool,
}

/// What to make of a property that the table does not name.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Unknown {
    /// Of an object: custom, unless an extension brings it.
    OfObject,
    /// Of a part of an object the specification defines: custom.
    OfPart,
    /// Of a custom object: its own affair.
    Fine,
}

/// The rules of one type or part.
#[derive(Clone, Copy)]
pub(super) struct Schema {
    /// Sorted by length, then bytes.
    pub(super) props: &'static [Prop],
    pub(super) required: u64,
    /// At least one of these is present.
    pub(super) any_of: &'static [&'static str],
    /// Earlier, later, and whether they may be equal.
    pub(super) pairs: &'static [(&'static str, &'static str, bool)],
    pub(super) extra: &'static [Custom],
    pub(super) unknown: Unknown,
}

pub(super) const fn req(name: &'static str, rule: Rule) -> Prop {
    Prop { name, rule, required: true }
}

pub(super) const fn opt(name: &'static str, rule: Rule) -> Prop {
    Prop { name, rule, required: false }
}

impl Schema {
    /// From a table made by [`merged`].
    pub(super) const fn new(props: &'static [Prop]) -> Self {
        Self { props, required: required(props), any_of: &[], pairs: &[], extra: &[], unknown: Unknown::OfPart }
    }

    /// The property of this name and its number.
    pub(super) fn find(&self, name: &str) -> Option<(usize, &'static Prop)> {
        let key = (name.len(), name);
        let at = self.props.binary_search_by(|prop| (prop.name.len(), prop.name).cmp(&key)).ok()?;
        Some((at, self.props.get(at)?))
    }

    /// The required properties not among those seen.
    pub(super) fn missing(&self, seen: u64) -> impl Iterator<Item = &'static str> {
        let missing = self.required & !seen;
        self.props.iter().enumerate().filter(move |(at, _)| missing >> at & 1 == 1).map(|(_, prop)| prop.name)
    }
}

const fn required(props: &[Prop]) -> u64 {
    let mut mask = 0;
    let mut rest = props;
    let mut bit = 1u64;
    while let [first, tail @ ..] = rest {
        if first.required {
            mask |= bit;
        }
        bit <<= 1;
        rest = tail;
    }
    mask
}

/// The two lists as one, sorted for [`Schema::find`]. Runs at compile time only.
#[expect(clippy::indexing_slicing, reason = "evaluated by the compiler, where a wrong index is a compile error")]
pub(super) const fn merged<const N: usize>(common: &[Prop], own: &[Prop]) -> [Prop; N] {
    assert!(common.len() + own.len() == N && N <= 64);
    let mut all = [Prop { name: "", rule: Rule::Any, required: false }; N];
    let mut at = 0;
    while at < N {
        let next = if at < common.len() { common[at] } else { own[at - common.len()] };
        let mut place = at;
        while place > 0 && before(next.name, all[place - 1].name) {
            all[place] = all[place - 1];
            place -= 1;
        }
        all[place] = next;
        at += 1;
    }
    all
}

#[expect(
    clippy::indexing_slicing,
    clippy::panic,
    reason = "evaluated by the compiler, where a panic is a compile error"
)]
const fn before(a: &str, b: &str) -> bool {
    if a.len() != b.len() {
        return a.len() < b.len();
    }
    let (a, b) = (a.as_bytes(), b.as_bytes());
    let mut at = 0;
    while at < a.len() {
        if a[at] != b[at] {
            return a[at] < b[at];
        }
        at += 1;
    }
    // The same name twice in one table.
    panic!()
}

/// Declares a schema: common properties, own properties, then other fields.
macro_rules! schema {
    ($name:ident: $common:expr, [$($prop:expr),* $(,)?] $(, $field:ident: $value:expr)* $(,)?) => {
        pub(super) static $name: $crate::validate::rule::Schema = {
            use $crate::validate::rule::{Prop, Schema, merged};
            const COMMON: &[Prop] = $common;
            const OWN: &[Prop] = &[$($prop),*];
            static TABLE: [Prop; COMMON.len() + OWN.len()] = merged(COMMON, OWN);
            Schema { $($field: $value,)* ..Schema::new(&TABLE) }
        };
    };
}
pub(super) use schema;

#[cfg(test)]
mod tests {
    use super::super::vocab;
    use super::*;

    schema!(SAMPLE: &[opt("id", Rule::Text)], [req("name", Rule::Text), opt("kind", Rule::Open(&vocab::TOOL_TYPE)), req("a", Rule::Any)]);

    #[test]
    fn properties_are_found_by_name_and_the_required_ones_missed() {
        let numbers: Vec<_> = ["a", "id", "kind", "name"].iter().map(|name| SAMPLE.find(name).unwrap().0).collect();
        assert_eq!(numbers, [0, 1, 2, 3]);
        assert!(SAMPLE.find("nam").is_none());
        assert_eq!(SAMPLE.missing(0).collect::<Vec<_>>(), ["a", "name"]);
        assert_eq!(SAMPLE.missing(0b1001).count(), 0);
    }
}
