use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use comity_base::{Limits, OrgName, Position};
use comity_crypto::passkey::RelyingParty;
use comity_crypto::seal::Cost;
use comity_crypto::{Fingerprinter, NodeKeys, SigningKey, Succession, TokenKey, Zeroizing};
use comity_formats::PdfText;
use comity_link::warninglist::Lists;
use comity_stix::label::KnownMarkings;
use comity_stix::value::Values;
use comity_store::Store;
use parking_lot::Mutex;

use crate::access::Demands;
use crate::derived::Derived;
use crate::exchange::{Obligations, Views};
use crate::heavy::Heavy;
use crate::hits::{Boards, Decided};
use crate::labels::Labels;
use crate::ledger::{LedgerTerms, Recorder, Trees};
use crate::objects::Counts;
use crate::people::Purses;
use crate::persons::Persons;
use crate::reading::ObjectReader;
use crate::release::{Dates, Given, Kinds, Saved};
use crate::rules::OwnRules;
use crate::titles::Titles;
use crate::{Act, Budget, Ctx, Move, Moved, NodeError, Ourselves};

/// One node: the store, what is derived from it, and the use cases on both.
pub struct Node {
    /// What the store showed when this process began: the least that answers must rest on.
    goal: Position,
    pub(crate) store: Arc<dyn Store>,
    pub(crate) reader: ObjectReader,
    pub(crate) derived: Derived,
    pub(crate) labels: Labels,
    pub(crate) limits: Limits,
    pub(crate) workers: usize,
    /// Warning lists, once they were read.
    pub(crate) lists: Mutex<Option<Arc<Lists>>>,
    /// Whether something was done here to a notice that went out, which nobody has followed up yet.
    pub(crate) notices_stirred: AtomicBool,
    /// The marking definitions of each owner, once they were read.
    pub(crate) markings: Mutex<HashMap<OrgName, Arc<KnownMarkings>>>,
    pub(crate) dates: Dates,
    pub(crate) kinds: Kinds,
    pub(crate) counts: Counts,
    pub(crate) titles: Titles,
    pub(crate) persons: Persons,
    pub(crate) heavy: Heavy,
    pub(crate) saved: Saved,
    pub(crate) given: Given,
    /// Signs what this node says.
    pub(crate) signer: SigningKey,
    /// How its signing keys followed each other.
    pub(crate) successions: Vec<Succession>,
    pub(crate) cursor_key: TokenKey,
    web_key: [u8; 32],
    pub(crate) ourselves: Option<Ourselves>,
    /// The rules of its own law, when it has some.
    pub(crate) rules: Option<OwnRules>,
    pub(crate) views: Views,
    pub(crate) obligations: Obligations,
    pub(crate) boards: Boards,
    pub(crate) decided: Decided,
    pub(crate) demands: Demands,
    /// How much accounts may ask for, where that is limited.
    pub(crate) budget: Option<Budget>,
    pub(crate) purses: Purses,
    /// The issuer of the identity provider that people may log in at.
    pub(crate) provider: Option<String>,
    /// Reads PDF documents.
    pub(crate) pdf: PdfText,
    /// Seals what people show who they are by.
    pub(crate) factor_key: TokenKey,
    pub(crate) password_cost: Cost,
    /// Whose passkeys are taken, when this node has an address.
    pub(crate) party: Option<RelyingParty>,
    /// Seals what the rights desk keeps.
    pub(crate) rights_key: TokenKey,
    pub(crate) recorder: Recorder,
    pub(crate) trees: Trees,
    pub(crate) ledger_terms: LedgerTerms,
    /// From which the keys of its logs are made.
    pub(crate) ledger_key: Zeroizing<[u8; 32]>,
    /// Where the newest checkpoints are kept outside the store.
    pub(crate) remembered: Option<PathBuf>,
    /// Whether other processes may serve this node too, so that what is kept in memory may be behind.
    pub(crate) shared: bool,
}

/// How a node is opened.
#[derive(Clone, Debug)]
pub struct NodeOptions {
    /// The folder of the derived indexes.
    pub derived: PathBuf,
    /// Where the ledger's newest checkpoints are kept outside the store, so that an old copy of it is noticed.
    pub remembered: Option<PathBuf>,
    /// Whether this process may write; a reading process keeps what it catches up in memory.
    pub writable: bool,
    /// Limits for everything foreign.
    pub limits: Limits,
    /// Threads that read objects during intake. At least 1.
    pub workers: usize,
}

impl Node {
    /// Opens the node over its store and brings the derived indexes up to the store's head.
    ///
    /// # Errors
    /// When the store or a derived index cannot be read.
    pub fn open(store: Arc<dyn Store>, keys: &NodeKeys, options: &NodeOptions) -> Result<Self, NodeError> {
        let node = Self::open_behind(store, keys, options)?;
        node.catch_up()?;
        Ok(node)
    }

