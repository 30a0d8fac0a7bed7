//! The engine for several processes: the log in PostgreSQL, or in what speaks its protocol.
//!
//! Any number of processes read and write one store; any of them may die. Versions of an open batch are
//! kept by their number in the batch; finishing it takes the head row last, gives the whole batch its
//! positions at once, and makes it visible, so no reader ever sees a gap, whatever commits late. Random
//! keys stay outside: each process keeps its own index of ids, fed from what every append leaves beside its
//! versions. An undo has no rows: what it takes back or restores is known from its batch.
//! A withdrawal has: its targets are any versions, and its batch keeps the list.
//!
//! Every transaction has a name, is tried again on conflicts and lost connections, and finds out what
//! became of the attempt before it. Calls block and must not be made from an asynchronous task.

mod append;
mod batches;
mod check;
mod db;
mod dictionaries;
mod engine;
mod erase;
mod follow;
mod import;
mod keeper;
mod lanes;
mod ledger;
mod log;
mod names;
mod open;
mod options;
mod originals;
mod reading;
mod run;
mod schema;
mod settings;
mod store;
mod tls;
mod traces;
mod undo;
mod withdraw;

pub use options::Options;
pub use store::PostgresStore;

/// What a Citus administrator runs once to spread a store over workers.
pub const CITUS: &str = include_str!("citus.sql");
