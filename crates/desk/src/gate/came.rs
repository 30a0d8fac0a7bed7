use askama::Template;
use comity_node::MessageReceived;

use super::super::language::Words;
use super::super::parts::{Foreign, Moment, Owner, ThingLink};
use super::super::shell::Shell;
use super::Tried;
use super::deeds::{Deed, DeedForm};

#[derive(Template)]
#[template(path = "gate/came.html")]
pub(super) struct Came {
    words: Words,
    shell: Shell,
    trouble: String,
    no: String,
    kind: String,
    from: Owner,
    about: ThingLink,
    text: Foreign,
    at: Moment,
    /// What this node finds in it and the sender's did not say.
    doubtful: Option<String>,
    /// The report of it.
    reported: Option<String>,
    deeds: Vec<DeedForm>,
}

/// What is remarkable of a message that came.
pub(super) fn mark(one: &MessageReceived, words: Words) -> Option<(&'static str, String)> {
    match (&one.reported, one.doubtful.is_empty()) {
        (Some(_), _) => Some(("closed", words.say("message-reported"))),
        (None, false) => Some(("personal", words.say("message-doubtful"))),
        (None, true) => None,
    }
}

pub(super) fn page(shell: Shell, one: &MessageReceived, tried: Option<&Tried>) -> Came {
    let words = shell.words;
    let possible: &[Deed] = if one.reported.is_none() { &[Deed::Report] } else { &[] };
    let doubtful = (!one.doubtful.is_empty()).then(|| words.text("doubtful-how", "codes", &words.list(&one.doubtful)));
    Came {
        no: one.no.to_string(),
        kind: super::kind(one.kind, words),
        from: shell.owner(&one.from),
        about: super::about(&one.about, one.name.as_deref(), words),
        text: Foreign::lines(&one.text),
        at: shell.when(one.at),
        doubtful,
        reported: one.reported.as_ref().map(ToString::to_string),
        deeds: DeedForm::all((&one.no.to_string(), 0), possible, tried, words),
        trouble: String::new(),
        words,
        shell,
    }
}
