use std::io::{Cursor, Read};

/// A file that is made while it is read, piece by piece, so that no world has to fit in memory.
pub fn stream(pieces: impl Iterator<Item = String> + Send + 'static) -> Box<dyn Read + Send> {
    Box::new(Stream { pieces: Box::new(pieces), now: Cursor::new(Vec::new()) })
}

struct Stream {
    pieces: Box<dyn Iterator<Item = String> + Send>,
    now: Cursor<Vec<u8>>,
}

impl Read for Stream {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        loop {
            let read = self.now.read(out)?;
            if read > 0 {
                return Ok(read);
            }
            match self.pieces.next() {
                Some(piece) => self.now = Cursor::new(piece.into_bytes()),
                None => return Ok(0),
            }
        }
    }
}
