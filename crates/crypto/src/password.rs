//! Passwords of people, kept as hashes that are costly to guess against.

use std::fmt;

use argon2::{Algorithm, Argon2, Params, Version};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::seal::Cost;
use crate::{NoRandomness, base64url, random_bytes, same_secret, unbase64url};

/// What is kept of a password: Argon2id (RFC 9106) of it under a random salt, with the cost it was made at.
///
/// The text form is that of PHC strings: `$argon2id$v=19$m=65536,t=3,p=1$SALT$HASH`, in base64url without padding.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PasswordHash(String);

impl PasswordHash {
    /// The hash of a password at a cost.
    ///
    /// # Errors
    /// When the operating system gives no randomness.
    pub fn new(password: &str, cost: Cost) -> Result<Self, NoRandomness> {
        let salt = random_bytes::<16>()?;
        let (memory, passes) = cost.numbers();
        let hash = derive(password, &salt, memory, passes).ok_or(NoRandomness)?;
        let (salt, hash) = (base64url(&salt), base64url(&*hash));
        Ok(Self(format!("$argon2id$v=19$m={memory},t={passes},p=1${salt}${hash}")))
    }

    /// Whether this is the password. A hash that does not read back fits none.
    pub fn fits(&self, password: &str) -> bool {
        self.parts().is_some_and(|(memory, passes, salt, hash)| {
            derive(password, &salt, memory, passes).is_some_and(|made| same_secret(&*made, &hash))
        })
    }

    fn parts(&self) -> Option<(u32, u32, Vec<u8>, Vec<u8>)> {
        let mut fields = self.0.strip_prefix("$argon2id$v=19$")?.split('$');
        let mut cost = fields.next()?.split(',');
        let memory = cost.next()?.strip_prefix("m=")?.parse().ok()?;
        let passes = cost.next()?.strip_prefix("t=")?.parse().ok()?;
        let (salt, hash) = (unbase64url(fields.next()?)?, unbase64url(fields.next()?)?);
        // What is stored cannot ask for more than this program would.
        let bounded = Cost::new(memory, passes).numbers() == (memory, passes);
        (cost.next() == Some("p=1") && fields.next().is_none() && bounded).then_some((memory, passes, salt, hash))
    }
}

impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordHash(secret)")
    }
}

fn derive(password: &str, salt: &[u8], memory: u32, passes: u32) -> Option<Zeroizing<[u8; 32]>> {
    let params = Params::new(memory, passes, 1, Some(32)).ok()?;
    let mut out = Zeroizing::new([0; 32]);
    let argon = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    argon.hash_password_into(password.as_bytes(), salt, &mut *out).ok()?;
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_fits_its_hash_and_no_other_does() {
        let cost = Cost::new(8, 1);
        let hash = PasswordHash::new("correct horse battery staple", cost).unwrap();
        assert!(hash.fits("correct horse battery staple"));
        assert!(!hash.fits("correct horse battery stapler") && !hash.fits(""));
        assert_ne!(hash, PasswordHash::new("correct horse battery staple", cost).unwrap(), "salted");
        let kept: PasswordHash = serde_json::from_str(&serde_json::to_string(&hash).unwrap()).unwrap();
        assert!(kept.fits("correct horse battery staple"));
        assert_eq!(format!("{hash:?}"), "PasswordHash(secret)");
    }

    #[test]
    fn a_damaged_hash_fits_nothing() {
        let whole = PasswordHash::new("x", Cost::new(8, 1)).unwrap().0;
        for broken in ["", "$argon2id$v=19$m=8,t=1,p=1$", "$argon2id$v=19$m=4194304,t=1,p=1$AAAA$AAAA", "x"] {
            assert!(!PasswordHash(broken.to_owned()).fits("x"), "{broken}");
        }
        assert!(!PasswordHash(format!("{whole}$")).fits("x"));
        assert!(!PasswordHash(whole.replace("p=1", "p=2")).fits("x"));
    }
}
