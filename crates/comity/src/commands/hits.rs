use comity_node::hits::{Hit, HitOptions};

use crate::args::{Args, HitsArgs};
use crate::desk::Desk;
use crate::exit::Code;
use crate::output::{grouped, printable};
use crate::place::Access;

pub(crate) fn run(desk: &Desk, args: &Args, command: &HitsArgs) -> anyhow::Result<Code> {
    let place = desk.open(args, Access::Read)?;
    let options = HitOptions { limit: command.limit, least_points: command.least, values: command.values };
    let found = place.node.hits(&place.ctx, &options)?;
    if args.json {
        for hit in &found.hits {
            desk.line(hit)?;
        }
        return Ok(Code::Done);
    }
    if found.hits.is_empty() {
        desk.say("No value is held by two owners.")?;
    }
    for (index, hit) in found.hits.iter().enumerate() {
        tell(desk, index + 1, hit, 5)?;
    }
    desk.say(format_args!(
        "{} values are held by more than one owner; {} hits shown, {} more.",
        grouped(found.shared_values),
        found.hits.len(),
        grouped(found.not_shown)
    ))?;
    if found.not_weighed > 0 {
        desk.say(format_args!(
            "{} of these values were not weighed; raise --values to weigh them.",
            grouped(found.not_weighed)
        ))?;
    }
    Ok(Code::Done)
}

/// Prints one hit with up to so many reasons.
pub(crate) fn tell(desk: &Desk, number: usize, hit: &Hit, reasons: usize) -> anyhow::Result<()> {
    desk.say(format_args!("{number}. {} points ({})", hit.score.points, hit.score.strength.name()))?;
    for side in [&hit.one, &hit.other] {
        desk.say(format_args!("   {}: {} \"{}\" ({})", side.owner, side.kind, printable(&side.name), side.id))?;
    }
    for reason in hit.score.reasons.iter().take(reasons) {
        desk.say(format_args!("   - {}", printable(&reason.text)))?;
    }
    let rest = hit.score.reasons.len().saturating_sub(reasons);
    if rest > 0 {
        desk.say(format_args!("   - and {rest} more (--json shows all)"))?;
    }
    if !hit.related.is_empty() {
        let names: Vec<_> = hit
            .related
            .iter()
            .take(5)
            .map(|thing| format!("{} {} ({})", thing.kind, printable(&thing.name), thing.owner))
            .collect();
        desk.say(format_args!("   Tied to these values: {}", names.join(", ")))?;
    }
    desk.say("")
}
