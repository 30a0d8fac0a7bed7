use std::collections::hash_map::Entry;
use std::collections::{BTreeSet, HashMap};
use std::rc::Rc;
use std::sync::Arc;

use comity_base::{OrgName, Position, Timestamp};
use comity_crypto::hmac_sha256;
use comity_crypto::{PublicKey, Signature};
use comity_ledger::{Tree, root_of};
use comity_stix::{Label, ObjectId};
use comity_store::{BatchId, LabelId, Op, Version};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::acks::Held;
use super::cursor::Cursor;
use super::seals::{Hash, Kept, Proof, Seal, leaf};
use super::{Peer, RecallStatement};
use crate::release::{Channel, Leaving, Scanned};
use crate::{Ctx, Node, NodeError, Ourselves, View};

/// The head of a page between nodes. Its text is signed; what it says binds every byte of the page.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PageHead {
    pub(crate) from: OrgName,
    pub(crate) to: OrgName,
    pub(crate) at: Timestamp,
    /// The agreement it is given under, and its version.
    pub(crate) agreement: (ObjectId, u32),
    /// Come back with this when everything of the page is safe.
    pub(crate) cursor: String,
    /// Whether there is more to fetch at once.
    pub(crate) more: bool,
    /// The labels of its objects, each once, as they were sealed.
    pub(crate) labels: Vec<Box<RawValue>>,
    /// The objects' labels in order: (number of the label, how many in a row).
    pub(crate) runs: Vec<(u32, u32)>,
    /// Root of the tree over all its objects.
    pub(crate) root: String,
    /// What the entries of this crossing in the ledgers of both sides are tied together by, in hexadecimal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) handle: Option<String>,
    /// The sender's own word for those it owns, in order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) seal: Option<Seal>,
    /// For those of others: their owners' word.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) relayed: Vec<Relayed>,
    /// The owners of what is relayed, as the sender knows them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) directory: Vec<Ourselves>,
    /// What is to be taken back.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) recalls: Vec<RecallStatement>,
}

/// Objects of one owner that somebody else passes on.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Relayed {
    pub(crate) seal: Seal,
    pub(crate) proofs: Vec<Proof>,
}

/// A page as it goes over the wire, but for its objects.
#[derive(Debug, Serialize)]
struct Envelope<'a> {
    page: &'a RawValue,
    key: PublicKey,
    signature: Signature,
}

/// The objects chosen for a page.
#[derive(Default)]
struct Chosen {
    versions: Vec<Version>,
    /// Their owners' word for those that are passed on.
    sealed: HashMap<Position, Sealed>,
    reached: Position,
    more: bool,
}

/// Where one object stands in a seal that is kept here.
struct Sealed {
    batch: Rc<Seals>,
    which: usize,
    leaf: Hash,
}

/// The seals of one batch, with the places of what they cover.
struct Seals {
    kept: Vec<Kept>,
    places: HashMap<Hash, (usize, usize)>,
}

impl Seals {
    fn new(kept: Vec<Kept>) -> Self {
        let mut places = HashMap::new();
        for (which, kept) in kept.iter().enumerate() {
            places.extend(kept.leaves.iter().enumerate().map(|(index, leaf)| (*leaf, (which, index))));
        }
        Self { kept, places }
    }

    fn find(&self, leaf: &Hash) -> Option<usize> {
        let text = || comity_crypto::hex(leaf);
        let by_path = || self.kept.iter().position(|kept| kept.paths.contains_key(&text()));
        self.places.get(leaf).map(|(which, _)| *which).or_else(by_path)
    }
}

/// What a peer is to be sent.
struct Order<'a> {
    view: &'a View,
    held: &'a Held,
    visible: Position,
    limit: usize,
}

