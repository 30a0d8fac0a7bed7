#![no_main]
//! Any bytes as a list: its first lines make one of them.

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let text = [&b"1.2.3.4\n".repeat(200), data].concat();
    comity_fuzz::read_checked("list.txt", &text, 1 << 20);
});
