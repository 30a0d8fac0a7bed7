//! Which attributes and events a search finds.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use comity_base::Position;
use comity_node::{Channel, Ctx, Group, Node, NodeError};

use super::ask::{Ask, Deleted};
use super::built::{Built, Found, Head};
use super::desk::{Desk, Seen};

/// Who searches where.
#[derive(Clone, Copy)]
pub(super) struct Search<'a> {
    pub(super) node: &'a Node,
    pub(super) ctx: &'a Ctx,
    pub(super) desk: &'a Desk,
    pub(super) organisation: &'a comity_base::OrgName,
}

/// What a search found, written one after the other with commas between.
#[derive(Debug, Default)]
pub(super) struct Answer {
    pub(super) texts: Vec<u8>,
    pub(super) count: usize,
    leaves: BTreeSet<Position>,
    /// More than one answer may hold.
    pub(super) too_large: bool,
}

impl Answer {
    pub(super) fn add(&mut self, text: &[u8], between: &[u8]) {
        if self.count > 0 {
            self.texts.extend_from_slice(between);
        }
        self.texts.extend_from_slice(text);
        self.count += 1;
        self.too_large |= self.texts.len() > MOST_BYTES;
    }

    pub(super) fn leave(&mut self, positions: impl IntoIterator<Item = Position>) {
        self.leaves.extend(positions);
    }
}

