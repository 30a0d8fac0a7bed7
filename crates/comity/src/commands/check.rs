use crate::args::{Args, CheckArgs};
use crate::exit::Code;
use crate::output::{self, grouped};
use crate::place::{Access, Place};

pub(crate) fn run(args: &Args, command: &CheckArgs) -> anyhow::Result<Code> {
    let place = Place::open(args, if command.rebuild { Access::Write } else { Access::Read })?;
    if command.rebuild {
        let reached = place.node.rebuild(&place.ctx)?;
        output::say(format_args!("Built anew from {} positions of the log.", grouped(reached.0)))?;
        return Ok(Code::Done);
    }
    let wrong = place.node.check()?;
    if args.json {
        output::line(&serde_json::json!({"wrong": wrong}))?;
    } else if wrong.is_empty() {
        output::say(
            "The store is whole: every position is there, every object reads back, and the indexes say the same.",
        )?;
    }
    for sentence in wrong.iter().filter(|_| !args.json) {
        output::say(sentence)?;
    }
    Ok(if wrong.is_empty() { Code::Done } else { Code::Failed })
}
