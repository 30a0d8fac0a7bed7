use comity_base::Timestamp;
use comity_crypto::{hex, random_token, sha256};
use comity_ledger::EntryKind;
use comity_policy::access::{About, Authority, Means};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::{Act, Ctx, Deed, Node, NodeError};

/// Somebody who is logged in. Only the SHA-256 of the token is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Session {
    /// A number for people: the first digits of its digest.
    pub id: String,
    /// Who.
    pub account: String,
    /// By which means: `password`, `passkey`, `provider`.
    pub means: String,
    /// Where, as far as that can be told: a terminal, a browser. The token counts nowhere else.
    pub place: String,
    /// Since when.
    pub since: Timestamp,
    /// When they showed who they are, where that was before: at an identity provider.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shown: Option<Timestamp>,
    /// When something was last done in it, to the minute.
    pub seen: Timestamp,
    /// When it was ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended: Option<Timestamp>,
}

/// A session that has begun.
#[derive(Clone, Debug)]
pub struct Signed {
    /// It.
    pub session: Session,
    /// The secret that shows it; told once.
    pub token: String,
}

impl Session {
    /// Hours a session lasts at most.
    pub const HOURS: i64 = 12;
    /// Sessions of one account at once; another one ends the oldest.
    pub const MOST: usize = 8;
    /// Minutes without anything done after which it is over.
    pub const IDLE_MINUTES: i64 = 60;

    /// Whether it counts at a moment.
    pub fn counts(&self, now: Timestamp) -> bool {
        let since = |then: Timestamp| now.as_micros().saturating_sub(then.as_micros());
        self.ended.is_none()
            && since(self.since) < Self::HOURS * 60 * MINUTE
            && since(self.seen) < Self::IDLE_MINUTES * MINUTE
    }
}

impl Node {
    /// Begins a session of an account that has shown who it is.
    pub(super) fn begin_session(
        &self,
        ctx: &Ctx,
        account: &str,
        (means, place): (Means, &str),
        shown: Option<Timestamp>,
    ) -> Result<Signed, NodeError> {
        let token = random_token().map_err(|error| NodeError::Refused(error.to_string()))?;
        let digest = hex(&sha256(token.as_bytes()));
        let session = Session {
            id: digest.get(..8).unwrap_or_default().to_owned(),
            account: account.to_owned(),
            means: name(means).to_owned(),
            place: place.to_owned(),
            since: ctx.now(),
            shown,
            seen: ctx.now(),
            ended: None,
        };
        // Whoever logs in again and again leaves the oldest behind.
        let mut open: Vec<_> = self.sessions_with_keys(account)?;
        open.retain(|(_, one)| one.counts(ctx.now()));
        open.sort_by_key(|(_, one)| one.since);
        for (name, oldest) in open.iter().take((open.len() + 1).saturating_sub(Session::MOST)) {
            self.end_session(ctx, name, oldest.clone())?;
        }
        let subject = json!({"account": account, "session": session.id});
        let content = json!({"outcome": "logged in", "means": session.means, "place": place});
        self.decide(ctx, &key(&digest), &session, Deed::new(EntryKind::Login, subject, content))?;
        Ok(Signed { session, token })
    }

