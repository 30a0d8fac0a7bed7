use serde::{Deserialize, Serialize};

/// Whether a recipient may see something, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdict {
    /// Whether it may.
    pub admitted: bool,
    /// What admits it, or everything that stands against it; never empty.
    pub reasons: Vec<Reason>,
}

/// One ground of a verdict.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reason {
    /// A name for programs that does not change: `tlp-red`; of a local rule `local:` and its own.
    pub code: String,
    /// The same for people, an English sentence.
    pub text: String,
    /// What its sentence was filled with: what it is made of in another language.
    #[serde(skip)]
    pub given: Given,
}

/// What the places of a rule's sentence were filled with, by their names: the names of agreements and organisations,
/// levels like `TLP:GREEN`, moments, ISO 3166-1 codes of countries, words of closed lists. No word where there is nothing.
pub type Given = Vec<(&'static str, Vec<String>)>;

impl Reason {
    /// A ground that is no rule's.
    pub fn new(code: &str, text: impl Into<String>) -> Self {
        Self { code: code.to_owned(), text: text.into(), given: Given::new() }
    }
}
