//! What anybody may read, over real TLS and without a key: a notice whose source wishes it, while it is in force.

use comity_law::notice::{Colour, Form};
use comity_node::{NoticeDeed, NoticeNo};
use comity_testkit::{People, Random};

use super::common::*;
use super::drafts::{clear, complete};

/// A red notice about somebody of the node's own data: written by one, handed in by another, published by a third.
fn published(host: &Host, seed: u64, extract: bool) -> NoticeNo {
    let person = People::new(seed).find(|one| one.nationality == "EE").unwrap();
    let identity = person.identity(&mut Random::new(seed)).replace(r#""status":"suspect""#, r#""status":"charged""#);
    let id = identity.split('"').find(|part| part.starts_with("identity--")).unwrap().to_owned();
    host.ingest(&[identity]);
    let draft =
        host.node.draft_notice(&host.acting_as("mari"), (Colour::Red, Form::Notice, extract), Some(&id)).unwrap();
    let no = draft.row.no;
    host.node.revise_notice(&host.acting_as("mari"), no, &complete(draft.text)).unwrap();
    host.node.judge_notice(&host.acting_as("liis"), no, &clear(), "Fraud with large damage.").unwrap();
    let publish = NoticeDeed::Publish { valid_until: host.now().plus_months(12), extract };
    for (who, deed) in [("jaan", NoticeDeed::Submit), ("liis", NoticeDeed::TakeUp), ("rein", publish)] {
        host.node.act_on_notice(&host.acting_as(who), no, &deed, "checked").unwrap();
    }
    no
}

#[test]
fn whoever_shows_nothing_reads_extracts_and_nothing_else() {
    let host = Host::new();
    let (public, within) = (published(&host, 31, true), published(&host, 32, false));
    let anybody = host.stranger();
    let listed = anybody.get("/public/v1/notices");
    assert_eq!((listed.status, listed.header("access-control-allow-origin")), (200, Some("*")));
    let listed = listed.json();
    assert_eq!((&listed["total"], &listed["notices"][0]["entity_id"]), (&1.into(), &public.to_string().into()));
    let one = anybody.get(&format!("/public/v1/notices/{public}")).json();
    assert_eq!(one, listed["notices"][0]);
    assert_eq!(one["arrest_warrants"][0]["charge"], "Computer fraud");
    for hidden in [within.to_string(), "00000000-0000-4000-8000-000000000000".to_owned(), "nothing".to_owned()] {
        assert_eq!(anybody.get(&format!("/public/v1/notices/{hidden}")).status, 404, "{hidden}");
    }
    for (query, total) in [("colour=red&nationality=ee", 1), ("colour=yellow", 0), ("name=zzyzx", 0), ("page=9", 1)] {
        assert_eq!(anybody.get(&format!("/public/v1/notices?{query}")).json()["total"], total, "{query}");
    }
    host.node.act_on_notice(&host.acting_as("liis"), public, &NoticeDeed::Suspend, "a doubt").unwrap();
    assert_eq!(anybody.get(&format!("/public/v1/notices/{public}")).status, 404, "gone at once");
    assert_eq!(anybody.get("/public/v1/notices").json()["total"], 0);
}

#[test]
fn an_extract_has_what_is_described_and_nothing_more() {
    let host = Host::new();
    let no = published(&host, 33, true);
    let described = host.stranger().get("/frontline/v1/openapi.json").json();
    let known = described["components"]["schemas"]["PublicNotice"]["properties"].as_object().unwrap();
    let one = host.stranger().get(&format!("/public/v1/notices/{no}")).json();
    for member in one.as_object().unwrap().keys() {
        assert!(known.contains_key(member), "{member}");
    }
}
