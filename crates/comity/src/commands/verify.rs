use std::path::Path;

use anyhow::Context as _;
use comity_ledger::{Note, Policy};
use comity_verify::{Outcome, Request, read};

use crate::args::VerifyArgs;
use crate::desk::Desk;
use crate::exit::Code;

pub(crate) fn run(desk: &Desk, command: &VerifyArgs) -> anyhow::Result<Code> {
    let bytes = |path: &Path| {
        let bytes = read(&desk.path(path)).map_err(anyhow::Error::msg);
        bytes.with_context(|| format!("reading {}", path.display()))
    };
    let policy = match &command.policy {
        Some(path) => Some(Policy::parse(&bytes(path)?).with_context(|| format!("reading {}", path.display()))?),
        None => None,
    };
    let earlier = command.earlier.iter().map(|path| {
        let note = Note::parse(&bytes(path)?);
        note.with_context(|| format!("reading {}", path.display()))
    });
    let request = Request {
        paths: command.paths.iter().map(|path| desk.path(path).into_owned()).collect(),
        keys: command.key.clone(),
        signers: command.signer.clone(),
        policy,
        earlier: earlier.collect::<anyhow::Result<_>>()?,
        entry: None,
        reconcile: command.reconcile,
    };
    let outcome = request.run(&mut |line| drop(desk.say(line)));
    Ok(match outcome {
        Outcome::Good => Code::Done,
        Outcome::Unvouched => Code::Partly,
        Outcome::Bad => Code::Failed,
    })
}
