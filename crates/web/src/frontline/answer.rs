use comity_base::Timestamp;
use comity_node::{DocumentFound, NoticeCard, PersonFound, PersonsFound, SearchHitNo};
use serde::Serialize;

/// What a border system is answered: whether somebody may be looked for, whom to call, and what to beware of. Nothing of a file.
#[derive(Debug, Serialize)]
pub(super) struct Answer<'a> {
    /// `nothing` or `possible`.
    #[serde(rename = "answer")]
    is: &'static str,
    /// What an officer may make of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    rule: Option<&'static str>,
    persons: Vec<Person<'a>>,
    documents: Vec<Document<'a>>,
    /// The hits that were opened for the bureau to check, by the place of their person.
    hits: &'a [SearchHitNo],
    /// The zone as it was read.
    #[serde(skip_serializing_if = "Option::is_none")]
    read: Option<Read<'a>>,
    /// Of what kind the value would be whose check digits are wrong; what one slip makes of it was looked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    misread: Option<&'static str>,
    /// When this was true, and up to where the log had been read.
    at: Timestamp,
    position: u64,
}

#[derive(Debug, Serialize)]
struct Person<'a> {
    id: String,
    owner: &'a str,
    /// The name that is likest.
    name: &'a str,
    probability: f32,
    /// What agrees and what contradicts, by code.
    why: Vec<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    notice: Option<&'a NoticeCard>,
}

#[derive(Debug, Serialize)]
struct Document<'a> {
    #[serde(rename = "document")]
    number: &'a str,
    exact: bool,
    owner: &'a str,
    /// How its issuer says it stands: stolen, lost, stolen-blank, revoked.
    #[serde(skip_serializing_if = "Option::is_none")]
    state: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    since: Option<String>,
}

#[derive(Debug, Serialize)]
struct Read<'a> {
    state: &'a str,
    number: &'a str,
    primary: &'a str,
    secondary: &'a str,
    /// How many characters were put right.
    mended: usize,
}

impl<'a> Answer<'a> {
    pub(super) fn of(found: &'a PersonsFound, hits: &'a [SearchHitNo], at: Timestamp) -> Self {
        let persons: Vec<Person<'a>> = found.persons.iter().map(person).collect();
        let documents: Vec<Document<'a>> = found.documents.iter().map(document).collect();
        let is_nothing = persons.is_empty() && documents.is_empty();
        Self {
            is: if is_nothing { "nothing" } else { "possible" },
            rule: (!is_nothing).then_some(RULE),
            persons,
            documents,
            hits,
            read: found.zone.as_ref().map(|zone| Read {
                state: &zone.state,
                number: &zone.number,
                primary: &zone.primary,
                secondary: &zone.secondary,
                mended: zone.mended.len(),
            }),
            misread: found.misread.map(comity_stix::Kind::name),
            at,
            position: found.as_of.0,
        }
    }
}

fn person(found: &PersonFound) -> Person<'_> {
    let facts = found.why.facts.iter().map(|(code, _)| *code);
    Person {
        id: found.id.to_string(),
        owner: found.owner.as_str(),
        name: &found.name,
        probability: found.probability,
        why: found.why.name.map(|_| "name").into_iter().chain(facts).collect(),
        notice: found.notice.as_ref(),
    }
}

fn document(found: &DocumentFound) -> Document<'_> {
    Document {
        number: &found.document,
        exact: found.exact,
        owner: found.owner.as_str(),
        state: found.listed.map(|listed| listed.state.name()),
        since: found.listed.and_then(|listed| listed.since).map(|since| since.to_string()),
    }
}

/// A hit is no warrant.
const RULE: &str = "Not confirmed. Contact your national bureau; take no coercive step because of this answer alone.";
