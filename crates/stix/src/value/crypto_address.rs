//! Addresses of cryptocurrencies; every one has its checksum verified.

use comity_crypto::keccak256;

use super::{Check, hash, push_lower, strip_prefix_any_case};

/// base58check with a Bitcoin version, or segwit bech32(m) (BIP 173, BIP 350) of version 0 or 1.
pub(super) fn bitcoin(text: &str, out: &mut String) -> Check {
    let text = strip_prefix_any_case(text, "bitcoin:").unwrap_or(text);
    let text = text.split_once('?').map_or(text, |(address, _)| address);
    // The longest address of the main and test networks.
    if text.len() > 90 {
        return Err("it is longer than any address");
    }
    if ["bc1", "tb1", "bcrt1"].iter().any(|hrp| strip_prefix_any_case(text, hrp).is_some()) {
        let (_, version, _) = bech32::segwit::decode(text).map_err(|_| "its bech32 checksum or form is wrong")?;
        if version.to_u8() > 1 {
            return Err("its witness version is not in use");
        }
        push_lower(text, out);
        return Ok(());
    }
    match base58check(text)? {
        0 | 5 | 111 | 196 => out.push_str(text),
        _ => return Err("its version is not Bitcoin's"),
    }
    Ok(())
}

/// base58check with the version 0x41.
pub(super) fn tron(text: &str, out: &mut String) -> Check {
    if text.len() != 34 || base58check(text)? != 0x41 {
        return Err("its version is not Tron's");
    }
    out.push_str(text);
    Ok(())
}

/// The version of a 20-byte hash in base58 with a good checksum.
fn base58check(text: &str) -> Result<u8, &'static str> {
    // Decoding takes quadratic time; 25 bytes are at most 35 digits.
    if text.len() < 25 || text.len() > 35 {
        return Err("it has another length than an address");
    }
    let mut bytes = [0u8; 26];
    let length =
        bs58::decode(text).with_check(None).onto(&mut bytes[..]).map_err(|_| "its base58 checksum is wrong")?;
    match bytes {
        [version, ..] if length == 21 => Ok(version),
        _ => Err("it has another length than an address"),
    }
}

/// `0x` and 20 bytes; letters of both cases are a checksum (EIP-55).
pub(super) fn ethereum(text: &str, out: &mut String) -> Check {
    let digits = strip_prefix_any_case(text, "ethereum:").unwrap_or(text);
    let digits = strip_prefix_any_case(digits, "0x").filter(|digits| digits.len() == 40 && hash::is_hex(digits));
    let digits = digits.ok_or("it is not 0x and 40 hexadecimal digits")?;
    out.push_str("0x");
    push_lower(digits, out);
    let mixed = digits.bytes().any(|b| b.is_ascii_lowercase()) && digits.bytes().any(|b| b.is_ascii_uppercase());
    if mixed && !eip_55(digits, out.get(out.len() - 40..).unwrap_or_default()) {
        return Err("its mixed-case checksum is wrong");
    }
    Ok(())
}

fn eip_55(digits: &str, lower: &str) -> bool {
    let hash = keccak256(lower.as_bytes());
    let nibbles = hash.iter().flat_map(|b| [b >> 4, b & 15]);
    digits.bytes().zip(nibbles).all(|(b, nibble)| b.is_ascii_digit() || b.is_ascii_uppercase() == (nibble >= 8))
}

/// Standard, sub- and integrated addresses of the main, stage and test networks.
pub(super) fn monero(text: &str, out: &mut String) -> Check {
    let text = strip_prefix_any_case(text, "monero:").unwrap_or(text);
    let text = text.split_once('?').map_or(text, |(address, _)| address);
    let length = match text.len() {
        95 => 69,
        106 => 77,
        _ => return Err("it is not 95 or 106 characters long"),
    };
    let mut bytes = [0u8; 80];
    for (to, from) in bytes.chunks_mut(8).zip(text.as_bytes().chunks(11)) {
        *to.first_chunk_mut().ok_or("it is too long")? = base58_block(from).ok_or("it is not base58")?;
    }
    // Every full block fills eight bytes; the last has seven digits and five bytes, placed at its start.
    let (payload, sum) = bytes.get(..length).and_then(|all| all.split_last_chunk::<4>()).ok_or("it is too short")?;
    let network = payload.first().copied().unwrap_or_default();
    let is_known = match length {
        69 => matches!(network, 18 | 42 | 24 | 36 | 53 | 63),
        _ => matches!(network, 19 | 25 | 54),
    };
    if !is_known {
        return Err("its network byte is not Monero's");
    }
    if !keccak256(payload).starts_with(sum) {
        return Err("its checksum is wrong");
    }
    out.push_str(text);
    Ok(())
}

/// One block of Monero's base58: eleven digits make eight bytes, seven make five, left-aligned here.
fn base58_block(digits: &[u8]) -> Option<[u8; 8]> {
    let size = match digits.len() {
        11 => 8,
        7 => 5,
        _ => return None,
    };
    let mut number = 0u128;
    for digit in digits {
        let place = ALPHABET.iter().position(|letter| letter == digit)?;
        number = number * 58 + u128::try_from(place).ok()?;
    }
    if number >> (8 * size) != 0 {
        return None;
    }
    let number = u64::try_from(number << (64 - 8 * size)).ok()?;
    Some(number.to_be_bytes())
}

const ALPHABET: &[u8; 58] = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
