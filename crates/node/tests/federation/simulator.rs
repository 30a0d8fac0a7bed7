//! A network made up from a seed: real nodes, and bytes that are lost, late, doubled and out of order between them.
//!
//! More of them: `COMITY_SIM_SEEDS=1000 cargo nextest run -p comity-node --test federation network`.
//! One again, with everything that happened: `COMITY_SIM_SEED=17 ... --no-capture`.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::fmt::Write as _;

use comity_base::{OrgName, Timestamp};
use comity_node::{NodeError, PeerKind, PeerStatus, RecallReason, StandingAgreement};
use comity_stix::ObjectId;
use comity_stix::label::{Label, Party, Tlp};
use comity_store::{BatchId, Store, Version};
use comity_testkit::Random;

use crate::oracle::{Log, Oracle, Owned};
use crate::seeds::FAILED_ONCE;
use crate::world::{EVERYTHING, World, agreement};

const STEPS: u64 = 200;
/// About 15 seconds on two free cores, with those that failed once.
const SEEDS: u64 = 20;
/// In networks from this seed on organisations also get new keys, and stop the exchange with each other.
const RENEWING: u64 = 1_000_000;

#[test]
fn a_network_in_which_everything_goes_wrong_ends_as_it_should() {
    if let Some(seed) = number("COMITY_SIM_SEED") {
        return run(seed, true).unwrap();
    }
    let count = number("COMITY_SIM_SEEDS").unwrap_or(SEEDS);
    let seeds: Vec<u64> = FAILED_ONCE.iter().copied().chain(0..count).chain(RENEWING..RENEWING + count / 2).collect();
    let next = std::sync::atomic::AtomicUsize::new(0);
    let failed = std::sync::Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(2, usize::from).min(4) {
            scope.spawn(|| {
                while let Some(seed) = seeds.get(next.fetch_add(1, std::sync::atomic::Ordering::Relaxed)) {
                    if let Err(why) = run(*seed, false) {
                        failed.lock().unwrap().push((*seed, why));
                    }
                }
            });
        }
    });
    let mut failed = failed.into_inner().unwrap();
    failed.sort();
    let mut told = String::new();
    for (seed, why) in &failed {
        writeln!(told, "seed {seed} (again: COMITY_SIM_SEED={seed}): {why}").unwrap();
    }
    assert!(failed.is_empty(), "{} of {} networks went wrong:\n{told}", failed.len(), seeds.len());
}

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok().and_then(|text| text.parse().ok())
}

fn run(seed: u64, aloud: bool) -> Result<(), String> {
    let mut sim = Sim::new(seed, aloud);
    let steps = number("COMITY_SIM_STEPS").unwrap_or(STEPS);
    for step in 0..steps {
        sim.say(|| format!("--- {step}"));
        sim.step()?;
    }
    sim.heal()?;
    sim.check()
}

type Kinds = &'static [(&'static str, PeerKind)];
type Links = &'static [(usize, usize)];

const NETWORKS: &[(Kinds, Links)] = &[
    (
        &[("ee-police", PeerKind::Member), ("us-police", PeerKind::Member), ("fi-lab", PeerKind::Partner)],
        &[(0, 1), (0, 2)],
    ),
    (&[("ee-police", PeerKind::Member), ("lv-hub", PeerKind::Hub), ("us-police", PeerKind::Member)], &[(1, 0), (1, 2)]),
    (
        &[
            ("ee-police", PeerKind::Member),
            ("us-police", PeerKind::Member),
            ("lv-hub", PeerKind::Hub),
            ("fi-lab", PeerKind::Partner),
        ],
        &[(0, 1), (2, 0), (2, 1), (2, 3)],
    ),
    (
        &[
            ("ee-police", PeerKind::Member),
            ("us-police", PeerKind::Member),
            ("lv-hub", PeerKind::Hub),
            ("fi-lab", PeerKind::Partner),
            ("se-police", PeerKind::Member),
        ],
        &[(2, 0), (2, 1), (2, 4), (2, 3), (0, 4)],
    ),
];

#[derive(Clone)]
enum Cargo {
    Request { cursor: Option<String>, limit: usize },
    Page(Vec<u8>),
    Message(Vec<u8>),
}

/// Bytes on their way.
#[derive(Clone)]
struct Flight {
    from: usize,
    to: usize,
    cargo: Cargo,
}

struct Sim {
    world: World,
    links: Links,
    random: Random,
    oracle: Oracle,
    flights: Vec<Flight>,
    down: BTreeSet<(usize, usize)>,
    /// Every text each organisation brought as its own.
    owned: HashSet<(OrgName, Vec<u8>)>,
    /// The label that was meant, by text.
    meant: HashMap<Vec<u8>, Label>,
    /// What was admitted to each node at some moment.
    admitted: HashSet<(usize, OrgName, Vec<u8>)>,
    /// What each node's state was when it was last asked what it admits.
    asked: HashMap<usize, (u64, u64)>,
    versions: BTreeMap<u64, u32>,
    texts: BTreeMap<usize, Vec<Vec<String>>>,
    cursors: Vec<(usize, String, Vec<u8>)>,
    aloud: bool,
    seed: u64,
}

