use std::{fs, ops::ControlFlow, path::Path};

use comity_base::Position;
use comity_index::{Index, Options};
use proptest::prelude::*;

use crate::{large::scramble, model::Model};

const OPTIONS: Options = Options { delta_entries: 300, ..Options::new(7) };

/// Three segments, with lists and single postings, and the map they hold.
fn build(folder: &Path) -> Model {
    let index = Index::open(folder, OPTIONS).unwrap();
    let mut model = Model::default();
    for batch in 0..3_u64 {
        let entries: Vec<_> = (0..250)
            .map(|number| (scramble(scramble(batch * 250 + number) % 300), Position(batch * 250 + number + 1)))
            .collect();
        let up_to = Position((batch + 1) * 250);
        index.apply(&entries, up_to).unwrap();
        model.push(entries, up_to);
        index.flush().unwrap();
    }
    assert_eq!(index.stats().segments, 3);
    model
}

fn files(folder: &Path) -> Vec<std::path::PathBuf> {
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

#[derive(Clone, Debug)]
enum Harm {
    Flip(f64, u8),
    Cut(f64),
    Extend(usize),
    Remove,
    Exchange,
}

fn harm() -> impl Strategy<Value = Harm> {
    prop_oneof![
        6 => (0.0..1.0, 0..8_u8).prop_map(|(place, bit)| Harm::Flip(place, bit)),
        3 => (0.0..1.0).prop_map(Harm::Cut),
        1 => (1..200_usize).prop_map(Harm::Extend),
        1 => Just(Harm::Remove),
        1 => Just(Harm::Exchange),
    ]
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a place inside a small file")]
fn do_harm(files: &[std::path::PathBuf], which: usize, harm: &Harm) {
    let path = &files[which % files.len()];
    let mut bytes = fs::read(path).unwrap();
    match harm {
        Harm::Flip(place, bit) => {
            let at = (place * bytes.len() as f64) as usize;
            bytes[at] ^= 1 << bit;
        }
        Harm::Cut(place) => bytes.truncate((place * bytes.len() as f64) as usize),
        Harm::Extend(by) => bytes.resize(bytes.len() + by, 0),
        Harm::Remove => return fs::remove_file(path).unwrap(),
        Harm::Exchange => {
            let other = fs::read(&files[(which + 1) % files.len()]).unwrap();
            fs::write(&files[(which + 1) % files.len()], &bytes).unwrap();
            bytes = other;
        }
    }
    fs::write(path, bytes).unwrap();
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn damage_costs_what_it_touches_and_never_makes_a_wrong_answer(which in 0..4_usize, harm in harm()) {
        let folder = tempfile::tempdir().unwrap();
        let model = build(folder.path());
        do_harm(&files(folder.path()), which, &harm);
        let index = Index::open(folder.path(), OPTIONS).unwrap();
        prop_assert!(index.covered() < model.end());
        prop_assert_eq!(index.covered().0 % 250, 0);
        model.check(&index);
        model.replay(&index);
        model.check(&index);
        index.flush().unwrap();
        drop(index);
        let index = Index::open(folder.path(), OPTIONS).unwrap();
        prop_assert_eq!(index.covered(), model.end());
        model.check(&index);
    }

    #[test]
    fn unverified_damage_never_panics_or_runs_away(which in 0..4_usize, place in 0.0..1.0, bits: [u8; 16]) {
        let folder = tempfile::tempdir().unwrap();
        let model = build(folder.path());
        let paths = files(folder.path());
        for (step, bit) in bits.iter().enumerate() {
            do_harm(&paths, which, &Harm::Flip((place + step as f64 / 16.0) % 1.0, bit % 8));
        }
        let index = Index::open(folder.path(), Options { verify: false, ..OPTIONS }).unwrap();
        if index.covered() > Position(0) && which > 0 {
            let _ = index.verify();
        }
        for fingerprint in model.map(model.end()).keys() {
            let _ = (index.contains(*fingerprint), index.count(*fingerprint), index.newest(*fingerprint));
            prop_assert!(index.positions(*fingerprint, usize::MAX).len() < 1_000_000);
        }
        let mut seen = 0;
        index.scan_shared(1, usize::MAX, &mut |_| {
            seen += 1;
            ControlFlow::Continue(())
        });
        prop_assert!(seen < 1_000_000);
    }
}

#[test]
fn damage_found_after_opening_is_reported_and_not_merged_on() {
    let folder = tempfile::tempdir().unwrap();
    let model = build(folder.path());
    let index = Index::open(folder.path(), OPTIONS).unwrap();
    assert!(index.verify().is_ok());
    let paths = files(folder.path());
    let file = fs::OpenOptions::new().write(true).open(&paths[1]).unwrap();
    std::os::unix::fs::FileExt::write_all_at(&file, &[0xFF], 200).unwrap();
    assert!(index.verify().is_err());
    index.apply(&[(scramble(1), Position(1000))], Position(1000)).unwrap();
    index.flush().unwrap();
    crate::large::settle(&index);
    let stats = index.stats();
    assert_eq!(stats.segments, 4);
    assert!(stats.failure.unwrap().contains("damaged"));
    drop(index);
    let index = Index::open(folder.path(), OPTIONS).unwrap();
    assert!(index.covered() < model.end());
    model.check(&index);
}

#[test]
fn exchanged_segments_are_noticed() {
    let folder = tempfile::tempdir().unwrap();
    let model = build(folder.path());
    do_harm(&files(folder.path()), 0, &Harm::Exchange);
    let index = Index::open(folder.path(), OPTIONS).unwrap();
    assert_eq!(index.covered(), Position::START);
    model.replay(&index);
    model.check(&index);
}

#[test]
fn files_that_are_not_listed_are_removed_and_others_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let model = build(folder.path());
    for name in ["00000000000000ff.seg", "00000000000000fe.tmp", "labels.column"] {
        fs::write(folder.path().join(name), b"left over").unwrap();
    }
    let index = Index::open(folder.path(), OPTIONS).unwrap();
    model.check(&index);
    let names: Vec<_> = files(folder.path()).iter().map(|path| path.file_name().unwrap().to_owned()).collect();
    assert_eq!(names.len(), 5, "{names:?}");
    assert!(names.contains(&"labels.column".into()));
}
