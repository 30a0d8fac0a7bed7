//! Every part that pages are made of, with the worst that can be put into it: for whoever adds pages.

use std::collections::BTreeMap;
use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use comity_base::{OrgName, Timestamp};
use comity_law::Source;
use comity_law::notice::{Caution, Colour, Contact, Form};
use comity_node::{Channel, Delivery, NoticeCard, PartBeside, Reason, Seer, Standing, Why};
use comity_stix::label::{Handling, Need, Pap, Tlp};
use comity_stix::mrz::Mrz;
use comity_stix::person::EXTENSION;
use comity_stix::{Doc, Label, ObjectId};
use serde_json::{Value, json};

use super::intake::LabelForm;
use super::language::Words;
use super::parts::{
    Asked, Audience, Card, Due, Fact, Facts, Foreign, Lawful, Map, Marked, Marks, Meter, Moment, NoticeKind, Owner,
    Pager, Place, Points, Reasons, Seers, Statements, Step, Steps, ThingLink, Zone,
};
use super::person::Person;
use super::reply::page as shown;
use super::shell::Shell;
use crate::desk::Desk;

#[derive(Template)]
#[template(path = "gallery.html")]
struct Gallery {
    words: Words,
    shell: Shell,
    trouble: String,
    icons: Vec<&'static str>,
    foreign: Vec<(&'static str, Foreign)>,
    marked: Marked,
    marks: Vec<Marks>,
    moments: Vec<Moment>,
    owners: Vec<Owner>,
    things: Vec<ThingLink>,
    meters: Vec<Meter>,
    points: Vec<Points>,
    reasons: Reasons,
    statements: Option<Statements>,
    zone: Option<Zone>,
    kinds: Vec<NoticeKind>,
    dues: Vec<Due>,
    steps: Steps,
    lawful: Vec<Lawful>,
    card: Option<Card>,
    facts: Facts,
    audience: Audience,
    pager: Pager,
    map: Map,
    label: LabelForm,
}

/// All parts on one page. Only in development: it tells nothing, and is of no use to an officer.
pub(super) async fn page(State(desk): State<Desk>, person: Person) -> Response {
    if !cfg!(debug_assertions) {
        return axum::http::StatusCode::NOT_FOUND.into_response();
    }
    let shell = Shell::of(&desk, &person, "about");
    let words = shell.words;
    shown(&gallery(shell), None, words)
}

fn gallery(shell: Shell) -> Gallery {
    let words = shell.words;
    let (one, other) = (shell.organisation().clone(), org("lab-north").unwrap_or_else(|| shell.organisation().clone()));
    let now = shell.now;
    let ago = |seconds: i64| Moment::new(Timestamp::from_micros(now.as_micros() - seconds * 1_000_000), now, words);
    let owners = vec![
        Owner::new(one.clone(), Some("EE"), words),
        Owner::new(other.clone(), Some("SE"), words),
        Owner::new(other.clone(), None, words),
    ];
    let countries = BTreeMap::from([("EE".to_owned(), 4), ("US".to_owned(), 12), ("BR".to_owned(), 1)]);
    let pairs = [("EE".to_owned(), "US".to_owned(), 4), ("EE".to_owned(), "BR".to_owned(), 1)];
    Gallery {
        icons: vec!["hits", "warning", "start", "end", "send", "undo", "lock", "eye", "eye-off"],
        foreign: HOSTILE.iter().map(|(name, text)| (*name, Foreign::line(text))).chain([("long", long())]).collect(),
        marked: Marked::new(HOSTILE.iter().enumerate().map(|(at, (_, text))| (*text, at % 2 == 1))),
        marks: Tlp::ALL.iter().map(|tlp| Marks::of(&standing(&one, *tlp), words)).collect(),
        moments: [0, 120, 7_200, 259_200, 94_608_000].map(ago).into(),
        things: HOSTILE
            .iter()
            .zip(["report", "malware", "indicator", "ipv4-addr", "x-other", "identity"])
            .map(|((_, name), kind)| ThingLink::new(&format!("{kind}--0"), kind, name, kind != "identity", words))
            .collect(),
        meters: vec![
            Meter::new(12, "weak", words),
            Meter::new(48, "fair", words),
            Meter::new(79, "strong", words),
            Meter::new(99, "very strong", words),
            Meter::plain(40),
            Meter::likely(0.9999, words),
            Meter::alike(1.0, ("Tamm", "Тамм"), words),
        ],
        points: [5.0, 0.4, 0.0, -2.5].map(|points| Points::new(points, 5.0, words)).into(),
        reasons: Reasons::of(&why(), 0.9999, words),
        statements: statements(now, words),
        zone: Mrz::read_mended(ZONE).ok().map(|zone| Zone::of(&zone, ZONE, now, words)),
        kinds: Colour::ALL.iter().map(|colour| NoticeKind::new(*colour, Form::Notice, words)).collect(),
        dues: [-7_200, 3_600, 259_200]
            .map(|seconds: i64| {
                let at = Timestamp::from_micros(now.as_micros().saturating_add(seconds.saturating_mul(1_000_000)));
                Due::new(at, now, words)
            })
            .into(),
        steps: steps(&shell),
        lawful: lawful(words),
        card: card(&shell),
        facts: facts(words),
        audience: Audience::new(words, seers(&one, &other, now, words)),
        pager: Pager::new(words, (50, 1_234_567)).leading(Some("#first".into()), Some("#next".into())),
        map: Map::new(words, &countries, &pairs, |code| format!("#{code}")),
        label: LabelForm::of(&standing(&one, Tlp::Amber).label, &[], &shell),
        owners,
        trouble: String::new(),
        words,
        shell,
    }
}

/// What comes in from elsewhere, at its worst.
const HOSTILE: [(&str, &str); 6] = [
    ("markup", "<img src=x onerror=\"alert(1)\"></bdi></a>'\"&amp;"),
    ("script", "</script><script>alert(1)</script>"),
    ("direction", "invoice\u{202e}fdp.exe \u{2066}\u{2067}"),
    ("mixed", "p\u{430}yp\u{430}l.com"),
    ("unseen", "a\u{200b}b\u{0}c\u{feff}"),
    ("arabic", "شرطة تالين 185.220.101.4"),
];

/// A zone of which a camera misread two places.
const ZONE: &str = "P<ESTK4SK<<MARI<LIIS<<<<<<<<<<<<<<<<<<<<<<<<\nKB01234568EST84O3054F3001019<<<<<<<<<<<<<<04";

fn why() -> Why {
    let parts = HOSTILE.iter().zip([1.0, 0.93, 0.5]).map(|((name, text), alike)| PartBeside {
        asked: (*name).to_owned(),
        found: (*text).to_owned(),
        alike,
        tells: alike - 0.3,
    });
    Why {
        name: Some(6.26),
        parts: parts.collect(),
        missing: vec!["Peeter".into()],
        extra: vec!["محمد".into()],
        facts: vec![("birth-day", 5.0), ("nationality", 0.4), ("sex-other", -2.5)],
    }
}

fn statements(now: Timestamp, words: Words) -> Option<Statements> {
    let said = |text: &str, source: &str| json!({"name": text, "kind": "alias", "source": source, "grading": "a1", "basis": "fact", "stated": "2026-11-20T00:00:00Z"});
    let names: Vec<Value> = HOSTILE.iter().map(|(_, text)| said(text, text)).collect();
    let births =
        json!([{"date": "1984-03-05", "country": "EE", "basis": "fact"}, {"date": "1990", "basis": "opinion"}]);
    let documents =
        json!([{"type": "P", "issuer": "EST", "number": "KB0123456", "state": "stolen", "expires": "2030-01"}]);
    let said =
        json!({"names": names, "births": births, "documents": documents, "statuses": [{"status": "nobody knows"}]});
    let object = json!({"type": "identity", "name": HOSTILE[0].1, "extensions": {EXTENSION: said}}).to_string();
    let person = comity_stix::person::Person::read(Doc::parse(object.as_bytes(), 16).ok()?.root())?;
    let asked = |about, text: &str| Asked {
        about,
        text: Foreign::line(text),
        told: Some((words.say("fact-birth-day"), Points::new(5.0, 5.0, words))),
    };
    Some(Statements::of(&person, now, words).beside(vec![asked("births", "1984"), asked("sexes", "?")]))
}

fn steps(shell: &Shell) -> Steps {
    let places =
        [("draft", Place::Done), ("under-review", Place::Here), ("published", Place::Ahead), ("expired", Place::Ended)];
    let step = |(name, place): (&str, Place)| Step {
        name: shell.words.say(&format!("standing-{name}")),
        place,
        when: (place == Place::Done).then(|| shell.when(shell.now)),
    };
    Steps::new(places.into_iter().map(step).collect(), shell.words)
}

fn lawful(words: Words) -> Vec<Lawful> {
    let reason = |code: &'static str, source: Source| {
        let given = vec![("person", vec![HOSTILE[0].1.to_owned()])];
        Lawful::of(&comity_law::Reason { code, text: HOSTILE[1].1.to_owned(), given, source }, words)
    };
    let page = "https://example.org/rules";
    vec![
        reason("identity", Source::unverified("RPD Art. 83(2)", page)),
        reason("yellow-report", Source::read("RPD Art. 90", page)),
        reason("four-eyes", Source::house()),
        reason("no-such-rule", Source::house()),
    ]
}

