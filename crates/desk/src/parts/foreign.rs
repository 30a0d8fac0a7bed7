use std::fmt::{self, Write as _};

use askama::filters::HtmlSafe;
use unicode_security::MixedScript as _;

use super::dates::write_dated;

/// A text that somebody else wrote: a name, a value, a note. It cannot leave its place, in no direction; what cannot be
/// seen is shown, what is very long is cut and says so, and letters of several scripts are marked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Foreign {
    text: String,
    /// Characters that are not shown.
    cut: usize,
    is_mixed: bool,
    /// Whether it is a sentence of this program, in the language and direction of the page.
    is_own: bool,
}

impl Foreign {
    /// A name or a value in a line.
    pub(crate) fn line(text: &str) -> Self {
        Self::new(text, LINE, false)
    }

    /// A text of several lines.
    pub(crate) fn lines(text: &str) -> Self {
        Self::new(text, LINES, true)
    }

    fn new(text: &str, most: usize, is_long: bool) -> Self {
        let mut shown = String::with_capacity(text.len().min(most + 16));
        let mut characters = text.chars();
        for c in characters.by_ref().take(most) {
            match c {
                '\n' if is_long => shown.push('\n'),
                '\n' | '\r' | '\t' => shown.push(' '),
                c if is_unseen(c) => {
                    // Writing into a string cannot fail.
                    let _ = write!(shown, "⟨U+{:04X}⟩", u32::from(c));
                }
                c => shown.push(c),
            }
        }
        // Only what stands for something is looked at: whole texts may well quote other scripts.
        let is_mixed = !is_long && !shown.as_str().is_single_script();
        Self { text: shown, cut: characters.count(), is_mixed, is_own: false }
    }

    /// A sentence of this program around texts of others, which their isolation keeps in their place.
    pub(crate) fn own(text: &str) -> Self {
        let text = text.chars().filter(|c| is_isolate(*c) || !is_unseen(*c)).take(LINES).collect();
        Self { text, cut: 0, is_mixed: false, is_own: true }
    }

    /// Whether there is nothing to show.
    pub(crate) fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// The text as it is shown, for a title or an attribute.
    pub(crate) fn plain(&self) -> &str {
        &self.text
    }
}

/// As many characters of a text, with a sign where it goes on.
pub(crate) fn cut(text: &str, most: usize) -> String {
    let mut short: String = text.chars().take(most).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}

/// What steers how others are shown, or shows nothing itself: controls, joiners of nothing, directions, tags.
fn is_unseen(c: char) -> bool {
    matches!(c,
        '\u{0}'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{ad}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{180e}'
        | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}'
        | '\u{feff}' | '\u{ffa0}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// What keeps a text of others in its place inside a sentence, and what dates are written with where they run the other
/// way.
fn is_isolate(c: char) -> bool {
    matches!(c, '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}' | '\u{61c}')
}

impl fmt::Display for Foreign {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_own {
            // Its direction is the page's, whatever its first letter is.
            f.write_str("<span class=\"said\">")?;
            write_dated(f, &self.text)?;
            return f.write_str("</span>");
        }
        f.write_str(if self.is_mixed { "<bdi class=\"foreign mixed\">" } else { "<bdi class=\"foreign\">" })?;
        write_dated(f, &self.text)?;
        if self.cut > 0 {
            write!(f, "… <span class=\"cut\">+{}</span>", self.cut)?;
        }
        f.write_str("</bdi>")
    }
}

impl HtmlSafe for Foreign {}

/// Characters of a name that are shown.
const LINE: usize = 240;
/// Characters of a text that are shown.
const LINES: usize = 20_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_others_wrote_stays_in_its_place() {
        let html = |text: &str| Foreign::line(text).to_string();
        assert_eq!(
            html("<script>alert(1)</script>"),
            "<bdi class=\"foreign\">&#60;script&#62;alert(1)&#60;/script&#62;</bdi>"
        );
        assert!(html("invoice\u{202e}fdp.exe").contains("invoice⟨U+202E⟩fdp.exe"));
        assert!(html("a\u{200b}b\u{0}c\nd").contains("a⟨U+200B⟩b⟨U+0000⟩c d"));
        assert!(html("pay\u{440}al.com").contains("mixed"), "a Cyrillic letter among Latin ones");
        for plain in ["Müller & Söhne", "Мария", "東京タワー", "محمد 12", "185.220.101.4"] {
            assert!(!html(plain).contains("mixed"), "{plain}");
        }
    }

    #[test]
    fn a_sentence_of_this_program_runs_as_the_page_does() {
        let said = Foreign::own("TLP:GREEN: \u{2068}<b>\u{202e}\u{2069}").to_string();
        assert_eq!(said, "<span class=\"said\">TLP:GREEN: \u{2068}&#60;b&#62;\u{2069}</span>");
    }

    #[test]
    fn a_text_that_is_cut_says_that_it_goes_on() {
        assert_eq!((cut("détenu", 6).as_str(), cut("détenu", 3).as_str(), cut("", 3).as_str()), ("détenu", "dét…", ""));
    }

    #[test]
    fn what_is_very_long_is_cut_and_says_so() {
        let html = Foreign::line(&"a".repeat(1 << 20)).to_string();
        assert!(html.len() < 400 && html.contains("+1048336"), "{}", html.len());
        assert!(Foreign::lines(&"é\n".repeat(1 << 20)).to_string().len() < 40_000);
    }
}
