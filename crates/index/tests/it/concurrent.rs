use std::{
    sync::atomic::{AtomicBool, AtomicU64, Ordering},
    thread,
};

use comity_base::Position;
use comity_index::{Index, Options};

use crate::large::scramble;

const VALUES: u64 = 3000;

/// Which value occurs at a position: a few often, most seldom.
fn value_at(position: u64) -> u64 {
    if position.is_multiple_of(5) { scramble(position % 15) } else { scramble(scramble(position) % VALUES + 100) }
}

/// Looks at random positions that were applied: each must be found, whatever moves underneath.
fn look(index: &Index, done: &AtomicBool, seed: u64) -> u64 {
    let mut looks = 0;
    let mut hot_before = 0;
    while !done.load(Ordering::Relaxed) {
        looks += 1;
        let applied = index.applied().0;
        if applied == 0 {
            continue;
        }
        let position = scramble(seed + looks) % applied + 1;
        let value = value_at(position);
        assert!(index.contains(value), "value at {position} vanished");
        let positions = index.positions(value, usize::MAX);
        assert!(positions.is_sorted_by(|a, b| a < b), "positions of {value} not ascending");
        assert!(positions.contains(&Position(position)), "{position} of {value} vanished");
        assert!(index.newest(value).unwrap() >= *positions.last().unwrap());
        let hot = index.count(value_at(5));
        assert!(hot >= hot_before);
        hot_before = hot;
        if looks.is_multiple_of(50) {
            let mut known = Vec::new();
            let sample: Vec<u64> = (1..=100).map(|step| value_at(scramble(step + looks) % applied + 1)).collect();
            index.contains_many(&sample, &mut known);
            assert!(known.iter().all(|known| *known));
            let mut postings = 0;
            index.scan_shared(1, 0, &mut |shared| {
                postings += shared.count;
                std::ops::ControlFlow::Continue(())
            });
            assert!(postings >= applied, "{postings} postings at {applied}");
        }
    }
    looks
}

#[test]
fn what_was_once_visible_stays_while_segments_are_written_and_merged() {
    let folder = tempfile::tempdir().unwrap();
    let options = Options { delta_entries: 1500, ..Options::new(7) };
    let index = Index::open(folder.path(), options).unwrap();
    let (done, looks) = (AtomicBool::new(false), AtomicU64::new(0));
    thread::scope(|scope| {
        for reader in 0..3 {
            let (index, done, looks) = (&index, &done, &looks);
            scope.spawn(move || looks.fetch_add(look(index, done, reader << 40), Ordering::Relaxed));
        }
        let mut applied = 0;
        while applied < 60_000 {
            let entries: Vec<_> = (applied + 1..=applied + 100).map(|at| (value_at(at), Position(at))).collect();
            applied += 100;
            index.apply(&entries, Position(applied)).unwrap();
            assert!(entries.iter().all(|(value, _)| index.contains(*value)));
        }
        index.flush().unwrap();
        done.store(true, Ordering::Relaxed);
    });
    assert!(looks.into_inner() > 100);
    assert_eq!(index.stats().failure, None);
    assert_eq!(index.stats().postings, 60_000);
}

#[test]
fn clearing_while_the_background_is_at_work_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let options = Options { delta_entries: 200, ..Options::new(7) };
    let index = Index::open(folder.path(), options).unwrap();
    for _ in 0..10 {
        for batch in 0..6 {
            let entries: Vec<_> = (1..=200).map(|number| (scramble(number), Position(batch * 200 + number))).collect();
            index.apply(&entries, Position((batch + 1) * 200)).unwrap();
        }
        index.clear().unwrap();
        assert!(!index.contains(scramble(1)));
        assert_eq!((index.applied(), index.covered()), (Position::START, Position::START));
    }
    index.apply(&[(scramble(9), Position(3))], Position(3)).unwrap();
    index.flush().unwrap();
    drop(index);
    let index = Index::open(folder.path(), options).unwrap();
    assert_eq!((index.covered(), index.stats().postings), (Position(3), 1));
}
