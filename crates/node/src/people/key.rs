use std::collections::BTreeSet;

use comity_base::Timestamp;
use comity_crypto::{hex, random_token, sha256};
use comity_ledger::EntryKind;
use comity_policy::access::{About, Authority, Means};
use comity_store::{Change, Put};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::Account;
use crate::{Act, Ctx, Deed, Node, NodeError};

/// An API key: by it a program acts for an account, within a scope and a time. Only the SHA-256 of the secret is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ApiKey {
    /// A number for people: the first digits of its digest.
    pub id: String,
    /// For whom it acts.
    pub account: String,
    /// Who made it.
    pub made_by: String,
    /// What for.
    pub note: String,
    /// What it may do, of what the account may.
    pub scope: BTreeSet<Act>,
    /// Since when.
    pub created: Timestamp,
    /// Until when.
    pub expires: Timestamp,
    /// The hour it was last used in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_used: Option<Timestamp>,
    /// When it was taken back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revoked: Option<Timestamp>,
}

/// A key to be made.
#[derive(Clone, Debug)]
pub struct NewKey {
    /// For whom it acts.
    pub account: String,
    /// What for.
    pub note: String,
    /// What it may do.
    pub scope: BTreeSet<Act>,
    /// Days it counts.
    pub days: u16,
}

impl Node {
    /// Makes an API key for one's own account, or a program's that one added. The secret is returned once and never shown again.
    ///
    /// # Errors
    /// When whoever asks may not, the scope is empty, or the time is none or longer than a year.
    pub fn add_key(&self, ctx: &Ctx, new: &NewKey) -> Result<(ApiKey, String), NodeError> {
        self.may_key(ctx, &new.account)?;
        if new.scope.is_empty() {
            return Err(NodeError::Refused("a key that may do nothing is no key; say what with --may".into()));
        }
        if new.days == 0 || new.days > MOST_DAYS {
            return Err(NodeError::Refused(format!("a key counts for 1 to {MOST_DAYS} days")));
        }
        let secret = random_token().map_err(|error| NodeError::Refused(error.to_string()))?;
        let digest = hex(&sha256(secret.as_bytes()));
        let (now, lasts) = (ctx.now(), i64::from(new.days) * DAY);
        let key = ApiKey {
            id: digest.get(..8).unwrap_or_default().to_owned(),
            account: new.account.clone(),
            made_by: ctx.actor.clone(),
            note: new.note.clone(),
            scope: new.scope.clone(),
            created: now,
            expires: Timestamp::from_micros(now.as_micros().saturating_add(lasts)),
            last_used: None,
            revoked: None,
        };
        self.put_key(ctx, (&digest, None), &key, "API key made")?;
        Ok((key, secret))
    }

    /// Every API key of an account, without the secrets.
    ///
    /// # Errors
    /// When whoever asks may not.
    pub fn keys_of_account(&self, ctx: &Ctx, account: &str) -> Result<Vec<ApiKey>, NodeError> {
        self.may_see(ctx, account)?;
        let mut all: Vec<ApiKey> = self.settings(KEYS)?;
        all.retain(|key| key.account == account);
        all.sort_by_key(|key| key.created);
        Ok(all)
    }

    /// Takes an API key back: from now on it opens nothing.
    ///
    /// # Errors
    /// When whoever asks may not, or there is none of this number.
    pub fn revoke_key(&self, ctx: &Ctx, id: &str) -> Result<ApiKey, NodeError> {
        // Half a number could be that of somebody else's key.
        let rows = if id.len() >= ID { self.store.values(&format!("{KEYS}{id}"))? } else { Vec::new() };
        let [(name, bytes)] = rows.as_slice() else {
            return Err(NodeError::Refused(format!("there is no API key {id}; list them with `comity account keys`")));
        };
        let mut key: ApiKey = serde_json::from_slice(bytes).map_err(NodeError::setting(name))?;
        // Whoever keeps accounts may take any back; a leaked key must not wait for its owner.
        if key.account == ctx.actor {
            self.may_about(ctx, Act::Keys, About { own: true, alone: false }, json!({"key": id}))?;
        } else {
            self.may(ctx, Act::AccountChange, json!({"key": id}))?;
        }
        key.revoked.get_or_insert(ctx.now());
        let version = self.store.value(name)?.map(|(version, _)| version);
        self.put_key(ctx, (name.trim_start_matches(KEYS), version), &key, "API key taken back")?;
        Ok(key)
    }

