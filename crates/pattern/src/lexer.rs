use std::borrow::Cow;

use memchr::memchr2;

use crate::error::PatternError;

/// Tokens of the committee's ANTLR grammar, keywords in upper case only.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Token<'p> {
    Open,
    Close,
    OpenParen,
    CloseParen,
    Colon,
    Dot,
    Comma,
    Star,
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    /// A name without hyphen that is no keyword.
    Name(&'p str),
    /// A name with a hyphen: only an object type may be one.
    Hyphenated(&'p str),
    Word(Word),
    Text(Cow<'p, str>),
    Integer {
        value: i64,
        negative: bool,
    },
    Float {
        value: f64,
        negative: bool,
    },
    Bool(bool),
    Time(&'p str),
    Binary(&'p str),
    Hex(&'p str),
    End,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Word {
    And,
    Or,
    Not,
    FollowedBy,
    Like,
    Matches,
    IsSuperset,
    IsSubset,
    Exists,
    Last,
    In,
    Start,
    Stop,
    Seconds,
    Within,
    Repeats,
    Times,
}

/// What a name is when it is not free to use: keywords and the two truth values.
pub(crate) fn reserved(name: &str) -> Option<Token<'static>> {
    let word = match name {
        "AND" => Word::And,
        "OR" => Word::Or,
        "NOT" => Word::Not,
        "FOLLOWEDBY" => Word::FollowedBy,
        "LIKE" => Word::Like,
        "MATCHES" => Word::Matches,
        "ISSUPERSET" => Word::IsSuperset,
        "ISSUBSET" => Word::IsSubset,
        "EXISTS" => Word::Exists,
        "LAST" => Word::Last,
        "IN" => Word::In,
        "START" => Word::Start,
        "STOP" => Word::Stop,
        "SECONDS" => Word::Seconds,
        "WITHIN" => Word::Within,
        "REPEATS" => Word::Repeats,
        "TIMES" => Word::Times,
        "true" => return Some(Token::Bool(true)),
        "false" => return Some(Token::Bool(false)),
        _ => return None,
    };
    Some(Token::Word(word))
}

pub(crate) struct Lexer<'p> {
    text: &'p str,
    at: usize,
    /// Where the token last read begins.
    pub(crate) start: usize,
}

impl<'p> Lexer<'p> {
    pub(crate) fn new(text: &'p str) -> Self {
        Self { text, at: 0, start: 0 }
    }

    fn rest(&self) -> &'p str {
        self.text.get(self.at..).unwrap_or("")
    }

    fn peek(&self, ahead: usize) -> Option<u8> {
        self.text.as_bytes().get(self.at + ahead).copied()
    }

    /// The error for what begins at the current token.
    pub(crate) fn fault(&self, expected: &'static str) -> PatternError {
        let rest = self.text.get(self.start..).unwrap_or("");
        let found = if rest.is_empty() {
            "the end".into()
        } else {
            let word = rest.find(|c: char| c.is_whitespace()).map_or(rest, |end| rest.get(..end).unwrap_or(rest));
            format!("`{}`", word.chars().take(24).collect::<String>()).into()
        };
        PatternError::Syntax { at: self.start, found, expected }
    }

    pub(crate) fn next(&mut self) -> Result<Token<'p>, PatternError> {
        self.skip_blanks();
        self.start = self.at;
        let Some(byte) = self.peek(0) else {
            return Ok(Token::End);
        };
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'_' => self.name(),
            b'\'' => self.string().map(Token::Text),
            b'0'..=b'9' | b'+' | b'-' => self.number(),
            b'.' if self.peek(1).is_some_and(|b| b.is_ascii_digit()) => self.number(),
            _ => self.sign(byte),
        }
    }

    fn sign(&mut self, byte: u8) -> Result<Token<'p>, PatternError> {
        let (token, length) = match (byte, self.peek(1)) {
            (b'[', _) => (Token::Open, 1),
            (b']', _) => (Token::Close, 1),
            (b'(', _) => (Token::OpenParen, 1),
            (b')', _) => (Token::CloseParen, 1),
            (b':', _) => (Token::Colon, 1),
            (b'.', _) => (Token::Dot, 1),
            (b',', _) => (Token::Comma, 1),
            (b'*', _) => (Token::Star, 1),
            (b'=', Some(b'=')) => (Token::Equal, 2),
            (b'=', _) => (Token::Equal, 1),
            (b'!', Some(b'=')) | (b'<', Some(b'>')) => (Token::NotEqual, 2),
            (b'<', Some(b'=')) => (Token::LessOrEqual, 2),
            (b'<', _) => (Token::Less, 1),
            (b'>', Some(b'=')) => (Token::GreaterOrEqual, 2),
            (b'>', _) => (Token::Greater, 1),
            _ => return Err(self.fault("a name, a literal, an operator or a bracket")),
        };
        self.at += length;
        Ok(token)
    }

    fn name(&mut self) -> Result<Token<'p>, PatternError> {
        let rest = self.rest();
        let mut hyphen = false;
        let mut length = 0;
        for byte in rest.bytes() {
            match byte {
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'_' => {}
                b'-' => hyphen = true,
                _ => break,
            }
            length += 1;
        }
        let name = rest.get(..length).unwrap_or("");
        if length == 1 && self.peek(1) == Some(b'\'') {
            match name {
                "t" => return self.quoted(is_time, "a timestamp like t'2026-11-01T12:00:00Z'").map(Token::Time),
                "b" => return self.quoted(is_base64, "Base64 in b'...'").map(Token::Binary),
                "h" => return self.quoted(is_hex, "pairs of hexadecimal digits in h'...'").map(Token::Hex),
                _ => {}
            }
        }
        self.at += length;
        if hyphen {
            return Ok(Token::Hyphenated(name));
        }
        Ok(reserved(name).unwrap_or(Token::Name(name)))
    }

    /// The text between the quotes of a literal with a letter before it.
    fn quoted(&mut self, allowed: fn(&str) -> bool, expected: &'static str) -> Result<&'p str, PatternError> {
        let inner = self.rest().get(2..).and_then(|rest| rest.split_once('\'')).map(|(inner, _)| inner);
        let Some(inner) = inner.filter(|inner| allowed(inner)) else {
            return Err(self.fault(expected));
        };
        self.at += inner.len() + 3;
        Ok(inner)
    }

    fn string(&mut self) -> Result<Cow<'p, str>, PatternError> {
        let rest = self.rest().get(1..).unwrap_or("");
        match memchr2(b'\'', b'\\', rest.as_bytes()).map(|end| rest.split_at(end)) {
            Some((plain, after)) if after.starts_with('\'') => {
                self.at += plain.len() + 2;
                Ok(Cow::Borrowed(plain))
            }
            Some((plain, after)) => self.escaped(plain, after).map(Cow::Owned),
            None => Err(self.fault("a closing quote")),
        }
    }

    fn escaped(&mut self, plain: &str, mut after: &'p str) -> Result<String, PatternError> {
        let begin = self.at;
        let mut text = String::from(plain);
        self.at += plain.len() + 1;
        loop {
            if let Some(tail) = after.strip_prefix('\'') {
                self.at += 1;
                debug_assert_eq!(tail.len(), self.rest().len());
                return Ok(text);
            }
            let mut chars = after.chars();
            let (Some('\\'), Some(c @ ('\'' | '\\'))) = (chars.next(), chars.next()) else {
                self.start = self.at;
                return Err(self.fault("\\' or \\\\ (no other escape exists)"));
            };
            text.push(c);
            self.at += 2;
            after = chars.as_str();
            let Some(end) = memchr2(b'\'', b'\\', after.as_bytes()) else {
                self.start = begin;
                return Err(self.fault("a closing quote"));
            };
            let (plain, rest) = after.split_at(end);
            text.push_str(plain);
            self.at += end;
            after = rest;
        }
    }

    fn number(&mut self) -> Result<Token<'p>, PatternError> {
        let rest = self.rest();
        let digits = |from: usize| rest.bytes().skip(from).take_while(u8::is_ascii_digit).count();
        let sign = usize::from(rest.starts_with(['+', '-']));
        let negative = rest.starts_with('-');
        let whole = digits(sign);
        let fraction = if rest.as_bytes().get(sign + whole) == Some(&b'.') { digits(sign + whole + 1) } else { 0 };
        if fraction > 0 {
            let length = sign + whole + 1 + fraction;
            let value = rest.get(..length).and_then(|text| text.parse::<f64>().ok()).filter(|v| v.is_finite());
            let value = value.ok_or_else(|| self.fault("a number that fits 64 bits"))?;
            self.at += length;
            return Ok(Token::Float { value, negative });
        }
        let zeros = whole > 1 && rest.as_bytes().get(sign) == Some(&b'0');
        if whole == 0 || zeros {
            return Err(self.fault("a number without leading zeros"));
        }
        let value = rest.get(..sign + whole).and_then(|text| text.parse().ok());
        let value = value.ok_or_else(|| self.fault("an integer that fits 64 bits"))?;
        self.at += sign + whole;
        Ok(Token::Integer { value, negative })
    }

    /// Blanks and comments. An unclosed comment is left for [`Self::sign`] to refuse.
    fn skip_blanks(&mut self) {
        loop {
            let rest = self.rest();
            match rest.as_bytes() {
                [b' ' | b'\t' | b'\r' | b'\n' | 0x0B | 0x0C, ..] => self.at += 1,
                [b'/', b'/', ..] => self.at += rest.find(['\r', '\n']).unwrap_or(rest.len()),
                [b'/', b'*', ..] => match rest.get(2..).and_then(|inner| inner.find("*/")) {
                    Some(end) => self.at += end + 4,
                    None => return,
                },
                [0x80..=0xFF, ..] => match rest.chars().next().filter(|&c| is_wide_blank(c)) {
                    Some(c) => self.at += c.len_utf8(),
                    None => return,
                },
                _ => return,
            }
        }
    }
}

