use comity_base::{OrgName, Timestamp};
use comity_node::{Act, Ctx, Node, NodeError, Purpose};
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
    /// Where this page stands, for whoever opens it anew.
    pub(super) address: String,
    rail: Vec<Entry>,
    values: Values,
    organisation: OrgName,
    countries: Countries,
}

/// A page of the rail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) name: &'static str,
    pub(super) sign: &'static str,
    pub(super) to: &'static str,
    /// Whoever may do any of these is shown something there; none is needed where there is none.
    acts: &'static [Act],
}

/// The pages of the rail, in its order.
const RAIL: [Entry; 12] = [
    entry("situation", "situation", "/desk", &[]),
    entry("search", "identity", "/desk/search", &[Act::Search]),
    entry("notices", "bell", "/desk/notices", &[Act::Notices, Act::ReviewNotices]),
    entry("encounters", "flag", "/desk/search-hits", &[Act::Hits]),
    entry("gate", "mail", "/desk/gate", &[Act::ReviewNotices, Act::DecideHits]),
    entry("object", "object", "/desk/objects", &[Act::Show]),
    entry("screening", "screening", "/desk/screening", &[Act::Look]),
    entry("hits", "hits", "/desk/hits", &[Act::Hits]),
    entry("graph", "graph", "/desk/graph", &[Act::Show]),
    entry("intake", "intake", "/desk/intake", &[Act::Ingest, Act::Batches]),
    entry("network", "network", "/desk/network", &[Act::Peers]),
    // What they did themselves everybody may see.
    entry("ledger", "ledger", "/desk/ledger", &[]),
];

const fn entry(name: &'static str, sign: &'static str, to: &'static str, acts: &'static [Act]) -> Entry {
    Entry { name, sign, to, acts }
}

impl Entry {
    /// Those that the rights of whoever asks open, whatever they ask for at this moment.
    ///
    /// # Errors
    /// When the rules cannot be asked.
    pub(super) fn offered(node: &Node, ctx: &Ctx) -> Result<Vec<Self>, NodeError> {
        let some = || Some("any".to_owned());
        let asks: Vec<Ctx> = Purpose::ALL
            .iter()
            .map(|purpose| Ctx { purpose: *purpose, case: some(), reason: some(), ..ctx.clone() })
            .collect();
        let mut offered = Vec::new();
        for entry in RAIL {
            let mut is_open = entry.acts.is_empty();
            for (ctx, act) in asks.iter().flat_map(|ctx| entry.acts.iter().map(move |act| (ctx, *act))) {
                is_open = is_open || node.would_allow(ctx, act)?;
            }
            if is_open {
                offered.push(entry);
            }
        }
        Ok(offered)
    }
}

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
            address: person.address.clone(),
            rail: person.rail.clone(),
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

    /// The pages that the person may open.
    pub(super) fn rail(&self) -> &[Entry] {
        &self.rail
    }

    /// Whether a page of the rail is one of them.
    pub(super) fn offers(&self, name: &str) -> bool {
        self.rail.iter().any(|entry| entry.name == name)
    }

    /// This page in the language of a code.
    pub(super) fn in_language(&self, code: &str) -> String {
        let joined = if self.address.contains('?') { '&' } else { '?' };
        format!("{}{joined}lang={code}", self.address)
    }

    pub(super) fn purposes(&self) -> &'static [Purpose] {
        Purpose::ALL
    }
}
