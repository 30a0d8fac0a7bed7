use std::io::Cursor;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use anyhow::{Context as _, bail};
use comity_base::OrgName;
use comity_node::hits::HitOptions;
use comity_node::intake::{Input, IntakeOptions};
use comity_node::{Guest, PeerKind, RecallReason, SourceChange};
use comity_stix::Label;
use comity_stix::label::{Party, Tlp};
use comity_taxii::PeerClient;
use comity_tls::Identity;
use comity_web::Network;

use super::hits;
use crate::args::{Args, DemoArgs};
use crate::config::{Config, NodeConfig};
use crate::desk::Desk;
use crate::exit::Code;
use crate::network;
use crate::output::{grouped, printable};
use crate::place::{self, Access, Place};

/// The example files, built in so that the demo runs anywhere.
const CASE: (&str, &[u8]) = ("case-2041.misp.json", include_bytes!("../../../../examples/case-2041.misp.json"));
const REPORT: (&str, &[u8]) = ("quietparcel.stix.json", include_bytes!("../../../../examples/quietparcel.stix.json"));
const NOTES: (&str, &[u8]) = ("field-notes.txt", include_bytes!("../../../../examples/field-notes.txt"));
const BANK: (&str, &[u8]) = ("bank-transfers.csv", include_bytes!("../../../../examples/bank-transfers.csv"));

/// One organisation of the story, with a node of its own.
struct Side {
    name: &'static str,
    full_name: &'static str,
    who: &'static str,
    country: &'static str,
    kind: PeerKind,
    tlp: Tlp,
    release_to: &'static [&'static str],
    files: &'static [(&'static str, &'static [u8])],
}

const SIDES: [Side; 3] = [
    Side {
        name: "ee-police",
        full_name: "Estonian police",
        who: "who seized a server in Tallinn",
        country: "EE",
        kind: PeerKind::Member,
        tlp: Tlp::Amber,
        release_to: &["group:community"],
        files: &[CASE],
    },
    Side {
        name: "us-police",
        full_name: "United States police",
        who: "to whom a bank reported the money it lost",
        country: "US",
        kind: PeerKind::Member,
        tlp: Tlp::Amber,
        release_to: &["org:ee-police"],
        files: &[BANK],
    },
    Side {
        name: "lab-north",
        full_name: "Lab North",
        who: "a threat-research lab that follows a loader",
        country: "SE",
        kind: PeerKind::Partner,
        tlp: Tlp::Green,
        release_to: &[],
        files: &[REPORT, NOTES],
    },
];

/// A node of the demo that answers on this machine.
struct Running {
    place: Place,
    identity: Identity,
    stop: Arc<AtomicBool>,
    served: Option<JoinHandle<()>>,
}

pub(crate) fn run(desk: &Desk, args: &Args, command: &DemoArgs) -> anyhow::Result<Code> {
    if args.store.is_some() {
        bail!("the demo makes three nodes, each with its embedded store; leave --store out");
    }
    let temporary = Temporary::new()?;
    let folder = command.keep.clone().unwrap_or_else(|| temporary.0.join("comity-demo"));
    desk.say("Someone in Estonia robs a bank in the United States. Three organisations hold a piece each.\n")?;
    let nodes: Vec<Running> =
        SIDES.iter().map(|side| Running::start(side, &folder.join(side.name), args)).collect::<Result<_, _>>()?;
    take_in(desk, &nodes, command.examples.as_deref())?;
    connect(desk, &nodes)?;
    exchange(desk, &nodes)?;
    let [ee, ..] = nodes.as_slice() else { bail!("the demo has no nodes") };
    linked(desk, &ee.place)?;
    looked(desk, &ee.place)?;
    take_back(desk, &nodes)?;
    for node in nodes {
        node.close()?;
    }
    if let Some(folder) = &command.keep {
        let node = folder.join("ee-police");
        desk.say(format_args!(
            "The nodes are kept in {}; try: comity --data {} hits",
            folder.display(),
            node.display()
        ))?;
    } else {
        desk.say("Run it with --keep DIR to look around in the nodes afterwards.")?;
    }
    Ok(Code::Done)
}

