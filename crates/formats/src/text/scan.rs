use std::ops::ControlFlow;

use comity_stix::value::{Kind, Value, Values};

use super::lex::{Class, at_sign, bracketed, class, is_word, scheme_end};
use super::names;
use crate::Flow;

/// One value found in a text.
#[derive(Clone, Debug)]
pub struct Spot<'t> {
    /// Byte offset of its first byte in the text.
    pub start: usize,
    /// Byte offset after its last byte.
    pub end: usize,
    /// What it is.
    pub kind: Kind,
    /// As it stands in the text, defanged or not.
    pub raw: &'t str,
    /// Its normal form.
    pub value: Value,
}

/// Finds the values in running text, defanged ones too, in the order in which they begin.
///
/// A URL is followed by its host as a value of its own; other values do not overlap, except that a
/// file named after its hash gives both. `Break` from `sink` ends the scan and is returned.
///
/// One pass: every byte is looked at a bounded number of times, whatever the text.
pub fn scan<'t>(text: &'t str, values: &Values, sink: &mut dyn FnMut(Spot<'t>) -> Flow) -> Flow {
    let mut scanner =
        Scanner { text, bytes: text.as_bytes(), values, sink, buffer: String::new(), floor: 0, previous: (0, 0) };
    scanner.run()
}

/// Where to go on, or the end of the scan.
pub(super) type Step = ControlFlow<(), usize>;

/// The state of one scan. Handlers for the different kinds are in the sibling files.
pub(super) struct Scanner<'t, 'a> {
    pub(super) text: &'t str,
    pub(super) bytes: &'t [u8],
    pub(super) values: &'a Values,
    sink: &'a mut dyn FnMut(Spot<'t>) -> Flow,
    /// The candidate without its defanging.
    pub(super) buffer: String,
    /// Nothing before this is looked at again.
    pub(super) floor: usize,
    /// The word before the present one.
    pub(super) previous: (usize, usize),
}

