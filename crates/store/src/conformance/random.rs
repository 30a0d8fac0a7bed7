use std::mem::discriminant;

use comity_base::Position;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner};

use super::build::{at, id, new_version, start};
use super::{MemoryStore, Subject};
use crate::{BatchId, Counts, Found, LabelId, NewVersion, Op, OriginalId, Rejected, Store, StoreError, Version};

const IDS: u64 = 5;
const ANYWHERE: u64 = 100;
const LABELS: [&str; 3] = [r#"{"owner":"org-a"}"#, r#"{"owner":"org-b"}"#, r#"{"owner":"org-a","tlp":"red"}"#];

#[derive(Clone, Debug)]
enum Command {
    Begin(i64),
    Append(usize, Vec<(u64, i64, u32, u64)>),
    /// Finishes what is open, then stores a whole batch.
    Whole(Vec<(u64, i64, u32, u64)>),
    Reject(usize, u64),
    Finish(usize, i64),
    Abandon(usize),
    Undo(u64, i64),
    Withdraw(Vec<u64>, i64),
    Erase(Vec<u64>),
    Put(u8, Option<u64>),
    Reopen,
    Crash,
}

/// Whatever is done to a store, it answers as [`MemoryStore`] does.
pub fn agrees_with_the_model(make: &mut dyn FnMut() -> Option<Box<dyn Subject>>) {
    let config = || Config { cases: 20, failure_persistence: None, ..Config::default() };
    // The same commands for every engine, then others.
    agrees(TestRunner::new_with_rng(config(), TestRng::deterministic_rng(RngAlgorithm::ChaCha)), make);
    agrees(TestRunner::new(config()), make);
}

fn agrees(mut runner: TestRunner, make: &mut dyn FnMut() -> Option<Box<dyn Subject>>) {
    let make = std::cell::RefCell::new(make);
    let outcome = runner.run(&proptest::collection::vec(command(), 1..30), |commands| {
        let Some(mut subject) = (make.borrow_mut())() else { return Ok(()) };
        run(&mut *subject, &commands)
    });
    if let Err(error) = outcome {
        panic!("{error}");
    }
}

fn command() -> impl Strategy<Value = Command> {
    let version = || (0..IDS, 0i64..3, 1u32..4, 0u64..3);
    prop_oneof![
        4 => (0i64..50).prop_map(Command::Begin),
        8 => (back(), proptest::collection::vec(version(), 0..8)).prop_map(|(back, new)| Command::Append(back, new)),
        4 => proptest::collection::vec(version(), 1..6).prop_map(Command::Whole),
        1 => (back(), 0u64..40).prop_map(|(back, index)| Command::Reject(back, index)),
        4 => (back(), 0i64..50).prop_map(|(back, second)| Command::Finish(back, second)),
        1 => back().prop_map(Command::Abandon),
        3 => (0u64..8, 0i64..50).prop_map(|(batch, second)| Command::Undo(batch, second)),
        4 => (picks(), 0i64..50).prop_map(|(targets, second)| Command::Withdraw(targets, second)),
        3 => picks().prop_map(Command::Erase),
        1 => (0u8..3, proptest::option::of(0u64..3)).prop_map(|(key, version)| Command::Put(key, version)),
        1 => Just(Command::Reopen),
        1 => Just(Command::Crash),
    ]
}

/// Numbers of what is there, mostly; from [`ANYWHERE`] on, positions at which anything or nothing may stand.
fn picks() -> impl Strategy<Value = Vec<u64>> {
    proptest::collection::vec(prop_oneof![12 => 0..ANYWHERE, 1 => ANYWHERE..ANYWHERE + 40], 0..4)
}

/// The positions picked from these.
fn picked(from: &[Position], picks: &[u64]) -> Vec<Position> {
    let pick = |pick: u64| match from.len() as u64 {
        there if pick < ANYWHERE && there > 0 => from[usize::try_from(pick % there).unwrap()],
        _ => Position(pick.saturating_sub(ANYWHERE)),
    };
    picks.iter().copied().map(pick).collect()
}

/// Which batch: mostly the newest, or one or two before it.
fn back() -> impl Strategy<Value = usize> {
    prop_oneof![4 => Just(0), 1 => Just(1), 1 => Just(2)]
}

fn run(subject: &mut dyn Subject, commands: &[Command]) -> Result<(), TestCaseError> {
    let mut store = subject.create();
    let mut model = if subject.side_by_side() { MemoryStore::side_by_side() } else { MemoryStore::default() };
    for text in LABELS {
        prop_assert_eq!(store.intern_label(text).unwrap(), model.intern_label(text).unwrap());
    }
    let mut begun = Vec::new();
    for command in commands {
        match command {
            Command::Reopen => (store, model) = (subject.reopen(store), model.crashed()),
            Command::Crash => (store, model) = (subject.crash(store), model.crashed()),
            Command::Begin(second) => {
                begun.extend(same(store.begin(&start(*second)), model.begin(&start(*second)))?);
            }
            Command::Whole(versions) => {
                for back in 0..begun.len() {
                    write(&*store, &model, &begun, &Command::Finish(back, 5))?;
                }
                begun.extend(same(store.begin(&start(5)), model.begin(&start(5)))?);
                write(&*store, &model, &begun, &Command::Append(0, versions.clone()))?;
                write(&*store, &model, &begun, &Command::Finish(0, 5))?;
            }
            other => write(&*store, &model, &begun, other)?,
        }
        compare(&*store, &model)?;
    }
    prop_assert_eq!(store.check().unwrap(), Vec::<String>::new());
    Ok(())
}

fn write(store: &dyn Store, model: &MemoryStore, begun: &[BatchId], command: &Command) -> Result<(), TestCaseError> {
    let batch = |back: usize| begun.iter().rev().nth(back).copied().unwrap_or(BatchId(0));
    match command {
        Command::Append(back, versions) => {
            let batch = batch(*back);
            let build = |(n, modified, label, variant): &(u64, i64, u32, u64)| {
                let new = new_version(store, *n, *modified, LabelId(*label), *variant);
                let raw = store.packer().unpack(&new.body).unwrap();
                (NewVersion { body: model.packer().pack(&raw), ..new.clone() }, new)
            };
            let (theirs, ours): (Vec<_>, Vec<_>) = versions.iter().map(build).unzip();
            let nothing = Found::default();
            same(store.append(batch, &ours, nothing), model.append(batch, &theirs, nothing))?;
        }
        Command::Reject(back, index) => {
            let batch = batch(*back);
            let (code, reason) = ("x".to_owned(), "Y.".to_owned());
            let item = Rejected {
                batch,
                index: *index,
                file: String::new(),
                offset: 1,
                code,
                reason,
                item: vec![1],
                repaired_by: None,
            };
            let known = model.rejected_index(batch, *index);
            if !known {
                same(store.reject(batch, std::slice::from_ref(&item)), model.reject(batch, &[item]))?;
            }
        }
        Command::Finish(back, second) => {
            let batch = batch(*back);
            let counts = Counts { objects: 5, ..Counts::default() };
            same(store.finish(batch, &counts, at(*second)), model.finish(batch, &counts, at(*second)))?;
        }
        Command::Abandon(back) => {
            let batch = batch(*back);
            same(store.abandon(batch), model.abandon(batch))?;
        }
        Command::Undo(target, second) => {
            let (start, now, target) = (start(*second), at(*second), BatchId(*target));
            same(store.undo(target, &start, now), model.undo(target, &start, now))?;
        }
        Command::Withdraw(..) | Command::Erase(_) => withdraw(store, model, command)?,
        Command::Put(key, expected) => {
            let key = format!("key {key}");
            same(store.put(&key, *expected, b"v"), model.put(&key, *expected, b"v"))?;
        }
        Command::Begin(_) | Command::Whole(_) | Command::Reopen | Command::Crash => {}
    }
    Ok(())
}

fn withdraw(store: &dyn Store, model: &MemoryStore, command: &Command) -> Result<(), TestCaseError> {
    let rows = model.scan(Position::START, usize::MAX, false).unwrap();
    match command {
        Command::Withdraw(targets, second) => {
            let puts: Vec<_> = rows.iter().filter(|row| row.op == Op::Put).map(|row| row.position).collect();
            let (targets, start, now) = (picked(&puts, targets), start(*second), at(*second));
            same(store.withdraw(&targets, &start, now), model.withdraw(&targets, &start, now))?;
        }
        Command::Erase(positions) => {
            let target = |row: &Version| if let Op::Withdraw(target) = row.op { Some(target) } else { None };
            let positions = picked(&rows.iter().filter_map(target).collect::<Vec<_>>(), positions);
            same(store.erase(&positions), model.erase(&positions))?;
        }
        _ => {}
    }
    Ok(())
}

/// Both succeed alike or fail for the same reason.
fn same<T: PartialEq + std::fmt::Debug>(
    ours: Result<T, StoreError>,
    model: Result<T, StoreError>,
) -> Result<Option<T>, TestCaseError> {
    match (ours, model) {
        (Ok(ours), Ok(model)) => {
            prop_assert_eq!(&ours, &model);
            Ok(Some(ours))
        }
        (Err(ours), Err(model)) => {
            prop_assert_eq!(discriminant(&ours), discriminant(&model), "{} / {}", ours, model);
            Ok(None)
        }
        (ours, model) => Err(TestCaseError::fail(format!("{ours:?} / {model:?}"))),
    }
}

fn compare(store: &dyn Store, model: &MemoryStore) -> Result<(), TestCaseError> {
    let head = model.head().unwrap();
    prop_assert_eq!(store.head().unwrap(), head);
    prop_assert_eq!(store.scan(Position::START, 1000, true).unwrap(), model.scan(Position::START, 1000, true).unwrap());
    let all: Vec<_> = (0..=head.last.0 + 1).map(Position).collect();
    prop_assert_eq!(store.get(&all).unwrap(), model.get(&all).unwrap());
    for n in 0..IDS {
        prop_assert_eq!(store.versions(&id(n)).unwrap(), model.versions(&id(n)).unwrap());
    }
    prop_assert_eq!(store.batches(None, 100).unwrap(), model.batches(None, 100).unwrap());
    prop_assert_eq!(store.batches(Some(BatchId(3)), 1).unwrap(), model.batches(Some(BatchId(3)), 1).unwrap());
    prop_assert_eq!(store.rejected(None).unwrap(), model.rejected(None).unwrap());
    prop_assert_eq!(store.values("key").unwrap(), model.values("key").unwrap());
    for second in [0, 10, 25, 49] {
        prop_assert_eq!(store.position_at(at(second)).unwrap(), model.position_at(at(second)).unwrap());
    }
    for position in all {
        prop_assert_eq!(store.batch_of(position).unwrap(), model.batch_of(position).unwrap());
    }
    prop_assert!(matches!(store.read_original(OriginalId(1), &mut Vec::new()), Err(StoreError::NoOriginal(_))));
    Ok(())
}
