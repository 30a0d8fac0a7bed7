use std::cell::OnceCell;
use std::fmt::Write as _;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use icu_normalizer::ComposingNormalizerBorrowed;
use regex::{Regex, RegexBuilder};

use crate::ast::{Literal, Order, Test};
use crate::bytes::{from_base64, from_hex, from_text};
use crate::error::{MatchError, shortened};
use crate::moment::{self, Moment};

/// Most bytes all compiled regular expressions of one pattern may take.
const REGEX_BYTES: usize = 32 << 20;
/// Most regular expressions in one pattern.
pub(crate) const MAX_REGEXES: usize = 256;

/// A literal in the form it is compared in.
#[derive(Debug)]
pub(crate) enum Operand<'p> {
    Text(&'p str),
    Bytes(Vec<u8>),
    Integer(i64),
    Float(f64),
    Bool(bool),
    Time(Moment),
}

/// A test in the form it is carried out in: literals decoded, expressions compiled.
#[derive(Debug)]
pub(crate) enum Ready<'p> {
    Equal(Operand<'p>),
    NotEqual(Operand<'p>),
    Order(Order, Operand<'p>),
    In(Vec<Operand<'p>>),
    Like(Vec<char>),
    Matches(Box<Expression>),
    IsSubset(Network),
    IsSuperset(Network),
    Exists,
}

/// A regular expression for text and, when it is first needed, for bytes.
#[derive(Debug)]
pub(crate) struct Expression {
    source: String,
    text: Regex,
    bytes: OnceCell<Option<regex::bytes::Regex>>,
    size: usize,
}

pub(crate) fn nfc(text: &str) -> std::borrow::Cow<'_, str> {
    ComposingNormalizerBorrowed::new_nfc().normalize(text)
}

impl<'p> Ready<'p> {
    /// `regexes` is how many regular expressions the pattern holds in all.
    pub(crate) fn new(test: &'p Test<'p>, regexes: usize) -> Result<Self, MatchError> {
        Ok(match test {
            Test::Equal(literal) => Self::Equal(Operand::new(literal)?),
            Test::NotEqual(literal) => Self::NotEqual(Operand::new(literal)?),
            Test::Order(order, literal) => Self::Order(*order, Operand::new(literal)?),
            Test::In(literals) => Self::In(set(literals)?),
            Test::Like(text) => Self::Like(nfc(text).chars().collect()),
            Test::Matches(text) => Self::Matches(Box::new(Expression::new(text, REGEX_BYTES / regexes.max(32))?)),
            Test::IsSubset(text) => Self::IsSubset(network(text)?),
            Test::IsSuperset(text) => Self::IsSuperset(network(text)?),
            Test::Exists => Self::Exists,
        })
    }
}

impl<'p> Operand<'p> {
    fn new(literal: &'p Literal<'p>) -> Result<Self, MatchError> {
        let unreadable =
            || MatchError::Pattern(format!("the literal {} has no meaning", shortened(&literal.to_string())));
        Ok(match literal {
            Literal::Text(text) => Self::Text(text),
            Literal::Integer(value) => Self::Integer(*value),
            Literal::Float(value) => Self::Float(*value),
            Literal::Bool(value) => Self::Bool(*value),
            Literal::Time(text) => Self::Time(moment::read(text).ok_or_else(unreadable)?),
            Literal::Binary(text) => Self::Bytes(from_base64(text).ok_or_else(unreadable)?),
            Literal::Hex(text) => Self::Bytes(from_hex(text).ok_or_else(unreadable)?),
        })
    }

    /// Members of one set must be of one family; integers and floats are one.
    fn family(&self) -> u8 {
        match self {
            Self::Text(_) => 0,
            Self::Bytes(_) => 1,
            Self::Integer(_) | Self::Float(_) => 2,
            Self::Bool(_) => 3,
            Self::Time(_) => 4,
        }
    }
}

fn set<'p>(literals: &'p [Literal<'p>]) -> Result<Vec<Operand<'p>>, MatchError> {
    let operands = literals.iter().map(Operand::new).collect::<Result<Vec<_>, _>>()?;
    if operands.windows(2).any(|pair| matches!(pair, [a, b] if a.family() != b.family())) {
        return Err(MatchError::Pattern("the members of a set after IN are not of one type".into()));
    }
    Ok(operands)
}

impl Expression {
    fn new(source: &str, size: usize) -> Result<Self, MatchError> {
        let source = nfc(source).into_owned();
        let text = RegexBuilder::new(&source).size_limit(size).dfa_size_limit(size).build();
        let text = text.map_err(|error| MatchError::Regex {
            expression: shortened(&source),
            reason: error.to_string().lines().last().unwrap_or("").trim().to_owned(),
        })?;
        Ok(Self { source, text, bytes: OnceCell::new(), size })
    }

    pub(crate) fn finds_text(&self, value: &str) -> bool {
        self.text.is_match(value)
    }

    /// An expression with characters from 256 up finds nothing in bytes.
    pub(crate) fn finds_bytes(&self, value: &[u8]) -> bool {
        let compiled = self.bytes.get_or_init(|| {
            let mut source = String::with_capacity(self.source.len());
            for byte in from_text(&self.source)? {
                if byte.is_ascii() {
                    source.push(char::from(byte));
                } else {
                    // Writing to a string does not fail.
                    let _ = write!(source, "\\x{byte:02X}");
                }
            }
            let builder = &mut regex::bytes::RegexBuilder::new(&source);
            builder.unicode(false).size_limit(self.size).dfa_size_limit(self.size).build().ok()
        });
        compiled.as_ref().is_some_and(|regex| regex.is_match(value))
    }
}

/// An IP network, or an address as the network of itself alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Network {
    /// IPv4 in the low 32 bits.
    bits: u128,
    prefix: u32,
    width: u32,
}

impl Network {
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (address, prefix) = text.split_once('/').map_or((text, None), |(address, prefix)| (address, Some(prefix)));
        let (bits, width) = match address.parse().ok()? {
            IpAddr::V4(v4) => (u128::from(Ipv4Addr::to_bits(v4)), 32),
            IpAddr::V6(v6) => (Ipv6Addr::to_bits(v6), 128),
        };
        let prefix = match prefix {
            None => width,
            Some(digits) if digits.len() <= 3 && digits.bytes().all(|b| b.is_ascii_digit()) => digits.parse().ok()?,
            Some(_) => return None,
        };
        (prefix <= width).then_some(Self { bits, prefix, width })
    }

    /// Whether every address of `other` is in this network.
    pub(crate) fn contains(self, other: Self) -> bool {
        let rest = self.width - self.prefix;
        let head = |bits: u128| bits.checked_shr(rest).unwrap_or(0);
        self.width == other.width && self.prefix <= other.prefix && head(self.bits) == head(other.bits)
    }
}

fn network(text: &str) -> Result<Network, MatchError> {
    Network::parse(text)
        .ok_or_else(|| MatchError::Pattern(format!("{:?} is not an IP address or network", shortened(text))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn networks_contain_addresses_and_smaller_networks_of_their_kind() {
        let net = |text| Network::parse(text).unwrap();
        assert!(net("11.22.33.44/20").contains(net("11.22.41.123/29")));
        assert!(!net("11.22.33.44/20").contains(net("11.22.33.44/13")));
        assert!(net("0.0.0.0/0").contains(net("255.255.255.255")));
        assert!(!net("0.0.0.0/0").contains(net("::1")));
        assert!(net("::/0").contains(net("2001:db8::1")));
        assert!(net("2001:db8:dead:beef::/64").contains(net("2001:0db8:dead:beef:0000:0000:0000:0042")));
        for bad in ["", "1.2.3", "1.2.3.4/33", "1.2.3.4/", "1.2.3.4/+1", "::/129", "01.2.3.4"] {
            assert_eq!(Network::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn expressions_that_cannot_be_bounded_are_ordinary_errors() {
        for bad in ["(?=a)b", r"(a)\1", "(", r"\w{1000}{1000}"] {
            assert!(matches!(Expression::new(bad, 1 << 20), Err(MatchError::Regex { .. })), "{bad}");
        }
        let found = Expression::new("\u{e9}+", 1 << 20).unwrap();
        assert!(found.finds_bytes(&[b'a', 0xE9]) && !found.finds_bytes("é".as_bytes()));
    }
}
