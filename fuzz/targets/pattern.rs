//! Feeds text to the pattern reader: what it accepts survives printing, and values come of it.

#![no_main]

use comity_base::Limits;
use comity_pattern::{Version, check, parse, parse_2_0, values};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let limits = Limits::default();
    let parsed = parse(text, &limits);
    let parsed_2_0 = parse_2_0(text, &limits);
    let mut taken = 0;
    let answer = values(text, &mut |_, _| taken += 1);
    assert_eq!(answer.is_ok(), parsed.is_ok() || parsed_2_0.is_ok());
    assert!(answer.is_ok() || taken == 0);
    for found in [parsed, parsed_2_0] {
        match found {
            Ok(pattern) => {
                let printed = pattern.to_string();
                // Escapes and spaces may carry a pattern just over the limit.
                if printed.len() <= comity_pattern::MAX_BYTES {
                    let again = match pattern.version {
                        Version::V2_1 => parse(&printed, &limits),
                        Version::V2_0 => parse_2_0(&printed, &limits),
                    };
                    assert_eq!(again.as_ref(), Ok(&pattern), "{printed}");
                }
                let _ = check(&pattern);
            }
            Err(error) => {
                assert!(error.at() <= text.len().max(comity_pattern::MAX_BYTES));
                let _ = error.caret(text);
            }
        }
    }
});
