use comity_stix::Doc;
use comity_stix::person::{EXTENSION, Person};

use super::*;

fn person(statements: &str) -> Person {
    let json = format!(
        r#"{{"type":"identity","name":"Jaan Tamm","identity_class":"individual","extensions":{{"{EXTENSION}":{statements}}}}}"#
    );
    Person::read(Doc::parse(json.as_bytes(), 16).unwrap().root()).unwrap()
}

fn shown(statements: &str, language: &str) -> String {
    let words = Words::named(language).unwrap();
    Statements::of(&person(statements), "2026-11-26T00:00:00Z".parse().unwrap(), words).to_string()
}

/// The text of a page, without what keeps texts in their place.
fn text(html: &str) -> String {
    let mut out = String::new();
    let mut is_tag = false;
    for c in html.chars().filter(|c| !matches!(c, '\u{2066}'..='\u{2069}')) {
        match c {
            '<' => is_tag = true,
            '>' => is_tag = false,
            c if !is_tag => out.push(c),
            _ => {}
        }
    }
    out
}

const BIRTHS: &str = r#"{"births":[{"date":"1984-03-05","place":"Tartu","country":"EE","source":"civil register","grading":"a1","basis":"fact","stated":"2026-11-20T00:00:00Z"},
    {"date":"1986","about":true,"source":"<b>informant</b>","grading":"E4","basis":"opinion"},{"date":"1990"}]}"#;

#[test]
fn each_statement_says_who_made_it_and_how_sure_they_are() {
    let said = text(&shown(BIRTHS, "en"));
    for told in
        ["5 Mar 1984", "TartuEstonia", "civil register", "A1", "completely reliable", "confirmed", "fact", "6 days ago"]
    {
        assert!(said.contains(told), "{told}: {said}");
    }
    for told in ["about 1986", "&#60;b&#62;informant", "E4", "unreliable", "opinion"] {
        assert!(said.contains(told), "{told}: {said}");
    }
    let german = text(&shown(BIRTHS, "de"));
    assert!(german.contains("05.03.1984") && german.contains("Estland"), "{german}");
}

#[test]
fn what_contradicts_stands_side_by_side_and_says_so() {
    assert!(shown(BIRTHS, "en").contains("against"));
    let one = r#"{"births":[{"date":"1984-03-05"},{"date":"1984"}]}"#;
    assert!(!shown(one, "en").contains("against"), "the year is of the same day");
}

#[test]
fn documents_names_and_the_rest_are_told_in_words() {
    let all = r#"{"names":[{"name":"Тамм Яан","kind":"spelling","script":"Cyrl","parts":[{"part":"family","text":"Тамм"},{"part":"given","text":"Яан"}]}],
        "nationalities":[{"country":"EST"}],"sexes":[{"sex":"male"}],
        "documents":[{"type":"P","issuer":"EST","number":"KB0123456","expires":"2030-01","state":"stolen"}],
        "places":[{"country":"ES","as_what":"lives"}],"features":[{"feature":"height-cm","value":"181"}],
        "identifiers":[{"kind":"phone","value":"+3725551234"}],"statuses":[{"status":"suspect"},{"status":"guilty"}]}"#;
    let said = text(&shown(all, "en"));
    for told in [
        "Тамм Яан",
        "other spelling",
        "Cyrillic",
        "Family name: Тамм",
        "Estonia",
        "male",
        "KB0123456",
        "Passport",
        "until Jan 2030",
        "stolen",
        "Spain",
        "lives",
        "height",
        "phone number",
        "suspect",
        "One statement could not be read",
    ] {
        assert!(said.contains(told), "{told}: {said}");
    }
}

#[test]
fn every_word_of_a_closed_list_is_told_in_every_language() {
    use comity_stix::person::{Basis, DocumentState, NameKind, Part, Sex, Status};
    let mut ids: Vec<String> = Vec::new();
    let mut add = |prefix: &str, names: &mut dyn Iterator<Item = &'static str>| {
        ids.extend(names.map(|name| format!("{prefix}{name}")));
    };
    add("name-", &mut NameKind::ALL.iter().map(|one| one.name()));
    add("part-", &mut Part::ALL.iter().map(|one| one.name()));
    add("sexed-", &mut Sex::ALL.iter().map(|one| one.name()));
    add("status-", &mut Status::ALL.iter().map(|one| one.name()));
    add("held-", &mut DocumentState::ALL.iter().map(|one| one.name()));
    add("basis-", &mut Basis::ALL.iter().map(|one| one.name()));
    let about = [
        "names",
        "births",
        "nationalities",
        "sexes",
        "documents",
        "statuses",
        "places",
        "features",
        "identifiers",
        "photos",
    ];
    add("said-", &mut about.into_iter());
    add("grade-", &mut ["a", "b", "c", "d", "e", "f", "1", "2", "3", "4", "5", "6"].into_iter());
    for language in ["en", "fr", "es", "ar", "de"] {
        let words = Words::named(language).unwrap();
        for id in &ids {
            assert_ne!(words.say(id), *id, "{language}");
        }
    }
}

#[test]
fn what_was_asked_stands_first_and_beside_what_is_said_of_it() {
    let words = Words::named("en").unwrap();
    let said = Statements::of(
        &person(r#"{"statuses":[{"status":"suspect"}],"births":[{"date":"1984"}]}"#),
        "2026-11-26T00:00:00Z".parse().unwrap(),
        words,
    );
    let asked = |about, text: &str| Asked { about, text: Foreign::line(text), told: None };
    let beside = said.beside(vec![asked("births", "1985"), asked("documents", "EST:P:KB0123456")]);
    let order: Vec<&str> = beside.groups.iter().map(|group| group.title.as_str()).collect();
    assert_eq!(order, ["Born", "Documents", "Names", "Part in the matter"]);
    assert!(beside.groups[1].said.is_empty() && text(&beside.to_string()).contains("Nothing is said of it"));
}
