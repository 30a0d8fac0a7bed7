use cedar_policy::{Context, EntityUid, Request, RestrictedExpression};

use super::{Act, Roles};
use crate::PolicyError;
use crate::facts::{fact, uid, word};

fact! {
    /// Why something is asked, as the rules about people know it.
    pub Reasoned "Purpose" {
        /// Preventing crime and threats to public security.
        Prevention "prevention",
        /// Detecting or investigating a criminal offence.
        Investigation "investigation",
        /// Prosecuting before a court.
        Prosecution "prosecution",
        /// Protecting victims and systems.
        Protection "protection",
        /// Answering a data subject or supervising the processing.
        DataProtection "data-protection",
    }
}

/// Everything the rules about people decide by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "many questions, each answered yes or no")]
pub(super) struct Facts {
    pub(super) act: Act,
    pub(super) active: bool,
    pub(super) roles: Roles,
    pub(super) own: bool,
    pub(super) alone: bool,
    pub(super) by_key: bool,
    pub(super) in_scope: bool,
    pub(super) purpose: Reasoned,
    pub(super) case_missing: bool,
    pub(super) reason_missing: bool,
}

impl Facts {
    /// A number that differs when a fact does.
    pub(super) fn key(&self) -> u64 {
        let yes =
            [self.active, self.own, self.alone, self.by_key, self.in_scope, self.case_missing, self.reason_missing];
        let bits = yes.into_iter().fold(0, |key, yes| key << 1 | u64::from(yes));
        bits << 32
            | u64::from(self.act as u8) << 24
            | u64::from(self.purpose as u8) << 16
            | u64::from(self.roles.bits())
    }

    pub(super) fn request(&self) -> Result<Request, PolicyError> {
        let entity = |kind: &str, id: &str| -> Result<EntityUid, PolicyError> { uid(kind, id) };
        let action = entity("Action", self.act.name())?;
        Request::new(entity("Person", "person")?, action, entity("Node", "node")?, self.context()?, None)
            .map_err(PolicyError::unexpected)
    }

    fn context(&self) -> Result<Context, PolicyError> {
        let yes = |name: &str, yes| (name.to_owned(), RestrictedExpression::new_bool(yes));
        let roles = self.roles.iter().map(|role| word(("Role", role.name()))).collect::<Result<Vec<_>, _>>()?;
        let pairs = [
            yes("active", self.active),
            ("roles".to_owned(), RestrictedExpression::new_set(roles)),
            yes("own", self.own),
            yes("alone", self.alone),
            yes("by_key", self.by_key),
            yes("in_scope", self.in_scope),
            ("purpose".to_owned(), word((Reasoned::WORDS.0, self.purpose.name()))?),
            yes("case_missing", self.case_missing),
            yes("reason_missing", self.reason_missing),
        ];
        Context::from_pairs(pairs).map_err(PolicyError::unexpected)
    }
}