impl Search<'_> {
    /// Puts an answer together and enters it in the account; anew where something was taken back meanwhile.
    pub(super) fn answer(
        &self,
        make: impl Fn(&Arc<Seen>, bool) -> Result<Answer, NodeError>,
    ) -> Result<Answer, NodeError> {
        for attempt in 0..ATTEMPTS {
            let seen = self.desk.seen(self.node, self.ctx, self.organisation)?;
            let answer = make(&seen, attempt == 0)?;
            let leaves: Vec<Position> = answer.leaves.iter().copied().collect();
            if answer.too_large || self.node.enter(self.ctx, &seen.views, Channel::Misp, &leaves)? {
                return Ok(answer);
            }
            self.desk.forget(self.organisation);
        }
        Err(NodeError::Refused("what is asked for changes while it is read; nothing was given, ask again".into()))
    }

    /// The attributes of a page.
    pub(super) fn attributes(&self, ask: &Ask) -> Result<Answer, NodeError> {
        if ask.published == Some(false) {
            return Ok(Answer::default());
        }
        // Going on where the page before ended is the same query.
        if ask.page == 1 || self.desk.walk(self.organisation, ask, ask.page).is_none() {
            self.node.count_queries(self.ctx, self.organisation, ask.queries())?;
        }
        self.answer(|seen, first| self.attribute_page(seen, ask, first))
    }

    fn attribute_page(&self, seen: &Arc<Seen>, ask: &Ask, first: bool) -> Result<Answer, NodeError> {
        let known = if first && ask.page > 1 { self.desk.walk(self.organisation, ask, ask.page) } else { None };
        let skipped = if known.is_some() { 0 } else { ask.skipped() };
        let seen = known.as_ref().map_or(seen, |walk| &walk.seen);
        let (mut event, mut attribute) = known.as_ref().map_or((0, 0), |walk| (walk.event, walk.attribute));
        let only = self.candidates(seen, ask)?;
        let (mut answer, mut left) = (Answer::default(), skipped);
        // Without a limit there is one page.
        if ask.limit.is_none() && ask.page > 1 {
            return Ok(answer);
        }
        while let Some((at, about)) = next(only.as_ref(), event, seen.groups.all.len()) {
            if at > event {
                attribute = 0;
            }
            event = at + 1;
            let Some(built) = self.worth(seen, ask, (at, about))? else {
                attribute = 0;
                continue;
            };
            for (place, found) in built.attributes.iter().enumerate().skip(attribute) {
                if !takes_attribute(ask, &built.head, found, true) {
                    continue;
                }
                if left > 0 {
                    left -= 1;
                    continue;
                }
                if Some(answer.count) == ask.limit || answer.too_large {
                    self.desk.keep_walk(seen, (ask, ask.page + 1), at, place);
                    return Ok(answer);
                }
                give(ask, &built, found, &mut answer);
            }
            attribute = 0;
        }
        if ask.limit.is_some() {
            self.desk.keep_walk(seen, (ask, ask.page + 1), seen.groups.all.len(), 0);
        }
        Ok(answer)
    }

    /// The event at a place, when something of it may be asked for.
    fn worth(
        &self,
        seen: &Seen,
        ask: &Ask,
        (at, about): (usize, &[Position]),
    ) -> Result<Option<Arc<Built>>, NodeError> {
        // Most polls ask for what is new: what is known to be older is not read.
        let from = ask.changed.from.max(ask.attribute_changed.from);
        if let (Some(head), Some(from)) = (self.desk.known_head(seen, at), from)
            && head.newest < from
        {
            return Ok(None);
        }
        let built = self.desk.built_for(self.node, self.ctx, seen, (at, about))?;
        Ok(built.filter(|built| takes_event(ask, seen, &built.head)))
    }

    /// The events of a page.
    pub(super) fn events(&self, ask: &Ask) -> Result<Answer, NodeError> {
        if ask.published == Some(false) || ask.limit.is_none() && ask.page > 1 {
            return Ok(Answer::default());
        }
        self.node.count_queries(self.ctx, self.organisation, ask.queries())?;
        self.answer(|seen, _| {
            let only = self.candidates(seen, ask)?;
            let (mut answer, mut event) = (Answer::default(), 0);
            let mut left = ask.skipped();
            while let Some((at, _)) = next(only.as_ref(), event, seen.groups.all.len()) {
                event = at + 1;
                if Some(answer.count) == ask.limit || answer.too_large {
                    break;
                }
                if self.known_not(seen, ask, at) {
                    continue;
                }
                let Some(built) = self.desk.built(self.node, self.ctx, seen, at)? else { continue };
                if !takes_event(ask, seen, &built.head) || !takes_whole(ask, &built) {
                    continue;
                }
                if left > 0 {
                    left -= 1;
                    continue;
                }
                if ask.head_only {
                    answer.add(&super::events::head_of(&built.json), b",");
                    answer.leave(built.head.leaves);
                } else {
                    answer.add(&built.json, b",");
                    answer.leave(seen.groups.all.get(at).into_iter().flat_map(Group::positions));
                }
            }
            Ok(answer)
        })
    }

    fn known_not(&self, seen: &Seen, ask: &Ask, at: usize) -> bool {
        self.desk
            .known_head(seen, at)
            .is_some_and(|head| !ask.changed.holds(head.of.timestamp) || !takes_event(ask, seen, &head))
    }

    /// The only events in which it is worth looking, when that is known without reading them.
    fn candidates(&self, seen: &Seen, ask: &Ask) -> Result<Option<Candidates>, NodeError> {
        if let Some(names) = ask.events.wanted() {
            return Ok(Some(names.iter().filter_map(|name| Some((seen.find(name)?, Vec::new()))).collect()));
        }
        let Some(texts) = ask.values.wanted() else { return Ok(None) };
        let mut out = Candidates::new();
        for text in texts {
            let mut values = Vec::new();
            for part in text.split('|') {
                let guessed = self.node.values().guess(part);
                // A text that is nothing else may stand anywhere.
                if guessed.iter().all(|value| value.kind() == comity_stix::Kind::Mutex) {
                    return Ok(None);
                }
                values.extend(guessed);
            }
            for position in self.node.positions_of(self.ctx, &seen.views, &values, POSTINGS)? {
                for at in seen.groups.of(position).iter().filter_map(|at| usize::try_from(*at).ok()) {
                    out.entry(at).or_default().push(position);
                }
            }
        }
        Ok(Some(out))
    }
}

fn give(ask: &Ask, built: &Built, found: &Found, answer: &mut Answer) {
    answer.leave(found.leaves.iter().copied());
    match ask.format.as_str() {
        "text" | "values" => answer.add(found.value.as_bytes(), b"\n"),
        _ => answer.add(built.text(found, ask.event_tags_too), b","),
    }
}

