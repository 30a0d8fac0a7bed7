use std::collections::BTreeSet;

use comity_base::OrgName;
use comity_ledger::EntryKind;
use comity_policy::Onward;
use comity_stix::Label;
use comity_stix::label::Recipient;
use comity_store::{Change, Put};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::{Act, Ctx, Deed, Node, NodeError};

/// An organisation this node knows: where it sits, and the label its data gets where the data says nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// Its short name.
    pub name: OrgName,
    /// Its country, ISO 3166 alpha-2.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
    /// The groups it belongs to: `community`, `e5`.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub groups: BTreeSet<String>,
    /// Whether what it brought may be passed on by this node, where nothing is agreed with it: for open feeds. None
    /// means no.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub onward: Option<Onward>,
    /// The label of its objects before their own markings are read.
    pub defaults: Label,
}

/// What to change about a source; what is absent stays.
#[derive(Clone, Debug, Default)]
pub struct SourceChange {
    /// Its country, ISO 3166 alpha-2.
    pub country: Option<String>,
    /// Groups to add.
    pub groups: Vec<String>,
    /// Whether what it brought may be passed on.
    pub onward: Option<Onward>,
    /// Its default label becomes this one's dimensions where they say something.
    pub defaults: Option<Label>,
}

impl SourceChange {
    /// Whether it changes nothing.
    pub fn is_empty(&self) -> bool {
        self.country.is_none() && self.groups.is_empty() && self.onward.is_none() && self.defaults.is_none()
    }
}

impl Source {
    pub(crate) fn new(name: OrgName) -> Self {
        Self { defaults: Label::defaults(name.clone()), name, country: None, groups: BTreeSet::new(), onward: None }
    }

    /// The organisation as one that asks to see something.
    pub fn recipient(&self) -> Recipient {
        Recipient { name: self.name.clone(), country: self.country.clone(), groups: self.groups.clone() }
    }

    fn apply(&mut self, change: &SourceChange) -> Result<(), NodeError> {
        if let Some(country) = &change.country {
            let code = country.to_ascii_uppercase();
            if code.len() != 2 || !code.bytes().all(|b| b.is_ascii_uppercase()) {
                return Err(NodeError::Refused(format!("{country:?} is not a country code; use two letters, like EE")));
            }
            self.country = Some(code);
        }
        self.groups.extend(change.groups.iter().cloned());
        self.onward = change.onward.or(self.onward);
        if let Some(said) = &change.defaults {
            self.defaults = overlay(self.defaults.clone(), said);
        }
        Ok(())
    }
}

/// What was said now replaces what was said before, dimension by dimension: the owner's own choice for what is to come.
pub(crate) fn overlay(old: Label, said: &Label) -> Label {
    let said = said.clone();
    let or = |new: BTreeSet<String>, old: BTreeSet<String>| if new.is_empty() { old } else { new };
    Label {
        owner: old.owner,
        tlp: said.tlp.or(old.tlp),
        pap: said.pap.or(old.pap),
        handling: if said.handling.is_empty() { old.handling } else { said.handling },
        release_to: said.release_to.or(old.release_to),
        deny: if said.deny.is_empty() { old.deny } else { said.deny },
        purposes: said.purposes.or(old.purposes),
        retain_until: said.retain_until.or(old.retain_until),
        grading: or(said.grading, old.grading),
        personal: if said.personal.is_empty() { old.personal } else { said.personal },
        need: if said.need.is_empty() { old.need } else { said.need },
        markings: old.markings,
    }
}

impl Node {
    /// The organisation of this name, when known.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn source(&self, name: &OrgName) -> Result<Option<Source>, NodeError> {
        self.setting(&key(name))
    }

    /// Every known organisation, by name.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn sources(&self) -> Result<Vec<Source>, NodeError> {
        self.settings("source/")
    }

    /// Makes an organisation known, or changes what is known about it. Objects already stored keep their labels.
    ///
    /// # Errors
    /// When the country is not a code, or someone else changed it at the same moment.
    pub fn set_source(&self, ctx: &Ctx, name: &OrgName, change: &SourceChange) -> Result<Source, NodeError> {
        let is_known = self.source(name)?.is_some();
        if !is_known || !change.is_empty() {
            // Who brings something in may name its source; what holds for all it brings is a rule of the node's.
            let is_plain = change.groups.is_empty() && change.onward.is_none() && change.defaults.is_none();
            self.may(ctx, if is_known || !is_plain { Act::Sources } else { Act::Ingest }, json!({"source": name}))?;
        }
        self.keep_source(ctx, name, change)
    }

    /// As [`Self::set_source`], for the node's own doors.
    pub(crate) fn keep_source(&self, ctx: &Ctx, name: &OrgName, change: &SourceChange) -> Result<Source, NodeError> {
        let key = key(name);
        let old = self.store.value(&key)?;
        let version = old.as_ref().map(|(version, _)| *version);
        let mut source = match &old {
            Some((_, bytes)) => serde_json::from_slice(bytes).map_err(NodeError::setting(&key))?,
            None => Source::new(name.clone()),
        };
        source.apply(change)?;
        if version.is_none() || !change.is_empty() {
            let bytes = serde_json::to_vec(&source).map_err(NodeError::setting(&key))?;
            self.forget_views();
            let subject = json!({"source": name, "became": source});
            let entries = [Deed { kind: EntryKind::Rule, ..Deed::decision("source changed", subject) }.entry(ctx)?];
            let puts = [Put { key: &key, expected: version, value: &bytes }];
            self.store.write(&Change { puts: &puts, entries: &entries, ..Change::default() })?;
            self.forget_views();
        }
        Ok(source)
    }
}

fn key(name: &OrgName) -> String {
    format!("source/{name}")
}
