use comity_ledger::{
    Checkpoint, Entry, EntryError, EntryKind, Group, Note, NoteError, NoteSigner, NoteVerifier, Opening, Policy,
    ProofError, ProofFile, TileNodes, inclusion,
};
use proptest::prelude::*;

use crate::common::{Log, key, signer};

/// The key and the notes in the specification's own reference programs (Go's `note` package).
#[test]
fn the_golden_note_of_the_reference_program() {
    let verifier: NoteVerifier = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW".parse().unwrap();
    let text = "If you think cryptography is the answer to your problem,\n\
                then you don't know what your problem is.\n";
    let signed = "\n\u{2014} PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";
    let note = Note::parse(format!("{text}{signed}").as_bytes()).unwrap();
    assert_eq!(note.verify(&verifier).unwrap().map(|signed| signed.at), Some(None));
    assert_eq!(note.to_string(), format!("{text}{signed}"));
}

#[test]
fn what_is_no_note_is_refused() {
    let signature = signer("a").sign("text\n").to_string();
    for (text, wanted) in [
        (String::new(), NoteError::Form),
        ("text\n".into(), NoteError::Form),
        (format!("text\n\n{signature}"), NoteError::Form),
        (format!("text\n{signature}\n"), NoteError::Form),
        (format!("te\tt\n\n{signature}\n"), NoteError::Characters),
        ("text\n\n\u{2014} a\n".into(), NoteError::Line(1)),
        (format!("text\n\n{signature}\n\u{2014} b+c AAAAAAA=\n"), NoteError::Line(2)),
        (format!("text\n\n{}", format!("{signature}\n").repeat(200)), NoteError::Many),
        ("x".repeat(70_000), NoteError::Long(70_000)),
    ] {
        assert_eq!(Note::parse(text.as_bytes()), Err(wanted), "{:?}", &text[..text.len().min(40)]);
    }
    let verifier = signer("a").verifier().to_string();
    for wrong in ["", "a", "a+00000000+AQ==", &verifier.replace("a+", "b+"), &format!("{verifier}=")] {
        assert!(wrong.parse::<NoteVerifier>().is_err(), "{wrong}");
    }
    assert!(NoteSigner::new("two words", key("x")).is_err());
}

const NAMES: [&str; 5] = ["fr.example", "se.example", "ke.example", "br.example", "lab.example"];

fn cosigners() -> Vec<NoteSigner> {
    NAMES.iter().map(|name| NoteSigner::cosigner(name, key(name)).unwrap()).collect()
}

fn policy(log: &Log, rule: &str) -> Policy {
    let line = |(key, name): (NoteSigner, &str)| format!("witness {name} {}\n", key.verifier());
    let witnesses = cosigners().into_iter().zip(NAMES).map(line).collect::<Vec<_>>().concat();
    let text = format!("# who is believed\nlog {}\n{witnesses}{rule}\n", log.signer.verifier());
    Policy::parse(text.as_bytes()).unwrap()
}

#[test]
fn a_quorum_is_met_by_exactly_the_witnesses_it_asks_for() {
    let log = Log::of(10);
    let rule = "group states 2 fr.example se.example ke.example br.example\n\
                group all-kinds all states lab.example\nquorum all-kinds";
    let policy = policy(&log, rule);
    assert_eq!(Policy::parse(policy.to_string().as_bytes()), Ok(policy.clone()));
    for chosen in 0..32_u32 {
        let mut note = log.checkpoint();
        let by: Vec<_> = cosigners().into_iter().enumerate().filter(|(at, _)| chosen >> at & 1 == 1).collect();
        let lines: Vec<_> = by.iter().map(|(_, cosigner)| cosigner.cosign(&note.text, 1_800_000_000)).collect();
        note.add(&lines);
        let states = (chosen & 0b1111).count_ones();
        let seen = policy.cosigned(&note);
        assert_eq!(seen.meets_quorum, states >= 2 && chosen & 0b1_0000 != 0, "{chosen:05b}");
        assert_eq!(seen.witnesses.len(), chosen.count_ones() as usize);
        // A cosignature of something else is none.
        let mut other = Note { text: note.text.replace("\n10\n", "\n11\n"), ..note.clone() };
        assert!(!policy.cosigned(&other).meets_quorum);
        other.signatures.clear();
        assert!(policy.cosigned(&other).witnesses.is_empty());
    }
}

#[test]
fn what_is_no_policy_is_refused_with_its_line() {
    let (log, witness) = (signer("a").verifier().to_string(), cosigners()[0].verifier().to_string());
    for (text, line) in [
        ("quorum nobody".to_owned(), 1),
        (String::new(), 0),
        ("quorum none\nquorum none".into(), 0),
        (format!("log {log}\nlog {log}\nquorum none"), 2),
        (format!("log {witness}\nquorum none"), 1),
        (format!("witness w {log}\nquorum w"), 1),
        (format!("witness none {witness}\nquorum none"), 1),
        (format!("witness w {witness}\nwitness v {witness}\nquorum w"), 2),
        (format!("witness w {witness}\ngroup g 2 w\nquorum g"), 2),
        (format!("witness w {witness}\ngroup g 0 w\nquorum g"), 2),
        (format!("witness w {witness}\ngroup g any w\ngroup h any w\nquorum g"), 3),
        (format!("group g any w\nwitness w {witness}\nquorum g"), 1),
        ("quorum none\r\n".into(), 1),
        ("unknown none\n".into(), 1),
    ] {
        assert_eq!(Policy::parse(text.as_bytes()).unwrap_err().line, line, "{text}");
    }
}

