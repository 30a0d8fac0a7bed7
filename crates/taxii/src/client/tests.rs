use super::*;

#[test]
fn addresses_are_read_strictly() {
    let read = |text| read_address(text, false).map(String::from);
    assert_eq!(read("https://t.example"), Ok("https://t.example/".to_owned()));
    assert_eq!(read(" https://T.example:443/taxii2?x=1#y "), Ok("https://t.example/taxii2/".to_owned()));
    for (wrong, why) in [
        ("t.example", "no address"),
        ("http://t.example/", "allow_http"),
        ("ftp://t.example/", "only https"),
        ("file:///etc/passwd", "only https"),
        ("https://user:secret@t.example/", "own settings"),
    ] {
        assert!(read(wrong).unwrap_err().contains(why), "{wrong}");
    }
    assert!(read_address("http://t.example/", true).is_ok());
}

fn query(request: &PageRequest) -> String {
    let mut url = Url::parse("https://t.example/objects/").unwrap();
    add_query(&mut url, request);
    url.query().unwrap_or_default().to_owned()
}

#[test]
fn what_is_asked_is_what_a_server_reads() {
    assert_eq!(query(&PageRequest::default()), "");
    let matches =
        crate::Filters::parse("match[type]=malware,indicator&match[version]=all", &crate::FilterLimits::default());
    let request = PageRequest {
        added_after: Some("2026-11-01T12:00:00.000+02:00".to_owned()),
        limit: Some(100),
        next: Some("a/b+c=&é".to_owned()),
        matches: matches.unwrap().matches,
        ..PageRequest::default()
    };
    let read = crate::Filters::parse(&query(&request), &crate::FilterLimits::default()).unwrap();
    assert_eq!(read.added_after.unwrap().to_string(), "2026-11-01T10:00:00.000Z");
    assert_eq!((read.limit, read.next, read.matches), (Some(100), request.next, request.matches));
}
