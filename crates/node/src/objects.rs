//! Which objects there are: newest first, a page at a time, and how many exactly.

use std::collections::{BTreeMap, BTreeSet};

use comity_base::{OrgName, Position, Timestamp};
use comity_stix::label::Need;
use comity_store::LabelId;
use parking_lot::Mutex;
use serde_json::json;

use crate::derived::NOT_CURRENT;
use crate::release::Wanted;
use crate::{Act, Ctx, Deed, Node, NodeError, Standing};

/// Which objects are asked for. What is not named may be anything.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Which {
    /// Their type.
    pub kind: Option<String>,
    /// Who holds them.
    pub owner: Option<OrgName>,
    /// Those that only people on this case may see.
    pub case: Option<String>,
}

/// One object in a list.
#[derive(Clone, Debug)]
pub struct Row {
    /// Its STIX id.
    pub id: comity_stix::ObjectId,
    /// What people call it.
    pub name: String,
    /// Who holds it.
    pub owner: OrgName,
    /// Its label, applied.
    pub standing: Standing,
    /// Its `modified`; zero for objects without one.
    pub modified: Timestamp,
    /// Where it stands in the log.
    pub position: Position,
}

/// A page of a list of objects.
#[derive(Clone, Debug, Default)]
pub struct Rows {
    /// Newest first.
    pub rows: Vec<Row>,
    /// How many there are in all: exact.
    pub total: u64,
    /// How many there are of each type, whatever type is asked for.
    pub kinds: BTreeMap<String, u64>,
    /// How many each owner has, whoever is asked for.
    pub owners: BTreeMap<OrgName, u64>,
    /// Before which to go on, when there is more.
    pub next: Option<Position>,
}

/// How many current versions there are of each label and type, as of one state of the column.
#[derive(Debug, Default)]
pub(crate) struct Counts(Mutex<Counted>);

#[derive(Debug, Default)]
struct Counted {
    /// Up to here.
    up_to: Position,
    /// As much had ended, or counted again, by then.
    endings: u64,
    of: BTreeMap<(LabelId, u8), u64>,
}

impl Node {
    /// Current objects before a position, newest first.
    ///
    /// # Errors
    /// When the store cannot be read, or this process is still behind.
    pub fn rows(&self, ctx: &Ctx, which: &Which, before: Option<Position>, limit: usize) -> Result<Rows, NodeError> {
        let asked = json!({"type": which.kind, "owner": which.owner, "case": which.case});
        self.may(ctx, Act::Show, asked.clone())?;
        let visible = self.ready()?;
        let met = self.met(ctx)?;
        let mut found = self.totals(which, &met, visible)?;
        let kinds = self.kinds.catch_up(&*self.store, visible)?;
        let wanted = Scan {
            labels: Dense::of(met.iter().filter(|(_, one)| which.holds(one)).map(|(id, _)| *id)),
            kinds: kinds.numbers(|kind| which.kind.as_deref().is_none_or(|wanted| wanted == kind)),
        };
        let from = before.map_or(visible, |before| Position(before.0.saturating_sub(1)).min(visible));
        // One more than fits tells that there is more; nothing is looked for beyond the last there is.
        let most = before.map_or(found.total, |_| u64::MAX).min(limit as u64 + 1);
        let mut positions = wanted.newest(self, from, usize::try_from(most).unwrap_or(limit));
        if positions.len() > limit {
            positions.truncate(limit);
            found.next = positions.last().copied();
        }
        self.within_budget(ctx, positions.len(), asked.clone())?;
        for (version, name) in self.briefs_at(&positions)? {
            let label = self.labels.get(&*self.store, version.label)?;
            found.rows.push(Row {
                name,
                owner: label.owner.clone(),
                standing: self.standing(&label)?,
                modified: version.modified,
                position: version.position,
                id: version.id,
            });
        }
        let shown: Vec<String> = found.rows.iter().map(|row| row.id.to_string()).collect();
        self.record(ctx, Deed::query("objects", asked).and("shown", json!(shown)))?;
        Ok(found)
    }

    /// Changes when something that whoever asks may see came or went, and with nothing else; what it is, is not told and
    /// not put on record.
    ///
    /// # Errors
    /// When the store cannot be read, or this process is still behind.
    pub fn pulse(&self, ctx: &Ctx) -> Result<(u64, Position), NodeError> {
        let visible = self.ready()?;
        let met = self.met(ctx)?;
        let total = self.totals(&Which::default(), &met, visible)?.total;
        let labels: BTreeSet<LabelId> = met.iter().map(|(id, _)| *id).collect();
        let newest = (1..=visible.0).rev().take(PULSE).map(Position);
        let newest =
            newest.into_iter().find(|at| self.derived.current(*at).is_some_and(|label| labels.contains(&label)));
        Ok((total, newest.unwrap_or_default()))
    }

    /// The labels whose objects whoever asks may see.
    fn met(&self, ctx: &Ctx) -> Result<Vec<(LabelId, std::sync::Arc<comity_stix::Label>)>, NodeError> {
        self.labels.refresh(&*self.store)?;
        Ok(self.labels.all().into_iter().filter(|(_, label)| ctx.authority.meets(label)).collect())
    }

    /// How many current versions there are of each label, kept up with the lists; for a process that shows none, the column
    /// alone says it (`Derived::count_by_label`).
    ///
    /// # Errors
    /// When the store cannot be read.
    pub(crate) fn counts_by_label(&self, visible: Position) -> Result<BTreeMap<LabelId, u64>, NodeError> {
        self.kinds.catch_up(&*self.store, visible)?;
        let mut all = BTreeMap::new();
        self.counts.up_to(self, visible, |(label, _), count| *all.entry(label).or_default() += count);
        Ok(all)
    }

