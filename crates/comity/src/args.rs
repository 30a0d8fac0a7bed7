mod account;
mod collection;
mod day;
mod exchange;
mod follow;
mod gate;
mod hits;
mod judgement;
mod ledger;
mod notice;
mod retention;
mod rights;
mod search;

use std::path::PathBuf;

use clap::{Args as ClapArgs, Parser, Subcommand, ValueEnum};
use comity_base::{OrgName, Position, Timestamp};
use comity_node::AsOf;
use comity_stix::ObjectId;
use comity_stix::label::Need;
use comity_stix::value::issuing_state;

pub(crate) use account::{AccountAction, AccountArgs, LoginArgs, RightsArgs};
pub(crate) use collection::{CollectionAction, CollectionArgs, SaveArgs};
pub(crate) use exchange::{
    AddArgs, AgreementAction, AgreementArgs, DeliveriesArgs, DoctorArgs, InviteArgs, KindArg, PeerAction, PeerArgs,
    RecallArgs,
};
pub(crate) use follow::{AccessArgs, FollowAction, FollowAddArgs, FollowArgs, FollowPushArgs};
pub(crate) use gate::{GateAction, GateArgs, GateFactsArgs, GateReportArgs};
pub(crate) use hits::{HitAction, HitArgs, HitOf, HitsArgs, QuestionsArgs};
pub(crate) use ledger::{AuditArgs, GroupArg, LedgerAction, LedgerArgs, VerifyArgs};
pub(crate) use notice::{NoticeAction, NoticeAmendArgs, NoticeArgs, NoticeEditArgs, NoticeReviewArgs};
pub(crate) use retention::{RetentionAction, RetentionArgs};
pub(crate) use rights::{RightsAction, RightsDeskArgs};
pub(crate) use search::{Cell, ScreenArgs, SearchArgs, sex};

const EXAMPLES: &str = "\
Examples:
  comity init ee --country EE --name \"Estonian cyber unit\"
  cd ee
  comity ingest --as ee-police ../case-2041.misp.json
  comity hits
  comity look 185.220.101.4 evil[.]example 44d88612fea8a8f36de82e1278abb02f
  comity demo

Exit codes: 0 done, 1 failed, 2 wrong command line, 3 no node here, 4 done but something was set
aside, 5 another process is writing, 6 not known here, 7 not allowed.";

