use askama::Template;
use comity_law::gate::{Category, FactorKind, Finding, Judged, Judgement};
use comity_node::JudgementSaid;

use super::super::forms::Typed;
use super::super::language::Words;
use super::super::parts::{Foreign, Icon, Moment, safe};
use super::super::reply::Trouble;
use super::super::shell::Shell;
use super::deeds::Refusal;
use super::text::{country, named};

/// What people judged of a notice, and where they do.
#[derive(Clone, Debug, Template)]
#[template(path = "notices/judged.html")]
pub(super) struct Judgements {
    words: Words,
    no: String,
    rows: Vec<Row>,
    /// What was typed last, and why it was not taken.
    typed: Typed,
    refused: Option<Refusal>,
}

/// One judgement.
#[derive(Clone, Debug)]
struct Row {
    what: String,
    /// What was found, for a factor.
    found: Option<(&'static str, String)>,
    more: Vec<String>,
    by: Foreign,
    when: Moment,
    why: Foreign,
}

impl Judgements {
    pub(super) fn new(no: String, judged: &Judged, tried: Option<(&Typed, &Trouble)>, shell: &Shell) -> Self {
        let words = shell.words;
        let mut rows: Vec<(comity_base::Timestamp, Row)> = Vec::new();
        for one in &judged.categories {
            let tied = one.tied_to_serious_crime.then(|| words.say("tied-to-serious-crime"));
            let what = words.say(&format!("category-{}", one.category.name()));
            rows.push((one.judged.at, row(what, None, tied.into_iter().collect(), &one.judged, shell)));
        }
        for one in &judged.factors {
            let what = words.say(&format!("factor-{}", one.factor.name()));
            let found = (one.finding.name(), words.say(&format!("found-{}", one.finding.name())));
            let countries = [("protected-by-country", one.protected_by), ("fled-from-country", one.fled_from)];
            let more = countries
                .iter()
                .filter_map(|(id, country)| Some(words.text(id, "country", &words.country(&(*country)?.to_string()))));
            rows.push((one.judged.at, row(what, Some(found), more.collect(), &one.judged, shell)));
        }
        rows.sort_by_key(|(at, _)| std::cmp::Reverse(*at));
        let (typed, refused) =
            tried.map_or_else(Default::default, |(typed, trouble)| (typed.clone(), Some(Refusal::of(trouble, words))));
        Self { words, no, rows: rows.into_iter().map(|(_, row)| row).collect(), typed, refused }
    }

    fn categories(&self) -> Vec<(&'static str, String, bool)> {
        options("category", "category-", Category::ALL.iter().map(|one| one.name()), &self.typed, self.words)
    }

    fn factors(&self) -> Vec<(&'static str, String, bool)> {
        options("factor", "factor-", FactorKind::ALL.iter().map(|one| one.name()), &self.typed, self.words)
    }

    fn findings(&self) -> Vec<(&'static str, String, bool)> {
        options("finding", "found-", Finding::ALL.iter().map(|one| one.name()), &self.typed, self.words)
    }

    fn was(&self, what: &str) -> bool {
        self.typed.has("judge", what)
    }

    /// What was typed into one of the two forms.
    fn text(&self, what: &str, field: &str) -> &str {
        if self.was(what) { self.typed.text(field) } else { "" }
    }

    fn icon(&self, name: &'static str) -> Icon {
        Icon(name)
    }
}

fn options(
    field: &str,
    prefix: &str,
    names: impl Iterator<Item = &'static str>,
    typed: &Typed,
    words: Words,
) -> Vec<(&'static str, String, bool)> {
    names.map(|name| (name, words.say(&format!("{prefix}{name}")), typed.has(field, name))).collect()
}

fn row(
    what: String,
    found: Option<(&'static str, String)>,
    more: Vec<String>,
    judged: &Judgement,
    shell: &Shell,
) -> Row {
    Row {
        what,
        found,
        more,
        by: Foreign::line(&format!("{} ({})", judged.by.account, judged.by.node)),
        when: shell.when(judged.at),
        why: Foreign::lines(&judged.why),
    }
}

safe!(Judgements);

/// What a form judges.
///
/// # Errors
/// In words, where a part of it cannot be read.
pub(super) fn read(typed: &Typed, words: Words) -> Result<JudgementSaid, String> {
    let unclear = |field: &str| words.text("choose-first", "what", &words.say(&format!("field-{field}")));
    if typed.has("judge", "category") {
        let category = named(typed, "category", Category::ALL, Category::name).next();
        let tied_to_serious_crime = typed.has("tied", "yes");
        return Ok(JudgementSaid::Category {
            category: category.ok_or_else(|| unclear("category"))?,
            tied_to_serious_crime,
        });
    }
    let place = |field: &str| {
        let read = |text: String| country(&text, words).ok_or_else(|| words.text("search-no-state", "text", &text));
        typed.some(field).map(read).transpose()
    };
    let factor = named(typed, "factor", FactorKind::ALL, FactorKind::name).next();
    let finding = named(typed, "finding", Finding::ALL, Finding::name).next();
    Ok(JudgementSaid::Factor {
        factor: factor.ok_or_else(|| unclear("factor"))?,
        finding: finding.ok_or_else(|| unclear("finding"))?,
        protected_by: place("protected_by")?,
        fled_from: place("fled_from")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(fields: &[(&str, &str)]) -> Result<JudgementSaid, String> {
        let mut typed = Typed::default();
        for (field, text) in fields {
            typed.add(field, *text);
        }
        read(&typed, Words::named("en").unwrap())
    }

    #[test]
    fn a_judgement_is_of_the_kind_of_offence_or_of_a_factor() {
        let tied = of(&[("judge", "category"), ("category", "private-dispute"), ("tied", "yes")]).unwrap();
        assert_eq!(tied, JudgementSaid::Category { category: Category::PrivateDispute, tied_to_serious_crime: true });
        let refugee = [("judge", "factor"), ("factor", "refugee"), ("finding", "raises"), ("protected_by", "Finland")];
        let Ok(JudgementSaid::Factor { protected_by, fled_from, .. }) = of(&refugee) else { panic!("no factor") };
        assert_eq!((protected_by.map(|country| country.to_string()).as_deref(), fled_from), (Some("FI"), None));
        assert!(of(&[("judge", "factor"), ("factor", "refugee")]).is_err(), "what was found is not said");
        assert!(of(&[("judge", "category")]).is_err());
        let nowhere = [("judge", "factor"), ("factor", "refugee"), ("finding", "raises"), ("fled_from", "Narnia")];
        assert!(of(&nowhere).unwrap_err().contains("Narnia"));
    }
}
