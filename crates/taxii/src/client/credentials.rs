use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderName, HeaderValue, header};

/// How a client shows who it is (TAXII 2.1 section 1.6.9). A client certificate comes with the TLS configuration.
#[derive(Clone, Default, PartialEq, Eq)]
pub enum Credentials {
    /// Not by a header.
    #[default]
    None,
    /// `Authorization: Basic`, what every TAXII server must offer.
    Basic {
        /// Without a colon.
        user: String,
        /// Anything.
        password: String,
    },
    /// `Authorization: Bearer` (RFC 6750).
    Bearer(String),
    /// `Authorization: Token`, as some servers want their keys.
    Token(String),
    /// A header of the server's own, such as `X-API-Key`, or an `Authorization` of another form.
    Header {
        /// The header's name.
        name: String,
        /// Its whole value.
        value: String,
    },
}

impl Credentials {
    /// The header to send; the error says what is wrong.
    pub(super) fn header(&self) -> Result<Option<(HeaderName, HeaderValue)>, &'static str> {
        let (name, text) = match self {
            Self::None => return Ok(None),
            Self::Basic { user, .. } if user.contains(':') => return Err("the user name holds a colon"),
            Self::Basic { user, password } => {
                (header::AUTHORIZATION, format!("Basic {}", STANDARD.encode(format!("{user}:{password}"))))
            }
            Self::Bearer(token) => (header::AUTHORIZATION, format!("Bearer {token}")),
            Self::Token(token) => (header::AUTHORIZATION, format!("Token {token}")),
            Self::Header { name, value } => {
                let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| "the header's name is not allowed")?;
                (name, value.clone())
            }
        };
        let mut value = HeaderValue::from_str(&text).map_err(|_| "they hold a character that no header may hold")?;
        value.set_sensitive(true);
        Ok(Some((name, value)))
    }
}

/// Never shows a secret.
impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => f.write_str("None"),
            Self::Basic { user, .. } => write!(f, "Basic({user:?}, secret)"),
            Self::Bearer(_) => f.write_str("Bearer(secret)"),
            Self::Token(_) => f.write_str("Token(secret)"),
            Self::Header { name, .. } => write!(f, "Header({name:?}, secret)"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_has_its_form_and_hides_its_secret() {
        let header = |credentials: &Credentials| {
            let (name, value) = credentials.header().unwrap().unwrap();
            assert!(value.is_sensitive());
            assert!(!format!("{credentials:?}").contains("swordfish"));
            format!("{name}: {}", value.to_str().unwrap())
        };
        let basic = Credentials::Basic { user: "lab".to_owned(), password: "swordfish:é".to_owned() };
        assert_eq!(header(&basic), "authorization: Basic bGFiOnN3b3JkZmlzaDrDqQ==");
        assert_eq!(header(&Credentials::Bearer("swordfish".to_owned())), "authorization: Bearer swordfish");
        assert_eq!(header(&Credentials::Token("swordfish".to_owned())), "authorization: Token swordfish");
        let own = Credentials::Header { name: "X-API-Key".to_owned(), value: "swordfish".to_owned() };
        assert_eq!(header(&own), "x-api-key: swordfish");
        assert_eq!(Credentials::None.header(), Ok(None));
    }

    #[test]
    fn impossible_ones_are_refused() {
        for wrong in [
            Credentials::Basic { user: "a:b".to_owned(), password: String::new() },
            Credentials::Bearer("a\nb".to_owned()),
            Credentials::Header { name: "no name".to_owned(), value: String::new() },
        ] {
            assert!(wrong.header().is_err(), "{wrong:?}");
        }
    }
}
