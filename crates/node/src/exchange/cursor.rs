use comity_base::{OrgName, Position};
use comity_crypto::{base64url, hmac_sha256, unbase64url};
use serde::{Deserialize, Serialize};

/// Up to where a peer holds everything it may see, as it was told by this node.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Cursor {
    /// What it might see when it was told.
    pub(crate) epoch: u64,
    pub(crate) at: Position,
}

impl Cursor {
    /// As the peer carries it. It is enciphered for that peer: how far the log has grown is nobody's business, and
    /// nobody can make one up. The same cursor has the same text (RFC 5297 in spirit: the tag is the nonce).
    pub(crate) fn seal(self, key: &[u8; 32], peer: &OrgName) -> String {
        let mut plain = [0; 16];
        plain.iter_mut().zip(self.epoch.to_le_bytes().into_iter().chain(self.at.0.to_le_bytes())).for_each(copy);
        let tag = tag(key, peer, &plain);
        let mut out = tag.to_vec();
        out.extend(mask(key, &tag, &plain));
        base64url(&out)
    }

    /// Reads [`Self::seal`]; nothing when it was made for another peer, with another key, or by another hand.
    pub(crate) fn open(text: &str, key: &[u8; 32], peer: &OrgName) -> Option<Self> {
        let bytes = unbase64url(text)?;
        let (found, body) = bytes.split_first_chunk::<16>()?;
        let plain = mask(key, found, body.try_into().ok()?);
        if !comity_crypto::same_secret(&tag(key, peer, &plain), found) {
            return None;
        }
        let (epoch, at) = plain.split_first_chunk::<8>()?;
        Some(Self { epoch: u64::from_le_bytes(*epoch), at: Position(u64::from_le_bytes(at.try_into().ok()?)) })
    }
}

fn copy((to, from): (&mut u8, u8)) {
    *to = from;
}

fn tag(key: &[u8; 32], peer: &OrgName, plain: &[u8; 16]) -> [u8; 16] {
    let mut said = b"tag".to_vec();
    said.extend_from_slice(plain);
    said.extend_from_slice(peer.as_str().as_bytes());
    half(&hmac_sha256(key, &said))
}

fn mask(key: &[u8; 32], tag: &[u8; 16], bytes: &[u8; 16]) -> [u8; 16] {
    let mut said = b"key".to_vec();
    said.extend_from_slice(tag);
    let mut out = half(&hmac_sha256(key, &said));
    out.iter_mut().zip(bytes).for_each(|(to, from)| *to ^= from);
    out
}

fn half(hash: &[u8; 32]) -> [u8; 16] {
    let mut out = [0; 16];
    out.iter_mut().zip(hash).for_each(|(to, from)| *to = *from);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whom_it_was_made_for_can_use_it() {
        let (key, lab, bank) = ([7; 32], OrgName::parse("lab").unwrap(), OrgName::parse("bank").unwrap());
        let cursor = Cursor { epoch: 3, at: Position(1_000_000) };
        let text = cursor.seal(&key, &lab);
        assert_eq!(Cursor::open(&text, &key, &lab), Some(cursor));
        assert_eq!(Cursor::open(&text, &key, &bank), None);
        assert_eq!(Cursor::open(&text, &[8; 32], &lab), None);
        assert_eq!(Cursor::open(&text[1..], &key, &lab), None);
        assert_eq!(Cursor::open("", &key, &lab), None);
        let other = Cursor { at: Position(1_000_001), ..cursor }.seal(&key, &lab);
        assert_eq!(text.len(), other.len());
        assert_ne!(text[..8], other[..8]);
    }
}
