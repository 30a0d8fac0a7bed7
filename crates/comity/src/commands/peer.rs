use anyhow::Context as _;
use comity_base::Timestamp;
use comity_node::{Act, Client, Guest, Invitation, Peer, PeerStatus};
use serde_json::json;

use crate::args::{AddArgs, Args, InviteArgs, PeerAction, PeerArgs};
use crate::desk::Desk;
use crate::exit::Code;
use crate::network;
use crate::output::printable;
use crate::place::{Access, Place};

pub(crate) fn run(desk: &Desk, args: &Args, command: &PeerArgs) -> anyhow::Result<Code> {
    match &command.action {
        PeerAction::Invite(invite) => invite_node(desk, args, invite)?,
        PeerAction::Accept { invitation } => accept(desk, args, invitation)?,
        PeerAction::List => list(desk, args)?,
        PeerAction::Add(add) => add_tool(desk, args, add)?,
        PeerAction::Token { name, note, days } => {
            let place = desk.open(args, Access::Settings)?;
            let day = 24 * 3_600 * 1_000_000;
            let expires = days.map(|days| place.ctx.now().as_micros().saturating_add(i64::from(days) * day));
            let expires = expires.map(Timestamp::from_micros);
            let (credential, secret) = place.node.add_credential(&place.ctx, name, note, expires)?;
            if args.json {
                desk.line(&json!({"credential": credential, "secret": secret}))?;
            } else {
                desk.say(format_args!(
                    "Secret {} of {name}, shown this once:\n\n  {secret}\n\nIt is the password of Basic (any user \
                     name), a Bearer or Token, or the key in X-API-Key.",
                    credential.id
                ))?;
            }
        }
        PeerAction::Tokens => tokens(desk, args)?,
        PeerAction::Revoke { id } => {
            let place = desk.open(args, Access::Settings)?;
            let credential = place.node.revoke_credential(&place.ctx, id)?;
            desk.say(format_args!("Secret {} of {} opens nothing any more.", credential.id, credential.organisation))?;
        }
        PeerAction::Introduce { name, pin, key } => {
            let place = desk.open(args, Access::Settings)?;
            let peer = place.node.introduce_peer(&place.ctx, name, &pin.to_string(), *key)?;
            if args.json {
                desk.line(&peer)?;
            } else {
                let key = peer.keys.first().map(comity_crypto::PublicKey::fingerprint).unwrap_or_default();
                desk.say(format_args!("{name} is believed under {pin} and the key {key}. Compare both once more."))?;
            }
        }
        PeerAction::Suspend { name } => status(desk, args, name, PeerStatus::Suspended)?,
        PeerAction::Resume { name } => status(desk, args, name, PeerStatus::Active)?,
    }
    Ok(Code::Done)
}

fn invite_node(desk: &Desk, args: &Args, invite: &InviteArgs) -> anyhow::Result<()> {
    let place = desk.open(args, Access::Settings)?;
    let lasts = i64::from(invite.hours) * 3_600 * 1_000_000;
    let guest = Guest { full_name: &invite.name, kind: invite.kind.into(), name: invite.short.clone(), lasts };
    let invitation = place.node.invite(&place.ctx, &guest)?;
    let url = invitation.to_url();
    if args.json {
        return desk.line(&json!({"invitation": url, "for": invitation.to, "expires": invitation.expires}));
    }
    let code = fast_qr::QRBuilder::new(url.as_str()).build();
    if let Ok(code) = code {
        desk.say(code.to_str())?;
    }
    desk.say(format_args!(
        "Invitation for {}, good once until {}. Give it to them by a way you trust:\n\n  comity peer accept {url}\n\n\
         This node's key, to be compared on the phone:\n  {}",
        invitation.to,
        invitation.expires,
        invitation.key.fingerprint()
    ))
}

