use std::io::Cursor;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

use anyhow::Context as _;
use comity_base::OrgName;
use comity_node::SourceChange;
use comity_node::hits::HitOptions;
use comity_node::intake::{Input, IntakeOptions};
use comity_stix::Label;
use comity_stix::label::{Party, Tlp};

use super::{audience, hits};
use crate::args::{Args, DemoArgs};
use crate::config::NodeConfig;
use crate::desk::Desk;
use crate::exit::Code;
use crate::output::{grouped, printable};
use crate::place::{self, Access, Place};

/// The example files, built in so that the demo runs anywhere.
const CASE: (&str, &[u8]) = ("case-2041.misp.json", include_bytes!("../../../../examples/case-2041.misp.json"));
const REPORT: (&str, &[u8]) = ("quietparcel.stix.json", include_bytes!("../../../../examples/quietparcel.stix.json"));
const NOTES: (&str, &[u8]) = ("field-notes.txt", include_bytes!("../../../../examples/field-notes.txt"));
const BANK: (&str, &[u8]) = ("bank-transfers.csv", include_bytes!("../../../../examples/bank-transfers.csv"));

/// One organisation of the story.
struct Side {
    name: &'static str,
    who: &'static str,
    country: Option<&'static str>,
    tlp: Tlp,
    release_to: &'static [&'static str],
    files: &'static [(&'static str, &'static [u8])],
}

const SIDES: &[Side] = &[
    Side {
        name: "ee-police",
        who: "the Estonian police, who seized a server in Tallinn",
        country: Some("EE"),
        tlp: Tlp::Amber,
        release_to: &["group:community"],
        files: &[CASE],
    },
    Side {
        name: "lab-north",
        who: "a threat-research lab that follows a loader",
        country: None,
        tlp: Tlp::Green,
        release_to: &[],
        files: &[REPORT, NOTES],
    },
    Side {
        name: "us-bank",
        who: "a bank in the United States that lost money",
        country: Some("US"),
        tlp: Tlp::Amber,
        release_to: &["org:us-secret-service"],
        files: &[BANK],
    },
];

pub(crate) fn run(desk: &Desk, args: &Args, command: &DemoArgs) -> anyhow::Result<Code> {
    let temporary = Temporary::new()?;
    let folder = command.keep.clone().unwrap_or_else(|| temporary.0.join("comity-demo"));
    let organisation = OrgName::parse("hub")?;
    let node = NodeConfig { organisation, name: "Demonstration hub".into(), country: "EE".into(), kind: comity_node::PeerKind::Hub };
    place::create(&folder, &node, args)?;
    let place = Place::open_in(&folder, args, Access::Write)?;
    desk.say("Someone in Estonia robs a bank in the United States. Three organisations hold a piece each.\n")?;
    take_in(desk, &place, command.examples.as_deref())?;
    linked(desk, &place)?;
    looked(desk, &place)?;
    seen(desk, &place)?;
    place.close()?;
    if let Some(folder) = &command.keep {
        desk.say(format_args!("The node is kept in {0}; try: comity --data {0} hits", folder.display()))?;
    } else {
        desk.say("Run it with --keep DIR to look around in the node afterwards.")?;
    }
    Ok(Code::Done)
}

fn take_in(desk: &Desk, place: &Place, examples: Option<&Path>) -> anyhow::Result<()> {
    desk.say("WHAT CAME IN")?;
    for side in SIDES {
        let owner = OrgName::parse(side.name)?;
        let mut defaults = Label::defaults(owner.clone());
        defaults.tlp = Some(side.tlp);
        if !side.release_to.is_empty() {
            defaults.release_to =
                Some(side.release_to.iter().map(|party| Party::parse(party)).collect::<Result<_, _>>()?);
        }
        let change = SourceChange {
            country: side.country.map(str::to_owned),
            groups: vec!["community".into()],
            defaults: Some(defaults),
            ..SourceChange::default()
        };
        let source = place.node.set_source(&owner, &change)?;
        let stop = AtomicBool::new(false);
        for (name, bytes) in side.files {
            let bytes = match examples {
                Some(folder) => std::fs::read(folder.join(name)).with_context(|| format!("reading {name}"))?,
                None => bytes.to_vec(),
            };
            let options = IntakeOptions {
                note: format!("demo {name}"),
                strict: false,
                columns: Vec::new(),
                fence: None,
                stop: &stop,
                progress: &|_| {},
            };
            let input = Input { name: (*name).to_owned(), reader: Box::new(Cursor::new(bytes)) };
            let report = place.node.intake(&place.ctx, &source, &mut std::iter::once(Ok(input)), &options)?;
            let Some(batch) = &report.batch else { continue };
            let format = report.files.first().map_or("", |file| file.format.as_str());
            desk.say(format_args!(
                "  {}, {}: {name} ({format}) gave {} objects and {} values; {} items set aside.",
                side.name, side.who, batch.counts.added, batch.counts.values, batch.counts.rejected
            ))?;
        }
    }
    let change = SourceChange { country: Some("US".into()), groups: vec!["community".into()], ..SourceChange::default() };
    place.node.set_source(&OrgName::parse("us-secret-service")?, &change)?;
    desk.say("")
}

fn linked(desk: &Desk, place: &Place) -> anyhow::Result<()> {
    let found = place.node.hits(&place.ctx, &HitOptions::default())?;
    desk.say(format_args!(
        "WHAT IS LINKED ACROSS BORDERS, AND WHY ({} values are held by more than one owner)\n",
        found.shared_values
    ))?;
    for (index, hit) in found.hits.iter().take(5).enumerate() {
        hits::tell(desk, index + 1, hit, 6)?;
    }
    if found.hits.len() > 5 {
        desk.say(format_args!("  and {} weaker ones\n", found.hits.len() - 5))?;
    }
    Ok(())
}

fn looked(desk: &Desk, place: &Place) -> anyhow::Result<()> {
    desk.say("WHO KNOWS THIS WALLET")?;
    let look = place.node.look(&place.ctx, "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4", 10)?;
    for holding in look.known.iter().flat_map(|known| &known.holdings) {
        let inside: Vec<_> = holding
            .containers
            .iter()
            .map(|container| format!("{} \"{}\"", container.kind, printable(&container.name)))
            .collect();
        desk.say(format_args!(
            "  {} holds it as {}, TLP {}, in {}",
            holding.owner,
            holding.id.kind,
            holding.tlp,
            inside.join(", ")
        ))?;
    }
    desk.say("")
}

fn seen(desk: &Desk, place: &Place) -> anyhow::Result<()> {
    desk.say("WHAT EACH SIDE MAY SEE")?;
    for name in ["ee-police", "us-secret-service", "lab-north"] {
        let rows = place.node.seen_by(&place.ctx, &OrgName::parse(name)?)?;
        let (admitted, withheld) = rows.iter().fold((0, 0), |(a, w), row| (a + row.admitted, w + row.withheld));
        desk.say(format_args!("{name}: {} objects, {} withheld", grouped(admitted), grouped(withheld)))?;
        rows.iter().try_for_each(|row| audience::tell(desk, row))?;
    }
    desk.say("")
}

/// A folder that is gone when the demo is over.
struct Temporary(PathBuf);

impl Temporary {
    fn new() -> anyhow::Result<Self> {
        let folder = std::env::temp_dir().join(format!("comity-demo-{}", std::process::id()));
        std::fs::create_dir_all(&folder).with_context(|| format!("making the folder {}", folder.display()))?;
        Ok(Self(folder))
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.0));
    }
}
