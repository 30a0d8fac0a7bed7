#![no_main]
//! Any text as any kind of value: no panic, and every normal form is its own normal form. Any text as two names: a score is
//! a share. Any text as a machine-readable zone.

use comity_names::{Kind as PersonOr, Name, Score};
use comity_stix::mrz::Mrz;
use comity_stix::value::near;
use comity_stix::{Kind, Values};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Some((first, rest)) = data.split_first() else { return };
    let Ok(text) = std::str::from_utf8(rest) else { return };
    let values = Values::new([7; 32]);
    let kind = Kind::ALL[usize::from(*first) % Kind::ALL.len()];
    if let Ok(value) = values.parse(kind, text) {
        let again = values.parse(kind, value.text()).expect("a normal form reads as its kind");
        assert_eq!(value, again);
        value.display();
        value.to_object();
    }
    if let Ok(mrz) = Mrz::read_mended(text) {
        assert!(!mrz.number.contains('<') && mrz.birth.len() == 6);
    }
    let (one, other) = text.split_once('|').unwrap_or((text, text));
    let score = Score::of(&Name::read(one, PersonOr::Person), &Name::read(other, PersonOr::Person), PersonOr::Person);
    assert!((0.0..=1.0).contains(&score.probability));
    for (one, other) in Name::readings(one, PersonOr::Person).iter().zip(&Name::readings(other, PersonOr::Person)) {
        assert!((0.0..=1.0).contains(&Score::of(one, other, PersonOr::Person).probability));
    }
    for value in values.misread(text) {
        assert_eq!(values.parse(value.kind(), value.text()).as_ref(), Ok(&value), "what is put right is a value");
        near(value.kind(), value.text(), &mut |_| ());
    }
    for value in values.guess(text) {
        values.parse(value.kind(), value.text()).expect("a guess is a value");
    }
});
