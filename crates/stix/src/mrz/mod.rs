//! Machine-readable zones of travel documents: every format of ICAO 9303 (parts 4 to 7), with check digits, and what a
//! camera misread put right where the check digits say how.

mod layout;
mod letters;
mod mend;

use std::ops::Range;

pub use layout::Format;
pub use letters::transliterated;

use crate::value::check_digit;
use layout::Layout;

/// What a zone says of a document and its holder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mrz {
    /// Which zone it is.
    pub format: Format,
    /// The type of the document, one or two letters: `P`, `PD`, `I`, `V`.
    pub kind: String,
    /// The state or organisation that issued it, a code of ICAO 9303 part 3 section 5: `EST`, `D`, `UNO`.
    pub state: String,
    /// Its number, without fillers; the whole of it, where it is longer than nine characters.
    pub number: String,
    /// The holder's primary identifier, mostly the family name, in the letters of the zone.
    pub primary: String,
    /// The secondary identifiers, mostly given names.
    pub secondary: String,
    /// Whether the name fills its field, so that it may go on.
    pub is_name_cut: bool,
    /// The holder's nationality, a code as for `state`.
    pub nationality: String,
    /// The birth date as it stands: `YYMMDD`, parts that are not known as `<<`.
    pub birth: String,
    /// `M`, `F`; none where it is not said.
    pub sex: Option<char>,
    /// Until when it is valid: `YYMMDD`.
    pub expiry: String,
    /// What the issuer added.
    pub optional: String,
    /// The places, in all lines joined, at which something else was read than stands there.
    pub mended: Vec<usize>,
    /// All of it as it was read, its lines joined.
    pub zone: String,
}

/// Why a text is no zone.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MrzError {
    /// Its length is that of none.
    #[error("a machine-readable zone is two lines of 44 or 36, or three of 30; this has {0} characters in all")]
    Length(usize),
    /// A character cannot stand there.
    #[error("character {0} cannot stand at place {1} of a machine-readable zone")]
    Character(char, usize),
    /// A check digit does not fit.
    #[error("the check digit of {0} is wrong")]
    Digit(&'static str),
}

impl Mrz {
    /// Reads a zone, lines one after the other or below each other, exactly as it stands.
    ///
    /// # Errors
    /// When it is none, or a check digit does not fit.
    pub fn read(text: &str) -> Result<Self, MrzError> {
        let (zone, format) = zone(text)?;
        check(&zone, format)?;
        Ok(told(&zone, format, Vec::new()))
    }

    /// Reads a zone as a camera may have read it: letters and digits that look alike are put right where only one of them can
    /// stand, and in what a check digit covers where one way alone makes it fit. Names have no check digit: a digit in one is
    /// the letter it looks like. `1` and `L`, and `6` and `G`, are worth the same in a check digit: a number with one of them may
    /// have the other.
    ///
    /// # Errors
    /// When it is none, or nothing makes the check digits fit.
    pub fn read_mended(text: &str) -> Result<Self, MrzError> {
        let (zone, format) = zone(&text.to_ascii_uppercase())?;
        let (mended, places) = mend::mended(&zone, format);
        check(&mended, format)?;
        Ok(told(&mended, format, places))
    }

    /// The holder's birth date: year, month, day, each where it is known. Two digits of a year are of the last hundred years
    /// before this one.
    pub fn born(&self, this_year: i32) -> (Option<i32>, Option<u8>, Option<u8>) {
        let part = |range: Range<usize>| self.birth.get(range).and_then(|text| text.parse::<u8>().ok());
        let century = |year: u8| {
            let year = this_year - this_year.rem_euclid(100) + i32::from(year);
            if year > this_year { year - 100 } else { year }
        };
        (part(0..2).map(century), part(2..4), part(4..6))
    }
}

/// The characters of all lines, and which zone they are.
fn zone(text: &str) -> Result<(Vec<u8>, Format), MrzError> {
    let mut zone = Vec::with_capacity(90);
    for c in text.chars().filter(|c| !c.is_whitespace()) {
        match u8::try_from(c) {
            Ok(byte) if byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'<' => zone.push(byte),
            _ => return Err(MrzError::Character(c, zone.len())),
        }
        if zone.len() > 90 {
            return Err(MrzError::Length(text.chars().filter(|c| !c.is_whitespace()).count()));
        }
    }
    let format = Format::of(zone.len(), zone.first() == Some(&b'V')).ok_or(MrzError::Length(zone.len()))?;
    Ok((zone, format))
}

