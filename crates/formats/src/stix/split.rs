use std::io::{self, Read};

use super::scan::{Scan, Step, Wrapping};

/// STIX: a bundle or envelope with `objects`.
pub(crate) const STIX: Wrapping = Wrapping { list: b"objects", inner: b"" };
/// MISP: `response` with a list of events, or with an object that lists attributes.
pub(crate) const MISP: Wrapping = Wrapping { list: b"response", inner: b"Attribute" };

/// The window's first size.
const WINDOW: usize = 1 << 20;
/// How much of an item that is set aside is shown.
const SHOWN: usize = 1024;
/// How far a broken item's successor is looked at to be known: `{`, white space, its first name.
const AHEAD: usize = 48;

/// Cuts a JSON stream into its items without reading them: bundle, envelope, list, single object, or one a line.
///
/// Holds one window of 1 MiB, which grows only for a larger item and never past the limit. Text that
/// cannot be JSON is reported once, and the next item is looked for behind it.
pub(crate) struct Splitter<R> {
    reader: R,
    wrapping: Wrapping,
    limit: usize,
    window: Vec<u8>,
    /// The first byte not yet given out.
    start: usize,
    /// The end of what was read.
    end: usize,
    /// The stream's offset of the window's first byte.
    base: u64,
    over: bool,
    /// What is open around the list of items; `None` outside of one.
    around: Option<Vec<u8>>,
    begun: bool,
    /// Something was broken: the brackets around may not match any more.
    broken: bool,
    shown: Vec<u8>,
}

