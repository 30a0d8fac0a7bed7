use anyhow::Context as _;
use comity_law::hit::{Basis, HitAct, HitEvent, HitState};
use comity_law::notice::Colour;
use comity_node::{HitAnswer, HitAsked, SearchHitDeed, SearchHitNo, SearchHitShown};
use serde_json::json;

use super::card;
use crate::args::{Args, HitAction, HitOf};
use crate::desk::Desk;
use crate::exit::{Code, NotHere};
use crate::output::{percent, printable};
use crate::place::{Access, Place};

pub(crate) fn run(desk: &Desk, args: &Args, action: &HitAction) -> anyhow::Result<Code> {
    let place = desk.open(args, Access::Settings)?;
    act(desk, args, &place, action)?;
    Ok(Code::Done)
}

fn act(desk: &Desk, args: &Args, place: &Place, action: &HitAction) -> anyhow::Result<()> {
    let did = |no: &SearchHitNo, deed: &SearchHitDeed, why: &str| -> anyhow::Result<()> {
        tell(desk, args, &place.node.act_on_search_hit(&place.ctx, no, deed, why)?)
    };
    match action {
        HitAction::List => list(desk, args, place),
        HitAction::Show { no } => show(desk, args, place, no),
        HitAction::Check { no, with, same, why } => did(no, &SearchHitDeed::Check(*with, *same), why),
        HitAction::Ask { no, urgent, why } => did(no, &SearchHitDeed::Ask(*urgent), why),
        HitAction::Escalate { no, why } => did(no, &SearchHitDeed::Escalate, why),
        HitAction::Close { no, outcome, order, why } => {
            let basis = order.clone().map(|reference| Basis::NationalOrder { reference });
            did(no, &SearchHitDeed::Close(*outcome, basis), why)
        }
        HitAction::Confirm { no, measure, why } => {
            answer(desk, args, place, no, (SearchHitDeed::Confirm(*measure), HitAnswer::Confirm(*measure)), why)
        }
        HitAction::Refute { no, because, why } => {
            answer(desk, args, place, no, (SearchHitDeed::Refute(*because), HitAnswer::Refute(*because)), why)
        }
    }
}

/// Of a hit here, or of one that another bureau asks to confirm.
fn answer(
    desk: &Desk,
    args: &Args,
    place: &Place,
    no: &HitOf,
    (here, there): (SearchHitDeed, HitAnswer),
    why: &str,
) -> anyhow::Result<()> {
    match no {
        HitOf::Here(no) => tell(desk, args, &place.node.act_on_search_hit(&place.ctx, no, &here, why)?),
        HitOf::Elsewhere(from, no) => asked(desk, args, &place.node.answer_hit(&place.ctx, (from, no), there, why)?),
    }
}

/// One hit: of a search here, or one that another bureau asks to confirm, as it is known here.
fn show(desk: &Desk, args: &Args, place: &Place, no: &HitOf) -> anyhow::Result<()> {
    match no {
        HitOf::Here(no) => tell(desk, args, &place.node.search_hit(&place.ctx, no)?),
        HitOf::Elsewhere(from, no) => {
            let all = place.node.hits_asked(&place.ctx)?;
            let one = all.iter().find(|one| one.from == *from && one.no == *no);
            asked(desk, args, one.with_context(|| NotHere(format!("nothing is known about a hit {from}/{no}")))?)
        }
    }
}

fn list(desk: &Desk, args: &Args, place: &Place) -> anyhow::Result<()> {
    let (hits, others) = (place.node.search_hits(&place.ctx)?, place.node.hits_asked(&place.ctx)?);
    if hits.is_empty() && others.is_empty() && !args.json {
        return desk.say("There are no hits of searches, and nobody asks to confirm one.");
    }
    hits.iter().try_for_each(|hit| tell(desk, args, hit))?;
    others.iter().try_for_each(|one| asked(desk, args, one))
}

