//! A copy of what a border needs, for where there is no network: signed, with its age, and searched as the node searches.

use std::collections::BTreeMap;
use std::io::Write;

use comity_base::{OrgName, Timestamp};
use comity_crypto::{PublicKey, Signature, hex, sha256};
use comity_law::notice::Notice;
use comity_names::{Also, Builder, Facts, Kind, Name, Query, Register, Scratch, View, points, probability};
use comity_stix::listed::{DOCUMENT_TYPE, ListedDocument};
use comity_stix::person::{DocumentState, Person};
use comity_stix::value::{Values, near};
use comity_stix::{Doc, Kind as ValueKind};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::ask::{PersonAsk, usual_from};
use super::follow::{facts, names};
use super::search::odds;
use crate::neighbours::Sight;
use crate::{Act, Ctx, Deed, Node, NodeError, Purpose};

/// What stands at the beginning of a copy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CopyHead {
    /// Whose node made it.
    pub made_by: OrgName,
    /// When.
    pub made_at: Timestamp,
    /// Up to which position of its log.
    pub position: u64,
}

/// One line of a copy.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
enum Line {
    /// Somebody who is looked for by a notice: the identity as its owner released it.
    Person { owner: OrgName, identity: Box<serde_json::value::RawValue>, notice: CopiedNotice },
    /// A document in the register of its issuer.
    Document { owner: OrgName, document: String, state: String },
}

/// What an officer is told of a notice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CopiedNotice {
    /// The notice.
    pub id: String,
    /// Its colour.
    pub colour: String,
    /// What to beware of.
    pub caution: Vec<String>,
    /// Whom to call.
    pub phone: Option<String>,
    /// Until when it holds.
    pub valid_until: Timestamp,
}

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

/// A copy that was read, ready to be searched.
pub struct FrontlineCopy {
    /// Who made it, and when.
    pub head: CopyHead,
    persons: Vec<(OrgName, Person, CopiedNotice, Facts)>,
    documents: BTreeMap<String, (OrgName, String)>,
    register: Register,
    view: View,
    values: Values,
}

/// What a copy knows of a question.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct CopyFound {
    /// Persons: who looks for them, by which name, how likely, and what an officer is told.
    pub persons: Vec<(OrgName, String, f32, CopiedNotice)>,
    /// Documents: who listed them, how they stand, and whether exactly that one was asked.
    pub documents: Vec<(OrgName, String, String, bool)>,
}

impl FrontlineCopy {
    /// Reads a copy, if it is whole and signed with this key.
    ///
    /// # Errors
    /// What is wrong with it, in a sentence.
    pub fn read(bytes: &[u8], key: &PublicKey) -> Result<Self, String> {
        let cut = bytes.trim_ascii_end().iter().rposition(|b| *b == b'\n').ok_or("the copy is cut off")?;
        let (text, seal) = bytes.split_at(cut + 1);
        let seal: Seal =
            serde_json::from_slice(seal.trim_ascii()).map_err(|_| "the copy is cut off before its signature")?;
        if seal.key != key.to_string() {
            return Err(format!("the copy is signed with the key {}, and not with the one that was named", seal.key));
        }
        let signature: Signature = seal.signature.parse().map_err(|_| "the signature of the copy cannot be read")?;
        key.verify(COPY, hex(&sha256(text)).as_bytes(), &signature)
            .map_err(|_| "the copy is not what the node signed with this key")?;
        let mut lines = text.split(|b| *b == b'\n').filter(|line| !line.is_empty());
        let head = lines.next().and_then(|line| serde_json::from_slice(line).ok()).ok_or("the copy has no head")?;
        let (mut persons, mut documents, mut builder) = (Vec::new(), BTreeMap::new(), Builder::default());
        let values = Values::new([0; 32]);
        for line in lines {
            match serde_json::from_slice(line)
                .map_err(|error| format!("the copy has a line that cannot be read: {error}"))?
            {
                Line::Document { owner, document, state } => {
                    let value =
                        values.parse(ValueKind::TravelDocument, &document).map_err(|error| error.to_string())?;
                    documents.insert(value.text().to_owned(), (owner, state));
                }
                Line::Person { owner, identity, notice } => {
                    let doc = Doc::parse(identity.get().as_bytes(), DEPTH).map_err(|error| error.to_string())?;
                    let Some(person) = Person::read(doc.root()) else { continue };
                    let number = u32::try_from(persons.len()).unwrap_or(u32::MAX);
                    for name in names(&person) {
                        builder.add(number, &name);
                    }
                    let facts = facts(&person);
                    persons.push((owner, person, notice, facts));
                }
            }
        }
        let register = builder.settle();
        let view = register.view(&|_| true);
        Ok(Self { head, persons, documents, register, view, values })
    }

    /// How long ago it was made.
    pub fn age_seconds(&self, now: Timestamp) -> i64 {
        now.as_micros().saturating_sub(self.head.made_at.as_micros()) / 1_000_000
    }

    /// What it knows of a question: names as the node finds them at a border, and the register of documents. A notice whose time is
    /// over is not told of, however old the copy is.
    ///
    /// # Errors
    /// Why the question is none, in a sentence.
    pub fn search(&self, ask: &PersonAsk, now: Timestamp) -> Result<CopyFound, String> {
        let mut asked = ask.read_with(&self.values, now).map_err(|error| error.to_string())?;
        let usual = || usual_from(Purpose::Prevention, asked.is_born(), self.view.len());
        let from = ask.from.unwrap_or_else(usual);
        let mut found = CopyFound::default();
        for document in &asked.documents {
            let mut texts = vec![document.text().to_owned()];
            near(document.kind(), document.text(), &mut |text| texts.push(text.to_owned()));
            for (at, text) in texts.into_iter().enumerate() {
                if let Some((owner, state)) = self.documents.get(&text) {
                    found.documents.push((owner.clone(), text, state.clone(), at == 0));
                }
            }
        }
        if let Some(name) = &mut asked.name {
            self.register.weigh(&self.view, name);
            let also = |number: u32| self.facts_of(number).map_or(0.0, |facts| asked.facts.points(facts));
            let also = Also { points: &also, most: asked.facts.most_points() };
            let query = Query { from: odds(from), also: Some(also), ..Query::new(name, Kind::Person, ask.most) };
            for hit in self.register.search(&self.view, &query, &mut Scratch::default()) {
                let Some((owner, person, notice, _)) = self.persons.get(hit.bearer as usize) else { continue };
                let probability = probability(hit.total);
                if probability >= from && notice.valid_until > now {
                    found.persons.push((owner.clone(), likest(name, person), probability, notice.clone()));
                }
            }
        }
        Ok(found)
    }

    fn facts_of(&self, number: u32) -> Option<&Facts> {
        self.persons.get(number as usize).map(|(.., facts)| facts)
    }
}

#[derive(Deserialize)]
struct Seal {
    key: String,
    signature: String,
}

fn likest(asked: &Name, person: &Person) -> String {
    let worth = |text: &str| points(asked, &Name::read(text, Kind::Person), Kind::Person);
    let all = person.names.iter().map(|said| said.what.name.as_str());
    all.max_by(|a, b| worth(a).total_cmp(&worth(b))).unwrap_or_default().to_owned()
}

/// What signatures of copies are made in.
const COPY: &str = "frontline copy";
const DEPTH: usize = 64;
