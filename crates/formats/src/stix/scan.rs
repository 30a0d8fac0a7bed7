//! The inner loop of the splitter: finds where one JSON object ends, resumable at any byte.

/// Most levels of nesting the scan follows; the reader of the object applies the tighter limit.
const MOST_LEVELS: usize = 1024;

/// Which members of an outer object hold the list of items.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wrapping {
    /// The member that is a list of items: `objects`.
    pub(crate) list: &'static [u8],
    /// The member inside an object called like `list` that may be the list instead: `Attribute` in MISP's `response`.
    pub(crate) inner: &'static [u8],
}

/// What one run found. Positions count from the item's first byte.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// Everything so far is in order; more bytes are needed.
    More,
    /// The item ends before this position.
    Done(usize),
    /// A list of items begins at this position, after its bracket.
    Enter(usize),
    /// The text cannot be JSON.
    Broken(&'static str),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Key {
    Other,
    Type,
    List,
    Inner,
}

/// The state of the scan between two runs.
#[derive(Debug)]
#[expect(clippy::struct_excessive_bools, reason = "four independent facts about where the scan stands")]
pub(super) struct Scan {
    /// The next byte to look at, counted from the item's first byte.
    pub(super) at: usize,
    /// Where the current or latest string begins, after its quote.
    pub(super) string: usize,
    open: Vec<u8>,
    top: u8,
    before: u8,
    inside: bool,
    key: Key,
    typed: bool,
    /// The item says that it is a bundle.
    pub(super) bundle: bool,
    nested: bool,
}

impl Scan {
    /// Before the first byte of an item.
    pub(super) fn new() -> Self {
        Self::after(Vec::new(), b'[')
    }

    /// Inside what is still open, after a list.
    pub(super) fn after(open: Vec<u8>, before: u8) -> Self {
        let top = open.last().copied().unwrap_or(b'[');
        Self {
            at: 0,
            string: 0,
            open,
            top,
            before,
            inside: false,
            key: Key::Other,
            typed: false,
            bundle: false,
            nested: false,
        }
    }

    /// Forgets everything up to the current position, which becomes 0.
    pub(super) fn rebase(&mut self) -> usize {
        // A string that began earlier can no longer be compared with a name.
        self.string = usize::MAX;
        std::mem::take(&mut self.at)
    }

    /// What is open around a list that was just entered.
    pub(super) fn around(&mut self) -> Vec<u8> {
        self.open.pop();
        std::mem::take(&mut self.open)
    }

    /// Goes on until the item ends or the text does. With `OUTER`, watches for a list of items.
    pub(super) fn run<const OUTER: bool>(&mut self, text: &[u8], wrapping: Wrapping) -> Step {
        loop {
            if self.inside {
                match string_end(text, self.at) {
                    Ended::Quote(quote) => {
                        if OUTER && self.open.len() <= 2 {
                            self.note(text, quote, wrapping);
                        }
                        self.at = quote + 1;
                        self.inside = false;
                        self.before = b'"';
                    }
                    Ended::Text(at) => {
                        self.at = at;
                        return Step::More;
                    }
                    Ended::Control(at) => {
                        self.at = at;
                        return Step::Broken("a line break or control character stands inside a string");
                    }
                }
            }
            let Some(&byte) = text.get(self.at) else {
                return Step::More;
            };
            if let Some(step) = self.outside::<OUTER>(byte) {
                return step;
            }
        }
    }

    #[inline]
    fn outside<const OUTER: bool>(&mut self, byte: u8) -> Option<Step> {
        match byte {
            b'"' => {
                if !matches!(self.before, b'{' | b'[' | b',' | b':') {
                    return Some(Step::Broken("a string stands where a comma or a bracket should"));
                }
                self.string = self.at + 1;
                self.inside = true;
            }
            b':' | b',' => self.before = byte,
            b' ' | b'\n' | b'\r' | b'\t' => {}
            b'{' | b'[' => return self.opens::<OUTER>(byte),
            b'}' | b']' => return self.closes(byte),
            b'0'..=b'9' | b'-' | b'+' | b'.' | b'E' | b'a' | b'e' | b'f' | b'l' | b'n' | b'r' | b's' | b't' | b'u' => {
                if matches!(self.before, b'"' | b'}' | b']') {
                    return Some(Step::Broken("a word or number stands where a comma or a bracket should"));
                }
                self.before = b'0';
            }
            _ => return Some(Step::Broken("a character stands where JSON allows none")),
        }
        self.at += 1;
        None
    }

