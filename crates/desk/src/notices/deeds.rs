use std::collections::BTreeSet;

use askama::Template;
use comity_base::Timestamp;
use comity_law::notice::{
    Act, ActName, AddendumKind, Colour, Contact, Event, Extract, Ground, Outcome, Part, latest_end,
};
use comity_node::{NoticeDeed, NoticeShown};

use super::super::forms::Typed;
use super::super::language::Words;
use super::super::parts::{Foreign, Icon, Lawful, safe};
use super::super::reply::Trouble;
use super::super::shell::Shell;
use super::text::{country, named};

/// Where something is done to a notice, with its reason.
#[derive(Clone, Debug, Template)]
#[template(path = "notices/deed.html")]
pub(super) struct DeedForm {
    words: Words,
    no: String,
    act: &'static str,
    icon: &'static str,
    is_open: bool,
    refused: Option<Refusal>,
    /// What the reviewer asked, where it is answered.
    question: Option<Foreign>,
    /// What is typed.
    why: String,
    needs_why: bool,
    /// How much had happened when it was shown.
    seen: usize,
    days: Option<String>,
    until: Option<Until>,
    /// Whether an extract goes with it; none where there is nothing to choose.
    extract: Option<bool>,
    choice: Option<Choice>,
    country: Option<String>,
    /// Whom to call, where that alone may be changed: each field with what stands in it.
    contact: Vec<(&'static str, String)>,
}

/// Why something was not done, beside where it was tried.
#[derive(Clone, Debug)]
pub(crate) struct Refusal {
    pub(crate) lawful: Option<Lawful>,
    pub(crate) text: String,
}

/// Until when something is to hold.
#[derive(Clone, Debug)]
struct Until {
    day: String,
    /// Until when it holds now, exactly; empty where it holds not yet.
    now: String,
    earliest: String,
    latest: String,
}

/// One of several words, or several of them.
#[derive(Clone, Debug)]
struct Choice {
    /// The field, and the message that asks.
    name: &'static str,
    is_many: bool,
    options: Vec<(&'static str, String, bool)>,
}

impl Refusal {
    pub(crate) fn of(trouble: &Trouble, words: Words) -> Self {
        let lawful = match trouble {
            Trouble::NotLawful(reason) => Some(Lawful::of(reason, words)),
            _ => None,
        };
        Self { lawful, text: trouble.words(words) }
    }
}

/// The forms of all that whoever looks may do; one that was tried is open with what was typed.
pub(super) fn deeds(shown: &NoticeShown, tried: Option<(&str, &Typed, &Trouble)>, shell: &Shell) -> Vec<DeedForm> {
    let nothing = Typed::default();
    let acts = shown.possible.iter().copied().map(ActName::name).filter(|act| !NOT_HERE.contains(act));
    let mut acts: Vec<&'static str> = acts.collect();
    // What was tried stays, with why it was refused, also where it is possible no more.
    if let Some((act, ..)) = tried {
        let known = ActName::ALL.iter().map(|one| one.name()).find(|name| *name == act);
        acts.extend(known.filter(|name| !acts.contains(name)));
    }
    let form = |act: &'static str| match tried {
        Some((name, typed, trouble)) if name == act => {
            DeedForm::new(shown, act, typed, Some(Refusal::of(trouble, shell.words)), shell)
        }
        _ => DeedForm::new(shown, act, &nothing, None, shell),
    };
    acts.into_iter().map(form).collect()
}

impl DeedForm {
    fn new(shown: &NoticeShown, act: &'static str, typed: &Typed, refused: Option<Refusal>, shell: &Shell) -> Self {
        let words = shell.words;
        let name = ActName::ALL.iter().copied().find(|one| one.name() == act);
        let law = shown.row.colour.law();
        let extract = (act == "publish" && shown.wishes_extract && law.extract == Extract::OnWish)
            .then(|| typed.has("extract", "yes") || (refused.is_none() && shown.extract));
        let question = (act == "answer").then(|| question(&shown.events)).flatten();
        Self {
            words,
            no: shown.row.no.to_string(),
            act,
            icon: icon(act),
            is_open: refused.is_some() || question.is_some(),
            refused,
            question,
            why: typed.text("why").to_owned(),
            seen: shown.happened,
            needs_why: name.and_then(ActName::transition).is_some_and(|row| row.reason),
            days: (act == "ask").then(|| typed.some("days").unwrap_or_else(|| DAYS.to_string())),
            until: matches!(act, "publish" | "re-examine").then(|| Until::new(shown, typed, shell.now)),
            extract,
            choice: Choice::of(act, shown.row.colour, typed, words),
            country: matches!(act, "addendum" | "execute").then(|| typed.text("country").to_owned()),
            contact: if act == "amend" { contact(shown, typed) } else { Vec::new() },
        }
    }

