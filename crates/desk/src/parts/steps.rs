use askama::Template;

use super::super::language::Words;
use super::{Icon, Moment};

/// The way that something goes, with where it is.
#[derive(Clone, Debug, Template)]
#[template(path = "parts/steps.html")]
pub(crate) struct Steps {
    words: Words,
    steps: Vec<Step>,
}

/// One step of the way.
#[derive(Clone, Debug)]
pub(crate) struct Step {
    /// What it is called.
    pub(crate) name: String,
    pub(crate) place: Place,
    /// Since when it was there.
    pub(crate) when: Option<Moment>,
}

/// Where a step lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// It was done.
    Done,
    /// It is there now.
    Here,
    /// It ended there.
    Ended,
    /// It may come.
    Ahead,
}

impl Steps {
    pub(crate) const fn new(steps: Vec<Step>, words: Words) -> Self {
        Self { words, steps }
    }

    fn icon(&self, name: &'static str) -> Icon {
        Icon(name)
    }
}

impl Place {
    /// For styles.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Done => "done-step",
            Self::Here => "here",
            Self::Ended => "ended",
            Self::Ahead => "ahead",
        }
    }

    /// Whether it is there, for good or for now.
    pub(crate) const fn is_now(self) -> bool {
        matches!(self, Self::Here | Self::Ended)
    }
}

super::safe!(Steps);
