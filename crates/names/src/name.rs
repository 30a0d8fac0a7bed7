use unicode_normalization::UnicodeNormalization as _;

use crate::align::initials;
use crate::bits::Pattern;
use crate::form::gather;
use crate::japanese;
use crate::nick::{called, is_called};
use crate::rarity::rarest;
use crate::roman::{self, romanise};
use crate::score::Kind;
use crate::script::Script;
use crate::short::Short;
use crate::sound::{Sound, Sounds};
use crate::split::{meaning, split, surname, written_out};
use crate::tag::{Tag, tag};
use crate::wade;
use crate::word::word;

/// A name that has been read: its parts, as they are compared.
#[derive(Clone, Debug)]
pub struct Name {
    pub(crate) tokens: Vec<Token>,
    /// As its parts were written; empty where that is not kept.
    texts: Vec<String>,
    /// How much each part tells, see [`crate::Rarity`].
    pub(crate) weights: Vec<f32>,
    /// How rare a part is that tells as much as one can, in natural logarithms.
    pub(crate) nats: f32,
    /// Which costs it is compared with.
    pub(crate) manner: Manner,
    /// All its letters, as they stand and with its parts in order, of an organisation with the words that say what it is by law.
    pub(crate) whole: Letters,
    pub(crate) sorted: Letters,
}

/// Letters in a row, and the same ready to be compared with.
#[derive(Clone, Debug)]
pub(crate) struct Letters {
    pub(crate) text: Vec<u8>,
    /// Made when it is first compared with others, where it is not there.
    pattern: Option<Pattern>,
}

/// How a name is written down, what says most first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Manner {
    /// By letters that say vowels too.
    Spelled,
    /// By syllables, as it sounds to speakers of another language.
    Syllables,
    /// Without short vowels.
    Consonants,
}

impl Manner {
    pub(crate) const fn of(script: Script) -> Self {
        if script.leaves_vowels_out() {
            Self::Consonants
        } else if script.sounds_out() {
            Self::Syllables
        } else {
            Self::Spelled
        }
    }
}

/// A part in small Latin letters and digits.
pub(crate) type Roman = Short<u8, LETTERS>;

pub(crate) fn roman(letters: impl IntoIterator<Item = u8>) -> Roman {
    Short::of(letters, 0)
}

/// One part of a name.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Token {
    /// In small Latin letters and digits.
    pub(crate) roman: Roman,
    pub(crate) sounds: Sounds,
    pub(crate) script: Script,
    /// The word of organisations that it is, in whatever language.
    pub(crate) word: Option<u8>,
    /// What people of a name are called for short, or that name: [`called`].
    pub(crate) called: u8,
    pub(crate) tag: Tag,
    /// Written in capitals where other parts are not, as family names are.
    pub(crate) is_loud: bool,
}

impl Name {
    /// Reads a name in any script. What is a word in the name of an organisation may be a name of a person: Silva, Marina, Pat.
    pub fn read(text: &str, kind: Kind) -> Self {
        let mut parts = Vec::new();
        let mut raw = String::new();
        let text: String = text.chars().take(LONGEST).nfkc().collect();
        let text = surname(&text).map_or(text.clone(), |(family, given)| format!("{family} {given}"));
        for c in text.chars().chain(std::iter::once(' ')) {
            if is_silent(c) {
                continue;
            }
            if c.is_alphanumeric() || is_mark(c) || c == '&' {
                raw.push(c);
                continue;
            }
            if !raw.is_empty() {
                push(&raw, kind, &mut parts);
                raw.clear();
            }
        }
        if kind == Kind::Person {
            parts.truncate(MOST);
            return Self::of(parts);
        }
        let spelled: Vec<Token> = parts.iter().take(MOST).map(|(_, part)| *part).collect();
        let mut parts = without_initials(joined(&gather(&parts)));
        parts.truncate(MOST);
        let mut name = Self::of(parts);
        spell(&spelled, (&mut name.whole, &mut name.sorted));
        name.prepare();
        name
    }

