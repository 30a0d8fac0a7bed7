use std::fmt;

use serde::Serialize;

use crate::Source;

/// What the places of a rule's sentence were filled with, by their names: words of closed lists, names, moments, ISO
/// 3166-1 codes of countries, numbers. No word where there is nothing.
pub type Given = Vec<(&'static str, Vec<String>)>;

/// A rule that can be given as a reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rule {
    /// A name for programs that does not change: `identity-photo`.
    pub code: &'static str,
    /// An English sentence; `{name}` is a place that is filled.
    pub sentence: &'static str,
    /// Where it comes from.
    pub source: Source,
}

/// A rule as it applies to one act.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Reason {
    /// The rule's name: what pages translate by.
    pub code: &'static str,
    /// The English sentence, filled.
    pub text: String,
    /// What it was filled with.
    pub given: Given,
    /// Where the rule comes from, and whether that was verified.
    pub source: Source,
}

impl Rule {
    pub(crate) const fn new(code: &'static str, sentence: &'static str, source: Source) -> Self {
        Self { code, sentence, source }
    }

    /// The rule as a reason without anything to fill in.
    pub(crate) fn plain(&self) -> Reason {
        self.with(Given::new())
    }

    /// The rule as a reason with one place filled by one word.
    pub(crate) fn one(&self, place: &'static str, word: impl fmt::Display) -> Reason {
        self.with(vec![(place, vec![word.to_string()])])
    }

    /// The rule as a reason.
    pub(crate) fn with(&self, given: Given) -> Reason {
        Reason { code: self.code, text: filled(self.sentence, &given), given, source: self.source }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)?;
        if !self.source.verified {
            write!(f, " ({}, not verified)", self.source.rule)?;
        }
        Ok(())
    }
}

/// The sentence in one pass, so that nothing given is read as a place.
fn filled(sentence: &str, given: &Given) -> String {
    let mut text = String::with_capacity(sentence.len() + 32);
    let mut rest = sentence;
    while let Some((before, after)) = rest.split_once('{') {
        text.push_str(before);
        let Some((place, after)) = after.split_once('}') else { break };
        let words = given.iter().find(|(name, _)| *name == place).map(|(_, words)| words.as_slice());
        match words {
            None | Some([]) => text.push_str("(not said)"),
            Some(words) => text.push_str(&words.join(", ")),
        }
        rest = after;
    }
    text.push_str(rest);
    text
}

/// The places of a sentence.
#[cfg(test)]
pub(crate) fn places(sentence: &str) -> Vec<&str> {
    sentence.split('{').skip(1).filter_map(|part| part.split_once('}')).map(|(place, _)| place).collect()
}

#[cfg(test)]
pub(crate) mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// Codes are kebab-case and each stands once; what is not verified says which rule it may be.
    pub(crate) fn well_made(rules: &[&Rule]) {
        let mut codes = BTreeSet::new();
        for rule in rules {
            assert!(codes.insert(rule.code), "{} stands twice", rule.code);
            let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
            assert!(rule.code.chars().all(allowed) && !rule.code.is_empty(), "{}", rule.code);
            assert!(rule.sentence.ends_with(['.', '?']), "{}", rule.sentence);
            assert!(!rule.source.rule.is_empty(), "{}", rule.code);
        }
    }

    /// Everything a reason's sentence needs was given, and nothing else.
    pub(crate) fn complete(reason: &Reason, rules: &[&Rule]) {
        let rule = rules.iter().find(|rule| rule.code == reason.code).expect("the rule is listed");
        let needed: BTreeSet<_> = places(rule.sentence).into_iter().collect();
        let given: BTreeSet<_> = reason.given.iter().map(|(name, _)| *name).collect();
        assert_eq!(needed, given, "{}", reason.code);
    }

    #[test]
    fn a_sentence_is_filled_once() {
        const RULE: Rule = Rule::new("a", "{one} and {two}.", Source::unverified("Art. 1", ""));
        let reason = RULE.with(vec![("one", vec!["{two}".into(), "x".into()]), ("two", vec![])]);
        assert_eq!(reason.text, "{two}, x and (not said).");
        assert_eq!(reason.to_string(), "{two}, x and (not said). (Art. 1, not verified)");
    }
}
