use std::collections::HashMap;

use super::{Label, Said, Tlp, marking};
use crate::{Node, ObjectId};

/// What the markings of one source mean, learned from its marking-definition objects.
///
/// Keep one per source: a definition is a statement of whoever sent it, and must not decide what another
/// source's objects allow. The TLP levels of STIX are always known and cannot be redefined.
#[derive(Clone, Debug, Default)]
pub struct KnownMarkings {
    by_id: HashMap<ObjectId, Meaning>,
}

/// What one marking means.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Meaning {
    /// What it restricts, as far as it could be read.
    pub said: Said,
    /// A statement in words (copyright, terms of use): kept, restricts nothing.
    pub statement: Option<String>,
    /// Why it could not be read in full; while this stands, objects under the marking are closed.
    pub unreadable: Option<String>,
    /// Whether the id is computed from the content, so that no other content can stand under it.
    sealed: bool,
}

/// What [`KnownMarkings::learn`] made of an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Learned {
    /// It is not a marking-definition with an id.
    NotAMarking,
    /// Nothing new.
    Known,
    /// A meaning that was not known before; labels read earlier may be [resolved](KnownMarkings::resolve) again.
    New,
    /// Another definition under an id that already has one. A level of STIX and a sealed meaning stand;
    /// otherwise both apply and objects under the marking are closed.
    Conflict,
}

impl KnownMarkings {
    /// Learns from a marking-definition object; any other object is left alone.
    pub fn learn(&mut self, node: Node<'_, '_>) -> Learned {
        let id = node.str("id").and_then(|id| ObjectId::parse(id).ok());
        let Some(id) = id.filter(|id| node.str("type") == Some("marking-definition") && is_marking(id)) else {
            return Learned::NotAMarking;
        };
        let new = Meaning::read(&id, node);
        if let Some(tlp) = standard(&id) {
            return if new.unreadable.is_some() || new.said.tlp == Some(tlp) {
                Learned::Known
            } else {
                Learned::Conflict
            };
        }
        match self.by_id.get_mut(&id) {
            None => {
                self.by_id.insert(id, new);
                Learned::New
            }
            Some(old) => old.meet(new),
        }
    }

    /// Whether and what is known about a marking.
    pub fn meaning(&self, id: &ObjectId) -> Option<&Meaning> {
        self.by_id.get(id)
    }

    /// A label with the markings taken out that have become known, and what they say put in.
    ///
    /// For a label read from one object. Join afterwards: a joined label has forgotten which of its two
    /// sides the marking stood on.
    #[must_use]
    pub fn resolve(&self, label: &Label) -> Label {
        let mut said = Said::default();
        for id in &label.markings {
            self.apply(id, &mut said);
        }
        let mut bare = label.clone();
        bare.markings.clear();
        bare.said(&said)
    }

    /// Adds what a marking says; without a full meaning it is kept among the unknown ones.
    pub(super) fn apply(&self, id: &ObjectId, said: &mut Said) {
        if let Some(tlp) = standard(id) {
            said.tlp = said.tlp.max(Some(tlp));
            return;
        }
        let meaning = self.by_id.get(id);
        if let Some(meaning) = meaning {
            said.and(&meaning.said);
        }
        if meaning.is_none_or(|meaning| meaning.unreadable.is_some()) {
            said.markings.insert(id.clone());
        }
    }
}

impl Meaning {
    fn read(id: &ObjectId, node: Node<'_, '_>) -> Self {
        let mut meaning = Self::default();
        let mut spoke = false;
        if let Some(kind) = node.get("definition_type") {
            spoke = true;
            meaning.definition(kind.as_str().unwrap_or_default(), node.get("definition"));
        }
        for (name, extension) in node.get("extensions").into_iter().flat_map(Node::entries) {
            spoke = true;
            meaning.extension(id, name, extension);
        }
        if !spoke {
            meaning.fail("it defines nothing");
        }
        meaning
    }

    /// STIX 2.1 section 7.2.1: `statement` and `tlp`; every other definition type is unknown here.
    fn definition(&mut self, kind: &str, definition: Option<Node<'_, '_>>) {
        match kind {
            "statement" => self.statement = definition.and_then(|d| d.str("statement")).map(str::to_owned),
            "tlp" => match definition.and_then(|d| d.str("tlp")).map(Tlp::parse) {
                Some(Ok(tlp)) => self.said.tlp = self.said.tlp.max(Some(tlp)),
                _ => self.fail("its TLP level is not one"),
            },
            _ => self.fail("its definition type is not known"),
        }
    }

    fn extension(&mut self, id: &ObjectId, name: &str, extension: Node<'_, '_>) {
        match name {
            TLP_2_0 => match extension.str("tlp_2_0").map(Tlp::parse) {
                Some(Ok(tlp)) => self.said.tlp = self.said.tlp.max(Some(tlp)),
                _ => self.fail("its TLP 2.0 level is not one"),
            },
            marking::EXTENSION => match marking::read(extension) {
                Ok(said) if marking::is_id_of(id, &said) => {
                    self.said.and(&said);
                    self.sealed = true;
                }
                Ok(said) => {
                    self.said.and(&said);
                    self.fail("its id is not the one its content gives");
                }
                Err(reason) => self.fail(&reason),
            },
            _ => self.fail("one of its extensions is not known"),
        }
    }

    fn fail(&mut self, reason: &str) {
        self.unreadable.get_or_insert_with(|| reason.to_owned());
    }

    fn meet(&mut self, new: Self) -> Learned {
        if *self == new {
            return Learned::Known;
        }
        let whole = |meaning: &Self| meaning.sealed && meaning.unreadable.is_none();
        if whole(self) {
            return Learned::Conflict;
        }
        if whole(&new) {
            *self = new;
            return Learned::New;
        }
        self.said.and(&new.said);
        self.unreadable = Some("two definitions stand under its id".to_owned());
        Learned::Conflict
    }
}

