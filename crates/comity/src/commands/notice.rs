use std::fs;
use std::path::Path;

use anyhow::Context as _;
use comity_law::gate::{Answer, Effect, Screen};
use comity_law::notice::{Checklist, ItemState, Part, State};
use comity_node::{NodeError, NoticeDeed, NoticeNo, NoticeRow, NoticeShown, NoticeText};
use serde_json::json;

use crate::args::{Args, NoticeAction, NoticeAmendArgs, NoticeArgs, NoticeEditArgs, NoticeReviewArgs};
use crate::desk::Desk;
use crate::exit::{Code, NotHere, Wrong};
use crate::output::printable;
use crate::place::{Access, Place};

pub(crate) fn run(desk: &Desk, args: &Args, command: &NoticeArgs) -> anyhow::Result<Code> {
    let place = desk.open(args, Access::Write)?;
    act(desk, args, &place, &command.action)?;
    place.close()?;
    Ok(Code::Done)
}

fn act(desk: &Desk, args: &Args, place: &Place, action: &NoticeAction) -> anyhow::Result<()> {
    let (node, ctx) = (&place.node, &place.ctx);
    let did = |no: NoticeNo, deed: &NoticeDeed, why: &str| -> anyhow::Result<()> {
        brief(desk, args, &node.act_on_notice(ctx, no, deed, why)?)
    };
    match action {
        NoticeAction::Draft(draft) => {
            let shown = node.draft_notice(ctx, (draft.colour, draft.form(), draft.extract), draft.from.as_deref());
            check(desk, args, &shown.map_err(|error| nobody_there(error, draft.from.as_deref()))?)
        }
        NoticeAction::List => list(desk, args, &node.notices(ctx)?),
        NoticeAction::Show { no } => whole(desk, args, &node.notice(ctx, *no)?),
        NoticeAction::Check { no } => check(desk, args, &node.notice(ctx, *no)?),
        NoticeAction::Edit(edit) => self::edit(desk, args, place, edit),
        NoticeAction::Judge(judge) => {
            check(desk, args, &node.judge_notice(ctx, judge.no, &judge.judgement.said()?, &judge.why)?)
        }
        NoticeAction::Submit(of) => did(of.no, &NoticeDeed::Submit, &of.why),
        NoticeAction::Answer(of) => did(of.no, &NoticeDeed::Answer, &of.why),
        NoticeAction::Withdraw(of) => did(of.no, &NoticeDeed::Withdraw, &of.why),
        NoticeAction::Justify(of) => did(of.no, &NoticeDeed::Justify, &of.why),
        NoticeAction::Review(review) => self::review(desk, args, place, review),
        NoticeAction::Amend(of) => amend(desk, args, place, of),
        NoticeAction::Addendum(of) => did(of.no, &NoticeDeed::Addendum(of.what, of.country), &of.why),
        NoticeAction::Execute(of) => did(of.no, &NoticeDeed::Execute(of.outcome, of.country), &of.why),
        NoticeAction::Statistics => statistics(desk, args, place),
    }
}

fn review(desk: &Desk, args: &Args, place: &Place, review: &NoticeReviewArgs) -> anyhow::Result<()> {
    if let (Some(no), Some(deed)) = (review.no, review.deed()) {
        return brief(desk, args, &place.node.act_on_notice(&place.ctx, no, &deed, &review.why)?);
    }
    let mut rows = place.node.notices(&place.ctx)?;
    rows.retain(|row| matches!(row.state, State::Submitted | State::UnderReview) || !row.duties.is_empty());
    list(desk, args, &rows)
}

fn edit(desk: &Desk, args: &Args, place: &Place, edit: &NoticeEditArgs) -> anyhow::Result<()> {
    if edit.print {
        let shown = place.node.notice(&place.ctx, edit.no)?;
        return desk.say(serde_json::to_string_pretty(&shown.text)?);
    }
    let path = edit.with.as_ref().context("name a file with --with")?;
    check(desk, args, &place.node.revise_notice(&place.ctx, edit.no, &text_in(desk, path)?)?)
}

