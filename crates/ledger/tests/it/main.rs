//! The ledger against public vectors, against independent programs, and against whoever tampers with it.

#[cfg(test)]
mod common;
#[cfg(test)]
mod notes;
#[cfg(test)]
mod oracles;
#[cfg(test)]
mod tampering;
#[cfg(test)]
mod vectors;
#[cfg(test)]
mod witnesses;
