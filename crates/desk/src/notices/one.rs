use askama::Template;
use axum::extract::{Path, RawQuery, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use comity_http::Query;
use comity_law::gate::Screen;
use comity_law::notice::{ActName, Checklist, Extract, Form};
use comity_node::{Ctx, Node, NodeError, NoticeNo, NoticeShown, NoticeText, Peer, Said as Because};

use super::super::forms::{Typed, Upload};
use super::super::language::Words;
use super::super::parts::{Due, Foreign, Lawful, Moment, NoticeKind, Owner, Steps, ThingLink};
use super::super::person::Person;
use super::super::reply::{Trouble, page as shown, work};
use super::super::shell::Shell;
use super::checked::Checked;
use super::deeds::{DeedForm, deeds};
use super::editor::{Editor, Writing, Written};
use super::events::{EventRow, events};
use super::judged::Judgements;
use super::said::{Amendment, Said, Stands, is_amended, put_out};
use super::settled::Settled;
use super::text::{Wrong, read, typed};
use super::{DutyRow, Standing, way};
use crate::desk::Desk;

#[derive(Template)]
#[template(path = "notices/one.html")]
struct One {
    words: Words,
    shell: Shell,
    trouble: String,
    no: String,
    kind: NoticeKind,
    standing: Standing,
    name: Foreign,
    case: Option<Foreign>,
    from: Option<ThingLink>,
    steps: Steps,
    ending: Option<String>,
    /// The version in force, and until when.
    holds: Option<(u64, Due)>,
    duties: Vec<DutyRow>,
    next: Option<(String, Due)>,
    deeds: Vec<DeedForm>,
    /// What must be on record before it can be published.
    due: Option<Lawful>,
    others: Vec<(String, String)>,
    view: View,
    /// Where it is written, where whoever looks may.
    editor: Option<Editor>,
    /// What went out last, where anything did.
    stands: Option<Stands>,
    /// What is written beside that and is not in force.
    amendment: Option<Amendment>,
    /// What is written, where nothing went out.
    said: Said,
    checked: Checked,
    judged: Judgements,
    events: Vec<EventRow>,
    addenda: Vec<(String, String, Moment, Foreign)>,
    released_to: Vec<Owner>,
    countries: Vec<(&'static str, String)>,
    has_poster: bool,
}

/// A part of the page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum View {
    #[default]
    Text,
    Gate,
    History,
}

impl View {
    const ALL: [Self; 3] = [Self::Text, Self::Gate, Self::History];

    const fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Gate => "gate",
            Self::History => "history",
        }
    }
}

/// What somebody tried and was not done, with everything they typed.
#[derive(Default)]
struct Tried {
    view: View,
    deed: Option<(String, Typed)>,
    text: Option<(Typed, NoticeText, Vec<Wrong>)>,
    judged: Option<Typed>,
    trouble: Option<Trouble>,
}

/// What is read for the page.
struct Found {
    notice: NoticeShown,
    peers: Vec<Peer>,
    /// Of the text that was typed, or that went out, where that is another than what is kept.
    check: Option<(Checklist, Screen)>,
}

/// One notice.
pub(crate) async fn page(
    State(desk): State<Desk>,
    Path(no): Path<String>,
    RawQuery(query): RawQuery,
    person: Person,
) -> Response {
    let query = Query::parse(query.as_deref().unwrap_or_default());
    let view = query.first("view").and_then(|name| View::ALL.into_iter().find(|view| view.name() == name));
    told(&desk, person, &no, Tried { view: view.unwrap_or_default(), ..Tried::default() }).await
}

async fn told(desk: &Desk, person: Person, no: &str, tried: Tried) -> Response {
    let shell = Shell::of(desk, &person, "notices");
    let Ok(no) = no.parse::<NoticeNo>() else { return Trouble::NotFound.page(shell) };
    let (ctx, text) = (person.ctx.clone(), tried.text.as_ref().map(|(_, text, _)| text.clone()));
    match work(desk, move |node| find(node, &ctx, no, text.as_ref())).await {
        Ok(found) => {
            let (words, trouble) = (shell.words, tried.trouble.clone());
            shown(&one(shell, &found, &tried), trouble.as_ref(), words)
        }
        Err(trouble) => trouble.page(shell),
    }
}

