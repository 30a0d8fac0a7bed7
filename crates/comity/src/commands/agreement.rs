use std::path::Path;

use anyhow::Context as _;
use comity_base::OrgName;
use comity_node::StandingAgreement;
use serde_json::json;

use crate::args::{AgreementAction, AgreementArgs, Args};
use crate::desk::Desk;
use crate::exit::Code;
use crate::place::{Access, Place};

pub(crate) fn run(desk: &Desk, args: &Args, command: &AgreementArgs) -> anyhow::Result<Code> {
    match &command.action {
        AgreementAction::Propose { peer, file } => {
            let place = desk.open(args, Access::Settings)?;
            let text = filled(&place, peer, &read(desk, file)?)?;
            let made = place.node.propose(&place.ctx, peer, &text)?;
            told(desk, args, &place, &made.id.to_string(), "Proposed and signed here; it is sent to the other party.")?;
        }
        AgreementAction::Revise { id, file } => {
            let place = desk.open(args, Access::Settings)?;
            let old = place.node.agreement(&place.ctx, id)?;
            let other = old.agreement.other(&place.ctx.organisation).map(|party| party.name.clone());
            let text = filled(&place, &other.context("this organisation is no party to it")?, &read(desk, file)?)?;
            let made = place.node.revise(&place.ctx, id, &text)?;
            told(
                desk,
                args,
                &place,
                &made.id.to_string(),
                "A new version, signed here; the old one counts until both have signed.",
            )?;
        }
        AgreementAction::Sign { id, on_paper } => {
            let place = desk.open(args, Access::Settings)?;
            let made = match on_paper {
                Some(paper) => place.node.sign_on_paper(&place.ctx, id, paper)?,
                None => place.node.sign_agreement(&place.ctx, id)?,
            };
            told(desk, args, &place, &made.id.to_string(), "Signed.")?;
        }
        AgreementAction::List => list(desk, args)?,
        AgreementAction::Show { id } => show(desk, args, id)?,
        AgreementAction::Suspend { id, reason } => {
            let place = desk.open(args, Access::Settings)?;
            place.node.suspend(&place.ctx, id, reason)?;
            told(desk, args, &place, id, "Suspended: nothing flows under it until this side lifts it.")?;
        }
        AgreementAction::Lift { id } => {
            let place = desk.open(args, Access::Settings)?;
            place.node.lift(&place.ctx, id)?;
            told(desk, args, &place, id, "Lifted.")?;
        }
    }
    Ok(Code::Done)
}

fn read(desk: &Desk, file: &Path) -> anyhow::Result<String> {
    std::fs::read_to_string(desk.path(file)).with_context(|| format!("reading {}", file.display()))
}

/// The text with the two parties, their countries and keys, where it leaves out what this node knows.
fn filled(place: &Place, peer: &OrgName, text: &str) -> anyhow::Result<String> {
    let Ok(mut table) = text.parse::<toml::Table>() else { return Ok(text.to_owned()) };
    let (own, peer) = (place.node.ourselves()?, place.node.known_peer(peer)?);
    let mut known = vec![(own.name.to_string(), own.country.clone(), own.keys.first().copied())];
    known.push((peer.name.to_string(), peer.country.clone(), peer.keys.first().copied()));
    let parties = table.entry("parties").or_insert_with(|| {
        let named = known.iter().map(|(name, ..)| toml::Table::from_iter([("name".to_owned(), name.clone().into())]));
        toml::Value::Array(named.map(toml::Value::Table).collect())
    });
    let mut changed = !text.contains("parties");
    for party in parties.as_array_mut().into_iter().flatten().filter_map(toml::Value::as_table_mut) {
        let name = party.get("name").and_then(toml::Value::as_str).unwrap_or_default();
        let Some((_, country, key)) = known.iter().find(|(known, ..)| known == name) else { continue };
        for (field, value) in [("country", country.clone()), ("key", key.map(|key| key.to_string()))] {
            if let Some(value) = value.filter(|_| !party.contains_key(field)) {
                party.insert(field.to_owned(), value.into());
                changed = true;
            }
        }
    }
    // Untouched, errors can name the lines as they were written.
    if changed { Ok(toml::to_string(&table)?) } else { Ok(text.to_owned()) }
}

fn told(desk: &Desk, args: &Args, place: &Place, id: &str, what: &str) -> anyhow::Result<()> {
    let standing = place.node.agreement(&place.ctx, id)?;
    if args.json {
        return desk.line(&json!({"agreement": standing.agreement, "state": standing.state}));
    }
    desk.say(format_args!("{what}\n{}  {}", standing.agreement.id, standing.state.sentence()))
}

fn list(desk: &Desk, args: &Args) -> anyhow::Result<()> {
    let place = desk.open(args, Access::Read)?;
    let all = place.node.agreements(&place.ctx)?;
    if args.json {
        return all.iter().try_for_each(|one| desk.line(&json!({"agreement": one.agreement, "state": one.state})));
    }
    let row = |one: &StandingAgreement| {
        let parties: Vec<_> = one.agreement.parties.iter().map(|party| party.name.to_string()).collect();
        let newer = one.proposed.as_ref().map(|new| format!(" Version {} waits to be signed.", new.version));
        let state = one.state.sentence() + &newer.unwrap_or_default();
        vec![one.agreement.id.uuid.to_string(), parties.join(", "), one.agreement.version.to_string(), state]
    };
    desk.table(&["agreement", "parties", "version", "where it stands"], all.iter().map(row))
}

fn show(desk: &Desk, args: &Args, id: &str) -> anyhow::Result<()> {
    let place = desk.open(args, Access::Read)?;
    let one = place.node.agreement(&place.ctx, id)?;
    if args.json {
        return desk.line(&json!({"agreement": one.agreement, "state": one.state, "proposed": one.proposed}));
    }
    desk.say(one.agreement.explain())?;
    desk.say(one.state.sentence())?;
    if let Some(new) = &one.proposed {
        desk.say(format_args!(
            "\nProposed, not signed by both yet:\n  {}",
            new.changes_from(&one.agreement).join("\n  ")
        ))?;
    }
    Ok(())
}
