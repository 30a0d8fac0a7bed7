use aws_lc_rs::{constant_time, rand};

use crate::base64url;

/// The operating system gave no randomness.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the operating system gave no randomness")]
pub struct NoRandomness;

/// Bytes nobody can guess.
///
/// # Errors
/// When the operating system gives no randomness.
pub fn random_bytes<const N: usize>() -> Result<[u8; N], NoRandomness> {
    let mut bytes = [0; N];
    rand::fill(&mut bytes).map_err(|_| NoRandomness)?;
    Ok(bytes)
}

/// A secret of 256 bits for someone to carry: 43 characters fit for addresses and headers.
///
/// # Errors
/// When the operating system gives no randomness.
pub fn random_token() -> Result<String, NoRandomness> {
    Ok(base64url(&random_bytes::<32>()?))
}

/// Whether two secrets are equal, in a time that tells nothing but whether their lengths are.
pub fn same_secret(a: &[u8], b: &[u8]) -> bool {
    constant_time::verify_slices_are_equal(a, b).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_differ_and_fit_into_an_address() {
        let (one, two) = (random_token().unwrap(), random_token().unwrap());
        assert_ne!(one, two);
        assert_eq!(one.len(), 43);
        assert!(one.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_'));
        assert!(same_secret(one.as_bytes(), one.clone().as_bytes()));
        assert!(!same_secret(one.as_bytes(), two.as_bytes()));
        assert!(!same_secret(one.as_bytes(), b""));
    }
}
