use std::collections::{BTreeMap, BTreeSet};

use comity_stix::{Kind, Value};
use serde::Serialize;

use crate::warninglist::url_parts;
use crate::{Path, Rarity, Reason, Weight, base_bits, weigh};

/// One value that two containers share.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evidence {
    /// The value.
    pub value: Value,
    /// The object that holds it on one side, always the same side; empty when there is none. Hashes of
    /// one object are taken to describe one set of files.
    pub object: String,
    /// How common it is.
    pub rarity: Rarity,
    /// How it stands in the containers.
    pub path: Path,
}

/// How strongly two containers are tied.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Score {
    /// 0 to 100: half of what is missing to 100 is gained with every 10 bits of evidence.
    pub points: u8,
    /// The points in a word.
    pub strength: Strength,
    /// Why, the weightiest first; one for every value.
    pub reasons: Vec<Reason>,
}

/// Points in a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Strength {
    /// Below 35 points: common things only, or one weak one.
    Weak,
    /// 35 to 59: one address, or several weak things.
    Fair,
    /// 60 to 84: one thing that is near-unique, or several addresses.
    Strong,
    /// 85 and more: several things that are near-unique.
    VeryStrong,
}

/// Adds up the evidence of one pair of containers.
///
/// Values that stand or fall together do not count twice. Each value belongs to one group, by what it is
/// itself, and groups add up:
///
/// - *Values on a list* are one group, and so are all of one *weak kind* (up to 6 bits: file names, registry
///   keys, networks ...), and all that is reached *through the same neighbour*: the heaviest counts in
///   full, each next one half of the one before.
/// - *URLs, domains and addresses on one host*, where names under one registrable domain are one host: the
///   heaviest counts in full, the next a quarter, a sixteenth and so on.
/// - *Hashes in one object*: a file has one hash of each algorithm, so the algorithm that adds up to most counts
///   and the others tell of the same files.
/// - Anything else stands alone.
///
/// More evidence never lowers the score, and its order does not matter. A value given twice in one group
/// counts once, at its heavier weight.
pub fn score(evidence: &[Evidence]) -> Score {
    let mut groups: BTreeMap<Group, Vec<Item<'_>>> = BTreeMap::new();
    for item in evidence.iter().map(Item::new) {
        groups.entry(item.group()).or_default().push(item);
    }
    let mut reasons: Vec<Reason> = groups.into_iter().flat_map(|(group, items)| group.count(items)).collect();
    reasons.sort_by(|one, two| {
        two.bits.total_cmp(&one.bits).then_with(|| (&one.text, &one.args).cmp(&(&two.text, &two.args)))
    });
    // Summed in sorted order, so that the order of the evidence cannot even change the rounding.
    let bits: f64 = reasons.iter().map(|reason| reason.bits).sum();
    let points = points(bits);
    Score { points, strength: Strength::of(points), reasons }
}

impl Strength {
    /// The word for these points.
    pub const fn of(points: u8) -> Self {
        match points {
            0..35 => Self::Weak,
            35..60 => Self::Fair,
            60..85 => Self::Strong,
            _ => Self::VeryStrong,
        }
    }

    /// The word in sentences.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Weak => "weak",
            Self::Fair => "fair",
            Self::Strong => "strong",
            Self::VeryStrong => "very strong",
        }
    }
}

/// Values that stand or fall together.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Group {
    Listed,
    Weak(Kind),
    Via(String),
    Host(String),
    Files(String),
    Alone(Kind, String),
}

struct Item<'e> {
    evidence: &'e Evidence,
    weight: Weight,
}

impl<'e> Item<'e> {
    fn new(evidence: &'e Evidence) -> Self {
        let weight = weigh(evidence.value.kind(), evidence.value.text(), &evidence.rarity, &evidence.path);
        Self { evidence, weight }
    }

    /// Decided by the item alone: were it to depend on the others, more evidence could merge two groups and lower the score.
    fn group(&self) -> Group {
        let Evidence { value, object, path, .. } = self.evidence;
        let (kind, text) = (value.kind(), value.text());
        if self.weight.common {
            return Group::Listed;
        }
        if let Path::Neighbour { via, .. } = path {
            return Group::Via(via.clone());
        }
        match kind {
            _ if base_bits(kind) <= WEAK => Group::Weak(kind),
            Kind::Domain | Kind::Ipv4 | Kind::Ipv6 | Kind::Onion => Group::Host(registrable(text)),
            Kind::Url => Group::Host(registrable(url_parts(text).0)),
            _ if is_hash(kind) && !object.is_empty() => Group::Files(object.clone()),
            _ => Group::Alone(kind, text.to_owned()),
        }
    }

