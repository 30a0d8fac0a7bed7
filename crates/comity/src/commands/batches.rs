use comity_store::{BatchId, BatchState};

use crate::args::{Args, BatchesArgs};
use crate::desk::Desk;
use crate::exit::Code;
use crate::output::{grouped, printable};
use crate::place::{Access, Place};

pub(crate) fn run(desk: &Desk, args: &Args, command: &BatchesArgs) -> anyhow::Result<Code> {
    let place = desk.open(args, Access::Read)?;
    if command.rejected {
        rejected(desk, args, &place, command.batch.map(BatchId))?;
        return Ok(Code::Done);
    }
    let mut batches = place.node.batches(&place.ctx, command.limit)?;
    batches.retain(|listing| command.batch.is_none_or(|batch| listing.batch.id == BatchId(batch)));
    if args.json {
        for listing in &batches {
            desk.line(listing)?;
        }
        return Ok(Code::Done);
    }
    let rows = batches.iter().map(|listing| {
        let batch = &listing.batch;
        let state = match (batch.state, batch.undone_by) {
            (BatchState::Done, _) => "in".to_owned(),
            (BatchState::Undone, Some(by)) => format!("undone by {by}"),
            (BatchState::Undone, None) => "undone".to_owned(),
            (BatchState::Open, _) => "being written".to_owned(),
            (BatchState::Void, _) => "void: never finished".to_owned(),
        };
        let counts = &batch.counts;
        vec![
            batch.id.to_string(),
            batch.began.to_string(),
            batch.owner.to_string(),
            state,
            grouped(counts.added),
            grouped(counts.unchanged),
            grouped(counts.rejected),
            printable(&batch.note),
        ]
    });
    desk.table(&["batch", "began", "owner", "state", "stored", "unchanged", "set aside", "what"], rows)?;
    Ok(Code::Done)
}

fn rejected(desk: &Desk, args: &Args, place: &Place, batch: Option<BatchId>) -> anyhow::Result<()> {
    let items = place.node.rejected(&place.ctx, batch)?;
    if args.json {
        return items.iter().try_for_each(|item| desk.line(item));
    }
    let rows = items.iter().map(|item| {
        let repaired = item.repaired_by.map_or_else(String::new, |by| format!("by batch {by}"));
        vec![
            format!("{}.{}", item.batch, item.index),
            printable(&item.file),
            item.offset.to_string(),
            item.code.clone(),
            printable(&item.reason),
            repaired,
        ]
    });
    desk.table(&["item", "file", "byte", "code", "reason", "repaired"], rows)?;
    desk.say("Bring one in after repair: comity retry ITEM --with FILE")
}
