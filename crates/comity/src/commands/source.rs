use comity_node::Act;

use super::ingest::source_change;
use crate::args::{Args, SourceArgs};
use crate::desk::Desk;
use crate::exit::Code;
use crate::place::Access;

pub(crate) fn run(desk: &Desk, args: &Args, command: &SourceArgs) -> anyhow::Result<Code> {
    let sources = if let Some(name) = &command.name {
        let change = source_change(&command.label, name)?;
        let place = desk.open(args, Access::Settings)?;
        if change.is_empty() {
            place.may(Act::Peers)?;
        }
        vec![place.node.set_source(&place.ctx, name, &change)?]
    } else {
        let place = desk.open(args, Access::Read)?;
        place.may(Act::Peers)?;
        place.node.sources()?
    };
    if args.json {
        sources.iter().try_for_each(|source| desk.line(source))?;
        return Ok(Code::Done);
    }
    let rows = sources.iter().map(|source| {
        let groups = source.groups.iter().cloned().collect::<Vec<_>>().join(", ");
        vec![source.name.to_string(), source.country.clone().unwrap_or_default(), groups, source.defaults.to_json()]
    });
    desk.table(&["organisation", "country", "groups", "label of what it brings, where the data says nothing"], rows)?;
    Ok(Code::Done)
}
