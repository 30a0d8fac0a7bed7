use comity_base::{OrgName, Position};
use comity_crypto::{TokenKey, base64url, unbase64url};
use serde::{Deserialize, Serialize};

/// Up to where a peer holds everything it may see, as it was told by this node.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Cursor {
    /// What it might see when it was told.
    pub(crate) epoch: u64,
    pub(crate) at: Position,
}

impl Cursor {
    /// As the peer carries it, enciphered for that peer: how far the log has grown is nobody's business.
    pub(crate) fn seal(self, key: &TokenKey, peer: &OrgName) -> String {
        let plain = [self.epoch.to_le_bytes(), self.at.0.to_le_bytes()].concat();
        base64url(&key.seal(&[peer.as_str().as_bytes()], &plain))
    }

    /// Reads [`Self::seal`]; nothing when it was made for another peer, with another key, or by another hand.
    pub(crate) fn open(text: &str, key: &TokenKey, peer: &OrgName) -> Option<Self> {
        let plain = key.open(&[peer.as_str().as_bytes()], &unbase64url(text)?)?;
        let (epoch, at) = plain.split_first_chunk::<8>()?;
        Some(Self { epoch: u64::from_le_bytes(*epoch), at: Position(u64::from_le_bytes(at.try_into().ok()?)) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whom_it_was_made_for_can_use_it() {
        let (key, lab, bank) =
            (TokenKey::new(&[7; 32]), OrgName::parse("lab").unwrap(), OrgName::parse("bank").unwrap());
        let cursor = Cursor { epoch: 3, at: Position(1_000_000) };
        let text = cursor.seal(&key, &lab);
        assert_eq!(Cursor::open(&text, &key, &lab), Some(cursor));
        assert_eq!(Cursor::open(&text, &key, &bank), None);
        assert_eq!(Cursor::open(&text, &TokenKey::new(&[8; 32]), &lab), None);
        assert_eq!(Cursor::open(&text[1..], &key, &lab), None);
        assert_eq!(Cursor::open("", &key, &lab), None);
        let other = Cursor { at: Position(1_000_001), ..cursor }.seal(&key, &lab);
        assert_eq!(text.len(), other.len());
        assert_ne!(text[..8], other[..8]);
    }
}