fn is_wide_blank(c: char) -> bool {
    matches!(c, '\u{85}' | '\u{a0}' | '\u{1680}' | '\u{2000}'..='\u{200a}')
        || matches!(c, '\u{2028}' | '\u{2029}' | '\u{202f}' | '\u{205f}' | '\u{3000}')
}

/// The grammar's form of a timestamp: fields in range, the day not held against the calendar, second 60 allowed.
pub(crate) fn is_time(text: &str) -> bool {
    let Some((head, rest)) = text.as_bytes().split_at_checked(19) else {
        return false;
    };
    let &[y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2, b'T', h1, h2, b':', n1, n2, b':', s1, s2] = head else {
        return false;
    };
    let in_range = |tens: u8, ones: u8, low: u8, high: u8| {
        tens.is_ascii_digit() && ones.is_ascii_digit() && (low..=high).contains(&((tens - b'0') * 10 + (ones - b'0')))
    };
    let fraction = match rest {
        b"Z" => true,
        [b'.', digits @ .., b'Z'] => !digits.is_empty() && digits.iter().all(u8::is_ascii_digit),
        _ => false,
    };
    [y1, y2, y3, y4].iter().all(u8::is_ascii_digit)
        && in_range(m1, m2, 1, 12)
        && in_range(d1, d2, 1, 31)
        && in_range(h1, h2, 0, 23)
        && in_range(n1, n2, 0, 59)
        && in_range(s1, s2, 0, 60)
        && fraction
}

