use comity_base::Timestamp;

use super::{
    Basis, Birth, DateError, DocumentState, EXTENSION, Feature, Identifier, NameKind, NamePart, Nationality, Part,
    PartialDate, Person, PersonDocument, PersonName, Photo, Place, Said, Sex, Sexed, Stands, Status, misp,
};
use crate::label::grading;
use crate::{Node, Shape};

impl Person {
    /// What an object says of a person: a STIX identity of one, with or without our extension, or a MISP object of a person.
    /// None of what is no person. Statements that cannot be read are counted and left out, each by itself.
    pub fn read(root: Node<'_, '_>) -> Option<Self> {
        match root.str("type")? {
            "identity" => of_identity(root),
            "x-misp-object" => misp::read(root),
            _ => None,
        }
    }
}

fn of_identity(root: Node<'_, '_>) -> Option<Person> {
    let extension = root.get("extensions").and_then(|all| all.get(EXTENSION));
    let is_individual = root.str("identity_class").is_some_and(|class| class.eq_ignore_ascii_case("individual"));
    if extension.is_none() && !is_individual {
        return None;
    }
    let mut person = Person::default();
    if let Some(extension) = extension {
        for (key, list) in extension.entries() {
            statements(key, list, &mut person);
        }
    }
    let own = root.str("name").and_then(text);
    if let Some(own) = own.filter(|own| !person.names.iter().any(|name| name.what.name == *own)) {
        let kind = NameKind::True;
        person.names.insert(0, PersonName { name: own, kind, script: None, parts: Vec::new() }.into());
    }
    Some(person)
}

fn statements(key: &str, list: Node<'_, '_>, person: &mut Person) {
    match key {
        "names" => said(list, &mut person.names, &mut person.unread, name),
        "births" => said(list, &mut person.births, &mut person.unread, birth),
        "nationalities" => said(list, &mut person.nationalities, &mut person.unread, nationality),
        "sexes" => said(list, &mut person.sexes, &mut person.unread, sex),
        "documents" => said(list, &mut person.documents, &mut person.unread, document),
        "places" => said(list, &mut person.places, &mut person.unread, place),
        "features" => said(list, &mut person.features, &mut person.unread, feature),
        "photos" => said(list, &mut person.photos, &mut person.unread, photo),
        "identifiers" => said(list, &mut person.identifiers, &mut person.unread, identifier),
        "statuses" => said(list, &mut person.statuses, &mut person.unread, status),
        _ => {}
    }
}

/// The statements of one list; what is beyond its limit counts as not read.
fn said<'d, 'a: 'd, T>(
    list: Node<'d, 'a>,
    to: &mut Vec<Said<T>>,
    unread: &mut u32,
    read: impl Fn(Node<'d, 'a>) -> Option<T>,
) {
    if list.shape() != Shape::Array {
        *unread += 1;
        return;
    }
    for item in list.items() {
        match read(item).filter(|_| to.len() < MOST) {
            Some(what) => to.push(Said {
                what,
                source: item.str("source").and_then(text),
                grading: item.str("grading").and_then(|text| grading(text).ok()),
                basis: item.str("basis").and_then(Basis::parse),
                stated: item.str("stated").and_then(|text| Timestamp::parse(text).ok()),
            }),
            None => *unread += 1,
        }
    }
}

fn name(node: Node<'_, '_>) -> Option<PersonName> {
    let parts: Vec<NamePart> =
        node.get("parts").into_iter().flat_map(Node::items).take(PARTS).filter_map(part).collect();
    let whole = || {
        let all: Vec<&str> = parts.iter().map(|part| part.text.as_str()).collect();
        (!all.is_empty()).then(|| all.join(" "))
    };
    let name = node.str("name").and_then(text).or_else(whole)?;
    let kind = node.str("kind").map_or(Some(NameKind::True), NameKind::parse)?;
    let script = node.str("script").filter(|code| code.len() == 4 && code.bytes().all(|b| b.is_ascii_alphabetic()));
    Some(PersonName { name, kind, script: script.map(str::to_owned), parts })
}

fn part(node: Node<'_, '_>) -> Option<NamePart> {
    Some(NamePart { part: Part::parse(node.str("part")?)?, text: text(node.str("text")?)? })
}

fn birth(node: Node<'_, '_>) -> Option<Birth> {
    let date = date(node, "date").ok()?;
    let birth = Birth {
        date,
        until: self::date(node, "until").ok()?,
        about: node.get("about").and_then(Node::as_bool).unwrap_or_default(),
        place: node.str("place").and_then(text),
        country: node.str("country").and_then(country),
    };
    (birth.date.is_some() || birth.place.is_some() || birth.country.is_some()).then_some(birth)
}

fn date(node: Node<'_, '_>, name: &str) -> Result<Option<PartialDate>, DateError> {
    node.str(name).map(PartialDate::parse).transpose()
}

fn nationality(node: Node<'_, '_>) -> Option<Nationality> {
    Some(Nationality { country: country(node.str("country")?)? })
}

/// A code of one to three letters, in capitals.
pub(super) fn country(text: &str) -> Option<String> {
    let text = text.trim();
    let is_code = (1..=3).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphabetic());
    is_code.then(|| text.to_ascii_uppercase())
}

fn sex(node: Node<'_, '_>) -> Option<Sexed> {
    Some(Sexed { sex: Sex::parse(node.str("sex")?)? })
}

fn document(node: Node<'_, '_>) -> Option<PersonDocument> {
    let kind = node.str("type").filter(|kind| (1..=2).contains(&kind.len()))?;
    Some(PersonDocument {
        kind: kind.to_ascii_uppercase(),
        issuer: country(node.str("issuer")?)?,
        number: node.str("number").and_then(text).filter(|number| number.len() <= 40)?,
        issued: date(node, "issued").ok()?,
        expires: date(node, "expires").ok()?,
        state: node.str("state").map_or(Some(None), |text| DocumentState::parse(text).map(Some))?,
    })
}

fn place(node: Node<'_, '_>) -> Option<Place> {
    let place = Place {
        place: node.str("place").and_then(text),
        country: node.str("country").and_then(country),
        as_what: node.str("as_what").and_then(text),
    };
    (place.place.is_some() || place.country.is_some()).then_some(place)
}

fn feature(node: Node<'_, '_>) -> Option<Feature> {
    Some(Feature { feature: text(node.str("feature")?)?, value: text(node.str("value")?)? })
}

fn photo(node: Node<'_, '_>) -> Option<Photo> {
    let sha256 = node.str("sha256").filter(|hash| hash.len() == 64 && hash.bytes().all(|b| b.is_ascii_hexdigit()))?;
    Some(Photo {
        sha256: sha256.to_ascii_lowercase(),
        good: node.get("good").and_then(Node::as_bool).unwrap_or_default(),
        taken: date(node, "taken").ok()?,
    })
}

fn identifier(node: Node<'_, '_>) -> Option<Identifier> {
    Some(Identifier { kind: text(node.str("kind")?)?, value: text(node.str("value")?)? })
}

fn status(node: Node<'_, '_>) -> Option<Stands> {
    Some(Stands { status: Status::parse(node.str("status")?)? })
}

/// A text that says something, cut to what any such text needs.
pub(super) fn text(text: &str) -> Option<String> {
    let text = text.trim();
    (!text.is_empty()).then(|| text.chars().take(LONGEST).collect())
}

/// Statements of one kind that are read.
const MOST: usize = 256;
/// Parts of one name.
const PARTS: usize = 16;
/// Characters of one text.
const LONGEST: usize = 400;
