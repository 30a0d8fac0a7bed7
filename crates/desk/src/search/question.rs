use comity_node::PersonAsk;
use comity_stix::Values;
use comity_stix::mrz::{Mrz, MrzError};
use comity_stix::person::{PartialDate, Sex};

use super::super::forms::Fields;
use super::super::language::Words;

/// What somebody put into the form, as they put it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Question {
    pub(super) name: String,
    pub(super) born: String,
    pub(super) nationality: String,
    pub(super) sex: String,
    /// The state that issued a document, its type, and its number.
    pub(super) state: String,
    pub(super) kind: String,
    pub(super) number: String,
    pub(super) zone: String,
    /// Another value: a phone, an account, a wallet, a handle, a plate.
    pub(super) value: String,
}

impl Question {
    pub(super) fn read(fields: &Fields) -> Self {
        let text = |name: &str| fields.get(name).trim().to_owned();
        Self {
            name: text("name"),
            born: text("born"),
            nationality: text("nationality"),
            sex: text("sex"),
            state: text("state"),
            kind: text("kind"),
            number: text("number"),
            zone: text("zone"),
            value: text("value"),
        }
    }

    /// What the node is asked.
    ///
    /// # Errors
    /// In words, where a part of it cannot be read, or nothing can be looked for.
    pub(super) fn ask(&self, words: Words) -> Result<PersonAsk, String> {
        if self.name.is_empty() && self.number.is_empty() && self.zone.is_empty() && self.value.is_empty() {
            return Err(words.say("search-nothing"));
        }
        let unclear = |id: &str, text: &str| words.text(id, "text", text);
        let state = |text: &str| words.state_named(text).ok_or_else(|| unclear("search-no-state", text));
        let born = some(&self.born).map(PartialDate::parse).transpose();
        let born = born.map_err(|_| unclear("search-no-date", &self.born))?;
        let nationality = some(&self.nationality).map(state).transpose()?;
        if let Some(zone) = some(&self.zone) {
            Mrz::read_mended(zone).map_err(|error| trouble_of(&error, words))?;
        }
        if !self.number.is_empty() && !self.value.is_empty() {
            return Err(words.say("search-one-of-both"));
        }
        let document = match self.document() {
            None if is_unreadable(&self.value) => return Err(unclear("search-no-value", &self.value)),
            None => some(&self.value).map(str::to_owned),
            Some(whole) if whole.contains(':') => Some(whole),
            Some(_) if self.state.is_empty() => return Err(words.say("search-whose-document")),
            Some(number) => {
                let kind = some(&self.kind).unwrap_or("P").to_ascii_uppercase();
                Some(format!("{}:{kind}:{number}", state(&self.state)?))
            }
        };
        Ok(PersonAsk {
            name: some(&self.name).map(str::to_owned),
            born,
            nationality,
            sex: some(&self.sex).and_then(Sex::parse),
            document,
            zone: some(&self.zone).map(str::to_owned),
            from: None,
            most: MOST,
        })
    }

    /// The number of the document, or the whole of it as it is written here: `EST:P:KB0123456`.
    pub(super) fn document(&self) -> Option<String> {
        some(&self.number).map(str::to_uppercase)
    }

    /// The types of documents that are offered.
    pub(super) fn kinds(&self) -> [(&'static str, bool); 4] {
        ["P", "I", "V", "N"].map(|kind| (kind, self.kind == kind))
    }

    /// The sexes that are offered.
    pub(super) fn sexes(&self) -> [(&'static str, bool); 2] {
        ["female", "male"].map(|sex| (sex, self.sex == sex))
    }
}

/// Whether something was put in that is no value of any kind, and none that one slip leads to.
fn is_unreadable(text: &str) -> bool {
    !text.is_empty() && !Values::new([0; 32]).is_read(text)
}

fn some(text: &str) -> Option<&str> {
    Some(text).filter(|text| !text.is_empty())
}

/// Why a text is no machine-readable zone, in words.
fn trouble_of(error: &MrzError, words: Words) -> String {
    match error {
        MrzError::Length(count) => words.counted("zone-length", *count as u64),
        MrzError::Character(c, place) => {
            words.texts("zone-character", &[("text", &c.to_string()), ("place", &(place + 1).to_string())])
        }
        MrzError::Digit(_) => words.say("zone-digit"),
    }
}

/// Persons and documents that are shown.
const MOST: usize = 20;

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(question: &Question) -> Result<PersonAsk, String> {
        let said = question.ask(Words::named("en").unwrap());
        said.map_err(|text| text.chars().filter(|c| !matches!(c, '\u{2066}'..='\u{2069}')).collect())
    }

    fn jaan() -> Question {
        Question { name: "Jaan Tamm".into(), ..Question::default() }
    }

    #[test]
    fn a_form_is_read_as_far_as_it_is_filled_in() {
        let full = Question {
            born: "05.03.1984".into(),
            nationality: "estonia".into(),
            sex: "male".into(),
            state: "Germany".into(),
            kind: "I".into(),
            number: "c01x00t47".into(),
            ..jaan()
        };
        let ask = asked(&full).unwrap();
        assert_eq!(ask.born.unwrap().to_string(), "1984-03-05");
        assert_eq!((ask.nationality.as_deref(), ask.sex), (Some("EST"), Some(Sex::Male)));
        assert_eq!(ask.document.as_deref(), Some("D:I:C01X00T47"));
        assert_eq!(
            asked(&jaan()).unwrap(),
            PersonAsk { name: Some("Jaan Tamm".into()), most: MOST, ..PersonAsk::default() }
        );
        let whole = Question { number: "est:p:kb0123456".into(), ..Question::default() };
        assert_eq!(asked(&whole).unwrap().document.as_deref(), Some("EST:P:KB0123456"));
        let passport = Question { number: "KB0123456".into(), state: "EE".into(), ..Question::default() };
        assert_eq!(asked(&passport).unwrap().document.as_deref(), Some("EST:P:KB0123456"));
    }

    #[test]
    fn other_values_are_asked_as_they_are_written() {
        let value = |text: &str| Question { value: text.into(), ..Question::default() };
        for text in
            ["+372 555 1234", "EE38 2200 2210 2O14 5685", "1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2", "plate:EE:123ABC"]
        {
            assert_eq!(asked(&value(text)).unwrap().document.as_deref(), Some(text));
        }
        assert!(asked(&value("some name")).unwrap_err().contains("some name"));
        let both = Question { number: "EST:P:KB0123456".into(), ..value("+372 555 1234") };
        assert!(asked(&both).unwrap_err().contains("not for both"));
    }

    #[test]
    fn what_cannot_be_read_is_told_in_words() {
        let told = |question: Question| asked(&question).unwrap_err();
        assert!(told(Question { born: "1984".into(), ..Question::default() }).contains("a name, a document"));
        assert!(told(Question { born: "in spring".into(), ..jaan() }).contains("in spring"));
        assert!(told(Question { nationality: "Narnia".into(), ..jaan() }).contains("Narnia"));
        assert!(told(Question { number: "KB0123456".into(), ..Question::default() }).contains("which state"));
        let zone = |text: &str| told(Question { zone: text.into(), ..Question::default() });
        assert!(zone("P<EST").contains("44") && zone("P<EST").contains('5'));
        assert!(zone("P<EST?").contains('?'));
        let wrong = "P<ESTTAMM<<JAAN<<<<<<<<<<<<<<<<<<<<<<<<<<<<<\nKB01234569EST8403054M3001019<<<<<<<<<<<<<<04";
        assert!(zone(wrong).contains("check digit"), "{}", zone(wrong));
    }
}
