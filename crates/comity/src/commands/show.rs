use comity_base::{Position, Timestamp};
use comity_node::{AsOf, Shown};
use serde_json::{json, value::RawValue};

use crate::args::{Args, ShowArgs};
use crate::exit::Code;
use crate::output::{self, printable};
use crate::place::{Access, Place};

pub(crate) fn run(args: &Args, command: &ShowArgs) -> anyhow::Result<Code> {
    let as_of = match command.as_of.as_deref() {
        None => AsOf::Now,
        Some(text) => match text.parse() {
            Ok(position) => AsOf::Position(Position(position)),
            Err(_) => AsOf::Time(Timestamp::parse_end_of(text)?),
        },
    };
    let place = Place::open(args, Access::Read)?;
    let versions = place.node.show(&place.ctx, &command.id, as_of)?;
    let current = versions.iter().any(|version| version.current);
    for version in versions.iter().filter(|version| command.all || version.current) {
        if args.json { tell_json(version)? } else { tell(version)? }
    }
    if !current && !args.json {
        output::say(format_args!("All {} versions of it were taken back; --all shows them.", versions.len()))?;
    }
    Ok(Code::Done)
}

fn tell_json(version: &Shown) -> anyhow::Result<()> {
    let raw = std::str::from_utf8(&version.raw)?;
    // Line ends inside the object would break the one-record-a-line form; they are only white space in JSON.
    let raw: Box<RawValue> = RawValue::from_string(raw.replace(['\n', '\r'], " ").trim().to_owned())?;
    output::line(&json!({
        "owner": version.owner,
        "position": version.position,
        "current": version.current,
        "label": *version.standing.label,
        "batch": version.batch,
        "file": version.file,
        "offset": version.offset,
        "object": raw,
    }))
}

fn tell(version: &Shown) -> anyhow::Result<()> {
    let batch = version.batch.map_or_else(|| "no batch".to_owned(), |batch| format!("batch {batch}"));
    output::say(format_args!(
        "{} holds it at position {}{}, from {} byte {} in {batch}",
        version.owner,
        version.position,
        if version.current { "" } else { " (not current)" },
        if version.file.is_empty() { "the node itself".to_owned() } else { printable(&version.file) },
        version.offset,
    ))?;
    output::say(format_args!("label: {}", version.standing.label.to_json()))?;
    if !version.standing.unresolved.is_empty() {
        let ids: Vec<_> = version.standing.unresolved.iter().map(ToString::to_string).collect();
        output::say(format_args!("markings whose meaning is not known here, so it is released to nobody: {}", ids.join(", ")))?;
    }
    // Re-read for people only; the bytes themselves are what --json and export give.
    let pretty: serde_json::Value = serde_json::from_slice(&version.raw)?;
    output::say(printable(&serde_json::to_string_pretty(&pretty)?))?;
    output::say("")
}
