use std::io::Write;

use comity_base::OrgName;
use comity_crypto::{hex, sha256};
use comity_law::notice::Notice;
use comity_stix::Doc;
use comity_stix::listed::{DOCUMENT_TYPE, ListedDocument};
use comity_stix::person::DocumentState;
use serde_json::json;

use super::{COPY, CopiedNotice, CopyHead, Line};
use crate::neighbours::Sight;
use crate::{Act, Ctx, Deed, Node, NodeError};

impl Node {
    /// Writes a copy of those who are looked for by a notice that holds, and of the register of documents, as far as whoever asks may
    /// see them: a head, a line each, and the signature of this node over all of it.
    ///
    /// # Errors
    /// When whoever asks may not search, the store cannot be read, or writing fails.
    pub fn frontline_copy(&self, ctx: &Ctx, out: &mut dyn Write) -> Result<(), NodeError> {
        self.may(ctx, Act::Search, json!({"copy": true}))?;
        let visible = self.ready()?;
        let head = CopyHead { made_by: ctx.organisation.clone(), made_at: ctx.now(), position: visible.0 };
        let mut text = serde_json::to_vec(&head).map_err(NodeError::setting("copy"))?;
        text.push(b'\n');
        let lines = self.copied(ctx, Sight::new(visible, &ctx.authority))?;
        let count = lines.len();
        for line in lines {
            serde_json::to_writer(&mut text, &line).map_err(NodeError::setting("copy"))?;
            text.push(b'\n');
        }
        let signature = self.signer.sign(COPY, hex(&sha256(&text)).as_bytes());
        self.record(ctx, Deed::query("copy", json!({"copy": true})).and("lines", count))?;
        let seal = json!({"key": self.signer.public_key().to_string(), "signature": signature.to_string()});
        text.extend_from_slice(seal.to_string().as_bytes());
        text.push(b'\n');
        out.write_all(&text).map_err(NodeError::io("writing a copy"))
    }

    fn copied(&self, ctx: &Ctx, sight: Sight<'_>) -> Result<Vec<Line>, NodeError> {
        let kinds = self.kinds.catch_up(&*self.store, sight.visible)?;
        let wanted = kinds.numbers(|kind| kind == Notice::TYPE || kind == DOCUMENT_TYPE);
        let mut lines = Vec::new();
        for position in (1..=sight.visible.0).map(comity_base::Position) {
            if !kinds.is_one_of(position, &wanted) {
                continue;
            }
            let Some(standing) = self.standing_at(position, sight)? else { continue };
            let Ok(doc) = Doc::parse(&standing.version.raw, self.reader.depth()) else { continue };
            let owner = self.owner(standing.owner)?;
            if let Ok(listed) = ListedDocument::read(doc.root()) {
                let document = format!("{}:{}:{}", listed.issuer, listed.kind, listed.number);
                if listed.state != DocumentState::Valid {
                    lines.push(Line::Document { owner, document, state: listed.state.name().to_owned() });
                }
            } else if let Ok(notice) = Notice::of(doc.root())
                && notice.valid_until > ctx.now()
            {
                lines.extend(self.copied_person(&notice, owner, sight)?);
            }
        }
        Ok(lines)
    }

    fn copied_person(&self, notice: &Notice, owner: OrgName, sight: Sight<'_>) -> Result<Option<Line>, NodeError> {
        let Some(subject) = &notice.subject_ref else { return Ok(None) };
        for row in self.store.versions(subject)? {
            let Some(standing) = self.standing_at(row.position, sight)? else { continue };
            if self.owner(standing.owner)? != owner {
                continue;
            }
            let raw = String::from_utf8_lossy(&standing.version.raw).into_owned();
            let identity = serde_json::value::RawValue::from_string(raw).map_err(NodeError::setting("copy"))?;
            let notice = CopiedNotice {
                id: notice.id.to_string(),
                colour: notice.colour.name().to_owned(),
                caution: notice.caution.iter().map(|one| one.name().to_owned()).collect(),
                phone: notice.contact.phone.clone(),
                valid_until: notice.valid_until,
            };
            return Ok(Some(Line::Person { owner, identity, notice }));
        }
        Ok(None)
    }
}
