use std::io::ErrorKind;
use std::path::Path;

use comity_ledger::{Entry, Files, Note, TILE, Tile, read_entries, verify_copy};

use crate::{Outcome, Request, Say, bad};

/// The files of a copy.
struct Folder<'p>(&'p Path);

impl Files for Folder<'_> {
    fn read(&self, path: &str) -> Result<Option<Vec<u8>>, String> {
        match std::fs::read(self.0.join(path)) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error.to_string()),
        }
    }
}

impl Request {
    /// A whole copy of a log.
    pub(crate) fn copy(&self, path: &Path, say: Say<'_>) -> Outcome {
        let note = match std::fs::read(path.join("checkpoint")) {
            Ok(bytes) => Note::parse(&bytes).map_err(|error| error.to_string()),
            Err(error) => Err(format!("there is no checkpoint in it: {error}")),
        };
        let key = match note.and_then(|note| self.key_of(&note)) {
            Ok(key) => key,
            Err(why) => return bad(say, &why),
        };
        let earlier: Vec<Note> = self.earlier.iter().filter(|note| self.key_of(note) == Ok(key)).cloned().collect();
        match verify_copy(&Folder(path), key, &earlier) {
            Ok(good) => {
                let (size, origin, files) = (good.checkpoint.size, &good.checkpoint.origin, good.files);
                say(&format!("  {origin}: all {size} entries are those that were signed for ({files} files read)"));
                for note in &earlier {
                    let old = note.text.lines().nth(1).unwrap_or_default();
                    say(&format!("  it goes on from the earlier checkpoint of {old} entries"));
                }
                kinds(path, size, say);
                self.witnesses(&good.note, say)
            }
            Err(wrong) => wrong.iter().fold(Outcome::Bad, |_, wrong| bad(say, &wrong.to_string())),
        }
    }
}

/// How many entries of each kind there are, when they are those of a node.
fn kinds(path: &Path, size: u64, say: Say<'_>) {
    let mut counts = std::collections::BTreeMap::<&str, u64>::new();
    for tile in (0..size.div_ceil(TILE)).filter_map(|index| Tile::of(0, index, size)) {
        let Ok(bundle) = std::fs::read(path.join(tile.entries_path())) else { return };
        let Ok(entries) = read_entries(&bundle, usize::from(tile.width)) else { return };
        for entry in entries {
            *counts.entry(Entry::parse(entry).map_or("of another form", |entry| entry.kind.name())).or_default() += 1;
        }
    }
    let counts: Vec<String> = counts.into_iter().map(|(kind, count)| format!("{count} {kind}")).collect();
    if !counts.is_empty() {
        say(&format!("  {}", counts.join(", ")));
    }
}
