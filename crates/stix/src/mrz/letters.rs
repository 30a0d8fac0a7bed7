use std::str::Chars;

use unicode_normalization::UnicodeNormalization as _;

/// A name in the letters of a machine-readable zone, parts with `<` between them (ICAO 9303 part 3, section 6: tables A of Latin,
/// B of Cyrillic and C of Arabic letters). Some states write `Ä`, `Ö`, `Ü`, `Å`, `Ø`, `Ñ` with two letters and some with one:
/// `doubled` says which; of Cyrillic letters that some languages write otherwise it is the common row. What has no place in the
/// tables is left out; apostrophes are left out and hyphens are fillers (section 4.6).
pub fn transliterated(name: &str, doubled: bool) -> String {
    let mut out = String::new();
    // Letters and what stands on them are one, where there is one letter for both.
    let name: String = name.nfc().collect();
    let (mut all, mut last) = (name.chars(), "");
    while let Some(c) = all.next() {
        match c {
            'a'..='z' | 'A'..='Z' => out.push(c.to_ascii_uppercase()),
            '\'' | '’' | 'ʼ' | '`' => {}
            SHADDA => out.push_str(last),
            c if is_mark(c) => {}
            TEH_MARBUTA if is_end(all.clone()) => out.push_str("XAH"),
            c if !c.is_alphanumeric() => {
                last = "";
                if !out.is_empty() && !out.ends_with('<') {
                    out.push('<');
                }
            }
            c => {
                last = letters(c, doubled);
                out.push_str(last);
            }
        }
    }
    out.truncate(out.trim_end_matches('<').len());
    out
}

/// Whether a part of the name ends before what follows.
fn is_end(mut rest: Chars<'_>) -> bool {
    rest.find(|next| !is_mark(*next)).is_none_or(|next| !next.is_alphanumeric())
}

/// Whether it stands on a letter and is no letter: what points to vowels in Arabic, and accents that are written apart.
const fn is_mark(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}' | '\u{64b}'..='\u{65f}' | '\u{670}')
}

/// Doubles the letter that it stands on.
const SHADDA: char = '\u{651}';
/// `XAH` where a part of the name ends with it, `XTA` elsewhere.
const TEH_MARBUTA: char = 'ة';

fn letters(c: char, doubled: bool) -> &'static str {
    let c = if matches!(c, 'ß' | 'ı') { c } else { c.to_uppercase().next().unwrap_or(c) };
    let found = TWICE.iter().find(|(letters, ..)| letters.contains(c));
    if let Some((_, two, one)) = found {
        return if doubled { two } else { one };
    }
    LETTERS.iter().chain(ARABIC).find(|(letters, _)| letters.contains(c)).map_or("", |(_, to)| to)
}

/// Letters that some write with two.
const TWICE: &[(&str, &str, &str)] =
    &[("Ä", "AE", "A"), ("Å", "AA", "A"), ("Ö", "OE", "O"), ("Ø", "OE", "O"), ("Ü", "UE", "U"), ("Ñ", "NXX", "N")];

