use anyhow::Context as _;
use comity_base::OrgName;

use super::keys::sealed;
use crate::args::{Args, InitArgs};
use crate::config::NodeConfig;
use crate::desk::Desk;
use crate::exit::Code;
use crate::place;

pub(crate) fn run(desk: &Desk, args: &Args, command: &InitArgs) -> anyhow::Result<Code> {
    let last = command.folder.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let organisation = OrgName::parse(last)
        .context("the folder's name becomes the organisation's short name; choose one like `ee` or `lab-north`")?;
    let node = NodeConfig {
        organisation,
        name: command.name.clone(),
        country: command.country.clone(),
        kind: command.kind.into(),
    };
    let opened_with = place::create(&command.folder, &node, args)?;
    let folder = command.folder.display();
    if args.json {
        desk.line(&serde_json::json!({
            "folder": command.folder, "organisation": node.organisation, "country": node.country,
            "unlock": opened_with.as_ref().map(ToString::to_string),
        }))?;
    } else {
        desk.say(format_args!(
            "Made the node {} ({}, {}) in {folder}: comity.toml, keys, store.\n\
             Keep a copy of {folder}/keys in a safe place. {}\nNext:\n\n  cd {folder}\n  comity ingest --as {} FILE...",
            node.organisation,
            node.name,
            node.country,
            sealed(opened_with.as_ref()),
            node.organisation
        ))?;
    }
    Ok(Code::Done)
}
