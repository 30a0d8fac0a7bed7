use std::fs::{self, File};
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use comity_node::SourceChange;
use comity_node::intake::{Input, IntakeOptions, IntakeReport};
use comity_stix::label::{Handling, Pap, Party, Tlp, grading};
use comity_stix::{Kind, Label};
use comity_store::BatchId;

use crate::args::{Args, IngestArgs, LabelArgs, PurposeArg, RetryArgs};
use crate::desk::Desk;
use crate::exit::Code;
use crate::output::{grouped, printable};
use crate::place::Access;
use crate::progress::Bar;

pub(crate) fn run(desk: &Desk, args: &Args, command: &IngestArgs) -> anyhow::Result<Code> {
    let change = source_change(&command.label, &command.source)?;
    let columns = command.columns.iter().map(|column| parse_column(column)).collect::<anyhow::Result<Vec<_>>>()?;
    let files = list(desk, &command.inputs)?;
    if files.is_empty() {
        bail!("the folders named hold no files; nothing was taken in");
    }
    let place = desk.open(args, Access::Write)?;
    let source = place.node.set_source(&place.ctx, &command.source, &change)?;
    let stop = desk.stop()?;
    let bar = Bar::new(desk, total_bytes(desk, &files));
    let options = IntakeOptions {
        strict: command.strict || place.config.intake.strict,
        columns,
        progress: &|progress| bar.show(progress),
        ..IntakeOptions::noted(note(command), &stop)
    };
    let report =
        place.node.intake(&place.ctx, &source, &mut files.iter().map(|path| Ok(open(desk, path))), &options)?;
    drop(bar);
    place.close()?;
    tell(desk, args, &report)
}

pub(crate) fn retry(desk: &Desk, args: &Args, command: &RetryArgs) -> anyhow::Result<Code> {
    let parts = command.item.split_once('.').and_then(|(batch, item)| Some((batch.parse().ok()?, item.parse().ok()?)));
    let Some((batch, item)) = parts else {
        bail!(
            "{:?} is not the number of an item; `comity batches --rejected` lists them as BATCH.ITEM, like 3.0",
            command.item
        )
    };
    let repaired = match &command.with {
        Some(path) => Some(fs::read(desk.path(path)).with_context(|| format!("reading {}", path.display()))?),
        None => None,
    };
    let place = desk.open(args, Access::Write)?;
    let stop = desk.stop()?;
    let note = format!("retry of {}", command.item);
    let options = IntakeOptions::noted(note, &stop);
    let report = place.node.retry(&place.ctx, BatchId(batch), item, repaired, &options)?;
    place.close()?;
    tell(desk, args, &report)
}

/// What the label options say about a source.
pub(crate) fn source_change(label: &LabelArgs, owner: &comity_base::OrgName) -> anyhow::Result<SourceChange> {
    let parties = |texts: &[String]| texts.iter().map(|text| Party::parse(text)).collect::<Result<_, _>>();
    let mut said = Label::defaults(owner.clone());
    let silent = said.clone();
    said.tlp = label.tlp.as_deref().map(Tlp::parse).transpose()?.or(said.tlp);
    said.pap = label.pap.as_deref().map(Pap::parse).transpose()?.or(said.pap);
    said.handling = label.handling.iter().map(|text| Handling::parse(text)).collect::<Result<_, _>>()?;
    if !label.release_to.is_empty() {
        said.release_to = Some(parties(&label.release_to)?);
    }
    said.deny = parties(&label.deny)?;
    said.need = label.need.iter().cloned().collect();
    if !label.only_for.is_empty() {
        said.purposes = Some(label.only_for.iter().map(|purpose| purpose_name(*purpose).to_owned()).collect());
    }
    said.retain_until = label.retain_until;
    said.grading = label.grading.iter().map(|text| grading(text)).collect::<Result<_, _>>()?;
    let defaults = (said != silent).then_some(said);
    let onward = label.onward.as_deref().map(str::parse).transpose()?;
    Ok(SourceChange { country: label.country.clone(), groups: label.group.clone(), onward, defaults })
}

fn purpose_name(purpose: PurposeArg) -> &'static str {
    comity_node::Purpose::from(purpose).name()
}

fn parse_column(text: &str) -> anyhow::Result<(String, Option<Kind>)> {
    let Some((column, kind)) = text.rsplit_once('=') else {
        bail!("--column {text:?} must look like COLUMN=KIND, for example account=iban or 3=phone")
    };
    if kind == "ignore" {
        return Ok((column.to_owned(), None));
    }
    let Some(kind) = Kind::from_name(kind) else {
        let known = Kind::ALL.iter().map(|kind| kind.name()).collect::<Vec<_>>().join(", ");
        bail!("--column {text:?}: there is no kind {kind:?}; the kinds are {known}, and ignore")
    };
    Ok((column.to_owned(), Some(kind)))
}

fn note(command: &IngestArgs) -> String {
    let names = command.inputs.iter().take(5).map(|path| path.display().to_string()).collect::<Vec<_>>().join(" ");
    let rest = command.inputs.len().saturating_sub(5);
    if rest == 0 { format!("ingest {names}") } else { format!("ingest {names} and {rest} more") }
}

