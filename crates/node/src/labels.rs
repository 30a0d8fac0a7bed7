use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use comity_base::OrgName;
use comity_policy::access::Authority;
use comity_stix::label::KnownMarkings;
use comity_stix::{Doc, Label, ObjectId};
use comity_store::{LabelId, Store, StoreError};
use parking_lot::RwLock;

use crate::{Node, NodeError};

/// The node's interned labels with small numbers for their owners: scans compare integers.
#[derive(Default)]
pub(crate) struct Labels {
    table: RwLock<Table>,
}

#[derive(Default)]
struct Table {
    by_id: Vec<Option<Entry>>,
    ids: HashMap<Label, LabelId>,
    /// Those that not everybody of this organisation may see.
    needing: Vec<Arc<Label>>,
    owners: Vec<OrgName>,
}

#[derive(Clone)]
struct Entry {
    label: Arc<Label>,
    owner: OwnerNo,
}

/// The number of an owner in this process; not stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct OwnerNo(pub(crate) u32);

/// A label as it is applied: with the markings it refers to looked up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The label.
    pub label: Arc<Label>,
    /// Its markings that this node holds no meaning for; policy treats the label as closed while there are any.
    pub unresolved: BTreeSet<ObjectId>,
}

impl Labels {
    /// Reads the labels that were interned since the last call.
    pub(crate) fn refresh(&self, store: &dyn Store) -> Result<(), NodeError> {
        // What this process interned itself may stand behind others it does not know yet.
        let known = self.table.read().by_id.iter().skip(1).take_while(|entry| entry.is_some()).count();
        let after = LabelId(u32::try_from(known).unwrap_or(u32::MAX));
        for (id, json) in store.labels(after)? {
            let label = Label::from_json(&json)
                .map_err(|error| NodeError::Setting { key: format!("label {id}"), reason: error.to_string() })?;
            self.table.write().add(id, label);
        }
        Ok(())
    }

    /// The id of a label, interned in the store when new.
    pub(crate) fn intern(&self, store: &dyn Store, label: &Label) -> Result<LabelId, NodeError> {
        if let Some(id) = self.table.read().ids.get(label) {
            return Ok(*id);
        }
        let id = store.intern_label(&label.to_json())?;
        // In the order of the store, others' labels too: owners then have the same numbers in every process.
        self.refresh(store)?;
        if self.table.read().entry(id).is_none() {
            self.table.write().add(id, label.clone());
        }
        Ok(id)
    }

    pub(crate) fn get(&self, store: &dyn Store, id: LabelId) -> Result<Arc<Label>, NodeError> {
        Ok(self.entry(store, id)?.label)
    }

    pub(crate) fn owner_no(&self, store: &dyn Store, id: LabelId) -> Result<OwnerNo, NodeError> {
        if let Some(entry) = self.table.read().entry(id) {
            return Ok(entry.owner);
        }
        Ok(self.entry(store, id)?.owner)
    }

    /// Whether anything here may be of a label that this does not meet.
    pub(crate) fn hides_from(&self, authority: &Authority) -> bool {
        self.table.read().needing.iter().any(|label| !authority.meets(label))
    }

    /// Every label there is here.
    pub(crate) fn all(&self) -> Vec<(LabelId, Arc<Label>)> {
        let table = self.table.read();
        let numbered = (0_u32..).map(LabelId).zip(&table.by_id);
        numbered.filter_map(|(id, entry)| Some((id, Arc::clone(&entry.as_ref()?.label)))).collect()
    }

    /// The labels that this does not meet, by number: who lacks the same sees the same.
    pub(crate) fn unmet(&self, authority: &Authority) -> Vec<u32> {
        let table = self.table.read();
        let unmet = (0..).zip(&table.needing).filter(|(_, label)| !authority.meets(label));
        unmet.map(|(number, _)| number).collect()
    }

    /// The labels that this does not meet.
    pub(crate) fn hidden_from(&self, authority: &Authority) -> BTreeSet<LabelId> {
        let table = self.table.read();
        let labels = (0_u32..).map(LabelId).zip(&table.by_id);
        let hidden = labels.filter(|(_, entry)| entry.as_ref().is_none_or(|entry| !authority.meets(&entry.label)));
        hidden.map(|(id, _)| id).collect()
    }

