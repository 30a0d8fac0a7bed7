//! What a byte can begin, and the ways people write a dot, a colon or an at-sign so that nobody clicks.

/// What the main loop does at a byte.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Class {
    /// Nothing begins here.
    Plain,
    /// A letter, digit, `_`, `-`, or a byte of a non-ASCII character.
    Word,
    /// `@`
    At,
    /// An opening bracket, which may hold an at-sign.
    Open,
    /// `+`
    Plus,
    /// `:`
    Colon,
}

/// The class of a byte.
pub(super) fn class(byte: u8) -> Class {
    // The index is below 256 by its type.
    CLASSES.get(usize::from(byte)).copied().unwrap_or(Class::Plain)
}

static CLASSES: [Class; 256] = classes();

#[expect(
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    reason = "evaluated by the compiler, within 0..256"
)]
const fn classes() -> [Class; 256] {
    let mut table = [Class::Plain; 256];
    let mut at = 0;
    while at < 256 {
        table[at] = match at as u8 {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'_' | b'-' | 0x80..=0xff => Class::Word,
            b'@' => Class::At,
            b'[' | b'(' | b'{' => Class::Open,
            b'+' => Class::Plus,
            b':' => Class::Colon,
            _ => Class::Plain,
        };
        at += 1;
    }
    table
}

/// Whether a character can be part of a label or a file name.
pub(super) fn is_word(c: char) -> bool {
    matches!(c, 'a'..='z' | 'A'..='Z' | '0'..='9' | '_' | '-') || (!c.is_ascii() && c.is_alphanumeric())
}

/// Whether a non-ASCII character ends a URL: quotation marks, spaces, dashes, ideographic punctuation.
pub(super) fn ends_url(c: char) -> bool {
    matches!(c, '\u{80}'..='\u{a0}' | '«' | '»' | '\u{2000}'..='\u{206f}' | '\u{3000}'..='\u{303f}' | '\u{feff}' | '\u{ff08}'..='\u{ff09}')
        || c.is_whitespace()
}

/// The defanged form of `plain` (`.`, `:`, `@`, `/`) at the beginning of `rest`: its length.
///
/// `[.]`, `(.)`, `{.}`, and with words `[dot]`, `(at)`. The bare character is not one.
pub(super) fn bracketed(rest: &[u8], plain: u8) -> Option<usize> {
    let close = match rest.first()? {
        b'[' => b']',
        b'(' => b')',
        b'{' => b'}',
        _ => return None,
    };
    let word: &[u8] = match plain {
        b'.' => b"dot",
        b'@' => b"at",
        b':' => b"colon",
        _ => b"",
    };
    let inside = rest.get(1..)?;
    let inside_length = if inside.first() == Some(&plain) {
        1
    } else if !word.is_empty() && inside.get(..word.len()).is_some_and(|w| w.eq_ignore_ascii_case(word)) {
        word.len()
    } else {
        return None;
    };
    (inside.get(inside_length) == Some(&close)).then_some(inside_length + 2)
}

/// A dot between two labels at the beginning of `rest`: its length, and whether it is a plain one.
///
/// Something of a label must follow. `spoken` also takes ` dot `.
pub(super) fn dot(rest: &[u8], spoken: bool) -> Option<(usize, bool)> {
    let (length, plain) = match rest {
        // `evil[.com` and `evil.]com`: a bracket lost on the way.
        [b'.', b']', ..] | [b'\\', b'.', ..] => (2, false),
        [b'.', ..] => (1, true),
        [b'[', b'.', next, ..] if starts_label(*next) => (2, false),
        [b'[' | b'(' | b'{', ..] => {
            let length = bracketed(rest, b'.')?;
            (length + usize::from(rest.get(length) == Some(&b' ')), false)
        }
        [b' ', inner @ ..] => match bracketed(inner, b'.') {
            Some(length) => (1 + length + usize::from(inner.get(length) == Some(&b' ')), false),
            None if spoken && rest.get(..5).is_some_and(|w| w.eq_ignore_ascii_case(b" dot ")) => (5, false),
            None => return None,
        },
        _ => return None,
    };
    rest.get(length).copied().is_some_and(starts_label).then_some((length, plain))
}

/// An at-sign in any form at the beginning of `rest`: its length.
pub(super) fn at_sign(rest: &[u8]) -> Option<usize> {
    match rest {
        [b'@', ..] => Some(1),
        [b' ', b'[', ..] => {
            let inner = rest.get(1..)?;
            let length = bracketed(inner, b'@')?;
            Some(1 + length + usize::from(inner.get(length) == Some(&b' ')))
        }
        _ => bracketed(rest, b'@'),
    }
}

fn starts_label(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

/// `://` in any form at the beginning of `rest`: its length.
///
/// `://`, `[:]//`, `[://]`, `[:/]/`, `[]://`, `:\\`, `:\/\/`.
pub(super) fn scheme_end(rest: &[u8]) -> Option<usize> {
    let mut wanted: &[u8] = b"://";
    let (mut at, mut depth) = (0usize, 0usize);
    while at < 16 {
        let byte = rest.get(at).copied()?;
        match (byte, wanted) {
            (b'\\', [b'/', left @ ..]) => {
                at += usize::from(rest.get(at + 1) == Some(&b'/'));
                wanted = left;
            }
            (_, [first, left @ ..]) if byte == *first => wanted = left,
            (b'[' | b'(' | b'{', _) => depth += 1,
            (b']' | b')' | b'}', _) if depth > 0 => depth -= 1,
            _ => return None,
        }
        at += 1;
        let closes = matches!(rest.get(at), Some(b']' | b')' | b'}'));
        if wanted.is_empty() && !(depth > 0 && closes) {
            return Some(at);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dots_in_every_dress() {
        for (text, expected) in [
            (".com", Some((1, true))),
            ("[.]com", Some((3, false))),
            ("(.)com", Some((3, false))),
            ("{.}com", Some((3, false))),
            ("[dot]com", Some((5, false))),
            ("(DOT)com", Some((5, false))),
            ("\\.com", Some((2, false))),
            ("[.com", Some((2, false))),
            (".]com", Some((2, false))),
            (" [.] com", Some((5, false))),
            (" dot com", None),
            (". The", None),
            (".", None),
            ("[.)com", None),
        ] {
            assert_eq!(dot(text.as_bytes(), false), expected, "{text}");
        }
        assert_eq!(dot(b" dot com", true), Some((5, false)));
    }

    #[test]
    fn scheme_separators_in_every_dress() {
        for (text, expected) in [
            ("://a", Some(3)),
            ("[:]//a", Some(5)),
            ("[://]a", Some(5)),
            ("[:/]/a", Some(5)),
            ("[]://a", Some(5)),
            (":\\\\a", Some(3)),
            (":\\/\\/a", Some(5)),
            ("://[::1]", Some(3)),
            (": //a", None),
            (":a", None),
        ] {
            assert_eq!(scheme_end(text.as_bytes()), expected, "{text}");
        }
    }
}
