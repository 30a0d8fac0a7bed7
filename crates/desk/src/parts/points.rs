use std::fmt;

use askama::filters::HtmlSafe;

use super::super::language::Words;

/// What something speaks for or against, in points: a figure with its sign, and a bar to one side of a middle. Figures are whole
/// tenths, so that those of a column add up to its last.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Points {
    tenths: i64,
    /// Tenths at which a bar ends.
    most: i64,
    words: Words,
}

impl Points {
    /// Beside others of which none is more than so many points.
    pub(crate) fn new(points: f32, most: f32, words: Words) -> Self {
        Self { tenths: tenths(points), most: tenths(most.abs()).max(1), words }
    }

    /// What several are together, as their figures add up.
    pub(crate) fn sum(all: &[Self], words: Words) -> Self {
        let tenths = all.iter().map(|one| one.tenths).sum();
        let most = all.iter().map(|one| one.most).max().unwrap_or(1);
        Self { tenths, most, words }
    }

    fn figure(self) -> String {
        let sign = match self.tenths {
            1.. => "+",
            0 => "",
            ..0 => "\u{2212}",
        };
        format!("{sign}{}", self.words.tenths(self.tenths.unsigned_abs()))
    }
}

/// The nearest tenth.
#[expect(clippy::cast_possible_truncation, reason = "what does not fit is cut to the largest that does")]
fn tenths(points: f32) -> i64 {
    ((points * 10.0).round() as i64).clamp(-10_000, 10_000)
}

impl fmt::Display for Points {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let long = (self.tenths.abs() * 50 / self.most).min(50);
        let (class, from) = if self.tenths < 0 { ("against", -long) } else { ("for", 0) };
        write!(
            f,
            "<span class=\"points\"><svg viewBox=\"-50 0 100 8\" preserveAspectRatio=\"none\" aria-hidden=\"true\">\
             <rect class=\"all\" x=\"-50\" width=\"100\" height=\"8\"/><rect class=\"{class}\" x=\"{from}\" width=\"{long}\" \
             height=\"8\"/><rect class=\"middle\" x=\"-.5\" width=\"1\" height=\"8\"/></svg> <b dir=\"ltr\">{}</b></span>",
            self.figure()
        )
    }
}

impl HtmlSafe for Points {}

#[cfg(test)]
mod tests {
    use super::*;

    fn english() -> Words {
        Words::named("en").unwrap()
    }

    #[test]
    fn figures_have_a_sign_and_add_up() {
        let all = [4.96, -1.8, 0.44, 0.0].map(|points| Points::new(points, 5.0, english()));
        assert_eq!(all.map(Points::figure), ["+5.0", "\u{2212}1.8", "+0.4", "0.0"]);
        assert_eq!(Points::sum(&all, english()).figure(), "+3.6");
        assert_eq!(Points::new(-2.5, 5.0, Words::named("de").unwrap()).figure(), "\u{2212}2,5");
    }

    #[test]
    fn a_bar_goes_to_the_side_that_it_speaks_for() {
        let bar = |points: f32| Points::new(points, 5.0, english()).to_string();
        assert!(bar(2.5).contains("class=\"for\" x=\"0\" width=\"25\""), "{}", bar(2.5));
        assert!(bar(-5.0).contains("class=\"against\" x=\"-50\" width=\"50\""), "{}", bar(-5.0));
        assert!(bar(f32::INFINITY).contains("width=\"50\"") && bar(f32::NAN).contains("width=\"0\""));
    }
}