    /// What is said of this act.
    fn say(&self, prefix: &str) -> String {
        self.words.say(&format!("{prefix}{}", self.act))
    }

    fn icon(&self, name: &'static str) -> Icon {
        Icon(name)
    }
}

/// Whom to call as it is out, or as it was typed.
fn contact(shown: &NoticeShown, typed: &Typed) -> Vec<(&'static str, String)> {
    let out = shown.released.as_ref().map(|released| released.notice.contact.clone()).unwrap_or_default();
    let is_typed = CONTACT.iter().any(|field| typed.some(field).is_some());
    let known = [out.office, out.phone, out.email].map(|text| text.filter(|_| !is_typed).unwrap_or_default());
    let text = |(field, known): (&'static str, String)| (field, typed.some(field).unwrap_or(known));
    CONTACT.into_iter().zip(known).map(text).collect()
}

/// What a reviewer asked last, in their words.
fn question(events: &[Event]) -> Option<Foreign> {
    let asked = events.iter().rfind(|event| matches!(event.act, Act::Ask { .. }))?;
    Some(Foreign::lines(&asked.reason))
}

impl Until {
    fn new(shown: &NoticeShown, typed: &Typed, now: Timestamp) -> Self {
        let holds = shown.in_force.map(|(_, until)| until);
        let day = |at: Timestamp| at.to_string().get(..10).unwrap_or_default().to_owned();
        let usual = holds.unwrap_or_else(|| now.plus_months(USUAL_MONTHS));
        let tomorrow = Timestamp::from_micros(now.as_micros().saturating_add(DAY));
        let last = Timestamp::from_micros(latest_end(now).as_micros().saturating_sub(DAY));
        Self {
            day: typed.some("until").unwrap_or_else(|| day(usual)),
            now: holds.map_or_else(String::new, |until| until.to_string()),
            earliest: day(tomorrow),
            latest: day(last),
        }
    }
}

impl Choice {
    fn of(act: &str, colour: Colour, typed: &Typed, words: Words) -> Option<Self> {
        let said = |prefix: &str, name: &str| words.say(&format!("{prefix}{name}"));
        let make = |name: &'static str, prefix: &str, all: Vec<&'static str>| {
            let options = all.into_iter().map(|word| (word, said(prefix, word), typed.has(name, word))).collect();
            Self { name, is_many: name == "part", options }
        };
        match act {
            "refuse" | "cancel" => Some(make("ground", "ground-", Ground::ALL.iter().map(|one| one.name()).collect())),
            "amend" => Some(make("part", "amends-", Part::ALL.iter().map(|one| one.name()).collect())),
            "addendum" => Some(make("what", "addendum-", AddendumKind::ALL.iter().map(|one| one.name()).collect())),
            "execute" => {
                let ends = Outcome::ALL.iter().filter(|outcome| outcome.ends().contains(&colour));
                Some(make("outcome", "outcome-", ends.map(|one| one.name()).collect()))
            }
            _ => None,
        }
    }
}

safe!(DeedForm);

/// What a form does to a notice.
///
/// # Errors
/// In words, where a part of it cannot be read.
pub(super) fn read(act: &str, typed: &Typed, words: Words) -> Result<NoticeDeed, String> {
    let unclear = |field: &str| words.text("choose-first", "what", &words.say(&format!("field-{field}")));
    let ground = || named(typed, "ground", Ground::ALL, Ground::name).next().ok_or_else(|| unclear("ground"));
    let place = || {
        let text = typed.text("country");
        country(text, words).ok_or_else(|| words.text("search-no-state", "text", text))
    };
    Ok(match act {
        "submit" => NoticeDeed::Submit,
        "take-up" => NoticeDeed::TakeUp,
        "ask" => {
            let days = typed.text("days");
            NoticeDeed::Ask(days.parse().map_err(|_| words.text("no-number", "text", days))?)
        }
        "answer" => NoticeDeed::Answer,
        "concur" => NoticeDeed::Concur,
        "refuse" => NoticeDeed::Refuse(ground()?),
        "publish" => NoticeDeed::Publish { valid_until: until(typed, words)?, extract: typed.has("extract", "yes") },
        "suspend" => NoticeDeed::Suspend,
        "lift" => NoticeDeed::Lift,
        "amend" => {
            let parts: BTreeSet<Part> = named(typed, "part", Part::ALL, Part::name).collect();
            let [office, phone, email] = CONTACT.map(|field| typed.some(field));
            if parts == [Part::Contact].into() {
                NoticeDeed::Contact(Contact { office, phone, email })
            } else {
                NoticeDeed::Amend(parts)
            }
        }
        "addendum" => {
            let what = named(typed, "what", AddendumKind::ALL, AddendumKind::name).next();
            NoticeDeed::Addendum(what.ok_or_else(|| unclear("what"))?, place()?)
        }
        "withdraw" => NoticeDeed::Withdraw,
        "cancel" => NoticeDeed::Cancel(ground()?),
        "execute" => {
            let outcome = named(typed, "outcome", Outcome::ALL, Outcome::name).next();
            NoticeDeed::Execute(outcome.ok_or_else(|| unclear("outcome"))?, place()?)
        }
        "justify" => NoticeDeed::Justify,
        "re-examine" => NoticeDeed::ReExamine(until(typed, words)?),
        _ => return Err(words.say("failed")),
    })
}

/// The end of the day that was chosen; exactly as now where that day was left as it is.
fn until(typed: &Typed, words: Words) -> Result<Timestamp, String> {
    let (day, now) = (typed.text("until"), typed.text("until_now"));
    let exactly = now.get(..10).filter(|of| *of == day).and_then(|_| now.parse::<Timestamp>().ok());
    let end = || format!("{day}T23:59:59Z").parse::<Timestamp>().map_err(|_| words.text("no-day", "text", day));
    exactly.map_or_else(end, Ok)
}

/// A sign beside its name.
fn icon(act: &str) -> &'static str {
    match act {
        "submit" | "publish" => "send",
        "take-up" => "eye",
        "ask" => "help",
        "answer" | "addendum" | "justify" => "note",
        "concur" | "execute" => "check",
        "refuse" | "cancel" => "close",
        "suspend" => "pause",
        "lift" => "play",
        "withdraw" => "undo",
        _ => "refresh",
    }
}

/// What is no deed of a form: it is written elsewhere, or happens by itself.
const NOT_HERE: [&str; 4] = ["draft", "revise", "receipts", "clock"];
/// Days that the source is usually given to answer.
const DAYS: u16 = 7;
/// Months for which something usually holds.
const USUAL_MONTHS: u16 = 12;
const DAY: i64 = 86_400 * 1_000_000;

/// The fields of a contact.
const CONTACT: [&str; 3] = ["office", "phone", "email"];

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(fields: &[(&str, &str)]) -> Typed {
        let mut typed = Typed::default();
        for (field, text) in fields {
            typed.add(field, *text);
        }
        typed
    }

