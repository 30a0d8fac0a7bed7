//! Real threat intelligence, all of it: everything goes in, and comes out byte for byte.

#![expect(clippy::unwrap_used, reason = "a test fails loudly")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use comity_base::{OrgName, Position, Timestamp};
use comity_crypto::NodeKeys;
use comity_node::hits::{Hit, HitAsk, HitOptions};
use comity_node::intake::{Input, IntakeOptions, IntakeReport};
use comity_node::{Ctx, Node, NodeOptions, Purpose, SourceChange};
use comity_stix::Kind;
use comity_store_sqlite::SqliteStore;
use regex::Regex;
use serde_json::value::RawValue;

struct Real {
    node: Node,
    ctx: Ctx,
    _folder: tempfile::TempDir,
}

impl Real {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let keys = NodeKeys::generate().unwrap();
        let store = SqliteStore::open(&folder.path().join("store"), keys.fingerprinter()).unwrap();
        let options = NodeOptions {
            derived: folder.path().join("derived"),
            remembered: None,
            writable: true,
            limits: comity_base::Limits::default(),
            workers: 2,
        };
        let node = Node::open(Arc::new(store), &keys, &options).unwrap();
        let ctx = Ctx {
            actor: "test".into(),
            authority: std::sync::Arc::new(comity_node::Authority::alone()),
            organisation: OrgName::parse("ee").unwrap(),
            purpose: Purpose::Investigation,
            case: None,
            reason: None,
            clock: Arc::new(|| Timestamp::parse("2026-11-23T12:00:00Z").unwrap()),
        };
        Self { node, ctx, _folder: folder }
    }

    fn take_in(&self, owner: &str, files: &[PathBuf]) -> IntakeReport {
        let source =
            self.node.set_source(&self.ctx, &OrgName::parse(owner).unwrap(), &SourceChange::default()).unwrap();
        let stop = AtomicBool::new(false);
        let options = IntakeOptions::noted("test", &stop);
        let mut inputs = files.iter().map(|path| {
            let reader = Box::new(fs::File::open(path).unwrap());
            Ok(Input { name: path.display().to_string(), reader })
        });
        self.node.intake(&self.ctx, &source, &mut inputs, &options).unwrap()
    }

    /// Every visible object's bytes.
    fn stored(&self) -> Vec<Arc<[u8]>> {
        let mut out = Vec::new();
        let mut at = Position::START;
        loop {
            let rows = self.node.store().scan(at, 5_000, true).unwrap();
            let Some(last) = rows.last() else { return out };
            at = last.position;
            out.extend(rows.into_iter().map(|row| row.raw));
        }
    }
}

fn data() -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/cti");
    if !path.is_dir() {
        println!("skipped: ../shared/data absent");
        return None;
    }
    Some(path)
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut out = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { out.extend(files(&path)) } else { out.push(path) }
    }
    out.sort();
    out
}

/// The members of a STIX bundle, cut by another parser than ours.
fn objects(text: &str) -> Option<Vec<&RawValue>> {
    #[derive(serde::Deserialize)]
    struct Bundle<'t> {
        #[serde(borrow)]
        objects: Vec<&'t RawValue>,
    }
    serde_json::from_str::<Bundle<'_>>(text).ok().map(|bundle| bundle.objects)
}

#[test]
fn every_stix_object_comes_out_byte_for_byte() {
    let Some(data) = data() else { return };
    let real = Real::new();
    let mut expected: BTreeMap<Vec<u8>, PathBuf> = BTreeMap::new();
    let mut taken = Vec::new();
    for folder in ["attack", "talos-stix", "mobile-stix", "elevator-2.1", "cti-docs-examples"] {
        for path in files(&data.join(folder)) {
            let text = fs::read_to_string(&path).unwrap_or_default();
            taken.push(path.clone());
            for object in objects(&text).unwrap_or_default() {
                expected.entry(object.get().as_bytes().to_vec()).or_insert_with(|| path.clone());
            }
        }
    }
    let report = real.take_in("lab-north", &taken);
    let counts = report.batch.unwrap().counts;
    let stored: BTreeSet<Vec<u8>> = real.stored().iter().map(|raw| raw.to_vec()).collect();
    let upgraded: BTreeSet<String> =
        report.files.iter().filter(|file| file.format == "stix-2.0").map(|file| file.name.clone()).collect();
    let refused: BTreeSet<Vec<u8>> =
        real.node.rejected(&real.ctx, None).unwrap().into_iter().map(|item| item.item).collect();
    let missing: Vec<_> = expected
        .iter()
        .filter(|(raw, path)| {
            !stored.contains(*raw) && !refused.contains(*raw) && !upgraded.contains(&path.display().to_string())
        })
        .collect();
    for (raw, path) in missing.iter().take(3) {
        println!("missing of {}: {}", path.display(), String::from_utf8_lossy(&raw[..raw.len().min(300)]));
    }
    assert!(missing.is_empty(), "{} objects did not come out as they came in", missing.len());
    assert!(stored.len() > 9_000, "{} objects stored", stored.len());
    assert!(refused.len() <= 2, "{} objects refused", refused.len());
    println!("{} objects in {} files, {} refused, counts {counts:?}", stored.len(), report.files.len(), refused.len());
}

