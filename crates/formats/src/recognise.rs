//! What a stream is, told from its beginning.

use crate::Format;

/// How a stream is packed, or what stands in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Content {
    Gzip,
    Zstd,
    Zip,
    Plain(Format),
    /// None that is known; the words say what it looks like.
    Unknown(&'static str),
}

impl Content {
    /// Whether it is STIX or MISP, or nothing at all, as it stands.
    pub(crate) const fn is_objects(self) -> bool {
        use Format::{MispEvent, MispManifest, Nothing, Stix20, Stix21};
        matches!(self, Self::Plain(Stix21 | Stix20 | MispEvent | MispManifest | Nothing))
    }
}

/// How much of a stream is looked at.
pub(crate) const HEAD: usize = 64 << 10;

/// What a stream is, from its first bytes; the name only breaks ties between tables, lists and text.
pub(crate) fn recognise(head: &[u8], name: &str) -> Content {
    match head {
        [0x1f, 0x8b, ..] => return Content::Gzip,
        [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => return Content::Zstd,
        [b'P', b'K', 3, 4, ..] | [b'P', b'K', 5, 6, ..] => return Content::Zip,
        _ => {}
    }
    if head.starts_with(b"%PDF-") {
        return Content::Plain(Format::Text);
    }
    let text = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head).trim_ascii();
    match text.first() {
        None => Content::Plain(Format::Nothing),
        Some(b'{' | b'[') => json(text).unwrap_or_else(|| lines(head, text, name)),
        Some(_) => lines(head, text, name),
    }
}

/// Tables, lists and text.
fn lines(head: &[u8], text: &[u8], name: &str) -> Content {
    let utf16 = head.starts_with(b"\xff\xfe") || head.starts_with(b"\xfe\xff");
    if !utf16 && memchr::memchr(0, head).is_some() {
        return Content::Unknown("a binary file");
    }
    if is_feed_hashes(text) {
        return Content::Plain(Format::Nothing);
    }
    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending).to_ascii_lowercase();
    let table = crate::csv::looks_like_csv(head);
    let format = match ending.as_str() {
        "csv" | "tsv" if table => Format::Csv,
        "md" | "markdown" | "html" | "htm" | "adoc" => Format::Text,
        _ if crate::list::looks_like_list(head) => Format::List,
        _ if table => Format::Csv,
        _ => Format::Text,
    };
    Content::Plain(format)
}

/// `hashes.csv` of a MISP feed: an MD5 and the UUID of an event on each line.
fn is_feed_hashes(text: &[u8]) -> bool {
    let mut lines = text.split(|b| *b == b'\n').map(<[u8]>::trim_ascii);
    // The last line of the head may be cut off; the first is enough together with the second.
    lines.by_ref().take(2).all(|line| match line.split_at_checked(32) {
        Some((hash, [b',', uuid @ ..])) => hash.iter().all(u8::is_ascii_hexdigit) && is_uuid(uuid),
        _ => line.is_empty(),
    })
}

fn is_uuid(text: &[u8]) -> bool {
    text.len() == 36 && uuid::Uuid::try_parse_ascii(text).is_ok()
}

/// What the members of the outermost object, or of the first one in a list, say; `None` when it is not JSON.
fn json(text: &[u8]) -> Option<Content> {
    let plain = |format| Some(Content::Plain(format));
    let (object, listed) = match text {
        [b'[', rest @ ..] => (rest.trim_ascii_start(), true),
        _ => (text, false),
    };
    match object {
        [] | [b']', ..] if listed => return plain(Format::Stix21),
        [b'{', ..] => {}
        // `[.]` and `[1]` begin report text as well as lists of numbers.
        _ => return None,
    }
    let found = Members::look(object);
    if !found.is_json {
        return None;
    }
    if found.kind == Some(b"bundle") {
        let old = found.version == Some(b"2.0") || (found.version.is_none() && !found.closed && found.list_of_old());
        return plain(if old { Format::Stix20 } else { Format::Stix21 });
    }
    // A STIX object may have members called as MISP's are; a MISP attribute has no STIX id.
    let single = found.kind.is_some() && found.stix_id;
    let misp = found.event || found.response || found.attributes || (found.info && found.uuid);
    if !single && (misp || (found.value && found.category && found.kind.is_some())) {
        return plain(Format::MispEvent);
    }
    if found.manifest {
        return plain(Format::MispManifest);
    }
    let envelope = found.list.is_some() && found.kind.is_none();
    if envelope || single || found.count == 0 {
        let old = if envelope { found.list_of_old() } else { found.count > 0 && found.is_old() };
        return plain(if old { Format::Stix20 } else { Format::Stix21 });
    }
    Some(Content::Unknown("JSON, but neither STIX nor MISP"))
}

