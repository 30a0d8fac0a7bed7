use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use serde::Serialize;

use super::lexicon::{Lexicon, Nearby, Pattern, Sense, Stem};
use super::token::{Gap, Letters, Token, tokens};
use super::words::{MACHINES, TITLES};
use super::{Language, Mark};
use crate::gate::{Aim, Effect, Weighed, rules};

/// What words were found to mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum What {
    /// They ask something about a person.
    Asks(Aim),
    /// They speak of a ground that is excluded or must be weighed.
    Mark(Mark),
    /// They tell of a person: a pronoun, a title before a name, a document, a birth.
    Named,
}

/// Words that made it so.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Spot {
    /// What they mean.
    pub what: What,
    /// Where they stand, in bytes of the text.
    pub range: Range<usize>,
    /// In which language they were found.
    pub language: Language,
    /// Whether they were disguised: hidden characters, letters of other scripts, digits for letters, letters apart.
    pub disguised: bool,
}

/// What was found in a text.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Findings {
    /// The words, in their order; at most [`MOST_FOUND`].
    pub spots: Vec<Spot>,
    /// Whether the text is longer than what was looked through.
    pub cut: bool,
}

/// Most bytes of a text that are looked through: 256 KiB.
pub const MOST_SCANNED: usize = 256 << 10;
/// Most places that are told.
pub const MOST_FOUND: usize = 500;

impl Findings {
    /// Looks through a text.
    pub fn of(text: &str) -> Self {
        let mut end = text.len().min(MOST_SCANNED);
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        let scanned = text.get(..end).unwrap_or_default();
        let tokens = tokens(scanned);
        let mut search = Search { tokens: &tokens, lexicon: Lexicon::get(), found: Found::new() };
        search.words();
        search.apart();
        let mut spots: Vec<Spot> = search.found.into_iter().map(spot).collect();
        spots.extend(machine_readable(scanned));
        let cut = end < text.len() || spots.len() > MOST_FOUND;
        spots.sort_by_key(|spot| (spot.range.start, spot.range.end));
        spots.truncate(MOST_FOUND);
        Self { spots, cut }
    }

    /// What it asks.
    pub fn aims(&self) -> BTreeSet<Aim> {
        let aim = |spot: &Spot| match spot.what {
            What::Asks(aim) => Some(aim),
            What::Mark(_) | What::Named => None,
        };
        self.spots.iter().filter_map(aim).collect()
    }

    /// Which grounds it speaks of.
    pub fn marks(&self) -> BTreeSet<Mark> {
        let mark = |spot: &Spot| match spot.what {
            What::Mark(mark) => Some(mark),
            What::Asks(_) | What::Named => None,
        };
        self.spots.iter().filter_map(mark).collect()
    }

    /// Whether it may target a person: it asks something about one, or tells of one and does not say what for.
    pub fn targets(&self) -> bool {
        self.spots.iter().any(|spot| !matches!(spot.what, What::Mark(_)))
    }

    /// Whether nobody needs to be asked because of it.
    pub fn is_ordinary(&self) -> bool {
        self.spots.is_empty() && !self.cut
    }

    /// What a reviewer is asked because of it, to be added to the screen of the message, with the words that made it so.
    pub fn questions(&self, text: &str) -> Vec<Weighed> {
        let ask = |reviewers, reason| Weighed { effect: Effect::Asks { reviewers }, reason };
        let mut asked = Vec::new();
        for mark in self.marks() {
            let words = self.words(text, |spot| spot.what == What::Mark(mark));
            asked.push(ask(1, rules::MARK.with(vec![("mark", vec![mark.to_string()]), ("words", words)])));
        }
        if self.targets() && self.aims().is_empty() {
            asked.push(ask(1, rules::NAMED.with(vec![("words", self.words(text, |spot| spot.what == What::Named))])));
        }
        if self.spots.iter().any(|spot| spot.disguised) {
            let words = self.words(text, |spot| spot.disguised);
            asked.push(ask(2, rules::TEXT_DISGUISED.with(vec![("words", words)])));
        }
        if self.cut {
            asked.push(ask(1, rules::TEXT_CUT.plain()));
        }
        asked
    }

