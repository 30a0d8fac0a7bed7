use std::fmt;
use std::str::FromStr;

use comity_crypto::{Sha256, hex};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::Container;

/// Names a pair of containers by their owners and ids, whichever is named first: the same in every process, after every
/// look, and at every node that holds both under these ids. Written as 32 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HitKey([u8; 16]);

/// The text is no key of a hit.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no key of a hit: 32 hexadecimal digits in small letters, as `comity hits --queue` shows them")]
pub struct HitKeyError(pub String);

impl HitKey {
    /// The key of a pair.
    pub(super) fn of(one: &Container, other: &Container) -> Self {
        let (one, other) = ((one.owner.as_str(), one.id.as_str()), (other.owner.as_str(), other.id.as_str()));
        let mut digest = Sha256::new();
        digest.update(b"comity hit");
        for text in [one.min(other), one.max(other)].into_iter().flat_map(|(owner, id)| [owner, id]) {
            digest.update(&(text.len() as u64).to_le_bytes());
            digest.update(text.as_bytes());
        }
        Self(digest.finish().first_chunk().copied().unwrap_or_default())
    }

    pub(super) const fn bytes(self) -> [u8; 16] {
        self.0
    }

    pub(super) const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }
}

impl fmt::Display for HitKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&hex(&self.0))
    }
}

impl fmt::Debug for HitKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HitKey({self})")
    }
}

impl FromStr for HitKey {
    type Err = HitKeyError;

    fn from_str(text: &str) -> Result<Self, HitKeyError> {
        let wrong = || HitKeyError(text.chars().take(80).collect());
        let digit = |byte: u8| match byte {
            b'0'..=b'9' => Some(byte - b'0'),
            b'a'..=b'f' => Some(byte - b'a' + 10),
            _ => None,
        };
        let (pairs, []) = text.as_bytes().as_chunks::<2>() else { return Err(wrong()) };
        let bytes: Option<Vec<u8>> = pairs.iter().map(|[high, low]| Some(digit(*high)? << 4 | digit(*low)?)).collect();
        Ok(Self(bytes.and_then(|bytes| bytes.try_into().ok()).ok_or_else(wrong)?))
    }
}

impl Serialize for HitKey {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for HitKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use comity_base::OrgName;

    use super::*;

    fn container(owner: &str, id: &str, name: &str) -> Container {
        let owner = OrgName::parse(owner).unwrap();
        Container { owner, id: id.into(), kind: "report".into(), name: name.into() }
    }

    #[test]
    fn a_pair_has_one_key_whatever_its_order_and_names() {
        let (a, b) = (container("ee", "report--1", "Case"), container("us", "report--2", ""));
        let key = HitKey::of(&a, &b);
        assert_eq!(key, HitKey::of(&b, &container("ee", "report--1", "renamed")));
        assert_ne!(key, HitKey::of(&container("us", "report--1", ""), &container("ee", "report--2", "")));
        assert_ne!(key, HitKey::of(&container("e", "ereport--1", ""), &b));
        assert_eq!(key.to_string().parse(), Ok(key));
        assert_eq!(key.to_string(), "4faf142a1229b27605d2f86e6e5bb7b5", "keys are kept for years");
    }

    #[test]
    fn only_32_small_hexadecimal_digits_are_a_key() {
        let good = "00112233445566778899aabbccddeeff";
        assert_eq!(good.parse::<HitKey>().unwrap().to_string(), good);
        for bad in
            ["", &good[1..], &format!("{good}00"), &good.to_uppercase(), &format!(" {}", &good[1..]), &"é".repeat(16)]
        {
            assert!(bad.parse::<HitKey>().is_err(), "{bad:?}");
        }
    }
}
