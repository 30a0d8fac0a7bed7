use std::collections::HashMap;
use std::ops::ControlFlow;

use comity_base::Position;
use comity_index::Index;
use comity_stix::ObjectId;
use comity_store::{Faults, Version};

use crate::derived::{entries, lines};
use crate::{Node, NodeError};

const PAGE: usize = 4_096;
/// Postings of one fingerprint that are looked through for each of them; of more, only the number is compared.
const FEW: u64 = 4_096;

impl Node {
    /// Reads everything back and says in sentences what is wrong: with the store, with its order, with what
    /// this process derived from it, and with the ledger.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn check(&self) -> Result<Vec<String>, NodeError> {
        let mut wrong = self.store.check()?;
        let mut faults = Faults::default();
        let (mut many, mut at, until) = (Many::default(), Position::START, self.ready()?);
        while at < until {
            let mut rows = self.store.scan(at, PAGE, true)?;
            rows.retain(|row| row.position <= until);
            let Some(last) = rows.last() else { break };
            at = last.position;
            self.check_entries(&rows, &mut many, &mut faults);
            self.check_labels(&rows, until, &mut faults)?;
        }
        many.compare(&self.derived.values, until, &mut faults);
        wrong.extend(faults.into_sentences());
        if self.ourselves.is_some() {
            wrong.extend(self.check_ledger()?);
        }
        Ok(wrong)
    }

    /// Every value and reference of these rows is found by its fingerprint.
    fn check_entries(&self, rows: &[Version], many: &mut Many, faults: &mut Faults) {
        let (mut values, mut references, mut scratch) = (Vec::new(), Vec::new(), String::new());
        for row in rows {
            entries(row, &self.reader, &mut scratch, &mut values, &mut references);
        }
        for (key, position) in values {
            if self.derived.values.count(key) > FEW {
                *many.counts.entry(key).or_default() += 1;
            } else if !holds(&self.derived.values, key, position) {
                faults.add(|| format!("The index of values does not find a value of position {position}. {REBUILD}"));
            }
        }
        for (key, position) in references {
            if self.derived.references.count(key) <= FEW && !holds(&self.derived.references, key, position) {
                faults.add(|| format!("The index of references does not find one of position {position}. {REBUILD}"));
            }
        }
    }

    /// The column says of each row what its line of versions says.
    fn check_labels(&self, rows: &[Version], until: Position, faults: &mut Faults) -> Result<(), NodeError> {
        let mut ids: Vec<ObjectId> = rows.iter().map(|row| row.id.clone()).collect();
        ids.sort_unstable();
        ids.dedup();
        for mut versions in self.store.versions_of(&ids)? {
            versions.retain(|row| row.position <= until);
            for (position, label, current) in lines(&*self.store, &self.labels, &versions)?.into_iter().flatten() {
                if self.derived.current(position) != current.then_some(label) {
                    faults.add(|| {
                        let said = if current { "current" } else { "past" };
                        format!("Position {position} is {said}, but the label column says otherwise. {REBUILD}")
                    });
                }
            }
        }
        Ok(())
    }
}

/// Fingerprints with many postings, and how many were met.
#[derive(Default)]
struct Many {
    counts: HashMap<u64, u64>,
}

impl Many {
    fn compare(&self, index: &Index, until: Position, faults: &mut Faults) {
        for (key, met) in &self.counts {
            let mut there = 0;
            index.for_each(*key, |position| {
                there += u64::from(position <= until);
                if position <= until { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
            });
            // Void positions may stand in the index too.
            if there < *met {
                faults.add(|| format!("The index of values has {there} mentions of a value that has {met}. {REBUILD}"));
            }
        }
    }
}

fn holds(index: &Index, key: u64, position: Position) -> bool {
    let mut found = false;
    index.for_each(key, |here| {
        found = here == position;
        if here < position { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    });
    found
}

const REBUILD: &str = "Build it anew: comity check --rebuild.";
