//! Letters of every script as small Latin letters.

use crate::script::Script;

/// Writes a token in small Latin letters, `a` to `z`, as its script is usually read.
pub(crate) fn romanise(token: &str, script: Script, out: &mut String) {
    match script {
        Script::Cyrillic => letters(token, CYRILLIC, out),
        Script::Arabic => aspirated(token, ARABIC, out),
        Script::Hebrew => aspirated(token, HEBREW, out),
        Script::Greek => letters(token, GREEK, out),
        Script::Kana => kana(token, out),
        Script::Han => respelled(token, PINYIN, out),
        Script::Hangul => respelled(token, KOREAN, out),
        _ => spell(token, out),
    }
}

/// By a table of letters; points that only mark vowels say nothing.
fn letters(token: &str, table: &[(&str, &str)], out: &mut String) {
    for c in token.chars().filter(|c| !is_point(*c)) {
        match table.iter().find(|(letters, _)| letters.contains(c)) {
            Some((_, text)) => out.push_str(text),
            None => push_any(c, out),
        }
    }
}

/// The same where no vowel is written between two consonants: `h` behind another is a letter of its own, and no `sh` or `th`; but for
/// the `h` with two eyes of Urdu, which is what makes one of both.
fn aspirated(token: &str, table: &[(&str, &str)], out: &mut String) {
    let begin = out.len();
    for c in token.chars() {
        let at = out.len();
        letters(c.encode_utf8(&mut [0; 4]), table, out);
        let is_behind =
            out.get(begin..at).is_some_and(|before| before.ends_with(['b', 'c', 'd', 'g', 'k', 'p', 's', 't', 'z']));
        if is_behind && c != 'ھ' && out.get(at..) == Some("h") {
            out.insert(at, 'e');
        }
    }
}

/// Vowel points of Arabic and Hebrew.
fn is_point(c: char) -> bool {
    matches!(c, '\u{591}'..='\u{5c7}' | '\u{640}' | '\u{64b}'..='\u{65f}' | '\u{670}')
}

/// What letters of a romanisation stand for where they are read otherwise than in most languages.
fn respelled(token: &str, table: &[(&str, &str)], out: &mut String) {
    let mut plain = String::new();
    spell(token, &mut plain);
    let mut rest = plain.as_str();
    while let Some(first) = rest.chars().next() {
        let found = table.iter().find(|(from, _)| rest.starts_with(from));
        let (taken, put) = found.map_or((first.len_utf8(), None), |(from, to)| (from.len(), Some(*to)));
        match put {
            Some(put) => out.push_str(put),
            None => out.push(first),
        }
        rest = rest.get(taken..).unwrap_or_default();
    }
}

/// Hanyu pinyin.
const PINYIN: &[(&str, &str)] =
    &[("zh", "j"), ("ch", "ch"), ("sh", "sh"), ("x", "sh"), ("q", "ch"), ("c", "ts"), ("ng", "n")];
/// The Revised Romanisation of Korean.
const KOREAN: &[(&str, &str)] = &[
    ("sya", "sha"),
    ("syeo", "sho"),
    ("syo", "sho"),
    ("syu", "shu"),
    ("sye", "she"),
    ("eo", "o"),
    ("eu", "u"),
    ("ae", "e"),
    ("oe", "e"),
    ("ui", "i"),
    ("wi", "vi"),
    ("kk", "k"),
    ("tt", "t"),
    ("pp", "p"),
    ("jj", "j"),
];

/// Letter by letter: Chinese in pinyin and Korean in its Revised Romanisation, as those write who are named so.
pub(crate) fn spell(token: &str, out: &mut String) {
    token.chars().for_each(|c| push_any(c, out));
}

fn push_any(c: char, out: &mut String) {
    if c.is_ascii() {
        out.extend(Some(c.to_ascii_lowercase()).filter(char::is_ascii_lowercase));
        return;
    }
    out.extend(any_ascii::any_ascii_char(c).chars().filter(char::is_ascii_alphabetic).map(|c| c.to_ascii_lowercase()));
}

