use std::ops::ControlFlow;

use comity_stix::value::Kind;

use super::host::is_delegated;
use super::lex::bracketed;
use super::scan::{Scanner, Step, holds_word};

impl Scanner<'_, '_> {
    /// An at-sign of `length` bytes: an e-mail address around it, or a handle after it.
    pub(super) fn address(&mut self, at: usize, length: usize) -> Step {
        let rest = self.rest(at + length);
        let spaced = length > 1 && rest.first() == Some(&b' ');
        let host_start = at + length + usize::from(spaced);
        let Some(local) = self.local_start(at, length > 1) else { return self.handle(at, length) };
        let host = self.lex_host(host_start, false);
        if host.labels < 2 || !(host.defanged || is_delegated(&self.buffer.to_lowercase())) {
            return ControlFlow::Continue(at + length);
        }
        let mut text = String::with_capacity(host.end - local);
        self.push_local(local, at, &mut text);
        text.push('@');
        text.push_str(&self.buffer);
        let found = self.offer(Kind::Email, local, host.end, &text)?;
        ControlFlow::Continue(if found { host.end } else { at + length })
    }

    /// Where the local part that ends at `at` begins.
    fn local_start(&self, at: usize, spaced: bool) -> Option<usize> {
        let mut start = at;
        if spaced && self.before(start) == Some(b' ') {
            start -= 1;
        }
        let end = start;
        let limit = at.saturating_sub(80).max(self.floor);
        while start > limit {
            let back = match self.before(start)? {
                b if b.is_ascii_alphanumeric() || b"._%+-'".contains(&b) => 1,
                b']' | b')' | b'}' => [3, 5].into_iter().find(|length| {
                    start.checked_sub(*length).is_some_and(|from| bracketed(self.rest(from), b'.') == Some(*length))
                })?,
                _ => break,
            };
            start = start.checked_sub(back)?;
        }
        // Something longer than a local part (RFC 5321 section 4.5.3.1.1: 64 octets).
        if start <= limit && end - start >= 80 {
            return None;
        }
        let trimmed = self.slice(start, end).iter().take_while(|b| b".-'%+".contains(b)).count();
        (start + trimmed < end).then_some(start + trimmed)
    }

    /// The local part without its defanging.
    fn push_local(&self, start: usize, end: usize, out: &mut String) {
        let mut at = start;
        while at < end {
            if let Some(length) = bracketed(self.rest(at), b'.') {
                out.push('.');
                at += length;
            } else {
                let byte = self.byte(at).unwrap_or(b' ');
                if byte != b' ' {
                    out.push(char::from(byte));
                }
                at += 1;
            }
        }
    }

    /// `@name` where the text says that it is on Telegram.
    fn handle(&mut self, at: usize, length: usize) -> Step {
        let start = at + length;
        let end = start + self.handle_length(start);
        let said = self.says_telegram(at, end);
        if length > 1 || end == start || !said {
            return ControlFlow::Continue(start);
        }
        let text = self.text.get(start..end).map(|name| format!("telegram:{name}")).unwrap_or_default();
        self.offer(Kind::Handle, at, end, &text)?;
        ControlFlow::Continue(end)
    }

    /// `Telegram: @name`, `@name (Telegram)`, `@name on Telegram`.
    fn says_telegram(&self, start: usize, end: usize) -> bool {
        let before = self.slice(start.saturating_sub(24), start);
        let word_end = before.iter().rposition(u8::is_ascii_alphanumeric).map_or(0, |at| at + 1);
        let word = before.get(word_end.saturating_sub(8)..word_end).unwrap_or_default();
        let apart = before.get(word_end..).unwrap_or_default().iter().any(|b| matches!(b, b')' | b'\n' | b'.'));
        if word.eq_ignore_ascii_case(b"telegram") && !apart {
            return true;
        }
        let after = self.slice(end, (end + 14).min(self.bytes.len()));
        let line = after.split(|b| matches!(b, b'\n' | b'@' | b',' | b';')).next().unwrap_or_default();
        holds_word(line, &["telegram"])
    }

    fn handle_length(&self, start: usize) -> usize {
        let end = self.word_end(start);
        let name = self.slice(start, end);
        let plain = name.first().is_some_and(u8::is_ascii_alphabetic)
            && name.iter().all(|b| b.is_ascii_alphanumeric() || *b == b'_');
        if plain && (4..=32).contains(&name.len()) { end - start } else { 0 }
    }

    /// The path of a link to Telegram: `/name`, `/s/name`.
    pub(super) fn telegram_path(&mut self, path: usize) -> ControlFlow<()> {
        let start = match self.rest(path) {
            [b'/', b's', b'/', ..] => path + 3,
            [b'/', ..] => path + 1,
            _ => return ControlFlow::Continue(()),
        };
        let end = start + self.handle_length(start);
        let name = self.text.get(start..end).unwrap_or_default();
        let actions = ["joinchat", "share", "addstickers", "addemoji", "proxy", "socks", "setlanguage", "confirmphone"];
        if name.is_empty() || actions.iter().any(|word| name.eq_ignore_ascii_case(word)) {
            return ControlFlow::Continue(());
        }
        self.offer(Kind::Handle, start, end, &format!("telegram:{name}"))?;
        ControlFlow::Continue(())
    }

    /// A number after `+`.
    pub(super) fn phone(&mut self, at: usize) -> Step {
        let before = self.before(at);
        if before.is_some_and(|b| b.is_ascii_alphanumeric() || b"+=_-/%&.".contains(&b)) {
            return ControlFlow::Continue(at + 1);
        }
        // AsciiDoc writes `+1.2.3[.]4+` for text that is to stay as it is.
        if self.lex_ipv4(at + 1).is_some() {
            return ControlFlow::Continue(at + 1);
        }
        let (mut digits, mut end, mut next) = (0, at + 1, at + 1);
        let mut separators = 0;
        while let Some(byte) = self.byte(next) {
            match byte {
                b'0'..=b'9' => {
                    digits += 1;
                    separators = 0;
                    end = next + 1;
                }
                b' ' | b'-' | b'.' | b'(' | b')' | b'/' if separators < 2 && next > at => separators += 1,
                _ => break,
            }
            if digits > 15 {
                break;
            }
            next += 1;
        }
        let goes_on = self.byte(end).is_some_and(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'['));
        if !(8..=15).contains(&digits) || goes_on {
            return ControlFlow::Continue(at + 1);
        }
        let found = self.offer_raw(Kind::Phone, at, end)?;
        ControlFlow::Continue(if found { end } else { at + 1 })
    }
}
