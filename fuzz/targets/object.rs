#![no_main]
//! Any bytes as one object: parsing, validation, identity and canonical form never panic.

use comity_stix::validate::{accept, check};
use comity_stix::{Doc, canonical, sco_id};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Ok(doc) = Doc::parse(data, 64) else { return };
    let root = doc.root();
    let accepted = accept(root).is_ok();
    let mut findings = Vec::new();
    check(root, &mut findings);
    if accepted {
        let mut text = String::new();
        canonical(root, &mut text);
        let again = Doc::parse(text.as_bytes(), 64).expect("the canonical form is JSON");
        let mut twice = String::new();
        canonical(again.root(), &mut twice);
        assert_eq!(text, twice);
    }
    if let Some(kind) = root.str("type") {
        sco_id(kind, root);
    }
});
