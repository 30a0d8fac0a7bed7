//! Which statements cannot all be true.

use comity_stix::person::{Birth, PartialDate, PersonDocument, Said, Sex, Sexed};
use comity_stix::value::issuing_state;

/// Whether some of them cannot all be true.
pub(super) trait Contradict: Sized {
    /// Whether both cannot be true.
    fn excludes(&self, other: &Self) -> bool;
}

pub(super) fn contradict<T: Contradict>(all: &[Said<T>]) -> bool {
    // Pairs grow with the square; what is beyond so many is of no person.
    let all = all.get(..MOST.min(all.len())).unwrap_or_default();
    (1..).zip(all).any(|(next, one)| all.get(next..).into_iter().flatten().any(|two| one.what.excludes(&two.what)))
}

impl Contradict for Birth {
    fn excludes(&self, other: &Self) -> bool {
        let elsewhere = self.country.as_ref().zip(other.country.as_ref()).is_some_and(|(one, two)| is_other(one, two));
        elsewhere || self.date.zip(other.date).is_some_and(|dates| is_another_time(dates, self, other))
    }
}

fn is_another_time((one, two): (PartialDate, PartialDate), first: &Birth, second: &Birth) -> bool {
    let span = |birth: &Birth, date: PartialDate| {
        let about = if birth.about { ABOUT } else { 0 };
        (date.year.saturating_sub(about), birth.until.map_or(date.year, |until| until.year).saturating_add(about))
    };
    let (one_span, two_span) = (span(first, one), span(second, two));
    if one_span.0 != one_span.1 || two_span.0 != two_span.1 {
        return one_span.1 < two_span.0 || two_span.1 < one_span.0;
    }
    let differ = |one: Option<u8>, two: Option<u8>| one.zip(two).is_some_and(|(one, two)| one != two);
    one.year != two.year || differ(one.month, two.month) || differ(one.day, two.day)
}

impl Contradict for Sexed {
    fn excludes(&self, other: &Self) -> bool {
        matches!((self.sex, other.sex), (Sex::Female, Sex::Male) | (Sex::Male, Sex::Female))
    }
}

impl Contradict for PersonDocument {
    fn excludes(&self, other: &Self) -> bool {
        let is_same = self.number == other.number && self.kind == other.kind && !is_other(&self.issuer, &other.issuer);
        let differ =
            |one: Option<PartialDate>, two: Option<PartialDate>| one.zip(two).is_some_and(|(one, two)| one != two);
        let state = self.state.zip(other.state).is_some_and(|(one, two)| one != two);
        is_same && (state || differ(self.expires, other.expires) || differ(self.issued, other.issued))
    }
}

/// Whether two codes are of two states.
fn is_other(one: &str, two: &str) -> bool {
    let code = |text: &str| issuing_state(text).unwrap_or_else(|| text.to_owned());
    code(one) != code(two)
}

/// Years by which an estimate may be wrong.
const ABOUT: u16 = 2;
/// Statements that are compared.
const MOST: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;

    fn born(date: &str) -> Birth {
        Birth { date: date.parse().ok(), until: None, about: false, place: None, country: None }
    }

    #[test]
    fn dates_contradict_when_no_day_is_both() {
        for (one, two, expected) in [
            ("1984-03-05", "1984", false),
            ("1984-03-05", "1984-03", false),
            ("1984-03-05", "1984-04", true),
            ("1984-03-05", "1984-05-03", true),
            ("1984", "1986", true),
        ] {
            assert_eq!(contradict(&[born(one).into(), born(two).into()]), expected, "{one} {two}");
        }
        let about = Birth { about: true, ..born("1986") };
        assert!(!about.excludes(&born("1984-03-05")) && about.excludes(&born("1980")));
        let range = Birth { until: "1990".parse().ok(), ..born("1985") };
        assert!(!range.excludes(&born("1988-01-01")) && range.excludes(&born("1991")));
    }

    #[test]
    fn one_is_born_in_one_country_however_it_is_written() {
        let at = |country: &str| Birth { country: Some(country.into()), ..born("1984") };
        assert!(!at("EE").excludes(&at("EST")) && at("EE").excludes(&at("LV")));
    }

    #[test]
    fn documents_contradict_when_they_are_one() {
        let of = |number: &str, expires: &str| PersonDocument {
            kind: "P".into(),
            issuer: "EST".into(),
            number: number.into(),
            issued: None,
            expires: expires.parse().ok(),
            state: None,
        };
        assert!(of("K1", "2030").excludes(&of("K1", "2031")) && !of("K1", "2030").excludes(&of("K2", "2031")));
    }
}
