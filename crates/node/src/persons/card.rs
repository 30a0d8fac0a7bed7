use std::collections::BTreeSet;

use comity_base::Timestamp;
use comity_law::notice::{Caution, Colour, Contact, Form, Notice};
use comity_stix::{Doc, ObjectId};
use serde::Serialize;

use crate::neighbours::{Sight, Standing};
use crate::{Node, NodeError};

/// What an officer is told of a notice about somebody: whom to call, what to beware of, and nothing of the file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct NoticeCard {
    /// The notice.
    pub id: ObjectId,
    /// Its colour.
    pub colour: Colour,
    /// To all members or to chosen ones.
    pub form: Form,
    /// What to beware of.
    pub caution: BTreeSet<Caution>,
    /// Whom to call.
    pub contact: Contact,
    /// Until when it holds, whatever is heard of it until then.
    pub valid_until: Timestamp,
    /// Whether it holds now.
    pub holds: bool,
}

impl NoticeCard {
    fn of(notice: Notice, now: Timestamp) -> Self {
        Self {
            id: notice.id,
            colour: notice.colour,
            form: notice.form,
            caution: notice.caution,
            contact: notice.contact,
            valid_until: notice.valid_until,
            holds: notice.valid_until > now,
        }
    }
}

impl Node {
    /// The card of a notice, as far as it still stands.
    pub(super) fn card_of(
        &self,
        id: &ObjectId,
        now: Timestamp,
        sight: Sight<'_>,
    ) -> Result<Option<NoticeCard>, NodeError> {
        for row in self.store.versions(id)?.into_iter().rev() {
            let Some(standing) = self.standing_at(row.position, sight)? else { continue };
            let Ok(doc) = Doc::parse(&standing.version.raw, self.reader.depth()) else { continue };
            if let Ok(notice) = Notice::of(doc.root()) {
                return Ok(Some(NoticeCard::of(notice, now)));
            }
        }
        Ok(None)
    }

    /// The notice of the same owner about a person; the one that holds longest where there are several.
    pub(super) fn notice_about(
        &self,
        person: &Standing,
        now: Timestamp,
        sight: Sight<'_>,
    ) -> Result<Option<NoticeCard>, NodeError> {
        let mut best: Option<NoticeCard> = None;
        for referrer in self.referrers(&person.version.id.to_string(), person.owner, sight)? {
            if referrer.version.id.kind.as_str() != Notice::TYPE {
                continue;
            }
            let Some(standing) = self.standing_at(referrer.version.position, sight)? else { continue };
            let Ok(doc) = Doc::parse(&standing.version.raw, self.reader.depth()) else { continue };
            let Ok(notice) = Notice::of(doc.root()) else { continue };
            let card = NoticeCard::of(notice, now);
            if best.as_ref().is_none_or(|best| best.valid_until < card.valid_until) {
                best = Some(card);
            }
        }
        Ok(best)
    }
}
