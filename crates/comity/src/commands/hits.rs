use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use comity_node::hits::{Hit, HitAsk, HitOptions, HitPage, HitRow, HitTotals};
use comity_node::{Ctx, Node};

use crate::args::{Args, HitsArgs};
use crate::desk::Desk;
use crate::exit::Code;
use crate::output::{grouped, printable};
use crate::place::{Access, Place};

pub(crate) fn run(desk: &Desk, args: &Args, command: &HitsArgs) -> anyhow::Result<Code> {
    let place = desk.open(args, Access::Read)?;
    if command.queue {
        return queue(desk, args, &place, command);
    }
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

/// The hits that wait for people, and those they have decided.
fn queue(desk: &Desk, args: &Args, place: &Place, command: &HitsArgs) -> anyhow::Result<Code> {
    let ask = HitAsk {
        state: command.state,
        owner: command.owner.clone(),
        country: command.country.clone(),
        least_points: command.least,
        after: command.after.clone(),
        limit: command.limit,
    };
    let page = place.node.hit_queue(&place.ctx, &ask)?;
    if args.json {
        page.rows.iter().try_for_each(|row| desk.line(row))?;
        let HitPage { next, totals, pairs, beyond, not_weighed, looked, .. } = &page;
        desk.line(&serde_json::json!({
            "totals": totals, "pairs": pairs, "next": next, "beyond": beyond, "not_weighed": not_weighed, "looked": looked,
        }))?;
        return Ok(Code::Done);
    }
    for (index, row) in page.rows.iter().enumerate() {
        tell(desk, index + 1, &row.hit, 3)?;
        stands(desk, row)?;
    }
    let HitTotals { open, asked, confirmed, dismissed } = page.totals;
    desk.say(format_args!(
        "{} open, {} asked, {} confirmed, {} dismissed; as of {}.",
        grouped(open),
        grouped(asked),
        grouped(confirmed),
        grouped(dismissed),
        page.looked
    ))?;
    if let Some(next) = &page.next {
        desk.say(format_args!("More: --after {next}"))?;
    }
    if page.beyond > 0 {
        desk.say(format_args!("{} weaker hits are not kept in the queue.", grouped(page.beyond)))?;
    }
    Ok(Code::Done)
}

/// Prints where a hit stands.
pub(super) fn stands(desk: &Desk, row: &HitRow) -> anyhow::Result<()> {
    let last =
        row.last.as_ref().map_or_else(String::new, |step| format!(", by {} at {}", printable(&step.by), step.at));
    let grown = if row.grown { "; there is more evidence since" } else { "" };
    desk.say(format_args!("   {} is {}{last}{grown}", row.key, row.state.name()))?;
    if let Some(note) = row.last.as_ref().map(|step| &step.note).filter(|note| !note.is_empty()) {
        desk.say(format_args!("   \"{}\"", printable(note)))?;
    }
    desk.say("")
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

/// Looks for hits when the log has moved, so that whoever asks for them does not wait. Of the time that looking takes, five
/// times as much passes from one look to the next.
pub(super) fn keep_looking(desk: &Desk, (node, ctx): (&Node, &Ctx), stop: &AtomicBool) {
    let (mut ended, mut pause) = (None::<Instant>, SELDOM);
    while !stop.load(Ordering::Relaxed) {
        if ended.is_none_or(|ended| ended.elapsed() > pause) {
            let began = Instant::now();
            pause = match node.find_hits(ctx) {
                Ok(_) => SELDOM.max(began.elapsed() * 4),
                Err(error) => {
                    desk.error(&anyhow::Error::new(error).context("looking for hits"));
                    AGAIN
                }
            };
            ended = Some(Instant::now());
        }
        thread::sleep(LOOK);
    }
}

/// How often it is seen whether anything is to be done.
const LOOK: Duration = Duration::from_millis(500);
/// The least time from one look to the next.
const SELDOM: Duration = Duration::from_secs(3);
/// From a look that failed to the next.
const AGAIN: Duration = Duration::from_mins(1);
