use std::collections::HashMap;
use std::sync::Arc;

use comity_base::Timestamp;
use comity_stix::{Node, Shape};

use crate::error::{MatchError, shortened};
use crate::moment::{self, Moment};

/// What was seen, when, and how often: one `observed-data` with the objects it refers to.
#[derive(Clone, Debug)]
pub struct Observation<'d, 'a> {
    pub(crate) first: Moment,
    pub(crate) last: Moment,
    pub(crate) count: u64,
    /// The objects a comparison may begin at.
    pub(crate) roots: Vec<Node<'d, 'a>>,
    /// What references lead to.
    pub(crate) scope: Arc<HashMap<&'d str, Node<'d, 'a>>>,
}

impl<'d, 'a> Observation<'d, 'a> {
    /// Puts an observation together: objects seen `count` times between `first` and `last`.
    ///
    /// A pattern's comparisons begin at `roots`; references resolve among `scope`, by `id`, and nowhere else.
    ///
    /// # Errors
    /// When `count` is 0 or `last` is before `first`.
    pub fn new(
        first: Timestamp,
        last: Timestamp,
        count: u64,
        roots: Vec<Node<'d, 'a>>,
        scope: impl IntoIterator<Item = Node<'d, 'a>>,
    ) -> Result<Self, MatchError> {
        let scope = Arc::new(by_id(scope));
        let observation =
            Self { first: moment::from_timestamp(first), last: moment::from_timestamp(last), count, roots, scope };
        observation.checked("an observation")
    }

    /// Reads every `observed-data` of a bundle, or the one given, in the order they stand.
    ///
    /// Both forms are read: `object_refs` (STIX 2.1), resolved within the bundle, and the `objects`
    /// map (STIX 2.0), whose references resolve within that map. Objects that no `observed-data`
    /// refers to can be reached by reference only.
    ///
    /// # Errors
    /// When a time or `number_observed` is missing or wrong.
    pub fn read(root: Node<'d, 'a>) -> Result<Vec<Self>, MatchError> {
        if root.str("type") != Some("bundle") {
            return Self::read_one(root, &Arc::default()).map(|one| vec![one]);
        }
        let objects = || root.get("objects").into_iter().flat_map(Node::items);
        let scope = Arc::new(by_id(objects()));
        let observed = objects().filter(|object| object.str("type") == Some("observed-data"));
        observed.map(|object| Self::read_one(object, &scope)).collect()
    }

    fn read_one(object: Node<'d, 'a>, bundle: &Arc<HashMap<&'d str, Node<'d, 'a>>>) -> Result<Self, MatchError> {
        let name = object.str("id").unwrap_or("observed-data");
        let time = |key: &str| {
            let text = object.str(key).unwrap_or("");
            moment::read(text).ok_or_else(|| {
                let (name, text) = (shortened(name), shortened(text));
                MatchError::Data(format!("{key} of {name} is not a timestamp like 2026-11-01T12:00:00Z: {text:?}"))
            })
        };
        let count = object.get("number_observed").and_then(Node::as_i64).and_then(|count| u64::try_from(count).ok());
        let map = object.get("objects").filter(|map| map.shape() == Shape::Object && map.entries().next().is_some());
        let refs = object.get("object_refs").into_iter().flat_map(Node::items).filter_map(Node::as_str);
        let mut roots: Vec<_> = refs.filter_map(|id| bundle.get(id).copied()).collect();
        let mut scope = Arc::clone(bundle);
        if let Some(map) = map {
            roots.extend(map.entries().map(|(_, node)| node));
            let mut merged: HashMap<_, _> = map.entries().collect();
            if map.entries().any(|(_, node)| node.str("id").is_some()) {
                merged.extend(bundle.iter().map(|(id, node)| (*id, *node)));
            }
            scope = Arc::new(merged);
        }
        let (first, last) = (time("first_observed")?, time("last_observed")?);
        Self { first, last, count: count.unwrap_or(0), roots, scope }.checked(name)
    }

    fn checked(self, name: &str) -> Result<Self, MatchError> {
        let name = shortened(name);
        if self.count == 0 {
            return Err(MatchError::Data(format!("number_observed of {name} is not a number from 1")));
        }
        if self.last < self.first {
            return Err(MatchError::Data(format!("{name} was last observed before it was first observed")));
        }
        Ok(self)
    }
}

fn by_id<'d, 'a>(objects: impl IntoIterator<Item = Node<'d, 'a>>) -> HashMap<&'d str, Node<'d, 'a>> {
    objects.into_iter().filter_map(|object| Some((object.str("id")?, object))).collect()
}

#[cfg(test)]
mod tests {
    use comity_stix::Doc;

    use super::*;

    fn read(text: &str) -> Result<usize, MatchError> {
        let doc = Doc::parse(text.as_bytes(), 16).unwrap();
        Observation::read(doc.root()).map(|list| list.iter().map(|one| one.roots.len()).sum())
    }

    #[test]
    fn both_forms_are_read() {
        let old = r#"{"type":"observed-data","first_observed":"2024-01-01T00:00:00Z",
            "last_observed":"2024-01-01T00:00:00Z","number_observed":2,"objects":{"0":{"type":"a"},"1":{"type":"b"}}}"#;
        assert_eq!(read(old), Ok(2));
        let new = r#"{"type":"bundle","objects":[{"type":"observed-data","first_observed":"2024-01-01T00:00:00Z",
            "last_observed":"2024-01-01T00:00:00Z","number_observed":2,"object_refs":["a--1","a--2"]},
            {"type":"a","id":"a--1"},{"type":"b","id":"b--1"}]}"#;
        assert_eq!(read(new), Ok(1));
    }

    #[test]
    fn data_that_contradict_themselves_are_refused() {
        let with = |first: &str, last: &str, count: &str| {
            let text = format!(
                r#"{{"type":"observed-data","first_observed":"{first}","last_observed":"{last}","number_observed":{count},"objects":{{}}}}"#
            );
            read(&text)
        };
        assert_eq!(with("2024-01-01T00:00:00Z", "2024-01-01T00:00:00Z", "1"), Ok(0));
        assert!(with("2024-01-02T00:00:00Z", "2024-01-01T00:00:00Z", "1").is_err());
        assert!(with("2024-01-01T00:00:00Z", "2024-01-01T00:00:00Z", "0").is_err());
        assert!(with("2024-01-01T00:00:00Z", "2024-01-01T00:00:00Z", "\"1\"").is_err());
        assert!(with("2024-01-01", "2024-01-01T00:00:00Z", "1").is_err());
    }
}
