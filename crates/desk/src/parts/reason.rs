use comity_base::Timestamp;
use comity_node::Reason;

use super::super::language::Words;
use super::Foreign;

/// Why somebody may or may not see something, in the words of a language; as the rule says it where there are none, which
/// is so for rules of a node's own law.
pub(crate) fn reason(reason: &Reason, words: Words) -> Foreign {
    let code = match reason.code.as_str() {
        // Two rules of one code: one has nothing to name.
        "purpose" if reason.given.is_empty() => "purpose-not-stated",
        code => code,
    };
    let given: Vec<(&str, String)> =
        reason.given.iter().map(|(place, said)| (*place, in_words(place, said, words))).collect();
    let texts: Vec<(&str, &str)> = given.iter().map(|(place, said)| (*place, said.as_str())).collect();
    words.known_with("policy-", code, &texts).map_or_else(|| Foreign::lines(&reason.text), |said| Foreign::own(&said))
}

/// What stands in one place of a sentence.
fn in_words(place: &str, said: &[String], words: Words) -> String {
    let all: Vec<String> = said.iter().filter(|one| !one.is_empty()).map(|one| word(place, one, words)).collect();
    match (place, all.is_empty()) {
        ("tlp" | "pap", true) => words.say("no-level"),
        (_, true) => words.say("not-stated"),
        _ => words.list(&all),
    }
}

fn word(place: &str, one: &str, words: Words) -> String {
    match place {
        "purposes" | "asked" | "agreed_purposes" => words.within("purpose-", one),
        "uncovered" | "unnamed" => words.known("data-", one),
        "agreed_countries" | "owner_country" => words.country(one),
        "end" => one.parse::<Timestamp>().map_or_else(|_| one.to_owned(), |end| words.moment(end)),
        _ => one.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(code: &str, given: &[(&'static str, &[&str])], language: &str) -> String {
        let given = given.iter().map(|(place, said)| (*place, said.iter().map(|one| (*one).to_owned()).collect()));
        let one = Reason { given: given.collect(), ..Reason::new(code, "as the rule says it") };
        let said = reason(&one, Words::named(language).unwrap());
        said.plain().chars().filter(|c| !matches!(c, '\u{2066}'..='\u{2069}')).collect()
    }

    #[test]
    fn each_ground_is_told_in_the_language_with_what_it_names() {
        let kinds = [("agreement", &["Cybercrime v1"][..]), ("uncovered", &["victim", "contact"])];
        let said = of("agreement-kinds", &kinds, "de");
        assert_eq!(
            said,
            "Die Vereinbarung Cybercrime v1 nennt nicht: Opfer, Telefonnummern, E-Mail-Adressen und Benutzerkonten."
        );
        let purposes =
            [("agreement", &["A v2"][..]), ("agreed_purposes", &["prevention", "protection"]), ("asked", &[])];
        let said = of("agreement-purpose", &purposes, "fr");
        assert!(said.contains("prévention, protection") && said.ends_with("pour\u{a0}: non indiqué."), "{said}");
        assert!(of("agreement-country", &[("owner_country", &["EE"][..])], "es").contains("Estonia"));
        assert!(of("retention-passed", &[("end", &["2026-11-06T08:05:59Z"][..])], "en").contains("6 Nov 2026"));
        assert_eq!(of("purpose", &[], "en"), "It may be used for certain purposes only, and none was stated.");
        assert_eq!(of("local:no-juveniles", &[], "ar"), "as the rule says it");
    }

    #[test]
    fn every_rule_of_the_program_has_words_in_every_language() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../policy/policies");
        let mut codes = vec!["rule-failed".to_owned(), "no-rule".to_owned()];
        for file in std::fs::read_dir(folder).unwrap() {
            let path = file.unwrap().path();
            if path.extension().is_some_and(|kind| kind == "cedar") {
                let text = std::fs::read_to_string(path).unwrap();
                let ids = text.lines().filter_map(|line| line.strip_prefix("@id(\"")?.strip_suffix("\")"));
                codes.extend(ids.map(str::to_owned));
            }
        }
        assert!(codes.len() > 30, "{codes:?}");
        for code in &codes {
            for language in ["en", "fr", "es", "ar", "de"] {
                assert_ne!(of(code, &[], language), "as the rule says it", "{code} in {language}");
            }
        }
    }
}
