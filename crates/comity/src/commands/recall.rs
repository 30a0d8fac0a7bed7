use std::path::Path;

use anyhow::{Context as _, bail};
use comity_base::Timestamp;
use comity_node::SourceChange;
use comity_node::intake::IntakeOptions;

use super::ingest;
use crate::args::{Args, RecallArgs};
use crate::desk::Desk;
use crate::exit::Code;
use crate::output::grouped;
use crate::place::{Access, Place};

pub(crate) fn run(desk: &Desk, args: &Args, command: &RecallArgs) -> anyhow::Result<Code> {
    let place = desk.open(args, Access::Write)?;
    let replaced_by =
        command.replace_with.as_deref().map(|with| replacement(desk, &place, command, with)).transpose()?;
    let statement = place.node.recall(&place.ctx, &command.object, command.reason.into(), replaced_by)?;
    let seers = place.node.audience_of(&place.ctx, &command.object).unwrap_or_default();
    drop(place);
    if args.json {
        desk.line(&statement)?;
        return Ok(Code::Done);
    }
    desk.say(format_args!(
        "Recalled {} version(s) of {}. Every node that was given one deletes it and answers with a signed receipt: \
         comity deliveries shows them.",
        grouped(statement.said.versions.len() as u64),
        statement.said.object
    ))?;
    for seer in seers.iter().filter(|seer| !seer.can_recall && !seer.given.is_empty()) {
        desk.say(format_args!("{} has only tools, which cannot recall: tell them by other means.", seer.recipient))?;
    }
    Ok(Code::Done)
}

/// The version that takes the place of those recalled: one that is here, or the one in a file, which is brought in.
fn replacement(desk: &Desk, place: &Place, command: &RecallArgs, with: &str) -> anyhow::Result<Timestamp> {
    if let Ok(moment) = Timestamp::parse(with) {
        return Ok(moment);
    }
    if !desk.path(Path::new(with)).is_file() {
        bail!("--replace-with {with:?} is neither the time of a version nor a file");
    }
    let own = &place.ctx.organisation;
    let source = place.node.set_source(&place.ctx, own, &SourceChange::default())?;
    let stop = desk.stop()?;
    let options = IntakeOptions {
        strict: place.config.intake.strict,
        ..IntakeOptions::noted(format!("replacement of {}", command.object), &stop)
    };
    place.node.intake(&place.ctx, &source, &mut std::iter::once(Ok(ingest::open(desk, Path::new(with)))), &options)?;
    let current = place.node.current_versions(&command.object)?;
    let own = current.into_iter().find(|(owner, _)| owner == own);
    Ok(own.with_context(|| format!("{with} holds no version of {}", command.object))?.1.modified)
}
