use std::borrow::Cow;

/// One parsed pattern. `Display` prints it back with canonical spacing.
#[derive(Clone, Debug, PartialEq)]
pub struct Pattern<'p> {
    /// The dialect it was read in.
    pub version: Version,
    /// The whole of it.
    pub root: ObservationExpression<'p>,
}

/// The dialect of a pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Version {
    /// STIX 2.0 part 5: START and STOP also take plain strings; no EXISTS.
    V2_0,
    /// STIX 2.1 section 9.
    V2_1,
}

/// What must be observed (STIX 2.1 section 9.3). Lists hold two or more; chains of one operator are flat.
#[derive(Clone, Debug, PartialEq)]
pub enum ObservationExpression<'p> {
    /// `[...]`: one observation in which the comparison holds.
    Simple(ComparisonExpression<'p>),
    /// Parentheses as written.
    Group(Box<Self>),
    /// An expression and its qualifiers, innermost first. The expression is `Simple` or `Group`.
    Qualified {
        /// What is qualified.
        expression: Box<Self>,
        /// Innermost first; never empty.
        qualifiers: Vec<Qualifier<'p>>,
    },
    /// All of them, each by distinct observations.
    And(Vec<Self>),
    /// One of them.
    Or(Vec<Self>),
    /// Each no earlier than those before it.
    FollowedBy(Vec<Self>),
}

/// A bound on an observation expression (STIX 2.1 section 9.4).
#[derive(Clone, Debug, PartialEq)]
pub enum Qualifier<'p> {
    /// All bound observations fit in this many seconds.
    Within(f64),
    /// The expression holds this many times, by distinct observations.
    Repeats(u64),
    /// All bound observations lie from `start` up to, not including, `stop`.
    StartStop {
        /// [`Literal::Time`], or in STIX 2.0 also [`Literal::Text`].
        start: Literal<'p>,
        /// Likewise.
        stop: Literal<'p>,
    },
}

/// What must hold of one object (STIX 2.1 section 9.5). Lists hold two or more.
#[derive(Clone, Debug, PartialEq)]
pub enum ComparisonExpression<'p> {
    /// One comparison.
    Test(Comparison<'p>),
    /// Parentheses as written.
    Group(Box<Self>),
    /// All of them of the same object.
    And(Vec<Self>),
    /// One of them.
    Or(Vec<Self>),
}

/// One property held against a literal.
#[derive(Clone, Debug, PartialEq)]
pub struct Comparison<'p> {
    /// The property.
    pub path: ObjectPath<'p>,
    /// Whether NOT stands before the operator. Never with [`Test::Exists`].
    pub negated: bool,
    /// The operator and its literal.
    pub test: Test<'p>,
}

/// The operator of a comparison with what it compares to (STIX 2.1 section 9.6).
#[derive(Clone, Debug, PartialEq)]
pub enum Test<'p> {
    /// `=`
    Equal(Literal<'p>),
    /// `!=`
    NotEqual(Literal<'p>),
    /// `<`, `<=`, `>`, `>=`; never with a truth value.
    Order(Order, Literal<'p>),
    /// `IN (...)`
    In(Vec<Literal<'p>>),
    /// `LIKE`: `%` is any text, `_` any one character.
    Like(Cow<'p, str>),
    /// `MATCHES` a regular expression, anywhere in the value.
    Matches(Cow<'p, str>),
    /// `ISSUBSET` of an IP network.
    IsSubset(Cow<'p, str>),
    /// `ISSUPERSET` of an IP address or network.
    IsSuperset(Cow<'p, str>),
    /// `EXISTS`, written before the path.
    Exists,
}

/// Which ordering a comparison asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Order {
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
}

/// Where a property is: `file:hashes.'SHA-256'` (STIX 2.1 section 9.7).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObjectPath<'p> {
    /// The object type: letters, digits, `_` and `-`, not starting with a digit or `-`.
    pub object_type: Cow<'p, str>,
    /// From the object inwards; the first is a key. Never empty.
    pub steps: Vec<Step<'p>>,
}

/// One step of an object path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step<'p> {
    /// `.key` or `.'quoted key'`; after a key that ends in `_ref` or `_refs`, of the object referred to.
    Key(Cow<'p, str>),
    /// `[3]`, counted from 0.
    Index(i64),
    /// `[*]`: any element.
    Any,
}

/// A constant in a pattern (STIX 2.1 section 9.2).
#[derive(Clone, Debug, PartialEq)]
pub enum Literal<'p> {
    /// `'text'`, without quotes and escapes.
    Text(Cow<'p, str>),
    /// `5`
    Integer(i64),
    /// `5.0`; finite.
    Float(f64),
    /// `true`
    Bool(bool),
    /// `t'2026-11-01T12:00:00Z'`: the text between the quotes. Its day may not be in the calendar.
    Time(Cow<'p, str>),
    /// `b'AQID'`: Base64, the text between the quotes.
    Binary(Cow<'p, str>),
    /// `h'0102'`: hexadecimal digits in pairs, the text between the quotes.
    Hex(Cow<'p, str>),
}
