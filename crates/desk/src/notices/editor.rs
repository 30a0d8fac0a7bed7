use askama::Template;
use comity_law::notice::{Checklist, Colour, Extract, Form, ItemState};
use comity_node::Peer;

use super::super::forms::Typed;
use super::super::language::Words;
use super::super::parts::{Icon, Owner, safe};
use super::super::shell::Shell;
use super::fields::{Field, Section, Shape};
use super::text::Wrong;

/// Where a notice is written: the groups of its checklist, those open that its colour needs.
#[derive(Clone, Debug, Template)]
#[template(path = "notices/editor.html")]
pub(super) struct Editor {
    words: Words,
    no: String,
    /// How much had happened when this was shown: what others changed since is not written over.
    seen: usize,
    trouble: String,
    typed: Typed,
    wrong: Vec<Wrong>,
    sections: Vec<(Section, bool)>,
    /// The members a diffusion goes to; none of a notice, which goes to all.
    members: Option<Vec<(String, Owner, bool)>>,
    countries: Vec<(&'static str, String)>,
}

/// What is written, and for what.
pub(super) struct Written<'w> {
    pub(super) no: String,
    pub(super) colour: Colour,
    pub(super) form: Form,
    pub(super) seen: usize,
    pub(super) checklist: &'w Checklist,
    pub(super) peers: &'w [Peer],
}

impl Editor {
    pub(super) fn new(
        written: &Written<'_>,
        typed: Typed,
        (wrong, trouble): (Vec<Wrong>, String),
        shell: &Shell,
    ) -> Self {
        let members = (written.form == Form::Diffusion).then(|| members(written.peers, &typed, shell));
        let is_open = |section: Section| {
            let fields = section.fields();
            let is_wrong = wrong.iter().any(|(name, _)| fields.iter().any(|field| field.name == *name));
            is_wrong || is_needed(section, written)
        };
        Self {
            words: shell.words,
            no: written.no.clone(),
            seen: written.seen,
            trouble,
            sections: Section::ALL.into_iter().map(|section| (section, is_open(section))).collect(),
            members,
            countries: shell.words.countries(),
            typed,
            wrong,
        }
    }

    fn text(&self, field: &Field) -> &str {
        self.typed.text(field.name)
    }

    /// The words of a list, with what they are called and whether they are chosen.
    fn options(&self, field: &Field, prefix: &str) -> Vec<(&'static str, String, bool)> {
        let one =
            |name: &'static str| (name, self.words.say(&format!("{prefix}{name}")), self.typed.has(field.name, name));
        field.words().into_iter().map(one).collect()
    }

    /// Yes, no, and not said.
    fn tri(&self, field: &Field) -> [(&'static str, &'static str, bool); 3] {
        let said = self.typed.text(field.name);
        [("", "not-stated", said.is_empty()), ("yes", "yes", said == "yes"), ("no", "no", said == "no")]
    }

    /// Documents as they were typed, and room for more.
    fn documents(&self) -> Vec<[String; 3]> {
        let column = |field: &str, row: usize| self.typed.all(field).get(row).cloned().unwrap_or_default();
        let rows = self.typed.all("document_number").len() + 1;
        (0..rows)
            .map(|row| ["document_kind", "document_number", "document_country"].map(|field| column(field, row)))
            .collect()
    }

    /// Why a field cannot be read.
    fn wrong(&self, field: &Field) -> Option<&str> {
        self.wrong.iter().find(|(name, _)| *name == field.name).map(|(_, why)| why.as_str())
    }

    fn icon(&self, name: &'static str) -> Icon {
        Icon(name)
    }
}

/// Whether a notice of this colour needs anything of a group.
fn is_needed(section: Section, written: &Written<'_>) -> bool {
    match section {
        Section::Contact => true,
        Section::Of(comity_law::notice::Group::Publication) => written.colour.law().extract != Extract::Never,
        Section::Of(group) => {
            written.checklist.items.iter().any(|item| item.group == group && item.state != ItemState::NotNeeded)
        }
    }
}

fn members(peers: &[Peer], typed: &Typed, shell: &Shell) -> Vec<(String, Owner, bool)> {
    let named = |peer: &Peer| typed.has("addressees", peer.name.as_str());
    let one = |peer: &Peer| (peer.name.to_string(), shell.owner(&peer.name), named(peer));
    let takes = |peer: &&Peer| named(peer) || peer.kind != comity_node::PeerKind::Partner;
    peers.iter().filter(takes).map(one).collect()
}

safe!(Editor);
