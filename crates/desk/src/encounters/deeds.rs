use askama::Template;
use comity_law::cards::RedEffect;
use comity_law::hit::{Basis, HitActName, HitOutcome, Measure, Refutal, SecondIdentifier};
use comity_node::{SearchHitDeed, SearchHitShown};

use super::super::forms::Typed;
use super::super::language::Words;
use super::super::notices::Refusal;
use super::super::parts::{Icon, safe};
use super::super::reply::Trouble;

/// Where something is done with a hit, with its reason.
#[derive(Clone, Debug, Template)]
#[template(path = "encounters/deed.html")]
pub(super) struct DeedForm {
    words: Words,
    no: String,
    act: &'static str,
    icon: &'static str,
    is_open: bool,
    refused: Option<Refusal>,
    typed: Typed,
    needs_why: bool,
    /// One word of each of these fields.
    choices: Vec<Choice>,
}

/// One of several words, which somebody chooses.
#[derive(Clone, Debug)]
struct Choice {
    field: &'static str,
    /// Words, what they are called, and whether they are chosen.
    options: Vec<(&'static str, String, bool)>,
}

/// The forms of all that whoever looks may do; one that was tried is open with what was typed.
pub(super) fn deeds(hit: &SearchHitShown, tried: Option<(&str, &Typed, &Trouble)>, words: Words) -> Vec<DeedForm> {
    let mut acts: Vec<HitActName> = hit.possible.clone();
    if let Some((act, ..)) = tried {
        let known = HitActName::ALL.iter().copied().find(|name| name.name() == act);
        acts.extend(known.filter(|name| !acts.contains(name)));
    }
    let form = |act: HitActName| {
        let tried = tried.filter(|(name, ..)| *name == act.name());
        let typed = tried.map(|(_, typed, _)| typed.clone()).unwrap_or_default();
        DeedForm {
            words,
            no: hit.no.to_string(),
            act: act.name(),
            icon: icon(act),
            is_open: tried.is_some(),
            refused: tried.map(|(_, _, trouble)| Refusal::of(trouble, words)),
            needs_why: act.transition().is_some_and(|row| row.reason),
            choices: choices(act, hit.effect.answer, &typed, words),
            typed,
        }
    };
    acts.into_iter().map(form).collect()
}

impl DeedForm {
    /// What is said of this act.
    fn say(&self, prefix: &str) -> String {
        self.words.say(&format!("{prefix}{}", self.act))
    }

