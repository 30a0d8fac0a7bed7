use std::collections::BTreeMap;

use comity_base::Position;
use comity_stix::{Doc, Kind, ObjectId};
use serde::Serialize;

use super::{Channel, PageAsk, View};
use crate::{Ctx, Node, NodeError};

/// A value in a list for one recipient.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct ListedValue {
    /// What it is.
    pub kind: Kind,
    /// The value in its normal form.
    pub text: String,
    /// An object that holds it.
    pub object: ObjectId,
}

impl Node {
    /// Every value of these kinds in what a recipient may see, each once, in order; at most so many. Objects that hold
    /// one are entered as given; revoked ones are left out.
    ///
    /// # Errors
    /// When the store cannot be read or written.
    pub fn values_for(
        &self,
        ctx: &Ctx,
        view: &View,
        kinds: &[Kind],
        most: usize,
    ) -> Result<Vec<ListedValue>, NodeError> {
        let (mut found, mut at, mut scratch) = (BTreeMap::new(), Position::START, String::new());
        loop {
            let page = self.page(ctx, view, Channel::List, &PageAsk::after(at, PAGE))?;
            for item in &page.items {
                let Ok(doc) = Doc::parse(&item.raw, self.reader.depth()) else { continue };
                if doc.root().get("revoked").and_then(comity_stix::Node::as_bool) == Some(true) {
                    continue;
                }
                self.reader.each_value(doc.root(), &mut scratch, &mut |kind, text, _| {
                    if kinds.contains(&kind) {
                        found.entry((kind, text.to_owned())).or_insert_with(|| item.id.clone());
                    }
                });
            }
            at = page.reached;
            if !page.more || found.len() >= most {
                break;
            }
        }
        let listed = |((kind, text), object)| ListedValue { kind, text, object };
        Ok(found.into_iter().take(most).map(listed).collect())
    }
}

const PAGE: usize = 5_000;