/// What a notice is to say, as it stands in a file.
fn text_in(desk: &Desk, path: &Path) -> anyhow::Result<NoticeText> {
    let text = fs::read(desk.path(path)).with_context(|| format!("reading {}", path.display()))?;
    serde_json::from_slice(&text).with_context(|| format!("reading {}", path.display()))
}

/// Begins a new version beside the one in force, with its text where that is given, which goes out once it was reviewed. A new contact
/// alone goes out at once.
fn amend(desk: &Desk, args: &Args, place: &Place, of: &NoticeAmendArgs) -> anyhow::Result<()> {
    let text = of.with.as_deref().map(|path| text_in(desk, path)).transpose()?;
    match text {
        Some(text) if of.changes == [Part::Contact] => {
            let contact = NoticeDeed::Contact(text.contact);
            return brief(desk, args, &place.node.act_on_notice(&place.ctx, of.no, &contact, &*of.why)?);
        }
        _ if of.changes.iter().any(|part| part.matters()) => {}
        _ => return Err(Wrong(AT_ONCE.to_owned()).into()),
    }
    let deed = NoticeDeed::Amend(of.changes.iter().copied().collect());
    let shown = place.node.act_on_notice(&place.ctx, of.no, &deed, &*of.why)?;
    let Some(text) = text else {
        brief(desk, args, &shown)?;
        let (no, how) = (of.no, "--print > FILE, and --with FILE once it says what it is to say");
        return if args.json {
            Ok(())
        } else {
            desk.say(format_args!("Its text is yours to write: comity notice edit {no} {how}."))
        };
    };
    let written = place.node.revise_notice(&place.ctx, of.no, &text);
    let written = written.with_context(|| {
        format!(
            "a new version was begun, with the text as it was; give it another with `comity notice edit {} --with`",
            of.no
        )
    });
    check(desk, args, &written?)
}

/// The node refuses to draft from somebody who is not there as it refuses whatever cannot be.
fn nobody_there(error: NodeError, from: Option<&str>) -> anyhow::Error {
    match error {
        NodeError::Refused(text) if from.is_some() && text.starts_with("there is no person in") => NotHere(text).into(),
        other => other.into(),
    }
}

fn list(desk: &Desk, args: &Args, rows: &[NoticeRow]) -> anyhow::Result<()> {
    if args.json {
        return rows.iter().try_for_each(|row| desk.line(&about(row)));
    }
    if rows.is_empty() {
        return desk.say("There are none.");
    }
    let cells = rows.iter().map(|row| {
        let duties: Vec<String> = row.duties.iter().map(|duty| duty.kind.to_string()).collect();
        let next = row.next.map(|clock| format!("{} {}", clock.kind, clock.at)).unwrap_or_default();
        let kind = format!("{} {}", row.colour, row.form);
        vec![row.no.to_string(), kind, row.state.to_string(), printable(&row.name), duties.join(", "), next]
    });
    desk.table(&["notice", "kind", "state", "person", "due", "next"], cells)
}

fn about(row: &NoticeRow) -> serde_json::Value {
    let duties: Vec<_> = row
        .duties
        .iter()
        .map(|duty| json!({"kind": duty.kind, "since": duty.since, "due": duty.due, "outstanding": duty.outstanding}))
        .collect();
    json!({"notice": row.no, "colour": row.colour, "form": row.form, "state": row.state, "name": row.name,
        "drafted": row.drafted, "duties": duties, "next": row.next.map(|clock| json!({"kind": clock.kind, "at": clock.at}))})
}

fn brief(desk: &Desk, args: &Args, shown: &NoticeShown) -> anyhow::Result<()> {
    if args.json {
        return desk.line(&about(&shown.row));
    }
    let row = &shown.row;
    desk.say(format_args!("Notice {} ({} {}) is {}.", row.no, row.colour, row.form, row.state))?;
    if let Some((version, until)) = shown.in_force {
        let to: Vec<String> = shown.released_to.iter().map(ToString::to_string).collect();
        desk.say(format_args!("Version {version} holds until {until}; it goes to {}.", listed(&to)))?;
    }
    row.duties.iter().try_for_each(|duty| {
        let open = duty.outstanding.map(|open| format!(", {open} receipts are out")).unwrap_or_default();
        desk.say(format_args!("Due: {}{open}.", duty.kind))
    })
}

