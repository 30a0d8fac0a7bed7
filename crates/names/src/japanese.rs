//! How the Japanese read names in Chinese characters, which do not say it: 田中 is Tanaka, 裕子 is Yuko or Hiroko.
//!
//! The names are those of UniDic 2.1.2 (`data/LICENSE.unidic`), written by `tools/names/japanese.py`.

use crate::script::Script;

/// A part as it is written, and as it is read, in katakana.
pub(crate) type Read<'t> = (&'t str, &'t str);

/// Every way the Japanese may read a name, the commonest first: a family name before a given one, with a space between them or without,
/// or one of both alone. None where it is written in other letters too, or where a part of it is no Japanese name; what stands in kana
/// is read as it stands.
pub(crate) fn readings(text: &str) -> Vec<Vec<Read<'_>>> {
    let Some(parts) = parts(text).filter(|parts| parts.iter().any(|part| has_characters(part))) else {
        return Vec::new();
    };
    let mut all = match &*parts {
        [whole] => together(whole),
        [family, given] => both(&FAMILY.of(family), &GIVEN.of(given)),
        _ => Vec::new(),
    };
    all.truncate(MOST);
    all
}

/// The parts of a name that is written in Chinese characters and kana alone, at most two.
fn parts(text: &str) -> Option<Vec<&str>> {
    let parts: Vec<&str> = text.split(is_between).filter(|part| !part.is_empty()).take(3).collect();
    let is_japanese = |c: char| matches!(Script::of(c), Some(Script::Han | Script::Kana)) || c == 'ー';
    let is_short = |part: &&str| part.chars().all(is_japanese) && part.chars().count() <= LONGEST;
    ((1..=2).contains(&parts.len()) && parts.iter().all(is_short)).then_some(parts)
}

fn is_between(c: char) -> bool {
    c.is_whitespace() || matches!(c, '・' | '･' | '=' | '＝' | ',' | '、')
}

/// A name without a space: one name alone, or parted where both sides are names.
fn together(whole: &str) -> Vec<Vec<Read<'_>>> {
    let (family, mut given) = (FAMILY.of(whole), GIVEN.of(whole));
    given.retain(|read| !family.contains(read));
    let mut all: Vec<Vec<Read<'_>>> = family.into_iter().chain(given).map(|read| vec![read]).collect();
    let splits = whole.char_indices().skip(1).filter_map(|(at, _)| whole.split_at_checked(at));
    all.extend(splits.flat_map(|(family, given)| both(&FAMILY.of(family), &GIVEN.of(given))));
    // Most family names are of two characters, and so are most given ones.
    all.sort_by_key(|parts| parts.iter().map(|(written, _)| written.chars().count().abs_diff(2)).sum::<usize>());
    all
}

fn both<'t>(family: &[Read<'t>], given: &[Read<'t>]) -> Vec<Vec<Read<'t>>> {
    let mut all: Vec<(usize, Vec<Read<'t>>)> = Vec::with_capacity(family.len() * given.len());
    for (rank, one) in family.iter().enumerate() {
        all.extend(given.iter().enumerate().map(|(next, other)| (rank + next, vec![*one, *other])));
    }
    all.sort_by_key(|(rank, _)| *rank);
    all.into_iter().map(|(_, parts)| parts).collect()
}

fn has_characters(part: &str) -> bool {
    part.chars().any(|c| Script::of(c) == Some(Script::Han))
}

/// Names a line, sorted by their bytes, each with its readings behind it.
struct Table(&'static str);

const FAMILY: Table = Table(include_str!("../data/japanese-family.txt"));
const GIVEN: Table = Table(include_str!("../data/japanese-given.txt"));

impl Table {
    /// The readings of a name; what is written in kana is its own.
    fn of<'t>(&self, name: &'t str) -> Vec<Read<'t>> {
        if !has_characters(name) {
            return vec![(name, name)];
        }
        self.line(name).map(|readings| readings.split(' ').map(|read| (name, read)).collect()).unwrap_or_default()
    }

    /// What stands behind a name in its line, found by halves.
    fn line(&self, name: &str) -> Option<&'static str> {
        let (text, mut from, mut to) = (self.0, 0, self.0.len());
        while from < to {
            let middle = from + (to - from) / 2;
            let bytes = text.as_bytes();
            let begin = bytes.get(from..middle)?.iter().rposition(|b| *b == b'\n').map_or(from, |at| from + at + 1);
            let end = bytes.get(middle..to)?.iter().position(|b| *b == b'\n').map_or(to, |at| middle + at);
            let (known, readings) = text.get(begin..end)?.split_once(' ')?;
            match known.as_bytes().cmp(name.as_bytes()) {
                std::cmp::Ordering::Equal => return Some(readings),
                std::cmp::Ordering::Less => from = end + 1,
                std::cmp::Ordering::Greater => to = begin,
            }
        }
        None
    }
}

/// Readings of one name that are kept.
const MOST: usize = 6;
/// Characters of a name written together, or of one part.
const LONGEST: usize = 8;

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<String> {
        let of = |parts: Vec<Read<'_>>| parts.iter().map(|(_, read)| *read).collect::<Vec<_>>().join(" ");
        readings(text).into_iter().map(of).collect()
    }

    #[test]
    fn a_name_is_read_as_the_japanese_read_it() {
        for (text, first) in [
            ("山田太郎", "ヤマダ タロー"),
            ("山田 太郎", "ヤマダ タロー"),
            ("佐々木・健", "ササキ ケン"),
            ("東海林さだお", "ショージ さだお"),
            ("高橋 みなみ", "タカハシ みなみ"),
            ("林 明", "ハヤシ アキラ"),
            ("田中", "タナカ"),
        ] {
            assert_eq!(read(text).first().map(String::as_str), Some(first), "{text}");
        }
        assert_eq!(read("小林裕子"), ["コバヤシ ユーコ", "コバヤシ ヒロコ"]);
    }

    #[test]
    fn what_is_written_otherwise_or_is_no_japanese_name_has_no_such_reading() {
        for text in [
            "",
            "Tanaka",
            "田中 Taro",
            "たなか たろう",
            "毛泽东",
            "习近平",
            "문재인",
            "山田 太郎 次郎",
            "㐀㐁",
            "田中太郎田中太郎田中",
        ] {
            assert!(read(text).is_empty(), "{text} {:?}", read(text));
        }
    }

    #[test]
    fn every_line_is_found() {
        for table in [FAMILY, GIVEN] {
            let mut last = "";
            for line in table.0.lines() {
                let (name, readings) = line.split_once(' ').unwrap();
                assert!(last.as_bytes() < name.as_bytes(), "{last} {name}");
                assert_eq!(table.line(name), Some(readings));
                assert!(readings.split(' ').count() <= 4 && readings.split(' ').all(|read| !read.is_empty()));
                last = name;
            }
            assert_eq!(table.line("田"), table.0.lines().find_map(|line| line.strip_prefix("田 ")));
            assert!(table.line("").is_none() && table.line("龥龥龥").is_none());
        }
    }
}
