use comity_law::notice::{Act, Actor, Event};
use comity_node::NoticeShown;

use super::super::language::Words;
use super::super::parts::{Foreign, Moment};
use super::super::shell::Shell;

/// Something that happened to a notice.
pub(super) struct EventRow {
    pub(super) what: String,
    pub(super) more: String,
    /// Who did it; none where it was the node or the time.
    pub(super) by: Foreign,
    pub(super) when: Moment,
    pub(super) exactly: String,
    pub(super) reason: Foreign,
}

/// Everything that happened, the newest first.
pub(super) fn events(shown: &NoticeShown, shell: &Shell) -> Vec<EventRow> {
    shown.events.iter().rev().map(|event| row(event, shell)).collect()
}

fn row(event: &Event, shell: &Shell) -> EventRow {
    let words = shell.words;
    EventRow {
        what: words.say(&format!("deed-{}", event.act.name().name())),
        more: more(&event.act, words),
        by: by(&event.by, words),
        when: shell.when(event.at),
        exactly: words.moment(event.at),
        reason: Foreign::lines(&event.reason),
    }
}

/// Who acted, and in which capacity.
fn by(actor: &Actor, words: Words) -> Foreign {
    match actor {
        Actor::Source { person } | Actor::Reviewer { person } => {
            Foreign::line(&format!("{} ({})", person.account, person.node))
        }
        Actor::Node { node } => Foreign::line(&format!("{} ({node})", words.say("doer-node"))),
        Actor::Clock {} => Foreign::own(&words.say("doer-clock")),
    }
}

/// What an act says beside its name.
pub(super) fn more(act: &Act, words: Words) -> String {
    let until = |at| format!("{} {}", words.say("valid-until"), words.moment(at));
    match act {
        Act::Draft { colour, form, .. } => words.say(&format!("{}-{}", form.name(), colour.name())),
        Act::Ask { answer_by } => words.text("answer-until", "moment", &words.moment(*answer_by)),
        Act::Refuse { ground } | Act::Cancel { ground } => words.say(&format!("ground-{}", ground.name())),
        Act::Publish { valid_until, extract, .. } if *extract => {
            words.list(&[until(*valid_until), words.say("with-extract")])
        }
        Act::Publish { valid_until, .. } | Act::ReExamine { valid_until } => until(*valid_until),
        Act::Amend { changed } => {
            let parts: Vec<String> = changed.iter().map(|part| words.say(&format!("amends-{}", part.name()))).collect();
            words.list(&parts)
        }
        Act::Addendum { what, country } => {
            words.list(&[words.say(&format!("addendum-{}", what.name())), words.country(&country.to_string())])
        }
        Act::Execute { outcome, country } => {
            words.list(&[words.say(&format!("outcome-{}", outcome.name())), words.country(&country.to_string())])
        }
        Act::Receipts { outstanding } => words.text("receipts-out", "count", &words.count(u64::from(*outstanding))),
        _ => String::new(),
    }
}
