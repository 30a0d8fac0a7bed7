use comity_base::{OrgName, Timestamp};
use comity_crypto::{PublicKey, Signature, Succession};
use comity_law::gate::MESSAGE_CONTEXT;
use comity_law::notice::Attested;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::{Client, Peer, Receipt};
use crate::exchange::peers::ledger_keys;
use crate::gate::{AbuseVerdict, Came};
use crate::{Ctx, Deed, HitAnswer, Node, NodeError, Ourselves};

/// A signed message from one node to another. What is signed is the text of `message` exactly as it stands.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Signed {
    pub(crate) message: Box<RawValue>,
    pub(crate) key: PublicKey,
    pub(crate) signature: Signature,
    /// How the sender's keys followed each other, for a receiver who knows an older one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) successions: Vec<Succession>,
}

/// What a message says, from whom, to whom, and when it was written.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Message<T> {
    pub(crate) from: OrgName,
    pub(crate) to: OrgName,
    pub(crate) at: Timestamp,
    pub(crate) body: T,
}

/// What nodes tell each other beside their pages. Each may arrive twice and counts once.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Body {
    /// A version of an agreement with the signatures it has so far.
    Agreement { object: Box<RawValue> },
    /// One party's suspension of an agreement, or its end.
    Suspension { statement: Box<RawValue> },
    /// Proofs that recalls were carried out.
    Receipts {
        receipts: Vec<Receipt>,
        /// Who signed those of others, as far as the sender knows.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        directory: Vec<Ourselves>,
    },
    /// The sender's new keys and addresses, signed with a key the receiver knows.
    Renewal { ourselves: Ourselves },
    /// A question about an object that the receiver gave.
    Question {
        id: String,
        about: String,
        text: String,
        /// What the sender's node states about the gate that the text passed. Without one, what targets a person is refused.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        attestation: Option<Attested>,
    },
    /// The answer to a question of the receiver.
    Answer {
        id: String,
        text: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        attestation: Option<Attested>,
    },
    /// Somebody was found whom the receiver asked for: it is to confirm that, in 8 hours where it is urgent.
    HitAsked { id: String, about: String, urgent: bool },
    /// The hit is over, so what the receiver was asked to confirm needs no answer any more.
    HitOver { id: String },
    /// What the receiver asked to confirm is, or is not.
    HitAnswered {
        id: String,
        by: String,
        answer: HitAnswer,
        reason: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        attestation: Option<Attested>,
    },
    /// The receiver's node sent a text that should not have been sent; hubs are told too.
    Abuse { report: Attested },
    /// What became of a report of the receiver's.
    AbuseJudged { report: String, verdict: AbuseVerdict },
}

/// A message that was not taken, in words for the other side.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Unacceptable(pub String);

impl Signed {
    pub(crate) fn parse(bytes: &[u8]) -> Result<Self, NodeError> {
        serde_json::from_slice(bytes).map_err(|error| refused(format!("the message cannot be read: {error}")))
    }

    /// The message, when this key of the sender signed it in this context.
    pub(crate) fn open<T: DeserializeOwned>(&self, context: &str, keys: &[PublicKey]) -> Result<Message<T>, NodeError> {
        if !self.is_of(keys) {
            return Err(refused(format!("the message is signed with the key {}, which is not known here", self.key)));
        }
        let text = self.message.get();
        self.key
            .verify(context, text.as_bytes(), &self.signature)
            .map_err(|_| refused("the signature of the message does not fit its text".into()))?;
        serde_json::from_str(text).map_err(|error| refused(format!("the message cannot be read: {error}")))
    }
}

impl Signed {
    /// Whether it is signed with one of these keys, or with one that followed one of them: each was signed for by the
    /// one before.
    fn is_of(&self, keys: &[PublicKey]) -> bool {
        keys.contains(&self.key) || followed(keys, &self.successions).contains(&self.key)
    }
}

/// The keys that followed the newest of those that are known, each signed for by the one before, oldest first. A key that
/// has a follower already gets no other.
pub(crate) fn followed(known: &[PublicKey], successions: &[Succession]) -> Vec<PublicKey> {
    let mut all: Vec<PublicKey> = known.iter().rev().copied().collect();
    let mut open: Vec<&Succession> = successions.iter().take(SUCCESSIONS).collect();
    let leads = |all: &[PublicKey], one: &Succession| {
        all.last() == Some(&one.old) && !all.contains(&one.new) && one.check().is_ok()
    };
    while let Some(at) = open.iter().position(|one| leads(&all, one)) {
        all.push(open.swap_remove(at).new);
    }
    all.split_off(known.len())
}

