//! What a notice says as it is typed, and back.

use std::collections::BTreeSet;

use comity_base::OrgName;
use comity_law::notice::{
    AssetClass, Assurances, Birth, Caution, Contact, Document, Facts, Identity, Offence, Penalty, Photo, Sex,
    WantedFor, Warrant,
};
use comity_law::{Country, Status};
use comity_node::NoticeText;
use comity_stix::person::PartialDate;

use super::super::forms::Typed;
use super::super::language::Words;

/// A field that cannot be read, and why in words.
pub(crate) type Wrong = (&'static str, String);

/// A text as it stands in the form.
pub(crate) fn typed(text: &NoticeText, words: Words) -> Typed {
    let mut typed = Typed::default();
    let facts = &text.facts;
    let (who, contact) = (&facts.identity, &text.contact);
    for (field, text) in facts.named_texts() {
        typed.add(field, text);
    }
    for (field, text) in [("office", &contact.office), ("phone", &contact.phone), ("email", &contact.email)] {
        typed.add_each(field, text);
    }
    add_choices(&mut typed, facts);
    if !text.aliases.is_empty() {
        typed.add("aliases", text.aliases.join("\n"));
    }
    typed.add_each("birth", who.birth.map(|birth| date(birth).to_string()));
    let countries = [("nationalities", &who.nationalities), ("countries", &facts.assurances.countries)];
    for (field, countries) in countries.into_iter().filter(|(_, countries)| !countries.is_empty()) {
        let names: Vec<String> = countries.iter().map(|country| words.country(&country.to_string())).collect();
        typed.add(field, names.join("; "));
    }
    for document in &who.documents {
        typed.add("document_kind", &document.kind);
        typed.add("document_number", &document.number);
        typed.add("document_country", document.country.map_or_else(String::new, |country| country.to_string()));
    }
    typed.add_each("caution", text.caution.iter().map(|flag| flag.name()));
    typed.add_each("addressees", text.addressees.iter().map(OrgName::as_str));
    typed
}

/// A birth as far as it is known.
pub(super) const fn date(birth: Birth) -> PartialDate {
    PartialDate { year: birth.year, month: birth.month, day: birth.day }
}

fn add_choices(typed: &mut Typed, facts: &Facts) {
    let (who, penalty, given) = (&facts.identity, facts.penalty, &facts.assurances);
    let choices = [
        ("status", facts.status.map(Status::name)),
        ("sex", who.sex.map(Sex::name)),
        ("photo", who.photo.map(Photo::name)),
        ("wanted_for", penalty.wanted_for.map(WantedFor::name)),
    ];
    for (field, word) in choices {
        typed.add_each(field, word);
    }
    let tri = [
        ("minor", facts.minor),
        ("victim", facts.victim),
        ("fingerprints", who.fingerprints),
        ("dna", who.dna),
        ("police_report", facts.police_report),
        ("copy", facts.warrant.copy),
        ("competent", given.competent),
        ("consulted", given.consulted),
        ("will_request", given.will_request),
        ("imminent", facts.imminent),
        ("public_extract", facts.public_extract),
    ];
    for (field, is) in tri {
        typed.add_each(field, is.map(|is| if is { "yes" } else { "no" }));
    }
    let months = [
        ("maximum_months", penalty.maximum_months),
        ("imposed_months", penalty.imposed_months),
        ("remaining_months", penalty.remaining_months),
    ];
    for (field, months) in months {
        typed.add_each(field, months.map(|months| months.to_string()));
    }
    typed.add_each("assets", facts.assets.iter().map(|class| class.name()));
}

/// What was typed as a text, and what of it cannot be read.
pub(crate) fn read(typed: &Typed, words: Words) -> (NoticeText, Vec<Wrong>) {
    let mut reading = Reading { typed, words, wrong: Vec::new() };
    let facts = reading.facts();
    let lines = typed.text("aliases").lines().map(str::trim).filter(|line| !line.is_empty());
    let text = NoticeText {
        facts,
        aliases: lines.map(str::to_owned).collect(),
        caution: named(typed, "caution", Caution::ALL, Caution::name).collect(),
        contact: Contact { office: typed.some("office"), phone: typed.some("phone"), email: typed.some("email") },
        addressees: typed.all("addressees").iter().filter_map(|name| OrgName::parse(name).ok()).collect(),
    };
    (text, reading.wrong)
}

/// Those words of a list that were chosen.
pub(super) fn named<'t, T: Copy + 't>(
    typed: &'t Typed,
    field: &'t str,
    all: &'t [T],
    name: impl Fn(T) -> &'static str + 't,
) -> impl Iterator<Item = T> + 't {
    all.iter().copied().filter(move |one| typed.has(field, name(*one)))
}

