//! Agreements as people write them: TOML.

use std::collections::{BTreeSet, HashMap};
use std::fmt::Display;
use std::ops::Range;
use std::str::FromStr;

use comity_base::{OrgName, Timestamp};
use comity_crypto::PublicKey;
use comity_stix::ObjectId;
use serde::Deserialize;
use toml::Spanned;
use uuid::Uuid;

use super::check::{MOST_BYTES, Wrong};
use super::{Agreement, AgreementError, Flow, Queries, Receipts, Signatory};

/// A party as it is known where an agreement is written.
#[derive(Clone, Debug)]
pub struct KnownParty {
    /// Its short name.
    pub name: OrgName,
    /// Its country, ISO 3166-1 alpha-2.
    pub country: Option<String>,
    /// The key it signs with.
    pub key: Option<PublicKey>,
}

/// The text of an agreement with its parties, their countries and keys, where it leaves out what is known. What cannot be
/// read stays as it is: whoever reads it then says why.
pub fn with_parties(text: &str, known: &[KnownParty]) -> String {
    let Ok(mut table) = text.parse::<toml::Table>() else { return text.to_owned() };
    let parties = table.entry("parties").or_insert_with(|| {
        let named =
            known.iter().map(|party| toml::Table::from_iter([("name".to_owned(), party.name.to_string().into())]));
        toml::Value::Array(named.map(toml::Value::Table).collect())
    });
    let mut changed = !text.contains("parties");
    for party in parties.as_array_mut().into_iter().flatten().filter_map(toml::Value::as_table_mut) {
        let name = party.get("name").and_then(toml::Value::as_str).unwrap_or_default();
        let Some(one) = known.iter().find(|one| one.name.as_str() == name) else { continue };
        for (field, value) in [("country", one.country.clone()), ("key", one.key.map(|key| key.to_string()))] {
            if let Some(value) = value.filter(|_| !party.contains_key(field)) {
                party.insert(field.to_owned(), value.into());
                changed = true;
            }
        }
    }
    // Untouched, errors can name the lines as they were written.
    if changed { toml::to_string(&table).unwrap_or_else(|_| text.to_owned()) } else { text.to_owned() }
}

impl Agreement {
    /// Reads a first version as people write it; `examples/agreement.toml` explains every line. It gets this
    /// id, and `now` as its time of writing.
    ///
    /// A date alone means the beginning of that day for `valid_from` and its end for `valid_until`, in UTC.
    ///
    /// # Errors
    /// When the text is not TOML, a field is missing, unknown or wrong: the error names line and field and says
    /// what is allowed.
    pub fn from_toml(text: &str, id: Uuid, now: Timestamp) -> Result<Self, AgreementError> {
        if text.len() > MOST_BYTES {
            return Err(Wrong::new("", format!("an agreement has at most {MOST_BYTES} bytes")).into());
        }
        let raw: Raw = toml::from_str(text).map_err(|error| AgreementError::Wrong {
            line: Some(line(text, error.span().map_or(0, |span| span.start))),
            field: String::new(),
            problem: error.message().to_owned(),
        })?;
        let mut reader = Reader { text, lines: HashMap::new() };
        let read = reader.agreement(&raw, id, now);
        let checked = read.and_then(|agreement| agreement.check().map(|()| agreement));
        checked.map_err(|wrong| reader.placed(wrong))
    }

    /// Reads the next version of this agreement: it keeps the id and loses the signatures.
    ///
    /// # Errors
    /// As [`Self::from_toml`], and when its version is not higher or its parties are others.
    pub fn revised(&self, text: &str, now: Timestamp) -> Result<Self, AgreementError> {
        let mut new = Self::from_toml(text, self.id.uuid, now)?;
        if new.version <= self.version {
            return Err(Wrong::new("version", format!("it must be more than {}", self.version)).into());
        }
        if new.parties.iter().any(|party| self.party(&party.name).is_none()) {
            return Err(Wrong::new("parties", "a new version has the same two parties; write a new agreement").into());
        }
        new.created = self.created;
        new.modified = now.max(self.modified);
        new.object_marking_refs.clone_from(&self.object_marking_refs);
        Ok(new)
    }
}

/// Where each field stands, so that an error can name its line.
struct Reader<'t> {
    text: &'t str,
    lines: HashMap<String, usize>,
}

