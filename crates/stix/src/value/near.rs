use super::Kind;

/// Hands every document number or plate that one slip away gives this one: a letter read as the digit it looks like or the other way
/// round, one digit wrong, two neighbours changed round. Those that are likeliest come first; the number itself does not come.
///
/// `text` is a normal form of [`Kind::TravelDocument`] or [`Kind::Plate`]; nothing comes of any other.
pub fn near(kind: Kind, text: &str, sink: &mut dyn FnMut(&str)) {
    let Some(start) = text.rfind(':').filter(|_| matches!(kind, Kind::TravelDocument | Kind::Plate)) else { return };
    let (head, number) = text.split_at(start + 1);
    let mut other = String::with_capacity(text.len());
    let mut give = |bytes: &[u8]| {
        let Ok(number) = std::str::from_utf8(bytes) else { return };
        other.clear();
        other.push_str(head);
        other.push_str(number);
        sink(&other);
    };
    let bytes = number.as_bytes();
    alike(bytes, &mut give);
    one_digit(bytes, &mut give);
    changed_round(bytes, &mut give);
}

/// Each character, and all of them at once, as what they look like.
fn alike(number: &[u8], give: &mut dyn FnMut(&[u8])) {
    let mut copy = number.to_vec();
    for at in 0..copy.len() {
        for other in look_alikes(number.get(at).copied().unwrap_or_default()) {
            replaced(&mut copy, at, *other, give);
        }
    }
    for to_digits in [true, false] {
        let other = |b: &u8| look_alikes(*b).iter().copied().find(|other| other.is_ascii_digit() == to_digits);
        let all: Vec<u8> =
            number.iter().map(|b| other(b).filter(|_| b.is_ascii_digit() != to_digits).unwrap_or(*b)).collect();
        // Where it is one character, it was given already.
        if all.iter().zip(number).filter(|(one, before)| one != before).count() > 1 {
            give(&all);
        }
    }
}

fn one_digit(number: &[u8], give: &mut dyn FnMut(&[u8])) {
    let mut copy = number.to_vec();
    for at in 0..copy.len() {
        if number.get(at).is_some_and(u8::is_ascii_digit) {
            for digit in (b'0'..=b'9').filter(|digit| number.get(at) != Some(digit)) {
                replaced(&mut copy, at, digit, give);
            }
        }
    }
}

fn changed_round(number: &[u8], give: &mut dyn FnMut(&[u8])) {
    let mut copy = number.to_vec();
    for at in 1..copy.len() {
        if copy.get(at - 1) != copy.get(at) {
            copy.swap(at - 1, at);
            give(&copy);
            copy.swap(at - 1, at);
        }
    }
}

fn replaced(copy: &mut [u8], at: usize, other: u8, give: &mut dyn FnMut(&[u8])) {
    let Some(place) = copy.get_mut(at) else { return };
    let before = std::mem::replace(place, other);
    give(copy);
    if let Some(place) = copy.get_mut(at) {
        *place = before;
    }
}

/// What a character of a document is misread as.
const fn look_alikes(byte: u8) -> &'static [u8] {
    match byte {
        b'0' => b"OQD",
        b'1' => b"IL",
        b'2' => b"Z",
        b'5' => b"S",
        b'6' => b"G",
        b'8' => b"B",
        b'O' => b"0QD",
        b'Q' | b'D' => b"0O",
        b'I' => b"1L",
        b'L' => b"1I",
        b'Z' => b"2",
        b'S' => b"5",
        b'G' => b"6",
        b'B' => b"8",
        b'U' => b"V",
        b'V' => b"U",
        b'M' => b"N",
        b'N' => b"M",
        _ => b"",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(text: &str) -> Vec<String> {
        let mut all = Vec::new();
        near(Kind::TravelDocument, text, &mut |other| all.push(other.to_owned()));
        all
    }

    #[test]
    fn one_slip_away_are_look_alikes_wrong_digits_and_neighbours_changed_round() {
        let near = all("EST:P:KB0123456");
        for other in ["KBO123456", "K80123456", "KBOIZ34SG", "KB0123457", "KB9123456", "KB1023456", "BK0123456"] {
            assert!(near.contains(&format!("EST:P:{other}")), "{other}");
        }
        assert_eq!(near[0], "EST:P:K80123456", "what looks alike comes first");
    }

    #[test]
    fn each_comes_once_the_number_itself_never_and_they_are_few() {
        for text in ["EST:P:KB0123456", "EST:P:O0O0IL11", "D:P:1", "FIN:I:ZZ22SS55", "EST:P:XQ"] {
            let near = all(text);
            let mut once = near.clone();
            once.sort();
            once.dedup();
            assert_eq!(once.len(), near.len(), "{text}");
            assert!(!near.iter().any(|other| other == text));
        }
        let near = all("EST:P:KB0123456");
        assert!(!near.contains(&"EST:P:KB0123456".to_owned()));
        assert!((60..130).contains(&near.len()), "{}", near.len());
        assert!(all("nothing").is_empty());
        let mut other = 0;
        super::near(Kind::Phone, "+3725551234", &mut |_| other += 1);
        assert_eq!(other, 0);
    }

    #[test]
    fn nearness_goes_both_ways() {
        for text in ["EST:P:KB0123456", "D:P:C01X00T47", "FIN:I:XA1234567"] {
            for other in all(text) {
                let is_back = all(&other).iter().any(|back| back == text);
                // What was wrong everywhere at once is put right at once in one direction only.
                let differ = text.bytes().zip(other.bytes()).filter(|(a, b)| a != b).count();
                assert!(is_back || differ > 2, "{text} {other}");
            }
        }
    }
}
