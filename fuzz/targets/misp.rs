#![no_main]
//! The MISP reader: everything made is JSON and comes from inside the event.

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let text =
        [br#"{"Event":{"uuid":"a6ef17d6-91cb-4a05-b10b-2f045daf874c","info":"x","Attribute":["#.as_slice(), data]
            .concat();
    comity_fuzz::read_checked("in", &text, 1 << 12);
});
