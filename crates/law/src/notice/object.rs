//! Notices as STIX 2.1 objects.

use std::collections::BTreeSet;

use comity_base::{OrgName, Timestamp};
use comity_stix::{Node, ObjectId, canonical};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::{Colour, Facts, Form, latest_end};
use crate::read::{ReadError, canonical_json, json as read_json};
use crate::words::words;

/// The extension by which `comity-notice` is a Domain Object, as the STIX object that defines it (STIX 2.1 section
/// 7.3). Its schema is published as `schemas/comity-notice.json`.
pub const NOTICE_EXTENSION: &str = concat!(
    r#"{"created":"2026-11-01T00:00:00.000Z","#,
    r#""created_by_ref":"identity--3f6c1d1c-6f0e-5f0e-9b7e-2d6c0a5f4b10","#,
    r#""description":"A notice or diffusion: what all members, or chosen ones, are asked or told about a person, assets, a threat or a method. Whether it is in force is told by its events, never by the object.","#,
    r#""extension_types":["new-sdo"],"#,
    r#""id":"extension-definition--3f6c1d1c-6f0e-5f0e-9b7e-2d6c0a5f4b43","#,
    r#""modified":"2026-11-01T00:00:00.000Z","#,
    r#""name":"Comity notice","#,
    r#""schema":"https://comity.example/schemas/comity-notice.json","#,
    r#""spec_version":"2.1","type":"extension-definition","version":"1.0.0"}"#,
);

const EXTENSION: &str = "extension-definition--3f6c1d1c-6f0e-5f0e-9b7e-2d6c0a5f4b43";

/// What a notice or diffusion says: a STIX 2.1 Domain Object. Where it stands is told by its events alone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Notice {
    /// Its identifier, the same in all versions.
    pub id: ObjectId,
    /// When the first version was made.
    pub created: Timestamp,
    /// When this version was made.
    pub modified: Timestamp,
    /// The identity object of the bureau.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_by_ref: Option<ObjectId>,
    /// Its markings; at most 100.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub object_marking_refs: Vec<ObjectId>,
    /// The language of its texts (BCP 47).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lang: Option<String>,
    /// The version, from 1.
    pub version: u32,
    /// Whose it is.
    pub source: OrgName,
    /// Its colour.
    pub colour: Colour,
    /// To all members or to chosen ones.
    pub form: Form,
    /// The members a diffusion goes to, 1 to 300; a notice goes to all and names none.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub addressees: BTreeSet<OrgName>,
    /// The identity object of the person; needed where the colour must be about one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject_ref: Option<ObjectId>,
    /// Until when it is to hold: later than `modified`, and by five years at most.
    pub valid_until: Timestamp,
    /// What it says.
    #[serde(default)]
    pub facts: Facts,
    /// What those who meet the person must know.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub caution: BTreeSet<Caution>,
    /// Whom to call.
    pub contact: Contact,
    /// What its owner's node states about the gate that it passed; none before it is published.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attestation: Option<Attested>,
}

/// An attestation with the signature of the node that made it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Attested {
    /// The attestation, as canonical JSON: what is signed.
    pub said: String,
    /// The key of the node, as it is written.
    pub key: String,
    /// The signature, as it is written.
    pub signature: String,
}

/// Whom to call, at any hour. At least one way is named.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Contact {
    /// The office.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub office: Option<String>,
    /// Telephone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// Electronic mail.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
}

words! {
    /// What those who meet a person must know.
    Caution {
        /// May carry arms.
        Armed "armed",
        /// May be violent.
        Dangerous "dangerous",
        /// May try to escape.
        EscapeRisk "escape-risk",
        /// Is ill or needs medicine.
        Ill "ill",
        /// May harm themself.
        Suicidal "suicidal",
        /// Is a minor.
        Minor "minor",
    }
}

impl Attested {
    fn fits(&self) -> bool {
        self.said.len() <= MOST_ATTESTED && self.key.len() <= MOST_KEY && self.signature.len() <= MOST_KEY
    }
}

impl Notice {
    /// The type of the STIX object.
    pub const TYPE: &str = "comity-notice";

