use anyhow::Context as _;
use comity_node::hits::HitShown;

use super::{hits, questions, search_hit};
use crate::args::{Args, HitArgs};
use crate::desk::Desk;
use crate::exit::Code;
use crate::output::printable;
use crate::place::Access;

pub(crate) fn run(desk: &Desk, args: &Args, command: &HitArgs) -> anyhow::Result<Code> {
    if let Some(action) = &command.action {
        return search_hit::run(desk, args, action);
    }
    let key = command.key.as_ref().context("name the hit by its key")?;
    let verdict = command.verdict();
    let place = desk.open(args, if verdict.is_some() { Access::Settings } else { Access::Read })?;
    let shown = match &verdict {
        Some(verdict) => place.node.decide_hit(&place.ctx, key, verdict, &command.note, None)?,
        None => place.node.hit(&place.ctx, key)?,
    };
    if args.json {
        desk.line(&shown)?;
    } else {
        tell(desk, &shown)?;
    }
    Ok(Code::Done)
}

fn tell(desk: &Desk, shown: &HitShown) -> anyhow::Result<()> {
    let row = &shown.row;
    hits::tell(desk, 1, &row.hit, usize::MAX)?;
    if let Some(found) = row.found {
        desk.say(format_args!("   Both sides hold something of it since {found}."))?;
    }
    hits::stands(desk, row)?;
    for step in &shown.history {
        let asked: Vec<&str> = step.asked.iter().map(comity_base::OrgName::as_str).collect();
        let asked = if asked.is_empty() { String::new() } else { format!(" ({})", asked.join(", ")) };
        let note = if step.note.is_empty() { String::new() } else { format!(": {}", printable(&step.note)) };
        desk.say(format_args!("{} {} {}{asked}{note}", step.at, printable(&step.by), step.state.name()))?;
    }
    shown.questions.iter().try_for_each(|question| questions::tell(desk, question))
}
