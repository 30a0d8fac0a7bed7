use std::sync::Arc;

use comity_base::Timestamp;
use comity_store::{Store, StoreError};
use serde_json::json;

use super::{Opening, RightsEvent, RightsRequest, RightsTerms, Stage};
use crate::{Act, Authority, Ctx, Deed, Node, NodeError, Purpose};

/// The desk that answers people about their own data, with its own store.
pub struct RightsDesk<'n> {
    pub(super) node: &'n Node,
    store: Arc<dyn Store>,
    pub(super) terms: RightsTerms,
}

/// How many requests wait.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Waiting {
    /// Not decided yet.
    pub open: usize,
    /// Past their day.
    pub overdue: usize,
    /// For owners whose time to answer is over.
    pub silent: usize,
}

impl Node {
    /// The desk, over the store that keeps its requests and nothing else.
    pub fn rights_desk(&self, store: Arc<dyn Store>, terms: RightsTerms) -> RightsDesk<'_> {
        RightsDesk { node: self, store, terms }
    }
}

impl RightsDesk<'_> {
    /// Enters a request that has come.
    ///
    /// # Errors
    /// When whoever asks is not of the desk, name or contact is missing, or the store fails.
    pub fn open(&self, ctx: &Ctx, opening: &Opening) -> Result<RightsRequest, NodeError> {
        self.may(ctx)?;
        let person = &opening.person;
        if person.name.trim().is_empty() || person.contact.trim().is_empty() {
            return Err(refused("a request needs a name, and where the answer goes"));
        }
        let number = self.next_number(ctx)?;
        let request = RightsRequest {
            number,
            kind: opening.kind,
            person: person.clone(),
            received: opening.received.unwrap_or_else(|| ctx.now()),
            stage: Stage::Received,
            admitted: None,
            due: None,
            found: Vec::new(),
            consulted: Vec::new(),
            outcome: None,
            told: false,
            decided: None,
            events: vec![event(ctx, "received")],
        };
        self.tell(ctx, "request received", &request.number)?;
        self.keep(&request, None)?;
        Ok(request)
    }

    /// Finds a request admissible: its clock runs from now.
    ///
    /// # Errors
    /// When it is past that, or the store fails.
    pub fn admit(&self, ctx: &Ctx, number: &str) -> Result<RightsRequest, NodeError> {
        let terms = self.terms.clone();
        self.change(ctx, number, "request admitted", |request| {
            must_wait(request)?;
            let now = ctx.now();
            (request.stage, request.admitted) = (Stage::Admitted, Some(now));
            request.due = Some(terms.due(request.kind, now));
            Ok("admitted: it is certain who asks".to_owned())
        })
    }

    /// Finds a request not admissible, and says why.
    ///
    /// # Errors
    /// When it is decided already, no reason is given, or the store fails.
    pub fn refuse(&self, ctx: &Ctx, number: &str) -> Result<RightsRequest, NodeError> {
        let why = ctx.reason.as_deref().unwrap_or_default().trim().to_owned();
        if why.is_empty() {
            return Err(refused("refusing a request needs a reason: --why"));
        }
        self.change(ctx, number, "request refused", |request| {
            must_wait(request)?;
            request.stage = Stage::Refused;
            Ok(format!("not admissible: {why}"))
        })
    }

    /// The requests, those with the nearest end first; the ended ones too when `all`.
    ///
    /// # Errors
    /// When whoever asks is not of the desk, or the store fails.
    pub fn requests(&self, ctx: &Ctx, all: bool) -> Result<Vec<RightsRequest>, NodeError> {
        self.may(ctx)?;
        self.node.record(&plain(ctx), Deed::query("rights desk, requests", json!({})))?;
        let mut requests = self.every()?;
        requests.retain(|request| all || request.is_open());
        requests.sort_by_key(|request| (request.due.unwrap_or(request.received), request.received));
        Ok(requests)
    }

    /// One request.
    ///
    /// # Errors
    /// When there is none of this number.
    pub fn request(&self, ctx: &Ctx, number: &str) -> Result<RightsRequest, NodeError> {
        self.may(ctx)?;
        self.node.record(&plain(ctx), Deed::query("rights desk, request", json!({"request": number})))?;
        Ok(self.read(number)?.1)
    }

    /// How many requests wait: numbers only, for whoever runs the machine.
    ///
    /// # Errors
    /// When the store fails.
    pub fn waiting(&self, now: Timestamp) -> Result<Waiting, NodeError> {
        let open: Vec<_> = self.every()?.into_iter().filter(RightsRequest::is_open).collect();
        let overdue = open.iter().filter(|request| request.is_overdue(now)).count();
        let silent = open.iter().filter(|request| request.is_silent(now)).count();
        Ok(Waiting { open: open.len(), overdue, silent })
    }

    pub(super) fn may(&self, ctx: &Ctx) -> Result<(), NodeError> {
        self.node.may(ctx, Act::Rights, json!({}))
    }

    /// Changes a request, and puts on record that it was; what is done is told here only. An error leaves it as it is.
    pub(super) fn change(
        &self,
        ctx: &Ctx,
        number: &str,
        what: &str,
        change: impl FnOnce(&mut RightsRequest) -> Result<String, NodeError>,
    ) -> Result<RightsRequest, NodeError> {
        self.may(ctx)?;
        self.change_as(ctx, number, what, change)
    }

    /// The same, where it was asked before whether it may be done.
    pub(super) fn change_as(
        &self,
        ctx: &Ctx,
        number: &str,
        what: &str,
        change: impl FnOnce(&mut RightsRequest) -> Result<String, NodeError>,
    ) -> Result<RightsRequest, NodeError> {
        let (version, mut request) = self.read(number)?;
        let said = change(&mut request)?;
        request.events.push(event(ctx, &said));
        self.tell(ctx, what, number)?;
        self.keep(&request, Some(version))?;
        Ok(request)
    }

    /// The ledger is told that something was done for a request, and of whom not.
    pub(super) fn tell(&self, ctx: &Ctx, what: &str, number: &str) -> Result<(), NodeError> {
        self.node.record(&plain(ctx), Deed::decision(&format!("rights desk, {what}"), json!({"request": number})))
    }

    pub(super) fn every(&self) -> Result<Vec<RightsRequest>, NodeError> {
        let rows = self.store.values(REQUEST)?;
        rows.iter().map(|(key, sealed)| self.unseal(key, sealed)).collect()
    }

    pub(super) fn read(&self, number: &str) -> Result<(u64, RightsRequest), NodeError> {
        let key = format!("{REQUEST}{number}");
        let Some((version, sealed)) = self.store.value(&key)? else {
            return Err(NodeError::UnknownObject(format!("a request of number {number}")));
        };
        Ok((version, self.unseal(&key, &sealed)?))
    }

    fn keep(&self, request: &RightsRequest, version: Option<u64>) -> Result<(), NodeError> {
        let key = format!("{REQUEST}{}", request.number);
        let text = serde_json::to_vec(request).map_err(NodeError::setting(&key))?;
        let sealed = self.node.rights_key.seal(&[key.as_bytes()], &text);
        match self.store.put(&key, version, &sealed) {
            Ok(_) => Ok(()),
            Err(StoreError::Changed(_)) => {
                Err(refused("somebody else has changed this request at the same moment; look at it again"))
            }
            Err(error) => Err(error.into()),
        }
    }

    fn unseal(&self, key: &str, sealed: &[u8]) -> Result<RightsRequest, NodeError> {
        let damaged = |reason: &str| NodeError::Setting { key: key.to_owned(), reason: reason.to_owned() };
        let text = self.node.rights_key.open(&[key.as_bytes()], sealed);
        let text = text.ok_or_else(|| damaged("it was not sealed with this node's key"))?;
        serde_json::from_slice(&text).map_err(NodeError::setting(key))
    }

    /// The next free number of this year. One is lost where somebody is cut off after this.
    fn next_number(&self, ctx: &Ctx) -> Result<String, NodeError> {
        let year = ctx.now().to_string().get(..4).unwrap_or_default().to_owned();
        let key = format!("count/{year}");
        loop {
            let known = self.store.value(&key)?;
            let last = known.as_ref().and_then(|(_, text)| std::str::from_utf8(text).ok()?.parse::<u64>().ok());
            let next = last.unwrap_or_default() + 1;
            match self.store.put(&key, known.map(|(version, _)| version), next.to_string().as_bytes()) {
                Ok(_) => return Ok(format!("{year}-{next}")),
                Err(StoreError::Changed(_)) => {}
                Err(error) => return Err(error.into()),
            }
        }
    }
}

/// A request of which nobody has said yet whether it is admissible.
fn must_wait(request: &RightsRequest) -> Result<(), NodeError> {
    match request.stage {
        Stage::Received => Ok(()),
        stage => Err(refused(&format!("request {} is {} already", request.number, stage.name()))),
    }
}

/// As somebody of the desk, without what they wrote about the case: that stays at the desk.
fn plain(ctx: &Ctx) -> Ctx {
    Ctx { purpose: Purpose::DataProtection, case: None, reason: None, ..ctx.clone() }
}

/// As the node: what happens in the log does not say for whom.
pub(super) fn as_node(ctx: &Ctx) -> Ctx {
    plain(ctx).acting_as(ctx.organisation.as_str(), Authority::node())
}

pub(super) fn event(ctx: &Ctx, what: &str) -> RightsEvent {
    RightsEvent { at: ctx.now(), by: ctx.actor.clone(), what: what.to_owned() }
}

pub(super) fn refused(text: &str) -> NodeError {
    NodeError::Refused(text.to_owned())
}

const REQUEST: &str = "request/";
