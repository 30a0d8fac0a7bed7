use comity_ledger::{AddCheckpoint, Checkpoint, ProofFile, leaf_hash, verify_growth};

use crate::{Outcome, Request, Say, bad};

impl Request {
    /// That an entry stands in a log.
    pub(crate) fn proof(&self, proof: &ProofFile, say: Say<'_>) -> Outcome {
        let entry = self.entry.as_ref().or(proof.extra.as_ref());
        let Some(entry) = entry else {
            return bad(say, "which entry it is about must be said: use --entry");
        };
        let key = match self.key_of(&proof.checkpoint) {
            Ok(key) => key,
            Err(why) => return bad(say, &why),
        };
        match proof.verify(&leaf_hash(entry), key) {
            Ok(Checkpoint { origin, size, .. }) => {
                say(&format!("  the entry stands at index {} of {origin}, which had {size} entries", proof.index));
                self.witnesses(&proof.checkpoint, say)
            }
            Err(error) => bad(say, &error.to_string()),
        }
    }

    /// That a log goes on from an earlier checkpoint, which must be given.
    pub(crate) fn growth(&self, growth: &AddCheckpoint, say: Say<'_>) -> Outcome {
        let opened = self.key_of(&growth.checkpoint).and_then(|key| {
            let new = Checkpoint::open(&growth.checkpoint, key).map_err(|error| error.to_string())?;
            let old = self
                .earlier
                .iter()
                .find_map(|note| Checkpoint::open(note, key).ok().filter(|old| old.size == growth.old));
            let old = old
                .ok_or_else(|| format!("the earlier checkpoint of {} entries is needed: use --earlier", growth.old))?;
            Ok((old, new))
        });
        let (old, new) = match opened {
            Ok(both) => both,
            Err(why) => return bad(say, &why),
        };
        match verify_growth(&old, &new, &growth.proof) {
            Ok(()) => {
                say(&format!("  {} goes on from {} to {} entries", new.origin, old.size, new.size));
                self.witnesses(&growth.checkpoint, say)
            }
            Err(wrong) => bad(say, &wrong.to_string()),
        }
    }
}
