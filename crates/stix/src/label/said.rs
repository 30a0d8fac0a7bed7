use std::collections::BTreeSet;

use comity_base::Timestamp;

use super::{Handling, Label, Pap, Party, Tlp};
use crate::ObjectId;

/// What one marking, tag or source says: the dimensions of a [`Label`] without an owner.
///
/// Silence counts for nothing: [`Self::and`] and [`Label::said`] take the stricter of two statements in
/// every dimension, and where one is silent the other stands. That is right for several statements about
/// *one* object. For something made from *two* objects use [`Label::join`], where silence is closed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Said {
    /// Traffic Light Protocol.
    pub tlp: Option<Tlp>,
    /// Permissible Actions Protocol.
    pub pap: Option<Pap>,
    /// Europol handling codes.
    pub handling: BTreeSet<Handling>,
    /// Who it may be released to, when limited.
    pub release_to: Option<BTreeSet<Party>>,
    /// Who must never see it.
    pub deny: BTreeSet<Party>,
    /// What it may be used for, when limited.
    pub purposes: Option<BTreeSet<String>>,
    /// The moment after which it must be gone.
    pub retain_until: Option<Timestamp>,
    /// Source gradings.
    pub grading: BTreeSet<String>,
    /// Markings without a known meaning.
    pub markings: BTreeSet<ObjectId>,
}

impl Said {
    /// Adds a statement about the same object.
    pub fn and(&mut self, other: &Self) {
        self.tlp = self.tlp.max(other.tlp);
        self.pap = self.pap.max(other.pap);
        self.handling.extend(&other.handling);
        if let Some(list) = &other.release_to {
            self.limit_release(list.clone());
        }
        self.deny.extend(other.deny.iter().cloned());
        if let Some(list) = &other.purposes {
            self.purposes = Some(narrowed(self.purposes.take(), list.clone()));
        }
        self.retain_until = earliest(self.retain_until, other.retain_until);
        self.grading.extend(other.grading.iter().cloned());
        self.markings.extend(other.markings.iter().cloned());
    }

    /// Narrows the release list to these parties.
    pub(super) fn limit_release(&mut self, list: BTreeSet<Party>) {
        self.release_to = Some(narrowed(self.release_to.take(), list));
    }

    fn of(label: &Label) -> Self {
        Self {
            tlp: label.tlp,
            pap: label.pap,
            handling: label.handling.clone(),
            release_to: label.release_to.clone(),
            deny: label.deny.clone(),
            purposes: label.purposes.clone(),
            retain_until: label.retain_until,
            grading: label.grading.clone(),
            markings: label.markings.clone(),
        }
    }
}

impl Label {
    /// This label with another statement about the same object: never wider in any dimension that had spoken.
    #[must_use]
    pub fn said(&self, said: &Said) -> Self {
        let mut all = Said::of(self);
        all.and(said);
        let Said { tlp, pap, handling, release_to, deny, purposes, retain_until, grading, markings } = all;
        // Who of this organisation may see it is no statement of the object's.
        let Self { owner, personal, need, .. } = self.clone();
        Self { owner, tlp, pap, handling, release_to, deny, purposes, retain_until, grading, markings, personal, need }
    }

    /// What this label says, without its owner.
    pub fn statement(&self) -> Said {
        Said::of(self)
    }
}

fn narrowed<T: Ord>(old: Option<BTreeSet<T>>, list: BTreeSet<T>) -> BTreeSet<T> {
    match old {
        None => list,
        Some(mut old) => {
            old.retain(|entry| list.contains(entry));
            old
        }
    }
}

pub(super) fn earliest(one: Option<Timestamp>, two: Option<Timestamp>) -> Option<Timestamp> {
    match (one, two) {
        (Some(one), Some(two)) => Some(one.min(two)),
        (one, two) => one.or(two),
    }
}
