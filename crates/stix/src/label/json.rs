use std::collections::BTreeSet;

use comity_base::{OrgName, Timestamp};
use serde::Serialize;

use super::{Categories, Handling, Label, Need, Pap, Party, Tlp};
use crate::ObjectId;

/// The text is not a label.
#[derive(Debug, thiserror::Error)]
#[error("not a label: {0}")]
pub struct LabelError(#[from] serde_json::Error);

impl Label {
    /// The canonical JSON of this label: sorted keys, sorted sets, nothing for what was not said. Equal
    /// labels give equal texts, so the text can serve as the key under which labels are interned.
    pub fn to_json(&self) -> String {
        let canonical = Canonical {
            deny: &self.deny,
            grading: &self.grading,
            handling: &self.handling,
            markings: &self.markings,
            need: &self.need,
            owner: &self.owner,
            pap: self.pap,
            personal: Some(self.personal).filter(|personal| !personal.is_empty()),
            purposes: self.purposes.as_ref(),
            release_to: self.release_to.as_ref(),
            retain_until: self.retain_until,
            tlp: self.tlp,
        };
        // INVARIANT: text keys and values that print themselves cannot fail to be written to memory.
        serde_json::to_string(&canonical).unwrap_or_default()
    }

    /// As [`Self::to_json`], as it is told outside the organisation: without what its own people must have to see it.
    pub fn told_json(&self) -> String {
        if self.need.is_empty() { self.to_json() } else { self.without_need().to_json() }
    }

    /// Reads [`Self::to_json`].
    ///
    /// # Errors
    /// When the text is no label; an unknown property is refused, since it might be a restriction.
    pub fn from_json(text: &str) -> Result<Self, LabelError> {
        Ok(serde_json::from_str(text)?)
    }
}

/// The members in the order of their names, which is the order they are written in.
#[derive(Serialize)]
struct Canonical<'l> {
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    deny: &'l BTreeSet<Party>,
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    grading: &'l BTreeSet<String>,
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    handling: &'l BTreeSet<Handling>,
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    markings: &'l BTreeSet<ObjectId>,
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    need: &'l BTreeSet<Need>,
    owner: &'l OrgName,
    #[serde(skip_serializing_if = "Option::is_none")]
    pap: Option<Pap>,
    #[serde(skip_serializing_if = "Option::is_none")]
    personal: Option<Categories>,
    #[serde(skip_serializing_if = "Option::is_none")]
    purposes: Option<&'l BTreeSet<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    release_to: Option<&'l BTreeSet<Party>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    retain_until: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tlp: Option<Tlp>,
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::label::Category;
    use crate::label::join::tests::label;

    #[test]
    fn keys_are_sorted_and_silence_is_not_written() {
        let mut label = Label::defaults(OrgName::parse("ee-police").unwrap());
        assert_eq!(label.to_json(), r#"{"owner":"ee-police"}"#);
        label.tlp = Some(Tlp::AmberStrict);
        label.release_to = Some(BTreeSet::from([Party::parse("FI").unwrap(), Party::parse("EE").unwrap()]));
        label.retain_until = Some(Timestamp::parse("2027-01-01T00:00:00Z").unwrap());
        label.personal = Categories::from(Category::Victim);
        let text = concat!(
            r#"{"owner":"ee-police","personal":["victim"],"release_to":["country:EE","country:FI"],"#,
            r#""retain_until":"2027-01-01T00:00:00.000Z","tlp":"amber+strict"}"#
        );
        assert_eq!(label.to_json(), text);
        assert!(Label::from_json(r#"{"owner":"ee-police","secret":true}"#).is_err());
        assert!(Label::from_json(r#"{"owner":"ee-police","deny":["nobody at all"]}"#).is_err());
    }

    proptest! {
        #[test]
        fn labels_survive_their_text_form(label in label()) {
            prop_assert_eq!(Label::from_json(&label.to_json()).unwrap(), label);
        }
    }
}
