use std::fmt;

use askama::filters::{Escaper as _, Html, HtmlSafe};
use comity_base::Timestamp;

use super::super::language::Words;
use super::Icon;

/// By when something is due: exactly, and how long that is from now. What is overdue says so in words and with a sign.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Due {
    at: Timestamp,
    now: Timestamp,
    words: Words,
}

impl Due {
    pub(crate) const fn new(at: Timestamp, now: Timestamp, words: Words) -> Self {
        Self { at, now, words }
    }

    /// Whether its time is over; from the moment itself on.
    pub(crate) fn is_over(&self) -> bool {
        self.at <= self.now
    }

    /// In words: how long it is from now, in the largest unit that fits.
    fn far(self) -> String {
        if self.is_over() {
            return self.words.text("overdue-by", "ago", &self.words.ago(self.at, self.now));
        }
        let minutes = self.at.as_micros().saturating_sub(self.now.as_micros()).div_euclid(60_000_000);
        let units = [("in-days", 2_880, 1_440), ("in-hours", 60, 60)];
        match units.into_iter().find(|(_, from, _)| minutes >= *from) {
            Some((id, _, unit)) => self.words.number(id, "count", minutes / unit),
            None => self.words.number("in-minutes", "count", minutes.max(1)),
        }
    }
}

impl fmt::Display for Due {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (class, icon) = if self.is_over() { ("due over", "warning") } else { ("due", "clock") };
        write!(f, "<span class=\"{class}\">{}<time datetime=\"{}\" title=\"", Icon(icon), self.at)?;
        Html.write_escaped_str(&mut *f, &self.words.moment(self.at))?;
        f.write_str("\">")?;
        // So far away nobody counts days.
        if self.at.as_micros().saturating_sub(self.now.as_micros()) > TWO_DAYS {
            Html.write_escaped_str(&mut *f, &self.words.day(self.at))?;
            f.write_str(" · ")?;
        }
        Html.write_escaped_str(&mut *f, &self.far())?;
        f.write_str("</time></span>")
    }
}

impl HtmlSafe for Due {}

const TWO_DAYS: i64 = 2 * 86_400 * 1_000_000;

#[cfg(test)]
mod tests {
    use super::*;

    fn due(minutes: i64, language: &str) -> Due {
        let at = |minutes: i64| Timestamp::from_micros(minutes * 60_000_000);
        Due::new(at(1_000_000 + minutes), at(1_000_000), Words::named(language).unwrap())
    }

    #[test]
    fn what_is_due_says_how_soon_and_what_is_late_says_how_late() {
        let plain = |text: String| text.replace(['\u{2068}', '\u{2069}'], "");
        let said = [30, 180, 1_440, 10 * 1_440].map(|minutes| plain(due(minutes, "en").far()));
        assert_eq!(said, ["in 30 minutes", "in 3 hours", "in 24 hours", "in 10 days"]);
        assert!(due(0, "en").is_over(), "at the moment itself");
        let late = due(-180, "en").to_string();
        assert!(
            late.contains("class=\"due over\"") && late.contains("3 hours ago") && late.contains("#warning"),
            "{late}"
        );
        assert!(due(10 * 1_440, "en").to_string().contains("1971 · "), "{}", due(10 * 1_440, "en"));
        assert!(!due(180, "en").to_string().contains("·"));
        assert_ne!(due(30, "de").far(), due(30, "ar").far());
    }
}