    fn totals(
        &self,
        which: &Which,
        met: &[(LabelId, std::sync::Arc<comity_stix::Label>)],
        visible: Position,
    ) -> Result<Rows, NodeError> {
        let mut found = Rows::default();
        let names = self.kinds.catch_up(&*self.store, visible)?.names();
        let met: BTreeMap<LabelId, _> = met.iter().map(|(id, label)| (*id, label)).collect();
        self.counts.up_to(self, visible, |(id, number), count| {
            let Some(label) = met.get(&id).filter(|label| which.is_for_case(label)) else { return };
            let Some(kind) = names.get(&number) else { return };
            let is_kind = which.kind.as_ref().is_none_or(|wanted| wanted == kind);
            let is_owner = which.owner.as_ref().is_none_or(|wanted| *wanted == label.owner);
            if is_owner {
                *found.kinds.entry(kind.clone()).or_default() += count;
            }
            if is_kind {
                *found.owners.entry(label.owner.clone()).or_default() += count;
            }
            if is_kind && is_owner {
                found.total += count;
            }
        });
        Ok(found)
    }
}

/// What a list holds: the labels and the types.
struct Scan {
    labels: Dense,
    kinds: Wanted,
}

/// Labels by their number, a byte each.
struct Dense(Vec<bool>);

impl Dense {
    fn of(labels: impl Iterator<Item = LabelId>) -> Self {
        let mut all = Vec::new();
        for label in labels {
            let at = label.0 as usize;
            if all.len() <= at {
                all.resize(at + 1, false);
            }
            if let Some(one) = all.get_mut(at) {
                *one = true;
            }
        }
        Self(all)
    }

    /// Whether a cell of the column is one of them; a version that is not current has a cell beyond every label.
    fn has(&self, cell: u32) -> bool {
        self.0.get(cell as usize).copied().unwrap_or_default()
    }
}

impl Scan {
    /// The newest positions up to one, at most so many. Costs a byte and a number for each position it passes.
    fn newest(&self, node: &Node, from: Position, most: usize) -> Vec<Position> {
        let (mut found, mut end, mut piece) = (Vec::new(), from.0, FIRST);
        let mut cells = vec![0_u32; PIECE];
        while end > 0 && found.len() < most {
            let begin = end.saturating_sub(piece as u64).saturating_add(1).max(1);
            let here = usize::try_from(end + 1 - begin).unwrap_or(PIECE).min(PIECE);
            let read = cells.get_mut(..here).map_or(0, |cells| node.derived.read(Position(begin), cells));
            node.kinds.with_numbers(Position(begin), read, |numbers| {
                let both = cells.iter().zip(numbers).take(read).enumerate().rev();
                let is_one =
                    |(_, (cell, number)): &(usize, (&u32, &u8))| self.labels.has(**cell) && self.kinds.has(**number);
                found.extend(both.filter(is_one).take(most - found.len()).map(|(at, _)| Position(begin + at as u64)));
            });
            end = begin - 1;
            piece = (piece * 4).min(PIECE);
        }
        found
    }
}

impl Which {
    fn holds(&self, label: &comity_stix::Label) -> bool {
        self.owner.as_ref().is_none_or(|owner| *owner == label.owner) && self.is_for_case(label)
    }

    fn is_for_case(&self, label: &comity_stix::Label) -> bool {
        self.case.as_ref().is_none_or(|case| label.need.contains(&Need::Case(case.clone())))
    }
}

impl Counts {
    /// Tells each count as of now. What came in since the last time is added; where something older changed, all is
    /// counted again: a byte and a number for each position, in order.
    fn up_to(&self, node: &Node, visible: Position, mut tell: impl FnMut((LabelId, u8), u64)) {
        let mut counted = self.0.lock();
        let endings = node.derived.endings();
        if endings != counted.endings {
            *counted = Counted { endings, ..Counted::default() };
        }
        let mut cells = vec![0_u32; PIECE];
        while counted.up_to < visible {
            let from = Position(counted.up_to.0 + 1);
            let left = usize::try_from(visible.0 - counted.up_to.0).unwrap_or(PIECE).min(PIECE);
            let read = cells.get_mut(..left).map_or(0, |cells| node.derived.read(from, cells));
            node.kinds.with_numbers(from, read, |numbers| {
                let mut last = ((LabelId(0), 0), 0_u64);
                for (cell, number) in cells.iter().zip(numbers) {
                    if *cell == 0 || cell & NOT_CURRENT != 0 {
                        continue;
                    }
                    let key = (LabelId(*cell), *number);
                    if key == last.0 {
                        last.1 += 1;
                        continue;
                    }
                    if last.1 > 0 {
                        *counted.of.entry(last.0).or_default() += last.1;
                    }
                    last = (key, 1);
                }
                if last.1 > 0 {
                    *counted.of.entry(last.0).or_default() += last.1;
                }
            });
            if read == 0 {
                break;
            }
            counted.up_to = Position(counted.up_to.0 + read as u64);
        }
        counted.of.iter().for_each(|(key, count)| tell(*key, *count));
    }
}

/// Positions looked at for the newest that somebody may see.
const PULSE: usize = 10_000;
/// Positions looked at first for the newest of a list.
const FIRST: usize = 256;
/// Positions counted at once.
const PIECE: usize = 1 << 16;
