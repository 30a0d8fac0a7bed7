use std::collections::BTreeSet;
use std::sync::Arc;

use comity_base::{OrgName, Position, Timestamp};
use comity_stix::ObjectId;
use comity_store::{LabelId, Op, Version};

use super::view::Scanned;
use super::{Channel, View};
use crate::release::given::Leaving;
use crate::{Ctx, Node, NodeError};

/// What a page is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageAsk {
    /// Everything up to here was seen.
    pub after: Position,
    /// Nothing after this; [`Position::END`] for all there is.
    pub until: Position,
    /// Most objects in the page. At least 1.
    pub limit: usize,
    /// Only these objects, when given.
    pub ids: Option<Vec<ObjectId>>,
    /// Only objects of these types, when given.
    pub types: Option<Vec<String>>,
    /// Which versions of an object.
    pub versions: BTreeSet<VersionFilter>,
}

/// Which versions of an object are asked for (TAXII 2.1 section 3.4, `match[version]`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum VersionFilter {
    /// The newest.
    Last,
    /// The oldest.
    First,
    /// Every one.
    All,
    /// That of this moment (`modified`).
    At(Timestamp),
}

/// One object of a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// Where it stands in the log; never told outside.
    pub position: Position,
    /// Its label.
    pub label: LabelId,
    /// The object.
    pub id: ObjectId,
    /// Its `modified`.
    pub modified: Timestamp,
    /// When it was added, in whole milliseconds.
    pub added: Timestamp,
    /// Its bytes as they came in.
    pub raw: Arc<[u8]>,
}

/// One page for one recipient.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// What it may see, in the order of the log.
    pub items: Vec<Item>,
    /// Whether there is at least one more object after these.
    pub more: bool,
    /// Ask for what comes after this next.
    pub reached: Position,
}

impl PageAsk {
    /// The newest version of everything after a position.
    pub fn after(after: Position, limit: usize) -> Self {
        let versions = BTreeSet::from([VersionFilter::Last]);
        Self { after, until: Position::END, limit, ids: None, types: None, versions }
    }

    fn wants_type(&self, kind: &str) -> bool {
        self.types.as_ref().is_none_or(|types| types.iter().any(|wanted| wanted == kind))
    }

    fn is_newest_only(&self) -> bool {
        self.versions.is_empty() || self.versions.iter().eq([&VersionFilter::Last])
    }
}

/// The standing versions of one owner's object, oldest first by (modified, position).
#[derive(Debug, Default)]
struct Series(Vec<(Timestamp, Position, LabelId)>);

impl Series {
    fn wants(&self, position: Position, asked: &BTreeSet<VersionFilter>) -> bool {
        let at = self.0.iter().position(|(_, own, _)| *own == position);
        let (Some(at), count) = (at, self.0.len()) else { return false };
        asked.iter().any(|filter| match filter {
            VersionFilter::Last => at + 1 == count,
            VersionFilter::First => at == 0,
            VersionFilter::All => true,
            VersionFilter::At(moment) => self.0.get(at).is_some_and(|(modified, ..)| modified == moment),
        })
    }
}

impl Node {
    /// The next objects a recipient may see, and enters them in the account of what it was given before they
    /// are returned. Where `more` is set the page is full: what it may not see leaves no gap.
    ///
    /// # Errors
    /// When the store cannot be read or written, or this process is still behind.
    pub fn page(&self, ctx: &Ctx, view: &View, channel: Channel, ask: &PageAsk) -> Result<Page, NodeError> {
        let page = self.look_page(ctx, view, ask)?;
        let positions: Vec<_> = page.items.iter().map(|item| item.position).collect();
        let leaving = Leaving {
            recipient: view.recipient(),
            channel,
            agreement: view.agreement(),
            positions: &positions,
            now: ctx.now(),
        };
        self.leaves(ctx, leaving)?;
        Ok(page)
    }

    /// As [`Self::page`], for what does not leave: nothing is entered.
    pub(crate) fn look_page(&self, ctx: &Ctx, view: &View, ask: &PageAsk) -> Result<Page, NodeError> {
        let visible = self.told_up_to(self.ready()?, ctx.now())?;
        let until = visible.min(ask.until);
        let (positions, reached, more) =
            if ask.ids.is_some() { self.by_id(view, ask, until)? } else { self.by_position(view, ask, until)? };
        let mut items = Vec::with_capacity(positions.len());
        for version in self.store.get(&positions)?.into_iter().flatten() {
            // Erased since it was found: there is nothing left to give.
            if version.op == Op::Put && !version.raw.is_empty() && ask.wants_type(version.id.kind.as_str()) {
                items.push(self.item(version)?);
            }
        }
        Ok(Page { items, more, reached })
    }

