use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

macro_rules! roles {
    ($($(#[$doc:meta])* $variant:ident $name:literal,)*) => {
        /// What somebody is here.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Role {
            $($(#[$doc])* $variant,)*
        }

        impl Role {
            /// Every role.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// The name in rules, settings and JSON.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }
        }
    };
}

roles! {
    /// Asks, at a border or a desk.
    Officer "officer",
    /// Works on cases: brings in, relates, hands over.
    Analyst "analyst",
    /// Answers for the work of others and gives them their rights.
    Supervisor "supervisor",
    /// Reviews what may lawfully be done.
    LegalReviewer "legal-reviewer",
    /// Data protection officer: Directive (EU) 2016/680, Articles 32 to 34.
    DataProtectionOfficer "data-protection-officer",
    /// Answers people about their own data, apart from investigators: INTERPOL Rules on the Processing of Data, Article 18.
    RightsDesk "rights-desk",
    /// Checks who did what.
    Auditor "auditor",
    /// Runs the machine, and cannot read content.
    Operator "operator",
    /// A program with a key.
    Service "service",
    /// The node itself; no account has it.
    Node "node",
    /// Another organisation's node or tool; no account has it.
    Peer "peer",
}

impl Role {
    /// The roles that accounts of people can have.
    pub const OF_PEOPLE: &[Self] = &[
        Self::Officer,
        Self::Analyst,
        Self::Supervisor,
        Self::LegalReviewer,
        Self::DataProtectionOfficer,
        Self::RightsDesk,
        Self::Auditor,
        Self::Operator,
    ];
}

impl FromStr for Role {
    type Err = String;

    /// A role that an account can have.
    fn from_str(text: &str) -> Result<Self, String> {
        let open = || Self::OF_PEOPLE.iter().chain([&Self::Service]);
        let known = || open().map(|role| role.name()).collect::<Vec<_>>().join(", ");
        let role = open().find(|role| role.name() == text).copied();
        role.ok_or_else(|| format!("{text:?} is no role; there are {}", known()))
    }
}

/// A set of roles.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Roles(u16);

impl Roles {
    /// No role at all.
    pub const NONE: Self = Self(0);

    /// Whether this one is among them.
    pub const fn has(self, role: Role) -> bool {
        self.0 & 1 << role as u16 != 0
    }

    /// Whether there is none.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Those, in the order of [`Role::ALL`].
    pub fn iter(self) -> impl Iterator<Item = Role> {
        Role::ALL.iter().copied().filter(move |role| self.has(*role))
    }

    /// With one more.
    #[must_use]
    pub const fn with(self, role: Role) -> Self {
        Self(self.0 | 1 << role as u16)
    }

    /// Without one.
    #[must_use]
    pub const fn without(self, role: Role) -> Self {
        Self(self.0 & !(1 << role as u16))
    }

    pub(super) const fn bits(self) -> u16 {
        self.0
    }
}

impl FromIterator<Role> for Roles {
    fn from_iter<I: IntoIterator<Item = Role>>(roles: I) -> Self {
        roles.into_iter().fold(Self::NONE, Self::with)
    }
}

impl fmt::Display for Roles {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.iter().map(Role::name).collect::<Vec<_>>().join(", "))
    }
}

impl fmt::Debug for Roles {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Roles({self})")
    }
}

impl Serialize for Roles {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter().map(Role::name))
    }
}

impl<'de> Deserialize<'de> for Roles {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let names = Vec::<String>::deserialize(deserializer)?;
        // A role that this version does not know is refused: it might be one that forbids.
        names.iter().map(|name| name.parse::<Role>().map_err(serde::de::Error::custom)).collect()
    }
}
