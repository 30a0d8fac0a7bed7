#![no_main]
//! An agreement as text and as an object, a suspension: what is read is written the same again.

use comity_base::Timestamp;
use comity_policy::{Agreement, Suspension};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    if let Ok(agreement) = Agreement::from_object(data) {
        assert_eq!(Agreement::from_object(agreement.to_object().as_bytes()).expect("its own object"), agreement);
        agreement.explain();
    }
    if let Ok(suspension) = Suspension::from_object(data) {
        assert_eq!(Suspension::from_object(suspension.to_object().as_bytes()).expect("its own object"), suspension);
    }
    if let Ok(text) = std::str::from_utf8(data)
        && let Ok(made) = Agreement::from_toml(text, Default::default(), Timestamp::from_micros(1))
    {
        assert_eq!(Agreement::from_object(made.to_object().as_bytes()).expect("its own object"), made);
    }
});
