use std::borrow::Cow;
use std::fmt;

use serde::de::{DeserializeSeed, Error as _, MapAccess, SeqAccess, Visitor};

/// One JSON text as a flat table of borrowed nodes: parsed once, walked many times, reusable.
///
/// Strings borrow from the text unless they hold escapes. Duplicate keys, depth beyond the limit
/// and text that is not JSON are refused (RFC 8259 section 4 leaves duplicate keys undefined; two
/// readers that pick different ones would see different objects).
#[derive(Debug, Default)]
pub struct Doc<'a> {
    cells: Vec<Cell<'a>>,
}

/// The text cannot be read as one JSON value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not readable as JSON: {0}")]
pub struct DocError(pub String);

#[derive(Debug)]
struct Cell<'a> {
    /// The member name, when the parent is an object.
    key: Cow<'a, str>,
    /// Index of the first cell after this one and everything inside it.
    end: u32,
    data: Data<'a>,
}

#[derive(Debug)]
enum Data<'a> {
    Null,
    Bool(bool),
    Integer(i64),
    Unsigned(u64),
    Float(f64),
    Text(Cow<'a, str>),
    Array,
    Object,
}

/// What a node is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// `null`
    Null,
    /// `true` or `false`
    Bool,
    /// A number without fraction that fits 64 bits.
    Integer,
    /// Any other number.
    Float,
    /// A string.
    Text,
    /// An array.
    Array,
    /// An object.
    Object,
}

/// One place in a [`Doc`].
#[derive(Clone, Copy)]
pub struct Node<'d, 'a> {
    doc: &'d Doc<'a>,
    at: usize,
}

impl<'a> Doc<'a> {
    /// Parses one JSON text, at most `depth` levels deep.
    ///
    /// # Errors
    /// When the text is not JSON, too deep, repeats a key, or has anything after the value.
    pub fn parse(text: &'a [u8], depth: usize) -> Result<Self, DocError> {
        let mut doc = Self { cells: Vec::with_capacity(text.len() / 16 + 8) };
        doc.fill(text, depth)?;
        Ok(doc)
    }

    fn fill(&mut self, text: &'a [u8], depth: usize) -> Result<(), DocError> {
        // Checked once as a whole: far cheaper than string by string.
        let text = std::str::from_utf8(text).map_err(|e| DocError(format!("not UTF-8: {e}")))?;
        let mut reader = serde_json::Deserializer::from_str(text);
        let seed = Build { cells: &mut self.cells, key: Cow::Borrowed(""), depth };
        seed.deserialize(&mut reader).map_err(|e| DocError(e.to_string()))?;
        reader.end().map_err(|e| DocError(e.to_string()))
    }

    /// The outermost value.
    pub fn root(&self) -> Node<'_, 'a> {
        Node { doc: self, at: 0 }
    }
}

struct Build<'b, 'a> {
    cells: &'b mut Vec<Cell<'a>>,
    key: Cow<'a, str>,
    depth: usize,
}

impl<'a> Build<'_, 'a> {
    /// Adds a cell whose end is right after itself; returns its index.
    fn open(self, data: Data<'a>) -> usize {
        let at = self.cells.len();
        self.cells.push(Cell { key: self.key, end: small(at + 1), data });
        at
    }
}

