use comity_base::OrgName;
use comity_stix::value::issuing_state;

use crate::{Node, NodeError, PeerKind};

impl Node {
    /// The state whose documents an organisation may enter as stolen or lost, by the code that stands in them: its own, where it
    /// is known and the organisation is no private partner and no hub.
    pub(crate) fn state_of(&self, organisation: &OrgName) -> Result<Option<String>, NodeError> {
        let own = self.ourselves.as_ref().filter(|own| own.name == *organisation);
        let (kind, country) = if let Some(own) = own {
            (Some(own.kind), own.country.clone())
        } else if let Some(peer) = self.peer(organisation)? {
            (Some(peer.kind), peer.country)
        } else {
            (None, self.source(organisation)?.and_then(|source| source.country))
        };
        let may = kind.is_none_or(|kind| kind == PeerKind::Member);
        Ok(country.filter(|_| may).and_then(|country| issuing_state(&country)))
    }
}
