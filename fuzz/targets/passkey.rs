#![no_main]
//! The answer of a device, whole and with what it signs made of any bytes: no panic, and nothing that no device gave holds.

use comity_crypto::base64url;
use comity_crypto::passkey::{Passkey, PasskeyKey, RelyingParty, claimed};
use libfuzzer_sys::fuzz_target;

const CHALLENGE: &[u8] = b"challenge";
/// The first key of RFC 8032, section 7.1.
const KEY: &str = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";

fn answer(kind: &str, data: &[u8]) -> String {
    let client = format!(
        r#"{{"type":"{kind}","challenge":"{}","origin":"https://node.example","crossOrigin":false}}"#,
        base64url(CHALLENGE)
    );
    let (client, data) = (base64url(client.as_bytes()), base64url(data));
    format!(
        r#"{{"id":"AAAA","rawId":"AAAA","type":"public-key","response":{{"clientDataJSON":"{client}",
        "attestationObject":"{data}","authenticatorData":"{data}","signature":"{data}"}}}}"#
    )
}

fuzz_target!(|data: &[u8]| {
    let node = RelyingParty { id: "node.example".into(), origin: "https://node.example".into(), name: "N".into() };
    let known = Passkey { id: "AAAA".into(), key: PasskeyKey::Eddsa(KEY.into()), count: 0, may_be_copied: false };
    if let Ok(text) = std::str::from_utf8(data) {
        let _ = claimed(text);
        assert!(node.shown(CHALLENGE, text, &known).is_err());
    }
    let _ = node.added(CHALLENGE, &answer("webauthn.create", data));
    assert!(node.shown(CHALLENGE, &answer("webauthn.get", data), &known).is_err());
});
