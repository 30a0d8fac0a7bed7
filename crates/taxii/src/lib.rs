//! TAXII 2.1: wire types and client.