fn card(shell: &Shell) -> Option<Card> {
    let text = |text: &str| Some(text.to_owned());
    let card = NoticeCard {
        id: ObjectId::parse("comity-notice--0a0a0a0a-0000-4000-8000-000000000001").ok()?,
        colour: Colour::Red,
        form: Form::Diffusion,
        caution: Caution::ALL.iter().copied().collect(),
        contact: Contact { office: text(HOSTILE[0].1), phone: text("+372 600 0000"), email: text(HOSTILE[5].1) },
        valid_until: shell.now,
        holds: false,
    };
    Some(Card::of(&card, shell))
}

fn long() -> Foreign {
    Foreign::line(&"long name ".repeat(100_000))
}

fn org(name: &str) -> Option<OrgName> {
    OrgName::parse(name).ok()
}

fn standing(owner: &OrgName, tlp: Tlp) -> Standing {
    let mut label = Label::defaults(owner.clone());
    label.tlp = Some(tlp);
    label.pap = Some(Pap::Amber);
    label.handling = [Handling::H1].into_iter().collect();
    label.grading = ["admiralty-scale:B".to_owned()].into_iter().collect();
    label.need = [Need::Case("2041".to_owned())].into_iter().collect();
    Standing { label: Arc::new(label), unresolved: std::collections::BTreeSet::new() }
}