/// Find the case that someone else holds too.
///
/// Every police bureau, lab and hub runs its own node and keeps its own data. This command works on
/// one node's folder.
#[derive(Debug, Parser)]
#[command(name = "comity", version, after_help = EXAMPLES, disable_help_subcommand = true)]
pub(crate) struct Args {
    /// The node's folder. Otherwise COMITY_DATA, otherwise the current folder.
    #[arg(long, global = true, value_name = "DIR", env = "COMITY_DATA")]
    pub(crate) data: Option<PathBuf>,
    /// Where the log is kept, instead of what comity.toml says: `embedded`, or an address like
    /// postgres://user@host/database?schema=ee.
    #[arg(long, global = true, value_name = "ADDRESS")]
    pub(crate) store: Option<String>,
    /// Print JSON Lines: one record a line, in a stable form (docs/cli.md).
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// Why you are asking; labels may limit what data may be used for.
    #[arg(long, global = true, value_enum, default_value = "investigation")]
    pub(crate) purpose: PurposeArg,
    /// The case it is for, as your organisation numbers them. It goes on record.
    #[arg(long, global = true, value_name = "NUMBER")]
    pub(crate) case: Option<String>,
    /// Why, in your words. It goes on record.
    #[arg(long, global = true, value_name = "TEXT")]
    pub(crate) why: Option<String>,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Make a new node: a folder with configuration, keys and an embedded store.
    Init(InitArgs),
    /// Take files, folders or standard input in, as one batch that can be undone.
    Ingest(IngestArgs),
    /// Show links between different owners, best first, with their reasons.
    Hits(HitsArgs),
    /// Show one hit of the queue with all that was said of it; say what it is, or ask its owner.
    Hit(HitArgs),
    /// Show what owners of hits were asked, and what others ask here; answer.
    Questions(QuestionsArgs),
    /// Ask who knows these values.
    Look(LookArgs),
    /// Ask whether a person or a document is looked for, in any script.
    Search(SearchArgs),
    /// Write, review and end notices and diffusions: who is wanted, missing, warned of.
    Notice(NoticeArgs),
    /// Review messages that target a person before they are sent; report those that came.
    Gate(GateArgs),
    /// Ask for everybody on a list: passengers, crew, customers. Writes a table of those something is known of.
    Screen(ScreenArgs),
    /// Show an object with its versions.
    Show(ShowArgs),
    /// List what came in, newest first.
    Batches(BatchesArgs),
    /// Take back everything one batch brought in. An undo can be undone too.
    Undo(UndoArgs),
    /// Take in an item that was set aside, as it was kept or repaired.
    Retry(RetryArgs),
    /// Write what one organisation may see.
    Export(ExportArgs),
    /// Say who may see an object and why, before it is shared and after; or what one organisation may see.
    Audience(AudienceArgs),
    /// Connect with other organisations.
    Peer(PeerArgs),
    /// Write, sign, and suspend agreements.
    Agreement(AgreementArgs),
    /// Show what was given to whom, what was acknowledged, recalled, and is overdue.
    Deliveries(DeliveriesArgs),
    /// Play each kind of client against this node while it serves, and say what fails.
    Doctor(DoctorArgs),
    /// Take an object back from everyone who was given it.
    Recall(RecallArgs),
    /// Save queries that others' tools, and your own, read as collections.
    Collection(CollectionArgs),
    /// Follow TAXII and MISP servers, or push to one.
    Follow(FollowArgs),
    /// Show the organisations known here, or set what is known about one.
    Source(SourceArgs),
    /// State that two objects are about the same thing. Nothing is merged; undo takes it back.
    SameAs(SameAsArgs),
    /// Manage lists of values that say little: public resolvers, top sites.
    Warninglists(WarninglistsArgs),
    /// Say from the ledger who saw an object, what an account did, what was given to whom; and prove it.
    Audit(AuditArgs),
    /// Show this node's ledger, copy it, prove that it only grows.
    Ledger(LedgerArgs),
    /// Show and erase what must be gone by now, and hold what must not.
    Retention(RetentionArgs),
    /// Answer people about their own data: access, correction, deletion.
    Rights(RightsDeskArgs),
    /// Check what a ledger shows: a copy, a statement, a proof. Needs no node and no network.
    Verify(VerifyArgs),
    /// Show and manage the accounts of this organisation's people and programs, and their API keys.
    Account(AccountArgs),
    /// Log in, in this terminal.
    Login(LoginArgs),
    /// Set up how an account logs in, with the code an operator made for it.
    Enrol(LoginArgs),
    /// End this terminal's session.
    Logout,
    /// Say as whom commands act here.
    Whoami,
    /// Check the store, or build everything derived from it anew.
    Check(CheckArgs),
    /// Write everything of this node into one sealed file, while it goes on.
    Backup(BackupArgs),
    /// Make a node from a backup, or see whether it would be whole.
    Restore(RestoreArgs),
    /// Keep this node up to date and do the work it has by itself, until stopped. Any number of processes may
    /// serve one store in PostgreSQL.
    Serve(ServeArgs),
    /// Move the store into another engine, or check it.
    Store(StoreArgs),
    /// Show this node's public key and TLS pin, or change its keys.
    Keys(KeysArgs),
    /// Run the whole story on the example files: what came in, what is linked, why, who may see it.
    Demo(DemoArgs),
    /// Read a PDF document from standard input: the program calls itself by this.
    #[command(hide = true, name = crate::pdf::NAME)]
    ReadPdf,
    /// Print shell completions.
    Completions {
        /// The shell.
        shell: clap_complete::Shell,
    },
}

#[derive(Debug, ClapArgs)]
pub(crate) struct InitArgs {
    /// The folder to make; its last part is the organisation's short name.
    pub(crate) folder: PathBuf,
    /// The country whose law applies: ISO 3166 alpha-2, like EE.
    #[arg(long, value_name = "CC", value_parser = country)]
    pub(crate) country: String,
    /// The organisation's full name.
    #[arg(long)]
    pub(crate) name: String,
    /// What it is in the network.
    #[arg(long, value_enum, default_value = "member")]
    pub(crate) kind: KindArg,
}

