use std::fmt;

use crate::ast::{
    Comparison, ComparisonExpression, Literal, ObjectPath, ObservationExpression, Order, Pattern, Qualifier, Step, Test,
};
use crate::lexer::reserved;

impl fmt::Display for Pattern<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.root.fmt(f)
    }
}

impl ObservationExpression<'_> {
    /// How tightly it binds; a part that binds no tighter than its whole needs parentheses.
    fn strength(&self) -> u8 {
        match self {
            Self::FollowedBy(_) => 0,
            Self::Or(_) => 1,
            Self::And(_) => 2,
            Self::Qualified { .. } => 3,
            Self::Simple(_) | Self::Group(_) => 4,
        }
    }

    fn fmt_within(&self, f: &mut fmt::Formatter<'_>, whole: u8) -> fmt::Result {
        if self.strength() <= whole { write!(f, "({self})") } else { write!(f, "{self}") }
    }

    fn fmt_list(&self, f: &mut fmt::Formatter<'_>, list: &[Self], word: &str) -> fmt::Result {
        for (at, part) in list.iter().enumerate() {
            if at > 0 {
                f.write_str(word)?;
            }
            part.fmt_within(f, self.strength())?;
        }
        Ok(())
    }
}

impl fmt::Display for ObservationExpression<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Simple(comparison) => write!(f, "[{comparison}]"),
            Self::Group(inner) => write!(f, "({inner})"),
            Self::Qualified { expression, qualifiers } => {
                expression.fmt_within(f, self.strength())?;
                qualifiers.iter().try_for_each(|qualifier| write!(f, " {qualifier}"))
            }
            Self::And(list) => self.fmt_list(f, list, " AND "),
            Self::Or(list) => self.fmt_list(f, list, " OR "),
            Self::FollowedBy(list) => self.fmt_list(f, list, " FOLLOWEDBY "),
        }
    }
}

impl fmt::Display for Qualifier<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Within(seconds) => write!(f, "WITHIN {seconds} SECONDS"),
            Self::Repeats(times) => write!(f, "REPEATS {times} TIMES"),
            Self::StartStop { start, stop } => write!(f, "START {start} STOP {stop}"),
        }
    }
}

impl ComparisonExpression<'_> {
    fn strength(&self) -> u8 {
        match self {
            Self::Or(_) => 0,
            Self::And(_) => 1,
            Self::Test(_) | Self::Group(_) => 2,
        }
    }

    fn fmt_list(&self, f: &mut fmt::Formatter<'_>, list: &[Self], word: &str) -> fmt::Result {
        for (at, part) in list.iter().enumerate() {
            if at > 0 {
                f.write_str(word)?;
            }
            if part.strength() <= self.strength() {
                write!(f, "({part})")?;
            } else {
                write!(f, "{part}")?;
            }
        }
        Ok(())
    }
}

impl fmt::Display for ComparisonExpression<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Test(comparison) => comparison.fmt(f),
            Self::Group(inner) => write!(f, "({inner})"),
            Self::And(list) => self.fmt_list(f, list, " AND "),
            Self::Or(list) => self.fmt_list(f, list, " OR "),
        }
    }
}

impl fmt::Display for Comparison<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.test == Test::Exists {
            return write!(f, "EXISTS {}", self.path);
        }
        let not = if self.negated { " NOT" } else { "" };
        write!(f, "{}{not} {}", self.path, self.test)
    }
}

impl fmt::Display for Test<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (operator, text) = match self {
            Self::Equal(literal) => return write!(f, "= {literal}"),
            Self::NotEqual(literal) => return write!(f, "!= {literal}"),
            Self::Order(order, literal) => return write!(f, "{order} {literal}"),
            Self::In(literals) => return fmt_set(f, literals),
            Self::Exists => return f.write_str("EXISTS"),
            Self::Like(text) => ("LIKE", text),
            Self::Matches(text) => ("MATCHES", text),
            Self::IsSubset(text) => ("ISSUBSET", text),
            Self::IsSuperset(text) => ("ISSUPERSET", text),
        };
        write!(f, "{operator} ")?;
        fmt_text(f, text)
    }
}

