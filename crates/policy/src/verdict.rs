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
}
