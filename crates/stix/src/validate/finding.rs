use serde::Serialize;

/// How grave a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// The object cannot be kept: taking it in would corrupt the store.
    Refused,
    /// The object breaks a requirement (MUST) of the specification; it is kept and shown as faulty.
    Must,
    /// The object departs from a recommendation (SHOULD) of the specification.
    Should,
}

/// One thing that is wrong with an object.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct Finding {
    /// How grave it is.
    pub severity: Severity,
    /// A stable name for the rule, in kebab case: `property-missing`.
    pub code: &'static str,
    /// Where: a JSON Pointer (RFC 6901) into the object; empty for the object as a whole.
    pub pointer: String,
    /// What is wrong, in a sentence. It may quote the object; treat it like the object itself.
    pub text: String,
}
