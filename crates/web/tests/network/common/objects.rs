/// All kinds of data, as far as labels let them.
pub(crate) const EVERYTHING: &str = r#"kinds = ["threat", "suspect", "contact", "account", "person"]
purposes = ["investigation", "prevention"]
tlp = "amber+strict"
handling = ["H0", "H1", "H2", "H3"]
onward = "label""#;

pub(crate) fn bundle(objects: &[String]) -> String {
    let id = "bundle--5d0092c5-5f74-4287-9642-33f4c354e56d";
    format!(r#"{{"type":"bundle","id":"{id}","objects":[{}]}}"#, objects.join(","))
}

pub(crate) fn envelope(objects: &[String]) -> String {
    format!(r#"{{"objects":[{}]}}"#, objects.join(","))
}

/// An indicator of this number and version with these tags and markings.
pub(crate) fn indicator_with(number: u64, version: u32, said: &str) -> String {
    format!(
        r#"{{"type":"indicator","spec_version":"2.1","id":"{}","created":"2026-01-01T00:00:00.000Z","modified":"2026-01-{:02}T00:00:{:02}.000Z","pattern":"[ipv4-addr:value = '198.51.{}.{}']","pattern_type":"stix","valid_from":"2026-01-01T00:00:00Z"{said}}}"#,
        indicator_id(number),
        1 + version / 60,
        version % 60,
        number / 200 % 200,
        1 + number % 200
    )
}

/// An indicator of this number and version, marked with a TLP level.
pub(crate) fn indicator(number: u64, version: u32, tlp: &str) -> String {
    indicator_with(number, version, &format!(r#","labels":["tlp:{tlp}"]"#))
}

pub(crate) fn indicator_id(number: u64) -> String {
    format!("indicator--{number:08x}-0000-4000-8000-000000000000")
}

/// Indicators of these numbers; one of `each` may be seen by others.
pub(crate) fn mostly_hidden(numbers: std::ops::Range<u64>, each: u64) -> Vec<String> {
    numbers.map(|number| indicator(number, 0, if number % each == 0 { "green" } else { "red" })).collect()
}

/// The ids among [`mostly_hidden`] that may be seen, in order.
pub(crate) fn seen_of(numbers: std::ops::Range<u64>, each: u64) -> Vec<String> {
    numbers.filter(|number| number % each == 0).map(indicator_id).collect()
}
