use std::collections::HashMap;

use askama::Template;
use comity_base::OrgName;
use comity_node::{Ctx, Node, NodeError, Seer, Shown, Thing, Ties};
use comity_stix::{Doc, ObjectId};

use super::super::language::Words;
use super::super::parts::{Audience, Facts, Foreign, Icon, Marks, Moment, Owner, Seers, Statements, kind_icon, safe};
use super::super::shell::Shell;
use super::{DEPTH, read};

/// An object beside the list it stands in: the weightiest of what it says, and who may see it and why.
#[derive(Template)]
#[template(path = "parts/drawer.html")]
pub(crate) struct Drawer {
    words: Words,
    id: String,
    kind: String,
    icon: Icon,
    name: Foreign,
    marks: Marks,
    owner: Owner,
    modified: Moment,
    statements: Option<Statements>,
    facts: Facts,
    audience: Option<Audience>,
    /// The list without it.
    close: String,
}

/// What is read of an object for a drawer.
pub(crate) struct Opened {
    id: ObjectId,
    version: Shown,
    seers: Option<Vec<Seer>>,
    ties: Ties,
}

impl Opened {
    /// The version that counts, of one owner where it is named; none where there is no such object for whoever asks.
    pub(crate) fn read(node: &Node, ctx: &Ctx, id: &ObjectId) -> Result<Option<Self>, NodeError> {
        let found = match super::read(node, ctx, id, comity_node::TiePlace::default()) {
            Err(NodeError::UnknownObject(_)) => return Ok(None),
            found => found?,
        };
        let version = found.versions.into_iter().rev().find(|one| one.current);
        Ok(version.map(|version| Self { id: id.clone(), version, seers: found.seers, ties: found.ties }))
    }

    /// As it stands beside a list of this address.
    pub(crate) fn drawer(&self, close: String, shell: &Shell) -> Option<Drawer> {
        let (words, one) = (shell.words, &self.version);
        let doc = Doc::parse(&one.raw, DEPTH).ok()?;
        let things: HashMap<&str, &Thing> =
            self.ties.ties.iter().map(|tie| (tie.other.id.as_str(), &tie.other)).collect();
        let statements = read::statements(doc.root(), shell).map(Statements::brief);
        let mut facts = read::facts_beside(statements.as_ref(), doc.root(), &things, shell);
        facts.0.truncate(FACTS);
        let of = |owner: &OrgName| *owner == one.owner;
        let seers = self.seers.as_ref().map(|seers| {
            let seers: Vec<Seer> = seers.iter().filter(|seer| of(&seer.owner)).cloned().collect();
            Audience::new(words, Seers::new(&seers, shell.now, words, |seer| shell.country(&seer.recipient)))
        });
        let kind = self.id.kind.as_str();
        Some(Drawer {
            id: self.id.to_string(),
            kind: words.kind(kind),
            icon: Icon(kind_icon(kind)),
            name: Foreign::line(&read::name(doc.root())),
            marks: Marks::of(&one.standing, words),
            owner: shell.owner(&one.owner),
            modified: shell.when(one.modified),
            statements,
            facts,
            audience: seers,
            close,
            words,
        })
    }
}

impl Drawer {
    fn sign(&self, name: &'static str) -> Icon {
        Icon(name)
    }
}

safe!(Drawer);

/// Properties that are told.
const FACTS: usize = 9;
