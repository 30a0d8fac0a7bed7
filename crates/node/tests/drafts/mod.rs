//! Texts of notices that tests share.

use comity_law::gate::{Category, FactorKind, Finding};
use comity_law::notice::{Assurances, Offence, Penalty, WantedFor, Warrant};
use comity_node::{JudgementSaid, NoticeText};

/// What kind of offence it is.
pub(crate) const fn crime() -> JudgementSaid {
    JudgementSaid::Category { category: Category::SeriousOrdinaryCrime, tied_to_serious_crime: false }
}

/// That, and every factor, of which none speaks against it.
pub(crate) fn clear() -> Vec<JudgementSaid> {
    let cleared = |factor: &FactorKind| JudgementSaid::Factor {
        factor: *factor,
        finding: Finding::Clears,
        protected_by: None,
        fled_from: None,
    };
    std::iter::once(crime()).chain(FactorKind::ALL.iter().map(cleared)).collect()
}

/// What a red notice asks for.
pub(crate) fn complete(mut text: NoticeText) -> NoticeText {
    let facts = &mut text.facts;
    facts.minor = Some(false);
    facts.offence = Offence {
        charge: Some("Computer fraud".into()),
        summary: Some("Emptied accounts of a bank through a botnet.".into()),
        when: Some("2026-05".into()),
        place: Some("Tallinn".into()),
        role: Some("Ran the servers".into()),
        article: Some("Penal Code section 213".into()),
    };
    facts.penalty =
        Penalty { wanted_for: Some(WantedFor::Prosecution), maximum_months: Some(60), ..Penalty::default() };
    facts.warrant = Warrant {
        reference: Some("4-26-117".into()),
        authority: Some("Harju county court".into()),
        date: Some("2026-06-01".into()),
        copy: Some(true),
    };
    facts.assurances =
        Assurances { competent: Some(true), consulted: Some(true), will_request: Some(true), ..Assurances::default() };
    text.contact.phone = Some("+372 600 0000".into());
    text.contact.office = Some("duty officer".into());
    text
}
