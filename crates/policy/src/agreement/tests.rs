use comity_crypto::SigningKey;
use proptest::prelude::*;
use uuid::Uuid;

use super::*;

pub(crate) const EXAMPLE: &str = include_str!("../../../../examples/agreement.toml");

pub(crate) fn at(text: &str) -> Timestamp {
    Timestamp::parse(text).unwrap()
}

fn uuid(number: u128) -> Uuid {
    Uuid::from_u128(0x1b4e_28ba_2fa1_4d2b_883f_0016_d3cc_a400 + number)
}

pub(crate) fn org(name: &str) -> OrgName {
    OrgName::parse(name).unwrap()
}

/// The keys whose public halves stand in the example.
pub(crate) fn keys() -> [SigningKey; 2] {
    [
        SigningKey::from_seed(&std::array::from_fn(|n| u8::try_from(n).unwrap())).unwrap(),
        SigningKey::from_seed(&[7; 32]).unwrap(),
    ]
}

/// The example, read on 2026-11-15, with the keys of [`keys`].
pub(crate) fn draft() -> Agreement {
    example(EXAMPLE).unwrap()
}

fn example(text: &str) -> Result<Agreement, AgreementError> {
    Agreement::from_toml(text, uuid(7), at("2026-11-15T00:00:00Z"))
}

/// The example with both signatures.
pub(crate) fn signed() -> Agreement {
    let mut agreement = draft();
    let [estonian, finnish] = keys();
    agreement.sign(&org("ee-police"), &estonian).unwrap();
    agreement.sign(&org("fi-police"), &finnish).unwrap();
    agreement
}

pub(crate) fn anyone(_: &OrgName, _: &PublicKey) -> bool {
    true
}

fn refused(from: &str, to: &str) -> String {
    assert!(EXAMPLE.contains(from), "{from}");
    example(&EXAMPLE.replacen(from, to, 1)).unwrap_err().to_string()
}

#[test]
fn the_example_is_explained_as_written_down() {
    let text = draft().explain();
    crate::golden("agreement/golden/example.txt", &text);
}

