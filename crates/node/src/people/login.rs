use comity_base::Timestamp;
use comity_crypto::passkey::PasskeyError;
use comity_crypto::{
    PasswordHash, TotpSecret, Zeroizing, base64url, hex, hmac_sha256, random_bytes, sha256, unbase64url,
};
use comity_ledger::EntryKind;
use comity_policy::access::{Authority, Means, Role};
use comity_store::NewEntry;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::session::OWN;
use super::{Account, AccountState, Signed};
use crate::{Act, Ctx, Deed, Node, NodeError};

/// What an account shows who it is by: kept apart from the account, and never shown.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Factors {
    #[serde(default)]
    password: Option<PasswordHash>,
    /// The secret of one-time codes, sealed.
    #[serde(default)]
    totp: Option<String>,
    /// The newest step whose code was used.
    #[serde(default)]
    used_step: Option<u64>,
    /// SHA-256 of recovery codes that were not used yet.
    #[serde(default)]
    recovery: Vec<String>,
    /// A one-time code to set this up with: its SHA-256, and until when it counts.
    #[serde(default)]
    invitation: Option<(String, Timestamp)>,
    /// Attempts in a row that failed, and when the last one did.
    #[serde(default)]
    failures: u32,
    #[serde(default)]
    failed_at: Option<Timestamp>,
}

/// What somebody shows to log in.
#[derive(Clone, Debug)]
pub enum Proof {
    /// A password and a one-time code.
    Password {
        /// The password.
        password: Zeroizing<String>,
        /// Six digits of an authenticator, or a recovery code.
        code: Zeroizing<String>,
    },
}

/// What was set up for an account; shown once.
#[derive(Clone, Debug)]
pub struct Enrolled {
    /// The secret for an authenticator, as an `otpauth` address.
    pub authenticator: Zeroizing<String>,
    /// Codes that each count once in place of the authenticator's.
    pub recovery: Vec<Zeroizing<String>>,
}

/// Somebody could not log in. It does not say whether there is such an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LoginError {
    /// Name, password or code is wrong, or the account may not act.
    #[error("that is not right, or the account may not log in; nothing more is said about which")]
    Wrong,
    /// There were too many attempts.
    #[error("too many attempts have failed; try again in {0} s")]
    Wait(i64),
    /// The answer of a device does not hold.
    #[error(transparent)]
    Passkey(PasskeyError),
    /// A password that is too short.
    #[error("the password needs at least {0} characters")]
    Short(usize),
    /// A password that is tried early.
    #[error(
        "the password is one of those that are tried first: a known one, a name of this place, a row of keys. Several words \
         that do not belong together are better"
    )]
    Guessable,
}

impl Node {
    /// Makes a code by which whoever gets it sets up how they log in, once, within three days. What was set up before
    /// counts until then.
    ///
    /// # Errors
    /// When whoever asks may not, there is no such account, or it is a program's.
    pub fn invite_account(&self, ctx: &Ctx, name: &str) -> Result<Zeroizing<String>, NodeError> {
        self.may(ctx, Act::AccountChange, json!({"account": name}))?;
        if self.known_account(name)?.roles.has(Role::Service) {
            return Err(NodeError::Refused(format!("{name} is a program: it has API keys and does not log in")));
        }
        let code = Zeroizing::new(base64url(&random_bytes::<18>().map_err(no_randomness)?));
        let until = Timestamp::from_micros(ctx.now().as_micros().saturating_add(INVITATION));
        let invitation = Some((hex(&sha256(code.as_bytes())), until));
        let deed = Deed::decision("invited to set up a log-in", json!({"account": name}));
        let entries = [Deed { kind: EntryKind::Role, ..deed }.entry(ctx)?];
        let invited =
            |known: Option<Factors>| Ok(Factors { invitation: invitation.clone(), ..known.unwrap_or_default() });
        self.change_setting(&key(name), invited, &entries)?;
        Ok(code)
    }

