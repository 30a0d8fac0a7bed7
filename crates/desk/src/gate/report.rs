use askama::Template;
use comity_node::AbuseShown;

use super::super::language::Words;
use super::super::parts::{Foreign, Moment, Owner, ThingLink};
use super::super::shell::Shell;
use super::Tried;
use super::deeds::{Deed, DeedForm};

#[derive(Template)]
#[template(path = "gate/report.html")]
pub(super) struct Report {
    words: Words,
    shell: Shell,
    trouble: String,
    no: String,
    mark: (&'static str, String),
    against: Owner,
    by: Owner,
    who: Foreign,
    why: Foreign,
    at: Moment,
    kind: String,
    about: Option<ThingLink>,
    text: Foreign,
    written: Moment,
    /// Who decided, when and why.
    verdict: Option<(Foreign, Moment, Foreign)>,
    deeds: Vec<DeedForm>,
}

/// What was decided about a report, as a mark.
pub(super) fn mark(one: &AbuseShown, words: Words) -> (&'static str, String) {
    match &one.verdict {
        None => ("state-asked", words.say("abuse-open")),
        Some(verdict) if verdict.upheld => ("closed", words.say("abuse-upheld")),
        Some(_) => ("state-dismissed", words.say("abuse-rejected")),
    }
}

pub(super) fn page(shell: Shell, one: &AbuseShown, may_decide: bool, tried: Option<&Tried>) -> Report {
    let words = shell.words;
    let possible: &[Deed] = if may_decide && one.verdict.is_none() { &[Deed::Uphold, Deed::Reject] } else { &[] };
    let decided = one.verdict.as_ref();
    Report {
        no: one.no.to_string(),
        mark: mark(one, words),
        against: shell.owner(&one.against),
        by: shell.owner(&one.by),
        who: Foreign::line(&one.who),
        why: Foreign::lines(&one.why),
        at: shell.when(one.at),
        kind: super::kind(one.kind, words),
        about: one.about.as_ref().map(|id| super::about(id, None, words)),
        text: Foreign::lines(&one.text),
        written: shell.when(one.written),
        verdict: decided.map(|one| (Foreign::line(&one.by), shell.when(one.at), Foreign::lines(&one.why))),
        deeds: DeedForm::all((&one.no.to_string(), 0), possible, tried, words),
        trouble: String::new(),
        words,
        shell,
    }
}