impl Sim {
    fn new(seed: u64, aloud: bool) -> Self {
        let mut random = Random::new(seed);
        let (kinds, links) = *random.pick(NETWORKS);
        let world = World::new(kinds);
        for (a, b) in links {
            world.connect(*a, *b);
            let flow = flow(&mut random, true);
            world.agree(*a, *b, &flow);
        }
        Self {
            world,
            links,
            random,
            oracle: Oracle::new(),
            flights: Vec::new(),
            down: BTreeSet::new(),
            owned: HashSet::new(),
            meant: HashMap::new(),
            admitted: HashSet::new(),
            asked: HashMap::new(),
            versions: BTreeMap::new(),
            texts: BTreeMap::new(),
            cursors: Vec::new(),
            aloud,
            seed,
        }
    }

    fn say(&self, what: impl FnOnce() -> String) {
        if self.aloud {
            eprintln!("{}", what());
        }
    }

    /// A direction in which something may pass.
    fn way(&mut self) -> (usize, usize) {
        let (a, b) = *self.random.pick(self.links);
        if self.random.below(2) == 0 { (a, b) } else { (b, a) }
    }

    fn member(&mut self) -> usize {
        self.index(self.world.members.len())
    }

    fn index(&mut self, len: usize) -> usize {
        usize::try_from(self.random.below(len as u64)).unwrap()
    }

    fn chance(&mut self, percent: u64) -> bool {
        self.random.below(100) < percent
    }

    fn step(&mut self) -> Result<(), String> {
        if self.seed >= RENEWING && self.chance(4) {
            return if self.chance(50) { self.renew() } else { self.stop_or_resume() };
        }
        match self.random.below(100) {
            0..14 => self.ingest()?,
            14..18 => self.undo()?,
            18..24 => self.recall()?,
            24..28 => self.suspend_or_lift()?,
            28..31 => self.revise()?,
            31..33 => self.sign()?,
            33..52 => self.request()?,
            52..78 => self.deliver()?,
            78..88 => self.post()?,
            88..90 => {
                let seconds = *self.random.pick(&[1, 60, 700, 90_000]);
                self.world.pass(seconds);
            }
            90..93 => {
                let at = self.member();
                self.restart(at)?;
            }
            93..95 => self.old_cursor()?,
            95..97 => {
                let way = self.way();
                self.say(|| format!("down {way:?}"));
                self.down.insert(way);
            }
            _ => {
                let way = self.way();
                self.down.remove(&way);
            }
        }
        self.record();
        Ok(())
    }

    /// Does something on a node that may be killed in the middle of it.
    fn on(&mut self, at: usize, what: &str, work: impl Fn(&World) -> Result<(), NodeError>) -> Result<bool, String> {
        let killed = self.chance(8).then(|| self.random.below(14).cast_signed());
        if let Some(writes) = killed {
            self.world.members[at].store.kill_after(writes);
        }
        let outcome = work(&self.world);
        let name = &self.world.members[at].name;
        self.say(|| {
            format!("{name}: {what}: {outcome:?}{}", killed.map_or(String::new(), |n| format!(" killed after {n}")))
        });
        if killed.is_some() {
            self.restart(at)?;
            return Ok(false);
        }
        match outcome {
            Ok(()) => Ok(true),
            Err(NodeError::NoAgreement(_) | NodeError::Unacceptable(_) | NodeError::Refused(_)) => Ok(false),
            Err(error) => Err(format!("{name}: {what}: {error}")),
        }
    }

    /// Whether an organisation has stopped the exchange with another: its node hears nothing of it then.
    fn has_stopped(&self, at: usize, other: usize) -> bool {
        !self.world.members[at].peer(&self.world.members[other].name).is_active()
    }

    /// An organisation gets a new signing key, and its node tells the others.
    fn renew(&mut self) -> Result<(), String> {
        let at = self.member();
        self.asked.remove(&at);
        self.world.members[at].rotate();
        self.on(at, "new key", |world| world.members[at].node.announce(&world.members[at].ctx()))?;
        Ok(())
    }

    /// An organisation stops every exchange with another, or takes it up again.
    fn stop_or_resume(&mut self) -> Result<(), String> {
        let (at, other) = self.way();
        self.asked.remove(&at);
        let name = self.world.members[other].name.clone();
        let stops = self.world.members[at].peer(&name).is_active();
        let status = if stops { PeerStatus::Suspended } else { PeerStatus::Active };
        self.on(at, &format!("{name} {status:?}"), |world| {
            let member = &world.members[at];
            member.node.set_peer_status(&member.ctx(), &name, status).map(drop)
        })?;
        Ok(())
    }