fn check(desk: &Desk, args: &Args, shown: &NoticeShown) -> anyhow::Result<()> {
    if args.json {
        let mut about = about(&shown.row);
        if let Some(about) = about.as_object_mut() {
            about.insert("checklist".into(), serde_json::to_value(&shown.checklist)?);
            about.insert("screen".into(), serde_json::to_value(&shown.screen)?);
        }
        return desk.line(&about);
    }
    brief(desk, args, shown)?;
    demands(desk, &shown.checklist)?;
    answer(desk, &shown.screen)
}

pub(super) fn demands(desk: &Desk, checklist: &Checklist) -> anyhow::Result<()> {
    for item in &checklist.items {
        let mark = match item.state {
            ItemState::Met => "ok",
            ItemState::Missing => "--",
            ItemState::NotNeeded => continue,
        };
        desk.say(format_args!("  {mark}  {}", item.demand))?;
    }
    Ok(())
}

pub(super) fn answer(desk: &Desk, screen: &Screen) -> anyhow::Result<()> {
    let answer = match screen.answer {
        Answer::Pass {} => "The gate lets it pass.".to_owned(),
        Answer::NeedsReview { reviewers: 1 } => "The gate: a reviewer must answer for it.".to_owned(),
        Answer::NeedsReview { reviewers } => format!("The gate: {reviewers} reviewers must answer for it."),
        Answer::Refused { ground } => format!("The gate refuses it: {ground}."),
    };
    desk.say(answer)?;
    screen.reasons.iter().try_for_each(|weighed| {
        let effect = match weighed.effect {
            Effect::Refuses(ground) => format!("refused, {ground}"),
            Effect::Asks { reviewers } => format!("asks {reviewers}"),
            Effect::Tells => "tells".to_owned(),
        };
        desk.say(format_args!("  [{effect}] {}", weighed.reason))
    })
}

fn whole(desk: &Desk, args: &Args, shown: &NoticeShown) -> anyhow::Result<()> {
    check(desk, args, shown)?;
    if args.json {
        return desk
            .line(&json!({"text": shown.text, "events": shown.events, "judged": shown.judged, "due": shown.due}));
    }
    for event in &shown.events {
        let who = event.by.person().map_or_else(|| "the node".to_owned(), ToString::to_string);
        let why = if event.reason.is_empty() { String::new() } else { format!(": {}", printable(&event.reason)) };
        desk.say(format_args!("{} {} {who}{why}", event.at, event.act.name()))?;
    }
    if let Some(due) = &shown.due {
        desk.say(format_args!("Before it can be published: {due}"))?;
    }
    let possible: Vec<String> = shown.possible.iter().map(ToString::to_string).collect();
    desk.say(format_args!("You can: {}.", listed(&possible)))
}

fn statistics(desk: &Desk, args: &Args, place: &Place) -> anyhow::Result<()> {
    let statistics = place.node.notice_statistics(&place.ctx)?;
    let mut rows = Vec::new();
    for (year, sources) in &statistics.years {
        for (source, colours) in sources {
            for (colour, counts) in colours {
                if args.json {
                    desk.line(&json!({"year": year, "source": source, "colour": colour, "counts": counts}))?;
                    continue;
                }
                let numbers = [
                    counts.issued,
                    counts.all_refused(),
                    counts.all_cancelled(),
                    counts.withdrawn,
                    counts.executed,
                    counts.expired,
                ];
                let mut row = vec![year.to_string(), source.to_string(), colour.to_string()];
                row.extend(numbers.map(|number| number.to_string()));
                rows.push(row);
            }
        }
    }
    if args.json {
        return Ok(());
    }
    desk.table(
        &["year", "source", "colour", "issued", "refused", "cancelled", "withdrawn", "executed", "expired"],
        rows,
    )
}

fn listed(all: &[String]) -> String {
    if all.is_empty() { "nobody and nothing".to_owned() } else { all.join(", ") }
}

/// Why an amendment of nothing that matters is not begun.
const AT_ONCE: &str = "a new contact counts at once: give it with --changes contact --with FILE, of which nothing else is taken. A \
                       translation alone changes nothing here. Nothing was done";
