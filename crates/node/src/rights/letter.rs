use comity_base::Timestamp;
use serde::{Deserialize, Serialize};

use super::request::FoundObject;
use super::{RightsDesk, RightsRequest, Stage};
use crate::{Ctx, NodeError};

/// The language of an answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Language {
    /// English.
    #[default]
    En,
    /// French.
    Fr,
    /// Spanish.
    Es,
    /// Arabic.
    Ar,
    /// German.
    De,
}

/// Who answers.
#[derive(Clone, Debug)]
pub struct Sender {
    /// Its full name.
    pub organisation: String,
}

impl RightsDesk<'_> {
    /// What is to be written to whoever asked, as things stand with the request. Where nothing is held, where something
    /// is and must not be told, and where it stays, it is the same to the letter.
    ///
    /// # Errors
    /// When there is no such request, it is not admitted yet, or the store fails.
    pub fn letter(&self, ctx: &Ctx, number: &str, sender: &Sender) -> Result<String, NodeError> {
        let request = self.request(ctx, number)?;
        let body = match request.stage {
            Stage::Received => {
                return Err(super::desk::refused(&format!(
                    "request {number} is not admitted yet: there is nothing to say"
                )));
            }
            Stage::Admitted => "received",
            Stage::Refused => "refused",
            Stage::Decided if request.told => request.outcome.map_or(NEUTRAL, super::Outcome::name),
            Stage::Decided => NEUTRAL,
        };
        let mut parts = vec!["head", body];
        if !self.terms.authority.is_empty() {
            parts.push("foot");
        }
        let said = |part: &&str| self.part(ctx, &request, sender, request.person.language.part(part));
        Ok(parts.iter().map(said).collect::<Vec<_>>().join("\n\n") + "\n")
    }

    fn part(&self, ctx: &Ctx, request: &RightsRequest, sender: &Sender, text: &str) -> String {
        let language = request.person.language;
        let date = request.decided.unwrap_or_else(|| ctx.now());
        fill(text, &|name| match name {
            "number" => request.number.clone(),
            "name" => request.person.name.clone(),
            "contact" => request.person.contact.clone(),
            "organisation" => sender.organisation.clone(),
            "received" => day(request.received),
            "date" => day(date),
            "due" => request.due.map_or_else(String::new, day),
            "authority" => self.terms.authority.clone(),
            "reason" => reason(request),
            "list" => request.found.iter().map(|object| line(language, object)).collect::<Vec<_>>().join("\n"),
            _ => String::new(),
        })
    }
}

impl Language {
    /// One part of what can be said in it.
    fn part(self, name: &str) -> &'static str {
        let text = match self {
            Self::En => include_str!("letters/en.txt"),
            Self::Fr => include_str!("letters/fr.txt"),
            Self::Es => include_str!("letters/es.txt"),
            Self::Ar => include_str!("letters/ar.txt"),
            Self::De => include_str!("letters/de.txt"),
        };
        let mut parts = text.split("== ").filter_map(|part| part.split_once('\n'));
        parts.find(|(known, _)| *known == name).map_or("", |(_, text)| text.trim_end())
    }
}

fn line(language: Language, object: &FoundObject) -> String {
    let given: Vec<&str> = object.given.iter().map(comity_base::OrgName::as_str).collect();
    fill(language.part("line"), &|name| match name {
        "what" if object.name.is_empty() => object.id.to_string(),
        "what" => format!("{} ({})", object.name, object.id.kind),
        "owner" => object.owner.to_string(),
        "given" if given.is_empty() => language.part("nobody").to_owned(),
        "given" => given.join(", "),
        "until" => object.until.map_or_else(|| language.part("open").to_owned(), day),
        _ => String::new(),
    })
}

/// Why it was not admissible, as the desk wrote it.
fn reason(request: &RightsRequest) -> String {
    let said = request.events.iter().rev().find_map(|event| event.what.strip_prefix("not admissible: "));
    said.unwrap_or_default().to_owned()
}

fn day(at: Timestamp) -> String {
    at.to_string().get(..10).unwrap_or_default().to_owned()
}

/// Puts words where the text names them. What is put in is not read again.
fn fill(text: &str, word: &dyn Fn(&str) -> String) -> String {
    let (mut out, mut rest) = (String::new(), text);
    while let Some((before, after)) = rest.split_once('{') {
        let Some((name, after)) = after.split_once('}') else { break };
        out.push_str(before);
        out.push_str(&word(name));
        rest = after;
    }
    out.push_str(rest);
    out
}

const NEUTRAL: &str = "neutral";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_language_says_everything() {
        let names: Vec<&str> =
            include_str!("letters/en.txt").lines().filter_map(|line| line.strip_prefix("== ")).collect();
        let words = |text: &str| {
            let mut words: Vec<String> = text
                .split('{')
                .skip(1)
                .filter_map(|part| part.split_once('}'))
                .map(|(word, _)| word.to_owned())
                .collect();
            words.sort();
            words
        };
        for language in [Language::En, Language::Fr, Language::Es, Language::Ar, Language::De] {
            for name in &names {
                let text = language.part(name);
                assert!(!text.is_empty(), "{language:?} {name}");
                assert_eq!(words(text), words(Language::En.part(name)), "{language:?} {name}");
            }
        }
    }

    #[test]
    fn what_is_put_in_is_not_read_again() {
        assert_eq!(fill("to {name}, {number}", &|name| format!("<{{{name}}}>")), "to <{name}>, <{number}>");
        assert_eq!(fill("open { brace", &|_| String::new()), "open { brace");
    }
}
