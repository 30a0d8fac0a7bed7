use comity_store::BatchId;

use crate::args::{Args, UndoArgs};
use crate::desk::Desk;
use crate::exit::Code;
use crate::output::grouped;
use crate::place::Access;

pub(crate) fn run(desk: &Desk, args: &Args, command: &UndoArgs) -> anyhow::Result<Code> {
    let place = desk.open(args, Access::Write)?;
    let undone = place.node.undo(&place.ctx, BatchId(command.batch))?;
    place.close()?;
    if args.json {
        desk.line(&undone)?;
    } else {
        desk.say(format_args!(
            "Batch {} is undone: {} versions, in batch {}. To bring them back: comity undo {}",
            command.batch,
            grouped(undone.versions),
            undone.by.id,
            undone.by.id
        ))?;
    }
    Ok(Code::Done)
}
