use std::error::Error as _;
use std::fmt;
use std::io;
use std::net::IpAddr;

use http::StatusCode;

use super::guard::Inside;
use crate::{Failure, FailureKind, RetryAfter, ScanError, TaxiiError};

/// A request that did not bring what was asked for: what was asked, what came back, and what to do.
#[derive(Debug)]
pub struct ClientError {
    asked: String,
    problem: Box<Problem>,
}

/// What came back instead.
#[derive(Debug, thiserror::Error)]
pub enum Problem {
    /// The configured address cannot be used.
    #[error("the address cannot be used: {0}; write it as https://host/path/")]
    Address(String),
    /// The credentials cannot be sent.
    #[error("the credentials cannot be sent: {0}; correct them")]
    Credentials(&'static str),
    /// The client could not be made from its TLS configuration.
    #[error("the connection cannot be set up: {0}; check certificates and keys")]
    Setup(String),
    /// The address is another server's.
    #[error(
        "{0} belongs to another server, and credentials are only sent to the configured one; \
         configure that server as a source of its own, or write the path on the configured server"
    )]
    OtherServer(String),
    /// The server redirects elsewhere.
    #[error("the server points to {0}, which is another server; if that is right, configure that address")]
    Redirected(String),
    /// The server redirects without end, or without saying where to.
    #[error("the server redirects and leads nowhere; check the address")]
    RedirectLoop,
    /// The host leads into a private network.
    #[error(
        "{host} leads to {address}, which is not a public address; \
         if this server is meant, allow private addresses for it (allow_private)"
    )]
    Private {
        /// As configured.
        host: String,
        /// Where it leads.
        address: IpAddr,
    },
    /// The name is not known.
    #[error("the host's name cannot be resolved: {0}; check the address and this machine's name service")]
    Unresolved(String),
    /// No connection.
    #[error("no connection: {0}; check the address, the way there, and the certificates of both sides")]
    NoConnection(String),
    /// The connection broke off, or what came is damaged.
    #[error(
        "the reply did not come whole: {0}; it is tried again, and if that does not help the server's log may tell why"
    )]
    Interrupted(String),
    /// It took too long.
    #[error("no whole reply came in time ({0}); it is tried again, with smaller pages where that can help")]
    Slow(&'static str),
    /// The server refused.
    #[error("the server answered {status}{}; {}", said(.error.as_ref()), advice(*.status))]
    Status {
        /// The status of its reply.
        status: StatusCode,
        /// Its error message, if it is one of TAXII.
        error: Option<TaxiiError>,
        /// When it wants to be asked again.
        retry_after: Option<RetryAfter>,
    },
    /// The reply is not JSON.
    #[error(
        "the server answered with {0}, not TAXII; a proxy or a login page may stand before it: \
         check the address and the credentials"
    )]
    ContentType(String),
    /// The reply is too large.
    #[error("the reply has more than {limit} bytes; smaller pages are asked for, or raise the limit")]
    TooLarge {
        /// The limit.
        limit: u64,
    },
    /// The reply is no page.
    #[error("the reply cannot be read: {0}; tell the server's people")]
    Page(#[from] ScanError),
    /// The reply is no such resource.
    #[error("the reply cannot be read: {0}; check that the address is that of a TAXII 2.1 server")]
    Resource(String),
    /// The page could not be kept.
    #[error("the page could not be kept on this machine: {0}; check room and rights")]
    Sink(io::Error),
}

impl ClientError {
    pub(super) fn new(asked: impl Into<String>, problem: Problem) -> Self {
        Self { asked: asked.into(), problem: Box::new(problem) }
    }

    /// What was asked: method and address, without the query.
    pub fn asked(&self) -> &str {
        &self.asked
    }

    /// What came back.
    pub fn problem(&self) -> &Problem {
        &self.problem
    }

    /// The server's status, when it replied with one that says no.
    pub fn status(&self) -> Option<StatusCode> {
        match self.problem() {
            Problem::Status { status, .. } => Some(*status),
            _ => None,
        }
    }

