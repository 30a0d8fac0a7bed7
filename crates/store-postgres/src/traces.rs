//! How a process follows the log: from what each append left beside its versions, or else from the rows.

use comity_base::Position;
use comity_stix::ObjectId;
use comity_store::{LabelId, StoreError, Trace, Traces};
use futures_util::future::try_join_all;

use crate::db::{Failure, number, signed};
use crate::engine::Engine;
use crate::log::{Says, Stretch};
use crate::run::{Entries, chunk, unpack_found, unpack_keys, unpack_labels};

/// A row of neighbours in one batch as followers need them: the `first`-th and those after it.
#[derive(Debug)]
struct Told {
    first: u64,
    keys: Vec<u64>,
    labels: Vec<LabelId>,
    found: Option<(Entries, Entries)>,
}

impl Told {
    fn last(&self) -> u64 {
        self.first + self.keys.len() as u64 - 1
    }
}

/// What of a run is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wanted {
    Ids,
    Everything { reading: u64 },
}

impl Engine {
    pub(crate) async fn traces(&self, after: Position, reading: u64) -> Result<Traces, StoreError> {
        let mut visible = self.visible();
        if after.0 >= visible {
            visible = self.refresh().await?;
        }
        let stretches = self.log.read().whole(after.0, visible, ROWS);
        let mut traces = Traces { up_to: after, is_read: true, ..Traces::default() };
        if stretches.is_empty() {
            traces.up_to = Position(after.0.max(visible));
            return Ok(traces);
        }
        // Whoever asks may be ahead of this process's index of ids, which can be lost: without what stands before,
        // everything would seem to stand alone.
        self.catch_up(after.0).await?;
        let told = self.told(&stretches, Wanted::Everything { reading }, ROWS).await?;
        for (stretch, told) in stretches.iter().zip(&told) {
            // What these versions are about must be known by id before it is said which of them stand alone.
            self.learn_ids(stretch, told).await?;
            for run in told {
                self.trace(stretch, run, &mut traces);
            }
        }
        Ok(traces)
    }

    fn trace(&self, stretch: &Stretch, told: &Told, traces: &mut Traces) {
        for ((n, key), label) in (told.first..).zip(&told.keys).zip(&told.labels) {
            let (position, op) = (Position(stretch.after + n), stretch.op(n));
            let alone = self.ids.count(*key) <= 1;
            traces.rows.push(Trace { position, label: *label, op, alone });
        }
        traces.up_to = Position(stretch.after + told.last());
        if stretch.says != Says::Put {
            return;
        }
        let Some((values, references)) = &told.found else {
            traces.is_read = false;
            return;
        };
        let place = |(at, key): &(u32, u64)| (*key, Position(stretch.after + told.first + u64::from(*at)));
        traces.values.extend(values.iter().map(place));
        traces.references.extend(references.iter().map(place));
    }

    /// Brings the index of ids up to a position; it usually is.
    pub(crate) async fn catch_up(&self, up_to: u64) -> Result<(), StoreError> {
        while self.ids.applied() < up_to {
            let stretches = self.log.read().whole(self.ids.applied(), up_to, ROWS);
            let told = self.told(&stretches, Wanted::Ids, ROWS).await?;
            for (stretch, told) in stretches.iter().zip(&told) {
                self.learn_ids(stretch, told).await?;
            }
            if stretches.is_empty() {
                let _one_at_a_time = self.catching_up.lock().await;
                self.ids.apply(&[], up_to)?;
            }
        }
        Ok(())
    }

    /// Adds ids that follow what is known; those of an undo are known already.
    async fn learn_ids(&self, stretch: &Stretch, told: &[Told]) -> Result<(), StoreError> {
        let _one_at_a_time = self.catching_up.lock().await;
        for run in told {
            let (first, last) = (stretch.after + run.first, stretch.after + run.last());
            let applied = self.ids.applied();
            // Between what is known and these rows there may be void positions, but nothing to learn.
            let follows = first <= applied + 1 || self.log.read().after(applied, first - 1, 1).is_empty();
            if last <= applied || !follows {
                continue;
            }
            let entries: Vec<_> = match stretch.says {
                Says::Undo(_) => Vec::new(),
                Says::Put | Says::Withdraw(_) => {
                    (first..).zip(&run.keys).map(|(position, key)| (*key, Position(position))).collect()
                }
            };
            self.ids.apply(&entries, last)?;
        }
        Ok(())
    }

