//! Connections, and transactions that are tried again.

use std::collections::BTreeMap;
use std::error::Error as _;
use std::time::{Duration, Instant};

use comity_store::{StoreError, TransactionMetrics};
use parking_lot::Mutex;
use tokio_postgres::Row;
use tokio_postgres::error::SqlState;
use tokio_postgres::types::ToSql;

use crate::Options;
use crate::lanes::{Connection, Lanes, Transaction};

/// The pool and the rules for using it.
pub(crate) struct Db {
    pub(crate) lanes: Lanes,
    place: String,
    patience: Duration,
    metrics: Mutex<BTreeMap<&'static str, TransactionMetrics>>,
}

/// Why an attempt failed.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The server or the way to it.
    Database(tokio_postgres::Error),
    /// The rules: final.
    Store(StoreError),
}

impl From<tokio_postgres::Error> for Failure {
    fn from(error: tokio_postgres::Error) -> Self {
        Self::Database(error)
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// What a failure asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Remedy {
    /// Two transactions got into each other's way.
    Again,
    /// The server is away or full for the moment.
    Later,
    /// Trying again would not help.
    None,
}

/// Parameters of a statement.
pub(crate) type Params<'a> = &'a [&'a (dyn ToSql + Sync)];

impl Db {
    pub(crate) fn new(options: &Options) -> Self {
        let lanes = Lanes::new(options);
        Self { lanes, place: options.place(), patience: options.patience, metrics: Mutex::default() }
    }

    /// Runs a transaction. It may run several times: `work` is told whether an attempt came before, whose
    /// outcome may be unknown, and must then look what became of it.
    pub(crate) async fn transaction<T>(
        &self,
        name: &'static str,
        work: impl AsyncFn(&Transaction<'_>, bool) -> Result<T, Failure>,
    ) -> Result<T, StoreError> {
        self.attempts(name, async |is_repeated| {
            self.lanes
                .connection(async |connection| {
                    let transaction = connection.transaction().await?;
                    let done = work(&transaction, is_repeated).await?;
                    transaction.commit().await?;
                    Ok(done)
                })
                .await
        })
        .await
    }

    /// Runs statements that only read.
    pub(crate) async fn read<T>(
        &self,
        name: &'static str,
        work: impl AsyncFn(&Connection) -> Result<T, Failure>,
    ) -> Result<T, StoreError> {
        self.attempts(name, async |_| self.lanes.connection(async |connection| work(connection).await).await).await
    }

    /// The rows of one reading statement.
    pub(crate) async fn rows(&self, name: &'static str, sql: &str, params: Params<'_>) -> Result<Vec<Row>, StoreError> {
        self.read(name, async |connection| connection.query(sql, params).await).await
    }

    async fn attempts<T>(
        &self,
        name: &'static str,
        attempt: impl AsyncFn(bool) -> Result<T, Failure>,
    ) -> Result<T, StoreError> {
        let started = Instant::now();
        let mut tries = 0;
        loop {
            let failure = match attempt(tries > 0).await {
                Ok(done) => {
                    self.count(name, tries, started, false);
                    return Ok(done);
                }
                Err(failure) => failure,
            };
            let remedy = failure.remedy();
            let pause = Duration::from_millis(2 << tries.min(8));
            if remedy == Remedy::None || started.elapsed() + pause > self.patience {
                self.count(name, tries, started, true);
                return Err(failure.tell(name, &self.place));
            }
            tries += 1;
            tokio::time::sleep(pause).await;
        }
    }

    fn count(&self, name: &'static str, tries: u64, started: Instant, is_failed: bool) {
        let mut metrics = self.metrics.lock();
        let entry = metrics.entry(name).or_insert_with(|| TransactionMetrics { name, ..TransactionMetrics::default() });
        let took = u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX);
        entry.done += u64::from(!is_failed);
        entry.failed += u64::from(is_failed);
        entry.repeated += tries;
        entry.micros += took;
        entry.longest_micros = entry.longest_micros.max(took);
    }

    pub(crate) fn metrics(&self) -> Vec<TransactionMetrics> {
        self.metrics.lock().values().copied().collect()
    }
}

impl Failure {
    fn remedy(&self) -> Remedy {
        let error = match self {
            Self::Database(error) => error,
            Self::Store(_) => return Remedy::None,
        };
        let Some(code) = error.code() else {
            // No answer of the server: the connection was lost or never came about.
            let lost = error.is_closed()
                || error.source().is_some_and(<dyn std::error::Error + 'static>::is::<std::io::Error>);
            return if lost { Remedy::Later } else { Remedy::None };
        };
        match *code {
            SqlState::T_R_SERIALIZATION_FAILURE | SqlState::T_R_DEADLOCK_DETECTED => Remedy::Again,
            SqlState::ADMIN_SHUTDOWN
            | SqlState::CRASH_SHUTDOWN
            | SqlState::CANNOT_CONNECT_NOW
            | SqlState::TOO_MANY_CONNECTIONS
            | SqlState::IDLE_IN_TRANSACTION_SESSION_TIMEOUT => Remedy::Later,
            // Class 08: connection exceptions.
            _ if code.code().starts_with("08") => Remedy::Later,
            _ => Remedy::None,
        }
    }

    fn tell(self, name: &'static str, place: &str) -> StoreError {
        let doing = name.to_owned();
        let remedy = self.remedy();
        let error = match self {
            Self::Store(error) => return error,
            Self::Database(error) => error,
        };
        match error.as_db_error() {
            Some(said) if *said.code() == SqlState::DISK_FULL => StoreError::Full { doing },
            Some(said) if remedy != Remedy::Later => {
                StoreError::engine(doing, format!("{} ({})", said.message(), said.code().code()))
            }
            Some(said) => unreachable(place, said.message()),
            None if remedy == Remedy::Later => unreachable(place, &causes(&error)),
            None => StoreError::engine(doing, causes(&error)),
        }
    }
}

fn unreachable(place: &str, why: &str) -> StoreError {
    StoreError::Unreachable { reason: format!("{place}: {why}") }
}

fn causes(error: &tokio_postgres::Error) -> String {
    match error.source() {
        Some(cause) => format!("{error}: {cause}"),
        None => error.to_string(),
    }
}

/// A number without sign from a column that keeps its bits.
pub(crate) fn number(row: &Row, column: usize) -> Result<u64, Failure> {
    Ok(row.try_get::<_, i64>(column)?.cast_unsigned())
}

/// As [`number`], where the column may be empty.
pub(crate) fn maybe_number(row: &Row, column: usize) -> Result<Option<u64>, Failure> {
    Ok(row.try_get::<_, Option<i64>>(column)?.map(i64::cast_unsigned))
}

/// A small number from a column of 32 bits.
pub(crate) fn small(row: &Row, column: usize) -> Result<u32, Failure> {
    Ok(row.try_get::<_, i32>(column)?.cast_unsigned())
}

/// A number without sign as a column keeps it.
pub(crate) fn signed(number: u64) -> i64 {
    number.cast_signed()
}