/// The level a marking of STIX itself stands for.
fn standard(id: &ObjectId) -> Option<Tlp> {
    Tlp::from_marking_uuid(id.uuid.as_u128()).filter(|_| is_marking(id))
}

fn is_marking(id: &ObjectId) -> bool {
    id.kind.as_str() == "marking-definition"
}

/// The OASIS extension that carries TLP 2.0.
const TLP_2_0: &str = "extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Doc;

    const ID: &str = "marking-definition--3556db42-ad8e-47ec-a696-9b1695d7760f";

    fn learn(known: &mut KnownMarkings, rest: &str) -> Learned {
        let text = format!(r#"{{"type":"marking-definition","id":"{ID}",{rest}}}"#);
        known.learn(Doc::parse(text.as_bytes(), 16).unwrap().root())
    }

    fn label_of(known: &KnownMarkings) -> Label {
        let mut label = Label::defaults(comity_base::OrgName::parse("a").unwrap());
        label.markings.insert(ObjectId::parse(ID).unwrap());
        known.resolve(&label)
    }

    #[test]
    fn a_statement_restricts_nothing_and_is_kept() {
        let mut known = KnownMarkings::default();
        assert_eq!(label_of(&known).markings.len(), 1, "unknown stays closed");
        let statement = r#""definition_type":"statement","definition":{"statement":"Copyright"}"#;
        assert_eq!(learn(&mut known, statement), Learned::New);
        assert_eq!(learn(&mut known, statement), Learned::Known);
        assert!(label_of(&known).markings.is_empty());
        assert_eq!(known.meaning(&ObjectId::parse(ID).unwrap()).unwrap().statement.as_deref(), Some("Copyright"));
    }

    #[test]
    fn both_forms_of_tlp_are_read() {
        let extension = format!(
            r#""extensions":{{"{TLP_2_0}":{{"extension_type":"property-extension","tlp_2_0":"amber+strict"}}}}"#
        );
        for (rest, level) in
            [(r#""definition_type":"tlp","definition":{"tlp":"amber"}"#, Tlp::Amber), (&extension, Tlp::AmberStrict)]
        {
            let mut known = KnownMarkings::default();
            assert_eq!(learn(&mut known, rest), Learned::New);
            assert_eq!(label_of(&known).tlp, Some(level));
            assert!(label_of(&known).markings.is_empty());
        }
    }

    #[test]
    fn what_is_not_known_stays_closed() {
        let acs = r#""extensions":{"extension-definition--3a65884d-005a-4290-8335-cb2d778a83ce":{"control_set":{}}}"#;
        let pap = r#""definition_type":"PAP","definition":{"pap":"PAP:RED"}"#;
        let ours =
            format!(r#""extensions":{{"{}":{{"extension_type":"property-extension","later":1}}}}"#, marking::EXTENSION);
        let forged = format!(
            r#""extensions":{{"{}":{{"extension_type":"property-extension","handling":["H0"]}}}}"#,
            marking::EXTENSION
        );
        for rest in
            [acs, pap, &ours, &forged, r#""name":"nothing""#, r#""definition_type":"tlp","definition":{"tlp":"black"}"#]
        {
            let mut known = KnownMarkings::default();
            assert_eq!(learn(&mut known, rest), Learned::New);
            assert_eq!(label_of(&known).markings.len(), 1, "{rest}");
        }
    }

    #[test]
    fn a_second_definition_only_restricts() {
        let mut known = KnownMarkings::default();
        learn(&mut known, r#""definition_type":"tlp","definition":{"tlp":"red"}"#);
        assert_eq!(learn(&mut known, r#""definition_type":"tlp","definition":{"tlp":"clear"}"#), Learned::Conflict);
        let label = label_of(&known);
        assert_eq!((label.tlp, label.markings.len()), (Some(Tlp::Red), 1));
    }

    #[test]
    fn the_levels_of_stix_cannot_be_redefined() {
        let red = "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1";
        let text = format!(
            r#"{{"type":"marking-definition","id":"{red}","definition_type":"tlp","definition":{{"tlp":"clear"}}}}"#
        );
        let mut known = KnownMarkings::default();
        assert_eq!(known.learn(Doc::parse(text.as_bytes(), 8).unwrap().root()), Learned::Conflict);
        let mut said = Said::default();
        known.apply(&ObjectId::parse(red).unwrap(), &mut said);
        assert_eq!(said.tlp, Some(Tlp::Red));
    }

    #[test]
    fn a_sealed_marking_wins_over_what_stood_under_its_id() {
        let mut label = Label::defaults(comity_base::OrgName::parse("a").unwrap());
        label.handling.insert(crate::label::Handling::H2);
        let id = &label.marking_refs()[0];
        let squatter = format!(
            r#"{{"type":"marking-definition","id":"{id}","definition_type":"statement","definition":{{"statement":"x"}}}}"#
        );
        let real = label.to_marking();
        let mut known = KnownMarkings::default();
        assert_eq!(known.learn(Doc::parse(squatter.as_bytes(), 8).unwrap().root()), Learned::New);
        assert_eq!(known.learn(Doc::parse(real.as_bytes(), 8).unwrap().root()), Learned::New);
        assert_eq!(known.learn(Doc::parse(squatter.as_bytes(), 8).unwrap().root()), Learned::Conflict);
        let mut said = Said::default();
        known.apply(id, &mut said);
        assert_eq!(said.handling, label.handling);
        assert!(said.markings.is_empty());
    }
}
