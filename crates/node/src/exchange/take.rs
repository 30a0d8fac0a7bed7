use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::atomic::AtomicBool;

use comity_base::{OrgName, Timestamp};
use comity_crypto::unhex;
use comity_crypto::{PublicKey, Signature, hex};
use comity_ledger::EntryKind;
use comity_ledger::root_of;
use comity_stix::{Doc, Header, Label};
use comity_store::{BatchId, Op};
use serde::{Deserialize, Serialize};
use serde_json::json;
use serde_json::value::RawValue;

use super::Peer;
use super::feed::{PAGE, PageHead};
use super::messages::refused;
use super::seals::{Hash, Kept, leaf};
use crate::Deed;
use crate::intake::{IntakeOptions, Labelled};
use crate::{Ctx, Node, NodeError, SourceChange};

/// What became of a page that a peer's node sent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Taken {
    /// Objects stored.
    pub stored: u64,
    /// Objects that were there already.
    pub unchanged: u64,
    /// Objects not taken: not proved to be their owner's, recalled, or not readable.
    pub set_aside: u64,
    /// Recalls carried out.
    pub recalls: u64,
    /// Whether the peer has more to fetch at once.
    pub more: bool,
}

/// Up to where a peer's data was taken in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fetched {
    /// To be sent with the next request.
    pub cursor: String,
    /// When the last page with anything new was taken in.
    pub at: Timestamp,
    /// Objects taken in so far.
    pub objects: u64,
}

/// A page as it came.
#[derive(Deserialize)]
struct Envelope<'a> {
    #[serde(borrow)]
    page: &'a RawValue,
    key: PublicKey,
    signature: Signature,
    #[serde(borrow)]
    objects: Vec<&'a RawValue>,
}

/// One object of a page with what was sealed of it.
struct Offered<'a> {
    raw: &'a [u8],
    label: u32,
    leaf: Hash,
}

