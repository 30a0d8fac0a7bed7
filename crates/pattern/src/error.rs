use comity_base::LimitExceeded;

/// The text is not a pattern, or is larger than its limits.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PatternError {
    /// The grammar does not allow what stands here.
    #[error("not a STIX pattern: at byte {at} there is {found}, expected {expected}")]
    Syntax {
        /// Byte position in the text.
        at: usize,
        /// What stands there, shortened.
        found: Box<str>,
        /// What could stand there.
        expected: &'static str,
    },
    /// Too large or too deep.
    #[error("pattern refused at byte {at}: {source}")]
    Limit {
        /// Byte position in the text where the limit was reached.
        at: usize,
        /// Which limit.
        source: LimitExceeded,
    },
}

impl PatternError {
    /// The byte position of the fault.
    pub fn at(&self) -> usize {
        match self {
            Self::Syntax { at, .. } | Self::Limit { at, .. } => *at,
        }
    }

    /// The message, the line of `text` it is about, and a caret under the fault. Long lines are cut around it.
    ///
    /// `text` is the text that was parsed.
    pub fn caret(&self, text: &str) -> String {
        let at = (0..=self.at().min(text.len())).rev().find(|&i| text.is_char_boundary(i)).unwrap_or(0);
        let (before, after) = text.split_at(at);
        let start = before.rsplit('\n').next().unwrap_or(before);
        let end = after.split('\n').next().unwrap_or(after);
        let skipped = start.chars().count().saturating_sub(60);
        let head: String = start.chars().skip(skipped).map(plain).collect();
        let tail: String = end.chars().take(40).map(plain).collect();
        let lead = if skipped > 0 { "..." } else { "" };
        let more = if end.chars().nth(40).is_some() { "..." } else { "" };
        let blanks = " ".repeat(lead.len() + head.chars().count());
        format!("{self}\n  {lead}{head}{tail}{more}\n  {blanks}^")
    }
}

/// Control characters would move the caret.
fn plain(c: char) -> char {
    if c.is_control() { ' ' } else { c }
}

/// A pattern could not be held against the observations.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MatchError {
    /// The pattern asks for something that has no meaning.
    #[error("the pattern cannot be evaluated: {0}")]
    Pattern(String),
    /// The regular expression is too large or uses what cannot be matched in bounded time, such as look-around.
    #[error("the regular expression {expression:?} cannot be used: {reason}")]
    Regex {
        /// The expression, shortened.
        expression: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The observed data contradict themselves or the pattern's types.
    #[error("the observed data cannot be compared: {0}")]
    Data(String),
    /// The question needs more work than allowed.
    #[error(transparent)]
    Limit(#[from] LimitExceeded),
}

/// At most 60 characters of foreign text, to stand in a message.
pub(crate) fn shortened(text: &str) -> String {
    let mut short: String = text.chars().take(60).collect();
    if short.len() < text.len() {
        short.push_str("...");
    }
    short
}

#[cfg(test)]
mod tests {
    use comity_base::Limits;

    #[test]
    fn the_caret_stands_under_the_fault() {
        let text = "[file:size = ]";
        let error = crate::parse(text, &Limits::default()).unwrap_err();
        assert_eq!(error.at(), 13);
        let shown = error.caret(text);
        let lines: Vec<_> = shown.lines().collect();
        assert_eq!(lines[0], "not a STIX pattern: at byte 13 there is `]`, expected a literal");
        assert_eq!(lines[1], "  [file:size = ]");
        assert_eq!(lines[2], "               ^");
    }

    #[test]
    fn long_lines_are_cut_around_the_fault() {
        let text = format!("[file:name = '{}' é {}]", "a".repeat(500), "b".repeat(500));
        let error = crate::parse(&text, &Limits::default()).unwrap_err();
        let shown = error.caret(&text);
        let lines: Vec<_> = shown.lines().collect();
        assert!(lines[1].chars().count() < 120);
        assert_eq!(lines[1].chars().nth(lines[2].len() - 1), Some('é'));
        assert!(!error.caret("").is_empty());
    }
}
