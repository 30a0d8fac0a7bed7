use std::path::PathBuf;

use clap::{Args as ClapArgs, Subcommand, ValueEnum};
use comity_base::OrgName;
use comity_crypto::PublicKey;
use comity_node::{PeerKind, RecallReason};
use comity_stix::ObjectId;
use comity_tls::Pin;

#[derive(Debug, ClapArgs)]
pub(crate) struct PeerArgs {
    #[command(subcommand)]
    pub(crate) action: PeerAction,
}

#[derive(Debug, Subcommand)]
pub(crate) enum PeerAction {
    /// Make an invitation for another organisation's node: an address and a QR code, good once, for a while.
    Invite(InviteArgs),
    /// Accept an invitation: keys are exchanged, and both sides see the other's fingerprint.
    Accept {
        /// The invitation as it was received.
        invitation: String,
    },
    /// List the connected organisations.
    List,
    /// Make an organisation known that has no node, only tools which read or post here.
    Add(AddArgs),
    /// Make a secret for a tool of an organisation (Basic password, Bearer, Token, API key). Shown once.
    Token {
        /// The organisation.
        name: OrgName,
        /// What it is for: "splunk in the duty room".
        #[arg(long, default_value = "")]
        note: String,
        /// Days until it expires.
        #[arg(long, value_name = "DAYS")]
        days: Option<u32>,
    },
    /// List the secrets that were given out, without the secrets.
    Tokens,
    /// Take a secret back.
    Revoke {
        /// Its number, as `tokens` shows it.
        id: String,
    },
    /// Take new keys of a peer that has lost its old ones, as its people read them out: a way you trust, not the network.
    Introduce {
        /// The organisation.
        name: OrgName,
        /// Its TLS key, as `comity keys` shows it there: sha256/...
        #[arg(long)]
        pin: Pin,
        /// Its signing key as well, when that was lost too: 64 hexadecimal digits. What the old ones signed stays signed.
        #[arg(long)]
        key: Option<PublicKey>,
    },
    /// Stop every exchange with an organisation.
    Suspend {
        /// The organisation.
        name: OrgName,
    },
    /// Take the exchange up again.
    Resume {
        /// The organisation.
        name: OrgName,
    },
}

#[derive(Debug, ClapArgs)]
pub(crate) struct InviteArgs {
    /// Its full name.
    #[arg(long)]
    pub(crate) name: String,
    /// What it will be here.
    #[arg(long, value_enum)]
    pub(crate) kind: KindArg,
    /// Its short name, when it is not the full one in lower case: the name its node was made with.
    #[arg(long = "as", value_name = "ORG")]
    pub(crate) short: Option<OrgName>,
    /// Hours until it expires.
    #[arg(long, default_value_t = 72, value_name = "HOURS")]
    pub(crate) hours: u32,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct AddArgs {
    /// Its short name.
    pub(crate) short: OrgName,
    /// Its full name.
    #[arg(long)]
    pub(crate) name: String,
    /// What it is.
    #[arg(long, value_enum)]
    pub(crate) kind: KindArg,
    /// Its country: ISO 3166 alpha-2.
    #[arg(long, value_name = "CC", value_parser = super::country)]
    pub(crate) country: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum KindArg {
    /// A police bureau or a unit under it.
    Member,
    /// A vetted private organisation.
    Partner,
    /// A node that routes.
    Hub,
}

impl From<KindArg> for PeerKind {
    fn from(kind: KindArg) -> Self {
        match kind {
            KindArg::Member => Self::Member,
            KindArg::Partner => Self::Partner,
            KindArg::Hub => Self::Hub,
        }
    }
}

#[derive(Debug, ClapArgs)]
pub(crate) struct AgreementArgs {
    #[command(subcommand)]
    pub(crate) action: AgreementAction,
}

#[derive(Debug, Subcommand)]
pub(crate) enum AgreementAction {
    /// Write an agreement with a peer down (TOML, see examples/agreement.toml), sign it, and send it.
    Propose {
        /// The peer.
        peer: OrgName,
        /// The text.
        #[arg(long)]
        file: PathBuf,
    },
    /// Write a new version of an agreement; the old one counts until both have signed.
    Revise {
        /// The agreement, or the first digits of its number.
        id: String,
        /// The text.
        #[arg(long)]
        file: PathBuf,
    },
    /// Sign what the other party proposed.
    Sign {
        /// The agreement, or the first digits of its number.
        id: String,
        /// The other party has no node and signed on paper: say where that paper is.
        #[arg(long, value_name = "REFERENCE")]
        on_paper: Option<String>,
    },
    /// List the agreements and where they stand.
    List,
    /// Say in sentences what an agreement lets flow, and what a proposed version would change.
    Show {
        /// The agreement, or the first digits of its number.
        id: String,
    },
    /// Suspend an agreement at once, for this side alone.
    Suspend {
        /// The agreement, or the first digits of its number.
        id: String,
        /// Why.
        #[arg(long)]
        reason: String,
    },
    /// Lift this side's suspension.
    Lift {
        /// The agreement, or the first digits of its number.
        id: String,
    },
}

#[derive(Debug, ClapArgs)]
pub(crate) struct DeliveriesArgs {
    /// What was received here, instead of what was given.
    #[arg(long)]
    pub(crate) to_us: bool,
    /// Only this organisation.
    pub(crate) organisation: Option<OrgName>,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct DoctorArgs {}

#[derive(Debug, ClapArgs)]
pub(crate) struct RecallArgs {
    /// The object's STIX id.
    pub(crate) object: ObjectId,
    /// Why.
    #[arg(long, value_enum)]
    pub(crate) reason: ReasonArg,
    /// What takes its place: the `modified` of a version that is here already, or a file with the corrected object.
    #[arg(long, value_name = "VERSION|FILE")]
    pub(crate) replace_with: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ReasonArg {
    /// It was wrong.
    Incorrect,
    /// We do not stand by it any more.
    Withdrawn,
    /// A court, a supervisor or the law demands it: our own copy goes too.
    Legal,
}

impl From<ReasonArg> for RecallReason {
    fn from(reason: ReasonArg) -> Self {
        match reason {
            ReasonArg::Incorrect => Self::Incorrect,
            ReasonArg::Withdrawn => Self::Withdrawn,
            ReasonArg::Legal => Self::Legal,
        }
    }
}
