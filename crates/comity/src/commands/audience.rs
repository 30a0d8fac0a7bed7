use comity_node::Seen;

use crate::args::{Args, AudienceArgs};
use crate::desk::Desk;
use crate::exit::Code;
use crate::output::grouped;
use crate::place::Access;

pub(crate) fn run(desk: &Desk, args: &Args, command: &AudienceArgs) -> anyhow::Result<Code> {
    let place = desk.open(args, Access::Read)?;
    let seen = place.node.seen_by(&place.ctx, &command.organisation)?;
    for row in &seen {
        if args.json { desk.line(row)? } else { tell(desk, row)? }
    }
    Ok(Code::Done)
}

/// Prints what of one owner's data may be seen.
pub(crate) fn tell(desk: &Desk, row: &Seen) -> anyhow::Result<()> {
    desk.say(format_args!(
        "  of {}: {} objects, {} withheld",
        row.owner,
        grouped(row.admitted),
        grouped(row.withheld)
    ))?;
    for (why, count) in &row.reasons {
        desk.say(format_args!("      {}: {why}", grouped(*count)))?;
    }
    Ok(())
}
