use std::borrow::Cow;

use comity_base::{LimitExceeded, Limits};

use crate::ast::{
    Comparison, ComparisonExpression, Literal, ObjectPath, ObservationExpression, Order, Pattern, Qualifier, Step,
    Test, Version,
};
use crate::error::PatternError;
use crate::lexer::{Lexer, Token, Word};

/// Most bytes of one pattern.
pub const MAX_BYTES: usize = 1 << 20;

/// Most nested parentheses, whatever `Limits::depth` says: a level costs stack.
const MAX_DEPTH: usize = 256;
/// Most steps of one object path, and most qualifiers of one expression.
const MAX_STEPS: usize = 128;
/// WITHIN beyond this many seconds (30,000 years) cannot be told apart any more.
const MAX_SECONDS: f64 = 1e12;

/// Reads a STIX 2.1 pattern (section 9).
///
/// # Errors
/// When the text is not a pattern, longer than [`MAX_BYTES`], or nested deeper than `limits.depth`.
pub fn parse<'p>(text: &'p str, limits: &Limits) -> Result<Pattern<'p>, PatternError> {
    parse_as(text, limits, Version::V2_1)
}

/// Reads a STIX 2.0 pattern (part 5): START and STOP may take plain strings, and there is no EXISTS.
///
/// # Errors
/// As [`parse`].
pub fn parse_2_0<'p>(text: &'p str, limits: &Limits) -> Result<Pattern<'p>, PatternError> {
    parse_as(text, limits, Version::V2_0)
}

fn parse_as<'p>(text: &'p str, limits: &Limits, version: Version) -> Result<Pattern<'p>, PatternError> {
    if text.len() > MAX_BYTES {
        return Err(limit(MAX_BYTES, "bytes in one pattern", MAX_BYTES));
    }
    let mut lexer = Lexer::new(text);
    let token = lexer.next()?;
    let mut parser =
        Parser { lexer, token, depth: limits.depth.min(MAX_DEPTH), max_depth: limits.depth.min(MAX_DEPTH), version };
    let root = parser.followed_by()?;
    if parser.token != Token::End {
        return Err(parser.fault("an operator, a qualifier or the end"));
    }
    Ok(Pattern { version, root })
}

fn limit(at: usize, what: &'static str, limit: usize) -> PatternError {
    PatternError::Limit { at, source: LimitExceeded { what, limit: u64::try_from(limit).unwrap_or(u64::MAX) } }
}

struct Parser<'p> {
    lexer: Lexer<'p>,
    token: Token<'p>,
    /// How many more levels may open.
    depth: usize,
    max_depth: usize,
    version: Version,
}

impl<'p> Parser<'p> {
    fn fault(&self, expected: &'static str) -> PatternError {
        self.lexer.fault(expected)
    }