fn facts(words: Words) -> Facts {
    let text = |(name, text): &(&str, &str)| ((*name).to_owned(), vec![Fact::Text(Foreign::line(text))]);
    let mut all: Vec<(String, Vec<Fact>)> = HOSTILE.iter().map(text).collect();
    let code = Fact::Code(Foreign::line("[ipv4-addr:value = '185.220.101.4']"));
    let value = Fact::Value(Foreign::line("185.220.101.4"), "#value".into());
    all.push((words.say("property-pattern"), vec![code, value, Fact::More(words.counted("and-more", 7_u64))]));
    all.push((words.say("property-description"), vec![Fact::Long(Foreign::lines("one line\nanother\u{202e} line"))]));
    Facts(all)
}

fn seers(one: &OrgName, other: &OrgName, now: Timestamp, words: Words) -> Seers {
    let given = Delivery {
        id: "1".into(),
        recipient: one.clone(),
        channel: Channel::Node,
        agreement: None,
        began: now,
        ended: now,
        objects: 4,
        ahead: None,
    };
    let seer = |recipient: &OrgName, admitted, code: &str, text: &str, given: &[Delivery]| Seer {
        recipient: recipient.clone(),
        owner: one.clone(),
        modified: now,
        admitted,
        reasons: vec![Reason::new(code, text)],
        can_recall: admitted,
        given: given.to_vec(),
    };
    let all = [
        seer(one, true, "agreement", "The agreement lets it.", std::slice::from_ref(&given)),
        seer(other, false, "tlp-red", "<b>Not</b> for them.", &[given]),
    ];
    Seers::new(&all, now, words, |_| Some("EE".into()))
}
