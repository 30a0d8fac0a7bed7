//! Small secrets at rest: sealed with AES-256-GCM under an unlock key or a passphrase.
//!
//! The text form names its version and how the key is found, so that both can change later:
//!
//! ```text
//! comity-sealed-v1
//! argon2id m=65536 t=3 p=1 salt=rvRSNM2eUZgO2BeMzQ2w0Q
//! 8yf1rH...
//! ```
//!
//! The first two lines are authenticated with the content. The *associated* bytes say what is sealed and where it
//! belongs; sealed text that is put elsewhere does not open there.

use std::fmt;
use std::str::FromStr;

use argon2::{Algorithm, Argon2, Params, Version};
use aws_lc_rs::aead::{AES_256_GCM, Aad, Nonce, RandomizedNonceKey};
use zeroize::{Zeroize as _, Zeroizing};

use crate::{NoRandomness, NotHex, base64url, hex, hmac_sha256, random_bytes, unbase64url, unhex};

/// A random key that unlocks sealed secrets; its text form is 64 hexadecimal digits.
#[derive(Clone)]
pub struct UnlockKey(Zeroizing<[u8; 32]>);

/// What opens a sealed secret.
#[derive(Clone)]
pub enum Unlock {
    /// A random key.
    Key(UnlockKey),
    /// Words a person knows, made into a key at this cost when something is sealed.
    Passphrase(Zeroizing<String>, Cost),
}

/// What it costs to try one passphrase (Argon2id, RFC 9106).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cost {
    memory_kib: u32,
    passes: u32,
}

/// Sealing or opening failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// There is no randomness for a nonce or salt.
    #[error(transparent)]
    NoRandomness(#[from] NoRandomness),
    /// The text is not a sealed secret of a version known here.
    #[error("not a sealed secret of a version this program knows")]
    NotSealed,
    /// It was sealed with a passphrase.
    #[error("it is sealed with a passphrase, and an unlock key of 64 hexadecimal digits was given")]
    NeedsPassphrase,
    /// It was sealed with an unlock key.
    #[error("it is sealed with an unlock key of 64 hexadecimal digits, and a passphrase was given")]
    NeedsKey,
    /// The key is another one, or the text was changed, or it belongs elsewhere.
    #[error("the passphrase or unlock key is wrong, or the sealed text was changed")]
    Wrong,
    /// The text asks for more memory or time than a passphrase may cost here.
    #[error("the sealed text asks for {memory_kib} KiB and {passes} passes to open it, more than is allowed")]
    TooCostly {
        /// How much memory.
        memory_kib: u32,
        /// How many passes over it.
        passes: u32,
    },
    /// There is more to seal than the cipher takes.
    #[error("too much to seal at once")]
    TooLong,
}

impl UnlockKey {
    /// This key, which must be random and secret.
    pub fn new(key: [u8; 32]) -> Self {
        Self(Zeroizing::new(key))
    }

    /// A new random key.
    ///
    /// # Errors
    /// When the operating system gives no randomness.
    pub fn generate() -> Result<Self, NoRandomness> {
        random_bytes().map(Self::new)
    }

    /// 64 hexadecimal digits, to be kept where only the node's account reads it.
    pub fn to_text(&self) -> Zeroizing<String> {
        Zeroizing::new(hex(&*self.0))
    }
}

impl FromStr for UnlockKey {
    type Err = NotHex;

    fn from_str(text: &str) -> Result<Self, NotHex> {
        unhex(text).map(Self::new).ok_or(NotHex { digits: 64 })
    }
}

impl fmt::Debug for UnlockKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("UnlockKey(secret)")
    }
}

impl Unlock {
    /// An unlock key where the text is one, otherwise a passphrase.
    pub fn from_text(text: &str) -> Self {
        text.parse().map_or_else(|_| Self::Passphrase(Zeroizing::new(text.to_owned()), Cost::default()), Self::Key)
    }
}

impl fmt::Debug for Unlock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Key(_) => "Unlock(key)",
            Self::Passphrase(..) => "Unlock(passphrase)",
        })
    }
}

