use proptest::prelude::*;
use serde_json::Value;

use super::soft::SoftPasskey;
use super::*;

const CHALLENGE: &[u8] = b"a challenge of this node, for once";

fn node() -> RelyingParty {
    RelyingParty { id: "node.example".into(), origin: "https://node.example:7443".into(), name: "A bureau".into() }
}

fn device() -> SoftPasskey {
    SoftPasskey::new(&node().origin).unwrap()
}

fn asked() -> Value {
    let user = PasskeyUser { handle: b"handle", name: "mari", full_name: "Mari Tamm" };
    node().ask_to_add(CHALLENGE, user, &[])
}

fn added(device: &SoftPasskey) -> Passkey {
    node().added(CHALLENGE, &device.add(&asked())).unwrap()
}

/// An answer with one member of it set.
fn with(answer: &str, member: &str, value: &str) -> String {
    let mut answer: Value = serde_json::from_str(answer).unwrap();
    answer["response"][member] = value.into();
    answer.to_string()
}

#[test]
fn a_passkey_that_was_made_is_shown_and_kept() {
    let mut device = device();
    let known = added(&device);
    assert!(known.count == 0 && !known.may_be_copied);
    let shown = node().shown(CHALLENGE, &device.show(&node().ask_to_show(CHALLENGE)), &known).unwrap();
    assert_eq!(shown, known);
    let kept: Passkey = serde_json::from_str(&serde_json::to_string(&known).unwrap()).unwrap();
    assert_eq!(kept, known);
    let (id, challenge) = claimed(&device.show(&node().ask_to_show(CHALLENGE))).unwrap();
    assert_eq!((id, challenge.as_slice()), (known.id, CHALLENGE));
}

#[test]
fn an_answer_to_another_question_page_or_node_does_not_hold() {
    let mut device = device();
    let known = added(&device);
    let shown = |answer: &str| node().shown(CHALLENGE, answer, &known).unwrap_err();
    assert_eq!(shown(&device.show(&node().ask_to_show(b"another challenge"))), PasskeyError::Elsewhere);
    let other = RelyingParty { id: "evil.example".into(), ..node() };
    assert_eq!(shown(&device.show(&other.ask_to_show(CHALLENGE))), PasskeyError::Elsewhere);
    let mut elsewhere = SoftPasskey::new("https://evil.example").unwrap();
    assert_eq!(shown(&elsewhere.show(&node().ask_to_show(CHALLENGE))), PasskeyError::Elsewhere);
    // One that was made is none that was shown.
    assert_eq!(shown(&device.add(&asked())), PasskeyError::Elsewhere);
    assert_eq!(node().added(b"other", &device.add(&asked())).unwrap_err(), PasskeyError::Elsewhere);
    let mut another = self::device();
    assert_eq!(shown(&another.show(&node().ask_to_show(CHALLENGE))), PasskeyError::Wrong);
}

#[test]
fn whoever_does_not_show_who_they_are_is_not_let_in() {
    let mut device = device();
    let known = added(&device);
    device.verifies = false;
    let answer = device.show(&node().ask_to_show(CHALLENGE));
    assert_eq!(node().shown(CHALLENGE, &answer, &known).unwrap_err(), PasskeyError::Unverified);
    assert_eq!(node().added(CHALLENGE, &device.add(&asked())).unwrap_err(), PasskeyError::Unverified);
}

#[test]
fn a_passkey_that_counts_backwards_is_refused() {
    let mut device = device();
    device.count = 7;
    let known = added(&device);
    assert_eq!(known.count, 7);
    let show = |device: &mut SoftPasskey, known: &Passkey| {
        node().shown(CHALLENGE, &device.show(&node().ask_to_show(CHALLENGE)), known)
    };
    let known = show(&mut device, &known).unwrap();
    assert_eq!(known.count, 8);
    device.count = 3;
    assert_eq!(show(&mut device, &known).unwrap_err(), PasskeyError::Copied);
    device.count = 0;
    assert_eq!(show(&mut device, &known).unwrap_err(), PasskeyError::Copied);
}

