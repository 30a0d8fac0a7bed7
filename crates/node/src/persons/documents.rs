use comity_base::{OrgName, Position};
use comity_stix::listed::{DOCUMENT_TYPE, ListedDocument};
use comity_stix::person::{DocumentState, PartialDate};
use comity_stix::value::near;
use comity_stix::{Doc, Kind, ObjectId};
use serde::Serialize;

use super::ask::Sought;
use crate::neighbours::Sight;
use crate::{Node, NodeError};

/// Something here that names a document, or one that is a slip away from it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DocumentFound {
    /// What kind of value was sought: a travel document, or a plate, a phone, an account, a wallet, a handle.
    pub kind: Kind,
    /// The document it names, `STATE:TYPE:NUMBER`; or the other value in its normal form.
    pub document: String,
    /// Whether that is exactly the one that was sought.
    pub exact: bool,
    /// Who holds it.
    pub owner: OrgName,
    /// The object.
    pub id: ObjectId,
    /// What people call it; empty for an entry of the register, which says nothing of a holder.
    pub name: String,
    /// How the document stands, where the register of its issuer says so.
    pub listed: Option<Listed>,
    /// Where it stands in the log.
    pub position: Position,
}

/// What the register of its issuer says of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Listed {
    /// How it stands.
    pub state: DocumentState,
    /// Since when.
    pub since: Option<PartialDate>,
}

impl Sought {
    /// Every normal form that is looked up, and whether it is exactly what was asked: that one first, then what is one slip away.
    pub(super) fn texts(&self) -> Vec<(Kind, String, bool)> {
        match self {
            Self::Value(value) => {
                let mut texts = vec![(value.kind(), value.text().to_owned(), true)];
                near(value.kind(), value.text(), &mut |text| texts.push((value.kind(), text.to_owned(), false)));
                texts
            }
            Self::Misread(all) => all.iter().map(|one| (one.kind(), one.text().to_owned(), false)).collect(),
        }
    }
}

impl Node {
    /// What names a document or another value, exactly first, then what is one slip away; of each the register of its issuer
    /// before whoever else names it, and of each of several at most so many. Nothing is scanned: each number that a slip could make of it
    /// is looked up.
    pub(super) fn documents_like(
        &self,
        documents: &[Sought],
        most: usize,
        sight: Sight<'_>,
    ) -> Result<Vec<DocumentFound>, NodeError> {
        let mut all = Vec::new();
        for document in documents {
            all.extend(self.like_document(document, most, sight)?);
        }
        Ok(all)
    }

    fn like_document(&self, document: &Sought, most: usize, sight: Sight<'_>) -> Result<Vec<DocumentFound>, NodeError> {
        let texts = document.texts();
        let fingerprints: Vec<u64> =
            texts.iter().map(|(kind, text, _)| self.reader.value_fingerprint(*kind, text)).collect();
        let mut known = Vec::with_capacity(texts.len());
        self.derived.values.contains_many(&fingerprints, &mut known);
        let mut found = Vec::new();
        for (((kind, text, exact), fingerprint), is_known) in texts.iter().zip(&fingerprints).zip(known) {
            if !is_known {
                continue;
            }
            for position in self.derived.values.positions(*fingerprint, POSTINGS) {
                found.extend(self.document_at(position, (*kind, text), *exact, sight)?);
            }
            if found.len() >= most && !exact {
                break;
            }
        }
        // What the register of its issuer says comes before whoever else names it.
        found.sort_by_key(|one: &DocumentFound| (!one.exact, one.listed.is_none()));
        found.truncate(most);
        Ok(found)
    }

    /// What stands at a position, when it really names this document.
    fn document_at(
        &self,
        position: Position,
        (kind, text): (Kind, &str),
        exact: bool,
        sight: Sight<'_>,
    ) -> Result<Option<DocumentFound>, NodeError> {
        // What a slip makes of a value need not be one.
        let Ok(value) = self.values().parse(kind, text) else { return Ok(None) };
        let Some(standing) = self.standing_at(position, sight)? else { return Ok(None) };
        if self.how(&standing.version.raw, &value).is_none() {
            return Ok(None);
        }
        let listed = listed(&standing.version.raw, &standing.version.id, self.reader.depth());
        // A document that was found again is in the register no more.
        if listed.is_some_and(|listed| listed.state == DocumentState::Valid) {
            return Ok(None);
        }
        Ok(Some(DocumentFound {
            kind,
            document: text.to_owned(),
            exact,
            owner: self.owner(standing.owner)?,
            id: standing.version.id,
            name: if listed.is_some() { String::new() } else { standing.name },
            listed,
            position,
        }))
    }
}

fn listed(raw: &[u8], id: &ObjectId, depth: usize) -> Option<Listed> {
    if id.kind.as_str() != DOCUMENT_TYPE {
        return None;
    }
    let doc = Doc::parse(raw, depth).ok()?;
    let document = ListedDocument::read(doc.root()).ok()?;
    Some(Listed { state: document.state, since: document.since })
}

/// Past and present mentions of one number that are looked at.
const POSTINGS: usize = 64;