    fn restart(&mut self, at: usize) -> Result<(), String> {
        self.asked.remove(&at);
        let member = &mut self.world.members[at];
        member.restart();
        let name = member.name.clone();
        member.node.finish_recalls(&member.ctx()).map_err(|error| format!("{name}: finish recalls: {error}"))?;
        self.say(|| format!("{name}: restarted"));
        Ok(())
    }

    fn ingest(&mut self) -> Result<(), String> {
        let at = self.member();
        if self.world.members[at].kind == PeerKind::Hub && self.chance(80) {
            return Ok(());
        }
        let name = self.world.members[at].name.clone();
        let mut objects = Vec::new();
        for _ in 0..=self.random.below(4) {
            // Mostly its own, now and then an object that somebody else has too.
            let series = if self.chance(90) { at as u64 } else { self.member() as u64 };
            let number = series * 1_000 + self.random.below(6);
            let old = self.texts.get(&at).filter(|_| self.random.below(10) == 0).cloned();
            if let Some(old) = old {
                let pick = self.index(old.len());
                objects.extend(old[pick].iter().cloned());
                continue;
            }
            let version = self.versions.entry(at as u64 * 100_000 + number).or_default();
            *version += 1;
            let version = *version;
            let label = self.label(&name);
            self.say(|| format!("{name} writes {number:04x} {version}: {}", label.to_json()));
            let written = written(number, version, &name, &label, self.random.below(4) == 0);
            self.meant.insert(written.last().unwrap().clone().into_bytes(), label);
            let entry = self.texts.entry(at).or_default();
            entry.push(written.clone());
            objects.extend(written);
        }
        for object in &objects {
            self.owned.insert((name.clone(), object.clone().into_bytes()));
        }
        self.on(at, &format!("ingest {}", brief(&objects)), |world| world.members[at].try_ingest(&objects).map(drop))?;
        Ok(())
    }

    fn label(&mut self, owner: &OrgName) -> Label {
        let mut label = Label::defaults(owner.clone());
        label.tlp = Some(*self.random.pick(&[
            Tlp::Clear,
            Tlp::Green,
            Tlp::Green,
            Tlp::Green,
            Tlp::Amber,
            Tlp::AmberStrict,
            Tlp::Red,
        ]));
        let parties = |sim: &mut Self| -> BTreeSet<Party> {
            let count = 1 + sim.random.below(2);
            (0..count)
                .map(|_| {
                    let at = sim.member();
                    let name = sim.world.members[at].name.clone();
                    let country = crate::world::country(name.as_str());
                    if sim.chance(70) {
                        Party::org(&name)
                    } else {
                        Party::parse(&format!("country:{country}")).unwrap()
                    }
                })
                .collect()
        };
        if self.chance(35) {
            label.release_to = Some(parties(self));
        }
        if self.chance(12) {
            label.deny = parties(self);
        }
        label
    }

    fn undo(&mut self) -> Result<(), String> {
        let at = self.member();
        let batches = self.world.members[at].store.batches(None, 12).unwrap();
        let own: Vec<BatchId> =
            batches.iter().filter(|batch| batch.owner == self.world.members[at].name).map(|batch| batch.id).collect();
        if own.is_empty() {
            return Ok(());
        }
        let batch = *self.random.pick(&own);
        let killed = self.chance(5);
        if killed {
            let writes = self.random.below(3).cast_signed();
            self.world.members[at].store.kill_after(writes);
        }
        let member = &self.world.members[at];
        // Some cannot be undone; that is not what is looked at here.
        let outcome = member.node.undo(&member.ctx(), batch);
        let name = &member.name;
        self.say(|| format!("{name}: undo {batch}: {outcome:?}"));
        if killed {
            self.restart(at)?;
        }
        Ok(())
    }

    fn recall(&mut self) -> Result<(), String> {
        let at = self.member();
        let log = Log::read(&self.world.members[at]);
        let name = self.world.members[at].name.clone();
        let own: Vec<&Owned> =
            log.content.keys().filter(|(owner, id)| *owner == name && id.kind.as_str() == "indicator").collect();
        if own.is_empty() {
            return Ok(());
        }
        let owned = (*self.random.pick(&own)).clone();
        let reason = *self.random.pick(&[
            RecallReason::Incorrect,
            RecallReason::Withdrawn,
            RecallReason::Legal,
            RecallReason::Narrowed,
        ]);
        // What narrowed is what the node itself says; people say the others.
        let reason = if reason == RecallReason::Narrowed { RecallReason::Incorrect } else { reason };
        let replaced: Option<Timestamp> =
            log.current.get(&owned).filter(|_| self.random.below(2) == 0).map(|version| version.modified);
        let what = format!("recall {} {reason:?} {replaced:?}", owned.1);
        self.on(at, &what, |world| {
            let member = &world.members[at];
            member.node.recall(&member.ctx(), &owned.1, reason, replaced).map(drop)
        })?;
        Ok(())
    }

