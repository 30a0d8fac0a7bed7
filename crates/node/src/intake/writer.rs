use std::collections::BTreeMap;

use comity_base::Position;
use comity_store::{Counts, Found, Outcome, Place, Rejected};

use super::Line;
use super::chunk::{Prepared, placed};
use super::report::{IntakeReport, Tally};
use crate::NodeError;
use crate::derived::Unsettled;

/// Versions in one durable transaction.
const TRANSACTION: usize = 10_000;

/// Appends prepared chunks in the order they were read and feeds the indexes.
pub(super) struct Writer<'n> {
    line: &'n Line<'n>,
    next: u64,
    /// Chunks that came before their turn.
    early: BTreeMap<u64, Prepared>,
    /// What waits for the next transaction.
    waiting: Prepared,
    counts: Counts,
    rejected: u64,
    tally: Tally,
    unsettled: Unsettled,
    markings: Vec<(String, Vec<u8>)>,
}

impl<'n> Writer<'n> {
    pub(super) fn new(line: &'n Line<'n>) -> Self {
        Self {
            line,
            next: 0,
            early: BTreeMap::new(),
            waiting: Prepared::default(),
            counts: Counts::default(),
            rejected: 0,
            tally: Tally::default(),
            unsettled: Unsettled::default(),
            markings: Vec::new(),
        }
    }

    pub(super) fn take(&mut self, prepared: Prepared) -> Result<(), NodeError> {
        self.early.insert(prepared.number, prepared);
        while let Some(prepared) = self.early.remove(&self.next) {
            self.next += 1;
            self.queue(prepared);
            if self.waiting.versions.len() >= TRANSACTION {
                self.flush()?;
            }
        }
        Ok(())
    }

    fn queue(&mut self, mut prepared: Prepared) {
        let waiting = &mut self.waiting;
        let shift = u32::try_from(waiting.versions.len()).unwrap_or(u32::MAX);
        waiting.versions.append(&mut prepared.versions);
        waiting.values.extend(prepared.values.iter().map(|(index, fingerprint)| (index + shift, *fingerprint)));
        waiting.references.extend(prepared.references.iter().map(|(index, fingerprint)| (index + shift, *fingerprint)));
        waiting.rejected.append(&mut prepared.rejected);
        self.markings.append(&mut prepared.markings);
        self.tally.add(prepared.tally);
    }

    /// Appends what waits, as one transaction.
    pub(super) fn flush(&mut self) -> Result<(), NodeError> {
        let waiting = std::mem::take(&mut self.waiting);
        self.reject(waiting.rejected)?;
        if waiting.versions.is_empty() {
            return Ok(());
        }
        let node = self.line.node;
        let found = Found { reading: node.reader.reading(), values: &waiting.values, references: &waiting.references };
        let outcomes = node.store.append(self.line.batch, &waiting.versions, found)?;
        let mut positions = Vec::with_capacity(outcomes.len());
        let mut last = Position::START;
        for (version, outcome) in waiting.versions.iter().zip(&outcomes) {
            positions.push(match outcome {
                Outcome::Added { place, revised } => {
                    self.counts.added += 1;
                    match place {
                        Place::At(position) => {
                            self.unsettled.add(*position, version.label, *revised);
                            last = *position;
                            Some(*position)
                        }
                        // Its position is not known before the batch is finished: it is indexed then.
                        Place::Here(_) => None,
                    }
                }
                Outcome::Unchanged(_) => {
                    self.counts.unchanged += 1;
                    None
                }
            });
        }
        let (mut values, mut references) = (Vec::new(), Vec::new());
        placed(&waiting.values, &positions, &mut values);
        placed(&waiting.references, &positions, &mut references);
        node.derived.apply(&values, &references, last)
    }

    fn reject(&mut self, mut rejected: Vec<Rejected>) -> Result<(), NodeError> {
        for item in &mut rejected {
            item.index = self.rejected;
            self.rejected += 1;
        }
        if !rejected.is_empty() {
            self.line.node.store.reject(self.line.batch, &rejected)?;
        }
        Ok(())
    }

    /// The counts of the whole batch, what the column must learn, and the marking definitions met.
    pub(super) fn close(self, report: &mut IntakeReport) -> (Counts, Unsettled, Vec<(String, Vec<u8>)>) {
        report.take(&self.tally);
        let warnings = report.findings.iter().map(|finding| finding.count).sum();
        let counts = Counts {
            files: report.files.len() as u64,
            objects: self.tally.objects,
            rejected: self.rejected,
            warnings,
            values: self.tally.values.iter().sum(),
            bytes: self.tally.bytes,
            ..self.counts
        };
        (counts, self.unsettled, self.markings)
    }
}
