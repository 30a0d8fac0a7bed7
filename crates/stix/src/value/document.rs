//! Travel documents and vehicle plates.

use super::{Check, country};
use crate::mrz::{Mrz, MrzError};

/// `STATE:TYPE:NUMBER`, or the machine-readable zone of a document (ICAO 9303 parts 4 to 7) whose
/// check digits are all right.
pub(super) fn travel_document(text: &str, out: &mut String) -> Check {
    if text.contains('<') && !text.contains(':') {
        return machine_readable(text, out);
    }
    let mut parts = text.split(':').map(str::trim);
    let (Some(state), Some(kind), Some(number), None) = (parts.next(), parts.next(), parts.next(), parts.next()) else {
        return Err("it is neither STATE:TYPE:NUMBER nor a machine-readable zone");
    };
    push_document(state, kind, number, out)
}

/// The check digit of a field of a machine-readable zone (ICAO 9303 part 3, section 4.9), as a
/// digit 0 to 9; none when a character cannot stand there.
pub fn check_digit(field: &str) -> Option<u8> {
    let mut sum = 0u32;
    for (b, weight) in field.bytes().zip([7, 3, 1].into_iter().cycle()) {
        let worth = match b {
            b'0'..=b'9' => b - b'0',
            b'A'..=b'Z' => b - b'A' + 10,
            b'<' => 0,
            _ => return None,
        };
        sum = (sum + u32::from(worth) * weight) % 10;
    }
    u8::try_from(sum).ok()
}

/// The code of an issuing state or organisation as it stands in travel documents (ICAO 9303 part 3, section 5), from that or
/// from two or three letters of ISO 3166-1: `EST`, `D` for Germany.
pub fn issuing_state(code: &str) -> Option<String> {
    let code = code.trim_end_matches('<').to_ascii_uppercase();
    if code.is_empty() || code.len() > 3 || !code.bytes().all(|b| b.is_ascii_alphabetic()) {
        return None;
    }
    match code.as_str() {
        // Germany's documents say D.
        "D" | "DE" | "DEU" => Some("D".to_owned()),
        three if three.len() == 3 => Some(code),
        two => country::alpha_3(two).map(str::to_owned),
    }
}

/// The two letters of ISO 3166-1 of a state as it stands in travel documents, or of what [`issuing_state`] reads; none of
/// organisations.
pub fn state_country(code: &str) -> Option<&'static str> {
    match issuing_state(code)?.as_str() {
        "D" => Some("DE"),
        state => country::alpha_2(state),
    }
}

fn push_document(state: &str, kind: &str, number: &str, out: &mut String) -> Check {
    let state = issuing_state(state).ok_or("its issuing state is not a code of ICAO 9303")?;
    out.push_str(&state);
    out.push(':');
    // The second letter of the type is the issuer's own; the number is unique without it.
    let letters = matches!(kind.trim_end_matches('<').len(), 1 | 2);
    let kind = kind.chars().next().filter(|c| letters && c.is_ascii_alphabetic());
    out.push(kind.ok_or("its type is not one or two letters such as P")?.to_ascii_uppercase());
    out.push(':');
    let start = out.len();
    for c in number.chars().filter(|c| !matches!(c, ' ' | '-' | '<' | '/' | '.')) {
        if !c.is_ascii_alphanumeric() || out.len() - start >= 24 {
            return Err("its number has characters other than letters and digits, or more than 24");
        }
        out.push(c.to_ascii_uppercase());
    }
    if out.len() - start < 4 { Err("its number is shorter than four characters") } else { Ok(()) }
}

fn machine_readable(text: &str, out: &mut String) -> Check {
    let zone = Mrz::read(text).map_err(|error| match error {
        MrzError::Length(_) => "its machine-readable zone is not two lines of 44 or 36, or three of 30",
        MrzError::Character(..) => "its machine-readable zone has characters other than A-Z 0-9 <",
        MrzError::Digit(_) => "a check digit of its machine-readable zone is wrong",
    })?;
    push_document(&zone.state, &zone.kind, &zone.number, out)
}

/// `CC:PLATE`: the country's two letters, then letters and digits, with look-alikes of Latin in Latin.
pub(super) fn plate(text: &str, out: &mut String) -> Check {
    let (country, plate) = text.split_once(':').ok_or("it does not begin with a country and a colon")?;
    let country = country.trim();
    if country.len() != 2 {
        return Err("its country is not two letters");
    }
    let start = out.len();
    out.extend(country.chars().map(|c| c.to_ascii_uppercase()));
    if out.get(start..) == Some("UK") {
        out.truncate(start);
        out.push_str("GB");
    }
    if out.get(start..).and_then(country::alpha_3).is_none() {
        return Err("its country is not in ISO 3166");
    }
    out.push(':');
    let mut count = 0;
    for c in plate.chars().flat_map(char::to_uppercase).filter(|c| c.is_alphanumeric()) {
        out.push(latin(c));
        count += 1;
        if count > 14 {
            break;
        }
    }
    let stray = plate.chars().any(|c| !c.is_alphanumeric() && !c.is_whitespace() && !"-.·•*_/".contains(c));
    if stray || !(2..=14).contains(&count) {
        return Err("it is not 2 to 14 letters and digits");
    }
    Ok(())
}

/// Plates of Cyrillic and Greek countries use only letters that look Latin (Vienna Convention 1968, annex 2).
fn latin(c: char) -> char {
    let look = LOOK_ALIKE.iter().find(|(letters, _)| letters.contains(c));
    look.map_or(c, |(_, latin)| *latin)
}

const LOOK_ALIKE: &[(&str, char)] = &[
    ("АΑ", 'A'),
    ("ВΒ", 'B'),
    ("ЕΕ", 'E'),
    ("ІΙ", 'I'),
    ("КΚ", 'K'),
    ("МΜ", 'M'),
    ("НΗ", 'H'),
    ("ОΟ", 'O'),
    ("РΡ", 'P'),
    ("С", 'C'),
    ("ТΤ", 'T'),
    ("УΥ", 'Y'),
    ("ХΧ", 'X'),
    ("Ν", 'N'),
    ("Ζ", 'Z'),
];
