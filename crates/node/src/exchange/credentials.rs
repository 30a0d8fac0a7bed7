use comity_base::{OrgName, Timestamp};
use comity_crypto::{hex, random_token, sha256};
use comity_ledger::EntryKind;
use comity_store::{Change, Put};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::Deed;
use crate::{Act, Ctx, Node, NodeError, Purpose};

/// A secret by which a tool of one organisation shows who it is: the password of Basic, or a Bearer or API token.
///
/// Only its SHA-256 is kept. The secret is 256 random bits, so a slow hash would protect nothing and cost every
/// request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Credential {
    /// A number for people: the first digits of its digest.
    pub id: String,
    /// Whose tool uses it.
    pub organisation: OrgName,
    /// What for: `splunk in the duty room`.
    pub note: String,
    /// Why what it asks is asked: with `--purpose`, when it was made. It stands with everything on record.
    #[serde(default)]
    pub purpose: Purpose,
    /// Since when.
    pub created: Timestamp,
    /// Until when, when limited.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<Timestamp>,
    /// When it was taken back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revoked: Option<Timestamp>,
}

impl Node {
    /// Makes a new secret for a tool of an organisation. It is returned once and never shown again.
    ///
    /// # Errors
    /// When the organisation is not a peer, and not this node's own.
    pub fn add_credential(
        &self,
        ctx: &Ctx,
        organisation: &OrgName,
        note: &str,
        expires: Option<Timestamp>,
    ) -> Result<(Credential, String), NodeError> {
        let is_own = *organisation == ctx.organisation;
        // A tool of the own organisation reads all that everybody in it may: who runs the machine does not give that.
        self.may(ctx, if is_own { Act::Sources } else { Act::Tools }, json!({"peer": organisation}))?;
        if !is_own {
            self.known_peer(organisation)?;
        }
        self.make_credential(ctx, organisation, note, expires)
    }

    /// A secret by which this node is tried out as its own tools would use it, for so short a time as that takes.
    ///
    /// # Errors
    /// When whoever asks may not run the node.
    pub fn add_probe(&self, ctx: &Ctx, expires: Timestamp) -> Result<(Credential, String), NodeError> {
        self.may(ctx, Act::Operate, json!({"probe": ctx.organisation}))?;
        self.make_credential(ctx, &ctx.organisation, "doctor", Some(expires))
    }

    /// Takes back the secret of a probe.
    ///
    /// # Errors
    /// When whoever asks may not run the node, or there is none of this number.
    pub fn end_probe(&self, ctx: &Ctx, id: &str) -> Result<(), NodeError> {
        self.may(ctx, Act::Operate, json!({"probe": id}))?;
        self.take_credential_back(ctx, id).map(drop)
    }

    fn make_credential(
        &self,
        ctx: &Ctx,
        organisation: &OrgName,
        note: &str,
        expires: Option<Timestamp>,
    ) -> Result<(Credential, String), NodeError> {
        let secret = random_token().map_err(|error| NodeError::Refused(error.to_string()))?;
        let digest = hex(&sha256(secret.as_bytes()));
        let credential = Credential {
            id: digest.get(..8).unwrap_or_default().to_owned(),
            organisation: organisation.clone(),
            note: note.to_owned(),
            purpose: ctx.purpose,
            created: ctx.now(),
            expires,
            revoked: None,
        };
        let key = format!("credential/{digest}");
        let bytes = serde_json::to_vec(&credential).map_err(NodeError::setting(&key))?;
        self.put_credential(ctx, (&key, None, &bytes), &credential, "key given to a tool")?;
        Ok((credential, secret))
    }

    /// Whose secret this is, when it is one and still counts.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn who_holds(&self, secret: &str, now: Timestamp) -> Result<Option<Credential>, NodeError> {
        // Found by its digest: how long the search takes tells nothing about a secret that is not known.
        let key = format!("credential/{}", hex(&sha256(secret.as_bytes())));
        let counts = |known: &Credential| known.revoked.is_none() && known.expires.is_none_or(|end| now < end);
        Ok(self.setting(&key)?.filter(counts))
    }

    /// Every secret ever given out, without the secrets.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn credentials(&self) -> Result<Vec<Credential>, NodeError> {
        let mut all: Vec<Credential> = self.settings("credential/")?;
        all.sort_by_key(|credential| credential.created);
        Ok(all)
    }

    /// Takes a secret back: from now on it opens nothing.
    ///
    /// # Errors
    /// When there is none of this number.
    pub fn revoke_credential(&self, ctx: &Ctx, id: &str) -> Result<Credential, NodeError> {
        self.may(ctx, Act::Tools, json!({"credential": id}))?;
        self.take_credential_back(ctx, id)
    }

    fn take_credential_back(&self, ctx: &Ctx, id: &str) -> Result<Credential, NodeError> {
        let rows = self.store.values(&format!("credential/{id}"))?;
        let [(key, bytes)] = rows.as_slice() else {
            return Err(NodeError::Refused(format!(
                "there is no credential {id}; list them with `comity peer tokens`"
            )));
        };
        let mut credential: Credential = serde_json::from_slice(bytes).map_err(NodeError::setting(key))?;
        credential.revoked.get_or_insert(ctx.now());
        let version = self.store.value(key)?.map(|(version, _)| version);
        let bytes = serde_json::to_vec(&credential).map_err(NodeError::setting(key))?;
        self.put_credential(ctx, (key, version, &bytes), &credential, "key of a tool taken back")?;
        Ok(credential)
    }

    fn put_credential(
        &self,
        ctx: &Ctx,
        (key, expected, value): (&str, Option<u64>, &[u8]),
        credential: &Credential,
        decided: &str,
    ) -> Result<(), NodeError> {
        let subject = json!({"credential": credential.id, "note": credential.note});
        let content = json!({"decided": decided, "peer": credential.organisation, "expires": credential.expires});
        let entries = [Deed::new(EntryKind::Role, subject, content).entry(ctx)?];
        let puts = [Put { key, expected, value }];
        self.store.write(&Change { puts: &puts, entries: &entries, ..Change::default() })?;
        Ok(())
    }
}
