use crate::lanes::Transaction;
use comity_crypto::sha256;
use comity_stix::TypeName;
use comity_store::{LabelId, StoreError};

use crate::db::{Failure, small};
use crate::engine::Engine;

impl Engine {
    /// Reads the names that are not known yet.
    pub(crate) async fn load_names(&self) -> Result<(), StoreError> {
        let kinds = "SELECT id, name FROM kind WHERE id > $1 ORDER BY id";
        let kinds = self.db.rows("read its types", kinds, &[&self.names.kinds().cast_signed()]).await?;
        self.names.learn_kinds(kinds.iter().map(|row| (row.get::<_, i32>(0).cast_unsigned(), row.get(1))))?;
        let labels = "SELECT id, text FROM label WHERE id > $1 ORDER BY id";
        let labels = self.db.rows("read its labels", labels, &[&self.names.labels().cast_signed()]).await?;
        self.names.learn_labels(labels.iter().map(|row| (row.get::<_, i32>(0).cast_unsigned(), row.get(1))))
    }

    /// The type with this number; looks into the database when another process may have added it.
    pub(crate) async fn kind(&self, number: u32) -> Result<TypeName, StoreError> {
        if let Some(kind) = self.names.kind(number) {
            return Ok(kind);
        }
        self.load_names().await?;
        let unknown = || StoreError::Damaged(format!("a row names the unknown type {number}"));
        self.names.kind(number).ok_or_else(unknown)
    }

    /// The number of a type, interned now when new.
    pub(crate) async fn intern_kind(&self, kind: &TypeName) -> Result<u32, StoreError> {
        if let Some(number) = self.names.kind_number(kind) {
            return Ok(number);
        }
        let name = kind.as_str();
        self.db
            .transaction("intern a type", async |tx, _| {
                // The counter's row is the lock: whoever comes second finds the name there.
                let next = next(tx, "kind").await?;
                if tx.query("SELECT 1 FROM kind WHERE name = $1", &[&name]).await?.is_empty() {
                    tx.execute("INSERT INTO kind (id, name) VALUES ($1, $2)", &[&next, &name]).await?;
                    take(tx, "kind").await?;
                }
                Ok(())
            })
            .await?;
        self.load_names().await?;
        self.names.kind_number(kind).ok_or_else(|| StoreError::Damaged(format!("the type {kind} cannot be interned")))
    }

    /// The number of a label, interned now when new.
    pub(crate) async fn intern_label(&self, text: &str) -> Result<LabelId, StoreError> {
        if let Some(number) = self.names.label_number(text) {
            return Ok(number);
        }
        let digest = sha256(text.as_bytes());
        let digest = digest.as_slice();
        self.db
            .transaction("intern a label", async |tx, _| {
                let next = next(tx, "label").await?;
                if tx.query("SELECT 1 FROM label WHERE digest = $1", &[&digest]).await?.is_empty() {
                    let sql = "INSERT INTO label (id, digest, text) VALUES ($1, $2, $3)";
                    tx.execute(sql, &[&next, &digest, &text]).await?;
                    take(tx, "label").await?;
                }
                Ok(())
            })
            .await?;
        self.load_names().await?;
        self.names.label_number(text).ok_or_else(|| StoreError::Damaged("a label cannot be interned".into()))
    }
}

/// The number a counter gives next; its row stays locked until the end of the transaction.
async fn next(tx: &Transaction<'_>, counter: &str) -> Result<i32, Failure> {
    let rows = tx.query("SELECT value::int FROM counter WHERE name = $1 FOR UPDATE", &[&counter]).await?;
    let row = rows.first().ok_or_else(|| StoreError::Damaged(format!("the counter {counter} is missing")))?;
    Ok((small(row, 0)? + 1).cast_signed())
}

/// Takes the next number of a counter.
pub(crate) async fn take(tx: &Transaction<'_>, counter: &str) -> Result<u64, Failure> {
    let sql = "UPDATE counter SET value = value + 1 WHERE name = $1 RETURNING value";
    let rows = tx.query(sql, &[&counter]).await?;
    let row = rows.first().ok_or_else(|| StoreError::Damaged(format!("the counter {counter} is missing")))?;
    crate::db::number(row, 0)
}
