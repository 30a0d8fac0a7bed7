use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant, UNIX_EPOCH};

use anyhow::{Context as _, bail};
use comity_base::OrgName;
use comity_crypto::{hex, sha256};
use comity_node::intake::IntakeOptions;
use comity_node::{Act, Authority, Ctx, Following, Misconduct, Node, NodeError, SourceChange, Turns};
use comity_oidc::Provider;
use comity_store::{Fence, StoreError};
use comity_tls::Identity;
use comity_web::{Limits, Network, Status, Traffic};

use super::{hits, ingest, retention, rights};
use crate::args::{Args, ServeArgs};
use crate::backup;
use crate::config::NetworkConfig;
#[cfg(unix)]
use crate::desk::{Counter, Socket};
use crate::desk::{Desk, Line, NoTurn, Patience, Turn};
use crate::engine::process;
use crate::exchange::{self, Exchange};
use crate::exit::Code;
use crate::follows::{self, Follows};
use crate::network;
use crate::output::{grouped, printable};
use crate::place::{Access, Place};
use crate::provider;
use crate::trace;

/// What the threads of a serving process share.
#[derive(Clone, Copy)]
struct Serving<'s> {
    desk: &'s Desk,
    node: &'s Arc<Node>,
    ctx: &'s Ctx,
    turns: &'s Turns,
    /// Where those stand who want to write, when one batch can be open at a time.
    line: Option<&'s Arc<Line>>,
    strict: bool,
    stop: &'s AtomicBool,
}

/// A folder whose files are taken in as they appear.
struct Folder {
    source: OrgName,
    path: PathBuf,
    lease: String,
}

pub(crate) fn run(desk: &Desk, args: &Args, command: &ServeArgs) -> anyhow::Result<Code> {
    let folders = command.follow.iter().map(|text| Folder::parse(text)).collect::<anyhow::Result<Vec<_>>>()?;
    let listener = listener(&command.listen)?;
    let (asked, stop) = (desk.stop()?, Arc::new(AtomicBool::new(false)));
    let began = Instant::now();
    let folder = Place::folder(args);
    let place = Place::open_behind(&folder, args, Access::Write)?;
    place.node.may(&place.ctx, Act::Operate, serde_json::json!({"command": "serve"}))?;
    // From here on it is the node that acts, as its people set it up.
    let own = place.ctx.acting_as("comity serve", Authority::node());
    let silence = Duration::try_from_secs_f64(command.silence).unwrap_or_default().max(Duration::from_millis(500));
    let network = network_listener(command.network.as_deref().unwrap_or(&place.config.network.listen))?;
    let identity = network::open_identity(&folder, &place.config)?;
    let provider = provider::open(&folder, &place.config)?;
    place.node.note_own_keys(&own)?;
    let _traces = trace::begin(&place.config.traces, args.json)?;
    let turns = Arc::new(Turns::new(&single_run(&folders), &process(), silence));
    let (node, strict) = (Arc::clone(&place.node), place.config.intake.strict);
    let line = place.is_embedded().then(Arc::<Line>::default);
    #[cfg(unix)]
    let socket = line.as_ref().and_then(|_| socket(desk, &folder));
    let status = Arc::new(Status::new(Arc::clone(&node), Arc::clone(&turns)));
    let took = began.elapsed().as_secs_f64();
    announce(desk, &place, took, (listener.as_ref(), network.as_ref()))?;
    super::account::invite_first(desk, &place, network.is_some())?;
    let serving = Serving { desk, node: &node, ctx: &own, turns: &turns, line: line.as_ref(), strict, stop: &stop };
    thread::scope(|scope| {
        if let Some(listener) = listener {
            let (status, stop) = (Arc::clone(&status), Arc::clone(&stop));
            scope.spawn(move || comity_web::serve(listener, status, stop));
        }
        #[cfg(unix)]
        if let Some(socket) = socket {
            scope.spawn(move || serving.take_commands(socket));
        }
        scope.spawn(|| try_provider(desk, provider.as_deref()));
        scope.spawn(|| keep_turns(&node, &turns, &stop));
        let limits = (place.config.network.limits(), status.traffic(), place.config.told());
        let shown = (identity.clone(), provider.clone());
        scope.spawn(move || serving.answer_peers(network, shown, limits));
        let mirrors = (place.config.mirror.clone(), folder.clone());
        let exchange = Exchange { desk, node: &node, ctx: &own, turns: &turns, identity, mirrors, stop: &stop };
        scope.spawn(move || exchange.run());
        let (ctx, line, stopped) = (&own, line.as_ref(), &*stop);
        let follows = Follows { desk, node: &node, ctx, turns: Some(&turns), line, strict, stop: stopped };
        scope.spawn(move || follows.run());
        scope.spawn(|| drain(&place.config.network, &status, (&asked, &stop)));
        scope.spawn(|| watch_rights(desk, (&place, &folder), (&own, &status), &stop));
        scope.spawn(|| settle_accounts(desk, (&node, &own), (&status, &turns), &stop));
        scope.spawn(|| read_ahead(desk, &node, &stop));
        scope.spawn(|| hits::keep_looking(desk, (&node, &own), &stop));
        scope.spawn(|| serving.end_retention(place.config.backup.folder(&folder).as_deref()));
        scope.spawn(|| keep_ledger(desk, (&node, &own), (&status, &turns), &stop));
        for watched in &folders {
            scope.spawn(move || watched.follow(serving));
        }
        serving.read_log(&status, began);
    });
    node.settle()?;
    desk.say("Stopped in good order.")?;
    Ok(Code::Done)
}