impl Running {
    fn start(side: &Side, folder: &Path, args: &Args) -> anyhow::Result<Self> {
        let node = NodeConfig {
            organisation: OrgName::parse(side.name)?,
            name: side.full_name.into(),
            country: side.country.into(),
            kind: side.kind,
        };
        let opened = folder.join(Config::FILE).exists();
        let listener = TcpListener::bind("127.0.0.1:0").context("listening on this machine")?;
        let url = format!("url = \"https://{}\"", listener.local_addr()?);
        if opened {
            bail!("{} holds a node already; name a new folder with --keep", folder.display());
        }
        place::create(folder, &node, args)?;
        let path = folder.join(Config::FILE);
        let text = std::fs::read_to_string(&path)?;
        std::fs::write(&path, text.replace("# url = \"https://node.example:7443\"", &url))?;
        let place = Place::open_in(folder, args, Access::Write)?;
        let identity = network::open_identity(folder, &place.config)?;
        let stop = Arc::new(AtomicBool::new(false));
        let network = Network {
            node: Arc::clone(&place.node),
            organisation: place.ctx.organisation.clone(),
            clock: Arc::clone(&place.ctx.clock),
            identity: identity.clone(),
            limits: comity_web::Limits::default(),
            traffic: Arc::default(),
            provider: None,
            settings: Vec::new(),
        };
        let told = Arc::clone(&stop);
        // What it could not answer shows in the story itself: the other side then says what it waited for.
        let served = std::thread::spawn(move || drop(network.serve(listener, &told)));
        Ok(Self { place, identity, stop, served: Some(served) })
    }

    fn name(&self) -> &OrgName {
        &self.place.ctx.organisation
    }

    fn client(&self, peer: &OrgName) -> anyhow::Result<PeerClient> {
        let peer = self.place.node.known_peer(peer)?;
        network::client_of(&peer, &self.identity)?.context("the peer has no address")
    }

    /// Brings what waits for a peer to it.
    fn bring(&self, peer: &OrgName) -> anyhow::Result<()> {
        let client = self.client(peer)?;
        for (key, message) in self.place.node.outbox(peer)? {
            network::wait(client.message(message))??;
            self.place.node.sent(&key)?;
        }
        Ok(())
    }

    /// Fetches what a peer has for this node. Returns objects and recalls.
    fn fetch(&self, peer: &OrgName) -> anyhow::Result<(u64, u64)> {
        let (node, client) = (&self.place.node, self.client(peer)?);
        let (mut objects, mut recalls) = (0, 0);
        loop {
            let cursor = node.fetched(peer)?.map(|fetched| fetched.cursor);
            let page = network::wait(client.feed(cursor.as_deref(), 1_000, Duration::ZERO))??;
            let taken = node.take_page(&self.place.ctx, &node.known_peer(peer)?, &page)?;
            (objects, recalls) = (objects + taken.stored, recalls + taken.recalls);
            if !taken.more {
                break;
            }
        }
        self.bring(peer)?;
        Ok((objects, recalls))
    }

    fn close(mut self) -> anyhow::Result<()> {
        self.stop.store(true, Ordering::Relaxed);
        drop(self.served.take().map(JoinHandle::join));
        self.place.node.settle_deliveries()?;
        self.place.close()
    }
}

