//! The embedded engine: an append-only log in SQLite.
