//! Derived indexes: memory-mapped segments of fingerprints.
