use std::net::Ipv4Addr;
use std::ops::ControlFlow;

use comity_stix::value::Kind;

use super::lex::{bracketed, dot, is_word};
use super::names;
use super::scan::{Scanner, Step, holds_word};

/// Labels with dots between them, as they stood; the text without defanging is in the scanner's buffer.
#[derive(Clone, Copy)]
pub(super) struct Dotted {
    pub(super) end: usize,
    pub(super) labels: usize,
    pub(super) defanged: bool,
}

impl Scanner<'_, '_> {
    /// A word and a dot: an address, a domain, a file name, or the first half of an e-mail address.
    /// `None` when it is only a word.
    pub(super) fn dotted(&mut self, start: usize, end: usize, spoken: bool) -> ControlFlow<(), Option<usize>> {
        if self.byte(start).is_some_and(|b| b.is_ascii_digit())
            && let Some(next) = self.ipv4(start)?
        {
            return ControlFlow::Continue(Some(next));
        }
        if dot(self.rest(end), spoken).is_none() {
            return ControlFlow::Continue(None);
        }
        let host = self.lex_host(start, spoken);
        if host.labels < 2 || self.is_local_part(host.end) {
            return ControlFlow::Continue((host.labels >= 2).then_some(host.end));
        }
        let name = std::mem::take(&mut self.buffer);
        let next = self.named(start, host, &name);
        self.buffer = name;
        Some(next?).map_or(ControlFlow::Continue(None), |next| ControlFlow::Continue(Some(next)))
    }

    fn named(&mut self, start: usize, host: Dotted, name: &str) -> Step {
        let ending = name.rsplit('.').next().unwrap_or_default().to_ascii_lowercase();
        let has_path = matches!(self.rest(host.end), [b'/', next, ..] if !next.is_ascii_whitespace());
        let named_domain = host.defanged || has_path || name.get(..4).is_some_and(|w| w.eq_ignore_ascii_case("www."));
        if names::is_file_ending(&ending)
            && !(named_domain && psl::suffix(ending.as_bytes()).is_some_and(|s| s.is_known()))
        {
            return self.file_name(start, host);
        }
        if ending == "onion" {
            if !self.offer(Kind::Onion, start, host.end, onion(name))? {
                return ControlFlow::Continue(host.end);
            }
            return ControlFlow::Continue(self.skip_path(host.end));
        }
        if !self.is_plausible(start, host, name, &ending, named_domain)
            || !self.offer(Kind::Domain, start, host.end, name)?
        {
            return ControlFlow::Continue(host.end);
        }
        if self.byte(host.end) == Some(b'/') && is_telegram(name) {
            self.telegram_path(host.end)?;
        }
        ControlFlow::Continue(self.skip_path(host.end))
    }

    fn is_plausible(&self, start: usize, host: Dotted, name: &str, ending: &str, named_domain: bool) -> bool {
        let lower = name.to_ascii_lowercase();
        if ending.is_ascii() && !is_delegated(&lower) {
            return false;
        }
        if host.defanged {
            return true;
        }
        let (head, last) = name.rsplit_once('.').unwrap_or_default();
        let upper = |text: &str| text.bytes().any(|b| b.is_ascii_uppercase());
        // `word.It` begins a sentence; `Spy.Agent.BN` is a detection's name.
        let capital = upper(last) && !matches!(ending, "com" | "org") && name.bytes().any(|b| b.is_ascii_lowercase());
        let code = match self.rest(host.end) {
            [b'(', b')' | b'"' | b'\'' | b'$', ..] => true,
            _ => names::is_product(&lower),
        };
        let after_path = matches!(self.before(start), Some(b'\\' | b'/' | b'.' | b'$'))
            && !self.slice(start.saturating_sub(2), start).starts_with(b"//");
        let reversed = !named_domain && lower.split('.').next().is_some_and(names::is_reversed);
        let ambiguous = !named_domain && names::is_ambiguous(ending) && (host.labels < 3 || upper(head));
        !(capital || code || after_path || reversed || ambiguous)
    }

