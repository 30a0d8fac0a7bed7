use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use comity_law::gate::{Answer, Effect, Screen};
use comity_law::notice::{Checklist, Group, Item, ItemState};
use comity_node::NoticeNo;

use super::super::forms::{Typed, Upload};
use super::super::language::Words;
use super::super::parts::{Icon, Lawful, safe};
use super::super::person::Person;
use super::super::reply::{Trouble, page as shown, work};
use super::settled::Settled;
use super::text::read;
use crate::desk::Desk;

/// What a text says of all that it must say, and what the gate answers for it.
#[derive(Clone, Debug, Template)]
#[template(path = "notices/checked.html")]
pub(crate) struct Checked {
    words: Words,
    said: u64,
    needed: u64,
    groups: Vec<Demands>,
    /// Whether the fields of each group stand on the same page.
    is_written_here: bool,
    gate: Gate,
}

/// Demands of one group, each with whether it is met.
#[derive(Clone, Debug)]
struct Demands {
    group: Group,
    title: String,
    rows: Vec<(bool, Lawful)>,
}

/// What the gate answers, and why.
#[derive(Clone, Debug, Template)]
#[template(path = "notices/gate.html")]
pub(crate) struct Gate {
    words: Words,
    /// For styles: lets it pass, asks or refuses.
    class: &'static str,
    answer: String,
    refuses: Vec<(String, Lawful)>,
    asks: Vec<(u64, Lawful)>,
    tells: Vec<Lawful>,
    /// How much the checklist misses, each of which refuses too.
    missing: u64,
}

impl Checked {
    /// Of a text that must meet these checklists, each demand once, without the questions that are settled.
    pub(crate) fn of(
        checklists: &[&Checklist],
        (screen, settled): (&Screen, &Settled),
        is_written_here: bool,
        words: Words,
    ) -> Self {
        let mut needed: Vec<&Item> = Vec::new();
        for item in checklists.iter().flat_map(|list| &list.items).filter(|item| item.state != ItemState::NotNeeded) {
            if !needed.iter().any(|other| other.demand == item.demand) {
                needed.push(item);
            }
        }
        let mut groups: Vec<Demands> = Vec::new();
        for item in &needed {
            let row = (item.state == ItemState::Met, Lawful::of(&item.demand, words));
            match groups.iter_mut().find(|demands| demands.group == item.group) {
                Some(demands) => demands.rows.push(row),
                None => groups.push(Demands {
                    group: item.group,
                    title: words.say(&format!("group-{}", item.group.name())),
                    rows: vec![row],
                }),
            }
        }
        let missing: Vec<&Item> = needed.iter().copied().filter(|item| item.state == ItemState::Missing).collect();
        let (all, lacks) = (needed.len() as u64, missing.len() as u64);
        let gate = Gate::of(&missing, (screen, settled), words);
        Self { words, said: all.saturating_sub(lacks), needed: all, groups, is_written_here, gate }
    }

    /// The line that is read out when it changes.
    fn told(&self) -> String {
        let (said, needed) = (self.words.count(self.said), self.words.count(self.needed));
        let told = self.words.texts("said-of-needed", &[("said", &said), ("needed", &needed)]);
        format!("{told} {}", self.gate.answer)
    }

    fn icon(&self, name: &'static str) -> Icon {
        Icon(name)
    }
}

impl Gate {
    fn of(missing: &[&Item], (screen, settled): (&Screen, &Settled), words: Words) -> Self {
        let (class, answer) = match screen.answer {
            Answer::Pass {} => ("pass", words.say("gate-passes")),
            Answer::NeedsReview { reviewers } => ("asks", words.counted("gate-asks", u64::from(reviewers))),
            Answer::Refused { ground } => {
                ("refuses", words.text("gate-refuses", "ground", &words.within("ground-", ground.name())))
            }
        };
        let mut gate = Self {
            words,
            class,
            answer,
            refuses: Vec::new(),
            asks: Vec::new(),
            tells: Vec::new(),
            missing: missing.len() as u64,
        };
        let is_of_checklist = |code: &str| missing.iter().any(|item| item.demand.code == code);
        for weighed in &screen.reasons {
            let lawful = Lawful::of(&weighed.reason, words);
            match weighed.effect {
                Effect::Refuses(_) if is_of_checklist(weighed.reason.code) => {}
                Effect::Asks { .. } if settled.has(&weighed.reason) => {}
                // That it is reviewed at all asks nothing.
                Effect::Asks { .. } if weighed.reason.code == "always-reviewed" => gate.tells.push(lawful),
                Effect::Refuses(ground) => gate.refuses.push((words.say(&format!("ground-{}", ground.name())), lawful)),
                Effect::Asks { reviewers } => gate.asks.push((u64::from(reviewers), lawful)),
                Effect::Tells => gate.tells.push(lawful),
            }
        }
        gate
    }

