use comity_store::BatchId;

use crate::intake::{Input, IntakeOptions, IntakeReport};
use crate::{Act, Ctx, Node, NodeError};

impl Node {
    /// Takes in an item that was set aside: as it was kept, or the repaired form. When something of it
    /// is stored, the item is marked as repaired.
    ///
    /// # Errors
    /// When there is no such item, it was repaired before, or the intake fails.
    pub fn retry(
        &self,
        ctx: &Ctx,
        batch: BatchId,
        index: u64,
        repaired: Option<Vec<u8>>,
        options: &IntakeOptions<'_>,
    ) -> Result<IntakeReport, NodeError> {
        self.may(ctx, Act::Ingest, serde_json::json!({"item": format!("{batch}.{index}")}))?;
        let missing = || NodeError::UnknownRejected(batch, index);
        let item =
            self.store.rejected(Some(batch))?.into_iter().find(|item| item.index == index).ok_or_else(missing)?;
        if let Some(by) = item.repaired_by {
            return Err(NodeError::Refused(format!("item {batch}.{index} was already brought in by batch {by}")));
        }
        if repaired.is_none() && item.item.is_empty() {
            return Err(NodeError::Refused(format!(
                "nothing of item {batch}.{index} is kept any more; bring it in again, or repaired (--with)"
            )));
        }
        let owner = self.store.batch(batch)?.ok_or_else(missing)?.owner;
        let source = self.source(&owner)?.ok_or(NodeError::UnknownOrganisation(owner))?;
        let name = format!("{} (item {batch}.{index})", item.file);
        // What was kept may have come from anybody: it is read as objects only. What whoever asks brings is theirs.
        let objects_only = options.objects_only || repaired.is_none();
        let options = &IntakeOptions {
            objects_only,
            ..IntakeOptions {
                note: options.note.clone(),
                columns: options.columns.clone(),
                marked: options.marked.clone(),
                fence: options.fence.clone(),
                ..*options
            }
        };
        let bytes = repaired.unwrap_or(item.item);
        let input = Input { name, reader: Box::new(std::io::Cursor::new(bytes)) };
        let report = self.intake(ctx, &source, &mut std::iter::once(Ok(input)), options)?;
        if let Some(done) = report.batch.as_ref().filter(|done| done.counts.added + done.counts.unchanged > 0) {
            self.store.mark_repaired(batch, index, done.id)?;
        }
        Ok(report)
    }
}
