//! Free texts at the gate: what waits for a reviewer before it leaves, what came from others, and reports of abuse.

mod came;
mod deeds;
mod held;
mod report;

use askama::Template;
use axum::extract::{Path, State};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse as _, Redirect, Response};
use comity_law::gate::{MessageKind, MessageState};
use comity_node::{AbuseShown, Act, Ctx, GateNo, MessageReceived, MessageShown, Node, NodeError, Said};

pub(super) use self::held::{fill, judge};

use self::deeds::Deed;
use super::forms::{Typed, Upload};
use super::language::Words;
use super::parts::{Foreign, Moment, Owner, ThingLink, cut};
use super::person::Person;
use super::reply::{Trouble, page as shown, page_of, work};
use super::shell::Shell;
use crate::desk::Desk;

#[derive(Template)]
#[template(path = "gate/list.html")]
struct List {
    words: Words,
    shell: Shell,
    trouble: String,
    /// What this organisation's people wrote, what waits first.
    held: Vec<Line>,
    came: Vec<Line>,
    reports: Vec<Line>,
    /// How many of each there are, where not all are listed.
    more: [Option<String>; 3],
}

/// A message, or a report of one, in a list.
struct Line {
    no: String,
    kind: String,
    /// For styles, and where it stands.
    mark: Option<(&'static str, String)>,
    /// Whom it goes to, or came from.
    other: Owner,
    text: Foreign,
    at: Moment,
}

/// The messages at the gate.
pub(super) async fn page(State(desk): State<Desk>, person: Person) -> Response {
    let shell = Shell::of(&desk, &person, "gate");
    let ctx = person.ctx.clone();
    page_of(
        &desk,
        shell,
        move |node| all(node, &ctx),
        |shell, (held, came, reports)| list(shell, &held, &came, &reports),
    )
    .await
}

type All = (Vec<MessageShown>, Vec<MessageReceived>, Vec<AbuseShown>);

fn all(node: &Node, ctx: &Ctx) -> Result<All, NodeError> {
    let is_reviewer = node.would_allow(ctx, Act::ReviewNotices)?;
    let held = if is_reviewer { node.messages_under_review(ctx)? } else { node.own_messages(ctx)? };
    Ok((held, node.messages_received(ctx)?, node.abuse_reports(ctx)?))
}

fn list(shell: Shell, held: &[MessageShown], came: &[MessageReceived], reports: &[AbuseShown]) -> List {
    let words = shell.words;
    let more = [held.len(), came.len(), reports.len()];
    let more = more.map(|all| (all > ROWS).then(|| words.shown(ROWS as u64, all as u64)));
    let held = held.iter().take(ROWS).map(|one| Line {
        no: one.no.to_string(),
        kind: kind(one.kind, words),
        mark: Some(standing(one.state, words)),
        other: shell.owner(&one.to),
        text: begin(&one.text),
        at: shell.when(one.at),
    });
    let came = came.iter().take(ROWS).map(|one| Line {
        no: one.no.to_string(),
        kind: kind(one.kind, words),
        mark: came::mark(one, words),
        other: shell.owner(&one.from),
        text: begin(&one.text),
        at: shell.when(one.at),
    });
    let reports = reports.iter().take(ROWS).map(|one| Line {
        no: one.no.to_string(),
        kind: words.say("gate-report"),
        mark: Some(report::mark(one, words)),
        other: shell.owner(&one.against),
        text: begin(&one.why),
        at: shell.when(one.at),
    });
    let (held, came, reports) = (held.collect(), came.collect(), reports.collect());
    List { held, came, reports, more, trouble: String::new(), words, shell }
}

impl List {
    /// The parts of the page: their headings, what is in them, and what is said where nothing is.
    fn parts(&self) -> [(&'static str, &[Line], &'static str, Option<&str>); 3] {
        let [held, came, reports] = self.more.each_ref().map(Option::as_deref);
        [
            ("gate-held", &self.held, "no-messages-held", held),
            ("gate-came", &self.came, "no-messages-came", came),
            ("gate-reports", &self.reports, "no-abuse-reports", reports),
        ]
    }

    /// What is said of the other organisation.
    fn column(&self, part: &str) -> &'static str {
        match part {
            "gate-held" => "message-to",
            "gate-came" => "message-from",
            _ => "reported-against",
        }
    }
}

/// What kind of text it is.
fn kind(kind: MessageKind, words: Words) -> String {
    words.say(&format!("message-{}", kind.name()))
}

/// Where a message stands, as a mark.
fn standing(state: MessageState, words: Words) -> (&'static str, String) {
    let class = match state {
        MessageState::Waiting => "state-asked",
        MessageState::Sent => "state-confirmed",
        MessageState::Refused => "closed",
    };
    (class, words.say(&format!("message-{}", state.name())))
}

/// The first words of a text.
fn begin(text: &str) -> Foreign {
    Foreign::line(&cut(text, BEGIN))
}

/// What a message is about.
fn about(id: &comity_stix::ObjectId, name: Option<&str>, words: Words) -> ThingLink {
    let id_text = id.to_string();
    ThingLink::new(&id_text, id.kind.as_str(), name.unwrap_or(&id_text), name.is_some(), words)
}

/// What a number names.
enum Found {
    Held(Box<MessageShown>),
    Came(Box<MessageReceived>),
    /// With whether whoever looks may decide about it.
    Report(Box<AbuseShown>, bool),
}

