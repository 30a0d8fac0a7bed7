//! Objects that converted formats are turned into: observables, and groupings over them.

use std::collections::HashSet;
use std::ops::ControlFlow;

use comity_stix::ObjectId;
use comity_stix::value::{Kind, Value, Values};
use serde::Serialize;
use uuid::Uuid;

use crate::{Context, Flow, Incoming, Sink};

/// The namespace of the ids of converted objects: UUIDv5 of `comity.converted` in the DNS namespace.
const NAMESPACE: Uuid = Uuid::from_u128(0x3792_2312_f93c_5748_a658_8091_5158_0da5);

/// An id that depends only on its parts: the same input twice gives the same object.
pub(crate) fn object_id(kind: &str, parts: &[&[u8]]) -> Option<ObjectId> {
    let mut name = Vec::new();
    for part in parts {
        // Lengths keep `ab`,`c` apart from `a`,`bc`.
        name.extend_from_slice(&part.len().to_be_bytes());
        name.extend_from_slice(part);
    }
    name.extend_from_slice(kind.as_bytes());
    ObjectId::new(kind, Uuid::new_v5(&NAMESPACE, &name)).ok()
}

/// Hands over an object made for the item at `offset`.
pub(crate) fn hand_over(sink: &mut dyn Sink, object: &impl Serialize, offset: u64) -> Flow {
    // A structure of strings and numbers always has a JSON form.
    match serde_json::to_vec(object) {
        Ok(raw) => sink.object(Incoming { raw: &raw, offset }),
        Err(_) => ControlFlow::Continue(()),
    }
}

/// Remembers which objects of this stream were handed over, up to a bound; beyond it some come twice,
/// which changes nothing for the store.
#[derive(Default)]
pub(crate) struct Seen(HashSet<Uuid>);

impl Seen {
    const MOST: usize = 200_000;

    /// Whether the object is new.
    pub(crate) fn insert(&mut self, id: &ObjectId) -> bool {
        if self.0.len() >= Self::MOST {
            self.0.clear();
        }
        self.0.insert(id.uuid)
    }
}

/// Hands over the observable of a value unless this stream had it; its id.
pub(crate) fn observable(
    sink: &mut dyn Sink,
    seen: &mut Seen,
    value: &Value,
    offset: u64,
) -> ControlFlow<(), ObjectId> {
    let (id, raw) = value.to_object();
    if seen.insert(&id) {
        sink.object(Incoming { raw: raw.as_bytes(), offset })?;
    }
    ControlFlow::Continue(id)
}

/// Collects the objects of one file into groupings.
pub(crate) struct Groups<'a> {
    ctx: &'a Context,
    name: &'a str,
    number: u64,
    refs: Vec<ObjectId>,
    held: HashSet<Uuid>,
    items: usize,
    offset: u64,
}

/// How many rows or values one grouping holds.
const GROUP: usize = 5_000;

#[derive(Serialize)]
struct Grouping<'a> {
    r#type: &'static str,
    spec_version: &'static str,
    id: &'a ObjectId,
    created: String,
    modified: String,
    name: &'a str,
    context: &'static str,
    object_refs: &'a [ObjectId],
}

impl<'a> Groups<'a> {
    pub(crate) fn new(ctx: &'a Context, name: &'a str) -> Self {
        Self { ctx, name, number: 0, refs: Vec::new(), held: HashSet::new(), items: 0, offset: 0 }
    }

    /// One row or line that stood at `offset`.
    pub(crate) fn add(&mut self, sink: &mut dyn Sink, refs: &[ObjectId], offset: u64) -> Flow {
        if self.items == 0 {
            self.offset = offset;
        }
        self.items += 1;
        for id in refs {
            if self.held.insert(id.uuid) {
                self.refs.push(id.clone());
            }
        }
        if self.items >= GROUP { self.flush(sink) } else { ControlFlow::Continue(()) }
    }

    /// The last, smaller grouping.
    pub(crate) fn flush(&mut self, sink: &mut dyn Sink) -> Flow {
        if self.refs.is_empty() {
            return ControlFlow::Continue(());
        }
        let refs: Vec<u8> = self.refs.iter().flat_map(|id| *id.uuid.as_bytes()).collect();
        let parts: [&[u8]; 4] =
            [self.ctx.dated.owner.as_bytes(), self.name.as_bytes(), &self.number.to_be_bytes(), &refs];
        self.number += 1;
        let now = self.ctx.dated.now.to_string();
        let name = mask_cards(self.name, &self.ctx.values);
        if let Some(id) = object_id("grouping", &parts) {
            let grouping = Grouping {
                r#type: "grouping",
                spec_version: "2.1",
                id: &id,
                created: now.clone(),
                modified: now,
                name: &name,
                context: "suspicious-activity",
                object_refs: &self.refs,
            };
            hand_over(sink, &grouping, self.offset)?;
        }
        self.refs.clear();
        self.held.clear();
        self.items = 0;
        ControlFlow::Continue(())
    }
}

