//! Saying anew what may be done with one's own objects: the same bytes under another label, as the next version.

use std::collections::BTreeSet;
use std::io::Cursor;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use comity_stix::label::{KnownMarkings, LabelReader};
use comity_stix::{Doc, Label, ObjectId};
use comity_store::Version;
use serde_json::json;

use crate::intake::{DraftSeer, Input, IntakeOptions, IntakeReport};
use crate::{Act, Ctx, Node, NodeError, Source, Standing};

/// What of one's own would be under another label.
#[derive(Clone, Debug)]
pub struct Relabelling {
    /// The label that counts now.
    pub now: Standing,
    /// How many objects there are, those it holds included.
    pub objects: u64,
    /// Who would be given them.
    pub seers: Vec<DraftSeer>,
}

impl Node {
    /// Who would be given an object of this organisation's own, and where `whole` what it holds, under a label.
    ///
    /// # Errors
    /// [`NodeError::UnknownObject`] when this organisation has no such object, or whoever asks may not see it.
    pub fn preview_relabel(
        &self,
        ctx: &Ctx,
        id: &ObjectId,
        label: Option<&Label>,
        whole: bool,
    ) -> Result<Relabelling, NodeError> {
        self.may(ctx, Act::Audience, json!({"object": id.to_string()}))?;
        let own = self.own(ctx, id, whole)?;
        let first = own.first().ok_or_else(|| NodeError::UnknownObject(id.to_string()))?;
        let now = self.standing(&*self.labels.get(&*self.store, first.label)?)?;
        let mut labels: Vec<(Arc<Label>, u64)> = Vec::new();
        let mut reader = label.map(|label| LabelReader::new(label.clone(), KnownMarkings::default()));
        for version in &own {
            let current = self.labels.get(&*self.store, version.label)?;
            let label = match &mut reader {
                Some(reader) => {
                    let doc = Doc::parse(&version.raw, self.reader.depth());
                    let number = doc.map(|doc| reader.read(doc.root())).unwrap_or_default();
                    let read = reader.label(number).ok_or(NodeError::Stage)?;
                    Arc::new(read.with_personal(current.personal))
                }
                None => current,
            };
            match labels.iter_mut().find(|(known, _)| *known == label) {
                Some((_, count)) => *count += 1,
                None => labels.push((label, 1)),
            }
        }
        Ok(Relabelling { now, objects: own.len() as u64, seers: self.would_see(ctx, &labels)? })
    }

    /// Puts an object of this organisation's own, and where `whole` what it holds, under another label. What it was
    /// under before counts no more: who may not see it now is told to delete it.
    ///
    /// # Errors
    /// As [`Node::preview_relabel`] and [`Node::intake`].
    pub fn relabel(&self, ctx: &Ctx, id: &ObjectId, label: &Label, whole: bool) -> Result<IntakeReport, NodeError> {
        if label.owner != ctx.organisation {
            return Err(NodeError::Refused("only the owner says what may be done with something".into()));
        }
        let own = self.own(ctx, id, whole)?;
        if own.is_empty() {
            return Err(NodeError::UnknownObject(id.to_string()));
        }
        let mut bundle = format!("{{\"type\":\"bundle\",\"id\":\"bundle--{}\",\"objects\":[", id.uuid).into_bytes();
        for (number, version) in own.iter().enumerate() {
            if number > 0 {
                bundle.push(b',');
            }
            bundle.extend_from_slice(&version.raw);
        }
        bundle.extend_from_slice(b"]}");
        let known = self.source(&label.owner)?.unwrap_or_else(|| Source::new(label.owner.clone()));
        let source = Source { defaults: label.clone(), ..known };
        let stop = AtomicBool::new(false);
        let options =
            IntakeOptions { objects_only: true, ..IntakeOptions::noted(format!("another label for {id}"), &stop) };
        let input = Input { name: id.to_string(), reader: Box::new(Cursor::new(bundle)) };
        self.intake(ctx, &source, &mut std::iter::once(Ok(input)), &options)
    }

    /// This organisation's current version of an object, and of what it holds of its own.
    fn own(&self, ctx: &Ctx, id: &ObjectId, whole: bool) -> Result<Vec<Version>, NodeError> {
        self.ready()?;
        let mut out: Vec<Version> = self.own_version(ctx, id)?.into_iter().collect();
        if let (true, Some(first)) = (whole, out.first()) {
            let mut held = BTreeSet::new();
            if let Ok(doc) = Doc::parse(&first.raw, self.reader.depth()) {
                comity_stix::refs(doc.root(), &mut |_, other| {
                    if held.len() < HELD {
                        held.extend(ObjectId::parse(other).ok());
                    }
                });
            }
            for id in held {
                out.extend(self.own_version(ctx, &id)?);
            }
        }
        Ok(out)
    }

    fn own_version(&self, ctx: &Ctx, id: &ObjectId) -> Result<Option<Version>, NodeError> {
        for (owner, version) in self.current_versions(id)? {
            if owner == ctx.organisation && self.meets(&ctx.authority, version.label)? {
                return Ok(Some(version));
            }
        }
        Ok(None)
    }
}

/// Objects held by one that are put under another label with it.
const HELD: usize = 50_000;
