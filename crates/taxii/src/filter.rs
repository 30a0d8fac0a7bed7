//! What a client asks for: the query of a request for objects or manifests (TAXII 2.1 section 3.4).

use comity_base::Timestamp;
use comity_stix::{ObjectId, TypeName};
use http::StatusCode;

use crate::{Cursor, TaxiiError, query, wire};

/// What a query may cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FilterLimits {
    /// Most bytes of the whole query. Default 32 KiB.
    pub query_bytes: usize,
    /// Most parameters, known or not. Default 200.
    pub parameters: usize,
    /// Most values of all `match` parameters together. Default 500.
    pub values: usize,
    /// Most bytes of one value. Default 300.
    pub value_bytes: usize,
    /// Most bytes of a `next` token. Default 32 KiB.
    pub next_bytes: usize,
}

impl Default for FilterLimits {
    fn default() -> Self {
        Self { query_bytes: 32 << 10, parameters: 200, values: 500, value_bytes: 300, next_bytes: 32 << 10 }
    }
}

/// A query, understood (TAXII 2.1 section 3.4).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filters {
    /// Only what was added strictly later.
    pub added_after: Option<Timestamp>,
    /// Most objects the client wants at once; never 0.
    pub limit: Option<u64>,
    /// Where to go on; `None` also when the client sent it empty, which means the first page.
    pub next: Option<String>,
    /// Which objects.
    pub matches: Matches,
}

/// The `match` parameters (TAXII 2.1 section 3.4.1): each list sorted, without repeats; empty when not given.
/// An object must fit one value of every list that is not empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Matches {
    /// `match[id]`.
    pub ids: Vec<ObjectId>,
    /// `match[type]`.
    pub types: Vec<TypeName>,
    /// `match[version]`; empty means the last.
    pub versions: Vec<VersionMatch>,
    /// `match[spec_version]`, of the form `2.1`; empty means the latest that can be given.
    pub spec_versions: Vec<String>,
}

/// Which version of an object (TAXII 2.1 section 3.4.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum VersionMatch {
    /// The earliest.
    First,
    /// The latest.
    Last,
    /// Every one; then it stands alone.
    All,
    /// The one modified (else created) at this moment.
    At(Timestamp),
}

/// A query that is not understood; the text tells the client's author what is allowed (TAXII 2.1 section 3.4: 400).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FilterError {
    /// The query is longer than it may be.
    #[error("the query is too large: {what} may be at most {limit}; ask for less at a time")]
    TooLarge {
        /// What is limited.
        what: &'static str,
        /// The limit.
        limit: usize,
    },
    /// A percent sign does not begin two hexadecimal digits, or the bytes are no UTF-8.
    #[error(
        "the query cannot be read at {0:?}: bytes outside ASCII are written as % and two hexadecimal digits of UTF-8"
    )]
    Encoding(String),
    /// `added_after` is no moment.
    #[error("added_after is {0:?}; it must be a date-time with zone, such as 2026-11-01T12:00:00.000Z")]
    AddedAfter(String),
    /// `limit` is no number above 0.
    #[error("limit is {0:?}; it must be a whole number of at least 1")]
    Limit(String),
    /// A parameter that may be given once has two values.
    #[error("{0} is given twice with different values; give it once")]
    Repeated(&'static str),
    /// `match[id]` holds something else than an id.
    #[error("match[id] holds {0:?}; it must be a STIX identifier of the form type--uuid, several separated by commas")]
    Id(String),
    /// `match[type]` holds something that no type can be called.
    #[error("match[type] holds {0:?}; it must be an object type such as indicator, several separated by commas")]
    Type(String),
    /// `match[version]` holds something else.
    #[error(
        "match[version] holds {0:?}; it must be all, first, last or a date-time such as 2026-11-01T12:00:00.000Z, \
         several separated by commas"
    )]
    Version(String),
    /// `match[version]` holds `all` and something else.
    #[error("match[version] holds all and something else; all must stand alone")]
    AllWithOthers,
    /// `match[spec_version]` holds something else than versions.
    #[error("match[spec_version] holds {0:?}; it must be a STIX version such as 2.1, several separated by commas")]
    SpecVersion(String),
}

