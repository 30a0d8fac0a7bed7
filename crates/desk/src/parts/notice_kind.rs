use std::fmt;

use askama::filters::{Escaper as _, Html, HtmlSafe};
use comity_law::notice::{Colour, Form};

use super::super::language::Words;

/// What kind of notice something is: its name in words beside a swatch of its colour, never the colour alone.
#[derive(Clone, Debug)]
pub(crate) struct NoticeKind {
    colour: Colour,
    name: String,
}

impl NoticeKind {
    pub(crate) fn new(colour: Colour, form: Form, words: Words) -> Self {
        Self { colour, name: words.say(&format!("{}-{}", form.name(), colour.name())) }
    }

    /// A colour without a form.
    pub(crate) fn plain(colour: Colour, words: Words) -> Self {
        Self { colour, name: words.known("colour-", colour.name()) }
    }

    /// The name alone, for a title.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }
}

impl fmt::Display for NoticeKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "<span class=\"notice-kind\"><svg class=\"swatch {}\" viewBox=\"0 0 14 14\" aria-hidden=\"true\"><rect x=\".5\" y=\".5\" \
             width=\"13\" height=\"13\" rx=\"2\"/></svg><span>",
            self.colour.name()
        )?;
        Html.write_escaped_str(&mut *f, &self.name)?;
        f.write_str("</span></span>")
    }
}

impl HtmlSafe for NoticeKind {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_a_name_in_every_language_and_a_swatch_in_the_styles() {
        let styles = include_str!("../../pages/assets/desk.css");
        for colour in Colour::ALL.iter().copied() {
            assert!(styles.contains(&format!(".swatch.{} ", colour.name())), "{colour}");
            for language in ["en", "fr", "es", "ar", "de"] {
                let words = Words::named(language).unwrap();
                for form in Form::ALL.iter().copied() {
                    let kind = NoticeKind::new(colour, form, words);
                    assert!(!kind.name().contains(colour.name()) || language != "ar", "{colour} {form} {language}");
                    assert_ne!(kind.name(), format!("{}-{}", form.name(), colour.name()), "{language}");
                }
                assert!(!NoticeKind::plain(colour, words).name().is_empty());
            }
        }
    }
}
