//! A person as MISP's object template `person` tells them (github.com/MISP/misp-objects).

use super::read::{country, text};
use super::{
    Birth, NameKind, NamePart, Nationality, Part, PartialDate, Person, PersonDocument, PersonName, Sex, Sexed, Stands,
    Status,
};
use crate::Node;

pub(super) fn read(root: Node<'_, '_>) -> Option<Person> {
    if root.str("x_misp_name") != Some("person") {
        return None;
    }
    let mut parts = Vec::new();
    let (mut person, mut birth, mut passport) = (Person::default(), None, (None, None));
    for item in root.get("x_misp_attributes")?.items().take(MOST) {
        let (Some(relation), Some(value)) = (item.str("object_relation"), item.str("value").and_then(text)) else {
            continue;
        };
        match relation {
            "full-name" => person.names.push(name(NameKind::True, value).into()),
            "alias" => person.names.push(name(NameKind::Alias, value).into()),
            "first-name" | "middle-name" => parts.push(NamePart { part: Part::Given, text: value }),
            "last-name" => parts.push(NamePart { part: Part::Family, text: value }),
            "title" => parts.insert(0, NamePart { part: Part::Title, text: value }),
            "date-of-birth" => birth = PartialDate::parse(value.split('T').next().unwrap_or_default()).ok(),
            "place-of-birth" => person
                .births
                .push(Birth { date: None, until: None, about: false, place: Some(value), country: None }.into()),
            "nationality" => person.nationalities.extend(country(&value).map(|country| Nationality { country }.into())),
            "gender" => person.sexes.extend(Sex::parse(&value).map(|sex| Sexed { sex }.into())),
            "passport-number" => passport.0 = Some(value),
            "passport-country" => passport.1 = country(&value),
            "role" => person.statuses.extend(status(&value).map(|status| Stands { status }.into())),
            _ => {}
        }
    }
    if !parts.is_empty() {
        let whole = parts.iter().map(|part| part.text.as_str()).collect::<Vec<_>>().join(" ");
        person.names.insert(0, PersonName { parts, ..name(NameKind::True, whole) }.into());
    }
    if let Some(date) = birth {
        match person.births.first_mut() {
            Some(first) => first.what.date = Some(date),
            None => person
                .births
                .push(Birth { date: Some(date), until: None, about: false, place: None, country: None }.into()),
        }
    }
    if let (Some(number), Some(issuer)) = passport {
        let kind = "P".to_owned();
        person.documents.push(PersonDocument { kind, issuer, number, issued: None, expires: None, state: None }.into());
    }
    Some(person)
}

fn name(kind: NameKind, name: String) -> PersonName {
    PersonName { name, kind, script: None, parts: Vec::new() }
}

fn status(role: &str) -> Option<Status> {
    Some(match role.to_ascii_lowercase().as_str() {
        "suspect" => Status::Suspect,
        "victim" => Status::Victim,
        "witness" => Status::Witness,
        "defendent" | "defendant" | "accused" => Status::Charged,
        "culprit" | "convict" => Status::Convicted,
        _ => return None,
    })
}

/// Attributes of one object that are read.
const MOST: usize = 512;
