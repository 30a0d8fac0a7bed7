use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;
use std::sync::Arc;

use comity_base::{OrgName, Position, Timestamp};
use comity_crypto::{hex, sha256};
use comity_stix::{Doc, Kind, ObjectId, Value};
use comity_store::{BatchId, Version};
use serde::Serialize;
use serde_json::json;

use crate::labels::OwnerNo;
use crate::neighbours::{Container, Sight, Standing};
use crate::reading::Held;
use crate::{Act, Authority, Ctx, Deed, Node, NodeError};

/// When a question is about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AsOf {
    /// What stands now.
    #[default]
    Now,
    /// What stood once everything up to this position was in.
    Position(Position),
    /// What stood at this time.
    Time(Timestamp),
}

/// The answer to "who knows this?".
#[derive(Clone, Debug)]
pub struct Look {
    /// The text as asked.
    pub asked: String,
    /// What it may be, with who holds it; empty when the text is no kind of value.
    pub known: Vec<Known>,
}

/// One value and who holds it.
#[derive(Clone, Debug)]
pub struct Known {
    /// The value.
    pub value: Value,
    /// How many versions mention it, past ones included: exact. To whoever may not see everything here, how many
    /// they may see now.
    pub postings: u64,
    /// Objects that hold it now, up to the limit asked for.
    pub holdings: Vec<Holding>,
    /// Whether there are more holdings than the limit.
    pub more: bool,
    /// Warning lists it stands on.
    pub lists: Vec<String>,
}

/// One object that holds a value.
#[derive(Clone, Debug, Serialize)]
pub struct Holding {
    /// Who holds it.
    pub owner: OrgName,
    /// The object.
    pub id: ObjectId,
    /// What people call it.
    pub name: String,
    /// How it holds the value: `is`, `mentions`, `looks-for`.
    pub how: &'static str,
    /// Its TLP, in words; `none` when nothing was said.
    pub tlp: String,
    /// What groups it.
    pub containers: Vec<Container>,
    /// Where it stands in the log.
    pub position: Position,
    /// The batch that brought it.
    pub batch: Option<BatchId>,
}

/// Which of many values are known, without reading any object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Brief {
    /// How many versions mention it, past ones included.
    pub postings: u64,
    /// Who holds it now.
    pub owners: Vec<OrgName>,
}

/// One version of an object as shown.
#[derive(Clone, Debug)]
pub struct Shown {
    /// Who holds it.
    pub owner: OrgName,
    /// Where it stands in the log.
    pub position: Position,
    /// Its `modified`; zero for objects without one.
    pub modified: Timestamp,
    /// Whether it is the one that counted at the moment asked about.
    pub current: bool,
    /// Its label, applied.
    pub standing: crate::Standing,
    /// The batch that brought it.
    pub batch: Option<BatchId>,
    /// The file it stood in.
    pub file: String,
    /// Byte offset in that file.
    pub offset: u64,
    /// Exactly its bytes.
    pub raw: Arc<[u8]>,
}

