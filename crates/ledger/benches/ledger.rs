//! What the ledger costs: growing the tree, proofs from tiles, countersigning, and checking a whole copy. One JSON line
//! per figure, each the median of several runs; of one thread.

#![expect(clippy::panic, clippy::cast_possible_truncation, reason = "a benchmark fails loudly; its numbers are small")]

use std::convert::Infallible;
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::time::Instant;

use comity_crypto::NoteKey;
use comity_ledger::{
    AddCheckpoint, Checkpoint, Entry, EntryKind, Files, Hash, Levels, NoteSigner, Opening, Peaks, ReadTile, Seen, TILE,
    Tile, TileNodes, consistency, inclusion, leaf_hash, node_hash, verify_copy, verify_inclusion, write_entry,
};

const RUNS: usize = 7;

fn main() {
    // `cargo test` builds and starts benches too; that is not the time to measure.
    if !std::env::args().any(|word| word == "--bench") {
        return;
    }
    append();
    proofs();
    witness();
    let entries = std::env::var("COMITY_BENCH_ENTRIES").ok().and_then(|text| text.parse().ok()).unwrap_or(10_000_000);
    offline(entries);
}

/// Entries of ours, hashed into tiles, a signed checkpoint every 10,000.
fn append() {
    const ENTRIES: u64 = 1_000_000;
    const MADE: u64 = 100_000;
    let signer = signer("ee.example/access/2027");
    let said = [
        "{\"object\":\"indicator--0038b555-1d88-5216-8a3a-bb081b4c62ef\"}",
        "{\"account\":\"mari\"}",
        "{\"purpose\":\"investigation\"}",
    ];
    let opening = Opening::new([[1; 32], [2; 32], [3; 32]], said.map(|text| text.as_bytes().to_vec()));
    let made = Entry::new(EntryKind::Query, 1, [9; 32], &opening).to_bytes();
    let grown = median(|| {
        let mut levels = Levels::default();
        timed(|| {
            let mut entry = made;
            for n in 0..ENTRIES {
                if let Some(place) = entry.last_chunk_mut::<8>() {
                    *place = n.to_be_bytes();
                }
                levels.push(leaf_hash(&entry));
                if n % 10_000 == 0 {
                    black_box(checkpoint(&levels, &signer));
                }
            }
        })
    });
    report("append_in_process", "entries/s", ENTRIES as f64 / grown, "1000000");
    let salted = median(|| {
        timed(|| {
            for n in 0..MADE {
                let salts = comity_crypto::random_bytes::<128>().unwrap_or([0; 128]);
                let (salts, _) = salts.as_chunks::<32>();
                let [a, b, c, handle] = salts else { continue };
                let opening = Opening::new([*a, *b, *c], said.map(|text| text.as_bytes().to_vec()));
                black_box(Entry::new(EntryKind::Query, n as u32, *handle, &opening).to_bytes());
            }
        })
    });
    report("make_an_entry_with_random_salts", "us", salted * 1e6 / MADE as f64, "null");
}

/// A log of 2^30 equal leaves, whose tiles are read from files: one file a level, as every tile of a level is the same.
struct Vast(Vec<Hash>);

impl ReadTile for &Vast {
    type Error = Infallible;

    fn read(&self, tile: Tile) -> Result<Vec<Hash>, Infallible> {
        let hash = self.0.get(usize::from(tile.level)).copied().unwrap_or_default();
        Ok(vec![hash; usize::from(tile.width)])
    }
}

fn proofs() {
    const SIZE: u64 = 1 << 30;
    let leaf = leaf_hash(b"the same");
    let mut heights = vec![leaf];
    for height in 0..30 {
        let below = heights.get(height).copied().unwrap_or_default();
        heights.push(node_hash(&below, &below));
    }
    let vast = Vast(heights.iter().step_by(8).copied().collect());
    let root = heights.last().copied().unwrap_or_default();
    let mut nodes = TileNodes::new(&vast, SIZE);
    let (mut cold, mut warm, mut most) = (Vec::new(), Vec::new(), 0);
    for n in 0..2_000_u64 {
        let index = n.wrapping_mul(0x9e37_79b9_7f4a_7c15) % SIZE;
        let mut fresh = TileNodes::new(&vast, SIZE);
        let took = timed(|| drop(black_box(inclusion(&mut fresh, index, SIZE))));
        most = most.max(fresh.reads());
        cold.push(took);
        drop(inclusion(&mut nodes, index, SIZE));
        let mut proof = None;
        warm.push(timed(|| proof = inclusion(&mut nodes, index ^ 1, SIZE).ok().flatten()));
        assert!(verify_inclusion(&leaf, index ^ 1, SIZE, &proof.unwrap_or_default(), &root), "a proof that proves");
    }
    report("inclusion_proof_2_30_tiles_known", "us", middle(&mut warm) * 1e6, "50");
    report("inclusion_proof_2_30_tiles_read_anew", "us", middle(&mut cold) * 1e6, "null");
    report("inclusion_proof_2_30_tile_reads", "tiles", most as f64, "4");
}