fn find(node: &Node, ctx: &Ctx, no: &GateNo) -> Result<Found, NodeError> {
    match node.message_under_review(ctx, no) {
        Err(NodeError::UnknownObject(_)) => {}
        found => return Ok(Found::Held(Box::new(found?))),
    }
    match node.message_received(ctx, no) {
        Err(NodeError::UnknownObject(_)) => {}
        found => return Ok(Found::Came(Box::new(found?))),
    }
    let report = node.abuse_report(ctx, no)?;
    let may_decide = node.decides_report(ctx, &report.no)?;
    Ok(Found::Report(Box::new(report), may_decide))
}

/// What somebody tried and was not done, with everything they typed.
struct Tried {
    /// The form.
    form: String,
    typed: Typed,
    /// Fields that cannot be read.
    wrong: Vec<super::notices::Wrong>,
    trouble: Trouble,
}

/// One message, or one report.
pub(super) async fn one(State(desk): State<Desk>, Path(no): Path<String>, person: Person) -> Response {
    told(&desk, person, &no, None).await
}

async fn told(desk: &Desk, person: Person, no: &str, tried: Option<Tried>) -> Response {
    let shell = Shell::of(desk, &person, "gate");
    let Ok(no) = no.parse::<GateNo>() else { return Trouble::NotFound.page(shell) };
    let (words, ctx) = (shell.words, person.ctx.clone());
    let trouble = tried.as_ref().map(|tried| tried.trouble.clone());
    match work(desk, move |node| find(node, &ctx, &no)).await {
        Ok(Found::Held(one)) => shown(&held::page(shell, &one, tried.as_ref()), trouble.as_ref(), words),
        Ok(Found::Came(one)) => shown(&came::page(shell, &one, tried.as_ref()), trouble.as_ref(), words),
        Ok(Found::Report(one, may_decide)) => {
            shown(&report::page(shell, &one, may_decide, tried.as_ref()), trouble.as_ref(), words)
        }
        Err(trouble) => trouble.page(shell),
    }
}

/// Decides about a message or a report, or reports a message.
pub(super) async fn act(State(desk): State<Desk>, Path(no): Path<String>, person: Person, form: Upload) -> Response {
    let typed = Typed::of(&form);
    let shell = Shell::of(&desk, &person, "gate");
    let Ok(number) = no.parse::<GateNo>() else { return Trouble::NotFound.page(shell) };
    let trouble = match Deed::read(&typed, person.words) {
        Ok(deed) => {
            let (ctx, why, seen) = (person.ctx.clone(), typed.text("why").to_owned(), typed.seen());
            match work(&desk, move |node| deed.done(node, &ctx, &number, Said { why: &why, seen })).await {
                Ok(no) => return Redirect::to(&format!("/desk/gate/{no}")).into_response(),
                Err(trouble) => trouble,
            }
        }
        Err(unclear) => Trouble::Unclear(unclear),
    };
    let form = typed.text("act").to_owned();
    told(&desk, person, &no, Some(Tried { form, typed, wrong: Vec::new(), trouble })).await
}

/// A report as a file that anybody can check: the message as its sender signed it, and the report.
pub(super) async fn proof(State(desk): State<Desk>, Path(no): Path<String>, person: Person) -> Response {
    let shell = Shell::of(&desk, &person, "gate");
    let Ok(number) = no.parse::<GateNo>() else { return Trouble::NotFound.page(shell) };
    let ctx = person.ctx.clone();
    match work(&desk, move |node| node.abuse_file(&ctx, &number)).await {
        Ok(file) => {
            let name = format!("attachment; filename=\"report-{}.json\"", no.get(..8).unwrap_or_default());
            let text = serde_json::to_string_pretty(&file).unwrap_or_default();
            ([(CONTENT_TYPE, "application/json".to_owned()), (CONTENT_DISPOSITION, name)], text).into_response()
        }
        Err(trouble) => trouble.page(shell),
    }
}

/// Rows in one list.
const ROWS: usize = 300;
/// Characters of a text in a list.
const BEGIN: usize = 140;

#[cfg(test)]
mod tests {
    use comity_law::gate::text::Mark;
    use comity_law::gate::{Aim, MessageAct};
    use comity_law::notice::Ground;

    use super::*;

    #[test]
    fn every_word_of_the_gate_has_words_in_every_language() {
        let names =
            |prefix: &str, all: Vec<&'static str>| all.into_iter().map(|name| format!("{prefix}{name}")).collect();
        let (facts, judge, agree) = (MessageAct::Facts {}, MessageAct::Judge {}, MessageAct::Agree {});
        let steps = [facts, judge, agree, MessageAct::Refuse { ground: Ground::Other }];
        let deeds = || Deed::ALL.iter().map(|one| one.name()).collect();
        let ids: [Vec<String>; 7] = [
            names("message-", MessageKind::ALL.iter().map(|one| one.name()).collect()),
            names("message-", MessageState::ALL.iter().map(|one| one.name()).collect()),
            names("aim-", Aim::ALL.iter().map(|one| one.name()).collect()),
            names("textmark-", Mark::ALL.iter().map(|one| one.name()).collect()),
            names("gatedeed-", deeds()),
            names("gatedeed-how-", deeds()),
            names("gatestep-", steps.map(held::name).into()),
        ];
        for language in ["en", "fr", "es", "ar", "de"] {
            let words = Words::named(language).unwrap();
            for id in ids.iter().flatten() {
                assert_ne!(words.say(id), *id, "{language}");
            }
        }
    }
}
