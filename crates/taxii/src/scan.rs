//! What the top of a page says, read while the page passes by (TAXII 2.1 sections 3.5 and 3.7).
//!
//! A page of a remote server goes to the node's intake as it is. Beside it, this scan looks for `more` and `next` and
//! counts the objects; it makes no values, keeps a few bytes, and follows a limited number of brackets.

use memchr::memchr2;

/// What a page says of itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PageMarks {
    /// `more`; `None` when absent or neither true nor false.
    pub more: Option<bool>,
    /// `next`, also when a number is written; `None` when absent, empty or `null`.
    pub next: Option<String>,
    /// How many objects `objects` lists; `None` when there is no such list.
    pub objects: Option<u64>,
}

/// The text is no page.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ScanError {
    /// It does not begin as a JSON object.
    #[error("the text begins with {0:?} and not with a JSON object")]
    NoObject(String),
    /// Brackets do not match, or something follows the last.
    #[error("the text is no JSON: {0}")]
    Broken(&'static str),
    /// More brackets are open than are followed.
    #[error("the text is nested more than {0} levels deep")]
    Deep(usize),
    /// `next` is longer than a token may be.
    #[error("the token in next is longer than {MOST_TOKEN} bytes")]
    Token,
}

/// A scan, fed piece by piece.
#[derive(Debug)]
pub struct PageScan {
    depth: usize,
    open: Vec<u8>,
    place: Place,
    member: Member,
    /// What stands at the top and matters: a name, or a value of `more` or `next`, with its quotes.
    kept: Vec<u8>,
    marks: PageMarks,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// Before the first bracket; so many bytes of a byte order mark were seen.
    Before(u8),
    /// Outside of strings.
    Between,
    /// In a string, and whether the byte before was a backslash.
    String {
        escaped: bool,
    },
    After,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Member {
    /// A name is expected or being read.
    Name,
    More,
    Next,
    Objects,
    Other,
}

impl PageScan {
    /// A scan that follows so many levels of brackets.
    pub fn new(depth: usize) -> Self {
        Self {
            depth,
            open: Vec::new(),
            place: Place::Before(0),
            member: Member::Name,
            kept: Vec::new(),
            marks: PageMarks::default(),
        }
    }

    /// Reads the next piece; pieces may be cut anywhere.
    ///
    /// # Errors
    /// When the text is no JSON object or passes a limit. The scan is then of no further use.
    pub fn feed(&mut self, piece: &[u8]) -> Result<(), ScanError> {
        let mut rest = piece;
        while let Some((&byte, behind)) = rest.split_first() {
            rest = match self.place {
                Place::Between => {
                    self.between(byte)?;
                    behind
                }
                Place::String { escaped } => self.string(escaped, rest)?,
                Place::Before(mark) => {
                    self.before(mark, byte, rest)?;
                    behind
                }
                Place::After if byte.is_ascii_whitespace() => behind,
                Place::After => return Err(ScanError::Broken("something follows its last bracket")),
            };
        }
        Ok(())
    }

    /// What was found; an empty text is an empty page.
    ///
    /// # Errors
    /// When the text ended too early.
    pub fn finish(self) -> Result<PageMarks, ScanError> {
        match self.place {
            Place::Before(0) | Place::After => Ok(self.marks),
            _ => Err(ScanError::Broken("it ends before its last bracket")),
        }
    }

    fn before(&mut self, mark: u8, byte: u8, rest: &[u8]) -> Result<(), ScanError> {
        match (mark, byte) {
            (0 | 3, b'{') => {
                self.open.push(byte);
                self.place = Place::Between;
            }
            // RFC 8259 section 8.1 lets a reader ignore a byte order mark.
            (0, 0xef) => self.place = Place::Before(1),
            (1, 0xbb) => self.place = Place::Before(2),
            (2, 0xbf) => self.place = Place::Before(3),
            (0 | 3, byte) if byte.is_ascii_whitespace() => {}
            _ => return Err(ScanError::NoObject(String::from_utf8_lossy(rest).chars().take(40).collect())),
        }
        Ok(())
    }

