//! The `next` token of a page (TAXII 2.1 section 3.5), opaque and complete in itself.
//!
//! A token holds where to go on and everything that was asked for, so a client may send it alone. It is sealed and
//! bound to its collection and reader: positions count objects the client may not see, and must not be readable,
//! and a token must neither be made up nor carried to another collection.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use comity_base::{Position, Timestamp};
use comity_crypto::TokenKey;
use comity_stix::{ObjectId, TypeName};
use http::StatusCode;
use uuid::Uuid;

use crate::{Matches, TaxiiError, VersionMatch};

/// Where a page ended and what was asked for (TAXII 2.1 section 3.5).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cursor {
    /// The last position that was given or passed over.
    pub position: Position,
    /// The last position that belongs to this walk; what comes later is for the next one.
    pub snapshot: Position,
    /// The page size the client asked for.
    pub limit: Option<u64>,
    /// The moment the client asked for.
    pub added_after: Option<Timestamp>,
    /// Which objects the client asked for.
    pub matches: Matches,
}

/// For whom and in what a token is valid. Neither is in the token.
#[derive(Clone, Copy, Debug)]
pub struct Scope<'a> {
    /// The collection's id, and its API root's if ids repeat.
    pub collection: &'a str,
    /// Whoever reads: what decides which objects are seen.
    pub reader: &'a str,
}

/// The node's secret for tokens. A new one makes every token invalid, and clients begin again.
#[derive(Clone, Debug)]
pub struct CursorKey(TokenKey);

/// A token that is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CursorError {
    /// Longer than any token.
    #[error("the token in next is longer than any this server gives")]
    TooLong,
    /// Not made here for this reader and collection, or damaged.
    #[error(
        "the token in next is not one this server gave for this collection; \
         go on without it, with added_after set to the last X-TAXII-Date-Added-Last"
    )]
    Unknown,
}

impl CursorKey {
    /// A key from 32 secret bytes.
    pub fn new(secret: &[u8; 32]) -> Self {
        Self(TokenKey::new(secret))
    }
}

impl Scope<'_> {
    fn place(&self) -> [&[u8]; 3] {
        [&[FORM], self.collection.as_bytes(), self.reader.as_bytes()]
    }
}

impl Cursor {
    /// The token for a client: base64url without padding, about 70 characters when nothing was filtered.
    pub fn seal(&self, key: &CursorKey, scope: Scope<'_>) -> String {
        let sealed = key.0.seal(&scope.place(), &self.encode());
        URL_SAFE_NO_PAD.encode([&[FORM], sealed.as_slice()].concat())
    }

    /// Reads a token back.
    ///
    /// # Errors
    /// When it was not sealed with this key for this scope.
    pub fn open(key: &CursorKey, scope: Scope<'_>, token: &str) -> Result<Self, CursorError> {
        if token.len() > MOST_BYTES {
            return Err(CursorError::TooLong);
        }
        let bytes = URL_SAFE_NO_PAD.decode(token.trim_end_matches('=')).map_err(|_| CursorError::Unknown)?;
        let (&form, rest) = bytes.split_first().ok_or(CursorError::Unknown)?;
        if form != FORM {
            return Err(CursorError::Unknown);
        }
        let content = key.0.open(&scope.place(), rest).ok_or(CursorError::Unknown)?;
        Self::decode(&content).ok_or(CursorError::Unknown)
    }

    /// Fixed width wherever a length would tell how large a position is.
    fn encode(&self) -> Vec<u8> {
        let mut out = Writer(Vec::with_capacity(40));
        out.word(self.position.0);
        out.word(self.snapshot.0);
        out.maybe(self.limit);
        out.maybe(self.added_after.map(|moment| moment.as_micros().cast_unsigned()));
        let Matches { ids, types, versions, spec_versions } = &self.matches;
        out.count(ids.len());
        for id in ids {
            out.text(id.kind.as_str());
            out.0.extend_from_slice(id.uuid.as_bytes());
        }
        out.count(types.len());
        for kind in types {
            out.text(kind.as_str());
        }
        out.count(versions.len());
        for version in versions {
            match version {
                VersionMatch::First => out.0.push(0),
                VersionMatch::Last => out.0.push(1),
                VersionMatch::All => out.0.push(2),
                VersionMatch::At(moment) => {
                    out.0.push(3);
                    out.word(moment.as_micros().cast_unsigned());
                }
            }
        }
        out.count(spec_versions.len());
        for version in spec_versions {
            out.text(version);
        }
        out.0
    }