/// The two letters of a country, in capitals.
fn country(text: &str) -> Result<String, String> {
    let code = text.trim().to_ascii_uppercase();
    let is_one = code.len() == 2 && issuing_state(&code).is_some();
    if is_one { Ok(code) } else { Err(format!("{text:?} is no country; use a code of ISO 3166 like EE")) }
}

#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  comity ingest --as lab-north enterprise-attack.json feeds/ report.pdf iocs.csv.gz
  comity ingest --as us-bank transfers.csv --column account=iban --column 3=phone --tlp amber
  zcat feed.json.gz | comity ingest --as lab-north -

The format is recognised by content: STIX 2.1 and 2.0, MISP events and feeds, CSV and TSV, plain lists,
report text (txt, md, html, pdf); gz, zst and zip are unpacked. Label options are remembered for the source.")]
pub(crate) struct IngestArgs {
    /// Whose data it is: the source's short name, like ee-police.
    #[arg(long = "as", value_name = "ORG")]
    pub(crate) source: OrgName,
    /// Files, folders, or `-` for standard input.
    #[arg(required = true)]
    pub(crate) inputs: Vec<PathBuf>,
    /// What a column holds: NAME=KIND or NUMBER=KIND, KIND `ignore` leaves it out.
    #[arg(long = "column", value_name = "COLUMN=KIND")]
    pub(crate) columns: Vec<String>,
    /// Set aside objects that break a MUST of the specification, instead of warning.
    #[arg(long)]
    pub(crate) strict: bool,
    #[command(flatten)]
    pub(crate) label: LabelArgs,
}

/// The label that a source's objects get before their own markings are read.
#[derive(Debug, Default, ClapArgs)]
pub(crate) struct LabelArgs {
    /// The source's country: ISO 3166 alpha-2.
    #[arg(long, value_name = "CC", value_parser = country)]
    pub(crate) country: Option<String>,
    /// A group the source belongs to.
    #[arg(long, value_name = "GROUP")]
    pub(crate) group: Vec<String>,
    /// Whether this node may pass on what the source brings, where nothing is agreed with it: no, named (to those its
    /// release lists name), label (as its labels say; for open feeds).
    #[arg(long, value_name = "no|named|label")]
    pub(crate) onward: Option<String>,
    /// Traffic Light Protocol: clear, green, amber, amber+strict, red.
    #[arg(long)]
    pub(crate) tlp: Option<String>,
    /// Permissible Actions Protocol: clear, green, amber, red.
    #[arg(long)]
    pub(crate) pap: Option<String>,
    /// Handling codes: H0, H1, H2, H3.
    #[arg(long, value_delimiter = ',')]
    pub(crate) handling: Vec<String>,
    /// Who it may be released to: EE, lab-north, group:e5.
    #[arg(long, value_delimiter = ',', value_name = "PARTY")]
    pub(crate) release_to: Vec<String>,
    /// Who must never see it.
    #[arg(long, value_delimiter = ',', value_name = "PARTY")]
    pub(crate) deny: Vec<String>,
    /// What people of this organisation must have to see it: level:secret, unit:cyber, case:2041. It does not go out
    /// except to those the release list names.
    #[arg(long, value_delimiter = ',', value_name = "NEED")]
    pub(crate) need: Vec<Need>,
    /// What it may be used for.
    #[arg(long, value_delimiter = ',')]
    pub(crate) only_for: Vec<PurposeArg>,
    /// The day after which it must be gone: 2027-06-30.
    #[arg(long, value_name = "DATE", value_parser = day::day)]
    pub(crate) retain_until: Option<Timestamp>,
    /// How the source is graded: SCHEME:GRADE, like admiralty-scale:B2.
    #[arg(long)]
    pub(crate) grading: Vec<String>,
}

#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  comity look 185.220.101.4 hxxp://evil[.]example/gate iban:EE382200221020145685
  comity look --file seen-in-firewall.txt --json

