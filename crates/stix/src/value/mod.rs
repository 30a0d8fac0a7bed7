//! Values: one normalised observable each, typed by its [`Kind`].
//!
//! [`Values`] turns text into a normal form, [`extract`] finds the values that stand in a STIX
//! object, [`from_misp`] those of a MISP attribute, and [`Values::guess`] those a person typed.
//! A normal form is a fixed point: reading it again as the same kind gives the same text.

mod address;
mod country;
mod crypto_address;
mod document;
mod extract;
mod guess;
mod hash;
mod host;
mod kind;
mod machine;
mod misp;
mod money;
mod near;
mod net;
mod object;
mod person;
mod show;

use std::fmt;

pub use document::{check_digit, issuing_state, state_country};
pub use extract::{Found, Role, extract, hash_kind, settle};
pub use guess::refang;
pub use kind::Kind;
pub use misp::{MispPart, from_misp, misp_kind};
pub use near::near;
pub use object::VALUE_EXTENSION;

/// The longest text that is read as a value, in bytes.
pub const MAX_BYTES: usize = 16 << 10;

/// One observable in its normal form: two spellings of the same thing are equal.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Value {
    kind: Kind,
    text: Box<str>,
}

/// The text is not a value of that kind.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not {article} {kind}: {reason}", article = kind.article(), kind = kind.title())]
pub struct ValueError {
    /// The kind it was read as.
    pub kind: Kind,
    /// Why it is not one, in words that name no input.
    pub reason: &'static str,
}

/// What a family's reader answers: it has appended the normal form, or says why there is none.
type Check = Result<(), &'static str>;

impl Value {
    /// The kind.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// The normal form: what is compared and fingerprinted.
    pub fn text(&self) -> &str {
        &self.text
    }
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.kind.name(), self.text)
    }
}

/// Reads texts as values. Holds the node's key for kinds that are kept only as a keyed hash.
#[derive(Clone)]
pub struct Values {
    card_key: [u8; 32],
}

impl Values {
    /// A reader that hashes card numbers under this key.
    pub fn new(card_key: [u8; 32]) -> Self {
        Self { card_key }
    }

    /// Reads the text as a value of this kind.
    ///
    /// ```
    /// use comity_stix::value::{Kind, Values};
    ///
    /// let values = Values::new([0; 32]);
    /// let value = values.parse(Kind::Domain, "WWW.Example.ORG.").unwrap();
    /// assert_eq!(value.text(), "www.example.org");
    /// ```
    ///
    /// # Errors
    /// When the text is not of that kind, is empty, or is longer than [`MAX_BYTES`].
    pub fn parse(&self, kind: Kind, text: &str) -> Result<Value, ValueError> {
        let mut out = String::new();
        self.normalise(kind, text, &mut out)?;
        Ok(Value { kind, text: out.into_boxed_str() })
    }

    /// Replaces what is in `out` by the normal form; for the common kinds nothing else is allocated.
    ///
    /// # Errors
    /// As [`Self::parse`]; `out` is then empty.
    pub fn normalise(&self, kind: Kind, text: &str, out: &mut String) -> Result<(), ValueError> {
        out.clear();
        let bare = if kind == Kind::Mutex { text } else { text.trim() };
        let check = if bare.trim_start().is_empty() {
            Err("it is empty")
        } else if bare.len() > MAX_BYTES {
            Err("it is longer than any such value")
        } else {
            self.append(kind, bare, out)
        };
        check.map_err(|reason| {
            out.clear();
            ValueError { kind, reason }
        })
    }

    fn append(&self, kind: Kind, text: &str, out: &mut String) -> Check {
        match kind {
            Kind::Ipv4 => net::ipv4(text, out),
            Kind::Ipv6 => net::ipv6(text, out),
            Kind::Cidr => net::cidr(text, out),
            Kind::Asn => net::asn(text, out),
            Kind::Mac => net::mac(text, out),
            Kind::Domain => host::domain(text, out),
            Kind::Onion => host::onion(text, out),
            Kind::Url => address::url(text, out),
            Kind::Email => address::email(text, out),
            Kind::Md5 | Kind::Ja3 => hash::hex(text, 32, out),
            Kind::Sha1 => hash::hex(text, 40, out),
            Kind::Sha256 => hash::hex(text, 64, out),
            Kind::Sha512 => hash::hex(text, 128, out),
            Kind::Ssdeep => hash::ssdeep(text, out),
            Kind::Tlsh => hash::tlsh(text, out),
            Kind::CertFingerprint => hash::certificate(text, out),
            Kind::Ja4 => hash::ja4(text, out),
            Kind::FileName => machine::file_name(text, out),
            Kind::RegistryKey => machine::registry_key(text, out),
            Kind::Mutex => machine::mutex(text, out),
            Kind::Phone => person::phone(text, out),
            Kind::Handle => person::handle(text, out),
            Kind::Iban => money::iban(text, out),
            Kind::Bic => money::bic(text, out),
            Kind::Card => money::card(text, &self.card_key, out),
            Kind::Bitcoin => crypto_address::bitcoin(text, out),
            Kind::Ethereum => crypto_address::ethereum(text, out),
            Kind::Monero => crypto_address::monero(text, out),
            Kind::Tron => crypto_address::tron(text, out),
            Kind::TravelDocument => document::travel_document(text, out),
            Kind::Plate => document::plate(text, out),
        }
    }
}

impl fmt::Debug for Values {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Values")
    }
}

/// Appends ASCII text in lower case.
fn push_lower(text: &str, out: &mut String) {
    let start = out.len();
    out.push_str(text);
    if let Some(tail) = out.get_mut(start..) {
        tail.make_ascii_lowercase();
    }
}

/// The rest after a prefix in any case.
fn strip_prefix_any_case<'t>(text: &'t str, prefix: &str) -> Option<&'t str> {
    let (head, rest) = text.split_at_checked(prefix.len())?;
    head.eq_ignore_ascii_case(prefix).then_some(rest)
}

#[cfg(test)]
mod tests;
