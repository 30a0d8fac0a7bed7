//! The `comity` binary: command line, configuration, wiring.
//!
//! `main` parses the command line, finds the node, runs one command and turns its error into words
//! and an exit code. The commands are thin: each calls one or two use cases of `comity-node` and
//! prints what they return.

mod args;
mod clock;
mod commands;
mod config;
mod engine;
mod exit;
mod output;
mod place;
mod progress;

use std::process::ExitCode;

use clap::Parser as _;

fn main() -> ExitCode {
    let args = args::Args::parse();
    match commands::run(&args) {
        Ok(code) => code.into(),
        Err(error) => {
            let code = exit::Code::of(&error);
            // A reader that has seen enough (`| head`) is no failure to talk about.
            if code != exit::Code::PipeClosed {
                output::error(&error);
            }
            code.into()
        }
    }
}
