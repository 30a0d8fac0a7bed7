use std::collections::HashMap;
use std::sync::Arc;

use comity_stix::TypeName;
use comity_store::{LabelId, StoreError, owner_of};
use parking_lot::RwLock;
use rusqlite::{Connection, params};

use crate::engine::Doing as _;

/// The interned type names and labels, all in memory: there are few.
#[derive(Debug, Default)]
pub(crate) struct Names {
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
    /// Reads what is not known yet.
    pub(crate) fn load(&self, db: &Connection) -> Result<(), StoreError> {
        self.load_kinds(db)?;
        self.load_labels(db)
    }

    fn load_kinds(&self, db: &Connection) -> Result<(), StoreError> {
        let mut kinds = self.kinds.write();
        let known = kinds.by_number.len();
        for (number, name) in rows_after(db, "SELECT id, name FROM kind WHERE id > ?1 ORDER BY id", known)? {
            let name =
                TypeName::parse(&name).map_err(|_| StoreError::Damaged(format!("{name:?} is kept as a type name")))?;
            kinds.push(number, name)?;
        }
        Ok(())
    }

    fn load_labels(&self, db: &Connection) -> Result<(), StoreError> {
        let mut labels = self.labels.write();
        let known = labels.by_number.len();
        for (number, text) in rows_after(db, "SELECT id, text FROM label WHERE id > ?1 ORDER BY id", known)? {
            labels.push(number, text.into())?;
        }
        Ok(())
    }

    /// The type with this number; looks into the database when another process may have added it.
    pub(crate) fn kind(&self, db: &Connection, number: u32) -> Result<TypeName, StoreError> {
        if let Some(kind) = self.known_kind(number) {
            return Ok(kind);
        }
        self.load_kinds(db)?;
        self.known_kind(number).ok_or_else(|| StoreError::Damaged(format!("a row names the unknown type {number}")))
    }

    fn known_kind(&self, number: u32) -> Option<TypeName> {
        self.kinds.read().by_number.get(place(number)?).cloned()
    }

    pub(crate) fn kind_number(&self, kind: &TypeName) -> Option<u32> {
        self.kinds.read().numbers.get(kind).copied()
    }

    /// The number of a type, interned now when new.
    pub(crate) fn intern_kind(&self, db: &Connection, kind: &TypeName) -> Result<u32, StoreError> {
        if let Some(number) = self.kind_number(kind) {
            return Ok(number);
        }
        let mut kinds = self.kinds.write();
        let number = next(kinds.by_number.len());
        let what = || format!("intern the type {kind}");
        db.execute("INSERT INTO kind (id, name) VALUES (?1, ?2)", params![number, kind.as_str()]).doing(what)?;
        kinds.push(number, kind.clone())?;
        Ok(number)
    }

    pub(crate) fn label_number(&self, text: &str) -> Option<LabelId> {
        self.labels.read().numbers.get(text).copied().map(LabelId)
    }

    pub(crate) fn intern_label(&self, db: &Connection, text: &str) -> Result<LabelId, StoreError> {
        if let Some(number) = self.label_number(text) {
            return Ok(number);
        }
        let mut labels = self.labels.write();
        let number = next(labels.by_number.len());
        db.execute("INSERT INTO label (id, text) VALUES (?1, ?2)", params![number, text])
            .doing(|| "intern a label".into())?;
        labels.push(number, text.into())?;
        Ok(LabelId(number))
    }

    /// A number that labels of the same owner share.
    pub(crate) fn owner(&self, label: LabelId) -> Option<u32> {
        self.labels.read().by_number.get(place(label.0)?).map(|(_, owner)| *owner)
    }

    pub(crate) fn labels_after(&self, after: LabelId) -> Vec<(LabelId, Arc<str>)> {
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

fn rows_after(db: &Connection, sql: &str, known: usize) -> Result<Vec<(u32, String)>, StoreError> {
    let what = || "read its names".to_owned();
    let mut statement = db.prepare_cached(sql).doing(what)?;
    let after = i64::try_from(known).unwrap_or(i64::MAX);
    let rows = statement.query_map([after], |row| Ok((row.get(0)?, row.get(1)?))).doing(what)?;
    rows.collect::<rusqlite::Result<_>>().doing(what)
}