fn is_base64(text: &str) -> bool {
    let unpadded = text.strip_suffix("==").or_else(|| text.strip_suffix('=')).unwrap_or(text);
    !unpadded.is_empty()
        && text.len().is_multiple_of(4)
        && unpadded.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'+' || b == b'/')
}

fn is_hex(text: &str) -> bool {
    text.len().is_multiple_of(2) && text.bytes().all(|b| b.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens(text: &str) -> Result<Vec<Token<'_>>, PatternError> {
        let mut lexer = Lexer::new(text);
        let mut found = Vec::new();
        loop {
            match lexer.next()? {
                Token::End => return Ok(found),
                token => found.push(token),
            }
        }
    }

    #[test]
    fn names_keywords_and_hyphens() {
        let found = tokens("AND and a-b AND-x t true _x").unwrap();
        assert_eq!(
            found,
            [
                Token::Word(Word::And),
                Token::Name("and"),
                Token::Hyphenated("a-b"),
                Token::Hyphenated("AND-x"),
                Token::Name("t"),
                Token::Bool(true),
                Token::Name("_x")
            ]
        );
    }

    #[test]
    fn numbers() {
        let found = tokens("0 -5 +7 .5 -00.25").unwrap();
        assert_eq!(
            found,
            [
                Token::Integer { value: 0, negative: false },
                Token::Integer { value: -5, negative: true },
                Token::Integer { value: 7, negative: false },
                Token::Float { value: 0.5, negative: false },
                Token::Float { value: -0.25, negative: true }
            ]
        );
        for bad in ["007", "+", "9223372036854775808", &format!("{}.0", "9".repeat(400))] {
            assert!(tokens(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn strings_borrow_unless_they_hold_escapes() {
        assert!(matches!(tokens("'ab c'").unwrap()[..], [Token::Text(Cow::Borrowed("ab c"))]));
        assert_eq!(tokens(r"'it\'s \\ é' ''").unwrap(), [Token::Text(r"it's \ é".into()), Token::Text("".into())]);
        for bad in [r"'a\n'", "'a", r"'a\", r"'a\'", r"'\'b"] {
            assert!(tokens(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn blanks_and_comments_are_skipped() {
        let found = tokens("\u{3000}a // b\n/* c */\u{b}d").unwrap();
        assert_eq!(found, [Token::Name("a"), Token::Name("d")]);
        assert!(tokens("a /* b").is_err());
    }

    #[test]
    fn literals_with_a_letter_keep_their_form() {
        let found = tokens("t'2024-04-31T12:00:60.5Z' b'AQI=' h'' h'0aF1'").unwrap();
        assert_eq!(
            found,
            [Token::Time("2024-04-31T12:00:60.5Z"), Token::Binary("AQI="), Token::Hex(""), Token::Hex("0aF1")]
        );
        for bad in ["t'2024-13-01T00:00:00Z'", "t'2024-01-01T00:00:00z'", "b'===='", "b'A'", "b''", "h'0'", "h'0g'"] {
            assert!(tokens(bad).is_err(), "{bad}");
        }
    }
}
