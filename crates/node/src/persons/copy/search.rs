use std::collections::{BTreeMap, HashMap};

use comity_base::{OrgName, Timestamp};
use comity_crypto::{PublicKey, Signature, hex, sha256};
use comity_names::{Also, Builder, Facts, Kind, Query, Register, Scratch, View, probability};
use comity_stix::person::Person;
use comity_stix::value::{Values, extract};
use comity_stix::{Doc, Kind as ValueKind};
use serde::{Deserialize, Serialize};

use super::super::ask::{Asked, PersonAsk, Sought, usual_from};
use super::super::follow::{facts, names};
use super::super::search::{Likest, NOTHING, odds, worth};
use super::{COPY, CopiedNotice, CopyHead, Line};
use crate::Purpose;

/// A copy that was read, ready to be searched.
pub struct FrontlineCopy {
    /// Who made it, and when.
    pub head: CopyHead,
    persons: Vec<Known>,
    /// Whose a document or another value is, by the places of persons.
    holders: HashMap<(ValueKind, String), Vec<u32>>,
    /// The register of documents: who listed each, and how it stands.
    documents: BTreeMap<String, (OrgName, String)>,
    register: Register,
    view: View,
    values: Values,
}

/// Somebody who is looked for by a notice.
struct Known {
    owner: OrgName,
    person: Person,
    notice: CopiedNotice,
    facts: Facts,
}

/// What a copy knows of a question.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct CopyFound {
    /// Persons, the likeliest first.
    pub persons: Vec<CopiedPerson>,
    /// What the register says of the document, exactly that one first.
    pub documents: Vec<CopiedDocument>,
    /// See [`crate::PersonsFound::misread`].
    pub misread: Option<ValueKind>,
}

/// Somebody who may be the one.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CopiedPerson {
    /// Who looks for them.
    pub owner: OrgName,
    /// By which name.
    pub name: String,
    /// How likely it is the one.
    pub probability: f32,
    /// What was asked that is theirs, where that led to them.
    pub held: Option<Held>,
    /// What an officer is told.
    pub notice: CopiedNotice,
}

/// A document or another value of somebody.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Held {
    /// What it is.
    pub kind: ValueKind,
    /// In its normal form.
    pub value: String,
    /// Whether exactly that one was asked, or one that is a slip away.
    pub exact: bool,
}