#[test]
fn every_converted_file_is_kept_as_it_came() {
    let Some(data) = data() else { return };
    let real = Real::new();
    let taken: Vec<PathBuf> =
        ["misp-events", "ioc-texts"].iter().flat_map(|folder| files(&data.join(folder))).collect();
    let report = real.take_in("lab-north", &taken);
    let batch = report.batch.unwrap();
    let originals = real.node.store().originals(batch.id).unwrap();
    let mut same = 0;
    for original in originals.iter().filter(|original| original.kept) {
        let mut bytes = Vec::new();
        real.node.store().read_original(original.id, &mut bytes).unwrap();
        assert!(bytes == fs::read(&original.name).unwrap(), "{} is not as it came", original.name);
        same += 1;
    }
    let known: usize = report.files.iter().filter(|file| file.already_in.is_some()).count();
    let failed: Vec<_> = report.files.iter().filter(|file| file.failed.is_some()).collect();
    assert!(failed.is_empty(), "{failed:?}");
    println!("{same} originals kept, {known} known before, {} files, counts {:?}", report.files.len(), batch.counts);
    assert!(same > 500);
}

#[test]
fn values_in_patterns_agree_with_an_independent_count() {
    let Some(data) = data() else { return };
    let real = Real::new();
    let taken: Vec<PathBuf> =
        ["talos-stix", "mobile-stix"].iter().flat_map(|folder| files(&data.join(folder))).collect();
    real.take_in("lab-north", &taken);
    let kinds = [
        (Kind::Md5, r"hashes\.'?MD5'?\s*=\s*'([0-9a-fA-F]{32})'"),
        (Kind::Sha1, r"hashes\.'?SHA-?1'?\s*=\s*'([0-9a-fA-F]{40})'"),
        (Kind::Sha256, r"hashes\.'?SHA-?256'?\s*=\s*'([0-9a-fA-F]{64})'"),
        (Kind::Domain, r"domain-name:value\s*=\s*'([a-zA-Z0-9.-]+\.(?:com|net|org|info|ru|top|xyz))'"),
    ];
    let mut total = 0;
    for (kind, pattern) in kinds {
        let expected = independent(&taken, pattern);
        let values: Vec<_> = expected.iter().filter_map(|text| real.node.values().parse(kind, text).ok()).collect();
        assert_eq!(values.len(), expected.len(), "every {kind} in a pattern reads as one");
        let known = real.node.look_brief(&real.ctx, &values).unwrap();
        let unknown: Vec<_> = values.iter().zip(&known).filter(|(_, brief)| brief.owners.is_empty()).take(3).collect();
        assert!(unknown.is_empty(), "{unknown:?}");
        total += expected.len();
        println!("{kind}: {} distinct values found by both", expected.len());
    }
    assert!(total > 1_000, "{total}");
}

/// Distinct captures over the raw texts of the files, lower-cased.
fn independent(files: &[PathBuf], pattern: &str) -> BTreeSet<String> {
    let pattern = Regex::new(pattern).unwrap();
    let mut out = BTreeSet::new();
    for path in files {
        let text = fs::read_to_string(path).unwrap_or_default();
        out.extend(pattern.captures_iter(&text).map(|found| found[1].to_lowercase()));
    }
    out
}

/// What real sources share: the queue holds what a look finds, page by page, and looks again at what came last only.
#[test]
fn the_queue_of_real_data_holds_what_a_look_finds() {
    let Some(data) = data() else { return };
    let real = Real::new();
    let folders = ["attack", "mobile-stix", "misp-events", "ioc-texts", "talos-stix"];
    for folder in folders {
        real.take_in(folder, &files(&data.join(folder)));
        assert!(real.node.find_hits(&real.ctx).unwrap());
    }
    let options = HitOptions { limit: usize::MAX, values: 200_000, ..HitOptions::default() };
    let found = real.node.hits(&real.ctx, &options).unwrap();
    let expected: BTreeSet<String> = found.hits.iter().map(|hit| told(&hit.one.id, &hit.other.id, hit)).collect();
    let (mut ask, mut queued, mut pages) = (HitAsk { limit: 200, ..HitAsk::default() }, BTreeSet::new(), 0);
    loop {
        let page = real.node.hit_queue(&real.ctx, &ask).unwrap();
        assert_eq!(page.totals.open, expected.len() as u64 - page.beyond);
        queued.extend(page.rows.iter().map(|row| told(&row.hit.one.id, &row.hit.other.id, &row.hit)));
        pages += 1;
        ask.after = page.next;
        if ask.after.is_none() {
            break;
        }
    }
    println!("{} values shared, {} hits on {pages} pages", found.shared_values, queued.len());
    assert!(queued.len() > 100 && queued.is_subset(&expected), "{} and {}", queued.len(), expected.len());
}

fn told(one: &str, other: &str, hit: &Hit) -> String {
    format!("{} {} {} {}", one.min(other), one.max(other), hit.score.points, hit.values_total)
}
