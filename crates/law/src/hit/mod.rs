//! Hits of searches: from something that was found to what was done, and what may never be done on the way.

mod asked_for;
mod event;
mod lifecycle;
#[cfg(test)]
mod tests;
mod transition;

pub use asked_for::{may_ask_for, may_be_asked_about};
pub use event::{Basis, HitAct, HitActName, HitActor, HitEvent, HitOutcome, Measure, Refutal, SecondIdentifier};
pub use lifecycle::{Asked, Checked, End, FoldedHit, Found, Hit, MOST_EVENTS, ORDINARY, URGENT};
pub use transition::{HIT_REFUSALS, HIT_TRANSITIONS, HitState, HitTransition, HitWho};

use crate::read::{ReadError, json};

/// Reads the events of one hit from JSON.
///
/// # Errors
/// When it is larger than 4 MiB, no list of events, has a member that is not known or a repeated one, or more than
/// [`MOST_EVENTS`] events.
pub fn read_events(text: &[u8]) -> Result<Vec<HitEvent>, ReadError> {
    let events: Vec<HitEvent> = json(text, 4 << 20)?;
    if events.len() > MOST_EVENTS {
        return Err(comity_base::LimitExceeded { what: "events", limit: MOST_EVENTS as u64 }.into());
    }
    Ok(events)
}
