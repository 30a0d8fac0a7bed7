use comity_base::OrgName;
use comity_node::Seen;
use comity_stix::ObjectId;

use crate::args::{Args, AudienceArgs};
use crate::desk::Desk;
use crate::exit::Code;
use crate::output::grouped;
use crate::place::Access;

pub(crate) fn run(desk: &Desk, args: &Args, command: &AudienceArgs) -> anyhow::Result<Code> {
    if let Ok(object) = ObjectId::parse(&command.of) {
        return of_object(desk, args, &object);
    }
    let organisation = OrgName::parse(&command.of)?;
    let place = desk.open(args, Access::Read)?;
    let seen = place.node.seen_by(&place.ctx, &organisation)?;
    for row in &seen {
        if args.json { desk.line(row)? } else { tell(desk, row)? }
    }
    Ok(Code::Done)
}

/// Who may see an object, who not, and why.
fn of_object(desk: &Desk, args: &Args, object: &ObjectId) -> anyhow::Result<Code> {
    let place = desk.open(args, Access::Settings)?;
    let seers = place.node.audience_of(&place.ctx, object)?;
    drop(place);
    if args.json {
        seers.iter().try_for_each(|seer| desk.line(seer))?;
        return Ok(Code::Done);
    }
    if seers.is_empty() {
        desk.say("No organisation is connected with this node yet, so nobody will see it.")?;
    }
    for seer in &seers {
        let given: u64 = seer.given.len() as u64;
        let state = match (seer.admitted, given) {
            (true, 0) => "will see it",
            (true, _) => "has been given it",
            (false, 0) => "will not see it",
            (false, _) => "HAS BEEN GIVEN IT, and would not be given it now",
        };
        let warning = if seer.can_recall { "" } else { "  What its tools fetch cannot be recalled." };
        desk.say(format_args!("{} {state} ({} of {}).{warning}", seer.recipient, seer.modified, seer.owner))?;
        for reason in &seer.reasons {
            desk.say(format_args!("    {}", reason.text))?;
        }
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