fn proof(log: &Log, index: u64) -> ProofFile {
    let path = inclusion(&mut TileNodes::new(&log.levels, log.size()), index, log.size()).unwrap().unwrap();
    ProofFile { extra: None, index, path, checkpoint: log.checkpoint() }
}

#[test]
fn a_proof_file_proves_one_entry_and_no_other() {
    let log = Log::of(321);
    let mut file = proof(&log, 200);
    let leaf = log.levels.level(0)[200];
    let strict = policy(&log, "group two 2 fr.example se.example\nquorum two");
    assert_eq!(file.verify_under(&leaf, &strict), Err(ProofError::Quorum(Vec::new())));
    let lines: Vec<_> = cosigners().iter().map(|key| key.cosign(&file.checkpoint.text, 7)).collect();
    file.checkpoint.add(&lines);
    file.extra = Some(b"page 3".to_vec());
    let read = ProofFile::parse(file.to_string().as_bytes()).unwrap();
    assert_eq!(read, file);
    assert_eq!(read.verify_under(&leaf, &strict).unwrap().size, 321);
    assert!(matches!(read.verify_under(&log.levels.level(0)[201], &strict), Err(ProofError::Path { .. })));
    let mut other = file.clone();
    other.index = 201;
    assert!(matches!(other.verify_under(&leaf, &strict), Err(ProofError::Path { .. })));
    let stranger = Log::new("zz.example");
    let of_another = ProofFile { checkpoint: stranger.checkpoint(), ..file.clone() };
    assert!(matches!(of_another.verify_under(&leaf, &strict), Err(ProofError::UnknownLog(_))));
    for (text, line) in [
        ("", 1),
        ("c2sp.org/tlog-proof@v1\nindex 01\n\nx", 2),
        ("c2sp.org/tlog-proof@v1\nextra !\nindex 1\n\nx", 2),
        ("c2sp.org/tlog-proof@v1\nindex 1\nAAAA\n\nx", 3),
    ] {
        assert_eq!(ProofFile::parse(text.as_bytes()), Err(ProofError::Form(line)), "{text}");
    }
}

fn opening(n: u8) -> Opening {
    let said = ["{\"object\":\"a\"}", "{\"account\":\"mari\"}", "{\"purpose\":\"investigation\"}"];
    Opening::new([[n; 32], [n + 1; 32], [n + 2; 32]], said.map(|text| text.as_bytes().to_vec()))
}

#[test]
fn an_entry_commits_to_each_group_for_itself() {
    let whole = opening(1);
    let entry = Entry::new(EntryKind::Query, 29_900_000, [9; 32], &whole);
    assert_eq!(Entry::parse(&entry.to_bytes()), Ok(entry));
    assert_eq!(entry.check(&whole), Ok(()));
    // The subject is erased: the rest still counts, and what is gone cannot be replaced.
    let mut erased = whole.clone();
    erased.set(Group::Subject, None);
    assert_eq!(entry.check(&erased), Ok(()));
    assert_eq!(Opening::parse(&erased.to_bytes()), Ok(erased.clone()));
    assert!(!erased.to_bytes().windows(6).any(|window| window == b"object"));
    let mut replaced = erased;
    replaced.set(Group::Subject, opening(5).group(Group::Subject).cloned());
    assert_eq!(entry.check(&replaced), Err(EntryError::Mismatch(Group::Subject)));
    // What one group says is no opening of another.
    let mut swapped = whole.clone();
    swapped.set(Group::Actor, whole.group(Group::Subject).cloned());
    assert_eq!(entry.check(&swapped), Err(EntryError::Mismatch(Group::Actor)));
    assert_eq!(Opening::parse(b""), Ok(Opening::default()));
    // Nothing about a person can be read in it, nor the minute's second.
    assert!(!entry.to_bytes().windows(4).any(|window| window == b"mari"));
}

proptest! {
    #[test]
    fn whatever_the_bytes_nothing_panics(bytes: Vec<u8>) {
        let _ = Note::parse(&bytes);
        let _ = ProofFile::parse(&bytes);
        let _ = Policy::parse(&bytes);
        let _ = Entry::parse(&bytes);
        let _ = Opening::parse(&bytes);
        let _ = comity_ledger::AddCheckpoint::parse(&bytes);
        let _ = comity_ledger::read_entries(&bytes, 3);
    }

    #[test]
    fn an_entry_is_read_as_it_was_written(minute: u32, handle: [u8; 32], kind: prop::sample::Index, salts: [[u8; 32]; 3], said: [Vec<u8>; 3]) {
        let opening = Opening::new(salts, said);
        let entry = Entry::new(*kind.get(EntryKind::ALL), minute, handle, &opening);
        prop_assert_eq!(Entry::parse(&entry.to_bytes()), Ok(entry));
        prop_assert_eq!(Opening::parse(&opening.to_bytes()), Ok(opening.clone()));
        prop_assert_eq!(entry.check(&opening), Ok(()));
    }

    #[test]
    fn a_checkpoint_is_read_as_it_was_written(origin in "[a-z./]{1,30}", size: u64, root: [u8; 32], extensions in prop::collection::vec("[a-z ]{1,20}", 0..3)) {
        let checkpoint = Checkpoint { origin, size, root, extensions };
        prop_assert_eq!(Checkpoint::parse(&checkpoint.to_string()), Ok(checkpoint));
    }
}