fn accept(desk: &Desk, args: &Args, text: &str) -> anyhow::Result<()> {
    let invitation = Invitation::parse(text)?;
    let place = desk.open(args, Access::Settings)?;
    let wish = place.node.join_request(&place.ctx, &invitation)?;
    let identity = network::open_identity(&Place::folder(args), &place.config)?;
    let client = network::client(&invitation.url, &invitation.pins, &identity)?;
    let answer = network::wait(client.join(wish))?.context("the other node has not taken the invitation")?;
    let peer = place.node.joined(&place.ctx, &invitation, &answer)?;
    if args.json {
        return desk.line(&peer);
    }
    let (own, theirs) = (fingerprint(&place)?, peer.keys.first().map(comity_crypto::PublicKey::fingerprint));
    desk.say(format_args!(
        "Connected with {} ({}, {}).\n\nCompare on the phone:\n  theirs  {}\n  ours    {own}\n\nNothing flows before \
         both have signed an agreement: comity agreement propose {} --file agreement.toml",
        peer.name,
        printable(&peer.full_name),
        peer.kind.name(),
        theirs.unwrap_or_default(),
        peer.name
    ))
}

fn fingerprint(place: &Place) -> anyhow::Result<String> {
    Ok(place.node.ourselves()?.keys.first().map(comity_crypto::PublicKey::fingerprint).unwrap_or_default())
}

fn list(desk: &Desk, args: &Args) -> anyhow::Result<()> {
    let place = desk.open(args, Access::Read)?;
    place.may(Act::Peers)?;
    let peers = place.node.peers()?;
    if args.json {
        return peers.iter().try_for_each(|peer| desk.line(peer));
    }
    if peers.is_empty() {
        return desk.say("No peers yet. `comity peer invite --name \"...\" --kind member` makes an invitation.");
    }
    let mut rows = Vec::new();
    for peer in &peers {
        let trouble = place.node.trouble(&peer.name)?.map_or_else(String::new, |trouble| trouble.text);
        rows.push(row(peer, trouble));
    }
    desk.table(&["organisation", "what", "how", "status", "key", "trouble"], rows)
}

fn row(peer: &Peer, trouble: String) -> Vec<String> {
    let how = match (&peer.vouched_by, peer.client) {
        (Some(by), _) => format!("known through {by}"),
        (None, Client::Node) => peer.url.clone().unwrap_or_else(|| "node".into()),
        (None, Client::Tool) => "tools".into(),
    };
    let status = if peer.is_active() { "active" } else { "suspended" };
    let key = peer.keys.first().map(comity_crypto::PublicKey::fingerprint).unwrap_or_default();
    vec![peer.name.to_string(), peer.kind.name().into(), how, status.into(), key, trouble]
}

fn add_tool(desk: &Desk, args: &Args, add: &AddArgs) -> anyhow::Result<()> {
    let place = desk.open(args, Access::Settings)?;
    let peer = place.node.add_tool_peer(&place.ctx, &add.short, &add.name, add.kind.into(), add.country.clone())?;
    if args.json {
        return desk.line(&peer);
    }
    desk.say(format_args!(
        "{0} is known as one that has tools and no node: what it is given CANNOT be recalled.\nNext: an agreement \
         (comity agreement propose {0} --file agreement.toml), and a secret (comity peer token {0}).",
        peer.name
    ))
}

fn tokens(desk: &Desk, args: &Args) -> anyhow::Result<()> {
    let place = desk.open(args, Access::Read)?;
    place.may(Act::Tools)?;
    let credentials = place.node.credentials()?;
    if args.json {
        return credentials.iter().try_for_each(|credential| desk.line(credential));
    }
    let rows = credentials.iter().map(|credential| {
        let state = match (credential.revoked, credential.expires) {
            (Some(when), _) => format!("taken back {when}"),
            (None, Some(when)) => format!("until {when}"),
            (None, None) => "in use".into(),
        };
        let (id, org) = (credential.id.clone(), credential.organisation.to_string());
        vec![id, org, printable(&credential.note), credential.created.to_string(), state]
    });
    desk.table(&["secret", "organisation", "for", "since", "state"], rows)
}

fn status(desk: &Desk, args: &Args, name: &comity_base::OrgName, status: PeerStatus) -> anyhow::Result<()> {
    let place = desk.open(args, Access::Settings)?;
    let peer = place.node.set_peer_status(&place.ctx, name, status)?;
    let what = if peer.is_active() { "is active again" } else { "is suspended: nothing is given, nothing is taken" };
    desk.say(format_args!("The exchange with {name} {what}."))
}
