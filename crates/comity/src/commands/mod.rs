//! One command a file.

pub(crate) mod account;
mod agreement;
mod audience;
mod audit;
mod backup;
mod batches;
mod card;
mod check;
mod collection;
mod deliveries;
mod demo;
mod doctor;
mod export;
mod follow;
mod gate;
mod hit;
mod hits;
mod ingest;
mod init;
mod keys;
mod ledger;
mod login;
mod look;
mod notice;
mod peer;
mod questions;
mod recall;
mod restore;
mod retention;
mod rights;
mod same_as;
mod screen;
mod search;
mod search_hit;
mod serve;
mod show;
mod source;
mod store;
mod undo;
mod verify;
mod warninglists;
mod why;

use clap::CommandFactory as _;

use crate::args::{Args, Command};
use crate::desk::Desk;
use crate::exit::Code;

/// Runs one command, and tells its error.
pub(crate) fn run_told(desk: &Desk, args: &Args) -> Code {
    run(desk, args).unwrap_or_else(|error| {
        let code = Code::of(&error);
        // A reader that has seen enough (`| head`) is no failure to talk about.
        if code != Code::PipeClosed {
            desk.error(&error);
        }
        code
    })
}

fn run(desk: &Desk, args: &Args) -> anyhow::Result<Code> {
    match &args.command {
        Command::Init(command) => init::run(desk, args, command),
        Command::Ingest(command) => ingest::run(desk, args, command),
        Command::Hits(command) => hits::run(desk, args, command),
        Command::Hit(command) => hit::run(desk, args, command),
        Command::Questions(command) => questions::run(desk, args, command),
        Command::Look(command) => look::run(desk, args, command),
        Command::Search(command) => search::run(desk, args, command),
        Command::Notice(command) => notice::run(desk, args, command),
        Command::Gate(command) => gate::run(desk, args, command),
        Command::Screen(command) => screen::run(desk, args, command),
        Command::Show(command) => show::run(desk, args, command),
        Command::Batches(command) => batches::run(desk, args, command),
        Command::Undo(command) => undo::run(desk, args, command),
        Command::Retry(command) => ingest::retry(desk, args, command),
        Command::Export(command) => export::run(desk, args, command),
        Command::Audit(command) => audit::run(desk, args, command),
        Command::Retention(command) => retention::run(desk, args, command),
        Command::Rights(command) => rights::run(desk, args, command),
        Command::Ledger(command) => ledger::run(desk, args, command),
        Command::Verify(command) => verify::run(desk, command),
        Command::Audience(command) => audience::run(desk, args, command),
        Command::Peer(command) => peer::run(desk, args, command),
        Command::Agreement(command) => agreement::run(desk, args, command),
        Command::Deliveries(command) => deliveries::run(desk, args, command),
        Command::Doctor(command) => doctor::run(desk, args, command),
        Command::Recall(command) => recall::run(desk, args, command),
        Command::Collection(command) => collection::run(desk, args, command),
        Command::Follow(command) => follow::run(desk, args, command),
        Command::Source(command) => source::run(desk, args, command),
        Command::SameAs(command) => same_as::run(desk, args, command),
        Command::Warninglists(command) => warninglists::run(desk, args, command),
        Command::Account(command) => account::run(desk, args, command),
        Command::Login(command) => login::run(desk, args, command),
        Command::Enrol(command) => login::enrol(desk, args, command),
        Command::Logout => login::logout(desk, args),
        Command::Whoami => login::whoami(desk, args),
        Command::Check(command) => check::run(desk, args, command),
        Command::Backup(command) => backup::run(desk, args, command),
        Command::Restore(command) => restore::run(desk, args, command),
        Command::Serve(command) => serve::run(desk, args, command),
        Command::Store(command) => store::run(desk, args, command),
        Command::Keys(command) => keys::run(desk, args, command),
        Command::Demo(command) => demo::run(desk, args, command),
        Command::ReadPdf => Ok(crate::pdf::read()),
        Command::Completions { shell } => {
            clap_complete::generate(*shell, &mut Args::command(), "comity", &mut desk.out());
            Ok(Code::Done)
        }
    }
}
