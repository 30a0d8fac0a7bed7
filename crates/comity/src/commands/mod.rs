//! One command a file.

mod audience;
mod batches;
mod check;
mod demo;
mod export;
mod hits;
mod ingest;
mod init;
mod look;
mod same_as;
mod serve;
mod show;
mod source;
mod store;
mod undo;
mod warninglists;

use clap::CommandFactory as _;

use crate::args::{Args, Command};
use crate::exit::Code;

/// Runs one command.
pub(crate) fn run(args: &Args) -> anyhow::Result<Code> {
    match &args.command {
        Command::Init(command) => init::run(args, command),
        Command::Ingest(command) => ingest::run(args, command),
        Command::Hits(command) => hits::run(args, command),
        Command::Look(command) => look::run(args, command),
        Command::Show(command) => show::run(args, command),
        Command::Batches(command) => batches::run(args, command),
        Command::Undo(command) => undo::run(args, command),
        Command::Retry(command) => ingest::retry(args, command),
        Command::Export(command) => export::run(args, command),
        Command::Audience(command) => audience::run(args, command),
        Command::Source(command) => source::run(args, command),
        Command::SameAs(command) => same_as::run(args, command),
        Command::Warninglists(command) => warninglists::run(args, command),
        Command::Check(command) => check::run(args, command),
        Command::Serve(command) => serve::run(args, command),
        Command::Store(command) => store::run(args, command),
        Command::Demo(command) => demo::run(args, command),
        Command::Completions { shell } => {
            clap_complete::generate(*shell, &mut Args::command(), "comity", &mut std::io::stdout());
            Ok(Code::Done)
        }
    }
}
