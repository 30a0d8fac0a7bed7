//! What a search asks for: from a JSON body, from path segments `key:value`, and from the part after `?`.

use comity_base::Timestamp;
use comity_http::Query;
use serde_json::{Map, Value};

use super::choice::{Choice, Span, moment};
use super::reply::Wrong;

/// What is asked of attributes and events. What a MISP knows and this node does not is not read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Ask {
    /// From 1.
    pub(super) page: usize,
    /// None for everything there is.
    pub(super) limit: Option<usize>,
    pub(super) format: String,
    pub(super) values: Choice,
    pub(super) types: Choice,
    pub(super) categories: Choice,
    pub(super) tags: Choice,
    pub(super) event_tags: Choice,
    pub(super) uuids: Choice,
    pub(super) events: Choice,
    pub(super) orgs: Choice,
    pub(super) info: Choice,
    pub(super) relations: Choice,
    pub(super) levels: Choice,
    pub(super) analysis: Choice,
    /// Of attributes where attributes are asked for, of events else.
    pub(super) changed: Span,
    pub(super) attribute_changed: Span,
    pub(super) event_changed: Span,
    pub(super) published_at: Span,
    /// The day of the event, in seconds.
    pub(super) dated: Span,
    pub(super) to_ids: Option<bool>,
    pub(super) published: Option<bool>,
    pub(super) deleted: Deleted,
    pub(super) event_tags_too: bool,
    pub(super) head_only: bool,
}

/// Whether what no longer holds is asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(super) enum Deleted {
    #[default]
    Without,
    Too,
    Only,
}

impl Ask {
    /// Reads the parameters of a request.
    pub(super) fn read(body: &[u8], path: &str, query: &str, now: Timestamp) -> Result<Self, Wrong> {
        let mut members = of_body(body)?;
        for (name, value) in of_path(path).into_iter().chain(of_query(query)) {
            members.insert(name, value);
        }
        let mut ask = Self { page: 1, format: "json".into(), ..Self::default() };
        for (name, value) in &members {
            ask.member(name, value, now)?;
        }
        Ok(ask)
    }

    fn member(&mut self, name: &str, value: &Value, now: Timestamp) -> Result<(), Wrong> {
        if value.is_null() {
            return Ok(());
        }
        let span = || Span::read(value, now).ok_or_else(|| Wrong::bad(format!("{name} is no time: {value}")));
        let end = |text: &Value| moment(text, now).ok_or_else(|| Wrong::bad(format!("{name} is no date: {value}")));
        match name {
            "page" => self.page = number(value).unwrap_or(1).max(1),
            "limit" => self.limit = number(value).filter(|limit| *limit > 0),
            "returnFormat" => self.format = text(value).unwrap_or_default().to_ascii_lowercase(),
            "value" => self.values = Choice::read(value),
            "type" => self.types = Choice::read(value),
            "category" => self.categories = Choice::read(value),
            "tags" | "tag" => self.tags = Choice::read(value),
            "event_tags" => self.event_tags = Choice::read(value),
            "uuid" => self.uuids = Choice::read(value),
            "eventid" | "event_id" | "eventId" => self.events = Choice::read(value),
            "org" | "orgc" => self.orgs = Choice::read(value),
            "eventinfo" | "info" => self.info = Choice::read(value),
            "object_relation" => self.relations = Choice::read(value),
            "threat_level_id" => self.levels = Choice::read(value),
            "analysis" => self.analysis = Choice::read(value),
            "timestamp" => self.changed = span()?,
            "attribute_timestamp" => self.attribute_changed = span()?,
            "event_timestamp" => self.event_changed = span()?,
            "publish_timestamp" | "last" => self.published_at = span()?,
            "date" => self.dated = span()?,
            "from" => self.dated.from = Some(end(value)?),
            "to" | "until" => self.dated.to = Some(end(value)?),
            "to_ids" => self.to_ids = truth(value),
            "published" => self.published = truth(value),
            "deleted" => self.deleted = deleted(value),
            "includeEventTags" => self.event_tags_too = truth(value) == Some(true),
            "metadata" => self.head_only = truth(value) == Some(true),
            "searchall" | "quickFilter" | "quickfilter" => self.search_all(value),
            _ => {}
        }
        Ok(())
    }

    /// How many values and objects are looked for by name.
    pub(super) fn queries(&self) -> usize {
        self.values.names() + self.uuids.names()
    }

    /// How many results the pages before this one held.
    pub(super) fn skipped(&self) -> usize {
        self.limit.unwrap_or_default().saturating_mul(self.page - 1)
    }

    fn search_all(&mut self, value: &Value) {
        if let Some(text) = text(value).filter(|text| text != "1" && text != "true") {
            self.values = Choice::read(&Value::String(text));
        }
    }

    /// Whether only some attributes are asked for.
    pub(super) fn is_about_attributes(&self) -> bool {
        let choices = [&self.values, &self.types, &self.categories, &self.relations];
        choices.iter().any(|choice| !choice.is_empty())
            || self.to_ids.is_some()
            || self.attribute_changed != Span::default()
    }
}

