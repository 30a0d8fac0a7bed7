#![no_main]
//! A client's query, token, headers, and a remote server's page: whatever the bytes, no panic, and what is understood survives.

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Some((which, data)) = data.split_first() else { return };
    match which % 4 {
        0 => comity_taxii::fuzzing::cursor(data),
        1 => comity_taxii::fuzzing::filters(data),
        2 => comity_taxii::fuzzing::page(data),
        _ => comity_taxii::fuzzing::headers(data),
    }
});
