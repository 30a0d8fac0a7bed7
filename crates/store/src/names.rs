use std::collections::HashMap;
use std::sync::Arc;

use comity_stix::TypeName;
use parking_lot::RwLock;

use crate::{LabelId, StoreError, owner_of};

/// The interned type names and labels of one engine, all in memory: there are few. Numbers are dense from 1.
#[derive(Debug, Default)]
pub struct Names {
    kinds: RwLock<Kinds>,
    labels: RwLock<Labels>,
}

#[derive(Debug, Default)]
struct Kinds {
    by_number: Vec<TypeName>,
    numbers: HashMap<TypeName, u32>,
}

#[derive(Debug, Default)]
struct Labels {
    by_number: Vec<(Arc<str>, u32)>,
    numbers: HashMap<Arc<str>, u32>,
    owners: HashMap<String, u32>,
}

impl Names {
    /// How many types are known: the number of the last.
    pub fn kinds(&self) -> u32 {
        next(self.kinds.read().by_number.len()) - 1
    }

    /// How many labels are known: the number of the last.
    pub fn labels(&self) -> u32 {
        next(self.labels.read().by_number.len()) - 1
    }

    /// Learns types in the order of their numbers; known ones are passed over.
    ///
    /// # Errors
    /// When a number is missing or a name is none.
    pub fn learn_kinds(&self, rows: impl IntoIterator<Item = (u32, String)>) -> Result<(), StoreError> {
        let mut kinds = self.kinds.write();
        for (number, name) in rows {
            if number >= next(kinds.by_number.len()) {
                let parsed = TypeName::parse(&name);
                let name = parsed.map_err(|_| StoreError::Damaged(format!("{name:?} is kept as a type name")))?;
                kinds.push(number, name)?;
            }
        }
        Ok(())
    }

    /// Learns labels in the order of their numbers; known ones are passed over.
    ///
    /// # Errors
    /// When a number is missing.
    pub fn learn_labels(&self, rows: impl IntoIterator<Item = (u32, String)>) -> Result<(), StoreError> {
        let mut labels = self.labels.write();
        for (number, text) in rows {
            if number >= next(labels.by_number.len()) {
                labels.push(number, text.into())?;
            }
        }
        Ok(())
    }

    /// The type with this number, when it is known.
    pub fn kind(&self, number: u32) -> Option<TypeName> {
        self.kinds.read().by_number.get(place(number)?).cloned()
    }

    /// The number of a type, when it is known.
    pub fn kind_number(&self, kind: &TypeName) -> Option<u32> {
        self.kinds.read().numbers.get(kind).copied()
    }

    /// The number of a label, when it is known.
    pub fn label_number(&self, text: &str) -> Option<LabelId> {
        self.labels.read().numbers.get(text).copied().map(LabelId)
    }

    /// A number that labels of the same owner share.
    pub fn owner(&self, label: LabelId) -> Option<u32> {
        self.labels.read().by_number.get(place(label.0)?).map(|(_, owner)| *owner)
    }

    /// The known labels after this one, in order.
    pub fn labels_after(&self, after: LabelId) -> Vec<(LabelId, Arc<str>)> {
        let labels = self.labels.read();
        let numbered = (1..).zip(&labels.by_number).map(|(number, (text, _))| (LabelId(number), Arc::clone(text)));
        numbered.filter(|(number, _)| *number > after).collect()
    }
}

impl Kinds {
    fn push(&mut self, number: u32, name: TypeName) -> Result<(), StoreError> {
        dense(number, self.by_number.len(), "types")?;
        self.numbers.insert(name.clone(), number);
        self.by_number.push(name);
        Ok(())
    }
}

impl Labels {
    fn push(&mut self, number: u32, text: Arc<str>) -> Result<(), StoreError> {
        dense(number, self.by_number.len(), "labels")?;
        let fresh = next(self.owners.len());
        let owner = *self.owners.entry(owner_of(&text)).or_insert(fresh);
        self.numbers.insert(Arc::clone(&text), number);
        self.by_number.push((text, owner));
        Ok(())
    }
}

fn dense(number: u32, known: usize, what: &str) -> Result<(), StoreError> {
    if number == next(known) {
        Ok(())
    } else {
        Err(StoreError::Damaged(format!("the numbers of {what} have a gap before {number}")))
    }
}

fn next(known: usize) -> u32 {
    u32::try_from(known).unwrap_or(u32::MAX).saturating_add(1)
}

fn place(number: u32) -> Option<usize> {
    usize::try_from(number).ok()?.checked_sub(1)
}
