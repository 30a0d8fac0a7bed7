use std::fmt;

use askama::filters::{Escaper as _, Html, HtmlSafe};

use super::super::language::Words;

/// How strong a link is: points of a hundred, in words, and as a bar.
#[derive(Clone, Debug)]
pub(crate) struct Meter {
    points: u8,
    figure: String,
    words: String,
}

impl Meter {
    pub(crate) fn new(points: u8, strength: &str, words: Words) -> Self {
        let words = words.say(&format!("strength-{}", strength.replace(' ', "-")));
        Self { points, figure: points.min(100).to_string(), words }
    }

    /// How likely something is, from 0 to 1. What is not certain is never shown as if it were.
    pub(crate) fn likely(probability: f32, words: Words) -> Self {
        let percent = f64::from(probability.clamp(0.0, 1.0)) * 100.0;
        let figure = match percent {
            99.95.. => words.text("more-than", "figure", &words.tenths(999)),
            99.0.. | ..1.0 if percent >= 0.1 => words.tenths(whole(percent * 10.0)),
            ..0.1 => words.text("less-than", "figure", &words.tenths(1)),
            _ => words.count(whole(percent)),
        };
        Self { figure, ..Self::plain(u8::try_from(whole(percent)).unwrap_or(100)) }
    }

    /// How alike two parts of names are, from 0 to 1; in words where nothing tells them apart, or only how they are written does.
    pub(crate) fn alike(share: f32, (one, other): (&str, &str), words: Words) -> Self {
        let points = u8::try_from(whole(f64::from(share) * 100.0)).unwrap_or(100);
        if share > 0.995 {
            let is_same = one.to_lowercase() == other.to_lowercase();
            let words = words.say(if is_same { "alike-same" } else { "alike-sound" });
            return Self { points, figure: String::new(), words };
        }
        Self::plain(points.min(99))
    }

    /// How far something is, of a hundred.
    pub(crate) fn plain(points: u8) -> Self {
        Self { points, figure: points.min(100).to_string(), words: "%".to_owned() }
    }
}

/// The nearest whole number.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "what is below nothing or beyond all is cut"
)]
fn whole(number: f64) -> u64 {
    number.round() as u64
}

impl fmt::Display for Meter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let points = self.points.min(100);
        write!(
            f,
            "<span class=\"meter\"><svg viewBox=\"0 0 100 8\" preserveAspectRatio=\"none\" aria-hidden=\"true\">\
             <rect class=\"all\" width=\"100\" height=\"8\"/><rect class=\"part\" width=\"{points}\" height=\"8\"/></svg>\
             <b>"
        )?;
        Html.write_escaped_str(&mut *f, &self.figure)?;
        f.write_str("</b> <span>")?;
        Html.write_escaped_str(&mut *f, &self.words)?;
        f.write_str("</span></span>")
    }
}

impl HtmlSafe for Meter {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_certain_is_not_shown_as_if_it_were() {
        let words = Words::named("en").unwrap();
        let figure = |probability: f32| {
            let plain = |c: &char| !matches!(c, '\u{2066}'..='\u{2069}');
            Meter::likely(probability, words).figure.chars().filter(plain).collect::<String>()
        };
        let shown = [0.0, 0.004, 0.5, 0.97, 0.992, 0.9993, 0.99999, 1.0, f32::NAN].map(figure);
        assert_eq!(shown, ["under 0.1", "0.4", "50", "97", "99.2", "99.9", "over 99.9", "over 99.9", "0"]);
        let alike = |share: f32, other: &str| Meter::alike(share, ("Tamm", other), words);
        assert_eq!(alike(0.994, "Tamme").figure, "99");
        assert_eq!(
            (alike(1.0, "TAMM").words.as_str(), alike(1.0, "Тамм").words.as_str()),
            ("the same", "sounds the same")
        );
    }
}
