//! Withdrawals that are large, told to followers, or cut off half-way; erased versions and what followers are told
//! of them.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use comity_base::Position;
use comity_store::conformance::{id, label, new_version, start, stored};
use comity_store::{Counts, Found, NewVersion, Op, Store, Traces};
use comity_store_postgres::PostgresStore;
use common::{Place, fingerprinter, first};

fn some(store: &dyn Store, range: std::ops::Range<u64>) -> Vec<NewVersion> {
    let label = label(store, "org-a", "green");
    range.map(|n| new_version(store, n, 1, label, n)).collect()
}

/// Everything that is told of the log after a position.
fn told(store: &dyn Store, after: u64, reading: u64) -> Traces {
    let mut all = Traces { is_read: true, up_to: Position(after), ..Traces::default() };
    loop {
        let next = store.traces(all.up_to, reading).unwrap().unwrap();
        if next.up_to == all.up_to {
            return all;
        }
        all.up_to = next.up_to;
        all.is_read &= next.is_read;
        all.rows.extend(next.rows);
        all.values.extend(next.values);
        all.references.extend(next.references);
    }
}

#[test]
fn a_large_withdrawal_is_told_to_everybody() {
    let Some(place) = Place::new() else { return };
    let (one, other) = (place.open(), place.open());
    stored(&one, 1, &some(&one, 0..30_000));
    let targets: Vec<_> = (1..=25_000).map(Position).collect();
    let withdrawn = one.withdraw(&targets, &start(2), start(2).now).unwrap();
    assert_eq!(
        (withdrawn.versions, withdrawn.by.after, withdrawn.by.last),
        (25_000, Position(30_000), Position(55_000))
    );
    other.head().unwrap();
    let traces = told(&other, 30_000, 7);
    assert!(traces.is_read, "there was nothing to read in these rows");
    let ops: Vec<_> = traces.rows.iter().map(|row| (row.position, row.op)).collect();
    let expected: Vec<_> = (1..=25_000).map(|n| (Position(30_000 + n), Op::Withdraw(Position(n)))).collect();
    assert!(ops == expected, "row by row");
    assert!(traces.rows.iter().all(|row| !row.alone), "what they are about must be decided again");
    assert_eq!(other.versions(&id(4_096)).unwrap().len(), 2);
    let rows = other.scan(Position(30_000 + 4_090), 20, true).unwrap();
    assert!(rows.iter().all(|row| row.op == Op::Withdraw(Position(row.position.0 - 30_000)) && row.raw.is_empty()));
    place.sql("DELETE FROM run");
    let fresh = place.open();
    assert_eq!(told(&fresh, 30_000, 7).rows, traces.rows, "told from the rows themselves");
    assert_eq!(fresh.erase(&targets).unwrap(), 25_000);
    assert_eq!(fresh.check().unwrap(), Vec::<String>::new());
}

#[test]
fn followers_are_not_told_what_was_found_in_erased_versions() {
    let Some(place) = Place::new() else { return };
    let (one, other) = (place.open(), place.open());
    let batch = one.begin(&start(1)).unwrap();
    let found =
        Found { reading: 7, values: &[(0, 100), (1, 101), (1, 102), (2, 103)], references: &[(1, 200), (2, 201)] };
    one.append(batch, &some(&one, 0..3), found).unwrap();
    let found = Found { reading: 7, values: &[(0, 104), (1, 105)], references: &[(0, 202)] };
    one.append(batch, &some(&one, 3..5), found).unwrap();
    one.finish(batch, &Counts::default(), start(1).now).unwrap();
    let targets = [2, 4].map(Position);
    one.withdraw(&targets, &start(2), start(2).now).unwrap();
    other.head().unwrap();
    assert_eq!(told(&other, 0, 7).values.len(), 6, "withdrawn alone, they are told");
    assert_eq!(one.erase(&targets).unwrap(), 2);
    let traces = told(&other, 0, 7);
    let at = |key, position| (key, Position(position));
    assert_eq!(traces.values, [at(100, 1), at(103, 3), at(105, 5)]);
    assert_eq!(traces.references, [at(201, 3)]);
    assert!(traces.is_read && traces.rows.len() == 7);
    let left = place.sql("SELECT count(*) FROM object WHERE (body = '') <> (n IN (2, 4)) AND batch = 1");
    assert_eq!(first(&left), "0");
    assert_eq!(one.check().unwrap(), Vec::<String>::new());
}

#[test]
fn a_withdrawal_that_was_cut_off_leaves_nothing_to_see() {
    let Some(place) = Place::new() else { return };
    let store = place.open();
    stored(&store, 1, &some(&store, 0..10));
    let head = store.head().unwrap();
    // Its rows are written, and then its batch cannot be finished.
    place.sql(
        "CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'not now'; END $$; \
         CREATE TRIGGER fail BEFORE UPDATE ON store FOR EACH ROW EXECUTE FUNCTION fail()",
    );
    let refused = store.withdraw(&[1, 2].map(Position), &start(2), start(2).now).unwrap_err();
    assert!(refused.to_string().contains("not now"), "{refused}");
    place.sql("DROP TRIGGER fail ON store");
    let other = place.open();
    for store in [&store, &other] {
        assert_eq!(store.head().unwrap(), head);
        assert_eq!(store.versions(&id(0)).unwrap().len(), 1);
    }
    assert_eq!(first(&place.sql("SELECT count(*) FROM object")), "10", "its rows are taken away");
    assert_eq!(store.withdraw(&[1, 2].map(Position), &start(3), start(3).now).unwrap().versions, 2);
    assert_eq!(other.check().unwrap(), Vec::<String>::new());
}

#[test]
fn damage_is_found_by_the_check() {
    let Some(place) = Place::new() else { return };
    let store = place.open();
    stored(&store, 1, &some(&store, 0..6));
    store.withdraw(&[2, 3, 4].map(Position), &start(2), start(2).now).unwrap();
    place.sql("UPDATE object SET dict = 0, body = '' WHERE batch = 1 AND n IN (2, 5)");
    place.sql("UPDATE object SET place = 1 WHERE batch = 2 AND n = 3");
    let faults = place.open().check().unwrap();
    let expected =
        ["Position 9 should withdraw a version, but its row is about something else.", "Position 5 has no body."];
    assert_eq!(faults, expected);
    place.sql("UPDATE batch SET targets = '{2,3}' WHERE id = 2");
    let refused = PostgresStore::open(place.options(), fingerprinter()).unwrap_err();
    assert!(refused.to_string().contains("batch 2 withdraws other versions than it has rows about"), "{refused}");
}
