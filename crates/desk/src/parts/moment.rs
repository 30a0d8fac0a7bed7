use std::fmt;

use askama::filters::{Escaper as _, Html, HtmlSafe};
use comity_base::Timestamp;

use super::super::language::Words;

/// When something was: how long ago, and exactly.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Moment {
    at: Timestamp,
    now: Timestamp,
    words: Words,
}

impl Moment {
    pub(crate) const fn new(at: Timestamp, now: Timestamp, words: Words) -> Self {
        Self { at, now, words }
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.at.as_micros() == 0 {
            return f.write_str("<span class=\"quiet\">–</span>");
        }
        write!(f, "<time datetime=\"{}\" title=\"", self.at)?;
        Html.write_escaped_str(&mut *f, &self.words.moment(self.at))?;
        f.write_str("\">")?;
        Html.write_escaped_str(&mut *f, &self.words.ago(self.at, self.now))?;
        f.write_str("</time>")
    }
}

impl HtmlSafe for Moment {}
