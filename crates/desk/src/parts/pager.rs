use askama::Template;

use super::super::language::Words;
use super::Icon;

/// How many there are in all, and the way to the next of them.
#[derive(Clone, Debug, Template)]
#[template(path = "parts/pager.html")]
pub(crate) struct Pager {
    words: Words,
    /// Of all; none where nobody counts them.
    total: Option<u64>,
    /// On this page.
    here: u64,
    /// The address of the first page, when this is another.
    first: Option<String>,
    /// The address of the next page.
    next: Option<String>,
}

impl Pager {
    pub(crate) fn new(words: Words, (here, total): (usize, u64)) -> Self {
        Self { words, total: Some(total), here: here as u64, first: None, next: None }
    }

    /// Of what is not counted.
    pub(crate) const fn uncounted(words: Words) -> Self {
        Self { words, total: None, here: 0, first: None, next: None }
    }

    /// With the addresses of the first page, when this is another, and of the next.
    pub(crate) fn leading(self, first: Option<String>, next: Option<String>) -> Self {
        Self { first, next, ..self }
    }

    fn icon(&self, name: &'static str) -> Icon {
        Icon(name)
    }
}

super::safe!(Pager);
