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
    facts: Vec<(String, Foreign)>,
    cautions: Vec<String>,
    contact: Vec<Foreign>,
    until: String,
    source: Foreign,
}

/// What stands on a poster: of what is in force as it went out, otherwise as it is written now.
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
        words,
        shell,
    }
}

impl Sheet {
    fn of(notice: &NoticeShown) -> Self {
        match notice.released.as_ref().filter(|_| notice.in_force.is_some()) {
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

/// What is said of the person and the case.
fn told(sheet: &Sheet, shell: &Shell) -> Vec<(String, Foreign)> {
    let (words, facts, who) = (shell.words, &sheet.facts, &sheet.facts.identity);
    let text = |text: &Option<String>| text.as_deref().map(fitting);
    let list = |all: Vec<String>| (!all.is_empty()).then(|| Foreign::line(&words.list(&all)));
    let nations = who.nationalities.iter().map(|country| words.country(&country.to_string())).collect();
    let birth = who.birth.map(|birth| Foreign::own(&words.as_far_as_known(date(birth))));
    let sex = who.sex.map(|sex: Sex| Foreign::own(&words.say(&format!("sexed-{}", sex.name()))));
    let charge = facts.offence.charge.as_deref().map(|charge| match shell.own_country() {
        Some(country) => fitting(&format!("{charge} ({})", words.country(&country))),
        None => fitting(charge),
    });
    let rows = [
        ("field-aliases", list(sheet.aliases.iter().take(ALIASES).cloned().collect())),
        ("field-birth", birth),
        ("field-nationalities", list(nations)),
        ("field-sex", sex),
        ("field-description", text(&who.description)),
        ("field-charge", charge),
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
    rows.into_iter().filter_map(|(id, text)| Some((words.say(id), text?))).collect()
}

/// As much as there is room for on one page.
fn fitting(text: &str) -> Foreign {
    Foreign::lines(&cut(text, LONGEST))
}

/// Characters of one text on a poster.
const LONGEST: usize = 600;
/// Other names on a poster.
const ALIASES: usize = 12;
