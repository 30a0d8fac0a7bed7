use std::fmt;

use crate::ast::{
    Comparison, ComparisonExpression, Literal, ObservationExpression, Pattern, Qualifier, Step, Test, Version,
};
use crate::error::shortened;
use crate::moment;

/// Something the grammar allows but the specification or good sense does not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finding {
    /// One kind of qualifier stands twice on one expression (STIX 2.1 section 9.4). The pattern is invalid.
    RepeatedQualifier(&'static str),
    /// The text compared to a hash has not the form of that hash. The pattern is invalid.
    NotAHash {
        /// The name of the hash.
        name: String,
        /// The text, shortened.
        text: String,
    },
    /// Comparisons of different object types are joined with AND: no one object can fulfil them.
    MixedTypes(String, String),
    /// START is not before STOP: nothing lies between them.
    EmptyBounds,
    /// REPEATS or WITHIN with zero: matching will refuse it.
    Zero(&'static str),
    /// A timestamp of a day or second that never was: matching will refuse it.
    NoSuchTime(String),
    /// A set whose members are not of one type: matching will refuse it.
    MixedSet,
}

impl Finding {
    /// Whether the pattern is invalid; otherwise the finding is a warning.
    pub fn is_error(&self) -> bool {
        matches!(self, Self::RepeatedQualifier(_) | Self::NotAHash { .. })
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::RepeatedQualifier(word) => write!(f, "{word} stands twice on one expression; use parentheses"),
            Self::NotAHash { name, text } => write!(f, "{text:?} is not a {name} hash"),
            Self::MixedTypes(one, other) => {
                write!(f, "{one} AND {other} cannot hold of one object; use two pairs of brackets")
            }
            Self::EmptyBounds => f.write_str("START is not before STOP, so the expression never matches"),
            Self::Zero(word) => write!(f, "{word} must be more than zero"),
            Self::NoSuchTime(text) => write!(f, "{text:?} is not in the calendar"),
            Self::MixedSet => f.write_str("the members of a set after IN are not of one type"),
        }
    }
}

/// What is wrong or suspect in a pattern beyond its grammar, in the order it stands.
///
/// A pattern is valid when no finding [is an error](Finding::is_error).
pub fn check(pattern: &Pattern<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    observations(&pattern.root, pattern.version, &mut findings);
    findings
}

fn observations(expression: &ObservationExpression<'_>, version: Version, findings: &mut Vec<Finding>) {
    match expression {
        ObservationExpression::Simple(comparison) => {
            comparisons(comparison, findings);
        }
        ObservationExpression::Group(inner) => observations(inner, version, findings),
        ObservationExpression::And(list)
        | ObservationExpression::Or(list)
        | ObservationExpression::FollowedBy(list) => {
            for part in list {
                observations(part, version, findings);
            }
        }
        ObservationExpression::Qualified { expression, qualifiers } => {
            observations(expression, version, findings);
            let simple = matches!(**expression, ObservationExpression::Simple(_));
            check_qualifiers(qualifiers, simple && version == Version::V2_1, findings);
        }
    }
}

/// The rule against repetition holds where qualifiers stand on brackets, not on parentheses (recorded cases).
fn check_qualifiers(qualifiers: &[Qualifier<'_>], once: bool, findings: &mut Vec<Finding>) {
    let mut seen = Vec::new();
    for qualifier in qualifiers {
        let word = match qualifier {
            Qualifier::Within(_) => "WITHIN",
            Qualifier::Repeats(_) => "REPEATS",
            Qualifier::StartStop { .. } => "START and STOP",
        };
        if once && seen.contains(&word) {
            findings.push(Finding::RepeatedQualifier(word));
        } else if once {
            seen.push(word);
        }
        match qualifier {
            Qualifier::Within(seconds) if *seconds <= 0.0 => findings.push(Finding::Zero(word)),
            Qualifier::Repeats(0) => findings.push(Finding::Zero(word)),
            Qualifier::StartStop { start, stop } => {
                let moments = (time(start, findings), time(stop, findings));
                if let (Some(start), Some(stop)) = moments
                    && start >= stop
                {
                    findings.push(Finding::EmptyBounds);
                }
            }
            Qualifier::Within(_) | Qualifier::Repeats(_) => {}
        }
    }
}

fn time(literal: &Literal<'_>, findings: &mut Vec<Finding>) -> Option<moment::Moment> {
    let (Literal::Time(text) | Literal::Text(text)) = literal else { return None };
    let moment = moment::read(text);
    if moment.is_none() {
        findings.push(Finding::NoSuchTime(shortened(text)));
    }
    moment
}

/// Returns the object type when the whole expression is about one.
fn comparisons<'e>(expression: &'e ComparisonExpression<'_>, findings: &mut Vec<Finding>) -> Option<&'e str> {
    match expression {
        ComparisonExpression::Group(inner) => comparisons(inner, findings),
        ComparisonExpression::Test(comparison) => {
            check_comparison(comparison, findings);
            Some(&comparison.path.object_type)
        }
        ComparisonExpression::Or(list) => {
            let types: Vec<_> = list.iter().map(|part| comparisons(part, findings)).collect();
            let first = types.first().copied().flatten();
            first.filter(|_| types.iter().all(|found| *found == first))
        }
        ComparisonExpression::And(list) => {
            let types: Vec<_> = list.iter().filter_map(|part| comparisons(part, findings)).collect();
            let first = types.first().copied()?;
            if let Some(other) = types.iter().find(|found| **found != first) {
                findings.push(Finding::MixedTypes(first.to_owned(), (*other).to_owned()));
            }
            Some(first)
        }
    }
}

fn check_comparison(comparison: &Comparison<'_>, findings: &mut Vec<Finding>) {
    let literals = match &comparison.test {
        Test::Equal(literal) | Test::NotEqual(literal) | Test::Order(_, literal) => std::slice::from_ref(literal),
        Test::In(literals) => literals.as_slice(),
        _ => return,
    };
    for literal in literals.iter().filter(|literal| matches!(literal, Literal::Time(_))) {
        time(literal, findings);
    }
    let family = |literal: &Literal<'_>| match literal {
        Literal::Text(_) => 0,
        Literal::Integer(_) | Literal::Float(_) => 1,
        Literal::Bool(_) => 2,
        Literal::Time(_) => 3,
        Literal::Binary(_) | Literal::Hex(_) => 4,
    };
    if literals.windows(2).any(|pair| matches!(pair, [a, b] if family(a) != family(b))) {
        findings.push(Finding::MixedSet);
    }
    let steps = &comparison.path.steps;
    let Some(Step::Key(name)) = steps.last() else { return };
    if !steps.contains(&Step::Key("hashes".into())) || matches!(comparison.test, Test::Order(..)) {
        return;
    }
    for literal in literals {
        if let Literal::Text(text) = literal
            && !is_hash(name, text)
        {
            findings.push(Finding::NotAHash { name: shortened(name), text: shortened(text) });
        }
    }
}

