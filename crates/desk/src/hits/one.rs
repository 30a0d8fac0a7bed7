use std::collections::HashMap;

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use comity_base::OrgName;
use comity_node::hits::{HitKey, HitShown, HitStep, Question};
use comity_node::{AsOf, Container, Ctx, Node, NodeError, Shown};
use comity_stix::{Doc, Kind, ObjectId};

use super::super::language::Words;
use super::super::object::{DEPTH, facts_of};
use super::super::parts::{Facts, Foreign, Marks, Moment, Owner};
use super::super::person::Person;
use super::super::reply::{Trouble, page as shown, work};
use super::super::shell::Shell;
use super::super::why::escaped;
use super::decide::Decision;
use super::reason::reason;
use super::{Line, line};
use crate::desk::Desk;

#[derive(Template)]
#[template(path = "hit.html")]
struct HitOne {
    words: Words,
    shell: Shell,
    trouble: String,
    line: Line,
    decision: Decision,
    reasons: Vec<Foreign>,
    values: Vec<(String, Foreign, String)>,
    values_total: u64,
    related: Vec<(Owner, String, Foreign)>,
    sides: Vec<SideBody>,
    history: Vec<StepRow>,
    questions: Vec<QuestionRow>,
}

/// What one side says.
pub(super) struct SideBody {
    pub(super) marks: Option<Marks>,
    pub(super) facts: Facts,
}

struct StepRow {
    state: String,
    by: Foreign,
    when: Moment,
    note: Foreign,
    asked: Vec<Owner>,
}

/// A question to an owner, or of one.
pub(crate) struct QuestionRow {
    pub(crate) id: String,
    pub(crate) peer: Owner,
    pub(crate) from: String,

    pub(crate) about: super::super::parts::ThingLink,
    pub(crate) text: Foreign,
    pub(crate) asked: Moment,
    pub(crate) answer: Option<(Foreign, Moment)>,
}

/// One hit: why, side by side, and what was said of it.
pub(crate) async fn page(State(desk): State<Desk>, Path(key): Path<String>, person: Person) -> Response {
    told(&desk, person, &key, None).await
}

pub(super) async fn told(desk: &Desk, person: Person, key: &str, trouble: Option<Trouble>) -> Response {
    let shell = Shell::of(desk, &person, "hits");
    let Ok(key) = key.parse::<HitKey>() else { return Trouble::NotFound.page(shell) };
    if let Some(waits) = trouble.as_ref().filter(|trouble| trouble.waits()) {
        return waits.page(shell);
    }
    let ctx = person.ctx.clone();
    match work(desk, move |node| read(node, &ctx, &key)).await {
        Ok((hit, sides)) => {
            let words = shell.words;
            let mut page = page_of(&hit, &sides, shell);
            page.trouble = trouble.as_ref().map_or_else(String::new, |trouble| trouble.words(words));
            shown(&page, trouble.as_ref(), words)
        }
        Err(trouble) => trouble.page(shell),
    }
}

pub(super) fn read(node: &Node, ctx: &Ctx, key: &HitKey) -> Result<(HitShown, [Option<Shown>; 2]), NodeError> {
    let hit = node.hit(ctx, key)?;
    let sides = [side(node, ctx, &hit.row.hit.one)?, side(node, ctx, &hit.row.hit.other)?];
    Ok((hit, sides))
}

/// What stands of one side, where it is an object.
fn side(node: &Node, ctx: &Ctx, container: &Container) -> Result<Option<Shown>, NodeError> {
    let Ok(id) = ObjectId::parse(&container.id) else { return Ok(None) };
    match node.show(ctx, &id, AsOf::Now) {
        Err(NodeError::UnknownObject(_) | NodeError::Denied(_)) => Ok(None),
        versions => Ok(versions?.into_iter().rev().find(|one| one.current && one.owner == container.owner)),
    }
}

fn page_of(hit: &HitShown, sides: &[Option<Shown>; 2], shell: Shell) -> HitOne {
    let words = shell.words;
    let row = &hit.row;
    let value = |shared: &comity_node::hits::SharedValue| {
        let kind = words.value_kind(Some(shared.kind), Kind::name(shared.kind));
        (kind, Foreign::line(&shared.value), format!("/desk/find?q={}", escaped(&shared.value)))
    };
    HitOne {
        line: line(row, 0, &shell),
        decision: Decision::new(row, String::new(), words),
        reasons: row.hit.score.reasons.iter().take(REASONS).map(|one| reason(one, words)).collect(),
        values: row.hit.values.iter().map(value).collect(),
        values_total: row.hit.values_total,
        related: row
            .hit
            .related
            .iter()
            .map(|one| (shell.owner(&one.owner), words.kind(&one.kind), Foreign::line(&one.name)))
            .collect(),
        sides: sides.iter().map(|one| body(one.as_ref(), &shell)).collect(),
        history: hit.history.iter().rev().map(|step| step_row(step, &shell)).collect(),
        questions: hit.questions.iter().map(|one| question(one, &shell)).collect(),
        trouble: String::new(),
        words,
        shell,
    }
}

pub(super) fn body(one: Option<&Shown>, shell: &Shell) -> SideBody {
    let facts = one.and_then(|one| Some(facts_of(Doc::parse(&one.raw, DEPTH).ok()?.root(), &HashMap::new(), shell)));
    SideBody { marks: one.map(|one| Marks::of(&one.standing, shell.words)), facts: facts.unwrap_or_default() }
}

fn step_row(step: &HitStep, shell: &Shell) -> StepRow {
    StepRow {
        state: shell.words.say(&format!("hit-{}", step.state.name())),
        by: Foreign::line(&step.by),
        when: shell.when(step.at),
        note: Foreign::lines(&step.note),
        asked: step.asked.iter().map(|owner: &OrgName| shell.owner(owner)).collect(),
    }
}

pub(crate) fn question(one: &Question, shell: &Shell) -> QuestionRow {
    let id = one.about.to_string();
    let (kind, name) = (one.about.kind.as_str(), one.name.clone().unwrap_or_default());
    QuestionRow {
        id: one.id.clone(),
        peer: shell.owner(&one.peer),
        from: one.peer.to_string(),

        about: super::super::parts::ThingLink::new(&id, kind, &name, one.name.is_some(), shell.words),
        text: Foreign::lines(&one.text),
        asked: shell.when(one.asked),
        answer: one.answer.as_ref().map(|answer| (Foreign::lines(&answer.text), shell.when(answer.at))),
    }
}

/// Reasons that are told.
const REASONS: usize = 50;
