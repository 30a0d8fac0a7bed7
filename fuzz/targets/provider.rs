#![no_main]
//! What an identity provider says of itself, and a statement that it signed: no panic, and nothing holds that nobody signed.

use comity_base::Timestamp;
use comity_crypto::{base64url, signed_claims};
use comity_oidc::{Expected, Metadata, Strength};
use libfuzzer_sys::fuzz_target;

/// The key of RFC 7515, appendix A.3; nobody here has its other half.
const KEYS: &str = r#"{"keys":[{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}]}"#;

fuzz_target!(|data: &[u8]| {
    let _ = Metadata::read(data, "https://login.example");
    let own = serde_json::from_str(KEYS).expect("keys");
    // Header and claims as they come, or inside a token that is otherwise right.
    let text = String::from_utf8_lossy(data);
    let inside = format!("{}.{}.{}", base64url(br#"{"alg":"ES256"}"#), base64url(data), base64url(&[7; 64]));
    let headed = format!("{}.{}.{}", base64url(data), base64url(b"{}"), base64url(&[7; 64]));
    for token in [&*text, &inside, &headed] {
        assert!(signed_claims(token, &own).is_err());
    }
    let Ok(keys) = serde_json::from_slice(data) else { return };
    assert!(signed_claims(&inside, &keys).is_err());
    let strength = Strength::default();
    let now = Timestamp::from_micros(0);
    let expected =
        Expected { issuer: "https://login.example", client: "c", nonce: "n", strength: &strength, most_age: 1, now };
    assert!(expected.identity(&inside, &keys).is_err());
});
