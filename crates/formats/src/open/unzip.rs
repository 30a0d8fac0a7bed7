//! ZIP as a stream (APPNOTE.TXT 6.3.10, sections 4.3.7 to 4.3.9): entry after entry from the local
//! headers, so that an archive of any size is read once and never held.

use std::io::{self, BufRead, Read};

use comity_base::Limits;
use flate2::Crc;
use flate2::bufread::DeflateDecoder;

use super::Peek;

const ENCRYPTED: u16 = 1;
const SIZES_FOLLOW: u16 = 1 << 3;
const NAME_IS_UTF8: u16 = 1 << 11;

/// One entry as its local header describes it.
pub(super) struct Entry {
    pub(super) name: String,
    /// Why it cannot be read, when it cannot.
    pub(super) unreadable: Option<&'static str>,
    deflated: bool,
    follows: bool,
    wide: bool,
    crc: u32,
    packed: u64,
}

/// The next entry, or `None` at the directory that ends the archive.
pub(super) fn next(source: &mut Peek<'_>, limits: &Limits) -> io::Result<Option<Entry>> {
    let mut signature = [0; 4];
    source.read_exact(&mut signature)?;
    match &signature {
        b"PK\x03\x04" => {}
        b"PK\x01\x02" | b"PK\x05\x06" | b"PK\x06\x06" | b"PK\x06\x08" => return Ok(None),
        _ => return Err(broken("the ZIP archive has no entry where one should begin")),
    }
    let mut head = [0; 26];
    source.read_exact(&mut head)?;
    let mut fields = head.as_slice();
    let _version = u16(&mut fields)?;
    let flags = u16(&mut fields)?;
    let method = u16(&mut fields)?;
    let _time = u32(&mut fields)?;
    let crc = u32(&mut fields)?;
    let mut packed = u64::from(u32(&mut fields)?);
    let size = u32(&mut fields)?;
    let name = take(source, u16(&mut fields)?)?;
    let extra = take(source, u16(&mut fields)?)?;
    let (wide, wide_packed) = wide_sizes(&extra, size == u32::MAX, packed == u64::from(u32::MAX));
    packed = wide_packed.unwrap_or(packed);
    let unreadable = match method {
        _ if flags & ENCRYPTED != 0 => Some("it is encrypted; unpack it with its password first"),
        0 if flags & SIZES_FOLLOW != 0 => Some("its length is not given"),
        0 | 8 => None,
        _ => Some("its compression method is not supported; unpack it first"),
    };
    if unreadable.is_some() && flags & SIZES_FOLLOW != 0 {
        return Err(broken("an entry can neither be read nor passed over; unpack the archive first"));
    }
    if packed > limits.unfolded_bytes {
        return Err(broken("an entry claims to be larger than an archive may be"));
    }
    let name = readable(&name, flags & NAME_IS_UTF8 != 0);
    Ok(Some(Entry { name, unreadable, deflated: method == 8, follows: flags & SIZES_FOLLOW != 0, wide, crc, packed }))
}

impl Entry {
    pub(super) fn is_folder(&self) -> bool {
        self.name.ends_with('/')
    }

    /// The entry's content.
    pub(super) fn body<'e, 'p>(&'e self, source: &'e mut Peek<'p>) -> Body<'e, 'p> {
        let most = if self.follows { u64::MAX } else { self.packed };
        let limited = Limited { source, left: most };
        let plain = !self.deflated || self.unreadable.is_some();
        let from = if plain { From::Stored(limited) } else { From::Deflated(Box::new(DeflateDecoder::new(limited))) };
        Body { entry: self, from, crc: Crc::new() }
    }
}

/// The content of one entry while it is read.
pub(super) struct Body<'e, 'p> {
    entry: &'e Entry,
    from: From<'e, 'p>,
    crc: Crc,
}

enum From<'e, 'p> {
    Stored(Limited<'e, 'p>),
    Deflated(Box<DeflateDecoder<Limited<'e, 'p>>>),
}