    /// Every way a name may be read: as [`Self::read`] does, and of a person whose name stands in Chinese characters as Taiwan writes it
    /// and as the Japanese read it, in a few ways where there are more.
    pub fn readings(text: &str, kind: Kind) -> Vec<Self> {
        let mut all = vec![Self::read(text, kind)];
        if kind == Kind::Person && text.chars().any(|c| Script::of(c) == Some(Script::Han)) {
            all.extend(all.first().and_then(Self::in_wade_giles));
            let text: String = text.chars().take(LONGEST).nfkc().collect();
            let sounded = |(written, kana): (&str, &str)| (written.to_owned(), sounded(kana));
            let readings = japanese::readings(&text).into_iter();
            all.extend(readings.map(|parts| Self::of(parts.into_iter().map(sounded).collect())));
        }
        all
    }

    /// The same where all of it is in Chinese characters.
    fn in_wade_giles(&self) -> Option<Self> {
        let part = |(text, part): (&String, &Token)| {
            let read = wade::spell(text).filter(|_| part.script == Script::Han)?;
            (read.len() <= LETTERS).then(|| (text.clone(), token(&read, Script::Han, false, Kind::Person)))
        };
        let parts: Option<Vec<_>> = self.texts.iter().zip(&self.tokens).map(part).collect();
        parts.filter(|parts| !parts.is_empty()).map(Self::of)
    }

    fn of(parts: Vec<(String, Token)>) -> Self {
        let (texts, mut tokens): (Vec<String>, Vec<Token>) = parts.into_iter().unzip();
        if !tokens.iter().any(|token: &Token| !token.is_loud && token.roman.len() > 1) {
            for token in &mut tokens {
                token.is_loud = false;
            }
        }
        let weights = tokens.iter().map(|token| token.tag.weight() * UNKNOWN).collect();
        let mut name = Self { texts, ..Self::made(tokens, weights) };
        name.prepare();
        name
    }

    /// Of parts that have been read, with what each tells.
    pub(crate) fn made(tokens: Vec<Token>, weights: Vec<f32>) -> Self {
        let mut name = Self { tokens, weights, ..Self::nothing() };
        name.listen();
        name
    }

    /// A name without parts.
    pub(crate) fn nothing() -> Self {
        let (whole, sorted) = (Letters::none(), Letters::none());
        Self {
            tokens: Vec::new(),
            texts: Vec::new(),
            weights: Vec::new(),
            nats: rarest(0),
            manner: Manner::Spelled,
            whole,
            sorted,
        }
    }

    /// Becomes a name of other parts, in the room of the last.
    pub(crate) fn become_of<'t>(&mut self, parts: impl Iterator<Item = (&'t Token, f32)>) {
        self.tokens.clear();
        self.weights.clear();
        self.texts.clear();
        for (token, weight) in parts {
            self.tokens.push(*token);
            self.weights.push(weight);
        }
        self.listen();
    }

    /// Reads from its parts what is told of them together.
    fn listen(&mut self) {
        self.manner = self.tokens.iter().map(|token| Manner::of(token.script)).max().unwrap_or(Manner::Spelled);
        spell(&self.tokens, (&mut self.whole, &mut self.sorted));
    }

    /// Makes its letters ready to be compared with many others.
    fn prepare(&mut self) {
        self.whole.prepare();
        self.sorted.prepare();
    }

    /// As others in a register are spelled, of which what the law calls an organisation is known and not in which words.
    pub(crate) fn as_kept(&mut self) {
        if self.tokens.iter().any(|token| token.tag == Tag::Form) {
            self.listen();
            self.prepare();
        }
    }

    /// Whether nothing of it could be read.
    pub fn is_empty(&self) -> bool {
        self.tokens.is_empty()
    }

    /// How many of its parts are this.
    pub(crate) fn count(&self, tag: Tag) -> usize {
        self.tokens.iter().filter(|token| token.tag == tag).count()
    }

    /// Whether a family name is among these parts, as capitals show it.
    pub(crate) fn is_loud(&self, (from, to): (usize, usize)) -> bool {
        self.tokens.get(from..to).unwrap_or_default().iter().any(|token| token.is_loud && token.tag == Tag::Name)
    }

    /// Some of its parts as they were written.
    pub(crate) fn text(&self, (from, to): (usize, usize)) -> String {
        let part = |at: usize| {
            let read = || self.tokens.get(at).map(|token| String::from_utf8_lossy(&token.roman).into_owned());
            self.texts.get(at).cloned().or_else(read).unwrap_or_default()
        };
        (from..to).map(part).collect::<Vec<_>>().join(" ")
    }

    /// The script it is written in, by its first part.
    pub(crate) fn script(&self) -> Option<Script> {
        self.tokens.first().map(|token| token.script)
    }
}

