use comity_crypto::{base64, hex};
use comity_ledger::{
    Note, NoteVerifier, Peaks, Tile, TileNodes, consistency, inclusion, verify_consistency, verify_inclusion,
};
use signed_note::{StandardSigner, StandardVerifier, VerifierList};
use tlog_tiles::{
    Hash, HashReader, TileHashReader, TileReader, check_record, check_tree, prove_record, prove_tree, tree_hash,
};

use crate::common::{Log, key, signer};

/// Our tiles, as the other program asks for them.
struct Ours<'a>(&'a Log);

impl TileReader for Ours<'_> {
    fn height(&self) -> u8 {
        8
    }

    fn read_tiles(&self, tiles: &[tlog_tiles::Tile]) -> Result<Vec<Vec<u8>>, tlog_tiles::Error> {
        let files = self.0.copy().0;
        // It may ask for a tile as it was when the log was smaller: the first hashes of the one there is.
        let read = |tile: &tlog_tiles::Tile| {
            let now = Tile::of(tile.level(), tile.level_index(), self.0.size()).unwrap();
            files[&now.path()][..32 * tile.width() as usize].to_vec()
        };
        Ok(tiles.iter().map(read).collect())
    }

    fn save_tiles(&self, _: &[tlog_tiles::Tile], _: &[Vec<u8>]) {}
}

fn theirs(hashes: Vec<[u8; 32]>) -> Vec<Hash> {
    hashes.into_iter().map(Hash).collect()
}

#[test]
fn another_program_reads_our_tiles_and_proves_what_we_prove() {
    for size in [1, 2, 255, 256, 257, 700] {
        let log = Log::of(size);
        let (size, root) = (log.size(), log.levels.peaks().root());
        let ours = Ours(&log);
        let reader = TileHashReader::new(size, Hash(root), &ours);
        assert_eq!(tree_hash(size, &reader).unwrap().0, root, "it checks each tile against the root");
        for index in [0, 1, size / 2, size - 1].into_iter().filter(|index| *index < size) {
            let leaf = log.levels.level(0)[usize::try_from(index).unwrap()];
            let proof = inclusion(&mut TileNodes::new(&log.levels, size), index, size).unwrap().unwrap();
            let their = prove_record(size, index, &reader).unwrap();
            assert_eq!(their.iter().map(|hash| hash.0).collect::<Vec<_>>(), proof);
            assert!(check_record(&theirs(proof.clone()), size, Hash(root), index, Hash(leaf)).is_ok());
            assert!(verify_inclusion(&leaf, index, size, &proof, &root));
        }
        let mut peaks = Peaks::default();
        for (old, leaf) in (1..size).zip(log.levels.level(0)) {
            peaks.push(*leaf);
            if ![1, 2, 3, 200, 255, 256, 257, 511, 512, 513, 699].contains(&old) {
                continue;
            }
            let proof = consistency(&mut TileNodes::new(&log.levels, size), old, size).unwrap().unwrap();
            let their = prove_tree(size, old, &reader).unwrap();
            assert_eq!(their.iter().map(|hash| hash.0).collect::<Vec<_>>(), proof, "{old} of {size}");
            assert!(check_tree(&theirs(proof.clone()), size, Hash(root), old, Hash(peaks.root())).is_ok());
            assert!(verify_consistency(old, size, &peaks.root(), &root, &proof));
        }
        let _: &dyn HashReader = &reader;
    }
}

#[test]
fn tiles_have_the_paths_another_program_gives_them() {
    for (level, index, width) in [(0, 0, 1), (0, 5, 256), (0, 1_000, 44), (3, 123_456_789, 256), (7, 999_999, 255)] {
        let ours = Tile { level, index, width };
        let theirs = tlog_tiles::Tile::new(8, level, index, u32::from(width), false);
        // Theirs names the height of its tiles too: `tile/8/<level>/...`.
        assert_eq!(theirs.path(), ours.path().replacen("tile/", "tile/8/", 1));
        assert_eq!(ours.path().parse(), Ok(ours));
        assert_eq!(Tile::parse(level, &ours.to_string()), Ok(ours));
    }
    for wrong in [
        "tile/0/1",
        "tile/0/0001",
        "tile/8/000",
        "tile/0/x001",
        "tile/0/000.p/0",
        "tile/0/000.p/256",
        "tile/0/",
        "tile/00/000",
        "tile/0/000.p/01",
        "tile/0/001/000",
        "tile/0/x000/001",
    ] {
        assert!(wrong.parse::<Tile>().is_err(), "{wrong}");
    }
}

#[test]
fn another_program_verifies_our_notes_and_we_verify_its() {
    let (ours, name) = (signer("ee.example/access/2027"), "ee.example/access/2027");
    let note = Note::signed("one\n\ntwo\n", &[&ours]);
    let their = signed_note::Note::from_bytes(note.to_string().as_bytes()).unwrap();
    let verifier = StandardVerifier::new(&ours.verifier().to_string()).unwrap();
    let (good, _) = their.verify(&VerifierList::new(vec![Box::new(verifier)])).unwrap();
    assert_eq!(good.len(), 1);

    let seed = comity_crypto::sha256(name.as_bytes());
    let id = hex(&ours.verifier().id());
    let secret = format!("PRIVATE+KEY+{name}+{id}+{}", base64(&[&[1][..], &seed].concat()));
    let mut their = signed_note::Note::new(b"three\n", &[]).unwrap();
    their.add_sigs(&[&StandardSigner::new(&secret).unwrap()]).unwrap();
    let read = Note::parse(&their.to_bytes()).unwrap();
    assert_eq!(read, Note::signed("three\n", &[&ours]), "the same signature byte for byte");
    assert!(read.verify(ours.verifier()).unwrap().is_some());
    assert_eq!(key(name).public_key(), ours.verifier().key());
    assert_eq!(ours.verifier().to_string().parse::<NoteVerifier>().unwrap(), *ours.verifier());
}
