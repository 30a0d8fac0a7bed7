use std::net::Ipv6Addr;
use std::ops::ControlFlow;

use comity_stix::value::Kind;

use super::lex::bracketed;
use super::scan::{Scanner, Step};

impl Scanner<'_, '_> {
    /// `::` at the beginning of an IPv6 address.
    pub(super) fn colons(&mut self, at: usize) -> Step {
        let free =
            self.before(at).is_none_or(|b| !b.is_ascii_alphanumeric() && !matches!(b, b':' | b'_' | b']' | b'>'));
        if free
            && self.byte(at + 1) == Some(b':')
            && let Some(end) = self.ipv6(at)?
        {
            return ControlFlow::Continue(end);
        }
        ControlFlow::Continue(at + 1)
    }

    /// A word and a colon: IPv6, MAC, certificate fingerprint, ssdeep.
    pub(super) fn colon_form(&mut self, start: usize, end: usize) -> ControlFlow<(), Option<usize>> {
        let word = self.slice(start, end);
        if word.len() > 10 || !word.iter().all(u8::is_ascii_hexdigit) {
            return ControlFlow::Continue(None);
        }
        if self.before(start).is_some_and(|b| matches!(b, b':' | b'.')) {
            return ControlFlow::Continue(None);
        }
        if word.len() == 2
            && let Some(end) = self.pairs(start)?
        {
            return ControlFlow::Continue(Some(end));
        }
        if word.len() <= 4
            && let Some(end) = self.ipv6(start)?
        {
            return ControlFlow::Continue(Some(end));
        }
        if word.iter().all(u8::is_ascii_digit) && self.byte(end) == Some(b':') {
            return self.ssdeep(start, end);
        }
        ControlFlow::Continue(None)
    }

    /// `aa:bb:cc:dd:ee:ff`, or the 20 or 32 pairs of a certificate's fingerprint.
    fn pairs(&mut self, start: usize) -> ControlFlow<(), Option<usize>> {
        let (mut at, mut count) = (start, 0usize);
        loop {
            match self.rest(at) {
                [a, b, rest @ ..] if a.is_ascii_hexdigit() && b.is_ascii_hexdigit() => {
                    count += 1;
                    at += 2;
                    match rest {
                        [b':', next, ..] if next.is_ascii_hexdigit() && count <= 32 => at += 1,
                        [next, ..] if next.is_ascii_alphanumeric() || *next == b'_' => {
                            return ControlFlow::Continue(None);
                        }
                        _ => break,
                    }
                }
                _ => return ControlFlow::Continue(None),
            }
        }
        let found = match count {
            6 => self.offer_raw(Kind::Mac, start, at)?,
            16 | 20 | 32 => self.offer_raw(Kind::CertFingerprint, start, at)?,
            _ => false,
        };
        ControlFlow::Continue((found || count > 8).then_some(at))
    }

    /// An IPv6 address or network from `start`: where it ends.
    fn ipv6(&mut self, start: usize) -> ControlFlow<(), Option<usize>> {
        self.buffer.clear();
        let mut at = start;
        while self.buffer.len() < 46 {
            let rest = self.rest(at);
            match rest.first() {
                Some(b) if b.is_ascii_hexdigit() || matches!(b, b':' | b'.') => {
                    self.buffer.push(char::from(*b));
                    at += 1;
                }
                Some(b'[') => {
                    let Some(length) = bracketed(rest, b':') else { break };
                    self.buffer.push(':');
                    at += length;
                }
                _ => break,
            }
        }
        let kept = self.buffer.trim_end_matches('.').len();
        let kept = match self.buffer.get(..kept) {
            Some(text) if text.ends_with(':') && !text.ends_with("::") => kept - 1,
            _ => kept,
        };
        // What is cut off stood in the text as it is.
        let end = at - (self.buffer.len() - kept);
        self.buffer.truncate(kept);
        let digits = self.buffer.bytes().filter(|b| *b != b':').count();
        let goes_on = self.byte(at).is_some_and(|b| b.is_ascii_alphanumeric() || b == b'_');
        // `a::b` is a path in a program and `dead::beef` looks like one.
        let numeric = self.buffer.bytes().any(|b| b.is_ascii_digit());
        if goes_on || digits < 4 || !numeric || self.buffer.parse::<Ipv6Addr>().is_err() {
            return ControlFlow::Continue(None);
        }
        let mut text = std::mem::take(&mut self.buffer);
        if let Some(network) = self.prefix_length(end) {
            let bare = text.len();
            text.push('/');
            text.extend(self.slice(end, network).iter().filter(|b| b.is_ascii_digit()).map(|b| char::from(*b)));
            if self.offer(Kind::Cidr, start, network, &text)? {
                return ControlFlow::Continue(Some(network));
            }
            text.truncate(bare);
        }
        let found = self.offer(Kind::Ipv6, start, end, &text)?;
        ControlFlow::Continue(found.then_some(end))
    }

    fn ssdeep(&mut self, start: usize, end: usize) -> ControlFlow<(), Option<usize>> {
        let size = self.text.get(start..end).and_then(|text| text.parse::<u64>().ok()).unwrap_or(0);
        if size == 0 || !size.is_multiple_of(3) || !(size / 3).is_power_of_two() {
            return ControlFlow::Continue(None);
        }
        let part = |at: usize| {
            let allowed = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/');
            at + self.rest(at).iter().take(65).take_while(|b| allowed(b)).count()
        };
        let one = part(end + 1);
        if one - end < 6 || self.byte(one) != Some(b':') {
            return ControlFlow::Continue(None);
        }
        let two = part(one + 1);
        let goes_on = self.byte(two).is_some_and(|b| matches!(b, b':' | b'_'));
        if two - one < 4 || goes_on || !self.offer_raw(Kind::Ssdeep, start, two)? {
            return ControlFlow::Continue(None);
        }
        ControlFlow::Continue(Some(two))
    }
}