/// The work that one process of all does at a time.
fn single_run(folders: &[Folder]) -> Vec<String> {
    let always = [exchange::LEASE, follows::LEASE, LEDGER, RETENTION].map(str::to_owned);
    folders.iter().map(|folder| folder.lease.clone()).chain(always).collect()
}

/// Where peers and their tools come in.
fn network_listener(address: &str) -> anyhow::Result<Option<TcpListener>> {
    if address == "off" {
        return Ok(None);
    }
    let listener = TcpListener::bind(address);
    let again = "another process may use it: choose another with --network or `listen` under [network], or `off`";
    listener.map(Some).with_context(|| format!("listening for peers on {address}; {again}"))
}

/// Keeps the account of what was given complete on disk, carries out what recalls were cut off, tells peers of new
/// keys, and notes what is to be deleted where.
fn settle_accounts(desk: &Desk, (node, ctx): (&Node, &Ctx), (status, turns): (&Status, &Turns), stop: &AtomicBool) {
    // What fails here is tried again at the next start.
    drop(node.finish_recalls(ctx));
    drop(node.announce(ctx));
    let (mut looked, mut told, mut notices) = (None::<Instant>, Vec::new(), NoticeClock::default());
    while !stop.load(Ordering::Relaxed) {
        let is_due = looked.is_none_or(|looked| looked.elapsed() > OWED);
        // One process of all looks.
        if is_due && node.is_ready() && turns.fence(exchange::LEASE).is_some() {
            match node.note_owed(ctx) {
                Ok(late) => {
                    status.overdue(late.iter().map(|(_, receipts)| *receipts as u64).sum());
                    late.iter().filter(|one| !told.contains(*one)).for_each(|one| tell_overdue(desk, one));
                    told = late;
                }
                Err(error) => desk.error(&anyhow::Error::new(error).context("looking for overdue receipts")),
            }
            looked = Some(Instant::now());
        }
        let may_carry_out = node.is_ready() && turns.fence(exchange::LEASE).is_some();
        if may_carry_out && (node.notices_stirred() || notices.is_due(ctx)) {
            notices.look(desk, node, ctx);
        }
        thread::sleep(LOOK);
    }
    drop(node.settle_deliveries());
}

/// When notices are looked at: when something was done to one, at the second when one is due, and anyway from time to time.
#[derive(Default)]
struct NoticeClock {
    looked: Option<Instant>,
    next: Option<comity_base::Timestamp>,
}

impl NoticeClock {
    fn is_due(&self, ctx: &Ctx) -> bool {
        let is_late = self.looked.is_none_or(|looked| looked.elapsed() > NOTICES);
        is_late || self.next.is_some_and(|next| next <= ctx.now())
    }

