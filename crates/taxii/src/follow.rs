//! Following one collection of a remote server (TAXII 2.1 sections 3.4, 3.5 and 5.4): what to ask for next, and when.
//!
//! Pure: the caller asks [`FollowState::plan`], fetches the page, makes it durable, and only then calls
//! [`FollowState::succeeded`], which alone moves the position. The state is kept with what was taken in, best in the
//! same transaction. Pages may come twice, never not at all, as far as the server lets that be true.
//!
//! A *round* is one walk from a position to the end of what the server has. It goes by `next`, and by
//! `X-TAXII-Date-Added-Last` with servers that give no token. When the server does not tell when objects were added,
//! the position becomes the moment the round's first request was made (the earlier of the server's clock and ours)
//! minus [`FollowOptions::overlap`].

use std::time::Duration;

use comity_base::Timestamp;
use serde::{Deserialize, Serialize};

use crate::retry::{earlier, later};
use crate::{Backoff, Failure, FailureKind, Matches, PageMarks, wire};

mod notice;

pub use notice::Notice;

/// How a collection is followed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FollowOptions {
    /// From the begin of one round to the begin of the next. Default 5 min.
    pub every: Duration,
    /// Objects asked for at a time. Default 1,000. `None` leaves it to the server.
    pub limit: Option<u64>,
    /// Begin with what was added after this, when nothing was followed before. `None` asks for everything.
    pub start: Option<Timestamp>,
    /// Which objects to ask for. The empty one asks for the latest version of each. When this changes, the round under
    /// way is of no more use: set [`FollowState::round`] to `None`.
    pub matches: Matches,
    /// How far back to go when the server does not date its pages. Must exceed what the clocks may differ. Default 10 min.
    pub overlap: Duration,
    /// Pauses after failures.
    pub backoff: Backoff,
}

impl Default for FollowOptions {
    fn default() -> Self {
        Self {
            every: Duration::from_mins(5),
            limit: Some(1000),
            start: None,
            matches: Matches::default(),
            overlap: Duration::from_mins(10),
            backoff: Backoff::default(),
        }
    }
}

/// How far a collection is followed. Kept by the caller; a new one begins at the beginning.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct FollowState {
    /// All that was added up to here is durable, as the server wrote it.
    pub added_after: Option<String>,
    /// The round under way.
    pub round: Option<Round>,
    /// A page size lowered because larger pages did not come.
    pub limit: Option<u64>,
    /// Failures in a row.
    pub failures: u32,
    /// Nothing to do before.
    pub next_due: Timestamp,
    /// The latest failure, for people, until something succeeds.
    pub trouble: Option<String>,
}

/// A walk under way.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Round {
    /// When its first request was made, by our clock.
    pub began: Timestamp,
    /// The same by the earlier of the server's clock and ours.
    pub server_began: Timestamp,
    /// What `next` goes with: the moment this walk began from.
    pub from: Option<String>,
    /// The token to go on with.
    pub next: Option<String>,
    /// The latest `X-TAXII-Date-Added-Last` seen.
    pub reached: Option<String>,
    /// A page was dated before an earlier one, so `reached` says nothing of pages to come.
    pub unsorted: bool,
    /// Pages so far.
    pub pages: u64,
    /// Objects so far.
    pub objects: u64,
    /// Empty pages in a row.
    pub empty: u32,
    /// A token seen before, to notice when they come round again.
    pub seen: Option<String>,
    /// Tokens refused since `from` last moved.
    pub refusals: u32,
}

/// What to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FollowAction {
    /// Nothing before this moment.
    Wait(Timestamp),
    /// Fetch this page.
    Fetch(PageRequest),
}

/// A request for one page of objects (TAXII 2.1 section 5.4).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PageRequest {
    /// Only what was added later; as the server wrote it.
    pub added_after: Option<String>,
    /// Most objects wanted.
    pub limit: Option<u64>,
    /// The token of the page before.
    pub next: Option<String>,
    /// Which objects.
    pub matches: Matches,
    /// When it is made, by our clock.
    pub asked_at: Timestamp,
}

