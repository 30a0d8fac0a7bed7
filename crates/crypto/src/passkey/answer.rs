use serde::Deserialize;

use super::PasskeyError;
use crate::{same_secret, unbase64url};

/// What a browser says a device answered, taken apart.
pub(super) struct Answer {
    /// The number of the passkey, base64url.
    pub(super) id: String,
    /// What the browser saw, exactly as it was signed.
    pub(super) client_data: Vec<u8>,
    response: Response,
}

/// What is being done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ceremony {
    Add,
    Show,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Text {
    id: String,
    raw_id: String,
    #[serde(rename = "type")]
    kind: String,
    response: Response,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Response {
    #[serde(rename = "clientDataJSON")]
    client_data: String,
    #[serde(default)]
    attestation_object: Option<String>,
    #[serde(default)]
    authenticator_data: Option<String>,
    #[serde(default)]
    signature: Option<String>,
}

/// `CollectedClientData`, section 5.8.1.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Client {
    #[serde(rename = "type")]
    kind: String,
    pub(super) challenge: String,
    origin: String,
    #[serde(default)]
    cross_origin: bool,
    #[serde(default)]
    top_origin: Option<String>,
}

impl Answer {
    pub(super) fn read(text: &str) -> Result<Self, PasskeyError> {
        if text.len() > LONGEST {
            return Err(PasskeyError::Unreadable);
        }
        let Text { id, raw_id, kind, response } = serde_json::from_str(text).map_err(|_| PasskeyError::Unreadable)?;
        let client_data = unbase64url(&response.client_data).ok_or(PasskeyError::Unreadable)?;
        if id != raw_id || kind != "public-key" {
            return Err(PasskeyError::Unreadable);
        }
        Ok(Self { id, client_data, response })
    }

    pub(super) fn client(&self) -> Result<Client, PasskeyError> {
        serde_json::from_slice(&self.client_data).map_err(|_| PasskeyError::Unreadable)
    }

    /// Whether it was given to this question, on a page of this origin.
    pub(super) fn check(&self, ceremony: Ceremony, challenge: &[u8], origin: &str) -> Result<(), PasskeyError> {
        let client = self.client()?;
        let kind = match ceremony {
            Ceremony::Add => "webauthn.create",
            Ceremony::Show => "webauthn.get",
        };
        let given = unbase64url(&client.challenge).ok_or(PasskeyError::Unreadable)?;
        let is_here = client.kind == kind
            && same_secret(&given, challenge)
            && client.origin == origin
            && !client.cross_origin
            && client.top_origin.is_none();
        if is_here { Ok(()) } else { Err(PasskeyError::Elsewhere) }
    }

    /// The attestation object of a new passkey.
    pub(super) fn attestation(&self) -> Result<Vec<u8>, PasskeyError> {
        self.response.attestation_object.as_deref().and_then(unbase64url).ok_or(PasskeyError::Unreadable)
    }

    /// What was signed besides, and the signature, of one that is shown.
    pub(super) fn assertion(&self) -> Result<(Vec<u8>, Vec<u8>), PasskeyError> {
        let data = self.response.authenticator_data.as_deref().and_then(unbase64url);
        let signature = self.response.signature.as_deref().and_then(unbase64url);
        data.zip(signature).ok_or(PasskeyError::Unreadable)
    }
}

/// Bytes of an answer: attestations of some devices hold chains of certificates.
const LONGEST: usize = 64 << 10;
