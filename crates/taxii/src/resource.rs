//! The resources of TAXII 2.1, except the envelope, whose objects are never made into values (see [`crate::envelope`]).
//!
//! What is written holds every member the specification requires. What is read may lack them: servers do.

use comity_base::Timestamp;
use http::StatusCode;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::{media, wire};

/// What a server says of itself and where its API roots are (TAXII 2.1 section 4.1.1).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Discovery {
    /// The server's name, for people.
    pub title: String,
    /// What it is about, for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Whom to ask.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contact: Option<String>,
    /// The API root to use when nobody chose; one of `api_roots`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default: Option<String>,
    /// Addresses of API roots: absolute, or beginning with a single slash.
    #[serde(skip_serializing_if = "Vec::is_empty", deserialize_with = "or_default")]
    pub api_roots: Vec<String>,
}

/// What an API root says of itself (TAXII 2.1 section 4.2.1).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ApiRoot {
    /// Its name, for people.
    pub title: String,
    /// What it is about, for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Media types with version that it speaks.
    #[serde(deserialize_with = "or_default")]
    pub versions: Vec<String>,
    /// Most bytes of a request's body.
    pub max_content_length: u64,
}

/// The collections of an API root (TAXII 2.1 section 5.1.1); without any, an empty object.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Collections {
    /// In an order that stays the same.
    #[serde(skip_serializing_if = "Vec::is_empty", deserialize_with = "or_default")]
    pub collections: Vec<Collection>,
}

/// One collection, as the asking client may use it (TAXII 2.1 section 5.2.1).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Collection {
    /// A UUID.
    pub id: String,
    /// Its name, for people; some clients choose a collection by it.
    pub title: String,
    /// What is in it, for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// A readable name that addresses may use in place of the id; unique within the API root.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub alias: Option<String>,
    /// Whether this client may get objects.
    pub can_read: bool,
    /// Whether this client may add objects.
    pub can_write: bool,
    /// Media types of its objects.
    #[serde(skip_serializing_if = "Vec::is_empty", deserialize_with = "or_default")]
    pub media_types: Vec<String>,
}

/// What is known of objects without the objects (TAXII 2.1 section 5.3.1).
///
/// `more` and `objects` are always written, as in an envelope: clients that look for them stop without.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Manifest {
    /// Whether more objects answer the request.
    pub more: bool,
    /// In the order in which they were added.
    #[serde(deserialize_with = "or_default")]
    pub objects: Vec<ManifestRecord>,
}

/// One version of one object (TAXII 2.1 section 5.3.1, `manifest-record`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ManifestRecord {
    /// The object's id.
    pub id: String,
    /// When this version was added.
    #[serde(serialize_with = "moment")]
    pub date_added: Timestamp,
    /// The object's `modified`, else `created`, as the object writes it.
    pub version: String,
    /// The media type it can be had in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub media_type: Option<String>,
}

/// What became of a request to add objects (TAXII 2.1 section 4.3.1).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Status {
    /// A UUID, by which the status is asked for again.
    pub id: String,
    /// Whether anything may still change.
    pub status: Progress,
    /// When the request was made.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "moment", deserialize_with = "read_moment")]
    pub request_timestamp: Option<Timestamp>,
    /// How many objects were sent; 0 while nothing has begun.
    pub total_count: u64,
    /// How many were added.
    pub success_count: u64,
    /// Which were added, when the server tells.
    #[serde(skip_serializing_if = "Vec::is_empty", deserialize_with = "or_default")]
    pub successes: Vec<StatusDetail>,
    /// How many could not be added.
    pub failure_count: u64,
    /// Which could not be added, when the server tells.
    #[serde(skip_serializing_if = "Vec::is_empty", deserialize_with = "or_default")]
    pub failures: Vec<StatusDetail>,
    /// How many wait.
    pub pending_count: u64,
    /// Which wait, when the server tells.
    #[serde(skip_serializing_if = "Vec::is_empty", deserialize_with = "or_default")]
    pub pendings: Vec<StatusDetail>,
}

/// How far a request to add objects is (TAXII 2.1 section 4.3.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Progress {
    /// It will not change any more.
    Complete,
    /// It may change; also whatever other word a server uses.
    #[default]
    #[serde(other)]
    Pending,
}

/// One object of a request to add objects (TAXII 2.1 section 4.3.1, `status-details`).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct StatusDetail {
    /// The object's id.
    pub id: String,
    /// The object's `modified`, else `created`, as the object writes it.
    pub version: String,
    /// Why it stands so, for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
}

/// The versions of one object (TAXII 2.1 section 5.8.1). `more` and `versions` are always written.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Versions {
    /// Whether there are more.
    pub more: bool,
    /// In the order in which they were added, as the object writes them.
    #[serde(deserialize_with = "or_default")]
    pub versions: Vec<String>,
}

