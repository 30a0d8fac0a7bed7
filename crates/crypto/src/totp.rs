//! One-time codes by time.

use std::fmt;

use aws_lc_rs::hmac;
use zeroize::Zeroizing;

use crate::{NoRandomness, random_bytes};

/// The secret of one-time codes by time (TOTP, RFC 6238): six digits, thirty seconds, HMAC-SHA-1 as every
/// authenticator has it.
#[derive(Clone)]
pub struct TotpSecret(Zeroizing<Vec<u8>>);

impl TotpSecret {
    /// A new random secret of 160 bits (RFC 4226, section 4, R6).
    ///
    /// # Errors
    /// When the operating system gives no randomness.
    pub fn generate() -> Result<Self, NoRandomness> {
        Ok(Self(Zeroizing::new(random_bytes::<20>()?.to_vec())))
    }

    /// From its bytes.
    pub fn from_bytes(bytes: &[u8]) -> Self {
        Self(Zeroizing::new(bytes.to_vec()))
    }

    /// Its bytes, to be kept sealed.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// The secret as people type it into an authenticator: base32 (RFC 4648) without padding.
    pub fn to_base32(&self) -> Zeroizing<String> {
        let mut out = Zeroizing::new(String::with_capacity(self.0.len() * 8 / 5 + 1));
        let (mut held, mut bits) = (0_u32, 0);
        for byte in self.0.iter() {
            held = held << 8 | u32::from(*byte);
            bits += 8;
            while bits >= 5 {
                bits -= 5;
                out.push(letter(held >> bits));
            }
        }
        if bits > 0 {
            out.push(letter(held << (5 - bits)));
        }
        out
    }

    /// The code of one step of time.
    pub fn code(&self, step: u64) -> u32 {
        let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &self.0);
        let tag = hmac::sign(&key, &step.to_be_bytes());
        let tag = tag.as_ref();
        // Dynamic truncation: RFC 4226, section 5.3.
        let offset = usize::from(tag.last().copied().unwrap_or_default() & 15);
        let four = tag.get(offset..offset + 4).and_then(|four| four.try_into().ok()).unwrap_or([0; 4]);
        (u32::from_be_bytes(four) & 0x7fff_ffff) % 1_000_000
    }

    /// The step whose code this is, at a moment in seconds since 1970 or one step beside it, and after `used`: a code
    /// counts once.
    pub fn step_of(&self, code: &str, seconds: u64, used: Option<u64>) -> Option<u64> {
        let is_code = code.len() == 6 && code.bytes().all(|digit| digit.is_ascii_digit());
        let code: u32 = code.parse().ok().filter(|_| is_code)?;
        let now = seconds / STEP;
        // All are compared, whichever fits.
        let fits = [now.wrapping_sub(1), now, now + 1].map(|step| (step, self.code(step) == code));
        fits.into_iter().find(|(step, fits)| *fits && used.is_none_or(|used| *step > used)).map(|(step, _)| step)
    }
}

impl fmt::Debug for TotpSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TotpSecret(secret)")
    }
}

/// Seconds of one step.
const STEP: u64 = 30;

fn letter(five: u32) -> char {
    let five = u8::try_from(five & 31).unwrap_or_default();
    char::from(if five < 26 { b'A' + five } else { b'2' + five - 26 })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6238, appendix B, the last six digits of its eight.
    #[test]
    fn codes_are_those_of_the_standard() {
        let secret = TotpSecret::from_bytes(b"12345678901234567890");
        for (seconds, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            assert_eq!(format!("{:06}", secret.code(seconds / STEP)), code);
            assert_eq!(secret.step_of(code, seconds, None), Some(seconds / STEP));
        }
        assert_eq!(*secret.to_base32(), "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
    }

    #[test]
    fn a_code_counts_once_and_for_a_minute_and_a_half_at_most() {
        let secret = TotpSecret::from_bytes(b"12345678901234567890");
        let step = secret.step_of("287082", 59, None).unwrap();
        assert_eq!(secret.step_of("287082", 59, Some(step)), None, "used");
        assert_eq!(secret.step_of("287082", 59 + 30, None), Some(step), "a slow clock");
        assert_eq!(secret.step_of("287082", 59 + 61, None), None);
        for strange in ["", "28708", "2870820", "+28708", "28708a", " 287082"] {
            assert_eq!(secret.step_of(strange, 59, None), None, "{strange:?}");
        }
    }
}