impl Node {
    /// Up to where a peer's data was taken in.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn fetched(&self, peer: &OrgName) -> Result<Option<Fetched>, NodeError> {
        self.setting(&key(peer))
    }

    /// Takes a page of a peer's node in: everything in it is durable, and recalls are carried out, when this
    /// returns; only then is its cursor kept, so that whatever was cut off is fetched again.
    ///
    /// # Errors
    /// [`NodeError::Unacceptable`] when the page is not that peer's word to this node, or not covered by an
    /// agreement; then nothing of it was taken.
    pub fn take_page(&self, ctx: &Ctx, peer: &Peer, bytes: &[u8]) -> Result<Taken, NodeError> {
        let unreadable = |error: serde_json::Error| refused(format!("the page cannot be read: {error}"));
        let envelope: Envelope<'_> = serde_json::from_slice(bytes).map_err(unreadable)?;
        let head = open(&envelope, peer, ctx)?;
        self.must_be_agreed(ctx, peer, &head.agreement, envelope.objects.is_empty() && !head.recalls.is_empty())?;
        let (labels, texts) = labels(&head)?;
        let offered = offered(&envelope, &head, &texts)?;
        self.learn_directory(ctx, peer, &head.directory)?;
        let proved = self.prove(peer, &head, &labels, &offered)?;
        let mut taken = Taken { more: head.more, ..Taken::default() };
        // First what is taken back: an object that its owner gives out again in the same page stays.
        for recall in &head.recalls {
            let keys = self.keys_at(peer, &recall.said.owner, recall.said.at)?;
            self.take_recall(ctx, peer, recall, &keys)?;
            taken.recalls += 1;
        }
        self.store_page(ctx, peer, (&head, &labels), (&offered, &proved), &mut taken)?;
        self.remember(ctx, peer, &head, &taken)?;
        Ok(taken)
    }

    fn remember(&self, ctx: &Ctx, peer: &Peer, head: &PageHead, taken: &Taken) -> Result<(), NodeError> {
        let before = self.fetched(&peer.name)?;
        if before.as_ref().is_some_and(|before| before.cursor == head.cursor) {
            return Ok(());
        }
        let objects = before.map_or(0, |before| before.objects) + taken.stored;
        let fetched = Fetched { cursor: head.cursor.clone(), at: ctx.now(), objects };
        // The other half of what its log says it sent; what is called back has entries of its own.
        let Some(handle) = head.handle.as_deref().and_then(unhex) else {
            return self.keep_setting(&key(&peer.name), &fetched);
        };
        let (id, version) = (head.agreement.0.to_string(), head.agreement.1);
        let content = json!({
            "taken": taken.stored,
            "unchanged": taken.unchanged,
            "set_aside": taken.set_aside,
            "from": peer.name,
            "agreement": {"id": id, "version": version},
            "root": head.root,
        });
        let deed = Deed::new(EntryKind::Taken, json!({}), content).with_handle(handle);
        self.decide(ctx, &key(&peer.name), &fetched, deed)
    }

    /// For each object, when its owner gave its word for it, when it did.
    fn prove(
        &self,
        peer: &Peer,
        head: &PageHead,
        labels: &[Label],
        offered: &[Offered<'_>],
    ) -> Result<Vec<Option<Timestamp>>, NodeError> {
        let owner = |object: &Offered<'_>| label_of(labels, object).map(|label| &label.owner);
        let own: Vec<Hash> =
            offered.iter().filter(|object| owner(object) == Some(&peer.name)).map(|object| object.leaf).collect();
        let sealed = head.seal.as_ref().is_some_and(|seal| {
            seal.owner == peer.name && seal.is_signed_by(&peer.keys_at(seal.at)) && seal.covers_all(&own)
        });
        if !own.is_empty() && !sealed {
            return Err(refused(format!("the page holds objects of {} that it has not sealed", peer.name)));
        }
        let at = head.seal.as_ref().map(|seal| seal.at);
        let of_peer = |object| at.filter(|_| owner(object) == Some(&peer.name));
        let mut proved: Vec<Option<Timestamp>> = offered.iter().map(of_peer).collect();
        for relayed in &head.relayed {
            let seal = &relayed.seal;
            if !seal.is_signed_by(&self.keys_at(peer, &seal.owner, seal.at)?) {
                continue;
            }
            for proof in &relayed.proofs {
                let at = usize::try_from(proof.object).unwrap_or(usize::MAX);
                let (Some(object), Some(slot)) = (offered.get(at), proved.get_mut(at)) else { continue };
                if owner(object) == Some(&seal.owner) && seal.covers(&object.leaf, proof) {
                    *slot = (*slot).max(Some(seal.at));
                }
            }
        }
        Ok(proved)
    }

    fn store_page(
        &self,
        ctx: &Ctx,
        peer: &Peer,
        (head, labels): (&PageHead, &[Label]),
        (offered, proved): (&[Offered<'_>], &[Option<Timestamp>]),
        taken: &mut Taken,
    ) -> Result<(), NodeError> {
        let mut objects = Vec::with_capacity(offered.len());
        for (object, proved) in offered.iter().zip(proved) {
            let owner = label_of(labels, object).map(|label| &label.owner);
            let owner = owner.filter(|owner| **owner != ctx.organisation);
            let Some((owner, sealed)) = owner.zip(*proved) else { continue };
            if !self.was_recalled(owner, object.raw, sealed)? {
                objects.push((object.raw, object.label));
            }
        }
        taken.set_aside = (offered.len() - objects.len()) as u64;
        if objects.is_empty() {
            return Ok(());
        }
        let name = format!("from {} under {}", peer.name, head.agreement.0);
        let given = Labelled { name: name.clone(), labels, objects: &objects };
        let source = self.keep_source(ctx, &peer.name, &SourceChange::default())?;
        let stop = AtomicBool::new(false);
        let options = IntakeOptions::noted(name, &stop);
        let report = self.intake_given(ctx, &source, &given, &options)?;
        let Some(batch) = report.batch else { return Ok(()) };
        (taken.stored, taken.unchanged) = (batch.counts.added, batch.counts.unchanged);
        taken.set_aside += batch.counts.rejected;
        if batch.counts.added > 0 {
            self.keep_seals(batch.id, kept(peer, head, labels, offered))?;
        }
        if batch.counts.unchanged > 0 {
            self.seal_again(offered, &kept(peer, head, labels, offered))?;
        }
        Ok(())
    }

    /// Keeps the seals for objects that were there already without one: a process was killed before it had kept them.
    fn seal_again(&self, offered: &[Offered<'_>], seals: &[Kept]) -> Result<(), NodeError> {
        let mut missing: BTreeMap<BatchId, BTreeSet<usize>> = BTreeMap::new();
        for object in offered {
            let Some(header) = self.header(object.raw) else { continue };
            for row in self.store.versions(&header.id)? {
                let Some(batch) = self.store.batch_of(row.position)? else { continue };
                let label = self.labels.get(&*self.store, row.label)?.told_json();
                if row.op != Op::Put || row.modified != header.modified || leaf(&label, object.raw) != object.leaf {
                    continue;
                }
                if !self.seals(batch.id)?.iter().any(|kept| kept.has(&object.leaf)) {
                    let which = (0..).zip(seals).filter(|(_, kept)| kept.has(&object.leaf)).map(|(at, _)| at);
                    missing.entry(batch.id).or_default().extend(which);
                }
            }
        }
        for (batch, which) in missing {
            let seals = (0..).zip(seals).filter(|(at, _)| which.contains(at)).map(|(_, kept)| kept.clone());
            self.keep_seals(batch, seals.collect())?;
        }
        Ok(())
    }

    fn header(&self, raw: &[u8]) -> Option<Header> {
        let doc = Doc::parse(raw, self.limits.depth).ok()?;
        comity_stix::validate::accept(doc.root()).ok()
    }

    fn was_recalled(&self, owner: &OrgName, raw: &[u8], sealed: Timestamp) -> Result<bool, NodeError> {
        if !self.has_recalls()? {
            return Ok(false);
        }
        let Some(Header { id, modified, .. }) = self.header(raw) else { return Ok(false) };
        self.is_recalled(owner, &id, (modified, raw), sealed)
    }
}

/// The head of a page, when that peer signed it for this node.
fn open(envelope: &Envelope<'_>, peer: &Peer, ctx: &Ctx) -> Result<PageHead, NodeError> {
    let text = envelope.page.get();
    let signed = envelope.key.verify(PAGE, text.as_bytes(), &envelope.signature).is_ok();
    if !signed || !peer.keys.contains(&envelope.key) {
        return Err(refused(format!("the page is not signed with a key of {}", peer.name)));
    }
    let head: PageHead =
        serde_json::from_str(text).map_err(|error| refused(format!("the page cannot be read: {error}")))?;
    if !peer.speaks_by(&envelope.key, head.at) {
        return Err(refused(format!("the page is signed with a key that {} has replaced", peer.name)));
    }
    if head.from != peer.name || head.to != ctx.organisation {
        return Err(refused(format!("the page is from {} to {}", head.from, head.to)));
    }
    Ok(head)
}

fn labels(head: &PageHead) -> Result<(Vec<Label>, Vec<String>), NodeError> {
    let mut labels = Vec::with_capacity(head.labels.len());
    let mut texts = Vec::with_capacity(head.labels.len());
    for raw in &head.labels {
        let label = Label::from_json(raw.get()).map_err(|error| refused(format!("a label of the page: {error}")))?;
        if !label.need.is_empty() {
            return Err(refused("a label of the page says who within an organisation may see it".into()));
        }
        texts.push(label.to_json());
        labels.push(label);
    }
    Ok((labels, texts))
}

/// The objects with their labels, once all of them together are what the signed head says.
fn offered<'a>(envelope: &Envelope<'a>, head: &PageHead, texts: &[String]) -> Result<Vec<Offered<'a>>, NodeError> {
    let mut offered = Vec::with_capacity(envelope.objects.len());
    let mut objects = envelope.objects.iter();
    for (number, count) in &head.runs {
        let text = usize::try_from(*number).ok().and_then(|at| texts.get(at));
        let text = text.ok_or_else(|| refused("the page names a label it does not hold".into()))?;
        for object in objects.by_ref().take(usize::try_from(*count).unwrap_or(usize::MAX)) {
            let raw = object.get().as_bytes();
            offered.push(Offered { raw, label: *number, leaf: leaf(text, raw) });
        }
    }
    let leaves: Vec<Hash> = offered.iter().map(|object| object.leaf).collect();
    if objects.next().is_some() || hex(&root_of(&leaves)) != head.root {
        return Err(refused("the objects of the page are not those that were signed for".into()));
    }
    Ok(offered)
}

fn label_of<'l>(labels: &'l [Label], object: &Offered<'_>) -> Option<&'l Label> {
    labels.get(usize::try_from(object.label).ok()?)
}

/// What is kept of the seals of a page, so that its objects can be passed on.
fn kept(peer: &Peer, head: &PageHead, labels: &[Label], offered: &[Offered<'_>]) -> Vec<Kept> {
    let mut kept = Vec::new();
    if let Some(seal) = &head.seal {
        let own =
            offered.iter().filter(|object| label_of(labels, object).is_some_and(|label| label.owner == peer.name));
        kept.push(Kept { seal: seal.clone(), leaves: own.map(|object| object.leaf).collect(), paths: HashMap::new() });
    }
    for relayed in &head.relayed {
        let mut paths = HashMap::new();
        for proof in &relayed.proofs {
            if let Some(object) = usize::try_from(proof.object).ok().and_then(|at| offered.get(at)) {
                paths.insert(hex(&object.leaf), proof.clone());
            }
        }
        kept.push(Kept { seal: relayed.seal.clone(), leaves: Vec::new(), paths });
    }
    kept
}

fn key(peer: &OrgName) -> String {
    format!("fetched/{peer}")
}
