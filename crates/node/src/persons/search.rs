use std::cell::LazyCell;
use std::collections::HashSet;

use comity_base::{Position, Timestamp};
use comity_names::{Also, Hit, Kind, Matched, Name, Query, Score, likest, probability};
use comity_stix::person::Person;
use comity_stix::{Doc, Kind as ValueKind};
use serde_json::json;

use super::DocumentFound;
use super::ask::{Asked, PartBeside, PersonAsk, PersonFound, PersonsFound, Why};
use super::follow::{NAMES, facts};
use super::table::{Compared, Eyes};
use crate::neighbours::{Sight, Standing};
use crate::{Act, Ctx, Deed, Node, NodeError};

impl Node {
    /// Whether a person or a document is known here, and why each that is found may be the one. What whoever asks may not see is
    /// as if it were not there: it is not found, crowds nothing out, and does not make a name commoner.
    ///
    /// # Errors
    /// When nothing is asked that can be looked for, when the store cannot be read, or this process is still behind.
    pub fn search_persons(&self, ctx: &Ctx, ask: &PersonAsk) -> Result<PersonsFound, NodeError> {
        let subject = ask.subject();
        self.may(ctx, Act::Search, subject.clone())?;
        self.within_budget(ctx, 1, subject.clone())?;
        let mut asked = ask.read(self, ctx)?;
        let sight = Sight::new(self.ready()?, &ctx.authority);
        let eyes = self.eyes(sight)?;
        let from = match ask.from {
            Some(from) => from,
            None => self.thresholds(ctx.purpose)?.of(&asked, eyes.names()),
        };
        let mut found = PersonsFound { from, as_of: sight.visible, ..PersonsFound::default() };
        found.documents = self.documents_like(&asked.documents, ask.most, sight)?;
        found.persons = self.persons_like(&mut asked, &found.documents, (from, ask.most), (&eyes, ctx.now()), sight)?;
        (found.misread, found.zone) = (asked.misread(), asked.zone);
        self.record(ctx, Deed::query("search", subject).and("from", json!(from)).and("shown", json!(found.ids())))?;
        Ok(found)
    }

    pub(super) fn persons_like(
        &self,
        asked: &mut Asked,
        documents: &[DocumentFound],
        (from, most): (f32, usize),
        eyes: (&Eyes, Timestamp),
        sight: Sight<'_>,
    ) -> Result<Vec<PersonFound>, NodeError> {
        // Who holds the document is found by it, whatever they are called.
        let holding = documents.iter().filter(|document| document.listed.is_none()).map(|document| document.position);
        let likely = self.named_like(asked, (from, most), eyes.0);
        let (mut all, mut seen) = (Vec::new(), HashSet::new());
        for position in holding.chain(likely).filter(|position| seen.insert(*position)) {
            if let Some(standing) = self.standing_at(position, sight)? {
                all.extend(self.person_found(&standing, asked, documents, eyes, sight)?);
            }
        }
        // Of what is known of one person twice over, what a notice says comes first.
        let is_sought = |one: &PersonFound| one.notice.is_some();
        all.sort_by(|a, b| {
            let likelier = b.probability.total_cmp(&a.probability);
            likelier.then(is_sought(b).cmp(&is_sought(a))).then(a.position.cmp(&b.position))
        });
        all.truncate(most);
        Ok(all)
    }

    /// The names of persons as whoever asks sees them now.
    pub(super) fn eyes(&self, sight: Sight<'_>) -> Result<Eyes, NodeError> {
        self.read_persons(sight.visible)?;
        let hidden = LazyCell::new(|| self.labels.hidden_from(sight.authority));
        let table = self.persons.table.read();
        Ok(self.persons.eyes(&table, self.labels.unmet(sight.authority), &|number| {
            table.bearer(number).is_some_and(|bearer| !hidden.contains(&bearer.label))
        }))
    }

    /// Where persons stand who are so likely the one that is asked by name and all that is known of them, the likeliest first.
    fn named_like(&self, asked: &mut Asked, (from, most): (f32, usize), eyes: &Eyes) -> Vec<Position> {
        asked.names.iter_mut().for_each(|name| eyes.weigh(name));
        let table = self.persons.table.read();
        // What has ended is among them until the registers are made anew.
        let standing =
            |number| table.bearer(number).filter(|one| self.derived.current(one.position) == Some(one.label));
        let counts = |number: u32| standing(number).is_some();
        let counts = (table.endings != table.endings_then).then_some(&counts as &dyn Fn(u32) -> bool);
        let compared = Compared { asked: &asked.facts, known: &table.known };
        let also = Also { points: &compared, most: asked.facts.most_points() };
        let also = (!asked.facts.is_empty()).then_some(also);
        let stands = |hit: Hit| standing(hit.bearer).map(|bearer| (hit.total, bearer.position));
        let mut found: Vec<(f32, Position)> = Vec::new();
        for name in &asked.names {
            let query = Query { from: odds(from), also, counts, ..Query::new(name, Kind::Person, most) };
            let hits = self.persons.with_scratch(|scratch| eyes.search(&query, scratch));
            found.extend(hits.into_iter().filter_map(stands));
        }
        found.retain(|(total, _)| probability(*total) >= from);
        found.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        if asked.names.len() > 1 {
            let mut seen = HashSet::new();
            found.retain(|(_, position)| seen.insert(*position));
        }
        found.truncate(most);
        found.into_iter().map(|(_, position)| position).collect()
    }

