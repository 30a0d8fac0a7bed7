use anyhow::bail;
use comity_base::Timestamp;
use comity_node::{Act, ClockDoubt, Ending, EndsBy};

use crate::args::{Args, RetentionAction, RetentionArgs};
use crate::backup;
use crate::desk::Desk;
use crate::exit::Code;
use crate::output::{grouped, printable};
use crate::place::{Access, Place};

pub(crate) fn run(desk: &Desk, args: &Args, command: &RetentionArgs) -> anyhow::Result<Code> {
    match &command.action {
        RetentionAction::Plan { by } => plan(desk, args, *by)?,
        RetentionAction::Run { clock_is_right } => {
            let place = desk.open(args, Access::Write)?;
            place.may(Act::RetentionRun)?;
            if *clock_is_right {
                place.node.clock_is_right(&place.ctx)?;
            }
            if let Some(doubt) = place.node.clock_doubt(&place.ctx)? {
                bail!("{}; or now, with --clock-is-right", doubted(&doubt));
            }
            let ended = place.node.end_retention(&place.ctx)?;
            let folder = place.config.backup.folder(&desk.path(&Place::folder(args)));
            let keys = folder.map_or(Ok(0), |folder| backup::expire(&folder, place.ctx.now()))?;
            if keys > 0 {
                desk.note(format_args!("comity: keys of backups destroyed: {keys}; nobody reads those any more"));
            }
            if args.json {
                desk.line(&ended)?;
            } else {
                desk.say(format_args!(
                    "{} versions, {} kept documents and {} items that were set aside are gone; {} entries of the ledger say less, and {} \
                     questions, messages, hits and notices nothing of anybody; {} versions are held.",
                    grouped(ended.versions),
                    grouped(ended.originals),
                    grouped(ended.set_aside),
                    grouped(ended.entries),
                    grouped(ended.words),
                    grouped(ended.held)
                ))?;
            }
        }
        RetentionAction::Hold { object } => {
            let place = desk.open(args, Access::Settings)?;
            place.node.hold(&place.ctx, object)?;
            desk.say(format_args!("{object} is held until the hold is lifted."))?;
        }
        RetentionAction::Lift { object } => {
            let place = desk.open(args, Access::Settings)?;
            place.node.lift_hold(&place.ctx, object)?;
            desk.say(format_args!("{object} is held no longer: its label counts again."))?;
        }
        RetentionAction::Holds => {
            let place = desk.open(args, Access::Read)?;
            place.ask(Act::Hold)?;
            let holds = place.node.holds()?;
            if args.json {
                holds.iter().try_for_each(|hold| desk.line(hold))?;
            } else {
                let row = |hold: &comity_node::LegalHold| {
                    vec![hold.object.to_string(), hold.since.to_string(), printable(&hold.by), printable(&hold.reason)]
                };
                desk.table(&["object", "since", "by", "why"], holds.iter().map(row))?;
            }
        }
    }
    Ok(Code::Done)
}

/// Why nothing is erased.
pub(super) fn doubted(doubt: &ClockDoubt) -> String {
    format!(
        "nothing was erased: the clock went from {} to now since it was last looked at, and a wrong clock would erase what \
         is still to be kept. If it is right, this goes on after {}",
        doubt.last, doubt.until
    )
}

fn plan(desk: &Desk, args: &Args, by: Option<Timestamp>) -> anyhow::Result<()> {
    let place = desk.open(args, Access::Read)?;
    let by = by.unwrap_or_else(|| place.ctx.now());
    let plan = place.node.retention_plan(&place.ctx, by)?;
    if args.json {
        return desk.line(&plan);
    }
    for (title, endings, none) in [
        ("Must be gone:", &plan.due, "Nothing must be gone by then."),
        ("Personal data that ends within six months after that; say whether it is needed longer:", &plan.review, ""),
    ] {
        if endings.is_empty() {
            if !none.is_empty() {
                desk.say(none)?;
            }
            continue;
        }
        desk.say(title)?;
        desk.table(&["ends", "owner", "by", "personal", "versions", "held", "objects"], endings.iter().map(row))?;
    }
    Ok(())
}

fn row(ending: &Ending) -> Vec<String> {
    let mut objects: Vec<String> = ending.objects.iter().take(3).map(ToString::to_string).collect();
    if ending.objects.len() > objects.len() {
        objects.push("...".into());
    }
    vec![
        ending.until.to_string().get(..10).unwrap_or_default().to_owned(),
        ending.owner.to_string(),
        match &ending.by {
            EndsBy::Label => "its label".into(),
            EndsBy::Agreement(id) => id.clone(),
        },
        if ending.personal { "yes" } else { "no" }.to_owned(),
        grouped(ending.versions),
        grouped(ending.held),
        objects.join(" "),
    ]
}
