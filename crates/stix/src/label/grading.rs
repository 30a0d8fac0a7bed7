/// The text is not a grading.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a grading: use a scheme and its code, like admiralty-scale:B2 or europol-4x4:A1")]
pub struct GradingError(pub String);

/// Reads how a source and its information were graded, `scheme:code`, into its normal form; `B2` alone is
/// on the Admiralty scale.
///
/// Codes of the schemes known here are checked; a grade of another scheme is kept as it is. A grade is
/// never converted from one scheme to another.
///
/// # Errors
/// When there is no scheme and code, or the scheme has no such code.
pub fn grading(text: &str) -> Result<String, GradingError> {
    let text = text.trim();
    let fail = || GradingError(text.chars().take(60).collect());
    let (scheme, code) = text.split_once(':').unwrap_or(("admiralty-scale", text));
    let scheme = scheme.to_ascii_lowercase();
    let code = code.trim_matches('"').to_ascii_uppercase();
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-.+_/".contains(&b);
    let named = !scheme.is_empty() && !code.is_empty() && text.len() <= 100;
    if !named || !scheme.bytes().all(plain) || !code.bytes().all(plain) {
        return Err(fail());
    }
    let known = SCHEMES.iter().find(|(name, ..)| *name == scheme);
    if known.is_some_and(|(_, source, information)| !fits(&code, source, information)) {
        return Err(fail());
    }
    Ok(format!("{scheme}:{code}"))
}

/// Whether a code is a source letter, an information digit, or both in this order.
fn fits(code: &str, source: &str, information: &str) -> bool {
    let mut chars = code.chars();
    match (chars.next(), chars.next(), chars.next()) {
        (Some(one), None, None) => source.contains(one) || information.contains(one),
        (Some(one), Some(two), None) => source.contains(one) && information.contains(two),
        _ => false,
    }
}

/// Scheme, its codes for the source, its codes for the information.
const SCHEMES: &[(&str, &str, &str)] = &[
    ("admiralty-scale", "ABCDEFG", "123456"),
    ("europol-4x4", "ABCX", "1234"),
    ("5x5", "ABCDE", "12345"),
    ("3x5", "123", "ABCDE"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_the_scheme_and_checks_its_codes() {
        assert_eq!(grading("b2").unwrap(), "admiralty-scale:B2");
        assert_eq!(grading("Admiralty-Scale:f").unwrap(), "admiralty-scale:F");
        assert_eq!(grading("europol-4x4:X4").unwrap(), "europol-4x4:X4");
        assert_eq!(grading("house-scale:Good").unwrap(), "house-scale:GOOD");
        for bad in ["", ":", "B7", "H1", "europol-4x4:D1", "admiralty-scale:2B", "a b:c", "x:"] {
            assert!(grading(bad).is_err(), "{bad}");
        }
    }
}
