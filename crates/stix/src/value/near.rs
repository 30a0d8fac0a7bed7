use super::{Kind, Value, Values};

/// What a hand or an eye does to a number: which characters it takes for others, and which it puts for any other of theirs.
#[derive(Clone, Copy)]
struct Slips {
    /// What a character is misread as.
    alike: fn(u8) -> &'static [u8],
    /// Any of these may stand for any other.
    any: &'static [u8],
    /// Whether any of these may also stand where none of them can: a `0` in base58.
    anywhere: bool,
}

/// Documents and plates, accounts: printed in capitals.
const PRINTED: Slips = Slips { alike: printed, any: DIGITS, anywhere: false };
const DIALLED: Slips = Slips { alike: |_| b"", any: DIGITS, anywhere: false };
/// Handles: typed in small letters, with signs between.
const TYPED: Slips = Slips { alike: typed, any: DIGITS, anywhere: false };
const HEX: Slips = Slips { alike: |_| b"", any: b"0123456789abcdef", anywhere: false };
const BASE_58: Slips =
    Slips { alike: |_| b"", any: b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz", anywhere: true };
/// What is too long to be typed: one letter is misread where it is read off, and each try costs a hash of all of it.
const COPIED: Slips = Slips { alike: copied, any: b"", anywhere: false };
/// Segwit addresses (BIP 173).
const BECH_32: Slips = Slips { alike: |_| b"", any: b"qpzry9x8gf2tvdw0s3jn54khce6mua7l", anywhere: true };
const DIGITS: &[u8] = b"0123456789";

/// Hands over every value that one slip away gives this one: a letter read as the digit it looks like or the other way round, one digit
/// wrong, two neighbours changed round. Those that are likeliest come first; the value itself does not come.
///
/// `text` is a normal form of a kind that people read off and that has no check digits: a travel document, a plate, a phone, a handle, an
/// Ethereum address in small letters. Of a number with check digits no slip gives another: what is misread there is none at all, see
/// [`Values::misread`]. What is handed over need not be of that kind.
pub fn near(kind: Kind, text: &str, sink: &mut dyn FnMut(&str)) {
    let (start, slips) = match kind {
        Kind::TravelDocument | Kind::Plate => (text.rfind(':').map(|at| at + 1), PRINTED),
        Kind::Phone => (text.find('+').map(|at| at + 1), DIALLED),
        Kind::Handle => (text.find(':').map(|at| at + 1), TYPED),
        Kind::Ethereum => (Some(2), HEX),
        _ => return,
    };
    let Some((head, number)) = start.and_then(|start| text.split_at_checked(start)) else { return };
    slips.of(head, number, sink);
}

impl Values {
    /// What a text may be that would be of this kind but for its check digits: every value that one slip could have made it of. Nothing
    /// of a text that is of that kind as it stands, and of kinds without check digits.
    pub(super) fn misread_as(&self, kind: Kind, text: &str) -> Vec<Value> {
        let compact: String = text.chars().filter(|c| !matches!(c, ' ' | '\u{a0}' | '-')).collect();
        let is_segwit = ["bc1", "tb1"].iter().any(|head| super::strip_prefix_any_case(&compact, head).is_some());
        let (range, head, slips) = match kind {
            Kind::Iban => (15..=34, 0, PRINTED),
            Kind::Card => (12..=19, 0, DIALLED),
            Kind::Bitcoin if is_segwit => (14..=74, 3, BECH_32),
            Kind::Bitcoin => (26..=35, 0, BASE_58),
            Kind::Tron => (34..=34, 0, BASE_58),
            Kind::Monero => (95..=106, 0, COPIED),
            Kind::Ethereum => (42..=42, 2, HEX),
            _ => return Vec::new(),
        };
        if !compact.is_ascii() || !range.contains(&compact.len()) || self.parse(kind, &compact).is_ok() {
            return Vec::new();
        }
        let compact = match kind {
            Kind::Iban => compact.to_ascii_uppercase(),
            Kind::Bitcoin if is_segwit => compact.to_ascii_lowercase(),
            Kind::Ethereum => compact.to_ascii_lowercase(),
            _ => compact,
        };
        let mut found = Vec::new();
        let mut add = |text: &str| {
            if let Ok(value) = self.parse(kind, text)
                && !found.contains(&value)
            {
                found.push(value);
            }
        };
        // Of an Ethereum address the cases alone may be what is wrong.
        add(&compact);
        let (head, number) = compact.split_at(head);
        slips.of(head, number, &mut add);
        found
    }
}

impl Slips {
    fn of(self, head: &str, number: &str, sink: &mut dyn FnMut(&str)) {
        let mut other = String::with_capacity(head.len() + number.len());
        let mut give = |bytes: &[u8]| {
            let Ok(number) = std::str::from_utf8(bytes) else { return };
            other.clear();
            other.push_str(head);
            other.push_str(number);
            sink(&other);
        };
        let bytes = number.as_bytes();
        self.alike(bytes, &mut give);
        self.one_wrong(bytes, &mut give);
        changed_round(bytes, &mut give);
    }

    /// Each character, and all of them at once, as what they look like.
    fn alike(self, number: &[u8], give: &mut dyn FnMut(&[u8])) {
        let mut copy = number.to_vec();
        for (at, byte) in number.iter().enumerate() {
            for other in (self.alike)(*byte) {
                replaced(&mut copy, at, *other, give);
            }
        }
        for to_digits in [true, false] {
            let other = |b: &u8| (self.alike)(*b).iter().copied().find(|other| other.is_ascii_digit() == to_digits);
            let is_other = |b: &u8| b.is_ascii_alphanumeric() && b.is_ascii_digit() != to_digits;
            let all: Vec<u8> = number.iter().map(|b| other(b).filter(|_| is_other(b)).unwrap_or(*b)).collect();
            // Where it is one character, it was given already.
            if all.iter().zip(number).filter(|(one, before)| one != before).count() > 1 {
                give(&all);
            }
        }
    }

    fn one_wrong(self, number: &[u8], give: &mut dyn FnMut(&[u8])) {
        let mut copy = number.to_vec();
        for (at, byte) in number.iter().enumerate().filter(|(_, byte)| self.anywhere || self.any.contains(byte)) {
            for other in self.any.iter().filter(|other| *other != byte) {
                replaced(&mut copy, at, *other, give);
            }
        }
    }
}

fn changed_round(number: &[u8], give: &mut dyn FnMut(&[u8])) {
    let mut copy = number.to_vec();
    for (at, pair) in number.windows(2).enumerate() {
        if let [one, next] = pair
            && one != next
            && pair.is_ascii()
        {
            copy.swap(at, at + 1);
            give(&copy);
            copy.swap(at, at + 1);
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
const fn printed(byte: u8) -> &'static [u8] {
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

/// What a character of an address in base58 is mistaken for, which has no `0`, `O`, `I` and `l`.
const fn copied(byte: u8) -> &'static [u8] {
    match byte {
        b'0' | b'O' => b"oDQ",
        b'o' => b"DQ",
        b'I' | b'l' => b"1iLj",
        b'1' => b"iLj",
        b'i' => b"1j",
        b'5' => b"Ss",
        b'S' => b"5s",
        b's' => b"S5",
        b'8' => b"B",
        b'B' => b"8",
        b'2' => b"Zz",
        b'Z' => b"2z",
        b'z' => b"Z2",
        b'6' => b"bG",
        b'G' => b"6C",
        b'b' => b"6h",
        b'h' => b"b",
        b'9' => b"gq",
        b'g' => b"9q",
        b'q' => b"9g",
        b'C' => b"cG",
        b'c' => b"Ce",
        b'e' => b"c",
        b'u' | b'V' => b"vU",
        b'U' | b'v' => b"uV",
        b'K' => b"k",
        b'k' => b"K",
        b'P' => b"p",
        b'p' => b"P",
        b'W' => b"w",
        b'w' => b"W",
        b'X' => b"x",
        b'x' => b"X",
        b'Y' => b"y",
        b'y' => b"Y",
        b'M' => b"N",
        b'N' => b"M",
        b'm' => b"n",
        b'n' => b"m",
        _ => b"",
    }
}

/// What a character of a handle is mistaken for; the signs between its parts are easily mistaken.
const fn typed(byte: u8) -> &'static [u8] {
    match byte {
        b'0' => b"o",
        b'1' => b"li",
        b'2' => b"z",
        b'5' => b"s",
        b'6' | b'q' => b"g",
        b'8' => b"b",
        b'o' => b"0",
        b'i' => b"1l",
        b'l' => b"1i",
        b'z' => b"2",
        b's' => b"5",
        b'g' => b"6q",
        b'b' => b"8",
        b'u' => b"v",
        b'v' => b"u",
        b'm' => b"n",
        b'n' => b"m",
        b'_' => b".-",
        b'.' => b"_-",
        b'-' => b"_.",
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
        super::near(Kind::Domain, "example.org", &mut |_| other += 1);
        assert_eq!(other, 0);
    }

    #[test]
    fn phones_handles_and_addresses_have_slips_of_their_own() {
        for (kind, text, others, none) in [
            (Kind::Phone, "+3725551234", ["+3725551235", "+3725551243", "+3726551234"], "+372555l234"),
            (
                Kind::Handle,
                "telegram:dark_l0rd7",
                ["telegram:dark_lord7", "telegram:dark.l0rd7", "telegram:drak_l0rd7"],
                "x:dark_l0rd7",
            ),
            (
                Kind::Ethereum,
                "0x00000000219ab540356cbb839cbe05303d7705fa",
                [
                    "0x00000000219ab540356cbb839cbe05303d7705fb",
                    "0x00000000219ab540356cbb839cbe05303d770f5a",
                    "0x10000000219ab540356cbb839cbe05303d7705fa",
                ],
                "0x00000000219ab540356cbb839cbe05303d7705fg",
            ),
        ] {
            let mut near = Vec::new();
            super::near(kind, text, &mut |other| near.push(other.to_owned()));
            for other in others {
                assert!(near.iter().any(|one| one == other), "{other}");
            }
            assert!(!near.iter().any(|other| other == text || other == none));
        }
        let mut near = Vec::new();
        super::near(Kind::Handle, "telegram:тень_1", &mut |other| near.push(other.to_owned()));
        assert!(near.contains(&"telegram:тень-1".to_owned()), "letters that are no ASCII are left as they are");
    }

    /// Addresses and accounts of specifications, each with one slip.
    #[test]
    fn what_fails_its_check_digits_is_read_as_what_one_slip_could_have_made_it_of() {
        let values = Values::new([7; 32]);
        for (kind, right, wrong) in [
            (
                Kind::Iban,
                "EE382200221020145685",
                ["EE38 2200 2210 2O14 5685", "EE382200221020145686", "EE382200221020146585"],
            ),
            (Kind::Card, "4111111111111111", ["4111111111111112", "4111 1111 1111 7111", "1411111111111111"]),
            (
                Kind::Bitcoin,
                "1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2",
                [
                    "1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN3",
                    "1BvBMSEYstWetqTFn5Au4m4GFg7xJaNNV2",
                    "1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVNO",
                ],
            ),
            (
                Kind::Bitcoin,
                "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4",
                [
                    "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t5",
                    "BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3TB",
                    "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f34t",
                ],
            ),
            (
                Kind::Monero,
                "44AFFq5kSiGBoZ4NMDwYtN18obc8AemS33DBLWs3H7otXft3XjrpDtQGv7SqSsaBYBb98uNbr2VBBEt7f2wfn3RVGQBEP3A",
                [
                    "44AFFq5kSiGBoZ4NMDwYtN18obc8AemS33DBLWs3H7otXft3XjrpDtQGv7SqSsaBYBb98uNbr2V8BEt7f2wfn3RVGQBEP3A",
                    "44AFFq5kSiGB0Z4NMDwYtN18obc8AemS33DBLWs3H7otXft3XjrpDtQGv7SqSsaBYBb98uNbr2VBBEt7f2wfn3RVGQBEP3A",
                    "44AFFq5kSiGBoZ4NMDwYtN18obc8AemS33DBLWs3H7otXft3XjrpDtQGv7SqSsaBYBb98uNbr2VBBEt7f2wfn3RVGQBEPA3",
                ],
            ),
            (
                Kind::Ethereum,
                "0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed",
                [
                    "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAeD",
                    "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAee",
                    "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAde",
                ],
            ),
        ] {
            let value = values.parse(kind, right).unwrap();
            assert!(values.misread_as(kind, right).is_empty(), "nothing is wrong with {right}");
            for text in wrong {
                assert!(values.parse(kind, text).is_err(), "{text}");
                let found = values.misread_as(kind, text);
                assert!(found.contains(&value), "{text} {found:?}");
                assert!(found.len() <= if kind == Kind::Ethereum { 700 } else { 24 }, "{text} {}", found.len());
            }
        }
        for text in ["EE3822002210201456", "", "nothing", "тень тень тень тень", "0x5aAe"] {
            for kind in Kind::ALL {
                assert!(values.misread_as(*kind, text).is_empty(), "{text}");
            }
        }
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
