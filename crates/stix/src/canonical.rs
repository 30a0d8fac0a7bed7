use std::cmp::Ordering;
use std::fmt::Write as _;

use crate::{Node, Shape};

/// Appends the canonical JSON of a value (RFC 8785, JSON Canonicalization Scheme).
///
/// Members are sorted by the UTF-16 code units of their names, numbers are printed as ECMAScript
/// prints doubles, and only what must be escaped is. Two texts that mean the same give the same
/// bytes. The depth of the recursion is bounded by the depth the document was parsed with.
pub fn canonical(node: Node<'_, '_>, out: &mut String) {
    match node.shape() {
        Shape::Null => out.push_str("null"),
        Shape::Bool => out.push_str(if node.as_bool() == Some(true) { "true" } else { "false" }),
        Shape::Integer | Shape::Float => number(node, out),
        Shape::Text => text(node.as_str().unwrap_or_default(), out),
        Shape::Array => array(node, out),
        Shape::Object => object(node, out),
    }
}

fn array(node: Node<'_, '_>, out: &mut String) {
    out.push('[');
    for (index, item) in node.items().enumerate() {
        if index > 0 {
            out.push(',');
        }
        canonical(item, out);
    }
    out.push(']');
}

fn object(node: Node<'_, '_>, out: &mut String) {
    let mut members: Vec<_> = node.entries().collect();
    members.sort_unstable_by(|(a, _), (b, _)| utf16_order(a, b));
    out.push('{');
    for (index, (key, value)) in members.into_iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        text(key, out);
        out.push(':');
        canonical(value, out);
    }
    out.push('}');
}

/// The order of names in RFC 8785 section 3.2.3; it differs from the order of bytes above U+FFFF.
fn utf16_order(a: &str, b: &str) -> Ordering {
    if a.is_ascii() && b.is_ascii() { a.cmp(b) } else { a.encode_utf16().cmp(b.encode_utf16()) }
}

/// Appends a JSON string as RFC 8785 section 3.2.2.2 escapes it.
pub(crate) fn text(value: &str, out: &mut String) {
    out.push('"');
    let mut rest = value;
    while let Some(at) = rest.bytes().position(|b| b < 0x20 || b == b'"' || b == b'\\') {
        let (plain, special) = rest.split_at(at);
        out.push_str(plain);
        let mut chars = special.chars();
        escape(chars.next().unwrap_or_default(), out);
        rest = chars.as_str();
    }
    out.push_str(rest);
    out.push('"');
}

fn escape(special: char, out: &mut String) {
    match special {
        '"' => out.push_str("\\\""),
        '\\' => out.push_str("\\\\"),
        '\u{8}' => out.push_str("\\b"),
        '\t' => out.push_str("\\t"),
        '\n' => out.push_str("\\n"),
        '\u{c}' => out.push_str("\\f"),
        '\r' => out.push_str("\\r"),
        other => {
            // Writing to a String cannot fail.
            let _ = write!(out, "\\u{:04x}", u32::from(other));
        }
    }
}

fn number(node: Node<'_, '_>, out: &mut String) {
    /// Integers up to here are doubles exactly (2^53 - 1) and print without an exponent.
    const SAFE: u64 = (1 << 53) - 1;
    match (node.as_i64(), node.as_f64()) {
        (Some(integer), _) if integer.unsigned_abs() <= SAFE => {
            let _ = write!(out, "{integer}");
        }
        (_, Some(double)) => ecmascript(double, out),
        _ => out.push('0'),
    }
}

