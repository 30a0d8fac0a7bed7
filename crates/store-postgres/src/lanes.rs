//! The pool: connections, each with the runtime that drives it.
//!
//! A call takes a lane, and the calling thread itself drives the lane's connection until it has its answer. So
//! nothing is handed from thread to thread on the way, which costs more than the server needs for one row, and a
//! call that is busy holds nobody else up.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use comity_store::StoreError;
use parking_lot::{Condvar, Mutex};
use tokio::runtime::{Builder, Runtime};
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, NoTls, Row, Statement};

use crate::db::Failure;
use crate::{Options, tls};

/// Lanes that are free, and how many there are in all.
pub(crate) struct Lanes {
    options: Options,
    state: Mutex<State>,
    freed: Condvar,
}

#[derive(Default)]
struct State {
    free: Vec<Arc<Lane>>,
    lent: usize,
}

/// One connection, made when it is first needed, and its runtime.
struct Lane {
    runtime: Runtime,
    connection: Arc<tokio::sync::Mutex<Option<Connection>>>,
}

/// An open connection with the statements it has prepared.
pub(crate) struct Connection {
    client: Client,
    statements: Mutex<HashMap<String, Statement>>,
}

/// A transaction on a connection; dropped without a commit it is rolled back.
pub(crate) struct Transaction<'a> {
    inner: tokio_postgres::Transaction<'a>,
    statements: &'a Mutex<HashMap<String, Statement>>,
}

tokio::task_local! {
    /// The connection of the lane this call runs on.
    static CURRENT: Arc<tokio::sync::Mutex<Option<Connection>>>;
}

impl Lanes {
    pub(crate) fn new(options: &Options) -> Self {
        Self { options: options.clone(), state: Mutex::default(), freed: Condvar::new() }
    }

    /// Runs one call on a lane of its own; waits for one while all are lent.
    pub(crate) fn run<T>(&self, call: impl Future<Output = Result<T, StoreError>>) -> Result<T, StoreError> {
        let lane = self.take()?;
        let connection = Arc::clone(&lane.connection);
        let lent = Lent { lanes: self, lane };
        lent.lane.runtime.block_on(CURRENT.scope(connection, call))
    }

    fn take(&self) -> Result<Arc<Lane>, StoreError> {
        let asked = Instant::now();
        let mut state = self.state.lock();
        loop {
            if let Some(lane) = state.free.pop() {
                state.lent += 1;
                return Ok(lane);
            }
            if state.lent < self.options.connections.max(1) {
                state.lent += 1;
                drop(state);
                return Lane::new().map(Arc::new).inspect_err(|_| self.state.lock().lent -= 1);
            }
            let left = self.options.patience.saturating_sub(asked.elapsed());
            if left.is_zero() {
                let reason = format!("all {} connections of this process are in use", self.options.connections);
                return Err(StoreError::Unreachable { reason });
            }
            self.freed.wait_for(&mut state, left);
        }
    }

    /// Lends the connection of the lane this call runs on, made anew when there is none or it was lost.
    pub(crate) async fn connection<T>(
        &self,
        work: impl AsyncFnOnce(&mut Connection) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        let current = CURRENT.with(Arc::clone);
        let mut slot = current.lock().await;
        let connection = match slot.take().filter(|connection| !connection.client.is_closed()) {
            Some(connection) => connection,
            None => Connection::open(&self.options).await?,
        };
        let connection = slot.insert(connection);
        let result = work(connection).await;
        if matches!(&result, Err(Failure::Database(error)) if error.code().is_none()) {
            // Whatever broke below the protocol, this connection is not worth keeping.
            *slot = None;
        }
        result
    }
}

/// A lane on loan; given back however the call ends.
struct Lent<'l> {
    lanes: &'l Lanes,
    lane: Arc<Lane>,
}

impl Drop for Lent<'_> {
    fn drop(&mut self) {
        let mut state = self.lanes.state.lock();
        state.lent -= 1;
        state.free.push(Arc::clone(&self.lane));
        drop(state);
        self.lanes.freed.notify_one();
    }
}

impl Lane {
    fn new() -> Result<Self, StoreError> {
        let runtime = Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|error| StoreError::engine("prepare a connection", error))?;
        Ok(Self { runtime, connection: Arc::default() })
    }
}

impl Connection {
    async fn open(options: &Options) -> Result<Self, Failure> {
        let config = options.connection();
        let client = if options.is_tls {
            let (client, driver) = config.connect(tls::connector(options.root_certificates.as_deref())?).await?;
            tokio::spawn(driver);
            client
        } else {
            let (client, driver) = config.connect(NoTls).await?;
            tokio::spawn(driver);
            client
        };
        Ok(Self { client, statements: Mutex::default() })
    }

    pub(crate) async fn transaction(&mut self) -> Result<Transaction<'_>, Failure> {
        let inner = self.client.transaction().await?;
        Ok(Transaction { inner, statements: &self.statements })
    }

    pub(crate) async fn query(&self, sql: &str, params: &[&(dyn ToSql + Sync)]) -> Result<Vec<Row>, Failure> {
        let statement = self.prepare(sql).await?;
        Ok(self.client.query(&statement, params).await?)
    }

    /// Prepared once a connection.
    pub(crate) async fn prepare(&self, sql: &str) -> Result<Statement, Failure> {
        if let Some(statement) = self.statements.lock().get(sql) {
            return Ok(statement.clone());
        }
        let statement = self.client.prepare(sql).await?;
        self.statements.lock().insert(sql.to_owned(), statement.clone());
        Ok(statement)
    }

    pub(crate) async fn query_prepared(
        &self,
        statement: &Statement,
        params: &[&(dyn ToSql + Sync)],
    ) -> Result<Vec<Row>, Failure> {
        Ok(self.client.query(statement, params).await?)
    }
}

impl Transaction<'_> {
    pub(crate) async fn execute(&self, sql: &str, params: &[&(dyn ToSql + Sync)]) -> Result<u64, Failure> {
        let statement = self.prepare(sql).await?;
        Ok(self.inner.execute(&statement, params).await?)
    }

    pub(crate) async fn query(&self, sql: &str, params: &[&(dyn ToSql + Sync)]) -> Result<Vec<Row>, Failure> {
        let statement = self.prepare(sql).await?;
        Ok(self.inner.query(&statement, params).await?)
    }

    /// Runs statements without parameters, one after another.
    pub(crate) async fn batch_execute(&self, sql: &str) -> Result<(), Failure> {
        Ok(self.inner.batch_execute(sql).await?)
    }

    pub(crate) async fn commit(self) -> Result<(), Failure> {
        Ok(self.inner.commit().await?)
    }

    async fn prepare(&self, sql: &str) -> Result<Statement, Failure> {
        if let Some(statement) = self.statements.lock().get(sql) {
            return Ok(statement.clone());
        }
        let statement = self.inner.prepare(sql).await?;
        self.statements.lock().insert(sql.to_owned(), statement.clone());
        Ok(statement)
    }
}

/// How long one attempt to connect may take.
pub(crate) const CONNECT: Duration = Duration::from_secs(5);
