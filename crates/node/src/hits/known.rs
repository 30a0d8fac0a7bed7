use std::collections::BTreeSet;

use comity_stix::ObjectId;
use comity_store::LabelId;

use crate::{Ctx, Node, NodeError};

/// What is known here of an object that a question is about, to whoever asks.
enum About {
    Known(String),
    Unknown,
    /// It is here and not for them.
    Closed,
}

/// What people call an object here; nothing where it is not known here.
pub(crate) struct Named(pub(crate) Option<String>);

impl Node {
    /// What people call an object here, where whoever asks may see it and all that a question about it rests on.
    pub(crate) fn known_to(
        &self,
        ctx: &Ctx,
        about: &ObjectId,
        (of, needs): (&BTreeSet<ObjectId>, &[LabelId]),
    ) -> Result<Option<Named>, NodeError> {
        let Some(name) = self.name_for(ctx, about)? else { return Ok(None) };
        if !self.meets_all(&ctx.authority, needs)? {
            return Ok(None);
        }
        for id in of {
            if matches!(self.about(ctx, id)?, About::Closed) {
                return Ok(None);
            }
        }
        Ok(Some(name))
    }

    /// What people call an object here, if it is known; nothing at all where it is not for whoever asks.
    pub(crate) fn name_for(&self, ctx: &Ctx, id: &ObjectId) -> Result<Option<Named>, NodeError> {
        Ok(match self.about(ctx, id)? {
            About::Closed => None,
            About::Unknown => Some(Named(None)),
            About::Known(name) => Some(Named(Some(name))),
        })
    }

    fn about(&self, ctx: &Ctx, id: &ObjectId) -> Result<About, NodeError> {
        let rows = self.store.versions(id)?;
        if rows.is_empty() {
            return Ok(About::Unknown);
        }
        let lines = crate::derived::lines(&*self.store, &self.labels, &rows)?;
        let seen = self.shown_positions(id, &ctx.authority, &lines)?;
        let Some(newest) = seen.last() else { return Ok(About::Closed) };
        let version = self.store.get(&[*newest])?.into_iter().flatten().next();
        let title = version.and_then(|version| {
            let doc = comity_stix::Doc::parse(&version.raw, self.reader.depth()).ok()?;
            Some(crate::neighbours::title(doc.root()))
        });
        Ok(About::Known(title.unwrap_or_default()))
    }
}
