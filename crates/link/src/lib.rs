//! Evidence weights and link scores with reasons.
