//! The times that the law of notices sets.

use comity_base::Timestamp;

use super::Who;
use crate::words::words;
use crate::{Source, source};

/// A review is aimed at within 24 hours.
pub const REVIEW_AIM: i64 = 24 * HOUR;
/// The shortest time the source is given to answer a question: a day.
pub const ANSWER_AT_LEAST: i64 = 24 * HOUR;
/// The longest: 90 days.
pub const ANSWER_AT_MOST: i64 = 90 * 24 * HOUR;
/// A notice holds for at most so many months.
pub const VALIDITY_MONTHS: u16 = 60;
/// So many months before its end the source is asked why it must be kept.
pub const ASK_MONTHS: u16 = 6;

/// One hour in microseconds.
pub(crate) const HOUR: i64 = 3_600_000_000;

words! {
    /// What falls due.
    ClockKind {
        /// The review is aimed at by then.
        Review "review",
        /// Without an answer it lapses.
        Answer "answer",
        /// The source is asked why it must be kept.
        Ask "ask",
        /// It ends.
        Expiry "expiry",
    }
}

impl ClockKind {
    /// Where the time comes from.
    pub const fn source(self) -> Source {
        match self {
            Self::Review => Source::read("review", source::GLOSSARY),
            Self::Answer => Source::house(),
            Self::Ask => Source::read("six months before", source::RETENTION),
            Self::Expiry => Source::read("five years", source::RETENTION),
        }
    }
}

/// Something that falls due at a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Clock {
    /// When.
    pub at: Timestamp,
    /// What.
    pub kind: ClockKind,
}

words! {
    /// What somebody owes.
    DutyKind {
        /// A reviewer: to look at it.
        Review "review",
        /// The source: to answer.
        Answer "answer",
        /// The source: to say why it must be kept.
        Justify "justify",
        /// A reviewer: to look again whether it must be kept.
        ReExamine "re-examine",
        /// The owner's node: to have it deleted or blocked wherever it is, with receipts.
        Recall "recall",
    }
}

impl DutyKind {
    /// Who owes it.
    pub const fn whose(self) -> Who {
        match self {
            Self::Review | Self::ReExamine => Who::Reviewer,
            Self::Answer | Self::Justify => Who::Source,
            Self::Recall => Who::Node,
        }
    }
}

/// A duty that is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Duty {
    /// What is owed.
    pub kind: DutyKind,
    /// Since when.
    pub since: Timestamp,
    /// By when; no moment means at once.
    pub due: Option<Timestamp>,
    /// Of a recall: how many receipts are out, when that was told.
    pub outstanding: Option<u32>,
}

impl Duty {
    /// Whether its time is over; from the moment itself on.
    pub fn is_overdue(&self, now: Timestamp) -> bool {
        self.due.unwrap_or(self.since) <= now
    }
}

/// The last moment until which something published at a moment can hold.
pub fn latest_end(at: Timestamp) -> Timestamp {
    at.plus_months(VALIDITY_MONTHS)
}

/// When the source of something that holds from one moment to another is asked why it must be kept: six months before
/// the end, or half way where it holds no longer than that.
pub fn ask_at(from: Timestamp, until: Timestamp) -> Timestamp {
    let six_months_before = until.minus_months(ASK_MONTHS);
    if six_months_before > from {
        return six_months_before;
    }
    let half = until.as_micros().saturating_sub(from.as_micros()) / 2;
    after(from, half)
}

pub(crate) fn after(moment: Timestamp, micros: i64) -> Timestamp {
    Timestamp::from_micros(moment.as_micros().saturating_add(micros))
}
