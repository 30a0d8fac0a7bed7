use askama::Template;
use comity_base::Timestamp;
use comity_law::notice::Lifecycle;
use comity_node::{NoticeReleased, NoticeShown, NoticeText};

use super::super::forms::Typed;
use super::super::language::Words;
use super::super::parts::{Foreign, Icon, safe};
use super::fields::{Field, Section, Shape};
use super::text::typed;

/// What a notice says, group by group, for whoever reads it only.
#[derive(Clone, Debug, Template)]
#[template(path = "notices/said.html")]
pub(super) struct Said {
    words: Words,
    groups: Vec<(String, Vec<Line>)>,
    /// Whether it stands under a heading of its own.
    is_part: bool,
}

/// One field.
#[derive(Clone, Debug)]
struct Line {
    label: String,
    text: Foreign,
    /// Whether an amendment changes it.
    is_changed: bool,
}

/// What went out last, whatever has been written since.
#[derive(Clone, Debug)]
pub(super) struct Stands {
    /// That it is in force, or was last.
    pub(super) title: String,
    pub(super) said: Said,
}

/// An amendment on its way, which is not in force before a reviewer publishes it.
#[derive(Clone, Debug)]
pub(super) struct Amendment {
    /// What it changes, in words.
    pub(super) changes: String,
    pub(super) said: Said,
}

impl Stands {
    /// None where nothing went out yet, or it was forgotten what did.
    pub(super) fn of(notice: &NoticeShown, words: Words) -> Option<Self> {
        let released = notice.released.as_ref()?;
        let id = if notice.in_force.is_some() { "stands-in-force" } else { "stands-no-more" };
        let title = words.text(id, "version", &words.count(u64::from(released.notice.version)));
        Some(Self { title, said: Said::of(&put_out(released), &[], true, words) })
    }
}

impl Amendment {
    /// None where none is open.
    pub(super) fn of(notice: &NoticeShown, now: Timestamp, words: Words) -> Option<Self> {
        let released = notice.released.as_ref().filter(|_| is_amended(notice, now))?;
        let changed = changed(&put_out(released), &notice.text, words);
        let names: Vec<String> = changed.iter().map(|name| words.say(&format!("field-{name}"))).collect();
        let changes = if names.is_empty() {
            words.say("changes-nothing-yet")
        } else {
            words.text("fields-changed", "what", &words.list(&names))
        };
        Some(Self { changes, said: Said::of(&notice.text, &changed, true, words) })
    }
}

/// Whether a version is written or reviewed beside one that went out.
pub(super) fn is_amended(notice: &NoticeShown, now: Timestamp) -> bool {
    let lifecycle = Lifecycle::fold(&notice.events, now).lifecycle;
    lifecycle.out().is_some() && lifecycle.review(now).is_some()
}

/// What went out, as a text.
pub(super) fn put_out(released: &NoticeReleased) -> NoticeText {
    let notice = &released.notice;
    NoticeText {
        facts: notice.facts.clone(),
        aliases: released.aliases.clone(),
        caution: notice.caution.clone(),
        contact: notice.contact.clone(),
        addressees: notice.addressees.clone(),
    }
}

/// The fields in which two texts differ.
fn changed(before: &NoticeText, after: &NoticeText, words: Words) -> Vec<&'static str> {
    let (before, after) = (typed(before, words), typed(after, words));
    let differs = |name: &str| match name {
        "documents" => DOCUMENT.iter().any(|column| before.all(column) != after.all(column)),
        _ => before.all(name) != after.all(name),
    };
    let fields = Section::ALL.into_iter().flat_map(Section::fields).map(|field| field.name);
    fields.chain(["addressees"]).filter(|name| differs(name)).collect()
}

