//! Numbers, dates and names of countries as a language writes them (CLDR).

use std::collections::HashMap;
use std::sync::LazyLock;

use comity_base::Timestamp;
use icu_calendar::Gregorian;
use icu_datetime::FixedCalendarDateTimeFormatter;
use icu_datetime::fieldsets::{YMD, YMDT};
use icu_datetime::input::{Date, DateTime, Time};
use icu_decimal::DecimalFormatter;
use icu_decimal::input::Decimal;
use icu_locale_core::{Locale, locale};

use super::language::Words;

/// How one language writes.
pub(super) struct Writing {
    numbers: DecimalFormatter,
    day: FixedCalendarDateTimeFormatter<Gregorian, YMD>,
    moment: FixedCalendarDateTimeFormatter<Gregorian, YMDT>,
}

/// In the order of the languages. Arabic keeps the digits of values, numbers of cases and addresses, which stand in the
/// same lines.
const LOCALES: [Locale; 5] = [locale!("en-GB"), locale!("fr"), locale!("es"), locale!("ar-u-nu-latn"), locale!("de")];

static WRITINGS: LazyLock<Vec<Option<Writing>>> = LazyLock::new(|| LOCALES.iter().map(Writing::new).collect());

impl Writing {
    fn new(locale: &Locale) -> Option<Self> {
        let prefs = || locale.into();
        Some(Self {
            numbers: DecimalFormatter::try_new(locale.into(), icu_decimal::options::DecimalFormatterOptions::default())
                .ok()?,
            day: FixedCalendarDateTimeFormatter::try_new(prefs(), YMD::medium()).ok()?,
            moment: FixedCalendarDateTimeFormatter::try_new(
                prefs(),
                YMDT::medium().with_time_precision(icu_datetime::options::TimePrecision::Minute),
            )
            .ok()?,
        })
    }
}

impl Words {
    fn writing(self) -> Option<&'static Writing> {
        WRITINGS.get(self.number_of_language())?.as_ref()
    }

    /// A number with its digits grouped.
    pub(super) fn count(self, number: u64) -> String {
        let plain = || number.to_string();
        self.writing().map_or_else(plain, |writing| writing.numbers.format(&Decimal::from(number)).to_string())
    }

    /// A day in UTC.
    pub(super) fn day(self, at: Timestamp) -> String {
        let written = self.writing().zip(date(at)).map(|(writing, (date, _))| writing.day.format(&date).to_string());
        written.unwrap_or_default()
    }

    /// A minute in UTC, which it says.
    pub(super) fn moment(self, at: Timestamp) -> String {
        let written = self
            .writing()
            .zip(date(at))
            .map(|(writing, (date, time))| writing.moment.format(&DateTime { date, time }).to_string());
        written.map_or_else(String::new, |written| written + " UTC")
    }

    /// How long ago something was, in the largest unit that fits.
    pub(super) fn ago(self, at: Timestamp, now: Timestamp) -> String {
        let seconds = now.as_micros().saturating_sub(at.as_micros()).div_euclid(1_000_000);
        let units = [("days-ago", 86_400), ("hours-ago", 3_600), ("minutes-ago", 60)];
        let unit = units.into_iter().find(|(_, unit)| seconds >= *unit);
        match unit {
            Some(("days-ago", _)) if seconds >= 400 * 86_400 => {
                self.number("years-ago", "count", seconds / (365 * 86_400 + 20_926))
            }
            Some((id, unit)) => self.number(id, "count", seconds / unit),
            None if seconds < -60 => self.say("in-future"),
            None => self.say("just-now"),
        }
    }

    /// What a country is called; its code where it has no name.
    pub(super) fn country(self, code: &str) -> String {
        let names = COUNTRIES.get(code).and_then(|names| names.get(self.number_of_language()));
        names.map_or_else(|| code.to_owned(), |name| (*name).to_owned())
    }
}

fn date(at: Timestamp) -> Option<(Date<Gregorian>, Time)> {
    let text = at.to_string();
    let number = |from: usize, to: usize| text.get(from..to)?.parse::<u8>().ok();
    let date = Date::try_new_gregorian(text.get(..4)?.parse().ok()?, number(5, 7)?, number(8, 10)?).ok()?;
    Some((date, Time::try_new(number(11, 13)?, number(14, 16)?, number(17, 19)?, 0).ok()?))
}

static COUNTRIES: LazyLock<HashMap<&'static str, Vec<&'static str>>> = LazyLock::new(|| {
    let lines = include_str!("../pages/assets/countries.txt").lines().filter(|line| !line.starts_with('#'));
    lines.filter_map(|line| line.split_once('\t')).map(|(code, names)| (code, names.split('\t').collect())).collect()
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_language_writes_its_own_way() {
        let at: Timestamp = "2026-11-06T08:05:59Z".parse().unwrap();
        let written = |code: &str| {
            let words = Words::named(code).unwrap();
            (words.count(1_234_567), words.day(at), words.moment(at), words.country("DE"))
        };
        let english = written("en");
        assert_eq!(english.0, "1,234,567");
        assert_eq!((english.1.as_str(), english.3.as_str()), ("6 Nov 2026", "Germany"));
        assert!(english.2.ends_with("UTC") && english.2.contains("08:05"), "{}", english.2);
        assert_eq!((written("de").0.as_str(), written("de").3.as_str()), ("1.234.567", "Deutschland"));
        assert_eq!((written("fr").1.as_str(), written("fr").3.as_str()), ("6 nov. 2026", "Allemagne"));
        assert_eq!(written("es").3, "Alemania");
        assert_eq!((written("ar").0.as_str(), written("ar").3.as_str()), ("1,234,567", "ألمانيا"));
        for code in ["en", "fr", "es", "ar", "de"] {
            let words = Words::named(code).unwrap();
            assert_eq!(words.country("QQ"), "QQ");
            let ages: Vec<String> = [0, 59, 60, 7_200, 86_400 * 3, 86_400 * 800]
                .map(|seconds| words.ago(Timestamp::from_micros(0), Timestamp::from_micros(seconds * 1_000_000)))
                .into();
            assert_eq!(ages[0], ages[1]);
            assert_eq!(ages.iter().collect::<std::collections::BTreeSet<_>>().len(), 5, "{code} {ages:?}");
        }
    }
}