    fn of(act: &str, fields: &[(&str, &str)]) -> Result<NoticeDeed, String> {
        read(act, &typed(fields), Words::named("en").unwrap())
    }

    #[test]
    fn every_deed_of_the_law_is_read_from_its_form() {
        let full = [
            ("days", "14"),
            ("ground", "article-3"),
            ("until", "2027-11-26"),
            ("part", "offence"),
            ("what", "news"),
            ("country", "Latvia"),
            ("outcome", "located"),
        ];
        for act in ActName::ALL.iter().map(|act| act.name()).filter(|act| !NOT_HERE.contains(act)) {
            let deed = of(act, &full).unwrap();
            assert_ne!(icon(act), "", "{act} {deed:?}");
        }
        for act in NOT_HERE {
            assert!(of(act, &full).is_err(), "{act} is no deed of a form");
        }
    }

    #[test]
    fn a_notice_holds_until_the_end_of_the_day_or_as_exactly_as_before() {
        let until = |fields: &[(&str, &str)]| match of("re-examine", fields) {
            Ok(NoticeDeed::ReExamine(at)) => at.to_string(),
            other => panic!("{other:?}"),
        };
        assert!(until(&[("until", "2027-11-26")]).starts_with("2027-11-26T23:59:59"));
        let now = "2027-11-26T08:00:00.000Z";
        assert!(until(&[("until", "2027-11-26"), ("until_now", now)]).starts_with("2027-11-26T08:00:00"));
        assert!(until(&[("until", "2027-11-25"), ("until_now", now)]).starts_with("2027-11-25T23:59:59"));
        assert!(of("publish", &[("until", "soon")]).unwrap_err().contains("soon"));
    }

