use std::collections::BTreeSet;

use comity_base::{OrgName, Position, Timestamp};
use comity_crypto::{hex, sha256};
use comity_ledger::EntryKind;
use comity_stix::{Label, ObjectId};
use comity_store::{BatchStart, Version};
use roaring::RoaringTreemap;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::desk::refused;
use crate::intake::{IntakeOptions, Labelled};
use crate::ledger::{Gone, pack};
use crate::{Ctx, Deed, Node, NodeError, Source};

/// One owner's object that nobody here may see, for now or for good.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Hidden {
    object: ObjectId,
    owner: OrgName,
    since: Timestamp,
    /// The versions that counted, which count again when it is lifted.
    stood: Vec<u64>,
    state: State,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum State {
    Hidden,
    Erased,
    Lifted,
}

/// What is hidden is withdrawn from the log, and so from every index, page and collection of every process; who was
/// given it is told to delete it. Its content stays until it is decided, and what comes in of it goes the same way.
impl Node {
    /// Hides one owner's object from everybody, at once.
    pub(super) fn hide(&self, ctx: &Ctx, owner: &OrgName, object: &ObjectId) -> Result<(), NodeError> {
        let key = key(object, owner);
        let known: Option<Hidden> = self.setting(&key)?;
        let before = known.into_iter().filter(|known| known.state == State::Hidden).flat_map(|known| known.stood);
        let rows = self.store.versions(object)?;
        let stood = before.chain(self.counting(owner, &rows)?).collect::<BTreeSet<_>>().into_iter().collect();
        let (object, owner) = (object.clone(), owner.clone());
        let hidden = Hidden { object, owner, since: ctx.now(), stood, state: State::Hidden };
        self.keep_setting(&key, &hidden)?;
        self.put_away(ctx, &hidden)
    }

    /// Lets an object be seen again, as it was.
    pub(super) fn show_again(&self, ctx: &Ctx, owner: &OrgName, object: &ObjectId) -> Result<(), NodeError> {
        let key = key(object, owner);
        let Some(hidden) = self.setting::<Hidden>(&key)?.filter(|hidden| hidden.state != State::Erased) else {
            return Ok(());
        };
        self.keep_setting(&key, &Hidden { state: State::Lifted, ..hidden.clone() })?;
        let positions: Vec<_> = hidden.stood.iter().copied().map(Position).collect();
        let mut rows: Vec<_> =
            self.store.get(&positions)?.into_iter().flatten().filter(|row| !row.raw.is_empty()).collect();
        rows.sort_by_key(|row| (row.modified, row.position));
        let labels = rows.iter().map(|row| self.label_again(ctx, row)).collect::<Result<Vec<_>, _>>()?;
        let objects: Vec<(&[u8], u32)> = (0..).zip(&rows).map(|(at, row)| (&*row.raw, at)).collect();
        if objects.is_empty() {
            return Ok(());
        }
        let Some(source) = self.source(owner)? else { return Err(NodeError::UnknownOrganisation(owner.clone())) };
        // Its labels are what they were; what is said of the source since then is said of what comes since then.
        let source = Source { defaults: Label::defaults(owner.clone()), ..source };
        let stop = std::sync::atomic::AtomicBool::new(false);
        let name = rows.first().map_or(Ok(String::new()), |row| self.name_of_origin(row))?;
        let given = Labelled { name: name.clone(), labels: &labels, objects: &objects };
        self.intake_given(ctx, &source, &given, &IntakeOptions::noted(name, &stop)).map(drop)
    }

    /// The label that a version had. What it came under ends when it would have ended.
    fn label_again(&self, ctx: &Ctx, row: &Version) -> Result<Label, NodeError> {
        let mut label = (*self.labels.get(&*self.store, row.label)?).clone();
        label.retain_until = label.retain_until.into_iter().chain(self.agreed_end(ctx, row.position)?).min();
        Ok(label)
    }

    /// What it came in, as it was called then.
    fn name_of_origin(&self, row: &Version) -> Result<String, NodeError> {
        let Some(batch) = self.store.batch_of(row.position)? else { return Ok(String::new()) };
        let original = self.store.originals(batch.id)?.into_iter().find(|original| original.id == row.source);
        Ok(original.map_or_else(String::new, |original| original.name))
    }

