use std::sync::Arc;

use comity_base::{OrgName, Timestamp};
use comity_policy::access::Authority;
use serde::{Deserialize, Serialize};

/// Reads the time; the binary gives the system's, tests give their own.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// Who does something, for which organisation, and why. Nothing runs without one.
#[derive(Clone)]
pub struct Ctx {
    /// The person or program, by account name.
    pub actor: String,
    /// What they act with.
    pub authority: Arc<Authority>,
    /// The organisation whose node this is.
    pub organisation: OrgName,
    /// Why.
    pub purpose: Purpose,
    /// The case it is for, as the organisation numbers them.
    pub case: Option<String>,
    /// Why, in words, where the purpose alone does not say it.
    pub reason: Option<String>,
    /// The clock.
    pub clock: Clock,
}

/// Why data is read or asked for; the list is closed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Purpose {
    /// Preventing crime and threats to public security.
    Prevention,
    /// Detecting or investigating a criminal offence.
    #[default]
    Investigation,
    /// Prosecuting before a court.
    Prosecution,
    /// Protecting victims and systems.
    Protection,
    /// Answering a data subject or supervising the processing.
    DataProtection,
}

impl Ctx {
    /// Whoever acts, as the law of acts that target persons names them.
    pub(crate) fn law_person(&self) -> comity_law::Person {
        comity_law::Person::new(self.organisation.clone(), self.actor.clone())
    }

    /// The time now.
    pub fn now(&self) -> Timestamp {
        (self.clock)()
    }
}

impl Purpose {
    /// Every purpose.
    pub const ALL: &[Self] =
        &[Self::Prevention, Self::Investigation, Self::Prosecution, Self::Protection, Self::DataProtection];

    /// The name in labels, on the command line and in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Prevention => "prevention",
            Self::Investigation => "investigation",
            Self::Prosecution => "prosecution",
            Self::Protection => "protection",
            Self::DataProtection => "data-protection",
        }
    }
}
