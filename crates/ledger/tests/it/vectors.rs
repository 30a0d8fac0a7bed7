use std::path::Path;

use comity_crypto::unbase64;
use comity_ledger::{
    Checkpoint, Hash, Note, NoteVerifier, Peaks, Tile, root_of, verify_consistency, verify_inclusion,
    verify_subtree_consistency, verify_subtree_inclusion,
};
use serde_json::Value;

use crate::common::{Folder, data};

/// One vector of transparency-dev/merkle.
struct Vector(Value);

impl Vector {
    fn number(&self, name: &str) -> u64 {
        self.0[name].as_u64().unwrap_or(0)
    }

    fn hash(&self, name: &str) -> Option<Hash> {
        let bytes = unbase64(self.0[name].as_str().unwrap_or_default())?;
        // Some say "don't care" instead of a hash; ours have 32 bytes, so another hash that is as equal stands in.
        let stand_in = |bytes: Vec<u8>| comity_crypto::sha256(&[b"stands in for ", &bytes[..]].concat());
        (!bytes.is_empty()).then(|| bytes.try_into().unwrap_or_else(stand_in))
    }

    fn proof(&self) -> Option<Vec<Hash>> {
        let hashes = self.0["proof"].as_array().cloned().unwrap_or_default();
        hashes.iter().map(|hash| unbase64(hash.as_str()?)?.try_into().ok()).collect()
    }

    /// Whether we say yes.
    fn holds(&self, family: &str) -> Option<bool> {
        let (proof, number) = (self.proof()?, |name| self.number(name));
        Some(match family {
            "inclusion" => {
                let (leaf, root) = (self.hash("leafHash")?, self.hash("root")?);
                verify_inclusion(&leaf, number("leafIdx"), number("treeSize"), &proof, &root)
            }
            "subtreeinclusion" => {
                let (leaf, root) = (self.hash("leafHash")?, self.hash("root")?);
                verify_subtree_inclusion(&leaf, number("leafIdx"), number("start"), number("end"), &proof, &root)
            }
            "consistency" => {
                let (old, new) = (self.hash("root1")?, self.hash("root2")?);
                verify_consistency(number("size1"), number("size2"), &old, &new, &proof)
            }
            _ => {
                let (old, new) = (self.hash("root1")?, self.hash("root2")?);
                let (start, end) = (number("start"), number("end"));
                verify_subtree_consistency(start, end, number("size"), &old, &new, &proof)
            }
        })
    }
}

fn vectors(folder: &Path, into: &mut Vec<(String, Vector)>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            vectors(&path, into);
        } else {
            let read = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
            into.push((path.display().to_string(), Vector(read)));
        }
    }
}

#[test]
fn all_518_vectors_of_the_transparency_project() {
    let Some(data) = data() else { return };
    let (mut tried, mut wrong) = (0, Vec::new());
    for (family, count) in
        [("inclusion", 98), ("consistency", 98), ("subtreeinclusion", 204), ("subtreeconsistency", 118)]
    {
        let mut found = Vec::new();
        vectors(&data.join("merkle").join(family), &mut found);
        assert_eq!(found.len(), count, "{family}");
        for (path, vector) in found {
            tried += 1;
            let wanted = !vector.0["wantErr"].as_bool().unwrap_or(false);
            if vector.holds(family).unwrap_or(false) != wanted {
                wrong.push(format!("{path}: wanted {wanted}"));
            }
        }
    }
    assert_eq!((tried, wrong), (518, Vec::<String>::new()));
}

fn json(path: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

/// A small log made by another program, with a witness and a mirror: everything is recomputed and every
/// cosignature is checked.
#[test]
fn a_public_log_with_its_witness_and_its_mirror() {
    let Some(data) = data() else { return };
    let root = data.join("skylight");
    let names = "000de184301123b9278c086a7d9f68c9577e83872224c197058fd90784ea9706";
    for (folder, key) in [("witness", "witness.v0.json"), ("witness/mirror", "mirror.v0.json")] {
        let of = json(&root.join(folder).join(key));
        let cosigner: NoteVerifier = of["verifier_keys"][0].as_str().unwrap().parse().unwrap();
        assert_eq!(cosigner.to_string(), of["verifier_keys"][0].as_str().unwrap());
        let bytes = std::fs::read(root.join(folder).join(names).join("checkpoint")).unwrap();
        let note = Note::parse(&bytes).unwrap();
        assert_eq!(note.to_string().into_bytes(), bytes, "written as it was read");
        let signed = note.verify(&cosigner).unwrap().unwrap();
        assert_eq!(signed.at, Some(1_767_139_200), "by its clock");
        let mut changed = note.clone();
        changed.text = changed.text.replace("\n300\n", "\n301\n");
        assert!(changed.verify(&cosigner).is_err());
    }
    // The mirror has real hashes; its entries, and all of the log itself, are decoys.
    let folder = Folder(root.join("witness/mirror").join(names));
    let bytes = std::fs::read(folder.0.join("checkpoint")).unwrap();
    let checkpoint = Checkpoint::parse(&Note::parse(&bytes).unwrap().text).unwrap();
    assert_eq!(checkpoint.size, 300);
    let mut peaks = Peaks::default();
    for tile in Tile::all(300) {
        let hashes = std::fs::read(folder.0.join(tile.path())).unwrap();
        let hashes = hashes.as_chunks::<32>().0;
        assert_eq!(hashes.len(), usize::from(tile.width), "{}", tile.path());
        if tile.level == 0 {
            for hash in hashes {
                peaks.push(*hash);
            }
        } else {
            let below = std::fs::read(folder.0.join("tile/0/000")).unwrap();
            assert_eq!(root_of(below.as_chunks::<32>().0), hashes[0]);
        }
    }
    assert_eq!(peaks.root(), checkpoint.root);
}
