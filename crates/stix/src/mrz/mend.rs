use std::ops::Range;

use super::layout::{Format, Layout};
use super::{fits, number_of, text, whole_fits};

/// The zone with everything put right that can be, and the places at which it was.
pub(super) fn mended(zone: &[u8], format: Format) -> (Vec<u8>, Vec<usize>) {
    let layout = format.layout();
    let mut out = zone.to_vec();
    for range in [0..2, layout.state.clone(), layout.names.clone(), layout.nationality.clone()] {
        each(&mut out, range, letter);
    }
    for range in [layout.birth.clone(), layout.expiry.clone()] {
        each(&mut out, range.start..range.end + 1, digit);
    }
    let composite = layout.composite.as_ref().map(|(at, _)| *at);
    for at in [layout.optional_digit, composite].into_iter().flatten() {
        each(&mut out, at..at + 1, digit);
    }
    for range in [layout.birth.clone(), layout.expiry.clone()] {
        let last = range.end;
        // No letter stands in a date.
        let is_date = |date: &str| date.bytes().all(|byte| byte.is_ascii_digit() || byte == b'<');
        one_way(&mut out, range.clone(), |zone| {
            let date = text(zone, range.clone());
            is_date(date) && fits(date, zone.get(last))
        });
    }
    number(&mut out, &layout);
    if let Some(last) = layout.optional_digit {
        let range = layout.optional.clone();
        one_way(&mut out, range.clone(), |zone| {
            let optional = text(zone, range.clone());
            optional.bytes().all(|b| b == b'<') || fits(optional, zone.get(last))
        });
    }
    let places = (0..out.len()).filter(|at| out.get(*at) != zone.get(*at)).collect();
    (out, places)
}

/// The number and its check digit, which may be `<`.
fn number(zone: &mut [u8], layout: &Layout) {
    let last = layout.number.end;
    if zone.get(last) != Some(&b'<') {
        each(zone, last..last + 1, digit);
    }
    let is_right = |zone: &[u8]| number_of(zone, layout).is_some();
    if is_right(zone) {
        return;
    }
    // Of several ways, that which the digit of the whole zone fits too.
    one_way(zone, layout.number.clone(), |zone| is_right(zone) && whole_fits(zone, layout));
    one_way(zone, layout.number.clone(), is_right);
}

fn each(zone: &mut [u8], range: Range<usize>, with: fn(u8) -> u8) {
    for byte in zone.get_mut(range).into_iter().flatten() {
        *byte = with(*byte);
    }
}

/// Puts one character of a field in the place of one that looks like it, where that alone makes the field fit; where several
/// do, nobody knows which it was.
fn one_way(zone: &mut [u8], range: Range<usize>, is_right: impl Fn(&[u8]) -> bool) {
    if is_right(zone) {
        return;
    }
    let mut found = None;
    for at in range {
        let Some(read) = zone.get(at).copied() else { continue };
        for other in look_alikes(read) {
            set(zone, at, *other);
            let fits = is_right(zone);
            set(zone, at, read);
            if fits && found.replace((at, *other)).is_some() {
                return;
            }
        }
    }
    if let Some((at, other)) = found {
        set(zone, at, other);
    }
}

fn set(zone: &mut [u8], at: usize, to: u8) {
    if let Some(byte) = zone.get_mut(at) {
        *byte = to;
    }
}

/// Where only a letter or a filler can stand.
fn letter(byte: u8) -> u8 {
    match byte {
        b'0' => b'O',
        b'1' => b'I',
        b'2' => b'Z',
        b'4' => b'A',
        b'5' => b'S',
        b'6' => b'G',
        b'8' => b'B',
        other => other,
    }
}

/// Where only a digit or a filler can stand.
fn digit(byte: u8) -> u8 {
    match byte {
        b'O' | b'D' | b'Q' | b'U' => b'0',
        b'I' | b'L' | b'T' => b'1',
        b'Z' => b'2',
        b'A' => b'4',
        b'S' => b'5',
        b'G' => b'6',
        b'B' => b'8',
        other => other,
    }
}

/// What a camera takes a character for.
fn look_alikes(byte: u8) -> &'static [u8] {
    match byte {
        b'0' => b"ODQ",
        b'O' | b'D' | b'Q' => b"0",
        b'1' => b"IL7",
        b'I' | b'L' | b'7' => b"1",
        b'2' => b"Z",
        b'Z' => b"2",
        b'4' => b"A",
        b'A' => b"4",
        b'5' => b"S",
        b'S' => b"5",
        b'6' => b"G",
        b'G' => b"6",
        b'8' => b"B",
        b'B' => b"8",
        b'K' => b"<",
        b'<' => b"K",
        _ => b"",
    }
}