    /// Reads a STIX object.
    ///
    /// # Errors
    /// When it has more than 1 MiB, is no such object, has a member that is not known, or a value beyond its limits.
    pub fn read(object: &[u8]) -> Result<Self, ReadError> {
        let mut members: Map<String, Value> = read_json(object, MOST_BYTES)?;
        let expected = [
            ("type", Value::from(Self::TYPE)),
            ("spec_version", Value::from("2.1")),
            ("extensions", json!({ EXTENSION: { "extension_type": "new-sdo" } })),
        ];
        for (name, value) in expected {
            if members.remove(name).as_ref() != Some(&value) {
                return Err(ReadError::value(name, format!("it must be {value}")));
            }
        }
        let notice: Self =
            serde_json::from_value(Value::Object(members)).map_err(|error| ReadError::Form(error.to_string()))?;
        notice.check()?;
        Ok(notice)
    }

    /// Reads a STIX object that was parsed already, as by a store or an intake.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub fn of(node: Node<'_, '_>) -> Result<Self, ReadError> {
        let mut text = String::new();
        canonical(node, &mut text);
        Self::read(text.as_bytes())
    }

    /// The STIX object, as canonical JSON (RFC 8785).
    pub fn to_json(&self) -> String {
        // INVARIANT: text keys and values that print themselves cannot fail to be written to memory.
        let mut value = serde_json::to_value(self).unwrap_or_default();
        if let Value::Object(members) = &mut value {
            members.insert("type".into(), Self::TYPE.into());
            members.insert("spec_version".into(), "2.1".into());
            members.insert("extensions".into(), json!({ EXTENSION: { "extension_type": "new-sdo" } }));
        }
        canonical_json(&value)
    }

    /// What is screened and attested: the whole object but for the attestation itself.
    pub fn screened_json(&self) -> String {
        Self { attestation: None, ..self.clone() }.to_json()
    }

    /// Whether it keeps to its limits and to what its form and colour demand. What a *draft* still lacks is no error
    /// here: that is the checklist's to tell.
    ///
    /// # Errors
    /// When something does not; the error names it.
    pub fn check(&self) -> Result<(), ReadError> {
        must("id", self.id.kind.as_str() == Self::TYPE, "it must begin with comity-notice--")?;
        must("modified", self.modified >= self.created, "it is earlier than created")?;
        must("version", self.version >= 1, "versions begin with 1")?;
        must("object_marking_refs", self.object_marking_refs.len() <= MOST_MARKINGS, "there are more than 100")?;
        let language = self.lang.as_ref().is_none_or(|lang| (1..=35).contains(&lang.len()));
        must("lang", language, "it is no language tag")?;
        let ends = self.valid_until > self.modified && self.valid_until <= latest_end(self.modified);
        must("valid_until", ends, "it must be later than modified, and by five years at most")?;
        let addressed = match self.form {
            Form::Notice => self.addressees.is_empty(),
            Form::Diffusion => (1..=MOST_ADDRESSEES).contains(&self.addressees.len()),
        };
        must("addressees", addressed, "a diffusion names 1 to 300 members, a notice goes to all and names none")?;
        let attested = self.attestation.as_ref().is_none_or(Attested::fits);
        must("attestation", attested, "it is longer than any attestation")?;
        self.check_subject()?;
        self.contact.check()?;
        self.facts.check()
    }

    fn check_subject(&self) -> Result<(), ReadError> {
        let needed = !self.colour.law().subjects.is_empty();
        must("subject_ref", !needed || self.subject_ref.is_some(), "this colour must be about a person")?;
        let identities = [("subject_ref", &self.subject_ref), ("created_by_ref", &self.created_by_ref)];
        for (place, id) in identities {
            let is_identity = id.as_ref().is_none_or(|id| id.kind.as_str() == "identity");
            must(place, is_identity, "it must refer to an identity")?;
        }
        Ok(())
    }
}

impl Contact {
    fn check(&self) -> Result<(), ReadError> {
        let ways = [("office", &self.office), ("phone", &self.phone), ("email", &self.email)];
        for (place, way) in ways {
            let fits = way.as_ref().is_none_or(|way| way.chars().count() <= MOST_CONTACT);
            must(place, fits, "it has more than 300 characters")?;
        }
        let reached = [&self.phone, &self.email].into_iter().any(|way| super::said(way.as_ref()));
        must("contact", reached, "a telephone number or a mail address must be named")
    }
}

fn must(place: &str, holds: bool, problem: &str) -> Result<(), ReadError> {
    if holds { Ok(()) } else { Err(ReadError::value(place, problem)) }
}