    fn look(&mut self, desk: &Desk, node: &Node, ctx: &Ctx) {
        match node.tick_notices(ctx) {
            Ok(next) => self.next = next,
            Err(error) => {
                self.next = None;
                desk.error(&anyhow::Error::new(error).context("carrying out what is due on notices"));
            }
        }
        self.looked = Some(Instant::now());
    }
}

/// Told to stop, says for a while that it is not ready, so that a load balancer sends nobody here any more, and then stops.
fn drain(network: &NetworkConfig, status: &Status, (asked, stop): (&AtomicBool, &AtomicBool)) {
    while !asked.load(Ordering::Relaxed) {
        thread::sleep(DRAIN);
    }
    status.stopping();
    thread::sleep(Duration::from_secs(network.drain_seconds));
    stop.store(true, Ordering::Relaxed);
}

/// Tells early when nobody could log in at the organisation's own identity provider; here they can all the same.
fn try_provider(desk: &Desk, provider: Option<&Provider>) {
    let Some(provider) = provider else { return };
    if let Err(error) = network::wait(provider.metadata()).and_then(|known| Ok(known.map(drop)?)) {
        desk.error(&error.context(format!("nobody can log in with {} now", provider.name())));
    }
}

/// Looks once an hour whether requests of people about their own data wait too long.
fn watch_rights(desk: &Desk, (place, folder): (&Place, &Path), (ctx, status): (&Ctx, &Status), stop: &AtomicBool) {
    let mut looked = None::<Instant>;
    while !stop.load(Ordering::Relaxed) {
        if looked.is_none_or(|looked| looked.elapsed() > HOURLY) {
            rights::watch(desk, (folder, &place.config), (&place.node, ctx), status);
            looked = Some(Instant::now());
        }
        thread::sleep(LOOK);
    }
}

fn tell_overdue(desk: &Desk, (peer, receipts): &(OrgName, usize)) {
    drop(desk.say(format_args!(
        "OVERDUE: {receipts} receipts of {peer}. What was taken back may still be there: `comity deliveries {peer}` says \
         what; call them, or suspend the exchange with `comity peer suspend {peer}`."
    )));
}

/// Reads the log for saved queries, lists and names, so that whoever asks for them does not wait.
fn read_ahead(desk: &Desk, node: &Node, stop: &AtomicBool) {
    while !stop.load(Ordering::Relaxed) {
        match node.read_for_saved() {
            Ok(true) => continue,
            Ok(false) => {}
            Err(error) => desk.error(&anyhow::Error::new(error).context("reading for saved queries")),
        }
        match node.read_for_lists() {
            Ok(()) | Err(NodeError::Behind { .. }) => {}
            Err(error) => desk.error(&anyhow::Error::new(error).context("reading for lists")),
        }
        thread::sleep(LOOK);
    }
}

/// Signs what was written into the ledger, within a second or two, and once a minute when nothing was. One process of
/// all does. Trouble is told once, and counted as long as it lasts.
fn keep_ledger(desk: &Desk, (node, ctx): (&Node, &Ctx), (status, turns): (&Status, &Turns), stop: &AtomicBool) {
    let (mut told, mut misconducts, mut newest) = (String::new(), Vec::new(), 0);
    loop {
        let is_over = stop.load(Ordering::Relaxed);
        // A new year, or a log after one that was lost, has a key that the witnesses must know.
        let log = node.ledger_heads().ok().and_then(|heads| heads.last().map(|head| head.log)).unwrap_or_default();
        if log != newest && node.announce(ctx).is_ok() {
            newest = log;
        }
        if turns.fence(LEDGER).is_some() {
            tell_misconducts(desk, node, status, &mut misconducts);
            match node.checkpoint(ctx) {
                Ok(_) => {
                    status.ledger_troubles(0);
                    told.clear();
                }
                Err(error) => {
                    status.ledger_troubles(u64::from(matches!(error, NodeError::Trouble(_))));
                    let error = anyhow::Error::new(error).context("LEDGER: no checkpoint was signed");
                    let text = format!("{error:#}");
                    if text != told {
                        desk.error(&error);
                        told = text;
                    }
                }
            }
        }
        if is_over {
            return;
        }
        thread::sleep(SIGNED);
    }
}

