//! How fast a MISP event is made of STIX objects and written. Prints one JSON line per figure.

use std::time::Instant;

use comity_base::Timestamp;
use comity_formats::{Distribution, MispMember, MispOrg, MispSource, MispWriter};
use comity_stix::Doc;
use comity_stix::value::Values;
use uuid::Uuid;

const COUNT: usize = 100_000;

fn main() {
    let objects = objects();
    let docs: Vec<Doc<'_>> = objects.iter().filter_map(|text| Doc::parse(text.as_bytes(), 64).ok()).collect();
    let members: Vec<MispMember<'_>> =
        docs.iter().map(|doc| MispMember { object: doc.root(), elsewhere: false }).collect();
    let org = MispOrg { name: "Node".to_owned(), uuid: Uuid::nil() };
    let writer = MispWriter::new(org.clone(), Values::new([0; 32]));
    let source = MispSource { container: None, members: &members, owner: &org, day: Timestamp::default() };
    let (mut best, mut bytes) = (f64::INFINITY, 0);
    for _ in 0..3 {
        let start = Instant::now();
        let event = writer.event(&source, Distribution::OwnOrganisation);
        let made = start.elapsed();
        let mut out = Vec::new();
        assert!(event.write(&mut out).is_ok(), "memory takes everything");
        let all = start.elapsed();
        assert_eq!(event.attributes.len(), COUNT, "the observables are told by their indicators");
        eprintln!("made in {made:?}, written in {:?}", all.checked_sub(made));
        (best, bytes) = (best.min(all.as_secs_f64()), out.len());
    }
    let speed = COUNT as f64 / best;
    println!(r#"{{"figure":"misp-write","value":{speed:.0},"unit":"attributes/s","target":100000,"better":"higher"}}"#);
    eprintln!("misp-write: {COUNT} attributes, {bytes} bytes, {:.0} ns each", best * 1e9 / COUNT as f64);
}

/// Indicators as the reader makes them of attributes, each with its observable.
fn objects() -> Vec<String> {
    let one = |number: usize| {
        let hash = format!("{number:064x}");
        let uuid = format!("00000000-0000-4000-8000-{number:012x}");
        let indicator = format!(
            r#"{{"type":"indicator","spec_version":"2.1","id":"indicator--{uuid}","created":"2026-05-01T00:00:00.000Z","modified":"2026-05-01T10:00:00.000Z","indicator_types":["unknown"],"pattern":"[file:hashes.'SHA-256' = '{hash}']","pattern_type":"stix","pattern_version":"2.1","valid_from":"2026-05-01T10:00:00.000Z","x_misp_value":"{hash}","labels":["misp:type=\"sha256\"","misp:category=\"Payload delivery\"","misp:to_ids=\"true\"","PAP:GREEN"],"object_marking_refs":["marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb"]}}"#
        );
        let file = format!(
            r#"{{"type":"file","spec_version":"2.1","id":"file--{uuid}","hashes":{{"SHA-256":"{hash}"}},"object_marking_refs":["marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb"]}}"#
        );
        [indicator, file]
    };
    (0..COUNT).flat_map(one).collect()
}
