#![no_main]
//! What others send of their logs, notes, policies, proofs, requests to a witness, entries: whatever the bytes, no
//! panic, and what is understood is written as it was read.

use comity_ledger::{AddCheckpoint, Checkpoint, Entry, Note, NoteVerifier, Opening, Policy, ProofFile, Tile};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    if let Ok(note) = Note::parse(data) {
        assert_eq!(Note::parse(note.to_string().as_bytes()).as_ref(), Ok(&note));
        if let Ok(checkpoint) = Checkpoint::parse(&note.text) {
            assert_eq!(checkpoint.to_string(), note.text);
        }
    }
    if let Ok(policy) = Policy::parse(data) {
        assert_eq!(Policy::parse(policy.to_string().as_bytes()), Ok(policy));
    }
    if let Ok(proof) = ProofFile::parse(data) {
        assert_eq!(proof.to_string().as_bytes(), data);
    }
    if let Ok(request) = AddCheckpoint::parse(data) {
        assert_eq!(request.to_string().as_bytes(), data);
    }
    if let Ok(entry) = Entry::parse(data) {
        assert_eq!(entry.to_bytes(), data);
    }
    if let Ok(opening) = Opening::parse(data) {
        assert_eq!(Opening::parse(&opening.to_bytes()), Ok(opening));
    }
    drop(comity_ledger::read_entries(data, 3));
    let Ok(text) = std::str::from_utf8(data) else { return };
    if let Ok(key) = text.parse::<NoteVerifier>() {
        assert_eq!(key.to_string(), text);
    }
    if let Ok(tile) = text.parse::<Tile>() {
        assert_eq!(tile.path(), text);
    }
});
