use std::collections::BTreeSet;

use askama::Template;
use axum::extract::{Path, RawQuery, State};
use axum::response::Response;
use comity_base::Timestamp;
use comity_http::Query;
use comity_law::notice::{Caution, Colour, Contact, Facts, Sex, State as Stands};
use comity_node::{NoticeNo, NoticeShown};

use super::super::language::Words;
use super::super::parts::{Foreign, NoticeKind, cut};
use super::super::person::Person;
use super::super::reply::{Trouble, page as shown, work};
use super::super::shell::Shell;
use super::text::date;
use crate::desk::Desk;

#[derive(Template)]
#[template(path = "notices/poster.html")]
struct Poster {
    words: Words,
    shell: Shell,
    no: String,
    kind: NoticeKind,
    colour: &'static str,
    /// That it is not in force, and where it stands instead; empty where it is.
    not_in_force: String,
    is_public: bool,
    /// Whether there is an extract for the public.
    has_extract: bool,
    name: Foreign,
    /// What is said, each thing apart.
    facts: Vec<(String, Vec<Foreign>)>,
    cautions: Vec<String>,
    contact: Vec<Foreign>,
    until: String,
    source: Foreign,
    /// Whether it says that it is no warrant: to those who would hold somebody for it.
    warns: bool,
}

/// What stands on a poster: what went out last, otherwise what is written now.
struct Sheet {
    facts: Facts,
    aliases: Vec<String>,
    caution: BTreeSet<Caution>,
    contact: Contact,
    until: Option<Timestamp>,
}

/// A notice on one page, to be printed.
pub(crate) async fn page(
    State(desk): State<Desk>,
    Path(no): Path<String>,
    RawQuery(query): RawQuery,
    person: Person,
) -> Response {
    let shell = Shell::of(&desk, &person, "notices");
    let Ok(no) = no.parse::<NoticeNo>() else { return Trouble::NotFound.page(shell) };
    let query = Query::parse(query.as_deref().unwrap_or_default());
    let is_public = query.first("for") == Some("public");
    let ctx = person.ctx.clone();
    match work(&desk, move |node| node.notice(&ctx, no)).await {
        Ok(notice) if is_public && !has_extract(&notice) => Trouble::NotFound.page(shell),
        Ok(notice) => {
            let words = shell.words;
            shown(&poster(shell, &notice, is_public), None, words)
        }
        Err(trouble) => trouble.page(shell),
    }
}

/// Whether the public may be shown an extract: of what is in force, and released with one.
fn has_extract(notice: &NoticeShown) -> bool {
    notice.extract && notice.in_force.is_some() && notice.released.is_some()
}

fn poster(shell: Shell, notice: &NoticeShown, is_public: bool) -> Poster {
    let (words, row) = (shell.words, &notice.row);
    let whole = Sheet::of(notice);
    let sheet = if is_public { whole.for_the_public(row.colour) } else { whole };
    let state = words.within("standing-", row.state.name());
    let not_in_force =
        if row.state == Stands::Published { String::new() } else { words.text("not-in-force", "state", &state) };
    let contact = [&sheet.contact.office, &sheet.contact.phone, &sheet.contact.email];
    let who = &sheet.facts.identity;
    let names: Vec<&str> = who.forename.iter().chain(&who.family_name).map(String::as_str).collect();
    Poster {
        no: row.no.to_string(),
        kind: NoticeKind::new(row.colour, row.form, words),
        colour: row.colour.name(),
        not_in_force,
        is_public,
        has_extract: has_extract(notice),
        name: if names.is_empty() {
            Foreign::own(&words.say("name-not-known"))
        } else {
            Foreign::line(&names.join(" "))
        },
        facts: told(&sheet, &shell),
        cautions: sheet.caution.iter().map(|flag| words.say(&format!("caution-{}", flag.name()))).collect(),
        contact: contact.into_iter().flatten().map(|text| Foreign::line(text)).collect(),
        until: sheet.until.map_or_else(String::new, |until| words.moment(until)),
        source: Foreign::line(&shell.bureau),
        warns: warns(row.colour, is_public),
        words,
        shell,
    }
}

