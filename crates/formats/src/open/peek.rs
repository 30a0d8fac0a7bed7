use std::io::{self, BufRead, Read};

const BUFFER: usize = 128 << 10;

/// A buffered reader that can show the beginning of a stream before anything is taken from it.
pub(super) struct Peek<'r> {
    inner: Box<dyn Read + 'r>,
    buffer: Vec<u8>,
    start: usize,
    end: usize,
}

impl<'r> Peek<'r> {
    pub(super) fn new(inner: impl Read + 'r) -> Self {
        Self { inner: Box::new(inner), buffer: vec![0; BUFFER], start: 0, end: 0 }
    }

    /// The next bytes without taking them: as many as asked for, or all that are left.
    pub(super) fn head(&mut self, most: usize) -> io::Result<&[u8]> {
        let most = most.min(BUFFER);
        if self.start + most > BUFFER {
            self.buffer.copy_within(self.start..self.end, 0);
            self.end -= self.start;
            self.start = 0;
        }
        while self.end - self.start < most {
            match self.inner.read(self.buffer.get_mut(self.end..).unwrap_or_default()) {
                Ok(0) => break,
                Ok(count) => self.end += count,
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) => return Err(e),
            }
        }
        let end = self.end.min(self.start + most);
        Ok(self.buffer.get(self.start..end).unwrap_or_default())
    }
}

impl BufRead for Peek<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.start == self.end {
            self.end = self.inner.read(&mut self.buffer)?;
            self.start = 0;
        }
        Ok(self.buffer.get(self.start..self.end).unwrap_or_default())
    }

    fn consume(&mut self, count: usize) {
        self.start = (self.start + count).min(self.end);
    }
}

impl Read for Peek<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        // A large read into the caller's memory goes past the buffer once that is empty.
        if self.start == self.end && out.len() >= BUFFER {
            return self.inner.read(out);
        }
        let count = self.fill_buf()?.read(out)?;
        self.consume(count);
        Ok(count)
    }
}
