use askama::Template;
use comity_law::notice::Ground;
use comity_node::{Ctx, GateNo, Node, NodeError, Said};

use super::super::forms::Typed;
use super::super::language::Words;
use super::super::notices::Refusal;
use super::super::parts::{Icon, safe};
use super::Tried;

/// What somebody decides about a message or a report, for a reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Deed {
    /// Agrees that it is sent.
    Pass,
    /// Refuses it.
    Refuse(Ground),
    /// Reports a message that came.
    Report,
    /// It was abuse.
    Uphold,
    /// It was none.
    Reject,
}

impl Deed {
    pub(super) const ALL: [Self; 5] =
        [Self::Pass, Self::Refuse(Ground::Other), Self::Report, Self::Uphold, Self::Reject];

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Refuse(_) => "refuse",
            Self::Report => "report",
            Self::Uphold => "uphold",
            Self::Reject => "reject",
        }
    }

    const fn icon(self) -> &'static str {
        match self {
            Self::Pass => "send",
            Self::Refuse(_) | Self::Reject => "close",
            Self::Report => "flag",
            Self::Uphold => "check",
        }
    }

    /// What a form asks for.
    ///
    /// # Errors
    /// In words, where a part of it is not said.
    pub(super) fn read(typed: &Typed, words: Words) -> Result<Self, String> {
        let deed = Self::ALL.into_iter().find(|deed| deed.name() == typed.text("act"));
        let ground = Ground::ALL.iter().copied().find(|ground| typed.has("ground", ground.name()));
        match deed.ok_or_else(|| words.say("failed"))? {
            Self::Refuse(_) => {
                ground.map(Self::Refuse).ok_or_else(|| words.text("choose-first", "what", &words.say("field-ground")))
            }
            deed => Ok(deed),
        }
    }

    /// Does it; the number of what is shown then.
    pub(super) fn done(self, node: &Node, ctx: &Ctx, no: &GateNo, said: Said<'_>) -> Result<GateNo, NodeError> {
        Ok(match self {
            Self::Pass => node.pass_message(ctx, no, said)?.no,
            Self::Refuse(ground) => node.refuse_message(ctx, no, ground, said)?.no,
            Self::Report => node.report_message(ctx, no, said.why)?.no,
            Self::Uphold | Self::Reject => node.judge_report(ctx, no, self == Self::Uphold, said.why)?.no,
        })
    }
}

/// The form of a decision.
#[derive(Clone, Debug, Template)]
#[template(path = "gate/deed.html")]
pub(super) struct DeedForm {
    words: Words,
    no: String,
    /// How much had happened when it was shown.
    seen: usize,
    deed: Deed,
    grounds: Vec<(&'static str, String, bool)>,
    why: String,
    refused: Option<Refusal>,
}

impl DeedForm {
    /// One of each; what was tried is open with what was typed, also where it is possible no more.
    pub(super) fn all((no, seen): (&str, usize), possible: &[Deed], tried: Option<&Tried>, words: Words) -> Vec<Self> {
        let is_tried = |deed: &Deed| tried.is_some_and(|tried| tried.form == deed.name());
        let mut deeds = possible.to_vec();
        deeds.extend(Deed::ALL.into_iter().filter(|deed| is_tried(deed) && !possible.contains(deed)));
        let form = |deed: Deed| Self::new((no, seen), deed, tried.filter(|_| is_tried(&deed)), words);
        deeds.into_iter().map(form).collect()
    }

    fn new((no, seen): (&str, usize), deed: Deed, tried: Option<&Tried>, words: Words) -> Self {
        let chosen = |name: &str| tried.is_some_and(|tried| tried.typed.has("ground", name));
        let ground = |one: &Ground| (one.name(), words.say(&format!("ground-{}", one.name())), chosen(one.name()));
        let grounds = if matches!(deed, Deed::Refuse(_)) { Ground::ALL } else { &[] };
        Self {
            words,
            no: no.to_owned(),
            seen,
            deed,
            grounds: grounds.iter().map(ground).collect(),
            why: tried.map_or_else(String::new, |tried| tried.typed.text("why").to_owned()),
            refused: tried.map(|tried| Refusal::of(&tried.trouble, words)),
        }
    }

    /// What is said of this decision.
    fn say(&self, prefix: &str) -> String {
        self.words.say(&format!("{prefix}{}", self.deed.name()))
    }

    fn icon(&self) -> Icon {
        Icon(self.deed.icon())
    }
}

safe!(DeedForm);

#[cfg(test)]
mod tests {
    use super::*;

    fn of(fields: &[(&str, &str)]) -> Result<Deed, String> {
        let mut typed = Typed::default();
        for (field, text) in fields {
            typed.add(field, *text);
        }
        Deed::read(&typed, Words::named("en").unwrap())
    }

    #[test]
    fn every_decision_is_read_from_its_form_and_a_refusal_names_its_ground() {
        for deed in Deed::ALL {
            assert_eq!(of(&[("act", deed.name()), ("ground", Ground::Other.name())]), Ok(deed));
        }
        assert!(
            of(&[("act", "refuse"), ("ground", "")]).unwrap_err().contains("Ground"),
            "a ground is chosen, never given"
        );
        assert_eq!(of(&[("act", "refuse"), ("ground", "article-3")]), Ok(Deed::Refuse(Ground::Article3)));
        assert!(of(&[("act", "judge")]).is_err());
    }
}
