//! The use cases of a node: intake, query, hits, release.
