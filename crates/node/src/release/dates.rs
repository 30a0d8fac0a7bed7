use std::collections::BTreeMap;

use comity_base::{Position, Timestamp};
use comity_store::{BatchInfo, Store};
use parking_lot::RwLock;

use crate::{Node, NodeError};

/// When each position was added, as outsiders are told: `date_added` of TAXII 2.1 (section 3.5).
///
/// A batch becomes visible at one moment, but clients that page by date alone need dates that differ. So the
/// positions of a batch are spread over the whole milliseconds between the batch before and its own end, at
/// most [`Span::BURST`] to a millisecond where there are enough of them. A date is never reused: the store ends
/// each batch in a later millisecond than the one before.
#[derive(Debug, Default)]
pub(crate) struct Dates {
    /// By last position. A bounded memory of what was looked up lately.
    spans: RwLock<BTreeMap<u64, Span>>,
}

/// The positions of one batch, and the milliseconds they are spread over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Span {
    /// The last position before it.
    after: u64,
    last: u64,
    /// The millisecond of everything before it.
    start: i64,
    /// Its own last millisecond.
    end: i64,
}

impl Span {
    /// Most positions that share a millisecond, where the time between two batches allows it.
    const BURST: u64 = 50;

    fn holds(&self, position: u64) -> bool {
        self.after < position && position <= self.last
    }

    /// Positions that share one millisecond, and how many milliseconds are used.
    fn steps(&self) -> (u64, i64) {
        let width = u64::try_from(self.end - self.start).unwrap_or(1).max(1);
        let count = (self.last - self.after).max(1);
        let each = count.div_ceil(width).max(Self::BURST);
        (each, i64::try_from(count.div_ceil(each)).unwrap_or(1))
    }

    fn date(&self, position: u64) -> i64 {
        let (each, steps) = self.steps();
        let step = (position - self.after).div_ceil(each);
        self.end - steps + i64::try_from(step).unwrap_or(steps)
    }

    /// The last position added at this millisecond or before.
    fn up_to(&self, millis: i64) -> u64 {
        let (each, steps) = self.steps();
        let passed = u64::try_from(millis - (self.end - steps)).unwrap_or(0);
        self.after + passed.saturating_mul(each).min(self.last - self.after)
    }
}

impl Dates {
    /// Most batches remembered.
    const MOST: usize = 50_000;

    fn span(&self, store: &dyn Store, position: Position) -> Result<Option<Span>, NodeError> {
        let known = self.spans.read().range(position.0..).next().map(|(_, span)| *span);
        if let Some(span) = known.filter(|span| span.holds(position.0)) {
            return Ok(Some(span));
        }
        let Some(batch) = store.batch_of(position)? else { return Ok(None) };
        let Some(end) = batch.finished else { return Ok(None) };
        let start = before(store, &batch)?;
        let end = end.as_micros().div_euclid(1_000);
        let span = Span { after: batch.after.0, last: batch.last.0, start: start.min(end - 1), end };
        let mut spans = self.spans.write();
        if spans.len() >= Self::MOST {
            spans.clear();
        }
        spans.insert(span.last, span);
        Ok(Some(span))
    }
}

/// The millisecond in which the batch before this one ended.
fn before(store: &dyn Store, batch: &BatchInfo) -> Result<i64, NodeError> {
    let mut after = batch.after;
    while after > Position::START {
        let Some(earlier) = store.batch_of(after)? else { break };
        if let Some(end) = earlier.finished {
            return Ok(end.as_micros().div_euclid(1_000));
        }
        after = earlier.after;
    }
    Ok(batch.began.as_micros().div_euclid(1_000) - 1)
}

impl Node {
    /// When a visible position was added, in whole milliseconds; none for a void position.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn date_added(&self, position: Position) -> Result<Option<Timestamp>, NodeError> {
        let span = self.dates.span(&*self.store, position)?;
        Ok(span.map(|span| Timestamp::from_micros(span.date(position.0) * 1_000)))
    }

    /// The last position that was added at this moment or before; what `added_after` asks for comes after it.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn added_up_to(&self, moment: Timestamp) -> Result<Position, NodeError> {
        let whole = self.store.position_at(moment)?;
        let next = self.dates.span(&*self.store, whole.next())?;
        let millis = moment.as_micros().div_euclid(1_000);
        Ok(next.map_or(whole, |span| Position(span.up_to(millis)).max(whole)))
    }

    /// The last position outsiders may be told of now: a date is never later than the clock.
    pub(crate) fn told_up_to(&self, visible: Position, now: Timestamp) -> Result<Position, NodeError> {
        match self.date_added(visible)? {
            Some(date) if date > now => self.added_up_to(now),
            _ => Ok(visible),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn fifty_share_a_millisecond_when_there_is_time() {
        let span = Span { after: 100, last: 220, start: 1_000, end: 2_000 };
        assert_eq!([101, 150, 151, 200, 201, 220].map(|p| span.date(p)), [1_998, 1_998, 1_999, 1_999, 2_000, 2_000]);
    }

    #[test]
    fn without_time_more_share_one() {
        let span = Span { after: 0, last: 1_000, start: 9, end: 10 };
        assert_eq!([1, 1_000].map(|p| span.date(p)), [10, 10]);
    }

    proptest! {
        #[test]
        fn dates_grow_within_their_batch_and_lead_back(
            after in 0..1_000_u64, count in 1..5_000_u64, start in 0..1_000_i64, width in 1..300_i64,
        ) {
            let span = Span { after, last: after + count, start, end: start + width };
            let dates: Vec<i64> = (after + 1..=after + count).map(|p| span.date(p)).collect();
            prop_assert!(dates.is_sorted());
            prop_assert!(dates[0] > start);
            prop_assert_eq!(*dates.last().unwrap(), span.end);
            for millis in start - 1..=span.end + 1 {
                let up_to = span.up_to(millis);
                let expected = after + dates.iter().filter(|date| **date <= millis).count() as u64;
                prop_assert_eq!(up_to, expected, "at {}", millis);
            }
        }
    }
}
