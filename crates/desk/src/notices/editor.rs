use askama::Template;
use comity_law::notice::{Checklist, Group, ItemState};
use comity_node::Peer;

use super::super::forms::Typed;
use super::super::language::Words;
use super::super::parts::{Icon, Owner, safe};
use super::super::shell::Shell;
use super::fields::{Field, Section, Shape};
use super::text::Wrong;

/// Where a notice is written, or the facts of a message that amounts to one: the groups of the checklist, those open that are
/// needed.
#[derive(Clone, Debug, Template)]
#[template(path = "notices/editor.html")]
pub(crate) struct Editor {
    words: Words,
    to: Writing,
    /// How much had happened when this was shown: what others changed since is not written over.
    seen: usize,
    /// Whether it stands under a heading of its own.
    is_part: bool,
    trouble: String,
    typed: Typed,
    wrong: Vec<Wrong>,
    sections: Vec<(Section, Vec<Field>, bool)>,
    /// The members a diffusion goes to; none of a notice, which goes to all.
    members: Option<Vec<(String, Owner, bool)>>,
    countries: Vec<(&'static str, String)>,
}

/// Where what is written goes.
#[derive(Clone, Debug)]
pub(crate) enum Writing {
    /// To the notice of this number.
    Notice(String),
    /// To the message under review of this number.
    Message(String),
}

/// What is written, and for what.
pub(crate) struct Written<'w> {
    pub(crate) to: Writing,
    /// How much had happened when it was shown.
    pub(crate) seen: usize,
    /// Whether it stands under a heading of its own.
    pub(crate) is_part: bool,
    pub(crate) checklists: &'w [&'w Checklist],
    /// Whether an extract may be published.
    pub(crate) has_extract: bool,
    /// The members of a diffusion.
    pub(crate) members: Option<&'w [Peer]>,
}

impl Editor {
    pub(crate) fn new(
        written: &Written<'_>,
        typed: Typed,
        (wrong, trouble): (Vec<Wrong>, String),
        shell: &Shell,
    ) -> Self {
        let members = written.members.map(|peers| members(peers, &typed, shell));
        let is_open = |section: Section| {
            let fields = section.fields();
            let is_wrong = wrong.iter().any(|(name, _)| fields.iter().any(|field| field.name == *name));
            is_wrong || is_needed(section, written)
        };
        Self {
            words: shell.words,
            to: written.to.clone(),
            seen: written.seen,
            is_part: written.is_part,
            trouble,
            sections: written.to.sections().map(|(section, fields)| (section, fields, is_open(section))).collect(),
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

impl Writing {
    /// Where the form is sent.
    fn address(&self) -> String {
        match self {
            Self::Notice(no) => format!("/desk/notices/{no}/text"),
            Self::Message(no) => format!("/desk/gate/{no}/facts"),
        }
    }

    /// Where a text is checked while it is typed.
    fn check(&self) -> Option<String> {
        match self {
            Self::Notice(no) => Some(format!("/desk/notices/{no}/check")),
            Self::Message(_) => None,
        }
    }

    /// The message that says who may write.
    const fn hint(&self) -> &'static str {
        match self {
            Self::Notice(_) => "save-how",
            Self::Message(_) => "fill-how",
        }
    }

    const fn is_message(&self) -> bool {
        matches!(self, Self::Message(_))
    }

    /// The groups with their fields. A message is no notice: it has no contact, no extract and no aliases, only facts.
    fn sections(&self) -> impl Iterator<Item = (Section, Vec<Field>)> + use<> {
        let is_message = self.is_message();
        let is_asked = move |section: &Section| !is_message || section.is_of_facts();
        let fields = move |field: &&Field| !is_message || field.name != "aliases";
        let with = move |section: Section| (section, section.fields().iter().filter(fields).copied().collect());
        Section::ALL.into_iter().filter(is_asked).map(with)
    }
}

/// Whether anything of a group is needed.
fn is_needed(section: Section, written: &Written<'_>) -> bool {
    let mut items = written.checklists.iter().flat_map(|list| &list.items);
    match section {
        Section::Contact => true,
        Section::Of(Group::Publication) => written.has_extract,
        Section::Of(group) => items.any(|item| item.group == group && item.state != ItemState::NotNeeded),
    }
}

fn members(peers: &[Peer], typed: &Typed, shell: &Shell) -> Vec<(String, Owner, bool)> {
    let named = |peer: &Peer| typed.has("addressees", peer.name.as_str());
    let one = |peer: &Peer| (peer.name.to_string(), shell.owner(&peer.name), named(peer));
    let takes = |peer: &&Peer| named(peer) || peer.kind != comity_node::PeerKind::Partner;
    peers.iter().filter(takes).map(one).collect()
}

safe!(Editor);
