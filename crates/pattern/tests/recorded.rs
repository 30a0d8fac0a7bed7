//! Every case recorded from the committee's validator and matcher: our answer is theirs, without exception.

#![expect(clippy::unwrap_used, reason = "a test that cannot read its data has failed")]

mod common;

use std::path::Path;

use comity_base::{Limits, Timestamp};
use comity_pattern::{Finding, MatchError, Observation, Pattern, PatternError, check, matches, parse, parse_2_0};
use comity_stix::{Doc, Node};

fn read<'p>(text: &'p str, version: &str) -> Result<Pattern<'p>, PatternError> {
    let limits = Limits::default();
    if version == "2.0" { parse_2_0(text, &limits) } else { parse(text, &limits) }
}

/// Calls `each` with every line of a file of cases; returns how many there were.
fn for_each_case(folder: &Path, name: &str, mut each: impl FnMut(Node<'_, '_>)) -> usize {
    let text = std::fs::read_to_string(folder.join("stix-patterns").join(name)).unwrap();
    let lines = text.lines().filter(|line| !line.trim().is_empty());
    lines.map(|line| each(Doc::parse(line.as_bytes(), 64).unwrap().root())).count()
}

#[test]
fn validity_is_as_recorded() {
    let Some(folder) = common::data() else { return };
    let mut wrong = Vec::new();
    for (version, least) in [("2.0", 48), ("2.1", 49)] {
        let count = for_each_case(&folder, &format!("syntax_cases_{version}.jsonl"), |case| {
            let text = case.str("pattern").unwrap();
            let expected = case.get("valid").unwrap().as_bool().unwrap();
            let found = read(text, version).map(|pattern| check(&pattern));
            let valid = found.as_ref().is_ok_and(|findings| !findings.iter().any(Finding::is_error));
            if valid != expected {
                wrong.push(format!("{version} {text}: {found:?}"));
            }
        });
        assert!(count >= least, "{version}: {count} cases");
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn answer(case: Node<'_, '_>, version: &str) -> Result<bool, String> {
    let pattern = read(case.str("pattern").unwrap(), version).map_err(|error| format!("parse: {error}"))?;
    let mut observations = Vec::new();
    for one in case.get("observed").unwrap().items() {
        observations.extend(Observation::read(one).map_err(|error| format!("evaluate: {error}"))?);
    }
    let found = matches(&pattern, &observations).map_err(|error| format!("evaluate: {error}"))?;
    Ok(found.is_some())
}

#[test]
fn matches_are_as_recorded() {
    let Some(folder) = common::data() else { return };
    let mut wrong = Vec::new();
    for (version, least) in [("2.0", 217), ("2.1", 191)] {
        let count = for_each_case(&folder, &format!("match_cases_{version}.jsonl"), |case| {
            let found = answer(case, version);
            let right = match (case.str("expect").unwrap(), &found) {
                ("match", Ok(true)) | ("nomatch", Ok(false)) => true,
                ("error", Err(message)) => message.starts_with(case.str("error_class").unwrap()),
                _ => false,
            };
            if !right {
                let (text, expect) = (case.str("pattern").unwrap(), case.str("expect").unwrap());
                wrong.push(format!("{version} {text}: expected {expect}, found {found:?}"));
            }
        });
        assert!(count >= least, "{version}: {count} cases");
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

/// Holds a pattern against the objects of a file, each an observation of its own, seconds apart.
fn against(folder: &Path, file: &str, text: &str) -> Result<bool, MatchError> {
    let bytes = std::fs::read(folder.join("interop/pattern/eval").join(file)).unwrap();
    let doc = Doc::parse(&bytes, 64).unwrap();
    let bundled: Vec<_> = doc.root().get("objects").into_iter().flat_map(Node::items).collect();
    let objects = if bundled.is_empty() { vec![doc.root()] } else { bundled };
    let time = |at: usize| Timestamp::from_micros(i64::try_from(at).unwrap() * 1_000_000);
    let mut observations = Vec::new();
    for (at, object) in objects.iter().enumerate() {
        observations.push(Observation::new(time(at), time(at), 1, vec![*object], objects.iter().copied()).unwrap());
    }
    matches(&parse(text, &Limits::default()).unwrap(), &observations).map(|found| found.is_some())
}

/// A file, a pattern, whether it matches.
const EXAMPLES: &[(&str, &str, bool)] = &[
    (
        "spec-9-8-domain-bundle.json",
        "[domain-name:value = 'www.5z8.info' AND domain-name:resolves_to_refs[*].value = '198.51.100.1']",
        true,
    ),
    (
        "spec-9-8-email-bundle.json",
        r"[email-message:from_ref.value MATCHES '.+\\@example\\.com$' AND email-message:body_multipart[*].body_raw_ref.name MATCHES '^Final Report.+\\.exe$']",
        true,
    ),
    (
        "spec-9-8-email-bundle.json",
        "[email-message:sender_ref.value = 'sender@example.com' AND email-message:subject = 'Conference Info']",
        true,
    ),
    ("spec-9-8-email-bundle.json", "[email-message:sender_ref.value = 'from@example.com']", false),
    (
        "spec-9-8-file-parent-bundle.json",
        r"[file:name = 'foo.dll' AND file:parent_directory_ref.path = 'C:\\Windows\\System32']",
        true,
    ),
    (
        "spec-9-8-file-parent-bundle-file.json",
        r"[file:name = 'foo.dll' AND file:parent_directory_ref.path = 'C:\\Windows\\System32']",
        false,
    ),
    (
        "spec-9-8-ipv6-network-bundle.json",
        "[network-traffic:dst_ref.value ISSUBSET '2001:0db8:dead:beef:0000:0000:0000:0000/64']",
        true,
    ),
    ("spec-9-8-ipv6-network-bundle.json", "[network-traffic:dst_ref.value ISSUBSET '2001:0db8:dead:bee0::/64']", false),
    (
        "spec-9-8-level23-network-bundle.json",
        "[network-traffic:dst_ref.type = 'domain-name' AND network-traffic:dst_ref.value = 'example.com'] REPEATS 3 TIMES WITHIN 1800 SECONDS",
        true,
    ),
    (
        "spec-9-8-level23-network-bundle.json",
        "[network-traffic:dst_ref.type = 'domain-name' AND network-traffic:dst_ref.value = 'example.com'] REPEATS 4 TIMES WITHIN 1800 SECONDS",
        false,
    ),
    (
        "spec-9-8-level23-users-bundle.json",
        "[user-account:account_login = 'Peter'] AND [user-account:account_login = 'Paul'] AND [user-account:account_login = 'Mary'] WITHIN 5 SECONDS",
        true,
    ),
    (
        "spec-9-8-level23-users-bundle.json",
        "[user-account:account_login = 'Mary'] FOLLOWEDBY [user-account:account_login = 'Peter']",
        false,
    ),
    (
        "spec-9-8-level23-or-bundle.json",
        r"([file:name = 'foo.dll'] AND [windows-registry-key:key = 'HKEY_LOCAL_MACHINE\\foo\\bar']) OR [process:image_ref.name = 'fooproc']",
        true,
    ),
    (
        "spec-9-5-split-refs-bundle.json",
        "[network-traffic:src_ref.value = '203.0.113.10' AND network-traffic:dst_ref.value = '198.51.100.58']",
        false,
    ),
    (
        "spec-9-5-split-refs-bundle.json",
        "[network-traffic:src_ref.value = '203.0.113.10'] AND [network-traffic:dst_ref.value = '198.51.100.58']",
        true,
    ),
    ("file-with-pe-ext-embedded.json", "[file:extensions.'windows-pebinary-ext'.sections[*].entropy > 0.05]", true),
    ("file-with-pe-ext-embedded.json", "[file:extensions.'windows-pebinary-ext'.sections[*].entropy > 7.0]", false),
    ("file-with-pe-ext-embedded.json", "[EXISTS file:extensions.'windows-pebinary-ext']", true),
    ("file-with-pe-ext-embedded.json", "[EXISTS file:size]", false),
    (
        "file-with-pe-ext-embedded.json",
        "[file:hashes[*] = 'fe90a7e910cb3a4739bed9180e807e93fa70c90f25a8915476f5e4bfbac681db']",
        true,
    ),
    (
        "artifact-pcap-payload.json",
        r"[artifact:mime_type = 'application/vnd.tcpdump.pcap' AND artifact:payload_bin MATCHES '\\xd4\\xc3\\xb2\\xa1\\x02\\x00\\x04\\x00']",
        true,
    ),
    ("artifact-pcap-payload.json", r"[artifact:payload_bin MATCHES '\\xd4\\xc3\\xb2\\xa1\\x03']", false),
    (
        "x509-webmail.json",
        "[x509-certificate:issuer = 'CN=WEBMAIL' AND x509-certificate:serial_number = '4c:0b:1d:19:74:86:a7:66:b4:1a:bf:40:27:21:76:28']",
        true,
    ),
    ("custom-usb-device.json", "[x-usb-device:usbdrive.serial_number = '575833314133343231313937']", true),
    (
        "process-globalsign-publisher.json",
        "[process:command_line MATCHES '^.+>-add GlobalSign.cer -c -s -r localMachine Root$']",
        false,
    ),
    (
        "process-globalsign-publisher.json",
        "[process:command_line MATCHES '^.+>-add GlobalSign.cer -c -s -r localMachineTrustedPublisher$']",
        true,
    ),
    (
        "level23-file-a.json",
        "[file:hashes.'SHA-256' = 'bf07a7fbb825fc0aae7bf4a1177b2b31fcf8a3feeaf7092761e18c859ee52a9c' OR file:hashes.MD5 = 'cead3f77f6cda6ec00f57d76c9a6879f']",
        true,
    ),
];

/// The examples of STIX 2.1 section 9.8 on the interoperability files made for them.
#[test]
fn the_examples_of_the_specification_match_their_data() {
    let Some(folder) = common::data() else { return };
    for (file, text, expected) in EXAMPLES {
        assert_eq!(against(&folder, file, text), Ok(*expected), "{file} {text}");
    }
}

/// In 2.1 form, through the bundle's `observed-data`.
#[test]
fn a_bundle_is_read_through_its_observed_data() {
    let Some(folder) = common::data() else { return };
    let bytes = std::fs::read(folder.join("interop/pattern/eval/observed-data-bundle.json")).unwrap();
    let doc = Doc::parse(&bytes, 64).unwrap();
    let observations = Observation::read(doc.root()).unwrap();
    let pattern = parse("[ipv4-addr:value ISSUBSET '203.0.113.0/24']", &Limits::default()).unwrap();
    assert_eq!(matches(&pattern, &observations).unwrap().unwrap().observations, [0]);
}