    fn agreement_of(&mut self, at: usize) -> Option<(String, comity_node::StandingAgreement)> {
        let member = &self.world.members[at];
        let mut all = member.node.agreements(&member.ctx()).unwrap();
        // The ids are random; the other party's name is not.
        all.sort_by_key(|one| one.agreement.other(&member.name).map(|other| other.name.clone()));
        if all.is_empty() {
            return None;
        }
        let pick = self.index(all.len());
        let one = all.swap_remove(pick);
        Some((one.agreement.id.to_string(), one))
    }

    fn suspend_or_lift(&mut self) -> Result<(), String> {
        let at = self.member();
        let Some((id, _)) = self.agreement_of(at) else { return Ok(()) };
        let lift = self.chance(65);
        self.on(at, if lift { "lift" } else { "suspend" }, |world| {
            let member = &world.members[at];
            if lift {
                member.node.lift(&member.ctx(), &id).map(drop)
            } else {
                member.node.suspend(&member.ctx(), &id, "an inquiry").map(drop)
            }
        })?;
        Ok(())
    }

    fn revise(&mut self) -> Result<(), String> {
        let at = self.member();
        let Some((id, standing)) = self.agreement_of(at) else { return Ok(()) };
        let other = standing.agreement.other(&self.world.members[at].name).unwrap().name.clone();
        let other = self.world.members.iter().find(|member| member.name == other).unwrap();
        let flow = flow(&mut self.random, false);
        let version = standing.proposed.as_ref().unwrap_or(&standing.agreement).version + 1;
        let text =
            agreement(&self.world.members[at], other, &flow).replace("version = 1", &format!("version = {version}"));
        self.on(at, &format!("revise to {version}: {flow}"), |world| {
            let member = &world.members[at];
            member.node.revise(&member.ctx(), &id, &text).map(drop)
        })?;
        Ok(())
    }

    fn sign(&mut self) -> Result<(), String> {
        let at = self.member();
        let Some((id, standing)) = self.agreement_of(at) else { return Ok(()) };
        let version = standing.proposed.as_ref().unwrap_or(&standing.agreement).version;
        self.on(at, &format!("sign {version}"), |world| {
            let member = &world.members[at];
            member.node.sign_agreement(&member.ctx(), &id).map(drop)
        })?;
        Ok(())
    }

    fn request(&mut self) -> Result<(), String> {
        let (from, to) = self.way();
        let member = &self.world.members[from];
        let cursor = member.node.fetched(&self.world.members[to].name).unwrap().map(|fetched| fetched.cursor);
        let limit = 1 + self.index(9);
        let flight = Flight { from, to, cargo: Cargo::Request { cursor, limit } };
        self.send(flight);
        if self.chance(60) {
            // The usual case: nothing comes between.
            let last = self.flights.len();
            if last > 0 {
                self.arrive(last - 1)?;
            }
            let last = self.flights.len();
            if last > 0 && self.chance(80) {
                self.arrive(last - 1)?;
            }
        }
        Ok(())
    }

    fn send(&mut self, flight: Flight) {
        if self.flights.len() < 60 {
            self.flights.push(flight);
        }
    }

    /// Something on its way arrives, is lost, or comes twice.
    fn deliver(&mut self) -> Result<(), String> {
        if self.flights.is_empty() {
            return Ok(());
        }
        let pick = self.index(self.flights.len());
        if self.chance(12) {
            self.say(|| "lost".into());
            self.flights.swap_remove(pick);
            return Ok(());
        }
        if self.chance(12) {
            let again = self.flights[pick].clone();
            self.send(again);
        }
        self.arrive(pick)
    }

    fn arrive(&mut self, pick: usize) -> Result<(), String> {
        let Flight { from, to, cargo } = self.flights.remove(pick);
        if self.down.contains(&(from, to)) || self.has_stopped(to, from) {
            return Ok(());
        }
        let peer_of = |world: &World| world.members[to].peer(&world.members[from].name);
        match cargo {
            Cargo::Request { cursor, limit } => {
                let page = std::cell::RefCell::new(None);
                let taker = self.world.members[from].name.clone();
                let done = self.on(to, &format!("feed {taker} {limit}"), |world| {
                    let giver = &world.members[to];
                    let made = giver.node.feed(&giver.ctx(), &peer_of(world), cursor.as_deref(), limit)?;
                    *page.borrow_mut() = Some(made);
                    Ok(())
                })?;
                // An answer may have left before the node was killed, but never without having been made.
                if let Some(page) = page.into_inner().filter(|_| done || self.random.below(2) == 0) {
                    self.send(Flight { from: to, to: from, cargo: Cargo::Page(page) });
                }
            }
            Cargo::Page(page) => {
                let giver = self.world.members[from].name.clone();
                let taken = std::cell::RefCell::new(None);
                self.on(to, &format!("take from {giver}"), |world| {
                    let taker = &world.members[to];
                    *taken.borrow_mut() = Some(taker.node.take_page(&taker.ctx(), &peer_of(world), &page)?);
                    Ok(())
                })?;
                self.say(|| format!("  {taken:?}"));
                self.nothing_else_arrived(to, &Log::read(&self.world.members[to]))?;
                let key = format!("fetched/{giver}");
                if let Some((_, bytes)) = self.world.members[to].store.value(&key).unwrap()
                    && self.random.below(4) == 0
                {
                    self.cursors.push((to, key, bytes));
                }
            }
            Cargo::Message(bytes) => {
                self.on(to, "take message", |world| {
                    let taker = &world.members[to];
                    taker.node.take_message(&taker.ctx(), &peer_of(world), &bytes)
                })?;
            }
        }
        Ok(())
    }