impl Node {
    /// The next page for a peer's node, from its cursor on. Entered in the account of what was given before it is
    /// returned. Coming back with the page's own cursor says that everything in it is safe.
    ///
    /// While no agreement is in force any more, a page holds no objects and only what is taken back.
    ///
    /// # Errors
    /// [`NodeError::NoAgreement`] when none is in force towards it, and nothing is to be taken back.
    pub fn feed(&self, ctx: &Ctx, peer: &Peer, cursor: Option<&str>, limit: usize) -> Result<Vec<u8>, NodeError> {
        let view = self.view_even_closed(ctx, peer)?;
        if view.closed {
            return self.feed_closed(ctx, peer, &view, cursor);
        }
        let visible = self.ready()?;
        let cursor = cursor.and_then(|text| Cursor::open(text, &self.cursor_key, &peer.name));
        let held = self.resume(&peer.name, cursor, view.epoch, ctx.now())?;
        // What is taken back is ordered before this moment, what is given out in this page is sealed after it.
        let recalls = self.recalls_for(ctx, peer, &view)?;
        let now = ctx.now();
        let chosen = self.choose(&Order { view: &view, held: &held, visible, limit: limit.max(1) })?;
        let mut positions: Vec<_> = chosen.versions.iter().map(|version| version.position).collect();
        positions.sort_unstable();
        let (recipient, agreement) = (&peer.name, view.agreement());
        let leaving = Leaving { recipient, channel: Channel::Node, agreement, positions: &positions, now };
        let next = Cursor { epoch: view.epoch, at: chosen.reached }.seal(&self.cursor_key, &peer.name);
        let mut head = self.head(ctx, peer, &view, &chosen, (now, next, recalls))?;
        // A page that is lost on its way is fetched again from the same place, and then has the same handle.
        let place = format!("{} {} {}", peer.name, view.epoch, held.said.at);
        let handle = hmac_sha256(&*self.ledger_key, format!("crossing {place}").as_bytes());
        head.handle = (!positions.is_empty()).then(|| comity_crypto::hex(&handle));
        let entry = leaving.deed(Some(handle), Some(&head.root))?.entry(ctx)?;
        self.given.enter(&*self.store, leaving, &entry)?;
        self.obligations.look_again(&peer.name, &positions);
        self.offered(&peer.name, &held, &positions)?;
        self.write_envelope(&head, &chosen.versions)
    }

    /// What is taken back from a peer towards which no agreement is in force any more. Its cursor stays where it is.
    fn feed_closed(&self, ctx: &Ctx, peer: &Peer, view: &View, cursor: Option<&str>) -> Result<Vec<u8>, NodeError> {
        self.ready()?;
        let recalls = self.recalls_for(ctx, peer, view)?;
        if recalls.is_empty() {
            return Err(NodeError::NoAgreement(peer.name.clone()));
        }
        let cursor = cursor.unwrap_or_default().to_owned();
        let head = self.head(ctx, peer, view, &Chosen::default(), (ctx.now(), cursor, recalls))?;
        self.write_envelope(&head, &[])
    }

    /// Whether there is anything for a peer that has this cursor: what a waiting connection asks before it wakes.
    ///
    /// # Errors
    /// As [`Self::feed`].
    pub fn has_news(&self, ctx: &Ctx, peer: &Peer, cursor: &str) -> Result<bool, NodeError> {
        let view = self.view_even_closed(ctx, peer)?;
        let visible = self.ready()?;
        if view.closed {
            let owes = !self.recalls_for(ctx, peer, &view)?.is_empty();
            return owes.then_some(true).ok_or_else(|| NodeError::NoAgreement(peer.name.clone()));
        }
        let Some(cursor) = Cursor::open(cursor, &self.cursor_key, &peer.name) else { return Ok(true) };
        if cursor.epoch != view.epoch || !self.recalls_for(ctx, peer, &view)?.is_empty() {
            return Ok(true);
        }
        // It has come back with this cursor, so what went before is safe, whatever comes next.
        let held = self.resume(&peer.name, Some(cursor), view.epoch, ctx.now())?;
        Ok(!self.choose(&Order { view: &view, held: &held, visible, limit: 1 })?.versions.is_empty())
    }

    fn choose(&self, order: &Order<'_>) -> Result<Chosen, NodeError> {
        let mut chosen =
            Chosen { versions: Vec::new(), sealed: HashMap::new(), reached: order.held.said.at, more: false };
        let mut seals = HashMap::new();
        let mut known = BTreeSet::new();
        while chosen.reached < order.visible && chosen.versions.len() < order.limit {
            let want = order.limit - chosen.versions.len();
            let (after, until) = (chosen.reached, order.visible.min(Position(chosen.reached.0 + STRETCH)));
            let Scanned { reached, mut found } = self.scan_view(order.view, after, until, want, false)?;
            chosen.reached = reached;
            found.retain(|position| !order.held.has_from_before(*position));
            found.extend(self.counting_again(order.view, after, reached)?);
            found.retain(|position| known.insert(*position));
            let mut bytes = 0;
            for version in self.store.get(&found)?.into_iter().flatten() {
                bytes += version.raw.len();
                if version.op != Op::Put || version.raw.is_empty() {
                    continue;
                }
                let owner = self.owner_of(version.label)?;
                // Nobody is sent what it owns itself.
                let goes = owner != *order.view.recipient()
                    && if owner == self.ourselves()?.name {
                        self.may_go_again(&version, &owner)?
                    } else {
                        self.find_seal(&version, &mut seals, &mut chosen)?
                    };
                if goes {
                    chosen.versions.push(version);
                }
            }
            if bytes > PAGE_BYTES {
                break;
            }
        }
        chosen.more = chosen.reached < order.visible;
        Ok(chosen)
    }

