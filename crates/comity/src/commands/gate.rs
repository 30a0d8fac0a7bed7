use std::fs;

use anyhow::Context as _;
use comity_law::gate::text::What;
use comity_law::notice::Facts;
use comity_node::{AbuseShown, Act, GateNo, MessageReceived, MessageShown, NodeError};
use serde_json::json;

use super::notice::{answer, demands};
use crate::args::{Args, GateAction, GateArgs, GateFactsArgs, GateReportArgs};
use crate::desk::Desk;
use crate::exit::Code;
use crate::output::printable;
use crate::place::{Access, Place};

pub(crate) fn run(desk: &Desk, args: &Args, command: &GateArgs) -> anyhow::Result<Code> {
    let place = desk.open(args, Access::Settings)?;
    act(desk, args, &place, &command.action)?;
    place.close()?;
    Ok(Code::Done)
}

fn act(desk: &Desk, args: &Args, place: &Place, action: &GateAction) -> anyhow::Result<()> {
    let (node, ctx) = (&place.node, &place.ctx);
    match action {
        GateAction::List => list(desk, args, place),
        GateAction::Show { no } => show(desk, args, place, no),
        GateAction::Facts(facts) => self::facts(desk, args, place, facts),
        GateAction::Judge(judge) => {
            whole(desk, args, &node.judge_message(ctx, &judge.no, &judge.judgement.said()?, &judge.why)?)
        }
        GateAction::Pass(of) => brief(desk, args, &node.pass_message(ctx, &of.no, &of.why)?),
        GateAction::Refuse(of) => brief(desk, args, &node.refuse_message(ctx, &of.no, of.ground, &of.why)?),
        GateAction::Report(report) => self::report(desk, place, report),
        GateAction::Uphold(of) => reported(desk, args, &node.judge_report(ctx, &of.no, true, &of.why)?),
        GateAction::Reject(of) => reported(desk, args, &node.judge_report(ctx, &of.no, false, &of.why)?),
    }
}

fn list(desk: &Desk, args: &Args, place: &Place) -> anyhow::Result<()> {
    let (node, ctx) = (&place.node, &place.ctx);
    let is_reviewer = node.would_allow(ctx, Act::ReviewNotices)?;
    let held = if is_reviewer { node.messages_under_review(ctx)? } else { node.own_messages(ctx)? };
    let (received, reports) = (node.messages_received(ctx)?, node.abuse_reports(ctx)?);
    if args.json {
        held.iter().try_for_each(|shown| desk.line(&json!({"held": shown})))?;
        received.iter().try_for_each(|shown| desk.line(&json!({"received": shown})))?;
        return reports.iter().try_for_each(|shown| desk.line(&json!({"report": shown})));
    }
    if held.is_empty() && received.is_empty() && reports.is_empty() {
        return desk.say("Nothing waits for a reviewer, nothing came, and nothing was reported.");
    }
    let held = held.iter().map(|shown| {
        let (with, what) = (format!("to {}", shown.to), shown.state.to_string());
        vec![shown.no.to_string(), shown.kind.to_string(), with, what, begin(&shown.text)]
    });
    let received = received.iter().map(|shown| {
        let what = if shown.doubtful.is_empty() { "received" } else { "DOUBTFUL" }.to_owned();
        vec![shown.no.to_string(), shown.kind.to_string(), format!("from {}", shown.from), what, begin(&shown.text)]
    });
    let reports = reports.iter().map(|shown| {
        let with = format!("{} against {}", shown.by, shown.against);
        vec![shown.no.to_string(), "abuse".to_owned(), with, stands(shown).to_owned(), begin(&shown.why)]
    });
    desk.table(&["number", "kind", "with", "stands", "text"], held.chain(received).chain(reports))
}

/// The number may be of a message under review, of one that came, or of a report.
fn show(desk: &Desk, args: &Args, place: &Place, no: &GateNo) -> anyhow::Result<()> {
    let (node, ctx) = (&place.node, &place.ctx);
    match node.message_under_review(ctx, no) {
        Err(NodeError::UnknownObject(_)) => {}
        answer => return whole(desk, args, &answer?),
    }
    match node.message_received(ctx, no) {
        Err(NodeError::UnknownObject(_)) => {}
        answer => return received(desk, args, &answer?),
    }
    reported(desk, args, &node.abuse_report(ctx, no)?)
}

fn facts(desk: &Desk, args: &Args, place: &Place, facts: &GateFactsArgs) -> anyhow::Result<()> {
    if facts.print {
        let shown = place.node.message_under_review(&place.ctx, &facts.no)?;
        return desk.say(serde_json::to_string_pretty(&shown.facts)?);
    }
    let path = facts.with.as_ref().context("name a file with --with")?;
    let text = fs::read(desk.path(path)).with_context(|| format!("reading {}", path.display()))?;
    let said: Facts = serde_json::from_slice(&text).with_context(|| format!("reading {}", path.display()))?;
    whole(desk, args, &place.node.fill_message(&place.ctx, &facts.no, &said, &facts.why)?)
}

