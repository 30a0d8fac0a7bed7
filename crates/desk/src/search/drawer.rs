use askama::Template;
use comity_base::OrgName;
use comity_node::{Act, AsOf, Ctx, Node, NodeError, PersonFound, Shown};
use comity_stix::person::{self, Sex};
use comity_stix::{Doc, ObjectId};

use super::super::language::Words;
use super::super::network::allowed;
use super::super::object::DEPTH;
use super::super::parts::{
    Asked, Foreign, Icon, Marks, Meter, Moment, Owner, Points, Statements, birth_of, fact, safe,
};
use super::super::shell::Shell;
use super::Search;

/// Somebody beside the list: what was asked beside what the object says, statement by statement.
#[derive(Template)]
#[template(path = "parts/person-drawer.html")]
pub(super) struct PersonDrawer {
    words: Words,
    id: String,
    name: Foreign,
    likely: Meter,
    marks: Marks,
    owner: Owner,
    modified: Moment,
    statements: Statements,
    /// The list without it.
    close: String,
}

/// The version of somebody that counts now.
pub(super) struct Opened(Shown);

impl Opened {
    /// None where it is gone since, or is not shown to whoever asks.
    pub(super) fn read(node: &Node, ctx: &Ctx, id: &ObjectId, owner: &OrgName) -> Result<Option<Self>, NodeError> {
        let versions = match allowed(node, ctx, Act::Show, || node.show(ctx, id, AsOf::Now)) {
            Err(NodeError::UnknownObject(_)) => return Ok(None),
            versions => versions?.unwrap_or_default(),
        };
        Ok(versions.into_iter().rev().find(|one| one.current && one.owner == *owner).map(Self))
    }
}

impl PersonDrawer {
    /// As it stands beside the list of a search.
    pub(super) fn new(Opened(shown): &Opened, found: &PersonFound, search: &Search, shell: &Shell) -> Option<Self> {
        let words = shell.words;
        let person = person::Person::read(Doc::parse(&shown.raw, DEPTH).ok()?.root())?;
        Some(Self {
            id: found.id.to_string(),
            name: Foreign::line(&found.name),
            likely: Meter::likely(found.probability, words),
            marks: Marks::of(&shown.standing, words),
            owner: shell.owner(&shown.owner),
            modified: shell.when(shown.modified),
            statements: Statements::of(&person, shell.now, words).beside(asked(found, search, shell)),
            close: format!("/desk/search/{}", search.id),
            words,
        })
    }

    fn icon(&self, name: &'static str) -> Icon {
        Icon(name)
    }
}

/// What was asked, by the statements it belongs to; what a zone says counts where nothing else was said.
fn asked(found: &PersonFound, search: &Search, shell: &Shell) -> Vec<Asked> {
    let (words, question) = (shell.words, &search.question);
    let zone = search.found.zone.as_ref();
    let wanted = question.ask(words).unwrap_or_default();
    let named = zone.map(|zone| format!("{} {}", zone.primary, zone.secondary).trim().to_owned());
    let born = wanted.born.or_else(|| birth_of(zone?, shell.now));
    let nationality = wanted.nationality.or_else(|| zone.map(|zone| zone.nationality.clone()));
    let sex = wanted.sex.or_else(|| match zone?.sex? {
        'F' => Some(Sex::Female),
        'M' => Some(Sex::Male),
        _ => None,
    });
    let (document, value) = if question.value.is_empty() { (wanted.document, None) } else { (None, wanted.document) };
    let document = document.or_else(|| zone.map(|zone| format!("{}:{}:{}", zone.state, zone.kind, zone.number)));
    let texts = [
        ("names", wanted.name.or(named).map(|name| Foreign::line(&name))),
        ("births", born.map(|born| Foreign::own(&words.as_far_as_known(born)))),
        ("nationalities", nationality.map(|code| Foreign::own(&words.state(&code)))),
        ("sexes", sex.map(|sex| Foreign::own(&words.say(&format!("sexed-{}", sex.name()))))),
        ("documents", document.map(|text| Foreign::line(&text))),
        ("identifiers", value.map(|text| Foreign::line(&text))),
    ];
    let most = found.why.facts.iter().map(|(_, points)| points.abs()).chain(found.why.name.map(f32::abs));
    let most = most.fold(1.0, f32::max);
    let told = |about: &str| {
        let of_name = found.why.name.filter(|_| about == "names").map(|points| ("names", points));
        let (code, points) =
            of_name.or_else(|| found.why.facts.iter().copied().find(|(code, _)| is_about(code, about)))?;
        Some((fact(code, words), Points::new(points, most, words)))
    };
    let one = |(about, text): (&'static str, Option<Foreign>)| Some(Asked { about, text: text?, told: told(about) });
    texts.into_iter().filter_map(one).collect()
}

/// Whether a reason speaks of statements of this kind.
fn is_about(code: &str, about: &str) -> bool {
    let start = match about {
        "births" => "birth",
        "nationalities" => "nationality",
        "sexes" => "sex",
        "documents" => "document",
        "identifiers" => "identifier",
        _ => return false,
    };
    code.starts_with(start)
}

safe!(PersonDrawer);
