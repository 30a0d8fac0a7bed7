use comity_base::{OrgName, Timestamp};
use comity_node::Purpose;
use comity_stix::value::Values;

use super::language::Words;
use super::parts::{Icon, Moment, Owner};
use super::person::Person;
use crate::desk::{Countries, Desk};

/// What stands around every page of the desk: the rail, the search box, why one asks, and who one is.
#[derive(Clone)]
pub(super) struct Shell {
    pub(super) words: Words,
    pub(super) bureau: String,
    /// The account.
    pub(super) account: String,
    /// Which page this is.
    pub(super) here: &'static str,
    /// What stands in the search box.
    pub(super) query: String,
    pub(super) purpose: Purpose,
    pub(super) case: String,
    pub(super) reason: String,
    pub(super) is_dense: bool,
    pub(super) now: Timestamp,
    values: Values,
    organisation: OrgName,
    countries: Countries,
}

/// The pages of the rail, in its order: name, sign, and address.
pub(super) const RAIL: [(&str, &str, &str); 12] = [
    ("situation", "situation", "/desk"),
    ("search", "identity", "/desk/search"),
    ("notices", "bell", "/desk/notices"),
    ("encounters", "flag", "/desk/search-hits"),
    ("gate", "mail", "/desk/gate"),
    ("object", "object", "/desk/objects"),
    ("screening", "screening", "/desk/screening"),
    ("hits", "hits", "/desk/hits"),
    ("graph", "graph", "/desk/graph"),
    ("intake", "intake", "/desk/intake"),
    ("network", "network", "/desk/network"),
    ("ledger", "ledger", "/desk/ledger"),
];

impl Shell {
    /// Around a page for somebody.
    pub(super) fn of(desk: &Desk, person: &Person, here: &'static str) -> Self {
        let ctx = &person.ctx;
        Self {
            words: person.words,
            bureau: desk.bureau(),
            account: ctx.actor.clone(),
            here,
            query: String::new(),
            purpose: ctx.purpose,
            case: ctx.case.clone().unwrap_or_default(),
            reason: ctx.reason.clone().unwrap_or_default(),
            is_dense: person.is_dense,
            now: ctx.now(),
            values: desk.values(),
            organisation: desk.site().organisation().clone(),
            countries: desk.countries(),
        }
    }

    /// With what was searched for in the search box.
    pub(super) fn searching(self, query: &str) -> Self {
        Self { query: query.to_owned(), ..self }
    }

    pub(super) fn icon(&self, name: &'static str) -> Icon {
        Icon(name)
    }

    /// The country of an organisation, where it is known.
    pub(super) fn country(&self, name: &OrgName) -> Option<String> {
        (self.countries)(name)
    }

    /// Whose node this is.
    pub(super) fn organisation(&self) -> &OrgName {
        &self.organisation
    }

    /// Where this organisation sits.
    pub(super) fn own_country(&self) -> Option<String> {
        self.country(&self.organisation)
    }

    /// Reads values as this node does.
    pub(super) fn values(&self) -> &Values {
        &self.values
    }

    pub(super) fn owner(&self, name: &OrgName) -> Owner {
        Owner::new(name.clone(), self.country(name).as_deref(), self.words)
    }

    pub(super) fn when(&self, at: Timestamp) -> Moment {
        Moment::new(at, self.now, self.words)
    }

    pub(super) fn rail(&self) -> [(&'static str, &'static str, &'static str); 12] {
        RAIL
    }

    pub(super) fn purposes(&self) -> &'static [Purpose] {
        Purpose::ALL
    }
}