    /// Whether anybody has set up a log-in here.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn has_log_ins(&self) -> Result<bool, NodeError> {
        for account in self.all_accounts()? {
            let factors: Option<Factors> = self.setting(&key(&account.name))?;
            let has_password = factors.is_some_and(|factors| factors.password.is_some());
            if has_password
                || !self.all_passkeys(&account.name)?.is_empty()
                || !self.all_provider_links(&account.name)?.is_empty()
            {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Sets up a password and an authenticator with an invitation, in place of what there was. All sessions end, and all
    /// API keys of the account: whoever had got hold of it has nothing left.
    ///
    /// # Errors
    /// [`LoginError`] when the invitation does not count or the password is too short.
    pub fn enrol(&self, ctx: &Ctx, name: &str, invitation: &str, password: &str) -> Result<Enrolled, NodeError> {
        // A code of 144 random bits is not guessed, however often: trying costs nothing else.
        self.must_be_invited(ctx, name, invitation)?;
        self.must_be_strong(ctx, name, password)?;
        let totp = TotpSecret::generate().map_err(no_randomness)?;
        let mut recovery = Vec::with_capacity(RECOVERY);
        for _ in 0..RECOVERY {
            recovery.push(Zeroizing::new(base64url(&random_bytes::<16>().map_err(no_randomness)?)));
        }
        let factors = Factors {
            password: Some(PasswordHash::new(password, self.password_cost).map_err(no_randomness)?),
            totp: Some(base64url(&self.factor_key.seal(&[b"totp", name.as_bytes()], totp.bytes()))),
            recovery: recovery.iter().map(|code| hex(&sha256(code.as_bytes()))).collect(),
            ..Factors::default()
        };
        let ctx = ctx.acting_as(name, Authority::nobody());
        let deed = Deed::decision("log-in set up", json!({"account": name}));
        let entries = [Deed { kind: EntryKind::Role, ..deed }.entry(&ctx)?];
        self.set_up(&ctx, name, invitation, (&factors, &entries))?;
        self.forget_ways_in(name)?;
        self.end_sessions_of(&ctx, name)?;
        self.revoke_keys_of(&ctx, name)?;
        let issuer = ctx.organisation.as_str();
        let secret = totp.to_base32();
        let authenticator = format!("otpauth://totp/{issuer}:{name}?secret={}&issuer={issuer}", *secret);
        Ok(Enrolled { authenticator: Zeroizing::new(authenticator), recovery })
    }

    /// Puts another password in the place of one's own. Every session of the account ends.
    ///
    /// # Errors
    /// [`LoginError`] when the old one is not right, or the new one is too easy.
    pub fn change_password(&self, ctx: &Ctx, old: &str, new: &str) -> Result<(), NodeError> {
        let name = ctx.actor.as_str();
        self.may_about(ctx, Act::Keys, OWN, json!({"account": name}))?;
        // Trying passwords that are too easy is no attempt to come in.
        self.must_be_strong(ctx, name, new)?;
        let factors = self.attempt(ctx, name)?;
        if !factors.password.as_ref().is_some_and(|hash| hash.fits(old)) {
            self.refuse(ctx, name, "password, to change it")?;
            return Err(LoginError::Wrong.into());
        }
        let hash = PasswordHash::new(new, self.password_cost).map_err(no_randomness)?;
        let deed = Deed::decision("password changed", json!({"account": name}));
        let entries = [Deed { kind: EntryKind::Role, ..deed }.entry(ctx)?];
        let changed = |known: Option<Factors>| {
            // What was set up anew meanwhile counts.
            let known = known.filter(|known| known.password == factors.password).ok_or(LoginError::Wrong)?;
            Ok(Factors { password: Some(hash.clone()), failures: 0, failed_at: None, ..known })
        };
        self.change_setting(&key(name), changed, &entries)?;
        self.end_sessions_of(ctx, name).map(drop)
    }

    /// Whether an account has a password.
    ///
    /// # Errors
    /// When whoever asks may not see it.
    pub fn has_password(&self, ctx: &Ctx, account: &str) -> Result<bool, NodeError> {
        self.may_see(ctx, account)?;
        Ok(self.factors(account)?.password.is_some())
    }

    /// A password must be long, and none that somebody who knows the account and the place would try (NIST SP 800-63B-4,
    /// section 3.1.1.2).
    fn must_be_strong(&self, ctx: &Ctx, name: &str, password: &str) -> Result<(), NodeError> {
        if password.chars().count() < SHORTEST {
            return Err(LoginError::Short(SHORTEST).into());
        }
        let account = self.account(name)?.map(|account| account.full_name).unwrap_or_default();
        let place = self.full_name().unwrap_or_default();
        let mut known = vec![name, ctx.organisation.as_str(), "comity"];
        let words = account.split_whitespace().chain(place.split_whitespace());
        known.extend(words.filter(|word| word.chars().count() > 2));
        if zxcvbn::zxcvbn(password, &known).score() < zxcvbn::Score::Four {
            return Err(LoginError::Guessable.into());
        }
        Ok(())
    }

    /// Whether this invitation counts for this account. A guess goes on record where there is one to be guessed: strangers
    /// who try for accounts that nobody invited leave nothing behind.
    pub(super) fn must_be_invited(&self, ctx: &Ctx, name: &str, invitation: &str) -> Result<(), NodeError> {
        let factors = self.factors(name)?;
        if factors.invites(invitation, ctx.now()) && self.may_log_in(name)? {
            return Ok(());
        }
        if factors.invitation.is_some_and(|(_, until)| ctx.now() < until) {
            self.refuse(ctx, name, "invitation")?;
        }
        Err(LoginError::Wrong.into())
    }

    /// Uses an invitation for something else than a password: what there was counts no more.
    pub(super) fn use_up_invitation(&self, ctx: &Ctx, name: &str, invitation: &str) -> Result<(), NodeError> {
        let deed = Deed::decision("log-in set up", json!({"account": name}));
        let entries = [Deed { kind: EntryKind::Role, ..deed }.entry(ctx)?];
        self.set_up(ctx, name, invitation, (&Factors::default(), &entries))
    }

    /// An invitation counts once, also when two come with it at the same moment.
    fn set_up(
        &self,
        ctx: &Ctx,
        name: &str,
        invitation: &str,
        (factors, entries): (&Factors, &[NewEntry]),
    ) -> Result<(), NodeError> {
        let set_up = |known: Option<Factors>| match known {
            Some(known) if known.invites(invitation, ctx.now()) => Ok(factors.clone()),
            _ => Err(LoginError::Wrong.into()),
        };
        self.change_setting(&key(name), set_up, entries).map(drop)
    }

    /// Logs in. The token counts in this place only.
    ///
    /// # Errors
    /// [`LoginError`]; each attempt is on record.
    pub fn log_in(&self, ctx: &Ctx, name: &str, proof: &Proof, place: &str) -> Result<Signed, NodeError> {
        let Proof::Password { password, code } = proof;
        let factors = self.attempt(ctx, name)?;
        // A password is tried whether or not there is such an account: how long it takes tells nothing.
        let fits = if let Some(hash) = &factors.password {
            hash.fits(password)
        } else {
            drop(PasswordHash::new(password, self.password_cost));
            false
        };
        if !fits || self.use_code(name, &factors, code, ctx.now()).is_none() || !self.may_log_in(name)? {
            self.refuse(ctx, name, "password")?;
            return Err(LoginError::Wrong.into());
        }
        // A code counts once, also when two come with it at the same moment; and what was set up anew meanwhile counts.
        let used = |known: Option<Factors>| {
            let same = known.filter(|known| known.password == factors.password);
            let used = same.and_then(|known| self.use_code(name, &known, code, ctx.now()));
            used.ok_or_else(|| LoginError::Wrong.into())
        };
        self.change_setting(&key(name), used, &[])?;
        let ctx = ctx.acting_as(name, Authority::nobody());
        self.begin_session(&ctx, name, (Means::Password, place), None)
    }

    /// The factors once a code was used, when it is one.
    fn use_code(&self, name: &str, factors: &Factors, code: &str, now: Timestamp) -> Option<Factors> {
        let code = code.trim();
        let kept = Factors { failures: 0, failed_at: None, ..factors.clone() };
        let digest = hex(&sha256(code.as_bytes()));
        if factors.recovery.contains(&digest) {
            let recovery = factors.recovery.iter().filter(|known| **known != digest).cloned().collect();
            return Some(Factors { recovery, ..kept });
        }
        let sealed = unbase64url(factors.totp.as_deref()?)?;
        let secret = self.factor_key.open(&[b"totp", name.as_bytes()], &sealed).map(Zeroizing::new)?;
        let seconds = u64::try_from(now.as_micros().div_euclid(1_000_000)).ok()?;
        let step = TotpSecret::from_bytes(&secret).step_of(code, seconds, factors.used_step)?;
        Some(Factors { used_step: Some(step), ..kept })
    }

    /// What an account shows who it is by, with one more attempt counted before anything is tried: many at once are as many.
    /// Names that are no accounts share a few counters, so that they wait as accounts do.
    fn attempt(&self, ctx: &Ctx, name: &str) -> Result<Factors, NodeError> {
        let is_account = self.account(name)?.is_some();
        // Nobody outside can tell which names share one.
        let bucket = || {
            hex(&hmac_sha256(&self.derived_key("attempts"), name.as_bytes())).get(..4).unwrap_or_default().to_owned()
        };
        let at = if is_account { key(name) } else { format!("attempts/{}", bucket()) };
        let now = ctx.now();
        let counted = |known: Option<Factors>| {
            let known = known.unwrap_or_default();
            let wait = known.wait(now);
            if wait > 0 {
                return Err(LoginError::Wait(wait).into());
            }
            // A counter that names share is forgotten after the longest wait.
            let is_old = known.failed_at.is_some_and(|last| seconds_since(last, now) > LONGEST_WAIT);
            let failures = if is_old && !is_account { 1 } else { known.failures.saturating_add(1) };
            Ok(Factors { failures, failed_at: Some(now), ..known })
        };
        self.change_setting(&at, counted, &[])
    }

    /// Puts a refused attempt on record. Of what is no account it is not said what it was: it may be a password.
    pub(super) fn refuse(&self, ctx: &Ctx, name: &str, at: &str) -> Result<(), NodeError> {
        let known = self.account(name)?.is_some();
        let subject = json!({"account": known.then_some(name)});
        self.record(ctx, Deed::new(EntryKind::Login, subject, json!({"outcome": "refused", "at": at})))
    }

    pub(super) fn may_log_in(&self, name: &str) -> Result<bool, NodeError> {
        Ok(self.account(name)?.is_some_and(|account| account.state == AccountState::Active))
    }

    /// Whether somebody can show that they are this account.
    pub(super) fn can_come_in(&self, account: &Account) -> Result<bool, NodeError> {
        Ok(account.system.is_some()
            || self.factors(&account.name)?.password.is_some()
            || !self.all_passkeys(&account.name)?.is_empty()
            || self.all_provider_links(&account.name)?.iter().any(|link| self.provider.as_ref() == Some(&link.issuer)))
    }

    fn factors(&self, name: &str) -> Result<Factors, NodeError> {
        Ok(self.setting(&key(name))?.unwrap_or_default())
    }
}

impl Factors {
    fn invites(&self, invitation: &str, now: Timestamp) -> bool {
        let digest = hex(&sha256(invitation.trim().as_bytes()));
        self.invitation.as_ref().is_some_and(|(known, until)| *known == digest && now < *until)
    }

    /// Seconds to wait until the next attempt: 30 after five failures in a row, then a minute, two, up to an hour.
    fn wait(&self, now: Timestamp) -> i64 {
        let Some(last) = self.failed_at.filter(|_| self.failures >= FREE) else { return 0 };
        let wait = (30_i64 << (self.failures - FREE).min(7)).min(LONGEST_WAIT);
        (wait - seconds_since(last, now)).max(0)
    }
}

fn seconds_since(then: Timestamp, now: Timestamp) -> i64 {
    now.as_micros().saturating_sub(then.as_micros()).div_euclid(1_000_000)
}

fn key(name: &str) -> String {
    format!("factors/{name}")
}

pub(super) fn no_randomness(error: comity_crypto::NoRandomness) -> NodeError {
    NodeError::Refused(error.to_string())
}

/// Fewest characters of a password (NIST SP 800-63B-4, section 3.1.1.2, for one of two factors: 8).
const SHORTEST: usize = 12;
const RECOVERY: usize = 10;
/// Seconds.
const LONGEST_WAIT: i64 = 3_600;
/// Attempts in a row that cost nothing.
const FREE: u32 = 5;
const INVITATION: i64 = 3 * 24 * 3_600 * 1_000_000;