impl Cost {
    /// Another cost than the default, for tests and for small machines: KiB of memory, at least 8, and passes over
    /// it, at least 1. Out of bounds, the nearest that is allowed.
    pub fn new(memory_kib: u32, passes: u32) -> Self {
        Self { memory_kib: memory_kib.clamp(8, MOST_MEMORY_KIB), passes: passes.clamp(1, MOST_PASSES) }
    }
}

impl Cost {
    pub(crate) const fn numbers(self) -> (u32, u32) {
        (self.memory_kib, self.passes)
    }
}

/// 64 MiB and three passes, the second recommendation of RFC 9106 section 4 with one lane: less than a second.
impl Default for Cost {
    fn default() -> Self {
        Self { memory_kib: 64 * 1024, passes: 3 }
    }
}

/// Whether this text is meant to be a sealed secret, of whatever version.
pub fn is_sealed(text: &str) -> bool {
    text.starts_with("comity-sealed-")
}

/// Seals a secret.
///
/// # Errors
/// When there is no randomness, or the secret is too long for the cipher (64 GiB).
pub fn seal(unlock: &Unlock, associated: &[u8], secret: &[u8]) -> Result<String, SealError> {
    let way = match unlock {
        Unlock::Key(_) => Way::Key,
        Unlock::Passphrase(_, cost) => Way::Argon2id { cost: *cost, salt: random_bytes()? },
    };
    let mut sealed = secret.to_vec();
    let head = format!("{VERSION}\n{way}\n");
    let nonce = way
        .key(unlock)?
        .seal_in_place_append_tag(Aad::from(bound(&head, associated)), &mut sealed)
        .map_err(|_| SealError::TooLong)?;
    let mut body = nonce.as_ref().to_vec();
    body.append(&mut sealed);
    Ok(format!("{head}{}\n", base64url(&body)))
}

/// Opens what [`seal`] sealed.
///
/// # Errors
/// When the text is damaged or of an unknown version, or opens only with something else.
pub fn open(unlock: &Unlock, associated: &[u8], text: &str) -> Result<Zeroizing<Vec<u8>>, SealError> {
    let mut lines = text.lines();
    let (Some(VERSION), Some(way), Some(body), None) = (lines.next(), lines.next(), lines.next(), lines.next()) else {
        return Err(SealError::NotSealed);
    };
    let head = format!("{VERSION}\n{way}\n");
    let way = Way::parse(way).ok_or(SealError::NotSealed)?;
    let body = unbase64url(body).ok_or(SealError::NotSealed)?;
    let (nonce, sealed) = body.split_first_chunk::<12>().ok_or(SealError::NotSealed)?;
    let key = way.key(unlock)?;
    let mut secret = Zeroizing::new(sealed.to_vec());
    let length = key
        .open_in_place(Nonce::from(nonce), Aad::from(bound(&head, associated)), &mut secret)
        .map_err(|_| SealError::Wrong)?
        .len();
    secret.truncate(length);
    Ok(secret)
}

/// How the key of a sealed text is found, its second line.
enum Way {
    Key,
    Argon2id { cost: Cost, salt: [u8; 16] },
}

impl Way {
    /// Reads the one spelling that is written.
    fn parse(line: &str) -> Option<Self> {
        if line == "key" {
            return Some(Self::Key);
        }
        let rest = line.strip_prefix("argon2id m=")?;
        let (memory, rest) = rest.split_once(" t=")?;
        let (passes, salt) = rest.split_once(" p=1 salt=")?;
        let cost = Cost { memory_kib: memory.parse().ok()?, passes: passes.parse().ok()? };
        let way = Self::Argon2id { cost, salt: unbase64url(salt)?.try_into().ok()? };
        (way.to_string() == line).then_some(way)
    }

