use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use comity_base::{OrgName, Timestamp};
use comity_node::{Act, Ctx, Delivery, Node, NodeError, Owed, Peer, StandingAgreement, Withheld};
use serde_json::json;

use super::super::language::Words;
use super::super::parts::{Foreign, Moment, Owner, reason};
use super::super::person::Person;
use super::super::reply::{Trouble, page_of};
use super::super::shell::Shell;
use super::{AgreementRow, agreement_row, allowed};
use crate::desk::Desk;

#[derive(Template)]
#[template(path = "peer.html")]
struct PeerPage {
    words: Words,
    shell: Shell,
    trouble: String,
    name: String,
    owner: Owner,
    full_name: Foreign,
    url: Option<Foreign>,
    keys: Vec<String>,
    deliveries: Vec<DeliveryRow>,
    owed: Vec<OwedRow>,
    agreements: Vec<AgreementRow>,
    /// Why own objects are not given to it, with how many.
    withheld: Vec<(Vec<Foreign>, String)>,
}

struct DeliveryRow {
    how: String,
    began: Moment,
    ended: Moment,
    objects: String,
    state: String,
}

struct OwedRow {
    object: String,
    since: Moment,
    state: String,
    is_overdue: bool,
}

struct Found {
    peer: Peer,
    deliveries: Vec<Delivery>,
    owed: Vec<Owed>,
    acknowledged: Timestamp,
    agreements: Vec<StandingAgreement>,
    withheld: Vec<Withheld>,
}

/// One organisation that is connected: what it was given and what it owes.
pub(crate) async fn page(State(desk): State<Desk>, Path(name): Path<String>, person: Person) -> Response {
    let shell = Shell::of(&desk, &person, "network");
    let Ok(name) = OrgName::parse(&name) else { return Trouble::NotFound.page(shell) };
    let ctx = person.ctx.clone();
    page_of(&desk, shell, move |node| read(node, &ctx, &name), |shell, found| told(shell, &found)).await
}

fn read(node: &Node, ctx: &Ctx, name: &OrgName) -> Result<Found, NodeError> {
    let subject = json!({"peer": name});
    node.may(ctx, Act::Peers, subject)?;
    let peer = node.known_peer(name)?;
    let sees = node.would_allow(ctx, Act::Deliveries)?;
    let withheld = match sees.then(|| node.withheld_from(ctx, name)) {
        None | Some(Err(NodeError::NoAgreement(_))) => Vec::new(),
        Some(withheld) => withheld?,
    };
    let mut agreements = allowed(node, ctx, Act::Agreements, || node.agreements(ctx))?.unwrap_or_default();
    agreements.retain(|one| one.agreement.party(name).is_some());
    Ok(Found {
        deliveries: if sees { node.deliveries(name)? } else { Vec::new() },
        owed: if sees { node.owed_by(name)? } else { Vec::new() },
        acknowledged: node.acknowledged(name)?.when,
        agreements,
        withheld,
        peer,
    })
}

fn told(shell: Shell, found: &Found) -> PeerPage {
    let (words, peer) = (shell.words, &found.peer);
    let mut deliveries: Vec<&Delivery> = found.deliveries.iter().collect();
    deliveries.sort_by_key(|delivery| std::cmp::Reverse(delivery.ended));
    let mut owed: Vec<&Owed> = found.owed.iter().collect();
    owed.sort_by_key(|owed| (owed.receipt.is_some(), std::cmp::Reverse(owed.since)));
    PeerPage {
        name: peer.name.to_string(),
        owner: shell.owner(&peer.name),
        full_name: Foreign::line(&peer.full_name),
        url: peer.url.as_deref().map(Foreign::line),
        keys: peer.keys.iter().map(ToString::to_string).collect(),
        deliveries: deliveries.into_iter().take(ROWS).map(|one| delivery(one, found.acknowledged, &shell)).collect(),
        owed: owed.into_iter().take(ROWS).map(|one| owed_row(one, &shell)).collect(),
        agreements: found.agreements.iter().map(|one| agreement_row(one, &shell)).collect(),
        withheld: found.withheld.iter().map(|one| withheld(one, words)).collect(),
        trouble: String::new(),
        words,
        shell,
    }
}

fn withheld(one: &Withheld, words: Words) -> (Vec<Foreign>, String) {
    (one.reasons.iter().map(|one| reason(one, words)).collect(), words.count(one.objects))
}

fn delivery(one: &Delivery, acknowledged: Timestamp, shell: &Shell) -> DeliveryRow {
    let state = match one.channel.can_recall() {
        true if acknowledged >= one.ended => "delivery-held",
        true => "delivery-sent",
        false => "delivery-gone",
    };
    DeliveryRow {
        how: shell.words.known("way-", one.channel.name()),
        began: shell.when(one.began),
        ended: shell.when(one.ended),
        objects: shell.words.count(one.objects),
        state: shell.words.say(state),
    }
}

fn owed_row(one: &Owed, shell: &Shell) -> OwedRow {
    let words = shell.words;
    let is_overdue = one.is_overdue(shell.now);
    let state = match one.receipt {
        Some(at) => words.text("receipt-of", "moment", &words.moment(at)),
        None if is_overdue => words.text("receipt-overdue", "moment", &words.moment(one.due)),
        None => words.text("receipt-due", "moment", &words.moment(one.due)),
    };
    OwedRow { object: one.object.to_string(), since: shell.when(one.since), state, is_overdue }
}

/// Rows of each table.
const ROWS: usize = 200;
