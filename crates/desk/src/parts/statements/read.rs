use comity_base::Timestamp;
use comity_stix::ObjectId;
use comity_stix::person::{
    Birth, DocumentState, Feature, Identifier, Nationality, Person, PersonDocument, PersonName, Photo, Place, Said,
    Sexed, Stands,
};

use super::super::super::language::Words;
use super::super::{Foreign, Moment, ThingLink};
use super::contradict::contradict;
use super::{Group, Source, Statement, Statements};

impl Statements {
    /// What an object says of a person.
    pub(crate) fn of(person: &Person, now: Timestamp, words: Words) -> Self {
        let reader = Reader { now, words };
        let contradicted = [contradict(&person.births), contradict(&person.sexes), contradict(&person.documents)];
        let groups = [
            reader.group("names", &person.names, false, name),
            reader.group("births", &person.births, contradicted[0], birth),
            reader.group("nationalities", &person.nationalities, false, nationality),
            reader.group("sexes", &person.sexes, contradicted[1], |sexed, words| sex(*sexed, words)),
            reader.group("documents", &person.documents, contradicted[2], document),
            reader.group("statuses", &person.statuses, false, status),
            reader.group("places", &person.places, false, place),
            reader.group("features", &person.features, false, feature),
            reader.group("identifiers", &person.identifiers, false, identifier),
            reader.group("photos", &person.photos, false, photo),
        ];
        Self { groups: groups.into_iter().flatten().collect(), unread: person.unread.into(), words }
    }
}

/// A statement without who says it.
type What = (Foreign, Vec<Foreign>, Option<String>);

struct Reader {
    now: Timestamp,
    words: Words,
}

impl Reader {
    fn group<T>(
        &self,
        about: &'static str,
        all: &[Said<T>],
        contradicts: bool,
        read: impl Fn(&T, Words) -> What,
    ) -> Option<Group> {
        let said = all.iter().take(STATEMENTS).map(|one| self.statement(one, read(&one.what, self.words))).collect();
        let more = all.len().saturating_sub(STATEMENTS) as u64;
        let title = self.words.say(&format!("said-{about}"));
        (!all.is_empty()).then(|| Group { about, said, more, contradicts, ..Group::empty(title) })
    }

    fn statement<T>(&self, said: &Said<T>, (what, notes, warning): What) -> Statement {
        let source = |text: &String| match ObjectId::parse(text) {
            Ok(id) => Source::Thing(ThingLink::new(text, id.kind.as_str(), "", true, self.words)),
            Err(_) => Source::Text(Foreign::line(text)),
        };
        Statement {
            what,
            notes,
            warning,
            source: said.source.as_ref().map(source),
            grading: said.grading.as_deref().map(|grading| grade(grading, self.words)),
            basis: said.basis.map(|basis| (basis.name(), self.words.say(&format!("basis-{}", basis.name())))),
            stated: said.stated.map(|at| Moment::new(at, self.now, self.words)),
        }
    }
}

/// A grading in words, where its scheme is one that has them: the Admiralty code, a letter for the source and a digit for what it
/// says.
pub(super) fn grade(grading: &str, words: Words) -> Foreign {
    let code = grading.strip_prefix("admiralty-scale:").unwrap_or_default();
    let mut letters = code.chars();
    match (letters.next(), letters.next(), letters.next()) {
        (Some(source @ 'A'..='F'), Some(says @ '1'..='6'), None) => {
            let said = |prefix: &str, one: char| words.say(&format!("{prefix}{}", one.to_ascii_lowercase()));
            Foreign::own(&format!("{code} · {} · {}", said("grade-", source), said("grade-", says)))
        }
        _ => Foreign::line(grading),
    }
}

fn plain(what: Foreign) -> What {
    (what, Vec::new(), None)
}

fn own(text: &str) -> Foreign {
    Foreign::own(text)
}

