use std::path::PathBuf;

use clap::{Args as ClapArgs, Subcommand, ValueEnum};
use comity_base::{OrgName, Timestamp};
use comity_crypto::PublicKey;
use comity_ledger::{EntryKind, Group, NoteVerifier};
use comity_node::log_number;
use comity_stix::ObjectId;

use super::day::{begin_of, end_of};

#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  comity audit --object indicator--0038b555-1d88-5216-8a3a-bb081b4c62ef
  comity audit --account mari --since 2026-11-01
  comity audit --to us-police --agreement x-comity-agreement--4554c1ef-5f69-49ae-ae60-313428ec8a37
  comity audit --account mari --statement mari.statement --withhold subject

Everything that is named must fit. A statement is signed and holds the proof that each entry stands in the
ledger; anyone can check it with `comity verify`, without this node.")]
pub(crate) struct AuditArgs {
    /// Who was given this object, saw it, or did something about it.
    #[arg(long, value_name = "ID")]
    pub(crate) object: Option<ObjectId>,
    /// What this account did.
    #[arg(long, value_name = "NAME")]
    pub(crate) account: Option<String>,
    /// What was given to this organisation, or came from it.
    #[arg(long, value_name = "ORG")]
    pub(crate) to: Option<OrgName>,
    /// Only what passed under this agreement.
    #[arg(long, value_name = "ID")]
    pub(crate) agreement: Option<String>,
    /// Only this kind of entry.
    #[arg(long, value_name = "KIND", value_parser = kind)]
    pub(crate) kind: Option<EntryKind>,
    /// Not before this day or moment.
    #[arg(long, value_name = "TIME", value_parser = begin_of)]
    pub(crate) since: Option<Timestamp>,
    /// Not after this day or moment.
    #[arg(long, value_name = "TIME", value_parser = end_of)]
    pub(crate) until: Option<Timestamp>,
    /// Most entries, the newest of them.
    #[arg(long, default_value_t = 100)]
    pub(crate) limit: usize,
    /// Shows what a supervisor should look at instead: very many values in an hour, one's own name, the same again and
    /// again without a case, protected persons.
    #[arg(long, conflicts_with_all = ["object", "to", "agreement", "kind", "statement", "sample"])]
    pub(crate) unusual: bool,
    /// Draws so many questions to review. The newest checkpoint draws them: nobody could know which they would be.
    #[arg(long, value_name = "NUMBER")]
    pub(crate) sample: Option<usize>,
    /// Writes a signed statement with proofs to this file.
    #[arg(long, value_name = "FILE")]
    pub(crate) statement: Option<PathBuf>,
    /// Keeps this part of every entry out of the statement; its proof holds all the same.
    #[arg(long, value_enum, value_name = "PART")]
    pub(crate) withhold: Vec<GroupArg>,
}

/// A part of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum GroupArg {
    /// Who or what it was about.
    Subject,
    /// Who did it.
    Actor,
    /// What was done, and why.
    Content,
}

impl From<GroupArg> for Group {
    fn from(arg: GroupArg) -> Self {
        match arg {
            GroupArg::Subject => Self::Subject,
            GroupArg::Actor => Self::Actor,
            GroupArg::Content => Self::Content,
        }
    }
}

#[derive(Debug, ClapArgs)]
pub(crate) struct LedgerArgs {
    #[command(subcommand)]
    pub(crate) action: LedgerAction,
}

#[derive(Debug, Subcommand)]
pub(crate) enum LedgerAction {
    /// Show this node's logs, their keys and their newest checkpoints, and whether they are what was signed for.
    Status,
    /// Write a copy of a log into a folder, as an auditor keeps it or a web server serves it (C2SP tlog-tiles). A copy
    /// that is there is brought up to date.
    Copy {
        /// The folder.
        folder: PathBuf,
        /// The log's year; otherwise the newest.
        #[arg(long, value_name = "YEAR", value_parser = log)]
        log: Option<u32>,
    },
    /// Fetch a copy of a peer's log, or bring one up to date, and check it. Whoever keeps one can prove what was in it.
    Mirror {
        /// The peer.
        peer: OrgName,
        /// The folder.
        folder: PathBuf,
        /// The log's year; otherwise the newest this node knows of.
        #[arg(long, value_name = "YEAR", value_parser = log)]
        log: Option<u32>,
    },
    /// Print a policy for whoever checks this node's ledger: its keys, and its witnesses.
    Policy,
    /// Say on record that entries were lost which had been signed for, and why (--why). Until then nothing is signed.
    Accept {
        /// The log: its year, or 2026.1 when it is the second of the year.
        #[arg(value_parser = log)]
        log: u32,
    },
    /// Write the proof that a log goes on from an earlier checkpoint.
    Growth {
        /// The earlier checkpoint.
        earlier: PathBuf,
        /// Where the proof goes.
        file: PathBuf,
    },
    /// Write the proof that one entry stands in its log.
    Prove {
        /// The entry, as `comity audit` shows it: 2026#17.
        entry: String,
        /// Where the proof goes.
        file: PathBuf,
    },
}

#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  comity verify ee-2026 --key ee.comity/access/2026+0123abcd+ATx...
  comity verify mari.statement --policy partners.policy
  comity verify report.json --signer 9f3c...                # a report of abuse (comity gate report)

The program comity-verify does the same and needs nothing else.")]
pub(crate) struct VerifyArgs {
    /// Copies of logs (folders), statements, proofs, growths, checkpoints, reports of abuse.
    #[arg(required = true)]
    pub(crate) paths: Vec<PathBuf>,
    /// A log's key: name+0123abcd+base64.
    #[arg(long, value_name = "KEY")]
    pub(crate) key: Vec<NoteVerifier>,
    /// A node's signing key, 64 hexadecimal digits: of whoever sent the message of a report.
    #[arg(long, value_name = "KEY")]
    pub(crate) signer: Vec<PublicKey>,
    /// Logs and witnesses that are believed (C2SP tlog-policy).
    #[arg(long, value_name = "FILE")]
    pub(crate) policy: Option<PathBuf>,
    /// A checkpoint kept from before: the log must go on from it.
    #[arg(long, value_name = "FILE")]
    pub(crate) earlier: Vec<PathBuf>,
    /// Compare the copies with each other: what one log says was sent, another must have taken.
    #[arg(long)]
    pub(crate) reconcile: bool,
}

fn log(text: &str) -> Result<u32, String> {
    log_number(text).ok_or_else(|| "expected a year, or like 2026.1 the second log of one".to_owned())
}

fn kind(text: &str) -> Result<EntryKind, String> {
    let known = EntryKind::ALL.iter().find(|kind| kind.name().replace(' ', "-") == text);
    known.copied().ok_or_else(|| {
        let names: Vec<_> = EntryKind::ALL.iter().map(|kind| kind.name().replace(' ', "-")).collect();
        format!("expected one of {}", names.join(", "))
    })
}
