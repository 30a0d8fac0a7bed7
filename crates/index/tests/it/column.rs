use std::fs;

use comity_base::Position;
use comity_index::{Column, IndexError};
use proptest::prelude::*;

#[test]
fn numbers_survive_up_to_what_was_synced() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("labels.column");
    let column = Column::open(&path, 7).unwrap();
    assert!(column.is_empty());
    for position in 1..=100_000 {
        column.set(Position(position), u32::try_from(position).unwrap() * 3).unwrap();
    }
    column.sync(Position(90_000)).unwrap();
    assert_eq!((column.len(), column.get(Position(95_000))), (100_001, 285_000));
    drop(column);
    let column = Column::open(&path, 7).unwrap();
    assert_eq!((column.covered(), column.len()), (Position(90_000), 90_001));
    assert_eq!([1, 90_000, 90_001, 1 << 40].map(|at| column.get(Position(at))), [3, 270_000, 0, 0]);
}

#[test]
fn a_column_of_another_key_or_damaged_starts_empty() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("labels.column");
    let write = || {
        let column = Column::open(&path, 7).unwrap();
        column.set(Position(5), 9).unwrap();
        column.sync(Position(5)).unwrap();
    };
    write();
    assert_eq!(Column::open(&path, 8).unwrap().get(Position(5)), 0);
    for harm in 0..40 {
        write();
        let mut bytes = fs::read(&path).unwrap();
        if harm < 32 {
            bytes[harm] ^= 4;
        } else {
            bytes.truncate((harm - 32) * 7);
        }
        fs::write(&path, bytes).unwrap();
        assert_eq!(Column::open_read_only(&path, 7).unwrap().get(Position(5)), 0);
        let column = Column::open(&path, 7).unwrap();
        assert_eq!((column.get(Position(5)), column.covered()), (0, Position::START));
    }
}

#[test]
fn what_a_second_process_sets_stays_with_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("labels.column");
    assert!(Column::open_read_only(&path, 7).unwrap().is_empty());
    let column = Column::open(&path, 7).unwrap();
    column.fill(Position(1)..Position(1001), 4).unwrap();
    column.sync(Position(1000)).unwrap();
    let copy = Column::open_read_only(&path, 7).unwrap();
    copy.set(Position(10), 5).unwrap();
    copy.set(Position(200_000), 6).unwrap();
    assert_eq!([10, 11, 200_000].map(|at| copy.get(Position(at))), [5, 4, 6]);
    assert_eq!([10, 11, 200_000].map(|at| column.get(Position(at))), [4, 4, 0]);
    assert!(matches!(copy.sync(Position(1000)), Err(IndexError::ReadOnly { .. })));
}

#[test]
fn readers_see_every_number_while_the_column_grows() {
    let folder = tempfile::tempdir().unwrap();
    let column = Column::open(&folder.path().join("labels.column"), 7).unwrap();
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while column.len() < 200_001 {
                    let last = column.len().saturating_sub(1);
                    assert_eq!(u64::from(column.get(Position(last))), last);
                    assert_eq!(u64::from(column.get(Position(last / 2))), last / 2);
                }
            });
        }
        for position in 0..=200_000_u32 {
            column.set(Position(position.into()), position).unwrap();
        }
    });
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn fills_and_sets_are_what_a_vector_would_hold(
        fills in proptest::collection::vec((0..50_000_u64, 0..20_000_u64, any::<u32>()), 1..8),
    ) {
        let folder = tempfile::tempdir().unwrap();
        let column = Column::open(&folder.path().join("column"), 1).unwrap();
        let mut model: Vec<u32> = Vec::new();
        for (start, length, number) in fills {
            column.fill(Position(start)..Position(start + length), number).unwrap();
            let (start, end) = (usize::try_from(start).unwrap(), usize::try_from(start + length).unwrap());
            if length > 0 {
                model.resize(model.len().max(end), 0);
                model[start..end].fill(number);
            }
        }
        prop_assert_eq!(column.len(), model.len() as u64);
        let held: Vec<u32> = (0..column.len()).map(|at| column.get(Position(at))).collect();
        prop_assert_eq!(held, model);
    }
}