fn tell(desk: &Desk, args: &Args, hit: &SearchHitShown) -> anyhow::Result<()> {
    if args.json {
        return desk.line(&json!({
            "hit": hit.no, "state": hit.state, "found": hit.found.to_string(), "name": hit.name, "owner": hit.owner,
            "probability": hit.probability, "silent": hit.silent, "officer": hit.officer, "at": hit.at, "due": hit.due,
            "must_escalate": hit.must_escalate, "reference": hit.reference, "red_notice_here": hit.effect,
            "possible": hit.possible, "events": hit.events, "notice": hit.card,
            "answered": hit.answered.as_ref().map(|(message, doubtful)| json!({"message": message, "doubtful": doubtful})),
        }));
    }
    let silent = if hit.silent { ", silent" } else { "" };
    let place = hit.reference.as_ref().map(|text| format!(" ({})", printable(text))).unwrap_or_default();
    desk.say(format_args!("{}  {}{silent}  {} [{}]{place}", hit.no, hit.state, printable(&hit.name), hit.owner))?;
    desk.say(format_args!("   found {} by {}, {} % likely", hit.at, hit.officer, percent(hit.probability).trim()))?;
    // What was found is the first thing that happened.
    hit.events.iter().skip(1).try_for_each(|event| desk.say(format_args!("   {}", happened(event))))?;
    if let Some(due) = hit.due.filter(|_| hit.state == HitState::Asked) {
        desk.say(format_args!("   its owner is to answer by {due}"))?;
    }
    if hit.must_escalate {
        desk.say(
            "   nobody answered in time: take no coercive step, and tell whoever must know with `comity hit escalate`",
        )?;
    }
    if let Some((message, doubtful)) = &hit.answered {
        let doubt = if doubtful.is_empty() { "" } else { ", and is doubtful: " };
        desk.say(format_args!("   the answer came as message {message}{doubt}{}", doubtful.join(", ")))?;
    }
    tell_notice(desk, hit)?;
    let possible: Vec<String> = hit.possible.iter().map(ToString::to_string).collect();
    desk.say(format_args!(
        "   you can: {}",
        if possible.is_empty() { "nothing".to_owned() } else { possible.join(", ") }
    ))
}

/// The notice by which somebody is looked for, and what a red one is here.
fn tell_notice(desk: &Desk, hit: &SearchHitShown) -> anyhow::Result<()> {
    let Some(notice) = &hit.card else {
        let gone = "   the notice stands no more: nothing may be done because of it";
        return if hit.notice.is_some() { desk.say(gone) } else { Ok(()) };
    };
    desk.say(format_args!("   {}", card::line(notice)))?;
    if notice.colour == Colour::Red {
        let source = hit.effect.cited.as_ref().map_or("no rule card of this country says", |cited| cited.rule.as_str());
        desk.say(format_args!("   a red notice here: {} ({source})", hit.effect.answer))?;
    }
    Ok(())
}

/// What happened to a hit, by whom and why.
fn happened(event: &HitEvent) -> String {
    let what = match &event.act {
        HitAct::Check { with, same: true } => format!("compared {with}: the same person"),
        HitAct::Check { with, same: false } => format!("compared {with}: another person"),
        HitAct::Ask { urgent: true } => "asked its owner, urgently".to_owned(),
        HitAct::Ask { urgent: false } => "asked its owner".to_owned(),
        HitAct::Confirm { measure } => format!("confirmed, {measure}"),
        HitAct::Refute { why } => format!("refuted, {why}"),
        HitAct::Escalate {} => "took it further".to_owned(),
        HitAct::Close { outcome, basis } => format!("closed, {outcome}{}", on(basis.as_ref())),
        other @ (HitAct::Found { .. } | HitAct::Clock {}) => other.name().to_string(),
    };
    let who = event.by.person().map_or_else(|| "time".to_owned(), |person| printable(&person.to_string()));
    let why = if event.reason.is_empty() { String::new() } else { format!(": {}", printable(&event.reason)) };
    format!("{} {who} {what}{why}", event.at).replace('\n', " ")
}

/// What allowed what was done.
fn on(basis: Option<&Basis>) -> String {
    match basis {
        Some(Basis::NationalOrder { reference }) => format!(", by order {}", printable(reference)),
        Some(Basis::RedNotice { effect }) => format!(", by the red notice ({effect})"),
        None => String::new(),
    }
}

fn asked(desk: &Desk, args: &Args, one: &HitAsked) -> anyhow::Result<()> {
    if args.json {
        return desk.line(one);
    }
    let urgent = if one.urgent { ", urgent" } else { "" };
    let state = one.answer.as_ref().map_or_else(
        || match one.over {
            Some(at) => format!("needs no answer any more since {at}"),
            None => format!("to be answered by {}", one.due),
        },
        |(answer, at, by)| format!("{} at {at} by {by}", said(*answer)),
    );
    desk.say(format_args!("{}/{}  asks about {}{urgent}: {state}", one.from, one.no, one.about))
}

fn said(answer: HitAnswer) -> String {
    match answer {
        HitAnswer::Confirm(measure) => format!("confirmed, {measure}"),
        HitAnswer::Refute(why) => format!("refuted, {why}"),
    }
}
