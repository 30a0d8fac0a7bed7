use std::time::{Duration, Instant};

use comity_base::Position;
use comity_index::{Index, Options};

use crate::model::Model;

/// A fixed scrambling of numbers, in place of a keyed hash.
pub(crate) fn scramble(number: u64) -> u64 {
    let mut mixed = number.wrapping_add(0x9E37_79B9_7F4A_7C15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ (mixed >> 31)
}

/// Waits until the background has nothing left to merge.
pub(crate) fn settle(index: &Index) {
    let end = Instant::now() + Duration::from_mins(1);
    let mut before = index.stats();
    while Instant::now() < end {
        std::thread::sleep(Duration::from_millis(100));
        let now = index.stats();
        if now == before && now.segments < 8 {
            return;
        }
        before = now;
    }
}

#[test]
fn many_values_with_few_and_many_postings_survive_merges_and_stay_small() {
    let folder = tempfile::tempdir().unwrap();
    let options = Options { delta_entries: 5_000, ..Options::new(7) };
    let index = Index::open(folder.path(), options).unwrap();
    let mut model = Model::default();
    let mut position = 0;
    for batch in 0..60 {
        let mut entries = Vec::new();
        for number in 0..1000 {
            position += 1;
            let value = match number % 10 {
                0 => scramble(number) % 50,
                1 | 2 => scramble(position) % 3000,
                _ => position,
            };
            entries.push((scramble(value), Position(position)));
        }
        position += batch;
        index.apply(&entries, Position(position)).unwrap();
        model.push(entries, Position(position));
    }
    model.check(&index);
    index.flush().unwrap();
    settle(&index);
    model.check(&index);
    let stats = index.stats();
    assert_eq!((stats.postings, stats.failure.as_deref()), (60_000, None));
    assert!(stats.segments <= 6, "{stats:?}");
    let bytes_per_posting = stats.bytes_on_disk as f64 / stats.postings as f64;
    assert!(bytes_per_posting < 13.0, "{bytes_per_posting}");
    drop(index);
    let index = Index::open(folder.path(), options).unwrap();
    assert_eq!(index.covered(), model.end());
    model.check(&index);
}

#[test]
fn a_value_with_a_million_postings_is_counted_and_begun_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let options = Options { delta_entries: 400_000, ..Options::new(7) };
    let index = Index::open(folder.path(), options).unwrap();
    let hot = scramble(1);
    for batch in 0..100_u64 {
        let entries: Vec<_> = (1..=10_000).map(|number| (hot, Position(batch * 10_000 + number))).collect();
        index.apply(&entries, Position((batch + 1) * 10_000)).unwrap();
    }
    let expect = |index: &Index| {
        assert_eq!((index.count(hot), index.newest(hot)), (1_000_000, Some(Position(1_000_000))));
        assert_eq!(index.positions(hot, 100), (1..=100).map(Position).collect::<Vec<_>>());
    };
    expect(&index);
    index.flush().unwrap();
    for end in 0..5 {
        let position = Position(1_000_001 + end);
        index.apply(&[(scramble(position.0), position)], position).unwrap();
        index.flush().unwrap();
    }
    settle(&index);
    expect(&index);
    assert!(index.contains(scramble(1_000_003)));
    let mut sum = 0;
    index.for_each(hot, |position| {
        sum += position.0;
        std::ops::ControlFlow::Continue(())
    });
    assert_eq!(sum, 1_000_000 * 1_000_001 / 2);
}

#[test]
fn fingerprints_crowded_into_few_lines_are_all_found() {
    let folder = tempfile::tempdir().unwrap();
    let options = Options { delta_entries: 3_000, ..Options::new(7) };
    let index = Index::open(folder.path(), options).unwrap();
    let mut model = Model::default();
    for batch in 0..12_u64 {
        let entries: Vec<_> = (0..1000_u64)
            .map(|number| {
                let fingerprint = match number % 4 {
                    0 => scramble(number + batch * 1000),
                    1 => (number + batch * 1000) << 11,
                    2 => u64::MAX - ((number + batch * 500) << 11),
                    _ => (1 << 62) + ((number % 100) << 12),
                };
                (fingerprint, Position(batch * 1000 + number + 1))
            })
            .collect();
        let up_to = Position((batch + 1) * 1000);
        index.apply(&entries, up_to).unwrap();
        model.push(entries, up_to);
        if batch % 3 == 2 {
            index.flush().unwrap();
            model.check(&index);
        }
    }
    settle(&index);
    model.check(&index);
    assert_eq!(index.stats().failure, None);
}
