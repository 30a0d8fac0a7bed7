use comity_node::intake::IntakeOptions;
use comity_node::{SameAs, SourceChange};

use super::ingest::tell;
use crate::args::{Args, SameAsArgs};
use crate::desk::Desk;
use crate::exit::Code;
use crate::place::Access;

pub(crate) fn run(desk: &Desk, args: &Args, command: &SameAsArgs) -> anyhow::Result<Code> {
    let place = desk.open(args, Access::Write)?;
    let source = place.node.set_source(&place.ctx, &command.source, &SourceChange::default())?;
    let same = SameAs { one: command.one.clone(), other: command.other.clone(), because: command.because.clone() };
    let stop = desk.stop()?;
    let note = format!("{} is the same as {}", same.one, same.other);
    let options = IntakeOptions { strict: true, ..IntakeOptions::noted(note, &stop) };
    let report = place.node.assert_same(&place.ctx, &source, &same, &options)?;
    place.close()?;
    tell(desk, args, &report)
}
