use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse as _, Redirect, Response};
use comity_base::OrgName;
use comity_law::hit::{Measure, Refutal};
use comity_node::{HitAnswer, HitAsked, SearchHitNo};

use super::super::forms::{Typed, Upload};
use super::super::language::Words;
use super::super::notices::Refusal;
use super::super::parts::{Icon, safe};
use super::super::person::Person;
use super::super::reply::{Trouble, work};
use super::super::shell::Shell;
use super::told as list;
use crate::desk::Desk;

/// Where a bureau says whether somebody elsewhere is the one it looks for, and what it asks for.
#[derive(Clone, Debug, Template)]
#[template(path = "encounters/answer.html")]
pub(super) struct AnswerForm {
    words: Words,
    no: String,
    from: String,
    typed: Typed,
    refused: Option<Refusal>,
}

/// An answer that was not taken, with what was typed.
pub(super) struct Attempt {
    pub(super) typed: Typed,
    pub(super) trouble: Trouble,
}

impl Attempt {
    /// Whether it answers this.
    pub(super) fn is_of(&self, asked: &HitAsked) -> bool {
        self.typed.text("no") == asked.no.to_string() && self.typed.text("from") == asked.from.as_str()
    }
}

impl AnswerForm {
    pub(super) fn new(asked: &HitAsked, tried: Option<&Attempt>, words: Words) -> Self {
        Self {
            words,
            no: asked.no.to_string(),
            from: asked.from.to_string(),
            typed: tried.map(|tried| tried.typed.clone()).unwrap_or_default(),
            refused: tried.map(|tried| Refusal::of(&tried.trouble, words)),
        }
    }

    fn measures(&self) -> Vec<(&'static str, String, bool)> {
        let one =
            |name: &'static str| (name, self.words.say(&format!("measure-{name}")), self.typed.has("measure", name));
        Measure::ALL.iter().map(|measure| one(measure.name())).collect()
    }

    fn refutals(&self) -> Vec<(&'static str, String, bool)> {
        let one =
            |name: &'static str| (name, self.words.say(&format!("refutal-{name}")), self.typed.has("refutal", name));
        Refutal::ALL.iter().map(|refutal| one(refutal.name())).collect()
    }

    fn icon(&self, name: &'static str) -> Icon {
        Icon(name)
    }
}

safe!(AnswerForm);

/// An answer in words.
pub(super) fn told(answer: HitAnswer, words: Words) -> String {
    let (what, more) = match answer {
        HitAnswer::Confirm(measure) => ("hitdeed-confirm", format!("measure-{}", measure.name())),
        HitAnswer::Refute(why) => ("hitdeed-refute", format!("refutal-{}", why.name())),
    };
    words.list(&[words.say(what), words.say(&more)])
}

/// What a form answers.
///
/// # Errors
/// In words, where nothing is chosen.
fn read(typed: &Typed, words: Words) -> Result<HitAnswer, String> {
    let choose = |field: &str| words.text("choose-first", "what", &words.say(&format!("field-{field}")));
    match typed.text("answer") {
        "confirm" => {
            let measure = Measure::ALL.iter().copied().find(|one| typed.has("measure", one.name()));
            measure.map(HitAnswer::Confirm).ok_or_else(|| choose("measure"))
        }
        "refute" => {
            let why = Refutal::ALL.iter().copied().find(|one| typed.has("refutal", one.name()));
            why.map(HitAnswer::Refute).ok_or_else(|| choose("refutal"))
        }
        _ => Err(choose("answer")),
    }
}

/// Answers a hit elsewhere; the answer goes to whoever asked.
pub(crate) async fn answer(State(desk): State<Desk>, person: Person, form: Upload) -> Response {
    let (typed, words) = (Typed::of(&form), person.words);
    let named = (OrgName::parse(typed.text("from")), typed.text("no").parse::<SearchHitNo>());
    let (Ok(from), Ok(no)) = named else {
        return Trouble::NotFound.page(Shell::of(&desk, &person, "encounters"));
    };
    let trouble = match read(&typed, words) {
        Ok(_) if typed.some("why").is_none() => Trouble::Unclear(words.say("judgement-needs-why")),
        Ok(said) => {
            let (ctx, why) = (person.ctx.clone(), typed.text("why").to_owned());
            match work(&desk, move |node| node.answer_hit(&ctx, (&from, &no), said, &why)).await {
                Ok(_) => return Redirect::to("/desk/search-hits#asked").into_response(),
                Err(waits) if waits.waits() => return waits.page(Shell::of(&desk, &person, "encounters")),
                Err(trouble) => trouble,
            }
        }
        Err(unclear) => Trouble::Unclear(unclear),
    };
    list(&desk, person, None, Some(Attempt { typed, trouble })).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_chosen_before_somebody_chooses() {
        let form = AnswerForm {
            words: Words::named("en").unwrap(),
            no: "1".into(),
            from: "fi-police".into(),
            typed: Typed::default(),
            refused: None,
        };
        let html = form.to_string();
        assert!(!html.contains("selected") && !html.contains("checked"), "{html}");
        let first = |field: &str| {
            let select = html.split(&format!("name=\"{field}\">")).nth(1).unwrap();
            select.split("</option>").next().unwrap().to_owned()
        };
        for field in ["measure", "refutal"] {
            assert!(first(field).contains("value=\"\""), "what a browser would send by itself is nothing: {field}");
        }
    }

    #[test]
    fn an_answer_confirms_with_what_is_asked_for_or_refutes_and_says_why() {
        let words = Words::named("en").unwrap();
        let of = |fields: &[(&str, &str)]| {
            let mut typed = Typed::default();
            for (field, text) in fields {
                typed.add(field, *text);
            }
            read(&typed, words)
        };
        let both = [("measure", "locate"), ("refutal", "notice-over")];
        assert_eq!(of(&[("answer", "confirm"), both[0], both[1]]), Ok(HitAnswer::Confirm(Measure::Locate)));
        assert_eq!(of(&[("answer", "refute"), both[0], both[1]]), Ok(HitAnswer::Refute(Refutal::NoticeOver)));
        assert!(of(&both).is_err(), "neither was chosen");
        for answer in ["confirm", "refute"] {
            assert!(of(&[("answer", answer), ("measure", ""), ("refutal", "")]).is_err(), "{answer} says nothing more");
        }
        assert!(told(HitAnswer::Confirm(Measure::Arrest), words).contains(&words.say("measure-arrest")));
    }
}
