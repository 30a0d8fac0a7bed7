use std::collections::BTreeSet;

use comity_base::OrgName;

/// An organisation that would receive something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recipient {
    /// Its short name.
    pub name: OrgName,
    /// Its country, ISO 3166-1 alpha-2, when known.
    pub country: Option<String>,
    /// The groups this node counts it to: `community`, `e5`.
    pub groups: BTreeSet<String>,
}
