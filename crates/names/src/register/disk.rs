//! How a register is written down and read back.

use std::io;

use super::parts::{Echo, Parts, written};
use super::rows::Rows;
use super::sign::Sign;
use super::{Register, SPELLINGS, number};
use crate::name::{MOST, Token};
use crate::script::Script;
use crate::sound::Sounds;
use crate::tag::Tag;

/// Why a register could not be read back. It is to be made anew then.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Damaged {
    /// It ends too early, or too late.
    #[error("a register of names has not the length that it says it has")]
    Length,
    /// It was written by another version of this program, that reads names in another way or keeps them in another.
    #[error("a register of names is of version {0}, and {VERSION} is what is read")]
    Version(u32),
    /// It is not what was written.
    #[error("a register of names is not what was written: its sum is another")]
    Sum,
    /// What it says cannot be.
    #[error("a register of names holds what cannot be: {0}")]
    Content(&'static str),
}

impl Register {
    /// Writes it down, to be read back by [`read`](Self::read).
    ///
    /// # Errors
    ///
    /// What the writer fails with.
    pub fn write(&self, to: &mut impl io::Write) -> io::Result<()> {
        let mut out = Out { to, sum: Sum::default(), held: Vec::with_capacity(BLOCK + 128) };
        out.put(MAGIC)?;
        out.number(VERSION)?;
        let counts = [self.parts.tokens.len(), self.parts.heard.len(), self.spelled.len(), self.spelled.all.len()];
        for count in counts.into_iter().chain([self.len()]) {
            out.number(number(count))?;
        }
        for (token, group) in self.parts.tokens.iter().zip(&self.parts.groups) {
            out.number(self.parts.sounds.get(*group as usize).copied().unwrap_or_default())?;
            out.token(token)?;
        }
        for echo in &self.parts.heard {
            out.number(echo.key)?;
            out.number(echo.part)?;
        }
        for length in self.spelled.lengths() {
            out.put(&[u8::try_from(length).unwrap_or(u8::MAX)])?;
        }
        out.numbers(self.spelled.all.iter().copied())?;
        out.numbers(self.bearers.lengths())?;
        out.numbers(self.bearers.all.iter().copied())?;
        for order in &self.orders {
            out.put(&order.to_le_bytes())?;
        }
        out.end()
    }

    /// Reads back what was written.
    ///
    /// # Errors
    ///
    /// If it is damaged, of another version, or no register at all.
    pub fn read(bytes: &[u8]) -> Result<Self, Damaged> {
        let (content, sum) = bytes.split_last_chunk::<8>().ok_or(Damaged::Length)?;
        let mut rest = In { rest: content };
        if rest.take(MAGIC.len())? != MAGIC {
            return Err(Damaged::Content("it does not begin as one"));
        }
        let version = rest.number()?;
        if version != VERSION {
            return Err(Damaged::Version(version));
        }
        let mut whole = Sum::default();
        whole.add(content);
        if whole.end() != u64::from_le_bytes(*sum) {
            return Err(Damaged::Sum);
        }
        let mut count = || Ok::<_, Damaged>(rest.number()? as usize);
        let (parts, heard, spellings, spelled, names) = (count()?, count()?, count()?, count()?, count()?);
        if spellings > SPELLINGS {
            return Err(Damaged::Content("more spellings than there can be"));
        }
        let parts = rest.parts(parts, heard)?;
        let lengths = rest.take(spellings)?;
        if lengths.iter().any(|length| !(1..=MOST).contains(&usize::from(*length))) {
            return Err(Damaged::Content("a spelling of no parts, or of too many"));
        }
        let spelled = Rows::cut(rest.numbers(spelled)?, lengths.iter().map(|length| u32::from(*length)));
        let spelled = spelled.ok_or(Damaged::Content("spellings that do not fit"))?;
        if spelled.all.iter().any(|part| *part as usize >= parts.tokens.len()) {
            return Err(Damaged::Content("a spelling of a part that is not there"));
        }
        let borne = rest.numbers(spellings)?;
        let bearers = Rows::cut(rest.numbers(names)?, borne.into_iter());
        let bearers = bearers.ok_or(Damaged::Content("bearers that do not fit"))?;
        let orders = rest.take(names.saturating_mul(2))?.as_chunks::<2>().0;
        let orders = orders.iter().map(|bytes| u16::from_le_bytes(*bytes)).collect();
        if !rest.rest.is_empty() {
            return Err(Damaged::Length);
        }
        Ok(Self::of(parts, spelled, bearers, orders))
    }
}

