use std::collections::BTreeSet;
use std::sync::Arc;

use comity_base::OrgName;
use comity_stix::label::Recipient;
use uuid::Uuid;

use crate::{Ctx, Node, NodeError, SavedQuery, View};

/// Something an organisation's tools can read, or bring data to.
#[derive(Clone)]
pub struct Outlet {
    /// Its id: the same as long as there is the agreement behind it.
    pub id: Uuid,
    /// What people call it.
    pub title: String,
    /// A short name for addresses.
    pub alias: String,
    /// What is in it.
    pub description: String,
    /// What may be read; nothing where data is only brought.
    pub view: Option<Arc<View>>,
    /// Whether data may be brought.
    pub can_write: bool,
    /// Whether it is a part of what the others hold: a saved query.
    pub is_saved: bool,
}

impl Node {
    /// What an organisation's tools find here: for each agreement in force what it lets flow to it, the saved queries
    /// that it may read, and an inbox when something may flow from it. This node's own organisation reads everything
    /// and brings what it owns.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn outlets(&self, ctx: &Ctx, organisation: &OrgName) -> Result<Vec<Outlet>, NodeError> {
        if *organisation == ctx.organisation {
            let own = self.own_outlet(ctx)?;
            let saved = self.saved_outlets(ctx, organisation, own.view.as_deref())?;
            return Ok([own, inbox(ctx, organisation)].into_iter().chain(saved).collect());
        }
        let Some(peer) = self.peer(organisation)?.filter(super::Peer::is_active) else { return Ok(Vec::new()) };
        let mut outlets = Vec::new();
        for standing in self.in_force(ctx, &ctx.organisation, organisation)? {
            let agreement = &standing.agreement;
            outlets.push(Outlet {
                id: Uuid::new_v5(&NAMESPACE, format!("{} {organisation}", agreement.id).as_bytes()),
                title: agreement.name.clone(),
                alias: format!("agreement-{}", short(&agreement.id.uuid)),
                description: format!("What {} gives {organisation} under this agreement", ctx.organisation),
                view: Some(self.view_under(ctx, &peer, &agreement.id)?),
                can_write: false,
                is_saved: false,
            });
        }
        if !outlets.is_empty() {
            let all = self.view_of_peer(ctx, &peer)?;
            outlets.extend(self.saved_outlets(ctx, organisation, Some(&all))?);
        }
        if !self.in_force(ctx, organisation, &ctx.organisation)?.is_empty() {
            outlets.push(inbox(ctx, organisation));
        }
        Ok(outlets)
    }

    /// The saved queries that an organisation may read, each as a part of what it sees.
    fn saved_outlets(&self, ctx: &Ctx, organisation: &OrgName, all: Option<&View>) -> Result<Vec<Outlet>, NodeError> {
        let Some(all) = all else { return Ok(Vec::new()) };
        let mut queries = self.saved_queries()?;
        queries.retain(|query| *organisation == ctx.organisation || query.readers.contains(organisation));
        let outlet = |query: SavedQuery| Outlet {
            id: Uuid::new_v5(&NAMESPACE, format!("saved {} {organisation}", query.name).as_bytes()),
            title: query.title.clone(),
            alias: query.name.to_string(),
            description: format!("What {organisation} may see of a saved query"),
            view: Some(Arc::new(all.within(self.matches(&query)))),
            can_write: false,
            is_saved: true,
        };
        Ok(queries.into_iter().map(outlet).collect())
    }

    fn own_outlet(&self, ctx: &Ctx) -> Result<Outlet, NodeError> {
        let source = self.source(&ctx.organisation)?;
        let recipient = source.map_or_else(
            || Recipient { name: ctx.organisation.clone(), country: None, groups: BTreeSet::new() },
            |source| source.recipient(),
        );
        Ok(Outlet {
            id: Uuid::new_v5(&NAMESPACE, format!("everything {}", ctx.organisation).as_bytes()),
            title: format!("Everything {} holds", ctx.organisation),
            alias: "everything".into(),
            description: "For this organisation's own tools".into(),
            view: Some(Arc::new(View::of_everything(recipient))),
            can_write: false,
            is_saved: false,
        })
    }
}

fn inbox(ctx: &Ctx, organisation: &OrgName) -> Outlet {
    Outlet {
        id: Uuid::new_v5(&NAMESPACE, format!("inbox {organisation}").as_bytes()),
        title: format!("Inbox of {} for {organisation}", ctx.organisation),
        alias: "inbox".into(),
        description: format!("Brings what {organisation} owns"),
        view: None,
        can_write: true,
        is_saved: false,
    }
}

fn short(id: &Uuid) -> String {
    id.simple().to_string().chars().take(8).collect()
}

const NAMESPACE: Uuid = Uuid::from_u128(0x71f0_8a52_0b35_5b0e_8d4e_19c7_25a4_d0f3);