/// As passports and the press write Russian, Ukrainian and their neighbours.
const CYRILLIC: &[(&str, &str)] = &[
    ("аә", "a"),
    ("б", "b"),
    ("в", "v"),
    ("гґғ", "g"),
    ("д", "d"),
    ("еэё", "e"),
    ("є", "ie"),
    ("ж", "zh"),
    ("з", "z"),
    ("иіїй", "i"),
    ("кқ", "k"),
    ("л", "l"),
    ("м", "m"),
    ("нң", "n"),
    ("оө", "o"),
    ("п", "p"),
    ("р", "r"),
    ("с", "s"),
    ("т", "t"),
    ("уүұў", "u"),
    ("ф", "f"),
    ("хҳ", "kh"),
    ("ц", "ts"),
    ("ч", "ch"),
    ("ш", "sh"),
    ("щ", "shch"),
    ("ъь", ""),
    ("ы", "y"),
    ("ю", "iu"),
    ("я", "ia"),
    ("һ", "h"),
    ("ј", "j"),
    ("љ", "lj"),
    ("њ", "nj"),
    ("ћ", "c"),
    ("ђ", "dj"),
    ("џ", "dz"),
];

/// Consonants of Arabic, Persian, Urdu and Pashto, and the vowels that are written.
const ARABIC: &[(&str, &str)] = &[
    ("هحہھ", "h"),
    ("اأإآٱىةۀ", "a"),
    ("ب", "b"),
    ("پ", "p"),
    ("تطٹټ", "t"),
    ("ث", "th"),
    ("ج", "j"),
    ("چ", "ch"),
    ("خ", "kh"),
    ("دضڈډ", "d"),
    ("ذ", "dh"),
    ("رڑړ", "r"),
    ("زظځ", "z"),
    ("ژږ", "zh"),
    ("سص", "s"),
    ("شښ", "sh"),
    ("عءٔ", ""),
    ("غ", "gh"),
    ("ف", "f"),
    ("ق", "q"),
    ("كک", "k"),
    ("گ", "g"),
    ("ل", "l"),
    ("م", "m"),
    ("نں", "n"),
    ("وؤ", "u"),
    ("يیئېے", "i"),
    ("څ", "ts"),
    ("ڤ", "v"),
];

/// Hebrew consonants.
const HEBREW: &[(&str, &str)] = &[
    ("אע", "a"),
    ("ב", "b"),
    ("ג", "g"),
    ("ד", "d"),
    ("הח", "h"),
    ("ו", "v"),
    ("ז", "z"),
    ("טת", "t"),
    ("י", "i"),
    ("כךק", "k"),
    ("ל", "l"),
    ("מם", "m"),
    ("נן", "n"),
    ("ס", "s"),
    ("פף", "p"),
    ("צץ", "ts"),
    ("ר", "r"),
    ("ש", "sh"),
];

/// Greek, where it is not read as it is written.
const GREEK: &[(&str, &str)] =
    &[("ηήυύ", "i"), ("ωώ", "o"), ("χ", "ch"), ("θ", "th"), ("φ", "f"), ("ψ", "ps"), ("ξ", "x"), ("ς", "s")];

/// Syllables; a long vowel is written once.
fn kana(token: &str, out: &mut String) {
    for c in token.chars() {
        match c {
            // Small vowels replace the vowel of the syllable before.
            'ァ' | 'ィ' | 'ゥ' | 'ェ' | 'ォ' | 'ャ' | 'ュ' | 'ョ' => {
                if out.ends_with(['a', 'e', 'i', 'o', 'u']) {
                    out.pop();
                }
                out.push_str(match c {
                    'ァ' => "a",
                    'ィ' => "i",
                    'ゥ' => "u",
                    'ェ' => "e",
                    'ォ' => "o",
                    'ャ' => "ya",
                    'ュ' => "yu",
                    _ => "yo",
                });
            }
            'ー' | 'ッ' => {}
            c => push_any(c, out),
        }
    }
}
