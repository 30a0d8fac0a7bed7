use std::collections::BTreeMap;

use comity_stix::Kind;
use comity_store::{BatchId, BatchInfo, Store};
use serde::{Deserialize, Serialize};

use crate::NodeError;

/// What one intake did.
#[derive(Clone, Debug, Default, Serialize)]
pub struct IntakeReport {
    /// The batch, finished.
    pub batch: Option<BatchInfo>,
    /// Every stream met, in the order read.
    pub files: Vec<FileReport>,
    /// Findings and notices by code, most frequent first.
    pub findings: Vec<Finding>,
    /// Values found, by kind.
    pub values: BTreeMap<Kind, u64>,
    /// Whether it was stopped before everything was read.
    pub stopped: bool,
}

/// What became of one stream.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileReport {
    /// Its name.
    pub name: String,
    /// What it was recognised as.
    pub format: String,
    /// Objects it gave.
    pub objects: u64,
    /// Items of it that were set aside by its reader.
    pub rejected: u64,
    /// The batch that already holds exactly these bytes; nothing was taken in again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub already_in: Option<BatchId>,
    /// Why it could not be read to its end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failed: Option<String>,
}

/// One kind of finding and how often it came up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// The code.
    pub code: String,
    /// `must`, `should` or `notice`.
    pub severity: String,
    /// How often.
    pub count: u64,
    /// The first one, in words.
    pub example: String,
}

/// What one chunk counted.
#[derive(Clone, Debug, Default)]
pub(super) struct Tally {
    pub(super) objects: u64,
    pub(super) bytes: u64,
    pub(super) warnings: u64,
    /// Values by the number of their kind.
    pub(super) values: Vec<u64>,
    pub(super) findings: BTreeMap<(&'static str, &'static str), (u64, String)>,
}

impl Tally {
    pub(super) fn finding(&mut self, code: &'static str, severity: &'static str, text: impl FnOnce() -> String) {
        self.warnings += 1;
        self.findings.entry((code, severity)).or_insert_with(|| (0, text())).0 += 1;
    }

    pub(super) fn value(&mut self, kind: Kind) {
        self.value_count(usize::from(kind.number()), 1);
    }

    fn value_count(&mut self, number: usize, more: u64) {
        if self.values.len() <= number {
            self.values.resize(number + 1, 0);
        }
        if let Some(count) = self.values.get_mut(number) {
            *count += more;
        }
    }

    pub(super) fn add(&mut self, other: Self) {
        self.objects += other.objects;
        self.bytes += other.bytes;
        self.warnings += other.warnings;
        for (number, more) in other.values.into_iter().enumerate() {
            self.value_count(number, more);
        }
        for (key, (count, example)) in other.findings {
            self.findings.entry(key).or_insert((0, example)).0 += count;
        }
    }
}

impl IntakeReport {
    pub(super) fn take(&mut self, tally: &Tally) {
        for ((code, severity), (count, example)) in &tally.findings {
            self.findings.push(Finding {
                code: (*code).to_owned(),
                severity: (*severity).to_owned(),
                count: *count,
                example: example.clone(),
            });
        }
        self.findings.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.code.cmp(&b.code)));
        for kind in Kind::ALL {
            let count = tally.values.get(usize::from(kind.number())).copied().unwrap_or(0);
            if count > 0 {
                *self.values.entry(*kind).or_default() += count;
            }
        }
    }

    /// Keeps files and findings beside the batch, for `batches`.
    pub(super) fn store_findings(&self, store: &dyn Store, batch: BatchId) -> Result<(), NodeError> {
        let key = findings_key(batch);
        let bytes = serde_json::to_vec(&Kept { files: self.files.clone(), findings: self.findings.clone() });
        store.put_soon(&key, None, &bytes.map_err(NodeError::setting(&key))?)?;
        Ok(())
    }
}

/// What is kept beside a batch.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Kept {
    pub(crate) files: Vec<FileReport>,
    pub(crate) findings: Vec<Finding>,
}

pub(crate) fn findings_key(batch: BatchId) -> String {
    format!("batch/{batch}")
}