fn name(name: &PersonName, words: Words) -> What {
    let mut notes = vec![own(&words.known("name-", name.kind.name()))];
    if let Some(script) = &name.script {
        notes.push(Foreign::line(&words.known("script-", &script.to_ascii_lowercase())));
    }
    for part in name.parts.iter().filter(|_| name.parts.len() > 1) {
        notes.push(own(
            &words.texts("name-part", &[("part", &words.known("part-", part.part.name())), ("text", &part.text)])
        ));
    }
    (Foreign::line(&name.name), notes, None)
}

fn birth(birth: &Birth, words: Words) -> What {
    let date = birth.date.map(|date| words.as_far_as_known(date));
    let date = match (date, birth.until) {
        (Some(date), Some(until)) => {
            Some(words.texts("from-until", &[("from", &date), ("until", &words.as_far_as_known(until))]))
        }
        (Some(date), None) if birth.about => Some(words.text("about-then", "date", &date)),
        (date, _) => date,
    };
    let said = [date.map(|date| own(&date))].into_iter().chain(where_it_is(
        birth.place.as_ref(),
        birth.country.as_ref(),
        words,
    ));
    first_of(said, words)
}

/// A place as others wrote it, and the country in words of ours.
fn where_it_is(place: Option<&String>, country: Option<&String>, words: Words) -> [Option<Foreign>; 2] {
    [place.map(|place| Foreign::line(place)), country.map(|code| own(&words.state(code)))]
}

/// The first of what is said, with the rest beside it.
fn first_of(said: impl Iterator<Item = Option<Foreign>>, words: Words) -> What {
    let mut said = said.flatten();
    let first = said.next().unwrap_or_else(|| own(&words.say("not-stated")));
    (first, said.collect(), None)
}

fn nationality(nationality: &Nationality, words: Words) -> What {
    plain(own(&words.state(&nationality.country)))
}

fn sex(sexed: Sexed, words: Words) -> What {
    plain(own(&words.say(&format!("sexed-{}", sexed.sex.name()))))
}

fn document(document: &PersonDocument, words: Words) -> What {
    let kind = words.known("document-", &document.kind.to_ascii_lowercase());
    let mut notes = vec![own(&kind), own(&words.state(&document.issuer))];
    let dates = [("document-issued", document.issued), ("document-expires", document.expires)];
    for (id, date) in dates {
        notes.extend(date.map(|date| own(&words.text(id, "date", &words.as_far_as_known(date)))));
    }
    let state = document.state.map(|state| (state, words.say(&format!("held-{}", state.name()))));
    let warning = match state {
        Some((DocumentState::Valid, said)) => {
            notes.push(own(&said));
            None
        }
        state => state.map(|(_, said)| said),
    };
    (Foreign::line(&document.number), notes, warning)
}

fn status(stands: &Stands, words: Words) -> What {
    plain(own(&words.say(&format!("status-{}", stands.status.name()))))
}

fn place(place: &Place, words: Words) -> What {
    let (what, mut notes, warning) =
        first_of(where_it_is(place.place.as_ref(), place.country.as_ref(), words).into_iter(), words);
    notes.extend(place.as_what.iter().map(|what| Foreign::line(&words.known("place-", what))));
    (what, notes, warning)
}

fn feature(feature: &Feature, words: Words) -> What {
    (Foreign::line(&feature.value), vec![Foreign::line(&words.known("feature-", &feature.feature))], None)
}

fn identifier(identifier: &Identifier, words: Words) -> What {
    let kind = comity_stix::Kind::from_name(&identifier.kind);
    (Foreign::line(&identifier.value), vec![Foreign::line(&words.value_kind(kind, &identifier.kind))], None)
}

fn photo(photo: &Photo, words: Words) -> What {
    let mut notes: Vec<Foreign> = Vec::new();
    if photo.good {
        notes.push(own(&words.say("photo-good")));
    }
    notes.extend(photo.taken.map(|date| own(&words.text("photo-taken", "date", &words.as_far_as_known(date)))));
    (Foreign::line(&photo.sha256), notes, None)
}

/// Statements of one kind that are shown.
const STATEMENTS: usize = 40;
