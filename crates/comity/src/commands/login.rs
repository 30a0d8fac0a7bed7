use std::io::{BufRead as _, BufReader, Read};

use anyhow::{Context as _, bail};
use comity_crypto::Zeroizing;
use comity_node::Proof;

use super::account::standing;
use crate::args::{Args, LoginArgs};
use crate::desk::Desk;
use crate::exit::Code;
use crate::place::Access;

/// Logs in: what this terminal does from then on, the account does.
pub(crate) fn run(desk: &Desk, args: &Args, command: &LoginArgs) -> anyhow::Result<Code> {
    let shown = desk.shown(args);
    let terminal = shown.place()?;
    let mut asked = Asked::new(desk);
    let password = asked.ask("Password: ")?;
    let code = asked.ask("Code of the authenticator, or a recovery code: ")?;
    let place = desk.open(args, Access::Settings)?;
    let proof = Proof::Password { password, code };
    let signed = place.node.log_in(&place.ctx, &command.account, &proof, &terminal)?;
    // What this terminal was logged in as before is over.
    if let Some(before) = shown.session() {
        place.node.log_out(&place.ctx, before)?;
    }
    shown.keep(Some(&signed.token))?;
    desk.say(format_args!("{} is logged in, in this terminal only, for 12 hours at most.", signed.session.account))?;
    Ok(Code::Done)
}

/// Sets up how an account logs in, with the code that an operator made for it.
pub(crate) fn enrol(desk: &Desk, args: &Args, command: &LoginArgs) -> anyhow::Result<Code> {
    let mut asked = Asked::new(desk);
    let invitation = asked.ask("The code you were given: ")?;
    let password = asked.ask("A new password, at least 12 characters: ")?;
    if asked.ask("The same again: ")? != password {
        bail!("the two passwords differ; nothing was set up, and the code still counts");
    }
    let place = desk.open(args, Access::Settings)?;
    let enrolled = place.node.enrol(&place.ctx, &command.account, &invitation, &password)?;
    let codes: Vec<&str> = enrolled.recovery.iter().map(|code| code.as_str()).collect();
    if args.json {
        desk.line(&serde_json::json!({"authenticator": *enrolled.authenticator, "recovery": codes}))?;
        return Ok(Code::Done);
    }
    if let Ok(qr) = fast_qr::QRBuilder::new(enrolled.authenticator.as_bytes()).build() {
        desk.say(qr.to_str())?;
    }
    desk.say(format_args!(
        "{}\n\nScan this with an authenticator. These codes each count once in its place; keep them apart:\n\n  {}\n\n\
         It is not shown again. Next: comity login {}",
        *enrolled.authenticator,
        codes.join("\n  "),
        command.account
    ))?;
    Ok(Code::Done)
}

/// Ends this terminal's session.
pub(crate) fn logout(desk: &Desk, args: &Args) -> anyhow::Result<Code> {
    let shown = desk.shown(args);
    let Some(token) = shown.session() else {
        desk.say("Nobody is logged in in this terminal.")?;
        return Ok(Code::Done);
    };
    let place = desk.open(args, Access::Settings)?;
    place.node.log_out(&place.ctx, token)?;
    shown.keep(None)?;
    desk.say("Nobody is logged in in this terminal any more.")?;
    Ok(Code::Done)
}

/// Says as whom a command would act.
pub(crate) fn whoami(desk: &Desk, args: &Args) -> anyhow::Result<Code> {
    let place = desk.open(args, Access::Read)?;
    let actor = &place.ctx.actor;
    match place.node.account(actor)? {
        Some(account) if args.json => desk.line(&account)?,
        Some(account) => desk.say(format_args!("{actor} ({}): {}", account.full_name, standing(&account)))?,
        None if args.json => desk.line(&serde_json::json!({"name": actor, "roles": place.ctx.authority.roles}))?,
        None if place.ctx.authority.active => {
            desk.say(format_args!("{actor}: this node has no accounts, so whoever runs it may do everything"))?;
        }
        None => desk.say(format_args!("{actor}: no account of this node; log in with `comity login`"))?,
    }
    Ok(Code::Done)
}

/// Lines that somebody types and nobody sees.
struct Asked<'d> {
    desk: &'d Desk,
    input: BufReader<Box<dyn Read>>,
}

impl<'d> Asked<'d> {
    fn new(desk: &'d Desk) -> Self {
        Self { desk, input: BufReader::with_capacity(4_096, desk.input()) }
    }

    fn ask(&mut self, what: &str) -> anyhow::Result<Zeroizing<String>> {
        self.desk.note(what.trim_end());
        let mut line = Zeroizing::new(String::with_capacity(1_024));
        let read = (&mut self.input).take(1_024).read_line(&mut line).context("reading what was typed")?;
        // With the echo off, Ctrl-C is a character.
        if read == 0 || line.contains('\u{3}') {
            bail!("stopped; nothing was done");
        }
        Ok(Zeroizing::new(line.trim_end_matches(['\r', '\n']).to_owned()))
    }
}
