use askama::Template;
use axum::http::header::{CONTENT_TYPE, SET_COOKIE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{Html, IntoResponse, Redirect, Response};
use comity_http::{Problem, tell};
use comity_node::{LoginError, Node, NodeError, Session};
use comity_store::StoreError;
use serde_json::{Value, json};

use super::language::Words;
use super::person::SESSION;
use super::shell::Shell;
use crate::desk::Desk;

/// Why something was not done, for whoever sits there.
#[derive(Clone, Debug, PartialEq, Eq)]
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
    /// There is nothing here, or nothing that they may see.
    NotFound,
    /// They asked for more than they may; after so many seconds they may again.
    OverBudget(u64),
    /// What they asked for contradicts itself or what there is; why, as the node says it.
    Refused(String),
    /// Somebody changed it since they looked at it.
    ChangedSince,
    /// A text that targets a person waits for a reviewer under these numbers, and is not sent.
    UnderReview(Vec<String>),
    /// The law of acts that target persons does not allow it.
    NotLawful(Box<comity_law::Reason>),
    /// What they put in cannot be read; why, in their words.
    Unclear(String),
    /// Not now.
    Busy,
    /// Something failed; the number stands in the log too.
    Failed,
}

impl Trouble {
    /// In words.
    pub(super) fn words(&self, words: Words) -> String {
        use comity_crypto::passkey::PasskeyError;
        match self {
            Self::Elsewhere => words.say("elsewhere"),
            Self::Login(LoginError::Wrong) => words.say("wrong"),
            Self::Login(LoginError::Wait(seconds)) => words.number("wait", "seconds", *seconds),
            Self::Login(LoginError::Short(least)) => {
                words.number("short", "least", i64::try_from(*least).unwrap_or(i64::MAX))
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
            Self::NotFound => words.say("not-found"),
            Self::OverBudget(seconds) => {
                words.number("over-budget", "minutes", i64::try_from(seconds.div_ceil(60)).unwrap_or(i64::MAX))
            }
            Self::Refused(text) => words.text("refused", "why", text),
            Self::ChangedSince => words.say("changed-since"),
            Self::UnderReview(_) => words.say("held-for-review"),
            Self::NotLawful(reason) => super::parts::lawful(reason, words).plain().to_owned(),
            Self::Unclear(text) => text.clone(),
            Self::Busy => words.say("busy"),
            Self::Failed => words.say("failed"),
        }
    }

    fn status(&self) -> StatusCode {
        match self {
            Self::Elsewhere | Self::NotAllowed | Self::NotFromProvider | Self::ProviderWeak => StatusCode::FORBIDDEN,
            Self::Login(LoginError::Wait(_)) | Self::OverBudget(_) => StatusCode::TOO_MANY_REQUESTS,
            Self::LogInAgain | Self::ProviderRefused | Self::Login(LoginError::Wrong) => StatusCode::UNAUTHORIZED,
            Self::Login(_) | Self::Refused(_) | Self::NotLawful(_) | Self::ChangedSince | Self::Unclear(_) => {
                StatusCode::UNPROCESSABLE_ENTITY
            }
            // It is not refused: others look at it first.
            Self::UnderReview(_) => StatusCode::ACCEPTED,
            Self::NoPasskeys | Self::NotFound => StatusCode::NOT_FOUND,
            Self::ProviderAway => StatusCode::BAD_GATEWAY,
            Self::Busy => StatusCode::SERVICE_UNAVAILABLE,
            Self::Failed => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// Where passkeys are asked for, what is refused is that there are none here.
    pub(super) fn of_passkeys(self) -> Self {
        if matches!(self, Self::Refused(_)) { Self::NoPasskeys } else { self }
    }

    /// For a script.
    pub(super) fn plain(&self, words: Words) -> Response {
        (self.status(), Said(json!({"trouble": self.words(words)}))).into_response()
    }
}

/// Why something was not done, as a page of the desk.
#[derive(Template)]
#[template(path = "trouble.html")]
struct TroublePage {
    words: Words,
    shell: Shell,
    trouble: String,
    /// What stands in the log of the node too, where something failed.
    number: String,
}

/// That a text waits for a reviewer, as a page of the desk.
#[derive(Template)]
#[template(path = "waits.html")]
struct WaitsPage {
    words: Words,
    shell: Shell,
    trouble: String,
    said: String,
    /// What the texts that wait are kept under.
    numbers: Vec<String>,
}

impl Trouble {
    /// Whether nothing was refused, and what was written waits.
    pub(super) const fn waits(&self) -> bool {
        matches!(self, Self::UnderReview(_))
    }

    /// As a page of the desk: what happened, what was kept, what to do, and a number to ask by.
    pub(super) fn page(&self, shell: Shell) -> Response {
        let words = shell.words;
        if let Self::UnderReview(numbers) = self {
            let (said, numbers, trouble) = (self.words(words), numbers.clone(), String::new());
            return page(&WaitsPage { words, shell, trouble, said, numbers }, Some(self), words);
        }
        let number = if *self == Self::Failed { failure() } else { String::new() };
        page(&TroublePage { words, trouble: self.words(words), number, shell }, Some(self), words)
    }
}

/// A name that nobody can guess. Where there is no randomness nothing can be named, and what is empty opens nothing.
pub(super) fn unguessable() -> String {
    comity_crypto::random_bytes::<16>().map_or_else(|_| String::new(), |bytes| comity_crypto::hex(&bytes))
}

/// A number for one failure, told to whoever sits there and to whoever runs the node.
fn failure() -> String {
    let number = unguessable().get(..8).unwrap_or_default().to_owned();
    tracing::error!(number, "a page told somebody of a failure under this number");
    number
}

impl From<&NodeError> for Trouble {
    fn from(error: &NodeError) -> Self {
        match error {
            NodeError::Login(error) => Self::Login(*error),
            NodeError::Denied(_) => Self::NotAllowed,
            NodeError::Refused(text) => Self::Refused(text.clone()),
            NodeError::ChangedSince => Self::ChangedSince,
            NodeError::UnderReview(numbers) => Self::UnderReview(numbers.iter().map(ToString::to_string).collect()),
            NodeError::NotLawful(reason) => Self::NotLawful(Box::new(reason.clone())),
            NodeError::UnknownObject(_) | NodeError::UnknownPeer(_) | NodeError::UnknownOrganisation(_) => {
                Self::NotFound
            }
            NodeError::OverBudget { seconds, .. } => Self::OverBudget(*seconds),
            NodeError::NoAgreement(_)
            | NodeError::UnknownRejected(..)
            | NodeError::DecidedBefore { .. }
            | NodeError::Store(StoreError::BatchState { .. }) => Self::Refused(error.to_string()),
            NodeError::Behind { .. } => Self::Busy,
            NodeError::Store(StoreError::NoBatch(_)) => Self::NotFound,
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
    desk: &Desk,
    work: impl FnOnce(&Node) -> Result<T, NodeError> + Send + 'static,
) -> Result<T, Trouble> {
    match desk.site().work(move |node| Ok(work(node))).await {
        Ok(done) => done.map_err(|error| Trouble::from(&error)),
        Err(problem) => Err(problem.into()),
    }
}

/// As [`work`], for what hashes a password: that takes memory and time on purpose, so few do it at once, and they take no
/// place from those who read.
pub(super) async fn hash<T: Send + 'static>(
    desk: &Desk,
    hashing: impl FnOnce(&Node) -> Result<T, NodeError> + Send + 'static,
) -> Result<T, Trouble> {
    let _place = desk.hashing().await.ok_or(Trouble::Busy)?;
    work(desk, hashing).await
}

/// A page made of what is read; why it could not be read stands in its place.
pub(super) async fn page_of<T: Send + 'static, P: Template>(
    desk: &Desk,
    shell: Shell,
    read: impl FnOnce(&Node) -> Result<T, NodeError> + Send + 'static,
    tell: impl FnOnce(Shell, T) -> P + Send,
) -> Response {
    let words = shell.words;
    match work(desk, read).await {
        Ok(found) => page(&tell(shell, found), None, words),
        Err(trouble) => trouble.page(shell),
    }
}

/// A page, with how it went.
pub(super) fn page(template: &impl Template, trouble: Option<&Trouble>, words: Words) -> Response {
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
    lasting(response, super::language::COOKIE, words.code())
}

/// With something that this browser keeps for a year.
pub(super) fn lasting(response: Response, name: &str, value: &str) -> Response {
    with_cookie(response, &format!("{name}={value}{COOKIE}; Max-Age=31536000"))
}

pub(super) fn with_cookie(mut response: Response, cookie: &str) -> Response {
    if let Ok(value) = HeaderValue::from_str(cookie) {
        response.headers_mut().append(SET_COOKIE, value);
    }
    response
}

const COOKIE: &str = "; Path=/; Secure; HttpOnly; SameSite=Strict";
