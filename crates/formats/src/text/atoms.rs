use std::ops::ControlFlow;

use comity_stix::value::Kind;

use super::scan::{Scanner, Step};

impl Scanner<'_, '_> {
    /// A word that nothing joins to others: hashes, wallets, accounts, labelled names.
    pub(super) fn lone(&mut self, start: usize, end: usize) -> Step {
        let word = self.slice(start, end);
        if word.len() >= 15 {
            self.long_word(start, end)?;
            return ControlFlow::Continue(end);
        }
        match word {
            [b'A', b'S', ..] => self.asn(start, end),
            [b'd' | b'D', b'o' | b'O', b't' | b'T'] => self.spoken_dot(start, end),
            [b'm' | b'M', b'u' | b'U', b't' | b'T', ..] => self.mutex(start, end),
            [b'0'..=b'9', ..] => self.card(start, end),
            [b'A'..=b'Z', b'A'..=b'Z', b'0'..=b'9', b'0'..=b'9'] => self.spaced_iban(start, end),
            [b'A'..=b'Z', b'A'..=b'Z', ..] if matches!(word.len(), 8 | 11) => self.bic(start, end),
            _ => ControlFlow::Continue(end),
        }
    }

    /// The parts between hyphens, each of which may be a value.
    fn long_word(&mut self, start: usize, end: usize) -> ControlFlow<()> {
        let word = self.slice(start, end);
        if word.len() == 17 && memchr::memchr_iter(b'-', word).count() == 5 {
            self.offer_raw(Kind::Mac, start, end)?;
            return ControlFlow::Continue(());
        }
        if word.len() <= 19 && word.iter().all(|b| b.is_ascii_digit() || *b == b'-') {
            return match self.card(start, end) {
                ControlFlow::Continue(_) => ControlFlow::Continue(()),
                ControlFlow::Break(()) => ControlFlow::Break(()),
            };
        }
        let mut at = start;
        for part in word.split(|b| *b == b'-') {
            if part.len() >= 15 && part.is_ascii() {
                self.atom(at, at + part.len())?;
            }
            at += part.len() + 1;
        }
        ControlFlow::Continue(())
    }

    fn atom(&mut self, start: usize, end: usize) -> ControlFlow<()> {
        let word = self.slice(start, end);
        let found = match (word, word.len()) {
            (_, 32 | 40 | 64 | 128) => self.hash(start, end)?,
            ([b'0', b'x' | b'X', ..], 42) => self.offer_raw(Kind::Ethereum, start, end)?,
            ([b'T', b'1', ..], 72) => self.offer_raw(Kind::Tlsh, start, end)?,
            (_, 70) if self.near(start, 16, &["tlsh"]) => self.offer_raw(Kind::Tlsh, start, end)?,
            ([b'T', ..], 34) => self.offer_raw(Kind::Tron, start, end)?,
            ([b'4' | b'8', ..], 95 | 106) => self.offer_raw(Kind::Monero, start, end)?,
            (_, 36) if word.contains(&b'_') && self.near(start, 24, &["ja4"]) => {
                self.offer_raw(Kind::Ja4, start, end)?
            }
            _ => false,
        };
        if found {
            return ControlFlow::Continue(());
        }
        match word {
            [b'b' | b'B', b'c' | b'C', b'1', ..] if (14..=74).contains(&word.len()) => {
                self.offer_raw(Kind::Bitcoin, start, end)?;
            }
            [b'1' | b'3', ..] if (26..=35).contains(&word.len()) => {
                self.offer_raw(Kind::Bitcoin, start, end)?;
            }
            [a, b, c, d, ..] if word.len() <= 34 && is_iban_head([*a, *b, *c, *d]) => {
                self.offer_raw(Kind::Iban, start, end)?;
            }
            _ => {}
        }
        ControlFlow::Continue(())
    }