const MOST_BYTES: usize = 1 << 20;
/// Bytes of an attestation.
const MOST_ATTESTED: usize = 64 << 10;
/// Bytes of a key or signature as it is written.
const MOST_KEY: usize = 400;
const MOST_MARKINGS: usize = 100;
const MOST_ADDRESSEES: usize = 300;
const MOST_CONTACT: usize = 300;

#[cfg(test)]
mod tests {
    use comity_stix::Doc;
    use proptest::prelude::*;

    use super::*;
    use crate::Country;
    use crate::notice::checklist::tests::{some, wanted};
    use crate::notice::tests::at;
    use crate::notice::{AssetClass, Document, Photo, WantedFor};

    /// A diffusion with every member that there is.
    fn full() -> Notice {
        let id = |text: &str| ObjectId::parse(text).unwrap();
        let mut facts = wanted();
        facts.identity.nationalities = [Country::parse("EE").unwrap()].into();
        facts.identity.description = some("tall");
        facts.identity.photo = Some(Photo::Good);
        facts.identity.dna = Some(false);
        facts.identity.other_identifier = some("zorg");
        facts.identity.father = some("Jaan");
        facts.identity.mother = some("Mari");
        facts.identity.birth = Some(crate::notice::Birth { year: 1980, month: Some(2), day: Some(3) });
        facts.identity.documents = vec![Document {
            kind: "passport".into(),
            number: "K1".into(),
            country: Some(Country::parse("EE").unwrap()),
        }];
        facts.penalty.wanted_for = Some(WantedFor::Prosecution);
        facts.penalty.imposed_months = Some(7);
        facts.penalty.remaining_months = Some(6);
        facts.warrant.copy = Some(true);
        facts.assurances.countries = [Country::parse("FI").unwrap()].into();
        for text in [&mut facts.sought, &mut facts.assessment, &mut facts.threat, &mut facts.measures] {
            *text = some("words");
        }
        for text in [&mut facts.modus_operandi, &mut facts.event_date, &mut facts.event_place] {
            *text = some("words");
        }
        facts.imminent = Some(false);
        facts.police_report = Some(true);
        facts.assets = [AssetClass::Account].into();
        facts.un_reference = some("QDi.1");
        facts.un_resolution = some("1267");
        facts.public_extract = Some(false);
        facts.victim = Some(false);
        Notice {
            id: id("comity-notice--0a0a0a0a-0000-4000-8000-000000000001"),
            created: at("2026-11-01T12:00:00Z"),
            modified: at("2026-11-01T12:00:00Z"),
            created_by_ref: Some(id("identity--0a0a0a0a-0000-4000-8000-000000000002")),
            object_marking_refs: vec![id("marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003")],
            lang: some("en"),
            version: 1,
            source: OrgName::parse("ee-police").unwrap(),
            colour: Colour::Red,
            form: Form::Diffusion,
            addressees: [OrgName::parse("fi-police").unwrap()].into(),
            subject_ref: Some(id("identity--0a0a0a0a-0000-4000-8000-000000000003")),
            valid_until: at("2031-11-01T12:00:00Z"),
            facts,
            caution: [Caution::Armed, Caution::Ill].into(),
            contact: Contact { office: some("duty officer"), phone: some("+372 600 0000"), email: some("a@b.example") },
            attestation: Some(Attested { said: "{}".into(), key: "ed25519:x".into(), signature: "x".into() }),
        }
    }

    #[test]
    fn a_notice_travels_as_a_stix_object() {
        let json = full().to_json();
        assert_eq!(Notice::read(json.as_bytes()).unwrap(), full());
        let doc = Doc::parse(json.as_bytes(), 12).unwrap();
        assert_eq!(Notice::of(doc.root()).unwrap(), full());
        assert_eq!(doc.root().str("type"), Some("comity-notice"));
        assert!(!json.contains("state"), "where it stands is its events' to tell");
        let extension = Doc::parse(NOTICE_EXTENSION.as_bytes(), 4).unwrap();
        assert_eq!(extension.root().str("id"), Some(EXTENSION));
    }

    #[test]
    fn what_is_attested_is_all_of_it_but_the_attestation() {
        let (notice, mut other) = (full(), full());
        other.attestation = None;
        assert_eq!(notice.screened_json(), other.to_json());
        other.version = 2;
        assert_ne!(notice.screened_json(), other.screened_json());
    }