    /// Deletes an object for good: here, and of own data everywhere it was given. What comes in of it later goes too.
    pub(super) fn delete(&self, ctx: &Ctx, owner: &OrgName, object: &ObjectId) -> Result<(), NodeError> {
        if self.holds()?.iter().any(|hold| hold.object == *object) {
            return Err(refused(&format!("{object} is on legal hold; lift that first, or decide otherwise")));
        }
        let (object, owner) = (object.clone(), owner.clone());
        let hidden = Hidden { object, owner, since: ctx.now(), stood: Vec::new(), state: State::Erased };
        self.keep_setting(&key(&hidden.object, &hidden.owner), &hidden)?;
        let rows = self.with_bodies(&hidden)?;
        let mut gone = Gone::default();
        self.note_gone(&rows, &mut gone);
        if hidden.owner == ctx.organisation && !rows.is_empty() {
            self.recall_for_good(ctx, &hidden.object, &rows)?;
        }
        self.put_away(ctx, &hidden)?;
        self.forget_about(ctx, &gone).map(drop)
    }

    /// Puts away what came in of objects that are hidden.
    pub(crate) fn keep_hidden(&self, ctx: &Ctx) -> Result<(), NodeError> {
        let mut all: Vec<Hidden> = self.settings(HIDDEN)?;
        all.retain(|hidden| hidden.state != State::Lifted);
        let ids: Vec<ObjectId> = all.iter().map(|hidden| hidden.object.clone()).collect();
        for (hidden, rows) in all.iter().zip(self.store.versions_of(&ids)?) {
            let new = self.counting(&hidden.owner, &rows)?;
            if new.is_empty() {
                continue;
            }
            if hidden.state == State::Hidden {
                let stood = hidden.stood.iter().copied().chain(new).collect();
                self.keep_setting(&key(&hidden.object, &hidden.owner), &Hidden { stood, ..hidden.clone() })?;
            }
            self.put_away(ctx, hidden)?;
        }
        Ok(())
    }

    /// The positions at which one owner's versions count, of the rows of one object.
    fn counting(&self, owner: &OrgName, rows: &[Version]) -> Result<Vec<u64>, NodeError> {
        let mut found = Vec::new();
        for row in crate::derived::standing(&*self.store, &self.labels, rows)?.into_iter().flatten() {
            if self.owner_of(row.label)? == *owner {
                found.push(row.position.0);
            }
        }
        Ok(found)
    }

    /// Whether this owner's object is hidden or was deleted for a person's sake.
    pub(crate) fn is_hidden(&self, object: &ObjectId, owner: &OrgName) -> Result<bool, NodeError> {
        Ok(self.setting::<Hidden>(&key(object, owner))?.is_some_and(|hidden| hidden.state != State::Lifted))
    }

    /// Withdraws every version; erases them too where they are to be gone.
    fn put_away(&self, ctx: &Ctx, hidden: &Hidden) -> Result<(), NodeError> {
        let rows = self.rows_of(&hidden.owner, &hidden.object)?;
        let positions: Vec<_> = rows.iter().map(|row| row.position).collect();
        if positions.is_empty() {
            return Ok(());
        }
        let bitmap: RoaringTreemap = positions.iter().map(|position| position.0).collect();
        let content = json!({"what": "no longer shown", "versions": positions.len()});
        let deed = Deed::new(EntryKind::Erasure, json!({"positions": pack(&bitmap)?}), content);
        let (owner, note) = (ctx.organisation.clone(), "no longer shown".to_owned());
        let start = BatchStart { owner, note, now: ctx.now(), fence: None, entries: vec![deed.entry(ctx)?] };
        self.store.withdraw(&positions, &start, ctx.now())?;
        self.catch_up()?;
        // While the content is there: recipients of own data are told exactly what to delete.
        self.note_owed(ctx)?;
        if hidden.state == State::Erased {
            self.erase_for_good(&positions)?;
            self.forget_sources(&rows, &self.on_hold()?.1)?;
        }
        Ok(())
    }

    fn with_bodies(&self, hidden: &Hidden) -> Result<Vec<Version>, NodeError> {
        let positions: Vec<_> = self.rows_of(&hidden.owner, &hidden.object)?.iter().map(|row| row.position).collect();
        Ok(self.store.get(&positions)?.into_iter().flatten().filter(|row| !row.raw.is_empty()).collect())
    }
}

fn key(object: &ObjectId, owner: &OrgName) -> String {
    format!("{HIDDEN}{}/{owner}", hex(&sha256(object.to_string().as_bytes())))
}

const HIDDEN: &str = "hidden/";
