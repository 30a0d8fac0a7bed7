use std::cmp::Ordering;

use comity_base::LimitExceeded;
use comity_stix::{Node, Shape};

use crate::ast::{ComparisonExpression, ObjectPath, Order, Step, Test};
use crate::bytes::{from_base64, from_hex, from_text, to_text};
use crate::error::{MatchError, shortened};
use crate::moment;
use crate::observation::Observation;
use crate::ready::{MAX_REGEXES, Network, Operand, Ready, nfc};

/// What one match may still cost; every loop over foreign data pays.
pub(crate) struct Work {
    left: u64,
    limit: u64,
}

impl Work {
    pub(crate) fn new(limit: u64) -> Self {
        Self { left: limit, limit }
    }

    pub(crate) fn spend(&mut self, steps: usize) -> Result<(), MatchError> {
        let steps = u64::try_from(steps).unwrap_or(u64::MAX);
        let Some(left) = self.left.checked_sub(steps) else {
            return Err(LimitExceeded { what: "steps of work to match one pattern", limit: self.limit }.into());
        };
        self.left = left;
        Ok(())
    }
}

/// A comparison expression ready to be held against objects.
pub(crate) enum Condition<'p> {
    Test { path: &'p ObjectPath<'p>, negated: bool, ready: Ready<'p> },
    All(Vec<Self>),
    Any(Vec<Self>),
}

