use comity_store::BatchId;

use crate::args::{Args, UndoArgs};
use crate::exit::Code;
use crate::output::{self, grouped};
use crate::place::{Access, Place};

pub(crate) fn run(args: &Args, command: &UndoArgs) -> anyhow::Result<Code> {
    let place = Place::open(args, Access::Write)?;
    let undone = place.node.undo(&place.ctx, BatchId(command.batch))?;
    place.close()?;
    if args.json {
        output::line(&undone)?;
    } else {
        output::say(format_args!(
            "Batch {} is undone: {} versions, in batch {}. To bring them back: comity undo {}",
            command.batch,
            grouped(undone.versions),
            undone.by.id,
            undone.by.id
        ))?;
    }
    Ok(Code::Done)
}