impl Sheet {
    fn of(notice: &NoticeShown) -> Self {
        match &notice.released {
            Some(released) => Self {
                facts: released.notice.facts.clone(),
                aliases: released.aliases.clone(),
                caution: released.notice.caution.clone(),
                contact: released.notice.contact.clone(),
                until: Some(released.notice.valid_until),
            },
            None => Self {
                facts: notice.text.facts.clone(),
                aliases: notice.text.aliases.clone(),
                caution: notice.text.caution.clone(),
                contact: notice.text.contact.clone(),
                until: None,
            },
        }
    }

    /// What the public is told of it: what an extract holds, and nothing more.
    fn for_the_public(self, colour: Colour) -> Self {
        let (facts, until) = (self.facts.for_the_public(colour), self.until);
        Self { facts, aliases: Vec::new(), caution: BTreeSet::new(), contact: Contact::default(), until }
    }
}

/// Whether whoever reads it might hold somebody for it: a member, where somebody is sought for an offence.
fn warns(colour: Colour, is_public: bool) -> bool {
    colour == Colour::Red && !is_public
}

/// What is said of the person and the case.
fn told(sheet: &Sheet, shell: &Shell) -> Vec<(String, Vec<Foreign>)> {
    let (words, facts, who) = (shell.words, &sheet.facts, &sheet.facts.identity);
    let text = |text: &Option<String>| text.as_deref().map(fitting).into_iter().collect::<Vec<_>>();
    let nations = who.nationalities.iter().map(|country| words.country(&country.to_string()));
    let birth = who.birth.map(|birth| Foreign::own(&words.as_far_as_known(date(birth))));
    let sex = who.sex.map(|sex: Sex| Foreign::own(&words.say(&format!("sexed-{}", sex.name()))));
    let charge = facts.offence.charge.as_deref().map(|charge| match shell.own_country() {
        Some(country) => fitting(&format!("{charge} ({})", words.country(&country))),
        None => fitting(charge),
    });
    let rows = [
        ("field-aliases", apart(&sheet.aliases)),
        ("field-birth", birth.into_iter().collect()),
        ("field-nationalities", nations.map(|name| Foreign::own(&name)).collect()),
        ("field-sex", sex.into_iter().collect()),
        ("field-description", text(&who.description)),
        ("field-charge", charge.into_iter().collect()),
        ("field-event_date", text(&facts.event_date)),
        ("field-event_place", text(&facts.event_place)),
        ("field-father", text(&who.father)),
        ("field-mother", text(&who.mother)),
        ("field-sought", text(&facts.sought)),
        ("field-threat", text(&facts.threat)),
        ("field-measures", text(&facts.measures)),
        ("field-modus_operandi", text(&facts.modus_operandi)),
        ("field-un_reference", text(&facts.un_reference)),
        ("field-un_resolution", text(&facts.un_resolution)),
    ];
    let rows = rows.into_iter().filter(|(_, texts)| !texts.is_empty());
    rows.map(|(id, texts)| (words.say(id), texts)).collect()
}

/// Other names, each apart: of one text the letters would be those of several scripts, and honest names look disguised.
fn apart(aliases: &[String]) -> Vec<Foreign> {
    aliases.iter().take(ALIASES).map(|name| Foreign::line(name)).collect()
}

/// As much as there is room for on one page.
fn fitting(text: &str) -> Foreign {
    Foreign::lines(&cut(text, LONGEST))
}

/// Characters of one text on a poster.
const LONGEST: usize = 600;
/// Other names on a poster.
const ALIASES: usize = 12;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_several_scripts_are_no_mixture_of_scripts() {
        let names = ["Jan Tamm", "\u{42f}\u{43d} \u{422}\u{430}\u{43c}\u{43c}"].map(str::to_owned);
        let html: Vec<String> = apart(&names).iter().map(ToString::to_string).collect();
        assert!(html.iter().all(|one| !one.contains("mixed")) && html.len() == 2, "{html:?}");
        let disguised = apart(&["pay\u{440}al".to_owned()]);
        assert!(disguised[0].to_string().contains("mixed"), "what is one name is looked at as one");
    }

    #[test]
    fn it_is_said_to_be_no_warrant_where_somebody_might_be_held_for_it() {
        let told = |is_public: bool| Colour::ALL.iter().copied().filter(move |colour| warns(*colour, is_public));
        assert_eq!(told(false).collect::<Vec<_>>(), [Colour::Red]);
        assert_eq!(told(true).count(), 0, "the public holds nobody");
    }
}
