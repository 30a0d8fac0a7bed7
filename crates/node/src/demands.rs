use serde_json::{Value, json};

use crate::{Ctx, Deed, Node, NodeError, Purpose};
use comity_ledger::EntryKind;

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
    /// What is missing, as the end of a sentence; none when nothing is.
    fn missing(&self, ctx: &Ctx) -> Option<&'static str> {
        let is_blank = |text: &Option<String>| text.as_deref().unwrap_or_default().trim().is_empty();
        if self.case.contains(&ctx.purpose) && is_blank(&ctx.case) {
            return Some("needs the number of a case: --case");
        }
        (self.reason.contains(&ctx.purpose) && is_blank(&ctx.reason)).then_some("needs a reason: --why")
    }
}

impl Node {
    /// Demands of each purpose what this organisation's rules say.
    #[must_use]
    pub fn with_demands(mut self, demands: Demands) -> Self {
        self.demands = demands;
        self
    }

    /// Whether this may be asked for this purpose, case and reason. What may not is on record too.
    ///
    /// # Errors
    /// [`NodeError::Refused`] when something is missing.
    pub(crate) fn may_ask(&self, ctx: &Ctx, what: &str, subject: Value) -> Result<(), NodeError> {
        let Some(missing) = self.demands.missing(ctx) else { return Ok(()) };
        let content = json!({"asked": what, "refused": missing});
        self.record(ctx, Deed::new(EntryKind::Refusal, subject, content))?;
        Err(NodeError::Refused(format!("the purpose {} {missing}; nothing was looked up", ctx.purpose.name())))
    }
}
