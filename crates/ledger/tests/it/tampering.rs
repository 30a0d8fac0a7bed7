use comity_ledger::{Checkpoint, Note, Wrong, leaf_hash, verify_copy};

use crate::common::{Copy, Log};

fn wrong(log: &Log, copy: &Copy, earlier: &[Note]) -> Vec<Wrong> {
    verify_copy(copy, log.signer.verifier(), earlier).map(|good| panic!("{good:?}")).unwrap_err()
}

#[test]
fn a_copy_of_any_size_is_found_good() {
    for size in [0, 1, 2, 255, 256, 257, 600, 65_537] {
        let log = Log::of(size);
        let good = verify_copy(&log.copy(), log.signer.verifier(), &[]).unwrap();
        assert_eq!(good.checkpoint.size, size as u64);
    }
}

#[test]
fn every_byte_of_every_file_counts() {
    let log = Log::of(300);
    let copy = log.copy();
    let mut named = 0;
    for (path, bytes) in &copy.0 {
        for at in 0..bytes.len() {
            let mut changed = copy.clone();
            changed.0.get_mut(path).unwrap()[at] ^= 1 << (at % 8);
            let found = wrong(&log, &changed, &[]);
            // What is said names the file, or the entry.
            let says = found.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ");
            let is_named = match path.as_str() {
                "checkpoint" => says.contains("checkpoint") || says.contains("missing") || says.contains("bytes"),
                _ => says.contains(path) || says.contains("entry"),
            };
            assert!(is_named, "{path} at {at}: {says}");
            named += 1;
        }
    }
    assert!(named > 10_000, "{named}");
}

#[test]
fn an_entry_that_was_changed_is_named() {
    let log = Log::of(700);
    let mut copy = log.copy();
    let bundle = copy.0.get_mut("tile/entries/002.p/188").unwrap();
    let at = bundle.windows(9).position(|window| window == b"entry 600").unwrap();
    bundle[at] = b'E';
    assert_eq!(wrong(&log, &copy, &[]), [Wrong::Entry { index: 600, tile: "tile/0/002.p/188".into() }]);
}

/// Whoever can write the files, but has not the key: everything is consistent, only the root is another.
#[test]
fn whoever_builds_the_tree_anew_lacks_the_signature() {
    let log = Log::of(700);
    let mut forger = Log::of(0);
    for (n, entry) in log.entries.iter().enumerate() {
        let changed = if n == 300 { b"entry three hundred".to_vec() } else { entry.clone() };
        forger.push(changed);
    }
    let mut forged = forger.copy();
    forged.0.insert("checkpoint".into(), log.checkpoint().to_string().into_bytes());
    assert_eq!(wrong(&log, &forged, &[]), [Wrong::Root(700)]);
}

#[test]
fn dropped_moved_and_added_entries_are_found() {
    let log = Log::of(300);
    let honest = log.checkpoint().to_string().into_bytes();
    let rebuilt = |entries: Vec<Vec<u8>>| {
        let mut other = Log::of(0);
        for entry in entries {
            other.push(entry);
        }
        let mut copy = other.copy();
        copy.0.insert("checkpoint".into(), honest.clone());
        copy
    };
    let mut moved = log.entries.clone();
    moved.swap(17, 18);
    assert_eq!(wrong(&log, &rebuilt(moved), &[]), [Wrong::Root(300)]);
    let mut dropped = log.entries.clone();
    dropped.remove(5);
    assert!(matches!(&*wrong(&log, &rebuilt(dropped), &[]), [Wrong::Missing(path), ..] if path.ends_with("001.p/44")));
    let mut added = log.entries.clone();
    added.insert(5, b"entry never made".to_vec());
    added.truncate(300);
    assert_eq!(wrong(&log, &rebuilt(added), &[]), [Wrong::Root(300)]);
}

/// The holder of the key rewrites its own log and signs anew: whoever kept an earlier checkpoint can prove it.
#[test]
fn whoever_has_the_key_is_caught_by_what_it_signed_before() {
    let log = Log::of(500);
    let (early, late) = (Log::of(200).checkpoint(), log.checkpoint());
    assert!(verify_copy(&log.copy(), log.signer.verifier(), &[early.clone(), late.clone()]).is_ok());
    let mut rewritten = Log::of(100);
    (100..500).for_each(|n| rewritten.push(format!("another entry {n}").into_bytes()));
    let found = wrong(&log, &rewritten.copy(), &[late.clone(), early.clone()]);
    assert_eq!(found, [Wrong::Rewritten { old: 200, new: 500 }, Wrong::Rewritten { old: 500, new: 500 }]);
    // An old backup put back: all of it was signed once.
    let old = Log::of(400);
    assert_eq!(wrong(&log, &old.copy(), &[late, early]), [Wrong::RolledBack { old: 500, new: 400 }]);
}

#[test]
fn files_that_are_missing_cut_or_of_another_log_are_named() {
    let log = Log::of(600);
    let whole = log.copy();
    for path in whole.0.keys() {
        let mut copy = whole.clone();
        copy.0.remove(path);
        assert!(wrong(&log, &copy, &[]).contains(&Wrong::Missing(path.clone())), "{path}");
        let mut copy = whole.clone();
        copy.0.get_mut(path).unwrap().pop();
        assert!(!wrong(&log, &copy, &[]).is_empty(), "{path}");
    }
    let other = Log::new("se.example/access/2027");
    let found = verify_copy(&whole, other.signer.verifier(), &[]).unwrap_err();
    assert!(found[0].to_string().contains("is of \"ee.example/access/2027\""), "{}", found[0]);
    let unsigned = Note { signatures: other.checkpoint().signatures, ..log.checkpoint() };
    assert!(Checkpoint::open(&unsigned, log.signer.verifier()).unwrap_err().to_string().contains("no signature"));
    assert_ne!(leaf_hash(b"a"), leaf_hash(b"b"));
}