fn report(desk: &Desk, place: &Place, report: &GateReportArgs) -> anyhow::Result<()> {
    let no = if report.why.is_empty() {
        report.no.clone()
    } else {
        place.node.report_message(&place.ctx, &report.no, &report.why)?.no
    };
    desk.say(serde_json::to_string_pretty(&place.node.abuse_file(&place.ctx, &no)?)?)
}

fn brief(desk: &Desk, args: &Args, shown: &MessageShown) -> anyhow::Result<()> {
    if args.json {
        return desk.line(shown);
    }
    desk.say(format_args!("The {} {} to {} is {}.", shown.kind, shown.no, shown.to, shown.state))?;
    if let (true, Some(needed)) = (shown.sent.is_none() && !shown.agreed.is_empty(), shown.needed()) {
        desk.say(format_args!("{} of {needed} reviewers agreed.", shown.agreed.len()))?;
    }
    Ok(())
}

fn whole(desk: &Desk, args: &Args, shown: &MessageShown) -> anyhow::Result<()> {
    brief(desk, args, shown)?;
    if args.json {
        return Ok(());
    }
    let name = shown.name.as_ref().map_or_else(|| "not known here".to_owned(), |name| printable(name));
    desk.say(format_args!("{} {} wrote about {} ({name}):", shown.at, printable(&shown.by), shown.about))?;
    desk.say(format_args!("   {}", printable(&shown.text)))?;
    for spot in &shown.found.spots {
        let words = printable(shown.text.get(spot.range.clone()).unwrap_or_default());
        let what = match spot.what {
            What::Asks(aim) => format!("asks to {aim}"),
            What::Mark(mark) => format!("speaks of {mark}"),
            What::Named => "tells of a person".to_owned(),
        };
        desk.say(format_args!("   bytes {} to {}: \"{words}\" {what}", spot.range.start, spot.range.end))?;
    }
    for (colour, checklist) in &shown.checklists {
        desk.say(format_args!("It amounts to a {colour} notice, which says:"))?;
        demands(desk, checklist)?;
    }
    answer(desk, &shown.screen)?;
    if let Some(due) = &shown.due {
        desk.say(format_args!("Before it can be sent: {due}"))?;
    }
    shown.steps.iter().try_for_each(|step| {
        let act = serde_json::to_value(step.act)?;
        let act = act.get("act").and_then(serde_json::Value::as_str).unwrap_or_default();
        desk.say(format_args!("{} {act} {}: {}", step.at, step.by, printable(&step.why)))
    })
}

fn received(desk: &Desk, args: &Args, shown: &MessageReceived) -> anyhow::Result<()> {
    if args.json {
        return desk.line(shown);
    }
    desk.say(format_args!("The {} {} came from {}, about {}:", shown.kind, shown.no, shown.from, shown.about))?;
    desk.say(format_args!("   {}", printable(&shown.text)))?;
    if !shown.doubtful.is_empty() {
        let codes = shown.doubtful.join(", ");
        desk.say(format_args!("DOUBTFUL: this node finds in it what its sender's did not say: {codes}."))?;
    }
    match &shown.reported {
        Some(report) => desk.say(format_args!("It was reported, under {report}.")),
        None => Ok(()),
    }
}

fn reported(desk: &Desk, args: &Args, shown: &AbuseShown) -> anyhow::Result<()> {
    if args.json {
        return desk.line(shown);
    }
    let AbuseShown { no, by, who, at, why, against, text, .. } = shown;
    desk.say(format_args!("Report {no}: {} of {by} reports a message of {against} at {at}:", printable(who)))?;
    desk.say(format_args!("   {}", printable(why)))?;
    desk.say(format_args!("The message {}, written at {}:", shown.message, shown.written))?;
    desk.say(format_args!("   {}", printable(text)))?;
    match &shown.verdict {
        Some(verdict) => {
            let (by, why) = (printable(&verdict.by), printable(&verdict.why));
            desk.say(format_args!("It was {} by {by} at {}: {why}", stands(shown), verdict.at))
        }
        None => desk.say(format_args!("It waits for {against} to decide.")),
    }
}

fn stands(shown: &AbuseShown) -> &'static str {
    match shown.verdict.as_ref().map(|verdict| verdict.upheld) {
        Some(true) => "upheld",
        Some(false) => "rejected",
        None => "waiting",
    }
}

fn begin(text: &str) -> String {
    printable(&text.chars().take(MOST).collect::<String>())
}

/// Characters of a text in a list.
const MOST: usize = 60;