/// Whether a text has the form of the named hash; names not in the hash algorithm vocabulary take any text.
fn is_hash(name: &str, text: &str) -> bool {
    let plain: String = name.chars().filter(|&c| c != '-' && c != '\'').map(|c| c.to_ascii_uppercase()).collect();
    let digits: &[usize] = match plain.as_str() {
        "MD5" => &[32],
        "MD6" => &[32, 40, 56, 64, 96, 128],
        "RIPEMD160" | "SHA1" => &[40],
        "SHA224" | "SHA3224" => &[56],
        "SHA256" | "SHA3256" => &[64],
        "SHA384" | "SHA3384" => &[96],
        "SHA512" | "SHA3512" | "WHIRLPOOL" => &[128],
        "SSDEEP" => {
            let allowed = |c: u8| c.is_ascii_alphanumeric() || b"/+:.".contains(&c);
            return (1..=128).contains(&text.len()) && text.bytes().all(allowed);
        }
        _ => return true,
    };
    digits.contains(&text.len()) && text.bytes().all(|c| c.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use comity_base::Limits;

    use super::*;

    fn found(text: &str) -> Vec<Finding> {
        check(&crate::parse(text, &Limits::default()).unwrap())
    }

    #[test]
    fn a_qualifier_stands_once_on_brackets() {
        assert_eq!(found("[a:b = 1] WITHIN 5 SECONDS WITHIN 6 SECONDS"), [Finding::RepeatedQualifier("WITHIN")]);
        assert_eq!(found("([a:b = 1] REPEATS 2 TIMES REPEATS 3 TIMES)"), [Finding::RepeatedQualifier("REPEATS")]);
        assert_eq!(found("([a:b = 1] REPEATS 2 TIMES) REPEATS 2 TIMES"), []);
        assert_eq!(found("([a:b = 1]) WITHIN 5 SECONDS WITHIN 6 SECONDS"), []);
        let bounds = "START t'2024-01-01T00:00:00Z' STOP t'2024-01-02T00:00:00Z'";
        assert_eq!(found(&format!("[a:b = 1] {bounds} {bounds}")), [Finding::RepeatedQualifier("START and STOP")]);
    }

    #[test]
    fn hashes_must_look_like_hashes() {
        let errors = found("[file:hashes.'SHA-256' = 'f00' OR file:hashes.MD5 IN ('f00')]");
        assert!(errors.len() == 2 && errors.iter().all(Finding::is_error));
        assert_eq!(found("[file:hashes.MD5 LIKE 'f00%' OR file:hashes.'x' = 'f00' OR file:hashes[*] = 'f00']"), []);
    }

    #[test]
    fn what_can_never_match_is_a_warning() {
        let warned = |text: &str| {
            let all = found(text);
            assert!(!all.iter().any(Finding::is_error), "{text}");
            all.len()
        };
        assert_eq!(warned("[a:b = 1 AND c:d = 1]"), 1);
        assert_eq!(warned("[a:b = 1 AND (a:d = 1 OR a:e = 2)]"), 0);
        assert_eq!(warned("[a:b = 1 OR c:d = 1]"), 0);
        assert_eq!(warned("[a:b = t'2024-02-30T00:00:00Z']"), 1);
        assert_eq!(warned("[a:b IN (1, 'x')]"), 1);
        assert_eq!(warned("[a:b = 1] START t'2024-01-02T00:00:00Z' STOP t'2024-01-01T00:00:00Z' REPEATS 0 TIMES"), 2);
    }
}
