use std::fmt;

use askama::filters::{Escaper as _, Html, HtmlSafe};

use super::super::language::Words;

/// How strong a link is: points of a hundred, in words, and as a bar.
#[derive(Clone, Debug)]
pub(crate) struct Meter {
    points: u8,
    words: String,
}

impl Meter {
    pub(crate) fn new(points: u8, strength: &str, words: Words) -> Self {
        Self { points, words: words.say(&format!("strength-{}", strength.replace(' ', "-"))) }
    }

    /// How far something is, of a hundred.
    pub(crate) fn plain(points: u8) -> Self {
        Self { points, words: "%".to_owned() }
    }
}

impl fmt::Display for Meter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let points = self.points.min(100);
        write!(
            f,
            "<span class=\"meter\"><svg viewBox=\"0 0 100 8\" preserveAspectRatio=\"none\" aria-hidden=\"true\">\
             <rect class=\"all\" width=\"100\" height=\"8\"/><rect class=\"part\" width=\"{points}\" height=\"8\"/></svg>\
             <b>{points}</b> <span>"
        )?;
        Html.write_escaped_str(&mut *f, &self.words)?;
        f.write_str("</span></span>")
    }
}

impl HtmlSafe for Meter {}