/// Bytes that are written, in blocks.
struct Out<'w, W> {
    to: &'w mut W,
    sum: Sum,
    held: Vec<u8>,
}

impl<W: io::Write> Out<'_, W> {
    fn put(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.held.extend_from_slice(bytes);
        if self.held.len() >= BLOCK { self.flush() } else { Ok(()) }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.sum.add(&self.held);
        self.to.write_all(&self.held)?;
        self.held.clear();
        Ok(())
    }

    fn number(&mut self, number: u32) -> io::Result<()> {
        self.put(&number.to_le_bytes())
    }

    fn numbers(&mut self, all: impl Iterator<Item = u32>) -> io::Result<()> {
        for number in all {
            self.number(number)?;
        }
        Ok(())
    }

    fn token(&mut self, token: &Token) -> io::Result<()> {
        let tag = TAGS.iter().position(|tag| *tag == token.tag).and_then(|at| u8::try_from(at).ok());
        let script = Script::ALL.iter().position(|script| *script == token.script).and_then(|at| u8::try_from(at).ok());
        let (tag, script) = (tag.unwrap_or_default(), script.unwrap_or_default());
        let length = |of: usize| u8::try_from(of).unwrap_or_default();
        let is_word = u8::from(token.word.is_some());
        let (roman, heard) = (length(token.roman.len()), length(token.sounds.heard.len()));
        let word = token.word.unwrap_or_default();
        let about = [tag, script, u8::from(token.is_loud), is_word, word, token.called, roman, heard];
        self.put(&about)?;
        self.put(&token.roman)?;
        let sounds: Vec<u8> = token.sounds.heard.iter().map(|sound| *sound as u8).collect();
        self.put(&sounds)
    }

    fn end(mut self) -> io::Result<()> {
        self.flush()?;
        self.to.write_all(&self.sum.end().to_le_bytes())?;
        self.to.flush()
    }
}

/// Bytes that are read. Nothing is given room for that is not there.
struct In<'b> {
    rest: &'b [u8],
}

impl<'b> In<'b> {
    fn take(&mut self, length: usize) -> Result<&'b [u8], Damaged> {
        let (taken, rest) = self.rest.split_at_checked(length).ok_or(Damaged::Length)?;
        self.rest = rest;
        Ok(taken)
    }

    fn number(&mut self) -> Result<u32, Damaged> {
        let (taken, rest) = self.rest.split_first_chunk().ok_or(Damaged::Length)?;
        self.rest = rest;
        Ok(u32::from_le_bytes(*taken))
    }

    fn numbers(&mut self, count: usize) -> Result<Vec<u32>, Damaged> {
        let bytes = self.take(count.saturating_mul(4))?;
        Ok(bytes.as_chunks::<4>().0.iter().map(|bytes| u32::from_le_bytes(*bytes)).collect())
    }

    fn parts(&mut self, count: usize, heard: usize) -> Result<Parts, Damaged> {
        if self.rest.len() / SMALLEST < count {
            return Err(Damaged::Length);
        }
        let (mut tokens, mut sounds) = (Vec::with_capacity(count), Vec::with_capacity(count));
        for _ in 0..count {
            sounds.push(self.number()?);
            tokens.push(self.token()?);
        }
        if !tokens.is_sorted_by(|one, other| written(one) < written(other)) {
            return Err(Damaged::Content("parts out of order"));
        }
        let pairs = self.take(heard.saturating_mul(8))?.as_chunks::<8>().0.iter();
        let signs: Vec<Sign> = tokens.iter().map(Sign::of).collect();
        let echo = |[a, b, c, d, e, f, g, h]: &[u8; 8]| {
            let (key, part) = (u32::from_le_bytes([*a, *b, *c, *d]), u32::from_le_bytes([*e, *f, *g, *h]));
            signs.get(part as usize).map(|sign| Echo { key, part, sign: *sign })
        };
        let strange = Damaged::Content("fingerprints out of order, or of no part");
        let heard: Vec<Echo> = pairs.map(echo).collect::<Option<_>>().ok_or(strange)?;
        if !heard.is_sorted_by_key(|echo| (echo.key, echo.part)) {
            return Err(strange);
        }
        Ok(Parts::with(tokens, &sounds, heard))
    }

    fn token(&mut self) -> Result<Token, Damaged> {
        let about = self.take(8)?;
        let &[tag, script, is_loud, is_word, word, called, roman, heard] = about else { return Err(Damaged::Length) };
        let strange = Damaged::Content("a part that cannot be");
        let roman = self.take(usize::from(roman))?;
        let heard = self.take(usize::from(heard))?;
        if roman.is_empty() {
            return Err(strange);
        }
        Ok(Token {
            roman: crate::name::roman(roman.iter().copied()),
            sounds: Sounds::numbered(heard).ok_or(strange)?,
            script: *Script::ALL.get(usize::from(script)).ok_or(strange)?,
            word: (is_word == 1).then_some(word),
            called,
            tag: *TAGS.get(usize::from(tag)).ok_or(strange)?,
            is_loud: is_loud == 1,
        })
    }
}

