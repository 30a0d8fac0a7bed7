//! Data dies when it must: what a label, or the agreement it came under, says must be gone by now is withdrawn and
//! erased. A tombstone and the ledger's entry remain. A legal hold stops it. What people wrote beside goes in `words`.

mod words;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use comity_base::{OrgName, Position, Timestamp};
use comity_crypto::{hex, sha256};
use comity_ledger::EntryKind;
use comity_stix::{Label, ObjectId};
use comity_store::{BatchInfo, BatchStart, LabelId, Op, OriginalId, Version};
use roaring::RoaringTreemap;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::ledger::{Gone, pack};
pub(crate) use words::{Old, REASON, Words};

use crate::{Act, Ctx, Deed, Node, NodeError};

/// Versions that end together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Ending {
    /// Whose they are.
    pub owner: OrgName,
    /// When they must be gone.
    pub until: Timestamp,
    /// What says so.
    pub by: EndsBy,
    /// Whether they hold personal data.
    pub personal: bool,
    /// How many.
    pub versions: u64,
    /// How many more a legal hold keeps.
    pub held: u64,
    /// The objects, the first hundred.
    pub objects: BTreeSet<ObjectId>,
}

/// What says that data must be gone.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum EndsBy {
    /// Its label.
    Label,
    /// The agreement it was given under.
    Agreement(String),
}

/// What ends, and what is to be looked at before it ends.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct RetentionPlan {
    /// What must be gone by then, the earliest first.
    pub due: Vec<Ending>,
    /// Personal data that ends within six months after that: somebody should say whether it is needed longer.
    pub review: Vec<Ending>,
}

/// An order that keeps data however long its label lets it live.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LegalHold {
    /// The object.
    pub object: ObjectId,
    /// Why.
    pub reason: String,
    /// Who ordered it.
    pub by: String,
    /// Since when.
    pub since: Timestamp,
    /// Until when, once it was lifted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lifted: Option<Timestamp>,
}

/// What a retention run did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Ended {
    /// Versions that are gone.
    pub versions: u64,
    /// Versions that a hold keeps.
    pub held: u64,
    /// Kept original documents that are gone with them.
    pub originals: u64,
    /// Entries of the ledger that say less now.
    pub entries: u64,
    /// Items that were set aside long ago and whose bytes are gone.
    pub set_aside: u64,
    /// Questions, messages, reports, hits and notices of which the words of people are gone.
    pub words: u64,
}

/// What decides for every version, read once.
struct Terms {
    labels: HashMap<LabelId, (Label, Option<Timestamp>)>,
    /// Positions that came under an agreement that lets them live so long: first, last, end, agreement.
    agreed: Vec<(Position, Position, Timestamp, String)>,
    held: BTreeSet<ObjectId>,
}

/// A version with its end.
struct Found {
    version: Version,
    until: Timestamp,
    by: EndsBy,
    is_held: bool,
}

