use std::collections::BTreeMap;

use uuid::Uuid;

use super::out::Out;
use crate::Flow;

/// Why something was left out that is not JSON of the form MISP writes.
pub(super) const UNREADABLE: &str = "they cannot be read; export the event again";

/// A part of an event that can be left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Part {
    Galaxy,
    Report,
    Sighting,
    Analyst,
    Proposal,
    Member,
}

impl Part {
    /// The code of the notice, and what is counted.
    fn names(self) -> (&'static str, &'static str) {
        match self {
            Self::Galaxy => ("misp-galaxy-unreadable", "galaxies or galaxy clusters"),
            Self::Report => ("misp-report-skipped", "event reports"),
            Self::Sighting => ("misp-sighting-skipped", "sightings"),
            Self::Analyst => ("misp-analyst-data-skipped", "analyst notes, opinions or relationships"),
            Self::Proposal => ("misp-proposals-skipped", "proposed changes"),
            Self::Member => ("misp-member-unreadable", "members"),
        }
    }
}

/// What of an event was left out, by reason.
#[derive(Debug, Default)]
pub(super) struct Skipped(BTreeMap<(Part, &'static str), u64>);

impl Skipped {
    /// Counts parts left out; the reason ends the sentence "... were left out: ".
    pub(super) fn add(&mut self, part: Part, why: &'static str, count: u64) {
        if count > 0 {
            *self.0.entry((part, why)).or_default() += count;
        }
    }

    /// Says it, with one notice for each reason.
    pub(super) fn tell(&self, event: Uuid, offset: u64, out: &mut Out<'_>) -> Flow {
        for (&(part, why), count) in &self.0 {
            let (code, what) = part.names();
            let text = format!("{count} {what} of the MISP event {event} were left out: {why}.");
            out.notice(offset, code, text)?;
        }
        Flow::Continue(())
    }
}