/// One item, or the report of one that cannot be given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Piece<'a> {
    /// Exactly the item's bytes.
    Item { raw: &'a [u8], offset: u64 },
    /// Set aside: code, reason and how it begins.
    Aside { offset: u64, code: &'static str, reason: &'static str, item: &'a [u8] },
}

enum Found {
    Nothing,
    GoOn,
    Item(usize),
    Aside { offset: u64, code: &'static str, reason: &'static str },
}

impl<R: Read> Splitter<R> {
    /// A splitter that gives items of at most `limit` bytes.
    pub(crate) fn new(reader: R, wrapping: Wrapping, limit: usize) -> Self {
        let limit = limit.max(2);
        Self {
            reader,
            wrapping,
            limit,
            window: vec![0; WINDOW.min(limit + 1)],
            start: 0,
            end: 0,
            base: 0,
            over: false,
            around: None,
            begun: false,
            broken: false,
            shown: Vec::new(),
        }
    }

    /// The next item; `None` after the last.
    pub(crate) fn next(&mut self) -> io::Result<Option<Piece<'_>>> {
        loop {
            match self.find()? {
                Found::GoOn => {}
                Found::Nothing => return Ok(None),
                Found::Item(length) => {
                    let from = self.start;
                    self.start += length;
                    let raw = self.window.get(from..self.start).unwrap_or_default();
                    return Ok(Some(Piece::Item { raw, offset: self.base + from as u64 }));
                }
                Found::Aside { offset, code, reason } => {
                    return Ok(Some(Piece::Aside { offset, code, reason, item: &self.shown }));
                }
            }
        }
    }

    fn find(&mut self) -> io::Result<Found> {
        if !self.begun {
            self.begin()?;
        }
        let Some(byte) = self.separators()? else {
            return Ok(self.ended());
        };
        match byte {
            b'{' if self.around.is_some() => self.item::<false>(),
            b'{' => self.item::<true>(),
            b'[' if self.around.is_none() => {
                self.start += 1;
                self.around = Some(Vec::new());
                Ok(Found::GoOn)
            }
            b']' if self.around.is_some() => {
                self.start += 1;
                let around = self.around.take().unwrap_or_default();
                self.close(around)
            }
            b']' | b'}' if self.broken => {
                self.start += 1;
                Ok(Found::GoOn)
            }
            _ => self.aside(1, "an object was expected here"),
        }
    }

    /// Skips a byte order mark (RFC 8259 section 8.1 lets a reader ignore one).
    fn begin(&mut self) -> io::Result<()> {
        self.begun = true;
        while self.end < 3 && self.fill()? {}
        if self.text().starts_with(b"\xef\xbb\xbf") {
            self.start += 3;
        }
        Ok(())
    }

    fn ended(&mut self) -> Found {
        if self.around.take().is_none() {
            return Found::Nothing;
        }
        self.shown.clear();
        Found::Aside {
            offset: self.position(),
            code: "json-broken",
            reason: "the text ends before its list of objects is closed",
        }
    }

    /// Passes white space and commas between items; `None` at the end.
    fn separators(&mut self) -> io::Result<Option<u8>> {
        loop {
            let text = self.text();
            let blank = |b: &u8| matches!(b, b' ' | b'\n' | b'\r' | b'\t' | b',');
            if let Some(at) = text.iter().position(|b| !blank(b)) {
                let byte = text.get(at).copied();
                self.start += at;
                return Ok(byte);
            }
            self.start = self.end;
            if !self.fill()? {
                return Ok(None);
            }
        }
    }

    fn item<const OUTER: bool>(&mut self) -> io::Result<Found> {
        let mut scan = Scan::new();
        loop {
            match scan.run::<OUTER>(self.text(), self.wrapping) {
                Step::Done(length) if length > self.limit => return self.too_large::<OUTER>(scan, Some(length)),
                Step::Done(length) if OUTER && scan.bundle => {
                    self.start += length;
                    return Ok(Found::GoOn);
                }
                Step::Done(length) => return Ok(Found::Item(length)),
                Step::Enter(length) => {
                    self.start += length;
                    self.around = Some(scan.around());
                    return Ok(Found::GoOn);
                }
                Step::Broken(reason) => return self.aside(resume(&scan), reason),
                Step::More if self.end - self.start > self.limit => return self.too_large::<OUTER>(scan, None),
                Step::More => {
                    if !self.fill()? {
                        return self.aside(resume(&scan), "the text ends before the object is closed");
                    }
                }
            }
        }
    }

    /// Passes the rest of what stands around the list of items.
    fn close(&mut self, around: Vec<u8>) -> io::Result<Found> {
        if around.is_empty() {
            return Ok(Found::GoOn);
        }
        let offset = self.position();
        self.show(SHOWN);
        match self.pass::<false>(Scan::after(around, b']'))? {
            None => Ok(Found::GoOn),
            Some(reason) => Ok(Found::Aside { offset, code: "json-broken", reason }),
        }
    }

    fn too_large<const OUTER: bool>(&mut self, scan: Scan, length: Option<usize>) -> io::Result<Found> {
        let offset = self.position();
        self.show(SHOWN);
        match length {
            Some(length) => self.start += length,
            None => {
                self.pass::<OUTER>(scan)?;
            }
        }
        let reason = "the object is larger than an item may be; raise the limit or split the object";
        Ok(Found::Aside { offset, code: "item-too-large", reason })
    }

    /// Goes to the end of what the scan is in, holding nothing; the reason when the text is broken.
    fn pass<const OUTER: bool>(&mut self, mut scan: Scan) -> io::Result<Option<&'static str>> {
        loop {
            match scan.run::<OUTER>(self.text(), self.wrapping) {
                Step::Done(length) => {
                    self.start += length;
                    return Ok(None);
                }
                Step::Enter(_) => {}
                Step::Broken(reason) => {
                    self.start += scan.at;
                    self.find_again()?;
                    return Ok(Some(reason));
                }
                Step::More => {
                    self.start += scan.rebase();
                    if !self.fill()? {
                        self.start = self.end;
                        return Ok(Some("the text ends before its last bracket"));
                    }
                }
            }
        }
    }

    /// Reports the text from here and looks for the next item, at least `after` bytes on.
    fn aside(&mut self, after: usize, reason: &'static str) -> io::Result<Found> {
        let offset = self.position();
        self.show(after.max(SHOWN));
        self.start = (self.start + after.max(1)).min(self.end);
        self.find_again()?;
        Ok(Found::Aside { offset, code: "json-broken", reason })
    }

    fn show(&mut self, most: usize) {
        let text = self.window.get(self.start..self.end).unwrap_or_default();
        self.shown.clear();
        self.shown.extend_from_slice(text.get(..most.min(SHOWN)).unwrap_or(text));
    }

    /// Moves to what looks like the beginning of an item, or to the end.
    fn find_again(&mut self) -> io::Result<()> {
        self.broken = true;
        loop {
            let text = self.text();
            match candidate(text, self.over) {
                Ok(Some(at)) => {
                    self.start += at;
                    return Ok(());
                }
                Ok(None) => self.start = self.end.saturating_sub(1).max(self.start),
                Err(at) => self.start += at,
            }
            if !self.fill()? {
                if self.over && candidate(self.text(), true) != Ok(None) {
                    continue;
                }
                self.start = self.end;
                self.around = None;
                return Ok(());
            }
        }
    }

    fn text(&self) -> &[u8] {
        self.window.get(self.start..self.end).unwrap_or_default()
    }

    fn position(&self) -> u64 {
        self.base + self.start as u64
    }

    /// Reads more behind what is held; false at the end of the stream.
    fn fill(&mut self) -> io::Result<bool> {
        if self.over {
            return Ok(false);
        }
        if self.end == self.window.len() || self.start == self.end {
            self.window.copy_within(self.start..self.end, 0);
            self.base += self.start as u64;
            self.end -= self.start;
            self.start = 0;
        }
        if self.end == self.window.len() {
            let most = self.limit.saturating_add(1).max(AHEAD * 2);
            self.window
                .resize(self.window.len().saturating_mul(2).clamp(AHEAD * 2, most.max(self.window.len() + 1)), 0);
        }
        loop {
            match self.reader.read(self.window.get_mut(self.end..).unwrap_or_default()) {
                Ok(count) => {
                    self.over = count == 0;
                    self.end = (self.end + count).min(self.window.len());
                    return Ok(count > 0);
                }
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) => return Err(e),
            }
        }
    }
}

/// Where to look again after an error: an unclosed string may have swallowed the next item's beginning.
fn resume(scan: &Scan) -> usize {
    scan.string.min(scan.at)
}

/// The first place that looks like an item's beginning: a brace at the start of a line, or one followed by a
/// name items begin with. `Err` says from where more text is needed to tell.
fn candidate(text: &[u8], over: bool) -> Result<Option<usize>, usize> {
    for at in memchr::memchr_iter(b'{', text) {
        let behind = text.get(at + 1..).unwrap_or_default();
        let line = at.checked_sub(1).and_then(|before| text.get(before)) == Some(&b'\n');
        if line {
            return Ok(Some(at));
        }
        if behind.len() < AHEAD && !over {
            return Err(at.saturating_sub(1));
        }
        let near = behind.get(..AHEAD).unwrap_or(behind).trim_ascii_start();
        if FIRST_NAMES.iter().any(|name| near.starts_with(name)) {
            return Ok(Some(at));
        }
    }
    Ok(None)
}

/// Names that STIX objects and MISP events and attributes begin with and their inner objects seldom do.
const FIRST_NAMES: &[&[u8]] = &[
    b"\"type\"",
    b"\"id\"",
    b"\"spec_version\"",
    b"\"created\"",
    b"\"modified\"",
    b"\"created_by_ref\"",
    b"\"object_marking_refs\"",
    b"\"Event\"",
    b"\"uuid\"",
];

#[cfg(test)]
mod tests;