/// Tells of every contradiction in a peer's log once, and counts them all.
fn tell_misconducts(desk: &Desk, node: &Node, status: &Status, told: &mut Vec<Misconduct>) {
    let Ok(all) = node.misconducts() else { return };
    status.misconducts(all.len() as u64);
    for one in all.iter().filter(|one| !told.contains(one)) {
        drop(desk.say(format_args!(
            "LEDGER OF {}: {} {}. The proof is kept: `comity ledger status` says more. Call them, and suspend the \
             exchange until it is explained: `comity peer suspend {}`.",
            one.peer, one.origin, one.what, one.peer
        )));
    }
    *told = all;
}

/// Nobody is asked who they are yet, so only this machine is listened to.
fn listener(address: &str) -> anyhow::Result<Option<TcpListener>> {
    if address == "off" {
        return Ok(None);
    }
    let parsed: SocketAddr =
        address.parse().with_context(|| format!("--listen {address:?} must look like 127.0.0.1:7311, or be `off`"))?;
    if !parsed.ip().is_loopback() {
        bail!("--listen {address}: only this machine may ask (127.0.0.1 or [::1]), since nobody is asked who they are");
    }
    let listener = TcpListener::bind(parsed);
    let again = "another process may use it: choose another with --listen, or `off`";
    listener.map(Some).with_context(|| format!("listening on {address}; {again}"))
}

fn keep_turns(node: &Node, turns: &Turns, stop: &AtomicBool) {
    while !stop.load(Ordering::Relaxed) {
        turns.tick(node);
        thread::sleep(turns.pause());
    }
    turns.free(node);
}

/// Says where it can be reached.
fn announce(
    desk: &Desk,
    place: &Place,
    took: f64,
    (status, network): (Option<&TcpListener>, Option<&TcpListener>),
) -> anyhow::Result<()> {
    let address = |listener: Option<&TcpListener>| listener.and_then(|listener| listener.local_addr().ok());
    let url = place.config.network.address().unwrap_or_default();
    desk.say(format_args!(
        "Serving {} from position {} after {took:.1} s.{}{} Stop with Ctrl-C.",
        place.config.node.organisation,
        grouped(place.node.position().0),
        address(status)
            .map_or_else(String::new, |address| format!(" How it does: http://{address}/health and /metrics.")),
        address(network).map_or_else(String::new, |address| format!(
            " For peers and their tools: {address} ({url}), and for people: {url}/desk."
        )),
    ))
}

