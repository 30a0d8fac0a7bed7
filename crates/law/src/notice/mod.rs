//! Notices and diffusions: what each colour is for, and the states they go through.

pub(crate) mod checklist;
mod clock;
mod colour;
mod event;
mod facts;
mod lifecycle;
mod object;
mod refusal;
mod step;
#[cfg(test)]
pub(crate) mod tests;
mod transition;

pub use checklist::{Checklist, Group, Item, ItemState, LEAST_MAXIMUM_MONTHS, LEAST_SENTENCE_MONTHS, demands};
pub use clock::{
    ANSWER_AT_LEAST, ANSWER_AT_MOST, ASK_MONTHS, Clock, ClockKind, Duty, DutyKind, REVIEW_AIM, VALIDITY_MONTHS, ask_at,
    latest_end,
};
pub use colour::{Colour, ColourLaw, Extract, Form};
pub use event::{Act, ActName, Actor, AddendumKind, Event, Ground, Outcome, Part, Screened};
pub(crate) use facts::said;
pub use facts::{
    AssetClass, Assurances, Birth, Document, Facts, Identity, Offence, Penalty, Photo, Sex, WantedFor, Warrant,
};
pub use lifecycle::{Addendum, Ending, Folded, Head, Lifecycle, MOST_EVENTS, Out, Review};
pub use object::{Attested, Caution, Contact, NOTICE_EXTENSION, Notice};
pub use refusal::{REFUSALS, Refused};
pub use transition::{State, TRANSITIONS, Transition, Who};

use crate::read::{ReadError, json};

/// Reads the events of one notice from JSON.
///
/// # Errors
/// When it is larger than 8 MiB, no list of events, has a member that is not known or a repeated one, or more than
/// [`MOST_EVENTS`] events.
pub fn read_events(text: &[u8]) -> Result<Vec<Event>, ReadError> {
    let events: Vec<Event> = json(text, 8 << 20)?;
    if events.len() > MOST_EVENTS {
        return Err(comity_base::LimitExceeded { what: "events", limit: MOST_EVENTS as u64 }.into());
    }
    Ok(events)
}
