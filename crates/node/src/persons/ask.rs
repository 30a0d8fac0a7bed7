use comity_base::{OrgName, Position, Timestamp};
use comity_names::{Born, Facts, Kind, Name, Sex, probability};
use comity_stix::mrz::Mrz;
use comity_stix::person::{self, PartialDate};
use comity_stix::value::{Values, issuing_state};
use comity_stix::{Kind as ValueKind, ObjectId, Value};
use serde::Serialize;
use serde_json::json;

use super::follow::born;
use super::{DocumentFound, NoticeCard};
use crate::{Ctx, Node, NodeError, Purpose, Standing};

/// Who or what is looked for. At least a name, a document or a zone is needed; the rest tells people of one name apart.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PersonAsk {
    /// A name in any script, in any order.
    pub name: Option<String>,
    /// A birth date as far as it is known.
    pub born: Option<PartialDate>,
    /// A nationality, by a code of ISO 3166-1 or ICAO 9303.
    pub nationality: Option<String>,
    /// A sex, as documents say it.
    pub sex: Option<person::Sex>,
    /// A document: `STATE:TYPE:NUMBER`, `STATE:NUMBER` for a passport. Or another value that is somebody's, with its kind before
    /// it where that is not plain: `plate:EE:123ABC`, a phone, an account, a wallet, a handle.
    pub document: Option<String>,
    /// A machine-readable zone, its lines one below the other; it says all of the above.
    pub zone: Option<String>,
    /// From which probability on names count; none for what is usual for the purpose.
    pub from: Option<f32>,
    /// At most so many.
    pub most: usize,
}

/// What was found.
#[derive(Clone, Debug, Default)]
pub struct PersonsFound {
    /// What the zone was read as, where one was given.
    pub zone: Option<Mrz>,
    /// Persons, the likeliest first.
    pub persons: Vec<PersonFound>,
    /// What names the document, exactly first.
    pub documents: Vec<DocumentFound>,
    /// Of what kind the value that was asked would be, if its check digits were right: those that one slip makes of it were looked for.
    pub misread: Option<ValueKind>,
    /// From which probability on names counted.
    pub from: f32,
    /// Up to which position the log was looked at.
    pub as_of: Position,
}

/// Somebody who may be the one.
#[derive(Clone, Debug)]
pub struct PersonFound {
    /// The object.
    pub id: ObjectId,
    /// Who holds it.
    pub owner: OrgName,
    /// The name that is likest, as it is written there.
    pub name: String,
    /// What people call them.
    pub calling: String,
    /// How likely it is the one, from 0 to 1, where half of those with names like this were.
    pub probability: f32,
    /// Why.
    pub why: Why,
    /// The notice about them, as its owner released it.
    pub notice: Option<NoticeCard>,
    /// Its label, applied.
    pub standing: Standing,
    /// Where it stands in the log.
    pub position: Position,
}

/// Why somebody may be the one, part by part. The points add up to what the probability is made of.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Why {
    /// What the names are worth together, in natural logarithms of odds; none where no name was asked.
    pub name: Option<f32>,
    /// Parts of the name beside parts of the other.
    pub parts: Vec<PartBeside>,
    /// Parts of what was asked that lie beside nothing.
    pub missing: Vec<String>,
    /// Parts of what was found that lie beside nothing.
    pub extra: Vec<String>,
    /// What else agrees or contradicts: `birth-day`, `nationality-other`, `document`, with points.
    pub facts: Vec<(&'static str, f32)>,
}

/// Parts of one name beside parts of another.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PartBeside {
    /// As it was asked.
    pub asked: String,
    /// As it stands.
    pub found: String,
    /// How alike both are, from 0 to 1.
    pub alike: f32,
    /// How much that tells, from 0 to 1: the less the more people are called that.
    pub tells: f32,
}

/// What is asked, read.
pub(super) struct Asked {
    /// The name, in every way it may be read; none where no name is asked.
    pub(super) names: Vec<Name>,
    pub(super) facts: Facts,
    /// Each document or other value: what was typed, and what the zone names.
    pub(super) documents: Vec<Sought>,
    pub(super) zone: Option<Mrz>,
}

