use std::collections::BTreeMap;

use crate::{Evidence, Score, score};

/// Evidence that ties two containers, as it is found: the same pair may come many times, in either order.
#[derive(Clone, Debug)]
pub struct Hit<C> {
    /// One container.
    pub one: C,
    /// Another.
    pub other: C,
    /// What they share.
    pub evidence: Vec<Evidence>,
}

/// All that ties two containers.
#[derive(Clone, Debug)]
pub struct Link<C> {
    /// The container that sorts first.
    pub one: C,
    /// The other.
    pub other: C,
    /// What they share, in the order found.
    pub evidence: Vec<Evidence>,
    /// What it is worth.
    pub score: Score,
}

/// Merges hits by pair of containers, whatever their order, scores each pair, and puts the strongest first.
///
/// A container is not linked to itself: such hits are left out. The object of an [`Evidence`] belongs to
/// one side; callers keep to the same side of a pair.
pub fn group<C: Ord>(hits: impl IntoIterator<Item = Hit<C>>) -> Vec<Link<C>> {
    let mut pairs: BTreeMap<(C, C), Vec<Evidence>> = BTreeMap::new();
    for Hit { one, other, evidence } in hits {
        let pair = match one.cmp(&other) {
            std::cmp::Ordering::Less => (one, other),
            std::cmp::Ordering::Equal => continue,
            std::cmp::Ordering::Greater => (other, one),
        };
        pairs.entry(pair).or_default().extend(evidence);
    }
    let link =
        |((one, other), evidence): ((C, C), Vec<Evidence>)| Link { one, other, score: score(&evidence), evidence };
    let mut links: Vec<Link<C>> = pairs.into_iter().map(link).collect();
    // Stable: equal pairs of points and number stay in the order of their containers.
    links.sort_by_key(|link| std::cmp::Reverse((link.score.points, link.evidence.len())));
    links
}

#[cfg(test)]
mod tests {
    use comity_stix::Kind;
    use comity_stix::value::Values;

    use super::*;
    use crate::{Path, Rarity};

    fn hit(one: &'static str, other: &'static str, kind: Kind, text: &str) -> Hit<&'static str> {
        let value = Values::new([0; 32]).parse(kind, text).unwrap();
        let rarity = Rarity { owners: 2, cases: 2, objects: 2, total_objects: 0, lists: vec![] };
        Hit { one, other, evidence: vec![Evidence { value, object: String::new(), rarity, path: Path::Direct }] }
    }

    #[test]
    fn a_pair_is_one_link_and_the_strongest_comes_first() {
        let links = group([
            hit("case-b", "case-a", Kind::Ipv4, "185.220.101.4"),
            hit("case-c", "case-a", Kind::Iban, "EE382200221020145685"),
            hit("case-a", "case-b", Kind::Domain, "evil-shop.ee"),
            hit("case-a", "case-a", Kind::Iban, "EE382200221020145685"),
            hit("case-b", "case-c", Kind::Asn, "AS64500"),
        ]);
        let told: Vec<_> = links.iter().map(|link| (link.one, link.other, link.evidence.len())).collect();
        assert_eq!(told, [("case-a", "case-b", 2), ("case-a", "case-c", 1), ("case-b", "case-c", 1)]);
    }
}
