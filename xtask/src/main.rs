//! Developer commands: `cargo xtask`.

mod bench;
mod clients;
mod fuzz;
mod layers;
mod peers;
mod postgres;
mod venv;
mod world;

use std::process::ExitCode;

const HELP: &str = "cargo xtask COMMAND

  layers                        check that no room uses a room on a floor above it
  bench [NAME...]               run benchmarks, print a table, write bench/results/NAME.json
  clients                       play taxii2-client, stix2 and PyMISP against a real node
  peers                         put the same work to public TAXII servers and to a node, write taxii-peers.json
  fuzz [--seconds N] [NAME...]  build the fuzz targets and run each for N seconds (60)
  postgres start | stop         the PostgreSQL server that tests share; tests start it by themselves
  world COUNT [SEED]            print a STIX bundle of COUNT made-up objects";

fn main() -> ExitCode {
    let mut words = std::env::args().skip(1);
    let command = words.next().unwrap_or_default();
    let rest: Vec<String> = words.collect();
    let done = match command.as_str() {
        "layers" => layers::check(),
        "bench" => bench::run(&rest),
        "clients" => clients::run(),
        "peers" => peers::run(),
        "fuzz" => fuzz::run(&rest),
        "postgres" => postgres::run(&rest),
        "world" => world::print(&rest),
        _ => {
            println!("{HELP}");
            return ExitCode::from(2);
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask {command}: {error:#}");
            ExitCode::FAILURE
        }
    }
}