impl Serving<'_> {
    /// Reads what is written into the log, here and by other processes, until it is stopped.
    fn read_log(self, status: &Status, began: Instant) {
        let Self { desk, node, stop, .. } = self;
        let is_told = AtomicBool::new(false);
        let followed = |reached: &Result<comity_base::Position, comity_node::NodeError>| {
            if node.is_ready() && !is_told.swap(true, Ordering::Relaxed) {
                let (at, took) = (grouped(node.position().0), began.elapsed().as_secs_f64());
                drop(desk.say(format_args!("Up to date at position {at} after {took:.1} s.")));
            }
            status.followed(reached.as_ref().map(|position| position.0).map_err(ToString::to_string));
        };
        node.follow(&Following { stop, told: &followed });
    }

    /// Answers peers and their tools.
    fn answer_peers(
        self,
        listener: Option<TcpListener>,
        (identity, provider): (Identity, Option<Arc<Provider>>),
        (limits, traffic, settings): (Limits, Arc<Traffic>, Vec<(String, String)>),
    ) {
        let Some(listener) = listener else { return };
        let network = Network {
            node: Arc::clone(self.node),
            organisation: self.ctx.organisation.clone(),
            clock: Arc::clone(&self.ctx.clock),
            identity,
            limits,
            traffic,
            provider,
            settings,
        };
        if let Err(error) = network.serve(listener, self.stop) {
            self.desk.error(&anyhow::Error::new(error).context("answering peers"));
        }
    }

    /// Takes the commands of this account's other terminals.
    #[cfg(unix)]
    fn take_commands(self, socket: Socket) {
        let Some(line) = self.line else { return };
        let counter =
            Counter::new(Arc::clone(self.node), self.ctx.organisation.clone(), Arc::clone(line), super::run_told);
        if let Err(error) = counter.serve(socket, self.stop) {
            self.desk.error(&anyhow::Error::new(error).context("taking commands of other terminals"));
        }
    }

    /// Erases once a day what must be gone. One process of all does.
    fn end_retention(self, backup_keys: Option<&Path>) {
        let (mut looked, mut again) = (None::<Instant>, DAILY);
        while !self.stop.load(Ordering::Relaxed) {
            let is_due = looked.is_none_or(|looked| looked.elapsed() > again);
            if is_due && self.node.is_ready() && self.turns.fence(RETENTION).is_some() {
                let Ok(_turn) = self.turn("the end of retention") else { return };
                let doubt = match self.node.clock_doubt(self.ctx) {
                    Ok(None) => None,
                    Ok(Some(doubt)) => Some(anyhow::anyhow!("CLOCK: {}", retention::doubted(&doubt))),
                    Err(error) => Some(anyhow::Error::new(error).context("CLOCK: nothing was erased")),
                };
                if let Some(doubt) = doubt {
                    self.desk.error(&doubt);
                    (looked, again) = (Some(Instant::now()), HOURLY);
                    continue;
                }
                match self.node.end_retention(self.ctx) {
                    Ok(ended) if ended.versions + ended.words > 0 => drop(self.desk.say(format_args!(
                        "Retention: {} versions are gone, {} are held; {} questions, messages, hits and notices say nothing of \
                         anybody any more.",
                        grouped(ended.versions),
                        grouped(ended.held),
                        grouped(ended.words)
                    ))),
                    Ok(_) => {}
                    Err(error) => {
                        self.desk.error(&anyhow::Error::new(error).context("ending retention"));
                        again = AGAIN;
                        looked = Some(Instant::now());
                        continue;
                    }
                }
                self.destroy_keys(backup_keys);
                again = DAILY;
                looked = Some(Instant::now());
            }
            thread::sleep(LOOK);
        }
    }

    /// Destroys the keys of backups whose time is over.
    fn destroy_keys(self, folder: Option<&Path>) {
        match folder.map_or(Ok(0), |folder| backup::expire(folder, self.ctx.now())) {
            Ok(0) => {}
            Ok(keys) => drop(self.desk.say(format_args!("Retention: keys of backups destroyed: {keys}."))),
            Err(error) => self.desk.error(&error.context("destroying the keys of old backups")),
        }
    }

    /// Stands in line to write; without a turn where everybody may write at once.
    fn turn(&self, what: &str) -> Result<Option<Turn>, NoTurn> {
        let is_over = || self.stop.load(Ordering::Relaxed);
        let patience = Patience { most: None, is_over: &is_over, told: &|_| {} };
        self.line.map(|line| line.take(what, self.node, self.ctx, &patience)).transpose()
    }
}

/// The socket for commands of other terminals. Without one the node serves all the same.
#[cfg(unix)]
fn socket(desk: &Desk, folder: &Path) -> Option<Socket> {
    let made = Socket::make(folder)
        .context("commands that write will find the store busy while this process serves: making its socket");
    made.inspect_err(|error| desk.error(error)).ok()
}

impl Folder {
    fn parse(text: &str) -> anyhow::Result<Self> {
        let Some((source, path)) = text.split_once('=') else {
            bail!("--follow {text:?} must look like ORG=DIR, for example lab-north=/srv/feeds")
        };
        let (source, path) = (OrgName::parse(source)?, PathBuf::from(path));
        if !path.is_dir() {
            bail!("--follow {text:?}: there is no folder {}", path.display());
        }
        let lease = format!("follow/{source}/{}", path.display());
        Ok(Self { source, path, lease })
    }

