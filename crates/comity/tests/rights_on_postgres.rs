//! The desk of people who ask about their own data, with the log in PostgreSQL.

#[path = "rights.rs"]
mod rights;