/// A sum over bytes that tells chance damage: FNV-1a over words of eight bytes, four beside each other.
#[derive(Default)]
struct Sum {
    lanes: [u64; 4],
    /// Bytes that do not make up a block yet.
    held: Vec<u8>,
    length: u64,
}

impl Sum {
    fn add(&mut self, mut bytes: &[u8]) {
        self.length += bytes.len() as u64;
        if !self.held.is_empty() {
            let (more, rest) = bytes.split_at(bytes.len().min(32 - self.held.len()));
            self.held.extend_from_slice(more);
            bytes = rest;
            if self.held.len() < 32 {
                return;
            }
            let held = std::mem::take(&mut self.held);
            self.blocks(&held);
        }
        let rest = self.blocks(bytes);
        self.held.extend_from_slice(rest);
    }

    /// Takes whole blocks, and says what is left.
    fn blocks<'b>(&mut self, bytes: &'b [u8]) -> &'b [u8] {
        let (words, rest) = bytes.as_chunks::<8>();
        let blocks = words.chunks_exact(4);
        let left = blocks.remainder().len() * 8 + rest.len();
        for block in blocks {
            for (lane, word) in self.lanes.iter_mut().zip(block) {
                *lane = mixed(*lane, u64::from_le_bytes(*word));
            }
        }
        bytes.get(bytes.len() - left..).unwrap_or_default()
    }

    fn end(mut self) -> u64 {
        let mut last = std::mem::take(&mut self.held);
        last.resize(32, 0);
        self.blocks(&last);
        let sum = self.lanes.iter().fold(self.length, |sum, lane| mixed(sum, *lane));
        sum ^ (sum >> 32)
    }
}

fn mixed(sum: u64, word: u64) -> u64 {
    (sum ^ word ^ 0xcbf2_9ce4_8422_2325).wrapping_mul(0x0100_0000_01b3).rotate_left(23)
}

const MAGIC: &[u8] = b"comnames";
/// To be counted up when what is written changes, and when names are read in another way: the letters, sounds, tags and
/// words of parts, and their fingerprints.
const VERSION: u32 = 8;
/// Bytes that are written at once.
const BLOCK: usize = 1 << 16;
/// The fewest bytes of a part.
const SMALLEST: usize = 4 + 8 + 1;
/// What parts are, as they are numbered.
const TAGS: [Tag; 7] = [Tag::Name, Tag::Initial, Tag::Particle, Tag::Title, Tag::Form, Tag::Filler, Tag::Number];

/// The same bytes with the sum that fits.
#[cfg(test)]
pub(super) fn summed(bytes: &[u8]) -> Vec<u8> {
    let content = &bytes[..bytes.len() - 8];
    let mut sum = Sum::default();
    sum.add(content);
    [content, &sum.end().to_le_bytes()].concat()
}
