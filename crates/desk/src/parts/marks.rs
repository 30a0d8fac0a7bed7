use std::fmt;

use askama::filters::{Escaper as _, Html, HtmlSafe};
use comity_node::Standing;
use comity_stix::label::Tlp;

use super::super::language::Words;
use super::Icon;

/// What may be done with an object, each mark as words, shape and colour.
#[derive(Clone, Debug)]
pub(crate) struct Marks(Vec<Mark>);

#[derive(Clone, Debug)]
struct Mark {
    class: &'static str,
    shape: &'static str,
    text: String,
    /// What it means.
    why: String,
}

impl Marks {
    /// Every mark of a label, the strictest first.
    pub(crate) fn of(standing: &Standing, words: Words) -> Self {
        let label = &standing.label;
        let mut marks = Vec::new();
        let mut add =
            |class, shape, text: String, why: &str| marks.push(Mark { class, shape, text, why: words.say(why) });
        match label.tlp {
            Some(tlp) => {
                let (class, shape) = tlp_look(tlp);
                add(class, shape, tlp.marked().to_owned(), "mark-tlp");
            }
            None => add("plain", "circle", words.say("no-tlp"), "mark-no-tlp"),
        }
        if !standing.unresolved.is_empty() {
            add("closed", "lock", words.say("marking-unknown"), "mark-unresolved");
        }
        for need in &label.need {
            add("closed", "lock", need.to_string(), "mark-need");
        }
        if let Some(pap) = label.pap {
            add("pap", "hexagon", pap.marked().to_owned(), "mark-pap");
        }
        for handling in &label.handling {
            add("handling", "pentagon", handling.to_string(), "mark-handling");
        }
        if let Some(parties) = &label.release_to {
            let names: Vec<&str> = parties.iter().map(comity_stix::label::Party::as_str).collect();
            add("plain", "send", names.join(", "), "mark-release");
        }
        for party in &label.deny {
            add("closed", "close", party.as_str().to_owned(), "mark-deny");
        }
        for grade in &label.grading {
            add("grading", "star", grade.clone(), "mark-grading");
        }
        if !label.personal.is_empty() {
            add("personal", "person", words.say("personal-data"), "mark-personal");
        }
        Self(marks)
    }

    /// The first mark alone, for lines of a table.
    pub(crate) fn brief(standing: &Standing, words: Words) -> Self {
        let mut all = Self::of(standing, words);
        all.0.retain(|mark| mark.class.starts_with("tlp") || matches!(mark.class, "closed" | "grading"));
        all.0.truncate(3);
        if all.0.is_empty() {
            all = Self::of(standing, words);
            all.0.truncate(1);
        }
        all
    }
}

/// The colours are those of the standard (FIRST TLP 2.0); the shapes tell them apart without.
const fn tlp_look(tlp: Tlp) -> (&'static str, &'static str) {
    match tlp {
        Tlp::Red => ("tlp red", "octagon"),
        Tlp::AmberStrict => ("tlp amber", "diamond"),
        Tlp::Amber => ("tlp amber", "triangle"),
        Tlp::Green => ("tlp green", "square"),
        Tlp::Clear => ("tlp clear", "circle"),
    }
}

impl fmt::Display for Marks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<span class=\"marks\">")?;
        for mark in &self.0 {
            write!(f, "<span class=\"mark {}\" title=\"", mark.class)?;
            Html.write_escaped_str(&mut *f, &mark.why)?;
            write!(f, "\">{}<bdi>", Icon(mark.shape))?;
            Html.write_escaped_str(&mut *f, &mark.text)?;
            f.write_str("</bdi></span>")?;
        }
        f.write_str("</span>")
    }
}

impl HtmlSafe for Marks {}
