use std::net::IpAddr;
use std::sync::LazyLock;

use comity_stix::Kind;

use crate::Reason;
use crate::reason::Told;
use crate::warninglist::{Lists, url_parts};

/// How common a value is among all that this node may look at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rarity {
    /// Organisations that hold it.
    pub owners: u32,
    /// Containers (cases, reports, files) that hold it.
    pub cases: u32,
    /// Objects that hold it.
    pub objects: u64,
    /// Objects there are in all; 0 when not known.
    pub total_objects: u64,
    /// Warning lists it stands on, by name. The built-in lists are looked at in any case.
    pub lists: Vec<String>,
}

/// How the value stands in the two containers: the weaker of both sides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Path {
    /// As an observable or a property of an object.
    Direct,
    /// In a detection pattern.
    InPattern,
    /// In running text: mentioned, perhaps in passing.
    InText,
    /// Not in the container itself but in something it is related to.
    Neighbour {
        /// Relationships between the container's object and the one with the value, from 1.
        steps: u8,
        /// What they lead through, in words: `malware LockBit`.
        via: String,
    },
}

/// What one shared value is worth.
#[derive(Clone, Debug, PartialEq)]
pub struct Weight {
    /// Bits of evidence, always more than 0.
    pub bits: f64,
    /// Why.
    pub reasons: Vec<Reason>,
    /// Whether it stands on a list itself.
    pub(crate) common: bool,
}

/// Weighs one shared value in its normal form.
///
/// Starts from [`base_bits`] of its kind; loses bits with the logarithm of how many hold it (2 for every
/// doubling of cases beyond two, 1 for every doubling of owners beyond two, ½ for every doubling of objects
/// beyond four, 1 for every doubling of its share of all objects beyond one in a thousand); then counts by
/// how it stands there (pattern 0.9, text 0.6, half for every step away) and, on a list, a fiftieth. A URL
/// whose host alone is listed counts a quarter: its path may be anything but common.
///
/// Never less than a small floor: a common value is not proof of nothing.
pub fn weigh(kind: Kind, value_text: &str, rarity: &Rarity, path: &Path) -> Weight {
    let builtin = BUILTIN.matching(kind, value_text);
    // The built-in names first: they say what the value is rather than who lists it.
    let list = builtin.first().copied().or_else(|| rarity.lists.iter().min().map(String::as_str));
    let host_only = list.is_some() && kind == Kind::Url && has_own_path(value_text);
    let factor = match (list, host_only) {
        (None, _) => 1.0,
        (Some(_), true) => HOST_LISTED,
        (Some(_), false) => LISTED,
    };
    let rare = (base_bits(kind) - commonness(rarity)).max(FLOOR);
    let bits = (rare * by_path(path) * factor).max(FLOOR);
    let told = Told { kind, text: value_text, rarity, path, list: list.map(|list| (list, host_only)), bits };
    Weight { bits, reasons: vec![told.reason()], common: list.is_some() && !host_only }
}

/// Bits of evidence in a value of this kind that two cases hold and nobody else.
///
/// A bit halves the odds that the tie is chance. The table is a judgement, in three steps:
///
/// - *Near-unique to one actor or thing* (18 to 24): issued or drawn for one holder, and checked by a
///   checksum or long enough that two cases do not come to it by accident: travel documents, accounts,
///   wallets, cards, phone numbers, e-mail addresses, onion services (a public key), file digests,
///   certificates. MD5 less than SHA, since files of equal MD5 can be made.
/// - *Chosen or held by an actor, but shared, re-used or re-assigned* (8 to 16): URLs, domains, handles,
///   plates, MAC addresses, similarity digests, IP addresses (shared hosting, carrier NAT, re-assignment
///   within days), mutexes.
/// - *Weak alone* (3 to 6): TLS fingerprints (one per software), file names, registry keys, networks, banks,
///   autonomous systems.
pub const fn base_bits(kind: Kind) -> f64 {
    match kind {
        Kind::TravelDocument => 24.0,
        Kind::Iban | Kind::Card | Kind::Bitcoin | Kind::Monero | Kind::Ethereum | Kind::Tron => 22.0,
        Kind::Sha1 | Kind::Sha256 | Kind::Sha512 | Kind::Onion | Kind::Phone => 20.0,
        Kind::Md5 | Kind::Email | Kind::CertFingerprint => 18.0,
        Kind::Url | Kind::Handle | Kind::Plate => 16.0,
        Kind::Domain | Kind::Tlsh | Kind::Ssdeep => 14.0,
        Kind::Mac => 12.0,
        Kind::Ipv6 => 10.0,
        Kind::Ipv4 => 9.0,
        Kind::Mutex => 8.0,
        Kind::Ja4 => 6.0,
        Kind::Ja3 | Kind::FileName | Kind::RegistryKey => 5.0,
        Kind::Cidr => 4.0,
        Kind::Bic | Kind::Asn => 3.0,
    }
}

/// Bits lost to the number of holders.
fn commonness(rarity: &Rarity) -> f64 {
    let objects = rarity.objects as f64;
    let share = if rarity.total_objects >= 1_000 { objects / rarity.total_objects as f64 } else { 0.0 };
    2.0 * doublings(f64::from(rarity.cases), 2.0)
        + doublings(f64::from(rarity.owners), 2.0)
        + 0.5 * doublings(objects, 4.0)
        + doublings(share, 0.001)
}

