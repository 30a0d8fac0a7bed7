use std::sync::LazyLock;

use axum::http::HeaderMap;
use axum::http::header::ACCEPT_LANGUAGE;
use comity_http::Query;
use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use unic_langid::LanguageIdentifier;

/// The words of one language.
#[derive(Clone, Copy, Debug)]
pub(super) struct Words(usize);

/// How many there are, however a template names it.
pub(super) trait Number {
    /// The number.
    fn number(&self) -> u64;
}

impl Number for u64 {
    fn number(&self) -> u64 {
        *self
    }
}

impl<T: Number + ?Sized> Number for &T {
    fn number(&self) -> u64 {
        (**self).number()
    }
}

struct Language {
    bundle: FluentBundle<FluentResource>,
}

/// All messages of a language: of pages, of the law, and of the gate.
macro_rules! messages {
    ($code:literal) => {
        concat!(
            include_str!(concat!("../pages/messages/", $code, ".ftl")),
            include_str!(concat!("../pages/messages/law/", $code, ".ftl")),
            include_str!(concat!("../pages/messages/gate/", $code, ".ftl")),
        )
    };
}

/// Code and messages, the first where nothing else is wanted.
const TEXTS: [(&str, &str); 5] = [
    ("en", messages!("en")),
    ("fr", messages!("fr")),
    ("es", messages!("es")),
    ("ar", messages!("ar")),
    ("de", messages!("de")),
];

static LANGUAGES: LazyLock<Vec<Language>> =
    LazyLock::new(|| TEXTS.iter().map(|(code, text)| read(code, text)).collect());

fn read(code: &'static str, text: &str) -> Language {
    let id: LanguageIdentifier = code.parse().unwrap_or_default();
    let mut bundle = FluentBundle::new_concurrent(vec![id]);
    // What does not read is missing, which a test notices.
    let resource = FluentResource::try_new(text.to_owned()).unwrap_or_else(|(resource, _)| resource);
    drop(bundle.add_resource(resource));
    Language { bundle }
}

impl Words {
    /// Those that a request asks for: in its address, by its cookie, or by what the browser prefers.
    pub(super) fn of(headers: &HeaderMap, query: Option<&str>) -> Self {
        let query = Query::parse(query.unwrap_or_default());
        let cookie = super::person::cookie(headers, COOKIE);
        let named = query.all("lang").next().map(str::to_owned).or(cookie);
        if let Some(words) = named.as_deref().and_then(Self::named) {
            return words;
        }
        let preferred = headers.get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let mut wanted: Vec<(f32, &str)> = preferred.split(',').take(20).filter_map(weighed).collect();
        wanted.sort_by(|a, b| b.0.total_cmp(&a.0));
        wanted.iter().find_map(|(_, code)| Self::named(code)).unwrap_or(Self(0))
    }

    pub(super) fn named(code: &str) -> Option<Self> {
        let language = code.split(['-', '_']).next()?.trim().to_ascii_lowercase();
        TEXTS.iter().position(|(known, _)| *known == language).map(Self)
    }

    pub(super) fn code(self) -> &'static str {
        TEXTS.get(self.0).map_or("en", |(code, _)| code)
    }

    /// Which way it is written.
    pub(super) fn direction(self) -> &'static str {
        if self.code() == "ar" { "rtl" } else { "ltr" }
    }

    /// The other languages there are.
    pub(super) fn others(self) -> impl Iterator<Item = Self> {
        (0..TEXTS.len()).map(Self).filter(move |other| other.0 != self.0)
    }

    /// Its place among the languages.
    pub(super) fn number_of_language(self) -> usize {
        self.0
    }

    /// A message with how many there are: `count` decides the form, `shown` is the number as it is written.
    pub(super) fn counted(self, id: &str, count: impl Number) -> String {
        let count = count.number();
        let mut args = FluentArgs::new();
        args.set("count", FluentValue::from(i64::try_from(count).unwrap_or(i64::MAX)));
        args.set("shown", FluentValue::from(self.count(count)));
        self.told(id, Some(&args))
    }

    /// How many of how many are shown.
    pub(super) fn shown(self, here: impl Number, total: impl Number) -> String {
        let mut args = FluentArgs::new();
        args.set("here", FluentValue::from(self.count(here.number())));
        args.set("total", FluentValue::from(self.count(total.number())));
        self.told("shown-of", Some(&args))
    }

    /// What objects of a STIX type are called.
    pub(super) fn kind(self, kind: &str) -> String {
        self.known("kind-", kind)
    }

    /// What a word of a closed list is called, and the word itself where it is not of the list.
    pub(super) fn known(self, prefix: &str, word: &str) -> String {
        let id = format!("{prefix}{word}");
        let said = if word.len() < 60 { self.say(&id) } else { id.clone() };
        if said == id { word.to_owned() } else { said }
    }

    /// The same for a place inside a sentence.
    pub(super) fn within(self, prefix: &str, word: &str) -> String {
        let said = self.known(prefix, word);
        let mut rest = said.chars();
        match rest.next() {
            // Nouns keep their capital in German.
            Some(first) if self.code() != "de" => first.to_lowercase().chain(rest).collect(),
            _ => said,
        }
    }

    /// Several words one after the other.
    pub(super) fn list(self, words: &[String]) -> String {
        words.join(self.comma())
    }

    /// What stands before what is said of something.
    pub(super) fn colon(self) -> &'static str {
        if self.code() == "fr" { "\u{a0}:" } else { ":" }
    }

    /// What stands between two of several things.
    pub(super) fn comma(self) -> &'static str {
        if self.code() == "ar" { "، " } else { ", " }
    }

    /// A message about a word of a closed list, with texts in it; none where the word is not of the list.
    pub(super) fn known_with(self, prefix: &str, word: &str, texts: &[(&str, &str)]) -> Option<String> {
        let id = format!("{prefix}{word}");
        let said = if word.len() < 60 { self.texts(&id, texts) } else { id.clone() };
        (said != id).then_some(said)
    }

    /// A message.
    pub(super) fn say(self, id: &str) -> String {
        self.told(id, None)
    }

    /// A message with a text in it.
    pub(super) fn text(self, id: &str, name: &str, value: &str) -> String {
        self.texts(id, &[(name, value)])
    }

    /// A message with texts in it.
    pub(super) fn texts(self, id: &str, texts: &[(&str, &str)]) -> String {
        let mut args = FluentArgs::new();
        for (name, value) in texts {
            // A text of others ends no isolation that holds it.
            let value: String =
                value.chars().filter(|c| !matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')).collect();
            args.set((*name).to_owned(), FluentValue::from(value));
        }
        self.told(id, Some(&args))
    }

    /// What values of a kind are called.
    pub(super) fn value_kind(self, kind: Option<comity_stix::Kind>, name: &str) -> String {
        let said = self.known("value-", name);
        if said == name { kind.map_or(said, |kind| kind.title().to_owned()) } else { said }
    }

    /// A message with a number in it.
    pub(super) fn number(self, id: &str, name: &str, value: impl Into<i64>) -> String {
        let mut args = FluentArgs::new();
        args.set(name.to_owned(), FluentValue::from(value.into()));
        self.told(id, Some(&args))
    }

    fn told(self, id: &str, args: Option<&FluentArgs<'_>>) -> String {
        let Some(Language { bundle, .. }) = LANGUAGES.get(self.0) else { return id.to_owned() };
        let Some(pattern) = bundle.get_message(id).and_then(|message| message.value()) else { return id.to_owned() };
        bundle.format_pattern(pattern, args, &mut Vec::new()).into_owned()
    }
}

