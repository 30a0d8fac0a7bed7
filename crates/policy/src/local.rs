//! Rules of this node's own law: they see who recipient and owner are, so their answers are one asker's.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use cedar_policy::{Entities, Entity, EntityUid, RestrictedExpression};
use comity_base::OrgName;
use comity_stix::Label;

use crate::facts::{Fact, Facts, uid, word};
use crate::policy::request;
use crate::rules::{Outcome, Rules};
use crate::{Asker, OrgKind, PolicyError};

/// What local rules answered one asker.
#[derive(Debug, Default)]
pub(crate) struct Locals(Mutex<HashMap<Asked, bool>>);

/// Everything local rules can look at that is not the same for all labels of an asker.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Asked {
    facts: [u64; 2],
    owner: OrgName,
    personal: u16,
    handling: u8,
    pap: Option<comity_stix::label::Pap>,
}

impl Locals {
    const MOST: usize = 65_536;

    /// Whether no local rule forbids it.
    pub(crate) fn admits(&self, rules: &Rules, asker: &Asker, label: &Label, facts: &Facts) -> bool {
        let asked = Asked {
            facts: facts.halves(),
            owner: label.owner.clone(),
            personal: label.personal.bits(),
            handling: label.handling.iter().fold(0, |all, code| all | 1 << *code as u8),
            pap: label.pap,
        };
        if let Some(answer) = self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&asked) {
            return *answer;
        }
        let outcome = ask(rules, asker, label, facts);
        let answer = !outcome.failed && outcome.rules.is_empty();
        let mut answers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if answers.len() >= Self::MOST {
            answers.clear();
        }
        answers.insert(asked, answer);
        answer
    }
}

/// The local rules that forbid it.
pub(crate) fn ask(rules: &Rules, asker: &Asker, label: &Label, facts: &Facts) -> Outcome {
    asked(rules, asker, label, facts).unwrap_or_else(|_| Outcome::failed())
}

fn asked(rules: &Rules, asker: &Asker, label: &Label, facts: &Facts) -> Result<Outcome, PolicyError> {
    let recipient = &asker.recipient;
    let of_recipient =
        organisation(&recipient.name, facts.kind, recipient.country.as_deref(), recipient.groups.iter())?;
    let principal = of_recipient.uid();
    let mut entities = vec![of_recipient];
    let owner = uid("Organisation", label.owner.as_str())?;
    if label.owner != recipient.name {
        let grant = asker.grant(&label.owner);
        entities.push(organisation(&label.owner, grant.kind, grant.country.as_deref(), [].iter())?);
    }
    let label = labelled(label, owner)?;
    let resource = label.uid();
    entities.push(label);
    let entities = Entities::from_entities(entities, None).map_err(PolicyError::unexpected)?;
    Ok(rules.ask(&request(principal, facts, Fact::ALL, resource)?, &entities))
}

fn organisation<'g>(
    name: &OrgName,
    kind: OrgKind,
    country: Option<&str>,
    groups: impl Iterator<Item = &'g String>,
) -> Result<Entity, PolicyError> {
    let text = |text: String| RestrictedExpression::new_string(text);
    let mut attributes = HashMap::from([
        ("name".to_owned(), text(name.to_string())),
        ("kind".to_owned(), word((OrgKind::WORDS.0, kind.name()))?),
        ("groups".to_owned(), RestrictedExpression::new_set(groups.map(|group| text(group.to_ascii_lowercase())))),
    ]);
    if let Some(country) = country {
        attributes.insert("country".to_owned(), text(country.to_ascii_uppercase()));
    }
    Entity::new(uid("Organisation", name.as_str())?, attributes, [].into()).map_err(PolicyError::unexpected)
}

fn labelled(label: &Label, owner: EntityUid) -> Result<Entity, PolicyError> {
    let set = |words: Result<Vec<_>, PolicyError>| Ok::<_, PolicyError>(RestrictedExpression::new_set(words?));
    let personal = set(label.personal.iter().map(|category| word(("Category", category.name()))).collect())?;
    let handling = set(label.handling.iter().map(|code| word(("Handling", code.name()))).collect())?;
    let attributes = HashMap::from([
        ("owner".to_owned(), RestrictedExpression::new_entity_uid(owner)),
        ("personal".to_owned(), personal),
        ("handling".to_owned(), handling),
        ("pap".to_owned(), word(("Pap", label.pap.map_or("none", comity_stix::label::Pap::name)))?),
    ]);
    Entity::new(uid("Label", "label")?, attributes, [].into()).map_err(PolicyError::unexpected)
}
