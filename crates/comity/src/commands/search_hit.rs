use anyhow::{Context as _, bail};
use comity_base::OrgName;
use comity_law::hit::Basis;
use comity_node::{HitAnswer, HitAsked, SearchHitDeed, SearchHitNo, SearchHitShown};
use serde_json::json;

use crate::args::{Args, HitAction};
use crate::desk::Desk;
use crate::exit::Code;
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
        HitAction::Show { no } => tell(desk, args, &place.node.search_hit(&place.ctx, no)?),
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
    no: &str,
    (here, there): (SearchHitDeed, HitAnswer),
    why: &str,
) -> anyhow::Result<()> {
    let parse = |text: &str| text.parse::<SearchHitNo>().map_err(anyhow::Error::msg);
    let Some((from, no)) = no.split_once('/') else {
        return tell(desk, args, &place.node.act_on_search_hit(&place.ctx, &parse(no)?, &here, why)?);
    };
    let from = OrgName::parse(from).with_context(|| format!("{from:?} is no bureau"))?;
    asked(desk, args, &place.node.answer_hit(&place.ctx, (&from, &parse(no)?), there, why)?)
}

fn list(desk: &Desk, args: &Args, place: &Place) -> anyhow::Result<()> {
    let (hits, others) = (place.node.search_hits(&place.ctx)?, place.node.hits_asked(&place.ctx)?);
    if hits.is_empty() && others.is_empty() && !args.json {
        bail!("there are no hits of searches, and nobody asks to confirm one");
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
            "possible": hit.possible, "events": hit.events,
        }));
    }
    let silent = if hit.silent { ", silent" } else { "" };
    let place = hit.reference.as_ref().map(|text| format!(" ({})", printable(text))).unwrap_or_default();
    desk.say(format_args!("{}  {}{silent}  {} [{}]{place}", hit.no, hit.state, printable(&hit.name), hit.owner))?;
    desk.say(format_args!("   found {} by {}, {} % likely", hit.at, hit.officer, percent(hit.probability).trim()))?;
    if let Some(due) = hit.due {
        desk.say(format_args!("   its owner is to answer by {due}"))?;
    }
    if hit.must_escalate {
        desk.say(
            "   nobody answered in time: take no coercive step, and tell whoever must know with `comity hit escalate`",
        )?;
    }
    let source = hit.effect.cited.as_ref().map_or("no rule card of this country says", |cited| cited.rule.as_str());
    desk.say(format_args!("   a red notice here: {} ({source})", hit.effect.answer))?;
    let possible: Vec<String> = hit.possible.iter().map(ToString::to_string).collect();
    desk.say(format_args!(
        "   you can: {}",
        if possible.is_empty() { "nothing".to_owned() } else { possible.join(", ") }
    ))
}

fn asked(desk: &Desk, args: &Args, one: &HitAsked) -> anyhow::Result<()> {
    if args.json {
        return desk.line(one);
    }
    let urgent = if one.urgent { ", urgent" } else { "" };
    let state = one.answer.as_ref().map_or_else(
        || format!("to be answered by {}", one.due),
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
