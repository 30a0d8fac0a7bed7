use std::net::Ipv6Addr;
use std::ops::ControlFlow;

use comity_stix::value::Kind;

use super::host::{is_telegram, onion};
use super::lex::{bracketed, ends_url};
use super::scan::{Scanner, Step};

/// The host of a URL: where it stands, and what it is.
struct Host {
    start: usize,
    end: usize,
    kind: Kind,
    text: String,
}

impl Scanner<'_, '_> {
    /// `scheme://` was read; `body` is what comes after it.
    pub(super) fn url(&mut self, start: usize, body: usize, scheme: &str) -> Step {
        let user_end = self.user_info(body);
        let Some(host) = self.url_host(user_end) else { return ControlFlow::Continue(body) };
        let mut text = String::with_capacity(128);
        text.push_str(scheme);
        text.push_str("://");
        text.push_str(self.text.get(body..user_end).unwrap_or_default());
        if host.kind == Kind::Ipv6 {
            text.push('[');
            text.push_str(&host.text);
            text.push(']');
        } else {
            text.push_str(&host.text);
        }
        // The brackets belong to the URL, not to the address.
        let host_end = host.end + usize::from(host.kind == Kind::Ipv6);
        let path = self.port(host_end, &mut text);
        self.buffer = text;
        let mut end = self.lex_path(path).max(path);
        let mut text = std::mem::take(&mut self.buffer);
        refang_inner(&mut text);
        // AsciiDoc: `++http://evil.example/a++`.
        if self.before(start) == Some(b'+') {
            let bare = text.trim_end_matches('+').len();
            end -= text.len() - bare;
            text.truncate(bare);
        }
        let dotted = host.kind == Kind::Ipv6 || host.text.contains('.');
        if dotted && text.len() <= MAX_URL && self.offer(Kind::Url, start, end, &text)? {
            self.url_parts(&host, path, end)?;
        }
        self.buffer = text;
        ControlFlow::Continue(end)
    }

    fn url_parts(&mut self, host: &Host, path: usize, end: usize) -> ControlFlow<()> {
        let text = if host.kind == Kind::Onion { onion(&host.text) } else { &host.text };
        self.offer(host.kind, host.start, host.end, text)?;
        if is_telegram(&host.text) {
            return self.telegram_path(path);
        }
        if ANALYSIS.iter().any(|site| host.text.ends_with(site)) {
            let mut at = path;
            while at < end {
                let word = self.word_end(at).min(end);
                if word > at {
                    self.hash(at, word)?;
                }
                at = word + 1;
                while at < end && !self.text.is_char_boundary(at) {
                    at += 1;
                }
            }
        }
        ControlFlow::Continue(())
    }

    /// Where `user:password@` ends, or `body` when there is none.
    fn user_info(&self, body: usize) -> usize {
        let allowed = |b: &u8| b.is_ascii_alphanumeric() || b"-._~!$&'*+,;=%:".contains(b);
        let length = self.rest(body).iter().take(128).take_while(|b| allowed(b)).count();
        if length > 0 && self.byte(body + length) == Some(b'@') { body + length + 1 } else { body }
    }

    fn url_host(&mut self, start: usize) -> Option<Host> {
        if self.byte(start) == Some(b'[') {
            let rest = self.text.get(start + 1..)?;
            let length = rest.bytes().take(64).position(|b| b == b']')?;
            let text = rest.get(..length)?;
            text.parse::<Ipv6Addr>().ok()?;
            let (start, end) = (start + 1, start + 1 + length);
            return Some(Host { start, end, kind: Kind::Ipv6, text: text.to_owned() });
        }
        if let Some((address, end, _)) = self.lex_ipv4(start) {
            return Some(Host { start, end, kind: Kind::Ipv4, text: address.to_string() });
        }
        let host = self.lex_host(start, false);
        if host.labels == 0 {
            return None;
        }
        let text = self.buffer.to_lowercase();
        let kind = if text.rsplit('.').next() == Some("onion") && text.len() > 6 { Kind::Onion } else { Kind::Domain };
        Some(Host { start, end: host.end, kind, text })
    }

    /// `:8080` or `[:]8080`: written to `text`; where it ends.
    fn port(&self, at: usize, text: &mut String) -> usize {
        let rest = self.rest(at);
        let colon = if rest.first() == Some(&b':') { 1 } else { bracketed(rest, b':').unwrap_or(0) };
        let digits = rest.iter().skip(colon).take(5).take_while(|b| b.is_ascii_digit()).count();
        if colon == 0 || digits == 0 {
            return at;
        }
        text.push(':');
        text.push_str(self.text.get(at + colon..at + colon + digits).unwrap_or_default());
        at + colon + digits
    }

