use comity_base::Timestamp;
use comity_crypto::{PasswordHash, TotpSecret, Zeroizing, base64url, hex, random_bytes, sha256, unbase64url};
use comity_ledger::EntryKind;
use comity_policy::access::Means;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{AccountState, Signed};
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
    /// A password that is too easy.
    #[error("the password needs at least {0} characters")]
    Short(usize),
}

impl Node {
    /// Makes a code by which whoever gets it sets up how they log in, once, within three days. What was set up before
    /// counts until then.
    ///
    /// # Errors
    /// When whoever asks may not, or there is no such account.
    pub fn invite_account(&self, ctx: &Ctx, name: &str) -> Result<Zeroizing<String>, NodeError> {
        self.may(ctx, Act::AccountChange, json!({"account": name}))?;
        self.known_account(name)?;
        let code = Zeroizing::new(base64url(&random_bytes::<18>().map_err(no_randomness)?));
        let until = Timestamp::from_micros(ctx.now().as_micros().saturating_add(INVITATION));
        let invitation = Some((hex(&sha256(code.as_bytes())), until));
        let factors = Factors { invitation, ..self.factors(name)? };
        let deed = Deed::decision("invited to set up a log-in", json!({"account": name}));
        self.decide(ctx, &key(name), &factors, Deed { kind: EntryKind::Role, ..deed })?;
        Ok(code)
    }

    /// Sets up a password and an authenticator with an invitation, in place of what there was; all sessions end.
    ///
    /// # Errors
    /// [`LoginError`] when the invitation does not count or the password is too short.
    pub fn enrol(&self, ctx: &Ctx, name: &str, invitation: &str, password: &str) -> Result<Enrolled, NodeError> {
        // A code of 144 random bits is not guessed, however often: whoever was kept out comes in again by it.
        let old = self.factors(name)?;
        let digest = hex(&sha256(invitation.trim().as_bytes()));
        let counts = |(known, until): &(String, Timestamp)| *known == digest && ctx.now() < *until;
        if !old.invitation.as_ref().is_some_and(counts) || !self.may_log_in(name)? {
            return Err(self.failed(ctx, name, old, "invitation")?);
        }
        if password.chars().count() < SHORTEST {
            return Err(LoginError::Short(SHORTEST).into());
        }
        let totp = TotpSecret::generate().map_err(no_randomness)?;
        let mut recovery = Vec::with_capacity(RECOVERY);
        for _ in 0..RECOVERY {
            recovery.push(Zeroizing::new(base64url(&random_bytes::<12>().map_err(no_randomness)?)));
        }
        let factors = Factors {
            password: Some(PasswordHash::new(password, self.password_cost).map_err(no_randomness)?),
            totp: Some(base64url(&self.factor_key.seal(&[b"totp", name.as_bytes()], totp.bytes()))),
            recovery: recovery.iter().map(|code| hex(&sha256(code.as_bytes()))).collect(),
            ..Factors::default()
        };
        let deed = Deed::decision("log-in set up", json!({"account": name}));
        let ctx = ctx.acting_as(name, comity_policy::access::Authority::nobody());
        self.decide(&ctx, &key(name), &factors, Deed { kind: EntryKind::Role, ..deed })?;
        self.end_sessions_of(&ctx, name)?;
        let issuer = ctx.organisation.as_str();
        let secret = totp.to_base32();
        let authenticator = format!("otpauth://totp/{issuer}:{name}?secret={}&issuer={issuer}", *secret);
        Ok(Enrolled { authenticator: Zeroizing::new(authenticator), recovery })
    }

    /// Logs in. The token counts in this place only.
    ///
    /// # Errors
    /// [`LoginError`]; each attempt is on record.
    pub fn log_in(&self, ctx: &Ctx, name: &str, proof: &Proof, place: &str) -> Result<Signed, NodeError> {
        let Proof::Password { password, code } = proof;
        let factors = self.patient(ctx, name)?;
        // The password is tried whether or not there is such an account: how long it takes tells nothing.
        let fits = if let Some(hash) = &factors.password {
            hash.fits(password)
        } else {
            drop(PasswordHash::new(password, self.password_cost));
            false
        };
        let with_code = self.use_code(name, &factors, code, ctx.now());
        let Some(next) = with_code.filter(|_| fits) else { return Err(self.failed(ctx, name, factors, "password")?) };
        if !self.may_log_in(name)? {
            return Err(self.failed(ctx, name, factors, "account")?);
        }
        // A code counts once, also when two come with it at the same moment.
        let before = serde_json::to_vec(&factors).map_err(NodeError::setting("factors"))?;
        let used = |known: Option<Factors>| {
            let now = serde_json::to_vec(&known.unwrap_or_default()).map_err(NodeError::setting("factors"))?;
            if now == before { Ok(next.clone()) } else { Err(LoginError::Wrong.into()) }
        };
        self.change_setting(&key(name), used, &[])?;
        let ctx = ctx.acting_as(name, comity_policy::access::Authority::nobody());
        self.begin_session(&ctx, name, (Means::Password, place))
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

    /// What an account shows who it is by, when it has not failed too often a moment ago.
    fn patient(&self, ctx: &Ctx, name: &str) -> Result<Factors, NodeError> {
        let factors = self.factors(name)?;
        let Some(last) = factors.failed_at.filter(|_| factors.failures >= FREE) else { return Ok(factors) };
        // 30 s, a minute, two, ... up to an hour.
        let wait = (30_i64 << (factors.failures - FREE).min(7)).min(3_600);
        let passed = ctx.now().as_micros().saturating_sub(last.as_micros()).div_euclid(1_000_000);
        if passed < wait { Err(LoginError::Wait(wait - passed).into()) } else { Ok(factors) }
    }

    /// Puts a failed attempt on record; what is told of it.
    fn failed(&self, ctx: &Ctx, name: &str, factors: Factors, at: &str) -> Result<NodeError, NodeError> {
        let subject = json!({"account": name});
        let deed = Deed::new(EntryKind::Login, subject, json!({"outcome": "refused", "at": at}));
        if self.account(name)?.is_some() {
            let failed =
                Factors { failures: factors.failures.saturating_add(1), failed_at: Some(ctx.now()), ..factors };
            self.decide(ctx, &key(name), &failed, deed)?;
        } else {
            // No account, and nothing kept of it but the attempt.
            self.record(ctx, deed)?;
        }
        Ok(LoginError::Wrong.into())
    }

    fn may_log_in(&self, name: &str) -> Result<bool, NodeError> {
        Ok(self.account(name)?.is_some_and(|account| account.state == AccountState::Active))
    }

    fn factors(&self, name: &str) -> Result<Factors, NodeError> {
        Ok(self.setting(&key(name))?.unwrap_or_default())
    }
}

fn key(name: &str) -> String {
    format!("factors/{name}")
}

fn no_randomness(error: comity_crypto::NoRandomness) -> NodeError {
    NodeError::Refused(error.to_string())
}

/// Fewest characters of a password (NIST SP 800-63B-4, section 3.1.1.2, for one of two factors: 8).
const SHORTEST: usize = 12;
const RECOVERY: usize = 10;
/// Attempts in a row that cost nothing.
const FREE: u32 = 5;
const INVITATION: i64 = 3 * 24 * 3_600 * 1_000_000;
