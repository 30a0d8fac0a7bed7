#![no_main]
//! Any bytes as report text: spans lie within it and come in order.

use std::ops::ControlFlow;

use comity_formats::text::scan;
use comity_stix::value::Values;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let text = String::from_utf8_lossy(data);
    let mut last = 0;
    let _ = scan(&text, &Values::new([0; 32]), &mut |spot| {
        assert!(spot.start >= last && spot.end > spot.start);
        assert_eq!(text.get(spot.start..spot.end), Some(spot.raw));
        last = spot.start;
        ControlFlow::Continue(())
    });
});