    fn key(&self) -> (Kind, &'e str) {
        (self.evidence.value.kind(), self.evidence.value.text())
    }

    fn reason(self, bits: f64, why_less: &str) -> Option<Reason> {
        let mut reason = self.weight.reasons.into_iter().next()?;
        if bits < reason.bits {
            reason.text.push(' ');
            reason.text.push_str(why_less);
        }
        reason.bits = bits;
        Some(reason)
    }
}

impl Group {
    fn count(&self, mut items: Vec<Item<'_>>) -> Vec<Reason> {
        items.sort_by(|one, two| two.weight.bits.total_cmp(&one.weight.bits).then_with(|| one.told().cmp(&two.told())));
        // A value given twice: the heavier one stands.
        let mut seen = BTreeSet::new();
        items.retain(|item| seen.insert(item.key()));
        match self {
            Self::Files(_) => count_files(items),
            Self::Host(_) => count_falling(items, 0.25, "It counts less beside the others on the same host."),
            Self::Listed => count_falling(items, 0.5, "It counts less beside the other common values."),
            Self::Via(_) => count_falling(items, 0.5, "It counts less beside the others reached the same way."),
            Self::Weak(_) | Self::Alone(..) => {
                count_falling(items, 0.5, "It counts less beside the others of its kind.")
            }
        }
    }
}

impl Item<'_> {
    /// All that is told of it, so that of two equally heavy ones the same stands whatever their order.
    fn told(&self) -> Option<(&str, &BTreeMap<&'static str, String>)> {
        self.weight.reasons.first().map(|reason| (reason.text.as_str(), &reason.args))
    }
}

/// The heaviest in full, each next one times the factor once more.
fn count_falling(items: Vec<Item<'_>>, factor: f64, why_less: &str) -> Vec<Reason> {
    let mut share = 1.0;
    let mut reasons = Vec::with_capacity(items.len());
    for item in items {
        let bits = item.weight.bits * share;
        share *= factor;
        reasons.extend(item.reason(bits, why_less));
    }
    reasons
}

/// The algorithm whose hashes add up to most.
fn count_files(items: Vec<Item<'_>>) -> Vec<Reason> {
    let mut sums: BTreeMap<Kind, f64> = BTreeMap::new();
    for item in &items {
        *sums.entry(item.evidence.value.kind()).or_default() += item.weight.bits;
    }
    let best = sums
        .into_iter()
        .max_by(|one, two| one.1.total_cmp(&two.1).then_with(|| one.0.cmp(&two.0)))
        .map(|(kind, _)| kind);
    let count = |item: Item<'_>| {
        let counts = Some(item.evidence.value.kind()) == best;
        let bits = if counts { item.weight.bits } else { 0.0 };
        item.reason(bits, "It is another hash of a file that is counted already.")
    };
    items.into_iter().filter_map(count).collect()
}

fn is_hash(kind: Kind) -> bool {
    matches!(kind, Kind::Md5 | Kind::Sha1 | Kind::Sha256 | Kind::Sha512 | Kind::Ssdeep | Kind::Tlsh)
}