    fn icon(&self, name: &'static str) -> Icon {
        Icon(name)
    }
}

safe!(DeedForm);

fn choices(act: HitActName, effect: RedEffect, typed: &Typed, words: Words) -> Vec<Choice> {
    let make = |field: &'static str, prefix: &str, all: Vec<&'static str>| {
        let one = |name: &'static str| (name, words.say(&format!("{prefix}{name}")), typed.has(field, name));
        Choice { field, options: all.into_iter().map(one).collect() }
    };
    match act {
        HitActName::Check => vec![
            make("with", "identifier-", SecondIdentifier::ALL.iter().map(|one| one.name()).collect()),
            make("same", "same-", vec!["yes", "no"]),
        ],
        HitActName::Ask => vec![make("urgent", "urgent-", vec!["yes", "no"])],
        HitActName::Confirm => vec![make("measure", "measure-", Measure::ALL.iter().map(|one| one.name()).collect())],
        HitActName::Refute => vec![make("refutal", "refutal-", Refutal::ALL.iter().map(|one| one.name()).collect())],
        HitActName::Close => {
            let bases = [("none", true), ("national-order", true), ("red-notice", effect.allows_arrest())];
            let bases = bases.into_iter().filter(|(_, offered)| *offered).map(|(name, _)| name).collect();
            vec![
                make("outcome", "done-", HitOutcome::ALL.iter().rev().map(|one| one.name()).collect()),
                make("basis", "on-basis-", bases),
            ]
        }
        HitActName::Found | HitActName::Escalate | HitActName::Clock => Vec::new(),
    }
}

/// What a form does with a hit.
///
/// # Errors
/// In words, where a part of it is not said.
pub(super) fn read(act: &str, typed: &Typed, effect: RedEffect, words: Words) -> Result<SearchHitDeed, String> {
    let choose = |field: &str| words.text("choose-first", "what", &words.say(&format!("field-{field}")));
    Ok(match act {
        "check" => {
            let with = SecondIdentifier::ALL.iter().copied().find(|one| typed.has("with", one.name()));
            SearchHitDeed::Check(
                with.ok_or_else(|| choose("with"))?,
                said(typed, "same").ok_or_else(|| choose("same"))?,
            )
        }
        "ask" => SearchHitDeed::Ask(said(typed, "urgent").ok_or_else(|| choose("urgent"))?),
        "confirm" => {
            let measure = Measure::ALL.iter().copied().find(|one| typed.has("measure", one.name()));
            SearchHitDeed::Confirm(measure.ok_or_else(|| choose("measure"))?)
        }
        "refute" => {
            let why = Refutal::ALL.iter().copied().find(|one| typed.has("refutal", one.name()));
            SearchHitDeed::Refute(why.ok_or_else(|| choose("refutal"))?)
        }
        "escalate" => SearchHitDeed::Escalate,
        "close" => {
            let outcome = HitOutcome::ALL.iter().copied().find(|one| typed.has("outcome", one.name()));
            let basis = match typed.text("basis") {
                "national-order" => Some(Basis::NationalOrder { reference: typed.text("order").to_owned() }),
                // What the card of this country says, whatever a form says.
                "red-notice" => Some(Basis::RedNotice { effect }),
                _ => None,
            };
            SearchHitDeed::Close(outcome.ok_or_else(|| choose("outcome"))?, basis)
        }
        _ => return Err(words.say("failed")),
    })
}

fn said(typed: &Typed, field: &str) -> Option<bool> {
    match typed.text(field) {
        "yes" => Some(true),
        "no" => Some(false),
        _ => None,
    }
}

const fn icon(act: HitActName) -> &'static str {
    match act {
        HitActName::Check => "fingerprint",
        HitActName::Ask => "help",
        HitActName::Confirm => "check",
        HitActName::Refute => "close",
        HitActName::Escalate => "warning",
        HitActName::Close | HitActName::Found | HitActName::Clock => "flag",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(act: &str, fields: &[(&str, &str)], effect: RedEffect) -> Result<SearchHitDeed, String> {
        let mut typed = Typed::default();
        for (field, text) in fields {
            typed.add(field, *text);
        }
        read(act, &typed, effect, Words::named("en").unwrap())
    }

    #[test]
    fn every_deed_is_read_from_its_form() {
        let full = [
            ("with", "photo"),
            ("same", "yes"),
            ("urgent", "no"),
            ("measure", "locate"),
            ("refutal", "other-person"),
            ("outcome", "let-go"),
        ];
        for act in ["check", "ask", "confirm", "refute", "escalate", "close"] {
            assert!(of(act, &full, RedEffect::Unknown).is_ok(), "{act}");
        }
        assert_eq!(of("check", &full, RedEffect::Unknown), Ok(SearchHitDeed::Check(SecondIdentifier::Photo, true)));
        assert!(of("check", &[("with", "photo")], RedEffect::Unknown).is_err(), "whether it is the same must be said");
        assert!(of("found", &full, RedEffect::Unknown).is_err());
    }

    #[test]
    fn what_a_red_notice_allows_is_told_by_the_country_and_not_by_the_form() {
        let close = [("outcome", "arrested"), ("basis", "red-notice")];
        let Ok(SearchHitDeed::Close(_, Some(basis))) = of("close", &close, RedEffect::None) else {
            panic!("not closed")
        };
        assert_eq!(basis, Basis::RedNotice { effect: RedEffect::None });
        let words = Words::named("en").unwrap();
        let offered = |effect| {
            let choices = choices(HitActName::Close, effect, &Typed::default(), words);
            choices[1].options.iter().map(|(name, ..)| *name).collect::<Vec<_>>()
        };
        assert_eq!(offered(RedEffect::None), ["none", "national-order"]);
        assert_eq!(offered(RedEffect::ProvisionalArrest).len(), 3);
        let choices = choices(HitActName::Close, RedEffect::None, &Typed::default(), words);
        assert_eq!(choices[0].options[0].0, "let-go", "the first that is offered compels nobody");
        assert!(choices.iter().flat_map(|choice| &choice.options).all(|(.., chosen)| !chosen), "nothing is chosen yet");
    }
}
