use askama::Template;
use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use comity_base::OrgName;
use comity_node::StandingAgreement;

use super::super::forms::{Sent, Upload};
use super::super::language::Words;
use super::super::parts::{Foreign, Owner};
use super::super::person::Person;
use super::super::reply::{Trouble, page as shown, work};
use super::super::shell::Shell;
use super::terms::{Change, Section, changes, sections, state};
use crate::desk::Desk;

#[derive(Template)]
#[template(path = "agreement.html")]
struct AgreementPage {
    words: Words,
    shell: Shell,
    trouble: String,
    id: String,
    name: Foreign,
    parties: Vec<Owner>,
    state: Foreign,
    sections: Vec<Section>,
    /// What the newer version that waits changes.
    changes: Vec<Change>,
    /// The same as a text in English, of the version that waits where there is one.
    text: Foreign,
    signed_here: bool,
}

/// One agreement: what it says, who has signed it, and where it stands.
pub(crate) async fn page(State(desk): State<Desk>, Path(id): Path<String>, person: Person) -> Response {
    told(&desk, person, &id, None).await
}

async fn told(desk: &Desk, person: Person, id: &str, trouble: Option<Trouble>) -> Response {
    let shell = Shell::of(desk, &person, "network");
    let (ctx, wanted) = (person.ctx.clone(), id.to_owned());
    match work(desk, move |node| node.agreement(&ctx, &wanted)).await {
        Ok(one) => {
            let words = shell.words;
            let mut page = page_of(&one, desk.site().organisation(), shell);
            page.trouble = trouble.as_ref().map_or_else(String::new, |trouble| trouble.words(words));
            shown(&page, trouble.as_ref(), words)
        }
        Err(trouble) => trouble.page(shell),
    }
}

fn page_of(one: &StandingAgreement, own: &OrgName, shell: Shell) -> AgreementPage {
    let newest = one.proposed.as_ref().unwrap_or(&one.agreement);
    AgreementPage {
        id: one.agreement.id.to_string(),
        name: Foreign::line(&one.agreement.name),
        parties: one.agreement.parties.iter().map(|party| shell.owner(&party.name)).collect(),
        state: state(&one.state, shell.words),
        changes: one.proposed.as_ref().map_or_else(Vec::new, |new| {
            changes(&sections(new, shell.words), &sections(&one.agreement, shell.words), shell.words)
        }),
        sections: sections(&one.agreement, shell.words),
        text: Foreign::lines(&newest.explain()),
        signed_here: newest.signatures.iter().any(|signature| signature.party == *own),
        trouble: String::new(),
        words: shell.words,
        shell,
    }
}

/// Signs it, suspends it, or lifts that.
pub(crate) async fn act(State(desk): State<Desk>, Path(id): Path<String>, person: Person, body: Sent) -> Response {
    if let Err(trouble) = person.must_be_fresh() {
        return told(&desk, person, &id, Some(trouble)).await;
    }
    let fields = super::super::forms::Fields::read(&body);
    let (act, reason) = (fields.get("act"), fields.get("reason"));
    let (ctx, wanted) = (person.ctx.clone(), id.clone());
    let done = work(&desk, move |node| match act.as_str() {
        "sign" => node.sign_agreement(&ctx, &wanted).map(drop),
        "suspend" => node.suspend(&ctx, &wanted, &reason).map(drop),
        "lift" => node.lift(&ctx, &wanted).map(drop),
        _ => Ok(()),
    });
    match done.await {
        Ok(()) => Redirect::to(&format!("/desk/network/agreement/{id}")).into_response(),
        Err(trouble) => told(&desk, person, &id, Some(trouble)).await,
    }
}

/// Proposes one to an organisation that is connected, signed here.
pub(crate) async fn propose(State(desk): State<Desk>, person: Person, form: Upload) -> Response {
    let shell = Shell::of(&desk, &person, "network");
    if let Err(trouble) = person.must_be_fresh() {
        return trouble.page(shell);
    }
    let Ok(peer) = OrgName::parse(form.text("peer").trim()) else { return Trouble::NotFound.page(shell) };
    let (ctx, text) = (person.ctx.clone(), form.text("text"));
    let made = work(&desk, move |node| {
        let text = node.filled_agreement(&peer, &text)?;
        node.propose(&ctx, &peer, &text)
    });
    match made.await {
        Ok(made) => Redirect::to(&format!("/desk/network/agreement/{}", made.id)).into_response(),
        Err(trouble) => trouble.page(shell),
    }
}
