use comity_crypto::{hex, sha256};
use serde_json::json;

use super::ask::{PersonAsk, PersonsFound};
use crate::neighbours::Sight;
use crate::{Act, Ctx, Deed, Node, NodeError};

/// What was found for one row of a list.
#[derive(Debug)]
pub struct ScreenedRow {
    /// Which row of those that were given, from 0.
    pub row: usize,
    /// What was found; or why the row could not be asked.
    pub found: Result<PersonsFound, String>,
}

impl Node {
    /// Asks many rows at once: those of which something was found, or which could not be asked, in their order. One entry of
    /// the ledger says what list it was, how many rows it had, and what was shown.
    ///
    /// # Errors
    /// As [`Self::search_persons`], and when it is more than whoever asks may screen in an hour.
    pub fn screen_persons(&self, ctx: &Ctx, rows: &[PersonAsk]) -> Result<Vec<ScreenedRow>, NodeError> {
        let subject = list(rows);
        self.may(ctx, Act::Search, subject.clone())?;
        self.within_screening(ctx, rows.len(), subject.clone())?;
        let sight = Sight::new(self.ready()?, &ctx.authority);
        let (eyes, usual) = (self.eyes(sight)?, self.thresholds(ctx.purpose)?);
        let (mut out, mut shown) = (Vec::new(), Vec::new());
        for (row, ask) in rows.iter().enumerate() {
            let mut asked = match ask.read(self, ctx) {
                Ok(asked) => asked,
                Err(NodeError::Refused(reason)) => {
                    out.push(ScreenedRow { row, found: Err(reason) });
                    continue;
                }
                Err(error) => return Err(error),
            };
            let from = ask.from.unwrap_or_else(|| usual.of(&asked, eyes.names()));
            let mut found = PersonsFound { from, as_of: sight.visible, ..PersonsFound::default() };
            found.documents = self.documents_like(&asked.documents, ask.most, sight)?;
            found.persons =
                self.persons_like(&mut asked, &found.documents, (from, ask.most), (&eyes, ctx.now()), sight)?;
            if !found.persons.is_empty() || !found.documents.is_empty() {
                shown.extend(found.ids());
                (found.misread, found.zone) = (asked.misread(), asked.zone);
                out.push(ScreenedRow { row, found: Ok(found) });
            }
        }
        self.record(ctx, Deed::query("screen", subject).and("rows", rows.len()).and("shown", json!(shown)))?;
        Ok(out)
    }
}

/// A list on record: what it was, without naming everybody on it.
fn list(rows: &[PersonAsk]) -> serde_json::Value {
    let mut all = String::new();
    for row in rows {
        all.push_str(&row.subject().to_string());
        all.push('\n');
    }
    json!({"list": hex(&sha256(all.as_bytes())), "rows": rows.len()})
}
