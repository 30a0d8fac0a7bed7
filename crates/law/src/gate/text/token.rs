use std::ops::Range;

use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

/// One word of a text, in a form in which disguises and inflections of writing are gone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Token {
    /// Without accents, in lower case, in the letters they look like.
    pub(super) text: String,
    /// Where it stands.
    pub(super) range: Range<usize>,
    /// How its letters are written.
    pub(super) letters: Letters,
    /// Whether something in it is hidden, or its letters are of several scripts.
    pub(super) odd: bool,
    /// What stands before it.
    pub(super) gap: Gap,
    /// Whether nothing but blanks stands before it.
    pub(super) plain: bool,
}

/// How the letters of a word are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Letters {
    /// In small letters, or in a script that has but one kind.
    Small,
    /// With a capital letter at its beginning.
    Capital,
    /// In capital letters.
    Capitals,
    /// With capital letters after small ones, as products are named: `TeamViewer`.
    Mixed,
}

/// What stands between a word and the one before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Gap {
    /// Blanks, commas and the like.
    Space,
    /// Signs and no blank: `arrêtez-le`, `a.r.r.e.s.t`.
    Tight,
    /// The end of a sentence.
    Sentence,
}

/// Cuts a text into words.
pub(super) fn tokens(text: &str) -> Vec<Token> {
    let mut cutter = Cutter::default();
    for (at, c) in text.char_indices() {
        cutter.take(at, c);
    }
    cutter.close();
    cutter.tokens
}

/// A word in the form in which it is compared.
pub(super) fn folded(word: &str) -> String {
    let mut out = String::new();
    word.chars().for_each(|c| fold(c, &mut out));
    out
}

#[derive(Default)]
struct Cutter {
    tokens: Vec<Token>,
    open: Option<Open>,
    blank: bool,
    stop: bool,
    sign: bool,
}

struct Open {
    token: Token,
    scripts: [bool; 4],
    seen: usize,
}

impl Open {
    fn letters(&mut self, c: char) {
        let letters = self.token.letters;
        self.token.letters = match (self.seen, letters, c.is_uppercase()) {
            (0, ..) => letters,
            (1, Letters::Capital, true) => Letters::Capitals,
            (_, Letters::Capital | Letters::Small, true) => Letters::Mixed,
            (_, Letters::Capitals, false) if c.is_lowercase() => Letters::Mixed,
            _ => letters,
        };
        self.seen += 1;
    }
}

impl Cutter {
    fn take(&mut self, at: usize, c: char) {
        let end = at + c.len_utf8();
        let hidden = super::is_hidden(c);
        if hidden || is_combining_mark(c) {
            // Within a word only: between words it separates nothing and joins nothing.
            if let Some(open) = &mut self.open {
                open.token.odd |= hidden && open.scripts != [false; 4];
                open.token.range.end = end;
            }
            return;
        }
        if !c.is_alphanumeric() {
            self.close();
            self.blank |= c.is_whitespace();
            self.sign |= !c.is_whitespace();
            self.stop |= matches!(c, '.' | '!' | '?' | '؟' | '۔' | ';' | '؛');
            return;
        }
        let (gap, plain) = (self.gap(), self.blank && !self.sign);
        let first = if c.is_uppercase() { Letters::Capital } else { Letters::Small };
        let open = self.open.get_or_insert_with(|| Open {
            token: Token { text: String::new(), range: at..end, letters: first, odd: false, gap, plain },
            scripts: [false; 4],
            seen: 0,
        });
        open.letters(c);
        open.token.range.end = end;
        if let Some(script) = script(c).and_then(|script| open.scripts.get_mut(script)) {
            *script = true;
        }
        if open.token.text.len() < MOST_WORD {
            fold(c, &mut open.token.text);
        }
    }

    fn gap(&self) -> Gap {
        match (self.blank, self.stop) {
            (true, true) => Gap::Sentence,
            (false, _) => Gap::Tight,
            (true, false) => Gap::Space,
        }
    }

    fn close(&mut self) {
        let Some(mut open) = self.open.take() else { return };
        open.token.odd |= open.scripts.iter().filter(|script| **script).count() > 1;
        self.tokens.push(open.token);
        (self.blank, self.stop, self.sign) = (false, false, false);
    }
}

