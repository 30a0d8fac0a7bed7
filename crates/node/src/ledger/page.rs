use comity_ledger::{EntryKind, Handle};
use roaring::RoaringTreemap;
use serde_json::json;

use crate::NodeError;
use crate::ledger::Deed;
use crate::release::Leaving;

impl Leaving<'_> {
    /// What the ledger is told of it: exactly which versions, in few bytes, to whom, how, under which agreement.
    pub(crate) fn deed(&self, handle: Option<Handle>, root: Option<&str>) -> Result<Deed, NodeError> {
        let leaving = self;
        let positions: RoaringTreemap = leaving.positions.iter().map(|position| position.0).collect();
        let subject = json!({"positions": pack(&positions)?});
        let agreement = leaving.agreement.map(|(id, version)| json!({"id": id.to_string(), "version": version}));
        let content = json!({
            "released": leaving.positions.len(),
            "to": leaving.recipient,
            "by": leaving.channel.name(),
            "agreement": agreement,
            "root": root,
        });
        let kind = if handle.is_some() { EntryKind::Sent } else { EntryKind::Release };
        Ok(Deed { kind, subject, content, handle })
    }
}

/// A set of positions as text.
pub(crate) fn pack(positions: &RoaringTreemap) -> Result<String, NodeError> {
    let mut bytes = Vec::new();
    positions.serialize_into(&mut bytes).map_err(NodeError::io("writing positions"))?;
    Ok(comity_crypto::base64(&bytes))
}

/// Reads [`pack`].
pub(super) fn unpack(text: &str) -> Option<RoaringTreemap> {
    RoaringTreemap::deserialize_from(&comity_crypto::unbase64(text)?[..]).ok()
}