/// Every file named, with folders walked in order of name; hidden files are left out.
pub(crate) fn list(desk: &Desk, inputs: &[PathBuf]) -> anyhow::Result<Vec<PathBuf>> {
    let mut out = Vec::new();
    let mut todo: Vec<PathBuf> = inputs.iter().rev().cloned().collect();
    while let Some(path) = todo.pop() {
        let real = desk.path(&path);
        if !real.is_dir() {
            if path != Path::new("-") && !real.exists() {
                bail!("there is no file {}; nothing was taken in", path.display());
            }
            out.push(path);
            continue;
        }
        let mut inside = Vec::new();
        for entry in fs::read_dir(&real).with_context(|| format!("reading the folder {}", path.display()))? {
            let entry = entry?;
            // A link to a folder could lead round in a circle.
            let link_to_folder = entry.file_type()?.is_symlink() && entry.path().is_dir();
            if !entry.file_name().to_string_lossy().starts_with('.') && !link_to_folder {
                inside.push(path.join(entry.file_name()));
            }
        }
        inside.sort();
        todo.extend(inside.into_iter().rev());
    }
    Ok(out)
}

fn total_bytes(desk: &Desk, files: &[PathBuf]) -> Option<u64> {
    files
        .iter()
        .map(|path| fs::metadata(desk.path(path)).ok().filter(fs::Metadata::is_file).map(|meta| meta.len()))
        .sum()
}

pub(crate) fn open(desk: &Desk, path: &Path) -> Input {
    let name = path.display().to_string();
    if path == Path::new("-") {
        return Input { name: "stdin".into(), reader: desk.input() };
    }
    let reader: Box<dyn Read> = match File::open(desk.path(path)) {
        Ok(file) => Box::new(BufReader::with_capacity(1 << 18, file)),
        // Reported with its name like any other stream that cannot be read; the others go on.
        Err(error) => Box::new(Failing(Some(error))),
    };
    Input { name, reader }
}

/// A stream whose first read tells why it could not be opened.
struct Failing(Option<io::Error>);

impl Read for Failing {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        self.0.take().map_or(Ok(0), Err)
    }
}

/// Prints what an intake did.
pub(crate) fn tell(desk: &Desk, args: &Args, report: &IntakeReport) -> anyhow::Result<Code> {
    if args.json {
        desk.line(report)?;
    } else {
        tell_people(desk, report)?;
    }
    let failed = report.files.iter().any(|file| file.failed.is_some());
    let rejected = report.batch.as_ref().is_some_and(|batch| batch.counts.rejected > 0);
    Ok(if failed || rejected || report.stopped { Code::Partly } else { Code::Done })
}

fn tell_people(desk: &Desk, report: &IntakeReport) -> anyhow::Result<()> {
    let Some(batch) = &report.batch else { return Ok(()) };
    let counts = &batch.counts;
    desk.say(format_args!(
        "Batch {} of {}: {} objects from {} files; {} stored, {} already there, {} set aside, {} values found.",
        batch.id,
        batch.owner,
        grouped(counts.objects),
        grouped(counts.files),
        grouped(counts.added),
        grouped(counts.unchanged),
        grouped(counts.rejected),
        grouped(counts.values),
    ))?;
    for file in report.files.iter().filter(|file| file.failed.is_some() || file.already_in.is_some()).take(20) {
        if let Some(why) = &file.failed {
            desk.say(format_args!("  not read to its end: {}", printable(why)))?;
        }
        if let Some(batch) = file.already_in {
            desk.say(format_args!(
                "  {} is already in, as part of batch {batch}; nothing was taken in again",
                printable(&file.name)
            ))?;
        }
    }
    if report.stopped {
        desk.say("  Stopped before the end; what was read is kept. Run the same command again to go on.")?;
    }
    let (advice, telling): (Vec<_>, Vec<_>) = report.findings.iter().partition(|finding| finding.severity == "should");
    for finding in telling.iter().take(6) {
        desk.say(format_args!("  {} x {}: {}", grouped(finding.count), finding.code, printable(&finding.example)))?;
    }
    let more = telling.len().saturating_sub(6);
    if more > 0 {
        desk.say(format_args!("  and {more} more kinds of findings (comity batches --json)"))?;
    }
    if !advice.is_empty() {
        let count = advice.iter().map(|finding| finding.count).sum();
        desk.say(format_args!(
            "  {} times a recommendation of STIX 2.1 is not followed, in {} ways (comity batches --json)",
            grouped(count),
            advice.len()
        ))?;
    }
    if counts.rejected > 0 {
        desk.say(format_args!("  See what was set aside: comity batches --rejected {}", batch.id))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_named_or_numbered() {
        assert_eq!(parse_column("account=iban").unwrap(), ("account".to_owned(), Some(Kind::Iban)));
        assert_eq!(parse_column("a=b=ignore").unwrap(), ("a=b".to_owned(), None));
        assert!(parse_column("account").is_err());
        assert!(parse_column("account=shoe-size").unwrap_err().to_string().contains("iban"));
    }

    #[test]
    fn folders_are_walked_in_order_of_name_without_hidden_files() {
        let (folder, desk) = (tempfile::tempdir().unwrap(), Desk::own());
        for name in ["b/2.json", "b/.hidden", "a.json", "b/1.json"] {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "{}").unwrap();
        }
        let listed = list(&desk, &[folder.path().to_owned()]).unwrap();
        let names: Vec<_> =
            listed.iter().map(|path| path.strip_prefix(folder.path()).unwrap().display().to_string()).collect();
        assert_eq!(names, ["a.json", "b/1.json", "b/2.json"]);
        assert!(list(&desk, &[folder.path().join("nowhere")]).is_err());
    }
}
