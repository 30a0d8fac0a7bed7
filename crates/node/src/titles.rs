//! What people call things, for those who know a name only: malware, actors, cases, reports, organisations.

use std::sync::Arc;

use comity_base::Position;
use comity_stix::{Class, Doc};
use comity_store::Version;
use parking_lot::RwLock;
use serde_json::json;

use crate::neighbours::Sight;
use crate::{Act, Ctx, Deed, Node, NodeError, Thing};

/// Names of current objects in the order of the log. Read when first asked for, and kept up from there.
#[derive(Debug, Default)]
pub(crate) struct Titles(RwLock<Table>);

#[derive(Debug, Default)]
struct Table {
    read: Position,
    /// As much had ended, or counted again, by then.
    endings: u64,
    /// Each with everything it is called, folded, a line each; none of what has ended, so that no name outlives an
    /// erasure.
    of: Vec<Title>,
}

/// Where something stands, and what it is called.
type Title = (Position, Option<Arc<str>>);

impl Node {
    /// Things whose name or alias holds a text, those that begin with it first, newest first among equals.
    ///
    /// # Errors
    /// When the store cannot be read, or this process is still behind.
    pub fn named(&self, ctx: &Ctx, text: &str, limit: usize) -> Result<Vec<Thing>, NodeError> {
        let asked = json!({"asked": text});
        self.may(ctx, Act::Look, asked.clone())?;
        self.within_budget(ctx, 1, asked.clone())?;
        let sight = Sight::new(self.ready()?, &ctx.authority);
        self.read_titles(sight.visible)?;
        let wanted = folded(text);
        let mut found = Vec::new();
        if wanted.chars().count() >= LEAST {
            let table = self.titles.0.read();
            let mut places: Vec<(bool, Position)> = Vec::new();
            for (position, names) in table.of.iter().rev() {
                let Some(names) = names else { continue };
                let at = names.match_indices(&*wanted).next();
                let Some((at, _)) = at else { continue };
                let begins = at == 0 || names.as_bytes().get(at - 1) == Some(&b'\n');
                places.push((!begins, *position));
                if places.len() >= LOOKED_AT {
                    break;
                }
            }
            drop(table);
            places.sort_by_key(|(inside, _)| *inside);
            for (_, position) in places {
                if found.len() >= limit {
                    break;
                }
                if let Some(standing) = self.brief_at(position, sight)? {
                    let owner = self.owner(standing.owner)?;
                    let kind = standing.version.id.kind.as_str().to_owned();
                    let thing =
                        Thing { id: standing.version.id.to_string(), kind, name: standing.name, owner: Some(owner) };
                    if !found.contains(&thing) {
                        found.push(thing);
                    }
                }
            }
        }
        let shown: Vec<&str> = found.iter().map(|thing: &Thing| thing.id.as_str()).collect();
        self.record(ctx, Deed::query("named", asked).and("shown", json!(shown)))?;
        Ok(found)
    }

    /// Reads what lists and searches by name need of what came in since the last time, so that nobody waits for it.
    ///
    /// # Errors
    /// When the store cannot be read, or this process is still behind.
    pub fn read_for_lists(&self) -> Result<(), NodeError> {
        let visible = self.ready()?;
        self.read_titles(visible)?;
        self.read_persons(visible)
    }

    /// Reads the names of what came in since the last time, and forgets those of what has ended.
    fn read_titles(&self, visible: Position) -> Result<(), NodeError> {
        let endings = self.derived.endings();
        if self.titles.0.read().endings != endings {
            self.settle_titles(&mut self.titles.0.write(), endings)?;
        }
        let kinds = self.kinds.catch_up(&*self.store, visible)?;
        let wanted = kinds.numbers(is_named);
        while self.titles.0.read().read < visible {
            let mut table = self.titles.0.write();
            let from = table.read;
            let to = Position((from.0 + PAGE).min(visible.0));
            let positions: Vec<Position> =
                (from.0 + 1..=to.0).map(Position).filter(|at| kinds.is_one_of(*at, &wanted)).collect();
            for some in positions.chunks(GET) {
                let room = MOST.saturating_sub(table.of.len());
                table.of.extend(self.names_at(some)?.into_iter().take(room));
            }
            table.read = to;
        }
        Ok(())
    }

    /// Lets names go of what has ended, and reads those of what counts again.
    fn settle_titles(&self, table: &mut Table, endings: u64) -> Result<(), NodeError> {
        let mut again = Vec::new();
        for (at, (position, names)) in table.of.iter_mut().enumerate() {
            match self.derived.current(*position) {
                None => *names = None,
                Some(_) if names.is_none() => again.push((at, *position)),
                Some(_) => {}
            }
        }
        for some in again.chunks(GET) {
            let positions: Vec<Position> = some.iter().map(|(_, position)| *position).collect();
            for (position, names) in self.names_at(&positions)? {
                let at = some.iter().find(|(_, known)| *known == position).map(|(at, _)| *at);
                if let Some(one) = at.and_then(|at| table.of.get_mut(at)) {
                    one.1 = names;
                }
            }
        }
        table.endings = endings;
        Ok(())
    }

    /// What the objects at these positions are called; none of what is not current.
    fn names_at(&self, positions: &[Position]) -> Result<Vec<Title>, NodeError> {
        let depth = self.reader.depth();
        let of = |version: Version| {
            let is_current = self.derived.current(version.position).is_some();
            (version.position, is_current.then(|| names(&version, depth)).flatten())
        };
        Ok(self.store.get(positions)?.into_iter().flatten().map(of).collect())
    }
}

fn names(version: &Version, depth: usize) -> Option<Arc<str>> {
    let doc = Doc::parse(&version.raw, depth).ok()?;
    let root = doc.root();
    let mut all = String::new();
    let aliases = ["aliases", "x_opencti_aliases"].into_iter().filter_map(|name| root.get(name));
    let aliases = aliases.flat_map(comity_stix::Node::items);
    for text in root.str("name").into_iter().chain(aliases.filter_map(comity_stix::Node::as_str)).take(NAMES) {
        let text: String = text.chars().take(LONGEST).map(|c| if c == '\n' { ' ' } else { c }).collect();
        if !all.is_empty() {
            all.push('\n');
        }
        all.push_str(&folded(&text));
    }
    (!all.is_empty()).then(|| all.into())
}

/// As names are compared here: without case.
fn folded(text: &str) -> String {
    text.trim().to_lowercase()
}

/// Types that people know by a name; of what is a value itself, the value is asked.
fn is_named(kind: &str) -> bool {
    let is_value = matches!(Class::of(kind), Class::Sco | Class::Sro | Class::Marking | Class::LanguageContent);
    !is_value && !matches!(kind, "indicator" | "observed-data")
}

/// Characters below which a name is no name to look for.
const LEAST: usize = 2;
/// Objects looked at for one question.
const LOOKED_AT: usize = 2_000;
/// Names of one object.
const NAMES: usize = 64;
/// Characters of one name.
const LONGEST: usize = 200;
/// Objects whose names are kept in memory.
const MOST: usize = 2_000_000;
/// Positions read under one lock.
const PAGE: u64 = 1 << 16;
/// Objects fetched at once.
const GET: usize = 512;
