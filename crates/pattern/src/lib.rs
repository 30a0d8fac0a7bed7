//! STIX patterning: parse, check, print, match.
