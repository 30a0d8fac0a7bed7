//! Agreements between organisations, and the decision who may see what.