    fn decode(content: &[u8]) -> Option<Self> {
        let mut from = Reader(content);
        let moment = |micros: u64| Timestamp::from_micros(micros.cast_signed());
        let cursor = Self {
            position: Position(from.word()?),
            snapshot: Position(from.word()?),
            limit: from.maybe().ok()?,
            added_after: from.maybe().ok()?.map(moment),
            matches: Matches {
                ids: from.list(|from| {
                    let kind = TypeName::parse(from.text()?).ok()?;
                    Some(ObjectId { kind, uuid: Uuid::from_bytes(*from.bytes::<16>()?) })
                })?,
                types: from.list(|from| TypeName::parse(from.text()?).ok())?,
                versions: from.list(|from| match from.byte()? {
                    0 => Some(VersionMatch::First),
                    1 => Some(VersionMatch::Last),
                    2 => Some(VersionMatch::All),
                    3 => from.word().map(moment).map(VersionMatch::At),
                    _ => None,
                })?,
                spec_versions: from.list(|from| from.text().map(str::to_owned))?,
            },
        };
        from.0.is_empty().then_some(cursor)
    }
}

impl From<CursorError> for TaxiiError {
    fn from(error: CursorError) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "The page to go on with is not known", error.to_string())
    }
}

struct Writer(Vec<u8>);

impl Writer {
    fn word(&mut self, word: u64) {
        self.0.extend_from_slice(&word.to_le_bytes());
    }

    fn maybe(&mut self, word: Option<u64>) {
        self.0.push(u8::from(word.is_some()));
        if let Some(word) = word {
            self.word(word);
        }
    }

    /// LEB128.
    fn count(&mut self, count: usize) {
        let mut rest = count;
        loop {
            let [low, ..] = rest.to_le_bytes();
            rest >>= 7;
            if rest == 0 {
                return self.0.push(low & 0x7f);
            }
            self.0.push(low | 0x80);
        }
    }

    fn text(&mut self, text: &str) {
        self.count(text.len());
        self.0.extend_from_slice(text.as_bytes());
    }
}

/// The content ends too early or holds what was never written.
struct Broken;

struct Reader<'c>(&'c [u8]);

impl<'c> Reader<'c> {
    fn byte(&mut self) -> Option<u8> {
        let (&byte, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(byte)
    }

    fn bytes<const N: usize>(&mut self) -> Option<&'c [u8; N]> {
        let (bytes, rest) = self.0.split_first_chunk::<N>()?;
        self.0 = rest;
        Some(bytes)
    }

    fn word(&mut self) -> Option<u64> {
        self.bytes().map(|bytes| u64::from_le_bytes(*bytes))
    }

    fn maybe(&mut self) -> Result<Option<u64>, Broken> {
        match self.byte() {
            Some(0) => Ok(None),
            Some(1) => self.word().map(Some).ok_or(Broken),
            _ => Err(Broken),
        }
    }

    fn count(&mut self) -> Option<usize> {
        let mut count = 0;
        for shift in [0, 7, 14, 21] {
            let byte = self.byte()?;
            count |= usize::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Some(count);
            }
        }
        None
    }

    fn text(&mut self) -> Option<&'c str> {
        let length = self.count()?;
        let (text, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        std::str::from_utf8(text).ok()
    }

    fn list<T>(&mut self, one: impl Fn(&mut Self) -> Option<T>) -> Option<Vec<T>> {
        let count = self.count()?;
        // Every item takes a byte: no room is made for more than can follow.
        if count > self.0.len() {
            return None;
        }
        (0..count).map(|_| one(self)).collect()
    }
}

/// The first byte of a token, so that a later form can be told apart.
const FORM: u8 = 2;
/// Longer texts are no tokens.
const MOST_BYTES: usize = 64 << 10;

#[cfg(test)]
mod tests;
