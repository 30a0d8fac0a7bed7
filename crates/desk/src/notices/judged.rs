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

/// What people judged of a notice or a message, and where they do.
#[derive(Clone, Debug, Template)]
#[template(path = "notices/judged.html")]
pub(crate) struct Judgements {
    words: Words,
    /// Where the form is sent, and how much had happened when it was shown; none where whoever looks judges nothing.
    to: Option<(String, usize)>,
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
    pub(crate) fn new(
        to: Option<(String, usize)>,
        judged: &Judged,
        tried: Option<(&Typed, &Trouble)>,
        shell: &Shell,
    ) -> Self {
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
        Self { words, to, rows: rows.into_iter().map(|(_, row)| row).collect(), typed, refused }
    }

    /// Whether whoever looks may judge.
    pub(crate) const fn has_form(&self) -> bool {
        self.to.is_some()
    }

    fn categories(&self) -> Vec<Choice> {
        options("category", "category-", Category::ALL.iter().map(|one| one.name()), &self.typed, self.words)
    }

    /// Each factor with what may be found of it.
    fn factors(&self) -> Vec<(&'static str, String, Vec<Choice>)> {
        let findings =
            |kind| options(kind, "found-", Finding::ALL.iter().map(|one| one.name()), &self.typed, self.words);
        let factor = |kind: &FactorKind| {
            (kind.name(), self.words.say(&format!("factor-{}", kind.name())), findings(kind.name()))
        };
        FactorKind::ALL.iter().map(factor).collect()
    }

    fn icon(&self, name: &'static str) -> Icon {
        Icon(name)
    }
}

/// What may be chosen: its name, what it is called, and whether it is chosen.
type Choice = (&'static str, String, bool);

fn options(
    field: &str,
    prefix: &str,
    names: impl Iterator<Item = &'static str>,
    typed: &Typed,
    words: Words,
) -> Vec<Choice> {
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

/// What a form judges: whatever was chosen in it.
///
/// # Errors
/// In words, where a part of it cannot be read, or nothing was chosen.
pub(crate) fn read(typed: &Typed, words: Words) -> Result<Vec<JudgementSaid>, String> {
    let tied_to_serious_crime = typed.has("tied", "yes");
    let category = named(typed, "category", Category::ALL, Category::name);
    let mut said: Vec<JudgementSaid> =
        category.map(|category| JudgementSaid::Category { category, tied_to_serious_crime }).collect();
    let first = |what: &str| words.text("choose-first", "what", &words.say(what));
    if tied_to_serious_crime && said.is_empty() {
        return Err(first("field-category"));
    }
    let place = |field: &str| {
        let read = |text: String| country(&text, words).ok_or_else(|| words.text("search-no-state", "text", &text));
        typed.some(field).map(read).transpose()
    };
    let countries = (place("protected_by")?, place("fled_from")?);
    for factor in FactorKind::ALL.iter().copied() {
        let found = named(typed, factor.name(), Finding::ALL, Finding::name);
        said.extend(found.map(|finding| JudgementSaid::factor(factor, finding, countries)));
    }
    let has_refugee = said.iter().any(|one| matches!(one, JudgementSaid::Factor { factor: FactorKind::Refugee, .. }));
    if countries.0.or(countries.1).is_some() && !has_refugee {
        return Err(first("factor-refugee"));
    }
    if said.is_empty() {
        return Err(words.say("nothing-chosen"));
    }
    Ok(said)
}

#[cfg(test)]
mod tests {
    use comity_law::Country;

    use super::*;

    fn of(fields: &[(&str, &str)]) -> Result<Vec<JudgementSaid>, String> {
        let mut typed = Typed::default();
        for (field, text) in fields {
            typed.add(field, *text);
        }
        read(&typed, Words::named("en").unwrap())
    }

    #[test]
    fn whatever_was_chosen_is_judged_the_kind_of_offence_and_factors() {
        let tied = JudgementSaid::Category { category: Category::PrivateDispute, tied_to_serious_crime: true };
        let factor = |factor, finding, protected_by: Option<&str>| {
            JudgementSaid::factor(factor, finding, (protected_by.map(|code| Country::parse(code).unwrap()), None))
        };
        let said = of(&[
            ("category", "private-dispute"),
            ("tied", "yes"),
            ("politician", "clears"),
            ("journalist", ""),
            ("refugee", "raises"),
            ("protected_by", "Finland"),
        ]);
        let politician = factor(FactorKind::Politician, Finding::Clears, None);
        let refugee = factor(FactorKind::Refugee, Finding::Raises, Some("FI"));
        assert_eq!(said.unwrap(), [tied, politician, refugee]);
        assert!(of(&[("category", ""), ("refugee", "")]).is_err(), "nothing is chosen");
        assert!(of(&[("tied", "yes"), ("politician", "clears")]).is_err(), "what is tied is not said");
        assert!(of(&[("politician", "clears"), ("protected_by", "Finland")]).is_err(), "of whom is not said");
        assert!(of(&[("refugee", "raises"), ("fled_from", "Narnia")]).unwrap_err().contains("Narnia"));
    }
}