fn find(node: &Node, ctx: &Ctx, no: NoticeNo, text: Option<&NoticeText>) -> Result<Found, NodeError> {
    let notice = node.notice(ctx, no)?;
    // What is left of an amendment that nobody goes on with is not what the notice says.
    let stands = notice.released.as_ref().filter(|_| !is_amended(&notice, ctx.now())).map(put_out);
    let text = text.or(stands.as_ref().filter(|stands| **stands != notice.text));
    let check = match text.map(|text| node.check_notice_text(ctx, no, text)) {
        // What does not fit is told beside the form; the check stays that of what is kept.
        None | Some(Err(NodeError::Refused(_))) => None,
        Some(check) => Some(check?),
    };
    Ok(Found { notice, peers: node.peers()?, check })
}

fn one(shell: Shell, found: &Found, tried: &Tried) -> One {
    let (words, notice) = (shell.words, &found.notice);
    let row = &notice.row;
    let (checklist, screen) =
        found.check.as_ref().map_or((&notice.checklist, &notice.screen), |(list, screen)| (list, screen));
    let trouble = tried.trouble.as_ref();
    let deed = tried.deed.as_ref().zip(trouble).map(|((act, typed), trouble)| (act.as_str(), typed, trouble));
    let judged = tried.judged.as_ref().zip(trouble);
    let is_told = deed.is_some() || judged.is_some() || tried.text.is_some();
    let may_write = notice.possible.contains(&ActName::Revise) || tried.text.is_some();
    let told = || trouble.map_or_else(String::new, |trouble| trouble.words(words));
    // What was typed and not kept was judged by nobody.
    let settled = if tried.text.is_some() { Settled::default() } else { Settled::of_notice(notice, shell.now) };
    let editor = may_write.then(|| editor(found, checklist, tried.text.clone(), told(), &shell));
    One {
        no: row.no.to_string(),
        kind: NoticeKind::new(row.colour, row.form, words),
        standing: Standing::of(row.state, words),
        name: Foreign::line(&name(notice)),
        case: notice.case.as_deref().map(Foreign::line),
        from: notice.from.as_ref().map(|id| ThingLink::new(&id.to_string(), "identity", &name(notice), true, words)),
        steps: way::steps(notice, &shell),
        ending: ending(notice, words),
        holds: notice.in_force.map(|(version, until)| (u64::from(version), Due::new(until, shell.now, words))),
        duties: row.duties.iter().map(|duty| DutyRow::of(duty, &shell)).collect(),
        next: row
            .next
            .map(|next| (words.say(&format!("clock-{}", next.kind.name())), Due::new(next.at, shell.now, words))),
        deeds: deeds(notice, deed, &shell),
        due: notice.due.as_ref().map(|due| Lawful::of(due, words)),
        others: way::others(notice, words),
        view: tried.view,
        stands: Stands::of(notice, words),
        amendment: Amendment::of(notice, shell.now, words),
        said: Said::of(&notice.text, &[], false, words),
        checked: Checked::of(&[checklist], (screen, &settled), editor.is_some() && tried.view == View::Text, words),
        editor,
        judged: Judgements::new(
            Some((format!("/desk/notices/{}/judge", row.no), notice.happened)),
            &notice.judged,
            judged,
            &shell,
        ),
        events: events(notice, &shell),
        addenda: addenda(notice, &shell),
        released_to: notice.released_to.iter().map(|to| shell.owner(to)).collect(),
        countries: words.countries(),
        has_poster: notice.in_force.is_some() || !row.state.is_final(),
        trouble: if is_told { String::new() } else { told() },
        words,
        shell,
    }
}

fn editor(
    found: &Found,
    checklist: &Checklist,
    tried: Option<(Typed, NoticeText, Vec<Wrong>)>,
    told: String,
    shell: &Shell,
) -> Editor {
    let notice = &found.notice;
    let written = Written {
        to: Writing::Notice(notice.row.no.to_string()),
        seen: notice.happened,
        is_part: notice.released.is_some(),
        checklists: &[checklist],
        has_extract: notice.row.colour.law().extract != Extract::Never,
        members: (notice.row.form == Form::Diffusion).then_some(found.peers.as_slice()),
    };
    match tried {
        Some((typed, _, wrong)) => Editor::new(&written, typed, (wrong, told), shell),
        None => Editor::new(&written, typed(&notice.text, shell.words), (Vec::new(), String::new()), shell),
    }
}

/// The name of the person as it went out, otherwise as it is written.
fn name(notice: &NoticeShown) -> String {
    let Some(released) = &notice.released else { return notice.row.name.clone() };
    let who = &released.notice.facts.identity;
    let names: Vec<&str> = who.forename.iter().chain(&who.family_name).map(String::as_str).collect();
    names.join(" ")
}