const LETTERS: &[(&str, &str)] = &[
    ("ÀÁÂÃĀĂĄǍẠẢ", "A"),
    ("Æ", "AE"),
    ("ÇĆĈĊČ", "C"),
    ("ĎĐÐ", "D"),
    ("ÈÉÊËĒĔĖĘĚẸẼ", "E"),
    ("ĜĞĠĢǦ", "G"),
    ("ĤĦ", "H"),
    ("ÌÍÎÏĨĪĬĮİı", "I"),
    ("Ĳ", "IJ"),
    ("Ĵ", "J"),
    ("Ķ", "K"),
    ("ĹĻĽĿŁ", "L"),
    ("ŃŅŇŊ", "N"),
    ("ÒÓÔÕŌŎŐƠ", "O"),
    ("Œ", "OE"),
    ("ŔŖŘ", "R"),
    ("ŚŜŞŠȘ", "S"),
    ("ẞß", "SS"),
    ("ŢŤŦȚ", "T"),
    ("Þ", "TH"),
    ("ÙÚÛŨŪŬŮŰŲƯ", "U"),
    ("Ŵ", "W"),
    ("ÝŶŸ", "Y"),
    ("ŹŻŽ", "Z"),
    ("А", "A"),
    ("Б", "B"),
    ("В", "V"),
    ("ГҐЃ", "G"),
    ("ДЂ", "D"),
    ("ЕЁЭ", "E"),
    ("Ж", "ZH"),
    ("З", "Z"),
    ("ЅЏ", "DZ"),
    ("ИІЇЙ", "I"),
    ("Ј", "J"),
    ("КЌ", "K"),
    ("Л", "L"),
    ("Љ", "LJ"),
    ("М", "M"),
    ("Н", "N"),
    ("Њ", "NJ"),
    ("О", "O"),
    ("П", "P"),
    ("Р", "R"),
    ("С", "S"),
    ("Т", "T"),
    ("УЎѪ", "U"),
    ("Ф", "F"),
    ("Х", "KH"),
    ("Ћ", "C"),
    ("Ц", "TS"),
    ("Ч", "CH"),
    ("Ш", "SH"),
    ("Щ", "SHCH"),
    ("Ы", "Y"),
    ("ЪЄ", "IE"),
    ("Ю", "IU"),
    ("Я", "IA"),
];

/// Arabic letters, and those that Persian, Pashto, Urdu and Uighur add. Everything that is not one Latin letter begins with `X`, so
/// that the name can be read back. The vowels that are not written, and the stroke that only draws a word out, are not encoded.
const ARABIC: &[(&str, &str)] = &[
    ("ء", "XE"),
    ("آ", "XAA"),
    ("أ", "XAE"),
    ("ؤ", "U"),
    ("إ", "I"),
    ("ئ", "XI"),
    ("ا", "A"),
    ("ب", "B"),
    ("ة", "XTA"),
    ("ت", "T"),
    ("ث", "XTH"),
    ("ج", "J"),
    ("ح", "XH"),
    ("خ", "XKH"),
    ("د", "D"),
    ("ذ", "XDH"),
    ("ر", "R"),
    ("ز", "Z"),
    ("س", "S"),
    ("ش", "XSH"),
    ("ص", "XSS"),
    ("ض", "XDZ"),
    ("ط", "XTT"),
    ("ظ", "XZZ"),
    ("ع", "E"),
    ("غ", "G"),
    ("ف", "F"),
    ("ق", "Q"),
    ("ك", "K"),
    ("ل", "L"),
    ("م", "M"),
    ("ن", "N"),
    ("ه", "H"),
    ("و", "W"),
    ("ى", "XAY"),
    ("ي", "Y"),
    ("ٱ", "XXA"),
    ("ٹ", "XXT"),
    ("ټ", "XRT"),
    ("پ", "P"),
    ("ځ", "XKE"),
    ("څ", "XXH"),
    ("چ", "XC"),
    ("ڈ", "XXD"),
    ("ډ", "XDR"),
    ("ڑ", "XXR"),
    ("ړ", "XRR"),
    ("ږ", "XRX"),
    ("ژ", "XJ"),
    ("ښ", "XXS"),
    ("ک", "XKK"),
    ("ګ", "XXK"),
    ("ڭ", "XNG"),
    ("گ", "XGG"),
    ("ں", "XNN"),
    ("ڼ", "XXN"),
    ("ھ", "XDO"),
    ("ۀ", "XYH"),
    ("ہ", "XXG"),
    ("ۂ", "XGE"),
    ("ۃ", "XTG"),
    ("ی", "XYA"),
    ("ۍ", "XXY"),
    ("ې", "Y"),
    ("ے", "XYB"),
    ("ۓ", "XBE"),
];
