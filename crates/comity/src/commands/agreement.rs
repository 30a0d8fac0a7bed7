use std::path::Path;

use anyhow::Context as _;
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
            let text = place.node.filled_agreement(peer, &read(desk, file)?)?;
            let made = place.node.propose(&place.ctx, peer, &text)?;
            told(desk, args, &place, &made.id.to_string(), "Proposed and signed here; it is sent to the other party.")?;
        }
        AgreementAction::Revise { id, file } => {
            let place = desk.open(args, Access::Settings)?;
            let old = place.node.agreement(&place.ctx, id)?;
            let other = old.agreement.other(&place.ctx.organisation).map(|party| party.name.clone());
            let text = place
                .node
                .filled_agreement(&other.context("this organisation is no party to it")?, &read(desk, file)?)?;
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
