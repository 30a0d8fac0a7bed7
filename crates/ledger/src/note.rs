use std::fmt;
use std::str::FromStr;

use comity_crypto::{NoteKey, PublicKey, Signature, base64, hex, sha256, unbase64, unhex};

/// A text with signatures under it (C2SP signed-note v1.0.0).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// The text that is signed; it ends with a line feed.
    pub text: String,
    /// The signatures, good and bad, of whomever.
    pub signatures: Vec<NoteSignature>,
}

/// A line under a note.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoteSignature {
    /// Who is said to have signed.
    pub name: String,
    /// Which key is said to have signed.
    pub id: KeyId,
    /// What stands behind the key's id: its form depends on the kind of the key.
    pub bytes: Vec<u8>,
}

/// What tells one key of a name from another: the first four bytes of a hash over name and key.
pub type KeyId = [u8; 4];

/// A public key under a name, as notes are verified with: `name+0123abcd+base64` in text, the "vkey" of the
/// specification.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NoteVerifier {
    name: String,
    kind: KeyKind,
    key: PublicKey,
}

/// What a key's signatures say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum KeyKind {
    /// The text was made: Ed25519 over the text (0x01).
    Log,
    /// The text was seen at a time, and follows what was seen before: an Ed25519 cosignature (0x04).
    Cosigner,
}

/// A key with its name that signs notes.
#[derive(Clone, Debug)]
pub struct NoteSigner {
    verifier: NoteVerifier,
    key: NoteKey,
}

/// What is not a note, a key or a signature.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoteError {
    /// More bytes than are read: 64 KiB of a checkpoint.
    #[error("{0} bytes are too long for this note")]
    Long(usize),
    /// Not UTF-8, or with control characters.
    #[error("a note is UTF-8 text without control characters")]
    Characters,
    /// No text, or no empty line and signatures behind it.
    #[error("a note is a text, an empty line and at least one line with a signature")]
    Form,
    /// A line that is no signature.
    #[error("line {0} under the note is no signature")]
    Line(usize),
    /// More than 128 signatures.
    #[error("a note has at most {SIGNATURES} signatures")]
    Many,
    /// Not a key.
    #[error("not a key as notes are verified with")]
    Key,
    /// Not a name: empty, or with spaces or a plus.
    #[error("not a name for a key: it is empty or has a space or a plus in it")]
    Name,
    /// A signature of this key, which is wrong. Somebody changed the text or the signature.
    #[error("the signature of {0} does not fit the text")]
    Bad(String),
}

/// The longest note that is read, in bytes.
pub(crate) const NOTE: usize = 64 * 1024;
/// The most signatures that are read.
pub(crate) const SIGNATURES: usize = 128;

impl Note {
    /// Reads a note.
    ///
    /// # Errors
    /// When it is not one, or over a limit.
    pub fn parse(bytes: &[u8]) -> Result<Self, NoteError> {
        Self::parse_within(bytes, NOTE)
    }

    /// Reads a note of at most so many bytes.
    ///
    /// # Errors
    /// As [`Self::parse`].
    pub(crate) fn parse_within(bytes: &[u8], most: usize) -> Result<Self, NoteError> {
        if bytes.len() > most {
            return Err(NoteError::Long(bytes.len()));
        }
        let all = std::str::from_utf8(bytes).map_err(|_| NoteError::Characters)?;
        if all.chars().any(|c| c < ' ' && c != '\n') {
            return Err(NoteError::Characters);
        }
        let border = all.rfind("\n\n").ok_or(NoteError::Form)?;
        let (text, below) = all.split_at_checked(border + 1).ok_or(NoteError::Form)?;
        let lines = below.strip_prefix('\n').and_then(|lines| lines.strip_suffix('\n')).ok_or(NoteError::Form)?;
        let signatures = read_signatures(lines)?;
        Ok(Self { text: text.to_owned(), signatures })
    }

    /// A text signed by these.
    pub fn signed(text: &str, by: &[&NoteSigner]) -> Self {
        let signatures = by.iter().map(|signer| signer.sign(text)).collect();
        Self { text: text.to_owned(), signatures }
    }

    /// Whether the holder of this key signed the text: `None` when no signature names the key.
    ///
    /// # Errors
    /// When one names the key and does not fit.
    pub fn verify(&self, key: &NoteVerifier) -> Result<Option<Signed>, NoteError> {
        let (name, id) = (&key.name, key.id());
        let Some(signature) = self.signatures.iter().find(|s| s.name == *name && s.id == id) else { return Ok(None) };
        key.verify(&self.text, &signature.bytes).map(Some).ok_or_else(|| NoteError::Bad(name.clone()))
    }

    /// Adds signatures, in place of older ones of the same keys, up to the most that are read.
    pub fn add(&mut self, others: &[NoteSignature]) {
        for other in others {
            self.signatures.retain(|known| known.name != other.name || known.id != other.id);
            if self.signatures.len() < SIGNATURES {
                self.signatures.push(other.clone());
            }
        }
    }
}

/// What a good signature says besides "this text".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Signed {
    /// When, in seconds since 1970, by the clock of a cosigner; none of a log's own signature.
    pub at: Option<u64>,
}

/// The note as it is written, its last line feed included.
impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.text)?;
        self.signatures.iter().try_for_each(|signature| writeln!(f, "{signature}"))
    }
}

impl fmt::Display for NoteSignature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\u{2014} {} {}", self.name, base64(&[&self.id[..], &self.bytes].concat()))
    }
}

/// Reads lines with signatures, as stand under a note and in the answer of a witness.
///
/// # Errors
/// When one is none, or they are too many.
pub fn read_signatures(lines: &str) -> Result<Vec<NoteSignature>, NoteError> {
    let mut signatures = Vec::new();
    for (at, line) in lines.split('\n').enumerate() {
        if at == SIGNATURES {
            return Err(NoteError::Many);
        }
        signatures.push(read_signature(line).ok_or(NoteError::Line(at + 1))?);
    }
    Ok(signatures)
}