struct Reading<'t> {
    typed: &'t Typed,
    words: Words,
    wrong: Vec<Wrong>,
}

impl Reading<'_> {
    fn facts(&mut self) -> Facts {
        let text = |field: &str| self.typed.some(field);
        let tri = |field: &str| self.tri(field);
        let offence = Offence {
            charge: text("charge"),
            summary: text("summary"),
            when: text("when"),
            place: text("place"),
            role: text("role"),
            article: text("article"),
        };
        let warrant = Warrant {
            reference: text("reference"),
            authority: text("authority"),
            date: text("date"),
            copy: tri("copy"),
        };
        let facts = Facts {
            status: named(self.typed, "status", Status::ALL, Status::name).next(),
            offence,
            warrant,
            sought: text("sought"),
            assessment: text("assessment"),
            threat: text("threat"),
            imminent: tri("imminent"),
            measures: text("measures"),
            modus_operandi: text("modus_operandi"),
            event_date: text("event_date"),
            event_place: text("event_place"),
            police_report: tri("police_report"),
            assets: named(self.typed, "assets", AssetClass::ALL, AssetClass::name).collect(),
            un_reference: text("un_reference"),
            un_resolution: text("un_resolution"),
            public_extract: tri("public_extract"),
            victim: tri("victim"),
            minor: tri("minor"),
            ..Facts::default()
        };
        Facts { identity: self.identity(), penalty: self.penalty(), assurances: self.assurances(), ..facts }
    }

    fn identity(&mut self) -> Identity {
        let text = |field: &str| self.typed.some(field);
        let who = Identity {
            family_name: text("family_name"),
            forename: text("forename"),
            sex: named(self.typed, "sex", Sex::ALL, Sex::name).next(),
            description: text("description"),
            photo: named(self.typed, "photo", Photo::ALL, Photo::name).next(),
            fingerprints: self.tri("fingerprints"),
            dna: self.tri("dna"),
            other_identifier: text("other_identifier"),
            father: text("father"),
            mother: text("mother"),
            ..Identity::default()
        };
        let (birth, nationalities) = (self.birth(), self.countries("nationalities"));
        Identity { birth, nationalities, documents: self.documents(), ..who }
    }

    fn penalty(&mut self) -> Penalty {
        Penalty {
            wanted_for: named(self.typed, "wanted_for", WantedFor::ALL, WantedFor::name).next(),
            maximum_months: self.months("maximum_months"),
            imposed_months: self.months("imposed_months"),
            remaining_months: self.months("remaining_months"),
        }
    }

    fn assurances(&mut self) -> Assurances {
        let countries = self.countries("countries");
        let tri = |field: &str| self.tri(field);
        Assurances {
            competent: tri("competent"),
            consulted: tri("consulted"),
            will_request: tri("will_request"),
            countries,
        }
    }

    fn tri(&self, field: &str) -> Option<bool> {
        match self.typed.text(field) {
            "yes" => Some(true),
            "no" => Some(false),
            _ => None,
        }
    }

    fn birth(&mut self) -> Option<Birth> {
        let text = self.typed.some("birth")?;
        let read = PartialDate::parse(&text).ok();
        if read.is_none() {
            self.wrong.push(("birth", self.words.text("search-no-date", "text", &text)));
        }
        read.map(|date| Birth { year: date.year, month: date.month, day: date.day })
    }

    fn months(&mut self, field: &'static str) -> Option<u32> {
        let text = self.typed.some(field)?;
        let read = text.parse().ok();
        if read.is_none() {
            self.wrong.push((field, self.words.text("no-number", "text", &text)));
        }
        read
    }

    fn countries(&mut self, field: &'static str) -> BTreeSet<Country> {
        let text = self.typed.text(field).to_owned();
        let parts = text.split([';', ',', '،', '\n']).map(str::trim).filter(|part| !part.is_empty());
        parts.filter_map(|part| self.country(field, part)).collect()
    }

    fn country(&mut self, field: &'static str, text: &str) -> Option<Country> {
        let read = country(text, self.words);
        if read.is_none() {
            self.wrong.push((field, self.words.text("search-no-state", "text", text)));
        }
        read
    }

    fn documents(&mut self) -> Vec<Document> {
        let column = |field: &str, row: usize| {
            self.typed.all(field).get(row).map_or_else(String::new, |text| text.trim().to_owned())
        };
        let rows = 0..self.typed.all("document_number").len();
        let rows =
            rows.map(|row| ["document_kind", "document_number", "document_country"].map(|field| column(field, row)));
        let rows: Vec<[String; 3]> = rows.filter(|row| row.iter().any(|text| !text.is_empty())).collect();
        let document = |[kind, number, whose]: [String; 3]| {
            let country = if whose.is_empty() { None } else { self.country("documents", &whose) };
            Document { kind, number, country }
        };
        rows.into_iter().map(document).collect()
    }
}

