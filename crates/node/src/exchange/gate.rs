use std::collections::HashMap;
use std::sync::Arc;

use comity_base::OrgName;
use comity_policy::{Action, Ask, Asker, OrgKind, OrgStatus, OwnerGrant, OwnerGrants};
use comity_stix::label::Recipient;

use super::agreements::Standing;
use super::{Peer, PeerKind, PeerStatus};
use crate::{Ctx, Node, NodeError};

impl PeerKind {
    /// As the policy names it.
    pub(crate) const fn org(self) -> OrgKind {
        match self {
            Self::Member => OrgKind::Member,
            Self::Partner => OrgKind::Partner,
            Self::Hub => OrgKind::Hub,
        }
    }
}

impl Peer {
    /// Its part in the network, as the policy looks at it.
    pub(crate) fn standing(&self) -> comity_policy::Standing {
        let status = match self.status {
            PeerStatus::Active => OrgStatus::Active,
            PeerStatus::Suspended => OrgStatus::Suspended,
        };
        comity_policy::Standing { kind: self.kind.org(), status }
    }
}

impl Node {
    /// Those who are asked about labels for one recipient: one for each agreement.
    pub(crate) fn askers(
        &self,
        ctx: &Ctx,
        peer: &Peer,
        recipient: &Recipient,
        agreed: &[Standing],
    ) -> Result<Vec<Asker>, NodeError> {
        let holder_kind = self.ourselves.as_ref().map_or(OrgKind::Unknown, |own| own.kind.org());
        let (policy, grants) = (self.policy()?, self.owner_grants(ctx)?);
        let asker = |standing: &Standing| {
            policy.asker(&Ask {
                action: Action::Release,
                recipient,
                standing: peer.standing(),
                holder: &ctx.organisation,
                holder_kind,
                agreement: Some((&standing.agreement, &standing.state)),
                purposes: &[],
                owner_grants: Arc::clone(&grants),
                now: ctx.now(),
            })
        };
        Ok(agreed.iter().map(asker).collect())
    }

    /// What each owner of data lets this node do with it: as agreed with it, or as its source was set here.
    fn owner_grants(&self, ctx: &Ctx) -> Result<OwnerGrants, NodeError> {
        let mut grants: HashMap<OrgName, OwnerGrant> = HashMap::new();
        for source in self.sources()? {
            if let Some(onward) = source.onward {
                let grant = OwnerGrant { country: source.country.clone(), onward, ..OwnerGrant::UNKNOWN };
                grants.insert(source.name.clone(), grant);
            }
        }
        let agreements = self.agreements_now(ctx)?;
        for peer in self.peers()? {
            let under = |standing: &&Standing| standing.agreement.flow(&peer.name, &ctx.organisation).is_some();
            let grant = match agreements.iter().filter(under).max_by_key(|standing| standing.state.is_active()) {
                Some(Standing { agreement, state, .. }) => {
                    OwnerGrant::under(agreement, state, &peer.name, &ctx.organisation, peer.kind.org())
                }
                // What a hub brought of somebody who agreed nothing with this node stays here.
                None => OwnerGrant { kind: peer.kind.org(), country: peer.country.clone(), ..OwnerGrant::UNKNOWN },
            };
            grants.insert(peer.name.clone(), grant);
        }
        Ok(Arc::new(move |owner: &OrgName| grants.get(owner).cloned().unwrap_or(OwnerGrant::UNKNOWN)))
    }
}
