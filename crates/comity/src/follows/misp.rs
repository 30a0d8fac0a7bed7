use std::collections::BTreeMap;

use comity_base::Timestamp;
use comity_crypto::{hex, sha256};
use comity_taxii::{Failure, FailureKind};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::step::{Halt, Kept, Next, Runner, failure, later};
use super::web::{Fresh, Got, Web};

/// How far a feed is followed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
struct FeedState {
    /// Of the manifest of which everything is in.
    fresh: Fresh,
    /// The events that are in, each with its date in the manifest.
    events: BTreeMap<String, i64>,
}

/// How far a MISP is followed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
struct ServerState {
    /// Events published since then are asked for, in seconds.
    from: i64,
    /// Those of them that are in: a MISP gives the last ones again.
    edge: BTreeMap<String, i64>,
    round: Option<Round>,
    /// Most events in a page, when larger ones did not come.
    limit: Option<u32>,
}

/// A walk through the pages of a MISP.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Round {
    began: Timestamp,
    /// The earlier of the server's clock and ours when it began, in seconds.
    since: i64,
    page: u32,
    /// The latest date seen.
    newest: i64,
    /// What was published at the end of what was seen.
    edge: BTreeMap<String, i64>,
    /// The page before, to notice when it comes again.
    last: String,
}

/// Does one round of a feed: what is new in its manifest is fetched, part by part.
pub(super) fn feed(runner: &mut Runner<'_>, kept: &mut Kept) -> Result<Next, Halt> {
    let began = runner.now();
    let mut state: FeedState = kept.state()?;
    let manifest = match manifest(runner, kept, &state)? {
        Ok(Some(manifest)) => manifest,
        Ok(None) => {
            runner.tell(kept, "nothing new.");
            return rest(runner, kept, began);
        }
        Err(failure) => return give_up(runner, kept, &failure),
    };
    let (listed, fresh) = manifest;
    state.events.retain(|uuid, _| listed.contains_key(uuid));
    let start = kept.follow.from.map_or(i64::MIN, |from| from.as_micros() / 1_000_000);
    let is_new = |(uuid, date): &(&String, &i64)| **date >= start && state.events.get(*uuid) != Some(*date);
    let mut wanted: Vec<(String, i64)> =
        listed.iter().filter(is_new).map(|(uuid, date)| (uuid.clone(), *date)).collect();
    // The oldest first: what refers to an event comes behind it.
    wanted.sort_by_key(|(_, date)| *date);
    let mut missing: Option<Failure> = None;
    let mut lost = 0_u64;
    let total = wanted.len();
    let mut wanted = wanted.into_iter().peekable();
    while wanted.peek().is_some() {
        let part = fetch_part(runner, kept, &mut wanted)?;
        if !part.inputs.is_empty() {
            runner.take(kept, part.inputs)?;
            state.events.extend(part.events);
            kept.progress.last_success = Some(runner.now());
            kept.set_state(&state)?;
            runner.save(kept)?;
        }
        lost += part.lost;
        if let Some(failure) = part.failure {
            let passing = !matches!(failure.kind, FailureKind::Status(400..=499) | FailureKind::TooLarge);
            missing = Some(failure);
            if passing {
                break;
            }
        }
    }
    if let Some(mut failure) = missing {
        failure.text = format!("{lost} of {total} new events could not be had: {}", failure.text);
        return give_up(runner, kept, &failure);
    }
    state.fresh = fresh;
    kept.set_state(&state)?;
    rest(runner, kept, began)
}

/// Events fetched for one batch.
#[derive(Default)]
struct Part {
    inputs: Vec<(String, Vec<u8>)>,
    events: Vec<(String, i64)>,
    lost: u64,
    failure: Option<Failure>,
}

fn fetch_part(
    runner: &mut Runner<'_>,
    kept: &Kept,
    wanted: &mut impl Iterator<Item = (String, i64)>,
) -> Result<Part, Halt> {
    let (mut part, mut bytes) = (Part::default(), 0);
    while part.inputs.len() < MOST_EVENTS && bytes < MOST_PART {
        let Some((uuid, date)) = wanted.next() else { break };
        let web = match runner.web.take().map_or_else(|| Web::new(&kept.follow), Ok) {
            Ok(web) => web,
            Err(failure) => return Ok(Part { failure: Some(failure), ..part }),
        };
        let got = runner.wait(web.get(&format!("{uuid}.json"), &Fresh::default(), MOST_EVENT))?;
        runner.web = Some(web);
        match got {
            Ok(Some(Got { body, .. })) => {
                bytes += body.len();
                part.inputs.push((format!("{} {uuid}.json", kept.name()), body));
                part.events.push((uuid, date));
            }
            Ok(None) => {}
            Err(failure) => {
                part.lost += 1;
                let goes_on = matches!(failure.kind, FailureKind::Status(404 | 410) | FailureKind::TooLarge);
                part.failure = Some(failure);
                if !goes_on {
                    break;
                }
            }
        }
    }
    Ok(part)
}