fn take_in(desk: &Desk, nodes: &[Running], examples: Option<&Path>) -> anyhow::Result<()> {
    desk.say("WHAT EACH TOOK IN, ON A NODE OF ITS OWN")?;
    for (side, Running { place, .. }) in SIDES.iter().zip(nodes) {
        let owner = OrgName::parse(side.name)?;
        let mut defaults = Label::defaults(owner.clone());
        defaults.tlp = Some(side.tlp);
        if !side.release_to.is_empty() {
            defaults.release_to =
                Some(side.release_to.iter().map(|party| Party::parse(party)).collect::<Result<_, _>>()?);
        }
        let change = SourceChange {
            country: Some(side.country.to_owned()),
            defaults: Some(defaults),
            ..SourceChange::default()
        };
        let source = place.node.set_source(&place.ctx, &owner, &change)?;
        let stop = AtomicBool::new(false);
        for (name, bytes) in side.files {
            let bytes = match examples {
                Some(folder) => std::fs::read(folder.join(name)).with_context(|| format!("reading {name}"))?,
                None => bytes.to_vec(),
            };
            let options = IntakeOptions::noted(format!("demo {name}"), &stop);
            let input = Input { name: (*name).to_owned(), reader: Box::new(Cursor::new(bytes)) };
            let report = place.node.intake(&place.ctx, &source, &mut std::iter::once(Ok(input)), &options)?;
            let Some(batch) = &report.batch else { continue };
            let format = report.files.first().map_or("", |file| file.format.as_str());
            desk.say(format_args!(
                "  {}, {}: {name} ({format}) gave {} objects and {} values; {} items set aside.",
                side.name, side.who, batch.counts.added, batch.counts.values, batch.counts.rejected
            ))?;
        }
    }
    desk.say("")
}

/// Invitations, keys, and an agreement for each pair.
fn connect(desk: &Desk, nodes: &[Running]) -> anyhow::Result<()> {
    desk.say("HOW THEY CONNECT")?;
    for (at, host) in nodes.iter().enumerate() {
        for guest in nodes.iter().skip(at + 1) {
            let kind = guest.place.config.node.kind;
            let invited = Guest {
                full_name: &guest.place.config.node.name,
                kind,
                name: Some(guest.name().clone()),
                lasts: 3_600_000_000,
            };
            let invitation = host.place.node.invite(&host.place.ctx, &invited)?;
            let wish = guest.place.node.join_request(&guest.place.ctx, &invitation)?;
            let client = network::client(&invitation.url, &invitation.pins, &guest.identity)?;
            let answer = network::wait(client.join(wish))??;
            guest.place.node.joined(&guest.place.ctx, &invitation, &answer)?;
            let kinds = if kind == PeerKind::Partner { "threat" } else { "threat, account, contact, document, person" };
            let text = agreement(host, guest, kinds);
            let made = host.place.node.propose(&host.place.ctx, guest.name(), &text)?;
            host.bring(guest.name())?;
            guest.place.node.sign_agreement(&guest.place.ctx, &made.id.to_string())?;
            guest.bring(host.name())?;
            for (node, peer) in [(host, guest), (guest, host)] {
                // Who belongs to which community is for each node to say.
                let change = SourceChange { groups: vec!["community".into()], ..SourceChange::default() };
                node.place.node.set_source(&node.place.ctx, peer.name(), &change)?;
            }
            desk.say(format_args!(
                "  {} and {}: keys exchanged ({}), agreement signed by both: {kinds}; at most TLP:AMBER.",
                host.name(),
                guest.name(),
                invitation.key.fingerprint().get(..14).unwrap_or_default()
            ))?;
        }
    }
    desk.say("")
}

fn agreement(one: &Running, two: &Running, kinds: &str) -> String {
    let kinds = kinds.split(", ").map(|kind| format!("\"{kind}\"")).collect::<Vec<_>>().join(", ");
    let party = |side: &Running| {
        let key = side.place.node.ourselves().ok().and_then(|own| own.keys.first().copied());
        let (name, country) = (side.name(), &side.place.config.node.country);
        let key = key.map(|key| key.to_string()).unwrap_or_default();
        format!("[[parties]]\nname = \"{name}\"\ncountry = \"{country}\"\nkey = \"{key}\"\n")
    };
    let flow = |from: &Running, to: &Running| {
        format!(
            "[[flows]]\nfrom = \"{}\"\nto = \"{}\"\nkinds = [{kinds}]\npurposes = [\"investigation\", \
             \"prevention\"]\ntlp = \"amber\"\nhandling = [\"H0\", \"H1\"]\nonward = \"no\"\n",
            from.name(),
            to.name()
        )
    };
    format!(
        "name = \"{} and {}\"\nversion = 1\nvalid_from = 2026-01-01\nvalid_until = 2099-12-31\n{}{}{}{}\
         [queries]\nper_day = 100\nper_hour = 20\n[receipts]\nwithin_hours = 24\nsuspend_queries_when_overdue = true\n",
        one.name(),
        two.name(),
        party(one),
        party(two),
        flow(one, two),
        flow(two, one)
    )
}

