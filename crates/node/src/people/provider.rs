use comity_base::Timestamp;
use comity_crypto::{hex, sha256};
use comity_ledger::EntryKind;
use comity_policy::access::{Authority, Means};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{LoginError, Signed};
use crate::{Ctx, Deed, Node, NodeError};

/// An account that the organisation's identity provider knows under a name of its own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProviderLink {
    /// Which account; nobody's, once it was removed.
    pub account: String,
    /// Which provider.
    pub issuer: String,
    /// How it calls them.
    pub subject: String,
    /// Since when.
    pub since: Timestamp,
    /// When it last opened the door.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_used: Option<Timestamp>,
}

impl Node {
    /// Whose statements about people are taken, when the organisation has an identity provider.
    #[must_use]
    pub fn with_provider(mut self, issuer: Option<String>) -> Self {
        self.provider = issuer;
        self
    }

    /// Whether somebody with an invitation may set up how they log in.
    ///
    /// # Errors
    /// [`LoginError`] when the invitation does not count.
    pub fn check_invitation(&self, ctx: &Ctx, name: &str, invitation: &str) -> Result<(), NodeError> {
        self.must_be_invited(ctx, name, invitation)
    }

    /// Sets up that an account logs in at the provider that said who sits there, with an invitation, in place of
    /// everything the account was shown by before. All sessions end, and all API keys of the account.
    ///
    /// # Errors
    /// [`LoginError`] when the invitation does not count, or whom the provider speaks of is another account.
    pub fn enrol_by_provider(
        &self,
        ctx: &Ctx,
        (name, invitation): (&str, &str),
        (issuer, subject): (&str, &str),
    ) -> Result<ProviderLink, NodeError> {
        self.must_be_invited(ctx, name, invitation)?;
        let setting = key(issuer, subject);
        let known = self.setting::<ProviderLink>(&setting)?.filter(|known| !known.account.is_empty());
        // An account that may not come in any more holds nobody's place.
        if let Some(known) = known.filter(|known| known.account != name)
            && self.may_log_in(&known.account)?
        {
            return Err(LoginError::Wrong.into());
        }
        let ctx = ctx.acting_as(name, Authority::nobody());
        self.use_up_invitation(&ctx, name, invitation)?;
        self.forget_ways_in(name)?;
        let (issuer, subject) = (issuer.to_owned(), subject.to_owned());
        let link = ProviderLink { account: name.to_owned(), issuer, subject, since: ctx.now(), last_used: None };
        let told = json!({"account": name, "issuer": link.issuer});
        let deed = Deed { kind: EntryKind::Role, ..Deed::decision("identity provider linked", told) };
        self.change_setting(&setting, |_: Option<ProviderLink>| Ok(link.clone()), &[deed.entry(&ctx)?])?;
        self.end_sessions_of(&ctx, name)?;
        self.revoke_keys_of(&ctx, name)?;
        Ok(link)
    }

    /// Logs in whoever the provider says sits there, and when they showed it that. The token counts in this place only.
    ///
    /// # Errors
    /// [`LoginError::Wrong`] when that is nobody here, or may not; of whom is known here, it is on record.
    pub fn log_in_by_provider(
        &self,
        ctx: &Ctx,
        (issuer, subject): (&str, &str),
        (place, shown): (&str, Timestamp),
    ) -> Result<Signed, NodeError> {
        let setting = key(issuer, subject);
        let known = self.setting::<ProviderLink>(&setting)?.filter(|known| !known.account.is_empty());
        let Some(known) = known else { return Err(LoginError::Wrong.into()) };
        if !self.may_log_in(&known.account)? {
            self.refuse(ctx, &known.account, "identity provider")?;
            return Err(LoginError::Wrong.into());
        }
        let now = ctx.now();
        // What was removed meanwhile opens nothing.
        let used = |kept: Option<ProviderLink>| {
            let kept = kept.filter(|kept| kept.account == known.account).ok_or(LoginError::Wrong)?;
            Ok(ProviderLink { last_used: Some(now), ..kept })
        };
        self.change_setting(&setting, used, &[])?;
        let ctx = ctx.acting_as(&known.account, Authority::nobody());
        self.begin_session(&ctx, &known.account, (Means::Provider, place), Some(shown))
    }

    /// How a provider knows an account.
    ///
    /// # Errors
    /// When whoever asks may not see it.
    pub fn provider_links_of(&self, ctx: &Ctx, account: &str) -> Result<Vec<ProviderLink>, NodeError> {
        self.may_see(ctx, account)?;
        self.all_provider_links(account)
    }

    pub(super) fn all_provider_links(&self, account: &str) -> Result<Vec<ProviderLink>, NodeError> {
        let mut all: Vec<ProviderLink> = self.settings(LINK)?;
        all.retain(|one| one.account == account);
        Ok(all)
    }

    /// What an account was shown by besides a password: none of it counts any more.
    pub(super) fn forget_ways_in(&self, name: &str) -> Result<(), NodeError> {
        for old in self.all_passkeys(name)? {
            self.drop_passkey(&old)?;
        }
        for old in self.all_provider_links(name)? {
            let setting = key(&old.issuer, &old.subject);
            self.keep_setting(&setting, &ProviderLink { account: String::new(), subject: String::new(), ..old })?;
        }
        Ok(())
    }
}

fn key(issuer: &str, subject: &str) -> String {
    format!("{LINK}{}", hex(&sha256(format!("{issuer}\n{subject}").as_bytes())))
}

const LINK: &str = "provider/";