impl<'t> Scanner<'t, '_> {
    fn run(&mut self) -> Flow {
        let mut at = 0;
        while let Some(&byte) = self.bytes.get(at) {
            at = match class(byte) {
                Class::Plain => at + 1,
                Class::Word => self.word(at)?,
                Class::At => self.address(at, 1)?,
                Class::Open => match bracketed(self.rest(at), b'@') {
                    Some(length) => self.address(at, length)?,
                    None => at + 1,
                },
                Class::Plus => self.phone(at)?,
                Class::Colon => self.colons(at)?,
            };
        }
        ControlFlow::Continue(())
    }

    /// A run of word characters begins at `start`.
    fn word(&mut self, start: usize) -> Step {
        let end = self.word_end(start);
        if end == start {
            return ControlFlow::Continue(start + self.char_length(start));
        }
        let start = start + self.slice(start, end).iter().take_while(|b| **b == b'-').count();
        if start == end {
            return ControlFlow::Continue(end);
        }
        let next = match self.byte(end) {
            Some(b'.' | b'[' | b'(' | b'{' | b'\\' | b':' | b'*' | b'/') => self.joined(start, end)?,
            Some(b' ') if self.byte(end + 1).is_some_and(|b| class(b) == Class::Open) => self.joined(start, end)?,
            _ => None,
        };
        let next = match next {
            Some(next) => next,
            None => self.lone(start, end)?,
        };
        self.previous = (start, next);
        ControlFlow::Continue(next.max(end))
    }

    /// A word with something after it that may belong to it: where the whole ends, if it was one.
    fn joined(&mut self, start: usize, end: usize) -> ControlFlow<(), Option<usize>> {
        if let Some(scheme) = names::scheme(self.slice(start, end)) {
            if let Some(length) = scheme_end(self.rest(end)) {
                return self.url(start, end + length, scheme).map_continue(Some);
            }
        } else if matches!(self.slice(start, end), b"h" | b"H") {
            // `h**p://`
            let rest = self.rest(end);
            let (skip, scheme) = match rest {
                [b'*', b'*', b'p' | b'P', b's' | b'S', ..] => (4, "https"),
                [b'*', b'*', b'p' | b'P', ..] => (3, "http"),
                _ => (0, ""),
            };
            if let Some(length) = rest.get(skip..).filter(|_| skip > 0).and_then(scheme_end) {
                return self.url(start, end + skip + length, scheme).map_continue(Some);
            }
        }
        match self.byte(end) {
            Some(b'\\' | b':') if names::is_hive(self.slice(start, end)) => {
                return self.registry(start, end).map_continue(Some);
            }
            Some(b':' | b'[') => {
                if let Some(next) = self.colon_form(start, end)? {
                    return ControlFlow::Continue(Some(next));
                }
            }
            _ => {}
        }
        self.dotted(start, end, false)
    }

    /// Parses the candidate in `text` and hands it on. Whether it was a value.
    pub(super) fn offer(&mut self, kind: Kind, start: usize, end: usize, text: &str) -> ControlFlow<(), bool> {
        match self.values.parse(kind, text) {
            Ok(value) => self.emit(start, end, value).map_continue(|()| true),
            Err(_) => ControlFlow::Continue(false),
        }
    }

    /// The same for a candidate that stands in the text as it is.
    pub(super) fn offer_raw(&mut self, kind: Kind, start: usize, end: usize) -> ControlFlow<(), bool> {
        let text: &'t str = self.text;
        match text.get(start..end) {
            Some(raw) => self.offer(kind, start, end, raw),
            None => ControlFlow::Continue(false),
        }
    }

    /// Hands a value on.
    pub(super) fn emit(&mut self, start: usize, end: usize, value: Value) -> Flow {
        let text: &'t str = self.text;
        let Some(raw) = text.get(start..end) else { return ControlFlow::Continue(()) };
        self.floor = self.floor.max(end);
        (self.sink)(Spot { start, end, kind: value.kind(), raw, value })
    }

    /// Where the run of word characters from `start` ends.
    pub(super) fn word_end(&self, start: usize) -> usize {
        let mut at = start;
        while let Some(&byte) = self.bytes.get(at) {
            if byte < 0x80 {
                if class(byte) != Class::Word {
                    return at;
                }
                at += 1;
            } else {
                match self.text.get(at..).and_then(|rest| rest.chars().next()) {
                    Some(c) if is_word(c) => at += c.len_utf8(),
                    _ => return at,
                }
            }
        }
        at
    }

    pub(super) fn byte(&self, at: usize) -> Option<u8> {
        self.bytes.get(at).copied()
    }

    pub(super) fn before(&self, at: usize) -> Option<u8> {
        self.byte(at.checked_sub(1)?)
    }

    pub(super) fn rest(&self, at: usize) -> &'t [u8] {
        self.bytes.get(at..).unwrap_or_default()
    }

    pub(super) fn slice(&self, start: usize, end: usize) -> &'t [u8] {
        self.bytes.get(start..end).unwrap_or_default()
    }

    fn char_length(&self, at: usize) -> usize {
        self.text.get(at..).and_then(|rest| rest.chars().next()).map_or(1, char::len_utf8)
    }

    /// Whether an at-sign in any form stands at `at`.
    pub(super) fn at_sign_follows(&self, at: usize) -> bool {
        at_sign(self.rest(at)).is_some()
    }

    /// Whether one of the words (lower case) stands in the `window` bytes before `at`, on the same line.
    pub(super) fn near(&self, at: usize, window: usize, words: &[&str]) -> bool {
        let before = self.slice(at.saturating_sub(window), at);
        let line = before.iter().rposition(|b| *b == b'\n').map_or(before, |n| before.get(n..).unwrap_or_default());
        holds_word(line, words)
    }
}

/// Whether one of the words (lower case) stands in the text, whatever its case.
pub(super) fn holds_word(text: &[u8], words: &[&str]) -> bool {
    words.iter().any(|word| {
        text.windows(word.len()).enumerate().any(|(at, found)| {
            let begins = at.checked_sub(1).and_then(|b| text.get(b)).is_none_or(|b| !b.is_ascii_alphabetic());
            begins && found.eq_ignore_ascii_case(word.as_bytes())
        })
    })
}
