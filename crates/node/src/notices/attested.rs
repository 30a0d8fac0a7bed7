use std::str::FromStr as _;

use comity_base::{OrgName, Timestamp};
use comity_crypto::{PublicKey, Signature, hex, sha256};
use comity_law::gate::{ATTESTATION_CONTEXT, Attestation};
use comity_law::notice::Notice;
use comity_stix::Doc;

use crate::{Node, NodeError};

impl Node {
    /// Whether a notice that comes in passed the gate of whoever owns it, as their node states with its signature: nobody is
    /// hunted here by what nobody answers for. Otherwise why it is set aside: a code and a sentence.
    pub(crate) fn notice_is_attested(
        &self,
        doc: &Doc<'_>,
        owner: &OrgName,
    ) -> Result<Result<(), (&'static str, String)>, NodeError> {
        let notice = match Notice::of(doc.root()) {
            Ok(notice) => notice,
            Err(error) => return Ok(Err(("notice-unreadable", format!("The notice cannot be read: {error}.")))),
        };
        let refused = |reason: String| Ok(Err(("notice-not-attested", reason)));
        if notice.source != *owner {
            return refused(format!("The notice says that it is of {}, and {owner} owns it.", notice.source));
        }
        let Some(attested) = &notice.attestation else {
            return refused("The notice has no attestation that it passed the gate of its owner's node.".into());
        };
        let parsed = (PublicKey::from_str(&attested.key), Signature::from_str(&attested.signature));
        let (Ok(key), Ok(signature)) = parsed else {
            return refused("The attestation of the notice has no key or signature that can be read.".into());
        };
        if !self.speaks_for(owner, &key)? {
            return refused(format!("The attestation is signed with a key that is not known as one of {owner}."));
        }
        let said = attested.said.as_bytes();
        if key.verify(ATTESTATION_CONTEXT, said, &signature).is_err() {
            return refused("The signature of the attestation does not fit what it says.".into());
        }
        let digest = hex(&sha256(notice.screened_json().as_bytes()));
        let stands = Attestation::read(said).map_err(|error| error.to_string()).and_then(|attestation| {
            attestation.stands_for(&digest, owner, Timestamp::from_micros(i64::MAX)).map_err(|error| error.to_string())
        });
        match stands {
            Ok(()) => Ok(Ok(())),
            Err(why) => refused(format!("The attestation does not stand for the notice: {why}.")),
        }
    }

    /// Whether a key is one of an organisation's node, this one included.
    fn speaks_for(&self, owner: &OrgName, key: &PublicKey) -> Result<bool, NodeError> {
        if let Some(own) = self.ourselves.as_ref().filter(|own| own.name == *owner) {
            return Ok(*key == self.signer.public_key() || own.keys.contains(key));
        }
        Ok(self.peer(owner)?.is_some_and(|peer| peer.keys.contains(key)))
    }
}
