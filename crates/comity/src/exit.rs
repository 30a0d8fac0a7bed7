use std::process::ExitCode;

use comity_node::NodeError;
use comity_store::StoreError;

use crate::desk::{NoTurn, Refused};
use crate::place::NoNode;

/// What the process tells its caller; documented in `docs/cli.md`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Code {
    /// Done.
    Done = 0,
    /// Failed; the message says what was kept.
    Failed = 1,
    /// What was typed cannot be done as it stands.
    Wrong = 2,
    /// There is no node where it was looked for.
    NoNode = 3,
    /// Done, but something was set aside or could not be read.
    Partly = 4,
    /// Another process holds the store, or the one that serves the node has no room now.
    Busy = 5,
    /// What was asked for is not known here.
    Unknown = 6,
    /// Whoever asked may not do that, or shows a key that counts for nothing.
    Denied = 7,
    /// Whoever read our output stopped reading.
    PipeClosed = 0x8d,
}

/// What was typed says something that cannot be: the message says what.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Wrong(pub(crate) String);

/// What was asked for is not known here: the message says what.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct NotHere(pub(crate) String);

/// What whoever typed a command shows who they are by counts for nothing.
#[derive(Debug, thiserror::Error)]
#[error("{0}; nothing was done")]
pub(crate) struct NotLetIn(pub(crate) &'static str);

impl Code {
    pub(crate) fn of(error: &anyhow::Error) -> Self {
        if error.downcast_ref::<Wrong>().is_some() {
            return Self::Wrong;
        }
        if error.downcast_ref::<NotHere>().is_some() {
            return Self::Unknown;
        }
        if error.downcast_ref::<NotLetIn>().is_some() {
            return Self::Denied;
        }
        if error.downcast_ref::<NoNode>().is_some() {
            return Self::NoNode;
        }
        if error.downcast_ref::<Refused>().is_some() || matches!(error.downcast_ref(), Some(NoTurn::Busy(_))) {
            return Self::Busy;
        }
        let pipe = |error: &std::io::Error| error.kind() == std::io::ErrorKind::BrokenPipe;
        if error.chain().any(|cause| cause.downcast_ref::<std::io::Error>().is_some_and(pipe)) {
            return Self::PipeClosed;
        }
        match error.downcast_ref::<NodeError>() {
            Some(NodeError::Store(StoreError::Busy { .. })) => Self::Busy,
            Some(NodeError::UnderReview(_)) => Self::Partly,
            Some(NodeError::Denied(_) | NodeError::OverBudget { .. } | NodeError::NotLawful(_)) => Self::Denied,
            Some(
                NodeError::UnknownObject(_)
                | NodeError::UnknownOrganisation(_)
                | NodeError::UnknownRejected(..)
                | NodeError::Store(StoreError::NoBatch(_)),
            ) => Self::Unknown,
            _ => match error.downcast_ref::<StoreError>() {
                Some(StoreError::Busy { .. }) => Self::Busy,
                _ => Self::Failed,
            },
        }
    }
}

impl From<Code> for ExitCode {
    fn from(code: Code) -> Self {
        Self::from(code as u8)
    }
}