fn read_signature(line: &str) -> Option<NoteSignature> {
    let (name, signature) = line.strip_prefix("\u{2014} ")?.split_once(' ')?;
    let bytes = unbase64(signature)?;
    let (id, bytes) = bytes.split_first_chunk::<4>()?;
    (is_name(name) && !bytes.is_empty()).then(|| NoteSignature {
        name: name.to_owned(),
        id: *id,
        bytes: bytes.to_vec(),
    })
}

/// Whether this may be the name of a key.
pub fn is_name(name: &str) -> bool {
    !name.is_empty() && !name.contains(|c: char| c.is_whitespace() || c == '+')
}

impl NoteVerifier {
    /// A key under a name.
    ///
    /// # Errors
    /// When it is no name.
    pub fn new(name: &str, kind: KeyKind, key: PublicKey) -> Result<Self, NoteError> {
        if is_name(name) { Ok(Self { name: name.to_owned(), kind, key }) } else { Err(NoteError::Name) }
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What its signatures say.
    pub fn kind(&self) -> KeyKind {
        self.kind
    }

    /// The key itself.
    pub fn key(&self) -> PublicKey {
        self.key
    }

    /// What its signatures are marked with.
    pub fn id(&self) -> KeyId {
        let hash = sha256(&[self.name.as_bytes(), b"\n", &self.tagged()].concat());
        hash.first_chunk().copied().unwrap_or_default()
    }

    /// Checks what stands behind the key's id in a signature's line.
    fn verify(&self, text: &str, bytes: &[u8]) -> Option<Signed> {
        match self.kind {
            KeyKind::Log => {
                let signature = Signature(bytes.try_into().ok()?);
                self.key.verify_note(text.as_bytes(), &signature).ok()?;
                Some(Signed { at: None })
            }
            KeyKind::Cosigner => {
                let (at, signature) = bytes.split_first_chunk::<8>()?;
                let (at, signature) = (u64::from_be_bytes(*at), Signature(signature.try_into().ok()?));
                self.key.verify_note(cosigned(at, text).as_bytes(), &signature).ok()?;
                Some(Signed { at: Some(at) })
            }
        }
    }

    fn tagged(&self) -> [u8; 33] {
        let mut bytes = [self.kind.code(); 33];
        if let Some(place) = bytes.last_chunk_mut::<32>() {
            *place = self.key.0;
        }
        bytes
    }
}

impl KeyKind {
    const fn code(self) -> u8 {
        match self {
            Self::Log => 0x01,
            Self::Cosigner => 0x04,
        }
    }
}

impl fmt::Display for NoteVerifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}+{}+{}", self.name, hex(&self.id()), base64(&self.tagged()))
    }
}

impl FromStr for NoteVerifier {
    type Err = NoteError;

    fn from_str(text: &str) -> Result<Self, NoteError> {
        let mut parts = text.splitn(3, '+');
        let (Some(name), Some(id), Some(key)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(NoteError::Key);
        };
        let id = unhex::<4>(id).ok_or(NoteError::Key)?;
        let key = unbase64(key).ok_or(NoteError::Key)?;
        let (kind, key) = key.split_first().ok_or(NoteError::Key)?;
        let kind = match kind {
            0x01 => KeyKind::Log,
            0x04 => KeyKind::Cosigner,
            _ => return Err(NoteError::Key),
        };
        let verifier = Self::new(name, kind, PublicKey(key.try_into().map_err(|_| NoteError::Key)?))?;
        if verifier.id() == id { Ok(verifier) } else { Err(NoteError::Key) }
    }
}

impl NoteSigner {
    /// A key that signs texts under a name.
    ///
    /// # Errors
    /// When it is no name.
    pub fn new(name: &str, key: NoteKey) -> Result<Self, NoteError> {
        Self::of(name, KeyKind::Log, key)
    }

    /// A key that countersigns the checkpoints of others under a name. It must be no log's key.
    ///
    /// # Errors
    /// When it is no name.
    pub fn cosigner(name: &str, key: NoteKey) -> Result<Self, NoteError> {
        Self::of(name, KeyKind::Cosigner, key)
    }

    fn of(name: &str, kind: KeyKind, key: NoteKey) -> Result<Self, NoteError> {
        Ok(Self { verifier: NoteVerifier::new(name, kind, key.public_key())?, key })
    }

    /// What verifies it.
    pub fn verifier(&self) -> &NoteVerifier {
        &self.verifier
    }

    /// Signs a text. Of a cosigner's key it is a cosignature without a time, which verifiers may refuse; use
    /// [`Self::cosign`].
    pub fn sign(&self, text: &str) -> NoteSignature {
        match self.verifier.kind {
            KeyKind::Log => self.line(self.key.sign(text.as_bytes()).0.to_vec()),
            KeyKind::Cosigner => self.cosign(text, 0),
        }
    }

    /// Countersigns the text of a checkpoint at a time in seconds since 1970 (C2SP tlog-cosignature, Ed25519).
    pub fn cosign(&self, text: &str, at: u64) -> NoteSignature {
        let signature = self.key.sign(cosigned(at, text).as_bytes());
        self.line([&at.to_be_bytes()[..], &signature.0].concat())
    }

    fn line(&self, bytes: Vec<u8>) -> NoteSignature {
        NoteSignature { name: self.verifier.name.clone(), id: self.verifier.id(), bytes }
    }
}

/// What a cosigner signs.
fn cosigned(at: u64, text: &str) -> String {
    format!("cosignature/v1\ntime {at}\n{text}")
}