    fn icon(&self, name: &'static str) -> Icon {
        Icon(name)
    }
}

safe!(Checked, Gate);

/// Tells what a text lacks while somebody types it; nothing is kept.
pub(crate) async fn check(State(desk): State<Desk>, Path(no): Path<String>, person: Person, form: Upload) -> Response {
    let words = person.words;
    let Ok(no) = no.parse::<NoticeNo>() else { return Trouble::NotFound.plain(words) };
    let (text, _) = read(&Typed::of(&form), words);
    let ctx = person.ctx.clone();
    match work(&desk, move |node| node.check_notice_text(&ctx, no, &text)).await {
        Ok((checklist, screen)) => {
            shown(&Checked::of(&[&checklist], (&screen, &Settled::default()), true, words), None, words)
        }
        Err(trouble) => trouble.plain(words),
    }
}

#[cfg(test)]
mod tests {
    use comity_base::{OrgName, Timestamp};
    use comity_law::Person;
    use comity_law::gate::{Factor, FactorKind, Finding, History, Judged, Judgement, Screening, Targeting};
    use comity_law::notice::{Colour, Facts, Form};

    use super::*;

    fn screened(facts: &Facts, judged: &Judged, settled: &Settled, language: &str) -> Checked {
        let act = Targeting::Notice { colour: Colour::Red, form: Form::Notice };
        let screening = Screening {
            act: &act,
            source: &OrgName::parse("ee").unwrap(),
            country: None,
            facts,
            judged,
            history: &History::default(),
            text: "",
        };
        let screen = Screen::of(&screening, Timestamp::from_micros(9));
        let words = Words::named(language).unwrap();
        Checked::of(&[&Checklist::of(Colour::Red, facts)], (&screen, settled), true, words)
    }

    fn checked(facts: &Facts, language: &str) -> Checked {
        screened(facts, &Judged::default(), &Settled::default(), language)
    }

    #[test]
    fn what_a_reviewer_answered_is_asked_no_more() {
        let by = |account: &str| Judgement {
            by: Person::new(OrgName::parse("ee").unwrap(), account),
            at: Timestamp::from_micros(5),
            why: "read the file".into(),
        };
        let factor = |kind: FactorKind, account: &str| Factor {
            factor: kind,
            finding: Finding::Clears,
            protected_by: None,
            fled_from: None,
            judged: by(account),
        };
        let judged = |account: &str| Judged {
            categories: Vec::new(),
            factors: vec![factor(FactorKind::Politician, account), factor(FactorKind::Context, account)],
        };
        let asked = |judged: &Judged, since: i64| {
            let since = Some(Timestamp::from_micros(since));
            let settled = Settled::of(judged, Timestamp::from_micros(9), since, |person| person.account == "mari");
            screened(&Facts::default(), judged, &settled, "en").gate.asks.len()
        };
        let all = asked(&Judged::default(), 1);
        assert_eq!(asked(&judged("liis"), 1), all - 2);
        assert_eq!(asked(&judged("mari"), 1), all, "whoever wrote it settles nothing");
        assert_eq!(asked(&judged("liis"), 6), all, "another text was judged");
    }

    #[test]
    fn an_empty_draft_lacks_nearly_all_and_is_told_once() {
        let empty = checked(&Facts::default(), "en");
        assert_eq!(empty.said, 0);
        assert!(empty.needed > 15, "{}", empty.needed);
        assert_eq!(empty.gate.missing, empty.needed);
        assert!(empty.gate.refuses.is_empty(), "what the checklist misses stands there alone");
        assert_eq!(empty.gate.class, "refuses");
        let html = empty.to_string();
        assert!(html.contains("not verified") && html.contains("role=\"status\""), "{html}");
    }

    #[test]
    fn what_is_said_is_met_and_what_is_asked_is_told_beside_it() {
        let facts = Facts { sought: Some("He is a journalist".into()), minor: Some(true), ..Facts::default() };
        let some = checked(&facts, "de");
        assert_eq!(some.said, 1, "whether the person is a minor");
        assert!(some.gate.asks.len() > 9, "every factor, the mark in the text, the minor");
        let html = some.gate.to_string();
        assert!(html.contains("Journalist"), "{html}");
    }
}