fn doublings(number: f64, beyond: f64) -> f64 {
    (number / beyond).max(1.0).log2()
}

fn by_path(path: &Path) -> f64 {
    match path {
        Path::Direct => 1.0,
        Path::InPattern => 0.9,
        Path::InText => 0.6,
        Path::Neighbour { steps, .. } => 0.5_f64.powi(i32::from((*steps).max(1))),
    }
}

/// Whether a URL says more than its host, and the host is a name: `http://10.0.0.1/x` is as common as its address.
fn has_own_path(url: &str) -> bool {
    let (host, path) = url_parts(url);
    host.trim_matches(['[', ']']).parse::<IpAddr>().is_err() && !matches!(path, "" | "/")
}

static BUILTIN: LazyLock<Lists> = LazyLock::new(Lists::builtin);

/// What a listed value keeps of its weight.
const LISTED: f64 = 0.02;
/// What a URL keeps whose host is listed.
const HOST_LISTED: f64 = 0.25;
/// The least weight of anything, in bits.
const FLOOR: f64 = 0.05;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use proptest::sample::select;

    use super::*;

    fn two() -> Rarity {
        Rarity { owners: 2, cases: 2, objects: 2, total_objects: 10_000, lists: vec![] }
    }

    fn bits(kind: Kind, text: &str) -> f64 {
        weigh(kind, text, &two(), &Path::Direct).bits
    }

    #[test]
    fn kinds_stand_in_the_order_of_their_strength() {
        let of = base_bits;
        assert!(
            of(Kind::Iban) > of(Kind::Url) && of(Kind::Url) > of(Kind::Domain) && of(Kind::Domain) > of(Kind::Ipv4)
        );
        assert!(of(Kind::Ipv4) > of(Kind::FileName) && of(Kind::FileName) > of(Kind::Asn));
        assert!(Kind::ALL.iter().all(|kind| of(*kind) >= 3.0));
    }

    #[test]
    fn common_classes_weigh_a_little_and_say_why() {
        for (kind, text) in [
            (Kind::Ipv4, "192.168.1.1"),
            (Kind::Ipv4, "8.8.8.8"),
            (Kind::Ipv6, "::1"),
            (Kind::Cidr, "10.1.0.0/16"),
            (Kind::Md5, "d41d8cd98f00b204e9800998ecf8427e"),
            (Kind::Domain, "www.google.com"),
            (Kind::Url, "http://127.0.0.1/x"),
            (Kind::Url, "https://www.google.com/"),
        ] {
            let weight = weigh(kind, text, &two(), &Path::Direct);
            assert!(weight.bits > 0.0 && weight.bits < 0.5, "{text}: {}", weight.bits);
            assert_eq!(weight.reasons[0].code, "listed", "{text}");
        }
        let dns = weigh(Kind::Ipv4, "8.8.8.8", &two(), &Path::Direct);
        assert_eq!(
            dns.reasons[0].text,
            "Both hold the IPv4 address 8.8.8.8, but it stands on the list 'public DNS resolvers', so it counts little."
        );
    }

    #[test]
    fn a_path_on_a_listed_host_still_says_something() {
        let page = weigh(Kind::Url, "https://www.google.com/maps/d/viewer?mid=1x2y", &two(), &Path::Direct);
        assert_eq!(page.reasons[0].code, "host-listed");
        assert!(
            page.bits > bits(Kind::Url, "https://www.google.com/")
                && page.bits < bits(Kind::Url, "https://evil.test.ee/x")
        );
    }

    #[test]
    fn sentences_say_how_the_value_stands_there() {
        let told = |path| weigh(Kind::Ipv4, "185.220.101.4", &two(), &path).reasons.remove(0).text;
        assert_eq!(told(Path::Direct), "Both hold the IPv4 address 185.220.101.4; only 2 cases hold it.");
        assert_eq!(
            told(Path::Neighbour { steps: 2, via: "malware LockBit".into() }),
            "Both lead in 2 steps, through malware LockBit, to the IPv4 address 185.220.101.4; only 2 cases hold it."
        );
        let many = Rarity { owners: 5, cases: 40, ..two() };
        let text =
            weigh(Kind::Card, "0123456789abcdef0123456789abcdef:4242", &many, &Path::InText).reasons.remove(0).text;
        assert_eq!(
            text,
            "Both mention, at least one of them in running text, the payment card ending in 4242; 40 cases of 5 organisations hold it."
        );
    }

    proptest! {
        #[test]
        fn more_holders_never_raise_the_weight_and_nothing_weighs_nothing(
            kind in select(Kind::ALL.to_vec()), owners in 0u32..500, cases in 0u32..5_000, objects in 0u64..1_000_000,
            total in 0u64..10_000_000, more in (0u32..50, 0u32..500, 0u64..10_000), listed in any::<bool>(), steps in 0u8..=255,
        ) {
            let mut rarity = Rarity { owners, cases, objects, total_objects: total, lists: vec![] };
            let path = Path::Neighbour { steps, via: "x".into() };
            let before = weigh(kind, "x", &rarity, &path).bits;
            rarity = Rarity { owners: owners + more.0, cases: cases + more.1, objects: objects + more.2, ..rarity };
            if listed {
                rarity.lists.push("some list".into());
            }
            let after = weigh(kind, "x", &rarity, &path).bits;
            prop_assert!(after <= before && after > 0.0 && before.is_finite());
        }
    }
}
