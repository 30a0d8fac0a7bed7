use super::ingest::source_change;
use crate::args::{Args, SourceArgs};
use crate::exit::Code;
use crate::output;
use crate::place::{Access, Place};

pub(crate) fn run(args: &Args, command: &SourceArgs) -> anyhow::Result<Code> {
    let sources = match &command.name {
        Some(name) => {
            let change = source_change(&command.label, name)?;
            vec![Place::open(args, Access::Write)?.node.set_source(name, &change)?]
        }
        None => Place::open(args, Access::Read)?.node.sources()?,
    };
    if args.json {
        sources.iter().try_for_each(output::line)?;
        return Ok(Code::Done);
    }
    let rows = sources.iter().map(|source| {
        let groups = source.groups.iter().cloned().collect::<Vec<_>>().join(", ");
        vec![source.name.to_string(), source.country.clone().unwrap_or_default(), groups, source.defaults.to_json()]
    });
    output::table(
        &["organisation", "country", "groups", "label of what it brings, where the data says nothing"],
        rows,
    )?;
    Ok(Code::Done)
}
