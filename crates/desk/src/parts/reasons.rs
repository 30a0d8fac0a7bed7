use askama::Template;
use comity_node::Why;

use super::super::language::Words;
use super::{Foreign, Meter, Points};

/// Why somebody may be the one: the parts of the names beside each other, and what each thing speaks for or against, which adds
/// up to how likely it is.
#[derive(Clone, Debug, Template)]
#[template(path = "parts/reasons.html")]
pub(crate) struct Reasons {
    words: Words,
    parts: Vec<PartRow>,
    /// What was asked and is not there; what is there and was not asked.
    missing: Vec<Foreign>,
    extra: Vec<Foreign>,
    facts: Vec<(String, Points)>,
    total: Points,
    likely: Meter,
}

/// A part of the name that was asked beside one that was found.
#[derive(Clone, Debug)]
struct PartRow {
    asked: Foreign,
    found: Foreign,
    alike: Meter,
    tells: String,
}

impl Reasons {
    /// All of them, and the probability that they come to.
    pub(crate) fn of(why: &Why, probability: f32, words: Words) -> Self {
        let texts = |all: &[String]| all.iter().map(|text| Foreign::line(text)).collect();
        let mut told: Vec<(String, f32)> = Vec::new();
        told.extend(why.name.map(|points| (words.say("fact-names"), points)));
        told.extend(why.facts.iter().map(|(code, points)| (fact(code, words), *points)));
        let most = told.iter().map(|(_, points)| points.abs()).fold(1.0, f32::max);
        let facts: Vec<(String, Points)> =
            told.into_iter().map(|(said, points)| (said, Points::new(points, most, words))).collect();
        let all: Vec<Points> = facts.iter().map(|(_, points)| *points).collect();
        Self {
            parts: why
                .parts
                .iter()
                .map(|part| PartRow {
                    asked: Foreign::line(&part.asked),
                    found: Foreign::line(&part.found),
                    alike: Meter::alike(part.alike, (&part.asked, &part.found), words),
                    tells: words.say(tells(part.tells)),
                })
                .collect(),
            missing: texts(&why.missing),
            extra: texts(&why.extra),
            total: Points::sum(&all, words),
            likely: Meter::likely(probability, words),
            facts,
            words,
        }
    }
}

/// What a fact is called that agrees or contradicts, by its code.
pub(crate) fn fact(code: &str, words: Words) -> String {
    words.known("fact-", code)
}

/// How common a part of a name is, by how much it tells.
const fn tells(share: f32) -> &'static str {
    match share {
        ..0.35 => "tells-common",
        ..0.7 => "tells-some",
        _ => "tells-rare",
    }
}

super::safe!(Reasons);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_that_there_is_has_words_in_every_language() {
        let file = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../names/src/facts.rs");
        let text = std::fs::read_to_string(file).unwrap();
        let of_facts = text.split("told(\"").skip(1).filter_map(|part| part.split('"').next());
        let mut codes: Vec<&str> =
            of_facts.chain(["document", "document-near", "identifier", "identifier-near", "names"]).collect();
        codes.sort_unstable();
        codes.dedup();
        assert!(codes.len() >= 17, "{codes:?}");
        for language in ["en", "fr", "es", "ar", "de"] {
            let words = Words::named(language).unwrap();
            for code in &codes {
                assert_ne!(fact(code, words), *code, "{code} in {language}");
            }
        }
    }

    #[test]
    fn what_is_common_tells_little() {
        assert_eq!([0.1, 0.5, 0.9].map(tells), ["tells-common", "tells-some", "tells-rare"]);
    }

    #[test]
    fn reasons_are_shown_with_what_they_come_to() {
        let part = comity_node::PartBeside { asked: "Тамм".into(), found: "Tamm".into(), alike: 1.0, tells: 0.9 };
        let why = Why {
            name: Some(3.26),
            parts: vec![part],
            missing: vec!["<Peeter>".into()],
            extra: Vec::new(),
            facts: vec![("birth-day", 5.0), ("sex-other", -2.5)],
        };
        let html = Reasons::of(&why, 0.997, Words::named("en").unwrap()).to_string();
        for told in ["Тамм", "&#60;Peeter&#62;", "+3.3", "+5.0", "\u{2212}2.5", "+5.8", "99.7", "same day"] {
            assert!(html.contains(told), "{told}: {html}");
        }
    }
}
