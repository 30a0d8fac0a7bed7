use std::collections::BTreeMap;
use std::sync::LazyLock;

use askama::Template;

use super::super::language::Words;

/// The world, with dots for countries and arcs between those that share something. A click narrows to a country.
#[derive(Clone, Template)]
#[template(path = "parts/map.html")]
pub(crate) struct Map {
    words: Words,
    dots: Vec<Dot>,
    arcs: Vec<Arc>,
}

#[derive(Clone)]
struct Dot {
    x: f64,
    y: f64,
    name: String,
    count: String,
    to: String,
    radius: String,
}

#[derive(Clone)]
struct Arc {
    path: String,
    width: String,
    says: String,
}

impl Map {
    /// With a number at each country, and arcs between pairs of countries with theirs. `to` says where a dot leads.
    pub(crate) fn new(
        words: Words,
        countries: &BTreeMap<String, u64>,
        pairs: &[(String, String, u64)],
        to: impl Fn(&str) -> String,
    ) -> Self {
        let most = countries.values().chain(pairs.iter().map(|(_, _, count)| count)).copied().max().unwrap_or(1).max(1);
        let share = |count: u64| (count as f64 / most as f64).sqrt();
        let dots = countries.iter().filter_map(|(code, count)| {
            let (x, y) = centre(code)?;
            let radius = format!("{:.1}", 4.0 + 6.0 * share(*count));
            Some(Dot { x, y, name: words.country(code), count: words.count(*count), to: to(code), radius })
        });
        let arcs = pairs.iter().filter(|(one, other, _)| one != other).filter_map(|(one, other, count)| {
            let (from, end) = (centre(one)?, centre(other)?);
            let width = format!("{:.1}", 1.0 + 4.0 * share(*count));
            let says = format!("{} – {}: {}", words.country(one), words.country(other), words.count(*count));
            Some(Arc { path: arc(from, end), width, says })
        });
        Self { words, dots: dots.collect(), arcs: arcs.collect() }
    }
}

/// A bow between two places, higher the farther they are apart.
fn arc((x1, y1): (f64, f64), (x2, y2): (f64, f64)) -> String {
    let far = (x2 - x1).hypot(y2 - y1);
    let (x, y) = (f64::midpoint(x1, x2), (f64::midpoint(y1, y2) - far * 0.25).max(2.0));
    format!("M{x1:.1} {y1:.1}Q{x:.1} {y:.1} {x2:.1} {y2:.1}")
}

fn centre(code: &str) -> Option<(f64, f64)> {
    CENTRES.get(code).copied()
}

static CENTRES: LazyLock<BTreeMap<&'static str, (f64, f64)>> = LazyLock::new(|| {
    let lines = include_str!("../../pages/assets/centres.txt").lines().filter(|line| !line.starts_with('#'));
    lines
        .filter_map(|line| {
            let mut parts = line.split(' ');
            Some((parts.next()?, (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?)))
        })
        .collect()
});

super::safe!(Map);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_country_has_its_place() {
        assert!(CENTRES.len() >= 249, "{}", CENTRES.len());
        assert!(CENTRES.values().all(|(x, y)| (0.0..=1_000.0).contains(x) && (0.0..=436.0).contains(y)));
        let (estonia, brazil) = (centre("EE").unwrap(), centre("BR").unwrap());
        assert!(estonia.1 < brazil.1 && estonia.0 > brazil.0, "north is up and east is right");
    }
}