impl<'p> Condition<'p> {
    /// `regexes` counts the regular expressions of the whole pattern.
    pub(crate) fn new(expression: &'p ComparisonExpression<'p>, regexes: &mut usize) -> Result<Self, MatchError> {
        let mut list = |parts: &'p [ComparisonExpression<'p>]| {
            parts.iter().map(|part| Self::new(part, regexes)).collect::<Result<Vec<_>, _>>()
        };
        match expression {
            ComparisonExpression::Group(inner) => Self::new(inner, regexes),
            ComparisonExpression::And(parts) => list(parts).map(Self::All),
            ComparisonExpression::Or(parts) => list(parts).map(Self::Any),
            ComparisonExpression::Test(comparison) => {
                if matches!(comparison.test, Test::Matches(_)) {
                    *regexes += 1;
                    if *regexes > MAX_REGEXES {
                        let limit = u64::try_from(MAX_REGEXES).unwrap_or(u64::MAX);
                        return Err(LimitExceeded { what: "regular expressions in one pattern", limit }.into());
                    }
                }
                let ready = Ready::new(&comparison.test, *regexes)?;
                Ok(Self::Test { path: &comparison.path, negated: comparison.negated, ready })
            }
        }
    }

    /// Whether one object of the observation fulfils it.
    pub(crate) fn holds(&self, observation: &Observation<'_, '_>, work: &mut Work) -> Result<bool, MatchError> {
        for root in &observation.roots {
            if self.holds_for(*root, observation, work)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn holds_for(&self, root: Node<'_, '_>, seen: &Observation<'_, '_>, work: &mut Work) -> Result<bool, MatchError> {
        work.spend(1)?;
        match self {
            Self::All(parts) => all(parts, |part| part.holds_for(root, seen, work)),
            Self::Any(parts) => Ok(!all(parts, |part| part.holds_for(root, seen, work).map(|holds| !holds))?),
            Self::Test { path, negated, ready } => {
                if lookup(root, "type", work)?.and_then(Node::as_str) != Some(&path.object_type) {
                    return Ok(false);
                }
                let place = Place { node: root, coding: Coding::Plain };
                let mut search = Search { seen, ready, negated: *negated, work };
                search.any_value(place, &path.steps)
            }
        }
    }
}

fn all<T>(list: &[T], mut holds: impl FnMut(&T) -> Result<bool, MatchError>) -> Result<bool, MatchError> {
    for item in list {
        if !holds(item)? {
            return Ok(false);
        }
    }
    Ok(true)
}

fn lookup<'d, 'a>(object: Node<'d, 'a>, key: &str, work: &mut Work) -> Result<Option<Node<'d, 'a>>, MatchError> {
    let mut steps = 1;
    let found = object.entries().find(|(name, _)| {
        steps += 1;
        *name == key
    });
    work.spend(steps)?;
    Ok(found.map(|(_, node)| node))
}

/// What a property's name says of its strings (STIX 2.1 section 3.1).
#[derive(Clone, Copy, PartialEq)]
enum Coding {
    Plain,
    Hex,
    Base64,
    Reference,
}

impl Coding {
    fn of(key: &str) -> Self {
        if key.ends_with("_ref") || key.ends_with("_refs") {
            Self::Reference
        } else if key.ends_with("_hex") {
            Self::Hex
        } else if key.ends_with("_bin") {
            Self::Base64
        } else {
            Self::Plain
        }
    }
}

#[derive(Clone, Copy)]
struct Place<'d, 'a> {
    node: Node<'d, 'a>,
    coding: Coding,
}

struct Search<'s, 'd, 'a, 'p> {
    seen: &'s Observation<'d, 'a>,
    ready: &'s Ready<'p>,
    negated: bool,
    work: &'s mut Work,
}

impl<'d, 'a> Search<'_, 'd, 'a, '_> {
    /// Whether some value at the end of the path passes. Paths have at most 128 steps, so this ends.
    fn any_value(&mut self, place: Place<'d, 'a>, steps: &[Step<'_>]) -> Result<bool, MatchError> {
        self.work.spend(1)?;
        let Some((step, rest)) = steps.split_first() else {
            return Ok(self.passes(place)? != self.negated);
        };
        match step {
            Step::Key(key) => {
                let Some(object) = self.resolved(place) else { return Ok(false) };
                match lookup(object, key, self.work)? {
                    Some(node) => self.any_value(Place { node, coding: Coding::of(key) }, rest),
                    None => Ok(false),
                }
            }
            Step::Index(index) => {
                let Ok(index) = usize::try_from(*index) else { return Ok(false) };
                let mut walked = 0;
                let found = place.node.items().inspect(|_| walked += 1).nth(index);
                self.work.spend(walked)?;
                found.map_or(Ok(false), |node| self.any_value(Place { node, ..place }, rest))
            }
            Step::Any => {
                let members = place.node.entries().map(|(_, node)| node);
                for node in place.node.items().chain(members) {
                    if self.any_value(Place { node, ..place }, rest)? {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
        }
    }

    /// The object a reference leads to; anything else as it is.
    fn resolved(&self, place: Place<'d, 'a>) -> Option<Node<'d, 'a>> {
        match place.node.as_str().filter(|_| place.coding == Coding::Reference) {
            Some(id) => self.seen.scope.get(id).copied(),
            None => Some(place.node),
        }
    }

    fn passes(&mut self, place: Place<'_, '_>) -> Result<bool, MatchError> {
        let datum = Datum::read(place)?;
        match self.ready {
            Ready::Exists => Ok(true),
            Ready::Equal(operand) => equal(&datum, operand),
            Ready::NotEqual(operand) => equal(&datum, operand).map(|same| !same),
            Ready::Order(order, operand) => Ok(compare(&datum, operand)?.is_some_and(|found| order.allows(found))),
            Ready::In(operands) => {
                self.work.spend(operands.len())?;
                Ok(!all(operands, |operand| equal(&datum, operand).map(|same| !same))?)
            }
            Ready::Like(wanted) => match &datum {
                Datum::Text(text) => like(wanted, &nfc(text), self.work),
                Datum::Bytes(bytes) => like(wanted, &to_text(bytes), self.work),
                _ => Ok(false),
            },
            Ready::Matches(expression) => match &datum {
                Datum::Text(text) => {
                    self.work.spend(text.len() / 8 + 1)?;
                    Ok(expression.finds_text(&nfc(text)))
                }
                Datum::Bytes(bytes) => {
                    self.work.spend(bytes.len() / 8 + 1)?;
                    Ok(expression.finds_bytes(bytes))
                }
                _ => Ok(false),
            },
            Ready::IsSubset(outer) => Ok(datum.network().is_some_and(|inner| outer.contains(inner))),
            Ready::IsSuperset(inner) => Ok(datum.network().is_some_and(|outer| outer.contains(*inner))),
        }
    }
}

impl Order {
    fn allows(self, found: Ordering) -> bool {
        match self {
            Self::Less => found.is_lt(),
            Self::LessOrEqual => found.is_le(),
            Self::Greater => found.is_gt(),
            Self::GreaterOrEqual => found.is_ge(),
        }
    }
}

/// A value of the observed data.
enum Datum<'d> {
    Text(&'d str),
    Bytes(Vec<u8>),
    Integer(i64),
    Float(f64),
    Bool(bool),
    /// Null, a list or an object: equal to no literal.
    Other,
}

impl<'d> Datum<'d> {
    fn read(place: Place<'d, '_>) -> Result<Self, MatchError> {
        let node = place.node;
        let datum = match node.shape() {
            Shape::Text => node.as_str().map(Self::Text),
            Shape::Bool => node.as_bool().map(Self::Bool),
            Shape::Integer | Shape::Float => node.as_i64().map(Self::Integer).or(node.as_f64().map(Self::Float)),
            Shape::Null | Shape::Array | Shape::Object => None,
        };
        let (bytes, coding) = match (&datum, place.coding) {
            (Some(Self::Text(text)), Coding::Hex) => (from_hex(text), "pairs of hexadecimal digits"),
            (Some(Self::Text(text)), Coding::Base64) => (from_base64(text), "Base64"),
            _ => return Ok(datum.unwrap_or(Self::Other)),
        };
        bytes.map(Self::Bytes).ok_or_else(|| {
            let text = shortened(node.as_str().unwrap_or(""));
            MatchError::Data(format!("{text:?} is not {coding}, as the name of its property says"))
        })
    }

    fn network(&self) -> Option<Network> {
        match self {
            Self::Text(text) => Network::parse(text),
            _ => None,
        }
    }
}

/// Values of types that do not compare are unequal (STIX 2.1 section 9.6).
fn equal(datum: &Datum<'_>, operand: &Operand<'_>) -> Result<bool, MatchError> {
    match (datum, operand) {
        (Datum::Bool(a), Operand::Bool(b)) => Ok(a == b),
        _ => Ok(compare(datum, operand)?.is_some_and(Ordering::is_eq)),
    }
}

/// `None` when the two have no order.
fn compare(datum: &Datum<'_>, operand: &Operand<'_>) -> Result<Option<Ordering>, MatchError> {
    let against = |bytes: Option<Vec<u8>>, other: &[u8]| bytes.map(|bytes| bytes.as_slice().cmp(other));
    Ok(match (datum, operand) {
        (Datum::Text(a), Operand::Text(b)) => Some((*a).cmp(b)),
        (Datum::Text(a), Operand::Bytes(b)) => against(from_text(a), b),
        (Datum::Bytes(a), Operand::Text(b)) => against(from_text(b), a).map(Ordering::reverse),
        (Datum::Bytes(a), Operand::Bytes(b)) => Some(a.cmp(b)),
        (Datum::Integer(a), Operand::Integer(b)) => Some(a.cmp(b)),
        (Datum::Integer(a), Operand::Float(b)) => (*a as f64).partial_cmp(b),
        (Datum::Float(a), Operand::Integer(b)) => a.partial_cmp(&(*b as f64)),
        (Datum::Float(a), Operand::Float(b)) => a.partial_cmp(b),
        // A timestamp that cannot be read is an error, not "unequal": else a fault in the data would hide a match.
        (Datum::Text(a), Operand::Time(b)) => match moment::read(a) {
            Some(a) => Some(a.cmp(b)),
            None => return Err(MatchError::Data(format!("{:?} is not a timestamp", shortened(a)))),
        },
        _ => None,
    })
}

/// `%` stands for any text, `_` for one character; linear but for retries after `%`, which are paid for.
fn like(wanted: &[char], value: &str, work: &mut Work) -> Result<bool, MatchError> {
    let value: Vec<char> = value.chars().collect();
    work.spend(value.len() + 1)?;
    let (mut at, mut seen) = (0, 0);
    let mut retry = None;
    while seen < value.len() {
        work.spend(1)?;
        match wanted.get(at) {
            Some('%') => {
                retry = Some((at, seen));
                at += 1;
            }
            Some(&c) if c == '_' || value.get(seen) == Some(&c) => {
                at += 1;
                seen += 1;
            }
            _ => {
                let Some((star, from)) = retry else { return Ok(false) };
                retry = Some((star, from + 1));
                at = star + 1;
                seen = from + 1;
            }
        }
    }
    Ok(wanted.get(at..).is_some_and(|rest| rest.iter().all(|&c| c == '%')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn like_knows_two_wildcards() {
        let is = |wanted: &str, value: &str| {
            let wanted: Vec<char> = wanted.chars().collect();
            like(&wanted, value, &mut Work::new(10_000)).unwrap()
        };
        for (wanted, value) in
            [("he%", "hello"), ("he__o", "hello"), ("%", ""), ("", ""), ("%l%o", "hello"), ("%é", "né")]
        {
            assert!(is(wanted, value), "{wanted} {value}");
        }
        for (wanted, value) in
            [("he", "hello"), ("_", ""), ("%l", "hello"), ("h.llo", "hello"), ("", "a"), ("a%", "ba")]
        {
            assert!(!is(wanted, value), "{wanted} {value}");
        }
    }

    #[test]
    fn like_pays_for_its_retries() {
        let wanted: Vec<char> = "%a%a%a%a%ab".chars().collect();
        let value = "a".repeat(10_000);
        let ended = like(&wanted, &value, &mut Work::new(1_000_000));
        assert_eq!(ended, Ok(false));
        assert!(like(&wanted, &value, &mut Work::new(1_000)).is_err());
    }
}
