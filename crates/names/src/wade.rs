//! Chinese as Taiwan's passports and older books write it (Wade-Giles, without apostrophes): 張志強 is Chang Chih-chiang.

/// Chinese characters in small Latin letters by Wade-Giles; none where one is no Chinese character.
pub(crate) fn spell(characters: &str) -> Option<String> {
    let mut out = String::new();
    for c in characters.chars() {
        let pinyin = any_ascii::any_ascii_char(c).trim().to_ascii_lowercase();
        let (before, after) = initial(&pinyin)?;
        out.push_str(before);
        out.push_str(&last(&pinyin, after)?);
    }
    Some(out)
}

/// What a syllable of pinyin begins with in Wade-Giles, and the rest of it in pinyin.
fn initial(pinyin: &str) -> Option<(&'static str, &str)> {
    if pinyin.is_empty() || !pinyin.bytes().all(|b| b.is_ascii_lowercase()) {
        return None;
    }
    let found = INITIALS.iter().find_map(|(from, to)| Some((*to, pinyin.strip_prefix(from)?)));
    Some(found.unwrap_or(("", pinyin)))
}

/// What a syllable ends in.
fn last(pinyin: &str, rest: &str) -> Option<String> {
    let begins = |all: &[&str]| all.iter().any(|begin| pinyin.starts_with(begin));
    let is_humming = begins(&["zh", "ch", "sh", "r"]);
    let is_hissing = !is_humming && begins(&["z", "c", "s"]);
    let plain = match rest {
        "i" if is_humming => "ih",
        "i" if is_hissing => "u",
        "e" if begins(&["g", "k", "h"]) => "o",
        "uo" if !begins(&["g", "k", "h", "sh"]) => "o",
        "ui" if begins(&["g", "k"]) => "uei",
        "ian" => "ien",
        "ie" => "ieh",
        "ue" => "ueh",
        "ong" => "ung",
        "iong" => "iung",
        "iu" => "iu",
        "yi" => "i",
        "yan" => "yen",
        "ye" => "yeh",
        "you" => "yu",
        "yue" => "yueh",
        "yong" => "yung",
        "er" => "erh",
        "" => return None,
        other => other,
    };
    Some(plain.to_owned())
}

/// What a syllable of pinyin begins with, and what that is in Wade-Giles, the longest first.
const INITIALS: &[(&str, &str)] = &[
    ("zh", "ch"),
    ("ch", "ch"),
    ("sh", "sh"),
    ("b", "p"),
    ("p", "p"),
    ("m", "m"),
    ("f", "f"),
    ("d", "t"),
    ("t", "t"),
    ("n", "n"),
    ("l", "l"),
    ("g", "k"),
    ("k", "k"),
    ("h", "h"),
    ("j", "ch"),
    ("q", "ch"),
    ("x", "hs"),
    ("r", "j"),
    ("z", "ts"),
    ("c", "ts"),
    ("s", "s"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn syllables_are_written_as_taiwan_writes_them() {
        for (characters, written) in [
            ("毛澤東", "maotsetung"),
            ("張志強", "changchihchiang"),
            ("王小明", "wanghsiaoming"),
            ("謝", "hsieh"),
            ("周恩來", "chouenlai"),
            ("鄧", "teng"),
            ("郭", "kuo"),
            ("羅", "lo"),
            ("許", "hsu"),
            ("何", "ho"),
            ("桂", "kuei"),
            ("任", "jen"),
            ("田", "tien"),
            ("嚴", "yen"),
            ("孔", "kung"),
            ("薛", "hsueh"),
        ] {
            assert_eq!(spell(characters).as_deref(), Some(written), "{characters}");
        }
        assert!(spell("・").is_none());
    }
}
