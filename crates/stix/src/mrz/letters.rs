/// A name in the letters of a machine-readable zone, parts with `<` between them (ICAO 9303 part 3, section 6, tables of Latin
/// and Cyrillic characters). Some states write `Ä`, `Ö`, `Ü`, `Å`, `Ø`, `Ñ` with two letters and some with one: `doubled` says
/// which. What has no place in the tables is left out; apostrophes are left out and hyphens are fillers (section 4.6).
pub fn transliterated(name: &str, doubled: bool) -> String {
    let mut out = String::new();
    for c in name.chars() {
        match c {
            'a'..='z' | 'A'..='Z' => out.push(c.to_ascii_uppercase()),
            '\'' | '’' | 'ʼ' | '`' => {}
            c if !c.is_alphanumeric() => {
                if !out.is_empty() && !out.ends_with('<') {
                    out.push('<');
                }
            }
            c => out.push_str(letters(c, doubled)),
        }
    }
    out.truncate(out.trim_end_matches('<').len());
    out
}

fn letters(c: char, doubled: bool) -> &'static str {
    let c = if c == 'ß' { c } else { c.to_uppercase().next().unwrap_or(c) };
    let found = TWICE.iter().find(|(letters, ..)| letters.contains(c));
    if let Some((_, two, one)) = found {
        return if doubled { two } else { one };
    }
    TABLE.iter().find(|(letters, _)| letters.contains(c)).map_or("", |(_, to)| to)
}

/// Letters that some write with two.
const TWICE: &[(&str, &str, &str)] =
    &[("Ä", "AE", "A"), ("Å", "AA", "A"), ("Ö", "OE", "O"), ("Ø", "OE", "O"), ("Ü", "UE", "U"), ("Ñ", "NXX", "N")];

const TABLE: &[(&str, &str)] = &[
    ("ÀÁÂÃĀĂĄǍẠẢ", "A"),
    ("Æ", "AE"),
    ("ÇĆĈĊČ", "C"),
    ("ĎĐÐ", "D"),
    ("ÈÉÊËĒĔĖĘĚẸẼ", "E"),
    ("ĜĞĠĢǦ", "G"),
    ("ĤĦ", "H"),
    ("ÌÍÎÏĨĪĬĮİ", "I"),
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
    ("ГҐ", "G"),
    ("Д", "D"),
    ("ЕЁЭ", "E"),
    ("Ж", "ZH"),
    ("З", "Z"),
    ("ИІЇЙ", "I"),
    ("К", "K"),
    ("Л", "L"),
    ("М", "M"),
    ("Н", "N"),
    ("О", "O"),
    ("П", "P"),
    ("Р", "R"),
    ("С", "S"),
    ("Т", "T"),
    ("УЎ", "U"),
    ("Ф", "F"),
    ("Х", "KH"),
    ("Ц", "TS"),
    ("Ч", "CH"),
    ("Ш", "SH"),
    ("Щ", "SHCH"),
    ("Ы", "Y"),
    ("ЪЄ", "IE"),
    ("Ю", "IU"),
    ("Я", "IA"),
];
