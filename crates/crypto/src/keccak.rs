use sha3::Digest as _;

use crate::digest::array;

/// Keccak-256 as Ethereum and Monero use it (the padding before FIPS 202), for address checksums.
pub fn keccak256(bytes: &[u8]) -> [u8; 32] {
    array(sha3::Keccak256::digest(bytes).as_ref())
}

/// SHA3-256 (FIPS 202), for the checksum of onion addresses.
pub fn sha3_256(bytes: &[u8]) -> [u8; 32] {
    array(sha3::Sha3_256::digest(bytes).as_ref())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hex;

    #[test]
    fn known_answers() {
        assert_eq!(hex(&keccak256(b"")), "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470");
        assert_eq!(hex(&sha3_256(b"")), "a7ffc6f8bf1ed76651c14756a061d662f580ff4de43b49fa82d80a4b80f8434a");
    }
}