impl Filters {
    /// Reads the query of an address, without its question mark (TAXII 2.1 section 3.4).
    ///
    /// Names and values may be percent-encoded, brackets included. Lists are joined from commas and repeats. Unknown
    /// parameters are ignored, and a known one without a value counts as not given.
    ///
    /// # Errors
    /// When a parameter is not understood or the query is larger than allowed.
    pub fn parse(query: &str, limits: &FilterLimits) -> Result<Self, FilterError> {
        check("the query, in bytes", query.len(), limits.query_bytes)?;
        let mut reader = Reader { filters: Self::default(), values: 0, limits };
        for (index, pair) in query.split('&').enumerate() {
            check("the number of parameters", index, limits.parameters)?;
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            // A name that cannot be decoded is an unknown one.
            let Some(name) = query::decode(name) else { continue };
            reader.parameter(&name, value)?;
        }
        let Reader { mut filters, .. } = reader;
        filters.matches.normalise()?;
        Ok(filters)
    }

    /// What to answer when the client came with a token: the token's own filters, and the page size of this request
    /// if it names one.
    #[must_use]
    pub fn resume(&self, cursor: &Cursor) -> Self {
        Self {
            added_after: cursor.added_after,
            limit: self.limit.or(cursor.limit),
            next: None,
            matches: cursor.matches.clone(),
        }
    }
}

impl Matches {
    /// The parameters that ask for this, not yet encoded.
    pub fn to_query(&self) -> Vec<(&'static str, String)> {
        let mut pairs = Vec::new();
        let mut add = |name, values: Vec<String>| {
            if !values.is_empty() {
                pairs.push((name, values.join(",")));
            }
        };
        add("match[id]", self.ids.iter().map(ToString::to_string).collect());
        add("match[type]", self.types.iter().map(ToString::to_string).collect());
        add("match[version]", self.versions.iter().map(ToString::to_string).collect());
        add("match[spec_version]", self.spec_versions.clone());
        pairs
    }

    fn normalise(&mut self) -> Result<(), FilterError> {
        sort(&mut self.ids);
        sort(&mut self.types);
        sort(&mut self.versions);
        sort(&mut self.spec_versions);
        if self.versions.contains(&VersionMatch::All) && self.versions.len() > 1 {
            return Err(FilterError::AllWithOthers);
        }
        Ok(())
    }
}

impl std::fmt::Display for VersionMatch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::First => f.write_str("first"),
            Self::Last => f.write_str("last"),
            Self::All => f.write_str("all"),
            Self::At(moment) => moment.fmt(f),
        }
    }
}

impl From<FilterError> for TaxiiError {
    fn from(error: FilterError) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "The query is not understood", error.to_string())
    }
}

struct Reader<'l> {
    filters: Filters,
    values: usize,
    limits: &'l FilterLimits,
}

