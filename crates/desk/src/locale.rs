//! Numbers, dates and names of countries as a language writes them (CLDR).

use std::collections::HashMap;
use std::sync::LazyLock;

use comity_base::Timestamp;
use comity_stix::person::PartialDate;
use comity_stix::value::issuing_state;
use icu_calendar::Gregorian;
use icu_datetime::FixedCalendarDateTimeFormatter;
use icu_datetime::fieldsets::{YM, YMD, YMDT};
use icu_datetime::input::{Date, DateTime, Time};
use icu_decimal::DecimalFormatter;
use icu_decimal::input::Decimal;
use icu_locale_core::{Locale, locale};

use super::language::Words;

/// How one language writes.
pub(super) struct Writing {
    numbers: DecimalFormatter,
    month: FixedCalendarDateTimeFormatter<Gregorian, YM>,
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
            month: FixedCalendarDateTimeFormatter::try_new(prefs(), YM::medium()).ok()?,
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

    /// Tenths as a number with one place, without its sign.
    pub(super) fn tenths(self, tenths: u64) -> String {
        let mut number = Decimal::from(tenths);
        number.absolute.multiply_pow10(-1);
        self.writing().map_or_else(|| number.to_string(), |writing| writing.numbers.format(&number).to_string())
    }

    /// A date as far as it is known; as it stands, where there is no such day.
    pub(super) fn as_far_as_known(self, date: PartialDate) -> String {
        let (Some(writing), Some(month)) = (self.writing(), date.month) else { return date.to_string() };
        let day = |day: u8| Date::try_new_gregorian(i32::from(date.year), month, day).ok();
        let written = match date.day {
            Some(known) => day(known).map(|day| writing.day.format(&day).to_string()),
            None => day(1).map(|day| writing.month.format(&day).to_string()),
        };
        written.unwrap_or_else(|| date.to_string())
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

    /// What a state or organisation that issues documents is called, by a code of ICAO 9303 or ISO 3166-1; its code where it has
    /// no name.
    pub(super) fn state(self, code: &str) -> String {
        let special = self.known("state-", code);
        if special != code {
            return special;
        }
        let two = issuing_state(code).and_then(|three| STATES.get(three.as_str()).copied());
        self.country(two.unwrap_or(code))
    }

    /// The code of ICAO 9303 of a state that is named by a code or, in any of the languages, by its name.
    pub(super) fn state_named(self, text: &str) -> Option<String> {
        let text = text.trim();
        let is_name = |name: &&str| name.to_lowercase() == text.to_lowercase();
        let named = || COUNTRIES.iter().find(|(_, names)| names.iter().any(is_name));
        issuing_state(text).or_else(|| issuing_state(named()?.0))
    }

    /// The two letters of a country that is named by a code or, in any of the languages, by its name.
    pub(super) fn country_named(self, text: &str) -> Option<&'static str> {
        let three = self.state_named(text)?;
        STATES.get(three.as_str()).copied()
    }

    /// Every country with its two letters, by its name.
    pub(super) fn countries(self) -> Vec<(&'static str, String)> {
        let mut all: Vec<(&str, String)> = COUNTRIES.keys().map(|two| (*two, self.country(two))).collect();
        all.sort_by_cached_key(|(_, name)| name.to_lowercase());
        all
    }

    /// Every state with the code that its documents bear, by its name.
    pub(super) fn states(self) -> Vec<(&'static str, String)> {
        let mut all: Vec<(&str, String)> =
            STATES.iter().map(|(code, two)| (code.as_str(), self.country(two))).collect();
        all.sort_by_cached_key(|(_, name)| name.to_lowercase());
        all
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

/// The two letters of each state, by the code that its documents bear.
static STATES: LazyLock<HashMap<String, &'static str>> =
    LazyLock::new(|| COUNTRIES.keys().filter_map(|two| Some((issuing_state(two)?, *two))).collect());

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_written_as_far_as_they_are_known() {
        let of = |code: &str, date: &str| Words::named(code).unwrap().as_far_as_known(date.parse().unwrap());
        assert_eq!(["1984-03-05", "1984-03", "1984"].map(|date| of("en", date)), ["5 Mar 1984", "Mar 1984", "1984"]);
        assert_eq!(["1984-03-05", "1984-03"].map(|date| of("de", date)), ["05.03.1984", "03/1984"]);
        assert_eq!(of("ar", "1984"), "1984");
        assert_eq!(of("en", "1983-02-30"), "1983-02-30", "there is no such day");
    }

    #[test]
    fn states_are_named_by_codes_of_documents_and_by_names_of_any_language() {
        let words = Words::named("de").unwrap();
        assert_eq!(
            ["EST", "EE", "D", "DEU", "QQQ"].map(|code| words.state(code)),
            ["Estland", "Estland", "Deutschland", "Deutschland", "QQQ"]
        );
        assert_ne!(words.state("XXA"), "XXA");
        let named = |text: &str| words.state_named(text);
        for text in ["EE", "est", "Estonia", " estland ", "إستونيا"] {
            assert_eq!(named(text).as_deref(), Some("EST"), "{text}");
        }
        assert_eq!((named("Narnia"), named("")), (None, None));
        let two = |text: &str| words.country_named(text);
        assert_eq!(["deutschland", "D", "EE", "Francia"].map(two), [Some("DE"), Some("DE"), Some("EE"), Some("FR")]);
        assert_eq!(two("Narnia"), None);
        assert!(words.countries().contains(&("DE", "Deutschland".to_owned())));
        assert!(words.states().len() > 240 && words.states().iter().all(|(code, name)| code != name));
    }

    #[test]
    fn figures_have_one_place() {
        let of = |code: &str, tenths: u64| Words::named(code).unwrap().tenths(tenths);
        assert_eq!([of("en", 50), of("en", 3), of("de", 123), of("ar", 0)], ["5.0", "0.3", "12,3", "0.0"]);
    }

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
