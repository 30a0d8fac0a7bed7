//! Notices and diffusions: the desk where they are written, reviewed, published and ended.

mod checked;
mod deeds;
mod editor;
mod events;
mod fields;
mod judged;
mod one;
mod poster;
mod review;
mod said;
mod settled;
mod statistics;
mod text;
mod way;

use askama::Template;
use axum::extract::{RawQuery, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use comity_http::Query;
use comity_law::notice::{Colour, Duty, Form, State as Stands};
use comity_node::{Act, NoticeRow};

pub(super) use self::checked::{Checked, check};
pub(super) use self::deeds::Refusal;
pub(super) use self::editor::{Editor, Writing, Written};
pub(super) use self::judged::{Judgements, read as read_judged};
pub(super) use self::one::{act, judge, page as one, save};
pub(super) use self::poster::page as poster;
pub(super) use self::review::page as review;
pub(super) use self::settled::Settled;
pub(super) use self::statistics::{page as statistics, table};
pub(super) use self::text::{Wrong, read as read_text, typed};

use super::forms::{Typed, Upload};
use super::language::Words;
use super::parts::{Due, Foreign, Moment, NoticeKind};
use super::person::Person;
use super::reply::{Trouble, page as shown, work};
use super::shell::Shell;
use crate::desk::Desk;

#[derive(Template)]
#[template(path = "notices/list.html")]
struct List {
    words: Words,
    shell: Shell,
    trouble: String,
    states: Vec<Sift<String>>,
    colours: Vec<Sift<NoticeKind>>,
    rows: Vec<Line>,
    /// Where one is begun; none for whoever may not.
    begin: Option<Begin>,
}

/// Something that the list is narrowed to.
struct Sift<T> {
    what: T,
    count: String,
    to: String,
    is_chosen: bool,
}

/// A notice in a list.
pub(super) struct Line {
    no: String,
    kind: NoticeKind,
    standing: Standing,
    name: Foreign,
    duties: Vec<DutyRow>,
    /// What falls due next.
    next: Option<(String, Due)>,
    drafted: Moment,
}

/// Where a notice stands, as a mark.
#[derive(Clone, Debug)]
pub(super) struct Standing {
    class: &'static str,
    words: String,
}

/// What somebody owes.
pub(super) struct DutyRow {
    what: String,
    whose: String,
    /// By when; none means at once.
    due: Option<Due>,
    since: Moment,
    /// Receipts of a recall that are still out.
    open: Option<u64>,
}

/// Where a notice is begun.
struct Begin {
    is_open: bool,
    trouble: String,
    colours: Vec<(NoticeKind, &'static str, String, bool)>,
    forms: Vec<(&'static str, String, bool)>,
    extract: bool,
    from: String,
}

/// What of the list is asked for.
#[derive(Clone, Copy, Default)]
struct Asked {
    state: Option<Stands>,
    colour: Option<Colour>,
}

/// The desk of notices.
pub(super) async fn page(State(desk): State<Desk>, RawQuery(query): RawQuery, person: Person) -> Response {
    let query = Query::parse(query.as_deref().unwrap_or_default());
    let mut typed = Typed::default();
    let from = query.first("from").unwrap_or_default();
    let from: String = from.chars().take(FROM).collect();
    if !from.is_empty() {
        typed.add("from", from);
    }
    told(&desk, person, Asked::read(&query), typed, None).await
}

async fn told(desk: &Desk, person: Person, asked: Asked, typed: Typed, trouble: Option<Trouble>) -> Response {
    let shell = Shell::of(desk, &person, "notices");
    let ctx = person.ctx.clone();
    match work(desk, move |node| Ok((node.notices(&ctx)?, node.would_allow(&ctx, Act::Notices)?))).await {
        Ok((rows, may_write)) => {
            let words = shell.words;
            let begin = may_write.then(|| Begin::new(&typed, trouble.as_ref(), words));
            shown(&list(shell, &rows, asked, begin), trouble.as_ref(), words)
        }
        Err(trouble) => trouble.page(shell),
    }
}

fn list(shell: Shell, rows: &[NoticeRow], asked: Asked, begin: Option<Begin>) -> List {
    let words = shell.words;
    let fits = |row: &&NoticeRow| {
        asked.state.is_none_or(|state| row.state == state) && asked.colour.is_none_or(|colour| row.colour == colour)
    };
    let states = Stands::ALL.iter().copied().filter_map(|state| {
        let count = rows.iter().filter(|row| row.state == state).count();
        let is_chosen = asked.state == Some(state);
        let to = Asked { state: (!is_chosen).then_some(state), ..asked };
        let what = words.say(&format!("standing-{}", state.name()));
        (count > 0 || is_chosen).then(|| Sift { what, count: words.count(count as u64), to: to.address(), is_chosen })
    });
    let colours = Colour::ALL.iter().copied().filter_map(|colour| {
        let count = rows.iter().filter(|row| row.colour == colour).count();
        let is_chosen = asked.colour == Some(colour);
        let to = Asked { colour: (!is_chosen).then_some(colour), ..asked };
        let what = NoticeKind::plain(colour, words);
        (count > 0 || is_chosen).then(|| Sift { what, count: words.count(count as u64), to: to.address(), is_chosen })
    });
    List {
        states: states.collect(),
        colours: colours.collect(),
        rows: rows.iter().filter(fits).take(ROWS).map(|row| line(row, &shell)).collect(),
        begin,
        trouble: String::new(),
        words,
        shell,
    }
}

/// A notice as a line.
fn line(row: &NoticeRow, shell: &Shell) -> Line {
    let words = shell.words;
    Line {
        no: row.no.to_string(),
        kind: NoticeKind::new(row.colour, row.form, words),
        standing: Standing::of(row.state, words),
        name: Foreign::line(&row.name),
        duties: row.duties.iter().map(|duty| DutyRow::of(duty, shell)).collect(),
        next: row
            .next
            .map(|next| (words.say(&format!("clock-{}", next.kind.name())), Due::new(next.at, shell.now, words))),
        drafted: shell.when(row.drafted),
    }
}

impl Standing {
    fn of(state: Stands, words: Words) -> Self {
        let class = match state {
            Stands::Published => "state-confirmed",
            Stands::Suspended | Stands::InfoRequested => "state-asked",
            Stands::Refused | Stands::Cancelled => "closed",
            state if state.is_final() => "state-dismissed",
            _ => "plain",
        };
        Self { class, words: words.say(&format!("standing-{}", state.name())) }
    }
}

impl DutyRow {
    fn of(duty: &Duty, shell: &Shell) -> Self {
        let words = shell.words;
        Self {
            what: words.say(&format!("duty-{}", duty.kind.name())),
            whose: words.say(&format!("doer-{}", duty.kind.whose().name())),
            due: duty.due.map(|due| Due::new(due, shell.now, words)),
            since: shell.when(duty.since),
            open: duty.outstanding.map(u64::from),
        }
    }
}

impl Begin {
    fn new(typed: &Typed, trouble: Option<&Trouble>, words: Words) -> Self {
        let chosen = typed.some("colour").unwrap_or_else(|| Colour::Red.name().to_owned());
        let colour = |colour: Colour| {
            let what = words.say(&format!("colour-for-{}", colour.name()));
            (NoticeKind::plain(colour, words), colour.name(), what, chosen == colour.name())
        };
        let form = typed.some("form").unwrap_or_else(|| Form::Notice.name().to_owned());
        Self {
            is_open: trouble.is_some() || typed.some("from").is_some(),
            trouble: trouble.map_or_else(String::new, |trouble| trouble.words(words)),
            colours: Colour::ALL.iter().copied().map(colour).collect(),
            forms: Form::ALL
                .iter()
                .map(|one| (one.name(), words.say(&format!("form-{}", one.name())), form == one.name()))
                .collect(),
            extract: typed.has("extract", "yes"),
            from: typed.text("from").to_owned(),
        }
    }
}

/// Begins a notice, and goes to it.
pub(super) async fn begin(State(desk): State<Desk>, person: Person, form: Upload) -> Response {
    let typed = Typed::of(&form);
    let colour = text::named(&typed, "colour", Colour::ALL, Colour::name).next();
    let kind = text::named(&typed, "form", Form::ALL, Form::name).next().unwrap_or(Form::Notice);
    let Some(colour) = colour else {
        let trouble = Trouble::Unclear(person.words.say("choose-colour"));
        return told(&desk, person, Asked::default(), typed, Some(trouble)).await;
    };
    let (ctx, from, extract) = (person.ctx.clone(), typed.some("from"), typed.has("extract", "yes"));
    match work(&desk, move |node| node.draft_notice(&ctx, (colour, kind, extract), from.as_deref())).await {
        Ok(drafted) => Redirect::to(&format!("/desk/notices/{}", drafted.row.no)).into_response(),
        Err(trouble) => told(&desk, person, Asked::default(), typed, Some(trouble)).await,
    }
}

impl Asked {
    fn read(query: &Query) -> Self {
        let (state, colour) = (query.first("state"), query.first("colour"));
        Self {
            state: Stands::ALL.iter().copied().find(|one| state == Some(one.name())),
            colour: Colour::ALL.iter().copied().find(|one| colour == Some(one.name())),
        }
    }

    fn address(self) -> String {
        let parts = [("state", self.state.map(Stands::name)), ("colour", self.colour.map(Colour::name))];
        let parts: Vec<String> =
            parts.into_iter().filter_map(|(name, word)| Some(format!("{name}={}", word?))).collect();
        if parts.is_empty() { "/desk/notices".to_owned() } else { format!("/desk/notices?{}", parts.join("&")) }
    }
}

/// Characters of where a person is taken from.
const FROM: usize = 200;
/// Notices in one list.
const ROWS: usize = 500;

#[cfg(test)]
mod tests {
    use comity_law::notice::{ClockKind, DutyKind, Who};

    use super::*;

    #[test]
    fn the_address_of_the_list_holds_what_it_is_narrowed_to() {
        let read = |text: &str| Asked::read(&Query::parse(text)).address();
        assert_eq!(read("state=published&colour=red&x=1"), "/desk/notices?state=published&colour=red");
        assert_eq!(read("state=guilty"), "/desk/notices");
    }

    #[test]
    fn every_word_of_the_law_of_notices_has_words_in_every_language() {
        use comity_law::gate::{Category, FactorKind, Finding};
        use comity_law::notice::{
            ActName, AddendumKind, AssetClass, Caution, Ground, Group, Outcome, Part, Photo, Sex, WantedFor,
        };
        let names =
            |prefix: &str, all: Vec<&'static str>| all.into_iter().map(|name| format!("{prefix}{name}")).collect();
        let ids: [Vec<String>; 22] = [
            names("standing-", Stands::ALL.iter().map(|one| one.name()).collect()),
            names("colour-", Colour::ALL.iter().map(|one| one.name()).collect()),
            names("colour-for-", Colour::ALL.iter().map(|one| one.name()).collect()),
            names("form-", Form::ALL.iter().map(|one| one.name()).collect()),
            names("clock-", ClockKind::ALL.iter().map(|one| one.name()).collect()),
            names("duty-", DutyKind::ALL.iter().map(|one| one.name()).collect()),
            names("doer-", Who::ALL.iter().map(|one| one.name()).collect()),
            names("deed-", ActName::ALL.iter().map(|one| one.name()).collect()),
            names("ground-", Ground::ALL.iter().map(|one| one.name()).collect()),
            names("amends-", Part::ALL.iter().map(|one| one.name()).collect()),
            names("addendum-", AddendumKind::ALL.iter().map(|one| one.name()).collect()),
            names("outcome-", Outcome::ALL.iter().map(|one| one.name()).collect()),
            names("category-", Category::ALL.iter().map(|one| one.name()).collect()),
            names("factor-", FactorKind::ALL.iter().map(|one| one.name()).collect()),
            names("found-", Finding::ALL.iter().map(|one| one.name()).collect()),
            names("caution-", Caution::ALL.iter().map(|one| one.name()).collect()),
            names("asset-", AssetClass::ALL.iter().map(|one| one.name()).collect()),
            names("photograph-", Photo::ALL.iter().map(|one| one.name()).collect()),
            names("wanted-", WantedFor::ALL.iter().map(|one| one.name()).collect()),
            names("sexed-", Sex::ALL.iter().map(|one| one.name()).collect()),
            names("group-", Group::ALL.iter().map(|one| one.name()).collect()),
            names("status-", comity_law::Status::ALL.iter().map(|one| one.name()).collect()),
        ];
        for language in ["en", "fr", "es", "ar", "de"] {
            let words = Words::named(language).unwrap();
            for id in ids.iter().flatten() {
                assert_ne!(words.say(id), *id, "{language}");
            }
        }
    }
}