/// What a page said of itself, without its objects.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// What its top says.
    pub marks: PageMarks,
    /// `X-TAXII-Date-Added-First`, as written.
    pub first: Option<String>,
    /// `X-TAXII-Date-Added-Last`, as written.
    pub last: Option<String>,
    /// The server's clock, from `Date`.
    pub server_date: Option<Timestamp>,
    /// Bytes of the body, unfolded.
    pub bytes: u64,
}

/// How a page ends.
enum Onward {
    /// The round is complete.
    Done,
    /// On with this token.
    Token(String),
    /// On from this date.
    Date(String),
    /// There may be more, but no way to it.
    Stuck(Notice),
}

impl FollowState {
    /// What to do now.
    pub fn plan(&self, options: &FollowOptions, now: Timestamp) -> FollowAction {
        if now < self.next_due {
            return FollowAction::Wait(self.next_due);
        }
        let start = || options.start.map(|moment| wire::date_added(moment.as_micros()));
        let (from, next) = match &self.round {
            Some(round) => (round.from.clone(), round.next.clone()),
            None => (self.added_after.clone().or_else(start), None),
        };
        FollowAction::Fetch(PageRequest {
            added_after: from,
            limit: self.limit.or(options.limit),
            next,
            matches: options.matches.clone(),
            asked_at: now,
        })
    }

    /// The page is durable: moves on, and says what was odd about it.
    ///
    /// A page of another request than the one planned changes nothing.
    pub fn succeeded(
        &mut self,
        options: &FollowOptions,
        request: &PageRequest,
        page: &Page,
        now: Timestamp,
    ) -> Vec<Notice> {
        if !self.planned(options, request) {
            return vec![Notice::Stale];
        }
        self.failures = 0;
        self.trouble = None;
        self.next_due = now;
        let mut round = self.round.take().unwrap_or_else(|| Round {
            began: request.asked_at,
            server_began: page.server_date.map_or(request.asked_at, |date| date.min(request.asked_at)),
            from: request.added_after.clone(),
            ..Round::default()
        });
        let mut notices = Vec::new();
        round.count(request, page, now, &mut notices);
        match round.onward(request, page, &mut notices) {
            Onward::Done => self.finish(options, round, now),
            Onward::Token(token) => {
                round.next = Some(token);
                self.round = Some(round);
            }
            Onward::Date(date) => {
                round.from = Some(date);
                round.next = None;
                self.round = Some(round);
            }
            Onward::Stuck(notice) => {
                self.stuck(options, &round, &notice, now);
                notices.push(notice);
            }
        }
        notices
    }

    /// The page could not be had, or not be made durable.
    pub fn failed(
        &mut self,
        options: &FollowOptions,
        request: &PageRequest,
        failure: &Failure,
        now: Timestamp,
    ) -> Vec<Notice> {
        if !self.planned(options, request) {
            return vec![Notice::Stale];
        }
        let expired =
            request.next.is_some() && matches!(failure.kind, FailureKind::Status(400 | 404 | 410 | 416 | 422));
        let mut notices = Vec::new();
        if let Some(round) = self.round.as_mut().filter(|_| expired) {
            notices.push(Notice::TokenRefused);
            if round.without_token(&mut notices) {
                self.next_due = now;
                return notices;
            }
            // The page before the token came; only the walk as a whole fails again and again.
            self.failures = round.refusals - 1;
        }
        self.failures = self.failures.saturating_add(1);
        self.trouble = Some(failure.text.clone());
        self.next_due = options.backoff.due(self.failures, failure, now);
        let lighter =
            matches!(failure.kind, FailureKind::TooLarge | FailureKind::Slow | FailureKind::Status(413 | 504));
        let limit = self.limit.or(options.limit).unwrap_or(UNSAID_LIMIT);
        if lighter && limit > 1 {
            self.limit = Some(limit / 2);
            notices.push(Notice::SmallerPages(limit / 2));
        }
        notices
    }