    /// What was left beside the rows of each stretch, whole runs until there are about `most` rows.
    async fn told(&self, stretches: &[Stretch], wanted: Wanted, most: u64) -> Result<Vec<Vec<Told>>, StoreError> {
        let mut all = Vec::with_capacity(stretches.len());
        let mut left = most;
        for group in stretches.chunks(TOGETHER) {
            let runs = self
                .db
                .read("read what was told", async |client| {
                    let sql = if wanted == Wanted::Ids { IDS } else { EVERYTHING };
                    let statement = client.prepare(sql).await?;
                    let statement = &statement;
                    try_join_all(group.iter().map(async |stretch| {
                        let (at, batch) = (chunk(stretch.batch, 0), signed(stretch.batch));
                        let (lo, hi) = (signed(stretch.lo), signed(stretch.hi));
                        let rows = client.query_prepared(statement, &[&at, &batch, &lo, &hi, &RUNS]).await?;
                        rows.iter().map(|row| self.read_run(row, wanted)).collect::<Result<Vec<_>, Failure>>()
                    }))
                    .await
                })
                .await?;
            for (stretch, runs) in group.iter().zip(runs) {
                if left == 0 {
                    return Ok(all);
                }
                let told = self.clipped(stretch, runs, left).await?;
                left = left.saturating_sub(told.iter().map(|run| run.keys.len() as u64).sum());
                let is_whole = told.last().is_some_and(|run| run.last() >= stretch.hi);
                all.push(told);
                if !is_whole {
                    return Ok(all);
                }
            }
        }
        Ok(all)
    }

    /// Runs as they follow each other within a stretch; where one is missing or of another key, the rows tell.
    async fn clipped(&self, stretch: &Stretch, runs: Vec<Option<Told>>, most: u64) -> Result<Vec<Told>, StoreError> {
        let mut told: Vec<Told> = Vec::new();
        let (mut at, mut rows) = (stretch.lo, 0);
        for run in runs {
            let fits = run.filter(|run| run.first <= at + 1 && run.last() > at);
            let Some(run) = fits else { break };
            let run = cut(run, at + 1, stretch.hi);
            at = run.last();
            rows += run.keys.len() as u64;
            told.push(run);
            if at >= stretch.hi || rows >= most {
                return Ok(told);
            }
        }
        if told.is_empty() {
            let hi = stretch.hi.min(stretch.lo + most.min(ROWS));
            told.push(self.told_by_rows(&Stretch { hi, ..stretch.clone() }).await?);
        }
        Ok(told)
    }

    async fn told_by_rows(&self, stretch: &Stretch) -> Result<Told, StoreError> {
        let rows = self.fetch(std::slice::from_ref(stretch), false).await?.into_iter().flatten();
        let mut told = Told { first: stretch.lo + 1, keys: Vec::new(), labels: Vec::new(), found: None };
        for row in rows {
            let id = ObjectId { kind: self.kind(row.kind).await?, uuid: row.uuid };
            told.keys.push(self.key(&id));
            told.labels.push(row.label);
        }
        Ok(told)
    }

    /// A run, unless its ids were named with another key.
    fn read_run(&self, row: &tokio_postgres::Row, wanted: Wanted) -> Result<Option<Told>, Failure> {
        let (last, count): (u64, i32) = (number(row, 0)?, row.try_get(1)?);
        let count = count.cast_unsigned();
        if row.try_get::<_, i64>(2)? != self.key_id() || count == 0 {
            return Ok(None);
        }
        let keys: Vec<u64> = unpack_keys(row.try_get(3)?).collect();
        if keys.len() as u64 != u64::from(count) || last < u64::from(count) {
            return Ok(None);
        }
        let first = last - u64::from(count) + 1;
        let Wanted::Everything { reading } = wanted else {
            return Ok(Some(Told { first, labels: Vec::new(), keys, found: None }));
        };
        let labels = unpack_labels(row.try_get(4)?, keys.len())?;
        let same = number(row, 5)? == reading && reading != 0;
        let found = if same { Some(unpack_found(row.try_get(6)?, count)?) } else { None };
        Ok(Some(Told { first, keys, labels, found }))
    }
}

/// The part of a run from the `first`-th to the `last`-th.
fn cut(mut run: Told, first: u64, last: u64) -> Told {
    let skip = usize::try_from(first.saturating_sub(run.first)).unwrap_or(usize::MAX).min(run.keys.len());
    let keep = usize::try_from((last + 1).saturating_sub(first)).unwrap_or(usize::MAX).min(run.keys.len() - skip);
    if skip == 0 && keep == run.keys.len() {
        return run;
    }
    let within = |entries: &Entries| {
        let at = |(place, key): &(u32, u64)| {
            let place = usize::try_from(*place).ok()?.checked_sub(skip).filter(|place| *place < keep)?;
            Some((u32::try_from(place).ok()?, *key))
        };
        entries.iter().filter_map(at).collect::<Entries>()
    };
    run.found = run.found.map(|(values, references)| (within(&values), within(&references)));
    run.first += skip as u64;
    run.keys = run.keys.into_iter().skip(skip).take(keep).collect();
    run.labels = run.labels.into_iter().skip(skip).take(keep).collect();
    run
}

const IDS: &str = "SELECT last, count, key_id, ids FROM run \
                   WHERE chunk = $1 AND batch = $2 AND last > $3 AND last - count < $4 ORDER BY last LIMIT $5";
const EVERYTHING: &str = "SELECT last, count, key_id, ids, labels, reading, found FROM run \
                          WHERE chunk = $1 AND batch = $2 AND last > $3 AND last - count < $4 ORDER BY last LIMIT $5";
/// Rows told in one piece, about.
const ROWS: u64 = 40_000;
/// Runs of one batch read at once.
const RUNS: i64 = 4;
/// Batches whose runs are asked for in one go.
const TOGETHER: usize = 64;