#[test]
fn errors_name_line_and_field_and_say_what_is_allowed() {
    let line = |needle: &str| EXAMPLE.lines().position(|line| line.starts_with(needle)).unwrap() + 1;
    let (kinds, tlp) = (line("kinds"), line("tlp"));
    let error = refused(r#"kinds = ["threat", "suspect","#, r#"kinds = ["threat", "all-personal","#);
    assert!(error.starts_with(&format!("line {kinds}, flows[0].kinds: \"all-personal\"")), "{error}");
    assert!(error.contains("victim"), "{error}");
    let error = refused(r#"tlp = "amber+strict""#, r#"tpl = "amber""#);
    assert!(error.starts_with(&format!("line {tlp}: unknown field `tpl`")) && error.contains("`onward`"), "{error}");
    let error = refused(r#"tlp = "amber+strict""#, r#"tlp = "black""#);
    assert_eq!(
        error,
        format!("line {tlp}, flows[0].tlp: \"black\" is not a TLP level: use clear, green, amber, amber+strict or red")
    );
    for (from, to, expected) in [
        ("version = 1", "version = 0", "counted from 1"),
        ("version = 1", "", "missing field `version`"),
        (r#"country = "EE""#, r#"country = "Estonia""#, "parties[0].country"),
        (r#"key = "03"#, r#"key = ""#, "64 hexadecimal digits"),
        (r#"to = "fi-police""#, r#"to = "lv-police""#, "the parties are ee-police and fi-police"),
        (r#"from = "fi-police""#, r#"from = "ee-police""#, "flows[1]"),
        ("valid_until = 2028-12-31", "valid_until = 2026-12-31", "before it begins"),
        ("valid_until = 2028-12-31", "valid_until = 3", "use a date"),
        (r#"["prevention", "investigation"]"#, r#"["fun"]"#, "prevention, investigation, prosecution"),
        (r#"["prevention", "investigation"]"#, "[]", "at least one purpose"),
        (r#"["prevention", "investigation"]"#, r#"["prevention", "prevention"]"#, "stands twice"),
        ("per_hour = 200", "per_hour = 20_000", "more in an hour"),
        ("within_hours = 72", "within_hours = 0", "not from 1 to 8760"),
        (r#"onward = "named""#, r#"onward = "yes""#, "use no, named, label"),
        (r#"name = "Estonia and Finland: cybercrime""#, "name = \"a\u{202e}b\"", "cannot be seen"),
    ] {
        let error = refused(from, to);
        assert!(error.starts_with("line ") && error.contains(expected), "{from} -> {to}: {error}");
    }
}

#[test]
fn dates_alone_are_whole_days() {
    let agreement = draft();
    assert_eq!(agreement.valid_from.to_string(), "2027-01-01T00:00:00.000Z");
    assert_eq!(agreement.valid_until.to_string(), "2028-12-31T23:59:59.999999Z");
    let quoted = example(&EXAMPLE.replace("valid_from = 2027-01-01", "valid_from = \"2027-01-01\"")).unwrap();
    assert_eq!(quoted.valid_from, agreement.valid_from);
}

#[test]
fn objects_are_lossless_and_closed() {
    let agreement = signed();
    let object = agreement.to_object();
    assert_eq!(Agreement::from_object(object.as_bytes()).unwrap(), agreement);
    let pretty = serde_json::to_string_pretty(&serde_json::from_str::<serde_json::Value>(&object).unwrap()).unwrap();
    assert_eq!(Agreement::from_object(pretty.as_bytes()).unwrap(), agreement, "white space means nothing");
    for (from, to, expected) in [
        (r#""version":1"#, r#""version":1,"secret":true"#, "unknown field `secret`"),
        (r#""version":1"#, r#""version":1,"version":2"#, "stands twice"),
        (r#""type":"x-comity-agreement""#, r#""type":"x-agreement""#, "type: it must be"),
        (r#""new-sdo""#, r#""new-sco""#, "extensions: it must be"),
        (r#""valid_from":"2027-01-01T00:00:00.000Z""#, r#""valid_from":"2027-01-01T00:00:00Z""#, "normal form"),
        (r#"["threat","suspect""#, r#"["threat","threat","suspect""#, "normal form"),
        (r#""countries":["EE"]"#, r#""countries":["ee"]"#, "not a country"),
        (r#""tlp":"amber+strict""#, r#""tlp":"black""#, "unknown variant"),
    ] {
        assert!(object.contains(from), "{from}");
        let error = Agreement::from_object(object.replacen(from, to, 1).as_bytes()).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    }
}

#[test]
fn both_objects_are_good_stix() {
    let suspension =
        Suspension::new(&signed(), &org("ee-police"), &keys()[0], "Keys lost.", at("2027-02-01T00:00:00Z"));
    for object in
        [signed().to_object(), suspension.unwrap().to_object(), AGREEMENT_EXTENSION.into(), SUSPENSION_EXTENSION.into()]
    {
        let doc = comity_stix::Doc::parse(object.as_bytes(), 16).unwrap();
        let mut findings = Vec::new();
        comity_stix::validate::check(doc.root(), &mut findings);
        let musts: Vec<_> =
            findings.iter().filter(|finding| finding.severity != comity_stix::validate::Severity::Should).collect();
        assert!(musts.is_empty(), "{musts:?}");
    }
}

#[test]
fn an_agreement_counts_when_both_have_signed() {
    let mut agreement = draft();
    let [estonian, finnish] = keys();
    let (ee, fi, during) = (org("ee-police"), org("fi-police"), at("2027-06-01T00:00:00Z"));
    let state = |agreement: &Agreement, now| agreement.state(&[], &anyone, now);
    assert_eq!(state(&agreement, during), State::Draft);
    assert!(matches!(agreement.sign(&ee, &finnish), Err(AgreementError::OtherKey { .. })));
    assert!(matches!(agreement.sign(&org("lv-police"), &finnish), Err(AgreementError::Stranger { .. })));
    agreement.sign(&ee, &estonian).unwrap();
    assert_eq!(state(&agreement, during), State::Proposed { by: ee.clone() });
    let mut copy = draft();
    copy.sign(&fi, &finnish).unwrap();
    assert!(agreement.take_signatures(&copy));
    assert_eq!(state(&agreement, at("2026-12-31T23:59:59Z")), State::NotYet { from: agreement.valid_from });
    assert_eq!(state(&agreement, during), State::Active { until: agreement.valid_until });
    assert!(state(&agreement, agreement.valid_until).is_active());
    assert_eq!(state(&agreement, at("2029-01-01T00:00:00Z")), State::Ended { at: agreement.valid_until });
    let distrusted = |party: &OrgName, _: &PublicKey| *party != fi;
    assert_eq!(agreement.state(&[], &distrusted, during), State::Proposed { by: ee });
    agreement.flows[0].tlp = Tlp::Red;
    assert_eq!(state(&agreement, during), State::Draft, "signatures count for what was signed");
}

#[test]
fn either_party_suspends_and_only_the_same_lifts() {
    let agreement = signed();
    let [estonian, finnish] = keys();
    let (ee, fi, us) = (org("ee-police"), org("fi-police"), org("us-police"));
    let (begin, later) = (at("2027-06-01T00:00:00Z"), at("2027-07-01T00:00:00Z"));
    let suspend = |party, key, reason| Suspension::new(&agreement, party, key, reason, begin);
    let suspension = suspend(&fi, &finnish, "Receipts are overdue.").unwrap();
    assert!(suspend(&us, &finnish, "x").is_err() && suspend(&fi, &finnish, "").is_err());
    assert_eq!(Suspension::from_object(suspension.to_object().as_bytes()).unwrap(), suspension);
    let state = |all: &[Suspension], now| agreement.state(all, &anyone, now);
    let held = state(std::slice::from_ref(&suspension), later);
    assert_eq!(
        held.sentence(),
        "The agreement is suspended by fi-police since 2027-06-01T00:00:00.000Z: Receipts are overdue."
    );
    assert_eq!(state(std::slice::from_ref(&suspension), at("2027-05-01T00:00:00Z")).next_change(), Some(begin));
    assert!(matches!(suspension.lift(&agreement, &ee, &estonian, later), Err(AgreementError::NotTheSuspender { .. })));
    let lifted = suspension.lift(&agreement, &fi, &finnish, later).unwrap();
    let both = [lifted.clone(), suspension.clone()];
    assert!(state(&both, later).is_active());
    assert!(!state(&both, at("2027-06-15T00:00:00Z")).is_active(), "what was stays so");
    let mut forged = lifted;
    forged.party = ee;
    assert!(!state(&[suspension.clone(), forged], later).is_active());
    let mut unsigned = suspension;
    unsigned.reason = "Nothing.".into();
    assert!(state(&[unsigned], later).is_active(), "it was not said so by anyone");
    // With a key that came after the one in the agreement: it counts where that key is known to be its own.
    let renewed = SigningKey::from_seed(&[77; 32]).unwrap();
    let said = [suspend(&fi, &renewed, "Keys renewed.").unwrap()];
    let owns =
        |name: &OrgName, key: &PublicKey| *name == fi && *key == renewed.public_key() || *key != renewed.public_key();
    assert!(!agreement.state(&said, &owns, later).is_active());
    let named = |_: &OrgName, key: &PublicKey| *key != renewed.public_key();
    assert!(agreement.state(&said, &named, later).is_active());
}

#[test]
fn a_new_version_replaces_the_old_when_both_signed() {
    let (old, now) = (signed(), at("2027-03-01T00:00:00Z"));
    assert!(old.revised(EXAMPLE, now).unwrap_err().to_string().contains("more than 1"));
    let mut new = old.revised(&EXAMPLE.replace("version = 1", "version = 2"), now).unwrap();
    assert_eq!((&new.id, new.created, new.modified), (&old.id, old.created, now));
    let versions = [old.clone(), new.clone()];
    assert_eq!(Agreement::latest_signed(&versions, &anyone), Some(&old));
    new.sign(&org("ee-police"), &keys()[0]).unwrap();
    new.sign(&org("fi-police"), &keys()[1]).unwrap();
    let versions = [old, new];
    assert_eq!(Agreement::latest_signed(&versions, &anyone), Some(&versions[1]));
}

#[test]
fn changes_are_told_in_sentences() {
    let old = draft();
    let mut new = old.clone();
    assert_eq!(new.changes_from(&old), Vec::<String>::new());
    new.version = 2;
    new.valid_until = at("2029-12-31T23:59:59.999999Z");
    new.parties[1].country = "SE".into();
    new.flows.remove(1);
    let flow = &mut new.flows[0];
    flow.kinds = [DataKind::Threat, "victim".parse().unwrap()].into();
    flow.purposes = [Purpose::Protection].into();
    flow.tlp = Tlp::Amber;
    flow.pap = None;
    flow.handling.clear();
    flow.countries = None;
    flow.onward = Onward::Label;
    flow.retention_days = None;
    new.queries.per_hour = 0;
    new.receipts.within_hours = 24;
    let mut text = new.changes_from(&old).join("\n");
    text.push_str("\n\nAnd back:\n");
    text.push_str(&old.changes_from(&new).join("\n"));
    text.push('\n');
    crate::golden("agreement/golden/changes.txt", &text);
}

#[test]
fn a_flow_covers_an_object_when_every_kind_in_it_is_named() {
    let of = |names: &[&str]| names.iter().map(|name| name.parse().unwrap()).collect::<Categories>();
    let mut flow = draft().flows[0].clone();
    assert!(flow.covers(of(&[])) && flow.covers(of(&["suspect", "account"])));
    assert!(!flow.covers(of(&["suspect", "victim"])));
    flow.kinds.remove(&DataKind::Threat);
    assert!(!flow.covers(of(&[])) && flow.covers(of(&["account"])));
    assert!(!flow.covers(of(&["account"]).join(of(&[]))), "technical data came along");
}

#[test]
fn the_published_schemas_have_the_members_that_are_written() {
    let suspension =
        Suspension::new(&signed(), &org("ee-police"), &keys()[0], "x", at("2027-02-01T00:00:00Z")).unwrap();
    let lifted = suspension.lift(&signed(), &org("ee-police"), &keys()[0], at("2027-03-01T00:00:00Z")).unwrap();
    let mut agreement = signed();
    agreement
        .object_marking_refs
        .push(ObjectId::parse("marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421").unwrap());
    for (file, object) in [("comity-agreement", agreement.to_object()), ("comity-suspension", lifted.to_object())] {
        let path = format!("{}/../../schemas/{file}.json", env!("CARGO_MANIFEST_DIR"));
        let schema: serde_json::Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
        let object: serde_json::Value = serde_json::from_str(&object).unwrap();
        same_members(&schema, &schema, &object, file);
    }
    let kinds: Vec<_> = DataKind::ALL.iter().map(|kind| kind.name()).collect();
    let schema =
        std::fs::read_to_string(format!("{}/../../schemas/comity-agreement.json", env!("CARGO_MANIFEST_DIR"))).unwrap();
    let schema: serde_json::Value = serde_json::from_str(&schema).unwrap();
    let flow = &schema["$defs"]["flow"]["properties"];
    assert_eq!(flow["kinds"]["items"]["enum"], serde_json::json!(kinds));
    assert_eq!(flow["purposes"]["items"]["enum"], serde_json::json!(Purpose::ALL));
    assert_eq!(flow["onward"]["enum"], serde_json::json!(Onward::ALL));
    assert_eq!(flow["tlp"]["enum"], serde_json::json!(Tlp::ALL));
}

/// Every member of an object is in its schema and the other way round, at every depth.
fn same_members(all: &serde_json::Value, schema: &serde_json::Value, object: &serde_json::Value, place: &str) {
    let schema = match schema["$ref"].as_str() {
        Some(name) => &all["$defs"][name.trim_start_matches("#/$defs/")],
        None => schema,
    };
    if let (Some(members), Some(properties)) = (object.as_object(), schema["properties"].as_object()) {
        let names = |map: &serde_json::Map<String, serde_json::Value>| map.keys().cloned().collect::<BTreeSet<_>>();
        assert_eq!(names(members), names(properties), "{place}");
        for (name, member) in members {
            same_members(all, &properties[name], member, name);
        }
    }
    if let Some(first) = object.as_array().and_then(|items| items.first()) {
        same_members(all, &schema["items"], first, place);
    }
}

proptest! {
    #[test]
    fn any_text_is_answered(text in ".{0,200}", at in 0_usize..3_000, byte: u8) {
        let _ = Agreement::from_toml(&text, uuid(7), Timestamp::default());
        let mut object = signed_object().to_vec();
        let place = at % object.len();
        object[place] = byte;
        // Whatever is taken reads back as itself, and only the original bears the signatures.
        if let Ok(read) = Agreement::from_object(&object) {
            prop_assert_eq!(Agreement::from_object(read.to_object().as_bytes()).unwrap(), read.clone());
            prop_assert!(read == signed() || read.signed_by(&anyone).len() < 2);
        }
    }
}

fn signed_object() -> &'static [u8] {
    static OBJECT: std::sync::OnceLock<String> = std::sync::OnceLock::new();
    OBJECT.get_or_init(|| signed().to_object()).as_bytes()
}
