use comity_base::{OrgName, Position};
use comity_node::{AsOf, Shown};
use comity_stix::Label;
use comity_store::BatchId;
use serde::Serialize;
use serde_json::value::RawValue;

use crate::args::{Args, ShowArgs};
use crate::desk::Desk;
use crate::exit::Code;
use crate::output::printable;
use crate::place::Access;

pub(crate) fn run(desk: &Desk, args: &Args, command: &ShowArgs) -> anyhow::Result<Code> {
    let place = desk.open(args, Access::Read)?;
    let versions = place.node.show(&place.ctx, &command.id, command.as_of.unwrap_or(AsOf::Now))?;
    let current = versions.iter().any(|version| version.current);
    for version in versions.iter().filter(|version| command.all || version.current) {
        if args.json { tell_json(desk, version)? } else { tell(desk, version)? }
    }
    if !current && !args.json {
        desk.say(format_args!("All {} versions of it were taken back; --all shows them.", versions.len()))?;
    }
    Ok(Code::Done)
}

/// One version in the documented form. The object's own text is passed through.
#[derive(Serialize)]
struct Record<'v> {
    owner: &'v OrgName,
    position: Position,
    current: bool,
    label: &'v Label,
    batch: Option<BatchId>,
    file: &'v str,
    offset: u64,
    object: Box<RawValue>,
}

fn tell_json(desk: &Desk, version: &Shown) -> anyhow::Result<()> {
    let raw = std::str::from_utf8(&version.raw)?;
    // Line ends inside the object would break the one-record-a-line form; they are only white space in JSON.
    let object = RawValue::from_string(raw.replace(['\n', '\r'], " ").trim().to_owned())?;
    desk.line(&Record {
        owner: &version.owner,
        position: version.position,
        current: version.current,
        label: &version.standing.label,
        batch: version.batch,
        file: &version.file,
        offset: version.offset,
        object,
    })
}

fn tell(desk: &Desk, version: &Shown) -> anyhow::Result<()> {
    let batch = version.batch.map_or_else(|| "no batch".to_owned(), |batch| format!("batch {batch}"));
    desk.say(format_args!(
        "{} holds it at position {}{}, from {} byte {} in {batch}",
        version.owner,
        version.position,
        if version.current { "" } else { " (not current)" },
        if version.file.is_empty() { "the node itself".to_owned() } else { printable(&version.file) },
        version.offset,
    ))?;
    desk.say(format_args!("label: {}", version.standing.label.to_json()))?;
    if !version.standing.unresolved.is_empty() {
        let ids: Vec<_> = version.standing.unresolved.iter().map(ToString::to_string).collect();
        desk.say(format_args!(
            "markings whose meaning is not known here, so it is released to nobody: {}",
            ids.join(", ")
        ))?;
    }
    // Re-read for people only; the bytes themselves are what --json and export give.
    let pretty: serde_json::Value = serde_json::from_slice(&version.raw)?;
    desk.say(printable(&serde_json::to_string_pretty(&pretty)?))?;
    desk.say("")
}
