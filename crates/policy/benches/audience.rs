//! How fast it is decided who may see what: 200 recipients and 10,000 different labels, on every core. One JSON
//! line per figure, each the median of several runs. `busy` is processor time a core: what the clock shows on a
//! machine that does nothing else.

use std::collections::{BTreeMap, BTreeSet};
use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

use comity_base::{OrgName, Timestamp};
use comity_policy::{
    Action, Agreement, Ask, Asker, DataKind, Onward, OrgKind, OrgStatus, OwnerGrant, Policy, Purpose, Standing, State,
};
use comity_stix::label::{Category, Handling, Label, Pap, Party, Recipient, Tlp};
use comity_stix::{Doc, ObjectId};
use uuid::Uuid;

const RECIPIENTS: usize = 200;
const LABELS: usize = 10_000;
const RUNS: usize = 7;

fn main() {
    let world = World::new();
    let decisions = (RECIPIENTS * LABELS) as f64;
    let loading = median(|| timed(|| drop(black_box(Policy::new()))).0);
    report("load_rules", "ms", loading * 1e3, "null");

    let cold = || both(|| world.decide(&policy()));
    let (clock, busy) = (median(|| cold().0), median(|| cold().1));
    report("200x10000_cold", "s", clock, "1");
    report("200x10000_cold_busy", "s", busy, "1");
    let policy = policy();
    let (admitted, _) = world.decide(&policy);
    let warm = || both(|| world.decide(&policy));
    let (clock, busy) = (median(|| warm().0), median(|| warm().1));
    report("200x10000_warm", "s", clock, "1");
    report("200x10000_warm_busy", "s", busy, "1");
    report("one_decision_busy", "ns", busy * 1e9 * cores() as f64 / decisions, "1000");
    eprintln!("{admitted} of {decisions} admitted, {} cores", cores());

    let Some(asker) = world.recipients.first().map(|peer| world.asker(&policy, peer)) else { return };
    let explain =
        median(|| timed(|| world.labels.iter().take(1_000).for_each(|label| drop(black_box(asker.explain(label))))).0);
    report("explain", "us", explain * 1e6 / 1_000.0, "null");
    let local = policy.with_local(LOCAL).unwrap_or(policy);
    let narrowed = median(|| both(|| world.decide(&local)).1);
    report("200x10000_with_three_local_rules_busy", "s", narrowed, "null");
    categories();
}

/// Rules as a bureau might add them.
const LOCAL: &str = r#"
@id("victims") @sentence("x") forbid (principal, action, resource)
when { resource.personal.contains(Category::"victim") && principal.kind == Kind::"partner" };
@id("country") @sentence("x") forbid (principal, action, resource) when { principal has country && principal.country == "XK" };
@id("owner") @sentence("x") forbid (principal, action, resource)
when { resource.owner has country && resource.owner.country == "LV" } unless { principal.groups.contains("e5") };
"#;

