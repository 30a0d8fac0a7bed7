use minicbor::Decoder;
use minicbor::data::Type;

use super::{PasskeyError, PasskeyKey};

/// What a device signs (section 6.1), taken apart.
pub(super) struct AuthData {
    rp: [u8; 32],
    flags: u8,
    pub(super) count: u32,
    pub(super) may_be_copied: bool,
    /// The number and key of a new passkey.
    pub(super) credential: Option<(Vec<u8>, PasskeyKey)>,
}

/// The authenticator data in an attestation object (section 6.5.4). What the device says of its make is not asked for.
pub(super) fn of_attestation(object: &[u8]) -> Result<Vec<u8>, PasskeyError> {
    let mut cbor = Decoder::new(object);
    let entries = cbor.map().ok().flatten().filter(|entries| *entries <= 8).ok_or(PasskeyError::Unreadable)?;
    let mut found = None;
    for _ in 0..entries {
        match cbor.str().map_err(|_| PasskeyError::Unreadable)? {
            "authData" => found = Some(cbor.bytes().map_err(|_| PasskeyError::Unreadable)?.to_vec()),
            _ => skip(&mut cbor, 0)?,
        }
    }
    if cbor.position() != object.len() {
        return Err(PasskeyError::Unreadable);
    }
    found.ok_or(PasskeyError::Unreadable)
}

impl AuthData {
    pub(super) fn read(bytes: &[u8]) -> Result<Self, PasskeyError> {
        let short = PasskeyError::Unreadable;
        let (rp, rest) = bytes.split_first_chunk::<32>().ok_or(short)?;
        let ([flags], rest) = rest.split_first_chunk::<1>().ok_or(short)?;
        let (count, rest) = rest.split_first_chunk::<4>().ok_or(short)?;
        let (credential, rest) = if flags & ATTESTED == 0 {
            (None, rest)
        } else {
            let (id, key, rest) = credential(rest)?;
            (Some((id, key)), rest)
        };
        let mut cbor = Decoder::new(rest);
        if flags & EXTENSIONS != 0 {
            skip(&mut cbor, 0)?;
        }
        // What may be copied and is not says so; what is copied and may not be contradicts itself.
        let is_odd = flags & (MAY_BE_COPIED | IS_COPIED) == IS_COPIED;
        if cbor.position() != rest.len() || is_odd {
            return Err(short);
        }
        let may_be_copied = flags & MAY_BE_COPIED != 0;
        Ok(Self { rp: *rp, flags: *flags, count: u32::from_be_bytes(*count), may_be_copied, credential })
    }

    /// Whether it is for this relying party, and somebody was there and showed who they are.
    pub(super) fn check(&self, rp: &[u8; 32]) -> Result<(), PasskeyError> {
        if self.rp != *rp {
            return Err(PasskeyError::Elsewhere);
        }
        if self.flags & PRESENT == 0 || self.flags & VERIFIED == 0 {
            return Err(PasskeyError::Unverified);
        }
        Ok(())
    }
}

/// Number and key, and what comes after them (section 6.5.1).
fn credential(bytes: &[u8]) -> Result<(Vec<u8>, PasskeyKey, &[u8]), PasskeyError> {
    let short = PasskeyError::Unreadable;
    let (_model, rest) = bytes.split_first_chunk::<16>().ok_or(short)?;
    let (length, rest) = rest.split_first_chunk::<2>().ok_or(short)?;
    let (id, rest) = rest.split_at_checked(usize::from(u16::from_be_bytes(*length))).ok_or(short)?;
    let mut cbor = Decoder::new(rest);
    let key = PasskeyKey::read(&mut cbor)?;
    let rest = rest.get(cbor.position()..).ok_or(short)?;
    Ok((id.to_vec(), key, rest))
}

/// Passes over one item, a few levels deep.
pub(super) fn skip(cbor: &mut Decoder<'_>, depth: u8) -> Result<(), PasskeyError> {
    let broken = |_| PasskeyError::Unreadable;
    if depth > DEEPEST {
        return Err(PasskeyError::Unreadable);
    }
    let items = match cbor.datatype().map_err(broken)? {
        Type::Map => cbor.map().map_err(broken)?.map(|entries| entries.saturating_mul(2)),
        Type::Array => cbor.array().map_err(broken)?,
        // Canonical CBOR (CTAP2, section 8) has neither.
        Type::MapIndef | Type::ArrayIndef | Type::Tag => None,
        _ => return cbor.skip().map_err(broken),
    };
    for _ in 0..items.ok_or(PasskeyError::Unreadable)? {
        skip(cbor, depth + 1)?;
    }
    Ok(())
}

const PRESENT: u8 = 1;
const VERIFIED: u8 = 1 << 2;
const MAY_BE_COPIED: u8 = 1 << 3;
const IS_COPIED: u8 = 1 << 4;
const ATTESTED: u8 = 1 << 6;
const EXTENSIONS: u8 = 1 << 7;
const DEEPEST: u8 = 8;
