#![allow(missing_docs)]
use comity_stix::{Doc, sco_id};
#[test]
fn cmp() {
    let text = std::fs::read_to_string("/tmp/ids.txt").unwrap();
    let (mut a, mut d) = (0, 0);
    for line in text.lines() {
        let mut p = line.splitn(3, ' ');
        let (kind, id, json) = (p.next().unwrap(), p.next().unwrap(), p.next().unwrap());
        let doc = Doc::parse(json.as_bytes(), 64).unwrap();
        match sco_id(kind, doc.root()) {
            Some(x) if x.to_string() == id => a += 1,
            None if id.as_bytes()[id.len() - 22] == b'4' => a += 1,
            other => { d += 1; println!("{kind} {id} {other:?} {}", json.chars().take(900).collect::<String>()); }
        }
    }
    println!("agree {a} differ {d}");
}
