use std::fmt;

use askama::filters::{Escaper as _, Html, HtmlSafe};

use super::Foreign;

/// A text that somebody else wrote, parts of which are marked. It is one text in one direction, however often it is marked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Marked(Vec<(Foreign, bool)>);

impl Marked {
    /// Pieces of a text in their order, with whether each is marked.
    pub(crate) fn new<'t>(pieces: impl IntoIterator<Item = (&'t str, bool)>) -> Self {
        Self(pieces.into_iter().map(|(text, is_marked)| (Foreign::lines(text), is_marked)).collect())
    }
}

impl fmt::Display for Marked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<bdi class=\"foreign\">")?;
        for (piece, is_marked) in &self.0 {
            if *is_marked {
                f.write_str("<mark>")?;
            }
            Html.write_escaped_str(&mut *f, piece.plain())?;
            if *is_marked {
                f.write_str("</mark>")?;
            }
        }
        f.write_str("</bdi>")
    }
}

impl HtmlSafe for Marked {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_marked_text_is_one_text_and_stays_in_its_place() {
        let marked = Marked::new([("<b>", false), ("arrest\u{202e}", true), (" him", false)]).to_string();
        assert_eq!(marked, "<bdi class=\"foreign\">&#60;b&#62;<mark>arrest⟨U+202E⟩</mark> him</bdi>");
    }
}
