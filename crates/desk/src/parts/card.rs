use askama::Template;
use comity_node::NoticeCard;

use super::super::language::Words;
use super::super::shell::Shell;
use super::{Due, Foreign, Icon, NoticeKind};

/// What an officer is told of a notice: what kind it is, what to beware of, whom to call, and nothing of the file.
#[derive(Clone, Debug, Template)]
#[template(path = "parts/card.html")]
pub(crate) struct Card {
    words: Words,
    kind: NoticeKind,
    cautions: Vec<String>,
    office: Option<Foreign>,
    phone: Option<Foreign>,
    email: Option<Foreign>,
    until: Due,
    holds: bool,
}

impl Card {
    pub(crate) fn of(card: &NoticeCard, shell: &Shell) -> Self {
        let words = shell.words;
        let line = |text: &Option<String>| text.as_deref().map(Foreign::line);
        Self {
            kind: NoticeKind::new(card.colour, card.form, words),
            cautions: card.caution.iter().map(|flag| words.known("caution-", flag.name())).collect(),
            office: line(&card.contact.office),
            phone: line(&card.contact.phone),
            email: line(&card.contact.email),
            until: Due::new(card.valid_until, shell.now, words),
            holds: card.holds && card.valid_until > shell.now,
            words,
        }
    }

    /// The same of a notice that was taken back since.
    pub(crate) fn over(self) -> Self {
        Self { holds: false, ..self }
    }

    fn icon(&self, name: &'static str) -> Icon {
        Icon(name)
    }
}

super::safe!(Card);
