use std::sync::atomic::Ordering;

use comity_base::Timestamp;
use comity_law::notice::{Act as Law, Actor, DutyKind, Event, Lifecycle};
use comity_stix::ObjectId;
use serde_json::json;

use super::file::{FILES, File, Released};
use crate::{Ctx, Deed, Node, NodeError};

impl Node {
    /// Carries out what is due on every notice: what has ended by the clock is recalled, what was cut off is finished,
    /// receipts are counted. Returns when something is due next.
    ///
    /// # Errors
    /// When the store cannot be read or written. What could be carried out was.
    pub fn tick_notices(&self, ctx: &Ctx) -> Result<Option<Timestamp>, NodeError> {
        let mut next: Option<Timestamp> = None;
        for file in self.settings::<File>(FILES)? {
            let file = self.carry_out_notice(ctx, file)?;
            let lifecycle = file.lifecycle(ctx.now());
            let clock = lifecycle.next_clock(ctx.now()).map(|clock| clock.at);
            next = next.into_iter().chain(clock).chain(receipts_due(&lifecycle, ctx.now())).min();
        }
        Ok(next)
    }

    /// Whether something was done here to a notice that went out since this was asked last: what follows from it need not wait.
    pub fn notices_stirred(&self) -> bool {
        self.notices_stirred.swap(false, Ordering::Relaxed)
    }

    /// Makes what is out here what the events say: nothing is out that is not in force.
    pub(super) fn carry_out_notice(&self, ctx: &Ctx, file: File) -> Result<File, NodeError> {
        let Some(released) = &file.released else { return Ok(file) };
        let lifecycle = file.lifecycle(ctx.now());
        if lifecycle.in_force(ctx.now()).is_some() {
            if !self.is_out(ctx, &file, released)? {
                self.bring_released(ctx, released)?;
            }
            return Ok(file);
        }
        for object in objects(&file)? {
            let rows = self.rows_of(&ctx.organisation, &object)?;
            let current: Vec<_> = rows.into_iter().filter(|row| self.derived.current(row.position).is_some()).collect();
            if !current.is_empty() {
                self.order_back(ctx, &object, &current)?;
            }
        }
        self.count_receipts(ctx, file, &lifecycle)
    }

    /// Whether this release stands in the store.
    fn is_out(&self, ctx: &Ctx, file: &File, released: &Released) -> Result<bool, NodeError> {
        let rows = self.rows_of(&ctx.organisation, &file.no.object()?)?;
        Ok(rows.iter().any(|row| row.modified == released.modified))
    }

    /// Notes how many receipts of a recall are still out; none ends the duty.
    fn count_receipts(&self, ctx: &Ctx, file: File, lifecycle: &Lifecycle) -> Result<File, NodeError> {
        let duties = lifecycle.duties(ctx.now());
        let Some(duty) = duties.iter().find(|duty| duty.kind == DutyKind::Recall) else { return Ok(file) };
        let mut outstanding = 0_u32;
        for object in objects(&file)? {
            for peer in self.peers()? {
                let owed = self.owed_by(&peer.name)?;
                let open = owed.iter().filter(|owed| owed.object == object && owed.receipt.is_none()).count();
                outstanding = outstanding.saturating_add(u32::try_from(open).unwrap_or(u32::MAX));
            }
        }
        if duty.outstanding == Some(outstanding) {
            return Ok(file);
        }
        let (no, now) = (file.no, ctx.now());
        let by = Actor::Node { node: ctx.organisation.clone() };
        let event = Event { at: now, by, act: Law::Receipts { outstanding }, reason: String::new() };
        let deed =
            Deed::decision("notice", json!({"notice": no})).and("act", "receipts").and("outstanding", outstanding);
        let entries = [deed.entry(ctx)?];
        let noted = |file: &mut File| {
            let mut lifecycle = file.lifecycle(now);
            lifecycle.apply(&event, now).map_err(|refused| NodeError::NotLawful(refused.0))?;
            file.events.push(event.clone());
            Ok(())
        };
        self.change_file(no, noted, &entries)
    }
}

/// When the receipts of a recall are counted next: most come at once, and whoever recalled waits for them.
fn receipts_due(lifecycle: &Lifecycle, now: Timestamp) -> Option<Timestamp> {
    let mut recalls = lifecycle.duties(now).into_iter().filter(|duty| duty.kind == DutyKind::Recall);
    let is_new = |since: Timestamp| now.as_micros().saturating_sub(since.as_micros()) < NEW;
    recalls.any(|duty| is_new(duty.since)).then(|| Timestamp::from_micros(now.as_micros().saturating_add(SOON)))
}

/// Microseconds for which a recall is new.
const NEW: i64 = 60_000_000;
/// Microseconds between two counts of its receipts.
const SOON: i64 = 1_000_000;

/// What was released of it.
fn objects(file: &File) -> Result<[ObjectId; 2], NodeError> {
    Ok([file.no.object()?, file.no.subject()?])
}
