#![no_main]
//! The upgrade of STIX 2.0: everything made is JSON and comes from inside the bundle.

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let text = [br#"{"type":"bundle","spec_version":"2.0","objects":["#.as_slice(), data].concat();
    comity_fuzz::read_checked("in", &text, 1 << 12);
});