/// Cell numbers fit 32 bits: an item is at most 64 MiB by `Limits::item_bytes`, and a cell takes a byte or more.
fn small(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

fn close(cells: &mut [Cell<'_>], at: usize) {
    let end = small(cells.len());
    if let Some(cell) = cells.get_mut(at) {
        cell.end = end;
    }
}

impl<'a> DeserializeSeed<'a> for Build<'_, 'a> {
    type Value = ();

    fn deserialize<D: serde::Deserializer<'a>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'a> Visitor<'a> for Build<'_, 'a> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        self.open(Data::Null);
        Ok(())
    }

    fn visit_bool<E>(self, value: bool) -> Result<(), E> {
        self.open(Data::Bool(value));
        Ok(())
    }

    fn visit_i64<E>(self, value: i64) -> Result<(), E> {
        self.open(Data::Integer(value));
        Ok(())
    }

    fn visit_u64<E>(self, value: u64) -> Result<(), E> {
        let data = i64::try_from(value).map_or(Data::Unsigned(value), Data::Integer);
        self.open(data);
        Ok(())
    }

    fn visit_f64<E>(self, value: f64) -> Result<(), E> {
        self.open(Data::Float(value));
        Ok(())
    }

    fn visit_str<E>(self, value: &str) -> Result<(), E> {
        self.open(Data::Text(Cow::Owned(value.to_owned())));
        Ok(())
    }

    fn visit_borrowed_str<E>(self, value: &'a str) -> Result<(), E> {
        self.open(Data::Text(Cow::Borrowed(value)));
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'a>>(self, mut items: A) -> Result<(), A::Error> {
        let Some(depth) = self.depth.checked_sub(1) else {
            return Err(A::Error::custom("nested too deeply"));
        };
        let Self { cells, key, .. } = self;
        let at = Build { cells, key, depth }.open(Data::Array);
        while items.next_element_seed(Build { cells, key: Cow::Borrowed(""), depth })?.is_some() {}
        close(cells, at);
        Ok(())
    }

    fn visit_map<A: MapAccess<'a>>(self, mut members: A) -> Result<(), A::Error> {
        let Some(depth) = self.depth.checked_sub(1) else {
            return Err(A::Error::custom("nested too deeply"));
        };
        let Self { cells, key, .. } = self;
        let at = Build { cells, key, depth }.open(Data::Object);
        let mut seen = Keys::default();
        while let Some(key) = members.next_key_seed(Text)? {
            if seen.repeats(cells, at, &key) {
                return Err(A::Error::custom(format_args!("the key {key:?} stands twice in one object")));
            }
            members.next_value_seed(Build { cells, key, depth })?;
        }
        close(cells, at);
        Ok(())
    }
}

/// Watches for repeated keys: a walk over the members while they are few, a set beyond.
#[derive(Default)]
struct Keys<'a> {
    count: usize,
    set: Option<std::collections::HashSet<Cow<'a, str>>>,
}

impl<'a> Keys<'a> {
    fn repeats(&mut self, cells: &[Cell<'a>], object: usize, key: &str) -> bool {
        self.count += 1;
        if self.count <= 32 {
            return members(cells, object, cells.len()).any(|cell| cell.key == key);
        }
        let set =
            self.set.get_or_insert_with(|| members(cells, object, cells.len()).map(|cell| cell.key.clone()).collect());
        !set.insert(Cow::Owned(key.to_owned()))
    }
}

fn members<'c, 'a>(cells: &'c [Cell<'a>], object: usize, end: usize) -> impl Iterator<Item = &'c Cell<'a>> {
    let mut at = object + 1;
    std::iter::from_fn(move || {
        let cell = cells.get(at).filter(|_| at < end)?;
        at = cell.end as usize;
        Some(cell)
    })
}

struct Text;

impl<'a> DeserializeSeed<'a> for Text {
    type Value = Cow<'a, str>;

    fn deserialize<D: serde::Deserializer<'a>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'a> Visitor<'a> for Text {
    type Value = Cow<'a, str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a member name")
    }

    fn visit_str<E>(self, value: &str) -> Result<Self::Value, E> {
        Ok(Cow::Owned(value.to_owned()))
    }

    fn visit_borrowed_str<E>(self, value: &'a str) -> Result<Self::Value, E> {
        Ok(Cow::Borrowed(value))
    }
}

impl<'d, 'a> Node<'d, 'a> {
    fn cell(self) -> Option<&'d Cell<'a>> {
        self.doc.cells.get(self.at)
    }

    fn data(self) -> &'d Data<'a> {
        self.cell().map_or(&Data::Null, |cell| &cell.data)
    }

    /// What this node is.
    pub fn shape(self) -> Shape {
        match self.data() {
            Data::Null => Shape::Null,
            Data::Bool(_) => Shape::Bool,
            Data::Integer(_) | Data::Unsigned(_) => Shape::Integer,
            Data::Float(_) => Shape::Float,
            Data::Text(_) => Shape::Text,
            Data::Array => Shape::Array,
            Data::Object => Shape::Object,
        }
    }

