use std::collections::BTreeSet;

use comity_base::Position;
use comity_node::{DocumentFound, NoticeCard, PersonFound, PersonsFound};
use comity_stix::ObjectId;

use super::super::parts::{Card, Foreign, Marks, Meter, Owner, Reasons};
use super::super::shell::Shell;

/// Somebody in the list.
pub(super) struct PersonRow {
    /// Where they stand in the log, for the way back to them.
    pub(super) place: u64,
    /// Opens them beside the list.
    pub(super) open: String,
    pub(super) is_open: bool,
    pub(super) id: String,
    /// The name that was found, and what people call them where that is another.
    pub(super) name: Foreign,
    pub(super) calling: Option<Foreign>,
    pub(super) owner: Owner,
    pub(super) marks: Marks,
    pub(super) likely: Meter,
    pub(super) reasons: Reasons,
    /// The notice about them, for whoever meets them.
    pub(super) card: Option<Card>,
}

/// What names a document.
pub(super) struct DocumentRow {
    pub(super) id: String,
    /// What is said of it, in a sentence.
    pub(super) said: Foreign,
    /// That it is not the one that was asked, in a sentence; none where it is.
    pub(super) near: Option<Foreign>,
    pub(super) owner: Owner,
    pub(super) name: Foreign,
}

impl PersonRow {
    /// In the list of a search, of which one person may be opened; some notices are over since.
    pub(super) fn new(
        one: &PersonFound,
        search: &str,
        (open, over): (Option<Position>, &BTreeSet<ObjectId>),
        shell: &Shell,
    ) -> Self {
        let place = one.position.0;
        let card = |card: &NoticeCard| {
            let shown = Card::of(card, shell);
            if over.contains(&card.id) { shown.over() } else { shown }
        };
        Self {
            place,
            open: format!("/desk/search/{search}?open={place}#at-{place}"),
            is_open: open == Some(one.position),
            id: one.id.to_string(),
            name: Foreign::line(&one.name),
            calling: (one.name != one.calling).then(|| Foreign::line(&one.calling)),
            owner: shell.owner(&one.owner),
            marks: Marks::brief(&one.standing, shell.words),
            likely: Meter::likely(one.probability, shell.words),
            reasons: Reasons::of(&one.why, one.probability, shell.words),
            card: one.notice.as_ref().map(card),
        }
    }
}

/// What the register of documents says, exactly first.
pub(super) fn listed(found: &PersonsFound, asked: Option<String>, shell: &Shell) -> Vec<DocumentRow> {
    let asked = asked.or_else(|| found.zone.as_ref().map(|zone| zone.number.clone())).unwrap_or_default();
    let said = |one: &DocumentFound| {
        let listed = one.listed?;
        let words = shell.words;
        let (document, owner) = (one.document.as_str(), one.owner.as_str());
        let since = listed.since.map(|since| words.as_far_as_known(since)).unwrap_or_default();
        let texts = [("document", document), ("owner", owner), ("since", &since)];
        let with = if since.is_empty() { "" } else { "-since" };
        Some(words.texts(&format!("listed-{}{with}", listed.state.name()), &texts))
    };
    found.documents.iter().filter_map(|one| Some(row(one, &said(one)?, &asked, shell))).collect()
}

/// What else names the document, beside the persons of the list.
pub(super) fn naming(found: &PersonsFound, shell: &Shell) -> Vec<DocumentRow> {
    let is_in_list = |one: &DocumentFound| found.persons.iter().any(|person| person.position == one.position);
    let others = found.documents.iter().filter(|one| one.listed.is_none() && !is_in_list(one));
    let said = |one: &DocumentFound| {
        shell.words.text(if one.exact { "document-named" } else { "document-named-near" }, "document", &one.document)
    };
    others.map(|one| row(one, &said(one), "", shell)).collect()
}

fn row(one: &DocumentFound, said: &str, asked: &str, shell: &Shell) -> DocumentRow {
    let near = (!one.exact).then(|| Foreign::own(&shell.words.text("listed-near", "asked", asked)));
    let (id, name) = (one.id.to_string(), if one.name.is_empty() { "" } else { one.name.as_str() });
    DocumentRow {
        said: Foreign::own(said),
        near,
        owner: shell.owner(&one.owner),
        name: Foreign::line(if name.is_empty() { &id } else { name }),
        id,
    }
}

/// A probability in whole percent.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is from 0 to 1")]
pub(super) fn percent(probability: f32) -> u64 {
    (probability.clamp(0.0, 1.0) * 100.0).round() as u64
}