/// A document in the register.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CopiedDocument {
    /// Who listed it.
    pub owner: OrgName,
    /// The document.
    pub document: String,
    /// How it stands.
    pub state: String,
    /// Whether exactly that one was asked.
    pub exact: bool,
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
        let (mut copy, mut builder) = (Self::empty(head), Builder::default());
        for line in lines {
            let line = serde_json::from_slice(line)
                .map_err(|error| format!("the copy has a line that cannot be read: {error}"))?;
            copy.add(line, &mut builder)?;
        }
        copy.register = builder.settle();
        copy.view = copy.register.view(&|_| true);
        Ok(copy)
    }

    fn empty(head: CopyHead) -> Self {
        let register = Builder::default().settle();
        let view = register.view(&|_| true);
        Self {
            head,
            persons: Vec::new(),
            holders: HashMap::new(),
            documents: BTreeMap::new(),
            register,
            view,
            // Cards are copied as a hash under the node's own key, so nobody is found by one.
            values: Values::new([0; 32]),
        }
    }

    fn add(&mut self, line: Line, builder: &mut Builder) -> Result<(), String> {
        match line {
            Line::Document { owner, document, state } => {
                let value =
                    self.values.parse(ValueKind::TravelDocument, &document).map_err(|error| error.to_string())?;
                self.documents.insert(value.text().to_owned(), (owner, state));
            }
            Line::Person { owner, identity, notice } => {
                let doc = Doc::parse(identity.get().as_bytes(), DEPTH).map_err(|error| error.to_string())?;
                let Some(person) = Person::read(doc.root()) else { return Ok(()) };
                let number = u32::try_from(self.persons.len()).unwrap_or(u32::MAX);
                for name in names(&person) {
                    builder.add(number, &name);
                }
                let (values, holders) = (&self.values, &mut self.holders);
                extract(doc.root(), &mut |found| {
                    if let Ok(value) = values.parse(found.kind, &found.text) {
                        holders.entry((value.kind(), value.text().to_owned())).or_default().push(number);
                    }
                });
                let facts = facts(&person);
                self.persons.push(Known { owner, person, notice, facts });
            }
        }
        Ok(())
    }

    /// How long ago it was made.
    pub fn age_seconds(&self, now: Timestamp) -> i64 {
        now.as_micros().saturating_sub(self.head.made_at.as_micros()) / 1_000_000
    }

    /// What it knows of a question: names as the node finds them at a border, whoever holds the document or another value that was
    /// asked, and the register of documents. A notice whose time is over is not told of, however old the copy is.
    ///
    /// # Errors
    /// Why the question is none, in a sentence.
    pub fn search(&self, ask: &PersonAsk, now: Timestamp) -> Result<CopyFound, String> {
        let mut asked = ask.read_with(&self.values, now).map_err(|error| error.to_string())?;
        asked.names.iter_mut().for_each(|name| self.register.weigh(&self.view, name));
        let usual = || usual_from(Purpose::Prevention, asked.is_born(), self.view.len());
        let from = ask.from.unwrap_or_else(usual);
        let mut found = CopyFound { misread: asked.misread(), ..CopyFound::default() };
        let mut held: BTreeMap<u32, Held> = BTreeMap::new();
        for (kind, value, exact) in asked.documents.iter().flat_map(Sought::texts) {
            if let Some((owner, state)) = self.documents.get(&value).filter(|_| kind == ValueKind::TravelDocument) {
                let (owner, document, state) = (owner.clone(), value.clone(), state.clone());
                found.documents.push(CopiedDocument { owner, document, state, exact });
            }
            let key = (kind, value);
            for number in self.holders.get(&key).into_iter().flatten() {
                held.entry(*number).or_insert_with(|| Held { kind, value: key.1.clone(), exact });
            }
        }
        found.documents.sort_by_key(|one| !one.exact);
        // Who holds the document is found by it, whatever they are called.
        let mut all: Vec<(u32, f32)> = held
            .iter()
            .map(|(number, held)| (*number, self.points(*number, &asked) + worth(held.kind, held.exact).1))
            .collect();
        let named =
            self.named_like(&asked, (from, ask.most)).into_iter().filter(|(number, _)| !held.contains_key(number));
        all.extend(named);
        all.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        let person = |(number, total)| self.person((number, total), &asked, held.get(&number).cloned());
        found.persons =
            all.into_iter().filter_map(person).filter(|one| one.notice.valid_until > now).take(ask.most).collect();
        Ok(found)
    }

    /// Who is so likely called what is asked, by all that is known of them.
    fn named_like(&self, asked: &Asked, (from, most): (f32, usize)) -> Vec<(u32, f32)> {
        let also = |number: u32| self.known(number).map_or(0.0, |known| asked.facts.points(&known.facts));
        let also = Also { points: &also, most: asked.facts.most_points() };
        let mut best: BTreeMap<u32, f32> = BTreeMap::new();
        for name in &asked.names {
            let query = Query { from: odds(from), also: Some(also), ..Query::new(name, Kind::Person, most) };
            for hit in self.register.search(&self.view, &query, &mut Scratch::default()) {
                let total = best.entry(hit.bearer).or_insert(hit.total);
                *total = total.max(hit.total);
            }
        }
        best.into_iter().filter(|(_, total)| probability(*total) >= from).collect()
    }

    /// What speaks for somebody but for what they hold.
    fn points(&self, number: u32, asked: &Asked) -> f32 {
        let Some(known) = self.known(number) else { return 0.0 };
        let likest = || self.likest(asked, &known.person).map_or(NOTHING, |likest| likest.points.max(NOTHING));
        let named = if asked.names.is_empty() { 0.0 } else { likest() };
        named + asked.facts.points(&known.facts)
    }

    fn person(&self, (number, total): (u32, f32), asked: &Asked, held: Option<Held>) -> Option<CopiedPerson> {
        let known = self.known(number)?;
        let name = if asked.names.is_empty() {
            known.person.calling().map(|name| name.name.clone()).unwrap_or_default()
        } else {
            self.likest(asked, &known.person).map(|likest| likest.text).unwrap_or_default()
        };
        let (owner, notice) = (known.owner.clone(), known.notice.clone());
        Some(CopiedPerson { owner, name, probability: probability(total), held, notice })
    }

    fn likest<'a>(&self, asked: &'a Asked, person: &Person) -> Option<Likest<'a>> {
        Likest::of(&asked.names, person, &|name| self.register.weigh(&self.view, name))
    }

    fn known(&self, number: u32) -> Option<&Known> {
        self.persons.get(number as usize)
    }
}

#[derive(Deserialize)]
struct Seal {
    key: String,
    signature: String,
}

const DEPTH: usize = 64;
