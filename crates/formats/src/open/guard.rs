use std::io::{self, BufRead, Read};

use comity_base::{LimitExceeded, Limits};

use super::{Peek, Shared};

/// The input itself: counts its bytes and tells the progress about every MiB.
pub(super) struct Raw<'a, 's> {
    pub(super) input: &'a mut dyn Read,
    pub(super) shared: &'a Shared<'s>,
}

impl Read for Raw<'_, '_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.shared.stopped.get() {
            return Ok(0);
        }
        let count = self.input.read(out)?;
        let before = self.shared.raw.get();
        let now = before + count as u64;
        self.shared.raw.set(now);
        if before >> 20 != now >> 20 {
            let _ = self.shared.pass(|sink| sink.progress(now));
        }
        Ok(count)
    }
}

/// What comes out of decompression, within the limits: a bomb ends in an ordinary error.
pub(super) struct Guard<'a, 's, R> {
    pub(super) unpacked: R,
    pub(super) shared: &'a Shared<'s>,
    pub(super) limits: Limits,
}

impl<R: Read> Read for Guard<'_, '_, R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let count = self.unpacked.read(out)?;
        let unfolded = self.shared.unfolded.get().saturating_add(count as u64);
        self.shared.unfolded.set(unfolded);
        let fail = |what, limit| Err(io::Error::other(LimitExceeded { what, limit }));
        if unfolded > self.limits.unfolded_bytes {
            return fail("bytes after decompression", self.limits.unfolded_bytes);
        }
        let most = self.shared.raw.get().saturating_mul(self.limits.unfold_ratio);
        if unfolded > 1 << 20 && unfolded > most {
            return fail("times larger after decompression", self.limits.unfold_ratio);
        }
        Ok(count)
    }
}

/// A stream on its way to its reader; the bytes of one that is converted also go to the sink.
pub(super) struct Tee<'a, 'p, 's> {
    pub(super) source: &'a mut Peek<'p>,
    pub(super) shared: &'a Shared<'s>,
    pub(super) on: bool,
    /// How many bytes of the buffer were handed to the sink and are not yet consumed.
    pub(super) seen: usize,
}

impl BufRead for Tee<'_, '_, '_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.shared.stopped.get() {
            return Ok(&[]);
        }
        let bytes = self.source.fill_buf()?;
        if self.on && self.seen < bytes.len() {
            let fresh = bytes.get(self.seen..).unwrap_or_default();
            self.seen = bytes.len();
            if self.shared.pass(|sink| sink.original(fresh)).is_break() {
                return Ok(&[]);
            }
        }
        Ok(bytes)
    }

    fn consume(&mut self, count: usize) {
        self.seen = self.seen.saturating_sub(count);
        self.source.consume(count);
    }
}

impl Read for Tee<'_, '_, '_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if !self.on {
            return if self.shared.stopped.get() { Ok(0) } else { self.source.read(out) };
        }
        let count = self.fill_buf()?.read(out)?;
        self.consume(count);
        Ok(count)
    }
}