    /// Who acts with this secret, when it is one and still counts.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn who_has_key(&self, secret: &str, now: Timestamp) -> Result<Option<(String, Authority)>, NodeError> {
        let name = format!("{KEYS}{}", hex(&sha256(secret.as_bytes())));
        let known = self.versioned::<ApiKey>(&name)?;
        let Some((version, key)) = known.filter(|(_, key)| key.revoked.is_none() && now < key.expires) else {
            return Ok(None);
        };
        // Who made a key for a program does not act as a person, whatever the account has become.
        let counts = |account: &Account| key.made_by == account.name || account.is_program();
        let Some(account) = self.account(&key.account)?.filter(counts) else { return Ok(None) };
        self.note_use(&name, (version, &key), now)?;
        Ok(Some((account.name.clone(), Authority { scope: Some(key.scope), ..account.authority(Means::Key) })))
    }

    /// Notes once an hour that a key is in use.
    fn note_use(&self, name: &str, (version, key): (u64, &ApiKey), now: Timestamp) -> Result<(), NodeError> {
        let hour = Timestamp::from_micros(now.as_micros().div_euclid(HOUR) * HOUR);
        if key.last_used.is_some_and(|last| last >= hour) {
            return Ok(());
        }
        self.note_setting(name, (version, &ApiKey { last_used: Some(hour), ..key.clone() }))
    }

    fn may_key(&self, ctx: &Ctx, name: &str) -> Result<(), NodeError> {
        let account = self.known_account(name)?;
        let own = account.name == ctx.actor || account.added_by == ctx.actor && account.is_program();
        self.may_about(ctx, Act::Keys, About { own, alone: false }, json!({"account": name}))
    }

    /// Takes back every key of an account that is set up anew: whoever it was taken from may have made some.
    pub(super) fn revoke_keys_of(&self, ctx: &Ctx, account: &str) -> Result<(), NodeError> {
        for (name, bytes) in self.store.values(KEYS)? {
            let key: ApiKey = serde_json::from_slice(&bytes).map_err(NodeError::setting(&name))?;
            if key.account == account && key.revoked.is_none() {
                let version = self.store.value(&name)?.map(|(version, _)| version);
                let revoked = ApiKey { revoked: Some(ctx.now()), ..key };
                self.put_key(ctx, (name.trim_start_matches(KEYS), version), &revoked, "API key taken back")?;
            }
        }
        Ok(())
    }

    fn put_key(
        &self,
        ctx: &Ctx,
        (digest, expected): (&str, Option<u64>),
        key: &ApiKey,
        decided: &str,
    ) -> Result<(), NodeError> {
        let name = format!("{KEYS}{digest}");
        let value = serde_json::to_vec(key).map_err(NodeError::setting(&name))?;
        let subject = json!({"account": key.account, "key": key.id, "note": key.note});
        let deed =
            Deed::decision(decided, subject).and("scope", json!(key.scope)).and("expires", key.expires.to_string());
        let entries = [Deed { kind: EntryKind::Role, ..deed }.entry(ctx)?];
        let puts = [Put { key: &name, expected, value: &value }];
        self.store.write(&Change { puts: &puts, entries: &entries, ..Change::default() })?;
        Ok(())
    }
}

const KEYS: &str = "api-key/";
/// Digits of a key's number.
const ID: usize = 8;
const HOUR: i64 = 3_600 * 1_000_000;
const DAY: i64 = 24 * HOUR;
const MOST_DAYS: u16 = 366;
