//! Validation of objects against STIX 2.1, in two depths.
//!
//! [`accept`] refuses only what would corrupt the store and is run first on everything that comes in.
//! [`check`] judges an object by the whole specification: what it must be and what it should be.
//! Both allocate nothing for an object that gives no cause. The grammar of patterns is judged elsewhere.
//!
//! Where the specification's text and the committee's own schemas and validator differ, the verdict
//! on a MUST follows the validator, so that two systems agree about the same object.

mod cross;
mod finding;
mod formats;
mod observed;
mod parts;
mod relations;
mod rule;
mod run;
mod sco;
mod sco_ext;
mod sdo;
mod vocab;

pub use finding::{Finding, Severity};

use self::rule::Schema;
use self::run::{Check, Path};
use crate::{Class, Header, Node, Shape, sco_id};

/// Refuses only structure that would corrupt the store; everything else is taken in and judged by [`check`].
///
/// Allocates nothing for an acceptable object of a standard type.
///
/// # Errors
/// As [`Header::read`], and when the object is a bundle, which is a container and no object.
pub fn accept(root: Node<'_, '_>) -> Result<Header, Finding> {
    let header = Header::read(root)?;
    if header.class() == Class::Bundle {
        return Err(Finding {
            severity: Severity::Refused,
            code: "bundle-as-object",
            pointer: "/type".to_owned(),
            text: "A bundle is a container, not an object: give its members one by one.".to_owned(),
        });
    }
    Ok(header)
}

/// Judges one object by the whole of STIX 2.1 and appends what it finds, at most 1,000 findings.
///
/// A bundle is not an object: its members are judged one by one. Whether what an object refers to
/// exists is not judged, and neither is a pattern's grammar.
pub fn check(root: Node<'_, '_>, out: &mut Vec<Finding>) {
    let refused = accept(root).err();
    let pointer = refused.as_ref().map(|finding| finding.pointer.clone());
    out.extend(refused);
    let Some(kind) = root.str("type").filter(|kind| *kind != "bundle") else { return };
    let mut check = Check::new(out, root, pointer);
    check.object(root, schema(kind, root), &Path::ROOT);
    if check.legacy {
        let text = "This is an object of STIX 2.0; what STIX 2.1 newly requires was not asked of it.";
        check.should(&Path::ROOT.name("spec_version"), "version-older", text);
    }
    if root.shape() == Shape::Object {
        identity(&mut check, root, kind);
    }
}

fn schema(kind: &str, root: Node<'_, '_>) -> &'static Schema {
    sdo::of(kind).or_else(|| sco::of(kind)).unwrap_or_else(|| custom_schema(root))
}

/// A custom object says by its extension what family it joins; without one, versions make it a Domain Object.
fn custom_schema(root: Node<'_, '_>) -> &'static Schema {
    if is_versioned(root) { &sdo::CUSTOM_SDO } else { &sco::CUSTOM_SCO }
}

/// Whether a custom object carries versions as Domain Objects do.
fn is_versioned(root: Node<'_, '_>) -> bool {
    let times = ["created", "modified"].iter().any(|name| root.get(name).is_some());
    times && !run::has_extension(root, &["new-sco"])
}

