use anyhow::Context as _;
use comity_base::OrgName;
use comity_node::GateNo;
use comity_node::hits::Question;

use crate::args::{Args, QuestionsArgs};
use crate::desk::Desk;
use crate::exit::Code;
use crate::output::printable;
use crate::place::Access;

pub(crate) fn run(desk: &Desk, args: &Args, command: &QuestionsArgs) -> anyhow::Result<Code> {
    let [which, text] = command.answer.as_slice() else { return list(desk, args) };
    let (from, id) = which.split_once('/').context("a question is named FROM/ID, as `comity questions` shows it")?;
    let place = desk.open(args, Access::Settings)?;
    let answered = place.node.answer_question(&place.ctx, &OrgName::parse(from)?, id, text)?;
    if args.json {
        desk.line(&answered)?;
    } else {
        tell(desk, &answered)?;
    }
    Ok(Code::Done)
}

fn list(desk: &Desk, args: &Args) -> anyhow::Result<Code> {
    let place = desk.open(args, Access::Read)?;
    let all = place.node.questions(&place.ctx)?;
    if args.json {
        all.iter().try_for_each(|question| desk.line(question))?;
        return Ok(Code::Done);
    }
    if all.is_empty() {
        desk.say("Nobody was asked, and nobody asks.")?;
    }
    all.iter().try_for_each(|question| tell(desk, question))?;
    Ok(Code::Done)
}

/// Prints a question with its answer.
pub(super) fn tell(desk: &Desk, question: &Question) -> anyhow::Result<()> {
    let Question { id, peer, is_ours, about, name, text, asked, by, answer, message, doubtful, .. } = question;
    let who = match (is_ours, by) {
        (true, Some(by)) => format!("{} asked {peer}", printable(by)),
        (true, None) => format!("this organisation asked {peer}"),
        (false, _) => format!("{peer} asks"),
    };
    let name = name.as_ref().map_or_else(|| "not known here".to_owned(), |name| format!("\"{}\"", printable(name)));
    desk.say(format_args!("{peer}/{id}"))?;
    desk.say(format_args!("   {asked} {who} about {about} ({name}):"))?;
    desk.say(format_args!("   {}", printable(text)))?;
    doubts(desk, message.as_ref(), doubtful)?;
    match answer {
        Some(answer) => {
            let by = answer.by.as_ref().map_or_else(String::new, |by| format!(" by {}", printable(by)));
            desk.say(format_args!("   answered at {}{by}: {}", answer.at, printable(&answer.text)))?;
            doubts(desk, answer.message.as_ref(), &answer.doubtful)
        }
        None => desk.say("   waits for an answer"),
    }
}

/// What this node finds in a text of another that the other's did not say.
fn doubts(desk: &Desk, message: Option<&GateNo>, codes: &[String]) -> anyhow::Result<()> {
    match message {
        Some(no) if !codes.is_empty() => {
            let codes = codes.join(", ");
            desk.say(format_args!("   DOUBTFUL: its sender did not say {codes}; `comity gate report {no}` reports it"))
        }
        _ => Ok(()),
    }
}
