//! Seeded builders of objects and of a small world, for tests and benchmarks.