/// A country by its code or its name in any language.
pub(super) fn country(text: &str, words: Words) -> Option<Country> {
    let text = text.trim();
    let named = words.country_named(text).and_then(|code| Country::parse(code).ok());
    // A code that is not listed yet is one all the same.
    named.or_else(|| Country::parse(text).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(language: &str) -> Words {
        Words::named(language).unwrap()
    }

    fn full() -> NoticeText {
        let mut object = serde_json::json!({"facts": {"status": "charged", "identity": {"family_name": "Tamm", "forename": "Jaan", "sex": "male",
            "birth": {"year": 1984, "month": 3}, "nationalities": ["EE", "DE"], "description": "tall\nthin", "photo": "good",
            "documents": [{"kind": "P", "number": "KB1", "country": "EE"}, {"kind": "I", "number": "9"}], "fingerprints": true, "dna": false,
            "other_identifier": "zorg", "father": "Ants", "mother": "Mari"},
            "offence": {"charge": "Fraud", "summary": "s", "when": "2026", "place": "Tartu", "role": "led", "article": "213"},
            "penalty": {"wanted_for": "prosecution", "maximum_months": 60, "imposed_months": 7, "remaining_months": 6},
            "warrant": {"reference": "4-26", "authority": "court", "date": "2026-06-01", "copy": true},
            "assurances": {"competent": true, "consulted": false, "will_request": true, "countries": ["FI"]},
            "assets": ["account", "company"], "imminent": false, "police_report": true, "public_extract": false, "victim": false, "minor": false},
            "aliases": ["Zorg", "Jan T."], "caution": ["armed", "ill"], "contact": {"office": "desk", "phone": "1", "email": "a@b"},
            "addressees": ["fi-police"]});
        for text in [
            "sought",
            "assessment",
            "threat",
            "measures",
            "modus_operandi",
            "event_date",
            "event_place",
            "un_reference",
            "un_resolution",
        ] {
            object["facts"][text] = "words".into();
        }
        serde_json::from_value(object).unwrap()
    }

    #[test]
    fn everything_a_notice_may_say_goes_through_the_form_and_back() {
        for language in ["en", "ar", "de"] {
            let (text, wrong) = read(&typed(&full(), words(language)), words(language));
            assert_eq!((text, wrong), (full(), Vec::new()), "{language}");
        }
        let (empty, wrong) = read(&Typed::default(), words("en"));
        assert_eq!((empty, wrong), (NoticeText::default(), Vec::new()));
    }

    #[test]
    fn every_field_of_the_form_is_filled_by_a_full_notice_and_has_words() {
        let typed = typed(&full(), words("en"));
        for section in super::super::fields::Section::ALL {
            assert_ne!(words("en").known("group-", section.name()), section.name());
            for field in section.fields() {
                let name = if field.name == "documents" { "document_number" } else { field.name };
                assert!(!typed.all(name).is_empty(), "{name} is asked and never filled");
                assert_ne!(words("fr").known("field-", field.name), field.name);
                if field.has_hint() {
                    assert_ne!(words("es").say(field.hint()), field.hint());
                }
            }
        }
    }

    #[test]
    fn what_cannot_be_read_is_told_by_its_field() {
        let mut typed = Typed::default();
        for (field, text) in [
            ("birth", "in spring"),
            ("maximum_months", "two years"),
            ("nationalities", "Estonia, Narnia; DE"),
            ("document_kind", "P"),
            ("document_number", "KB1"),
            ("document_country", "Atlantis"),
        ] {
            typed.add(field, text);
        }
        let (text, wrong) = read(&typed, words("en"));
        let fields: Vec<&str> = wrong.iter().map(|(field, _)| *field).collect();
        assert_eq!(fields, ["birth", "nationalities", "documents", "maximum_months"]);
        assert!(wrong.iter().all(|(_, why)| !why.is_empty()));
        assert_eq!(text.facts.identity.nationalities.len(), 2, "the rest is read");
        assert_eq!(text.facts.identity.documents.len(), 1);
    }
}