/// What a witness does with a request, but for the disk: read it, check the signature and the proof, countersign.
fn witness() {
    const ASKED: usize = 2_000;
    let (log, cosigner) = (signer("ee.example/access/2027"), cosigner("fr.example"));
    let mut levels = Levels::default();
    let mut requests = Vec::new();
    for n in 0..ASKED as u64 {
        let old = levels.peaks().size();
        (0..50_u64).for_each(|entry| levels.push(leaf_hash(&(n * 50 + entry).to_be_bytes())));
        let size = levels.peaks().size();
        let proof = consistency(&mut TileNodes::new(&levels, size), old, size).ok().flatten().unwrap_or_default();
        let checkpoint = checkpoint(&levels, &log);
        requests.push(AddCheckpoint { old, proof: if old == 0 { Vec::new() } else { proof }, checkpoint }.to_string());
    }
    let mut kept = 0;
    let took = median(|| {
        let mut last: Option<Seen> = None;
        timed(|| {
            for request in &requests {
                let Ok(sent) = AddCheckpoint::parse(request.as_bytes()) else { panic!("cannot be read") };
                let Ok(seen) = sent.check(log.verifier(), last.as_ref()) else { panic!("does not go on") };
                black_box(cosigner.cosign(&seen.note.text, 1_800_000_000).to_string());
                kept = seen.note.to_string().len();
                last = Some(seen);
            }
        })
    });
    report("witness_add_checkpoint", "requests/s", ASKED as f64 / took, "5000");
    report("witness_state_of_a_log", "bytes", kept as f64, "1024");
}

/// A copy of a log in files, checked whole.
fn offline(entries: u64) {
    let folder = std::env::temp_dir().join(format!("comity-bench-ledger-{}", std::process::id()));
    let log = signer("ee.example/access/2027");
    let made = write_copy(&folder, entries, &log);
    eprintln!("{entries} entries written in {made:.1} s to {}", folder.display());
    let files = Folder(folder.clone());
    let mut runs: Vec<f64> = (0..3)
        .map(|_| {
            timed(|| {
                let good = verify_copy(&files, log.verifier(), &[]);
                assert!(good.is_ok_and(|good| good.checkpoint.size == entries), "a copy that is good");
            })
        })
        .collect();
    report(&format!("verify_{}m_offline", entries / 1_000_000), "s", middle(&mut runs), "10");
    drop(std::fs::remove_dir_all(&folder));
}

fn write_copy(folder: &Path, entries: u64, log: &NoteSigner) -> f64 {
    let put = |path: &str, bytes: &[u8]| {
        let path = folder.join(path);
        let made = path.parent().map_or(Ok(()), std::fs::create_dir_all);
        assert!(made.and_then(|()| std::fs::write(&path, bytes)).is_ok(), "room in {}", folder.display());
    };
    timed(|| {
        let mut levels = Levels::default();
        let mut bundle = Vec::new();
        for n in 0..entries {
            let entry = Entry {
                kind: EntryKind::Query,
                minute: (n / 10_000) as u32,
                handle: comity_crypto::sha256(&n.to_be_bytes()),
                commitments: [[n as u8; 32]; 3],
            };
            assert!(write_entry(&mut bundle, &entry.to_bytes()).is_ok());
            levels.push(entry.leaf_hash());
            if n % TILE == TILE - 1 || n == entries - 1 {
                if let Some(tile) = Tile::of(0, n / TILE, n + 1) {
                    put(&tile.entries_path(), &bundle);
                }
                bundle.clear();
            }
        }
        for tile in Tile::all(entries) {
            let Ok(hashes) = (&levels).read(tile);
            put(&tile.path(), &hashes.concat());
        }
        put("checkpoint", checkpoint(&levels, log).to_string().as_bytes());
    })
}

struct Folder(PathBuf);

impl Files for Folder {
    fn read(&self, path: &str) -> Result<Option<Vec<u8>>, String> {
        std::fs::read(self.0.join(path)).map(Some).map_err(|error| error.to_string())
    }
}

fn checkpoint(levels: &Levels, log: &NoteSigner) -> comity_ledger::Note {
    let peaks: &Peaks = levels.peaks();
    let origin = log.verifier().name().to_owned();
    Checkpoint { origin, size: peaks.size(), root: peaks.root(), extensions: Vec::new() }.sign(log)
}

fn key(name: &str) -> NoteKey {
    let Ok(key) = NoteKey::from_seed(&comity_crypto::sha256(name.as_bytes())) else { panic!("a key") };
    key
}

fn signer(name: &str) -> NoteSigner {
    let Ok(signer) = NoteSigner::new(name, key(name)) else { panic!("a name") };
    signer
}

fn cosigner(name: &str) -> NoteSigner {
    let Ok(signer) = NoteSigner::cosigner(name, key(name)) else { panic!("a name") };
    signer
}

fn timed(work: impl FnOnce()) -> f64 {
    let started = Instant::now();
    work();
    started.elapsed().as_secs_f64()
}

fn median(run: impl FnMut() -> f64) -> f64 {
    let mut run = run;
    let mut runs: Vec<f64> = (0..RUNS).map(|_| run()).collect();
    middle(&mut runs)
}

fn middle(runs: &mut [f64]) -> f64 {
    runs.sort_by(f64::total_cmp);
    runs.get(runs.len() / 2).copied().unwrap_or_default()
}

fn report(figure: &str, unit: &str, value: f64, target: &str) {
    let better = if unit.ends_with("/s") { "higher" } else { "lower" };
    println!(r#"{{"figure":"{figure}","value":{value:.3},"unit":"{unit}","target":{target},"better":"{better}"}}"#);
}
