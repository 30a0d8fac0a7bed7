use std::collections::BTreeSet;

use crate::lanes::Transaction;
use comity_base::{Position, Timestamp};
use comity_stix::ObjectId;
use comity_store::{
    BatchId, BatchInfo, BatchStart, Body, Counts, Found, NewVersion, Op, OriginalId, StoreError, Undone,
};

use crate::append::{Columns, Run};
use crate::batches::Also;
use crate::db::{Failure, signed};
use crate::engine::Engine;
use crate::log::Stretch;
use crate::open::Open;

/// What a withdrawal acts on.
#[derive(Debug)]
pub(crate) struct Withdrawal {
    targets: Vec<i64>,
    /// Up to here it was seen that none of them is withdrawn already.
    seen: i64,
}

impl Engine {
    /// A withdrawal has rows of its own, without bodies, and its batch keeps the list of its targets, by which
    /// every process knows what they say.
    pub(crate) async fn withdraw(
        &self,
        targets: &[Position],
        start: &BatchStart,
        now: Timestamp,
    ) -> Result<Undone, StoreError> {
        let targets: BTreeSet<Position> = targets.iter().copied().collect();
        loop {
            let seen = self.refresh().await?;
            let standing = self.standing(&targets)?;
            let by = self.begin(start, None).await?;
            let mut open = self.open(by).await?;
            let result = self.write_withdrawal(&mut open, &standing, seen, now).await;
            drop(open);
            let error = match result {
                Ok(by) => return Ok(Undone { by, versions: standing.len() as u64 }),
                Err(error) => error,
            };
            // The first error says more; a batch that stays open here is given up with this process.
            let _ = self.abandon(by).await;
            self.refresh().await?;
            // Somebody else withdrew some of them meanwhile: the rest is left to withdraw.
            if self.standing(&targets)?.len() == standing.len() {
                return Err(error);
            }
        }
    }

    /// Those of these versions that are not withdrawn, in order.
    fn standing(&self, targets: &BTreeSet<Position>) -> Result<Vec<Stretch>, StoreError> {
        let log = self.log.read();
        let mut standing = Vec::new();
        for target in targets {
            let version = log.at(target.0).filter(|stretch| stretch.op(stretch.hi) == Op::Put);
            let version = version.ok_or(StoreError::NoVersion(*target))?;
            if !log.is_withdrawn(target.0) {
                standing.push(version);
            }
        }
        Ok(standing)
    }

    async fn write_withdrawal(
        &self,
        open: &mut Open,
        targets: &[Stretch],
        seen: u64,
        now: Timestamp,
    ) -> Result<BatchInfo, StoreError> {
        for part in targets.chunks(AT_ONCE) {
            let rows = self.about(part).await?;
            let (mut columns, empty) = (Columns::of(open.id), Body { dictionary: 0, bytes: Vec::new() });
            for (n, (row, kind)) in (open.count + 1..).zip(&rows) {
                columns.push(n, row, *kind, &empty);
            }
            let keys: Vec<u64> = rows.iter().map(|(row, _)| self.key(&row.id)).collect();
            let run = Run::whole(&keys, rows.iter().map(|(row, _)| row.label), &Found::default());
            self.store(open, &columns, &run).await?;
            open.count += rows.len() as u64;
        }
        let versions = open.count;
        let counts = Counts { objects: versions, added: versions, ..Counts::default() };
        let targets = targets.iter().map(|target| signed(target.after + target.hi)).collect();
        let withdrawal = Withdrawal { targets, seen: signed(seen) };
        let published = self.publish(open, &counts, now, Also::Withdraw(&withdrawal)).await;
        self.closed(open, published).await
    }

    /// A row about each of these versions, with the number of its type; its place is that of the version.
    async fn about(&self, versions: &[Stretch]) -> Result<Vec<(NewVersion, i32)>, StoreError> {
        let mut about = Vec::with_capacity(versions.len());
        for (version, row) in versions.iter().zip(self.fetch(versions, false).await?.into_iter().flatten()) {
            let new = NewVersion {
                id: ObjectId { kind: self.kind(row.kind).await?, uuid: row.uuid },
                modified: row.modified,
                label: row.label,
                source: OriginalId(0),
                offset: version.after + version.hi,
                body: Body { dictionary: 0, bytes: Vec::new() },
            };
            about.push((new, row.kind.cast_signed()));
        }
        Ok(about)
    }
}

impl Withdrawal {
    /// Keeps the targets with their batch, unless somebody else withdrew one of them meanwhile: the head is locked
    /// first, so that nobody does before this ends.
    pub(crate) async fn mark(&self, tx: &Transaction<'_>, by: BatchId) -> Result<(), Failure> {
        if self.targets.is_empty() {
            return Ok(());
        }
        tx.query("SELECT visible FROM store FOR UPDATE", &[]).await?;
        let sql = "SELECT 1 FROM batch WHERE last > $1 AND last > after AND state IN (1, 2) AND targets && $2 LIMIT 1";
        if !tx.query(sql, &[&self.seen, &self.targets]).await?.is_empty() {
            let why = "withdraws what somebody else withdrew at the same moment".to_owned();
            return Err(StoreError::BatchState { batch: by, why }.into());
        }
        let sql = "UPDATE batch SET targets = $2 WHERE id = $1";
        tx.execute(sql, &[&signed(by.0), &self.targets]).await.map(drop)
    }
}

/// Rows written in one transaction.
const AT_ONCE: usize = 20_000;