/// How it ended, in words.
fn ending(notice: &NoticeShown, words: Words) -> Option<String> {
    let ending = notice.ending.as_ref()?;
    let ground = ending.ground.map(|ground| words.say(&format!("ground-{}", ground.name())));
    let outcome = ending.outcome.map(|outcome| words.say(&format!("outcome-{}", outcome.name())));
    ground.or(outcome)
}

fn addenda(notice: &NoticeShown, shell: &Shell) -> Vec<(String, String, Moment, Foreign)> {
    let words = shell.words;
    let one = |addendum: &comity_law::notice::Addendum| {
        let what = words.say(&format!("addendum-{}", addendum.what.name()));
        let country = words.country(&addendum.country.to_string());
        (what, country, shell.when(addendum.at), Foreign::lines(&addendum.reason))
    };
    notice.addenda.iter().rev().map(one).collect()
}

impl One {
    fn views(&self) -> [View; 3] {
        View::ALL
    }
}

/// Keeps what was written.
pub(crate) async fn save(State(desk): State<Desk>, Path(no): Path<String>, person: Person, form: Upload) -> Response {
    let (typed, words) = (Typed::of(&form), person.words);
    let (text, wrong) = read(&typed, words);
    let trouble = if wrong.is_empty() {
        let Ok(number) = no.parse::<NoticeNo>() else {
            return Trouble::NotFound.page(Shell::of(&desk, &person, "notices"));
        };
        let (ctx, kept, seen) = (person.ctx.clone(), text.clone(), typed.seen());
        match work(&desk, move |node| node.revise_seen(&ctx, number, &kept, seen)).await {
            Ok(_) => return Redirect::to(&format!("/desk/notices/{no}")).into_response(),
            Err(trouble) => trouble,
        }
    } else {
        Trouble::Unclear(words.say("fields-unclear"))
    };
    let tried = Tried { text: Some((typed, text, wrong)), trouble: Some(trouble), ..Tried::default() };
    told(&desk, person, &no, tried).await
}

/// Does something to it.
pub(crate) async fn act(State(desk): State<Desk>, Path(no): Path<String>, person: Person, form: Upload) -> Response {
    let (typed, words) = (Typed::of(&form), person.words);
    let Ok(number) = no.parse::<NoticeNo>() else {
        return Trouble::NotFound.page(Shell::of(&desk, &person, "notices"));
    };
    let act = typed.text("act").to_owned();
    let trouble = match super::deeds::read(&act, &typed, words) {
        Ok(deed) => {
            let (ctx, why, seen) = (person.ctx.clone(), typed.text("why").to_owned(), typed.seen());
            let done = move |node: &Node| node.act_on_notice(&ctx, number, &deed, Because { why: &why, seen });
            match work(&desk, done).await {
                Ok(_) => return Redirect::to(&format!("/desk/notices/{no}")).into_response(),
                Err(trouble) => trouble,
            }
        }
        Err(unclear) => Trouble::Unclear(unclear),
    };
    told(&desk, person, &no, Tried { deed: Some((act, typed)), trouble: Some(trouble), ..Tried::default() }).await
}

/// Records what somebody judges of it.
pub(crate) async fn judge(State(desk): State<Desk>, Path(no): Path<String>, person: Person, form: Upload) -> Response {
    let (typed, words) = (Typed::of(&form), person.words);
    let Ok(number) = no.parse::<NoticeNo>() else {
        return Trouble::NotFound.page(Shell::of(&desk, &person, "notices"));
    };
    let trouble = match super::judged::read(&typed, words) {
        Ok(_) if typed.some("why").is_none() => Trouble::Unclear(words.say("judgement-needs-why")),
        Ok(said) => {
            let (ctx, why, seen) = (person.ctx.clone(), typed.text("why").to_owned(), typed.seen());
            let judged = move |node: &Node| node.judge_notice(&ctx, number, &said, Because { why: &why, seen });
            match work(&desk, judged).await {
                Ok(_) => return Redirect::to(&format!("/desk/notices/{no}?view=gate")).into_response(),
                Err(trouble) => trouble,
            }
        }
        Err(unclear) => Trouble::Unclear(unclear),
    };
    let tried = Tried { view: View::Gate, judged: Some(typed), trouble: Some(trouble), ..Tried::default() };
    told(&desk, person, &no, tried).await
}