/// Events in which to look, with what to look at in them; nothing for all of it.
type Candidates = BTreeMap<usize, Vec<Position>>;

fn next(only: Option<&Candidates>, from: usize, count: usize) -> Option<(usize, &[Position])> {
    match only {
        Some(only) => only.range(from..).next().map(|(at, about)| (*at, about.as_slice())),
        None => (from < count).then_some((from, &[])),
    }
}

/// Whether the event as a whole is one that is asked for, or whose attributes are.
fn takes_event(ask: &Ask, seen: &Seen, head: &Head) -> bool {
    let of = &head.of;
    let number = |uuid| seen.number(uuid).to_string();
    let day = comity_base::Timestamp::parse(&format!("{}T00:00:00Z", of.date));
    let day = day.map_or(of.timestamp, |day| day.as_micros().div_euclid(1_000_000));
    ask.events.takes_any(&mut [number(of.uuid), of.uuid.to_string()].iter().map(String::as_str))
        && ask.orgs.takes_any(
            &mut [of.orgc.name.clone(), of.orgc.uuid.to_string(), number(of.orgc.uuid)].iter().map(String::as_str),
        )
        && ask.info.takes(&of.info)
        && ask.levels.takes(&of.threat_level)
        && ask.analysis.takes(&of.analysis)
        && ask.event_changed.holds(of.timestamp)
        && ask.published_at.holds(of.publish_timestamp)
        && ask.dated.holds(day)
        && ask.event_tags.takes_any(&mut of.tags.iter().map(|tag| &*tag.name))
}

/// Whether a whole event is asked for.
fn takes_whole(ask: &Ask, built: &Built) -> bool {
    let head = &built.head;
    if !ask.changed.holds(head.of.timestamp) {
        return false;
    }
    let uuid = head.of.uuid.to_string();
    let by_uuid = ask.uuids.takes(&uuid) || built.attributes.iter().any(|a| ask.uuids.takes(&a.uuid.to_string()));
    let own = head.of.tags.iter().map(|tag| &*tag.name);
    let all = built.attributes.iter().flat_map(|found| found.tags.iter().map(String::as_str));
    by_uuid
        && ask.tags.takes_any(&mut own.chain(all))
        && (!ask.is_about_attributes() || built.attributes.iter().any(|found| takes_attribute(ask, head, found, false)))
}

/// Whether an attribute is asked for; `alone` where attributes are, not their events.
fn takes_attribute(ask: &Ask, head: &Head, found: &Found, alone: bool) -> bool {
    let deleted = match ask.deleted {
        Deleted::Without => !found.deleted,
        Deleted::Too => true,
        Deleted::Only => found.deleted,
    };
    let event_tags = || head.of.tags.iter().map(|tag| &*tag.name);
    deleted
        && ask.to_ids.is_none_or(|wanted| found.to_ids == wanted)
        && ask.types.takes(&found.kind)
        && ask.categories.takes(&found.category)
        && ask.relations.takes(&found.relation)
        && ask.attribute_changed.holds(found.timestamp)
        && ask.values.takes_any(&mut found.texts())
        && (!alone
            || ask.changed.holds(found.timestamp)
                && ask
                    .uuids
                    .takes_any(&mut [found.uuid.to_string(), head.of.uuid.to_string()].iter().map(String::as_str))
                && ask.tags.takes_any(&mut found.tags.iter().map(String::as_str).chain(event_tags())))
}

/// Attempts at an answer of which nothing is taken back meanwhile.
const ATTEMPTS: usize = 4;
/// Most bytes of one answer.
const MOST_BYTES: usize = 256 << 20;
/// Most postings read for one value.
const POSTINGS: usize = 100_000;

/// Whether an event is listed.
pub(super) fn is_listed(ask: &Ask, seen: &Seen, head: &Head) -> bool {
    takes_event(ask, seen, head)
        && ask.changed.holds(head.of.timestamp)
        && ask.tags.takes_any(&mut head.of.tags.iter().map(|tag| &*tag.name))
        && ask.uuids.takes(&head.of.uuid.to_string())
}