#[test]
fn every_changed_bit_of_what_is_signed_is_noticed() {
    let mut device = device();
    let known = added(&device);
    let answer = device.show(&node().ask_to_show(CHALLENGE));
    let said: Value = serde_json::from_str(&answer).unwrap();
    for member in ["authenticatorData", "signature", "clientDataJSON"] {
        let bytes = unbase64url(said["response"][member].as_str().unwrap()).unwrap();
        for at in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[at] ^= 1;
            let answer = with(&answer, member, &base64url(&changed));
            assert!(node().shown(CHALLENGE, &answer, &known).is_err(), "{member} at {at}");
        }
        for length in 0..bytes.len() {
            let answer = with(&answer, member, &base64url(&bytes[..length]));
            assert!(node().shown(CHALLENGE, &answer, &known).is_err(), "{member} cut to {length}");
        }
    }
}

/// The test vector with attestation `none` and ES256 of Web Authentication Level 3, section 16.2. Its device did not check
/// who was there: the signature holds, and nobody comes in by it.
#[test]
fn the_example_of_the_specification_reads() {
    let object = "a363666d74646e6f6e656761747453746d74a068617574684461746158a4bfabc37432958b063360d3ad6461c9c4735ae7f8edd46592a5e0f01452b2e4b559000000008446ccb9ab1db374750b2367ff6f3a1f0020f91f391db4c9b2fde0ea70189cba3fb63f579ba6122b33ad94ff3ec330084be4a5010203262001215820afefa16f97ca9b2d23eb86ccb64098d20db90856062eb249c33a9b672f26df61225820930a56b87a2fca66334b03458abf879717c12cc68ed73290af2e2664796b9220";
    let bytes = |hex: &str| -> Vec<u8> {
        (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
    };
    let object = bytes(object);
    let data = AuthData::read(&authdata::of_attestation(&object).unwrap()).unwrap();
    let (id, key) = data.credential.unwrap();
    assert_eq!(crate::hex(&id), "f91f391db4c9b2fde0ea70189cba3fb63f579ba6122b33ad94ff3ec330084be4");
    let x = "afefa16f97ca9b2d23eb86ccb64098d20db90856062eb249c33a9b672f26df61";
    let y = "930a56b87a2fca66334b03458abf879717c12cc68ed73290af2e2664796b9220";
    assert_eq!(key, PasskeyKey::Es256(x.into(), y.into()));
    let challenge = bytes("39c0e7521417ba54d43e8dc95174f423dee9bf3cd804ff6d65c857c9abf4d408");
    let client = format!(
        r#"{{"type":"webauthn.get","challenge":"{}","origin":"https://example.org","crossOrigin":false}}"#,
        base64url(&challenge)
    );
    let data = bytes("bfabc37432958b063360d3ad6461c9c4735ae7f8edd46592a5e0f01452b2e4b51900000000");
    let signature = bytes(
        "3046022100f50a4e2e4409249c4a853ba361282f09841df4dd4547a13a87780218deffcd380221008480ac0f0b93538174f575bf11a1dd5d78c6e486013f937295ea13653e331e87",
    );
    let signed = [data.as_slice(), &sha256(client.as_bytes())].concat();
    assert_eq!(key.verify(&signed, &signature), Ok(()));
    let node = RelyingParty { id: "example.org".into(), origin: "https://example.org".into(), name: String::new() };
    let known = Passkey { id: base64url(&id), key, count: 0, may_be_copied: true };
    let answer = serde_json::json!({"id": known.id, "rawId": known.id, "type": "public-key", "response": {
        "clientDataJSON": base64url(client.as_bytes()), "authenticatorData": base64url(&data),
        "signature": base64url(&signature)}});
    assert_eq!(node.shown(&challenge, &answer.to_string(), &known), Err(PasskeyError::Unverified));
}

proptest! {
    #[test]
    fn any_bytes_are_answered(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let _ = authdata::of_attestation(&bytes);
        let _ = AuthData::read(&bytes);
        let _ = claimed(&String::from_utf8_lossy(&bytes));
    }

    #[test]
    fn any_change_of_an_attestation_is_answered(at in 0_usize..250, bit in 0_u8..8) {
        let answer = device().add(&asked());
        let said: Value = serde_json::from_str(&answer).unwrap();
        let mut bytes = unbase64url(said["response"]["attestationObject"].as_str().unwrap()).unwrap();
        let at = at % bytes.len();
        bytes[at] ^= 1 << bit;
        let _ = node().added(CHALLENGE, &with(&answer, "attestationObject", &base64url(&bytes)));
    }
}
