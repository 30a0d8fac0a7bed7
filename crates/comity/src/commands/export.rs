use std::fs::{self, File};
use std::io::{BufWriter, Write as _};
use std::path::Path;

use anyhow::Context as _;
use comity_node::Exported;

use crate::args::{Args, ExportArgs, ExportFormat};
use crate::desk::Desk;
use crate::exit::Code;
use crate::output::grouped;
use crate::place::{Access, Place};

pub(crate) fn run(desk: &Desk, args: &Args, command: &ExportArgs) -> anyhow::Result<Code> {
    let place = desk.open(args, Access::Read)?;
    let ExportFormat::Stix = command.format;
    let done = if let Some(path) = &command.output {
        to_file(desk, &place, command, path)?
    } else {
        let mut out = BufWriter::new(desk.out());
        let done = place.node.export(&place.ctx, &command.recipient, &mut out)?;
        out.flush()?;
        done
    };
    // Standard output may be the export itself, so what people read goes beside it.
    desk.note(format_args!(
        "{} objects for {}; {} withheld by their labels (comity audience {} says why).",
        grouped(done.objects),
        done.recipient,
        grouped(done.withheld),
        done.recipient
    ));
    Ok(Code::Done)
}

/// Writes to a temporary name first: a file of the asked name is always whole.
fn to_file(desk: &Desk, place: &Place, command: &ExportArgs, path: &Path) -> anyhow::Result<Exported> {
    let failed = || format!("writing {}", path.display());
    let path = desk.path(path);
    let mut temporary = path.as_os_str().to_owned();
    temporary.push(".part");
    let mut out = BufWriter::new(File::create(&temporary).with_context(failed)?);
    let done = place.node.export(&place.ctx, &command.recipient, &mut out)?;
    out.into_inner().with_context(failed)?.sync_all().with_context(failed)?;
    fs::rename(&temporary, path).with_context(failed)?;
    Ok(done)
}