    fn file_name(&mut self, start: usize, host: Dotted) -> Step {
        let word_end = self.word_end(start);
        let start_of_name = self.path_name_start(start);
        if names::is_product(&self.lower(start, host.end)) || host.defanged {
            return ControlFlow::Continue(host.end);
        }
        let text = self.text;
        if let Some(name) = text.get(start_of_name..host.end).filter(|name| name.len() <= 255)
            && self.offer(Kind::FileName, start_of_name, host.end, name)?
        {
            self.hash(start, word_end)?;
        }
        ControlFlow::Continue(host.end)
    }

    /// A file name after a folder may hold spaces: `C:\Program Files\PDF Editor.exe`.
    fn path_name_start(&self, start: usize) -> usize {
        if self.before(start) != Some(b' ') {
            return start;
        }
        let floor = start.saturating_sub(64).max(self.floor);
        let before = self.slice(floor, start);
        let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b' ' | b'_' | b'-');
        match before.iter().rposition(|b| !plain(*b)) {
            Some(at) if before.get(at) == Some(&b'\\') => floor + at + 1,
            _ => start,
        }
    }

    fn lower(&self, start: usize, end: usize) -> String {
        self.text.get(start..end).unwrap_or_default().to_ascii_lowercase()
    }

    /// Reads labels and dots from `start` into the buffer.
    pub(super) fn lex_host(&mut self, start: usize, spoken: bool) -> Dotted {
        self.buffer.clear();
        let mut host = Dotted { end: start, labels: 0, defanged: false };
        let mut at = start;
        loop {
            let end = self.word_end(at);
            let label = self.text.get(at..end).unwrap_or_default();
            let kept = label.trim_end_matches('-');
            self.buffer.push_str(kept);
            host.labels += usize::from(!kept.is_empty());
            host.end = at + kept.len();
            if kept.len() != label.len() || kept.is_empty() {
                break;
            }
            let Some((length, plain)) = dot(self.rest(end), spoken) else { break };
            let next = end + length;
            if !self.text.get(next..).and_then(|rest| rest.chars().next()).is_some_and(is_word)
                || host.end - start > 2_048
            {
                break;
            }
            self.buffer.push('.');
            host.defanged |= !plain;
            at = next;
        }
        if self.buffer.ends_with('.') {
            self.buffer.pop();
        }
        host
    }

    /// Whether what ends here is the local part of an e-mail address, which the at-sign will take up.
    fn is_local_part(&self, end: usize) -> bool {
        if self.at_sign_follows(end) {
            return true;
        }
        let rest = self.rest(end);
        if !matches!(rest.first(), Some(b'+' | b'%' | b'\'')) {
            return false;
        }
        let local = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'%' | b'\'' | b'.' | b'_' | b'-');
        let length = rest.iter().take(64).take_while(|b| local(b)).count();
        self.at_sign_follows(end + length)
    }

    /// Four numbers with dots, with or without a prefix length.
    fn ipv4(&mut self, start: usize) -> ControlFlow<(), Option<usize>> {
        let Some((address, end, defanged)) = self.lex_ipv4(start) else { return ControlFlow::Continue(None) };
        let version = [b"version ".as_slice(), b"version: ", b"ver. ", b"build ", b"firmware "];
        let before = self.slice(start.saturating_sub(9), start);
        if !defanged
            && version
                .iter()
                .any(|w| before.get(before.len().saturating_sub(w.len())..).is_some_and(|b| b.eq_ignore_ascii_case(w)))
        {
            return ControlFlow::Continue(Some(end));
        }
        let text = address.to_string();
        if let Some(network) = self.prefix_length(end) {
            let bits =
                self.slice(end, network).iter().filter(|b| b.is_ascii_digit()).fold(String::new(), |mut text, b| {
                    text.push(char::from(*b));
                    text
                });
            if self.offer(Kind::Cidr, start, network, &format!("{text}/{bits}"))? {
                return ControlFlow::Continue(Some(network));
            }
        }
        self.offer(Kind::Ipv4, start, end, &text)?;
        ControlFlow::Continue(Some(end))
    }

    pub(super) fn lex_ipv4(&self, start: usize) -> Option<(Ipv4Addr, usize, bool)> {
        if matches!(self.before(start), Some(b) if b.is_ascii_alphanumeric() || b == b'_') {
            return None;
        }
        let (mut at, mut defanged) = (start, false);
        let mut numbers = [0u8; 4];
        for (place, number) in numbers.iter_mut().enumerate() {
            if place > 0 {
                let (length, plain) = dot(self.rest(at), false)?;
                defanged |= !plain;
                at += length;
            }
            let digits = self.rest(at).iter().take(4).take_while(|b| b.is_ascii_digit()).count();
            let text = self.text.get(at..at + digits).filter(|text| *text == "0" || !text.starts_with('0'))?;
            *number = text.parse().ok()?;
            at += digits;
        }
        let goes_on = match self.rest(at) {
            [b, ..] if b.is_ascii_alphanumeric() || *b == b'_' => true,
            rest => dot(rest, false)
                .is_some_and(|(length, plain)| plain && rest.get(length).is_some_and(u8::is_ascii_alphanumeric)),
        };
        (!goes_on).then_some((Ipv4Addr::from(numbers), at, defanged))
    }

    /// `/24` at `at`: where it ends.
    pub(super) fn prefix_length(&self, at: usize) -> Option<usize> {
        let rest = self.rest(at);
        let slash = if rest.first() == Some(&b'/') { 1 } else { bracketed(rest, b'/')? };
        let digits = rest.iter().skip(slash).take(4).take_while(|b| b.is_ascii_digit()).count();
        let after = rest.get(slash + digits..).unwrap_or_default();
        let goes_on = match after {
            [b, ..] if b.is_ascii_alphanumeric() || matches!(b, b'/' | b'_' | b'-' | b'?') => true,
            [b'.', b, ..] => b.is_ascii_alphanumeric(),
            _ => false,
        };
        ((1..=3).contains(&digits) && !goes_on).then_some(at + slash + digits)
    }

    /// Passes over the port and path of a host without a scheme, so that nothing in it is taken for a value.
    fn skip_path(&mut self, at: usize) -> usize {
        let rest = self.rest(at);
        let port = match rest {
            [b':', ..] => 1 + rest.iter().skip(1).take(5).take_while(|b| b.is_ascii_digit()).count(),
            _ => 0,
        };
        match rest.get(port..) {
            Some([b'/', next, ..]) if !next.is_ascii_whitespace() => {
                self.buffer.clear();
                self.lex_path(at + port)
            }
            _ => at,
        }
    }

    /// ` dot ` spoken out, after the word before it.
    pub(super) fn spoken_dot(&mut self, start: usize, end: usize) -> Step {
        let (word, word_end) = self.previous;
        if word_end + 1 != start || self.byte(word_end) != Some(b' ') || word < self.floor {
            return ControlFlow::Continue(end);
        }
        let first = self.slice(word, word_end);
        let common = ["the", "a", "an", "polka", "each", "every", "one", "per", "red", "green", "blue", "this", "that"];
        if holds_word(first, &common) && common.iter().any(|w| first.eq_ignore_ascii_case(w.as_bytes())) {
            return ControlFlow::Continue(end);
        }
        let first_end = self.word_end(word);
        ControlFlow::Continue(self.dotted(word, first_end, true)?.unwrap_or(end).max(end))
    }
}

/// Whether a lower-case name lies below a public suffix that exists.
pub(super) fn is_delegated(lower: &str) -> bool {
    let Some(suffix) = psl::suffix(lower.as_bytes()).filter(psl::Suffix::is_known) else { return false };
    // A bare suffix of the private section, as `duckdns.org`, is a name one can write down; `co.uk` is not.
    suffix.as_bytes().len() < lower.len() || suffix.typ() == Some(psl::Type::Private)
}

/// The last two labels: what the checksum covers.
pub(super) fn onion(name: &str) -> &str {
    let mut dots = name.rmatch_indices('.').map(|(at, _)| at + 1);
    dots.nth(1).and_then(|at| name.get(at..)).unwrap_or(name)
}

/// Whether a host is that of Telegram's links.
pub(super) fn is_telegram(name: &str) -> bool {
    ["t.me", "telegram.me", "telegram.dog"].iter().any(|host| name.eq_ignore_ascii_case(host))
}
