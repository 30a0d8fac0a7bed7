//! What is read of others about acts that target persons never panics, and free text is looked through within its limits.
#![no_main]

use comity_base::Timestamp;
use comity_law::cards::RuleCards;
use comity_law::gate::text::Findings;
use comity_law::gate::{Attestation, Judged};
use comity_law::hit::{self, Hit};
use comity_law::notice::{self, Facts, Lifecycle, Notice};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let now = Timestamp::from_micros(1_900_000_000_000_000);
    if let Ok(events) = notice::read_events(bytes) {
        let folded = Lifecycle::fold(&events, now);
        let _ = (folded.lifecycle.duties(now), folded.lifecycle.next_clock(now));
    }
    if let Ok(events) = hit::read_events(bytes) {
        let _ = Hit::fold(&events, now).hit.next_clock(now);
    }
    if let Ok(notice) = Notice::read(bytes) {
        assert_eq!(Notice::read(notice.to_json().as_bytes()).as_ref(), Ok(&notice));
    }
    let _ = (Facts::read(bytes), Judged::read(bytes), Attestation::read(bytes), RuleCards::from_json(bytes));
    if let Ok(text) = std::str::from_utf8(bytes) {
        let _ = RuleCards::from_toml(text);
        let found = Findings::of(text);
        for spot in &found.spots {
            assert!(text.get(spot.range.clone()).is_some());
        }
        let _ = found.questions(text);
    }
});