/// One preference of a browser, like `fr;q=0.8`.
fn weighed(text: &str) -> Option<(f32, &str)> {
    let (code, weight) = text.split_once(";q=").unwrap_or((text, "1"));
    let weight: f32 = weight.trim().parse().ok()?;
    (weight > 0.0).then_some((weight, code.trim()))
}

/// Where a browser keeps which language was chosen.
pub(super) const COOKIE: &str = "__Host-comity-language";

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    /// Each message with the names of what is put into it.
    fn messages(text: &str) -> BTreeMap<String, Vec<String>> {
        let mut all: BTreeMap<String, Vec<String>> = BTreeMap::new();
        let mut last = String::new();
        for line in text.lines() {
            if let Some((id, _)) = line.split_once(" = ").filter(|(id, _)| !id.starts_with([' ', '}'])) {
                last = id.to_owned();
                assert!(all.insert(last.clone(), Vec::new()).is_none(), "{id} is there twice");
            }
            for part in line.split("{ $").skip(1) {
                let name: String = part.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
                let names = all.entry(last.clone()).or_default();
                if !names.contains(&name) {
                    names.push(name);
                }
            }
        }
        all
    }

    #[test]
    fn every_language_says_everything() {
        let english = messages(TEXTS[0].1);
        for (at, (code, text)) in TEXTS.iter().enumerate() {
            assert_eq!(messages(text), english, "{code}");
            assert!(FluentResource::try_new((*text).to_owned()).is_ok(), "{code} reads");
            for id in english.keys() {
                assert!(LANGUAGES[at].bundle.has_message(id), "{code} {id}");
            }
        }
    }

    #[test]
    fn pages_say_only_what_there_is() {
        let english = messages(TEXTS[0].1);
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("pages");
        let mut used = 0;
        let folders =
            [folder.join("parts"), folder.join("notices"), folder.join("encounters"), folder.join("gate"), folder];
        let files = folders.into_iter().flat_map(|folder| std::fs::read_dir(folder).unwrap().flatten());
        for file in files.filter(|file| file.path().is_file()) {
            let text = std::fs::read_to_string(file.path()).unwrap();
            for call in ["words.say(\"", "words.text(\"", "words.number(\"", "words.counted(\"", "other.say(\""] {
                for part in text.split(call).skip(1) {
                    let id = part.split('"').next().unwrap();
                    assert!(english.contains_key(id), "{id} in {}", file.path().display());
                    used += 1;
                }
            }
        }
        assert!(used > 40, "{used}");
    }

    #[test]
    fn a_browser_is_answered_in_what_it_prefers() {
        let of = |accept: &str, query: Option<&str>| {
            let mut headers = HeaderMap::new();
            headers.insert(ACCEPT_LANGUAGE, accept.parse().unwrap());
            Words::of(&headers, query).code()
        };
        assert_eq!(of("et, de;q=0.4, fr-CA;q=0.9", None), "fr");
        assert_eq!(of("de", Some("lang=ar")), "ar");
        assert_eq!(of("de", Some("lang=xx")), "de");
        assert_eq!(of("et;q=x,,;q=,en;q=0", None), "en");
    }

    #[test]
    fn numbers_are_told_as_a_language_counts() {
        let wait = |code: &str, seconds: i64| Words::named(code).unwrap().number("wait", "seconds", seconds);
        assert!(wait("en", 1).contains("one second") && wait("en", 30).contains("seconds"));
        let arabic: Vec<String> = [1, 2, 3, 11, 100].map(|seconds| wait("ar", seconds)).into();
        assert!(arabic[1].contains("ثانيتين") && arabic[2].contains("ثوانٍ"), "{arabic:?}");
    }
}
