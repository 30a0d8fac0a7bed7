use comity_base::{OrgName, Timestamp};
use comity_crypto::{PublicKey, Signature, SigningKey};
use comity_stix::ObjectId;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::check::{Wrong, words};
use super::object::{read, same, written};
use super::{Agreement, AgreementError, Trust};

/// The context in which suspensions are signed.
pub const SUSPENSION_CONTEXT: &str = "suspension";

/// The extension by which `x-comity-suspension` is a Domain Object (STIX 2.1 section 7.3). Its schema is published
/// as `schemas/comity-suspension.json`.
pub const SUSPENSION_EXTENSION: &str = concat!(
    r#"{"created":"2026-11-01T00:00:00.000Z","#,
    r#""created_by_ref":"identity--3f6c1d1c-6f0e-5f0e-9b7e-2d6c0a5f4b10","#,
    r#""description":"The signed statement by which one party suspends an agreement, and by which it lifts the suspension.","#,
    r#""extension_types":["new-sdo"],"#,
    r#""id":"extension-definition--3f6c1d1c-6f0e-5f0e-9b7e-2d6c0a5f4b32","#,
    r#""modified":"2026-11-01T00:00:00.000Z","#,
    r#""name":"Comity suspension","#,
    r#""schema":"https://comity.example/schemas/comity-suspension.json","#,
    r#""spec_version":"2.1","type":"extension-definition","version":"1.0.0"}"#,
);

const EXTENSION: &str = "extension-definition--3f6c1d1c-6f0e-5f0e-9b7e-2d6c0a5f4b32";

/// The extension's own UUID is the name space of the ids of suspensions.
const NAMESPACE: Uuid = Uuid::from_u128(0x3f6c_1d1c_6f0e_5f0e_9b7e_2d6c_0a5f_4b32);

/// One party's statement that it suspends an agreement, alone and at once. It holds for every version of the
/// agreement, until a later statement under the same id, signed by the same party, lifts it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Suspension {
    /// Its identifier, the same when it is lifted.
    pub id: ObjectId,
    /// When it was first stated.
    pub created: Timestamp,
    /// When this statement was made; of two with one id the later counts.
    pub modified: Timestamp,
    /// The agreement.
    pub agreement_ref: ObjectId,
    /// Who suspends it.
    pub party: OrgName,
    /// From this moment on.
    pub since: Timestamp,
    /// Why, in words for the other party.
    pub reason: String,
    /// From this moment on it no longer holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lifted: Option<Timestamp>,
    /// The key it was signed with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<PublicKey>,
    /// The signature, in the context [`SUSPENSION_CONTEXT`] over everything else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signature: Option<Signature>,
}

impl Suspension {
    /// The type of the STIX object.
    pub const TYPE: &str = "x-comity-suspension";

    /// A signed statement by which a party suspends the agreement from now on. Its id follows from the agreement,
    /// the party and the moment.
    ///
    /// # Errors
    /// When that is no party, or the reason is empty, hidden or longer than 1,000 characters.
    pub fn new(
        agreement: &Agreement,
        party: &OrgName,
        key: &SigningKey,
        reason: &str,
        now: Timestamp,
    ) -> Result<Self, AgreementError> {
        let id = Uuid::new_v5(&NAMESPACE, format!("{} {party} {now}", agreement.id).as_bytes());
        let id = ObjectId::new(Self::TYPE, id).map_err(|error| Wrong::new("id", error.to_string()))?;
        let mut made = Self {
            id,
            created: now,
            modified: now,
            agreement_ref: agreement.id.clone(),
            party: party.clone(),
            since: now,
            reason: reason.to_owned(),
            lifted: None,
            key: None,
            signature: None,
        };
        made.check()?;
        made.sign(agreement, key)?;
        Ok(made)
    }

    /// The signed statement by which the same party lifts it from now on.
    ///
    /// # Errors
    /// When `by` did not suspend it.
    pub fn lift(
        &self,
        agreement: &Agreement,
        by: &OrgName,
        key: &SigningKey,
        now: Timestamp,
    ) -> Result<Self, AgreementError> {
        if *by != self.party {
            return Err(AgreementError::NotTheSuspender { by: self.party.clone() });
        }
        // Later than what it lifts, also where the clock went back: of two statements the later counts.
        let modified = now.max(Timestamp::from_micros(self.modified.as_micros().saturating_add(1)));
        let mut made = Self { modified, lifted: Some(now.max(self.since)), ..self.clone() };
        made.sign(agreement, key)?;
        Ok(made)
    }

    /// The STIX object, as canonical JSON (RFC 8785).
    pub fn to_object(&self) -> String {
        written(self, Self::TYPE, EXTENSION, None)
    }

    /// Reads [`Self::to_object`].
    ///
    /// # Errors
    /// When it is no such object, has a member that is not known, or is spelt otherwise than [`Self::to_object`]
    /// spells it.
    pub fn from_object(object: &[u8]) -> Result<Self, AgreementError> {
        let suspension: Self = read(object, Self::TYPE, EXTENSION)?;
        suspension.check()?;
        same(object, &suspension.to_object())?;
        Ok(suspension)
    }

    /// Whether a party of the agreement made this statement about it: the signature verifies with a key of its own. That
    /// need not be the key the agreement names: whoever has got a new one since suspends at once all the same.
    pub fn counts(&self, agreement: &Agreement, trust: Trust<'_>) -> bool {
        let (Some(party), Some(key), Some(signature)) = (agreement.party(&self.party), &self.key, &self.signature)
        else {
            return false;
        };
        self.agreement_ref == agreement.id
            && trust(&party.name, key)
            && key.verify(SUSPENSION_CONTEXT, &self.signing_bytes(), signature).is_ok()
    }

    /// Whether it holds at a moment.
    pub fn holds(&self, now: Timestamp) -> bool {
        self.since <= now && self.lifted.is_none_or(|lifted| now < lifted)
    }

    fn check(&self) -> Result<(), Wrong> {
        if self.id.kind.as_str() != Self::TYPE {
            return Err(Wrong::new("id", format!("it must begin with {}--", Self::TYPE)));
        }
        if self.agreement_ref.kind.as_str() != Agreement::TYPE {
            return Err(Wrong::new("agreement_ref", "it must refer to an agreement"));
        }
        words("reason", &self.reason, 1_000)
    }

    fn sign(&mut self, agreement: &Agreement, key: &SigningKey) -> Result<(), AgreementError> {
        let stranger = || AgreementError::Stranger { party: self.party.clone(), name: agreement.name.clone() };
        agreement.party(&self.party).ok_or_else(stranger)?;
        self.key = Some(key.public_key());
        self.signature = Some(key.sign(SUSPENSION_CONTEXT, &self.signing_bytes()));
        Ok(())
    }

    fn signing_bytes(&self) -> Vec<u8> {
        written(self, Self::TYPE, EXTENSION, Some("signature")).into_bytes()
    }
}
