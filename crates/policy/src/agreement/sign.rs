use comity_base::OrgName;
use comity_crypto::{PublicKey, SigningKey};

use super::{Agreement, AgreementError, PartySignature};

/// The context in which agreements are signed; a signature given for anything else counts for nothing here.
pub const SIGNATURE_CONTEXT: &str = "agreement";

/// Whether a key is held to be that organisation's. An agreement names its parties' keys itself, so whoever
/// wrote it could have named any: the answer must come from elsewhere.
pub type Trust<'t> = &'t dyn Fn(&OrgName, &PublicKey) -> bool;

impl Agreement {
    /// Signs it for one party. A signature that party gave before is replaced.
    ///
    /// # Errors
    /// When that is no party, or the agreement names another key for it.
    pub fn sign(&mut self, party: &OrgName, key: &SigningKey) -> Result<(), AgreementError> {
        let stranger = || AgreementError::Stranger { party: party.clone(), name: self.name.clone() };
        let (named, given) = (self.party(party).ok_or_else(stranger)?.key, key.public_key());
        if named != given {
            return Err(AgreementError::OtherKey { party: party.clone(), named, given });
        }
        let value = key.sign(SIGNATURE_CONTEXT, &self.signing_bytes());
        self.put(PartySignature { party: party.clone(), key: given, value });
        Ok(())
    }

    /// Takes over the signatures of another copy of the same version. Whether it was the same.
    pub fn take_signatures(&mut self, other: &Self) -> bool {
        let same = self.signing_bytes() == other.signing_bytes();
        for signature in other.signatures.iter().filter(|_| same) {
            if !self.signatures.iter().any(|own| own.party == signature.party) {
                self.put(signature.clone());
            }
        }
        same
    }

    /// The parties whose signature verifies with the key the agreement names for them, when that key is theirs.
    pub fn signed_by(&self, trust: Trust<'_>) -> Vec<&OrgName> {
        let message = self.signing_bytes();
        let counts = |signature: &&PartySignature| {
            self.party(&signature.party).is_some_and(|party| {
                party.key == signature.key
                    && trust(&party.name, &party.key)
                    && party.key.verify(SIGNATURE_CONTEXT, &message, &signature.value).is_ok()
            })
        };
        self.signatures.iter().filter(counts).map(|signature| &signature.party).collect()
    }

    /// Of several versions of one agreement the highest that both parties signed.
    pub fn latest_signed<'a>(versions: impl IntoIterator<Item = &'a Self>, trust: Trust<'_>) -> Option<&'a Self> {
        let signed = versions.into_iter().filter(|version| version.signed_by(trust).len() == 2);
        signed.max_by_key(|version| (version.version, version.modified))
    }

    fn put(&mut self, signature: PartySignature) {
        self.signatures.retain(|old| old.party != signature.party);
        self.signatures.push(signature);
        self.signatures.sort_by(|one, two| one.party.cmp(&two.party));
    }
}
