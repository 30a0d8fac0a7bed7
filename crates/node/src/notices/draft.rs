use std::collections::BTreeSet;

use comity_crypto::random_bytes;
use comity_law::notice::{self as law, Act as Law, ActName, Birth, Colour, Document, Event, Facts, Form, Identity};
use comity_law::{Country, Status};
use comity_stix::person::{NameKind, Part, Person, Sex};
use comity_stix::{Doc, ObjectId};
use serde_json::json;

use super::file::{File, NoticeNo, NoticeText, key};
use super::shown::NoticeShown;
use crate::neighbours::Sight;
use crate::objects::Which;
use crate::{Act, Ctx, Deed, Node, NodeError, Said};

impl Node {
    /// Begins a notice, empty or from a person: by the id of an identity, of something that holds one, or by the number of a
    /// case in which one is.
    ///
    /// # Errors
    /// When whoever asks may not, or no single person is meant.
    pub fn draft_notice(
        &self,
        ctx: &Ctx,
        (colour, form, extract): (Colour, Form, bool),
        from: Option<&str>,
    ) -> Result<NoticeShown, NodeError> {
        self.may(ctx, Act::Notices, json!({"colour": colour.name(), "from": from}))?;
        let random = random_bytes::<16>().map_err(|error| NodeError::Refused(error.to_string()))?;
        let no = NoticeNo(uuid::Builder::from_random_bytes(random).into_uuid());
        let person = from.map(|from| self.person_from(ctx, from)).transpose()?;
        let mut file = File {
            no,
            from: person.as_ref().map(|(id, ..)| id.clone()),
            case: ctx.case.clone().or_else(|| from.and_then(case_of)),
            need: BTreeSet::new(),
            text: NoticeText::default(),
            judged: comity_law::gate::Judged::default(),
            events: vec![Event {
                act: Law::Draft { colour, form, extract },
                ..Event::draft(ctx.now(), ctx.law_person(), colour, form)
            }],
            released: None,
            out: None,
            forgotten: None,
        };
        if let Some((_, person, need)) = person {
            file.text = prefilled(&person);
            file.need = need;
        }
        file.text.facts.public_extract = extract.then_some(true);
        let deed = Deed::decision("notice drafted", json!({"notice": no})).and("colour", colour.name());
        self.decide(ctx, &key(no), &file, deed.and("form", form.name()))?;
        self.show_notice(ctx, file)
    }

    /// Writes a draft, or what reviewers asked for, anew.
    ///
    /// # Errors
    /// When whoever asks may not, it is not being written, or says more than fits; [`NodeError::ChangedSince`].
    pub fn revise_notice(&self, ctx: &Ctx, no: NoticeNo, text: &NoticeText) -> Result<NoticeShown, NodeError> {
        self.revise_seen(ctx, no, text, None)
    }

    /// The same by somebody who looked at it when so much had happened.
    ///
    /// # Errors
    /// As [`Self::revise_notice`].
    pub fn revise_seen(
        &self,
        ctx: &Ctx,
        no: NoticeNo,
        text: &NoticeText,
        seen: Option<usize>,
    ) -> Result<NoticeShown, NodeError> {
        self.may(ctx, Act::Notices, json!({"notice": no}))?;
        fits(text)?;
        self.notice_file(ctx, no)?;
        let written = |file: &mut File| {
            file.text = text.clone();
            Ok(Law::Revise { extract: text.facts.public_extract })
        };
        let file = self.change_notice(ctx, no, (ActName::Revise, Said { why: "", seen }), written)?;
        self.show_notice(ctx, file)
    }

    /// The one person that is meant, with what readers of their object need.
    fn person_from(
        &self,
        ctx: &Ctx,
        from: &str,
    ) -> Result<(ObjectId, Person, BTreeSet<comity_stix::label::Need>), NodeError> {
        let sight = Sight::new(self.ready()?, &ctx.authority);
        let ids = match ObjectId::parse(from) {
            Ok(id) if id.kind.as_str() == "identity" => vec![id],
            Ok(id) => self.held_persons(&id, sight)?,
            Err(_) => self.persons_of_case(ctx, case_of(from).as_deref().unwrap_or(from))?,
        };
        let mut found = Vec::new();
        for id in ids {
            for row in self.store.versions(&id)? {
                let Some(standing) = self.standing_at(row.position, sight)? else { continue };
                let Ok(doc) = Doc::parse(&standing.version.raw, self.reader.depth()) else { continue };
                if let Some(person) = Person::read(doc.root()) {
                    let need = self.labels.get(&*self.store, standing.version.label)?.need.clone();
                    found.push((id.clone(), person, need));
                }
            }
        }
        match found.len() {
            0 => Err(NodeError::Refused(format!("there is no person in {from:?}, or none that you may see"))),
            1 => Ok(found.swap_remove(0)),
            _ => {
                let ids: Vec<String> = found.iter().map(|(id, ..)| id.to_string()).collect();
                Err(NodeError::Refused(format!("{from:?} has several persons; name one: {}", ids.join(", "))))
            }
        }
    }