    /// The words as they stand in the text, each once, at most ten.
    fn words(&self, text: &str, which: impl Fn(&Spot) -> bool) -> Vec<String> {
        let spots = self.spots.iter().filter(|spot| which(spot));
        let words = spots.filter_map(|spot| text.get(spot.range.clone()));
        let distinct: BTreeSet<String> = words.map(|words| words.chars().take(MOST_SHOWN).collect()).collect();
        distinct.into_iter().take(MOST_WORDS).collect()
    }
}

/// By place and sense: the language they were found in first, and whether they are found only when undisguised.
type Found = BTreeMap<(usize, usize, What), (Language, bool)>;

fn spot(((start, end, what), (language, disguised)): ((usize, usize, What), (Language, bool))) -> Spot {
    Spot { what, range: start..end, language, disguised }
}

struct Search<'s> {
    tokens: &'s [Token],
    lexicon: &'static Lexicon,
    found: Found,
}

impl Search<'_> {
    fn words(&mut self) {
        for at in 0..self.tokens.len() {
            let Some(token) = self.tokens.get(at) else { return };
            if let Some(language) = self.speaks_of(at) {
                let range = &token.range;
                self.found.entry((range.start, range.end, What::Named)).or_insert((language, token.odd));
            }
            for form in self.forms(at, token) {
                for pattern in self.lexicon.beginning(&form.text) {
                    self.try_at(at, &form, pattern);
                }
            }
            if self.found.len() > MOST_FOUND {
                return;
            }
        }
    }

    fn try_at(&mut self, at: usize, form: &Form, pattern: &Pattern) {
        let Some((first, rest)) = pattern.stems.split_first() else { return };
        let alone = |token: &Token| form.words > 1 && first.fits(&token.text);
        if !first.fits(&form.text) || self.tokens.get(at).is_some_and(alone) {
            return;
        }
        let Some(last) = self.follow(at + form.words - 1, rest) else { return };
        let fits = match pattern.nearby {
            Nearby::Nothing => true,
            Nearby::Person => self.pronoun(at, &form.text, pattern) || self.person(at, last, pattern.stems.len() > 1),
            Nearby::Number => self.number(last),
        };
        if fits {
            self.add(at, last, pattern, form.disguised);
        }
    }

    fn add(&mut self, from: usize, to: usize, pattern: &Pattern, disguised: bool) {
        let Some(tokens) = self.tokens.get(from..=to) else { return };
        let (Some(first), Some(last)) = (tokens.first(), tokens.last()) else { return };
        let what = match pattern.sense {
            Sense::Asks(aim) => What::Asks(aim),
            Sense::Mark(mark) => What::Mark(mark),
            Sense::Named => What::Named,
        };
        let disguised = disguised || tokens.iter().any(|token| token.odd);
        let (start, end) = (first.range.start, last.range.end);
        let found = self.found.entry((start, end, what)).or_insert((pattern.language, disguised));
        found.1 &= disguised;
    }

    /// The place of the last word of a pattern, when its words follow.
    fn follow(&self, mut at: usize, rest: &[Stem]) -> Option<usize> {
        for stem in rest {
            let next = (at + 1..=at + 1 + stem.gap).find(|place| {
                let token = self.tokens.get(*place);
                token.is_some_and(|token| stripped(&token.text).any(|form| stem.fits(form)))
            });
            at = next?;
        }
        Some(at)
    }

    /// The forms in which a word is compared: as it stands, without what Arabic writes on to its front, with letters for
    /// digits, and joined with what stands tightly behind it.
    fn forms(&self, at: usize, token: &Token) -> Vec<Form> {
        let form = |text: String, words, disguised| Form { text, words, disguised };
        let mut forms: Vec<Form> = stripped(&token.text).map(|text| form(text.to_owned(), 1, false)).collect();
        let digits = token.text.chars().filter(char::is_ascii_digit).count();
        if (1..=3).contains(&digits) && token.text.chars().count() > digits + 2 {
            forms.extend(['i', 'l'].map(|one| form(lettered(&token.text, one), 1, true)));
        }
        if let Some(next) = self.tokens.get(at + 1).filter(|next| next.gap == Gap::Tight) {
            forms.push(form(format!("{}{}", token.text, next.text), 2, true));
        }
        forms
    }

    /// Whether whoever is meant is written on to the verb: «localícenlo», «detenerlo», «l'arrêter».
    fn pronoun(&self, at: usize, word: &str, pattern: &Pattern) -> bool {
        let ends = |endings: &[&str]| endings.iter().any(|ending| word.ends_with(ending));
        let grave = matches!(pattern.sense, Sense::Asks(aim) if aim.is_coercive() || aim == Aim::Watch);
        match pattern.language {
            Language::Spanish => {
                ends(&["nlo", "nla", "nlos", "nlas", "nle", "nles"]) || grave && ends(&["rlo", "rla", "rlos", "rlas"])
            }
            Language::French => {
                let before = at.checked_sub(1).and_then(|before| self.tokens.get(before));
                let tight = self.tokens.get(at).is_some_and(|token| token.gap == Gap::Tight);
                grave && tight && before.is_some_and(|before| before.text == "l") && ends(&["er", "ir", "re"])
            }
            Language::English | Language::Arabic | Language::German => false,
        }
    }

    /// Whether a person is spoken of within a few words, in the same sentence or in one that breaks off at once.
    fn person(&self, first: usize, last: usize, phrase: bool) -> bool {
        let reach = if phrase { BEFORE_PHRASE } else { BEFORE };
        let mut before = first.saturating_sub(reach)..first;
        let joined = |from: usize, to: usize| {
            let between = from.saturating_add(1)..=to;
            let stop = between.clone().find(|place| self.tokens.get(*place).is_some_and(|t| t.gap == Gap::Sentence));
            stop.is_none_or(|stop| stop <= from + 1)
        };
        let spoken = |place: usize| self.is_person(place);
        let passive = first.checked_sub(1).and_then(|place| self.tokens.get(place)).is_some_and(|t| t.text == "be");
        let mut names_before = first.saturating_sub(NAME_BEFORE)..first.saturating_sub(1);
        (first..=last).any(spoken)
            || before.any(|place| spoken(place) && joined(place, first))
            || (last + 1..=last + AFTER).any(|place| spoken(place) && joined(last, place))
            || (last + 1..=last + NAME_WITHIN).any(|place| self.is_name(place) && joined(last, place))
            || (phrase || passive) && names_before.any(|place| self.is_name(place) && joined(place + 1, first))
    }

    fn is_person(&self, place: usize) -> bool {
        let Some(token) = self.tokens.get(place) else { return false };
        // «arrêtez-le»
        let pronoun =
            token.gap == Gap::Tight && matches!(token.text.as_str(), "le" | "la" | "les" | "lui") && place > 0;
        pronoun || self.speaks_of(place).is_some()
    }

    /// The language in which a word speaks of a person, by itself or as a title before a name.
    fn speaks_of(&self, place: usize) -> Option<Language> {
        let token = self.tokens.get(place)?;
        let next = |ahead: usize| self.tokens.get(place + ahead);
        // `man in the middle` is an attack.
        let attack =
            token.text == "man" && next(1).is_some_and(|t| t.text == "in") && next(2).is_some_and(|t| t.text == "the");
        let title = TITLES.contains(&token.text.as_str())
            && token.letters == Letters::Capital
            // «M. Dupont»; a single letter means many things.
            && next(1).is_some_and(|next| {
                next.letters != Letters::Small && next.gap != Gap::Tight && (token.text != "m" || next.gap == Gap::Sentence)
            });
        if title {
            return Some(Language::English);
        }
        stripped(&token.text).find_map(|form| self.lexicon.person(form)).filter(|_| !attack)
    }

    /// Two words with capital letters side by side, of which none is a word of computers or written as products are.
    fn is_name(&self, place: usize) -> bool {
        let (Some(first), Some(second)) = (self.tokens.get(place), self.tokens.get(place + 1)) else { return false };
        let machine = |token: &Token| MACHINES.contains(&token.text.as_str());
        let name = |token: &Token| {
            let all = token.text.chars().all(char::is_alphabetic) && token.text.chars().count() >= 3;
            let scots =
                token.letters == Letters::Mixed && (token.text.starts_with("mc") || token.text.starts_with("mac"));
            let written = matches!(token.letters, Letters::Capital | Letters::Capitals) || scots;
            all && written && !machine(token)
        };
        let hyphen = second.gap == Gap::Tight && second.letters == Letters::Capital;
        name(first) && name(second) && (second.plain || hyphen) && !self.tokens.get(place + 2).is_some_and(machine)
    }

    fn number(&self, last: usize) -> bool {
        let is_number = |token: &Token| {
            token.text.chars().count() >= 6 && token.text.chars().filter(|c| c.is_numeric()).count() >= 4
        };
        (last + 1..=last + AFTER).any(|place| self.tokens.get(place).is_some_and(is_number))
    }

    /// Letters that stand apart: four single ones or more in a row are read as one word.
    fn apart(&mut self) {
        let mut at = 0;
        while at < self.tokens.len() {
            let single = |token: &&Token| token.text.chars().count() == 1;
            let run = self.tokens.iter().skip(at).take(MOST_APART).take_while(single).count();
            if run >= LEAST_APART {
                self.joined(at, at + run - 1);
            }
            at += run.max(1);
        }
    }

    fn joined(&mut self, from: usize, to: usize) {
        let Some(tokens) = self.tokens.get(from..=to) else { return };
        let text: String = tokens.iter().map(|token| token.text.as_str()).collect();
        for pattern in self.lexicon.long_words() {
            if pattern.stems.iter().any(|stem| text.contains(&stem.text)) {
                self.add(from, to, pattern, true);
            }
        }
    }
}

