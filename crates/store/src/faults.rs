/// Sentences about what is wrong with a store, up to a limit: a damaged disk would give one per row.
#[derive(Debug, Default)]
pub struct Faults(Vec<String>);

impl Faults {
    /// Sentences told at most.
    pub const MOST: usize = 1_000;

    /// Adds a sentence.
    pub fn add(&mut self, sentence: impl FnOnce() -> String) {
        if self.0.len() < Self::MOST {
            self.0.push(sentence());
        }
    }

    /// What was found.
    pub fn into_sentences(self) -> Vec<String> {
        self.0
    }
}