    fn key(&self, unlock: &Unlock) -> Result<RandomizedNonceKey, SealError> {
        let mut key = match (self, unlock) {
            (Self::Key, Unlock::Key(key)) => hmac_sha256(&*key.0, VERSION.as_bytes()),
            (Self::Argon2id { cost, salt }, Unlock::Passphrase(words, _)) => stretched(words, *cost, salt)?,
            (Self::Key, Unlock::Passphrase(..)) => return Err(SealError::NeedsKey),
            (Self::Argon2id { .. }, Unlock::Key(_)) => return Err(SealError::NeedsPassphrase),
        };
        let made = RandomizedNonceKey::new(&AES_256_GCM, &key).map_err(|_| SealError::Wrong);
        key.zeroize();
        made
    }
}

impl fmt::Display for Way {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Key => f.write_str("key"),
            Self::Argon2id { cost: Cost { memory_kib, passes }, salt } => {
                write!(f, "argon2id m={memory_kib} t={passes} p=1 salt={}", base64url(salt))
            }
        }
    }
}

fn stretched(words: &str, cost: Cost, salt: &[u8]) -> Result<[u8; 32], SealError> {
    let Cost { memory_kib, passes } = cost;
    let too_costly = SealError::TooCostly { memory_kib, passes };
    if memory_kib > MOST_MEMORY_KIB || passes > MOST_PASSES {
        return Err(too_costly);
    }
    let params = Params::new(memory_kib, passes, 1, Some(32)).map_err(|_| SealError::NotSealed)?;
    let mut key = [0; 32];
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into(words.as_bytes(), salt, &mut key)
        .map_err(|_| too_costly)?;
    Ok(key)
}

/// What is authenticated beside the content. The head ends with its second line end.
fn bound(head: &str, associated: &[u8]) -> Vec<u8> {
    [head.as_bytes(), associated].concat()
}

