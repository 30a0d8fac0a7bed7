//! Which texts and times a search takes.

use comity_base::Timestamp;
use serde_json::Value;

use super::ask::text;

/// Texts that are wanted and not wanted. `%` stands for any characters.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Choice {
    any: Vec<String>,
    all: Vec<String>,
    none: Vec<String>,
}

impl Choice {
    /// One text, a list of alternatives, or `{"OR":[..],"AND":[..],"NOT":[..]}`; `!` before a text refuses it.
    pub(super) fn read(value: &Value) -> Self {
        let mut choice = Self::default();
        match value {
            Value::Object(members) => {
                for (name, list) in members {
                    match name.to_ascii_uppercase().as_str() {
                        "OR" => each(list, &mut |text| choice.any.push(text)),
                        "AND" => each(list, &mut |text| choice.all.push(text)),
                        "NOT" => each(list, &mut |text| choice.none.push(text)),
                        _ => {}
                    }
                }
            }
            other => each(other, &mut |text| match text.strip_prefix('!') {
                Some(refused) => choice.none.push(refused.to_lowercase()),
                None => choice.any.extend(text.split("&&").map(str::to_owned)),
            }),
        }
        for text in choice.any.iter_mut().chain(&mut choice.all).chain(&mut choice.none) {
            *text = text.to_lowercase();
        }
        choice.any.retain(|text| !text.is_empty());
        choice
    }

    pub(super) fn is_empty(&self) -> bool {
        self.any.is_empty() && self.all.is_empty() && self.none.is_empty()
    }

    /// How many texts are looked for by name.
    pub(super) fn names(&self) -> usize {
        self.any.len() + self.all.len()
    }

    /// Whether a single text is taken.
    pub(super) fn takes(&self, text: &str) -> bool {
        self.takes_any(&mut std::iter::once(text))
    }

    /// Whether something with these texts is taken.
    pub(super) fn takes_any(&self, texts: &mut dyn Iterator<Item = &str>) -> bool {
        if self.is_empty() {
            return true;
        }
        let texts: Vec<String> = texts.map(str::to_lowercase).collect();
        let has = |pattern: &String| texts.iter().any(|text| fits(pattern, text));
        (self.any.is_empty() || self.any.iter().any(has)) && self.all.iter().all(has) && !self.none.iter().any(has)
    }

    /// The texts of which one must be there, when no pattern is among them.
    pub(super) fn wanted(&self) -> Option<&[String]> {
        let wanted = if self.any.is_empty() { &self.all } else { &self.any };
        (!wanted.is_empty() && wanted.iter().all(|text| !text.contains('%'))).then_some(wanted)
    }
}

fn each(value: &Value, sink: &mut dyn FnMut(String)) {
    match value {
        Value::Array(list) => list.iter().for_each(|one| each(one, sink)),
        other => text(other).into_iter().for_each(sink),
    }
}

/// Both in lower case.
fn fits(pattern: &str, text: &str) -> bool {
    if !pattern.contains('%') {
        return pattern == text;
    }
    let mut parts = pattern.split('%');
    let Some(mut rest) = parts.next().and_then(|head| text.strip_prefix(head)) else { return false };
    let mut parts = parts.peekable();
    while let Some(part) = parts.next() {
        if parts.peek().is_none() {
            return rest.ends_with(part);
        }
        let Some(at) = rest.find(part) else { return false };
        rest = rest.get(at + part.len()..).unwrap_or_default();
    }
    rest.is_empty()
}

/// From when to when, in seconds since 1970; both ends belong to it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Span {
    pub(super) from: Option<i64>,
    pub(super) to: Option<i64>,
}

impl Span {
    /// Since a moment; or from the first to the second of two.
    pub(super) fn read(value: &Value, now: Timestamp) -> Option<Self> {
        match value {
            Value::Array(list) => match list.as_slice() {
                [from, to] => {
                    let (from, to) = (moment(from, now)?, moment(to, now)?);
                    Some(Self { from: Some(from.min(to)), to: Some(from.max(to)) })
                }
                [from] => Self::read(from, now),
                _ => None,
            },
            other => Some(Self { from: Some(moment(other, now)?), to: None }),
        }
    }

    pub(super) fn holds(&self, seconds: i64) -> bool {
        self.from.is_none_or(|from| from <= seconds) && self.to.is_none_or(|to| seconds <= to)
    }
}

/// Seconds since 1970: written so, as a date, or as how long ago (`5d`, `12h`, `30m`).
pub(super) fn moment(value: &Value, now: Timestamp) -> Option<i64> {
    let text = text(value)?;
    let text = text.trim();
    if let Ok(seconds) = text.parse::<f64>() {
        // INVARIANT: a float becomes the nearest whole number, whatever it is.
        #[expect(clippy::cast_possible_truncation, reason = "saturates")]
        return Some(seconds as i64);
    }
    if let Some((count, unit)) = text.split_at_checked(text.len().saturating_sub(1))
        && let (Ok(count), Some(unit)) = (count.trim().parse::<i64>(), unit_of(unit))
    {
        return Some(now.as_micros().div_euclid(1_000_000).saturating_sub(count.saturating_mul(unit)));
    }
    let spaced = text.replacen(' ', "T", 1);
    let forms = [spaced.clone(), format!("{spaced}Z"), format!("{text}T00:00:00Z"), format!("{spaced}:00Z")];
    let read = forms.iter().find_map(|form| Timestamp::parse(form).ok())?;
    Some(read.as_micros().div_euclid(1_000_000))
}

fn unit_of(unit: &str) -> Option<i64> {
    Some(match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3_600,
        "d" => 86_400,
        "w" => 604_800,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn alternatives_demands_and_refusals() {
        let choice = Choice::read(&json!({ "OR": ["tlp:green", "osint%"], "NOT": ["x"] }));
        assert!(choice.takes_any(&mut ["OSINT:y"].into_iter()));
        assert!(!choice.takes_any(&mut ["tlp:green", "X"].into_iter()));
        assert!(!choice.takes("tlp:red"));
        let both = Choice::read(&json!({ "AND": ["a", "b"] }));
        assert!(both.takes_any(&mut ["a", "b", "c"].into_iter()) && !both.takes("a"));
        assert!(!Choice::read(&json!("!a")).takes("a") && Choice::read(&json!("!a")).takes("b"));
        assert!(Choice::read(&json!(["a", "b"])).takes("B") && Choice::default().takes("anything"));
    }

    #[test]
    fn patterns_stand_for_any_characters() {
        assert!(fits("%evil%", "an evil name") && fits("evil%", "evil") && fits("%a%b", "xaxb"));
        assert!(!fits("evil%", "an evil") && !fits("%a", "ab") && !fits("a%a", "a"));
    }

    #[test]
    fn moments_are_read_as_clients_write_them() {
        let now = Timestamp::from_micros(1_000_000 * 1_000_000);
        for (text, seconds) in [
            (json!("1700000000"), 1_700_000_000),
            (json!(1_700_000_000), 1_700_000_000),
            (json!("2023-11-14T22:13:20Z"), 1_700_000_000),
            (json!("2023-11-14 22:13:20"), 1_700_000_000),
            (json!("2023-11-14"), 1_699_920_000),
            (json!("1d"), 913_600),
            (json!("30m"), 998_200),
        ] {
            assert_eq!(moment(&text, now), Some(seconds), "{text}");
        }
        assert_eq!(moment(&json!("soon"), now), None);
    }
}
