use askama::Template;
use comity_base::Timestamp;
use comity_law::{Reason, Source};

use super::super::language::Words;
use super::{Foreign, Icon};

/// A demand, a refusal or a question of the law in the words of a language, with where it comes from; what nobody verified says so.
#[derive(Clone, Debug, Template)]
#[template(path = "parts/lawful.html")]
pub(crate) struct Lawful {
    words: Words,
    said: Foreign,
    source: Cites,
}

/// Where a rule comes from.
#[derive(Clone, Debug)]
pub(crate) struct Cites {
    /// The article; empty for rules of this program.
    pub(crate) rule: String,
    pub(crate) address: String,
    pub(crate) verified: bool,
}

impl Lawful {
    pub(crate) fn of(reason: &Reason, words: Words) -> Self {
        Self { words, said: lawful(reason, words), source: Cites::of(&reason.source) }
    }

    fn icon(&self, name: &'static str) -> Icon {
        Icon(name)
    }
}

impl Cites {
    fn of(source: &Source) -> Self {
        let is_own = source.address.is_empty();
        let rule = if is_own { String::new() } else { source.rule.to_owned() };
        Self { rule, address: source.address.to_owned(), verified: source.verified }
    }
}

super::safe!(Lawful);

/// A reason of the law as a sentence, by its code with what it was filled with.
pub(crate) fn lawful(reason: &Reason, words: Words) -> Foreign {
    let given: Vec<(&str, String)> =
        reason.given.iter().map(|(place, said)| (*place, in_words(reason.code, place, said, words))).collect();
    let texts: Vec<(&str, &str)> = given.iter().map(|(place, said)| (*place, said.as_str())).collect();
    let said = words.known_with("law-", reason.code, &texts);
    said.map_or_else(|| Foreign::lines(&reason.text), |said| Foreign::own(&said))
}

/// What stands in one place of a sentence.
fn in_words(code: &str, place: &str, said: &[String], words: Words) -> String {
    let all: Vec<String> = said.iter().map(|one| word(code, place, one, words)).collect();
    if all.is_empty() { words.say("not-stated") } else { words.list(&all) }
}

fn word(code: &str, place: &str, one: &str, words: Words) -> String {
    let is_hit = code.starts_with("hit-");
    let of = |notice: &'static str, hit: &'static str| words.within(if is_hit { hit } else { notice }, one);
    match place {
        "act" => words.known(if is_hit { "hitdeed-" } else { "deed-" }, one),
        "state" if code == "message-decided" => words.within("message-", one),
        "state" => of("standing-", "encounter-"),
        "who" if code == "care-needed" => words.within("care-", one),
        "who" => words.within("doer-", one),
        "outcome" => of("outcome-", "done-"),
        "colour" => words.within("colour-", one),
        "ground" => words.within("ground-", one),
        "status" | "allowed" => words.within("status-", one),
        "category" => words.within("category-", one),
        "factor" => words.within("factor-", one),
        "mark" => words.within("textmark-", one),
        "measure" => words.within("measure-", one),
        "countries" | "from" | "by" => words.country(one),
        "at" | "last" | "now" | "earliest" | "latest" => {
            one.parse::<Timestamp>().map_or_else(|_| one.to_owned(), |at| words.moment(at))
        }
        "person" => one.rsplit_once(" of ").map_or_else(|| one.to_owned(), |(who, node)| format!("{who} ({node})")),
        _ => one.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use comity_law::Rule;
    use comity_law::gate::{GATE_RULES, MESSAGE_REFUSALS};
    use comity_law::hit::HIT_REFUSALS;
    use comity_law::notice::{REFUSALS, demands};

    use super::*;

    const LANGUAGES: [&str; 5] = ["en", "fr", "es", "ar", "de"];

    fn rules() -> Vec<&'static Rule> {
        let mut all: Vec<&Rule> = demands();
        all.extend(REFUSALS.iter().chain(GATE_RULES).chain(MESSAGE_REFUSALS).chain(HIT_REFUSALS));
        all
    }

    fn said(rule: &Rule, given: &[(&'static str, &[&str])], language: &str) -> String {
        let given = given.iter().map(|(place, said)| (*place, said.iter().map(|one| (*one).to_owned()).collect()));
        let reason =
            Reason { code: rule.code, text: "as the law says it".into(), given: given.collect(), source: rule.source };
        let text = lawful(&reason, Words::named(language).unwrap()).plain().to_owned();
        text.chars().filter(|c| !matches!(c, '\u{2066}'..='\u{2069}')).collect()
    }

    fn named(code: &str) -> &'static Rule {
        rules().into_iter().find(|rule| rule.code == code).unwrap()
    }

    #[test]
    fn every_rule_has_words_in_every_language_with_a_place_for_all_that_it_is_filled_with() {
        assert!(rules().len() > 100, "{}", rules().len());
        for rule in rules() {
            let places =
                rule.sentence.split('{').skip(1).filter_map(|part| part.split_once('}')).map(|(place, _)| place);
            let given: Vec<(&'static str, &[&str])> = places.map(|place| (place, &["zzz"][..])).collect();
            for language in LANGUAGES {
                let text = said(rule, &given, language);
                assert_ne!(text, "as the law says it", "{} in {language}", rule.code);
                let filled = text.matches("zzz").count();
                assert!(filled >= given.len(), "{} in {language} leaves out what it is filled with: {text}", rule.code);
                assert!(!text.contains("{$") && !text.contains("{ $"), "{} in {language}: {text}", rule.code);
            }
        }
    }

    #[test]
    fn what_a_rule_is_filled_with_is_told_in_the_language() {
        let text = said(named("not-from-here"), &[("state", &["under-review"]), ("act", &["withdraw"])], "de");
        assert!(text.contains("Prüfung") && text.contains("Zurückziehen"), "{text}");
        let given: [(&'static str, &[&str]); 3] =
            [("status", &[]), ("colour", &["red"]), ("allowed", &["convicted", "charged"])];
        let text = said(named("status-fits"), &given, "fr");
        assert!(text.contains("rouge") && text.contains("condamné") && text.contains("non indiqué"), "{text}");
        let text = said(named("refugee-protected"), &[("from", &["EE"]), ("by", &["FI"])], "es");
        assert!(text.contains("Estonia") && text.contains("Finlandia"), "{text}");
        let text = said(named("four-eyes"), &[("person", &["mari of ee"])], "en");
        assert!(text.starts_with("mari (ee)"), "{text}");
        let text = said(named("validity"), &[("latest", &["2031-11-06T08:05:59Z"])], "en");
        assert!(text.contains("6 Nov 2031"), "{text}");
        let text = said(named("hit-other-measure"), &[("measure", &["arrest"]), ("outcome", &["let-go"])], "en");
        assert!(text.contains("arrest") && text.contains("on their way"), "{text}");
    }

    #[test]
    fn what_nobody_verified_says_so() {
        let words = Words::named("en").unwrap();
        let shown = |code: &str| {
            let rule = named(code);
            let reason = Reason { code: rule.code, text: String::new(), given: Vec::new(), source: rule.source };
            Lawful::of(&reason, words).to_string()
        };
        let article = shown("identity");
        assert!(article.contains("not verified") && article.contains("RPD Art. 83(2)"), "{article}");
        assert!(article.contains("rel=\"noreferrer\""), "{article}");
        let read = shown("maximum-penalty-threshold");
        assert!(!read.contains("not verified") && read.contains("RPD Art. 83(1)"), "{read}");
        let house = shown("four-eyes");
        assert!(!house.contains("href") && house.contains("rule of this program"), "{house}");
    }
}
