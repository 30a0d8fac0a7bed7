//! `comity-verify`: checks what a node's ledger shows, without a network and without a node.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use comity_crypto::unbase64;
use comity_ledger::{Note, Policy};
use comity_verify::{Outcome, Request, read};

const HELP: &str = "\
Checks what a node's ledger shows, without a network and without a node.

  comity-verify [--key KEY]... [--signer KEY]... [--policy FILE] [--earlier CHECKPOINT]... [--entry BASE64]
                [--reconcile] PATH...

PATH is a copy of a log (a folder), a statement, a proof that an entry stands in a log, the growth from one
checkpoint to another, a checkpoint, or a report of abuse; which one it is shows by its content.

  --key KEY             a log's key: name+0123abcd+base64
  --signer KEY          a node's signing key, 64 hexadecimal digits: of whoever sent the message of a report
  --policy FILE         logs and witnesses that are believed (C2SP tlog-policy)
  --earlier FILE        a checkpoint kept from before: the log must go on from it
  --entry BASE64        the entry that a proof is about
  --reconcile           compare the copies with each other: what one log says was sent, another must have taken

Exit codes: 0 everything holds, 1 something does not, 2 wrong command line, 4 everything holds under keys that
nobody vouched for.";

fn main() -> ExitCode {
    let request = match request(std::env::args().skip(1)) {
        Ok(Some(request)) => request,
        Ok(None) => {
            println!("{HELP}");
            return ExitCode::SUCCESS;
        }
        Err(why) => {
            eprintln!("comity-verify: {why}; see --help");
            return ExitCode::from(2);
        }
    };
    match request.run(&mut |line| println!("{line}")) {
        Outcome::Good => ExitCode::SUCCESS,
        Outcome::Unvouched => ExitCode::from(4),
        Outcome::Bad => ExitCode::FAILURE,
    }
}

/// Reads the command line; none when help is asked for.
fn request(mut words: impl Iterator<Item = String>) -> Result<Option<Request>, String> {
    let mut request = Request::default();
    while let Some(word) = words.next() {
        let mut value = || words.next().ok_or_else(|| format!("{word} needs a value"));
        match word.as_str() {
            "--help" | "-h" => return Ok(None),
            "--key" => request.keys.push(value()?.parse().map_err(|error| format!("--key: {error}"))?),
            "--signer" => request.signers.push(value()?.parse().map_err(|error| format!("--signer: {error}"))?),
            "--policy" => request.policy = Some(policy(&PathBuf::from(value()?))?),
            "--earlier" => request.earlier.push(note(&PathBuf::from(value()?))?),
            "--entry" => request.entry = Some(unbase64(&value()?).ok_or("--entry is not base64")?),
            "--reconcile" => request.reconcile = true,
            path if !path.starts_with("--") => request.paths.push(PathBuf::from(path)),
            unknown => return Err(format!("{unknown} is not known")),
        }
    }
    if request.paths.is_empty() { Err("nothing to check was named".into()) } else { Ok(Some(request)) }
}

fn policy(path: &Path) -> Result<Policy, String> {
    let bytes = read(path).map_err(|error| format!("{}: {error}", path.display()))?;
    Policy::parse(&bytes).map_err(|error| format!("{}: {error}", path.display()))
}

fn note(path: &Path) -> Result<Note, String> {
    let bytes = read(path).map_err(|error| format!("{}: {error}", path.display()))?;
    Note::parse(&bytes).map_err(|error| format!("{}: {error}", path.display()))
}
