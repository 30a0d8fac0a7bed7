use std::collections::BTreeSet;

#[cfg(doc)]
use super::Categories;
use super::said::earliest;
use super::{Label, Party, Tlp};

impl Label {
    /// The label of what is made from two objects: the stricter of both in every dimension, so that nobody
    /// sees the result who may not see both.
    ///
    /// Two silences need care. *TLP*: an unmarked object is shown to named parties only, as AMBER is, so
    /// unmarked joined with clear or green is amber, with amber or more it is that level, and with another
    /// unmarked one it stays unmarked. *Release list*: where a level or handling code asks for named
    /// parties and none are named, nobody is, and a list of the other side does not change that.
    ///
    /// Personal data adds up, and technical data that comes along is remembered: [`Categories::join`].
    ///
    /// Labels of two owners join to one that neither owner sees through: each may see its own object, and
    /// what the other's label says about it needs a decision by people. The name that sorts first becomes
    /// the owner; whoever publishes the result under its own name sets `owner` itself.
    #[must_use]
    pub fn join(&self, other: &Self) -> Self {
        let mut deny: BTreeSet<Party> = self.deny.union(&other.deny).cloned().collect();
        if self.owner != other.owner {
            deny.extend([Party::org(&self.owner), Party::org(&other.owner)]);
        }
        Self {
            owner: self.owner.clone().min(other.owner.clone()),
            tlp: join_tlp(self.tlp, other.tlp),
            pap: self.pap.max(other.pap),
            handling: self.handling.union(&other.handling).copied().collect(),
            release_to: join_lists(self, other),
            deny,
            purposes: match (&self.purposes, &other.purposes) {
                (Some(one), Some(two)) => Some(one.intersection(two).cloned().collect()),
                (one, two) => one.as_ref().or(two.as_ref()).cloned(),
            },
            retain_until: earliest(self.retain_until, other.retain_until),
            grading: self.grading.union(&other.grading).cloned().collect(),
            markings: self.markings.union(&other.markings).cloned().collect(),
            personal: self.personal.join(other.personal),
            need: self.need.union(&other.need).cloned().collect(),
        }
    }

    /// Whether only named parties may see it: nothing was said of TLP, or amber or more, or H2 or H3.
    pub fn needs_naming(&self) -> bool {
        self.tlp.is_none_or(|tlp| tlp >= Tlp::Amber) || self.handling.iter().any(|code| code.needs_naming())
    }
}

fn join_tlp(one: Option<Tlp>, two: Option<Tlp>) -> Option<Tlp> {
    match (one, two) {
        (None, None) => None,
        (None, Some(said)) | (Some(said), None) => Some(said.max(Tlp::Amber)),
        (Some(one), Some(two)) => Some(one.max(two)),
    }
}

fn join_lists(one: &Label, two: &Label) -> Option<BTreeSet<Party>> {
    match (&one.release_to, &two.release_to) {
        (None, None) => None,
        (Some(one), Some(two)) => Some(one.intersection(two).cloned().collect()),
        (Some(list), None) => Some(if two.needs_naming() { BTreeSet::new() } else { list.clone() }),
        (None, Some(list)) => Some(if one.needs_naming() { BTreeSet::new() } else { list.clone() }),
    }
}

#[cfg(test)]
pub(super) mod tests {
    use comity_base::{OrgName, Timestamp};
    use proptest::collection::btree_set;
    use proptest::option;
    use proptest::prelude::*;
    use proptest::sample::select;

    use super::*;
    use crate::ObjectId;
    use crate::label::{Category, Handling, Need, Pap};

    fn org(name: &str) -> OrgName {
        OrgName::parse(name).unwrap()
    }

    fn need(text: &str) -> Need {
        Need::parse(text).unwrap()
    }

    pub(in crate::label) fn party() -> impl Strategy<Value = Party> {
        select(vec!["country:EE", "country:FI", "org:a", "org:b", "org:c", "group:e5", "group:community"])
            .prop_map(|text| Party::parse(text).unwrap())
    }

    pub(in crate::label) fn label() -> impl Strategy<Value = Label> {
        let marking =
            select(vec![ObjectId::parse("marking-definition--20864905-06a0-47be-a04c-2164af17d635").unwrap()]);
        let first = (
            select(vec!["a", "b"]),
            option::of(select(Tlp::ALL.to_vec())),
            option::of(select(Pap::ALL.to_vec())),
            btree_set(select(Handling::ALL.to_vec()), 0..2),
            option::of(btree_set(party(), 0..4)),
        );
        let second = (
            btree_set(party(), 0..2),
            option::weighted(0.3, btree_set(select(vec!["investigation", "prevention"]).prop_map(String::from), 0..3)),
            option::weighted(0.3, select(vec![10i64, 20]).prop_map(Timestamp::from_micros)),
            btree_set(select(vec!["admiralty-scale:B2", "admiralty-scale:F6"]).prop_map(String::from), 0..2),
            btree_set(marking, 0..=1),
            btree_set(select(vec![Category::Suspect, Category::Victim, Category::Account]), 0..3),
            btree_set(select(vec!["level:secret", "unit:cyber", "case:2041"]).prop_map(need), 0..2),
        );
        (first, second).prop_map(|(first, second)| Label {
            owner: org(first.0),
            tlp: first.1,
            pap: first.2,
            handling: first.3,
            release_to: first.4,
            deny: second.0,
            purposes: second.1,
            retain_until: second.2,
            grading: second.3,
            markings: second.4,
            personal: second.5.into_iter().collect(),
            need: second.6,
        })
    }

    #[test]
    fn unmarked_and_green_make_amber() {
        let silent = Label::defaults(org("a"));
        let mut green = silent.clone();
        green.tlp = Some(Tlp::Green);
        assert_eq!(silent.join(&green).tlp, Some(Tlp::Amber));
        assert_eq!(silent.join(&silent).tlp, None);
    }

    #[test]
    fn a_list_does_not_open_what_named_nobody() {
        let mut amber = Label::defaults(org("a"));
        amber.tlp = Some(Tlp::Amber);
        let mut green = amber.clone();
        green.tlp = Some(Tlp::Green);
        green.release_to = Some(BTreeSet::from([Party::parse("org:c").unwrap()]));
        assert_eq!(amber.join(&green).release_to, Some(BTreeSet::new()));
        assert_eq!(amber.said(&green.statement()).release_to, green.release_to, "two statements about one object");
    }

    proptest! {
        #[test]
        fn join_is_a_lattice(one in label(), two in label(), three in label()) {
            prop_assert_eq!(one.join(&one), one.clone());
            prop_assert_eq!(one.join(&two), two.join(&one));
            prop_assert_eq!(one.join(&two).join(&three), one.join(&two.join(&three)));
        }
    }
}
