use std::fmt;

use comity_base::OrgName;
use serde::{Deserialize, Serialize};

use crate::words::words;

/// Somebody who acts, as one node's account.
///
/// Two accounts of one human being at two nodes are two people here; who may review for whom is the nodes' to arrange.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Person {
    /// Whose account it is.
    pub node: OrgName,
    /// The account's name there, at most 200 characters. Names that differ only in case or in blanks around them are one.
    pub account: String,
}

impl Person {
    /// Somebody by node and account.
    pub fn new(node: OrgName, account: impl Into<String>) -> Self {
        Self { node, account: account.into() }
    }

    /// Whether both are the same account; four eyes are not two spellings of one name.
    pub fn is(&self, other: &Self) -> bool {
        self.node == other.node && folded(&self.account) == folded(&other.account)
    }

    /// Whether an account is named at all, and not at excessive length.
    pub(crate) fn is_named(&self) -> bool {
        !folded(&self.account).is_empty() && self.account.chars().count() <= MOST_ACCOUNT
    }
}

impl fmt::Display for Person {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {}", self.account, self.node)
    }
}

/// Without what cannot be seen: two spellings that look the same are one name.
fn folded(name: &str) -> String {
    use unicode_normalization::UnicodeNormalization as _;
    let visible = name.nfkc().filter(|c| !c.is_whitespace() && !c.is_control() && !crate::gate::text::is_hidden(*c));
    visible.flat_map(char::to_lowercase).collect()
}

const MOST_ACCOUNT: usize = 200;

words! {
    /// What somebody is in a matter (RPD Art. 44, not verified); it decides which colours may be asked for.
    Status {
        /// Found guilty by a court.
        Convicted "convicted",
        /// Accused before a court.
        Charged "charged",
        /// Believed on grounds to have committed an offence.
        Suspect "suspect",
        /// May give information or may be involved; nothing more is known.
        OfInterest "of-interest",
        /// May testify.
        Witness "witness",
        /// Was harmed.
        Victim "victim",
        /// Is being searched for by those who miss them.
        Missing "missing",
        /// Is dead, known or unknown by name.
        Dead "dead",
        /// Cannot be identified, or nothing is known.
        Unknown "unknown",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_spellings_of_a_name_are_one_person() {
        let node = |name: &str| OrgName::parse(name).unwrap();
        let tamm = Person::new(node("ee-police"), "mari.tamm");
        for spelling in ["Mari.Tamm", " mari.tamm ", "mari.\u{200b}tamm", "ｍari.tamm"] {
            assert!(tamm.is(&Person::new(node("ee-police"), spelling)), "{spelling}");
        }
        assert!(!tamm.is(&Person::new(node("ee-police"), "mari.tamme")));
        assert!(!tamm.is(&Person::new(node("fi-police"), "mari.tamm")));
        assert!(!Person::new(node("ee-police"), " \u{200b}").is_named());
    }
}
