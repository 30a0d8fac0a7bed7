use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use comity_base::Timestamp;
use serde_json::{Map, Value};

use super::marks::{Marks, tlp_definition};
use crate::{Context, Flow, Incoming, Notice, Sink, Unreadable};

/// How many ids are remembered: enough for one event; beyond, an object may be given again, which does no harm.
const REMEMBERED: usize = 100_000;

/// Where converted objects go: each once, and the markings before what refers to them.
pub(super) struct Out<'a> {
    pub(super) ctx: &'a Context,
    sink: &'a mut dyn Sink,
    /// A hash of the bytes given out last under an id: the same object is not given twice.
    given: HashMap<String, u64>,
    buffer: Vec<u8>,
}

/// A domain object in the making.
pub(super) struct Draft {
    pub(super) id: String,
    pub(super) object: Map<String, Value>,
}

impl Draft {
    pub(super) fn new(kind: &str, uuid: uuid::Uuid, created: Timestamp, modified: Timestamp) -> Self {
        let id = format!("{kind}--{uuid}");
        let mut object = Map::new();
        object.insert("type".into(), kind.into());
        object.insert("spec_version".into(), "2.1".into());
        object.insert("id".into(), id.as_str().into());
        object.insert("created".into(), created.to_string().into());
        object.insert("modified".into(), modified.max(created).to_string().into());
        Self { id, object }
    }

    pub(super) fn set(&mut self, name: &str, value: impl Into<Value>) {
        self.object.insert(name.into(), value.into());
    }

    pub(super) fn set_some(&mut self, name: &str, value: Option<impl Into<Value>>) {
        if let Some(value) = value {
            self.set(name, value);
        }
    }
}

impl<'a> Out<'a> {
    pub(super) fn new(ctx: &'a Context, sink: &'a mut dyn Sink) -> Self {
        Self { ctx, sink, given: HashMap::new(), buffer: Vec::new() }
    }

    /// Gives out one object with its marks and labels.
    pub(super) fn give(
        &mut self,
        mut object: Map<String, Value>,
        marks: &Marks,
        labels: Vec<String>,
        offset: u64,
    ) -> Flow {
        marks.apply(&mut object, labels);
        if let Some((level, id)) = marks.tlp() {
            self.write(&tlp_definition(level, id), offset)?;
        }
        self.write(&object, offset)
    }

    fn write(&mut self, object: &Map<String, Value>, offset: u64) -> Flow {
        self.buffer.clear();
        // INVARIANT: a JSON value with text keys can always be written to memory.
        if serde_json::to_writer(&mut self.buffer, object).is_err() {
            return Flow::Continue(());
        }
        let id = object.get("id").and_then(Value::as_str).unwrap_or_default();
        let mut hasher = DefaultHasher::new();
        self.buffer.hash(&mut hasher);
        let hash = hasher.finish();
        if self.given.get(id) == Some(&hash) {
            return Flow::Continue(());
        }
        if self.given.len() >= REMEMBERED {
            self.given.clear();
        }
        self.given.insert(id.to_owned(), hash);
        self.sink.object(Incoming { raw: &self.buffer, offset })
    }

    pub(super) fn reject(&mut self, item: Unreadable<'_>) -> Flow {
        self.sink.rejected(item)
    }

    pub(super) fn invalid(&mut self, offset: u64, reason: &str, item: &[u8]) -> Flow {
        self.sink.rejected(Unreadable { offset, code: "misp-attribute-invalid", reason, item })
    }

    pub(super) fn notice(&mut self, offset: u64, code: &'static str, text: String) -> Flow {
        self.sink.notice(Notice { offset, code, text })
    }
}
