use axum::http::StatusCode;
use comity_http::Problem;
use comity_node::{PersonAsk, Purpose};
use comity_stix::person::{PartialDate, Sex};
use serde::Deserialize;

/// What a border system asks.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Asked {
    name: Option<String>,
    born: Option<String>,
    nationality: Option<String>,
    sex: Option<String>,
    document: Option<String>,
    /// A machine-readable zone: its lines, parted by line feeds or as a list.
    zone: Option<Zone>,
    purpose: Option<String>,
    case: Option<String>,
    reason: Option<String>,
    /// Nothing is told to whoever owns what is found.
    pub(super) silent: bool,
    /// Where it is asked: a booth, a flight. It stands in the hit.
    pub(super) reference: Option<String>,
    limit: Option<usize>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
enum Zone {
    Text(String),
    Lines(Vec<String>),
}

/// Why it is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Why {
    pub(super) purpose: Purpose,
    pub(super) case: Option<String>,
    pub(super) reason: Option<String>,
}

impl Asked {
    pub(super) fn read(text: &[u8]) -> Result<Self, Problem> {
        if text.trim_ascii_start().first() != Some(&b'{') {
            return Err(bad("a question is a JSON object, like {\"name\": \"...\"}".into()));
        }
        serde_json::from_slice(text).map_err(|error| bad(format!("the question cannot be read: {error}")))
    }

    /// Whether it says anything of why.
    pub(super) const fn says_why(&self) -> bool {
        self.purpose.is_some() || self.case.is_some() || self.reason.is_some()
    }

    /// Why; at a border, prevention unless something else is said.
    pub(super) fn why(&self) -> Result<Why, Problem> {
        let purpose = match self.purpose.as_deref() {
            None => Purpose::Prevention,
            Some(name) => {
                let known = Purpose::ALL.iter().copied().find(|purpose| purpose.name() == name);
                known.ok_or_else(|| bad(format!("{name:?} is no purpose; there are {}", purposes())))?
            }
        };
        Ok(Why { purpose, case: self.case.clone(), reason: self.reason.clone() })
    }

    pub(super) fn ask(&self) -> Result<PersonAsk, Problem> {
        let born = self.born.as_deref().map(PartialDate::parse).transpose();
        let sex = self.sex.as_deref().map(|text| match text {
            "F" | "f" => Ok(Sex::Female),
            "M" | "m" => Ok(Sex::Male),
            "X" | "x" | "<" => Ok(Sex::Unspecified),
            text => Sex::parse(text).ok_or_else(|| bad(format!("{text:?} is no sex; there are F, M, X"))),
        });
        let most = self.limit.unwrap_or(USUAL);
        if !(1..=MOST).contains(&most) {
            return Err(bad(format!("a limit is from 1 to {MOST}")));
        }
        Ok(PersonAsk {
            name: self.name.clone(),
            born: born.map_err(|error| bad(error.to_string()))?,
            nationality: self.nationality.clone(),
            sex: sex.transpose()?,
            document: self.document.clone(),
            zone: self.zone.as_ref().map(|zone| match zone {
                Zone::Text(text) => text.clone(),
                Zone::Lines(lines) => lines.join("\n"),
            }),
            from: None,
            most,
        })
    }
}

pub(super) fn bad(detail: String) -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, "not a question", detail)
}

fn purposes() -> String {
    Purpose::ALL.iter().map(|purpose| purpose.name()).collect::<Vec<_>>().join(", ")
}

const USUAL: usize = 5;
const MOST: usize = 20;