/// A line of a machine-readable zone, by its filler between or after capital letters: `TAMM<<MART`.
fn machine_readable(text: &str) -> Option<Spot> {
    let zone = |at: usize| {
        let before = text.get(..at).and_then(|before| before.chars().next_back());
        let after = text.get(at + 2..).and_then(|after| after.chars().next());
        let capital = |c: Option<char>| c.is_some_and(|c| c.is_ascii_uppercase() || c.is_ascii_digit());
        capital(before) && (capital(after) || after == Some('<'))
    };
    let at = text.match_indices("<<").map(|(at, _)| at).find(|at| zone(*at))?;
    Some(Spot { what: What::Named, range: at..at + 2, language: Language::English, disguised: false })
}

struct Form {
    text: String,
    words: usize,
    disguised: bool,
}

/// A word, and for Arabic also without *and*, *so*; *in*, *for*, *as*; *the*.
fn stripped(word: &str) -> impl Iterator<Item = &str> {
    let is_arabic = word.chars().next().is_some_and(|c| ('\u{620}'..='\u{64a}').contains(&c));
    let linked = word.strip_prefix(['و', 'ف']);
    let bases = std::iter::once(word).chain(linked.filter(|_| is_arabic));
    bases.flat_map(move |base| {
        let prefixes = ["ال", "لل", "بال", "كال", "ب", "ل", "ك"];
        let shorter = prefixes.into_iter().filter_map(move |prefix| base.strip_prefix(prefix).filter(|_| is_arabic));
        std::iter::once(base).chain(shorter.filter(|rest| rest.chars().count() >= 2))
    })
}

fn lettered(word: &str, one: char) -> String {
    let letter = |c: char| match c {
        '0' => 'o',
        '1' => one,
        '3' => 'e',
        '4' => 'a',
        '5' => 's',
        '7' => 't',
        other => other,
    };
    word.chars().map(letter).collect()
}

/// How many words before and after may speak of the person.
const BEFORE: usize = 4;
const BEFORE_PHRASE: usize = 7;
const AFTER: usize = 6;
/// How many words after the verb a name may begin.
const NAME_WITHIN: usize = 3;
/// And how many before it.
const NAME_BEFORE: usize = 5;
const LEAST_APART: usize = 4;
const MOST_APART: usize = 400;
const MOST_SHOWN: usize = 60;
const MOST_WORDS: usize = 10;