/// The events that a feed lists, each with its date; `None` when the list is the one that is known.
type Listed = (BTreeMap<String, i64>, Fresh);

fn manifest(runner: &mut Runner<'_>, kept: &Kept, state: &FeedState) -> Result<Result<Option<Listed>, Failure>, Halt> {
    let web = match Web::new(&kept.follow) {
        Ok(web) => web,
        Err(failure) => return Ok(Err(failure)),
    };
    let got = runner.wait(web.get("manifest.json", &state.fresh, MOST_MANIFEST))?;
    runner.web = Some(web);
    let got = match got {
        Ok(Some(got)) => got,
        Ok(None) => return Ok(Ok(None)),
        Err(failure) => return Ok(Err(failure)),
    };
    let wrong = |why: String| {
        let text =
            format!("the manifest of the feed cannot be read: {why}; check that the address is that of a MISP feed");
        failure(FailureKind::Unreadable, text)
    };
    let entries: BTreeMap<String, Value> = match serde_json::from_slice(&got.body) {
        Ok(entries) => entries,
        Err(error) => return Ok(Err(wrong(error.to_string()))),
    };
    let mut listed = BTreeMap::new();
    for (uuid, entry) in entries {
        // The name goes into an address: nothing but a UUID may.
        if !is_uuid(&uuid) {
            return Ok(Err(wrong(format!("{:?} is no UUID", uuid.chars().take(60).collect::<String>()))));
        }
        listed.insert(uuid, seconds(entry.get("timestamp")).unwrap_or_default());
    }
    Ok(Ok(Some((listed, got.fresh))))
}

/// Fetches one page of what a MISP published, takes it in, and moves on.
pub(super) fn server(runner: &mut Runner<'_>, kept: &mut Kept) -> Result<Next, Halt> {
    let mut state: ServerState = kept.state()?;
    if state.from == 0 {
        state.from = kept.follow.from.map_or(0, |from| from.as_micros() / 1_000_000);
    }
    let (asked, limit) = (runner.now(), state.limit.unwrap_or(PAGE));
    let page = state.round.as_ref().map_or(1, |round| round.page);
    let got = match ask(runner, kept, &state, (page, limit))? {
        Ok(got) => got,
        Err(failure) => {
            if matches!(failure.kind, FailureKind::TooLarge | FailureKind::Slow | FailureKind::Status(413 | 504)) {
                // Pages of another size are other pages: the round begins anew.
                (state.limit, state.round) = (Some((limit / 2).max(1)), None);
                kept.set_state(&state)?;
            }
            return give_up(runner, kept, &failure);
        }
    };
    let events = match events(&got.body) {
        Ok(events) => events,
        Err(why) => return give_up(runner, kept, &failure(FailureKind::Unreadable, why)),
    };
    let mut round = state.round.take().unwrap_or_else(|| {
        let date = got.date.map_or(asked, |date| date.min(asked));
        Round { began: asked, since: date.as_micros() / 1_000_000, page: 1, ..Round::default() }
    });
    let this = hex(&sha256(&got.body));
    if !events.is_empty() && this == round.last {
        let text = "the server sends the same page again and again; what lies behind it cannot be had";
        return give_up(runner, kept, &failure(FailureKind::Unreadable, text));
    }
    if events.iter().any(|(uuid, date)| state.edge.get(uuid) != Some(date)) {
        let name = format!("{} page {page} of {}", kept.name(), round.began);
        runner.take(kept, vec![(name, got.body)])?;
    } else if page == 1 {
        runner.tell(kept, "nothing new.");
    }
    round.see(&events);
    (round.page, round.last) = (page.saturating_add(1), this);
    let (is_over, began) = (events.is_empty() || round.page > MOST_PAGES, round.began);
    if is_over {
        state.finish(round);
    } else {
        state.round = Some(round);
    }
    kept.set_state(&state)?;
    if is_over {
        return rest(runner, kept, began);
    }
    kept.succeeded(runner.now());
    runner.save(kept)?;
    Ok(Next::Now)
}

impl Round {
    /// Remembers what may come again: a MISP gives events of the last second once more, and one that was published
    /// while the round went on may have hidden others.
    fn see(&mut self, events: &[(String, i64)]) {
        self.newest = events.iter().map(|(_, date)| *date).fold(self.newest, i64::max);
        self.edge.extend(events.iter().cloned());
        let end = self.newest.min(self.since);
        self.edge.retain(|_, date| *date >= end);
    }
}

impl ServerState {
    fn finish(&mut self, round: Round) {
        let reached = round.newest.min(round.since);
        if reached >= self.from && round.newest > 0 {
            self.from = reached;
            self.edge = round.edge;
        }
        self.limit = self.limit.map(|limit| limit.saturating_mul(2)).filter(|limit| *limit < PAGE);
    }
}

