//! Certificates and pinned keys of nodes on the wire.
