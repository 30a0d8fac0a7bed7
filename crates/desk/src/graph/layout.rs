//! Where the nodes of a graph stand: those that are tied near each other, all others apart. The same graph always looks
//! the same.

/// Places nodes in a field of this width and height. `levels` says how far each is from the middle, `ties` which are tied
/// and how strongly, 0 to 1.
pub(super) fn place(levels: &[u32], ties: &[(usize, usize, f64)], (width, height): (f64, f64)) -> Vec<(f64, f64)> {
    let mut at = rings(levels);
    let count = levels.len().max(1) as f64;
    let apart = (1.0 / count).sqrt() * 0.9;
    let pinned = pins(levels);
    for round in 0..ROUNDS {
        for (number, place) in &pinned {
            if let Some(at) = at.get_mut(*number) {
                *at = *place;
            }
        }
        let mut push = vec![(0.0, 0.0); at.len()];
        repel(&at, apart, &mut push);
        attract(&at, ties, apart, &mut push);
        // It settles: each round moves less.
        let most = 0.12 * (1.0 - f64::from(round) / f64::from(ROUNDS)).powi(2) + 0.001;
        for (place, (dx, dy)) in at.iter_mut().zip(push) {
            let (dx, dy) = (dx - (place.0 - 0.5) * 0.25, dy - (place.1 - 0.5) * 0.25);
            let length = dx.hypot(dy).max(1e-9);
            let step = length.min(most) / length;
            *place = (place.0 + dx * step, place.1 + dy * step);
        }
    }
    for (number, place) in pinned {
        if let Some(at) = at.get_mut(number) {
            *at = place;
        }
    }
    fit(&at, width, height)
}

/// Two in the middle stand at either side, with what is between them between them.
fn pins(levels: &[u32]) -> Vec<(usize, (f64, f64))> {
    let middle: Vec<usize> = levels.iter().enumerate().filter(|(_, level)| **level == 0).map(|(at, _)| at).collect();
    match middle.as_slice() {
        [one, other] => vec![(*one, (0.05, 0.5)), (*other, (0.95, 0.5))],
        _ => Vec::new(),
    }
}

/// Each level a ring around the one before.
fn rings(levels: &[u32]) -> Vec<(f64, f64)> {
    let outer = f64::from(levels.iter().copied().max().unwrap_or(0).max(1));
    let mut seen = std::collections::BTreeMap::new();
    let of_level = |level: u32| levels.iter().filter(|other| **other == level).count().max(1) as f64;
    levels
        .iter()
        .map(|level| {
            let number = seen.entry(*level).or_insert(0_u32);
            *number += 1;
            let turn = std::f64::consts::TAU * f64::from(*number) / of_level(*level) + f64::from(*level) * 0.7;
            let alone = *level == 0 && of_level(0) < 2.0;
            let radius = if alone { 0.0 } else { 0.48 * (f64::from(*level) + 0.35) / (outer + 0.35) };
            (0.5 + radius * turn.cos(), 0.5 + radius * turn.sin())
        })
        .collect()
}

fn repel(at: &[(f64, f64)], apart: f64, push: &mut [(f64, f64)]) {
    for (number, one) in at.iter().enumerate() {
        let mut own = (0.0, 0.0);
        for other in at {
            let (dx, dy) = (one.0 - other.0, one.1 - other.1);
            let near = (dx * dx + dy * dy).max(1e-6);
            let force = apart * apart / near;
            own.0 += dx * force;
            own.1 += dy * force;
        }
        if let Some(push) = push.get_mut(number) {
            *push = own;
        }
    }
}

fn attract(at: &[(f64, f64)], ties: &[(usize, usize, f64)], apart: f64, push: &mut [(f64, f64)]) {
    for (from, to, strength) in ties {
        let (Some(one), Some(other)) = (at.get(*from), at.get(*to)) else { continue };
        let (dx, dy) = (other.0 - one.0, other.1 - one.1);
        let force = dx.hypot(dy) / apart * (0.5 + strength);
        for (number, sign) in [(*from, 1.0), (*to, -1.0)] {
            if let Some(push) = push.get_mut(number) {
                push.0 += sign * dx * force;
                push.1 += sign * dy * force;
            }
        }
    }
}

/// Everything into the field, with room at its edges for names.
fn fit(at: &[(f64, f64)], width: f64, height: f64) -> Vec<(f64, f64)> {
    let span = |pick: fn(&(f64, f64)) -> f64| {
        let all = || at.iter().map(pick);
        let (low, high) = (all().fold(f64::MAX, f64::min), all().fold(f64::MIN, f64::max));
        (low, (high - low).max(1e-6))
    };
    let ((left, wide), (top, high)) = (span(|at| at.0), span(|at| at.1));
    let alone = at.len() < 2;
    let scale = |value: f64, low: f64, span: f64, size: f64, edge: f64| {
        if alone { size / 2.0 } else { edge + (value - low) / span * (size - 2.0 * edge) }
    };
    at.iter().map(|(x, y)| (scale(*x, left, wide, width, EDGE_X), scale(*y, top, high, height, EDGE_Y))).collect()
}

const ROUNDS: u32 = 160;
const EDGE_X: f64 = 80.0;
const EDGE_Y: f64 = 40.0;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_tied_stands_nearer_and_nothing_leaves_the_field() {
        // Two stars, tied in the middle.
        let levels: Vec<u32> = (0..42).map(|number| u32::from(number > 1)).collect();
        let ties: Vec<(usize, usize, f64)> =
            (2..42).map(|number| (number % 2, number, 0.4)).chain([(0, 1, 0.4)]).collect();
        let at = place(&levels, &ties, (1_000.0, 600.0));
        assert_eq!(at, place(&levels, &ties, (1_000.0, 600.0)), "the same graph looks the same");
        assert!(at.iter().all(|(x, y)| (0.0..=1_000.0).contains(x) && (0.0..=600.0).contains(y)));
        let far = |one: usize, other: usize| (at[one].0 - at[other].0).hypot(at[one].1 - at[other].1);
        let own: f64 = (2..42).map(|number| far(number, number % 2)).sum();
        let others: f64 = (2..42).map(|number| far(number, 1 - number % 2)).sum();
        assert!(own * 1.3 < others, "{own} {others}");
        let closest = (0..42).flat_map(|one| (0..one).map(move |other| (one, other))).map(|(a, b)| far(a, b));
        assert!(closest.fold(f64::MAX, f64::min) > 4.0);
        assert_eq!(place(&[0], &[], (100.0, 50.0)), [(50.0, 25.0)]);
    }
}