fn ask(
    runner: &mut Runner<'_>,
    kept: &Kept,
    state: &ServerState,
    (page, limit): (u32, u32),
) -> Result<Result<Got, Failure>, Halt> {
    let web = match runner.web.take().map_or_else(|| Web::new(&kept.follow), Ok) {
        Ok(web) => web,
        Err(failure) => return Ok(Err(failure)),
    };
    let mut body = serde_json::json!({"returnFormat": "json", "published": 1, "page": page, "limit": limit});
    if let Some(body) = body.as_object_mut().filter(|_| state.from > 0) {
        // When an event was changed says nothing of when it was published: that is what makes it visible.
        body.insert("publish_timestamp".into(), state.from.into());
    }
    let got = runner.wait(web.post("events/restSearch", body.to_string(), MOST_PAGE))?;
    runner.web = Some(web);
    Ok(got)
}

/// The events of a page, each with the moment it was published, or else changed.
fn events(body: &[u8]) -> Result<Vec<(String, i64)>, String> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Reply {
        Wrapped { response: Vec<Item> },
        Bare(Vec<Item>),
    }
    #[derive(Deserialize)]
    struct Item {
        #[serde(rename = "Event")]
        event: Event,
    }
    #[derive(Deserialize)]
    struct Event {
        uuid: String,
        publish_timestamp: Option<Value>,
        timestamp: Option<Value>,
    }
    let wrong =
        |error| format!("the server's answer holds no events: {error}; check that the address is that of a MISP");
    let (Reply::Wrapped { response: items } | Reply::Bare(items)) = serde_json::from_slice(body).map_err(wrong)?;
    let date = |event: &Event| {
        let published = seconds(event.publish_timestamp.as_ref()).filter(|date| *date > 0);
        published.or_else(|| seconds(event.timestamp.as_ref())).unwrap_or_default()
    };
    Ok(items.into_iter().map(|Item { event }| (event.uuid.clone(), date(&event))).collect())
}

/// MISP writes seconds as numbers and as texts.
fn seconds(value: Option<&Value>) -> Option<i64> {
    let value = value?;
    value.as_i64().or_else(|| value.as_str()?.parse().ok())
}

fn is_uuid(text: &str) -> bool {
    let lengths: Vec<usize> = text.split('-').map(str::len).collect();
    lengths == [8, 4, 4, 4, 12] && text.chars().all(|c| c.is_ascii_hexdigit() || c == '-')
}

/// The round is complete: the next begins when it is due.
fn rest(runner: &Runner<'_>, kept: &mut Kept, began: Timestamp) -> Result<Next, Halt> {
    let now = runner.now();
    kept.succeeded(now);
    kept.progress.next_due = later(began, kept.every()).max(now);
    runner.save(kept)?;
    Ok(Next::At(kept.progress.next_due))
}

fn give_up(runner: &Runner<'_>, kept: &mut Kept, failure: &Failure) -> Result<Next, Halt> {
    let due = kept.failed(failure, runner.now());
    runner.save(kept)?;
    Ok(Next::At(due))
}

/// Events of a page of a MISP.
const PAGE: u32 = 20;
const MOST_PAGES: u32 = 100_000;
/// Events, and about how many bytes, in one batch of a feed.
const MOST_EVENTS: usize = 25;
const MOST_PART: usize = 32 << 20;
const MOST_EVENT: u64 = 64 << 20;
const MOST_MANIFEST: u64 = 64 << 20;
const MOST_PAGE: u64 = 256 << 20;

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(dates: &[(&str, i64)]) -> Vec<(String, i64)> {
        dates.iter().map(|(uuid, date)| ((*uuid).to_owned(), *date)).collect()
    }

    #[test]
    fn a_round_ends_where_nothing_can_be_missed() {
        let mut state = ServerState { from: 5, ..ServerState::default() };
        let mut round = Round { since: 100, page: 1, ..Round::default() };
        round.see(&seen(&[("a", 50), ("b", 90)]));
        // Published while the round went on.
        round.see(&seen(&[("c", 120)]));
        state.finish(round);
        assert_eq!((state.from, state.edge), (100, BTreeMap::from([("c".to_owned(), 120)])));
    }

    #[test]
    fn both_forms_of_a_reply_and_of_a_date_are_read() {
        let wrapped = br#"{"response":[{"Event":{"uuid":"a","publish_timestamp":"7","timestamp":3,"info":"x"}}]}"#;
        assert_eq!(events(wrapped).unwrap(), seen(&[("a", 7)]));
        let bare = br#"[{"Event":{"uuid":"a","publish_timestamp":"0","timestamp":3}}]"#;
        assert_eq!(events(bare).unwrap(), seen(&[("a", 3)]));
        assert!(events(b"<html>").is_err());
    }

    #[test]
    fn only_a_uuid_becomes_part_of_an_address() {
        assert!(is_uuid("5a0b5f2e-1f0c-4b8e-9f0a-1e0f0a0b0c0d"));
        for wrong in
            ["", "../../etc/passwd", "5a0b5f2e-1f0c-4b8e-9f0a-1e0f0a0b0c0/", "5a0b5f2e1f0c4b8e9f0a1e0f0a0b0c0d"]
        {
            assert!(!is_uuid(wrong), "{wrong}");
        }
    }
}