/// A document or another value, as it was read.
pub(super) enum Sought {
    /// As it stands; what one slip makes of it is near.
    Value(Value),
    /// Its check digits are wrong, so it is none: what one slip makes of it, at least one, is near.
    Misread(Vec<Value>),
}

impl Sought {
    fn read(values: &Values, text: &str) -> Result<Self, NodeError> {
        document_with(values, text).map(Self::Value).or_else(|error| {
            let misread = values.misread(text);
            if misread.is_empty() { Err(error) } else { Ok(Self::Misread(misread)) }
        })
    }

    /// The kind it would be of if its check digits were right.
    fn misread(&self) -> Option<ValueKind> {
        match self {
            Self::Value(_) => None,
            Self::Misread(all) => all.first().map(Value::kind),
        }
    }

    fn is(&self, other: &Value) -> bool {
        matches!(self, Self::Value(value) if value == other)
    }
}

impl Asked {
    /// See [`PersonsFound::misread`].
    pub(super) fn misread(&self) -> Option<ValueKind> {
        self.documents.iter().find_map(Sought::misread)
    }

    /// Whether a birth date is asked.
    pub(super) fn is_born(&self) -> bool {
        self.facts.born().next().is_some()
    }
}

impl PersonsFound {
    /// The objects that are shown.
    pub(super) fn ids(&self) -> Vec<String> {
        let persons = self.persons.iter().map(|person| person.id.to_string());
        persons.chain(self.documents.iter().map(|document| document.id.to_string())).collect()
    }
}

impl PersonAsk {
    /// What goes on record.
    pub(super) fn subject(&self) -> serde_json::Value {
        let mut all = json!({});
        let texts = [
            ("name", self.name.clone()),
            ("born", self.born.map(|born| born.to_string())),
            ("nationality", self.nationality.clone()),
            ("sex", self.sex.map(|sex| sex.name().to_owned())),
            ("document", self.document.clone()),
            ("zone", self.zone.clone()),
        ];
        if let Some(all) = all.as_object_mut() {
            all.extend(texts.into_iter().filter_map(|(name, text)| Some((name.to_owned(), text?.into()))));
        }
        all
    }

    /// Reads what is asked; what a zone says counts where nothing else is said.
    pub(super) fn read(&self, node: &Node, ctx: &Ctx) -> Result<Asked, NodeError> {
        self.read_with(node.values(), ctx.now())
    }

    /// As [`Self::read`], without a node.
    pub(super) fn read_with(&self, values: &Values, now: Timestamp) -> Result<Asked, NodeError> {
        let zone = self.zone.as_deref().map(Mrz::read_mended).transpose();
        let zone =
            zone.map_err(|error| NodeError::Refused(format!("the machine-readable zone cannot be read: {error}")))?;
        let mut facts = Facts::default();
        let spelled = zone.as_ref().map(|zone| format!("{} {}", zone.primary, zone.secondary));
        let name = self.name.as_deref().or(spelled.as_deref());
        let mut names = name.map(|text| Name::readings(text, Kind::Person)).unwrap_or_default();
        names.retain(|name| !name.is_empty());
        if let Some(date) = self.born {
            facts.add_birth(born(date, None, false));
        } else if let Some(zone) = &zone {
            facts.add_birth(of_zone(zone, now));
        }
        let nationality = self.nationality.as_deref().or(zone.as_ref().map(|zone| zone.nationality.as_str()));
        if let Some(code) = nationality.and_then(issuing_state) {
            facts.add_nation(&code);
        } else if let Some(code) = &self.nationality {
            return Err(NodeError::Refused(format!("{code:?} is no country; use a code like EE or EST")));
        }
        let sex = self.sex.or(zone.as_ref().and_then(|zone| match zone.sex {
            Some('F') => Some(person::Sex::Female),
            Some('M') => Some(person::Sex::Male),
            _ => None,
        }));
        match sex {
            Some(person::Sex::Female) => facts.add_sex(Sex::Female, true),
            Some(person::Sex::Male) => facts.add_sex(Sex::Male, true),
            _ => {}
        }
        let mut documents = Vec::new();
        if let Some(text) = &self.document {
            documents.push(Sought::read(values, text)?);
        }
        let of_zone = zone.as_ref().map(|zone| format!("{}:{}:{}", zone.state, zone.kind, zone.number));
        let of_zone = of_zone.and_then(|text| values.parse(ValueKind::TravelDocument, &text).ok());
        let of_zone = of_zone.filter(|of_zone| !documents.iter().any(|known| known.is(of_zone)));
        documents.extend(of_zone.map(Sought::Value));
        if names.is_empty() && documents.is_empty() {
            return Err(NodeError::Refused(
                "nothing to look for: give a name, a document or a machine-readable zone".into(),
            ));
        }
        Ok(Asked { names, facts, documents, zone })
    }
}

