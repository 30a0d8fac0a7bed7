use comity_base::{OrgName, Timestamp};
use comity_node::{Act, Delivery, Owed, Peer};
use serde_json::json;

use crate::args::{Args, DeliveriesArgs};
use crate::desk::Desk;
use crate::exit::Code;
use crate::output::grouped;
use crate::place::{Access, Place};

pub(crate) fn run(desk: &Desk, args: &Args, command: &DeliveriesArgs) -> anyhow::Result<Code> {
    let place = desk.open(args, if command.to_us { Access::Read } else { Access::Settings })?;
    place.ask(Act::Deliveries)?;
    let mut peers = place.node.peers()?;
    peers.retain(|peer| command.organisation.as_ref().is_none_or(|name| *name == peer.name));
    let tell = if command.to_us { received } else { given };
    tell(desk, args, &place, &peers)?;
    Ok(Code::Done)
}

/// What was given to each, what it acknowledged, and what it owes.
fn given(desk: &Desk, args: &Args, place: &Place, peers: &[Peer]) -> anyhow::Result<()> {
    let now = place.ctx.now();
    let mut rows = Vec::new();
    for peer in peers {
        let deliveries = place.node.deliveries(&peer.name)?;
        let owed = place.node.owed_by(&peer.name)?;
        let acknowledged = place.node.acknowledged(&peer.name)?.when;
        if args.json {
            let acknowledged = Some(acknowledged).filter(|when| *when != Timestamp::default());
            let owed: Vec<_> =
                owed.iter().map(|owed| json!({"recall": owed, "overdue": owed.is_overdue(now)})).collect();
            desk.line(&json!({"recipient": peer.name, "deliveries": deliveries, "acknowledged": acknowledged, "recalls": owed}))?;
            continue;
        }
        rows.extend(deliveries.iter().map(|delivery| row(delivery, acknowledged)));
        rows.extend(owed.iter().map(|owed| owed_row(owed, now)));
    }
    if args.json {
        return Ok(());
    }
    if rows.is_empty() {
        return desk.say("Nothing was given to anybody yet.");
    }
    desk.table(&["recipient", "how", "from", "to", "objects", "state"], rows)
}

fn row(delivery: &Delivery, acknowledged: Timestamp) -> Vec<String> {
    let state = match delivery.channel.can_recall() {
        true if acknowledged >= delivery.ended => "acknowledged",
        true => "sent",
        false => "sent; cannot be recalled there",
    };
    let (recipient, how) = (delivery.recipient.to_string(), delivery.channel.name().to_owned());
    let (began, ended) = (delivery.began.to_string(), delivery.ended.to_string());
    vec![recipient, how, began, ended, grouped(delivery.objects), state.to_owned()]
}

fn owed_row(owed: &Owed, now: Timestamp) -> Vec<String> {
    let state = match owed.receipt {
        Some(when) => format!("recalled, receipt of {when}"),
        None if owed.is_overdue(now) => format!("OVERDUE since {}", owed.due),
        None => format!("recalled, receipt due by {}", owed.due),
    };
    let (peer, since) = (owed.peer.to_string(), owed.since.to_string());
    vec![peer, format!("recall of {}", owed.object), since, String::new(), String::new(), state]
}

/// What was received from each.
fn received(desk: &Desk, args: &Args, place: &Place, peers: &[Peer]) -> anyhow::Result<()> {
    let mut rows = Vec::new();
    for peer in peers {
        let fetched = place.node.fetched(&peer.name)?;
        let trouble = place.node.trouble(&peer.name)?;
        if args.json {
            let (objects, at) = (fetched.as_ref().map(|f| f.objects), fetched.as_ref().map(|f| f.at));
            desk.line(&json!({"from": peer.name, "objects": objects, "at": at, "trouble": trouble}))?;
            continue;
        }
        let from = |name: &OrgName| name.to_string();
        let (objects, at) = fetched.map_or_else(Default::default, |f| (grouped(f.objects), f.at.to_string()));
        rows.push(vec![from(&peer.name), objects, at, trouble.map(|trouble| trouble.text).unwrap_or_default()]);
    }
    if args.json {
        return Ok(());
    }
    desk.table(&["from", "objects", "last new", "trouble"], rows)
}