    /// Brings the first message that waits, as a line does; the answer may be lost, and a copy may stay on its way.
    fn post(&mut self) -> Result<(), String> {
        let (from, to) = self.way();
        if self.down.contains(&(from, to)) {
            return Ok(());
        }
        for _ in 0..=self.random.below(3) {
            let waiting = self.world.members[from].node.outbox(&self.world.members[to].name).unwrap();
            let Some((key, bytes)) = waiting.into_iter().next() else { return Ok(()) };
            if self.chance(10) {
                self.send(Flight { from, to, cargo: Cargo::Message(bytes.clone()) });
            }
            if self.chance(10) {
                return Ok(());
            }
            if !self.bring(from, to, &key, &bytes)? {
                return Ok(());
            }
        }
        Ok(())
    }

    /// Says whether the next one may follow.
    fn bring(&mut self, from: usize, to: usize, key: &str, bytes: &[u8]) -> Result<bool, String> {
        if self.has_stopped(to, from) {
            // It waits until the exchange is taken up again.
            return Ok(false);
        }
        let refused = std::cell::Cell::new(false);
        let sender = self.world.members[from].name.clone();
        let taken = self.on(to, &format!("take message of {sender}"), |world| {
            let taker = &world.members[to];
            let taken = taker.node.take_message(&taker.ctx(), &taker.peer(&sender), bytes);
            // As the line does: what is refused for good is not brought again.
            let passing = matches!(taken, Ok(()) | Err(NodeError::Store(_)));
            refused.set(!passing);
            taken
        })?;
        if taken || refused.get() {
            let key = key.to_owned();
            return self.on(from, "sent", |world| world.members[from].node.sent(&key));
        }
        Ok(false)
    }

    fn old_cursor(&mut self) -> Result<(), String> {
        if self.cursors.is_empty() {
            return Ok(());
        }
        let (at, key, bytes) = self.random.pick(&self.cursors).clone();
        let store = &self.world.members[at].store;
        let version = store.value(&key).unwrap().map(|(version, _)| version);
        store.put(&key, version, &bytes).map_err(|error| error.to_string())?;
        let name = &self.world.members[at].name;
        self.say(|| format!("{name}: old cursor of {key}"));
        Ok(())
    }

    /// Notes what every node admits to its neighbours at this moment.
    fn record(&mut self) {
        for at in 0..self.world.members.len() {
            let member = &self.world.members[at];
            let epoch = member.store.value("policy/epoch").unwrap().map_or(0, |(version, _)| version);
            let state = (member.store.head().unwrap().visible.0, epoch);
            if self.asked.insert(at, state) == Some(state) {
                continue;
            }
            let log = Log::read(member);
            for (one, two) in self.links {
                let to = if *one == at {
                    *two
                } else if *two == at {
                    *one
                } else {
                    continue;
                };
                for (owned, raw) in self.oracle_admits(at, to, &log) {
                    self.admitted.insert((to, owned.0, raw));
                }
            }
        }
    }

    /// What is current at one node and admitted to another.
    fn oracle_admits(&mut self, at: usize, to: usize, log: &Log) -> Vec<(Owned, Vec<u8>)> {
        let (giver, taker) = (&self.world.members[at], &self.world.members[to]);
        // Of the owner's own the label is known without asking how it was read; but what it holds is read from it.
        let label = |version: &Version| {
            let read = log.label(version);
            let meant = self.meant.get(&*version.raw).filter(|meant| meant.owner == read.owner);
            meant.map_or_else(|| read.clone(), |meant| meant.with_personal(read.personal))
        };
        let labels: Vec<Label> = log.current.values().map(label).collect();
        let verdicts = self.oracle.admits(giver, taker, &labels.iter().collect::<Vec<_>>());
        let admitted = log.current.iter().zip(verdicts).filter(|((owned, _), yes)| *yes && owned.0 != taker.name);
        admitted.map(|((owned, version), _)| (owned.clone(), version.raw.to_vec())).collect()
    }

