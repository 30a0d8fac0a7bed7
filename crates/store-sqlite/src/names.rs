use comity_stix::TypeName;
use comity_store::{LabelId, StoreError};
use rusqlite::{Connection, params};

use crate::engine::{Doing as _, Engine};

impl Engine {
    /// Reads the names that are not known yet.
    pub(crate) fn load_names(&self, db: &Connection) -> Result<(), StoreError> {
        let kinds = rows_after(db, "SELECT id, name FROM kind WHERE id > ?1 ORDER BY id", self.names.kinds())?;
        self.names.learn_kinds(kinds)?;
        let labels = rows_after(db, "SELECT id, text FROM label WHERE id > ?1 ORDER BY id", self.names.labels())?;
        self.names.learn_labels(labels)
    }

    /// The type with this number; looks into the database when another process may have added it.
    pub(crate) fn kind(&self, db: &Connection, number: u32) -> Result<TypeName, StoreError> {
        if let Some(kind) = self.names.kind(number) {
            return Ok(kind);
        }
        self.load_names(db)?;
        let unknown = || StoreError::Damaged(format!("a row names the unknown type {number}"));
        self.names.kind(number).ok_or_else(unknown)
    }

    /// The number of a type, interned now when new. Only the one writer calls this.
    pub(crate) fn intern_kind(&self, db: &Connection, kind: &TypeName) -> Result<u32, StoreError> {
        if let Some(number) = self.names.kind_number(kind) {
            return Ok(number);
        }
        let number = self.names.kinds() + 1;
        let what = || format!("intern the type {kind}");
        db.execute("INSERT INTO kind (id, name) VALUES (?1, ?2)", params![number, kind.as_str()]).doing(what)?;
        self.names.learn_kinds([(number, kind.to_string())])?;
        Ok(number)
    }

    /// The number of a label, interned now when new. Only the one writer calls this.
    pub(crate) fn intern_label(&self, db: &Connection, text: &str) -> Result<LabelId, StoreError> {
        if let Some(number) = self.names.label_number(text) {
            return Ok(number);
        }
        let number = self.names.labels() + 1;
        let what = || "intern a label".to_owned();
        db.execute("INSERT INTO label (id, text) VALUES (?1, ?2)", params![number, text]).doing(what)?;
        self.names.learn_labels([(number, text.to_owned())])?;
        Ok(LabelId(number))
    }
}

fn rows_after(db: &Connection, sql: &str, known: u32) -> Result<Vec<(u32, String)>, StoreError> {
    let what = || "read its names".to_owned();
    let mut statement = db.prepare_cached(sql).doing(what)?;
    let rows = statement.query_map([known], |row| Ok((row.get(0)?, row.get(1)?))).doing(what)?;
    rows.collect::<rusqlite::Result<_>>().doing(what)
}
