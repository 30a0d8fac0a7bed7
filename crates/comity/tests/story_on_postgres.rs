//! The same stories with the log in PostgreSQL.

#[path = "story.rs"]
mod story;
