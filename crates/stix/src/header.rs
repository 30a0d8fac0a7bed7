use comity_base::Timestamp;

use crate::validate::{Finding, Severity};
use crate::{Node, ObjectId, Shape};

/// The members of an object that the store needs: which object, which version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// The object's identifier.
    pub id: ObjectId,
    /// When the object was first made; none for Cyber-observable Objects.
    pub created: Option<Timestamp>,
    /// When this version was made; `Timestamp::default()` for objects without versions (observables, markings).
    pub modified: Timestamp,
    /// Whether its creator no longer holds it to be true.
    pub revoked: bool,
}

/// What family of STIX a type belongs to (STIX 2.1 section 1.6).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Class {
    /// A Domain Object: `indicator`, `malware`, `identity` ...
    Sdo,
    /// A Cyber-observable Object: `ipv4-addr`, `file` ...
    Sco,
    /// A Relationship Object: `relationship`, `sighting`.
    Sro,
    /// `marking-definition`.
    Marking,
    /// `extension-definition`.
    ExtensionDefinition,
    /// `language-content`.
    LanguageContent,
    /// `bundle`: a container, never an object of the store.
    Bundle,
    /// Any type the specification does not define.
    Custom,
}

impl Header {
    /// Reads the header in one pass over the members.
    ///
    /// # Errors
    /// With severity [`Severity::Refused`] when this is not an object, when `type` or `id` is missing
    /// or malformed or they disagree, and when `created` or `modified` is present and no date-time.
    pub fn read(root: Node<'_, '_>) -> Result<Self, Finding> {
        if root.shape() != Shape::Object {
            return Err(refused("not-an-object", "", "A STIX object is a JSON object; this is not one."));
        }
        let (mut kind, mut id) = (None, None);
        let (mut created, mut modified, mut revoked) = (None, None, false);
        for (name, value) in root.entries() {
            match name {
                "type" => kind = Some(value),
                "id" => id = Some(value),
                "created" => created = Some(time(name, value)?),
                "modified" => modified = Some(time(name, value)?),
                "revoked" => revoked = value.as_bool() == Some(true),
                _ => {}
            }
        }
        let id = identifier(kind, id)?;
        Ok(Self { id, created, modified: modified.unwrap_or_default(), revoked })
    }

    /// The family of the object's type.
    pub fn class(&self) -> Class {
        Class::of(self.id.kind.as_str())
    }
}

impl Class {
    /// The family of a type, by its name.
    pub fn of(kind: &str) -> Self {
        match kind {
            "attack-pattern" | "campaign" | "course-of-action" | "grouping" | "identity" | "incident" | "indicator"
            | "infrastructure" | "intrusion-set" | "location" | "malware" | "malware-analysis" | "note"
            | "observed-data" | "opinion" | "report" | "threat-actor" | "tool" | "vulnerability" => Self::Sdo,
            "artifact"
            | "autonomous-system"
            | "directory"
            | "domain-name"
            | "email-addr"
            | "email-message"
            | "file"
            | "ipv4-addr"
            | "ipv6-addr"
            | "mac-addr"
            | "mutex"
            | "network-traffic"
            | "process"
            | "software"
            | "url"
            | "user-account"
            | "windows-registry-key"
            | "x509-certificate" => Self::Sco,
            "relationship" | "sighting" => Self::Sro,
            "marking-definition" => Self::Marking,
            "extension-definition" => Self::ExtensionDefinition,
            "language-content" => Self::LanguageContent,
            "bundle" => Self::Bundle,
            _ => Self::Custom,
        }
    }
}

/// What an object may be called by, the best first: its name, its value, the beginning of what it says, a hash, its id.
pub fn callings<'d, 'a>(root: Node<'d, 'a>) -> impl Iterator<Item = &'d str> + use<'d, 'a> {
    let told = CALLINGS.iter().filter_map(move |member| root.str(member));
    let hash = root.get("hashes").and_then(|hashes| hashes.entries().find_map(|(_, hash)| hash.as_str()));
    told.chain(hash).chain(root.str("id"))
}

/// Members that people know an object by.
const CALLINGS: [&str; 10] = [
    "name",
    "value",
    "display_name",
    "account_login",
    "key",
    "pattern",
    "abstract",
    "content",
    "relationship_type",
    "explanation",
];

/// Hands every identifier in a `*_ref` or `*_refs` member, at any depth, to `sink` with the member's name.
///
/// Markings and creators come too, under `object_marking_refs`, `marking_ref` and `created_by_ref`, so a
/// caller can leave them out. Texts that cannot be identifiers (the numbered references inside the
/// deprecated `objects` of observed data) are not handed over; the rest is not checked further.
pub fn refs<'d>(root: Node<'d, '_>, sink: &mut dyn FnMut(&'d str, &'d str)) {
    for (name, value) in root.entries() {
        match value.shape() {
            Shape::Text if name.ends_with("_ref") => reference(name, value, sink),
            Shape::Array if name.ends_with("_refs") => {
                for item in value.items() {
                    reference(name, item, sink);
                }
            }
            Shape::Object | Shape::Array => inner(value, sink),
            _ => {}
        }
    }
}