    /// Takes in what appears, whenever it is this process's turn.
    fn follow(&self, serving: Serving<'_>) {
        let Serving { desk, node, turns, stop, .. } = serving;
        while !stop.load(Ordering::Relaxed) {
            if node.is_ready()
                && let Some(fence) = turns.fence(&self.lease)
                && let Err(error) = self.look(serving, &fence)
            {
                desk.error(&error.context(format!("following {}", self.path.display())));
            }
            thread::sleep(LOOK);
        }
    }

    fn look(&self, serving: Serving<'_>, fence: &Fence) -> anyhow::Result<()> {
        let Serving { desk, node, stop, .. } = serving;
        for path in ingest::list(desk, std::slice::from_ref(&self.path))? {
            if stop.load(Ordering::Relaxed) {
                return Ok(());
            }
            let (Some(state), key) = (settled_state(&path), self.key(&path)) else { continue };
            let seen = node.store().value(&key)?;
            if seen.as_ref().is_some_and(|(_, before)| *before == state) {
                continue;
            }
            if !self.take_in(serving, fence, &path)? {
                // Stopped in the middle: whoever follows next takes the rest in.
                return Ok(());
            }
            match node.store().put_under(Some(fence), &key, seen.map(|(version, _)| version), &state) {
                Ok(_) => {}
                // Somebody else's turn came; what was done twice was stored once.
                Err(StoreError::Fenced { .. } | StoreError::Changed(_)) => return Ok(()),
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    /// Takes one file in. Says whether it came to its end.
    fn take_in(&self, serving: Serving<'_>, fence: &Fence, path: &Path) -> anyhow::Result<bool> {
        let Serving { desk, node, ctx, strict, stop, .. } = serving;
        let source = node.set_source(ctx, &self.source, &SourceChange::default())?;
        let options = IntakeOptions {
            strict,
            fence: Some(fence.clone()),
            ..IntakeOptions::noted(format!("follow {}", path.display()), stop)
        };
        let Ok(_turn) = serving.turn(&format!("`comity serve --follow {}`", self.source)) else { return Ok(false) };
        let report = node.intake(ctx, &source, &mut std::iter::once(Ok(ingest::open(desk, path))), &options)?;
        let counts = report.batch.as_ref().map(|batch| batch.counts).unwrap_or_default();
        desk.say(format_args!(
            "{}: {} stored, {} unchanged, {} set aside.",
            printable(&path.display().to_string()),
            grouped(counts.added),
            grouped(counts.unchanged),
            grouped(counts.rejected)
        ))?;
        Ok(!report.stopped)
    }

    /// Under which a file is remembered.
    fn key(&self, path: &Path) -> String {
        format!("followed/{}/{}", self.source, hex(&sha256(path.as_os_str().as_encoded_bytes())))
    }
}

/// Length and time of a file that has not changed for a moment, so that half-written ones are left alone.
fn settled_state(path: &Path) -> Option<Vec<u8>> {
    let meta = path.metadata().ok().filter(std::fs::Metadata::is_file)?;
    let changed = meta.modified().ok()?;
    let is_old = changed.elapsed().is_ok_and(|age| age > HALF_WRITTEN);
    let since = changed.duration_since(UNIX_EPOCH).ok()?;
    is_old.then(|| format!("{} {}", meta.len(), since.as_micros()).into_bytes())
}

/// Whose turn it is to end retention, and how often.
const RETENTION: &str = "retention";
/// How often it is looked whether to stop.
const DRAIN: Duration = Duration::from_millis(50);
const HOURLY: Duration = Duration::from_hours(1);
const DAILY: Duration = Duration::from_hours(24);
/// How soon it is tried again when something stood in its way.
const AGAIN: Duration = Duration::from_mins(5);
/// Whose turn it is to sign the ledger.
const LEDGER: &str = "ledger";
/// How often it is looked whether there is something to sign.
const SIGNED: Duration = Duration::from_secs(1);
const LOOK: Duration = Duration::from_millis(500);
/// How often it is looked what peers that do not ask have still to delete.
/// How often notices are looked at when nothing is due.
const NOTICES: Duration = Duration::from_secs(30);
const OWED: Duration = Duration::from_secs(30);
const HALF_WRITTEN: Duration = Duration::from_secs(1);