    /// A run of hexadecimal digits of a hash's length. What the text calls it decides between the kinds.
    pub(super) fn hash(&mut self, start: usize, end: usize) -> ControlFlow<(), bool> {
        let word = self.slice(start, end);
        let kind = match word.len() {
            32 => Kind::Md5,
            40 => Kind::Sha1,
            64 => Kind::Sha256,
            128 => Kind::Sha512,
            _ => return ControlFlow::Continue(false),
        };
        let hexadecimal = word.iter().all(u8::is_ascii_hexdigit);
        if !hexadecimal || word.iter().all(u8::is_ascii_digit) || word.iter().all(u8::is_ascii_alphabetic) {
            return ControlFlow::Continue(false);
        }
        let kind = match kind {
            Kind::Md5 if self.near(start, 24, &["ja3", "ja3s"]) => Kind::Ja3,
            // Digests of a part of a file, or of something else: as an MD5 they would link what is not the same file.
            Kind::Md5
                if self.near(
                    start,
                    24,
                    &["imphash", "pehash", "vhash", "richpe", "telfhash", "ja4", "uuid", "authentihash"],
                ) =>
            {
                return ControlFlow::Continue(false);
            }
            Kind::Sha1 | Kind::Sha256 if self.near(start, 40, &["thumbprint", "fingerprint"]) => Kind::CertFingerprint,
            kind => kind,
        };
        self.offer_raw(kind, start, end)
    }

    fn asn(&mut self, start: usize, end: usize) -> Step {
        let word = self.slice(start, end);
        let digits = word.get(2..).unwrap_or_default();
        let digits = digits.strip_prefix(b"N").unwrap_or(digits);
        // AS/400 is a computer.
        let plain = (3..=10).contains(&digits.len()) && digits.iter().all(u8::is_ascii_digit) && digits != b"400";
        if plain && digits.first() != Some(&b'0') {
            self.offer_raw(Kind::Asn, start, end)?;
        }
        ControlFlow::Continue(end)
    }

    /// `mutex: name`, `Mutex name = "name"`.
    fn mutex(&mut self, start: usize, end: usize) -> Step {
        let word = self.slice(start, end);
        if !["mutex", "mutexes", "mutexname", "mutant"].iter().any(|w| word.eq_ignore_ascii_case(w.as_bytes())) {
            return ControlFlow::Continue(end);
        }
        let mut at = end;
        if self.rest(at).get(..5).is_some_and(|w| w.eq_ignore_ascii_case(b" name")) {
            at += 5;
        }
        if !matches!(self.byte(at), Some(b':' | b'=')) && self.rest(at).get(..2) != Some(b" =") {
            return ControlFlow::Continue(end);
        }
        at += self.rest(at).iter().take(4).take_while(|b| matches!(b, b':' | b'=' | b' ')).count();
        let quote = self.byte(at).filter(|b| matches!(b, b'"' | b'\'' | b'`'));
        at += usize::from(quote.is_some());
        let stops = |b: &u8| match quote {
            Some(quote) => *b == quote || *b < b' ',
            None => b.is_ascii_whitespace() || matches!(b, b',' | b';' | b'"' | b'|' | b')'),
        };
        let length = self.rest(at).iter().take(256).take_while(|b| !stops(b)).count();
        if !(4..256).contains(&length) || !self.text.is_char_boundary(at + length) {
            return ControlFlow::Continue(end);
        }
        let found = self.offer_raw(Kind::Mutex, at, at + length)?;
        ControlFlow::Continue(if found { at + length } else { end })
    }

    /// Digits, in groups or not, where the text speaks of cards.
    fn card(&mut self, start: usize, end: usize) -> Step {
        let (mut at, mut digits) = (start, 0usize);
        loop {
            let group = self.rest(at).iter().take(20).take_while(|b| b.is_ascii_digit()).count();
            digits += group;
            at += group;
            match self.rest(at) {
                [b' ' | b'-', next, ..] if next.is_ascii_digit() && matches!(group, 4..=6) && digits < 19 => at += 1,
                _ => break,
            }
        }
        let goes_on = self.byte(at).is_some_and(|b| b.is_ascii_alphanumeric() || b == b'_');
        if !(13..=19).contains(&digits) || goes_on || at < end {
            return ControlFlow::Continue(end);
        }
        if self.near(start, 64, CARD_WORDS) && self.offer_raw(Kind::Card, start, at)? {
            return ControlFlow::Continue(at);
        }
        ControlFlow::Continue(end)
    }