    // ---- the end ----------------------------------------------------------------------------

    /// Everything arrives, everybody signs and lifts, and all fetch until nothing moves.
    fn heal(&mut self) -> Result<(), String> {
        self.say(|| "--- heal".into());
        for member in &self.world.members {
            for peer in member.node.peers().unwrap().iter().filter(|peer| !peer.is_active()) {
                member.node.set_peer_status(&member.ctx(), &peer.name, PeerStatus::Active).unwrap();
            }
            member.node.announce(&member.ctx()).unwrap();
        }
        self.asked.clear();
        self.down.clear();
        while !self.flights.is_empty() {
            let pick = self.index(self.flights.len());
            self.arrive(pick)?;
            self.record();
        }
        self.random = Random::new(self.seed ^ 0x4ea1);
        for round in 0..60 {
            let mut moved = false;
            if round < 2 {
                for at in 0..self.world.members.len() {
                    self.agree_again(at)?;
                }
                moved = true;
            }
            for (a, b) in self.links {
                for (from, to) in [(*a, *b), (*b, *a)] {
                    moved |= self.carry(from, to)?;
                    self.record();
                    moved |= self.sync(from, to)?;
                    self.record();
                }
            }
            if !moved {
                return Ok(());
            }
        }
        Err("it never comes to rest".into())
    }

    /// People go through their agreements: what they suspended they lift, what was proposed they sign.
    fn agree_again(&self, at: usize) -> Result<(), String> {
        let member = &self.world.members[at];
        for standing in member.node.agreements(&member.ctx()).unwrap() {
            let id = standing.agreement.id.to_string();
            match member.node.lift(&member.ctx(), &id) {
                Ok(_) | Err(NodeError::Refused(_)) => {}
                Err(error) => return Err(error.to_string()),
            }
            match member.node.sign_agreement(&member.ctx(), &id) {
                Ok(_) => {}
                // It names a key that was renewed since: they write it anew.
                Err(NodeError::Refused(_)) => self.write_anew(at, &standing)?,
                Err(error) => return Err(error.to_string()),
            }
        }
        Ok(())
    }

    fn write_anew(&self, at: usize, standing: &StandingAgreement) -> Result<(), String> {
        let newest = standing.proposed.as_ref().unwrap_or(&standing.agreement);
        let (member, version) = (&self.world.members[at], newest.version + 1);
        let other = newest.other(&member.name).unwrap().name.clone();
        let other = self.world.members.iter().find(|member| member.name == other).unwrap();
        let text = agreement(member, other, EVERYTHING).replace("version = 1", &format!("version = {version}"));
        let made = member.node.revise(&member.ctx(), &standing.agreement.id.to_string(), &text);
        made.map(drop).map_err(|error| error.to_string())
    }

    fn carry(&mut self, from: usize, to: usize) -> Result<bool, String> {
        let (giver, taker) = (&self.world.members[from], &self.world.members[to]);
        let waiting = giver.node.outbox(&taker.name).unwrap();
        let any = !waiting.is_empty();
        for (key, bytes) in waiting {
            let taken = taker.node.take_message(&taker.ctx(), &taker.peer(&giver.name), &bytes);
            self.say(|| format!("{} takes a message of {}: {taken:?}", taker.name, giver.name));
            if let Err(error @ (NodeError::Store(_) | NodeError::Setting { .. })) = taken {
                return Err(error.to_string());
            }
            giver.node.sent(&key).unwrap();
        }
        Ok(any)
    }

    fn sync(&mut self, from: usize, to: usize) -> Result<bool, String> {
        let mut moved = false;
        for _ in 0..400 {
            let limit = 1 + self.index(12);
            let (giver, taker) = (&self.world.members[from], &self.world.members[to]);
            let cursor = taker.node.fetched(&giver.name).unwrap().map(|fetched| fetched.cursor);
            let page = match giver.node.feed(&giver.ctx(), &giver.peer(&taker.name), cursor.as_deref(), limit) {
                Ok(page) => page,
                Err(NodeError::NoAgreement(_)) => return Ok(moved),
                Err(error) => return Err(format!("{} feeds {}: {error}", giver.name, taker.name)),
            };
            let taken = match taker.node.take_page(&taker.ctx(), &taker.peer(&giver.name), &page) {
                Ok(taken) => taken,
                // The other side has not heard yet that it counts again.
                Err(NodeError::NoAgreement(_)) => return Ok(moved),
                Err(error) => return Err(format!("{} takes of {}: {error}", taker.name, giver.name)),
            };
            let after = taker.node.fetched(&giver.name).unwrap().map(|fetched| fetched.cursor);
            self.say(|| format!("{} takes of {}: {taken:?}", taker.name, giver.name));
            self.nothing_else_arrived(to, &Log::read(taker))?;
            moved |= taken.stored > 0 || taken.recalls > 0 || after != cursor;
            if !taken.more && after == cursor {
                return Ok(moved);
            }
        }
        Err(format!("{} never has everything of {}", self.world.members[to].name, self.world.members[from].name))
    }

