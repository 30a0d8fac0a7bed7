//! What is said of a person, statement by statement.

mod contradict;
mod read;

use askama::Template;

use super::super::language::Words;
use super::{Foreign, Icon, Moment, Points, ThingLink};

/// What is said of somebody or something, by what it is about: each statement with who says it, how sure they are, and whether it is
/// a fact or an opinion. What contradicts stands side by side; what was asked stands beside it.
#[derive(Clone, Debug, Template)]
#[template(path = "parts/statements.html")]
pub(crate) struct Statements {
    words: Words,
    groups: Vec<Group>,
    /// Statements that could not be read.
    unread: u64,
}

/// Statements about one thing.
#[derive(Clone, Debug)]
pub(crate) struct Group {
    /// What they are about: `births`.
    about: &'static str,
    title: String,
    asked: Option<Asked>,
    said: Vec<Statement>,
    /// How many are not shown.
    more: u64,
    /// Whether they cannot all be true.
    contradicts: bool,
}

/// What was asked beside what is said.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    /// The group of statements it belongs to.
    pub(crate) about: &'static str,
    /// As it was asked.
    pub(crate) text: Foreign,
    /// How it agrees with what is said, and what that is worth.
    pub(crate) told: Option<(String, Points)>,
}

/// One statement.
#[derive(Clone, Debug)]
struct Statement {
    what: Foreign,
    /// What kind it is, and what else is said with it.
    notes: Vec<Foreign>,
    /// That a document is not to be trusted.
    warning: Option<String>,
    source: Option<Source>,
    grading: Option<Foreign>,
    basis: Option<(&'static str, String)>,
    stated: Option<Moment>,
}

/// Who says it.
#[derive(Clone, Debug)]
enum Source {
    Text(Foreign),
    Thing(ThingLink),
}

impl Statements {
    /// With what was asked beside what is said of it; what nothing is said of stands there too.
    pub(crate) fn beside(mut self, asked: Vec<Asked>) -> Self {
        for one in asked {
            let title = self.words.say(&format!("said-{}", one.about));
            match self.groups.iter_mut().find(|group| group.about == one.about) {
                Some(group) => group.asked = Some(one),
                None => self.groups.push(Group { asked: Some(one), ..Group::empty(title) }),
            }
        }
        // A stable sort: what was asked comes first, the rest keeps its order.
        self.groups.sort_by_key(|group| group.asked.is_none());
        self
    }

    /// The first statements of each kind alone, for where there is little room.
    pub(crate) fn brief(mut self) -> Self {
        for group in &mut self.groups {
            let more = group.said.len().saturating_sub(BRIEF) as u64;
            // What contradicts is shown whole.
            if more > 0 && !group.contradicts {
                group.said.truncate(BRIEF);
                group.more += more;
            }
        }
        self
    }

    fn icon(&self, name: &'static str) -> Icon {
        Icon(name)
    }
}

impl Group {
    const fn empty(title: String) -> Self {
        Self { about: "", title, asked: None, said: Vec::new(), more: 0, contradicts: false }
    }
}

super::safe!(Statements);

/// Statements of each kind that are shown where there is little room.
const BRIEF: usize = 3;

#[cfg(test)]
mod tests;