/// The text with all but the last four digits of every card number replaced by `*`.
pub(crate) fn mask_cards(text: &str, values: &Values) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(|c: char| c.is_ascii_digit()) {
        let (before, from) = rest.split_at_checked(at).unwrap_or((rest, ""));
        out.push_str(before);
        let length = card_length(from, values);
        let group = from.bytes().take_while(u8::is_ascii_digit).count();
        let (run, after) = from.split_at_checked(length.unwrap_or(group)).unwrap_or((from, ""));
        if length.is_some() {
            out.push_str(&mask(run));
        } else {
            out.push_str(run);
        }
        rest = after;
    }
    out.push_str(rest);
    out
}

/// How long the card number is that begins with these digits, separators included.
fn card_length(from: &str, values: &Values) -> Option<usize> {
    let (mut digits, mut longest) = (0, None);
    for (at, byte) in from.bytes().enumerate().take(40) {
        match byte {
            b'0'..=b'9' => digits += 1,
            b' ' | b'-' => continue,
            _ => break,
        }
        if digits > 19 {
            break;
        }
        let ends = from.as_bytes().get(at + 1).is_none_or(|next| !next.is_ascii_digit());
        let number = from.get(..=at).unwrap_or_default();
        if ends && digits >= 12 && values.parse(Kind::Card, number).is_ok() {
            longest = Some(at + 1);
        }
    }
    longest
}

/// All but the last four digits replaced by `*`.
pub(crate) fn mask(number: &str) -> String {
    let mut left = number.bytes().filter(u8::is_ascii_digit).count();
    let masked = |c: char| {
        if !c.is_ascii_digit() {
            return c;
        }
        left -= 1;
        if left < 4 { c } else { '*' }
    };
    number.chars().map(masked).collect()
}

#[cfg(test)]
pub(crate) mod tests {
    use comity_base::{Limits, Timestamp};
    use serde_json::Value as Json;

    use super::*;
    use crate::{Dated, Notice, SourceFile, Unreadable};

    pub(crate) fn context() -> Context {
        Context {
            dated: Dated { owner: "lab-north".to_owned(), now: Timestamp::parse("2026-11-01T12:00:00Z").unwrap() },
            limits: Limits::default(),
            objects_only: false,
            columns: Vec::new(),
            values: Values::new([7; 32]),
            pdf: crate::text::pdf_text,
            marked: crate::Marked::default(),
        }
    }

    /// A sink that keeps everything.
    #[derive(Default)]
    pub(crate) struct Record {
        pub(crate) objects: Vec<Json>,
        pub(crate) offsets: Vec<u64>,
        pub(crate) rejected: Vec<(&'static str, u64)>,
        pub(crate) notices: Vec<(&'static str, u64)>,
    }

    impl Record {
        pub(crate) fn of_type(&self, kind: &str) -> Vec<&Json> {
            self.objects.iter().filter(|object| object["type"] == kind).collect()
        }

        /// The observables' values in order, where they are under `value`, `name` or in `hashes`.
        pub(crate) fn values(&self) -> Vec<String> {
            let text = |object: &Json| {
                let hash = object["hashes"].as_object().and_then(|hashes| hashes.values().next());
                let value = [&object["value"], &object["name"]].into_iter().find(|v| v.is_string()).or(hash);
                value.and_then(Json::as_str).map(str::to_owned)
            };
            let observed = |object: &&Json| object.get("created").is_none();
            self.objects.iter().filter(observed).filter_map(text).collect()
        }
    }

    impl Sink for Record {
        fn begin(&mut self, _: SourceFile<'_>) -> Flow {
            ControlFlow::Continue(())
        }

        fn original(&mut self, _: &[u8]) -> Flow {
            ControlFlow::Continue(())
        }

        fn object(&mut self, object: Incoming<'_>) -> Flow {
            self.objects.push(serde_json::from_slice(object.raw).unwrap());
            self.offsets.push(object.offset);
            ControlFlow::Continue(())
        }

        fn rejected(&mut self, item: Unreadable<'_>) -> Flow {
            self.rejected.push((item.code, item.offset));
            ControlFlow::Continue(())
        }

        fn notice(&mut self, notice: Notice) -> Flow {
            self.notices.push((notice.code, notice.offset));
            ControlFlow::Continue(())
        }

        fn progress(&mut self, _: u64) -> Flow {
            ControlFlow::Continue(())
        }

        fn end(&mut self) -> Flow {
            ControlFlow::Continue(())
        }
    }

    #[test]
    fn card_numbers_keep_four_digits() {
        let values = Values::new([0; 32]);
        let masked = mask_cards("paid with 4111 1111 1111 1111, not 4111111111111112; é 1234", &values);
        assert_eq!(masked, "paid with **** **** **** 1111, not 4111111111111112; é 1234");
        assert_eq!(mask_cards("4111 1111 1111 1111 123 12/27", &values), "**** **** **** 1111 123 12/27");
        assert_eq!(mask_cards("1 4111-1111-1111-1111", &values), "1 ****-****-****-1111");
    }

    #[test]
    fn parts_of_an_id_do_not_run_together() {
        assert_ne!(object_id("report", &[b"ab", b"c"]), object_id("report", &[b"a", b"bc"]));
        assert_eq!(object_id("report", &[b"ab"]), object_id("report", &[b"ab"]));
    }
}
