use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use comity_base::OrgName;
use comity_http::{Principal, Problem, Site, arrived};
use comity_node::Outlet;

/// Someone who has shown who it is.
#[derive(Clone, Debug)]
pub(crate) struct Reading(Principal);

impl Reading {
    pub(crate) fn organisation(&self) -> &OrgName {
        &self.0.organisation
    }

    pub(crate) fn principal(&self) -> &Principal {
        &self.0
    }
}

impl FromRequestParts<Site> for Reading {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &Site) -> Result<Self, Problem> {
        arrived(parts)?.map(Self).ok_or_else(Problem::unauthorized)
    }
}

/// What stands behind a name for this reader: an alias, an id, or `all` for the first that can be read.
pub(crate) async fn outlet(site: &Site, reading: &Reading, name: &str) -> Result<Outlet, Problem> {
    let (ctx, organisation) = (site.ctx(Some(reading.principal())), reading.organisation().clone());
    let outlets = site.work(move |node| node.outlets(&ctx, &organisation)).await?;
    let named = |outlet: &Outlet| outlet.alias == name || outlet.id.to_string() == name;
    let first = |outlet: &Outlet| name == "all" && outlet.view.is_some();
    outlets.into_iter().find(|outlet| named(outlet) || first(outlet)).ok_or_else(Problem::not_found)
}
