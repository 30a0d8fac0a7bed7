use std::collections::BTreeMap;
use std::path::Path;

use comity_ledger::{Checkpoint, Entry, EntryKind, Handle, Note, TILE, Tile, read_entries};

use crate::{Outcome, Request, Say, bad};

/// One half of a crossing.
struct Half {
    log: String,
    index: u64,
    minute: u32,
}

/// The halves of every crossing, by handle.
#[derive(Default)]
struct Crossings {
    sent: BTreeMap<Handle, Half>,
    taken: BTreeMap<Handle, Half>,
    /// Up to when every log reaches.
    newest: Option<u32>,
}

impl Request {
    /// Compares the copies with each other: every page that one log says was sent must stand in another as taken, and
    /// the other way round.
    pub(crate) fn reconciled(&self, say: Say<'_>) -> Outcome {
        say("between the logs:");
        let mut crossings = Crossings::default();
        for path in self.paths.iter().filter(|path| path.is_dir()) {
            if let Err(why) = crossings.read(path) {
                return bad(say, &format!("{}: {why}", path.display()));
            }
        }
        // Both halves in one log prove nothing: whoever keeps it can write both.
        let other = |half: &Half, there: &BTreeMap<Handle, Half>, handle: &Handle| {
            there.get(handle).is_some_and(|other| other.log != half.log)
        };
        let both = crossings.sent.iter().filter(|(handle, half)| other(half, &crossings.taken, handle)).count();
        say(&format!("  {both} crossings stand in two logs"));
        let mut outcome = Outcome::Good;
        let sides = [
            (&crossings.sent, &crossings.taken, "sent", "taken"),
            (&crossings.taken, &crossings.sent, "taken", "sent"),
        ];
        for (here, there, did, was) in sides {
            for (_, half) in here.iter().filter(|(handle, half)| !other(half, there, handle)) {
                let Half { log, index, minute } = half;
                if crossings.newest.unwrap_or_default().saturating_sub(*minute) < DELAY {
                    say(&format!("  {log} {index}: {did} within a day, and not {was} yet"));
                    continue;
                }
                let why = format!("{log} {index}: {did}, and no log that was given says it was {was}");
                outcome = outcome.max(bad(say, &why));
            }
        }
        outcome
    }
}

impl Crossings {
    fn read(&mut self, path: &Path) -> Result<(), String> {
        let text = std::fs::read(path.join("checkpoint")).map_err(|error| error.to_string())?;
        let note = Note::parse(&text).map_err(|error| error.to_string())?;
        let Checkpoint { origin, size, .. } = Checkpoint::parse(&note.text).map_err(|error| error.to_string())?;
        let mut newest = 0;
        for tile in (0..size.div_ceil(TILE)).filter_map(|index| Tile::of(0, index, size)) {
            let bundle = std::fs::read(path.join(tile.entries_path())).map_err(|error| error.to_string())?;
            let entries = read_entries(&bundle, usize::from(tile.width)).map_err(|error| error.to_string())?;
            for (index, entry) in (tile.index * TILE..).zip(entries) {
                let Ok(Entry { kind, minute, handle, .. }) = Entry::parse(entry) else { continue };
                newest = newest.max(minute);
                let half = Half { log: origin.clone(), index, minute };
                match kind {
                    EntryKind::Sent => drop(self.sent.insert(handle, half)),
                    EntryKind::Taken => drop(self.taken.insert(handle, half)),
                    _ => {}
                }
            }
        }
        self.newest = Some(self.newest.map_or(newest, |known| known.min(newest)));
        Ok(())
    }
}

/// What was sent may be taken so many minutes later.
const DELAY: u32 = 24 * 60;