/// Section 2.9: which UUID an identifier is made of.
fn identity(check: &mut Check<'_, '_>, root: Node<'_, '_>, kind: &str) {
    let Some(id) = root.str("id").filter(|id| formats::identifier(id).is_some()) else { return };
    let version = formats::uuid_version(id);
    let path = Path::ROOT.name("id");
    let class = Class::of(kind);
    if class != Class::Sco && class != Class::Custom {
        if version != Some(b'4') {
            check.should(&path, "id-not-random", "The UUID of this identifier should be random (version 4).");
        }
        return;
    }
    match sco_id(kind, root) {
        Some(expected) if version == Some(b'5') && expected.to_string() == id => {}
        Some(expected) => {
            let text = format!("The identifier of this observable should be {expected}, made from its contents.");
            check.should(&path, "id-not-deterministic", text);
        }
        None if class == Class::Sco && version != Some(b'4') => {
            check.must(
                &path,
                "id-not-random",
                "Without properties to make it from, the UUID must be random (version 4).",
            );
        }
        None => {}
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::Doc;

    const INDICATOR: &str = r#"{"type":"indicator","spec_version":"2.1","id":"indicator--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f",
        "created_by_ref":"identity--f431f809-377b-45e0-aa1c-6a4751cae5ff","created":"2016-04-06T20:03:48.000Z",
        "modified":"2016-04-06T20:03:48.000Z","indicator_types":["malicious-activity"],"name":"Poison Ivy Malware",
        "description":"This file is part of Poison Ivy","pattern":"[ file:hashes.'SHA-256' = '4bac27393bdd9777ce02453256c5577cd02275510b2227f473d03f533924f877' ]",
        "pattern_type":"stix","valid_from":"2016-01-01T00:00:00Z","kill_chain_phases":[{"kill_chain_name":"lockheed-martin-cyber-kill-chain",
        "phase_name":"delivery"}],"object_marking_refs":["marking-definition--f88d31f6-486f-44da-b317-01333bde0b82"]}"#;

    fn found(json: &str) -> Vec<Finding> {
        let doc = Doc::parse(json.as_bytes(), 64).unwrap();
        let mut out = Vec::new();
        check(doc.root(), &mut out);
        out
    }

    fn codes(json: &str) -> Vec<&'static str> {
        found(json).iter().map(|finding| finding.code).collect()
    }

    #[test]
    fn a_clean_object_gives_no_findings() {
        assert_eq!(found(INDICATOR), []);
    }

    #[test]
    fn a_finding_says_where_and_what() {
        let json = INDICATOR.replace("delivery\"", "delivery\",\"x/y~z\":[]");
        let finding = found(&json).into_iter().find(|finding| finding.code == "list-empty").unwrap();
        assert_eq!(finding.pointer, "/kill_chain_phases/0/x~1y~0z");
        assert_eq!(finding.severity, Severity::Must);
        assert!(finding.text.ends_with('.'));
    }

    #[test]
    fn accepts_what_the_store_can_keep_and_refuses_the_rest() {
        let code =
            |json: &str| accept(Doc::parse(json.as_bytes(), 8).unwrap().root()).map_err(|finding| finding.code).err();
        assert_eq!(code(INDICATOR), None);
        assert_eq!(code(r#"{"type":"tool","id":"tool--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f"}"#), None);
        let bundle = r#"{"type":"bundle","id":"bundle--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f","objects":[]}"#;
        assert_eq!(code(bundle), Some("bundle-as-object"));
        assert_eq!(codes(bundle), ["bundle-as-object"]);
        assert_eq!(code("7"), Some("not-an-object"));
        assert_eq!(codes("7"), ["not-an-object"]);
    }

    #[test]
    fn a_refused_member_is_not_reported_twice() {
        let json = INDICATOR.replace(r#""modified":"2016-04-06T20:03:48.000Z""#, r#""modified":"soon""#);
        assert_eq!(codes(&json), ["timestamp-unreadable"]);
    }

    #[test]
    fn rules_between_members() {
        let with = |from: &str, to: &str| codes(&INDICATOR.replace(from, to));
        assert_eq!(with(r#""modified":"2016"#, r#""modified":"2015"#), ["time-order"]);
        assert_eq!(with(r#""pattern_type":"stix","#, ""), ["property-missing"]);
        assert_eq!(with(r#""name":"Poison Ivy Malware","#, ""), ["indicator-undescribed"]);
        assert_eq!(with(r#""pattern_type":"stix""#, r#""pattern_type":"stix","confidence":101"#), ["property-range"]);
        assert_eq!(with(r#""spec_version":"2.1","#, ""), ["version-older"]);
        assert_eq!(with(r#""pattern_type":"stix""#, r#""pattern_type":"stix","rank":5"#), ["custom-property"]);
        let extended = r#""pattern_type":"stix","rank":5,"extensions":{"extension-definition--a932fcc6-e032-476c-826f-cb970a5a1fff":
            {"extension_type":"toplevel-property-extension"}}"#;
        assert_eq!(with(r#""pattern_type":"stix""#, extended), [""; 0]);
    }

    #[test]
    fn hostile_objects_cost_a_bounded_time_and_room() {
        let many = "[],".repeat(50_000);
        let selectors = "\"labels.[49999]\",".repeat(50_000);
        let labels = "\"a\",".repeat(50_000);
        let json = format!(
            r#"{{"type":"x-thing","id":"x-thing--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f","labels":[{labels}"b"],
            "object_marking_refs":[{many}1],"granular_markings":[{{"lang":"en","selectors":[{selectors}"type"]}}]}}"#
        );
        let started = std::time::Instant::now();
        assert_eq!(found(&json).len(), 1_000);
        assert!(started.elapsed().as_secs() < 5);
    }

    fn json() -> impl Strategy<Value = serde_json::Value> {
        let word = proptest::sample::select(vec![
            "type",
            "id",
            "file",
            "indicator",
            "created",
            "extensions",
            "objects",
            "hashes",
            "selectors",
            "object_refs",
            "MD5",
            "2.1",
            "a.[0]",
            "2016-04-06T20:03:48.000Z",
            "tool--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f",
            "ntfs-ext",
            "",
            "é",
            "marking-definition",
            "granular_markings",
            "definition",
            "contents",
            "spec_version",
            "observed-data",
            "value",
            "src_ref",
            "x/~",
        ]);
        let word = word.prop_map(str::to_owned);
        let leaf = prop_oneof![
            Just(serde_json::Value::Null),
            any::<bool>().prop_map(Into::into),
            any::<i64>().prop_map(Into::into),
            word.clone().prop_map(Into::into),
        ];
        leaf.prop_recursive(4, 40, 6, move |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..4).prop_map(Into::into),
                proptest::collection::btree_map(word.clone(), inner, 0..6)
                    .prop_map(|map| serde_json::Value::Object(map.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(200))]

        #[test]
        fn any_object_is_judged(value in json(), kind in proptest::sample::select(vec!["indicator", "file", "observed-data",
            "marking-definition", "language-content", "x-thing", "email-message", "location", "process", "extension-definition"])) {
            let mut value = value;
            if let Some(members) = value.as_object_mut() {
                members.insert("type".to_owned(), kind.into());
            }
            let findings = found(&value.to_string());
            prop_assert!(findings.iter().all(|finding| value.pointer(&finding.pointer).is_some()
                || finding.code == "property-missing" || finding.severity == Severity::Refused
                || matches!(finding.code, "version-older" | "creator-missing" | "extension-properties-missing")), "{findings:?}");
        }
    }
}
