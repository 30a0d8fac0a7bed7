use askama::Template;
use comity_node::Shown;
use comity_node::hits::HitShown;

use super::super::language::Words;
use super::super::parts::{Foreign, Icon, safe};
use super::super::shell::Shell;
use super::decide::Decision;
use super::one::{SideBody, body};
use super::reason::reason;
use super::{Line, line};

/// A hit beside the queue it stands in: why, the weightiest of what each side says, and where one says what it is.
#[derive(Template)]
#[template(path = "parts/hit-drawer.html")]
pub(super) struct HitDrawer {
    words: Words,
    line: Line,
    reasons: Vec<Foreign>,
    values_total: u64,
    sides: Vec<SideBody>,
    decision: Decision,
    /// The queue without it.
    close: String,
}

impl HitDrawer {
    /// As it stands in a queue that has this address with it, and this without.
    pub(super) fn new(
        (hit, sides): &(HitShown, [Option<Shown>; 2]),
        (back, close): (String, String),
        shell: &Shell,
    ) -> Self {
        let words = shell.words;
        let side = |one: &Option<Shown>| {
            let mut side = body(one.as_ref(), shell);
            side.facts.0.truncate(FACTS);
            side
        };
        Self {
            line: line(&hit.row, 0, shell),
            reasons: hit.row.hit.score.reasons.iter().take(REASONS).map(|one| reason(one, words)).collect(),
            values_total: hit.row.hit.values_total,
            sides: sides.iter().map(side).collect(),
            decision: Decision::new(&hit.row, back, words),
            close,
            words,
        }
    }

    fn icon(&self, name: &'static str) -> Icon {
        Icon(name)
    }
}

safe!(HitDrawer);

/// Properties that are told of each side.
const FACTS: usize = 5;
/// Reasons that are told.
const REASONS: usize = 8;