/// What it costs intake to look for personal data.
fn categories() {
    let (id, hash) = ("8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f", "ab".repeat(32));
    let head = format!(
        r#""spec_version":"2.1","created":"2026-05-01T10:00:00.000Z","modified":"2026-05-01T10:00:00.000Z","created_by_ref":"identity--{id}""#
    );
    let texts = [
        format!(
            r#"{{"type":"indicator","id":"indicator--{id}",{head},"name":"Loader","pattern":"[file:hashes.'SHA-256' = '{hash}' AND file:name = 'a.exe']","pattern_type":"stix"}}"#
        ),
        format!(
            r#"{{"type":"indicator","id":"indicator--{id}",{head},"pattern":"[url:value = 'http://a.example/gate.php']","pattern_type":"stix"}}"#
        ),
        format!(r#"{{"type":"relationship","id":"relationship--{id}",{head},"relationship_type":"indicates"}}"#),
        format!(r#"{{"type":"ipv4-addr","spec_version":"2.1","id":"ipv4-addr--{id}","value":"198.51.100.7"}}"#),
        format!(r#"{{"type":"malware","id":"malware--{id}",{head},"name":"Emotet","is_family":true}}"#),
        format!(
            r#"{{"type":"identity","id":"identity--{id}",{head},"name":"Jo","identity_class":"individual","roles":["victim"]}}"#
        ),
    ];
    let docs: Vec<Doc<'_>> = texts.iter().filter_map(|text| Doc::parse(text.as_bytes(), 16).ok()).collect();
    let rounds = 200_000;
    let time = median(|| {
        let start = busy();
        for doc in std::iter::repeat_n(&docs, rounds / docs.len()).flatten() {
            black_box(Category::of_object(black_box(doc.root())));
        }
        busy() - start
    });
    report("category_of_object_busy", "ns", time * 1e9 / rounds as f64, "200");
}

fn report(figure: &str, unit: &str, value: f64, target: &str) {
    println!(r#"{{"figure":"{figure}","value":{value:.3},"unit":"{unit}","target":{target},"better":"lower"}}"#);
}

fn policy() -> Policy {
    match Policy::new() {
        Ok(policy) => policy,
        Err(error) => {
            eprintln!("{error}");
            std::process::exit(1)
        }
    }
}

fn timed<T>(work: impl FnOnce() -> T) -> (f64, T) {
    let start = Instant::now();
    let done = work();
    (start.elapsed().max(Duration::from_nanos(1)).as_secs_f64(), done)
}

/// Seconds by the clock, and processor seconds a core.
fn both(work: impl FnOnce() -> (usize, f64)) -> (f64, f64) {
    let (clock, (_, busy)) = timed(work);
    (clock, busy / cores() as f64)
}

/// Processor seconds this thread has used; 0 where the system does not tell.
fn busy() -> f64 {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    told.split(' ').next().and_then(|nanos| nanos.parse::<f64>().ok()).unwrap_or_default() / 1e9
}

fn median(mut run: impl FnMut() -> f64) -> f64 {
    let mut times: Vec<f64> = (0..RUNS).map(|_| run()).collect();
    times.sort_by(f64::total_cmp);
    times.get(RUNS / 2).copied().unwrap_or_default()
}

fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// A recipient, its part in the network, and the agreement with it.
type Peer = (Recipient, Standing, Agreement);

/// A node of ee-police with its peers and the labels of what it holds.
struct World {
    recipients: Vec<Peer>,
    labels: Vec<Label>,
    grants: Arc<BTreeMap<OrgName, OwnerGrant>>,
    now: Timestamp,
}

const COUNTRIES: &[&str] = &["EE", "FI", "LV", "LT", "SE", "DE", "FR", "PL", "NL", "US", "JP", "BR", "KE", "SG", "UA"];
const GROUPS: &[&str] = &["e5", "community", "joint-cyber", "eu"];

impl World {
    fn new() -> Self {
        let mut numbers = Numbers(0x9E37_79B9_7F4A_7C15);
        let recipients: Vec<_> = (0..RECIPIENTS).filter_map(|at| peer(at, &mut numbers)).collect();
        let mut labels = BTreeSet::new();
        while labels.len() < LABELS {
            labels.insert(label(&recipients, &mut numbers));
        }
        // In the order objects bring them, not sorted.
        let mut labels: Vec<Label> = labels.into_iter().collect();
        for at in 0..labels.len() {
            labels.swap(at, numbers.below(LABELS));
        }
        let grant = |(recipient, standing, _): &Peer| {
            let onward = *numbers.pick(&[Onward::No, Onward::Named, Onward::Label]);
            (recipient.name.clone(), OwnerGrant { kind: standing.kind, country: recipient.country.clone(), onward })
        };
        let grants = Arc::new(recipients.iter().map(grant).collect());
        let now = Timestamp::parse("2027-06-15T00:00:00Z").unwrap_or_default();
        Self { recipients, labels, grants, now }
    }

    fn asker(&self, policy: &Policy, (recipient, standing, agreement): &Peer) -> Asker {
        let grants = Arc::clone(&self.grants);
        policy.asker(&Ask {
            action: Action::Release,
            recipient,
            standing: *standing,
            holder: &name("ee-police"),
            holder_kind: OrgKind::Member,
            agreement: Some((agreement, &State::Active { until: agreement.valid_until })),
            purposes: &[],
            owner_grants: Arc::new(move |owner| grants.get(owner).cloned().unwrap_or(OwnerGrant::UNKNOWN)),
            now: self.now,
        })
    }

    /// Decides everything, each core for its share of the recipients: how many are admitted, in how many
    /// processor seconds.
    fn decide(&self, policy: &Policy) -> (usize, f64) {
        let one = |peer: &Peer| {
            let asker = self.asker(policy, peer);
            self.labels.iter().filter(|label| asker.admits(label)).count()
        };
        let share = |core: usize| {
            let admitted: usize = self.recipients.iter().skip(core).step_by(cores()).map(one).sum();
            (admitted, busy())
        };
        std::thread::scope(|scope| {
            let workers: Vec<_> = (0..cores()).map(|core| scope.spawn(move || share(core))).collect();
            let done = workers.into_iter().map(|worker| worker.join().unwrap_or_default());
            done.fold((0, 0.0), |sum, part| (sum.0 + part.0, sum.1 + part.1))
        })
    }
}

fn peer(at: usize, numbers: &mut Numbers) -> Option<Peer> {
    let kind = match at % 20 {
        0..=11 => OrgKind::Member,
        12..=18 => OrgKind::Partner,
        _ => OrgKind::Hub,
    };
    let country = *numbers.pick(COUNTRIES);
    let groups = GROUPS.iter().filter(|_| numbers.below(3) == 0).map(|group| (*group).to_owned()).collect();
    let recipient = Recipient { name: name(&format!("peer-{at}")), country: Some(country.to_owned()), groups };
    let text = include_str!("../../../examples/agreement.toml").replace("fi-police", recipient.name.as_str());
    let mut agreement = Agreement::from_toml(&text, Uuid::from_u128(at as u128 + 1), Timestamp::default()).ok()?;
    let flow = agreement.flows.first_mut()?;
    flow.kinds = DataKind::ALL.into_iter().filter(|kind| *kind == DataKind::Threat || numbers.below(3) == 0).collect();
    flow.purposes = Purpose::ALL.into_iter().filter(|_| numbers.below(2) == 0).collect();
    flow.tlp = *numbers.pick(&[Tlp::Green, Tlp::Amber, Tlp::AmberStrict, Tlp::Red]);
    flow.pap = *numbers.pick(&[None, Some(Pap::Green), Some(Pap::Amber)]);
    flow.countries = (numbers.below(3) == 0).then(|| COUNTRIES.iter().take(8).map(|code| (*code).to_owned()).collect());
    let status = if numbers.below(20) == 0 { OrgStatus::Suspended } else { OrgStatus::Active };
    Some((recipient, Standing { kind, status }, agreement))
}

/// A label as bureaus and labs give them: mostly a level and a list, sometimes more.
fn label(peers: &[Peer], numbers: &mut Numbers) -> Label {
    let owner = if numbers.below(2) == 0 {
        name("ee-police")
    } else {
        numbers.pick(peers.get(..40).unwrap_or(peers)).0.name.clone()
    };
    let mut label = Label::defaults(owner);
    label.tlp = *numbers.pick(&[
        None,
        Some(Tlp::Clear),
        Some(Tlp::Green),
        Some(Tlp::Green),
        Some(Tlp::Amber),
        Some(Tlp::AmberStrict),
        Some(Tlp::Red),
    ]);
    if numbers.below(3) > 0 {
        label.release_to = Some((0..=numbers.below(12)).filter_map(|_| party(peers, numbers)).collect());
    }
    if numbers.below(6) == 0 {
        label.deny = (0..=numbers.below(3)).filter_map(|_| party(peers, numbers)).collect();
    }
    if numbers.below(4) == 0 {
        label.purposes = Some(
            Purpose::ALL
                .into_iter()
                .filter(|_| numbers.below(2) == 0)
                .map(|purpose| purpose.name().to_owned())
                .collect(),
        );
    }
    label.pap = *numbers.pick(&[None, None, None, Some(Pap::Green), Some(Pap::Amber), Some(Pap::Red)]);
    label.handling = Handling::ALL.into_iter().filter(|_| numbers.below(6) == 0).collect();
    if numbers.below(3) == 0 {
        let day = 1 + numbers.below(28);
        label.retain_until = Timestamp::parse_end_of(&format!("2027-{:02}-{day:02}", 1 + numbers.below(12))).ok();
    }
    if numbers.below(10) < 3 {
        label = label.with_personal(Category::ALL.into_iter().filter(|_| numbers.below(5) == 0).collect());
    }
    if numbers.below(50) == 0 {
        label.markings.extend(ObjectId::new("marking-definition", Uuid::from_u128(u128::from(numbers.next()))));
    }
    label
}

fn party(peers: &[Peer], numbers: &mut Numbers) -> Option<Party> {
    match numbers.below(6) {
        0 => Party::group(numbers.pick::<&str>(GROUPS)).ok(),
        1 => Party::parse(&format!("country:{}", numbers.pick::<&str>(COUNTRIES))).ok(),
        _ => Some(Party::org(&numbers.pick(peers).0.name)),
    }
}

fn name(text: &str) -> OrgName {
    match OrgName::parse(text) {
        Ok(name) => name,
        Err(error) => {
            eprintln!("{error}");
            std::process::exit(1)
        }
    }
}

/// Numbers that look random and are the same each time.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next() >> 16).unwrap_or_default() % limit.max(1)
    }

    fn pick<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        let at = self.below(all.len());
        // INVARIANT: every list here has something in it.
        #[expect(clippy::expect_used, reason = "the lists are written in this file")]
        all.get(at).expect("something to pick from")
    }
}