    fn item(&self, version: Version) -> Result<Item, NodeError> {
        let Version { position, label, id, modified, raw, .. } = version;
        let added = self.date_added(position)?.unwrap_or_default();
        Ok(Item { position, label, id, modified, added, raw })
    }

    fn by_position(
        &self,
        view: &View,
        ask: &PageAsk,
        until: Position,
    ) -> Result<(Vec<Position>, Position, bool), NodeError> {
        let mut wanted = Vec::new();
        let types = ask.types.is_some().then(|| self.kinds.catch_up(&*self.store, until)).transpose()?;
        let numbers = types.map(|kinds| kinds.numbers(|kind| ask.wants_type(kind)));
        let newest = ask.is_newest_only();
        let mut at = ask.after;
        let limit = ask.limit.max(1);
        while at < until && wanted.len() <= limit {
            let Scanned { reached, found } = self.scan_view(view, at, until, limit + 1 - wanted.len(), !newest)?;
            at = reached;
            for position in found {
                if numbers.as_ref().is_some_and(|numbers| !self.kinds.is_one_of(position, numbers)) {
                    continue;
                }
                if newest || self.series_wants(view, position, ask)? {
                    wanted.push(position);
                }
            }
        }
        let more = wanted.len() > limit;
        wanted.truncate(limit);
        let reached = if more { wanted.last().copied().unwrap_or(at) } else { until.max(ask.after) };
        Ok((wanted, reached, more))
    }

    /// Whether the version at a position is asked for and may be shown: older ones only while the newest may.
    fn series_wants(&self, view: &View, position: Position, ask: &PageAsk) -> Result<bool, NodeError> {
        let Some(row) = self.store.get(&[position])?.into_iter().flatten().next() else { return Ok(false) };
        let series = self.series(view, &self.store.versions(&row.id)?)?;
        Ok(series.iter().any(|series| series.wants(position, &ask.versions)))
    }

    /// The lines of versions of one object whose newest version the recipient may see, with those of their
    /// versions that it may see.
    fn series(&self, view: &View, rows: &[Version]) -> Result<Vec<Series>, NodeError> {
        let mut all = Vec::new();
        for line in crate::derived::standing(&*self.store, &self.labels, rows)? {
            let mut series = Series::default();
            for row in line {
                if self.admits(view, row.label)? {
                    series.0.push((row.modified, row.position, row.label));
                } else {
                    // What comes before a version that was closed is closed too.
                    series.0.clear();
                }
            }
            if !series.0.is_empty() {
                all.push(series);
            }
        }
        Ok(all)
    }

    fn by_id(&self, view: &View, ask: &PageAsk, until: Position) -> Result<(Vec<Position>, Position, bool), NodeError> {
        let last = BTreeSet::from([VersionFilter::Last]);
        let versions = if ask.versions.is_empty() { &last } else { &ask.versions };
        let mut found = Vec::new();
        let ids: Vec<_> = ask.ids.iter().flatten().filter(|id| ask.wants_type(id.kind.as_str())).cloned().collect();
        for rows in self.store.versions_of(&ids)? {
            for series in self.series(view, &rows)? {
                let positions = series.0.iter().map(|(_, position, _)| *position);
                found.extend(positions.filter(|position| series.wants(*position, versions)));
            }
        }
        self.matched(view, until)?;
        found.retain(|position| ask.after < *position && *position <= until && view.holds(*position));
        found.sort_unstable();
        found.dedup();
        let more = found.len() > ask.limit.max(1);
        found.truncate(ask.limit.max(1));
        let reached = if more { found.last().copied().unwrap_or(until) } else { until.max(ask.after) };
        Ok((found, reached, more))
    }

    /// The `modified` of every version of an object that a recipient may see, with its owner, oldest first.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn versions_for(&self, view: &View, id: &ObjectId) -> Result<Vec<(Timestamp, OrgName)>, NodeError> {
        let mut all = Vec::new();
        for series in self.series(view, &self.store.versions(id)?)? {
            for (modified, _, label) in series.0 {
                all.push((modified, self.owner_of(label)?));
            }
        }
        all.sort();
        Ok(all)
    }
}
