use super::*;
use proptest::prelude::*;

fn parse(query: &str) -> Result<Filters, FilterError> {
    Filters::parse(query, &FilterLimits::default())
}

fn refusal(query: &str) -> String {
    parse(query).unwrap_err().to_string()
}

const ID: &str = "indicator--3600ad1b-fff1-4c98-bcc9-4de3bc2e2ffb";

#[test]
fn nothing_asked_is_everything() {
    for query in ["", "&", "&&=&", "added_after=&limit=&next=&match[type]=&match%5Bid%5D=,,"] {
        assert_eq!(parse(query), Ok(Filters::default()), "{query}");
    }
}

#[test]
fn every_parameter_is_read() {
    let filters = parse(&format!(
        "added_after=2016-02-01T00:00:01.000Z&limit=100&next=abc%2Fdef&match[id]={ID}\
         &match[type]=malware,indicator&match[version]=first,2018-03-02T01:01:01.123Z,last&match[spec_version]=2.0,2.1"
    ))
    .unwrap();
    assert_eq!(filters.added_after.unwrap().to_string(), "2016-02-01T00:00:01.000Z");
    assert_eq!((filters.limit, filters.next.as_deref()), (Some(100), Some("abc/def")));
    assert_eq!(filters.matches.ids, [ObjectId::parse(ID).unwrap()]);
    assert_eq!(filters.matches.spec_versions, ["2.0", "2.1"]);
    let moment = Timestamp::parse("2018-03-02T01:01:01.123Z").unwrap();
    assert_eq!(filters.matches.versions, [VersionMatch::First, VersionMatch::Last, VersionMatch::At(moment)]);
    let mut types = ["malware", "indicator"].map(|name| TypeName::parse(name).unwrap());
    types.sort();
    assert_eq!(filters.matches.types, types);
}

#[test]
fn lists_join_from_commas_repeats_and_encodings() {
    let expected = parse("match[type]=indicator,malware").unwrap();
    for query in [
        "match[type]=malware&match[type]=indicator",
        "match%5Btype%5D=malware%2Cindicator",
        "match%5btype%5d=malware,%20indicator,,malware",
        "%6Datch[type]=malware,indicator&unknown=1&match[colour]=red&%zz=3",
    ] {
        assert_eq!(parse(query), Ok(expected.clone()), "{query}");
    }
}

#[test]
fn moments_come_in_many_dresses() {
    let expected = parse("added_after=2026-11-01T12:00:00Z").unwrap();
    for value in [
        "2026-11-01T12%3A00%3A00.000Z",
        "2026-11-01t12:00:00.000000z",
        "2026-11-01T13:00:00%2B01:00",
        "2026-11-01T13:00:00+01:00",
        "2026-11-01T12:00:00.0000000000Z",
    ] {
        assert_eq!(parse(&format!("added_after={value}")), Ok(expected.clone()), "{value}");
    }
    assert_eq!(parse("added_after=2026-11-01T12:00:00Z&added_after=2026-11-01T12:00:00.0Z"), Ok(expected));
}

#[test]
fn a_wrong_value_is_answered_with_what_is_allowed() {
    for (query, text) in [
        ("added_after=yesterday", "2026-11-01T12:00:00.000Z"),
        ("added_after=2026-11-01", "date-time with zone"),
        ("limit=0", "at least 1"),
        ("limit=-5", "at least 1"),
        ("limit=ten", "\"ten\""),
        ("limit=1&limit=2", "limit is given twice"),
        ("next=a&next=b", "next is given twice"),
        ("match[id]=indicator", "type--uuid"),
        ("match[type]=No%20Type", "object type"),
        ("match[version]=newest", "all, first, last"),
        ("match[version]=all,last", "must stand alone"),
        ("match[spec_version]=latest", "such as 2.1"),
        ("match[type]=%zz", "two hexadecimal digits"),
        ("match[type]=%ff", "UTF-8"),
    ] {
        assert!(refusal(query).contains(text), "{query}: {}", refusal(query));
    }
    assert_eq!(TaxiiError::from(FilterError::AllWithOthers).http_status, Some(400));
}

#[test]
fn a_huge_limit_means_everything() {
    assert_eq!(parse("limit=99999999999999999999999").unwrap().limit, Some(u64::MAX));
}

#[test]
fn what_is_too_large_is_refused() {
    let limits = FilterLimits { query_bytes: 2000, parameters: 5, values: 3, value_bytes: 80, next_bytes: 100 };
    let refused = |query: &str| matches!(Filters::parse(query, &limits), Err(FilterError::TooLarge { .. }));
    assert!(refused(&"a".repeat(2001)));
    assert!(refused("a&b&c&d&e&f&g"));
    assert!(refused("match[type]=a,b&match[spec_version]=2.0,2.1"));
    assert!(refused(&format!("next={}", "x".repeat(101))));
    assert!(refused(&format!("match[type]={}", "x".repeat(81))));
    assert!(!refused(&format!("next={}&limit=3", "x".repeat(100))));
}

#[test]
fn a_token_brings_its_own_filters() {
    let cursor =
        Cursor { limit: Some(10), matches: parse("match[type]=malware").unwrap().matches, ..Cursor::default() };
    let asked = parse("added_after=2026-11-01T12:00:00Z&match[type]=tool").unwrap();
    let resumed = asked.resume(&cursor);
    assert_eq!((resumed.added_after, resumed.limit), (None, Some(10)));
    assert_eq!(resumed.matches, cursor.matches);
    assert_eq!(parse("limit=5").unwrap().resume(&cursor).limit, Some(5));
}

proptest! {
    #[test]
    fn any_query_is_answered(query in "(added_after|limit|next|match\\[(id|type|version|spec_version)\\]|[a-z%]{0,4})?=?.{0,60}(&.{0,40})?") {
        if let Ok(filters) = parse(&query) {
            // What was understood can be asked for again.
            let again: Vec<String> = filters
                .matches
                .to_query()
                .into_iter()
                .map(|(name, value)| format!("{name}={}", value.replace('%', "%25").replace('&', "%26")))
                .collect();
            prop_assert_eq!(parse(&again.join("&")).unwrap().matches, filters.matches);
        }
    }
}