    /// Whether the request is the one that would be planned, whatever its size and time.
    fn planned(&self, options: &FollowOptions, request: &PageRequest) -> bool {
        match self.plan(options, self.next_due) {
            FollowAction::Fetch(planned) => planned.added_after == request.added_after && planned.next == request.next,
            FollowAction::Wait(_) => false,
        }
    }

    fn finish(&mut self, options: &FollowOptions, round: Round, now: Timestamp) {
        let undated = || wire::date_added(earlier(round.server_began, options.overlap).as_micros());
        let new = match round.reached {
            Some(reached) => Some(reached),
            None => (round.objects > 0).then(undated),
        };
        // Never back: an overlap larger than a round would else move the position into the past.
        if is_later(new.as_deref(), self.added_after.as_deref()) {
            self.added_after = new;
        }
        self.next_due = later(round.began, options.every).max(now);
        // Larger pages are tried again once a round: each attempt may cost a failure.
        let usual = options.limit.unwrap_or(UNSAID_LIMIT);
        self.limit = self.limit.map(|limit| limit.saturating_mul(2)).filter(|&limit| limit < usual);
    }

    /// The walk cannot go on. What it brought is durable; the next one begins where that ends.
    fn stuck(&mut self, options: &FollowOptions, round: &Round, notice: &Notice, now: Timestamp) {
        let text = notice.to_string();
        self.failures = 1;
        self.trouble = Some(text.clone());
        let failure = Failure { kind: FailureKind::Unreadable, retry_after: None, text };
        self.next_due = options.backoff.due(1, &failure, now).max(later(round.began, options.every));
        let reached = round.reached.as_deref().filter(|_| !round.unsorted);
        if let Some(from) = reached.and_then(before).filter(|from| is_later(Some(from), self.added_after.as_deref())) {
            self.added_after = Some(from);
        }
    }
}

impl Round {
    /// Takes note of a page.
    fn count(&mut self, request: &PageRequest, page: &Page, now: Timestamp, notices: &mut Vec<Notice>) {
        let objects = page.marks.objects.unwrap_or_default();
        self.pages += 1;
        self.objects += objects;
        if request.limit.is_some_and(|limit| objects > limit) {
            notices.push(Notice::LimitIgnored { asked: request.limit.unwrap_or_default(), got: objects });
        }
        if objects == 0 {
            self.empty = self.empty.saturating_add(1);
            return;
        }
        self.empty = 0;
        let clock = page.server_date.map_or(now, |date| date.max(now));
        let Some(last) = page.last.as_deref().and_then(wire::read_moment) else {
            notices.push(Notice::NoDate);
            return;
        };
        if last > later(clock, DAY) {
            notices.push(Notice::FutureDate(last));
            return;
        }
        match self.reached.as_deref().and_then(wire::read_moment) {
            Some(before) if last < before => {
                self.unsorted = true;
                notices.push(Notice::Unsorted);
            }
            _ => self.reached.clone_from(&page.last),
        }
    }

    /// Where it goes on after a page.
    fn onward(&mut self, request: &PageRequest, page: &Page, notices: &mut Vec<Notice>) -> Onward {
        let objects = page.marks.objects.unwrap_or_default();
        let token = match (page.marks.more, &page.marks.next) {
            (Some(false), Some(_)) => {
                notices.push(Notice::NextWithoutMore);
                return Onward::Done;
            }
            // Some servers only ever send `next`.
            (None, Some(token)) if objects > 0 => token,
            (None, _) | (Some(false), None) => return Onward::Done,
            (Some(true), Some(token)) => token,
            (Some(true), None) => return self.by_date(request, page, notices),
        };
        if objects == 0 {
            notices.push(Notice::EmptyWithMore);
            if self.empty >= MOST_EMPTY {
                return Onward::Stuck(Notice::OnlyEmptyPages(self.empty));
            }
        }
        if Some(token) == request.next.as_ref() || Some(token) == self.seen.as_ref() {
            return Onward::Stuck(Notice::SameToken);
        }
        // Brent's way to notice a circle of any length with one token kept.
        if self.pages.is_power_of_two() {
            self.seen = Some(token.clone());
        }
        Onward::Token(token.clone())
    }