/// The birth date of a zone.
fn of_zone(zone: &Mrz, now: Timestamp) -> Born {
    let this_year = now.to_string().get(..4).and_then(|year| year.parse().ok()).unwrap_or(2_000);
    let (year, month, day) = zone.born(this_year);
    let year = year.and_then(|year| u16::try_from(year).ok()).unwrap_or_default();
    Born { year, month: month.unwrap_or_default(), day: day.unwrap_or_default(), spread: 0 }
}

/// A document as a person writes it: with its type or, for a passport, without.
pub(super) fn document_of(node: &Node, text: &str) -> Result<Value, NodeError> {
    document_with(node.values(), text)
}

/// A document, or whatever other value a text is: a plate, a phone, an account, a wallet, a handle.
fn document_with(values: &Values, text: &str) -> Result<Value, NodeError> {
    let whole = if text.matches(':').count() == 1 { text.replacen(':', ":P:", 1) } else { text.to_owned() };
    let error = match values.parse(ValueKind::TravelDocument, &whole) {
        Ok(document) => return Ok(document),
        Err(error) => error,
    };
    let other = values.guess(text).into_iter().find(|value| PERSONAL.contains(&value.kind()));
    let reason = || {
        format!(
            "{text:?} names no document ({error}) and no other value; write it like EST:P:KB0123456, plate:EE:123ABC or \
             phone:+3725551234"
        )
    };
    other.ok_or_else(|| NodeError::Refused(reason()))
}

/// What may be somebody's. A text that is nothing else reads as the name of a mutex, so a number without its state would be
/// searched in vain rather than refused.
const PERSONAL: [ValueKind; 11] = [
    ValueKind::Email,
    ValueKind::Phone,
    ValueKind::Iban,
    ValueKind::Card,
    ValueKind::Bitcoin,
    ValueKind::Ethereum,
    ValueKind::Monero,
    ValueKind::Tron,
    ValueKind::Handle,
    ValueKind::TravelDocument,
    ValueKind::Plate,
];

/// From which probability on a name counts, by why it is asked, among so many names: a border must hardly ever stop the wrong one,
/// an inquiry must hardly ever miss the right one. Where a border knows when somebody was born, it asks for the more the more names
/// are known: whoever is compared with ten times as many is ten times as often like one of them. By a name alone it asks who is
/// called that.
pub fn usual_from(purpose: Purpose, is_born: bool, names: usize) -> f32 {
    match purpose {
        Purpose::Prevention if is_born => probability(at_a_border(names)),
        Purpose::Prevention => 0.99,
        Purpose::Protection | Purpose::Prosecution => 0.7,
        Purpose::Investigation | Purpose::DataProtection => 0.5,
    }
}

/// The logarithm of the odds from which on one in two thousand travellers is stopped who is on no list, and has a name put together
/// of parts that are listed, among so many names: measured among 35,150 (`docs/search.md`).
fn at_a_border(names: usize) -> f32 {
    // Among fewer a border asks for no less.
    (names.max(MEASURED_AMONG) as f32 / MEASURED_AMONG as f32).ln() + AT_A_BORDER
}

const AT_A_BORDER: f32 = 6.9;
const MEASURED_AMONG: usize = 35_150;
