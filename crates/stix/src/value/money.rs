//! Accounts, banks and payment cards.

use std::fmt::Write as _;

use comity_crypto::hmac_sha256;

use super::{Check, country};

/// ISO 13616, with the country's own structure and the check digits.
pub(super) fn iban(text: &str, out: &mut String) -> Check {
    let start = out.len();
    for c in text.chars().filter(|c| !matches!(c, ' ' | '\u{a0}' | '-' | '.')) {
        if !c.is_ascii_alphanumeric() || out.len() - start >= 34 {
            return Err("it is longer than 34 letters and digits");
        }
        out.push(c.to_ascii_uppercase());
    }
    let electronic = out.get(start..).unwrap_or_default();
    electronic.parse::<iban::Iban>().map(|_| ()).map_err(|error| match error {
        iban::ParseIbanError::UnknownCountry(_) => "its country has no IBAN",
        iban::ParseIbanError::InvalidBban(_) => "it is not built as its country builds them",
        iban::ParseIbanError::InvalidBaseIban { .. } => "its form or check digits are wrong",
    })
}

/// ISO 9362: party, country, suffix, and a branch unless it is XXX.
pub(super) fn bic(text: &str, out: &mut String) -> Check {
    if !text.bytes().all(|b| b.is_ascii_alphanumeric()) || !matches!(text.len(), 8 | 11) {
        return Err("it is not 8 or 11 letters and digits");
    }
    let start = out.len();
    out.extend(text.chars().map(|c| c.to_ascii_uppercase()));
    let code = out.get(start..).unwrap_or_default();
    let letters = code.bytes().take(4).all(|b| b.is_ascii_uppercase());
    if !letters || code.get(4..6).and_then(country::alpha_3).is_none() {
        return Err("its first four characters are not letters, or no country follows them");
    }
    if code.get(8..) == Some("XXX") {
        out.truncate(start + 8);
    }
    Ok(())
}

/// A number with a known prefix and a good check digit (ISO/IEC 7812-1), as keyed hash and last four digits.
pub(super) fn card(text: &str, key: &[u8; 32], out: &mut String) -> Check {
    if is_hashed_card(text) {
        out.push_str(text);
        return Ok(());
    }
    let mut digits = [0u8; 19];
    let mut count = 0;
    for c in text.chars().filter(|c| !matches!(c, ' ' | '\u{a0}' | '-')) {
        let digit = u8::try_from(c).ok().filter(u8::is_ascii_digit).ok_or("it has characters other than digits")?;
        *digits.get_mut(count).ok_or("it has more than 19 digits")? = digit;
        count += 1;
    }
    let digits = digits.get(..count).unwrap_or_default();
    if count < 12 {
        return Err("it has fewer than 12 digits");
    }
    if !has_known_prefix(digits) {
        return Err("no card scheme has numbers of that beginning and length");
    }
    if !luhn(digits) {
        return Err("its check digit is wrong");
    }
    let hash = hmac_sha256(key, digits);
    for byte in hash.iter().take(16) {
        write!(out, "{byte:02x}").map_err(|_| "it cannot be written")?;
    }
    out.push(':');
    out.extend(digits.iter().skip(count - 4).map(|b| char::from(*b)));
    Ok(())
}

/// The normal form: 32 lower-case hexadecimal digits, a colon, four digits.
pub(super) fn is_hashed_card(text: &str) -> bool {
    let Some((hash, last)) = text.split_once(':') else { return false };
    let hexadecimal = hash.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    hash.len() == 32 && hexadecimal && last.len() == 4 && last.bytes().all(|b| b.is_ascii_digit())
}

fn luhn(digits: &[u8]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .map(|b| u32::from(b - b'0'))
        .enumerate()
        .map(|(place, d)| if place % 2 == 0 { d } else { d * 2 / 10 + d * 2 % 10 })
        .sum();
    sum.is_multiple_of(10)
}

fn has_known_prefix(digits: &[u8]) -> bool {
    let prefix = digits.iter().take(4).fold(0u16, |sum, b| sum * 10 + u16::from(b - b'0'));
    PREFIXES
        .iter()
        .any(|(from, to, short, long)| (*from..=*to).contains(&prefix) && (*short..=*long).contains(&digits.len()))
}

/// First and last beginning of four digits, shortest and longest number.
const PREFIXES: &[(u16, u16, usize, usize)] = &[
    (1000, 1999, 15, 15), // UATP
    (2200, 2204, 16, 19), // Mir
    (2221, 2720, 16, 16), // Mastercard
    (3000, 3059, 14, 19), // Diners Club
    (3095, 3095, 14, 19),
    (3400, 3499, 15, 15), // American Express
    (3528, 3589, 16, 19), // JCB
    (3600, 3699, 14, 19), // Diners Club
    (3700, 3799, 15, 15), // American Express
    (3800, 3999, 14, 19), // Diners Club
    (4000, 4999, 13, 19), // Visa
    (5000, 5099, 12, 19), // Maestro, Elo, Verve
    (5100, 5599, 16, 16), // Mastercard
    (5600, 5999, 12, 19), // Maestro
    (6000, 6999, 12, 19), // Maestro, Discover, UnionPay, RuPay
    (8100, 8299, 16, 19), // UnionPay, RuPay
    (9792, 9792, 16, 16), // Troy
    (9860, 9860, 16, 16), // Humo
];