    pub(crate) fn owner_name(&self, no: OwnerNo) -> Option<OrgName> {
        self.table.read().owners.get(usize::try_from(no.0).ok()?).cloned()
    }

    fn entry(&self, store: &dyn Store, id: LabelId) -> Result<Entry, NodeError> {
        if let Some(entry) = self.table.read().entry(id) {
            return Ok(entry.clone());
        }
        self.refresh(store)?;
        let missing = || NodeError::Setting { key: format!("label {id}"), reason: "it is not in the store".into() };
        self.table.read().entry(id).cloned().ok_or_else(missing)
    }
}

impl Node {
    /// Whose objects of this label are.
    pub(crate) fn owner_of(&self, label: LabelId) -> Result<OrgName, NodeError> {
        Ok(self.labels.get(&*self.store, label)?.owner.clone())
    }

    /// A label as it is applied here: with the markings looked up whose definitions this node has met.
    pub(crate) fn standing(&self, label: &Label) -> Result<Standing, NodeError> {
        if label.markings.is_empty() {
            return Ok(Standing { label: Arc::new(label.clone()), unresolved: BTreeSet::new() });
        }
        let resolved = self.known_markings(&label.owner)?.resolve(label);
        Ok(Standing { unresolved: resolved.markings.clone(), label: Arc::new(resolved) })
    }

    /// Keeps the marking definitions an owner brought, each text once: two that differ under one id restrict
    /// together. They speak for that owner's objects only, or one source could open what another closed.
    pub(crate) fn learn_markings(&self, owner: &OrgName, markings: &[(String, Vec<u8>)]) -> Result<(), NodeError> {
        for (id, raw) in markings {
            let digest = comity_crypto::hex(&comity_crypto::sha256(raw));
            let key = format!("marking/{owner}/{id}/{}", digest.get(..16).unwrap_or_default());
            if self.store.value(&key)?.is_none() {
                self.forget_views();
                match self.store.put(&key, None, raw) {
                    // Another process learned it at the same moment.
                    Ok(_) | Err(StoreError::Changed(_)) => {
                        self.markings.lock().remove(owner);
                        self.forget_views();
                    }
                    Err(error) => return Err(error.into()),
                }
            }
        }
        Ok(())
    }

    fn known_markings(&self, owner: &OrgName) -> Result<Arc<KnownMarkings>, NodeError> {
        let mut cached = self.markings.lock();
        if let Some(known) = cached.get(owner) {
            return Ok(known.clone());
        }
        let mut known = KnownMarkings::default();
        for (_, raw) in self.store.values(&format!("marking/{owner}/"))? {
            if let Ok(doc) = Doc::parse(&raw, self.reader.depth()) {
                known.learn(doc.root());
            }
        }
        let known = Arc::new(known);
        cached.insert(owner.clone(), known.clone());
        Ok(known)
    }
}

impl Table {
    fn entry(&self, id: LabelId) -> Option<&Entry> {
        self.by_id.get(usize::try_from(id.0).ok()?)?.as_ref()
    }

    fn add(&mut self, id: LabelId, label: Label) {
        let Ok(index) = usize::try_from(id.0) else { return };
        if self.by_id.len() <= index {
            self.by_id.resize(index + 1, None);
        }
        let owner = self.owner_no(&label.owner);
        self.ids.insert(label.clone(), id);
        let label = Arc::new(label);
        if !label.need.is_empty() {
            self.needing.push(Arc::clone(&label));
        }
        if let Some(slot) = self.by_id.get_mut(index) {
            *slot = Some(Entry { label, owner });
        }
    }

    fn owner_no(&mut self, owner: &OrgName) -> OwnerNo {
        let known = self.owners.iter().position(|name| name == owner);
        let index = known.unwrap_or_else(|| {
            self.owners.push(owner.clone());
            self.owners.len() - 1
        });
        OwnerNo(u32::try_from(index).unwrap_or(u32::MAX))
    }
}
