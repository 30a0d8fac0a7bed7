//! STIX: splitting streams into objects, upgrading 2.0, writing bundles.

mod scan;
pub(crate) mod split;
mod upgrade;
mod write;

use std::io::Read;

use split::{Piece, STIX, Splitter};
pub use write::BundleWriter;

use crate::{Context, Flow, Incoming, Notice, ReadError, Sink, SourceFile, Unreadable};

/// Hands every object of a STIX 2.1 stream to the sink, byte for byte.
pub(crate) fn read_stix21(
    reader: &mut dyn Read,
    file: SourceFile<'_>,
    ctx: &Context,
    sink: &mut dyn Sink,
) -> Result<Flow, ReadError> {
    let mut splitter = Splitter::new(reader, STIX, ctx.limits.item_bytes);
    while let Some(piece) = splitter.next().map_err(|e| ReadError::from_io(file.name, e))? {
        let flow = match piece {
            Piece::Item { raw, offset } => sink.object(Incoming { raw, offset }),
            Piece::Aside { offset, code, reason, item } => sink.rejected(Unreadable { offset, code, reason, item }),
        };
        if flow.is_break() {
            return Ok(flow);
        }
    }
    Ok(Flow::Continue(()))
}

/// Hands every object of a STIX 2.0 stream to the sink, upgraded to 2.1.
pub(crate) fn read_stix20(
    reader: &mut dyn Read,
    file: SourceFile<'_>,
    ctx: &Context,
    sink: &mut dyn Sink,
) -> Result<Flow, ReadError> {
    let mut splitter = Splitter::new(reader, STIX, ctx.limits.item_bytes);
    let mut told = false;
    while let Some(piece) = splitter.next().map_err(|e| ReadError::from_io(file.name, e))? {
        let flow = match piece {
            Piece::Aside { offset, code, reason, item } => sink.rejected(Unreadable { offset, code, reason, item }),
            Piece::Item { raw, offset } => upgraded(raw, offset, &mut told, sink),
        };
        if flow.is_break() {
            return Ok(flow);
        }
    }
    Ok(Flow::Continue(()))
}

fn upgraded(raw: &[u8], offset: u64, told: &mut bool, sink: &mut dyn Sink) -> Flow {
    let objects = match upgrade::upgrade(raw) {
        Ok(upgrade::Upgraded::Already) => return sink.object(Incoming { raw, offset }),
        Ok(upgrade::Upgraded::Objects(objects)) => objects,
        Err(e) => {
            let reason = format!("the object cannot be read as JSON ({e}); correct it at its source");
            return sink.rejected(Unreadable { offset, code: "json-broken", reason: &reason, item: raw });
        }
    };
    if !*told {
        *told = true;
        let text = "The objects are STIX 2.0 and were upgraded to 2.1; the original is kept beside them.".to_owned();
        sink.notice(Notice { offset, code: "stix-2.0-upgraded", text })?;
    }
    for object in objects {
        sink.object(Incoming { raw: object.as_bytes(), offset })?;
    }
    Flow::Continue(())
}