    fn between(&mut self, byte: u8) -> Result<(), ScanError> {
        let top = self.open.len() == 1;
        match byte {
            b'"' => {
                self.place = Place::String { escaped: false };
                if top && self.keeps() {
                    self.kept.clear();
                    self.kept.push(byte);
                }
            }
            b'{' | b'[' => {
                if self.open.len() >= self.depth.max(1) {
                    return Err(ScanError::Deep(self.depth));
                }
                if self.member == Member::Objects {
                    match (self.open.len(), byte) {
                        (1, b'[') => self.marks.objects = Some(0),
                        (2, b'{') if self.open.last() == Some(&b'[') => {
                            self.marks.objects = self.marks.objects.map(|count| count + 1);
                        }
                        _ => {}
                    }
                }
                self.open.push(byte);
            }
            b'}' | b']' => self.close(byte)?,
            b':' if top => self.name(),
            b',' if top => self.value()?,
            _ if top && matches!(self.member, Member::More | Member::Next) && !byte.is_ascii_whitespace() => {
                self.keep(&[byte])?;
            }
            _ => {}
        }
        Ok(())
    }

    fn close(&mut self, byte: u8) -> Result<(), ScanError> {
        let opened = if byte == b'}' { b'{' } else { b'[' };
        if self.open.len() == 1 {
            self.value()?;
        }
        if self.open.pop() != Some(opened) {
            return Err(ScanError::Broken("a bracket closes what was not opened"));
        }
        if self.open.is_empty() {
            self.place = Place::After;
        }
        Ok(())
    }

    /// Reads on in a string; gives what is behind it.
    fn string<'p>(&mut self, escaped: bool, rest: &'p [u8]) -> Result<&'p [u8], ScanError> {
        let keeps = self.open.len() == 1 && self.keeps();
        let (length, place) = if escaped {
            (1, Place::String { escaped: false })
        } else {
            match memchr2(b'"', b'\\', rest) {
                None => (rest.len(), self.place),
                Some(at) if rest.get(at) == Some(&b'"') => (at + 1, Place::Between),
                Some(at) => (at + 1, Place::String { escaped: true }),
            }
        };
        let (text, behind) = rest.split_at_checked(length).unwrap_or((rest, &[]));
        if keeps {
            self.keep(text)?;
        }
        self.place = place;
        Ok(behind)
    }

    fn keeps(&self) -> bool {
        matches!(self.member, Member::Name | Member::Next)
    }

    fn keep(&mut self, text: &[u8]) -> Result<(), ScanError> {
        if self.kept.len() + text.len() > MOST_TOKEN {
            // A name this long is another member's.
            if self.member == Member::Name {
                self.kept.truncate(1);
                return Ok(());
            }
            return Err(ScanError::Token);
        }
        self.kept.extend_from_slice(text);
        Ok(())
    }

    /// A name has ended.
    fn name(&mut self) {
        self.member = match serde_json::from_slice::<String>(&self.kept).as_deref() {
            Ok("more") => Member::More,
            Ok("next") => Member::Next,
            Ok("objects") => Member::Objects,
            _ => Member::Other,
        };
        if self.member == Member::Objects {
            self.marks.objects = None;
        }
        self.kept.clear();
    }

    /// A value has ended. Of repeated members the last counts, as with most readers.
    fn value(&mut self) -> Result<(), ScanError> {
        match self.member {
            Member::More => {
                self.marks.more = match self.kept.as_slice() {
                    b"true" => Some(true),
                    b"false" => Some(false),
                    _ => None,
                };
            }
            Member::Next => {
                self.marks.next = match serde_json::from_slice(&self.kept) {
                    Ok(serde_json::Value::String(token)) => Some(token).filter(|token| !token.is_empty()),
                    Ok(serde_json::Value::Number(number)) => Some(number.to_string()),
                    Ok(_) => None,
                    Err(_) if self.kept.is_empty() => None,
                    Err(_) => return Err(ScanError::Broken("the value of next is none")),
                };
            }
            Member::Name | Member::Objects | Member::Other => {}
        }
        self.member = Member::Name;
        self.kept.clear();
        Ok(())
    }
}

/// What a whole page says.
///
/// # Errors
/// When it is no JSON object or passes a limit.
pub fn scan(page: &[u8], depth: usize) -> Result<PageMarks, ScanError> {
    let mut scan = PageScan::new(depth);
    scan.feed(page)?;
    scan.finish()
}