pub(crate) fn refused(text: String) -> NodeError {
    NodeError::Unacceptable(Unacceptable(text))
}

impl Node {
    /// Signs a message in this node's name.
    pub(crate) fn sign<T: Serialize>(
        &self,
        ctx: &Ctx,
        context: &str,
        to: &OrgName,
        body: T,
    ) -> Result<Vec<u8>, NodeError> {
        let message = Message { from: ctx.organisation.clone(), to: to.clone(), at: ctx.now(), body };
        let broken = NodeError::setting("message");
        let text = serde_json::to_string(&message).map_err(broken)?;
        let signature = self.signer.sign(context, text.as_bytes());
        let message = RawValue::from_string(text).map_err(NodeError::setting("message"))?;
        let (key, successions) = (self.signer.public_key(), self.successions.clone());
        let signed = Signed { message, key, signature, successions };
        serde_json::to_vec(&signed).map_err(NodeError::setting("message"))
    }

    /// Takes a message from a peer that has shown who it is. Taking it twice changes nothing.
    ///
    /// # Errors
    /// [`NodeError::Unacceptable`] when it is not from that peer, not for this node, or says what cannot be.
    pub fn take_message(&self, ctx: &Ctx, peer: &Peer, bytes: &[u8]) -> Result<(), NodeError> {
        let signed = Signed::parse(bytes)?;
        let message: Message<Body> = signed.open(MESSAGE, &peer.keys)?;
        let is_newer = !peer.keys.contains(&signed.key);
        let renews = matches!(message.body, Body::Renewal { .. });
        // An old key names no new ones.
        let counts =
            is_newer || peer.keys.first() == Some(&signed.key) || (!renews && peer.speaks_by(&signed.key, message.at));
        if !counts {
            let (key, name) = (&signed.key, &peer.name);
            return Err(refused(format!("the message is signed with the key {key}, which {name} has replaced")));
        }
        if message.from != peer.name || message.to != ctx.organisation {
            let (from, to, name) = (&message.from, &message.to, &peer.name);
            return Err(refused(format!("the message is from {from} to {to}, and {name} brought it here")));
        }
        let (key, at) = (signed.key, message.at);
        let came = |attestation| Came { bytes, key, at, attestation };
        match &message.body {
            Body::Agreement { object } => self.take_agreement(ctx, peer, object.get().as_bytes()),
            Body::Suspension { statement } => self.take_suspension(ctx, peer, statement.get().as_bytes()),
            Body::Receipts { receipts, directory } => {
                self.learn_directory(ctx, peer, directory)?;
                self.take_receipts(ctx, peer, receipts)
            }
            Body::Renewal { ourselves } => self.take_renewal(ctx, peer, ourselves, at),
            Body::Question { id, about, text, attestation } => {
                self.take_question(ctx, peer, (id, about, text), &came(attestation.as_ref()))
            }
            Body::HitAsked { id, about, urgent } => self.take_hit_asked(ctx, peer, (id, about, *urgent), at),
            Body::HitOver { id } => self.take_hit_over(ctx, peer, id, at),
            Body::HitAnswered { id, by, answer, reason, attestation } => {
                self.take_hit_answered(ctx, peer, (id, by, *answer, reason), &came(attestation.as_ref()))
            }
            Body::Answer { id, text, attestation } => {
                self.take_answer(ctx, peer, (id, text), &came(attestation.as_ref()))
            }
            Body::Abuse { report } => self.take_abuse(ctx, peer, report, &came(None)),
            Body::AbuseJudged { report, verdict } => self.take_verdict(ctx, peer, (report, verdict)),
        }
    }

    /// Puts on record that this node shows itself under other keys than before, whoever changed them and how.
    ///
    /// # Errors
    /// When the store cannot be read or written.
    pub fn note_own_keys(&self, ctx: &Ctx) -> Result<(), NodeError> {
        let own = self.ourselves()?;
        let now = json!({"keys": own.keys, "pins": own.pins});
        if self.setting::<Value>(OWN_KEYS)?.is_some_and(|noted| noted == now) {
            return Ok(());
        }
        let deed = Deed::decision("keys of this node", now.clone());
        self.decide(ctx, OWN_KEYS, &now, deed)
    }

