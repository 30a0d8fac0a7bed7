use std::collections::HashMap;

use crate::name::{Name, Token};
use crate::ordinary::{self, ORDINARY};

/// How often each part is borne among the names that are known, so that a rare part tells more than a common one.
#[derive(Clone, Debug, Default)]
pub struct Rarity {
    names: u32,
    bearers: HashMap<String, u32>,
}

impl Rarity {
    /// Counts a name.
    pub fn add(&mut self, name: &Name) {
        self.names += 1;
        for token in &name.tokens {
            *self.bearers.entry(token.key()).or_default() += 1;
        }
    }

    /// Weighs the parts of a name: each tells the more the fewer bear it.
    pub fn weigh(&self, name: &mut Name) {
        name.weights = name.tokens.iter().map(|token| self.of(token)).collect();
        name.nats = rarest(self.names);
    }

    fn of(&self, token: &Token) -> f32 {
        let key = token.key();
        let known = self.bearers.get(&key).copied().unwrap_or_default();
        told(self.names, known, ordinary::bearers(&key)) * token.tag.weight()
    }
}

/// How rare a part is that one of so many names bears, in natural logarithms. What few names are known of is taken to be as rare as
/// in the benchmark.
pub(crate) fn rarest(names: u32) -> f32 {
    (names.max(FEW) as f32).ln()
}

/// The names of the benchmark that is learned from.
const FEW: u32 = 35_150;

/// How much a part tells that so many of so many names bear, beside the ordinary names of which so many bear it: 1 where one or
/// none does, less the more do.
pub(crate) fn told(names: u32, bearers: u32, ordinary: u32) -> f32 {
    let names = f64::from(names) + f64::from(ORDINARY);
    let bearers = f64::from(bearers) + f64::from(ordinary);
    let told = (names / bearers.max(1.0)).ln() / names.ln();
    #[expect(clippy::cast_possible_truncation, reason = "a share")]
    let told = told.clamp(0.25, 1.0) as f32;
    told
}