fn of_body(body: &[u8]) -> Result<Map<String, Value>, Wrong> {
    if body.iter().all(u8::is_ascii_whitespace) {
        return Ok(Map::new());
    }
    let value: Value = serde_json::from_slice(body)
        .map_err(|error| Wrong::bad(format!("The body is no JSON ({error}); nothing was searched.")))?;
    match value {
        Value::Object(mut members) => match members.remove("request") {
            Some(Value::Object(inner)) => Ok(inner),
            _ => Ok(members),
        },
        _ => Ok(Map::new()),
    }
}

/// `json/value:1.2.3.4/type:ip-dst`. A slash inside a value that nobody encoded does not end it.
fn of_path(path: &str) -> Vec<(String, Value)> {
    let mut out: Vec<(String, String)> = Vec::new();
    for (at, segment) in path.split('/').enumerate() {
        let named = segment.split_once(':').filter(|(name, _)| NAMES.contains(&name.trim_end_matches("[]")));
        match (named, out.last_mut()) {
            (Some((name, value)), _) => out.push((name.to_owned(), value.to_owned())),
            (None, Some((_, value))) => {
                value.push('/');
                value.push_str(segment);
            }
            (None, None) if at == 0 && !segment.is_empty() => out.push(("returnFormat".into(), segment.to_owned())),
            (None, None) => {}
        }
    }
    out.into_iter().filter_map(|(name, value)| Some((name, decoded(&value)?))).map(read_pair).collect()
}

fn decoded(text: &str) -> Option<String> {
    let query = Query::parse(&format!("x={}", text.replace('&', "%26")));
    query.first("x").map(str::to_owned)
}

fn read_pair((name, value): (String, String)) -> (String, Value) {
    // `["a","b"]` and `{"OR":[..]}` may stand in a path too.
    let structured = value.starts_with(['[', '{']).then(|| serde_json::from_str(&value).ok()).flatten();
    (name.trim_end_matches("[]").to_owned(), structured.unwrap_or(Value::String(value)))
}

fn of_query(query: &str) -> Vec<(String, Value)> {
    let query = Query::parse(query);
    NAMES.iter().filter_map(|name| Some(((*name).to_owned(), query.first(name)?.to_owned()))).map(read_pair).collect()
}

pub(super) fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(yes) => Some(u8::from(*yes).to_string()),
        _ => None,
    }
}

fn number(value: &Value) -> Option<usize> {
    text(value)?.trim().parse().ok()
}

/// One of true and false; both or neither ask for nothing.
fn truth(value: &Value) -> Option<bool> {
    match value {
        Value::Array(list) => match list.as_slice() {
            [one] => truth(one),
            _ => None,
        },
        other => match text(other)?.to_ascii_lowercase().as_str() {
            "1" | "true" | "yes" => Some(true),
            "0" | "false" | "no" | "exclude" => Some(false),
            _ => None,
        },
    }
}

fn deleted(value: &Value) -> Deleted {
    match value {
        Value::Array(list) if list.len() > 1 => Deleted::Too,
        Value::String(text) if text == "only" => Deleted::Only,
        other => {
            if truth(other) == Some(true) {
                Deleted::Too
            } else {
                Deleted::Without
            }
        }
    }
}

/// The parameters that are read.
const NAMES: &[&str] = &[
    "page",
    "limit",
    "returnFormat",
    "value",
    "type",
    "category",
    "tags",
    "tag",
    "event_tags",
    "uuid",
    "eventid",
    "event_id",
    "org",
    "orgc",
    "eventinfo",
    "object_relation",
    "threat_level_id",
    "analysis",
    "timestamp",
    "attribute_timestamp",
    "event_timestamp",
    "publish_timestamp",
    "last",
    "date",
    "from",
    "to",
    "until",
    "to_ids",
    "published",
    "deleted",
    "includeEventTags",
    "metadata",
    "searchall",
    "quickFilter",
    "enforceWarninglist",
    "includeContext",
    "includeDecayScore",
    "order",
    "minimal",
    "excludeGalaxy",
    "includeAttachments",
];

#[cfg(test)]
mod tests {
    use super::*;

    fn read(body: &str, path: &str) -> Ask {
        Ask::read(body.as_bytes(), path, "", Timestamp::from_micros(1_000_000_000_000_000)).unwrap()
    }

    #[test]
    fn the_path_form_is_read_as_clients_write_it() {
        let ask = read("", "json/value:http://a.example/x/limit:5/unknown:1");
        assert_eq!(ask.format, "json");
        assert!(ask.values.takes("http://a.example/x"));
        assert_eq!(ask.limit, None, "what cannot be read is no limit");
        assert!(read("", "value:http%3A%2F%2Fa.example%2Fx/type:url").values.takes("http://a.example/x"));
        assert!(read("", "value:198.51.100.7").values.takes("198.51.100.7"));
    }

    #[test]
    fn what_is_not_known_is_not_read() {
        let ask = read(r#"{"request":{"page":2,"limit":"10","order":"timestamp","enforceWarninglist":1,"x":{}}}"#, "");
        assert_eq!((ask.page, ask.limit), (2, Some(10)));
        assert_eq!(read("[]", "").page, 1);
    }
}
