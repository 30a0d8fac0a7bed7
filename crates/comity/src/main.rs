//! The `comity` binary: command line, configuration, wiring.
//!
//! `main` parses the command line, finds the node, runs one command and turns its error into words
//! and an exit code, here or in the process that serves the node ([`desk`]). The commands are thin: each calls one or two use cases of `comity-node` and
//! prints what they return.

mod args;
mod backup;
mod clock;
mod commands;
mod config;
mod desk;
mod engine;
mod exchange;
mod exit;
mod follows;
mod keys;
mod mirror;
mod network;
mod output;
mod pdf;
mod place;
mod progress;
mod provider;
mod quiet;
mod shown;
mod trace;

use std::process::ExitCode;

use clap::Parser as _;

fn main() -> ExitCode {
    let args = args::Args::parse();
    let _quiet = quiet::Quiet::during(&args.command);
    desk::forward(&args).unwrap_or_else(|| commands::run_told(&printer(&args), &args).into())
}

/// Where a command of this process prints.
fn printer(args: &args::Args) -> desk::Desk {
    let goes_on = matches!(args.command, args::Command::Serve(_));
    if args.json && goes_on { desk::Desk::of_records() } else { desk::Desk::own() }
}
