use comity_base::Timestamp;
use comity_crypto::passkey::{Passkey, PasskeyError, PasskeyUser, RelyingParty, claimed};
use comity_crypto::{hex, hmac_sha256, random_bytes, sha256};
use comity_ledger::EntryKind;
use comity_policy::access::{Authority, Means};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::login::no_randomness;
use super::session::OWN;
use super::{LoginError, Signed};
use crate::{Act, Ctx, Deed, Node, NodeError};

/// A passkey of an account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AccountPasskey {
    /// Whose it is.
    pub account: String,
    /// What its owner calls it.
    pub label: String,
    /// The key.
    pub passkey: Passkey,
    /// Since when.
    pub since: Timestamp,
    /// When it last opened the door.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_used: Option<Timestamp>,
    /// Questions that it answered and that could still be asked: each counts once.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    answered: Vec<(String, Timestamp)>,
}

impl Node {
    /// Takes passkeys, as this relying party.
    #[must_use]
    pub fn with_passkeys(mut self, party: RelyingParty) -> Self {
        self.party = Some(party);
        self
    }

    /// What a browser is asked so that somebody sets up a passkey with an invitation.
    ///
    /// # Errors
    /// [`LoginError`] when the invitation does not count.
    pub fn ask_to_enrol(&self, ctx: &Ctx, name: &str, invitation: &str) -> Result<Value, NodeError> {
        self.must_be_invited(ctx, name, invitation)?;
        // What there was before is replaced: a device may make a new one.
        self.ask_to_add(ctx, name, &[])
    }

    /// Sets up a passkey with an invitation, in place of everything the account was shown by before. All sessions end, and
    /// all API keys of the account.
    ///
    /// # Errors
    /// [`LoginError`] when the invitation does not count, or the device's answer does not hold.
    pub fn enrol_passkey(
        &self,
        ctx: &Ctx,
        (name, invitation): (&str, &str),
        (label, answer): (&str, &str),
    ) -> Result<AccountPasskey, NodeError> {
        self.must_be_invited(ctx, name, invitation)?;
        let made = self.made(ctx, name, (label, answer))?;
        let ctx = ctx.acting_as(name, Authority::nobody());
        self.use_up_invitation(&ctx, name, invitation)?;
        self.forget_ways_in(name)?;
        self.keep_passkey(&ctx, &made)?;
        self.end_sessions_of(&ctx, name)?;
        self.revoke_keys_of(&ctx, name)?;
        Ok(made)
    }

    /// What a browser is asked so that somebody who is logged in adds a passkey.
    ///
    /// # Errors
    /// When an API key asks, or there are no passkeys here.
    pub fn ask_to_add_passkey(&self, ctx: &Ctx) -> Result<Value, NodeError> {
        self.may_about(ctx, Act::Keys, OWN, json!({"account": ctx.actor}))?;
        let known: Vec<Passkey> = self.all_passkeys(&ctx.actor)?.into_iter().map(|one| one.passkey).collect();
        self.ask_to_add(ctx, &ctx.actor, &known)
    }

    /// Adds a passkey to whoever is logged in.
    ///
    /// # Errors
    /// As [`Self::ask_to_add_passkey`], and when the device's answer does not hold.
    pub fn add_passkey(&self, ctx: &Ctx, label: &str, answer: &str) -> Result<AccountPasskey, NodeError> {
        self.may_about(ctx, Act::Keys, OWN, json!({"account": ctx.actor}))?;
        let made = self.made(ctx, &ctx.actor, (label, answer))?;
        self.keep_passkey(ctx, &made)?;
        Ok(made)
    }

    /// The passkeys of an account.
    ///
    /// # Errors
    /// When whoever asks may not see them.
    pub fn passkeys_of(&self, ctx: &Ctx, account: &str) -> Result<Vec<AccountPasskey>, NodeError> {
        self.may_see(ctx, account)?;
        self.all_passkeys(account)
    }

    /// Takes a passkey of an account away.
    ///
    /// # Errors
    /// When whoever asks may not, or there is no such passkey.
    pub fn remove_passkey(&self, ctx: &Ctx, account: &str, id: &str) -> Result<(), NodeError> {
        let subject = json!({"account": account});
        if account == ctx.actor {
            self.may_about(ctx, Act::Keys, OWN, subject)?;
        } else {
            self.may(ctx, Act::AccountChange, subject)?;
        }
        let found = self.all_passkeys(account)?.into_iter().find(|one| one.passkey.id == id);
        let Some(found) = found else { return Err(NodeError::Refused(format!("{account} has no such passkey"))) };
        self.drop_passkey(&found)?;
        self.record(ctx, about("passkey removed", &found))
    }

    /// What a browser is asked so that somebody logs in by a passkey. It does not say, or ask, who.
    ///
    /// # Errors
    /// When there are no passkeys here.
    pub fn ask_to_log_in(&self, ctx: &Ctx) -> Result<Value, NodeError> {
        Ok(self.party()?.ask_to_show(&self.challenge(ctx, SHOW)?))
    }