fn text(zone: &[u8], range: Range<usize>) -> &str {
    zone.get(range).and_then(|bytes| std::str::from_utf8(bytes).ok()).unwrap_or_default()
}

/// Whether every check digit fits.
fn check(zone: &[u8], format: Format) -> Result<(), MrzError> {
    let layout = format.layout();
    if number_of(zone, &layout).is_none() {
        return Err(MrzError::Digit("the document number"));
    }
    for (what, range) in [("the birth date", layout.birth.clone()), ("the date of expiry", layout.expiry.clone())] {
        let digit = range.end;
        if !fits(text(zone, range), zone.get(digit)) {
            return Err(MrzError::Digit(what));
        }
    }
    if let Some(digit) = layout.optional_digit {
        let optional = text(zone, layout.optional.clone());
        let is_empty = optional.bytes().all(|b| b == b'<') && zone.get(digit) == Some(&b'<');
        if !is_empty && !fits(optional, zone.get(digit)) {
            return Err(MrzError::Digit("the optional data"));
        }
    }
    if whole_fits(zone, &layout) { Ok(()) } else { Err(MrzError::Digit("the whole zone")) }
}

/// Whether the composite check digit fits, where there is one.
fn whole_fits(zone: &[u8], layout: &Layout) -> bool {
    layout.composite.as_ref().is_none_or(|(digit, parts)| {
        let whole: String = parts.iter().map(|part| text(zone, part.clone())).collect();
        fits(&whole, zone.get(*digit))
    })
}

fn fits(field: &str, digit: Option<&u8>) -> bool {
    check_digit(field).is_some_and(|sum| digit == Some(&(b'0' + sum)))
}

/// The document number and the optional data without what belongs to it; none when its check digit does not fit. Where that
/// digit is `<`, the number goes on in the optional data, and its check digit follows it there (part 5, note j).
fn number_of(zone: &[u8], layout: &Layout) -> Option<(String, String)> {
    let (number, optional) = (text(zone, layout.number.clone()), text(zone, layout.optional.clone()));
    let digit = zone.get(layout.number.end);
    if digit != Some(&b'<') || number.bytes().all(|b| b == b'<') {
        return fits(number, digit).then(|| (number.replace('<', ""), optional.to_owned()));
    }
    let whole = optional.split('<').next()?;
    let (more, digit) = whole.split_at_checked(whole.len().checked_sub(1)?)?;
    let number = [number, more].concat();
    let rest = optional.get(whole.len()..).unwrap_or_default().to_owned();
    fits(&number, digit.as_bytes().first()).then(|| (number.replace('<', ""), rest))
}

fn told(zone: &[u8], format: Format, mended: Vec<usize>) -> Mrz {
    let layout = format.layout();
    let (number, optional) = number_of(zone, &layout).unwrap_or_default();
    let names = text(zone, layout.names.clone());
    let (primary, secondary) = names.split_once("<<").unwrap_or((names, ""));
    let spaced = |name: &str| name.split('<').filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ");
    let trimmed = |range: Range<usize>| text(zone, range).trim_end_matches('<').to_owned();
    Mrz {
        format,
        kind: trimmed(0..2),
        state: trimmed(layout.state),
        number,
        primary: spaced(primary),
        secondary: spaced(secondary),
        is_name_cut: !names.ends_with('<'),
        nationality: trimmed(layout.nationality),
        birth: text(zone, layout.birth).to_owned(),
        sex: zone.get(layout.sex).map(|byte| char::from(*byte)).filter(|sex| matches!(sex, 'M' | 'F')),
        expiry: text(zone, layout.expiry).to_owned(),
        optional: optional.trim_matches('<').replace('<', " "),
        mended,
        zone: text(zone, 0..zone.len()).to_owned(),
    }
}

#[cfg(test)]
mod tests;