/// What stands at the first level of an object.
#[derive(Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each says that one member is there")]
struct Members<'a> {
    is_json: bool,
    closed: bool,
    count: usize,
    kind: Option<&'a [u8]>,
    version: Option<&'a [u8]>,
    stix_id: bool,
    created: bool,
    /// The text of `objects` when it is a list.
    list: Option<&'a [u8]>,
    event: bool,
    response: bool,
    attributes: bool,
    info: bool,
    uuid: bool,
    value: bool,
    category: bool,
    manifest: bool,
}

impl<'a> Members<'a> {
    fn look(object: &'a [u8]) -> Self {
        let mut found = Self::default();
        let mut rest = object.get(1..).unwrap_or_default();
        loop {
            rest = rest.trim_ascii_start();
            match rest {
                [b'}', ..] => {
                    found.is_json = true;
                    found.closed = true;
                    return found;
                }
                [b',', after @ ..] => rest = after,
                [b'"', after @ ..] => {
                    let Some((name, after)) = string(after) else { return found };
                    let [b':', after @ ..] = after.trim_ascii_start() else { return found };
                    found.is_json = true;
                    let value = after.trim_ascii_start();
                    found.note(name, value);
                    let Some(after) = skip(value) else { return found };
                    rest = after;
                }
                _ => return found,
            }
        }
    }

    fn note(&mut self, name: &'a [u8], value: &'a [u8]) {
        let text = value.strip_prefix(b"\"").and_then(string).map(|(text, _)| text);
        let first = self.count == 0;
        self.count += 1;
        match name {
            // Of a repeated name the first counts; the reader of the object refuses both.
            b"type" => self.kind = self.kind.or(text),
            b"spec_version" => self.version = self.version.or(text),
            b"id" => self.stix_id = text.is_some_and(|id| memchr::memmem::find(id, b"--").is_some()),
            b"created" => self.created = true,
            b"objects" if value.starts_with(b"[") => self.list = value.get(1..),
            b"Event" => self.event = true,
            b"response" => self.response = true,
            b"Attribute" => self.attributes = true,
            b"info" => self.info = true,
            b"uuid" => self.uuid = true,
            b"value" => self.value = true,
            b"category" => self.category = true,
            name if first && is_uuid(name) && value.starts_with(b"{") => {
                let event = Self::look(value);
                self.manifest = event.info || memchr::memmem::find(value, b"\"info\"").is_some();
            }
            _ => {}
        }
    }

    /// An object of STIX 2.0: it has a time of creation and no version of the specification.
    fn is_old(&self) -> bool {
        self.created && self.version.is_none() && self.closed
    }

    /// Whether the first object of the list that has a time of creation is of STIX 2.0.
    fn list_of_old(&self) -> bool {
        let mut rest = self.list.unwrap_or_default();
        loop {
            rest = rest.trim_ascii_start();
            match rest {
                [b',', after @ ..] => rest = after,
                [b'{', ..] => {
                    let object = Self::look(rest);
                    if object.version.is_some() || object.is_old() {
                        return object.version.is_none();
                    }
                    match skip(rest) {
                        Some(after) => rest = after,
                        None => return false,
                    }
                }
                _ => return false,
            }
        }
    }
}

/// A string's text and what follows its closing quote, from after its opening one.
fn string(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let mut at = 0;
    loop {
        at += memchr::memchr2(b'"', b'\\', text.get(at..)?)?;
        if text.get(at) == Some(&b'"') {
            return Some((text.get(..at)?, text.get(at + 1..)?));
        }
        at += 2;
    }
}

