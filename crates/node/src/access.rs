use comity_ledger::EntryKind;
use comity_policy::access::{About, Access, Act, Asking, Authority, Denied, Reasoned};
use comity_stix::ObjectId;
use comity_store::LabelId;
use serde_json::{Value, json};

use crate::{Ctx, Deed, Node, NodeError, Purpose};

/// What a purpose demands of whoever asks under it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Demands {
    /// The purposes that need the number of a case.
    pub case: Vec<Purpose>,
    /// The purposes that need a reason in words.
    pub reason: Vec<Purpose>,
}

impl Default for Demands {
    /// Prosecuting is done in a case; who asks for data protection says for whom or why.
    fn default() -> Self {
        Self { case: vec![Purpose::Prosecution], reason: vec![Purpose::DataProtection] }
    }
}

impl Demands {
    /// Whether a case is missing, and a reason.
    fn missing(&self, ctx: &Ctx) -> (bool, bool) {
        let is_blank = |text: &Option<String>| text.as_deref().unwrap_or_default().trim().is_empty();
        (
            self.case.contains(&ctx.purpose) && is_blank(&ctx.case),
            self.reason.contains(&ctx.purpose) && is_blank(&ctx.reason),
        )
    }
}

impl Node {
    /// Demands of each purpose what this organisation's rules say.
    #[must_use]
    pub fn with_demands(mut self, demands: Demands) -> Self {
        self.demands = demands;
        self
    }

    /// Whether whoever asks may do this; the one place where that is decided. What may not be done is on record too.
    ///
    /// # Errors
    /// [`NodeError::Denied`], with the reasons; nothing was done then.
    pub fn may(&self, ctx: &Ctx, act: Act, subject: Value) -> Result<(), NodeError> {
        self.may_about(ctx, act, About::default(), subject)
    }

    /// Whether whoever asks may do this, for what is offered to them. It is not put on record: nothing was asked yet.
    ///
    /// # Errors
    /// When the rules cannot be asked.
    pub fn would_allow(&self, ctx: &Ctx, act: Act) -> Result<bool, NodeError> {
        Ok(self.allows(ctx, act, About::default())?.is_ok())
    }

    /// As [`Self::may`], of something that concerns an account.
    pub(crate) fn may_about(&self, ctx: &Ctx, act: Act, about: About, subject: Value) -> Result<(), NodeError> {
        let Err(denied) = self.allows(ctx, act, about)? else { return Ok(()) };
        let codes: Vec<&str> = denied.reasons.iter().map(|reason| reason.code.as_str()).collect();
        let content = json!({"asked": act.name(), "refused": codes});
        self.record(ctx, Deed::new(EntryKind::Refusal, subject, content))?;
        Err(denied.into())
    }

    fn allows(&self, ctx: &Ctx, act: Act, about: About) -> Result<Result<(), Denied>, NodeError> {
        let (case_missing, reason_missing) = self.demands.missing(ctx);
        let asking = Asking {
            account: &ctx.actor,
            authority: &ctx.authority,
            act,
            about,
            purpose: ctx.purpose.reasoned(),
            case_missing,
            reason_missing,
        };
        Ok(Access::shared()?.may(&asking))
    }

    /// Whether whoever asks may see any version of an object. Where not, it is as if it were not there.
    ///
    /// # Errors
    /// [`NodeError::UnknownObject`] when they may not.
    pub(crate) fn sees(&self, ctx: &Ctx, id: &ObjectId) -> Result<(), NodeError> {
        for row in self.store.versions(id)? {
            if self.meets(&ctx.authority, row.label)? && !self.is_hidden(id, &self.owner_of(row.label)?)? {
                return Ok(());
            }
        }
        Err(NodeError::UnknownObject(id.to_string()))
    }

    /// Whether somebody of this organisation may see objects of a label: has the clearance, unit and case it asks for.
    pub(crate) fn meets(&self, authority: &Authority, label: LabelId) -> Result<bool, NodeError> {
        Ok(authority.meets(&*self.labels.get(&*self.store, label)?))
    }
}

impl Purpose {
    /// The same as rules about people know it.
    const fn reasoned(self) -> Reasoned {
        match self {
            Self::Prevention => Reasoned::Prevention,
            Self::Investigation => Reasoned::Investigation,
            Self::Prosecution => Reasoned::Prosecution,
            Self::Protection => Reasoned::Protection,
            Self::DataProtection => Reasoned::DataProtection,
        }
    }
}
