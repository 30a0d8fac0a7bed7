//! A device without hardware, for tests: what a browser and an authenticator would answer.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair as _};
use minicbor::Encoder;
use serde_json::{Value, json};

use super::PasskeyError;
use crate::{base64url, random_bytes, sha256};

/// A device with one passkey, and the page that it is used on.
pub struct SoftPasskey {
    pair: EcdsaKeyPair,
    id: Vec<u8>,
    origin: String,
    /// How often it was used; 0 where it does not count.
    pub count: u32,
    /// Whether it asks who is there.
    pub verifies: bool,
}

impl SoftPasskey {
    /// A new device, used on pages of this origin.
    ///
    /// # Errors
    /// When there is no randomness.
    pub fn new(origin: &str) -> Result<Self, PasskeyError> {
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).map_err(|_| PasskeyError::Wrong)?;
        let id = random_bytes::<32>().map_err(|_| PasskeyError::Wrong)?.to_vec();
        Ok(Self { pair, id, origin: origin.to_owned(), count: 0, verifies: true })
    }

    /// Makes its passkey, as asked.
    pub fn add(&self, asked: &Value) -> String {
        let (x, y) = self.pair.public_key().as_ref().get(1..).map(|point| point.split_at(32)).unwrap_or_default();
        let mut key = Encoder::new(Vec::new());
        // Writing into memory cannot fail.
        drop(key.map(5).and_then(|e| e.u8(1)?.u8(2)?.u8(3)?.i8(-7)?.i8(-1)?.u8(1)?.i8(-2)?.bytes(x)?.i8(-3)?.bytes(y)));
        let length = u16::try_from(self.id.len()).unwrap_or_default().to_be_bytes();
        let credential = [&[0; 16][..], &length, &self.id, key.writer()].concat();
        let data = self.data(text(asked, &["rp", "id"]), 1 << 6, &credential);
        let mut object = Encoder::new(Vec::new());
        drop(
            object
                .map(3)
                .and_then(|e| e.str("fmt")?.str("none")?.str("attStmt")?.map(0)?.str("authData")?.bytes(&data)),
        );
        let client = self.client("webauthn.create", asked);
        self.answer(
            &json!({"clientDataJSON": base64url(client.as_bytes()), "attestationObject": base64url(object.writer())}),
        )
    }

    /// Shows its passkey, as asked.
    pub fn show(&mut self, asked: &Value) -> String {
        self.count += u32::from(self.count > 0);
        let data = self.data(text(asked, &["rpId"]), 0, &[]);
        let client = self.client("webauthn.get", asked);
        let signed = [data.as_slice(), &sha256(client.as_bytes())].concat();
        let signature = self.pair.sign(&SystemRandom::new(), &signed).map(|s| s.as_ref().to_vec()).unwrap_or_default();
        self.answer(&json!({
            "clientDataJSON": base64url(client.as_bytes()),
            "authenticatorData": base64url(&data),
            "signature": base64url(&signature),
        }))
    }

    fn data(&self, rp: &str, flags: u8, rest: &[u8]) -> Vec<u8> {
        let flags = flags | 1 | if self.verifies { 1 << 2 } else { 0 };
        [&sha256(rp.as_bytes())[..], &[flags], &self.count.to_be_bytes(), rest].concat()
    }

    fn client(&self, kind: &str, asked: &Value) -> String {
        let challenge = text(asked, &["challenge"]);
        json!({"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": false}).to_string()
    }

    fn answer(&self, response: &Value) -> String {
        let id = base64url(&self.id);
        json!({"id": id, "rawId": id, "type": "public-key", "response": response, "clientExtensionResults": {}})
            .to_string()
    }
}

fn text<'v>(value: &'v Value, path: &[&str]) -> &'v str {
    path.iter().try_fold(value, |value, name| value.get(*name)).and_then(Value::as_str).unwrap_or_default()
}