    /// Opens the node at once, with whatever the derived indexes hold; [`Self::follow`] or [`Self::catch_up`]
    /// brings them up. Until they have reached what the store shows now, questions that need them are refused
    /// with [`NodeError::Behind`], never answered in part.
    ///
    /// # Errors
    /// When the store or a derived index cannot be read.
    pub fn open_behind(store: Arc<dyn Store>, keys: &NodeKeys, options: &NodeOptions) -> Result<Self, NodeError> {
        crate::moving::check_finished(&*store)?;
        let reader = object_reader(keys, options.limits);
        let derived = Derived::open(&options.derived, keys.fingerprinter().key_id(), options.writable)?;
        let goal = store.head()?.visible;
        let shared = store.traces(goal, 0)?.is_some();
        let node = Self {
            goal,
            store,
            reader,
            derived,
            labels: Labels::default(),
            limits: options.limits,
            workers: options.workers.max(1),
            lists: Mutex::new(None),
            notices_stirred: AtomicBool::new(false),
            markings: Mutex::default(),
            dates: Dates::default(),
            kinds: Kinds::default(),
            counts: Counts::default(),
            titles: Titles::default(),
            persons: Persons::default(),
            heavy: Heavy::default(),
            saved: Saved::default(),
            given: Given::default(),
            signer: keys.signing_key().clone(),
            successions: keys.successions(),
            cursor_key: TokenKey::new(&keys.derive("cursors")),
            web_key: keys.derive("web"),
            ourselves: None,
            rules: None,
            views: Views::default(),
            obligations: Obligations::default(),
            boards: Boards::default(),
            decided: Decided::default(),
            demands: Demands::default(),
            budget: None,
            purses: Purses::default(),
            provider: None,
            pdf: comity_formats::text::pdf_text,
            factor_key: TokenKey::new(&keys.derive("factors")),
            password_cost: Cost::default(),
            party: None,
            rights_key: TokenKey::new(&keys.derive("rights")),
            recorder: Recorder::default(),
            trees: Trees::new(&options.derived, options.writable)?,
            ledger_terms: LedgerTerms::default(),
            ledger_key: Zeroizing::new(keys.derive("ledger")),
            remembered: options.remembered.clone(),
            shared,
        };
        node.labels.refresh(&*node.store)?;
        Ok(node)
    }

    /// A key of this node for one named use outside it.
    pub fn derived_key(&self, purpose: &str) -> [u8; 32] {
        comity_crypto::hmac_sha256(&self.web_key, purpose.as_bytes())
    }

    /// Hashes new passwords at another cost: for tests and small machines.
    #[must_use]
    pub fn with_password_cost(self, password_cost: Cost) -> Self {
        Self { password_cost, ..self }
    }

    /// Says who this node is to others; without it the node talks to nobody.
    #[must_use]
    pub fn with_identity(mut self, ourselves: Ourselves) -> Self {
        let successions = self.successions.clone();
        self.ourselves = Some(Ourselves { successions, ..ourselves });
        self
    }

    /// Has PDF documents read by something else than this process.
    #[must_use]
    pub fn with_pdf(mut self, pdf: PdfText) -> Self {
        self.pdf = pdf;
        self
    }

    /// Brings the derived indexes up to what the store shows now. Returns the position reached.
    ///
    /// # Errors
    /// When the store or a derived index cannot be read.
    pub fn catch_up(&self) -> Result<Position, NodeError> {
        let before = self.derived.settled();
        let reached = self.derived.catch_up(&*self.store, &self.reader, &self.labels)?;
        if reached > before {
            // Which labels there are tells what may be hidden from whom.
            self.labels.refresh(&*self.store)?;
            self.forget();
        }
        Ok(reached)
    }

    /// Forgets what was read of settings that another process may have changed.
    pub(crate) fn forget(&self) {
        *self.lists.lock() = None;
        self.markings.lock().clear();
    }

    /// The position up to which questions are answered.
    ///
    /// # Errors
    /// [`NodeError::Behind`] while less is indexed than there was when this process began.
    pub(crate) fn ready(&self) -> Result<Position, NodeError> {
        let position = self.position();
        if position < self.goal { Err(NodeError::Behind { position, goal: self.goal }) } else { Ok(position) }
    }

    /// Whether questions are answered by now.
    pub fn is_ready(&self) -> bool {
        self.position() >= self.goal
    }

    /// The last position that queries see: everything up to it is indexed.
    pub fn position(&self) -> Position {
        self.derived.settled()
    }

    /// Writes what is derived to disk, so that the next start has nothing to catch up. Worth calling
    /// before the process ends; a crash instead costs time at the next start and nothing else.
    ///
    /// # Errors
    /// When writing fails.
    pub fn settle(&self) -> Result<(), NodeError> {
        self.derived.checkpoint(false)?;
        self.keep_persons()
    }

    /// Reads and normalises values with this node's key.
    pub fn values(&self) -> &Values {
        self.reader.values()
    }

    /// What this organisation calls itself, when it has said who it is.
    pub fn full_name(&self) -> Option<String> {
        self.ourselves.as_ref().map(|ourselves| ourselves.full_name.clone())
    }

    /// What names things in stores of this node without telling them.
    pub fn fingerprinter(&self) -> Fingerprinter {
        self.reader.fingerprinter()
    }

    /// The store below, for reading what needs no rule of its own (batches, originals, checks).
    pub fn store(&self) -> &dyn Store {
        &*self.store
    }

    /// Deletes everything derived and builds it again from the log.
    ///
    /// # Errors
    /// When the store cannot be read or a file cannot be written.
    pub fn rebuild(&self, ctx: &Ctx) -> Result<Position, NodeError> {
        self.may(ctx, Act::Operate, serde_json::json!({}))?;
        self.derived.clear()?;
        self.trees.clear()?;
        self.forget_persons()?;
        let reached = self.catch_up()?;
        self.derived.checkpoint(true)?;
        Ok(reached)
    }
}

/// Moves a store into another engine; see [`Move`].
///
/// # Errors
/// When the new store holds anything else, a store fails, or something is not the same on both sides.
pub fn move_store(keys: &NodeKeys, limits: Limits, of: &Move<'_>) -> Result<Moved, NodeError> {
    of.run(&object_reader(keys, limits))
}

fn object_reader(keys: &NodeKeys, limits: Limits) -> ObjectReader {
    ObjectReader::new(Values::new(keys.derive("card numbers")), keys.fingerprinter(), limits)
}