/// The part of a host's name that one holder registers, by the Public Suffix List; an address as it is.
fn registrable(host: &str) -> String {
    let host = host.trim_matches(['[', ']']);
    if host.parse::<std::net::IpAddr>().is_ok() {
        return host.to_owned();
    }
    psl::domain_str(host).unwrap_or(host).to_owned()
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and 100")]
fn points(bits: f64) -> u8 {
    (100.0 * (1.0 - (-bits / 10.0).exp2())).clamp(0.0, 100.0) as u8
}

/// Kinds up to this many bits are weak alone and do not grow strong by number.
const WEAK: f64 = 6.0;

#[cfg(test)]
mod tests {
    use comity_stix::value::Values;
    use proptest::collection::vec;
    use proptest::prelude::*;
    use proptest::sample::select;

    use super::*;

    fn shared(kind: Kind, text: &str) -> Evidence {
        let value = Values::new([0; 32]).parse(kind, text).unwrap();
        let rarity = Rarity { owners: 2, cases: 2, objects: 2, total_objects: 10_000, lists: vec![] };
        Evidence { value, object: String::new(), rarity, path: Path::Direct }
    }

    fn of_object(object: &str, kind: Kind, text: &str) -> Evidence {
        Evidence { object: object.into(), ..shared(kind, text) }
    }

    #[test]
    fn one_thing_gives_the_word_its_kind_deserves() {
        let word = |kind, text| score(&[shared(kind, text)]).strength;
        assert_eq!(word(Kind::Asn, "AS64500"), Strength::Weak);
        assert_eq!(word(Kind::FileName, "invoice.exe"), Strength::Weak);
        assert_eq!(word(Kind::Ipv4, "8.8.8.8"), Strength::Weak);
        assert_eq!(word(Kind::Ipv4, "185.220.101.4"), Strength::Fair);
        assert_eq!(word(Kind::Domain, "evil-shop.ee"), Strength::Strong);
        assert_eq!(word(Kind::Sha256, &"ab".repeat(32)), Strength::Strong);
        assert_eq!(score(&[]).points, 0);
        let two = [shared(Kind::Sha256, &"ab".repeat(32)), shared(Kind::Email, "boss@evil-shop.ee")];
        assert_eq!(score(&two).strength, Strength::VeryStrong);
    }

    #[test]
    fn the_hashes_of_one_file_count_once() {
        let (md5, sha) =
            (of_object("file--1", Kind::Md5, &"cd".repeat(16)), of_object("file--1", Kind::Sha256, &"ab".repeat(32)));
        let one = score(std::slice::from_ref(&sha));
        let both = score(&[md5, sha.clone()]);
        assert_eq!(both.points, one.points);
        assert_eq!(both.reasons.len(), 2);
        assert!(both.reasons[1].text.ends_with("It is another hash of a file that is counted already."));
        let second_file = of_object("file--1", Kind::Sha256, &"ef".repeat(32));
        assert!(score(&[sha, second_file]).points > one.points);
    }

    #[test]
    fn one_host_counts_once_and_a_little() {
        let names = [
            shared(Kind::Domain, "a.evil-shop.ee"),
            shared(Kind::Url, "https://b.evil-shop.ee/x"),
            shared(Kind::Domain, "evil-shop.ee"),
        ];
        let other = [shared(Kind::Domain, "a.evil-shop.ee"), shared(Kind::Domain, "worse-shop.ee")];
        assert!(score(&names).points < score(&other).points);
        assert!(score(&names).points > score(&names[1..2]).points);
    }

    #[test]
    fn a_thousand_common_or_weak_things_do_not_make_a_case() {
        let private: Vec<_> =
            (0..1_000).map(|n| shared(Kind::Ipv4, &format!("10.0.{}.{}", n / 250, n % 250))).collect();
        assert_eq!(score(&private).strength, Strength::Weak);
        let names: Vec<_> = (0..1_000).map(|n| shared(Kind::FileName, &format!("f{n}.dll"))).collect();
        assert_eq!(score(&names).strength, Strength::Fair);
    }

    #[test]
    fn reasons_stand_by_weight() {
        let link = score(&[
            shared(Kind::Ipv4, "8.8.8.8"),
            shared(Kind::Ipv4, "185.220.101.4"),
            shared(Kind::Iban, "EE382200221020145685"),
        ]);
        let codes: Vec<_> = link.reasons.iter().map(|reason| (reason.code, reason.args["kind"].as_str())).collect();
        assert_eq!(codes, [("rare", "iban"), ("rare", "ipv4"), ("listed", "ipv4")]);
    }

    fn evidence() -> impl Strategy<Value = Evidence> {
        let value = select(vec![
            (Kind::Ipv4, "185.220.101.4"),
            (Kind::Ipv4, "8.8.8.8"),
            (Kind::Ipv4, "10.0.0.1"),
            (Kind::Domain, "a.evil-shop.ee"),
            (Kind::Domain, "evil-shop.ee"),
            (Kind::Url, "https://b.evil-shop.ee/x"),
            (Kind::Url, "https://185.220.101.4/x"),
            (Kind::Md5, "cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd"),
            (Kind::Md5, "abababababababababababababababab"),
            (Kind::Sha1, "cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd"),
            (Kind::FileName, "a.exe"),
            (Kind::FileName, "b.exe"),
            (Kind::Email, "boss@evil-shop.ee"),
        ]);
        let path = select(vec![
            Path::Direct,
            Path::InPattern,
            Path::InText,
            Path::Neighbour { steps: 1, via: "malware X".into() },
        ]);
        (value, select(vec!["", "file--1"]), 2u32..40, path).prop_map(|((kind, text), object, cases, path)| {
            let mut evidence = of_object(object, kind, text);
            evidence.rarity.cases = cases;
            evidence.path = path;
            evidence
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(128))]

        #[test]
        fn more_evidence_never_lowers_and_order_never_matters(mut all in vec(evidence(), 0..12), further in evidence()) {
            let before = score(&all);
            let bits = |score: &Score| score.reasons.iter().map(|reason| reason.bits).sum::<f64>();
            all.push(further);
            let after = score(&all);
            prop_assert!(after.points >= before.points && bits(&after) >= bits(&before) - 1e-9);
            all.reverse();
            prop_assert_eq!(score(&all), after);
        }
    }
}
