use std::collections::BTreeSet;

use askama::Template;
use comity_base::{OrgName, Timestamp};
use comity_node::Peer;
use comity_stix::Label;
use comity_stix::label::{Handling, Need, Pap, Party, Tlp, grading};

use super::super::forms::Upload;
use super::super::language::Words;
use super::super::parts::Owner;
use super::super::shell::Shell;

/// The part of a form that says what may be done with something.
#[derive(Clone, Debug, Template)]
#[template(path = "parts/label.html")]
pub(crate) struct LabelForm {
    words: Words,
    owner: String,
    tlp: String,
    pap: String,
    handling: Vec<(String, bool)>,
    /// The organisations it may be given to alone; all that the marks allow where none is chosen.
    recipients: Vec<(String, Owner, bool)>,
    need: String,
    grading: String,
    until: String,
}

impl LabelForm {
    /// Where nothing is said yet.
    pub(crate) fn new(owner: &OrgName, peers: &[Peer], shell: &Shell) -> Self {
        Self::of(&Label::defaults(owner.clone()), peers, shell)
    }

    /// With what a label says.
    pub(crate) fn of(label: &Label, peers: &[Peer], shell: &Shell) -> Self {
        let named =
            |peer: &Peer| label.release_to.as_ref().is_some_and(|to| to.iter().any(|party| party.names(&peer.name)));
        let texts = |all: &mut dyn Iterator<Item = String>| all.collect::<Vec<_>>().join(", ");
        Self {
            words: shell.words,
            owner: label.owner.to_string(),
            tlp: label.tlp.map_or_else(String::new, |tlp| tlp.marked().to_owned()),
            pap: label.pap.map_or_else(String::new, |pap| pap.marked().to_owned()),
            handling: Handling::ALL.iter().map(|one| (one.to_string(), label.handling.contains(one))).collect(),
            recipients: peers
                .iter()
                .filter(|peer| peer.vouched_by.is_none())
                .map(|peer| (peer.name.to_string(), shell.owner(&peer.name), named(peer)))
                .collect(),
            need: texts(&mut label.need.iter().map(ToString::to_string)),
            grading: texts(&mut label.grading.iter().cloned()),
            until: label
                .retain_until
                .map_or_else(String::new, |at| at.to_string().get(..10).unwrap_or_default().to_owned()),
        }
    }

    /// What a form says.
    ///
    /// # Errors
    /// In words, where a part of it cannot be read.
    pub(crate) fn read(form: &Upload, organisation: &OrgName) -> Result<Label, String> {
        let owner = form.text("owner");
        let owner = if owner.trim().is_empty() {
            organisation.clone()
        } else {
            OrgName::parse(owner.trim()).map_err(|error| error.to_string())?
        };
        let mut label = Label::defaults(owner);
        let some = |name: &str| Some(form.text(name)).filter(|text| !text.trim().is_empty());
        let list = |name: &str| {
            form.text(name)
                .split(',')
                .map(str::trim)
                .filter(|text| !text.is_empty())
                .map(str::to_owned)
                .collect::<Vec<_>>()
        };
        if let Some(tlp) = some("tlp") {
            label.tlp = Some(Tlp::parse(&tlp).map_err(|error| error.to_string())?);
        }
        if let Some(pap) = some("pap") {
            label.pap = Some(Pap::parse(&pap).map_err(|error| error.to_string())?);
        }
        for text in form.all("handling") {
            label.handling.insert(Handling::parse(text).map_err(|error| error.to_string())?);
        }
        let mut to = BTreeSet::new();
        for text in form.all("to") {
            to.insert(Party::parse(text).map_err(|error| error.to_string())?);
        }
        label.release_to = (!to.is_empty()).then_some(to);
        for text in list("need") {
            label.need.insert(Need::parse(&text).map_err(|error| error.to_string())?);
        }
        for text in list("grading") {
            label.grading.insert(grading(&text).map_err(|error| error.to_string())?);
        }
        if let Some(until) = some("until") {
            label.retain_until = Some(Timestamp::parse_end_of(&until).map_err(|error| error.to_string())?);
        }
        Ok(label)
    }

    pub(crate) fn tlps(&self) -> [&'static str; 5] {
        ["TLP:CLEAR", "TLP:GREEN", "TLP:AMBER", "TLP:AMBER+STRICT", "TLP:RED"]
    }

    pub(crate) fn paps(&self) -> [&'static str; 4] {
        ["PAP:CLEAR", "PAP:GREEN", "PAP:AMBER", "PAP:RED"]
    }
}

super::super::parts::safe!(LabelForm);
