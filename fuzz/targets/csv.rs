#![no_main]
//! Any bytes as a table: its first line makes one of them.

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let text = [b"type,value,first_seen\nip,1.2.3.4,2026-01-01\n".as_slice(), data].concat();
    comity_fuzz::read_checked("table.csv", &text, 1 << 20);
});
