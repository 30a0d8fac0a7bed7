use comity_crypto::sha256;
use comity_policy::{Policy, PolicyError};

use crate::{Node, NodeError};

/// The rules of this node's own law beside those of the program.
#[derive(Debug)]
pub(crate) struct OwnRules {
    policy: Policy,
    /// Names them: other rules may admit other labels.
    digest: [u8; 32],
}

impl Node {
    /// Adds the rules of this node's own law, in Cedar (`docs/policy.md`). They can only forbid; every process of the
    /// node must be given the same.
    ///
    /// # Errors
    /// When the rules do not read, or permit anything.
    pub fn with_rules(mut self, text: &str) -> Result<Self, NodeError> {
        let policy = Policy::shared()?.with_local(text)?;
        self.rules = Some(OwnRules { policy, digest: sha256(text.as_bytes()) });
        Ok(self)
    }

    /// The rules that decide here.
    pub(crate) fn policy(&self) -> Result<Policy, PolicyError> {
        self.rules.as_ref().map_or_else(Policy::shared, |own| Ok(own.policy.clone()))
    }

    /// What names the rules of this node's own law; nothing where there are none.
    pub(crate) fn rules_digest(&self) -> &[u8] {
        self.rules.as_ref().map_or(&[], |own| &own.digest)
    }
}