impl Reader<'_> {
    fn parameter(&mut self, name: &str, value: &str) -> Result<(), FilterError> {
        match name {
            "added_after" => self.added_after(value),
            "limit" => self.limit(value),
            "next" => self.next(value),
            "match[id]" => self.each(value, |matches, text| {
                let id = ObjectId::parse(text).map_err(|_| FilterError::Id(shown(text)))?;
                matches.ids.push(id);
                Ok(())
            }),
            "match[type]" => self.each(value, |matches, text| {
                let kind = TypeName::parse(text).map_err(|_| FilterError::Type(shown(text)))?;
                matches.types.push(kind);
                Ok(())
            }),
            "match[version]" => self.each(value, |matches, text| {
                matches.versions.push(version(text)?);
                Ok(())
            }),
            "match[spec_version]" => self.each(value, |matches, text| {
                matches.spec_versions.push(spec_version(text)?);
                Ok(())
            }),
            _ => Ok(()),
        }
    }

    fn added_after(&mut self, value: &str) -> Result<(), FilterError> {
        let text = value_of(value, self.limits.value_bytes)?;
        if text.is_empty() {
            return Ok(());
        }
        let moment = wire::read_moment(&text).ok_or_else(|| FilterError::AddedAfter(shown(&text)))?;
        once("added_after", &mut self.filters.added_after, moment)
    }

    fn limit(&mut self, value: &str) -> Result<(), FilterError> {
        let text = value_of(value, self.limits.value_bytes)?;
        let digits = text.trim();
        if digits.is_empty() {
            return Ok(());
        }
        if !digits.bytes().all(|b| b.is_ascii_digit()) || digits.bytes().all(|b| b == b'0') {
            return Err(FilterError::Limit(shown(&text)));
        }
        // More than any number held here: as many as there are.
        once("limit", &mut self.filters.limit, digits.parse().unwrap_or(u64::MAX))
    }

    fn next(&mut self, value: &str) -> Result<(), FilterError> {
        let token = value_of(value, self.limits.next_bytes)?;
        if token.is_empty() {
            return Ok(());
        }
        once("next", &mut self.filters.next, token)
    }

    /// Gives every item of a list to `take`; items may be separated by an encoded comma too.
    fn each(
        &mut self,
        value: &str,
        take: impl Fn(&mut Matches, &str) -> Result<(), FilterError>,
    ) -> Result<(), FilterError> {
        let text = value_of(value, self.limits.query_bytes)?;
        for item in text.split(',').map(str::trim).filter(|item| !item.is_empty()) {
            self.values += 1;
            check("the number of values of match parameters", self.values, self.limits.values)?;
            check("one value, in bytes", item.len(), self.limits.value_bytes)?;
            take(&mut self.filters.matches, item)?;
        }
        Ok(())
    }
}

fn value_of(value: &str, most: usize) -> Result<String, FilterError> {
    // Each encoded byte takes three.
    check("one value, in bytes", value.len(), most.saturating_mul(3))?;
    let text = query::decode(value).ok_or_else(|| FilterError::Encoding(shown(value)))?;
    check("one value, in bytes", text.len(), most)?;
    Ok(text)
}

fn version(text: &str) -> Result<VersionMatch, FilterError> {
    Ok(match text.to_ascii_lowercase().as_str() {
        "all" => VersionMatch::All,
        "first" => VersionMatch::First,
        "last" => VersionMatch::Last,
        _ => VersionMatch::At(wire::read_moment(text).ok_or_else(|| FilterError::Version(shown(text)))?),
    })
}

fn spec_version(text: &str) -> Result<String, FilterError> {
    let digits = |part: &str| !part.is_empty() && part.len() <= 3 && part.bytes().all(|b| b.is_ascii_digit());
    match text.split_once('.') {
        Some((major, minor)) if digits(major) && digits(minor) => Ok(text.to_owned()),
        _ => Err(FilterError::SpecVersion(shown(text))),
    }
}

/// Sets a value that may be given once; giving the same again does no harm.
fn once<T: PartialEq>(name: &'static str, place: &mut Option<T>, value: T) -> Result<(), FilterError> {
    match place {
        Some(known) if *known != value => Err(FilterError::Repeated(name)),
        _ => {
            *place = Some(value);
            Ok(())
        }
    }
}

fn check(what: &'static str, size: usize, limit: usize) -> Result<(), FilterError> {
    if size > limit { Err(FilterError::TooLarge { what, limit }) } else { Ok(()) }
}

fn sort<T: Ord>(list: &mut Vec<T>) {
    list.sort_unstable();
    list.dedup();
}

/// Enough of a wrong value for its author to recognise it.
fn shown(text: &str) -> String {
    text.chars().take(64).collect()
}

#[cfg(test)]
mod tests;
