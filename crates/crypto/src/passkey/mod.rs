//! Passkeys: what shows who somebody is by a key that never leaves their device (Web Authentication Level 3).
//!
//! This is the part of the *relying party*, sections 7.1 and 7.2: what the device is asked, and whether its answer holds. Which
//! model of device it is, is not asked (attestation `none`); that somebody was there and showed the device who they are, by a
//! PIN or a finger, is demanded. Signatures are checked by the library below; this reads what was signed.

mod answer;
mod authdata;
mod key;
#[cfg(any(test, feature = "soft-passkey"))]
pub mod soft;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use self::answer::{Answer, Ceremony};
use self::authdata::AuthData;
pub use self::key::PasskeyKey;
use crate::{base64url, sha256, unbase64url};

/// Whose passkeys are taken: the node, as browsers know it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RelyingParty {
    /// The domain that passkeys are bound to: `node.example`.
    pub id: String,
    /// The origin of its pages: `https://node.example:7443`.
    pub origin: String,
    /// What people call it.
    pub name: String,
}

/// Whom a new passkey is for.
#[derive(Clone, Copy, Debug)]
pub struct PasskeyUser<'u> {
    /// A handle of at most 64 bytes that tells nothing by itself.
    pub handle: &'u [u8],
    /// The account's name.
    pub name: &'u str,
    /// The person's name.
    pub full_name: &'u str,
}

/// A passkey as it is kept: nothing of it is secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Passkey {
    /// Its number, which its device chose: base64url.
    pub id: String,
    /// The public key.
    pub key: PasskeyKey,
    /// How often it was used, where the device counts.
    pub count: u32,
    /// Whether copies of it may lie elsewhere, as with keys that a cloud keeps.
    pub may_be_copied: bool,
}

/// An answer of a device does not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PasskeyError {
    /// It cannot be read.
    #[error("the answer of the device cannot be read")]
    Unreadable,
    /// It was given to another question, page or node.
    #[error("the answer of the device was given to another question")]
    Elsewhere,
    /// The device did not ask who is there.
    #[error("the device did not check who is there: it must ask for a PIN, a finger or a face")]
    Unverified,
    /// Its key is of a kind that is not taken.
    #[error("the device has a key of a kind that is not taken here")]
    Unsupported,
    /// The signature is not of this passkey.
    #[error("the answer was not given by this passkey")]
    Wrong,
    /// It counts backwards: there may be two of it.
    #[error("this passkey counts backwards, so there may be a copy of it; remove it and set up another")]
    Copied,
}

impl RelyingParty {
    /// What a browser is asked to make a passkey with (`PublicKeyCredentialCreationOptionsJSON`, section 5.1.8). `known` are
    /// those the account has: a device that holds one of them makes no other.
    pub fn ask_to_add(&self, challenge: &[u8], user: PasskeyUser<'_>, known: &[Passkey]) -> Value {
        let known: Vec<Value> = known.iter().map(|key| json!({"type": "public-key", "id": key.id})).collect();
        let algorithms = PasskeyKey::ALGORITHMS.map(|alg| json!({"type": "public-key", "alg": alg}));
        json!({
            "rp": {"id": self.id, "name": self.name},
            "user": {"id": base64url(user.handle), "name": user.name, "displayName": user.full_name},
            "challenge": base64url(challenge),
            "pubKeyCredParams": algorithms,
            "timeout": TIMEOUT,
            "excludeCredentials": known,
            "authenticatorSelection": {"residentKey": "required", "requireResidentKey": true, "userVerification": "required"},
            "attestation": "none",
        })
    }

    /// The passkey that a device made, as its browser says (`RegistrationResponseJSON`), for this challenge.
    ///
    /// # Errors
    /// When the answer does not hold (section 7.1).
    pub fn added(&self, challenge: &[u8], answer: &str) -> Result<Passkey, PasskeyError> {
        let answer = Answer::read(answer)?;
        answer.check(Ceremony::Add, challenge, &self.origin)?;
        let data = authdata::of_attestation(&answer.attestation()?)?;
        let data = AuthData::read(&data)?;
        data.check(&sha256(self.id.as_bytes()))?;
        let (id, key) = data.credential.ok_or(PasskeyError::Unreadable)?;
        if base64url(&id) != answer.id || id.is_empty() || id.len() > MOST_ID {
            return Err(PasskeyError::Unreadable);
        }
        Ok(Passkey { id: answer.id, key, count: data.count, may_be_copied: data.may_be_copied })
    }

    /// What a browser is asked to show a passkey with (`PublicKeyCredentialRequestOptionsJSON`): any that its device holds
    /// for this node. So nobody learns who has one.
    pub fn ask_to_show(&self, challenge: &[u8]) -> Value {
        json!({
            "challenge": base64url(challenge),
            "rpId": self.id,
            "timeout": TIMEOUT,
            "allowCredentials": [],
            "userVerification": "required",
        })
    }

    /// The passkey once it was shown, as a browser says (`AuthenticationResponseJSON`), for this challenge: to be kept in
    /// place of what was known.
    ///
    /// # Errors
    /// When the answer does not hold (section 7.2).
    pub fn shown(&self, challenge: &[u8], answer: &str, known: &Passkey) -> Result<Passkey, PasskeyError> {
        let answer = Answer::read(answer)?;
        answer.check(Ceremony::Show, challenge, &self.origin)?;
        let (bytes, signature) = answer.assertion()?;
        let data = AuthData::read(&bytes)?;
        data.check(&sha256(self.id.as_bytes()))?;
        if answer.id != known.id || data.may_be_copied != known.may_be_copied {
            return Err(PasskeyError::Wrong);
        }
        let signed = [bytes.as_slice(), &sha256(&answer.client_data)].concat();
        known.key.verify(&signed, &signature)?;
        if (data.count > 0 || known.count > 0) && data.count <= known.count {
            return Err(PasskeyError::Copied);
        }
        Ok(Passkey { count: data.count, ..known.clone() })
    }
}

/// The number of the passkey that an answer speaks of, and the challenge that it says it was given; neither is proved by
/// that.
///
/// # Errors
/// When the answer cannot be read.
pub fn claimed(answer: &str) -> Result<(String, Vec<u8>), PasskeyError> {
    let answer = Answer::read(answer)?;
    let challenge = unbase64url(&answer.client()?.challenge).ok_or(PasskeyError::Unreadable)?;
    Ok((answer.id, challenge))
}

/// Milliseconds a browser waits for its device.
const TIMEOUT: u32 = 300_000;
/// Most bytes of a number (section 7.1, step 25).
const MOST_ID: usize = 1_023;

#[cfg(test)]
mod tests;