    /// Who acts with this token in this place, when it is one and still counts; and notes that they are there.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn who_is_logged_in(
        &self,
        token: &str,
        place: &str,
        now: Timestamp,
    ) -> Result<Option<(String, Authority)>, NodeError> {
        let Some((name, version, session)) = self.session_that_counts(token, place, now)? else { return Ok(None) };
        if now.as_micros().saturating_sub(session.seen.as_micros()) >= MINUTE {
            self.note_setting(&name, (version, &Session { seen: now, ..session.clone() }))?;
        }
        self.acting(&session)
    }

    /// As [`Self::who_is_logged_in`], for what a page asks by itself: that keeps nobody in.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn who_is_still_logged_in(
        &self,
        token: &str,
        place: &str,
        now: Timestamp,
    ) -> Result<Option<(String, Authority)>, NodeError> {
        self.session_that_counts(token, place, now)?.map_or(Ok(None), |(_, _, session)| self.acting(&session))
    }

    /// The session of this token in this place, with its key and version, when it counts.
    fn session_that_counts(
        &self,
        token: &str,
        place: &str,
        now: Timestamp,
    ) -> Result<Option<(String, u64, Session)>, NodeError> {
        let name = key(&hex(&sha256(token.as_bytes())));
        let known = self.versioned::<Session>(&name)?.filter(|(_, one)| one.counts(now) && one.place == place);
        Ok(known.map(|(version, session)| (name, version, session)))
    }

    /// Who acts in a session, and with what.
    fn acting(&self, session: &Session) -> Result<Option<(String, Authority)>, NodeError> {
        let Some(account) = self.account(&session.account)? else { return Ok(None) };
        let means = match session.means.as_str() {
            "passkey" => Means::Passkey,
            "provider" => Means::Provider,
            _ => Means::Password,
        };
        Ok(Some((account.name.clone(), account.authority(means))))
    }

    /// When somebody who is logged in with this token last showed who they are.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn last_shown(&self, token: &str) -> Result<Option<Timestamp>, NodeError> {
        Ok(self
            .setting::<Session>(&key(&hex(&sha256(token.as_bytes()))))?
            .map(|session| session.shown.unwrap_or(session.since)))
    }

    /// The sessions of an account that count now.
    ///
    /// # Errors
    /// When whoever asks may not see them.
    pub fn sessions_of(&self, ctx: &Ctx, account: &str) -> Result<Vec<Session>, NodeError> {
        self.may_see(ctx, account)?;
        Ok(self
            .sessions_with_keys(account)?
            .into_iter()
            .map(|(_, session)| session)
            .filter(|one| one.counts(ctx.now()))
            .collect())
    }

    /// Everybody may see what counts for themselves; of others, those who see accounts.
    pub(super) fn may_see(&self, ctx: &Ctx, account: &str) -> Result<(), NodeError> {
        let subject = json!({"account": account});
        if account == ctx.actor {
            self.may_about(ctx, Act::Keys, OWN, subject)
        } else {
            self.may(ctx, Act::Accounts, subject)
        }
    }

    /// Ends one's own session, by its token.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn log_out(&self, ctx: &Ctx, token: &str) -> Result<(), NodeError> {
        let name = key(&hex(&sha256(token.as_bytes())));
        match self.setting::<Session>(&name)? {
            Some(session) => self.end_session(ctx, &name, session),
            None => Ok(()),
        }
    }

    /// Ends every session of an account.
    ///
    /// # Errors
    /// When whoever asks may not, or the store cannot be written.
    pub fn end_sessions(&self, ctx: &Ctx, account: &str) -> Result<usize, NodeError> {
        if account == ctx.actor {
            self.may_about(ctx, Act::Keys, OWN, json!({"account": account}))?;
        } else {
            self.may(ctx, Act::AccountChange, json!({"account": account}))?;
        }
        self.end_sessions_of(ctx, account)
    }

    pub(super) fn end_sessions_of(&self, ctx: &Ctx, account: &str) -> Result<usize, NodeError> {
        let mut ended = 0;
        for (name, session) in self.sessions_with_keys(account)? {
            if session.counts(ctx.now()) {
                self.end_session(ctx, &name, session)?;
                ended += 1;
            }
        }
        Ok(ended)
    }

    fn end_session(&self, ctx: &Ctx, name: &str, session: Session) -> Result<(), NodeError> {
        let subject = json!({"account": session.account, "session": session.id});
        let ended = Session { ended: Some(ctx.now()), ..session };
        self.decide(ctx, name, &ended, Deed::new(EntryKind::Login, subject, json!({"outcome": "logged out"})))
    }

    fn sessions_with_keys(&self, account: &str) -> Result<Vec<(String, Session)>, NodeError> {
        let mut all = Vec::new();
        for (name, bytes) in self.store.values(SESSIONS)? {
            let session: Session = serde_json::from_slice(&bytes).map_err(NodeError::setting(&name))?;
            if session.account == account {
                all.push((name, session));
            }
        }
        Ok(all)
    }
}

const fn name(means: Means) -> &'static str {
    match means {
        Means::System => "system",
        Means::Password => "password",
        Means::Passkey => "passkey",
        Means::Provider => "provider",
        Means::Key => "key",
        Means::Peer => "peer",
        Means::Node => "node",
    }
}

fn key(digest: &str) -> String {
    format!("{SESSIONS}{digest}")
}

pub(super) const OWN: About = About { own: true, alone: false };
const SESSIONS: &str = "session/";
const MINUTE: i64 = 60 * 1_000_000;
