use comity_ledger::{AddCheckpoint, Checkpoint, CheckpointError, Refusal, Seen, TileNodes, consistency};

use crate::common::{Log, signer};

/// What a log that has grown to this size sends to a witness that knows an older size.
fn request(log: &Log, old: u64) -> AddCheckpoint {
    let proof = consistency(&mut TileNodes::new(&log.levels, log.size()), old, log.size()).unwrap().unwrap_or_default();
    AddCheckpoint { old, proof, checkpoint: log.checkpoint() }
}

fn seen(size: usize) -> Seen {
    let log = Log::of(size);
    request(&log, 0).check(log.signer.verifier(), None).unwrap()
}

#[test]
fn a_log_that_grows_is_countersigned_at_every_step() {
    let mut last: Option<Seen> = None;
    for size in [0, 1, 7, 255, 256, 300, 300, 1_000] {
        let log = Log::of(size);
        let old = last.as_ref().map_or(0, |seen| seen.checkpoint.size);
        let sent = request(&log, old);
        let read = AddCheckpoint::parse(sent.to_string().as_bytes()).unwrap();
        assert_eq!(read, sent);
        assert_eq!(read.origin().unwrap(), log.signer.verifier().name());
        last = Some(read.check(log.signer.verifier(), last.as_ref()).unwrap());
        // All that is kept of a log.
        assert!(last.as_ref().unwrap().note.to_string().len() < 512);
    }
}

#[test]
fn what_does_not_go_on_from_what_was_seen_is_refused_with_its_status() {
    let (log, last) = (Log::of(300), seen(200));
    let key = log.signer.verifier();
    let refused = |sent: &AddCheckpoint| sent.check(key, Some(&last)).map(|seen| panic!("{seen:?}")).unwrap_err();

    let stale = refused(&request(&log, 100));
    assert_eq!((stale.status(), stale), (409, Refusal::Stale(200)));
    let older = refused(&request(&Log::of(150), 150));
    assert_eq!((older.status(), older), (409, Refusal::Stale(200)));
    let backwards = refused(&AddCheckpoint { old: 301, ..request(&log, 200) });
    assert_eq!((backwards.status(), backwards), (400, Refusal::Backwards { old: 301, new: 300 }));
    let unproved = refused(&AddCheckpoint { proof: Vec::new(), ..request(&log, 200) });
    assert_eq!((unproved.status(), unproved), (422, Refusal::Inconsistent { old: 200, new: 300 }));

    // The log tells another story, with good signatures.
    let mut other = Log::of(100);
    (100..300).for_each(|n| other.push(format!("other {n}").into_bytes()));
    let rewritten = refused(&request(&other, 200));
    assert_eq!(rewritten, Refusal::Inconsistent { old: 200, new: 300 });
    let mut fork = Log::of(199);
    fork.push(b"other".to_vec());
    let forked = refused(&request(&fork, 200));
    assert_eq!(forked.status(), 409);
    assert!(matches!(forked, Refusal::Fork { size: 200, .. }), "{forked}");

    // Somebody else signs for it.
    let forged = Checkpoint::parse(&log.checkpoint().text).unwrap().sign(&signer("somebody"));
    let forged = refused(&AddCheckpoint { checkpoint: forged, ..request(&log, 200) });
    assert_eq!(forged.status(), 403);
    assert!(matches!(forged, Refusal::Checkpoint(CheckpointError::Unsigned(_))));
}

#[test]
fn what_is_no_request_is_refused() {
    let good = request(&Log::of(300), 200).to_string();
    for wrong in [
        String::new(),
        good.replacen("old 200", "old 0200", 1),
        good.replacen("old ", "new ", 1),
        good.replacen("\n\n", "\nAAAA\n\n", 1),
        good.replacen("\n\n", &format!("\n{}\n\n", vec![comity_crypto::base64(&[7; 32]); 64].join("\n")), 1),
        good.replace('\u{2014}', "-"),
    ] {
        assert_eq!(AddCheckpoint::parse(wrong.as_bytes()).unwrap_err().status(), 400, "{wrong}");
    }
}