    /// Tells every peer's node of new keys and addresses of this one, once.
    ///
    /// # Errors
    /// When the store cannot be read or written.
    pub fn announce(&self, ctx: &Ctx) -> Result<(), NodeError> {
        let ourselves = self.shown(ctx)?;
        let text = serde_json::to_vec(&ourselves).map_err(NodeError::setting("ourselves"))?;
        for peer in self.peers()?.into_iter().filter(|peer| peer.client == Client::Node && peer.vouched_by.is_none()) {
            let key = format!("announced/{}", peer.name);
            if self.store.value(&key)?.is_none_or(|(_, told)| told != text) {
                self.post(ctx, &peer.name, &Body::Renewal { ourselves: ourselves.clone() })?;
                self.overwrite(&key, &text, &[])?;
            }
        }
        Ok(())
    }

    /// New keys and addresses of a peer. Its old keys stay: they verify what they signed.
    fn take_renewal(&self, ctx: &Ctx, peer: &Peer, new: &Ourselves, at: Timestamp) -> Result<(), NodeError> {
        if new.name != peer.name {
            return Err(refused(format!("{} cannot renew the keys of {}", peer.name, new.name)));
        }
        self.must_be_its_own(new)?;
        self.change_peer(ctx, (&peer.name, "new keys of a peer"), |old| {
            let old = old.unwrap_or_else(|| peer.clone());
            if old.renewed.is_some_and(|last| at <= last) {
                // An older one that arrives late, or again.
                return old;
            }
            let mut keys = new.keys.clone();
            keys.extend(old.keys.iter().filter(|key| !new.keys.contains(key)).copied());
            // What a peer is and whether it is suspended is for this node to say.
            Peer {
                keys,
                pins: new.pins.clone(),
                successions: new.successions.iter().take(SUCCESSIONS).copied().collect(),
                ledger: ledger_keys(&peer.name, &new.ledger, &old.ledger),
                url: new.url.clone(),
                full_name: new.full_name.clone(),
                renewed: Some(at),
                replaced: if old.keys.first() == new.keys.first() { old.replaced } else { Some(ctx.now()) },
                ..old
            }
        })?;
        Ok(())
    }

    /// Puts a message into the outbox: it is sent by whoever serves, until the peer has taken it.
    pub(crate) fn post(&self, ctx: &Ctx, to: &OrgName, body: &Body) -> Result<(), NodeError> {
        if self.peer(to)?.is_some_and(|peer| peer.client == Client::Tool) {
            // Nobody is there who could take it.
            return Ok(());
        }
        let (key, bytes) = self.outgoing(ctx, to, body)?;
        self.store.put(&key, None, &bytes)?;
        Ok(())
    }

    /// A message as it stands in the outbox: key and bytes, for whoever keeps it together with something else.
    pub(crate) fn outgoing(&self, ctx: &Ctx, to: &OrgName, body: &Body) -> Result<(String, Vec<u8>), NodeError> {
        let bytes = self.sign(ctx, MESSAGE, to, body)?;
        let digest = comity_crypto::hex(&comity_crypto::sha256(&bytes));
        let number = ctx.now().as_micros();
        Ok((format!("outbox/{to}/{number:020}-{}", digest.get(..16).unwrap_or_default()), bytes))
    }

    /// What waits to be sent to a peer, oldest first: key and bytes.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn outbox(&self, to: &OrgName) -> Result<Vec<(String, Vec<u8>)>, NodeError> {
        let mut all = self.store.values(&format!("outbox/{to}/"))?;
        all.retain(|(_, bytes)| !bytes.is_empty());
        Ok(all)
    }

    /// Notes that a message of the outbox was taken, or can never be.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn sent(&self, key: &str) -> Result<(), NodeError> {
        if let Some((version, _)) = self.store.value(key)? {
            match self.store.put(key, Some(version), b"") {
                Ok(_) | Err(comity_store::StoreError::Changed(_)) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }
}

const OWN_KEYS: &str = "own-keys";
/// What signatures of messages are made in.
pub(crate) const MESSAGE: &str = MESSAGE_CONTEXT;
/// Most successions of one sender that are looked at.
pub(crate) const SUCCESSIONS: usize = 64;