    fn opens<const OUTER: bool>(&mut self, byte: u8) -> Option<Step> {
        let fits = self.before == b':' || (self.top == b'[' && matches!(self.before, b'[' | b','));
        if !fits {
            return Some(Step::Broken("an object or list stands where it cannot; the one before was not closed"));
        }
        if self.open.len() >= MOST_LEVELS {
            return Some(Step::Broken("nested too deeply"));
        }
        let value = OUTER && self.before == b':';
        let (level, key) = (self.open.len(), self.key);
        self.open.push(byte);
        (self.top, self.before) = (byte, byte);
        self.at += 1;
        if value {
            let listed = level == 1 && key == Key::List && (!self.typed || self.bundle);
            let inner = level == 2 && self.nested && key == Key::Inner;
            if byte == b'[' && (listed || inner) {
                return Some(Step::Enter(self.at));
            }
            if level == 1 {
                self.nested = key == Key::List && byte == b'{';
            }
        }
        None
    }

    fn closes(&mut self, byte: u8) -> Option<Step> {
        let opened = if byte == b'}' { b'{' } else { b'[' };
        if self.open.pop() != Some(opened) {
            return Some(Step::Broken("a bracket closes what was not opened"));
        }
        self.top = self.open.last().copied().unwrap_or(b'[');
        self.before = byte;
        self.at += 1;
        self.open.is_empty().then_some(Step::Done(self.at))
    }

    /// Remembers the name of a member, or whether the type is a bundle.
    fn note(&mut self, text: &[u8], quote: usize, wrapping: Wrapping) {
        let string = text.get(self.string..quote).unwrap_or_default();
        let level = self.open.len();
        if self.before != b':' && self.top == b'{' {
            self.key = match string {
                b"type" if level == 1 => Key::Type,
                name if level == 1 && name == wrapping.list => Key::List,
                name if level == 2 && self.nested && name == wrapping.inner => Key::Inner,
                _ => Key::Other,
            };
        } else if level == 1 && self.key == Key::Type {
            self.typed = true;
            self.bundle = string == b"bundle";
        }
    }
}

enum Ended {
    Quote(usize),
    Control(usize),
    Text(usize),
}

/// Where a string ends, looking from inside it: eight bytes at a time.
fn string_end(text: &[u8], mut at: usize) -> Ended {
    loop {
        while let Some(word) = text.get(at..).and_then(<[u8]>::first_chunk::<8>) {
            let hits = special(u64::from_le_bytes(*word));
            if hits != 0 {
                at += hits.trailing_zeros() as usize / 8;
                break;
            }
            at += 8;
        }
        match text.get(at) {
            None => return Ended::Text(at),
            Some(b'"') => return Ended::Quote(at),
            Some(b'\\') if at + 1 == text.len() => return Ended::Text(at),
            Some(b'\\') => at += 2,
            Some(0..=0x1f) => return Ended::Control(at),
            Some(_) => at += 1,
        }
    }
}

/// The high bit of each byte that is a quote, a backslash or below 0x20; exact for the lowest such byte.
const fn special(word: u64) -> u64 {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = 0x8080_8080_8080_8080;
    let quote = word ^ (ONES * b'"' as u64);
    let slash = word ^ (ONES * b'\\' as u64);
    let below = word.wrapping_sub(ONES * 0x20) & !word;
    let quote = quote.wrapping_sub(ONES) & !quote;
    let slash = slash.wrapping_sub(ONES) & !slash;
    (below | quote | slash) & HIGH
}
