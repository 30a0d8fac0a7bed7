use askama::Template;
use axum::http::header::{CONTENT_TYPE, SET_COOKIE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{Html, IntoResponse, Redirect, Response};
use comity_node::{LoginError, Node, NodeError, Session};
use serde_json::{Value, json};

use super::language::Words;
use super::person::SESSION;
use crate::problem::{Problem, tell};
use crate::site::Site;

/// Why something was not done, for whoever sits there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Trouble {
    /// It came from another page.
    Elsewhere,
    /// They could not log in, or set that up.
    Login(LoginError),
    /// It is too long ago that they showed who they are.
    LogInAgain,
    /// They may not.
    NotAllowed,
    /// There are no passkeys here.
    NoPasskeys,
    /// The identity provider does not answer.
    ProviderAway,
    /// It said no.
    ProviderRefused,
    /// They showed who they are, but not well enough.
    ProviderWeak,
    /// What came back is not from it, or not for this browser.
    NotFromProvider,
    /// Not now.
    Busy,
    /// Something failed.
    Failed,
}

impl Trouble {
    /// In words.
    pub(super) fn words(self, words: Words) -> String {
        use comity_crypto::passkey::PasskeyError;
        match self {
            Self::Elsewhere => words.say("elsewhere"),
            Self::Login(LoginError::Wrong) => words.say("wrong"),
            Self::Login(LoginError::Wait(seconds)) => words.number("wait", "seconds", seconds),
            Self::Login(LoginError::Short(least)) => {
                words.number("short", "least", i64::try_from(least).unwrap_or(i64::MAX))
            }
            Self::Login(LoginError::Guessable) => words.say("guessable"),
            Self::LogInAgain => words.say("log-in-again"),
            Self::Login(LoginError::Passkey(PasskeyError::Copied)) => words.say("device-copied"),
            Self::Login(LoginError::Passkey(_)) => words.say("device-refused"),
            Self::NotAllowed => words.say("not-allowed"),
            Self::NoPasskeys => words.say("no-passkeys-here"),
            Self::ProviderAway => words.say("provider-away"),
            Self::ProviderRefused => words.say("provider-refused"),
            Self::ProviderWeak => words.say("provider-weak"),
            Self::NotFromProvider => words.say("provider-not"),
            Self::Busy => words.say("busy"),
            Self::Failed => words.say("failed"),
        }
    }

    fn status(self) -> StatusCode {
        match self {
            Self::Elsewhere | Self::NotAllowed | Self::NotFromProvider | Self::ProviderWeak => StatusCode::FORBIDDEN,
            Self::Login(LoginError::Wait(_)) => StatusCode::TOO_MANY_REQUESTS,
            Self::LogInAgain | Self::ProviderRefused | Self::Login(LoginError::Wrong) => StatusCode::UNAUTHORIZED,
            Self::Login(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::NoPasskeys => StatusCode::NOT_FOUND,
            Self::ProviderAway => StatusCode::BAD_GATEWAY,
            Self::Busy => StatusCode::SERVICE_UNAVAILABLE,
            Self::Failed => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// For a script.
    pub(super) fn plain(self, words: Words) -> Response {
        (self.status(), Said(json!({"trouble": self.words(words)}))).into_response()
    }
}

impl From<&NodeError> for Trouble {
    fn from(error: &NodeError) -> Self {
        match error {
            NodeError::Login(error) => Self::Login(*error),
            NodeError::Denied(_) => Self::NotAllowed,
            NodeError::Refused(_) => Self::NoPasskeys,
            NodeError::Behind { .. } => Self::Busy,
            NodeError::Store(_) => {
                tell(error);
                Self::Busy
            }
            _ => {
                tell(error);
                Self::Failed
            }
        }
    }
}

impl From<Problem> for Trouble {
    fn from(problem: Problem) -> Self {
        match problem.status {
            StatusCode::SERVICE_UNAVAILABLE | StatusCode::TOO_MANY_REQUESTS => Self::Busy,
            _ => Self::Failed,
        }
    }
}

/// What a script is told.
pub(super) struct Said(pub(super) Value);

impl IntoResponse for Said {
    fn into_response(self) -> Response {
        ([(CONTENT_TYPE, "application/json")], self.0.to_string()).into_response()
    }
}

/// Runs a use case; why it was not done is for whoever sits there.
pub(super) async fn work<T: Send + 'static>(
    site: &Site,
    work: impl FnOnce(&Node) -> Result<T, NodeError> + Send + 'static,
) -> Result<T, Trouble> {
    match site.work(move |node| Ok(work(node))).await {
        Ok(done) => done.map_err(|error| Trouble::from(&error)),
        Err(problem) => Err(problem.into()),
    }
}

/// As [`work`], for what hashes a password: that takes memory and time on purpose, so few do it at once, and they take no
/// place from those who read.
pub(super) async fn hash<T: Send + 'static>(
    site: &Site,
    hashing: impl FnOnce(&Node) -> Result<T, NodeError> + Send + 'static,
) -> Result<T, Trouble> {
    let _place = site.hashing().await.ok_or(Trouble::Busy)?;
    work(site, hashing).await
}

/// A page, with how it went.
pub(super) fn page(template: &impl Template, trouble: Option<Trouble>, words: Words) -> Response {
    let status = trouble.map_or(StatusCode::OK, Trouble::status);
    match template.render() {
        Ok(text) => with_language((status, Html(text)).into_response(), words),
        Err(_) => Trouble::Failed.plain(words),
    }
}

/// To another page, with the cookie of a session that has begun.
pub(super) fn logged_in(token: &str) -> Response {
    in_session(Redirect::to("/desk").into_response(), token)
}

/// The same for a script.
pub(super) fn logged_in_by_script(token: &str) -> Response {
    in_session(Said(json!({"to": "/desk"})).into_response(), token)
}

/// With the cookie of a session that has begun.
pub(super) fn in_session(page: Response, token: &str) -> Response {
    let seconds = Session::HOURS * 3_600;
    with_cookie(page, &format!("{SESSION}={token}{COOKIE}; Max-Age={seconds}"))
}

/// Away, without the cookie.
pub(super) fn logged_out() -> Response {
    with_cookie(Redirect::to("/desk/login").into_response(), &format!("{SESSION}={COOKIE}; Max-Age=0"))
}

/// The language stays chosen.
fn with_language(response: Response, words: Words) -> Response {
    with_cookie(response, &format!("{}={}{COOKIE}; Max-Age=31536000", super::language::COOKIE, words.code()))
}

pub(super) fn with_cookie(mut response: Response, cookie: &str) -> Response {
    if let Ok(value) = HeaderValue::from_str(cookie) {
        response.headers_mut().append(SET_COOKIE, value);
    }
    response
}

const COOKIE: &str = "; Path=/; Secure; HttpOnly; SameSite=Strict";