impl Reader<'_> {
    fn agreement(&mut self, raw: &Raw, id: Uuid, now: Timestamp) -> Result<Agreement, Wrong> {
        self.at("version", raw.version.span());
        self.at("queries", raw.queries.span());
        self.at("receipts", raw.receipts.span());
        self.at("parties", raw.parties.span());
        self.at("flows", raw.flows.span());
        let id = ObjectId::new(Agreement::TYPE, id).map_err(|error| Wrong::new("id", error.to_string()))?;
        Ok(Agreement {
            id,
            created: now,
            modified: now,
            object_marking_refs: Vec::new(),
            name: self.get("name", &raw.name),
            legal_basis: raw
                .legal_basis
                .iter()
                .enumerate()
                .map(|(at, text)| self.get(&format!("legal_basis[{at}]"), text))
                .collect(),
            version: *raw.version.get_ref(),
            parties: raw
                .parties
                .get_ref()
                .iter()
                .enumerate()
                .map(|(at, party)| self.party(at, party))
                .collect::<Result<_, _>>()?,
            flows: raw
                .flows
                .get_ref()
                .iter()
                .enumerate()
                .map(|(at, flow)| self.flow(at, flow))
                .collect::<Result<_, _>>()?,
            queries: *raw.queries.get_ref(),
            receipts: *raw.receipts.get_ref(),
            valid_from: self.moment("valid_from", &raw.valid_from, false)?,
            valid_until: self.moment("valid_until", &raw.valid_until, true)?,
            signatures: Vec::new(),
        })
    }

    fn party(&mut self, at: usize, raw: &RawParty) -> Result<Signatory, Wrong> {
        let field = |name: &str| format!("parties[{at}].{name}");
        Ok(Signatory {
            name: self.read(&field("name"), &raw.name)?,
            country: self.get(&field("country"), &raw.country),
            key: self.read(&field("key"), &raw.key)?,
        })
    }

    fn flow(&mut self, at: usize, raw: &RawFlow) -> Result<Flow, Wrong> {
        let field = |name: &str| format!("flows[{at}].{name}");
        let pap = raw.pap.as_ref().map(|pap| self.read(&field("pap"), pap)).transpose()?;
        let countries = raw.countries.as_ref().map(|countries| self.set(&field("countries"), countries)).transpose()?;
        if let Some(days) = &raw.retention_days {
            self.at(&field("retention_days"), days.span());
        }
        Ok(Flow {
            from: self.read(&field("from"), &raw.from)?,
            to: self.read(&field("to"), &raw.to)?,
            kinds: self.set(&field("kinds"), &raw.kinds)?,
            purposes: self.set(&field("purposes"), &raw.purposes)?,
            tlp: self.read(&field("tlp"), &raw.tlp)?,
            pap,
            handling: self.set(&field("handling"), &raw.handling)?,
            countries,
            onward: self.read(&field("onward"), &raw.onward)?,
            retention_days: raw.retention_days.as_ref().map(|days| *days.get_ref()),
        })
    }

    fn at(&mut self, field: &str, span: Range<usize>) {
        self.lines.insert(field.to_owned(), line(self.text, span.start));
    }

    fn get<T: Clone>(&mut self, field: &str, value: &Spanned<T>) -> T {
        self.at(field, value.span());
        value.get_ref().clone()
    }

    fn read<T: FromStr<Err: Display>>(&mut self, field: &str, text: &Spanned<String>) -> Result<T, Wrong> {
        self.at(field, text.span());
        text.get_ref().parse().map_err(|error: T::Err| Wrong::new(field, error.to_string()))
    }

    fn set<T: FromStr<Err: Display> + Ord>(
        &mut self,
        field: &str,
        list: &Spanned<Vec<Spanned<String>>>,
    ) -> Result<BTreeSet<T>, Wrong> {
        let mut all = BTreeSet::new();
        for text in list.get_ref() {
            let one = self.read(field, text)?;
            if !all.insert(one) {
                return Err(Wrong::new(field, format!("{:?} stands twice", text.get_ref())));
            }
        }
        self.at(field, list.span());
        Ok(all)
    }

    /// A date-time or date, with or without quotation marks.
    fn moment(&mut self, field: &str, value: &Spanned<toml::Value>, end_of_day: bool) -> Result<Timestamp, Wrong> {
        self.at(field, value.span());
        let text = match value.get_ref() {
            toml::Value::String(text) => text.clone(),
            toml::Value::Datetime(moment) => moment.to_string(),
            _ => return Err(Wrong::new(field, "use a date like 2027-01-01, or a date-time like 2027-01-01T08:00:00Z")),
        };
        let whole = if text.len() == 10 && !end_of_day { format!("{text}T00:00:00Z") } else { text };
        Timestamp::parse_end_of(&whole)
            .map_err(|error| Wrong::new(field, format!("{error}; a date alone is a day in UTC")))
    }

    fn placed(&self, wrong: Wrong) -> AgreementError {
        let mut field = wrong.field.as_str();
        let line = loop {
            match (self.lines.get(field), field.rfind(['.', '['])) {
                (Some(line), _) => break Some(*line),
                (None, Some(end)) => field = field.get(..end).unwrap_or_default(),
                (None, None) => break None,
            }
        };
        AgreementError::Wrong { line, field: wrong.field, problem: wrong.problem }
    }
}

/// The line of a byte, counted from 1.
fn line(text: &str, at: usize) -> usize {
    text.bytes().take(at).filter(|b| *b == b'\n').count() + 1
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    name: Spanned<String>,
    #[serde(default)]
    legal_basis: Vec<Spanned<String>>,
    version: Spanned<u32>,
    valid_from: Spanned<toml::Value>,
    valid_until: Spanned<toml::Value>,
    parties: Spanned<Vec<RawParty>>,
    flows: Spanned<Vec<RawFlow>>,
    queries: Spanned<Queries>,
    receipts: Spanned<Receipts>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawParty {
    name: Spanned<String>,
    country: Spanned<String>,
    key: Spanned<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawFlow {
    from: Spanned<String>,
    to: Spanned<String>,
    kinds: Spanned<Vec<Spanned<String>>>,
    purposes: Spanned<Vec<Spanned<String>>>,
    tlp: Spanned<String>,
    pap: Option<Spanned<String>>,
    handling: Spanned<Vec<Spanned<String>>>,
    countries: Option<Spanned<Vec<Spanned<String>>>>,
    onward: Spanned<String>,
    retention_days: Option<Spanned<u32>>,
}
