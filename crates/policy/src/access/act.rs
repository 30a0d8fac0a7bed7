use serde::{Deserialize, Serialize};

macro_rules! acts {
    ($($(#[$doc:meta])* $variant:ident $name:literal,)*) => {
        /// What somebody wants to do here; the list is closed. The groups stand in `access/facts.cedarschema`.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum Act {
            $($(#[$doc])* #[serde(rename = $name)] $variant,)*
        }

        impl Act {
            /// Every act.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// The name in rules, scopes and JSON.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }
        }
    };
}

acts! {
    /// Ask who knows a value.
    Look "look",
    /// Read an object.
    Show "show",
    /// Ask whether a person or a document is looked for.
    Search "search",
    /// See which cases meet.
    Hits "hits",
    /// Say what a hit is, and ask its owner.
    DecideHits "decide-hits",
    /// Write notices, submit them, answer reviewers, withdraw them.
    Notices "notices",
    /// Review notices, and messages that target a person: publish, refuse, suspend, cancel.
    ReviewNotices "review-notices",
    /// See what came in, and what was set aside.
    Batches "batches",
    /// Bring something in.
    Ingest "ingest",
    /// Say that two objects are the same.
    SameAs "same-as",
    /// Bring in warning lists.
    Lists "lists",
    /// Keep queries as collections.
    Collections "collections",
    /// Take back a batch.
    Undo "undo",
    /// Say how a source's data is labelled.
    Sources "sources",
    /// Say which feeds are followed, and see how they do.
    Follows "follows",
    /// Hand something over by hand.
    Export "export",
    /// Take back what was released.
    Recall "recall",
    /// See who may see something.
    Audience "audience",
    /// See what was delivered.
    Deliveries "deliveries",
    /// See agreements.
    Agreements "agreements",
    /// See peers.
    Peers "peers",
    /// Propose an agreement.
    Propose "propose",
    /// Sign an agreement.
    Sign "sign",
    /// Suspend an agreement, or lift that.
    Suspend "suspend",
    /// Connect another organisation, or stop that.
    Invite "invite",
    /// Give keys to tools of other organisations.
    Tools "tools",
    /// See who did what.
    Audit "audit",
    /// Sign what the ledger says, for others.
    Statement "statement",
    /// See what will end.
    RetentionPlan "retention-plan",
    /// End what is due.
    RetentionRun "retention-run",
    /// Keep something for a court, or end that.
    Hold "hold",
    /// Answer people about their own data: find it, hide it, decide.
    Rights "rights",
    /// Run the machine: serve, check, back up. Whoever opens the node's keys needs no act for what is done to files.
    Operate "operate",
    /// See how the ledger stands, without what its entries say.
    Ledger "ledger",
    /// See accounts.
    Accounts "accounts",
    /// Add accounts, suspend them, give them a new way to log in.
    AccountChange "account-change",
    /// Give roles, clearance, units and cases, or take them.
    Grant "grant",
    /// Make an API key.
    Keys "keys",
}

impl std::str::FromStr for Act {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let known = || Self::ALL.iter().map(|act| act.name()).collect::<Vec<_>>().join(", ");
        let act = Self::ALL.iter().find(|act| act.name() == text).copied();
        act.ok_or_else(|| format!("{text:?} is nothing that can be done here; there are {}", known()))
    }
}
