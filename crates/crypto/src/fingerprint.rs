use std::fmt;
use std::hash::Hasher as _;

use siphasher::sip::SipHasher13;

/// The 64-bit keyed name of a value, id or reference inside this node's indexes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint(pub u64);

/// Makes [`Fingerprint`]s with the node's own key, so that nobody outside can craft collisions or
/// test guesses against a stolen index file.
#[derive(Clone)]
pub struct Fingerprinter {
    key: (u64, u64),
}

impl Fingerprinter {
    /// One that uses this 128-bit key.
    pub fn new(key: [u8; 16]) -> Self {
        let key = u128::from_le_bytes(key);
        let low = u64::try_from(key & u128::from(u64::MAX)).unwrap_or_default();
        Self { key: (low, u64::try_from(key >> 64).unwrap_or_default()) }
    }

    /// The fingerprint of these bytes within a class; equal bytes of two classes differ.
    pub fn fingerprint(&self, class: u8, bytes: &[u8]) -> Fingerprint {
        let mut hasher = SipHasher13::new_with_keys(self.key.0, self.key.1 ^ u64::from(class));
        hasher.write(bytes);
        Fingerprint(hasher.finish())
    }

    /// A number that tells two keys apart without revealing either; kept in index headers.
    pub fn key_id(&self) -> u64 {
        self.fingerprint(0xff, b"comity index key id").0
    }
}

impl fmt::Debug for Fingerprinter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Fingerprinter(key id {:016x})", self.key_id())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn key_and_class_matter() {
        let one = Fingerprinter::new([1; 16]);
        let two = Fingerprinter::new([2; 16]);
        assert_eq!(one.fingerprint(1, b"a"), one.fingerprint(1, b"a"));
        assert_ne!(one.fingerprint(1, b"a"), one.fingerprint(2, b"a"));
        assert_ne!(one.fingerprint(1, b"a"), two.fingerprint(1, b"a"));
    }
}