/// Most bytes of a token as written.
const MOST_TOKEN: usize = 32 << 10;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn marks(more: Option<bool>, next: Option<&str>, objects: Option<u64>) -> PageMarks {
        PageMarks { more, next: next.map(str::to_owned), objects }
    }

    #[test]
    fn finds_what_stands_at_the_top_and_nothing_else() {
        for (text, expected) in [
            ("", marks(None, None, None)),
            ("{}", marks(None, None, None)),
            (" \r\n{ } \n", marks(None, None, None)),
            ("\u{feff}{\"more\":false}", marks(Some(false), None, None)),
            (
                r#"{"more" : true , "next" : "a\"b\u0063\\", "objects":[{}, {"a":[{}]}]}"#,
                marks(Some(true), Some("a\"bc\\"), Some(2)),
            ),
            (r#"{"objects":[{"more":true,"next":"x"}],"more":false}"#, marks(Some(false), None, Some(1))),
            (r#"{"next":5,"more":true}"#, marks(Some(true), Some("5"), None)),
            (r#"{"next":null,"more":null,"objects":null}"#, marks(None, None, None)),
            (r#"{"next":"","more":"true","objects":{}}"#, marks(None, None, None)),
            (r#"{"next":{"more":true},"objects":[[{}]]}"#, marks(None, None, Some(0))),
            (r#"{"\u006eext":"n","type":"bundle","objects":[{"x":"]}{["}]}"#, marks(None, Some("n"), Some(1))),
            (r#"{"more":true,"more":false}"#, marks(Some(false), None, None)),
            (r#"{"x":"more","y":"next","more":true}"#, marks(Some(true), None, None)),
        ] {
            assert_eq!(scan(text.as_bytes(), 64), Ok(expected), "{text}");
        }
    }

    #[test]
    fn says_what_is_wrong() {
        assert!(matches!(scan(b"<html>", 64), Err(ScanError::NoObject(text)) if text == "<html>"));
        assert!(matches!(scan(b"[{}]", 64), Err(ScanError::NoObject(_))));
        for text in ["{", "{\"a\":\"", "{]", "{}{}", "{\"objects\":[}", "\u{feff}", "{\"next\":tru}"] {
            assert!(matches!(scan(text.as_bytes(), 64), Err(ScanError::Broken(_))), "{text}");
        }
        let deep = format!("{{\"a\":{}", "[".repeat(1000));
        assert_eq!(scan(deep.as_bytes(), 64), Err(ScanError::Deep(64)));
        let long = format!("{{\"next\":\"{}\"}}", "x".repeat(MOST_TOKEN));
        assert_eq!(scan(long.as_bytes(), 64), Err(ScanError::Token));
        let name = format!("{{\"{}\":1,\"more\":true}}", "x".repeat(MOST_TOKEN * 2));
        assert_eq!(scan(name.as_bytes(), 64), Ok(marks(Some(true), None, None)));
    }

    proptest! {
        #[test]
        fn cuts_make_no_difference(text in r#"(\{|\}|\[|\]|"|\\|:|,|more|next|objects|true|1| |é){0,40}"#, at in any::<prop::sample::Index>()) {
            let bytes = text.as_bytes();
            let cut = at.index(bytes.len() + 1);
            let mut pieces = PageScan::new(8);
            let cut = pieces.feed(&bytes[..cut]).and_then(|()| pieces.feed(&bytes[cut..])).and_then(|()| pieces.finish());
            let whole = scan(bytes, 8);
            // The text shown with this one depends on the piece.
            let shows = |found: &Result<PageMarks, ScanError>| matches!(found, Err(ScanError::NoObject(_)));
            if shows(&cut) || shows(&whole) {
                prop_assert_eq!(shows(&cut), shows(&whole));
            } else {
                prop_assert_eq!(cut, whole);
            }
        }

        #[test]
        fn agrees_with_a_full_reader(
            more in proptest::option::of(any::<bool>()),
            next in proptest::option::of("[^\u{0}]{1,20}"),
            objects in proptest::option::of(proptest::collection::vec("[^\u{0}]{0,20}", 0..5)),
            spaced in any::<bool>(),
        ) {
            let mut page = serde_json::Map::new();
            if let Some(objects) = &objects {
                page.insert("objects".to_owned(), objects.iter().map(|text| serde_json::json!({"next": text})).collect());
            }
            if let Some(more) = more {
                page.insert("more".to_owned(), more.into());
            }
            if let Some(next) = &next {
                page.insert("next".to_owned(), next.as_str().into());
            }
            let text = if spaced { serde_json::to_vec_pretty(&page) } else { serde_json::to_vec(&page) }.unwrap();
            let found = scan(&text, 64).unwrap();
            prop_assert_eq!(found.more, more);
            prop_assert_eq!(found.next, next);
            prop_assert_eq!(found.objects, objects.map(|list| list.len() as u64));
        }
    }
}