/// Why a request failed (TAXII 2.1 section 3.6.1).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct TaxiiError {
    /// In a few words, for people.
    pub title: String,
    /// What happened and what to do, for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Names this one occurrence, for a question to the server's people.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "text")]
    pub error_id: Option<String>,
    /// Names this kind of error within one server.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "text")]
    pub error_code: Option<String>,
    /// The status of the reply; a string on the wire.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "digits", deserialize_with = "status")]
    pub http_status: Option<u16>,
    /// An address with more about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub external_details: Option<String>,
    /// Whatever else the server tells.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub details: Option<serde_json::Map<String, serde_json::Value>>,
}

impl TaxiiError {
    /// An error with what everyone should be told.
    pub fn new(status: StatusCode, title: &str, description: impl Into<String>) -> Self {
        let description = Some(description.into()).filter(|text| !text.is_empty());
        Self { title: title.to_owned(), description, http_status: Some(status.as_u16()), ..Self::default() }
    }

    /// The status to reply with: that of the error, 500 when it has none that fits.
    pub fn status(&self) -> StatusCode {
        self.http_status
            .and_then(|code| StatusCode::from_u16(code).ok())
            .filter(|code| code.is_client_error() || code.is_server_error())
            .unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    /// The body to reply with, of type [`media::TAXII`].
    pub fn body(&self) -> Vec<u8> {
        // Strings and maps of JSON values are always writable.
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// 401: goes out with [`wire::WWW_AUTHENTICATE`] and never as a redirect (TAXII 2.1 section 1.6.9).
    pub fn unauthorized() -> Self {
        let how =
            "Send the credentials you were given as Basic, Bearer or Token authorization, or a client certificate.";
        Self::new(StatusCode::UNAUTHORIZED, "Who asks is not known", how)
    }

    /// 403: the thing is known to the client, but it may not do this with it.
    pub fn forbidden(what: &str) -> Self {
        Self::new(StatusCode::FORBIDDEN, "You may not do this", what)
    }

    /// 404: there is no such thing, or the client may not know of it; both read the same.
    pub fn not_found(what: &str) -> Self {
        let text = format!("There is no {what} here, or you may not see it.");
        Self::new(StatusCode::NOT_FOUND, "Not found", text)
    }

    /// 413: the body is larger than [`ApiRoot::max_content_length`].
    pub fn too_large(limit: u64) -> Self {
        let text = format!(
            "A body may have {limit} bytes (max_content_length of the API root). Send fewer objects at a time."
        );
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "The body is too large", text)
    }

    /// 422: the body is JSON but no envelope or bundle of objects (TAXII 2.1 section 5.5).
    pub fn unprocessable(why: &str) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, "No objects could be taken from the body", why)
    }

    /// 429: goes out with `Retry-After`.
    pub fn too_many_requests(seconds: u64) -> Self {
        let text = format!("Ask again in {seconds} s (Retry-After).");
        Self::new(StatusCode::TOO_MANY_REQUESTS, "Too many requests", text)
    }
}

impl Default for ApiRoot {
    /// Speaks [`media::TAXII`] and takes bodies of 100 MiB, the specification's example.
    fn default() -> Self {
        let versions = vec![media::TAXII.to_owned()];
        Self { title: String::new(), description: None, versions, max_content_length: 100 << 20 }
    }
}

impl Collection {
    /// Whether text in an address means this collection: its id or its alias (TAXII 2.1 section 5.2.1).
    pub fn is_named(&self, name: &str) -> bool {
        self.id == name || self.alias.as_deref() == Some(name)
    }
}

/// `null` where a list or other value is expected is read as absent.
fn or_default<'de, D: Deserializer<'de>, T: Default + Deserialize<'de>>(deserializer: D) -> Result<T, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

/// A string, or a number where a string is required.
fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Ok(match serde_json::Value::deserialize(deserializer)? {
        serde_json::Value::String(text) => Some(text),
        serde_json::Value::Number(number) => Some(number.to_string()),
        _ => None,
    })
}

/// A moment, or nothing where a server writes something else.
fn read_moment<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Timestamp>, D::Error> {
    Ok(text(deserializer)?.and_then(|text| wire::read_moment(&text)))
}

fn status<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u16>, D::Error> {
    Ok(text(deserializer)?.and_then(|text| text.trim().parse().ok()))
}

fn digits<S: Serializer>(status: &(impl Copy + Into<Option<u16>>), serializer: S) -> Result<S::Ok, S::Error> {
    let status: Option<u16> = (*status).into();
    serialize(status.map(|status| status.to_string()), serializer)
}

fn moment<S: Serializer>(moment: &(impl Copy + Into<Option<Timestamp>>), serializer: S) -> Result<S::Ok, S::Error> {
    let moment: Option<Timestamp> = (*moment).into();
    serialize(moment.map(|moment| wire::date_added(moment.as_micros())), serializer)
}

