//! Readers and writers: STIX, MISP, CSV, lists and report text.