fn inner<'d>(value: Node<'d, '_>, sink: &mut dyn FnMut(&'d str, &'d str)) {
    refs(value, sink);
    for item in value.items().filter(|item| matches!(item.shape(), Shape::Object | Shape::Array)) {
        inner(item, sink);
    }
}

fn reference<'d>(name: &'d str, value: Node<'d, '_>, sink: &mut dyn FnMut(&'d str, &'d str)) {
    if let Some(id) = value.as_str().filter(|text| text.contains("--")) {
        sink(name, id);
    }
}

fn time(name: &str, value: Node<'_, '_>) -> Result<Timestamp, Finding> {
    value.as_str().and_then(|text| Timestamp::parse(text).ok()).ok_or_else(|| {
        refused(
            "timestamp-unreadable",
            name,
            &format!("The {name} time is not a date-time like 2026-11-01T12:00:00.000Z."),
        )
    })
}

fn identifier(kind: Option<Node<'_, '_>>, id: Option<Node<'_, '_>>) -> Result<ObjectId, Finding> {
    let Some(kind) = kind.and_then(Node::as_str) else {
        return Err(refused("type-missing", "type", "The object does not say its type."));
    };
    let Some(id) = id.and_then(Node::as_str) else {
        return Err(refused("id-missing", "id", "The object has no identifier."));
    };
    let parsed = ObjectId::parse(id)
        .map_err(|e| refused("id-malformed", "id", &format!("The identifier cannot be read: {e}.")))?;
    if parsed.kind.as_str() != kind {
        let text =
            format!("The type is {:?} and the identifier names the type {:?}.", clip(kind), parsed.kind.as_str());
        return Err(refused("id-of-other-type", "id", &text));
    }
    Ok(parsed)
}

/// The beginning of a foreign text, for a message.
pub(crate) fn clip(text: &str) -> &str {
    text.char_indices().nth(100).and_then(|(at, _)| text.get(..at)).unwrap_or(text)
}

fn refused(code: &'static str, member: &str, text: &str) -> Finding {
    let pointer = if member.is_empty() { String::new() } else { format!("/{member}") };
    Finding { severity: Severity::Refused, code, pointer, text: text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Doc;

    const INDICATOR: &str = r#"{"type":"indicator","spec_version":"2.1","id":"indicator--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f",
        "created_by_ref":"identity--f431f809-377b-45e0-aa1c-6a4751cae5ff","created":"2016-04-06T20:03:48.000Z",
        "modified":"2016-04-06T20:03:49.123456Z","pattern":"[a:b = 'c']","pattern_type":"stix","revoked":true}"#;

    fn read(json: &str) -> Result<Header, &'static str> {
        let doc = Doc::parse(json.as_bytes(), 16).unwrap();
        Header::read(doc.root()).map_err(|finding| finding.code)
    }

    #[test]
    fn reads_what_the_store_needs() {
        let header = read(INDICATOR).unwrap();
        assert_eq!(header.id.to_string(), "indicator--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f");
        assert_eq!(header.created.unwrap().to_string(), "2016-04-06T20:03:48.000Z");
        assert_eq!(header.modified.to_string(), "2016-04-06T20:03:49.123456Z");
        assert!(header.revoked);
        assert_eq!(header.class(), Class::Sdo);
    }

    #[test]
    fn observables_have_no_versions() {
        let header =
            read(r#"{"type":"ipv4-addr","id":"ipv4-addr--ff26c055-6336-5bc5-b98d-13d6226742dd","value":"x"}"#).unwrap();
        assert_eq!((header.created, header.modified), (None, Timestamp::default()));
    }

    #[test]
    fn refuses_what_would_corrupt_the_store() {
        let id = "tool--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f";
        for (json, code) in [
            ("[]".to_owned(), "not-an-object"),
            (r#"{"id":"a"}"#.to_owned(), "type-missing"),
            (r#"{"type":7,"id":"a"}"#.to_owned(), "type-missing"),
            (r#"{"type":"tool"}"#.to_owned(), "id-missing"),
            (r#"{"type":"tool","id":"tool--1"}"#.to_owned(), "id-malformed"),
            (format!(r#"{{"type":"malware","id":"{id}"}}"#), "id-of-other-type"),
            (format!(r#"{{"type":"tool","id":"{id}","modified":"yesterday"}}"#), "timestamp-unreadable"),
            (format!(r#"{{"type":"tool","id":"{id}","created":12}}"#), "timestamp-unreadable"),
        ] {
            assert_eq!(read(&json).unwrap_err(), code, "{json}");
        }
    }

    #[test]
    fn finds_references_at_any_depth() {
        let json = r#"{"created_by_ref":"identity--1","object_refs":["a--1","b--2",3],"x":[[{"deep_ref":"c--3"}]],
            "objects":{"0":{"src_ref":"1"}},"granular_markings":[{"marking_ref":"m--4"}],"name":"not_ref"}"#;
        let doc = Doc::parse(json.as_bytes(), 16).unwrap();
        let mut found = Vec::new();
        refs(doc.root(), &mut |name, id| found.push(format!("{name}={id}")));
        assert_eq!(
            found,
            ["created_by_ref=identity--1", "object_refs=a--1", "object_refs=b--2", "deep_ref=c--3", "marking_ref=m--4"]
        );
    }
}
