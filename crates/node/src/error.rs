use comity_base::OrgName;
use comity_store::StoreError;

/// A use case failed. The text says what happened, what was kept, and what to do.
#[derive(Debug, thiserror::Error)]
pub enum NodeError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A derived index failed.
    #[error("a derived index failed: {0}; nothing stored is lost, the index is rebuilt at the next start")]
    Index(#[from] comity_index::IndexError),
    /// Reading or writing a file failed.
    #[error("{doing}: {source}")]
    Io {
        /// What was attempted.
        doing: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// This process has not indexed yet what was there before it began.
    #[error(
        "this process is still reading the log: it has reached position {position} of {goal}; ask again in a moment"
    )]
    Behind {
        /// How far it is.
        position: comity_base::Position,
        /// From where on it answers.
        goal: comity_base::Position,
    },
    /// A setting does not read back.
    #[error("the setting {key} is damaged: {reason}")]
    Setting {
        /// Its key.
        key: String,
        /// Why.
        reason: String,
    },
    /// The organisation is not known to this node.
    #[error(
        "{0} is not known to this node; bring something in with `comity ingest --as {0}`, or name its country with `comity source {0} --country CC`"
    )]
    UnknownOrganisation(OrgName),
    /// The organisation is not connected.
    #[error("{0} is not a peer of this node; invite it with `comity peer invite`")]
    UnknownPeer(OrgName),
    /// No agreement in force lets anything flow this way.
    #[error(
        "no agreement in force with {0} lets anything flow this way; `comity agreement list` says where they stand"
    )]
    NoAgreement(OrgName),
    /// A query is not answered now.
    #[error(transparent)]
    NotAnswered(#[from] crate::exchange::NotAnswered),
    /// The rules that decide cannot be asked.
    #[error(transparent)]
    Policy(#[from] comity_policy::PolicyError),
    /// The law of acts that target persons does not allow it.
    #[error("{0}")]
    NotLawful(comity_law::Reason),
    /// More happened to a notice or a message than whoever acts had seen.
    #[error("somebody changed it since you looked at it; nothing was done. Look at it again")]
    ChangedSince,
    /// A text targets a person, or may: reviewers look at it before it is sent.
    #[error(
        "a legal reviewer looks at the text before it leaves, because it asks or tells something about a person, or because abuse \
         by this organisation was upheld; nothing was sent. It waits under {}; `comity gate show` says what was found in it and what \
         it lacks",
        numbers(.0)
    )]
    UnderReview(Vec<crate::gate::GateNo>),
    /// What another node sent cannot be taken.
    #[error(transparent)]
    Unacceptable(#[from] crate::exchange::Unacceptable),
    /// The ledger does not read back.
    #[error("the ledger: {0}")]
    Ledger(String),
    /// The ledger is not what was signed for.
    #[error(transparent)]
    Trouble(#[from] crate::ledger::LedgerTrouble),
    /// Whoever asks may not do this.
    #[error("{0} Nothing was done, and the refusal is on record.")]
    Denied(#[from] comity_policy::access::Denied),
    /// An account asked for more than it may within an hour.
    #[error(
        "this account may ask for {most} values within an hour, and would have asked for more; nothing was answered. It goes \
         on in {seconds} s, or whoever runs the node allows more (`[budget]`)"
    )]
    OverBudget {
        /// Values and objects.
        most: u64,
        /// Until the next hour begins.
        seconds: u64,
    },
    /// Somebody could not log in.
    #[error(transparent)]
    Login(#[from] crate::people::LoginError),
    /// There is no such object.
    #[error("nothing is known about {0}")]
    UnknownObject(String),
    /// Somebody else said what a hit is while this was being decided.
    #[error("{by} was first: the hit {key} is {state} since {at}; nothing was changed. Look at it again")]
    DecidedBefore {
        /// The hit.
        key: crate::hits::HitKey,
        /// Where it stands now.
        state: &'static str,
        /// Who said so.
        by: String,
        /// When.
        at: comity_base::Timestamp,
    },
    /// There is no such rejected item.
    #[error("batch {0} set nothing aside under number {1}; list what it did with `comity batches --rejected`")]
    UnknownRejected(comity_store::BatchId, u64),
    /// The request contradicts itself or the data.
    #[error("{0}")]
    Refused(String),
    /// A stage of intake died; nothing of its batch is visible.
    #[error(
        "a stage of the intake stopped unexpectedly; nothing of this batch was kept. Please report this with the file that caused it"
    )]
    Stage,
}

fn numbers(all: &[crate::gate::GateNo]) -> String {
    all.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

impl NodeError {
    pub(crate) fn io(doing: impl Into<String>) -> impl FnOnce(std::io::Error) -> Self {
        let doing = doing.into();
        move |source| Self::Io { doing, source }
    }

    pub(crate) fn setting(key: &str) -> impl FnOnce(serde_json::Error) -> Self {
        let key = key.to_owned();
        move |error| Self::Setting { key, reason: error.to_string() }
    }
}