    /// The member of an object with this name.
    pub fn get(self, name: &str) -> Option<Self> {
        self.entries().find(|(key, _)| *key == name).map(|(_, node)| node)
    }

    /// The text, when this is a string.
    pub fn as_str(self) -> Option<&'d str> {
        match self.data() {
            Data::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The number, when this is an integer that fits.
    pub fn as_i64(self) -> Option<i64> {
        match self.data() {
            Data::Integer(number) => Some(*number),
            _ => None,
        }
    }

    /// The number, when this is any number.
    pub fn as_f64(self) -> Option<f64> {
        match self.data() {
            Data::Integer(number) => Some(*number as f64),
            Data::Unsigned(number) => Some(*number as f64),
            Data::Float(number) => Some(*number),
            _ => None,
        }
    }

    /// The truth value, when this is one.
    pub fn as_bool(self) -> Option<bool> {
        match self.data() {
            Data::Bool(value) => Some(*value),
            _ => None,
        }
    }

    /// The text of a member that is a string.
    pub fn str(self, name: &str) -> Option<&'d str> {
        self.get(name)?.as_str()
    }

    /// The elements of an array, in order; nothing for any other shape.
    pub fn items(self) -> impl Iterator<Item = Node<'d, 'a>> {
        let is_array = matches!(self.data(), Data::Array);
        self.children().filter(move |_| is_array).map(|(_, node)| node)
    }

    /// The members of an object, in the order written; nothing for any other shape.
    pub fn entries(self) -> impl Iterator<Item = (&'d str, Node<'d, 'a>)> {
        let is_object = matches!(self.data(), Data::Object);
        self.children().filter(move |_| is_object)
    }

    fn children(self) -> impl Iterator<Item = (&'d str, Node<'d, 'a>)> {
        let end = self.cell().map_or(0, |cell| cell.end as usize);
        let mut at = self.at + 1;
        std::iter::from_fn(move || {
            let cell = self.doc.cells.get(at).filter(|_| at < end)?;
            let node = Node { doc: self.doc, at };
            at = cell.end as usize;
            Some((cell.key.as_ref(), node))
        })
    }
}

impl fmt::Debug for Node<'_, '_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.data() {
            Data::Array => f.debug_list().entries(self.items()).finish(),
            Data::Object => f.debug_map().entries(self.entries()).finish(),
            other => other.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn walks_members_in_order_and_borrows_plain_text() {
        let doc = Doc::parse(br#"{"a":[1,2.5,"x\n"],"b":{"c":null},"d":true}"#, 8).unwrap();
        let root = doc.root();
        assert_eq!(root.entries().map(|(key, _)| key).collect::<Vec<_>>(), ["a", "b", "d"]);
        let items: Vec<_> = root.get("a").unwrap().items().collect();
        assert_eq!(items[0].as_i64(), Some(1));
        assert_eq!(items[1].as_f64(), Some(2.5));
        assert_eq!(items[2].as_str(), Some("x\n"));
        assert_eq!(root.get("b").unwrap().get("c").unwrap().shape(), Shape::Null);
        assert_eq!(root.get("d").unwrap().as_bool(), Some(true));
        assert!(root.get("e").is_none());
    }

    #[test]
    fn refuses_what_two_readers_could_read_differently() {
        for bad in ["", "{", "{} x", r#"{"a":1,"a":2}"#, "[[[[[]]]]]", "\"\u{1}\"", "nul"] {
            assert!(Doc::parse(bad.as_bytes(), 4).is_err(), "{bad}");
        }
        let many: Vec<String> = (0..100).map(|n| format!("\"k{n}\":{n}")).collect();
        let many = many.join(",") + ",";
        assert!(Doc::parse(format!("{{{many}\"z\":0}}").as_bytes(), 4).is_ok());
        assert!(Doc::parse(format!("{{{many}\"k70\":0}}").as_bytes(), 4).is_err());
        assert!(Doc::parse(b"\"\xff\"", 4).is_err());
    }
}
