//! Matching agrees with the plain reading of the specification: list every binding, drop those that break a rule.

use comity_base::{Limits, Timestamp};
use comity_pattern::{
    ComparisonExpression, Literal, Observation, ObservationExpression, Qualifier, Test, matches, parse,
};
use comity_stix::Doc;
use proptest::prelude::*;

/// First and last seen, in seconds.
type Seen = (i64, i64);

/// Every binding of an expression to observations, each listed as often as it was seen. `n` of each is its object's.
fn bindings(expression: &ObservationExpression<'_>, seen: &[(i64, Seen)]) -> Vec<Vec<usize>> {
    let all = |parts: &[ObservationExpression<'_>], ordered: bool| {
        let mut joined = vec![Vec::new()];
        for part in parts {
            joined = join(&joined, &bindings(part, seen), |before, after| !ordered || in_order(before, after, seen));
        }
        joined
    };
    match expression {
        ObservationExpression::Simple(comparison) => {
            let ComparisonExpression::Test(comparison) = comparison else { return Vec::new() };
            let Test::Order(order, Literal::Integer(bound)) = &comparison.test else { return Vec::new() };
            let less = order.to_string() == "<";
            let holds = |at: &usize| seen.get(*at).is_some_and(|(n, _)| if less { n < bound } else { n > bound });
            (0..seen.len()).filter(holds).map(|at| vec![at]).collect()
        }
        ObservationExpression::Group(inner) => bindings(inner, seen),
        ObservationExpression::And(parts) => all(parts, false),
        ObservationExpression::FollowedBy(parts) => all(parts, true),
        ObservationExpression::Or(parts) => parts.iter().flat_map(|part| bindings(part, seen)).collect(),
        ObservationExpression::Qualified { expression, qualifiers } => {
            let inner = bindings(expression, seen);
            qualifiers.iter().fold(inner, |bound, qualifier| qualified(bound, qualifier, seen))
        }
    }
}

fn qualified(bound: Vec<Vec<usize>>, qualifier: &Qualifier<'_>, seen: &[(i64, Seen)]) -> Vec<Vec<usize>> {
    match qualifier {
        Qualifier::Within(seconds) => bound.into_iter().filter(|one| (spread(one, seen) as f64) <= *seconds).collect(),
        Qualifier::Repeats(times) => (0..*times).fold(vec![Vec::new()], |joined, _| join(&joined, &bound, |_, _| true)),
        Qualifier::StartStop { .. } => bound,
    }
}

fn join(left: &[Vec<usize>], right: &[Vec<usize>], allowed: impl Fn(&[usize], &[usize]) -> bool) -> Vec<Vec<usize>> {
    let mut joined = Vec::new();
    for before in left {
        for after in right.iter().filter(|after| after.iter().all(|at| !before.contains(at))) {
            if allowed(before, after) {
                let mut one: Vec<usize> = before.iter().chain(after).copied().collect();
                one.sort_unstable();
                joined.push(one);
            }
        }
    }
    joined.sort();
    joined.dedup();
    joined
}

fn times<'s>(bound: &[usize], seen: &'s [(i64, Seen)]) -> impl Iterator<Item = Seen> + use<'s> {
    let bound = bound.to_vec();
    bound.into_iter().filter_map(|at| seen.get(at).map(|(_, seen)| *seen))
}

fn in_order(before: &[usize], after: &[usize], seen: &[(i64, Seen)]) -> bool {
    let latest = times(before, seen).map(|(first, _)| first).max();
    let earliest = times(after, seen).map(|(_, last)| last).min();
    latest.is_none_or(|latest| earliest.is_none_or(|earliest| latest <= earliest))
}

/// How far the latest "first seen" lies after the earliest "last seen".
fn spread(bound: &[usize], seen: &[(i64, Seen)]) -> i64 {
    let latest = times(bound, seen).map(|(first, _)| first).max().unwrap_or(0);
    latest - times(bound, seen).map(|(_, last)| last).min().unwrap_or(0)
}

fn pattern() -> impl Strategy<Value = String> {
    let leaf = (prop::sample::select(vec!['<', '>']), 0..5).prop_map(|(order, n)| format!("[a:n {order} {n}]"));
    leaf.prop_recursive(3, 6, 3, |inner| {
        let word = prop::sample::select(vec![" AND ", " OR ", " FOLLOWEDBY "]);
        let list = (word, prop::collection::vec(inner.clone(), 2..4))
            .prop_map(|(word, parts)| format!("({})", parts.join(word)));
        let within = (inner.clone(), 1..4).prop_map(|(part, seconds)| format!("({part}) WITHIN {seconds} SECONDS"));
        let repeats = (inner, 1..3).prop_map(|(part, times)| format!("({part}) REPEATS {times} TIMES"));
        prop_oneof![3 => list, 1 => within, 1 => repeats]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn matching_agrees_with_listing_every_binding(
        text in pattern(),
        data in prop::collection::vec((0i64..5, 0i64..8, 0i64..3, 1u64..3), 1..5),
    ) {
        let pattern = parse(&text, &Limits::default()).unwrap();
        let mut seen = Vec::new();
        for &(n, first, length, count) in &data {
            seen.extend((0..count).map(|_| (n, (first, first + length))));
        }
        let expected = !bindings(&pattern.root, &seen).is_empty();
        let objects: Vec<String> = data.iter().map(|(n, ..)| format!(r#"{{"type":"a","n":{n}}}"#)).collect();
        let json = format!("[{}]", objects.join(","));
        let doc = Doc::parse(json.as_bytes(), 4).unwrap();
        let time = |seconds: i64| Timestamp::from_micros(seconds * 1_000_000);
        let mut observations = Vec::new();
        for (node, &(_, first, length, count)) in doc.root().items().zip(&data) {
            observations.push(Observation::new(time(first), time(first + length), count, vec![node], []).unwrap());
        }
        let found = matches(&pattern, &observations);
        prop_assert_eq!(found.map(|found| found.is_some()), Ok(expected), "{}", text);
    }
}
