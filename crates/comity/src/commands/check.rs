use comity_node::Act;

use crate::args::{Args, CheckArgs};
use crate::desk::Desk;
use crate::exit::Code;
use crate::output::grouped;
use crate::place::Access;

pub(crate) fn run(desk: &Desk, args: &Args, command: &CheckArgs) -> anyhow::Result<Code> {
    let place = desk.open(args, if command.rebuild { Access::Write } else { Access::Read })?;
    if command.rebuild {
        let reached = place.node.rebuild(&place.ctx)?;
        desk.say(format_args!("Built anew from {} positions of the log.", grouped(reached.0)))?;
        return Ok(Code::Done);
    }
    place.may(Act::Operate)?;
    let wrong = place.node.check()?;
    if args.json {
        desk.line(&serde_json::json!({"wrong": wrong}))?;
    } else if wrong.is_empty() {
        desk.say(
            "The store is whole: every position is there, every object reads back, the indexes say the same, and the ledger is \
             what was signed for.",
        )?;
    }
    for sentence in wrong.iter().filter(|_| !args.json) {
        desk.say(sentence)?;
    }
    Ok(if wrong.is_empty() { Code::Done } else { Code::Failed })
}