/// Latin, Cyrillic, Greek and the signs of phonetics: letters that look alike.
fn script(c: char) -> Option<usize> {
    match c {
        'a'..='z' | 'A'..='Z' | '\u{c0}'..='\u{24f}' => Some(0),
        '\u{400}'..='\u{52f}' => Some(1),
        '\u{370}'..='\u{3ff}' => Some(2),
        '\u{250}'..='\u{2af}' | '\u{1d00}'..='\u{1dbf}' | '\u{a730}'..='\u{a731}' => Some(3),
        _ => None,
    }
}

fn fold(c: char, out: &mut String) {
    for part in std::iter::once(c).nfkd().filter(|part| !is_combining_mark(*part) && !super::is_hidden(*part)) {
        for lower in part.to_lowercase() {
            match lower {
                'ß' => out.push_str("ss"),
                'æ' => out.push_str("ae"),
                'œ' => out.push_str("oe"),
                other => out.push(alike(other)),
            }
        }
    }
}

/// The letter that another looks like, and one spelling for letters of Arabic that are written in several.
fn alike(c: char) -> char {
    let at = ALIKE.iter().find(|(_, others)| others.contains(c));
    at.map_or(c, |(letter, _)| *letter)
}

const ALIKE: &[(char, &str)] = &[
    ('a', "аαᴀɑ"),
    ('b', "вʙƅ"),
    ('c', "сᴄϲ"),
    ('d', "ԁᴅđð"),
    ('e', "еεᴇҽ"),
    ('g', "ɢɡ"),
    ('h', "һнʜ"),
    ('i', "іιɪıɩ"),
    ('j', "јᴊ"),
    ('k', "кκᴋ"),
    ('l', "ʟłӏⅼ"),
    ('m', "мᴍ"),
    ('n', "ηɴռ"),
    ('o', "оοᴏøօ"),
    ('p', "рρᴘ"),
    ('q', "ԛ"),
    ('r', "гʀ"),
    ('s', "ѕꜱ"),
    ('t', "тτᴛ"),
    ('u', "υᴜս"),
    ('v', "νѵᴠ"),
    ('w', "ԝωᴡ"),
    ('x', "хχ"),
    ('y', "уүʏ"),
    ('z', "ᴢ"),
    ('ا', "ٱ"),
    ('ي', "ىی"),
    ('ه', "ةہ"),
    ('ك', "ک"),
];

/// Longer words are compared by their beginnings; in bytes.
const MOST_WORD: usize = 96;

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        tokens(text).into_iter().map(|token| token.text).collect()
    }

    #[test]
    fn words_are_compared_without_accents_disguises_and_spellings() {
        assert_eq!(words("Arrêtez-le ! Überwachung, Straße"), ["arretez", "le", "uberwachung", "strasse"]);
        assert_eq!(words("аrrеst ａｒｒｅｓｔ 𝐚𝐫𝐫𝐞𝐬𝐭 ar\u{200b}rest a\u{336}rrest"), ["arrest"; 5]);
        assert_eq!(words("الإعتقال إعتقال اِعْتِقَال مذكّرة"), ["الاعتقال", "اعتقال", "اعتقال", "مذكره"]);
    }

    #[test]
    fn a_word_knows_how_it_is_written() {
        let letters: Vec<_> =
            tokens("Tamm TAMM TeamViewer tamm McKay X طالب").iter().map(|token| token.letters).collect();
        let (small, capital, capitals, mixed) = (Letters::Small, Letters::Capital, Letters::Capitals, Letters::Mixed);
        assert_eq!(letters, [capital, capitals, mixed, small, mixed, capital, small]);
    }

    #[test]
    fn a_word_knows_where_it_stands_and_what_is_odd_about_it() {
        let text = "Go. аrrest-him";
        let all = tokens(text);
        assert_eq!(all.iter().map(|token| &text[token.range.clone()]).collect::<Vec<_>>(), ["Go", "аrrest", "him"]);
        assert_eq!(all.iter().map(|token| token.gap).collect::<Vec<_>>(), [Gap::Tight, Gap::Sentence, Gap::Tight]);
        assert_eq!(all.iter().map(|token| token.odd).collect::<Vec<_>>(), [false, true, false]);
        assert!(tokens("\u{200b}word \u{200e}كلمة").iter().all(|token| !token.odd), "a mark before a word is ordinary");
    }
}