    /// Reads path, query and fragment from `at` onto the buffer; where they end.
    ///
    /// Marks that close a sentence or a bracket opened before the URL do not belong to it.
    pub(super) fn lex_path(&mut self, start: usize) -> usize {
        let mut at = start;
        let begins = matches!(self.rest(at), [b'/' | b'?' | b'#', ..] | [b'\\', b'/', ..]);
        if !begins && bracketed(self.rest(at), b'/').is_none() {
            return at;
        }
        let mut good = (at, self.buffer.len());
        let (mut depth, mut query) = (0usize, false);
        while at - start < 4 * MAX_URL {
            let Some((length, c)) = self.path_char(at, depth, query) else { break };
            match c {
                '(' => depth += 1,
                ')' => depth = depth.saturating_sub(1),
                '?' => query = true,
                _ => {}
            }
            self.buffer.push(c);
            at += length;
            if !matches!(c, '.' | ',' | ';' | ':' | '!' | '?' | '\'' | '*') || length > 1 && c == '.' {
                good = (at, self.buffer.len());
            }
        }
        self.buffer.truncate(good.1);
        good.0
    }

    /// The next character of a path and how many bytes it takes in the text; `None` at the end.
    fn path_char(&self, at: usize, depth: usize, query: bool) -> Option<(usize, char)> {
        let rest = self.rest(at);
        match *rest.first()? {
            b'[' | b'(' | b'{' => {
                for plain in [b'.', b':', b'/', b'@'] {
                    if let Some(length) = bracketed(rest, plain) {
                        return Some((length, char::from(plain)));
                    }
                }
                match rest.first() {
                    Some(b'(') => Some((1, '(')),
                    Some(b'[') if query && is_query_bracket(rest) => Some((1, '[')),
                    _ => None,
                }
            }
            b']' if query && matches!(rest.get(1), Some(b'=' | b'[')) => Some((1, ']')),
            b')' if depth > 0 => Some((1, ')')),
            b')' | b']' | b'}' | b'<' | b'>' | b'"' | b'`' | b'^' | b'|' | 0..=b' ' | 0x7f => None,
            b'\\' => match rest.get(1) {
                Some(b'.') => Some((2, '.')),
                Some(b'/') => Some((2, '/')),
                _ => None,
            },
            b',' | b';' if begins_url(rest.get(1..)?) => None,
            // The next command of a line, the end of a string.
            b'&' if !query && rest.get(1) == Some(&b'&') => None,
            b'\'' if matches!(rest.get(1), Some(b'\'' | b',' | b')')) => None,
            byte if byte < 0x80 => Some((1, char::from(byte))),
            _ => {
                let c = self.text.get(at..)?.chars().next().filter(|c| !ends_url(*c))?;
                Some((c.len_utf8(), c))
            }
        }
    }
}

/// `hxxp://` inside a URL: the target of a redirection, defanged with the whole.
fn refang_inner(text: &mut String) {
    let inner = |at: &usize| {
        let rest = text.as_bytes().get(*at..).unwrap_or_default();
        matches!(rest, [b'h' | b'H', b'x' | b'X', b'x' | b'X', b'p' | b'P', b':' | b's' | b'S', b'/' | b':', ..])
    };
    let places: Vec<usize> = memchr::memchr2_iter(b'h', b'H', text.as_bytes()).filter(inner).collect();
    for at in places {
        text.replace_range(at..at + 4, "http");
    }
}

/// `[]=` or `[name]=` in a query.
fn is_query_bracket(rest: &[u8]) -> bool {
    let inside = rest.iter().skip(1).take(32).take_while(|b| b.is_ascii_alphanumeric() || **b == b'_').count();
    matches!(rest.get(inside + 1..), Some([b']', b'=' | b'[', ..]))
}

fn begins_url(rest: &[u8]) -> bool {
    rest.get(..4).is_some_and(|w| w.eq_ignore_ascii_case(b"http") || w.eq_ignore_ascii_case(b"hxxp"))
}

/// Longer ones are data, not addresses.
const MAX_URL: usize = 8_192;

/// Sites whose addresses hold the hash of a sample.
const ANALYSIS: &[&str] = &[
    "virustotal.com",
    "bazaar.abuse.ch",
    "hybrid-analysis.com",
    "tria.ge",
    "any.run",
    "joesandbox.com",
    "malshare.com",
    "vx-underground.org",
    "opentip.kaspersky.com",
];
