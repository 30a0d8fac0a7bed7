//! The law of acts that target persons: notices and diffusions, the gate they pass, hits and what may follow from them.
//!
//! People lose their liberty by these acts. So each is a list of events that is folded into a state by one table, each
//! refusal and each demand is a [`Reason`] with a code, a source and whether that source was verified, and nothing here
//! reads a clock or does anything: a node asks, and acts. What legal reviewers need to know of it is in `docs/notices.md`.
//!
//! [`notice`] holds the colours, the [`notice::Lifecycle`], the [`notice::Checklist`] of a draft and the STIX object;
//! [`gate`] the [`gate::Screen`] and what is found in free text; [`hit`] what may follow from a search; [`cards`] what is
//! known of countries; [`statistics`] the yearly counts.
//!
//! ```
//! use comity_base::{OrgName, Timestamp};
//! use comity_law::Person;
//! use comity_law::notice::{Act, Actor, Colour, Event, Form, Lifecycle, State};
//!
//! let person = |account: &str| Person::new(OrgName::parse("ee-police").unwrap(), account);
//! let now = Timestamp::parse("2026-11-01T12:00:00Z")?;
//! let mut notice = Lifecycle::default();
//! notice.apply(&Event::draft(now, person("mari"), Colour::Red, Form::Diffusion), now)?;
//!
//! let submit = |by| Event { at: now, by: Actor::Source { person: person(by) }, act: Act::Submit {}, reason: String::new() };
//! let refused = notice.apply(&submit("mari"), now).unwrap_err();
//! assert_eq!(refused.0.code, "four-eyes");
//! notice.apply(&submit("jaan"), now)?;
//! assert_eq!(notice.state(now), Some(State::Submitted));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod cards;
mod country;
#[cfg(test)]
mod docs;
pub mod gate;
pub mod hit;
pub mod notice;
mod person;
mod read;
mod reason;
mod source;
pub mod statistics;
mod words;

pub use country::{Country, CountryError};
pub use person::{Person, Status};
pub use read::ReadError;
pub use reason::{Given, Reason, Rule};
pub use source::Source;
