//! What is known of bearers beside their names.

use super::Register;
use super::search::Query;
use super::view::View;

/// What is known of bearers beside their names.
#[derive(Clone, Copy)]
pub struct Also<'a> {
    /// How much likelier each is the one sought. It is asked for bearers alone that are seen.
    pub points: &'a dyn Beside,
    /// How much it can be at most.
    pub most: f32,
}

/// How much likelier a bearer is the one sought by birth date, nationality, whatever else, in points as
/// [`points`](crate::points()).
pub trait Beside {
    /// Of one bearer.
    fn points(&self, bearer: u32) -> f32;

    /// Of many, in their order, put behind what is there: where it lies far apart, all may be fetched before the first is weighed.
    fn points_of_all(&self, bearers: &[u32], out: &mut Vec<f32>) {
        out.extend(bearers.iter().map(|bearer| self.points(*bearer)));
    }
}

impl<F: Fn(u32) -> f32> Beside for F {
    fn points(&self, bearer: u32) -> f32 {
        self(bearer)
    }
}

/// Room for what is asked of many at once.
#[derive(Debug, Default)]
pub(super) struct Room {
    bearers: Vec<u32>,
    /// Where the bearers of each spelling end.
    ends: Vec<u32>,
    points: Vec<f32>,
}

impl Register {
    /// For each of these spellings, the most that is known for one who bears it, is seen, and counts if it is at least so much;
    /// minus infinity where there is none.
    pub(super) fn known(
        &self,
        view: &View,
        query: &Query<'_>,
        least: f32,
        spellings: impl Iterator<Item = u32>,
        room: &mut Room,
    ) -> impl Iterator<Item = f32> {
        room.bearers.clear();
        room.ends.clear();
        room.points.clear();
        for span in self.bearers.spans(spellings) {
            room.bearers.extend(self.seen_in(view, span).map(|(bearer, _)| bearer));
            room.ends.push(super::number(room.bearers.len()));
        }
        match query.also {
            Some(also) => also.points.points_of_all(&room.bearers, &mut room.points),
            None => room.points.resize(room.bearers.len(), 0.0),
        }
        if let Some(counts) = query.counts {
            for (bearer, points) in room.bearers.iter().zip(&mut room.points) {
                if *points >= least && !counts(*bearer) {
                    *points = f32::NEG_INFINITY;
                }
            }
        }
        let (mut from, points) = (0, &room.points);
        room.ends.iter().map(move |end| {
            let some = points.get(from as usize..*end as usize).unwrap_or_default();
            from = *end;
            some.iter().copied().fold(f32::NEG_INFINITY, f32::max)
        })
    }
}