impl Body<'_, '_> {
    /// Passes what describes the entry after its content, and checks the sum.
    pub(super) fn finish(self) -> io::Result<()> {
        let mut limited = match self.from {
            From::Stored(limited) => limited,
            From::Deflated(decoder) => decoder.into_inner(),
        };
        let mut expected = self.entry.crc;
        if self.entry.follows {
            expected = descriptor(limited.source, self.entry.wide)?;
        } else {
            io::copy(&mut limited, &mut io::sink())?;
            if limited.left > 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
        if self.entry.unreadable.is_none() && expected != self.crc.sum() {
            return Err(broken("the entry's checksum does not fit its content; fetch the archive again"));
        }
        Ok(())
    }
}

impl Read for Body<'_, '_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let count = match &mut self.from {
            From::Stored(limited) => limited.read(out)?,
            From::Deflated(decoder) => decoder.read(out)?,
        };
        self.crc.update(out.get(..count).unwrap_or_default());
        Ok(count)
    }
}

/// At most so many more bytes of the archive.
struct Limited<'e, 'p> {
    source: &'e mut Peek<'p>,
    left: u64,
}

impl BufRead for Limited<'_, '_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.left == 0 {
            return Ok(&[]);
        }
        let bytes = self.source.fill_buf()?;
        let most = usize::try_from(self.left).unwrap_or(usize::MAX);
        Ok(bytes.get(..most).unwrap_or(bytes))
    }

    fn consume(&mut self, count: usize) {
        self.left -= (count as u64).min(self.left);
        self.source.consume(count);
    }
}

impl Read for Limited<'_, '_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let count = self.fill_buf()?.read(out)?;
        self.consume(count);
        Ok(count)
    }
}

/// The record after an entry whose sizes were not known before (section 4.3.9); its signature is optional.
fn descriptor(source: &mut Peek<'_>, wide: bool) -> io::Result<u32> {
    let signed = source.head(4)? == b"PK\x07\x08";
    if signed {
        source.consume(4);
    }
    // Writers differ on the width of the sizes: the next record's signature tells.
    let head = source.head(24)?;
    let fits = |at: usize| head.get(at..at + 2).is_none_or(|mark| mark == b"PK");
    let length = if (wide && fits(20)) || !fits(12) { 20 } else { 12 };
    let crc = take(source, length)?;
    u32(&mut crc.as_slice())
}

/// The extra field of 64-bit sizes (section 4.5.3): whether it is there, and the packed size if it holds one.
fn wide_sizes(mut extra: &[u8], size: bool, packed: bool) -> (bool, Option<u64>) {
    while let (Ok(tag), Ok(length)) = (u16(&mut extra), u16(&mut extra)) {
        let Some((field, rest)) = extra.split_at_checked(usize::from(length)) else { break };
        if tag == 1 {
            let at = if size { 8 } else { 0 };
            let number = field.get(at..).and_then(<[u8]>::first_chunk::<8>).map(|bytes| u64::from_le_bytes(*bytes));
            return (true, number.filter(|_| packed));
        }
        extra = rest;
    }
    (false, None)
}

/// The name for messages and records; it is never used as a path.
fn readable(name: &[u8], utf8: bool) -> String {
    let text = match std::str::from_utf8(name) {
        Ok(text) => text.to_owned(),
        Err(_) if utf8 => String::from_utf8_lossy(name).into_owned(),
        Err(_) => name.iter().map(|b| if b.is_ascii() { char::from(*b) } else { '_' }).collect(),
    };
    text.chars().map(|c| if c.is_control() { '_' } else { c }).collect()
}

fn take(source: &mut Peek<'_>, length: u16) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; usize::from(length)];
    source.read_exact(&mut bytes)?;
    Ok(bytes)
}

fn u16(from: &mut &[u8]) -> io::Result<u16> {
    let mut bytes = [0; 2];
    from.read_exact(&mut bytes)?;
    Ok(u16::from_le_bytes(bytes))
}

fn u32(from: &mut &[u8]) -> io::Result<u32> {
    let mut bytes = [0; 4];
    from.read_exact(&mut bytes)?;
    Ok(u32::from_le_bytes(bytes))
}

fn broken(why: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, why)
}
