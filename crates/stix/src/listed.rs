//! Travel documents in the register of their issuer: stolen, lost, revoked.

use crate::person::{DocumentState, PartialDate};
use crate::value::issuing_state;
use crate::{Node, ObjectId};

/// The type of such an object (`schemas/comity-document.json`).
pub const DOCUMENT_TYPE: &str = "comity-document";

/// The extension that makes it an object (STIX 2.1 section 7.3).
pub const DOCUMENT_EXTENSION: &str = concat!(
    r#"{"created":"2026-11-26T00:00:00.000Z","#,
    r#""created_by_ref":"identity--3f6c1d1c-6f0e-5f0e-9b7e-2d6c0a5f4b10","#,
    r#""description":"A travel document that its issuer says is stolen, lost or revoked. Only the issuing state enters one.","#,
    r#""extension_types":["new-sdo"],"#,
    r#""id":"extension-definition--3f6c1d1c-6f0e-5f0e-9b7e-2d6c0a5f4b42","#,
    r#""modified":"2026-11-26T00:00:00.000Z","#,
    r#""name":"Comity document","#,
    r#""schema":"https://comity.example/schemas/comity-document.json","#,
    r#""spec_version":"2.1","type":"extension-definition","version":"1.0.0"}"#,
);

/// What the register says of one document: no word of its holder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedDocument {
    /// One or two letters as in a machine-readable zone: `P`, `I`, `V`.
    pub kind: String,
    /// Who issued it: a code of ICAO 9303 part 3 section 5.
    pub issuer: String,
    /// Its number, as it was entered.
    pub number: String,
    /// How it stands.
    pub state: DocumentState,
    /// Since when.
    pub since: Option<PartialDate>,
}

impl ListedDocument {
    /// Reads an object of type [`DOCUMENT_TYPE`].
    ///
    /// # Errors
    /// What is wrong with it, in a sentence, when it does not say which document it is or how that stands.
    pub fn read(root: Node<'_, '_>) -> Result<Self, &'static str> {
        let issuer = root.str("issuer").and_then(issuing_state).ok_or("its issuer is not a code of ICAO 9303")?;
        let kind = root.str("document_type").filter(|kind| (1..=2).contains(&kind.len()));
        let number = root.str("number").filter(|number| (4..=40).contains(&number.len()));
        let state = root.str("state").and_then(DocumentState::parse);
        Ok(Self {
            kind: kind.ok_or("its document_type is not one or two letters such as P")?.to_ascii_uppercase(),
            issuer,
            number: number.ok_or("its number is not 4 to 40 characters")?.to_owned(),
            state: state.ok_or("its state is not stolen, lost, stolen-blank, revoked or valid")?,
            since: root.str("since").and_then(|text| PartialDate::parse(text).ok()),
        })
    }

    /// The object that enters it, as JSON: a new one for a new id, a later version for a known one.
    pub fn to_object(&self, id: &ObjectId, created: &str, modified: &str) -> serde_json::Value {
        let mut object = serde_json::json!({
            "type": DOCUMENT_TYPE,
            "spec_version": "2.1",
            "id": id.to_string(),
            "created": created,
            "modified": modified,
            "document_type": self.kind,
            "issuer": self.issuer,
            "number": self.number,
            "state": self.state.name(),
            "extensions": {EXTENSION: {"extension_type": "new-sdo"}},
        });
        if let (Some(since), Some(object)) = (self.since, object.as_object_mut()) {
            object.insert("since".to_owned(), since.to_string().into());
        }
        object
    }
}

const EXTENSION: &str = "extension-definition--3f6c1d1c-6f0e-5f0e-9b7e-2d6c0a5f4b42";

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::Doc;

    fn listed() -> ListedDocument {
        ListedDocument {
            kind: "P".into(),
            issuer: "EST".into(),
            number: "KB0123456".into(),
            state: DocumentState::Stolen,
            since: PartialDate::parse("2026-10-01").ok(),
        }
    }

    fn written(listed: &ListedDocument) -> String {
        let id = ObjectId::new(DOCUMENT_TYPE, Uuid::from_u128(0x3f6c_1d1c_6f0e_4f0e_9b7e_2d6c_0a5f_4b99)).unwrap();
        let time = "2026-11-26T00:00:00.000Z";
        listed.to_object(&id, time, time).to_string()
    }

    #[test]
    fn what_is_entered_is_read_back_and_is_valid_stix() {
        let text = written(&listed());
        let doc = Doc::parse(text.as_bytes(), 16).unwrap();
        assert_eq!(ListedDocument::read(doc.root()), Ok(listed()));
        let mut findings = Vec::new();
        crate::validate::check(doc.root(), &mut findings);
        assert!(findings.is_empty(), "{findings:?}");
    }

    #[test]
    fn what_does_not_say_which_document_it_is_is_refused_with_the_reason() {
        for (from, to, word) in [
            (r#""EST""#, r#""Estonia""#, "issuer"),
            (r#""KB0123456""#, r#""1""#, "number"),
            (r#""stolen""#, r#""gone""#, "state"),
            (r#""P""#, r#""passport""#, "document_type"),
        ] {
            let text = written(&listed()).replace(from, to);
            let doc = Doc::parse(text.as_bytes(), 16).unwrap();
            assert!(ListedDocument::read(doc.root()).unwrap_err().contains(word), "{text}");
        }
    }
}