    /// An IBAN in groups of four.
    fn spaced_iban(&mut self, start: usize, end: usize) -> Step {
        let mut ends = [0usize; 8];
        let (mut at, mut count) = (end, 0usize);
        for slot in &mut ends {
            let rest = self.rest(at);
            let space = match rest {
                [b' ', ..] => 1,
                [0xc2, 0xa0, ..] => 2,
                _ => break,
            };
            let group =
                rest.iter().skip(space).take(5).take_while(|b| b.is_ascii_uppercase() || b.is_ascii_digit()).count();
            if !(1..=4).contains(&group) || rest.get(space + group).is_some_and(u8::is_ascii_alphanumeric) {
                break;
            }
            at += space + group;
            *slot = at;
            count += 1;
            if group < 4 {
                break;
            }
        }
        for end in ends.iter().take(count).skip(2).rev() {
            let text: String = self.text.get(start..*end).unwrap_or_default().split([' ', '\u{a0}']).collect();
            if self.offer(Kind::Iban, start, *end, &text)? {
                return ControlFlow::Continue(*end);
            }
        }
        ControlFlow::Continue(end)
    }

    fn bic(&mut self, start: usize, end: usize) -> Step {
        let word = self.slice(start, end);
        let shaped = word.iter().take(6).all(u8::is_ascii_uppercase)
            && word.iter().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
        if shaped && self.near(start, 24, &["bic", "swift"]) {
            self.offer_raw(Kind::Bic, start, end)?;
        }
        ControlFlow::Continue(end)
    }

    /// `HKLM\Software\...`: components may hold spaces when another component follows.
    pub(super) fn registry(&mut self, start: usize, hive_end: usize) -> Step {
        let mut at = hive_end;
        let mut key = self.text.get(start..hive_end).unwrap_or_default().to_owned();
        if self.byte(at) == Some(b':') {
            at += 1;
        }
        let mut end = at;
        while self.byte(at) == Some(b'\\') && at - start < 512 {
            at += self.rest(at).iter().take_while(|b| **b == b'\\').count().min(2);
            let length = self.component(at);
            if length == 0 {
                break;
            }
            key.push('\\');
            key.push_str(self.text.get(at..at + length).unwrap_or_default());
            at += length;
            end = at;
        }
        if key.len() > hive_end - start && self.offer(Kind::RegistryKey, start, end, &key)? {
            return ControlFlow::Continue(end);
        }
        ControlFlow::Continue(hive_end)
    }

    fn component(&self, at: usize) -> usize {
        let stops = |c: char| {
            c.is_control() || matches!(c, '\\' | '"' | '\'' | '`' | '<' | '>' | '|' | ',' | ';' | ':' | '[' | ']' | '=')
        };
        let rest = self.text.get(at..).unwrap_or_default();
        let whole = rest.char_indices().take(80).find(|(_, c)| stops(*c)).map_or(rest.len().min(80), |(n, _)| n);
        let Some(text) = rest.get(..whole) else { return 0 };
        if rest.as_bytes().get(whole) == Some(&b'\\') && text.split(' ').count() <= 4 {
            return whole;
        }
        let word = text.split([' ', '\u{a0}']).next().unwrap_or_default();
        word.trim_end_matches(['.', ')', '!', '?', '*']).len()
    }
}

fn is_iban_head(head: [u8; 4]) -> bool {
    let [a, b, c, d] = head;
    a.is_ascii_uppercase() && b.is_ascii_uppercase() && c.is_ascii_digit() && d.is_ascii_digit()
}

const CARD_WORDS: &[&str] = &[
    "card",
    "pan",
    "kaart",
    "kaardi",
    "karte",
    "carte",
    "carta",
    "tarjeta",
    "kortti",
    "kort",
    "karta",
    "visa",
    "mastercard",
];