    /// Somebody who was found, with the reasons; none where the object is of no person.
    fn person_found(
        &self,
        standing: &Standing,
        asked: &Asked,
        documents: &[DocumentFound],
        (eyes, now): (&Eyes, Timestamp),
        sight: Sight<'_>,
    ) -> Result<Option<PersonFound>, NodeError> {
        let version = &standing.version;
        let Ok(doc) = Doc::parse(&version.raw, self.reader.depth()) else { return Ok(None) };
        let Some(person) = Person::read(doc.root()) else { return Ok(None) };
        let (mut why, mut likest) = (Why::default(), None);
        if !asked.names.is_empty() {
            likest = Likest::of(&asked.names, &person, &|name| eyes.weigh(name));
            why.tell_name(likest.as_ref());
        }
        why.facts.extend(asked.facts.told(&facts(&person)).into_iter().flatten().map(|told| (told.code, told.points)));
        if let Some(document) = documents.iter().find(|document| document.position == version.position) {
            why.facts.push(worth(document.kind, document.exact));
        }
        let label = self.labels.get(&*self.store, version.label)?;
        let calling = person.calling().map(|name| name.name.clone()).unwrap_or_default();
        Ok(Some(PersonFound {
            id: version.id.clone(),
            owner: label.owner.clone(),
            name: likest.map_or_else(|| calling.clone(), |likest| likest.text),
            calling,
            probability: probability(why.total()),
            why,
            notice: self.notice_about(standing, now, sight)?,
            standing: self.standing(&label)?,
            position: version.position,
        }))
    }
}

/// The natural logarithm of the odds of a probability, a little lower than it may be rounded to.
pub(super) fn odds(probability: f32) -> f32 {
    (probability / (1.0 - probability).max(f32::EPSILON)).ln() - ROUNDED
}

/// The name of somebody that is likest to the one that is asked, each in one of its readings.
pub(super) struct Likest<'a> {
    pub(super) points: f32,
    asked: &'a Name,
    name: Name,
    /// As it is written.
    pub(super) text: String,
}

impl<'a> Likest<'a> {
    /// Names are weighed as those are that are searched.
    pub(super) fn of(asked: &'a [Name], person: &Person, weigh: &dyn Fn(&mut Name)) -> Option<Self> {
        let mut best: Option<Self> = None;
        for said in person.names.iter().take(NAMES) {
            let mut names = Name::readings(&said.what.name, Kind::Person);
            names.iter_mut().for_each(weigh);
            let Some((at, beside, points)) = likest(asked, &names, Kind::Person) else { continue };
            if best.as_ref().is_none_or(|best| points >= best.points)
                && let Some(asked) = asked.get(at)
            {
                best = Some(Self { points, asked, name: names.swap_remove(beside), text: said.what.name.clone() });
            }
        }
        best
    }
}

impl Why {
    fn tell_name(&mut self, likest: Option<&Likest<'_>>) {
        let Some(likest) = likest else {
            self.name = Some(NOTHING);
            return;
        };
        let score = Score::of(likest.asked, &likest.name, Kind::Person);
        self.name = Some(likest.points.max(NOTHING));
        let beside =
            |one: Matched| PartBeside { asked: one.one, found: one.other, alike: one.alike, tells: one.weight };
        self.parts = score.pairs.into_iter().map(beside).collect();
        (self.missing, self.extra) = (score.left, score.left_of_other);
    }

    /// What all of it is worth: the natural logarithm of the odds.
    pub fn total(&self) -> f32 {
        self.name.unwrap_or_default() + self.facts.iter().map(|(_, points)| points).sum::<f32>()
    }
}

/// What it is worth that somebody holds what was asked, or what a slip could make of it.
pub(super) const fn worth(kind: ValueKind, exact: bool) -> (&'static str, f32) {
    match (kind, exact) {
        (ValueKind::TravelDocument, true) => ("document", DOCUMENT),
        (ValueKind::TravelDocument, false) => ("document-near", DOCUMENT_NEAR),
        (_, true) => ("identifier", DOCUMENT),
        (_, false) => ("identifier-near", DOCUMENT_NEAR),
    }
}

const DOCUMENT: f32 = 7.0;
const DOCUMENT_NEAR: f32 = 3.0;
/// By how much odds differ that stand for the same probability, where it is all but certain.
const ROUNDED: f32 = 0.1;
/// What a name is worth at least that nothing can be said for.
pub(super) const NOTHING: f32 = -12.0;