A kind in front of a value says what it is: phone:, plate:, handle:, travel-document: ...")]
pub(crate) struct LookArgs {
    /// The values, in any usual spelling.
    pub(crate) values: Vec<String>,
    /// A file with one value a line; `-` for standard input. Answers briefly: known or not, to whom.
    #[arg(long, value_name = "FILE")]
    pub(crate) file: Option<PathBuf>,
    /// Most objects shown for one value.
    #[arg(long, default_value_t = 20, value_parser = at_least_one)]
    pub(crate) limit: usize,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct ShowArgs {
    /// The object's STIX id.
    pub(crate) id: ObjectId,
    /// As it stood then: a date, a date-time, or a position in the log.
    #[arg(long, value_name = "WHEN", value_parser = as_of)]
    pub(crate) as_of: Option<AsOf>,
    /// All versions, not only the current ones.
    #[arg(long)]
    pub(crate) all: bool,
}

/// How many are shown at most: none would be told as if there were none.
fn at_least_one(text: &str) -> Result<usize, String> {
    let number = text.parse().ok().filter(|number| *number > 0);
    number.ok_or_else(|| format!("{text:?} is no number from 1 on"))
}

fn as_of(text: &str) -> Result<AsOf, String> {
    let position = text.parse().map(|position| AsOf::Position(Position(position)));
    position.or_else(|_| day::end_of(text).map(AsOf::Time))
}

#[derive(Debug, ClapArgs)]
pub(crate) struct BatchesArgs {
    /// Most batches shown.
    #[arg(long, default_value_t = 30, value_parser = at_least_one)]
    pub(crate) limit: usize,
    /// Show the items that were set aside instead.
    #[arg(long)]
    pub(crate) rejected: bool,
    /// Of this batch only.
    pub(crate) batch: Option<u64>,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct UndoArgs {
    /// The batch, by number.
    pub(crate) batch: u64,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct RetryArgs {
    /// The item as `comity batches --rejected` numbers it: BATCH.ITEM.
    pub(crate) item: String,
    /// A file with the repaired item; otherwise the item as it was kept.
    #[arg(long, value_name = "FILE")]
    pub(crate) with: Option<PathBuf>,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct ExportArgs {
    /// Who it is for.
    #[arg(long = "for", value_name = "ORG")]
    pub(crate) recipient: OrgName,
    /// The form.
    #[arg(long, value_enum, default_value = "stix")]
    pub(crate) format: ExportFormat,
    /// Where to write; standard output otherwise.
    #[arg(long, short, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum ExportFormat {
    /// One STIX 2.1 bundle.
    Stix,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct AudienceArgs {
    /// An object's STIX id, or an organisation.
    pub(crate) of: String,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct SourceArgs {
    /// The organisation; all of them when left out.
    pub(crate) name: Option<OrgName>,
    #[command(flatten)]
    pub(crate) label: LabelArgs,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct SameAsArgs {
    /// One object.
    pub(crate) one: ObjectId,
    /// The other.
    pub(crate) other: ObjectId,
    /// Who says so.
    #[arg(long = "as", value_name = "ORG")]
    pub(crate) source: OrgName,
    /// Why.
    #[arg(long)]
    pub(crate) because: String,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct WarninglistsArgs {
    #[command(subcommand)]
    pub(crate) action: WarninglistsAction,
}

#[derive(Debug, Subcommand)]
pub(crate) enum WarninglistsAction {
    /// Store every MISP warning list (`list.json`) below a folder.
    Add {
        /// The folder or one file.
        dir: PathBuf,
    },
}

#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  comity backup /mnt/backups/ee-2026-11-26.comity
  comity restore --verify /mnt/backups/ee-2026-11-26.comity

The file is sealed with the secret that opens the node's keys: keep that apart from it. Of a node in PostgreSQL,
the database is backed up by PostgreSQL's own means (docs/operators.md).")]
pub(crate) struct BackupArgs {
    /// The file to write; there must be none.
    pub(crate) file: PathBuf,
}

#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  comity restore --verify ee.comity                # is it whole? Nothing is kept
  mkdir ee ; cp /safe/unlock ee/ ; comity restore ee.comity ee

The secret is COMITY_UNLOCK, COMITY_UNLOCK_FILE or COMITY_UNLOCK_COMMAND, or the file `unlock` in the new folder; with --verify, the one
of the node here.")]
pub(crate) struct RestoreArgs {
    /// The backup.
    pub(crate) file: PathBuf,
    /// The folder to make the node in: a new one, or one that holds `unlock` and nothing else.
    #[arg(required_unless_present = "verify")]
    pub(crate) folder: Option<PathBuf>,
    /// The folder with the keys of backups, where they are kept apart from them. Otherwise the one that the node here names.
    #[arg(long, value_name = "DIR")]
    pub(crate) keys: Option<PathBuf>,
    /// Unpack it in a temporary folder beside the file, check everything, and keep nothing.
    #[arg(long, conflicts_with = "folder")]
    pub(crate) verify: bool,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct CheckArgs {
    /// Delete everything derived and build it again from the log.
    #[arg(long)]
    pub(crate) rebuild: bool,
}

#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  comity serve                                                   # the store of this folder
  comity serve --store postgres://ee@db.example/comity           # as many of these as you like
  comity serve --follow lab-north=/srv/feeds                     # one of them takes in what appears there")]
pub(crate) struct ServeArgs {
    /// Where to tell how this process does, on this machine only: /health and /metrics. `off` tells nothing.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:7311")]
    pub(crate) listen: String,
    /// Where to listen for peers and their tools, over TLS, instead of what comity.toml says; `off` for nowhere.
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) network: Option<String>,
    /// Take in every file that appears in a folder, as this source. One process of all does it at a time.
    #[arg(long, value_name = "ORG=DIR")]
    pub(crate) follow: Vec<String>,
    /// Seconds a process may be silent before others take over its work.
    #[arg(long, value_name = "SECONDS", default_value_t = 6.0)]
    pub(crate) silence: f64,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct StoreArgs {
    #[command(subcommand)]
    pub(crate) action: StoreAction,
}

#[derive(Debug, Subcommand)]
pub(crate) enum StoreAction {
    /// Copy everything into an unused store of the other kind and compare it object by object. Run it again to
    /// go on after a stop. The old store is not changed.
    Move {
        /// Where everything is: a node's folder, or postgres://...
        from: String,
        /// Where it goes: a node's folder with an unused store, a new folder, or postgres://...
        to: String,
    },
    /// Read everything back: integrity, order, and the indexes against the store.
    Check,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct KeysArgs {
    #[command(subcommand)]
    pub(crate) action: Option<KeysAction>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum KeysAction {
    /// Put a new signing key in the place of the present one; what was signed before stays valid.
    Rotate(RotateArgs),
    /// Seal keys that lie in the node's folder in the clear, or seal them with another secret.
    Seal {
        /// A file with the new secret: a passphrase, or an unlock key of 64 hexadecimal digits.
        #[arg(long, value_name = "FILE")]
        with: Option<PathBuf>,
    },
}

#[derive(Debug, ClapArgs)]
pub(crate) struct RotateArgs {
    /// The TLS key instead; peers have a week to learn the new one before it is presented.
    #[arg(long)]
    pub(crate) tls: bool,
    /// A name or address under which clients reach this node, for the certificate; by default this machine's.
    #[arg(long, value_name = "HOST", requires = "tls")]
    pub(crate) host: Vec<String>,
    /// Present the new TLS key at once and forget the old one: when someone else may have got hold of it.
    #[arg(long, requires = "tls")]
    pub(crate) now: bool,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct DemoArgs {
    /// The folder with the example files.
    #[arg(long, value_name = "DIR")]
    pub(crate) examples: Option<PathBuf>,
    /// Keep the demo's node in this folder instead of a temporary one.
    #[arg(long, value_name = "DIR")]
    pub(crate) keep: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum PurposeArg {
    /// Preventing crime and threats to public security.
    Prevention,
    /// Detecting or investigating an offence.
    Investigation,
    /// Prosecuting before a court.
    Prosecution,
    /// Protecting victims and systems.
    Protection,
    /// Answering a data subject or supervising the processing.
    DataProtection,
}

impl From<PurposeArg> for comity_node::Purpose {
    fn from(purpose: PurposeArg) -> Self {
        match purpose {
            PurposeArg::Prevention => Self::Prevention,
            PurposeArg::Investigation => Self::Investigation,
            PurposeArg::Prosecution => Self::Prosecution,
            PurposeArg::Protection => Self::Protection,
            PurposeArg::DataProtection => Self::DataProtection,
        }
    }
}