    /// What the state machines need to know of it.
    pub fn failure(&self) -> Failure {
        let mut wanted = None;
        let kind = match self.problem() {
            Problem::Status { status, retry_after, .. } => {
                wanted = *retry_after;
                FailureKind::Status(status.as_u16())
            }
            Problem::TooLarge { .. } => FailureKind::TooLarge,
            Problem::Slow(_) => FailureKind::Slow,
            Problem::Unresolved(_) | Problem::NoConnection(_) | Problem::Interrupted(_) => FailureKind::Unreachable,
            Problem::Redirected(_)
            | Problem::RedirectLoop
            | Problem::ContentType(_)
            | Problem::Page(_)
            | Problem::Resource(_) => FailureKind::Unreadable,
            Problem::Address(_)
            | Problem::Credentials(_)
            | Problem::Setup(_)
            | Problem::OtherServer(_)
            | Problem::Private { .. }
            | Problem::Sink(_) => FailureKind::Local,
        };
        Failure { kind, retry_after: wanted, text: self.to_string() }
    }
}

impl fmt::Display for ClientError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.asked, self.problem)
    }
}

impl std::error::Error for ClientError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.problem.source()
    }
}

impl From<Inside> for Problem {
    fn from(inside: Inside) -> Self {
        Self::Private { host: inside.host, address: inside.address }
    }
}

impl From<reqwest::Error> for Problem {
    fn from(error: reqwest::Error) -> Self {
        let error = error.without_url();
        let (mut causes, mut tls) = (Vec::new(), false);
        let mut source = error.source();
        while let Some(cause) = source {
            if let Some(inside) = cause.downcast_ref::<Inside>() {
                return inside.clone().into();
            }
            tls |= is_tls(cause);
            causes.push(cause.to_string());
            source = cause.source();
        }
        // Each cause repeats what is below it or says less: the last says most.
        let text = causes.pop().unwrap_or_else(|| error.to_string());
        if error.is_timeout() {
            return Self::Slow(if error.is_connect() { "while connecting" } else { "while waiting" });
        }
        if error.is_dns() {
            Self::Unresolved(text)
        } else if error.is_connect() || tls {
            // A server tells that it does not know a certificate after the connection was made.
            Self::NoConnection(text)
        } else if error.is_builder() {
            Self::Setup(text)
        } else {
            Self::Interrupted(text)
        }
    }
}

/// Whether it is an error of TLS, which an error of the socket hides.
fn is_tls(cause: &(dyn std::error::Error + 'static)) -> bool {
    let hidden = cause.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
    cause.is::<rustls::Error>() || matches!(hidden, Some(hidden) if hidden.is::<rustls::Error>())
}

/// What the server's own error message says, to stand behind its status.
fn said(error: Option<&TaxiiError>) -> String {
    let Some(error) = error else { return String::new() };
    let short = |text: &str| text.chars().filter(|c| !c.is_control()).take(300).collect::<String>();
    let description = error.description.as_deref().filter(|text| !text.is_empty());
    match (error.title.is_empty(), description) {
        (true, None) => String::new(),
        (true, Some(description)) => format!(" ({})", short(description)),
        (false, None) => format!(" ({})", short(&error.title)),
        (false, Some(description)) => format!(" ({}: {})", short(&error.title), short(description)),
    }
}

/// What to do about a status.
fn advice(status: StatusCode) -> &'static str {
    match status.as_u16() {
        401 => "check the credentials, and whether the server wants Basic, Bearer, Token or a certificate",
        403 => "ask the server's people for the right to read or write this collection",
        404 => "check the API root and the collection; some servers answer so to who may not see it",
        406 => "the server does not speak TAXII 2.1, or not at this address",
        413 => "smaller batches are sent",
        415 => "the server takes no TAXII envelopes at this address",
        400 | 422 => "the server did not understand the request; its words say why",
        429 => "it is asked again when it wants to be",
        500..=599 => "the fault is the server's; it is asked again later",
        _ => "check the address",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(code: u16, error: Option<TaxiiError>) -> ClientError {
        let status = StatusCode::from_u16(code).unwrap();
        ClientError::new("GET https://t.example/a/", Problem::Status { status, error, retry_after: None })
    }

    #[test]
    fn a_text_says_what_was_asked_what_came_back_and_what_to_do() {
        let error = TaxiiError::new(StatusCode::FORBIDDEN, "Not yours", "Collection X is for labs.");
        assert_eq!(
            status(403, Some(error)).to_string(),
            "GET https://t.example/a/: the server answered 403 Forbidden (Not yours: Collection X is for labs.); \
             ask the server's people for the right to read or write this collection"
        );
        assert_eq!(
            status(503, None).to_string(),
            "GET https://t.example/a/: the server answered 503 Service Unavailable; \
             the fault is the server's; it is asked again later"
        );
        let long = TaxiiError { title: "x\n".repeat(5000), ..TaxiiError::default() };
        let text = status(400, Some(long)).to_string();
        assert!(text.len() < 600 && !text.contains('\n'));
    }
}
