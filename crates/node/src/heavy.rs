//! Versions so long that reading them for their name alone is felt: a report of hundreds of thousands of members stands in
//! lists, and holds things that are asked about one by one.

use std::collections::HashMap;
use std::sync::Arc;

use comity_base::{Position, Timestamp};
use comity_stix::Doc;
use comity_store::Version;
use parking_lot::Mutex;

use crate::neighbours::{Sight, Standing, title};
use crate::reading::ObjectReader;
use crate::{Node, NodeError};

/// What is kept in memory of long versions. What stands at a position never changes; when anything ends, all is forgotten,
/// so that nothing is known here of what was erased.
#[derive(Debug, Default)]
pub(crate) struct Heavy(Mutex<Kept>);

#[derive(Debug, Default)]
struct Kept {
    endings: u64,
    rows: HashMap<Position, Arc<Row>>,
    /// References of all of them.
    refs: usize,
}

/// A long version without its body.
#[derive(Debug)]
struct Row {
    version: Version,
    name: String,
    /// The properties it refers by.
    properties: Vec<String>,
    /// What it refers to, by fingerprint, each with the number of the first property that does; sorted.
    refs: Vec<(u64, u16)>,
    /// The first and the last moment it tells of.
    when: Option<(Timestamp, Timestamp)>,
}

impl Row {
    fn new(version: &Version, reader: &ObjectReader) -> Option<Self> {
        let doc = Doc::parse(&version.raw, reader.depth()).ok()?;
        let (mut properties, mut refs): (Vec<String>, Vec<(u64, u16)>) = (Vec::new(), Vec::new());
        comity_stix::refs(doc.root(), &mut |property, id| {
            let known = properties.iter().position(|known| known == property).unwrap_or_else(|| {
                properties.push(property.to_owned());
                properties.len() - 1
            });
            refs.push((reader.reference_fingerprint(id), u16::try_from(known).unwrap_or(u16::MAX)));
        });
        refs.sort_unstable();
        refs.dedup_by_key(|(fingerprint, _)| *fingerprint);
        let (name, when) = (title(doc.root()), moments(doc.root()));
        Some(Self { version: Version { raw: Arc::from([]), ..version.clone() }, name, properties, refs, when })
    }
}

impl Node {
    /// As [`Node::standing_at`], for its name and kind: of what is long the body may be missing, and is empty then.
    pub(crate) fn brief_at(&self, position: Position, sight: Sight<'_>) -> Result<Option<Standing>, NodeError> {
        let Some(row) = self.heavy_row(position) else {
            let standing = self.standing_at(position, sight)?;
            if let Some(standing) = standing.as_ref().filter(|standing| standing.version.raw.len() > LONG) {
                self.keep_heavy(&standing.version);
            }
            return Ok(standing);
        };
        let label = self.derived.current(position).filter(|_| position <= sight.visible);
        let Some(label) = label else { return Ok(None) };
        if !self.meets(sight.authority, label)? {
            return Ok(None);
        }
        sight.note_read(position);
        let owner = self.labels.owner_no(&*self.store, row.version.label)?;
        Ok(Some(Standing { version: row.version.clone(), owner, name: row.name.clone() }))
    }

    /// The versions at these positions with their names, in the order asked; of what is long the body may be missing. For
    /// callers that have asked whether they may be seen.
    pub(crate) fn briefs_at(&self, positions: &[Position]) -> Result<Vec<(Version, String)>, NodeError> {
        let known: Vec<Option<Arc<Row>>> = positions.iter().map(|at| self.heavy_row(*at)).collect();
        let asked: Vec<Position> =
            positions.iter().zip(&known).filter(|(_, row)| row.is_none()).map(|(at, _)| *at).collect();
        let mut read = self.store.get(&asked)?.into_iter();
        let mut out = Vec::with_capacity(positions.len());
        for row in known {
            if let Some(row) = row {
                out.push((row.version.clone(), row.name.clone()));
            } else if let Some(version) = read.next().flatten() {
                if version.raw.len() > LONG {
                    self.keep_heavy(&version);
                }
                let doc = Doc::parse(&version.raw, self.reader.depth());
                let name = doc.map_or_else(|_| String::new(), |doc| title(doc.root()));
                out.push((version, name));
            }
        }
        Ok(out)
    }

    /// The property by which a long version refers to something; none where it is not long, or does not.
    pub(crate) fn heavy_property(&self, position: Position, id: &str) -> Option<String> {
        let row = self.heavy_row(position)?;
        let wanted = self.reader.reference_fingerprint(id);
        let at = row.refs.binary_search_by_key(&wanted, |(fingerprint, _)| *fingerprint).ok()?;
        let (_, property) = row.refs.get(at)?;
        row.properties.get(usize::from(*property)).cloned()
    }

    /// The first and the last moment that a version tells of, also where it is long.
    pub(crate) fn when(&self, version: &Version) -> Option<(Timestamp, Timestamp)> {
        if version.raw.is_empty() {
            return self.heavy_row(version.position)?.when;
        }
        moments(Doc::parse(&version.raw, self.reader.depth()).ok()?.root())
    }

    fn heavy_row(&self, position: Position) -> Option<Arc<Row>> {
        let mut kept = self.heavy.0.lock();
        let endings = self.derived.endings();
        if kept.endings != endings {
            *kept = Kept { endings, ..Kept::default() };
        }
        kept.rows.get(&position).cloned()
    }

    fn keep_heavy(&self, version: &Version) {
        let Some(row) = Row::new(version, &self.reader) else { return };
        let mut kept = self.heavy.0.lock();
        if kept.refs + row.refs.len() > ALL {
            *kept = Kept { endings: kept.endings, ..Kept::default() };
        }
        if row.refs.len() <= ALL {
            kept.refs += row.refs.len();
            kept.rows.insert(version.position, Arc::new(row));
        }
    }
}

/// The first and the last moment an object tells of.
fn moments(root: comity_stix::Node<'_, '_>) -> Option<(Timestamp, Timestamp)> {
    let at = |names: &[&str]| names.iter().find_map(|name| Timestamp::parse(root.str(name)?).ok());
    let first = at(&["first_observed", "first_seen", "valid_from", "published", "created"])?;
    let last = at(&["last_observed", "last_seen", "valid_until", "modified"]).unwrap_or(first);
    Some((first, last.max(first)))
}

/// Bytes from which on a version is long.
const LONG: usize = 256 << 10;
/// References that are kept of all long versions, at 16 bytes.
const ALL: usize = 4_000_000;