    fn check(&mut self) -> Result<(), String> {
        let logs: Vec<Log> = self.world.members.iter().map(Log::read).collect();
        self.everything_arrived(&logs)?;
        self.what_was_taken_back_is_gone(&logs)?;
        self.receipts_are_complete()
    }

    fn everything_arrived(&mut self, logs: &[Log]) -> Result<(), String> {
        for to in 0..logs.len() {
            let mut expected: BTreeMap<Owned, (Timestamp, Vec<u8>, OrgName)> = BTreeMap::new();
            for (at, log) in logs.iter().enumerate() {
                if !self.links.contains(&(at, to)) && !self.links.contains(&(to, at)) {
                    continue;
                }
                let (giver, taker) = (&self.world.members[at], &self.world.members[to]);
                if !Oracle::in_force(giver, taker) || !Oracle::in_force(taker, giver) {
                    return Err(format!("nothing is in force between {} and {}", giver.name, taker.name));
                }
                for (owned, raw) in self.oracle_admits(at, to, log) {
                    let modified = log.current[&owned].modified;
                    let giver = self.world.members[at].name.clone();
                    if expected.get(&owned).is_none_or(|(known, ..)| *known < modified) {
                        expected.insert(owned, (modified, raw, giver));
                    }
                }
            }
            let taker = &self.world.members[to].name;
            let shown = self.world.members[to].current();
            for (owned, (_, raw, giver)) in expected {
                let found = logs[to].current.get(&owned).map(|version| &*version.raw);
                if found != Some(&raw) {
                    let found = found.map(String::from_utf8_lossy);
                    let due = String::from_utf8_lossy(&raw);
                    return Err(format!("{taker} lacks {owned:?} of {giver}: due {due}, there {found:?}"));
                }
                if shown.get(&owned) != Some(&raw) {
                    return Err(format!("{taker} does not show {owned:?}"));
                }
            }
        }
        Ok(())
    }

    fn nothing_else_arrived(&self, to: usize, log: &Log) -> Result<(), String> {
        let taker = &self.world.members[to].name;
        for ((owner, id), versions) in &log.content {
            for version in versions {
                let raw = version.raw.to_vec();
                let text = String::from_utf8_lossy(&raw).into_owned();
                let key = (owner.clone(), raw);
                if !self.owned.contains(&key) {
                    return Err(format!("{taker} holds {id} as of {owner}, who never brought it: {text}"));
                }
                if owner != taker && !self.admitted.contains(&(to, key.0, key.1)) {
                    return Err(format!(
                        "{taker} holds what was never for it: {id} of {owner}, {}: {text}",
                        log.label(version).to_json()
                    ));
                }
            }
        }
        Ok(())
    }

    /// What its owner took back, or undid, or closed to somebody, is gone there.
    fn what_was_taken_back_is_gone(&mut self, logs: &[Log]) -> Result<(), String> {
        for (at, log) in logs.iter().enumerate() {
            let owner = self.world.members[at].name.clone();
            let standing = standing_texts(&self.world, at);
            for (to, theirs) in logs.iter().enumerate().filter(|(to, _)| *to != at) {
                let may: HashSet<(Owned, Vec<u8>)> = self.oracle_admits(at, to, log).into_iter().collect();
                for (owned, versions) in theirs.content.iter().filter(|((own, _), _)| *own == owner) {
                    for version in versions {
                        let text = String::from_utf8_lossy(&version.raw);
                        let taker = &self.world.members[to].name;
                        if !standing.contains(&version.raw.to_vec()) {
                            return Err(format!("{taker} still holds what {owner} took back: {text}"));
                        }
                        let Some(newest) = log.current.get(owned) else { continue };
                        let newest = (owned.clone(), newest.raw.to_vec());
                        // Closed by the label: it was never for this one, whatever the agreement said at any time.
                        let closed =
                            !may.contains(&newest) && !self.admitted.contains(&(to, owner.clone(), newest.1.clone()));
                        // What somebody else passed on its owner does not know of; only the relay could tell.
                        if closed && self.gave(at, to, owned, &version.raw) {
                            return Err(format!("{taker} still holds what {owner} closed: {text}"));
                        }
                    }
                }
            }
        }
        Ok(())
    }

    fn gave(&self, at: usize, to: usize, owned: &Owned, raw: &[u8]) -> bool {
        let giver = &self.world.members[at];
        let rows = giver.store.versions(&owned.1).unwrap();
        let rows = giver.store.get(&rows.iter().map(|row| row.position).collect::<Vec<_>>()).unwrap();
        let same: Vec<_> = rows.into_iter().flatten().filter(|row| *row.raw == *raw).map(|row| row.position).collect();
        !giver.node.deliveries_of(&self.world.members[to].name, &same).unwrap().is_empty()
    }

