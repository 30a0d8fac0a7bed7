#![no_main]
//! Any bytes as a warning list, and any text looked up in it: no panic, no entry lost from the count.

use comity_link::warninglist::Lists;
use comity_stix::{Doc, Kind};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let mut lists = Lists::empty();
    if let Ok(added) = lists.add(data) {
        let doc = Doc::parse(data, 8).expect("a list that was added is JSON");
        let given = doc.root().get("list").map_or(0, |list| list.items().count());
        assert_eq!(added.entries + added.bad, given);
        for entry in doc.root().get("list").into_iter().flat_map(|list| list.items()).take(8) {
            for kind in Kind::ALL {
                lists.matching(*kind, entry.as_str().unwrap_or_default());
            }
        }
    }
    if let Ok(text) = std::str::from_utf8(data) {
        let builtin = Lists::builtin();
        for kind in [Kind::Url, Kind::Domain, Kind::Ipv4, Kind::Ipv6, Kind::Cidr] {
            builtin.matching(kind, text);
        }
    }
});
