//! Free text: whether a message targets a person, and what in it speaks of grounds that are excluded.
//!
//! Plain lists of words and phrases in five languages, nothing learned and nothing guessed: whoever is asked sees which
//! words made it so. Whether something is denied makes no difference, since a mention is enough to ask a person. It errs on
//! the side of asking, and it is no proof of anything: what it does not find may still target somebody, so that the sender
//! also says what is asked, and a bad record sends everything to a reviewer.

mod find;
mod lexicon;
#[cfg(test)]
mod sentences;
#[cfg(test)]
mod tests;
mod token;
mod words;

pub use find::{Findings, MOST_FOUND, MOST_SCANNED, Spot, What};

use crate::words::words;

words! {
    /// The languages that are read.
    Language {
        /// English.
        English "en",
        /// French.
        French "fr",
        /// Spanish.
        Spanish "es",
        /// Arabic.
        Arabic "ar",
        /// German.
        German "de",
    }
}

words! {
    /// What speaks of a ground that is excluded or must be weighed.
    Mark {
        /// Politics.
        Political "political",
        /// A politician.
        Politician "politician",
        /// A journalist.
        Journalist "journalist",
        /// An activist.
        Activist "activist",
        /// Asylum or persecution.
        Asylum "asylum",
        /// Religion.
        Religious "religious",
        /// Military service.
        Military "military",
        /// Race or origin.
        Ethnic "ethnic",
        /// Family and private life.
        Family "family",
    }
}

/// Whether a character is not seen: between the letters of a word it changes nothing for people.
pub(crate) fn is_hidden(c: char) -> bool {
    matches!(
        c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{640}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
            | '\u{ffa0}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}'
    )
}
