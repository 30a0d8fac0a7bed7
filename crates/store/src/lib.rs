//! The Store trait, batches, body packing and the conformance suite.
