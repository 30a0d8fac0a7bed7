use std::ops::Range;

use askama::Template;
use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use comity_law::gate::text::{Findings, What};
use comity_law::gate::{MessageAct, MessageStep};
use comity_law::notice::{Checklist, Form};
use comity_node::{GateNo, MessageDeed, MessageShown, Node, NoticeText, Said};

use super::super::forms::{Typed, Upload};
use super::super::language::Words;
use super::super::notices::{self, Checked, Editor, Judgements, Settled, Writing, Written};
use super::super::parts::{Foreign, Lawful, Marked, Moment, NoticeKind, Owner, ThingLink};
use super::super::person::Person;
use super::super::reply::{Trouble, work};
use super::super::shell::Shell;
use super::deeds::{Deed, DeedForm};
use super::{Tried, told};
use crate::desk::Desk;

#[derive(Template)]
#[template(path = "gate/held.html")]
pub(super) struct Held {
    words: Words,
    shell: Shell,
    trouble: String,
    no: String,
    kind: String,
    standing: (&'static str, String),
    to: Owner,
    about: ThingLink,
    by: Foreign,
    at: Moment,
    /// The text; where something was found in it, that is marked.
    text: Marked,
    found: Vec<(Foreign, String)>,
    /// The notices that it amounts to.
    amounts: Vec<NoticeKind>,
    /// How many of how many reviewers agreed, while it waits.
    agreed: Option<String>,
    due: Option<Lawful>,
    deeds: Vec<DeedForm>,
    checked: Checked,
    judged: Judgements,
    editor: Option<Editor>,
    steps: Vec<StepRow>,
}

/// One thing that was done to it.
struct StepRow {
    what: String,
    by: Foreign,
    when: Moment,
    why: Foreign,
}

pub(super) fn page(shell: Shell, one: &MessageShown, tried: Option<&Tried>) -> Held {
    let words = shell.words;
    let can = |deed: MessageDeed| one.possible.contains(&deed);
    let no = one.no.to_string();
    let of = |form: &str| tried.filter(|tried| tried.form == form);
    let possible: Vec<Deed> = [(MessageDeed::Pass, Deed::Pass), (MessageDeed::Refuse, Deed::Refuse(OTHER))]
        .into_iter()
        .filter_map(|(deed, offered)| can(deed).then_some(offered))
        .collect();
    let seen = one.steps.len();
    let judge = (can(MessageDeed::Judge) || of("judge").is_some()).then(|| (format!("/desk/gate/{no}/judge"), seen));
    let judging = of("judge").map(|tried| (&tried.typed, &tried.trouble));
    let checklists: Vec<&Checklist> = one.checklists.iter().map(|(_, list)| list).collect();
    let may_fill = can(MessageDeed::Facts) || of("facts").is_some();
    Held {
        kind: super::kind(one.kind, words),
        standing: super::standing(one.state, words),
        to: shell.owner(&one.to),
        about: super::about(&one.about, one.name.as_deref(), words),
        by: Foreign::line(&one.by),
        at: shell.when(one.at),
        text: Marked::new(pieces(&one.text, &one.found)),
        found: found(one, words),
        amounts: one.checklists.iter().map(|(colour, _)| NoticeKind::new(*colour, Form::Notice, words)).collect(),
        agreed: agreed(one, words),
        due: one.due.as_ref().map(|due| Lawful::of(due, words)),
        deeds: DeedForm::all((&no, seen), &possible, tried, words),
        checked: Checked::of(&checklists, (&one.screen, &Settled::of_message(one, shell.now)), may_fill, words),
        judged: Judgements::new(judge, &one.judged, judging, &shell),
        editor: may_fill.then(|| editor(one, &checklists, of("facts"), &shell)),
        steps: one.steps.iter().rev().map(|step| row(step, &shell)).collect(),
        trouble: String::new(),
        no,
        words,
        shell,
    }
}

fn editor(one: &MessageShown, checklists: &[&Checklist], tried: Option<&Tried>, shell: &Shell) -> Editor {
    let to = Writing::Message(one.no.to_string());
    let written = Written { to, seen: one.steps.len(), is_part: true, checklists, has_extract: false, members: None };
    if let Some(tried) = tried {
        let why = tried.trouble.words(shell.words);
        return Editor::new(&written, tried.typed.clone(), (tried.wrong.clone(), why), shell);
    }
    let text = NoticeText { facts: one.facts.clone(), ..NoticeText::default() };
    Editor::new(&written, notices::typed(&text, shell.words), (Vec::new(), String::new()), shell)
}

/// The text in pieces, with whether something was found in each. Places that overlap are one.
fn pieces<'t>(text: &'t str, found: &Findings) -> Vec<(&'t str, bool)> {
    let mut marked: Vec<Range<usize>> = Vec::new();
    for spot in &found.spots {
        match marked.last_mut().filter(|last| spot.range.start < last.end) {
            Some(last) => last.end = last.end.max(spot.range.end),
            None => marked.push(spot.range.clone()),
        }
    }
    let (mut pieces, mut at) = (Vec::new(), 0);
    for range in marked {
        pieces.push((text.get(at..range.start).unwrap_or_default(), false));
        at = range.end;
        pieces.push((text.get(range).unwrap_or_default(), true));
    }
    pieces.push((text.get(at..).unwrap_or_default(), false));
    pieces.retain(|(text, _)| !text.is_empty());
    pieces
}