    #[test]
    fn what_cannot_be_is_refused() {
        type Change = (&'static str, fn(&mut Notice));
        let changes: [Change; 10] = [
            ("id", |n| n.id = ObjectId::parse("identity--0a0a0a0a-0000-4000-8000-000000000001").unwrap()),
            ("modified", |n| n.modified = at("2026-10-01T12:00:00Z")),
            ("version", |n| n.version = 0),
            ("lang", |n| n.lang = some(&"x".repeat(36))),
            ("valid_until", |n| n.valid_until = at("2031-11-01T12:00:00.001Z")),
            ("valid_until", |n| n.valid_until = n.modified),
            ("addressees", |n| n.addressees.clear()),
            ("addressees", |n| n.form = Form::Notice),
            ("subject_ref", |n| n.subject_ref = None),
            ("contact", |n| n.contact = Contact { office: some("x"), ..Contact::default() }),
        ];
        for (place, change) in changes {
            let mut notice = full();
            change(&mut notice);
            let error = Notice::read(notice.to_json().as_bytes()).unwrap_err();
            assert!(error.to_string().starts_with(place), "{place}: {error}");
        }
        let mut purple = full();
        (purple.colour, purple.subject_ref) = (Colour::Purple, None);
        assert!(Notice::read(purple.to_json().as_bytes()).is_ok());
        let json = full().to_json();
        for (from, to) in [
            (r#""version":1"#, r#""version":1,"state":"published""#),
            (r#""spec_version":"2.1""#, r#""spec_version":"2.0""#),
            ("new-sdo", "property-extension"),
            (r#""caution":["armed""#, r#""caution":["rude""#),
        ] {
            assert!(json.contains(from) && Notice::read(json.replacen(from, to, 1).as_bytes()).is_err(), "{to}");
        }
        assert!(Notice::read(&vec![b' '; (1 << 20) + 1]).is_err());
    }

    #[test]
    fn the_published_schema_has_the_members_that_are_written() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../schemas/comity-notice.json");
        let schema: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
        let object: Value = serde_json::from_str(&full().to_json()).unwrap();
        same_members(&schema, &schema, &object, "notice");
        let lists = [
            (&schema["properties"]["colour"]["enum"], json!(Colour::ALL)),
            (&schema["properties"]["form"]["enum"], json!(Form::ALL)),
            (&schema["properties"]["caution"]["items"]["enum"], json!(Caution::ALL)),
            (&schema["$defs"]["facts"]["properties"]["status"]["enum"], json!(crate::Status::ALL)),
            (&schema["$defs"]["facts"]["properties"]["assets"]["items"]["enum"], json!(AssetClass::ALL)),
            (&schema["$defs"]["identity"]["properties"]["sex"]["enum"], json!(crate::notice::Sex::ALL)),
            (&schema["$defs"]["identity"]["properties"]["photo"]["enum"], json!(Photo::ALL)),
            (&schema["$defs"]["penalty"]["properties"]["wanted_for"]["enum"], json!(WantedFor::ALL)),
        ];
        for (published, ours) in lists {
            assert_eq!(*published, ours);
        }
    }

    /// Every member of an object is in its schema and the other way round, at every depth.
    fn same_members(all: &Value, schema: &Value, object: &Value, place: &str) {
        let schema = match schema["$ref"].as_str() {
            Some(name) => &all["$defs"][name.trim_start_matches("#/$defs/")],
            None => schema,
        };
        if let (Some(members), Some(properties)) = (object.as_object(), schema["properties"].as_object()) {
            let names = |map: &Map<String, Value>| map.keys().cloned().collect::<BTreeSet<_>>();
            assert_eq!(names(members), names(properties), "{place}");
            assert_eq!(schema["additionalProperties"], json!(false), "{place}");
            for (name, member) in members {
                same_members(all, &properties[name], member, name);
            }
        }
        if let Some(first) = object.as_array().and_then(|items| items.first()) {
            same_members(all, &schema["items"], first, place);
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_answered(at in 0_usize..3_000, byte: u8) {
            let mut object = full().to_json().into_bytes();
            let place = at % object.len();
            object[place] = byte;
            if let Ok(read) = Notice::read(&object) {
                prop_assert_eq!(Notice::read(read.to_json().as_bytes()).unwrap(), read);
            }
        }
    }
}
