use std::collections::BTreeSet;

use comity_base::Timestamp;
use serde::Serialize;
use uuid::Uuid;

use super::{Handling, Label, Pap, Party, Said, grading};
use crate::{Node, ObjectId, Shape};

/// The extension-definition under which a marking-definition carries what STIX has no word for
/// (`schemas/comity-marking.json`).
pub(super) const EXTENSION: &str = "extension-definition--3f6c1d1c-6f0e-5f0e-9b7e-2d6c0a5f4b14";

/// The extension's own UUID is the name space of the ids of markings made under it.
const NAMESPACE: Uuid = Uuid::from_u128(0x3f6c_1d1c_6f0e_5f0e_9b7e_2d6c_0a5f_4b14);

const MARKING: &str = "marking-definition";

impl Label {
    /// The marking-definition object that carries this label's handling codes, lists, purposes, retention,
    /// grading and PAP to another node. The TLP travels as its own marking; see [`Self::marking_refs`].
    ///
    /// The id is a UUIDv5 over the content, so equal restrictions are one object everywhere, and a reader
    /// can see that nobody changed the content under a known id.
    pub fn to_marking(&self) -> String {
        let said = self.statement();
        let content = content(&said);
        let id = id_of(&content);
        let rest =
            content.strip_prefix('{').filter(|rest| *rest != "}").map_or("}".to_owned(), |rest| format!(",{rest}"));
        format!(
            concat!(
                r#"{{"created":"2026-01-01T00:00:00.000Z","extensions":{{"{}":{{"extension_type":"property-extension"{}}},"#,
                r#""id":"{}--{}","spec_version":"2.1","type":"{}"}}"#
            ),
            EXTENSION, rest, MARKING, id, MARKING
        )
    }

    /// What an object with this label names in `object_marking_refs`: its TLP level, the object that
    /// [`Self::to_marking`] gives when there is more to say than TLP, and the markings kept as they are.
    pub fn marking_refs(&self) -> Vec<ObjectId> {
        let content = content(&self.statement());
        let own = (content != "{}").then(|| id_of(&content));
        let tlp = self.tlp.map(|tlp| Uuid::from_u128(tlp.marking_uuid()));
        let made = tlp.into_iter().chain(own).filter_map(|uuid| ObjectId::new(MARKING, uuid).ok());
        made.chain(self.markings.iter().cloned()).collect()
    }
}

/// Reads our extension; an error says what is wrong with it.
///
/// Strict on purpose: a property it does not know may be a restriction of a later version.
pub(super) fn read(extension: Node<'_, '_>) -> Result<Said, String> {
    let mut said = Said::default();
    for (name, node) in extension.entries() {
        match name {
            "extension_type" => {}
            "deny" => said.deny = set(node, name, |text| Party::parse(text).map_err(|e| e.to_string()))?,
            "grading" => said.grading = set(node, name, |text| grading(text).map_err(|e| e.to_string()))?,
            "handling" => said.handling = set(node, name, |text| Handling::parse(text).map_err(|e| e.to_string()))?,
            "pap" => said.pap = Some(Pap::parse(text(node, name)?).map_err(|e| e.to_string())?),
            "purposes" => said.purposes = Some(set(node, name, |text| Ok(text.to_owned()))?),
            "release_to" => {
                said.release_to = Some(set(node, name, |text| Party::parse(text).map_err(|e| e.to_string()))?);
            }
            "retain_until" => {
                said.retain_until = Some(Timestamp::parse_end_of(text(node, name)?).map_err(|e| e.to_string())?);
            }
            _ => return Err(format!("the property {:?} is not known", short(name))),
        }
    }
    Ok(said)
}

/// Whether this is the id that [`Label::to_marking`] gives this content.
pub(super) fn is_id_of(id: &ObjectId, said: &Said) -> bool {
    id.kind.as_str() == MARKING && id.uuid == id_of(&content(said))
}

fn id_of(content: &str) -> Uuid {
    Uuid::new_v5(&NAMESPACE, content.as_bytes())
}

fn content(said: &Said) -> String {
    let content = Content {
        deny: &said.deny,
        grading: &said.grading,
        handling: &said.handling,
        pap: said.pap,
        purposes: said.purposes.as_ref(),
        release_to: said.release_to.as_ref(),
        retain_until: said.retain_until,
    };
    // INVARIANT: text keys and values that print themselves cannot fail to be written to memory.
    serde_json::to_string(&content).unwrap_or_default()
}

fn text<'d>(node: Node<'d, '_>, name: &str) -> Result<&'d str, String> {
    node.as_str().ok_or_else(|| format!("{name} is not a text"))
}

fn set<T: Ord>(
    node: Node<'_, '_>,
    name: &str,
    read: impl Fn(&str) -> Result<T, String>,
) -> Result<BTreeSet<T>, String> {
    if node.shape() != Shape::Array {
        return Err(format!("{name} is not a list"));
    }
    node.items().map(|item| read(text(item, name)?)).collect()
}

fn short(text: &str) -> String {
    text.chars().take(60).collect()
}

/// The members in the order of their names: the canonical content that the id is computed over.
#[derive(Serialize)]
struct Content<'s> {
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    deny: &'s BTreeSet<Party>,
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    grading: &'s BTreeSet<String>,
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    handling: &'s BTreeSet<Handling>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pap: Option<Pap>,
    #[serde(skip_serializing_if = "Option::is_none")]
    purposes: Option<&'s BTreeSet<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    release_to: Option<&'s BTreeSet<Party>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    retain_until: Option<Timestamp>,
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::Doc;
    use crate::label::join::tests::label;
    use crate::label::{Categories, KnownMarkings, LabelReader, Learned};

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn a_label_travels_as_markings(mut label in label()) {
            label.markings.clear();
            label.personal = Categories::NONE;
            // Who within the organisation may see it is nothing a marking tells.
            label.need.clear();
            let marking = label.to_marking();
            let doc = Doc::parse(marking.as_bytes(), 16).unwrap();
            let mut known = KnownMarkings::default();
            prop_assert_eq!(known.learn(doc.root()), Learned::New);
            let refs = label.marking_refs().iter().map(|id| format!("\"{id}\"")).collect::<Vec<_>>().join(",");
            let object = format!(r#"{{"type":"indicator","object_marking_refs":[{refs}]}}"#);
            let mut reader = LabelReader::new(Label::defaults(label.owner.clone()), known);
            let at = reader.read(Doc::parse(object.as_bytes(), 16).unwrap().root());
            prop_assert_eq!(&**reader.label(at).unwrap(), &label);
        }
    }

    #[test]
    fn equal_restrictions_have_one_id() {
        let owner = comity_base::OrgName::parse("a").unwrap();
        let mut label = Label::defaults(owner);
        label.handling.insert(Handling::H2);
        let text = label.to_marking();
        assert_eq!(
            text,
            concat!(
                r#"{"created":"2026-01-01T00:00:00.000Z","extensions":{"extension-definition--3f6c1d1c-6f0e-5f0e-9b7e-2d6c0a5f4b14":"#,
                r#"{"extension_type":"property-extension","handling":["H2"]}},"#,
                r#""id":"marking-definition--ID","spec_version":"2.1","type":"marking-definition"}"#
            )
            .replace("marking-definition--ID", &label.marking_refs()[0].to_string())
        );
        label.tlp = Some(crate::label::Tlp::Red);
        assert_eq!(label.to_marking(), text, "TLP is a marking of its own");
        assert_eq!(label.marking_refs().len(), 2);
    }
}