impl Node {
    /// What must be gone by this moment, and what personal data should be looked at before it goes.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn retention_plan(&self, ctx: &Ctx, by: Timestamp) -> Result<RetentionPlan, NodeError> {
        self.may(ctx, Act::RetentionPlan, json!({}))?;
        let terms = self.terms(ctx)?;
        let review = later(by, REVIEW);
        let (mut due, mut soon) = (BTreeMap::new(), BTreeMap::new());
        for found in self.ending(&terms, review, true)? {
            let Some((label, _)) = terms.labels.get(&found.version.label) else { continue };
            let personal = !label.personal.is_empty();
            let into = match found.until <= by {
                true => &mut due,
                false if personal => &mut soon,
                false => continue,
            };
            let key = (found.until, label.owner.clone(), found.by.clone(), personal);
            let ending = into.entry(key).or_insert_with(|| Ending {
                owner: label.owner.clone(),
                until: found.until,
                by: found.by.clone(),
                personal,
                versions: 0,
                held: 0,
                objects: BTreeSet::new(),
            });
            ending.versions += u64::from(!found.is_held);
            ending.held += u64::from(found.is_held);
            if ending.objects.len() < SHOWN {
                ending.objects.insert(found.version.id);
            }
        }
        let asked = json!({"by": by.to_string()});
        self.record(ctx, Deed::query("retention plan", asked))?;
        Ok(RetentionPlan { due: due.into_values().collect(), review: soon.into_values().collect() })
    }

    /// Withdraws and erases what must be gone by now, and puts that on record. What is cut off in between is finished by
    /// the next run.
    ///
    /// # Errors
    /// When the store cannot be read or written.
    pub fn end_retention(&self, ctx: &Ctx) -> Result<Ended, NodeError> {
        self.may(ctx, Act::RetentionRun, json!({}))?;
        self.ready()?;
        let terms = self.terms(ctx)?;
        let mut erased: RoaringTreemap = self.erased_by_retention()?;
        let mut all = self.ending(&terms, ctx.now(), false)?;
        let mut ended = Ended { held: all.iter().filter(|found| found.is_held).count() as u64, ..Ended::default() };
        all.retain(|found| !found.is_held && !erased.contains(found.version.position.0));
        let mut gone = Gone::default();
        let going = self.with_older(all.into_iter().map(|found| found.version).collect(), &erased)?;
        for part in going.chunks(AT_ONCE) {
            // A hold that was ordered since counts.
            let holds = self.on_hold()?;
            let part: Vec<&Version> = part.iter().filter(|version| !holds.0.contains(&version.id)).collect();
            let positions: Vec<Position> = part.iter().map(|version| version.position).collect();
            if positions.is_empty() {
                continue;
            }
            let bitmap: RoaringTreemap = positions.iter().map(|position| position.0).collect();
            let content = json!({"what": "retention ended", "versions": positions.len()});
            let deed = Deed::new(EntryKind::Erasure, json!({"positions": pack(&bitmap)?}), content);
            let start = BatchStart {
                owner: ctx.organisation.clone(),
                note: "end of retention".into(),
                now: ctx.now(),
                fence: None,
                entries: vec![deed.entry(ctx)?],
            };
            self.store.withdraw(&positions, &start, ctx.now())?;
            self.catch_up()?;
            // While their content is still there: recipients of own data are told exactly what to delete.
            self.note_owed(ctx)?;
            let bodies: Vec<Version> = self.store.get(&positions)?.into_iter().flatten().collect();
            self.note_gone(&bodies, &mut gone);
            self.erase_for_good(&positions)?;
            ended.originals += self.forget_sources(part, &holds.1)?;
            erased |= bitmap;
            self.keep_erased(&erased)?;
            ended.versions += positions.len() as u64;
        }
        ended.entries = self.forget_about(ctx, &gone)? + self.forget_old(ctx)?;
        ended.set_aside = self.forget_set_aside(ctx)?;
        ended.words = self.forget_words(ctx)?;
        Ok(ended)
    }

    /// Forgets what was set aside long ago: it has no label that says how long it may live, and whoever wanted to repair it
    /// has.
    fn forget_set_aside(&self, ctx: &Ctx) -> Result<u64, NodeError> {
        let done: Option<u64> = self.setting(SET_ASIDE_DONE)?;
        let (mut before, mut forgotten, mut newest) = (None, 0, done);
        let old = |finished: Timestamp| ctx.now().as_micros().saturating_sub(finished.as_micros()) > SET_ASIDE;
        loop {
            let batches = self.store.batches(before, BATCHES)?;
            // Newest first: what was looked at before is behind that.
            let left = |batch: &&BatchInfo| done.is_none_or(|done| batch.id.0 > done);
            before = batches.last().filter(left).map(|batch| batch.id);
            for batch in batches.iter().filter(left).filter(|batch| batch.finished.is_some_and(old)) {
                if batch.counts.rejected > 0 {
                    forgotten += self.store.forget_rejected(batch.id)?;
                }
                newest = newest.max(Some(batch.id.0));
            }
            if before.is_none() {
                break;
            }
        }
        if newest != done {
            self.keep_setting(SET_ASIDE_DONE, &newest)?;
        }
        Ok(forgotten)
    }

    /// Keeps an object however long its label lets it live.
    ///
    /// # Errors
    /// When it is not known here, held already, or no reason is given.
    pub fn hold(&self, ctx: &Ctx, object: &ObjectId) -> Result<LegalHold, NodeError> {
        self.may(ctx, Act::Hold, json!({"object": object.to_string()}))?;
        let reason = because(ctx, "a legal hold")?;
        self.sees(ctx, object)?;
        if self.holds()?.iter().any(|hold| hold.object == *object) {
            return Err(NodeError::Refused(format!("{object} is held already")));
        }
        let hold = LegalHold { object: object.clone(), reason, by: ctx.actor.clone(), since: ctx.now(), lifted: None };
        let deed = Deed::decision("legal hold", json!({"object": object.to_string()}));
        self.decide(ctx, &hold_key(object), &hold, deed)?;
        Ok(hold)
    }

    /// Lifts a hold: from now on the label counts again.
    ///
    /// # Errors
    /// When the object is not held, or no reason is given.
    pub fn lift_hold(&self, ctx: &Ctx, object: &ObjectId) -> Result<LegalHold, NodeError> {
        self.may(ctx, Act::Hold, json!({"object": object.to_string()}))?;
        because(ctx, "lifting a legal hold")?;
        let held = self.holds()?.into_iter().find(|hold| hold.object == *object);
        let held = held.ok_or_else(|| NodeError::Refused(format!("{object} is not held")))?;
        let lifted = LegalHold { lifted: Some(ctx.now()), ..held };
        let deed = Deed::decision("legal hold lifted", json!({"object": object.to_string()}));
        self.decide(ctx, &hold_key(object), &lifted, deed)?;
        Ok(lifted)
    }

    /// What is held now.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn holds(&self) -> Result<Vec<LegalHold>, NodeError> {
        let mut all: Vec<LegalHold> = self.settings(HOLD)?;
        all.retain(|hold| hold.lifted.is_none());
        Ok(all)
    }

    fn terms(&self, ctx: &Ctx) -> Result<Terms, NodeError> {
        let mut labels = HashMap::new();
        for (id, text) in self.store.labels(LabelId(0))? {
            // A label that does not read says nothing about an end; it is told by the check of the store.
            let Ok(label) = Label::from_json(&text) else { continue };
            // A source that marks its data "expired" says nothing about when it must be gone.
            let until = label.retain_until.filter(|until| until.as_micros() > 0);
            labels.insert(id, (label, until));
        }
        let held = self.on_hold()?.0;
        Ok(Terms { labels, agreed: self.agreed_ends(ctx)?, held })
    }

    /// What is held, and the originals it came from.
    pub(crate) fn on_hold(&self) -> Result<(BTreeSet<ObjectId>, BTreeSet<OriginalId>), NodeError> {
        let ids: Vec<ObjectId> = self.holds()?.into_iter().map(|hold| hold.object).collect();
        let rows = self.store.versions_of(&ids)?;
        let sources = rows.into_iter().flatten().map(|row| row.source).collect();
        Ok((ids.into_iter().collect(), sources))
    }

    /// These versions with every older one of the same owner's object: what came before a version that ends was replaced
    /// by it, and must not count again.
    fn with_older(&self, going: Vec<Version>, erased: &RoaringTreemap) -> Result<Vec<Version>, NodeError> {
        let mut newest: BTreeMap<(ObjectId, OrgName), (Timestamp, Position)> = BTreeMap::new();
        for version in &going {
            let at = (version.modified, version.position);
            let known = newest.entry((version.id.clone(), self.owner_of(version.label)?)).or_insert(at);
            *known = (*known).max(at);
        }
        let ids: Vec<ObjectId> = newest.keys().map(|(id, _)| id.clone()).collect::<BTreeSet<_>>().into_iter().collect();
        let mut all: BTreeMap<Position, Version> =
            going.into_iter().map(|version| (version.position, version)).collect();
        for part in ids.chunks(1_000) {
            for row in self.store.versions_of(part)?.into_iter().flatten().filter(|row| row.op == Op::Put) {
                let until = newest.get(&(row.id.clone(), self.owner_of(row.label)?));
                let is_older = until.is_some_and(|until| (row.modified, row.position) < *until);
                if is_older && !erased.contains(row.position.0) {
                    all.insert(row.position, row);
                }
            }
        }
        Ok(all.into_values().collect())
    }

    /// Until when what came under agreements may live here.
    fn agreed_ends(&self, ctx: &Ctx) -> Result<Vec<(Position, Position, Timestamp, String)>, NodeError> {
        let mut days: HashMap<(String, String), u32> = HashMap::new();
        for standing in self.agreements_now(ctx)?.iter() {
            for flow in standing.agreement.flows.iter().filter(|flow| flow.to == ctx.organisation) {
                if let Some(retention) = flow.retention_days {
                    let key = (flow.from.to_string(), standing.agreement.id.to_string());
                    let shortest = days.entry(key).or_insert(retention);
                    *shortest = (*shortest).min(retention);
                }
            }
        }
        let mut ends = Vec::new();
        let mut before = None;
        while !days.is_empty() {
            let page = self.store.batches(before, 1_000)?;
            let Some(oldest) = page.last() else { break };
            before = Some(oldest.id);
            for batch in page.iter().filter(|batch| batch.last > batch.after) {
                let Some(finished) = batch.finished else { continue };
                if let Some((agreement, days)) = came_under(batch, &days) {
                    ends.push((batch.after.next(), batch.last, later(finished, i64::from(days)), agreement));
                }
            }
        }
        ends.sort_unstable_by_key(|(first, ..)| *first);
        Ok(ends)
    }

    /// The documents these versions came from lose their kept bytes, but those that are held. Says how many did.
    pub(crate) fn forget_sources<'v>(
        &self,
        versions: impl IntoIterator<Item = &'v Version>,
        held: &BTreeSet<OriginalId>,
    ) -> Result<u64, NodeError> {
        let sources: BTreeSet<OriginalId> = versions.into_iter().map(|version| version.source).collect();
        let is_gone = |source: &OriginalId| *source != OriginalId(0) && !held.contains(source);
        let gone: Vec<OriginalId> = sources.into_iter().filter(is_gone).collect();
        Ok(self.store.forget_originals(&gone)?)
    }

    /// Until when the version at a position may live here by the agreement it came under.
    pub(crate) fn agreed_end(&self, ctx: &Ctx, position: Position) -> Result<Option<Timestamp>, NodeError> {
        let ends = self.agreed_ends(ctx)?;
        Ok(ends.into_iter().find(|(first, last, ..)| *first <= position && position <= *last).map(|(_, _, end, _)| end))
    }

    /// Versions that end by a moment; with those withdrawn already left out, or not.
    fn ending(&self, terms: &Terms, by: Timestamp, standing: bool) -> Result<Vec<Found>, NodeError> {
        if !terms.may_end(by) {
            return Ok(Vec::new());
        }
        let (mut found, mut withdrawn, mut at) = (Vec::new(), RoaringTreemap::new(), Position::START);
        loop {
            let rows = self.store.scan(at, PAGE, false)?;
            let Some(last) = rows.last() else { break };
            at = last.position;
            for version in rows {
                match version.op {
                    Op::Put => found.extend(terms.end(version, by)),
                    Op::Withdraw(target) if standing => drop(withdrawn.insert(target.0)),
                    _ => {}
                }
            }
        }
        found.retain(|found| !withdrawn.contains(found.version.position.0));
        Ok(found)
    }

    fn erased_by_retention(&self) -> Result<RoaringTreemap, NodeError> {
        let Some((_, bytes)) = self.store.value(ERASED)? else { return Ok(RoaringTreemap::new()) };
        RoaringTreemap::deserialize_from(&bytes[..]).map_err(NodeError::io("reading what retention has erased"))
    }

    fn keep_erased(&self, erased: &RoaringTreemap) -> Result<(), NodeError> {
        let mut bytes = Vec::new();
        erased.serialize_into(&mut bytes).map_err(NodeError::io("writing what retention has erased"))?;
        self.overwrite(ERASED, &bytes, &[])
    }
}