    /// Versions up to the end of a stretch of the log that count again because of what is in it: what stood before them
    /// was undone or withdrawn, or an undo was undone. Whoever has passed them may never have been sent them, or
    /// have deleted them since.
    fn counting_again(&self, view: &View, after: Position, until: Position) -> Result<Vec<Position>, NodeError> {
        let mut found = Vec::new();
        for rows in self.store.versions_of(&self.changed_between(after, until)?)? {
            for line in crate::derived::standing(&*self.store, &self.labels, &rows)? {
                if let Some(newest) = line.last()
                    && newest.position <= until
                    && self.admits(view, newest.label)?
                {
                    found.push(newest.position);
                }
            }
        }
        Ok(found)
    }

    /// The objects of which something was undone, restored or withdrawn in a stretch of the log. Such rows have no
    /// label in the column, so that only they are read.
    pub(super) fn changed_between(&self, after: Position, until: Position) -> Result<Vec<ObjectId>, NodeError> {
        let (mut ids, mut at) = (BTreeSet::new(), after);
        while at < until {
            let to = until.min(Position(at.0 + STRETCH));
            let mut cells = vec![0_u32; usize::try_from(to.0 - at.0).unwrap_or_default()];
            // Beyond the column's end nothing has a label.
            self.derived.read(at.next(), &mut cells);
            let blank = (1..).zip(&cells).filter(|(_, cell)| **cell == 0).map(|(offset, _)| Position(at.0 + offset));
            let rows = self.store.get(&blank.collect::<Vec<_>>())?.into_iter().flatten();
            ids.extend(rows.filter(|row| row.op != Op::Put).map(|row| row.id));
            at = to;
        }
        Ok(ids.into_iter().collect())
    }

    /// Finds its owner's word for an object that is passed on. Without one it stays here: nobody could tell
    /// whose it is.
    fn find_seal(
        &self,
        version: &Version,
        seals: &mut HashMap<BatchId, Rc<Seals>>,
        chosen: &mut Chosen,
    ) -> Result<bool, NodeError> {
        let Some(batch) = self.store.batch_of(version.position)? else { return Ok(false) };
        let batch = match seals.entry(batch.id) {
            Entry::Occupied(known) => known.get().clone(),
            Entry::Vacant(free) => free.insert(Rc::new(Seals::new(self.seals(batch.id)?))).clone(),
        };
        let label = self.labels.get(&*self.store, version.label)?.told_json();
        let leaf = leaf(&label, &version.raw);
        let Some(which) = batch.find(&leaf) else { return Ok(false) };
        chosen.sealed.insert(version.position, Sealed { batch, which, leaf });
        Ok(true)
    }

    fn head(
        &self,
        ctx: &Ctx,
        peer: &Peer,
        view: &View,
        chosen: &Chosen,
        (now, cursor, recalls): (Timestamp, String, Vec<RecallStatement>),
    ) -> Result<PageHead, NodeError> {
        let agreement = view.agreement().cloned().ok_or_else(|| NodeError::NoAgreement(peer.name.clone()))?;
        let mut labels = Labels::default();
        let (mut all, mut own) = (Vec::with_capacity(chosen.versions.len()), Vec::new());
        for version in &chosen.versions {
            let (text, label) = labels.of(version.label, || self.told_label(version.label))?;
            let leaf = leaf(text, &version.raw);
            all.push(leaf);
            if label.owner == ctx.organisation {
                own.push(leaf);
            }
        }
        let seal = (!own.is_empty()).then(|| Seal::new(&ctx.organisation, &self.signer, &own, now));
        let relayed = relayed(chosen);
        Ok(PageHead {
            handle: None,
            from: ctx.organisation.clone(),
            to: peer.name.clone(),
            at: now,
            agreement,
            cursor,
            more: chosen.more,
            labels: labels.texts()?,
            runs: labels.runs,
            root: comity_crypto::hex(&root_of(&all)),
            seal,
            directory: self.directory(&relayed, &recalls)?,
            relayed,
            recalls,
        })
    }

    /// The label an object goes out with. Of its own objects this node knows what their markings mean, and nobody
    /// else may; those of others keep the label their owner sealed.
    fn told_label(&self, id: LabelId) -> Result<Arc<Label>, NodeError> {
        let label = self.labels.get(&*self.store, id)?;
        if label.owner != self.ourselves()?.name {
            return Ok(label);
        }
        let label = self.standing(&label)?.label;
        Ok(if label.need.is_empty() { label } else { Arc::new(label.told()) })
    }