fn exchange(desk: &Desk, nodes: &[Running]) -> anyhow::Result<()> {
    desk.say("WHAT FLOWS, AND WHAT DOES NOT")?;
    for (to, taker) in nodes.iter().enumerate() {
        for (from, giver) in nodes.iter().enumerate() {
            if to == from {
                continue;
            }
            let (objects, _) = taker.fetch(giver.name())?;
            desk.say(format_args!("  {} gave {} {} objects.", giver.name(), taker.name(), grouped(objects)))?;
            let seen = giver.place.node.withheld_from(&giver.place.ctx, taker.name())?;
            for one in &seen {
                let why = one.reasons.iter().map(|reason| reason.text.as_str()).collect::<Vec<_>>().join(" ");
                desk.say(format_args!("      {} not given: {why}", grouped(one.objects)))?;
            }
        }
    }
    desk.say("")
}

/// Estonia takes an object back; everybody who was given it deletes it and says so.
fn take_back(desk: &Desk, nodes: &[Running]) -> anyhow::Result<()> {
    let [ee, others @ ..] = nodes else { return Ok(()) };
    let node = &ee.place.node;
    let us = OrgName::parse("us-police")?;
    let Some(object) = node.first_given(&ee.place.ctx, &us, "indicator")? else { return Ok(()) };
    desk.say(format_args!("WHAT IS TAKEN BACK: {object}"))?;
    for seer in node.audience_of(&ee.place.ctx, &object)? {
        let given = if seer.given.is_empty() { "was not given it" } else { "was given it" };
        let why = seer.reasons.iter().map(|reason| reason.text.as_str()).collect::<Vec<_>>().join(" ");
        desk.say(format_args!("  {} {given}. {why}", seer.recipient))?;
    }
    let recall = node.recall(&ee.place.ctx, &object, RecallReason::Incorrect, None)?;
    for other in others {
        other.fetch(ee.name())?;
    }
    for receipt in node.receipts(&recall.said.id)? {
        let said = receipt.said;
        desk.say(format_args!("  {} deleted {} version(s) and signed for it at {}.", said.by, said.erased, said.at))?;
    }
    desk.say("")
}

fn linked(desk: &Desk, place: &Place) -> anyhow::Result<()> {
    let found = place.node.hits(&place.ctx, &HitOptions::default())?;
    desk.say(format_args!(
        "WHAT IS LINKED ACROSS BORDERS, AND WHY ({} values are held by more than one owner)\n",
        found.shared_values
    ))?;
    for (index, hit) in found.hits.iter().take(5).enumerate() {
        hits::tell(desk, index + 1, hit, 6)?;
    }
    if found.hits.len() > 5 {
        desk.say(format_args!("  and {} weaker ones\n", found.hits.len() - 5))?;
    }
    Ok(())
}

fn looked(desk: &Desk, place: &Place) -> anyhow::Result<()> {
    desk.say("WHO KNOWS THIS WALLET")?;
    let look = place.node.look(&place.ctx, "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4", 10)?;
    for holding in look.known.iter().flat_map(|known| &known.holdings) {
        let inside: Vec<_> = holding
            .containers
            .iter()
            .map(|container| format!("{} \"{}\"", container.kind, printable(&container.name)))
            .collect();
        desk.say(format_args!(
            "  {} holds it as {}, TLP {}, in {}",
            holding.owner,
            holding.id.kind,
            holding.tlp,
            inside.join(", ")
        ))?;
    }
    desk.say("")
}

/// A folder that is gone when the demo is over.
struct Temporary(PathBuf);

impl Temporary {
    fn new() -> anyhow::Result<Self> {
        let folder = std::env::temp_dir().join(format!("comity-demo-{}", std::process::id()));
        std::fs::create_dir_all(&folder).with_context(|| format!("making the folder {}", folder.display()))?;
        Ok(Self(folder))
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.0));
    }
}