/// Each of the words that something was found in, with what.
fn found(one: &MessageShown, words: Words) -> Vec<(Foreign, String)> {
    let spot = |spot: &comity_law::gate::text::Spot| {
        let what = match spot.what {
            What::Asks(aim) => words.say(&format!("aim-{}", aim.name())),
            What::Mark(mark) => words.say(&format!("textmark-{}", mark.name())),
            What::Named => words.say("tells-of-person"),
        };
        (Foreign::line(one.text.get(spot.range.clone()).unwrap_or_default()), what)
    };
    one.found.spots.iter().take(SPOTS).map(spot).collect()
}

fn agreed(one: &MessageShown, words: Words) -> Option<String> {
    let needed = one.needed().filter(|_| one.state == comity_law::gate::MessageState::Waiting)?;
    let (agreed, needed) = (words.count(one.agreed.len() as u64), words.count(u64::from(needed)));
    Some(words.texts("agreed-of-needed", &[("agreed", &agreed), ("needed", &needed)]))
}

fn row(step: &MessageStep, shell: &Shell) -> StepRow {
    let words = shell.words;
    let ground = match step.act {
        MessageAct::Refuse { ground } => Some(words.say(&format!("ground-{}", ground.name()))),
        MessageAct::Facts {} | MessageAct::Judge {} | MessageAct::Agree {} => None,
    };
    let what = words.say(&format!("gatestep-{}", name(step.act)));
    StepRow {
        what: ground.map_or_else(|| what.clone(), |ground| format!("{what} · {ground}")),
        by: Foreign::line(&format!("{} ({})", step.by.account, step.by.node)),
        when: shell.when(step.at),
        why: Foreign::lines(&step.why),
    }
}

/// What something that was done is called.
pub(super) const fn name(act: MessageAct) -> &'static str {
    match act {
        MessageAct::Facts {} => "facts",
        MessageAct::Judge {} => "judge",
        MessageAct::Agree {} => "agree",
        MessageAct::Refuse { .. } => "refuse",
    }
}

/// Fills in the facts of a message.
pub(crate) async fn fill(State(desk): State<Desk>, Path(no): Path<String>, person: Person, form: Upload) -> Response {
    let (typed, words) = (Typed::of(&form), person.words);
    let Ok(number) = no.parse::<GateNo>() else { return Trouble::NotFound.page(Shell::of(&desk, &person, "gate")) };
    let (text, wrong) = notices::read_text(&typed, words);
    let trouble = if wrong.is_empty() {
        let (ctx, why, seen) = (person.ctx.clone(), typed.text("why").to_owned(), typed.seen());
        let filled = move |node: &Node| node.fill_message(&ctx, &number, &text.facts, Said { why: &why, seen });
        match work(&desk, filled).await {
            Ok(_) => return Redirect::to(&format!("/desk/gate/{no}")).into_response(),
            Err(trouble) => trouble,
        }
    } else {
        Trouble::Unclear(words.say("fields-unclear"))
    };
    told(&desk, person, &no, Some(Tried { form: "facts".into(), typed, wrong, trouble })).await
}

/// Records what a reviewer judges of a message.
pub(crate) async fn judge(State(desk): State<Desk>, Path(no): Path<String>, person: Person, form: Upload) -> Response {
    let (typed, words) = (Typed::of(&form), person.words);
    let Ok(number) = no.parse::<GateNo>() else { return Trouble::NotFound.page(Shell::of(&desk, &person, "gate")) };
    let trouble = match notices::read_judged(&typed, words) {
        Ok(said) => {
            let (ctx, why, seen) = (person.ctx.clone(), typed.text("why").to_owned(), typed.seen());
            let judged = move |node: &Node| node.judge_message(&ctx, &number, &said, Said { why: &why, seen });
            match work(&desk, judged).await {
                Ok(_) => return Redirect::to(&format!("/desk/gate/{no}")).into_response(),
                Err(trouble) => trouble,
            }
        }
        Err(unclear) => Trouble::Unclear(unclear),
    };
    told(&desk, person, &no, Some(Tried { form: "judge".into(), typed, wrong: Vec::new(), trouble })).await
}

const OTHER: comity_law::notice::Ground = comity_law::notice::Ground::Other;
/// Places of a text that are listed.
const SPOTS: usize = 100;

#[cfg(test)]
mod tests {
    use comity_law::gate::text::{Language, Spot};

    use super::*;

    fn cut(text: &str, ranges: &[Range<usize>]) -> Vec<(String, bool)> {
        let spot = |range: &Range<usize>| Spot {
            what: What::Named,
            range: range.clone(),
            language: Language::English,
            disguised: false,
        };
        let found = Findings { spots: ranges.iter().map(spot).collect(), cut: false };
        pieces(text, &found).into_iter().map(|(text, is)| (text.to_owned(), is)).collect()
    }

    #[test]
    fn what_was_found_is_marked_and_the_whole_text_stays() {
        let text = "Please arrest him in Riga.";
        assert_eq!(cut(text, &[]), [(text.to_owned(), false)]);
        let pieces = cut(text, &[7..13, 7..17, 14..17]);
        assert_eq!(
            pieces,
            [("Please ", false), ("arrest him", true), (" in Riga.", false)].map(|(t, is)| (t.to_owned(), is))
        );
        assert_eq!(cut(text, &[0..6, 21..26]).into_iter().map(|(text, _)| text).collect::<String>(), text);
    }
}
