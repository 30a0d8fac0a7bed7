use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, bail};
use comity_crypto::NodeKeys;
use comity_crypto::seal::Unlock;
use comity_node::{Act, Authority, Ctx, Deed, Demands, Node, NodeError, NodeOptions, SourceChange};

use crate::args::Args;
use crate::clock;
use crate::commands::account;
use crate::config::{Config, EMBEDDED, NodeConfig, PurposeConfig, StoreConfig};
use crate::desk::Turn;
use crate::engine::{Engine, Slot, without_password};
use crate::exit::NotLetIn;
use crate::keys::{self, Opened, Source};
use crate::network;
use crate::shown::Shown;

/// There is no node where it was looked for.
#[derive(Debug, thiserror::Error)]
#[error("there is no Comity node in {}{hint}", folder.display())]
pub(crate) struct NoNode {
    folder: PathBuf,
    hint: String,
}

/// An opened node with its configuration and who is asking.
pub(crate) struct Place {
    pub(crate) node: Arc<Node>,
    pub(crate) config: Config,
    pub(crate) ctx: Ctx,
    /// This process's own folder of what is derived, where several processes use one store.
    slot: Option<Slot>,
    /// The right to write a batch, where several commands of one process want to.
    _turn: Option<Turn>,
}

/// What a command does with the node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Access {
    /// It only reads.
    Read,
    /// It writes settings and no batch, so it need not wait until somebody else's batch is finished.
    Settings,
    /// It writes a batch.
    Write,
}

impl Place {
    /// Opens the node that `--data`, `COMITY_DATA` or the current folder names.
    pub(crate) fn open(args: &Args, access: Access) -> anyhow::Result<Self> {
        Self::open_in(&Self::folder(args), args, access)
    }

    /// The folder that `--data` or `COMITY_DATA` names, or else the current one.
    pub(crate) fn folder(args: &Args) -> PathBuf {
        args.data.clone().unwrap_or_else(|| PathBuf::from("."))
    }

    /// That folder, where it holds a node.
    pub(crate) fn node_folder(args: &Args) -> anyhow::Result<PathBuf> {
        let folder = Self::folder(args);
        if folder.join(Config::FILE).is_file() { Ok(folder) } else { Err(no_node(&folder).into()) }
    }

    pub(crate) fn open_in(folder: &Path, args: &Args, access: Access) -> anyhow::Result<Self> {
        let place = Self::open_behind(folder, args, access)?;
        place.node.catch_up()?;
        if place.slot.is_some() {
            // What a short command caught up with, the next one need not.
            place.node.settle()?;
        }
        Ok(place)
    }

    /// Opens the node in a folder with this secret, up to date, to look whether it is whole.
    pub(crate) fn open_with(folder: &Path, args: &Args, unlock: &Unlock) -> anyhow::Result<Self> {
        let place = Self::open_keyed(folder, args, Access::Write, &keys::open_with(folder, unlock)?)?;
        place.node.catch_up()?;
        Ok(place)
    }

    /// Opens the node without reading on what its indexes lack.
    pub(crate) fn open_behind(folder: &Path, args: &Args, access: Access) -> anyhow::Result<Self> {
        if !folder.join(Config::FILE).is_file() {
            return Err(no_node(folder).into());
        }
        Self::open_keyed(folder, args, access, &keys(folder)?)
    }

    fn open_keyed(folder: &Path, args: &Args, access: Access, keys: &NodeKeys) -> anyhow::Result<Self> {
        let config = Config::load(folder)?;
        let engine = Engine::named(args, &config);
        let slot = engine.slot(folder)?;
        let derived = slot.as_ref().map_or_else(|| folder.join("derived"), |slot| slot.folder.clone());
        let store = engine.open(folder, keys.fingerprinter(), &derived, access)?;
        let writable = access != Access::Read || slot.is_some();
        let options = NodeOptions {
            derived,
            remembered: Some(folder.join("checkpoints")),
            writable,
            limits: config.limits(),
            workers: config.intake.workers,
        };
        let node = Node::open_behind(store, keys, &options)?;
        let PurposeConfig { case, reason } = config.purpose.clone();
        let node = node
            .with_demands(Demands { case, reason })
            .with_ledger_terms(config.ledger)
            .with_budget(config.budget)
            .with_pdf(crate::pdf::text);
        let node = node.with_provider(config.provider.issuer.clone());
        let mut node = node.with_identity(network::ourselves(folder, &config, keys)?);
        if let Some(rules) = config.own_rules(folder)? {
            node = node.with_rules(&rules).context("the rules of this node's own law, `rules` under [policy]")?;
        }
        if let Some(party) = network::party(&config) {
            node = node.with_passkeys(party);
        }
        let node = Arc::new(node);
        let ctx = Ctx {
            actor: String::new(),
            authority: Arc::new(Authority::nobody()),
            organisation: config.node.organisation.clone(),
            purpose: args.purpose.into(),
            case: args.case.clone(),
            reason: args.why.clone(),
            clock: clock::system(),
        };
        let ctx = Shown::here(folder).act(&node, &args.command, ctx)?;
        Ok(Self { node, config, ctx, slot, _turn: None })
    }