    fn held_persons(&self, id: &ObjectId, sight: Sight<'_>) -> Result<Vec<ObjectId>, NodeError> {
        let mut held = Vec::new();
        for row in self.store.versions(id)? {
            let Some(standing) = self.standing_at(row.position, sight)? else { continue };
            let Ok(doc) = Doc::parse(&standing.version.raw, self.reader.depth()) else { continue };
            comity_stix::refs(doc.root(), &mut |property, other| {
                if property != "created_by_ref" && other.starts_with("identity--") && held.len() < HELD {
                    held.extend(ObjectId::parse(other).ok());
                }
            });
        }
        held.dedup();
        Ok(held)
    }

    fn persons_of_case(&self, ctx: &Ctx, case: &str) -> Result<Vec<ObjectId>, NodeError> {
        let which = Which { kind: Some("identity".into()), owner: None, case: Some(case.to_owned()) };
        Ok(self.rows(ctx, &which, None, HELD)?.rows.into_iter().map(|row| row.id).collect())
    }
}

/// Whether a text is within its limits.
pub(super) fn fits(text: &NoticeText) -> Result<(), NodeError> {
    text.facts.check().map_err(|error| NodeError::Refused(error.to_string()))?;
    if text.aliases.len() > ALIASES || text.addressees.len() > ADDRESSEES {
        return Err(NodeError::Refused("there are more other names or addressees than a notice may have".into()));
    }
    Ok(())
}

/// `case-2041` is the case 2041.
fn case_of(from: &str) -> Option<String> {
    from.strip_prefix("case-").map(str::to_owned)
}

/// What a person's object says, where a notice asks for it.
fn prefilled(person: &Person) -> NoticeText {
    let calling = person.calling();
    let part = |part: Part| {
        let parts = calling.iter().flat_map(|name| &name.parts).filter(|one| one.part == part);
        let text: Vec<&str> = parts.map(|one| one.text.as_str()).collect();
        (!text.is_empty()).then(|| text.join(" "))
    };
    // Where nothing says which part is which, the last one is mostly the family's.
    let whole = calling.map(|name| name.name.as_str()).unwrap_or_default();
    let (forename, family) = whole.rsplit_once(' ').unwrap_or(("", whole));
    let said = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    let identity = Identity {
        family_name: part(Part::Family).or_else(|| said(family)),
        forename: part(Part::Given).or_else(|| said(forename)),
        sex: person.sexes.first().map(|sexed| match sexed.what.sex {
            Sex::Female => law::Sex::Female,
            Sex::Male => law::Sex::Male,
            Sex::Unspecified => law::Sex::Unknown,
        }),
        birth: person.births.iter().find_map(|birth| birth.what.date).map(|date| Birth {
            year: date.year,
            month: date.month,
            day: date.day,
        }),
        nationalities: person.nationalities.iter().filter_map(|one| Country::parse(&one.what.country).ok()).collect(),
        description: said(&features(person)),
        photo: person.photos.first().map(|photo| if photo.what.good { law::Photo::Good } else { law::Photo::Poor }),
        documents: person.documents.iter().take(DOCUMENTS).map(|said| document(&said.what)).collect(),
        ..Identity::default()
    };
    let status = person
        .statuses
        .first()
        .and_then(|one| Status::ALL.iter().copied().find(|status| status.name() == one.what.status.name()));
    let aliases = person.names.iter().filter(|name| name.what.kind != NameKind::True || name.what.name != whole);
    NoticeText {
        facts: Facts { identity, status, ..Facts::default() },
        aliases: aliases.map(|name| name.what.name.clone()).take(ALIASES).collect(),
        ..NoticeText::default()
    }
}

fn document(document: &comity_stix::person::PersonDocument) -> Document {
    Document {
        kind: document.kind.clone(),
        number: document.number.clone(),
        country: comity_stix::value::state_country(&document.issuer).and_then(|code| Country::parse(code).ok()),
    }
}

/// What can be seen of a person: a description may reach the public, so nothing of fingerprints or DNA is in it.
fn features(person: &Person) -> String {
    let seen = person.features.iter().filter_map(|one| match one.what.feature.as_str() {
        "fingerprints" | "dna" => None,
        "height-cm" => Some(format!("{} cm", one.what.value)),
        feature => Some(format!("{feature}: {}", one.what.value)),
    });
    seen.take(DOCUMENTS).collect::<Vec<_>>().join("; ")
}

/// Other names of one notice.
pub(super) const ALIASES: usize = 32;
const ADDRESSEES: usize = 300;
const DOCUMENTS: usize = 16;
/// Persons that are looked at to find the one that is meant.
const HELD: usize = 32;