    #[test]
    fn what_is_not_chosen_is_asked_for() {
        assert!(of("refuse", &[]).unwrap_err().contains("Ground"));
        assert!(of("execute", &[("outcome", "located"), ("country", "Narnia")]).unwrap_err().contains("Narnia"));
        assert_eq!(of("amend", &[]), Ok(NoticeDeed::Amend(BTreeSet::new())), "the law says that this changes nothing");
        let contact = Contact { phone: Some("+372 611 1111".into()), ..Contact::default() };
        let typed = [("part", "contact"), ("phone", "+372 611 1111")];
        assert_eq!(of("amend", &typed), Ok(NoticeDeed::Contact(contact)), "a new contact counts at once");
        let more = [typed[0], typed[1], ("part", "caution")];
        assert_eq!(of("amend", &more), Ok(NoticeDeed::Amend([Part::Contact, Part::Caution].into())));
    }

    #[test]
    fn the_source_sees_what_the_reviewer_asked_last() {
        use comity_law::Person;
        use comity_law::notice::{Actor, Form};
        let person = |name: &str| Person::new(comity_base::OrgName::parse("ee").unwrap(), name);
        let at = Timestamp::from_micros;
        let asked = |second: i64, text: &str| Event {
            at: at(second),
            by: Actor::Reviewer { person: person("liis") },
            act: Act::Ask { answer_by: at(90) },
            reason: text.into(),
        };
        let draft = Event::draft(at(0), person("mari"), Colour::Red, Form::Notice);
        assert_eq!(question(std::slice::from_ref(&draft)), None);
        let events = [draft, asked(1, "Which court?"), asked(2, "Since when?")];
        assert_eq!(question(&events), Some(Foreign::lines("Since when?")));
    }

    #[test]
    fn only_what_ends_a_colour_is_offered() {
        let words = Words::named("en").unwrap();
        let offered = |colour| {
            let choice = Choice::of("execute", colour, &Typed::default(), words).unwrap();
            choice.options.into_iter().map(|(name, ..)| name).collect::<Vec<_>>()
        };
        assert_eq!(offered(Colour::Red), ["arrested", "located"]);
        assert_eq!(offered(Colour::Silver), ["informed", "asset-located"], "nothing is frozen by a silver notice");
    }
}
