//! MISP events (MISP core format) as STIX 2.1, by the conventions of misp-stix.
//!
//! Every attribute becomes one indicator, one observed-data, one custom object, or a reference of the
//! report, or is set aside; every MISP object becomes one of the same with its attributes beside it.
//! What STIX has no place for is kept in `x_misp_` members and `misp:` labels, so the event can be
//! written again. What becomes nothing is counted in a notice that says why.

mod analyst;
mod attribute;
mod event;
mod galaxy;
mod marks;
mod members;
mod object;
mod out;
mod sco;
mod sighting;
mod skipped;
pub(crate) mod write;

use std::io::Read;

use out::Out;

use crate::stix::split::{MISP, Piece, Splitter};
use crate::{Context, Flow, ReadError, Sink, SourceFile, Unreadable};

/// Hands everything in a stream of MISP events or attributes to the sink as STIX 2.1.
pub(crate) fn read_misp(
    reader: &mut dyn Read,
    file: SourceFile<'_>,
    ctx: &Context,
    sink: &mut dyn Sink,
) -> Result<Flow, ReadError> {
    let mut splitter = Splitter::new(reader, MISP, ctx.limits.item_bytes);
    let mut out = Out::new(ctx, sink);
    while let Some(piece) = splitter.next().map_err(|e| ReadError::from_io(file.name, e))? {
        let flow = match piece {
            Piece::Item { raw, offset } => event::item(raw, offset, &mut out),
            Piece::Aside { offset, code, reason, item } => out.reject(Unreadable { offset, code, reason, item }),
        };
        if flow.is_break() {
            return Ok(flow);
        }
    }
    Ok(Flow::Continue(()))
}

#[cfg(test)]
mod tests;
