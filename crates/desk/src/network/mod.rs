//! Who is connected, what was agreed with them, what they were given, and what of it they still owe.

mod agreement;
mod peer;
mod terms;

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use comity_node::{
    Act, Ctx, Follow, FollowProgress, Node, NodeError, Peer, PeerStatus, StandingAgreement, Trouble as Woe,
};
use serde_json::json;

pub(super) use self::agreement::{act as agreement_act, page as agreement, propose};
pub(super) use self::peer::page as peer;

use super::language::Words;
use super::parts::{Foreign, Map, Moment, Owner};
use super::person::Person;
use super::reply::page_of;
use super::shell::Shell;
use crate::desk::Desk;

#[derive(Template)]
#[template(path = "network.html")]
struct NetworkPage {
    words: Words,
    shell: Shell,
    trouble: String,
    map: Map,
    peers: Vec<PeerRow>,
    agreements: Vec<AgreementRow>,
    follows: Vec<FollowRow>,
}

struct PeerRow {
    name: String,
    owner: Owner,
    full_name: Foreign,
    kind: String,
    is_active: bool,
    /// What it gave, and when something new came last.
    fetched: Option<(String, Moment)>,
    /// When it said last that it holds what it was given.
    acknowledged: Moment,
    owed: u64,
    overdue: u64,
    woe: Option<(Foreign, Moment)>,
    can_recall: bool,
}

pub(super) struct AgreementRow {
    id: String,
    name: Foreign,
    parties: Vec<Owner>,
    version: u32,
    state: Foreign,
    waits: bool,
}

struct FollowRow {
    name: Foreign,
    owner: Owner,
    objects: String,
    last: Moment,
    paused: bool,
    trouble: Option<Foreign>,
}

/// What is read for the page; what somebody's role does not show is left out.
struct Found {
    peers: Vec<PeerFound>,
    agreements: Vec<StandingAgreement>,
    follows: Vec<(Follow, FollowProgress)>,
}

struct PeerFound {
    peer: Peer,
    fetched: Option<(u64, comity_base::Timestamp)>,
    acknowledged: comity_base::Timestamp,
    owed: u64,
    overdue: u64,
    woe: Option<Woe>,
}

/// Everybody who is connected.
pub(super) async fn page(State(desk): State<Desk>, person: Person) -> Response {
    let shell = Shell::of(&desk, &person, "network");
    let ctx = person.ctx.clone();
    page_of(&desk, shell, move |node| read(node, &ctx), |shell, found| told(shell, &found)).await
}

fn read(node: &Node, ctx: &Ctx) -> Result<Found, NodeError> {
    node.may(ctx, Act::Peers, json!({}))?;
    let mut peers = Vec::new();
    for peer in node.peers()? {
        let owed = node.owed_by(&peer.name)?;
        peers.push(PeerFound {
            fetched: node.fetched(&peer.name)?.map(|fetched| (fetched.objects, fetched.at)),
            acknowledged: node.acknowledged(&peer.name)?.when,
            overdue: owed.iter().filter(|owed| owed.is_overdue(ctx.now())).count() as u64,
            owed: owed.iter().filter(|owed| owed.receipt.is_none()).count() as u64,
            woe: node.trouble(&peer.name)?,
            peer,
        });
    }
    let agreements = allowed(node, ctx, Act::Agreements, || node.agreements(ctx))?.unwrap_or_default();
    let mut follows = Vec::new();
    if node.would_allow(ctx, Act::Follows)? {
        for follow in node.follows()? {
            let (_, progress) = node.follow_progress(&follow)?;
            follows.push((follow, progress));
        }
    }
    Ok(Found { peers, agreements, follows })
}

/// What somebody's role shows; nothing where it does not. It is not asked then, and no refusal is put on record.
pub(super) fn allowed<T>(
    node: &Node,
    ctx: &Ctx,
    act: Act,
    read: impl FnOnce() -> Result<T, NodeError>,
) -> Result<Option<T>, NodeError> {
    if node.would_allow(ctx, act)? { read().map(Some) } else { Ok(None) }
}

fn told(shell: Shell, found: &Found) -> NetworkPage {
    let words = shell.words;
    let mut countries: BTreeMap<String, u64> = BTreeMap::new();
    for one in &found.peers {
        if let Some(country) = &one.peer.country {
            *countries.entry(country.clone()).or_default() += 1;
        }
    }
    let pairs: Vec<(String, String, u64)> = shell
        .own_country()
        .into_iter()
        .flat_map(|own| countries.iter().map(move |(code, count)| (own.clone(), code.clone(), *count)))
        .collect();
    NetworkPage {
        map: Map::new(words, &countries, &pairs, |code| format!("/desk/hits?country={code}")),
        peers: found.peers.iter().map(|one| peer_row(one, &shell)).collect(),
        agreements: found.agreements.iter().map(|one| agreement_row(one, &shell)).collect(),
        follows: found
            .follows
            .iter()
            .map(|(follow, progress)| FollowRow {
                name: Foreign::line(&follow.name),
                owner: shell.owner(&follow.organisation),
                objects: words.count(progress.objects),
                last: shell.when(progress.last_success.unwrap_or_default()),
                paused: follow.paused,
                trouble: progress.trouble.as_deref().map(Foreign::lines),
            })
            .collect(),
        trouble: String::new(),
        words,
        shell,
    }
}

fn peer_row(one: &PeerFound, shell: &Shell) -> PeerRow {
    let peer = &one.peer;
    let kind = serde_json::to_value(peer.kind).ok().and_then(|kind| kind.as_str().map(str::to_owned));
    PeerRow {
        name: peer.name.to_string(),
        owner: shell.owner(&peer.name),
        full_name: Foreign::line(&peer.full_name),
        kind: shell.words.known("peer-", &kind.unwrap_or_default()),
        is_active: peer.status == PeerStatus::Active,
        fetched: one.fetched.map(|(objects, at)| (shell.words.count(objects), shell.when(at))),
        acknowledged: shell.when(one.acknowledged),
        owed: one.owed,
        overdue: one.overdue,
        woe: one.woe.as_ref().map(|woe| (Foreign::lines(&woe.text), shell.when(woe.since))),
        can_recall: peer.client == comity_node::Client::Node,
    }
}

pub(super) fn agreement_row(one: &StandingAgreement, shell: &Shell) -> AgreementRow {
    AgreementRow {
        id: one.agreement.id.to_string(),
        name: Foreign::line(&one.agreement.name),
        parties: one.agreement.parties.iter().map(|party| shell.owner(&party.name)).collect(),
        version: one.agreement.version,
        state: terms::state(&one.state, shell.words),
        waits: one.proposed.is_some(),
    }
}
