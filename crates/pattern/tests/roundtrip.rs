//! A pattern printed and parsed again is the same pattern: for random trees and for every real one.

#![expect(clippy::unwrap_used, reason = "a test that cannot read its data has failed")]

mod common;

use std::path::Path;

use comity_base::Limits;
use comity_pattern::{
    Comparison, ComparisonExpression, Literal, ObjectPath, ObservationExpression, Order, Pattern, Qualifier, Step,
    Test, Version, parse, parse_2_0, values,
};
use comity_stix::{Doc, Node};
use proptest::prelude::*;

fn text() -> impl Strategy<Value = String> {
    prop_oneof![3 => "[a-z0-9./:]{0,12}", 1 => ".{0,8}", 1 => r"['\\%_ ]{1,5}"]
}

fn time() -> impl Strategy<Value = String> {
    r"[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]{1,9})?Z"
}

fn finite() -> impl Strategy<Value = f64> {
    prop_oneof![-1e6..1e6f64, any::<f64>().prop_filter("finite", |f| f.is_finite()), Just(1e300), Just(-0.0)]
}

fn ordered() -> impl Strategy<Value = Literal<'static>> {
    prop_oneof![
        4 => text().prop_map(|text| Literal::Text(text.into())),
        2 => any::<i64>().prop_map(Literal::Integer),
        2 => finite().prop_map(Literal::Float),
        1 => time().prop_map(|text| Literal::Time(text.into())),
        1 => "([A-Za-z0-9+/]{4}){1,4}".prop_map(|text| Literal::Binary(text.into())),
        1 => "([0-9a-fA-F]{2}){0,4}".prop_map(|text| Literal::Hex(text.into())),
    ]
}

fn literal() -> impl Strategy<Value = Literal<'static>> {
    prop_oneof![8 => ordered(), 1 => any::<bool>().prop_map(Literal::Bool)]
}

fn path() -> impl Strategy<Value = ObjectPath<'static>> {
    let key = || prop_oneof![4 => "[a-z_][a-z0-9_]{0,8}", 1 => text(), 1 => Just("AND".to_owned()), 1 => Just("true".to_owned())];
    let step = prop_oneof![
        4 => key().prop_map(|key| Step::Key(key.into())),
        1 => any::<i64>().prop_map(Step::Index),
        1 => Just(Step::Any),
    ];
    // A digit in the name keeps it from being a keyword.
    let object_type = "[a-zA-Z_][a-z0-9-]{0,8}0[a-z-]{0,4}";
    (object_type, key(), prop::collection::vec(step, 0..4)).prop_map(|(object_type, first, rest)| {
        let steps = std::iter::once(Step::Key(first.into())).chain(rest).collect();
        ObjectPath { object_type: object_type.into(), steps }
    })
}

fn order() -> impl Strategy<Value = Order> {
    prop_oneof![Just(Order::Less), Just(Order::LessOrEqual), Just(Order::Greater), Just(Order::GreaterOrEqual)]
}

fn comparison() -> impl Strategy<Value = Comparison<'static>> {
    let test = prop_oneof![
        literal().prop_map(Test::Equal),
        literal().prop_map(Test::NotEqual),
        (order(), ordered()).prop_map(|(order, literal)| Test::Order(order, literal)),
        prop::collection::vec(literal(), 0..4).prop_map(Test::In),
        text().prop_map(|text| Test::Like(text.into())),
        text().prop_map(|text| Test::Matches(text.into())),
        text().prop_map(|text| Test::IsSubset(text.into())),
        text().prop_map(|text| Test::IsSuperset(text.into())),
        Just(Test::Exists),
    ];
    (path(), any::<bool>(), test).prop_map(|(path, negated, test)| {
        let negated = negated && test != Test::Exists;
        Comparison { path, negated, test }
    })
}

/// Trees as the parser builds them: what binds less tightly stands in a group.
fn comparisons() -> impl Strategy<Value = ComparisonExpression<'static>> {
    let leaf = comparison().prop_map(ComparisonExpression::Test);
    leaf.prop_recursive(3, 12, 3, |inner| {
        let atom = inner.prop_map(|part| match part {
            test @ ComparisonExpression::Test(_) => test,
            other => ComparisonExpression::Group(Box::new(other)),
        });
        let and = prop::collection::vec(atom.clone(), 2..4).prop_map(ComparisonExpression::And);
        let or = prop::collection::vec(prop_oneof![atom.clone(), and.clone()], 2..4).prop_map(ComparisonExpression::Or);
        let group = atom.prop_map(|part| ComparisonExpression::Group(Box::new(part)));
        prop_oneof![and, or, group]
    })
}

fn qualifier() -> impl Strategy<Value = Qualifier<'static>> {
    prop_oneof![
        prop_oneof![0.0..1e6f64, (0u32..10_000).prop_map(f64::from)].prop_map(Qualifier::Within),
        (0u64..i64::MAX.unsigned_abs()).prop_map(Qualifier::Repeats),
        (time(), time()).prop_map(|(start, stop)| Qualifier::StartStop {
            start: Literal::Time(start.into()),
            stop: Literal::Time(stop.into())
        }),
    ]
}

