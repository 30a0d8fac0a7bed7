#![no_main]
//! Any object as a marked one: its label can be read, never opens its source's default, and survives as
//! text and as a marking.

use comity_base::{OrgName, Timestamp};
use comity_policy::{Ask, Policy};
use comity_stix::Doc;
use comity_stix::label::{KnownMarkings, Label, LabelReader, Recipient, Tlp};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Ok(doc) = Doc::parse(data, 64) else { return };
    let mut defaults = Label::defaults(OrgName::parse("cert-ee").expect("a name"));
    defaults.tlp = Some(Tlp::AmberStrict);
    defaults.release_to = Some(["org:lab-north".parse().expect("a party")].into());
    let mut reader = LabelReader::new(defaults, KnownMarkings::default());
    for item in doc.root().get("objects").into_iter().flat_map(|objects| objects.items()).chain([doc.root()]) {
        reader.learn(item);
        let first = reader.read(item);
        assert_eq!(first, reader.read(item), "the cache agrees with the reading");
    }
    let stranger = Recipient {
        name: OrgName::parse("stranger").expect("a name"),
        country: None,
        groups: ["community".into()].into(),
    };
    let holder = OrgName::parse("cert-ee").expect("a name");
    let policy = Policy::shared().expect("the rules");
    let asker = policy.asker(&Ask::export(&stranger, &holder, None, Timestamp::default()));
    for label in reader.labels() {
        assert!(!asker.admits(label));
        assert_eq!(Label::from_json(&label.to_json()).expect("a label"), **label);
        let marking = label.to_marking();
        let marking = Doc::parse(marking.as_bytes(), 16).expect("a marking is JSON");
        KnownMarkings::default().learn(marking.root());
        assert_eq!(reader.known().resolve(label).owner, label.owner);
    }
});