    /// The node that this process has open already, for one command.
    pub(crate) fn shared(node: &Arc<Node>, config: Config, ctx: Ctx, turn: Option<Turn>) -> anyhow::Result<Self> {
        node.catch_up()?;
        Ok(Self { node: Arc::clone(node), config, ctx, slot: None, _turn: turn })
    }

    /// Whether whoever typed the command may do this.
    pub(crate) fn may(&self, act: Act) -> Result<(), NodeError> {
        self.node.may(&self.ctx, act, serde_json::json!({}))
    }

    /// The same for what tells of content: that it was asked is on record.
    pub(crate) fn ask(&self, act: Act) -> Result<(), NodeError> {
        self.may(act)?;
        self.node.record(&self.ctx, Deed::query(act.name(), serde_json::json!({})))
    }

    /// Whether one process writes to its store at a time.
    pub(crate) fn is_embedded(&self) -> bool {
        self.slot.is_none()
    }

    /// Writes what is worth writing for a quick next start.
    pub(crate) fn close(self) -> anyhow::Result<()> {
        Ok(self.node.settle()?)
    }
}

/// Makes a node's folder: configuration, keys, empty store. Returns what opens the keys, where they are sealed.
pub(crate) fn create(folder: &Path, node: &NodeConfig, args: &Args) -> anyhow::Result<Option<Source>> {
    if folder.join(Config::FILE).exists() {
        bail!("{} holds a node already; nothing was changed", folder.display());
    }
    if std::env::var_os("COMITY_KEY").is_some() {
        return Err(NotLetIn("COMITY_KEY is set, and a new node has no keys; unset it to make one").into());
    }
    let address = args.store.as_deref().unwrap_or(EMBEDDED);
    // A password stays out of the file: it belongs into the environment.
    let config = Config::text(node, &without_password(address))?;
    private_folder(folder).with_context(|| format!("making the folder {}", folder.display()))?;
    let Opened { keys, with } = keys::create(folder, node.organisation.as_str(), clock::system()())?;
    // The configuration comes last: a folder without it is not a node, and `init` can be run again.
    let engine = Engine { address: address.to_owned(), store: StoreConfig::default() };
    engine.open(folder, keys.fingerprinter(), &folder.join("derived").join("init"), Access::Write)?;
    fs::write(folder.join(Config::FILE), config).context("writing the configuration")?;
    let place = Place::open_in(folder, args, Access::Write)?;
    drop(fs::remove_dir_all(folder.join("derived").join("init")));
    let change = SourceChange { country: Some(node.country.clone()), ..SourceChange::default() };
    place.node.set_source(&place.ctx, &node.organisation, &change)?;
    account::found(&place.node, &place.ctx)?;
    place.close()?;
    Ok(with)
}

/// Makes a folder that only this account reads, where it is not there yet.
pub(crate) fn private_folder(folder: &Path) -> std::io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt as _;
        builder.mode(0o700);
    }
    builder.recursive(true).create(folder)
}

/// The node's keys, opened.
pub(crate) fn keys(folder: &Path) -> anyhow::Result<NodeKeys> {
    let Opened { keys, with } = keys::open(folder)?;
    if with.is_none() {
        let mut err = std::io::stderr().lock();
        drop(writeln!(err, "comity: the keys in {} are not sealed; `comity keys seal` does that", folder.display()));
    }
    if is_open_to_others(folder) {
        let mut err = std::io::stderr().lock();
        let where_ = folder.display();
        drop(writeln!(
            err,
            "comity: others on this machine can read the store in {where_}; `chmod 700 {where_}` ends that"
        ));
    }
    Ok(keys)
}

/// Whether other accounts of this machine can reach the embedded store.
fn is_open_to_others(folder: &Path) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let is_open = |path: &Path| fs::metadata(path).is_ok_and(|meta| meta.permissions().mode() & 0o005 != 0);
        is_open(folder) && is_open(&folder.join("store"))
    }
    #[cfg(not(unix))]
    {
        let _ = folder;
        false
    }
}

fn no_node(folder: &Path) -> NoNode {
    let inside = fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let near: Vec<String> = inside
        .filter(|path| path.join(Config::FILE).is_file())
        .map(|path| path.display().to_string())
        .take(3)
        .collect();
    let hint = if near.is_empty() {
        ". Make one with `comity init NAME --country CC --name \"...\"`, or name its folder with --data".to_owned()
    } else {
        format!(", but there is one in {}. Go there, or name it with --data", near.join(", "))
    };
    NoNode { folder: folder.to_owned(), hint }
}