const VERSION: &str = "comity-sealed-v1";
/// A sealed text from elsewhere must not take all memory or never come to an end.
const MOST_MEMORY_KIB: u32 = 1 << 20;
const MOST_PASSES: u32 = 32;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn passphrase(words: &str) -> Unlock {
        Unlock::Passphrase(Zeroizing::new(words.to_owned()), Cost::new(16, 1))
    }

    fn key(byte: u8) -> Unlock {
        Unlock::Key(UnlockKey::new([byte; 32]))
    }

    /// Sealed by an independent program (Python's cryptography and argon2).
    #[test]
    fn what_others_sealed_opens() {
        let sealed = "comity-sealed-v1\nkey\nAAECAwQFBgcICQoLdDSCAjgkqQ5LIurIO9oiqQsSKzWSsSuGveQ\n";
        assert_eq!(**open(&key(7), b"comity keys", sealed).unwrap(), *b"the secret");
        let sealed = "comity-sealed-v1\nargon2id m=16 t=2 p=1 salt=AAECAwQFBgcICQoLDA0ODw\nAAECAwQFBgcICQoLaKa828kG-RWkO_C9IK3FSGJNS6L7IWyRfMA\n";
        assert_eq!(**open(&passphrase("correct horse"), b"comity keys", sealed).unwrap(), *b"the secret");
    }

    #[test]
    fn only_the_same_words_at_the_same_place_open() {
        for (right, wrong) in [(key(1), key(2)), (passphrase("a"), passphrase("b"))] {
            let sealed = seal(&right, b"here", b"secret").unwrap();
            assert!(is_sealed(&sealed));
            assert!(!sealed.contains("secret"));
            assert_eq!(**open(&right, b"here", &sealed).unwrap(), *b"secret");
            assert_eq!(open(&wrong, b"here", &sealed).unwrap_err(), SealError::Wrong);
            assert_eq!(open(&right, b"there", &sealed).unwrap_err(), SealError::Wrong);
            assert_ne!(seal(&right, b"here", b"secret").unwrap(), sealed, "the nonce is new each time");
        }
        let by_key = seal(&key(1), b"", b"secret").unwrap();
        assert_eq!(open(&passphrase("a"), b"", &by_key).unwrap_err(), SealError::NeedsKey);
        let by_words = seal(&passphrase("a"), b"", b"secret").unwrap();
        assert_eq!(open(&key(1), b"", &by_words).unwrap_err(), SealError::NeedsPassphrase);
    }

    #[test]
    fn changed_text_does_not_open() {
        let sealed = seal(&passphrase("a"), b"here", b"secret").unwrap();
        for (index, old) in sealed.char_indices().filter(|(_, c)| c.is_ascii_alphanumeric()) {
            let mut changed = sealed.clone();
            changed.replace_range(index..=index, if old == '1' { "2" } else { "1" });
            assert!(open(&passphrase("a"), b"here", &changed).is_err(), "{changed}");
        }
        for text in ["", "comity-sealed-v1", "comity-sealed-v1\nkey\n", "comity-sealed-v1\nkey\nAAAA\n"] {
            assert_eq!(open(&key(1), b"", text).unwrap_err(), SealError::NotSealed, "{text}");
        }
        assert_eq!(open(&passphrase("a"), b"here", &format!("{sealed}x\n")).unwrap_err(), SealError::NotSealed);
        let later = sealed.replace("-v1", "-v2");
        assert!(is_sealed(&later));
        assert_eq!(open(&passphrase("a"), b"here", &later).unwrap_err(), SealError::NotSealed);
    }

    #[test]
    fn sealed_text_cannot_ask_for_all_memory() {
        let sealed = seal(&passphrase("a"), b"", b"secret").unwrap();
        let greedy = sealed.replace("m=16 t=1", "m=4000000000 t=1");
        assert_eq!(
            open(&passphrase("a"), b"", &greedy).unwrap_err(),
            SealError::TooCostly { memory_kib: 4_000_000_000, passes: 1 }
        );
        for odd in ["m=16 t=+1", "m=016 t=1", "m=7 t=1", "m=16 t=0"] {
            let odd = sealed.replace("m=16 t=1", odd);
            assert_eq!(open(&passphrase("a"), b"", &odd).unwrap_err(), SealError::NotSealed, "{odd}");
        }
        assert_eq!(Cost::new(0, 0), Cost { memory_kib: 8, passes: 1 });
        assert_eq!(Cost::new(u32::MAX, u32::MAX), Cost { memory_kib: MOST_MEMORY_KIB, passes: MOST_PASSES });
    }

    #[test]
    fn a_text_is_a_key_where_it_looks_like_one() {
        let key = UnlockKey::generate().unwrap();
        let text = key.to_text();
        assert!(matches!(Unlock::from_text(&text), Unlock::Key(again) if again.to_text() == text));
        assert!(matches!(Unlock::from_text(&text[1..]), Unlock::Passphrase(..)));
        let shown = format!("{key:?} {:?} {:?}", Unlock::from_text(&text), Unlock::from_text("words"));
        assert!(!shown.contains(&*text) && !shown.contains("words"), "{shown}");
    }

    #[test]
    fn the_default_cost_works() {
        let unlock = Unlock::from_text("correct horse battery staple");
        let sealed = seal(&unlock, b"", b"secret").unwrap();
        assert!(sealed.contains("argon2id m=65536 t=3 p=1"), "{sealed}");
        assert_eq!(**open(&unlock, b"", &sealed).unwrap(), *b"secret");
    }

    proptest! {
        #[test]
        fn whatever_is_sealed_opens(secret: Vec<u8>, associated: Vec<u8>, byte: u8) {
            let sealed = seal(&key(byte), &associated, &secret).unwrap();
            prop_assert_eq!(&**open(&key(byte), &associated, &sealed).unwrap(), &secret);
        }

        #[test]
        fn anything_may_be_given_to_open(text: String, way in "(key|argon2id m=[0-9]{1,2} t=[0-9] p=1 salt=[A-Za-z0-9_-]{22})", body in "[A-Za-z0-9_-]{0,80}") {
            prop_assert!(open(&key(1), b"", &text).is_err());
            let like = format!("{VERSION}\n{way}\n{body}\n");
            prop_assert!(open(&passphrase("a"), b"", &like).is_err());
            prop_assert!(open(&key(1), b"", &like).is_err());
        }
    }
}