fn observations() -> impl Strategy<Value = ObservationExpression<'static>> {
    use ObservationExpression as E;
    let leaf = comparisons().prop_map(E::Simple);
    leaf.prop_recursive(3, 8, 3, |inner| {
        let atom = inner.prop_map(|part| match part {
            part @ (E::Simple(_) | E::Group(_)) => part,
            other => E::Group(Box::new(other)),
        });
        let qualified = (atom.clone(), prop::collection::vec(qualifier(), 1..3))
            .prop_map(|(part, qualifiers)| E::Qualified { expression: Box::new(part), qualifiers })
            .boxed();
        let part = prop_oneof![atom, qualified.clone()].boxed();
        let and = prop::collection::vec(part.clone(), 2..4).prop_map(E::And).boxed();
        let or = prop::collection::vec(prop_oneof![part.clone(), and.clone()], 2..4).prop_map(E::Or).boxed();
        let any = prop_oneof![part.clone(), and.clone(), or.clone()];
        let then = prop::collection::vec(any, 2..4).prop_map(E::FollowedBy);
        prop_oneof![qualified, and, or, then]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_tree_survives_printing(root in observations()) {
        let pattern = Pattern { version: Version::V2_1, root };
        let text = pattern.to_string();
        let again = parse(&text, &Limits::default());
        prop_assert_eq!(again.as_ref(), Ok(&pattern), "{}", text);
        prop_assert_eq!(again.unwrap().to_string(), text);
    }

    #[test]
    fn any_text_is_answered(text in r"[\[\]()a:'=.*0-9tbhAND ORIN\\/-]{0,40}|.{0,40}") {
        let mut taken = 0;
        if values(&text, &mut |_, _| taken += 1).is_err() {
            prop_assert_eq!(taken, 0);
        }
        if let Err(error) = parse(&text, &Limits::default()) {
            let shown = error.caret(&text);
            prop_assert!(error.at() <= text.len() && shown.ends_with('^'), "{}", shown);
        }
    }

    #[test]
    fn the_quick_way_takes_the_values_the_tree_has(
        path in prop::sample::select(vec![
            "ipv4-addr:value", "network-traffic:dst_ref.value", "file:hashes.'SHA-256'", "file:hashes.md5", "url:value",
            "file:name", "autonomous-system:number", "process:image_ref.hashes.'x-y'", "user-account:account_login",
            "email-message:from_ref.value", "file:hashes.'a.b'.c.d", "AND:value", "url:true", "mutex:'name'",
        ]),
        literal in prop_oneof![text(), Just("198.51.100.7/32".into()), Just("2001:db8::/32".into()), Just("64500".into())],
        space in "[ \t]{0,2}",
    ) {
        let literal = Literal::Text(literal.into());
        let take = |text: &str| {
            let mut taken = Vec::new();
            values(text, &mut |kind, text| taken.push((kind, text.into_owned()))).map(|()| taken).ok()
        };
        let text = format!("[{space}{path}{space}={space}{literal}{space}]");
        prop_assert_eq!(take(&text), take(&format!("({text})")), "{}", text);
    }
}

/// Calls `each` with the pattern of every indicator below a node, and whether it says it is STIX.
fn for_each_pattern(node: Node<'_, '_>, each: &mut impl FnMut(&str, bool)) {
    if node.str("type") == Some("indicator")
        && let Some(text) = node.str("pattern")
    {
        each(text, node.str("pattern_type").is_none_or(|kind| kind == "stix"));
    }
    node.items().for_each(|item| for_each_pattern(item, each));
    node.entries().for_each(|(_, item)| for_each_pattern(item, each));
}

fn for_each_file(folder: &Path, each: &mut impl FnMut(&Path)) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            for_each_file(&path, each);
        } else if path.extension().is_some_and(|kind| kind == "json") {
            each(&path);
        }
    }
}

#[test]
fn every_real_pattern_survives_printing() {
    let Some(folder) = common::data() else { return };
    let limits = Limits::default();
    let (mut patterns, mut taken, mut wrong) = (0, 0, Vec::new());
    for name in ["talos-stix", "mobile-stix", "attack", "elevator-2.1", "cti-docs-examples", "interop", "taxii"] {
        for_each_file(&folder.join(name), &mut |path| {
            let bytes = std::fs::read(path).unwrap();
            // Some example files are not JSON by intent.
            if !bytes.windows(9).any(|window| window == b"indicator") {
                return;
            }
            let Ok(doc) = Doc::parse(&bytes, 64) else { return };
            for_each_pattern(doc.root(), &mut |text, is_stix| {
                if !is_stix {
                    return;
                }
                patterns += 1;
                let found = parse(text, &limits).or_else(|_| parse_2_0(text, &limits));
                match found {
                    Ok(pattern) => {
                        let printed = pattern.to_string();
                        let again = if pattern.version == Version::V2_1 {
                            parse(&printed, &limits)
                        } else {
                            parse_2_0(&printed, &limits)
                        };
                        assert_eq!(again.as_ref(), Ok(&pattern), "{}", path.display());
                    }
                    Err(error) => wrong.push(format!("{}: {}", path.display(), error.caret(text))),
                }
                let _ = values(text, &mut |_, _| taken += 1);
            });
        });
    }
    println!("{patterns} patterns, {taken} values, {} refused", wrong.len());
    assert!(wrong.is_empty(), "{} of {patterns}:\n{}", wrong.len(), wrong.join("\n"));
    assert!(patterns > 3000, "{patterns}");
}