    fn advance(&mut self) -> Result<Token<'p>, PatternError> {
        let next = self.lexer.next()?;
        Ok(std::mem::replace(&mut self.token, next))
    }

    fn at_word(&self, word: Word) -> bool {
        matches!(self.token, Token::Word(found) if found == word)
    }

    fn expect(&mut self, token: &Token<'p>, expected: &'static str) -> Result<(), PatternError> {
        if self.token != *token {
            return Err(self.fault(expected));
        }
        self.advance().map(drop)
    }

    fn descend(&mut self) -> Result<(), PatternError> {
        let Some(depth) = self.depth.checked_sub(1) else {
            return Err(limit(self.lexer.start, "nesting levels", self.max_depth));
        };
        self.depth = depth;
        Ok(())
    }

    /// `operand (word operand)*`; one operand stays itself, more become a list.
    fn chain<T>(
        &mut self,
        word: Word,
        operand: fn(&mut Self) -> Result<T, PatternError>,
        join: fn(Vec<T>) -> T,
    ) -> Result<T, PatternError> {
        let first = operand(self)?;
        if !self.at_word(word) {
            return Ok(first);
        }
        let mut list = vec![first];
        while self.at_word(word) {
            self.advance()?;
            list.push(operand(self)?);
        }
        Ok(join(list))
    }

    fn followed_by(&mut self) -> Result<ObservationExpression<'p>, PatternError> {
        self.chain(Word::FollowedBy, Self::either, ObservationExpression::FollowedBy)
    }

    fn either(&mut self) -> Result<ObservationExpression<'p>, PatternError> {
        self.chain(Word::Or, Self::both, ObservationExpression::Or)
    }

    fn both(&mut self) -> Result<ObservationExpression<'p>, PatternError> {
        self.chain(Word::And, Self::qualified, ObservationExpression::And)
    }

    fn qualified(&mut self) -> Result<ObservationExpression<'p>, PatternError> {
        let expression = self.observation()?;
        let mut qualifiers = Vec::new();
        while let Some(qualifier) = self.qualifier()? {
            if qualifiers.len() == MAX_STEPS {
                return Err(limit(self.lexer.start, "qualifiers of one expression", MAX_STEPS));
            }
            qualifiers.push(qualifier);
        }
        if qualifiers.is_empty() {
            return Ok(expression);
        }
        Ok(ObservationExpression::Qualified { expression: Box::new(expression), qualifiers })
    }

    fn observation(&mut self) -> Result<ObservationExpression<'p>, PatternError> {
        match self.token {
            Token::Open => {
                self.advance()?;
                let comparison = self.any_of()?;
                self.expect(&Token::Close, "AND, OR or `]`")?;
                Ok(ObservationExpression::Simple(comparison))
            }
            Token::OpenParen => {
                self.descend()?;
                self.advance()?;
                let inner = self.followed_by()?;
                self.expect(&Token::CloseParen, "an operator, a qualifier or `)`")?;
                self.depth += 1;
                Ok(ObservationExpression::Group(Box::new(inner)))
            }
            _ => Err(self.fault("`[` or `(`")),
        }
    }

    fn qualifier(&mut self) -> Result<Option<Qualifier<'p>>, PatternError> {
        let Token::Word(word @ (Word::Within | Word::Repeats | Word::Start)) = self.token else {
            return Ok(None);
        };
        self.advance()?;
        let qualifier = match word {
            Word::Within => {
                let seconds = self.seconds()?;
                self.expect(&Token::Word(Word::Seconds), "SECONDS")?;
                Qualifier::Within(seconds)
            }
            Word::Repeats => {
                let times = self.times()?;
                self.expect(&Token::Word(Word::Times), "TIMES")?;
                Qualifier::Repeats(times)
            }
            _ => {
                let start = self.bound()?;
                self.expect(&Token::Word(Word::Stop), "STOP")?;
                Qualifier::StartStop { start, stop: self.bound()? }
            }
        };
        Ok(Some(qualifier))
    }

    fn seconds(&mut self) -> Result<f64, PatternError> {
        let seconds = match self.token {
            Token::Integer { value, negative: false } => value as f64,
            Token::Float { value, negative: false } => value,
            _ => return Err(self.fault("a number of seconds without minus sign")),
        };
        if seconds > MAX_SECONDS {
            return Err(self.fault("at most 1000000000000 seconds"));
        }
        self.advance()?;
        Ok(seconds)
    }

    fn times(&mut self) -> Result<u64, PatternError> {
        let Token::Integer { value, negative: false } = self.token else {
            return Err(self.fault("a whole number without minus sign"));
        };
        self.advance()?;
        Ok(value.unsigned_abs())
    }

    fn bound(&mut self) -> Result<Literal<'p>, PatternError> {
        match (&self.token, self.version) {
            (Token::Time(_), _) | (Token::Text(_), Version::V2_0) => self.literal(),
            _ => Err(self.fault("a timestamp like t'2026-11-01T12:00:00Z'")),
        }
    }

    fn any_of(&mut self) -> Result<ComparisonExpression<'p>, PatternError> {
        self.chain(Word::Or, Self::all_of, ComparisonExpression::Or)
    }

    fn all_of(&mut self) -> Result<ComparisonExpression<'p>, PatternError> {
        self.chain(Word::And, Self::comparison, ComparisonExpression::And)
    }

    fn comparison(&mut self) -> Result<ComparisonExpression<'p>, PatternError> {
        match self.token {
            Token::OpenParen => {
                self.descend()?;
                self.advance()?;
                let inner = self.any_of()?;
                self.expect(&Token::CloseParen, "AND, OR or `)`")?;
                self.depth += 1;
                Ok(ComparisonExpression::Group(Box::new(inner)))
            }
            Token::Word(Word::Exists) if self.version == Version::V2_1 => {
                self.advance()?;
                let path = self.path()?;
                Ok(ComparisonExpression::Test(Comparison { path, negated: false, test: Test::Exists }))
            }
            _ => {
                let path = self.path()?;
                let negated = self.at_word(Word::Not);
                if negated {
                    self.advance()?;
                }
                let test = self.test()?;
                Ok(ComparisonExpression::Test(Comparison { path, negated, test }))
            }
        }
    }

    fn path(&mut self) -> Result<ObjectPath<'p>, PatternError> {
        let (Token::Name(object_type) | Token::Hyphenated(object_type)) = self.token else {
            return Err(self.fault("an object path like file:name"));
        };
        self.advance()?;
        self.expect(&Token::Colon, "`:` after the object type")?;
        let mut steps = Vec::with_capacity(2);
        steps.push(self.key()?);
        loop {
            match self.token {
                Token::Dot => {
                    self.advance()?;
                    steps.push(self.key()?);
                }
                Token::Open => {
                    self.advance()?;
                    steps.push(match self.token {
                        Token::Star => Step::Any,
                        Token::Integer { value, .. } => Step::Index(value),
                        _ => return Err(self.fault("a whole number or `*`")),
                    });
                    self.advance()?;
                    self.expect(&Token::Close, "`]`")?;
                }
                _ => return Ok(ObjectPath { object_type: Cow::Borrowed(object_type), steps }),
            }
            if steps.len() > MAX_STEPS {
                return Err(limit(self.lexer.start, "steps in one object path", MAX_STEPS));
            }
        }
    }

    fn key(&mut self) -> Result<Step<'p>, PatternError> {
        match self.token {
            Token::Name(_) | Token::Text(_) => {}
            Token::Hyphenated(_) => return Err(self.fault("quotes around a property name with a hyphen")),
            _ => return Err(self.fault("a property name, in quotes if it is a keyword")),
        }
        match self.advance()? {
            Token::Name(name) => Ok(Step::Key(Cow::Borrowed(name))),
            Token::Text(name) => Ok(Step::Key(name)),
            _ => Err(self.fault("a property name")),
        }
    }

    fn test(&mut self) -> Result<Test<'p>, PatternError> {
        let operators = "a comparison operator";
        let equality = matches!(self.token, Token::Equal | Token::NotEqual);
        let words = matches!(
            self.token,
            Token::Word(Word::Like | Word::Matches | Word::IsSubset | Word::IsSuperset | Word::In)
        );
        let order = matches!(self.token, Token::Less | Token::LessOrEqual | Token::Greater | Token::GreaterOrEqual);
        if !(equality || words || order) {
            return Err(self.fault(operators));
        }
        match self.advance()? {
            Token::Equal => self.literal().map(Test::Equal),
            Token::NotEqual => self.literal().map(Test::NotEqual),
            Token::Less => self.ordered(Order::Less),
            Token::LessOrEqual => self.ordered(Order::LessOrEqual),
            Token::Greater => self.ordered(Order::Greater),
            Token::GreaterOrEqual => self.ordered(Order::GreaterOrEqual),
            Token::Word(Word::In) => self.set().map(Test::In),
            Token::Word(Word::Like) => self.text().map(Test::Like),
            Token::Word(Word::Matches) => self.text().map(Test::Matches),
            Token::Word(Word::IsSubset) => self.text().map(Test::IsSubset),
            Token::Word(Word::IsSuperset) => self.text().map(Test::IsSuperset),
            _ => Err(self.fault(operators)),
        }
    }

    fn ordered(&mut self, order: Order) -> Result<Test<'p>, PatternError> {
        if matches!(self.token, Token::Bool(_)) {
            return Err(self.fault("a literal that has an order"));
        }
        Ok(Test::Order(order, self.literal()?))
    }

    fn text(&mut self) -> Result<Cow<'p, str>, PatternError> {
        if !matches!(self.token, Token::Text(_)) {
            return Err(self.fault("a string in quotes"));
        }
        match self.advance()? {
            Token::Text(text) => Ok(text),
            _ => Err(self.fault("a string in quotes")),
        }
    }

    fn set(&mut self) -> Result<Vec<Literal<'p>>, PatternError> {
        self.expect(&Token::OpenParen, "`(` and a list of literals")?;
        let mut literals = Vec::new();
        if self.token != Token::CloseParen {
            literals.push(self.literal()?);
            while self.token == Token::Comma {
                self.advance()?;
                literals.push(self.literal()?);
            }
        }
        self.expect(&Token::CloseParen, "`,` or `)`")?;
        Ok(literals)
    }

    fn literal(&mut self) -> Result<Literal<'p>, PatternError> {
        let literal = match &mut self.token {
            Token::Text(text) => Literal::Text(std::mem::take(text)),
            Token::Integer { value, .. } => Literal::Integer(*value),
            Token::Float { value, .. } => Literal::Float(*value),
            Token::Bool(value) => Literal::Bool(*value),
            Token::Time(text) => Literal::Time(Cow::Borrowed(text)),
            Token::Binary(text) => Literal::Binary(Cow::Borrowed(text)),
            Token::Hex(text) => Literal::Hex(Cow::Borrowed(text)),
            _ => return Err(self.fault("a literal")),
        };
        self.advance()?;
        Ok(literal)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Pattern<'_>, PatternError> {
        parse(text, &Limits::default())
    }

    #[test]
    fn and_binds_tighter_than_or_and_or_than_followedby() {
        let pattern = read("[a:b = 1] OR [a:b = 2] AND [a:b = 3] FOLLOWEDBY [a:b = 4]").unwrap();
        let ObservationExpression::FollowedBy(parts) = &pattern.root else { panic!("{pattern:?}") };
        let ObservationExpression::Or(parts) = &parts[0] else { panic!("{parts:?}") };
        assert!(matches!(&parts[1], ObservationExpression::And(list) if list.len() == 2));
    }

    #[test]
    fn paths_hold_quoted_keys_and_list_steps() {
        let pattern = read("[x-a:'b.c'.d[*].e_refs[2].'AND' = true]").unwrap();
        let ObservationExpression::Simple(ComparisonExpression::Test(found)) = pattern.root else { panic!() };
        assert_eq!(found.path.object_type, "x-a");
        let key = |name| Step::Key(Cow::Borrowed(name));
        assert_eq!(found.path.steps, [key("b.c"), key("d"), Step::Any, key("e_refs"), Step::Index(2), key("AND")]);
    }

    #[test]
    fn what_the_grammar_does_not_know_is_refused() {
        for bad in [
            "",
            "[]",
            "[a:b]",
            "[a:b = 1",
            "[a:b = 1]]",
            "[a:b = 1] [a:b = 1]",
            "[a:b.AND = 1]",
            "[a:b-c = 1]",
            "[a-b = 1]",
            "[a:b LIKE 1]",
            "[a:b > true]",
            "[a:b IN 'x']",
            "[a:b IN ('x',)]",
            "[NOT a:b = 1]",
            "[a:b = null]",
            "[a:b = 1] within 5 SECONDS",
            "[a:b = 1] START '2024-01-01T00:00:00Z' STOP '2024-01-02T00:00:00Z'",
            "[a:b[x] = 1]",
            "([a:b = 1]",
        ] {
            assert!(read(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn the_two_dialects_differ_in_exists_and_in_bounds() {
        let limits = Limits::default();
        assert!(read("[EXISTS a:b]").is_ok());
        assert!(parse_2_0("[EXISTS a:b]", &limits).is_err());
        let bounds = "[a:b = 1] START '2024-01-01T00:00:00Z' STOP '2024-01-02T00:00:00Z'";
        assert!(parse_2_0(bounds, &limits).is_ok());
    }

    #[test]
    fn hostile_patterns_are_refused_not_followed() {
        let deep = format!("{}[a:b = 1]{}", "(".repeat(100_000), ")".repeat(100_000));
        assert!(matches!(read(&deep), Err(PatternError::Limit { .. })));
        let deep = format!("[{}a:b = 1{}]", "(".repeat(100_000), ")".repeat(100_000));
        let all = Limits { depth: usize::MAX, ..Limits::default() };
        assert!(matches!(parse(&deep, &all), Err(PatternError::Limit { .. })));
        let long = format!("[a:b{} = 1]", ".c".repeat(100_000));
        assert!(matches!(read(&long), Err(PatternError::Limit { .. })));
        let many = format!("[a:b = 1]{}", " REPEATS 1 TIMES".repeat(50_000));
        assert!(matches!(read(&many), Err(PatternError::Limit { .. })));
        let large = format!("[a:b = '{}']", "x".repeat(MAX_BYTES));
        assert!(matches!(read(&large), Err(PatternError::Limit { .. })));
        let wide = format!("[a:b = 1{}]", " OR a:b = 1".repeat(50_000));
        assert!(read(&wide).is_ok());
    }
}
