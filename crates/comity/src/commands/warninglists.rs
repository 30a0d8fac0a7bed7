use std::fs;

use super::ingest::list;
use crate::args::{Args, WarninglistsAction, WarninglistsArgs};
use crate::desk::Desk;
use crate::exit::Code;
use crate::output::{grouped, printable};
use crate::place::Access;

pub(crate) fn run(desk: &Desk, args: &Args, command: &WarninglistsArgs) -> anyhow::Result<Code> {
    let WarninglistsAction::Add { dir } = &command.action;
    let files = list(desk, std::slice::from_ref(dir))?;
    if files.is_empty() {
        anyhow::bail!("the folder named holds no files; nothing was added");
    }
    let place = desk.open(args, Access::Settings)?;
    let json = files.into_iter().filter(|path| path.extension().is_some_and(|end| end == "json"));
    let mut readable = json.filter_map(|path| Some((path.display().to_string(), fs::read(desk.path(&path)).ok()?)));
    let done = place.node.add_lists(&place.ctx, &mut readable)?;
    place.close()?;
    if args.json {
        desk.line(&done)?;
    } else {
        let entries: usize = done.added.iter().map(|(_, entries)| entries).sum();
        desk.say(format_args!("{} lists with {} entries are in use.", done.added.len(), grouped(entries as u64)))?;
        for (file, why) in done.refused.iter().take(10) {
            desk.say(format_args!("  {} is no warning list: {}", printable(file), printable(why)))?;
        }
    }
    Ok(if done.refused.is_empty() { Code::Done } else { Code::Partly })
}