/// What follows a value; `None` when the text ends before the value does.
fn skip(text: &[u8]) -> Option<&[u8]> {
    let mut depth = 0usize;
    let mut rest = text;
    loop {
        let at = rest.iter().position(|b| matches!(b, b'"' | b'{' | b'[' | b'}' | b']' | b','))?;
        let (byte, after) = rest.get(at..)?.split_first()?;
        rest = match byte {
            b'"' => string(after)?.1,
            b'{' | b'[' => {
                depth += 1;
                after
            }
            b',' if depth == 0 => return rest.get(at..),
            b',' => after,
            _ if depth == 0 => return rest.get(at..),
            _ => {
                depth -= 1;
                after
            }
        };
        if depth == 0 && *byte != b'"' {
            return Some(rest);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn format(text: &str) -> Option<Format> {
        match recognise(text.as_bytes(), "x") {
            Content::Plain(format) => Some(format),
            _ => None,
        }
    }

    #[test]
    fn stix_is_told_from_its_members_in_any_order() {
        let id = "indicator--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f";
        let new = format!(r#"{{"id":"{id}","type":"indicator","spec_version":"2.1","created":"x"}}"#);
        let old = format!(r#"{{"created":"x","id":"{id}","type":"indicator"}}"#);
        let address = r#"{"type":"ipv4-addr","id":"ipv4-addr--1","value":"1.2.3.4"}"#;
        for text in [
            r#"{"type":"bundle","id":"bundle--1"}"#.to_owned(),
            format!(r#"{{"objects":[{old}],"type":"bundle"}}"#),
            format!(r#"{{"more":false,"objects":[{address},{new}]}}"#),
            format!("[{new}]"),
            format!("{new}\n{new}"),
            address.to_owned(),
            r#"{"type":"bundle","objects":[],"Event":{},"type":"x"}"#.to_owned(),
            "{}".to_owned(),
            "[]".to_owned(),
        ] {
            assert_eq!(format(&text), Some(Format::Stix21), "{text}");
        }
        for text in [
            format!(r#"{{"objects":[{old}],"spec_version":"2.0","type":"bundle"}}"#),
            r#"{"type":"bundle","spec_version":"2.0"}"#.to_owned(),
            format!("[{old}]"),
            old.clone(),
            format!(r#"{{"objects":[{address},{old}]}}"#),
        ] {
            assert_eq!(format(&text), Some(Format::Stix20), "{text}");
        }
    }

    #[test]
    fn misp_is_told_from_its_members() {
        for text in [
            r#"{"Event":{"info":"x"}}"#,
            r#" {"response":[{"Event":{}}]}"#,
            r#"[{"Event":{}}]"#,
            r#"{"response":{"Attribute":[]}}"#,
            r#"{"Attribute":[],"Orgc":{}}"#,
            r#"[{"uuid":"u","type":"md5","category":"Other","value":"x"}]"#,
            r#"{"uuid":"u","info":"x"}"#,
        ] {
            assert_eq!(format(text), Some(Format::MispEvent), "{text}");
        }
        let uuid = "8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f";
        assert_eq!(format(&format!(r#"{{"{uuid}":{{"info":"x","Orgc":{{}}}}}}"#)), Some(Format::MispManifest));
        assert_eq!(format(&format!("d41d8cd98f00b204e9800998ecf8427e,{uuid}\n")), Some(Format::Nothing));
    }

    #[test]
    fn packing_and_the_unknown_are_told() {
        assert_eq!(recognise(b"\x1f\x8b\x08", "a.json"), Content::Gzip);
        assert_eq!(recognise(b"\x28\xb5\x2f\xfd", "a"), Content::Zstd);
        assert_eq!(recognise(b"PK\x03\x04", "a"), Content::Zip);
        assert!(matches!(recognise(b"\x7fELF\0\0", "a"), Content::Unknown(_)));
        assert!(matches!(recognise(br#"{"a":1}"#, "a"), Content::Unknown(_)));
        assert_eq!(format("  \n"), Some(Format::Nothing));
        assert_eq!(format("%PDF-1.7"), Some(Format::Text));
    }
}
