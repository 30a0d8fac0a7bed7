use std::fmt;
use std::sync::Arc;

use comity_base::{OrgName, Timestamp};
use comity_stix::label::Recipient;

use crate::facts::Action;
use crate::{Agreement, OrgKind, OwnerGrant, Standing, State};

/// What an owner lets this node do with its data. Asked once for each owner.
pub type OwnerGrants = Arc<dyn Fn(&OrgName) -> OwnerGrant + Send + Sync>;

/// Who asks, for whom, under what.
#[derive(Clone)]
pub struct Ask<'a> {
    /// What is to be done.
    pub action: Action,
    /// Who would receive it.
    pub recipient: &'a Recipient,
    /// Its part in the network; an export does not look at it.
    pub standing: Standing,
    /// The organisation whose node this is.
    pub holder: &'a OrgName,
    /// What it is.
    pub holder_kind: OrgKind,
    /// The agreement between holder and recipient with where it stands now; an export does not look at it.
    pub agreement: Option<(&'a Agreement, &'a State)>,
    /// What the data is wanted for. Empty in a release: for everything the agreement allows.
    pub purposes: &'a [&'a str],
    /// What the owners of data allow; for the holder's own data it is not asked.
    pub owner_grants: OwnerGrants,
    /// The time now.
    pub now: Timestamp,
}

impl<'a> Ask<'a> {
    /// An officer hands something over by hand, for a purpose.
    pub fn export(recipient: &'a Recipient, holder: &'a OrgName, purpose: Option<&'a &'a str>, now: Timestamp) -> Self {
        Self {
            action: Action::Export,
            recipient,
            standing: Standing::UNKNOWN,
            holder,
            holder_kind: OrgKind::Unknown,
            agreement: None,
            purposes: purpose.map_or(&[], std::slice::from_ref),
            owner_grants: Arc::new(|_| OwnerGrant::UNKNOWN),
            now,
        }
    }
}

impl fmt::Debug for Ask<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let agreement = self.agreement.map(|(agreement, state)| (&agreement.id, state));
        f.debug_struct("Ask")
            .field("action", &self.action)
            .field("recipient", &self.recipient.name)
            .field("standing", &self.standing)
            .field("holder", &self.holder)
            .field("agreement", &agreement)
            .field("purposes", &self.purposes)
            .field("now", &self.now)
            .finish_non_exhaustive()
    }
}