impl Terms {
    /// Whether anything at all may end by a moment.
    fn may_end(&self, by: Timestamp) -> bool {
        let labels = self.labels.values().any(|(_, until)| until.is_some_and(|until| until <= by));
        labels || self.agreed.iter().any(|(_, _, until, _)| *until <= by)
    }

    fn end(&self, version: Version, by: Timestamp) -> Option<Found> {
        let own = self.labels.get(&version.label).and_then(|(_, until)| *until).map(|until| (until, EndsBy::Label));
        let at = version.position;
        // Batches do not overlap: the last that begins at or before it.
        let before = self.agreed.partition_point(|(first, ..)| *first <= at);
        let agreed = self.agreed.get(..before).and_then(<[_]>::last).filter(|(_, last, ..)| at <= *last);
        let agreed = agreed.into_iter();
        let agreed = agreed.map(|(_, _, until, agreement)| (*until, EndsBy::Agreement(agreement.clone())));
        let (until, by) = agreed.chain(own).min().filter(|(until, _)| *until <= by)?;
        let is_held = self.held.contains(&version.id);
        Some(Found { version, until, by, is_held })
    }
}

/// Under which agreement a batch came, and how many days it may live here. A tool posts under whatever its organisation
/// agreed to: then the shortest counts.
fn came_under(batch: &BatchInfo, days: &HashMap<(String, String), u32>) -> Option<(String, u32)> {
    let owner = batch.owner.to_string();
    if let Some((peer, agreement)) = batch.note.strip_prefix("from ").and_then(|rest| rest.split_once(" under ")) {
        let days = days.get(&(peer.to_owned(), agreement.to_owned()))?;
        return (peer == owner).then(|| (agreement.to_owned(), *days));
    }
    if !batch.note.starts_with("posted ") {
        return None;
    }
    let own = days.iter().filter(|((from, _), _)| *from == owner);
    own.min_by_key(|(_, days)| **days).map(|((_, agreement), days)| (agreement.clone(), *days))
}

