//! Writing envelopes without making objects into values (TAXII 2.1 section 3.7).
//!
//! Whether there is more is told after the objects, so a page can be sent while it is being read. `objects` and
//! `more` are always there, and `next` exactly when there is more: what clients need, taken together.

use std::borrow::Cow;

/// An envelope being written: [`begin`](Self::begin), [`object`](Self::object) for each, [`end`](Self::end).
#[derive(Debug, Default)]
pub struct Envelope {
    objects: u64,
}

impl Envelope {
    /// A new one, and the bytes it begins with.
    pub fn begin() -> (Self, &'static [u8]) {
        (Self::default(), b"{\"objects\":[")
    }

    /// The bytes that stand before the next object; the object's own follow, which must be one JSON object.
    pub fn object(&mut self) -> &'static [u8] {
        self.objects += 1;
        if self.objects == 1 { b"" } else { b"," }
    }

    /// How many objects there are so far.
    pub fn objects(&self) -> u64 {
        self.objects
    }

    /// The last bytes. There is more exactly when there is a token to go on with.
    pub fn end(self, next: Option<&str>) -> Cow<'static, [u8]> {
        match next {
            None => Cow::Borrowed(b"],\"more\":false}"),
            Some(token) => {
                let token = serde_json::Value::from(token);
                Cow::Owned(format!("],\"more\":true,\"next\":{token}}}").into_bytes())
            }
        }
    }
}

/// All the pieces of an envelope, in order; joined they are the body (TAXII 2.1 section 3.7).
pub fn pieces<'o>(
    objects: impl IntoIterator<Item = &'o [u8]>,
    next: Option<&str>,
) -> impl Iterator<Item = Cow<'o, [u8]>> {
    let (mut envelope, first) = Envelope::begin();
    let mut pieces = vec![Cow::Borrowed(first)];
    for object in objects {
        pieces.extend([Cow::Borrowed(envelope.object()), Cow::Borrowed(object)]);
    }
    pieces.push(envelope.end(next));
    pieces.into_iter().filter(|piece| !piece.is_empty())
}

/// A whole envelope in one piece (TAXII 2.1 section 3.7).
pub fn write<'o>(objects: impl IntoIterator<Item = &'o [u8]>, next: Option<&str>) -> Vec<u8> {
    let (mut envelope, first) = Envelope::begin();
    let mut out = first.to_vec();
    for object in objects {
        out.extend_from_slice(envelope.object());
        out.extend_from_slice(object);
    }
    out.extend_from_slice(&envelope.end(next));
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scan::PageScan;
    use proptest::prelude::*;

    #[test]
    fn objects_and_more_are_always_there_and_next_iff_more() {
        assert_eq!(write([], None), b"{\"objects\":[],\"more\":false}");
        assert_eq!(write([b"{}".as_slice()], None), b"{\"objects\":[{}],\"more\":false}");
        assert_eq!(
            String::from_utf8(write([b"{\"a\": 1.0}".as_slice(), b"{ }"], Some("t\"o"))).unwrap(),
            r#"{"objects":[{"a": 1.0},{ }],"more":true,"next":"t\"o"}"#
        );
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(count in 0usize..20, next in proptest::option::of(".{1,30}")) {
            let object = b"{\"type\":\"x\",\"more\":[true],\"next\":\"}\"}".as_slice();
            let objects = vec![object; count];
            let whole = write(objects.iter().copied(), next.as_deref());
            let joined: Vec<u8> = pieces(objects, next.as_deref()).flat_map(Cow::into_owned).collect();
            prop_assert_eq!(&whole, &joined);
            let value: serde_json::Value = serde_json::from_slice(&whole).unwrap();
            prop_assert_eq!(value["objects"].as_array().unwrap().len(), count);
            prop_assert_eq!(value["next"].as_str(), next.as_deref());
            let mut scan = PageScan::new(64);
            scan.feed(&whole).unwrap();
            let marks = scan.finish().unwrap();
            prop_assert_eq!(marks.more, Some(next.is_some()));
            prop_assert_eq!(marks.next, next);
            prop_assert_eq!(marks.objects, Some(count as u64));
        }
    }
}
