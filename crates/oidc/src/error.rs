use comity_crypto::{JwtError, NoRandomness};

/// Nobody was shown to be anybody.
#[derive(Debug, thiserror::Error)]
pub enum ProviderError {
    /// The settings cannot be used.
    #[error("{0}")]
    Settings(String),
    /// The provider could not be reached, or its answer not be read.
    #[error("{asked} gives no answer that can be used: {why}")]
    Away {
        /// What was asked.
        asked: String,
        /// Why not.
        why: String,
    },
    /// The provider, or whoever sat there, said no.
    #[error("the provider refused: {0}")]
    Refused(String),
    /// What came back is no answer to what this browser was sent to ask.
    #[error("that is no answer to what this browser asked, or too late a one")]
    Elsewhere,
    /// The provider's statement is not signed by it.
    #[error("the provider's statement does not hold: {0}")]
    Signature(#[from] JwtError),
    /// The provider's statement is about something else.
    #[error("the provider's statement does not hold: {0}")]
    Statement(&'static str),
    /// They showed who they are, but not well enough.
    #[error("the provider says that they came in by {0}, which is not enough here")]
    Weak(String),
    /// No randomness.
    #[error(transparent)]
    Random(#[from] NoRandomness),
}