fn serialize<S: Serializer>(text: Option<String>, serializer: S) -> Result<S::Ok, S::Error> {
    match text {
        Some(text) => serializer.serialize_str(&text),
        None => serializer.serialize_none(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn written(value: &impl Serialize) -> Value {
        serde_json::to_value(value).unwrap()
    }

    #[test]
    fn required_members_are_always_written() {
        assert_eq!(written(&Discovery::default()), json!({"title": ""}));
        assert_eq!(
            written(&ApiRoot { title: "Northern labs".to_owned(), ..ApiRoot::default() }),
            json!({
                "title": "Northern labs",
                "versions": ["application/taxii+json;version=2.1"],
                "max_content_length": 104_857_600
            })
        );
        assert_eq!(written(&Collections::default()), json!({}));
        assert_eq!(
            written(&Collection::default()),
            json!({"id": "", "title": "", "can_read": false, "can_write": false})
        );
        assert_eq!(written(&Manifest::default()), json!({"more": false, "objects": []}));
        assert_eq!(written(&Versions::default()), json!({"more": false, "versions": []}));
        assert_eq!(
            written(&Status { id: "2d086da7-4bdc-4f91-900e-d77486753710".to_owned(), ..Status::default() }),
            json!({
                "id": "2d086da7-4bdc-4f91-900e-d77486753710", "status": "pending",
                "total_count": 0, "success_count": 0, "failure_count": 0, "pending_count": 0
            })
        );
        assert_eq!(written(&TaxiiError::default()), json!({"title": ""}));
        let record = ManifestRecord {
            id: "indicator--29aba82c-5393-42a8-9edb-6a2cb1df070b".to_owned(),
            date_added: Timestamp::from_micros(1_793_534_400_123_456),
            version: "2016-11-03T12:30:59.000001Z".to_owned(),
            media_type: Some(media::STIX.to_owned()),
        };
        assert_eq!(written(&record)["date_added"], "2026-11-01T12:00:00.123Z");
        assert_eq!(written(&record)["version"], "2016-11-03T12:30:59.000001Z");
    }

    #[test]
    fn the_examples_of_the_specification_are_read() {
        let status: Status = serde_json::from_value(json!({
            "id": "2d086da7-4bdc-4f91-900e-d77486753710",
            "status": "pending",
            "request_timestamp": "2016-11-02T12:34:34.12345Z",
            "total_count": 4,
            "success_count": 1,
            "successes": [{"id": "indicator--c410e480-e42b-47d1-9476-85307c12bcbf", "version": "2018-05-27T12:02:41.312Z"}],
            "failure_count": 1,
            "failures": [{"id": "malware--664fa29d-bf65-4f28-a667-bdb76f29ec98", "version": "2018-05-28T14:03:42.543Z",
                "message": "Unable to process object"}],
            "pending_count": 2
        }))
        .unwrap();
        assert_eq!((status.total_count, status.failures.len(), status.status), (4, 1, Progress::Pending));
        assert_eq!(written(&status)["request_timestamp"], "2016-11-02T12:34:34.123Z");
        let error: TaxiiError = serde_json::from_value(json!({
            "title": "Error condition XYZ",
            "error_id": "1234",
            "error_code": "581234",
            "http_status": "409",
            "details": {"somekey1": "somevalue"}
        }))
        .unwrap();
        assert_eq!((error.status(), error.error_id.as_deref()), (StatusCode::CONFLICT, Some("1234")));
        assert_eq!(written(&error)["http_status"], "409");
    }

    #[test]
    fn careless_servers_are_read() {
        let error: TaxiiError = serde_json::from_str(r#"{"http_status":404,"error_code":7,"extra":[]}"#).unwrap();
        assert_eq!((error.http_status, error.error_code.as_deref()), (Some(404), Some("7")));
        let found: Collections = serde_json::from_str(r#"{"collections":null}"#).unwrap();
        assert!(found.collections.is_empty());
        let collection: Collection = serde_json::from_str(r#"{"id":"a","can_read":true,"media_types":null}"#).unwrap();
        assert!(collection.can_read && !collection.can_write && collection.is_named("a"));
        let status: Status =
            serde_json::from_str(r#"{"id":"a","status":"accepted","request_timestamp":"just now"}"#).unwrap();
        assert_eq!((status.status, status.request_timestamp), (Progress::Pending, None));
    }

    #[test]
    fn errors_say_what_to_do_and_carry_their_status() {
        let all = [
            (TaxiiError::unauthorized(), 401),
            (TaxiiError::forbidden("This collection is read only."), 403),
            (TaxiiError::not_found("collection"), 404),
            (TaxiiError::too_large(1000), 413),
            (TaxiiError::unprocessable("The text ends before the object is closed."), 422),
            (TaxiiError::too_many_requests(3), 429),
        ];
        for (error, status) in all {
            assert_eq!(error.status().as_u16(), status);
            let body: Value = serde_json::from_slice(&error.body()).unwrap();
            assert_eq!(body["http_status"], status.to_string());
            assert!(body["title"].is_string() && body["description"].is_string());
        }
        assert_eq!(TaxiiError { http_status: Some(200), ..TaxiiError::default() }.status().as_u16(), 500);
    }
}
