use std::fmt;
use std::sync::Arc;

use aws_lc_rs::aead::{AES_256_GCM_SIV, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};

/// The secret for tokens that others carry and only their maker reads: nobody else can read what is in one, make one up,
/// change one, or use it elsewhere than where it was made for.
///
/// AES-256-GCM-SIV (RFC 8452) under one nonce: equal content for the same place gives the same token, and that is all a token
/// tells besides its length. The cipher was made so that a nonce used again tells no more than this (section 9).
#[derive(Clone)]
pub struct TokenKey(Option<Arc<LessSafeKey>>);

impl TokenKey {
    /// A key from 32 secret bytes that serve nothing else.
    pub fn new(secret: &[u8; 32]) -> Self {
        // The cipher takes 32 bytes. Were there no key, nothing would be made and nothing opened.
        Self(UnboundKey::new(&AES_256_GCM_SIV, secret).ok().map(|key| Arc::new(LessSafeKey::new(key))))
    }

    /// Seals content for a place: the names it is bound to, in order. 16 bytes longer than the content.
    pub fn seal(&self, place: &[&[u8]], content: &[u8]) -> Vec<u8> {
        let mut sealed = content.to_vec();
        let done = self.0.as_ref().map(|key| key.seal_in_place_append_tag(nonce(), aad(place), &mut sealed));
        if matches!(done, Some(Ok(()))) { sealed } else { Vec::new() }
    }

    /// The content of a token; nothing when it was not sealed with this key for this place.
    pub fn open(&self, place: &[&[u8]], sealed: &[u8]) -> Option<Vec<u8>> {
        let mut content = sealed.to_vec();
        let length = self.0.as_ref()?.open_in_place(nonce(), aad(place), &mut content).ok()?.len();
        content.truncate(length);
        Some(content)
    }
}

impl fmt::Debug for TokenKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenKey(secret)")
    }
}

fn nonce() -> Nonce {
    Nonce::assume_unique_for_key([0; NONCE_LEN])
}

/// Each name with its length, so that no two places read the same.
fn aad(place: &[&[u8]]) -> Aad<Vec<u8>> {
    let mut text = Vec::new();
    for name in place {
        text.extend_from_slice(&(name.len() as u64).to_le_bytes());
        text.extend_from_slice(name);
    }
    Aad::from(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_opens_where_it_was_made_for_and_nowhere_else() {
        let key = TokenKey::new(&[7; 32]);
        let token = key.seal(&[b"lab", b"feed"], b"position 1000000");
        assert_eq!(token.len(), 32);
        assert_eq!(key.open(&[b"lab", b"feed"], &token).as_deref(), Some(b"position 1000000".as_slice()));
        assert_eq!(key.open(&[b"labf", b"eed"], &token), None);
        assert_eq!(key.open(&[b"bank", b"feed"], &token), None);
        assert_eq!(TokenKey::new(&[8; 32]).open(&[b"lab", b"feed"], &token), None);
        for at in 0..token.len() {
            let mut changed = token.clone();
            changed[at] ^= 1;
            assert_eq!(key.open(&[b"lab", b"feed"], &changed), None);
        }
        assert_eq!(key.open(&[b"lab", b"feed"], b""), None);
    }

    #[test]
    fn equal_content_has_the_equal_token_and_near_content_another() {
        let key = TokenKey::new(&[7; 32]);
        let seal = |content: &[u8]| key.seal(&[b"lab"], content);
        assert_eq!(seal(b"1000000"), seal(b"1000000"));
        let (one, two) = (seal(b"1000000"), seal(b"1000001"));
        let same = one.iter().zip(&two).filter(|(a, b)| a == b).count();
        assert!(same < 6, "{same} bytes are the same");
    }
}