impl Said {
    /// A text, of which some fields are marked as changed.
    pub(super) fn of(text: &NoticeText, changed: &[&str], is_part: bool, words: Words) -> Self {
        let typed = typed(text, words);
        let line = |name: &'static str, text: Option<Foreign>| {
            let is_changed = changed.contains(&name);
            // What an amendment takes away is said too.
            let text = text.or_else(|| is_changed.then(|| Foreign::own(&words.say("not-stated"))))?;
            Some(Line { label: words.say(&format!("field-{name}")), text, is_changed })
        };
        let of = |section: Section| {
            let fields = section.fields().iter();
            let lines = fields.filter_map(|field| line(field.name, value(field, &typed, words))).collect();
            (words.say(&format!("group-{}", section.name())), lines)
        };
        let members = typed.all("addressees");
        let members = (!members.is_empty()).then(|| Foreign::line(&words.list(members)));
        let members = line("addressees", members).into_iter().collect();
        let groups = Section::ALL.into_iter().map(of).chain([(words.say("peers"), members)]);
        Self { words, groups: groups.filter(|(_, lines): &(String, Vec<Line>)| !lines.is_empty()).collect(), is_part }
    }

    fn icon(&self, name: &'static str) -> Icon {
        Icon(name)
    }
}

fn value(field: &Field, typed: &Typed, words: Words) -> Option<Foreign> {
    let text = typed.some(field.name);
    match field.shape {
        Shape::Choice(prefix) => text.map(|word| Foreign::own(&words.known(prefix, &word))),
        Shape::Flags(prefix) => {
            let all: Vec<String> = typed.all(field.name).iter().map(|word| words.known(prefix, word)).collect();
            (!all.is_empty()).then(|| Foreign::own(&words.list(&all)))
        }
        Shape::Tri => text.map(|word| Foreign::own(&words.say(&word))),
        Shape::Documents => {
            let columns = DOCUMENT.map(|name| typed.all(name));
            let rows = (0..columns.first()?.len())
                .map(|row| columns.iter().filter_map(|column| column.get(row)).cloned().collect::<Vec<_>>().join(" "));
            let rows: Vec<String> = rows.collect();
            (!rows.is_empty()).then(|| Foreign::lines(&rows.join("\n")))
        }
        _ => text.map(|text| Foreign::lines(&text)),
    }
}

safe!(Said);

/// The columns of a document.
const DOCUMENT: [&str; 3] = ["document_kind", "document_number", "document_country"];

#[cfg(test)]
mod tests {
    use super::*;

    fn text(json: serde_json::Value) -> NoticeText {
        serde_json::from_value(json).unwrap()
    }

    fn red() -> NoticeText {
        text(serde_json::json!({"facts": {"offence": {"charge": "Fraud", "place": "Tartu"},
            "identity": {"documents": [{"kind": "P", "number": "KB1", "country": "EE"}]}},
            "contact": {"phone": "1"}, "addressees": ["fi-police"]}))
    }

    #[test]
    fn the_fields_in_which_an_amendment_differs_are_named_and_no_others() {
        let words = Words::named("de").unwrap();
        assert_eq!(changed(&red(), &red(), words), Vec::<&str>::new());
        let mut other = red();
        other.facts.offence.charge = Some("Theft".into());
        other.contact.phone = None;
        other.facts.identity.documents[0].number = "KB2".into();
        other.addressees.clear();
        assert_eq!(changed(&red(), &other, words), ["documents", "charge", "phone", "addressees"]);
    }

    #[test]
    fn what_changes_is_marked_also_where_it_is_taken_away() {
        let words = Words::named("en").unwrap();
        let mut other = red();
        other.contact.phone = None;
        other.facts.offence.charge = Some("Theft".into());
        let html = Said::of(&other, &changed(&red(), &other, words), true, words).to_string();
        let mark = format!("{}</span>", words.say("field-is-changed"));
        assert_eq!(html.matches(&mark).count(), 2, "{html}");
        assert!(html.contains("Theft") && html.contains(&words.say("not-stated")), "{html}");
        let as_it_is = Said::of(&red(), &[], false, words).to_string();
        assert!(!as_it_is.contains(&mark) && as_it_is.contains("<h2"), "{as_it_is}");
    }
}