impl Token {
    /// A part in small Latin letters.
    pub(crate) fn of(roman: &str) -> Self {
        Self {
            roman: self::roman(roman.bytes()),
            sounds: Sounds::of(roman.as_bytes()),
            script: Script::Latin,
            word: None,
            called: called(roman),
            tag: Tag::Name,
            is_loud: false,
        }
    }

    /// This and the next as one part.
    pub(crate) fn with(&self, next: &Self) -> Self {
        let roman = roman(self.roman.iter().chain(&*next.roman).copied());
        Self { sounds: Sounds::of(&roman), roman, word: None, called: 0, tag: Tag::Name, ..*self }
    }

    /// Whether both are one word of organisations, in whatever languages.
    pub(crate) fn is_word(&self, other: &Self) -> bool {
        self.word.is_some() && self.word == other.word
    }

    /// Whether one may be what the other is called for short.
    pub(crate) const fn is_called(&self, other: &Self) -> bool {
        is_called(self.called, other.called)
    }

    /// One key for however a part is spelled: its consonants, by where they are made, and its first sound.
    pub(crate) fn key(&self) -> String {
        if let Some(word) = self.word {
            return format!("#{word}");
        }
        if self.sounds.heard.is_empty() {
            return String::from_utf8_lossy(&self.roman).into_owned();
        }
        let mut key = String::new();
        for (at, sound) in self.sounds.heard.iter().enumerate() {
            let class = match sound {
                sound if sound.is_vowel() && at > 0 => continue,
                sound if sound.is_vowel() => 'a',
                Sound::B | Sound::P => 'b',
                Sound::F | Sound::V => 'v',
                Sound::D | Sound::T => 't',
                Sound::S | Sound::Z => 's',
                Sound::X | Sound::C | Sound::J => 'c',
                Sound::K | Sound::G => 'k',
                Sound::H if at > 0 => continue,
                Sound::H => 'h',
                Sound::L => 'l',
                Sound::R => 'r',
                Sound::M => 'm',
                _ => 'n',
            };
            if !key.ends_with(class) {
                key.push(class);
            }
        }
        key
    }
}

impl Letters {
    const fn none() -> Self {
        Self { text: Vec::new(), pattern: None }
    }

    fn become_of<'t>(&mut self, parts: impl Iterator<Item = &'t Token>) {
        self.pattern = None;
        self.text.clear();
        self.text.extend(parts.flat_map(|token| token.roman.iter().map(|byte| letter(*byte))).take(64));
    }

    fn prepare(&mut self) {
        self.pattern = Some(Pattern::of(&self.text));
    }

    /// How many letters others are apart.
    pub(crate) fn apart(&self, other: &Self) -> u32 {
        match &self.pattern {
            Some(pattern) => pattern.apart(&other.text),
            None => Pattern::of(&self.text).apart(&other.text),
        }
    }

    /// How alike others are that are so many letters apart, from 0 to 1.
    pub(crate) fn alike(&self, other: &Self, apart: u32) -> f32 {
        let longest = self.text.len().max(other.text.len()).min(64);
        if longest == 0 { 0.0 } else { 1.0 - apart as f32 / longest as f32 }
    }
}