    /// Logs in by a passkey. The token counts in this place only.
    ///
    /// # Errors
    /// [`LoginError`]; of a passkey that is known here, each attempt is on record.
    pub fn log_in_by_passkey(&self, ctx: &Ctx, answer: &str, place: &str) -> Result<Signed, NodeError> {
        let wrong = || NodeError::from(LoginError::Wrong);
        let (id, challenge) = claimed(answer).map_err(|_| wrong())?;
        let Some(known) = self.setting::<AccountPasskey>(&key(&id))? else { return Err(wrong()) };
        let name = known.account.clone();
        let shown = if self.is_fresh(ctx, &challenge, SHOW) {
            self.party()?.shown(&challenge, answer, &known.passkey)
        } else {
            Err(PasskeyError::Elsewhere)
        };
        let shown = shown.ok().filter(|_| self.may_log_in(&name).unwrap_or(false));
        let Some(shown) = shown else {
            self.refuse(ctx, &name, "passkey")?;
            return Err(wrong());
        };
        let (once, now) = (hex(&sha256(&challenge)), ctx.now());
        // A question is answered once, also when two come with the answer at the same moment, and a count goes on only.
        let used = |kept: Option<AccountPasskey>| {
            let is_old = |kept: &AccountPasskey| {
                kept.passkey != known.passkey || kept.answered.iter().any(|(it, _)| *it == once)
            };
            let kept = kept.filter(|kept| !is_old(kept)).ok_or_else(wrong)?;
            let mut answered: Vec<_> = kept.answered.into_iter().filter(|(_, until)| *until > now).collect();
            answered.push((once.clone(), until(now)));
            Ok(AccountPasskey { passkey: shown.clone(), last_used: Some(now), answered, ..kept })
        };
        if let Err(error) = self.change_setting(&key(&id), used, &[]) {
            self.refuse(ctx, &name, "passkey, again")?;
            return Err(error);
        }
        let ctx = ctx.acting_as(&name, Authority::nobody());
        self.begin_session(&ctx, &name, (Means::Passkey, place), None)
    }

    pub(super) fn all_passkeys(&self, account: &str) -> Result<Vec<AccountPasskey>, NodeError> {
        let mut all: Vec<AccountPasskey> = self.settings(PASSKEY)?;
        // One that was removed belongs to nobody.
        all.retain(|one| one.account == account);
        all.sort_by_key(|one| one.since);
        Ok(all)
    }

    fn party(&self) -> Result<&RelyingParty, NodeError> {
        let none = || {
            NodeError::Refused("this node has no address that passkeys could be bound to: `url` under [network]".into())
        };
        self.party.as_ref().ok_or_else(none)
    }

    fn ask_to_add(&self, ctx: &Ctx, name: &str, known: &[Passkey]) -> Result<Value, NodeError> {
        let Some(account) = self.account(name)? else { return Err(LoginError::Wrong.into()) };
        let handle = hmac_sha256(&self.derived_key("passkey handles"), name.as_bytes());
        let user = PasskeyUser { handle: &handle, name, full_name: &account.full_name };
        Ok(self.party()?.ask_to_add(&self.challenge(ctx, name)?, user, known))
    }

    /// The passkey that a device made for an account.
    fn made(&self, ctx: &Ctx, name: &str, (label, answer): (&str, &str)) -> Result<AccountPasskey, NodeError> {
        let told = |error: PasskeyError| NodeError::from(LoginError::Passkey(error));
        let (_, challenge) = claimed(answer).map_err(told)?;
        if !self.is_fresh(ctx, &challenge, name) {
            return Err(told(PasskeyError::Elsewhere));
        }
        let passkey = self.party()?.added(&challenge, answer).map_err(told)?;
        let label: String = label.chars().filter(|c| !c.is_control()).take(MOST_LABEL).collect();
        let (account, since) = (name.to_owned(), ctx.now());
        Ok(AccountPasskey { account, label, passkey, since, last_used: None, answered: Vec::new() })
    }

    fn keep_passkey(&self, ctx: &Ctx, made: &AccountPasskey) -> Result<(), NodeError> {
        let name = key(&made.passkey.id);
        // Numbers are random, of at least 16 bytes: one that is taken is no accident.
        let taken = |known: Option<AccountPasskey>| match known.filter(|known| !known.account.is_empty()) {
            None => Ok(made.clone()),
            Some(_) => Err(NodeError::from(LoginError::Wrong)),
        };
        self.change_setting(&name, taken, &[about("passkey added", made).entry(ctx)?]).map(drop)
    }

    /// What is left of a passkey that was removed belongs to nobody and opens nothing.
    pub(super) fn drop_passkey(&self, one: &AccountPasskey) -> Result<(), NodeError> {
        let nobody = AccountPasskey { account: String::new(), label: String::new(), ..one.clone() };
        self.keep_setting(&key(&one.passkey.id), &nobody)
    }

    /// A question that only this node can have asked, for this, and that counts for five minutes.
    fn challenge(&self, ctx: &Ctx, of: &str) -> Result<Vec<u8>, NodeError> {
        let random = random_bytes::<16>().map_err(no_randomness)?;
        let content = [&until(ctx.now()).as_micros().to_be_bytes()[..], &random].concat();
        Ok(self.factor_key.seal(&[b"challenge", of.as_bytes()], &content))
    }

    fn is_fresh(&self, ctx: &Ctx, challenge: &[u8], of: &str) -> bool {
        let content = self.factor_key.open(&[b"challenge", of.as_bytes()], challenge);
        let until = content.as_deref().and_then(|content| content.first_chunk::<8>()).map(|at| i64::from_be_bytes(*at));
        until.is_some_and(|until| until > ctx.now().as_micros())
    }
}

fn about(what: &str, one: &AccountPasskey) -> Deed {
    let subject = json!({"account": one.account, "passkey": key(&one.passkey.id), "label": one.label});
    Deed { kind: EntryKind::Role, ..Deed::decision(what, subject) }
}

fn until(now: Timestamp) -> Timestamp {
    Timestamp::from_micros(now.as_micros().saturating_add(FRESH))
}

fn key(id: &str) -> String {
    format!("{PASSKEY}{}", hex(&sha256(id.as_bytes())))
}

const PASSKEY: &str = "passkey/";
/// What a challenge for logging in is bound to; no account has such a name.
const SHOW: &str = "(show)";
/// How long a question may be answered, in microseconds.
const FRESH: i64 = 5 * 60 * 1_000_000;
const MOST_LABEL: usize = 60;