/// `Number::toString` of ECMAScript (ECMA-262 section 6.1.6.1.20), radix 10.
///
/// A JSON text cannot hold infinities or NaN, so those cases of the rule do not arise.
fn ecmascript(double: f64, out: &mut String) {
    if double == 0.0 {
        out.push('0');
        return;
    }
    // The shortest digits that read back as the same double and, between two such, the even one: `format!`
    // would give the odd one for 0x43143ff3c1cb0959.
    let Some(shortest) = serde_json::Number::from_f64(double.abs()) else { return };
    let shortest = shortest.to_string();
    let (mantissa, exponent) = shortest.split_once(['e', 'E']).unwrap_or((&shortest, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let all = [whole, fraction].concat();
    let digits = all.trim_start_matches('0');
    let leading_zeros = all.len() - digits.len();
    let point = exponent.parse::<i32>().unwrap_or_default() + small(whole.len()) - small(leading_zeros);
    if double < 0.0 {
        out.push('-');
    }
    place_point(digits.trim_end_matches('0'), point, out);
}

/// A count of digits, at most a few hundred.
fn small(count: usize) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}

/// Prints `0.digits × 10^point` by the ECMAScript thresholds: plain from 1e-6 up to 1e21, else an exponent.
fn place_point(digits: &str, point: i32, out: &mut String) {
    let count = small(digits.len());
    let zeros = |n: i32| std::iter::repeat_n('0', usize::try_from(n).unwrap_or_default());
    if count <= point && point <= 21 {
        out.push_str(digits);
        out.extend(zeros(point - count));
    } else if 0 < point && point <= 21 {
        let (whole, fraction) = digits.split_at(usize::try_from(point).unwrap_or_default());
        let _ = write!(out, "{whole}.{fraction}");
    } else if -6 < point && point <= 0 {
        out.push_str("0.");
        out.extend(zeros(-point));
        out.push_str(digits);
    } else {
        let (first, rest) = digits.split_at(1);
        let dot = if rest.is_empty() { "" } else { "." };
        let _ = write!(out, "{first}{dot}{rest}e{:+}", point - 1);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::Doc;

    fn of(json: &str) -> String {
        let doc = Doc::parse(json.as_bytes(), 16).unwrap();
        let mut out = String::new();
        canonical(doc.root(), &mut out);
        out
    }

    fn printed(double: f64) -> String {
        let mut out = String::new();
        ecmascript(double, &mut out);
        out
    }

    #[test]
    fn the_sample_of_the_rfc() {
        // RFC 8785 section 3.2.2.
        let input = r#"{
            "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
            "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
            "literals": [null, true, false]
        }"#;
        let expected = "{\"literals\":[null,true,false],\
            \"numbers\":[333333333.3333333,1e+30,4.5,0.002,1e-27],\
            \"string\":\"€$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\"}";
        assert_eq!(of(input), expected);
    }

    #[test]
    fn names_sort_by_utf16_code_units() {
        // RFC 8785 section 3.2.3: U+1F600 is D83D DE00, so it stands before U+FB33.
        let input = r#"{"\u20ac":"Euro Sign","\r":"Carriage Return","\ufb33":"Hebrew Letter Dalet With Dagesh",
            "1":"One","\ud83d\ude00":"Emoji: Grinning Face","\u0080":"Control","\u00f6":"Latin Small Letter O With Diaeresis"}"#;
        let doc = of(input);
        let order = [
            "Carriage Return",
            "One",
            "Control",
            "Latin Small Letter O With Diaeresis",
            "Euro Sign",
            "Emoji: Grinning Face",
            "Hebrew Letter Dalet With Dagesh",
        ];
        let places: Vec<_> = order.iter().map(|name| doc.find(name).unwrap()).collect();
        assert!(places.is_sorted(), "{doc}");
    }

    #[test]
    fn numbers_of_the_rfc() {
        // RFC 8785 appendix B.
        for (bits, expected) in [
            (0x0000_0000_0000_0000u64, "0"),
            (0x8000_0000_0000_0000, "0"),
            (0x0000_0000_0000_0001, "5e-324"),
            (0x8000_0000_0000_0001, "-5e-324"),
            (0x7fef_ffff_ffff_ffff, "1.7976931348623157e+308"),
            (0xffef_ffff_ffff_ffff, "-1.7976931348623157e+308"),
            (0x4340_0000_0000_0000, "9007199254740992"),
            (0xc340_0000_0000_0000, "-9007199254740992"),
            (0x4430_0000_0000_0000, "295147905179352830000"),
            (0x44b5_2d02_c7e1_4af5, "9.999999999999997e+22"),
            (0x44b5_2d02_c7e1_4af6, "1e+23"),
            (0x44b5_2d02_c7e1_4af7, "1.0000000000000001e+23"),
            (0x444b_1ae4_d6e2_ef4e, "999999999999999700000"),
            (0x444b_1ae4_d6e2_ef4f, "999999999999999900000"),
            (0x444b_1ae4_d6e2_ef50, "1e+21"),
            (0x3eb0_c6f7_a0b5_ed8c, "9.999999999999997e-7"),
            (0x3eb0_c6f7_a0b5_ed8d, "0.000001"),
            (0x41b3_de43_5555_5553, "333333333.3333332"),
            (0x41b3_de43_5555_5554, "333333333.33333325"),
            (0x41b3_de43_5555_5555, "333333333.3333333"),
            (0x41b3_de43_5555_5556, "333333333.3333334"),
            (0x41b3_de43_5555_5557, "333333333.33333343"),
            (0xbecb_f647_612f_3696, "-0.0000033333333333333333"),
            (0x4314_3ff3_c1cb_0959, "1424953923781206.2"),
        ] {
            assert_eq!(printed(f64::from_bits(bits)), expected, "{bits:016x}");
        }
    }

    #[test]
    fn whole_numbers_beyond_a_double_are_rounded_as_doubles() {
        assert_eq!(of("9007199254740991"), "9007199254740991");
        assert_eq!(of("9007199254740993"), "9007199254740992");
        assert_eq!(of("18446744073709551615"), "18446744073709552000");
        assert_eq!(of("-0"), "0");
        assert_eq!(of("1e2"), "100");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(128))]

        #[test]
        fn numbers_read_back_as_themselves(bits in any::<u64>()) {
            let double = f64::from_bits(bits);
            prop_assume!(double.is_finite());
            prop_assert_eq!(printed(double).parse::<f64>().unwrap().to_bits(), (double + 0.0).to_bits());
        }

        #[test]
        fn any_text_reads_back_as_itself(value in any::<String>()) {
            let mut out = String::new();
            text(&value, &mut out);
            prop_assert_eq!(serde_json::from_str::<String>(&out).unwrap(), value);
        }

        #[test]
        fn canonical_form_does_not_change_when_made_again(keys in proptest::collection::btree_map(any::<String>(), any::<i32>(), 0..6)) {
            let once = of(&serde_json::to_string(&keys).unwrap());
            prop_assert_eq!(of(&once), once);
        }
    }
}
