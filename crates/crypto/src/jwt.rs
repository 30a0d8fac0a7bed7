//! Signed statements of an identity provider (JSON Web Tokens, RFC 7519), and the keys they are checked by (RFC 7517).

use jsonwebtoken::jwk::{Jwk, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use serde_json::Value;

/// A token does not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JwtError {
    /// It cannot be read, or demands something that is not known here.
    #[error("it is no signed JSON web token")]
    Unreadable,
    /// Its algorithm is not taken: none, a shared secret, or one that nobody knows.
    #[error("it is signed by an algorithm that is not taken here")]
    Algorithm,
    /// None of the keys signed it.
    #[error("none of the provider's keys signed it")]
    Signature,
}

/// What a token says, once one of these keys (a JSON Web Key Set) is known to have signed it. Only the signature is looked
/// at: whom it is from and for, and until when it counts, is for whoever asks to check.
///
/// # Errors
/// [`JwtError`].
pub fn signed_claims(token: &str, keys: &Value) -> Result<Value, JwtError> {
    if token.len() > LONGEST {
        return Err(JwtError::Unreadable);
    }
    let header = decode_header(token).map_err(|_| JwtError::Unreadable)?;
    // What must be understood (RFC 7515, section 4.1.11) is not.
    if header.crit.is_some() {
        return Err(JwtError::Unreadable);
    }
    if !TAKEN.contains(&header.alg) {
        return Err(JwtError::Algorithm);
    }
    let keys = keys.get("keys").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let fitting = keys.iter().take(MOST_KEYS).filter_map(|key| usable(key, header.kid.as_deref(), header.alg));
    let mut validation = Validation::new(header.alg);
    validation.required_spec_claims.clear();
    (validation.validate_exp, validation.validate_aud) = (false, false);
    let mut claims = fitting.filter_map(|key| decode::<Value>(token, &key, &validation).ok());
    claims.next().map(|data| data.claims).ok_or(JwtError::Signature)
}

/// A key of the set, when it is meant for this signature.
fn usable(key: &Value, id: Option<&str>, algorithm: Algorithm) -> Option<DecodingKey> {
    let key: Jwk = serde_json::from_value(key.clone()).ok()?;
    let is_named = id.is_none() || key.common.key_id.as_deref() == id;
    let is_for_signing = key.common.public_key_use.as_ref().is_none_or(|used| *used == PublicKeyUse::Signature);
    let is_for_this = key.common.key_algorithm.is_none_or(|its| its == algorithm.into());
    if !is_named || !is_for_signing || !is_for_this {
        return None;
    }
    // A key says of which family it is; what a token says does not make it another's.
    DecodingKey::from_jwk(&key).ok().filter(|key| key.family() == algorithm.family())
}

/// Signatures by a key pair alone.
const TAKEN: [Algorithm; 9] = [
    Algorithm::EdDSA,
    Algorithm::ES256,
    Algorithm::ES384,
    Algorithm::PS256,
    Algorithm::PS384,
    Algorithm::PS512,
    Algorithm::RS256,
    Algorithm::RS384,
    Algorithm::RS512,
];
/// Bytes.
const LONGEST: usize = 16 << 10;
/// Keys of a set that are tried.
const MOST_KEYS: usize = 32;

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// RFC 8037, appendix A.4: signed by the key of A.2.
    const SIGNED: &str = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc.hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg";
    /// RFC 7515, appendix A.2: RSASSA-PKCS1-v1_5 with SHA-256.
    const RS256: &str = "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw";
    const RSA: &str = "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ";
    /// RFC 7515, appendix A.3: ECDSA on P-256 with SHA-256.
    const ES256: &str = "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";

    fn rsa() -> Value {
        json!({"kty": "RSA", "n": RSA, "e": "AQAB"})
    }

    fn p256() -> Value {
        json!({"kty": "EC", "crv": "P-256", "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
               "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"})
    }

    fn of(keys: &[Value]) -> Value {
        json!({"keys": keys})
    }

    #[test]
    fn signatures_of_the_specifications_hold() {
        for (token, key) in [(RS256, rsa()), (ES256, p256())] {
            let claims = signed_claims(token, &of(&[json!({"kty": "unheard of"}), key])).unwrap();
            assert_eq!((claims["iss"].as_str(), claims["exp"].as_i64()), (Some("joe"), Some(1_300_819_380)));
        }
        // What is signed there is no JSON: the signature is right, and it says nothing.
        let ed = json!({"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"});
        assert_eq!(signed_claims(SIGNED, &of(&[ed])), Err(JwtError::Signature));
    }

    #[test]
    fn another_key_and_a_changed_letter_are_noticed() {
        let other = json!({"kty": "EC", "crv": "P-256", "x": "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",
                           "y": "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM"});
        assert_eq!(signed_claims(ES256, &of(&[other])), Err(JwtError::Signature));
        assert_eq!(signed_claims(ES256, &of(&[])), Err(JwtError::Signature));
        assert_eq!(signed_claims(ES256, &json!([])), Err(JwtError::Signature));
        for at in 0..ES256.len() {
            let mut changed = ES256.to_owned().into_bytes();
            let last = at + 1 == changed.len();
            changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
            // The last letter holds bits that count for nothing; a reader that is exact refuses them too.
            let claims = signed_claims(&String::from_utf8(changed).unwrap(), &of(&[p256()]));
            assert!(claims.is_err(), "{at} {last}");
        }
    }

    #[test]
    fn a_key_is_used_for_what_it_is_meant_for() {
        for member in [("use", "enc"), ("alg", "ES384"), ("kid", "other")] {
            let mut key = p256();
            key[member.0] = json!(member.1);
            // The token names no key: one with a name may have signed it.
            assert_eq!(signed_claims(ES256, &of(&[key])).is_ok(), member.0 == "kid", "{member:?}");
        }
    }

    #[test]
    fn neither_no_signature_nor_a_shared_secret_counts() {
        let claims = crate::base64url(br#"{"iss":"joe"}"#);
        for header in [r#"{"alg":"none"}"#, r#"{"alg":"HS256"}"#, r#"{"alg":"ES256","crit":["exp"]}"#] {
            let token = format!("{}.{claims}.", crate::base64url(header.as_bytes()));
            assert!(
                matches!(
                    signed_claims(&token, &of(&[rsa(), p256(), json!({"kty": "oct", "k": "AAAA"})])),
                    Err(JwtError::Algorithm | JwtError::Unreadable)
                ),
                "{header}"
            );
        }
        // The public key as if it were a secret that both know.
        let header = crate::base64url(br#"{"alg":"HS256"}"#);
        let signed = format!("{header}.{claims}");
        let tag = crate::hmac_sha256(RSA.as_bytes(), signed.as_bytes());
        let token = format!("{signed}.{}", crate::base64url(&tag));
        assert_eq!(signed_claims(&token, &of(&[rsa()])), Err(JwtError::Algorithm));
        assert_eq!(signed_claims(&"A".repeat(LONGEST + 1), &of(&[rsa()])), Err(JwtError::Unreadable));
    }
}
