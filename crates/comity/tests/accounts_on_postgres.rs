//! People and their log-ins, with the log in PostgreSQL.

#[path = "accounts.rs"]
mod accounts;
