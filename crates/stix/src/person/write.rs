use serde_json::{Value, json};
use uuid::Uuid;

use super::{EXTENSION, Person};
use crate::ObjectId;

/// The extension by which an identity says more of a person, as the STIX object that defines it (STIX 2.1 section 7.3).
pub const PERSON_EXTENSION: &str = concat!(
    r#"{"created":"2026-11-26T00:00:00.000Z","#,
    r#""created_by_ref":"identity--3f6c1d1c-6f0e-5f0e-9b7e-2d6c0a5f4b10","#,
    r#""description":"What is said of a person: names, births, documents, status; each statement with its source, grading and basis.","#,
    r#""extension_types":["property-extension"],"#,
    r#""id":"extension-definition--3f6c1d1c-6f0e-5f0e-9b7e-2d6c0a5f4b41","#,
    r#""modified":"2026-11-26T00:00:00.000Z","#,
    r#""name":"Comity person","#,
    r#""schema":"https://comity.example/schemas/comity-person.json","#,
    r#""spec_version":"2.1","type":"extension-definition","version":"1.0.0"}"#,
);

impl Person {
    /// The STIX identity of this person, as JSON.
    ///
    /// `created` and `modified` are RFC 3339 texts; a later version keeps the id and `created` and has a later `modified`.
    pub fn to_identity(&self, id: Uuid, created: &str, modified: &str) -> Value {
        let mut extension = serde_json::to_value(self).unwrap_or_default();
        if let Some(extension) = extension.as_object_mut() {
            extension.insert("extension_type".to_owned(), json!("property-extension"));
        }
        let id = ObjectId::new("identity", id).map(|id| id.to_string()).unwrap_or_default();
        let name = self.calling().map_or("unknown", |name| name.name.as_str());
        json!({
            "type": "identity",
            "spec_version": "2.1",
            "id": id,
            "created": created,
            "modified": modified,
            "name": name,
            "identity_class": "individual",
            "extensions": {EXTENSION: extension},
        })
    }
}