fn because(ctx: &Ctx, what: &str) -> Result<String, NodeError> {
    let reason = ctx.reason.as_deref().unwrap_or_default().trim();
    if reason.is_empty() {
        return Err(NodeError::Refused(format!("{what} needs a reason: --why")));
    }
    Ok(reason.to_owned())
}

fn later(from: Timestamp, days: i64) -> Timestamp {
    Timestamp::from_micros(from.as_micros().saturating_add(days.saturating_mul(86_400_000_000)))
}

fn hold_key(object: &ObjectId) -> String {
    format!("{HOLD}{}", hex(&sha256(object.to_string().as_bytes())))
}

/// How long what was set aside is kept, in microseconds: ninety days.
const SET_ASIDE: i64 = 90 * 24 * 3_600 * 1_000_000;
/// Up to which batch that is done.
const SET_ASIDE_DONE: &str = "retention/set-aside";
/// Batches looked at at once.
const BATCHES: usize = 1_000;
const HOLD: &str = "hold/";
/// The positions that retention has erased, as a set.
const ERASED: &str = "retention/erased";
/// Days before its end when personal data is to be looked at again.
const REVIEW: i64 = 183;
/// Objects of one ending that are named.
const SHOWN: usize = 100;
/// Versions that go in one step.
const AT_ONCE: usize = 5_000;
/// Rows read at once.
const PAGE: usize = 20_000;