/// Writes all letters of parts, as they stand and with the parts in order.
fn spell(parts: &[Token], (whole, sorted): (&mut Letters, &mut Letters)) {
    whole.become_of(parts.iter());
    let mut in_order: Short<Option<&Token>, MOST> = Short::of(parts.iter().map(Some), None);
    in_order.sort_by(|a, b| a.map(|token| &*token.roman).cmp(&b.map(|token| &*token.roman)));
    sorted.become_of(in_order.iter().copied().flatten());
}

/// A letter as a number below 32; digits share what letters leave.
fn letter(byte: u8) -> u8 {
    if byte.is_ascii_digit() { 27 + (byte - b'0') % 5 } else { byte & 31 }
}

/// Adds the parts of what is written together.
fn push(raw: &str, kind: Kind, parts: &mut Vec<(String, Token)>) {
    for (part, script) in split(raw) {
        let lower = part.to_lowercase();
        let (mut read, mut said) = (String::new(), None);
        if let Some(known) = meaning(part).map(str::to_owned).or_else(|| mended(&lower, script)) {
            read = known;
        } else {
            romanise(&stripped(&lower, script), script, &mut read);
            said = spelled(&lower, script, &mut read);
        }
        read.truncate(LETTERS);
        if read.is_empty() {
            continue;
        }
        let letters = part.chars().filter(|c| c.is_alphabetic()).count();
        let is_loud = letters > 1 && !part.chars().any(char::is_lowercase) && part.chars().any(char::is_uppercase);
        if let Some(words) = written_out(&read).filter(|_| kind == Kind::Organisation) {
            parts.extend(in_words(words, script, is_loud));
            continue;
        }
        let mut token = token(&read, script, is_loud, kind);
        token.sounds = said.map_or(token.sounds, |said| Sounds::of(said.as_bytes()));
        parts.push((part.to_owned(), token));
    }
}

/// The parts of the name of an organisation that an abbreviation stands for.
fn in_words(words: &str, script: Script, is_loud: bool) -> impl Iterator<Item = (String, Token)> {
    words.split(' ').map(move |word| (word.to_owned(), token(word, script, is_loud, Kind::Organisation)))
}

/// Letters that stand alone in a row are one part: `I. A. C.` is IAC.
fn joined(parts: &[(String, Token)]) -> Vec<(String, Token)> {
    let is_letter = |(_, part): &(String, Token)| part.tag == Tag::Initial;
    let mut all = Vec::with_capacity(parts.len());
    for row in parts.chunk_by(|one, next| is_letter(one) && is_letter(next)) {
        match row {
            [(_, first), _, ..] => {
                let text = row.iter().map(|(text, _)| text.as_str()).collect::<Vec<_>>().join(" ");
                let read: String = row.iter().flat_map(|(_, part)| part.roman.iter().map(|b| char::from(*b))).collect();
                match written_out(&read) {
                    Some(words) => all.extend(in_words(words, first.script, false)),
                    None => all.push((text, token(&read, first.script, false, Kind::Organisation))),
                }
            }
            _ => all.extend(row.iter().cloned()),
        }
    }
    all
}

/// Without what a name is called for short behind it: `Yazd Metallurgy Industries (YMI)`.
fn without_initials(mut parts: Vec<(String, Token)>) -> Vec<(String, Token)> {
    let Some(((_, last), others)) = parts.split_last() else { return parts };
    let is_short = last.tag == Tag::Name && (2..=6).contains(&last.roman.len());
    let tokens = || others.iter().map(|(_, part)| *part).collect();
    if is_short && initials(last, &Name::made(tokens(), Vec::new())).is_some() {
        parts.pop();
    }
    parts
}

