//! What an organisation is by law: however that is said, in whatever language, it is one part.

use crate::name::{Token, roman};
use crate::sound::Sounds;
use crate::tag::Tag;

/// Each form with the ways to say it, in the letters that names are read in; a star stands for any ending. What changes with
/// the years, open or public, is left out: a company that is closed today was open before.
const SAID: &[(&str, &[&str])] = &[
    (
        "llc",
        &[
            "ooo",
            "tov",
            "llc",
            "l l c",
            "obshchestv* s ogranichenn* otvetstvenn*",
            "tovar* z obmezhen* vidpovidaln*",
            "tavarystv* z abmezhavan* adkaznast*",
            "limited liability company",
            "co limited liability company",
            "company limited",
            "company ltd",
            "co limited",
            "co ltd",
            "co llc",
            "co l l c",
            "pte ltd",
            "pvt ltd",
            "pty ltd",
            "private limited",
            "private ltd",
            "limited",
            "ltd",
            "ltda",
            "limitada",
            "lda",
        ],
    ),
    (
        "jsc",
        &[
            "ao",
            "oao",
            "zao",
            "pao",
            "npao",
            "pat",
            "prat",
            "jsc",
            "ojsc",
            "cjsc",
            "pjsc",
            "otkryt* aktsionern* obshchestv*",
            "zakryt* aktsionern* obshchestv*",
            "publichn* aktsionern* obshchestv*",
            "nepublichn* aktsionern* obshchestv*",
            "aktsionern* obshchestv*",
            "aktsiianern* tavarystv*",
            "adkryta* aktsyianern* tavarystv*",
            "adkryta* aktsyiianern* tavarystv*",
            "zakryta* aktsyianern* tavarystv*",
            "aktsyianern* tavarystv*",
            "publichn* aktsionern* tovar*",
            "pryvatn* aktsionern* tovar*",
            "aktsionern* tovar*",
            "public joint stock company",
            "open joint stock company",
            "closed joint stock company",
            "private joint stock company",
            "joint stock company",
            "joint stock co",
        ],
    ),
    ("fsue", &["fgup", "fsue", "federaln* gosudarstvenn* unitarn* predpr*", "federal state unitary enterprise"]),
    ("sue", &["gup", "sue", "gosudarstvenn* unitarn* predpr*", "state unitary enterprise"]),
    (
        "fsbi",
        &[
            "fgbu",
            "fsbi",
            "federaln* gosudarstvenn* biudzhetn* uchrezhden*",
            "federal state budgetary institution",
            "federal state budget institution",
        ],
    ),
    (
        "ano",
        &[
            "ano",
            "avtonomn* nekommerch* organizats*",
            "autonomous nonprofit organi*",
            "autonomous non profit organi*",
            "autonomous non commercial organi*",
            "autonomous noncommercial organi*",
        ],
    ),
];

/// Makes one part of each form, however it is said, and of each number with its ending.
pub(crate) fn gather(parts: &[(String, Token)]) -> Vec<(String, Token)> {
    let mut gathered: Vec<(String, Token)> = Vec::with_capacity(parts.len());
    let mut rest = parts;
    while let Some(((text, first), others)) = rest.split_first() {
        if let Some((form, length)) = said(rest) {
            let (form_of, left) = rest.split_at_checked(length).unwrap_or((rest, &[]));
            let text = form_of.iter().map(|(text, _)| text.as_str()).collect::<Vec<_>>().join(" ");
            let token = Token {
                roman: roman(form.bytes()),
                sounds: Sounds::of(form.as_bytes()),
                tag: Tag::Form,
                word: None,
                called: 0,
                ..*first
            };
            gathered.push((text, token));
            rest = left;
            continue;
        }
        let is_ending = first.roman.len() <= 3 && ENDINGS.iter().any(|ending| ending.as_bytes() == &*first.roman);
        let is_behind = gathered.last().is_some_and(|(_, last)| last.tag == Tag::Number);
        if !(is_ending && is_behind) {
            gathered.push((text.clone(), *first));
        }
        rest = others;
    }
    gathered
}

/// The form that parts begin with, and of how many it is made: the longest.
fn said(parts: &[(String, Token)]) -> Option<(&'static str, usize)> {
    let (_, first) = parts.first()?;
    let all = SAID.iter().flat_map(|(form, ways)| ways.iter().map(move |way| (*form, *way)));
    let begins = all.filter(|(_, way)| way.as_bytes().first() == first.roman.first());
    let found = begins.filter_map(|(form, way)| {
        let mut length = 0;
        for word in way.split(' ') {
            let (_, part) = parts.get(length)?;
            is(&part.roman, word).then_some(())?;
            length += 1;
        }
        Some((form, length))
    });
    found.max_by_key(|(_, length)| *length)
}

fn is(roman: &[u8], word: &str) -> bool {
    match word.strip_suffix('*') {
        Some(stem) => roman.starts_with(stem.as_bytes()),
        None => roman == word.as_bytes(),
    }
}

/// What is written behind a number to say that it counts: `27-й`, `20-я`.
const ENDINGS: &[&str] = &["i", "yi", "oi", "ia", "aia", "go", "ogo", "st", "nd", "rd", "th"];

#[cfg(test)]
mod tests {
    use crate::name::Name;
    use crate::score::Kind;

    fn read(text: &str) -> Vec<String> {
        let name = Name::read(text, Kind::Organisation);
        name.tokens.iter().map(|token| String::from_utf8_lossy(&token.roman).into_owned()).collect()
    }

    #[test]
    fn what_an_organisation_is_by_law_is_one_part_in_every_language() {
        for text in [
            "Limited Liability Company Romashka",
            "Общество с ограниченной ответственностью Ромашка",
            "ООО «Ромашка»",
            "L.L.C. Romashka",
            "Товариство з обмеженою відповідальністю Ромашка",
        ] {
            assert_eq!(read(text), ["llc", "romashka"], "{text}");
        }
        for text in
            ["Public Joint-Stock Company Zvezda", "ПАО Звезда", "Aktsionernoe Obshchestvo Zvezda", "OJSC Zvezda"]
        {
            assert_eq!(read(text), ["jsc", "zvezda"], "{text}");
        }
    }

    #[test]
    fn a_number_is_the_same_however_it_is_counted() {
        for text in ["46th Institute", "46-й институт", "46 Institut"] {
            assert_eq!(read(text).first().map(String::as_str), Some("46"), "{text}");
        }
    }
}
