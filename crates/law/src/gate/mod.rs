//! The gate.
pub mod text;
