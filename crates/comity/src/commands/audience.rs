use comity_node::Seen;

use crate::args::{Args, AudienceArgs};
use crate::exit::Code;
use crate::output::{self, grouped};
use crate::place::{Access, Place};

pub(crate) fn run(args: &Args, command: &AudienceArgs) -> anyhow::Result<Code> {
    let place = Place::open(args, Access::Read)?;
    let seen = place.node.seen_by(&place.ctx, &command.organisation)?;
    for row in &seen {
        if args.json { output::line(row)? } else { tell(row)? }
    }
    Ok(Code::Done)
}

/// Prints what of one owner's data may be seen.
pub(crate) fn tell(row: &Seen) -> anyhow::Result<()> {
    output::say(format_args!(
        "  of {}: {} objects, {} withheld",
        row.owner,
        grouped(row.admitted),
        grouped(row.withheld)
    ))?;
    for (why, count) in &row.reasons {
        output::say(format_args!("      {}: {why}", grouped(*count)))?;
    }
    Ok(())
}