impl Node {
    /// Who knows this text, read as every kind of value it may be.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn look(&self, ctx: &Ctx, text: &str, limit: usize) -> Result<Look, NodeError> {
        let asked = self.recorded(text);
        self.may(ctx, Act::Look, json!({"asked": asked}))?;
        self.within_budget(ctx, 1, json!({"asked": asked}))?;
        let sight = Sight::new(self.ready()?, &ctx.authority);
        let lists = self.lists()?;
        let mut known = Vec::new();
        for value in self.values().guess(text) {
            let on = lists.matching(value.kind(), value.text()).into_iter().map(str::to_owned).collect();
            known.push(self.known(value, on, limit, sight)?);
        }
        let shown = known.iter().flat_map(|known| &known.holdings).map(|holding| holding.id.to_string());
        let on: BTreeSet<&str> = known.iter().flat_map(|known| &known.lists).map(String::as_str).collect();
        let deed = Deed::query("look", json!({"asked": asked, "shown": shown.collect::<Vec<_>>()}));
        self.record(ctx, if on.is_empty() { deed } else { deed.and("lists", json!(on)) })?;
        Ok(Look { asked: text.to_owned(), known })
    }

    /// What was asked as it goes on record: the number of a card never does, only what it is known by here.
    fn recorded(&self, text: &str) -> String {
        let card = self.values().guess(text).into_iter().find(|value| value.kind() == Kind::Card);
        card.map_or_else(|| text.to_owned(), |card| card.text().to_owned())
    }

    fn known(&self, value: Value, lists: Vec<String>, limit: usize, sight: Sight<'_>) -> Result<Known, NodeError> {
        let fingerprint = self.reader.value_fingerprint(value.kind(), value.text());
        let postings = self.count(fingerprint, sight)?;
        let mut known = Known { value, postings, holdings: Vec::new(), more: false, lists };
        for position in self.derived.values.positions(fingerprint, limit.saturating_mul(4).max(1_000)) {
            let Some(standing) = self.standing_at(position, sight)? else { continue };
            let Some(held) = self.how(&standing.version.raw, &known.value) else { continue };
            if known.holdings.len() == limit {
                known.more = true;
                break;
            }
            known.holdings.push(self.holding(&standing, held, sight)?);
        }
        Ok(known)
    }

    /// How many versions mention a value, past ones included; where something is hidden from whoever asks, how many of
    /// those that stand now and that they may see.
    fn count(&self, fingerprint: u64, sight: Sight<'_>) -> Result<u64, NodeError> {
        if !self.labels.hides_from(sight.authority) {
            return Ok(self.derived.values.count(fingerprint));
        }
        let (mut count, mut failed) = (0, None);
        self.derived.values.for_each(fingerprint, |position| {
            let label = self.derived.current(position).filter(|_| position <= sight.visible);
            match label.map_or(Ok(false), |label| self.meets(sight.authority, label)) {
                Ok(met) => count += u64::from(met),
                Err(error) => {
                    failed = Some(error);
                    return ControlFlow::Break(());
                }
            }
            ControlFlow::Continue(())
        });
        failed.map_or(Ok(count), Err)
    }

    /// The current objects that hold a value, exactly as they came in, up to `limit`; each one was read to
    /// see that it really holds it. For callers that put on record themselves what is read.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn objects(&self, _ctx: &Ctx, value: &Value, limit: usize) -> Result<Vec<Version>, NodeError> {
        let visible = self.ready()?;
        let fingerprint = self.reader.value_fingerprint(value.kind(), value.text());
        let mut out = Vec::new();
        let mut asked = 0;
        // Past versions are among the postings: ask for more until enough current ones are found.
        while out.len() < limit {
            let positions = self.derived.values.positions(fingerprint, asked + limit.max(16));
            let Some(new) = positions.get(asked..).filter(|new| !new.is_empty()) else { break };
            asked = positions.len();
            let current: Vec<_> =
                new.iter().copied().filter(|at| *at <= visible && self.derived.current(*at).is_some()).collect();
            let read = self.store.get(&current)?.into_iter().flatten();
            out.extend(read.filter(|version| self.how(&version.raw, value).is_some()));
        }
        out.truncate(limit);
        Ok(out)
    }

    /// How an object holds a value: a posting is believed only after reading the object.
    pub(crate) fn how(&self, raw: &[u8], value: &Value) -> Option<Held> {
        let doc = Doc::parse(raw, self.reader.depth()).ok()?;
        let mut how = None;
        self.reader.each_value(doc.root(), &mut String::new(), &mut |kind, text, held| {
            if kind == value.kind() && text == value.text() {
                how.get_or_insert(held);
            }
        });
        how
    }

    fn holding(&self, standing: &Standing, held: Held, sight: Sight<'_>) -> Result<Holding, NodeError> {
        let label = self.labels.get(&*self.store, standing.version.label)?;
        Ok(Holding {
            owner: self.owner(standing.owner)?,
            id: standing.version.id.clone(),
            name: standing.name.clone(),
            how: match held {
                Held::As => "is",
                Held::Property => "mentions",
                Held::Pattern => "looks-for",
            },
            tlp: label.tlp.map_or_else(|| "none".to_owned(), |tlp| tlp.to_string()),
            containers: self.containers(standing, sight)?.into_iter().map(|(container, _)| container).collect(),
            position: standing.version.position,
            batch: self.origin(standing.version.position)?.map(|batch| batch.id),
        })
    }

    /// Which of these values are known and to whom, without reading any object: for long lists.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn look_brief(&self, ctx: &Ctx, values: &[Value]) -> Result<Vec<Brief>, NodeError> {
        self.may(ctx, Act::Look, many(values))?;
        self.within_screening(ctx, values.len(), many(values))?;
        let sight = Sight::new(self.ready()?, &ctx.authority);
        let fingerprints: Vec<u64> = values.iter().map(|v| self.reader.value_fingerprint(v.kind(), v.text())).collect();
        let mut known = Vec::with_capacity(values.len());
        self.derived.values.contains_many(&fingerprints, &mut known);
        let mut out = Vec::with_capacity(values.len());
        for (fingerprint, known) in fingerprints.iter().zip(known) {
            out.push(if known { self.brief(*fingerprint, sight)? } else { Brief { postings: 0, owners: Vec::new() } });
        }
        let found = out.iter().filter(|brief| !brief.owners.is_empty()).count();
        self.record(ctx, Deed::query("look, many", many(values)).and("values", values.len()).and("known", found))?;
        Ok(out)
    }

    /// Whether anybody holds this value now: for gates that ask for one value at a time and only let pass or not.
    /// No call leaves the process, nothing is allocated, and nothing is put on record: the gate does that.
    ///
    /// # Errors
    /// [`NodeError::Behind`] while this process is still reading the log.
    pub fn is_held(&self, value: &Value) -> Result<bool, NodeError> {
        let visible = self.ready()?;
        let fingerprint = self.reader.value_fingerprint(value.kind(), value.text());
        let mut held = false;
        self.derived.values.for_each(fingerprint, |position| {
            held = position <= visible && self.derived.current(position).is_some();
            if held { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        Ok(held)
    }

    fn brief(&self, fingerprint: u64, sight: Sight<'_>) -> Result<Brief, NodeError> {
        let mut owners: BTreeSet<OwnerNo> = BTreeSet::new();
        for position in self.derived.values.positions(fingerprint, 1_000) {
            if let Some(label) = self.derived.current(position).filter(|_| position <= sight.visible)
                && self.meets(sight.authority, label)?
            {
                owners.insert(self.labels.owner_no(&*self.store, label)?);
            }
        }
        let owners = owners.into_iter().map(|no| self.owner(no)).collect::<Result<_, _>>()?;
        Ok(Brief { postings: self.count(fingerprint, sight)?, owners })
    }

    /// The versions of an object, oldest first, as they stood at a moment.
    ///
    /// # Errors
    /// When nothing was known about the id then.
    pub fn show(&self, ctx: &Ctx, id: &ObjectId, as_of: AsOf) -> Result<Vec<Shown>, NodeError> {
        self.may(ctx, Act::Show, json!({"object": id.to_string()}))?;
        self.within_budget(ctx, 1, json!({"object": id.to_string()}))?;
        let until = match as_of {
            AsOf::Now => self.ready()?,
            AsOf::Position(position) => position.min(self.ready()?),
            AsOf::Time(time) => self.store.position_at(time)?,
        };
        let rows: Vec<_> = self.store.versions(id)?.into_iter().filter(|row| row.position <= until).collect();
        let lines = crate::derived::lines(&*self.store, &self.labels, &rows)?;
        let current: BTreeMap<Position, bool> =
            lines.iter().flatten().map(|(position, _, current)| (*position, *current)).collect();
        let positions = self.shown_positions(id, &ctx.authority, &lines)?;
        let mut out = Vec::new();
        for version in self.store.get(&positions)?.into_iter().flatten() {
            let label = self.labels.get(&*self.store, version.label)?;
            let batch = self.origin(version.position)?;
            let file = match &batch {
                Some(batch) => {
                    self.store.originals(batch.id)?.into_iter().find(|original| original.id == version.source)
                }
                None => None,
            };
            out.push(Shown {
                owner: label.owner.clone(),
                position: version.position,
                modified: version.modified,
                current: current.get(&version.position).copied().unwrap_or(false),
                standing: self.standing(&label)?,
                batch: batch.map(|batch| batch.id),
                file: file.map_or_else(String::new, |original| original.name),
                offset: version.offset,
                raw: version.raw,
            });
        }
        // That nothing is known is an answer too.
        self.record(ctx, Deed::query("show", json!({"object": id.to_string()})).and("versions", out.len()))?;
        if out.is_empty() {
            return Err(NodeError::UnknownObject(id.to_string()));
        }
        Ok(out)
    }
}

impl Node {
    /// The versions of an object that somebody may see. Where the one that stands is not for them, its earlier ones are
    /// closed with it.
    pub(crate) fn shown_positions(
        &self,
        id: &ObjectId,
        authority: &Authority,
        lines: &[crate::derived::Line],
    ) -> Result<Vec<Position>, NodeError> {
        let mut positions = Vec::new();
        for line in lines {
            if let Some((_, label, _)) = line.first()
                && self.is_hidden(id, &self.owner_of(*label)?)?
            {
                continue;
            }
            let standing = line.iter().find(|(_, _, current)| *current);
            if standing.map_or(Ok(true), |(_, label, _)| self.meets(authority, *label))? {
                for (position, label, _) in line {
                    if self.meets(authority, *label)? {
                        positions.push(*position);
                    }
                }
            }
        }
        positions.sort_unstable();
        Ok(positions)
    }
}

/// The values of a long question: each of them, or where there are very many a digest of them all.
fn many(values: &[Value]) -> serde_json::Value {
    let texts = || values.iter().map(|value| format!("{} {}", value.kind().name(), value.text()));
    if values.len() <= MANY {
        return json!({"asked": texts().collect::<Vec<_>>()});
    }
    let all = texts().collect::<Vec<_>>().join("\n");
    json!({"first": texts().take(100).collect::<Vec<_>>(), "digest": hex(&sha256(all.as_bytes()))})
}

/// Values that are written down each when many are asked for at once.
const MANY: usize = 10_000;

impl Node {
    /// The current version of each owner of an object.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn current_versions(&self, id: &ObjectId) -> Result<Vec<(OrgName, comity_store::Version)>, NodeError> {
        let rows = self.store.versions(id)?;
        let mut out = Vec::new();
        for line in crate::derived::standing(&*self.store, &self.labels, &rows)? {
            let Some(last) = line.last() else { continue };
            let owner = self.owner_of(last.label)?;
            out.extend(self.store.get(&[last.position])?.into_iter().flatten().map(|version| (owner.clone(), version)));
        }
        Ok(out)
    }
}
