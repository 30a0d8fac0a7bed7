use std::collections::HashMap;
use std::sync::OnceLock;

use super::token::folded;
use super::words;
use super::{Language, Mark};
use crate::gate::Aim;

/// What words mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Sense {
    Asks(Aim),
    Mark(Mark),
    Named,
}

/// The words of one sense in one language, separated by `|`.
///
/// `arrest*` is a beginning; words stand in their order with at most two others between them, after `~` with at most
/// six; `@` demands that a person is spoken of nearby, and `#` a number of a document.
pub(super) struct Entry {
    pub(super) sense: Sense,
    pub(super) words: &'static str,
}

pub(super) const fn asks(aim: Aim, words: &'static str) -> Entry {
    Entry { sense: Sense::Asks(aim), words }
}

pub(super) const fn mark(mark: Mark, words: &'static str) -> Entry {
    Entry { sense: Sense::Mark(mark), words }
}

pub(super) const fn named(words: &'static str) -> Entry {
    Entry { sense: Sense::Named, words }
}

/// A word or the beginning of one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Stem {
    pub(super) text: String,
    pub(super) open: bool,
    /// How many words may stand before it.
    pub(super) gap: usize,
}

/// What must be nearby.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Nearby {
    Nothing,
    Person,
    Number,
}

#[derive(Clone, Debug)]
pub(super) struct Pattern {
    pub(super) sense: Sense,
    pub(super) language: Language,
    pub(super) stems: Vec<Stem>,
    pub(super) nearby: Nearby,
}

/// All patterns, by the first two letters of their first word, and the words for persons.
pub(super) struct Lexicon {
    patterns: HashMap<String, Vec<Pattern>>,
    persons: HashMap<String, Vec<(Language, Stem)>>,
}

impl Stem {
    fn read(word: &str, gap: usize) -> Self {
        let open = word.ends_with('*');
        Self { text: folded(word.trim_end_matches('*')), open, gap }
    }

    pub(super) fn fits(&self, word: &str) -> bool {
        if self.open { word.starts_with(&self.text) } else { word == self.text }
    }
}

impl Pattern {
    fn read(entry: &Entry, language: Language, words: &str) -> Self {
        let (mut stems, mut nearby, mut gap) = (Vec::new(), Nearby::Nothing, USUAL_GAP);
        for word in words.split_whitespace() {
            match word {
                "@" => nearby = Nearby::Person,
                "#" => nearby = Nearby::Number,
                "~" => gap = WIDE_GAP,
                word => {
                    stems.push(Stem::read(word, gap));
                    gap = USUAL_GAP;
                }
            }
        }
        Self { sense: entry.sense, language, stems, nearby }
    }
}

impl Lexicon {
    /// The lists of all languages, read once.
    pub(super) fn get() -> &'static Self {
        static LEXICON: OnceLock<Lexicon> = OnceLock::new();
        LEXICON.get_or_init(Self::read)
    }

    fn read() -> Self {
        let mut lexicon = Self { patterns: HashMap::new(), persons: HashMap::new() };
        for (language, entries, persons) in words::ALL {
            for entry in *entries {
                for words in entry.words.split('|') {
                    let pattern = Pattern::read(entry, *language, words);
                    if let Some(first) = pattern.stems.first() {
                        lexicon.patterns.entry(key(&first.text)).or_default().push(pattern);
                    }
                }
            }
            for word in persons.split('|') {
                let stem = Stem::read(word.trim(), 0);
                lexicon.persons.entry(key(&stem.text)).or_default().push((*language, stem));
            }
        }
        lexicon
    }

    /// The patterns that a word may begin.
    pub(super) fn beginning(&self, word: &str) -> &[Pattern] {
        self.patterns.get(&key(word)).map_or(&[], Vec::as_slice)
    }

    /// The language in which a word speaks of a person.
    pub(super) fn person(&self, word: &str) -> Option<Language> {
        let stems = self.persons.get(&key(word))?;
        stems.iter().find(|(_, stem)| stem.fits(word)).map(|(language, _)| *language)
    }

    /// The patterns of one long word, for letters that are written apart.
    pub(super) fn long_words(&self) -> impl Iterator<Item = &Pattern> {
        let long = |pattern: &&Pattern| {
            matches!(pattern.stems.as_slice(), [stem] if stem.text.chars().count() >= LEAST_SPACED)
                && pattern.nearby != Nearby::Number
        };
        self.patterns.values().flatten().filter(long)
    }
}

fn key(word: &str) -> String {
    word.chars().take(2).collect()
}

const USUAL_GAP: usize = 2;
const WIDE_GAP: usize = 6;
const LEAST_SPACED: usize = 5;