    fn receipts_are_complete(&self) -> Result<(), String> {
        for giver in &self.world.members {
            for taker in &self.world.members {
                for owed in giver.node.owed_by(&taker.name).unwrap() {
                    let what = format!("{:?} of {} by {}", owed.reason, owed.object, owed.owner);
                    if owed.receipt.is_none() {
                        return Err(format!("{} has no receipt of {} for {what}", giver.name, taker.name));
                    }
                    let owner = self.world.members.iter().find(|member| member.name == owed.owner).unwrap();
                    let receipts = owner.node.receipts(&owed.recall).unwrap();
                    if !receipts.iter().any(|receipt| receipt.said.by == taker.name) {
                        return Err(format!("{} never got the receipt of {} for {what}", owner.name, taker.name));
                    }
                }
            }
        }
        Ok(())
    }
}

/// The texts of an owner's own versions that were neither undone nor withdrawn.
fn standing_texts(world: &World, at: usize) -> HashSet<Vec<u8>> {
    use comity_base::Position;
    use comity_store::Op;
    let rows = world.members[at].store.scan(Position::START, usize::MAX, true).unwrap();
    let mut gone = BTreeSet::new();
    for row in &rows {
        match row.op {
            Op::Tombstone(target) => drop(gone.insert(target)),
            Op::Restore(target) => drop(gone.remove(&target)),
            Op::Put | Op::Withdraw(_) => {}
        }
    }
    gone.extend(rows.iter().filter_map(|row| if let Op::Withdraw(target) = row.op { Some(target) } else { None }));
    let stands = rows.iter().filter(|row| row.op == Op::Put && !gone.contains(&row.position));
    stands.map(|row| row.raw.to_vec()).collect()
}

/// What both let flow: much at first, anything later.
fn flow(random: &mut Random, first: bool) -> String {
    let kinds = if first || random.below(3) > 0 {
        r#""threat", "suspect", "contact", "account", "person""#
    } else {
        r#""threat""#
    };
    let tlp =
        if first { "amber+strict" } else { *random.pick(&["clear", "green", "amber", "amber+strict", "amber+strict"]) };
    let onward = if first { "label" } else { *random.pick(&["label", "label", "named", "no"]) };
    format!(
        "kinds = [{kinds}]\npurposes = [\"investigation\", \"prevention\"]\ntlp = \"{tlp}\"\n\
         handling = [\"H0\", \"H1\", \"H2\", \"H3\"]\nonward = \"{onward}\""
    )
}

/// An object of this number and version with the marking that its label needs, when it needs one.
fn written(number: u64, version: u32, owner: &OrgName, label: &Label, personal: bool) -> Vec<String> {
    let id = object_id(number);
    let refs: Vec<String> = label.marking_refs().iter().map(|id| format!("\"{id}\"")).collect();
    let pattern = if personal {
        format!("[email-addr:value = 'a{number}@{owner}.example']")
    } else {
        format!("[ipv4-addr:value = '198.51.{}.{}']", number / 200 % 200, 1 + number % 200)
    };
    let object = format!(
        r#"{{"type":"indicator","spec_version":"2.1","id":"{id}","created":"2026-01-01T00:00:00.000Z","modified":"2026-01-{:02}T00:00:{:02}.000Z","pattern":"{pattern}","pattern_type":"stix","valid_from":"2026-01-01T00:00:00Z","name":"{owner} {version}","object_marking_refs":[{}]}}"#,
        1 + version / 60,
        version % 60,
        refs.join(",")
    );
    let lists = label.release_to.is_some() || !label.deny.is_empty();
    lists.then(|| label.to_marking()).into_iter().chain([object]).collect()
}

fn object_id(number: u64) -> ObjectId {
    ObjectId::parse(&format!("indicator--{number:08x}-0000-4000-8000-000000000000")).unwrap()
}

fn brief(objects: &[String]) -> String {
    let named = objects.iter().filter(|object| object.contains("indicator--"));
    let tlp = |object: &str| {
        let levels = [Tlp::Clear, Tlp::Green, Tlp::Amber, Tlp::AmberStrict, Tlp::Red];
        let found =
            levels.into_iter().find(|level| object.contains(&uuid::Uuid::from_u128(level.marking_uuid()).to_string()));
        found.map_or("none", Tlp::name)
    };
    let text = |object: &String| {
        let number = object.split("indicator--").nth(1).and_then(|rest| rest.get(4..8)).unwrap_or_default();
        let name = object.split("\"name\":\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap_or_default();
        format!("{number} ({name}, {})", tlp(object))
    };
    named.map(text).collect::<Vec<_>>().join("; ")
}