    fn write_envelope(&self, head: &PageHead, versions: &[Version]) -> Result<Vec<u8>, NodeError> {
        let broken = NodeError::setting("page");
        let page = serde_json::value::to_raw_value(head).map_err(broken)?;
        let signature = self.signer.sign(PAGE, page.get().as_bytes());
        let envelope = Envelope { page: &page, key: self.signer.public_key(), signature };
        let mut out = serde_json::to_vec(&envelope).map_err(NodeError::setting("page"))?;
        out.reserve(versions.iter().map(|version| version.raw.len() + 2).sum::<usize>() + 32);
        out.pop();
        out.extend_from_slice(b",\"objects\":[");
        for (at, version) in versions.iter().enumerate() {
            if at > 0 {
                out.extend_from_slice(b",\n");
            }
            out.extend_from_slice(&version.raw);
        }
        out.extend_from_slice(b"]}");
        Ok(out)
    }

    /// The organisations whose word is passed on, with the keys it was checked with here.
    fn directory(&self, relayed: &[Relayed], recalls: &[RecallStatement]) -> Result<Vec<Ourselves>, NodeError> {
        let mut names: Vec<&OrgName> = relayed.iter().map(|relayed| &relayed.seal.owner).collect();
        names.extend(recalls.iter().map(|recall| &recall.said.owner));
        names.sort();
        names.dedup();
        self.introduce(&names)
    }

    /// Organisations as they are known here, for somebody who may not know them.
    pub(crate) fn introduce(&self, names: &[&OrgName]) -> Result<Vec<Ourselves>, NodeError> {
        let mut out = Vec::new();
        for name in names {
            if let Some(Peer { name, full_name, country, kind, keys, successions, ledger, .. }) = self.peer(name)? {
                let (url, pins) = (None, Vec::new());
                out.push(Ourselves { name, full_name, country, kind, url, keys, pins, successions, ledger });
            }
        }
        Ok(out)
    }
}

/// The labels of a page, each once, and where they apply.
#[derive(Default)]
struct Labels {
    numbers: HashMap<LabelId, usize>,
    known: Vec<(String, Arc<Label>)>,
    runs: Vec<(u32, u32)>,
}

impl Labels {
    /// The text and the label of the next object.
    fn of(
        &mut self,
        id: LabelId,
        read: impl FnOnce() -> Result<Arc<Label>, NodeError>,
    ) -> Result<(&str, &Label), NodeError> {
        let number = if let Some(number) = self.numbers.get(&id) {
            *number
        } else {
            let label = read()?;
            self.known.push((label.told_json(), label));
            self.numbers.insert(id, self.known.len() - 1);
            self.known.len() - 1
        };
        let short = u32::try_from(number).unwrap_or(u32::MAX);
        match self.runs.last_mut() {
            Some((last, count)) if *last == short => *count += 1,
            _ => self.runs.push((short, 1)),
        }
        self.known.get(number).map(|(text, label)| (text.as_str(), &**label)).ok_or(NodeError::Stage)
    }

    fn texts(&self) -> Result<Vec<Box<RawValue>>, NodeError> {
        let raw = |(text, _): &(String, _)| RawValue::from_string(text.clone()).map_err(NodeError::setting("label"));
        self.known.iter().map(raw).collect()
    }
}

/// Each seal once, with the proofs of the objects it covers.
fn relayed(chosen: &Chosen) -> Vec<Relayed> {
    let mut out: Vec<(Option<Tree>, Relayed)> = Vec::new();
    for (object, version) in (0..).zip(&chosen.versions) {
        let Some(sealed) = chosen.sealed.get(&version.position) else { continue };
        let Some(kept) = sealed.batch.kept.get(sealed.which) else { continue };
        let known = out.iter().position(|(_, relayed)| relayed.seal == kept.seal);
        let known = known.unwrap_or_else(|| {
            let tree = (!kept.leaves.is_empty()).then(|| Tree::new(kept.leaves.clone()));
            out.push((tree, Relayed { seal: kept.seal.clone(), proofs: Vec::new() }));
            out.len() - 1
        });
        let Some((tree, relayed)) = out.get_mut(known) else { continue };
        relayed.proofs.extend(proof(sealed, kept, tree.as_ref(), object));
    }
    out.into_iter().map(|(_, relayed)| relayed).collect()
}

fn proof(sealed: &Sealed, kept: &Kept, tree: Option<&Tree>, object: u32) -> Option<Proof> {
    let Some(tree) = tree else {
        let known = kept.paths.get(&comity_crypto::hex(&sealed.leaf))?;
        return Some(Proof { object, ..known.clone() });
    };
    let (_, index) = sealed.batch.places.get(&sealed.leaf)?;
    Some(Proof { object, leaf: *index as u64, path: tree.proof(*index)? })
}

/// What signatures of pages are made in.
pub(crate) const PAGE: &str = "page";
/// So much of the log is looked through at once.
const STRETCH: u64 = 4_096;
/// A page stops growing at about so many bytes of objects.
const PAGE_BYTES: usize = 8 << 20;
