#![no_main]
//! The splitter: every object given is exactly the bytes at its offset, whatever follows a bundle's beginning.

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let text = [br#"{"type":"bundle","spec_version":"2.1","objects":["#.as_slice(), data].concat();
    comity_fuzz::read_checked("in", &text, 1 << 12);
});