fn fmt_set(f: &mut fmt::Formatter<'_>, literals: &[Literal<'_>]) -> fmt::Result {
    f.write_str("IN (")?;
    for (at, literal) in literals.iter().enumerate() {
        let comma = if at > 0 { ", " } else { "" };
        write!(f, "{comma}{literal}")?;
    }
    f.write_str(")")
}

impl fmt::Display for Order {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
        })
    }
}

impl fmt::Display for ObjectPath<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:", self.object_type)?;
        for (at, step) in self.steps.iter().enumerate() {
            match step {
                Step::Key(key) => {
                    if at > 0 {
                        f.write_str(".")?;
                    }
                    if is_bare(key) { f.write_str(key) } else { fmt_text(f, key) }?;
                }
                Step::Index(index) => write!(f, "[{index}]")?,
                Step::Any => f.write_str("[*]")?,
            }
        }
        Ok(())
    }
}

/// Whether a key may stand without quotes.
fn is_bare(key: &str) -> bool {
    let starts = key.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    starts && key.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') && reserved(key).is_none()
}

impl fmt::Display for Literal<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => fmt_text(f, text),
            Self::Integer(value) => value.fmt(f),
            Self::Float(value) if value.fract() == 0.0 => write!(f, "{value}.0"),
            Self::Float(value) => value.fmt(f),
            Self::Bool(value) => value.fmt(f),
            Self::Time(text) => write!(f, "t'{text}'"),
            Self::Binary(text) => write!(f, "b'{text}'"),
            Self::Hex(text) => write!(f, "h'{text}'"),
        }
    }
}

fn fmt_text(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    f.write_str("'")?;
    let mut rest = text;
    while let Some(at) = rest.find(['\'', '\\']) {
        let (plain, special) = rest.split_at(at);
        let (special, after) = special.split_at(1);
        write!(f, "{plain}\\{special}")?;
        rest = after;
    }
    write!(f, "{rest}'")
}

#[cfg(test)]
mod tests {
    use comity_base::Limits;

    use super::*;

    #[test]
    fn spacing_and_operators_become_canonical() {
        let show = |text: &str| crate::parse(text, &Limits::default()).unwrap().to_string();
        assert_eq!(show("( [ a:'b'  ==+5 ] )"), "([a:b = 5])");
        assert_eq!(
            show("[a:b<>.5 AND(a:c IN(1,2.0))]WITHIN 5.0 SECONDS"),
            "[a:b != 0.5 AND (a:c IN (1, 2.0))] WITHIN 5 SECONDS"
        );
        assert_eq!(show(r"[a:'x-y'.'IN'[0][*] NOT LIKE 'it\'s \\']"), r"[a:'x-y'.'IN'[0][*] NOT LIKE 'it\'s \\']");
    }

    #[test]
    fn a_tree_built_by_hand_prints_with_the_parentheses_it_needs() {
        let leaf = |n| {
            let path = ObjectPath { object_type: "a".into(), steps: vec![Step::Key("b".into())] };
            ComparisonExpression::Test(Comparison { path, negated: false, test: Test::Equal(Literal::Integer(n)) })
        };
        let both = ComparisonExpression::And(vec![ComparisonExpression::Or(vec![leaf(1), leaf(2)]), leaf(3)]);
        let or = ObservationExpression::Or(vec![
            ObservationExpression::Simple(both),
            ObservationExpression::Simple(leaf(4)),
        ]);
        let qualified =
            ObservationExpression::Qualified { expression: Box::new(or), qualifiers: vec![Qualifier::Repeats(2)] };
        assert_eq!(qualified.to_string(), "([(a:b = 1 OR a:b = 2) AND a:b = 3] OR [a:b = 4]) REPEATS 2 TIMES");
    }
}