    /// More without a token: on from the date of the last object (TAXII 2.1 section 3.5), or rather from just before
    /// it, since others of the same date may be on the next page.
    fn by_date(&self, request: &PageRequest, page: &Page, notices: &mut Vec<Notice>) -> Onward {
        if page.marks.objects.unwrap_or_default() == 0 {
            // Section 3.5: more was there, and was deleted since.
            notices.push(Notice::EmptyWithMore);
            return Onward::Done;
        }
        notices.push(Notice::MoreWithoutNext);
        let from = request.added_after.as_deref();
        let Some(last) = self.reached.as_deref().filter(|_| !self.unsorted && page.last == self.reached) else {
            return Onward::Stuck(Notice::NoWayOn);
        };
        if let Some(before) = before(last).filter(|before| is_later(Some(before), from)) {
            return Onward::Date(before);
        }
        if !is_later(Some(last), from) {
            return Onward::Stuck(Notice::NoWayOn);
        }
        if page.first.is_none() || page.first == page.last {
            notices.push(Notice::MayMiss(last.to_owned()));
        }
        Onward::Date(last.to_owned())
    }

    /// A token was refused: whether to walk on at once from the last date. That is from just before it, since others of
    /// the same date may not have come yet. When a whole page holds nothing but that date, this is no progress; then
    /// the token gets some more chances, and at last what may be left of that date is passed over.
    fn without_token(&mut self, notices: &mut Vec<Notice>) -> bool {
        self.next = None;
        self.seen = None;
        self.refusals = self.refusals.saturating_add(1);
        let from = self.from.as_deref();
        let Some(last) = self.reached.as_deref().filter(|_| !self.unsorted) else { return false };
        let onward = match before(last).filter(|before| is_later(Some(before), from)) {
            Some(before) => before,
            None if self.refusals >= MOST_REFUSALS && is_later(Some(last), from) => {
                notices.push(Notice::MayMiss(last.to_owned()));
                last.to_owned()
            }
            None => return false,
        };
        self.from = Some(onward);
        self.refusals = 0;
        true
    }
}

/// Just before a moment, in the precision it is written with.
fn before(text: &str) -> Option<String> {
    let moment = wire::read_moment(text)?;
    let step = match finer(text).len() {
        0..=3 => Duration::from_millis(1),
        4..=6 => Duration::from_micros(1),
        // Reading it cut the rest off.
        _ => Duration::ZERO,
    };
    Some(earlier(moment, step).to_string())
}

/// Whether one moment lies after another. Texts of the same microsecond are compared as they stand, since servers
/// date more finely than this node; nothing is before everything.
fn is_later(new: Option<&str>, old: Option<&str>) -> bool {
    let (Some(new), Some(old)) = (new, old) else { return new.is_some() };
    match (wire::read_moment(new), wire::read_moment(old)) {
        (Some(one), Some(other)) if one == other => finer(new) > finer(old),
        (one, other) => one > other,
    }
}

/// The digits behind the second.
fn finer(text: &str) -> &str {
    let fraction = text.split_once(['.', ',']).map_or("", |(_, fraction)| fraction);
    let end = fraction.find(|c: char| !c.is_ascii_digit()).unwrap_or(fraction.len());
    fraction.get(..end).unwrap_or_default().trim_end_matches('0')
}

/// A date further ahead than clocks differ is an error of the server.
const DAY: Duration = Duration::from_hours(24);
/// So many empty pages in a row with more to come are no progress.
const MOST_EMPTY: u32 = 100;
/// So often a token may be refused at one place before the walk goes on without it.
const MOST_REFUSALS: u32 = 4;
/// What a page is taken to have been limited to when no limit was sent.
const UNSAID_LIMIT: u64 = 1000;

#[cfg(test)]
mod tests;