/// What is said otherwise than those write it who are named so is kept as they write it: `Xiaoming`, `Jaein`. Returns how it is said.
fn spelled(lower: &str, script: Script, read: &mut String) -> Option<String> {
    if !matches!(script, Script::Han | Script::Hangul) {
        return None;
    }
    let mut plain = String::new();
    roman::spell(lower, &mut plain);
    plain.truncate(LETTERS);
    Some(std::mem::replace(read, plain))
}

/// A part of the name of a person, as kana say it.
fn sounded(kana: &str) -> Token {
    let mut read = String::new();
    romanise(kana, Script::Kana, &mut read);
    read.truncate(LETTERS);
    token(&read, Script::Kana, false, Kind::Person)
}

fn token(read: &str, script: Script, is_loud: bool, kind: Kind) -> Token {
    let sounds = Sounds::of(read.as_bytes());
    let (word, called) = match kind {
        Kind::Person => (None, called(read)),
        Kind::Organisation => (word(read), 0),
    };
    Token { tag: tag(read, kind), word, called, is_loud, sounds, script, roman: roman(read.bytes()) }
}

/// Digits among letters are letters that were misread; a part of digits stays one.
fn mended(lower: &str, script: Script) -> Option<String> {
    if script != Script::Latin || !lower.bytes().any(|b| b.is_ascii_digit()) {
        return None;
    }
    let number = lower.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    if matches!(lower.strip_prefix(number), Some("st" | "nd" | "rd" | "th"))
        && number.bytes().all(|b| b.is_ascii_digit())
    {
        return Some(number.to_owned());
    }
    let letters = lower.chars().filter(|c| c.is_alphabetic()).count();
    let digits = lower.chars().filter(char::is_ascii_digit).count();
    if letters <= digits {
        return Some(lower.chars().filter(char::is_ascii_alphanumeric).collect());
    }
    let letter = |c: char| match c {
        '0' => 'o',
        '1' => 'l',
        '3' => 'e',
        '5' => 's',
        '6' => 'g',
        '8' => 'b',
        c => c,
    };
    let mut out = String::new();
    romanise(&stripped(&lower.chars().map(letter).collect::<String>(), script), script, &mut out);
    Some(out)
}

/// Letters without the marks over and under them, where the marks only colour them.
fn stripped(text: &str, script: Script) -> String {
    if text.is_ascii() || !matches!(script, Script::Latin | Script::Greek) {
        return text.to_owned();
    }
    text.nfd().filter(|c| !is_mark(*c)).collect()
}

/// What stands over, under or after a letter and parts nothing.
fn is_mark(c: char) -> bool {
    matches!(c,
        '\u{300}'..='\u{36f}' | '\u{591}'..='\u{5c7}' | '\u{64b}'..='\u{65f}' | '\u{901}'..='\u{903}' | '\u{93e}'..='\u{94d}'
        | '\u{e31}' | '\u{e34}'..='\u{e3a}' | '\u{e47}'..='\u{e4e}' | 'ー')
}

/// What is not heard and parts nothing: apostrophes, glottal stops, joiners, directions.
fn is_silent(c: char) -> bool {
    matches!(c,
        '\'' | '`' | '´' | '’' | '‘' | 'ʼ' | 'ʻ' | 'ʿ' | 'ʾ' | 'ʹ' | 'ʺ' | '\u{ad}' | '\u{640}' | '\u{200b}'..='\u{200f}'
        | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

/// How much a name tells of which nobody has said how many bear it.
const UNKNOWN: f32 = 0.6;
/// Characters of a name that are read.
const LONGEST: usize = 400;
/// Parts of a name that are kept.
pub(crate) const MOST: usize = 16;
/// Letters of a part that are kept.
const LETTERS: usize = 32;
