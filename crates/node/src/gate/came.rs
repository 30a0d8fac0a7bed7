use std::collections::BTreeSet;
use std::str::FromStr as _;

use comity_base::{OrgName, Timestamp};
use comity_crypto::{PublicKey, Signature};
use comity_law::Country;
use comity_law::gate::{
    ATTESTATION_CONTEXT, Answer, Attestation, Effect, History, Judged, MOST_MESSAGE, MessageKind, Screen, Screening,
    Targeting, Told,
};
use comity_law::notice::{Attested, Facts, Ground};
use comity_ledger::EntryKind;
use comity_stix::ObjectId;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::GateNo;
use super::leaving::digest;
use crate::exchange::refused;
use crate::settings::Write;
use crate::{Ctx, Deed, Node, NodeError, Peer};

/// A message as it came, with what its sender's node states about its text.
pub(crate) struct Came<'m> {
    /// Exactly what was signed, with the signature.
    pub(crate) bytes: &'m [u8],
    /// The key that signed it.
    pub(crate) key: PublicKey,
    /// When it was written.
    pub(crate) at: Timestamp,
    pub(crate) attestation: Option<&'m Attested>,
}

/// A text that is taken: what is kept of it.
pub(crate) struct Admitted {
    pub(crate) no: GateNo,
    /// What this node's screen finds and the sender's did not say, by code.
    pub(crate) doubtful: Vec<String>,
    pub(crate) kept: Write,
}

/// A text of another node as it is kept, with the proof that it was sent.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Got {
    pub(super) no: GateNo,
    pub(super) from: OrgName,
    pub(super) kind: MessageKind,
    pub(super) about: ObjectId,
    pub(super) text: String,
    pub(super) at: Timestamp,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) doubtful: Vec<String>,
    /// The signed message, exactly as it came.
    pub(super) message: String,
    /// When its words were forgotten.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) forgotten: Option<Timestamp>,
}

/// Why a text is not taken.
struct NotTaken {
    code: &'static str,
    why: String,
}

impl Node {
    /// Screens a text that came by this node's own rules. One that targets a person is taken only under an attestation that
    /// stands for exactly this text, recipient, object and sender; what the attestation leaves unsaid makes it doubtful.
    ///
    /// # Errors
    /// [`NodeError::Unacceptable`], beginning with a code, when it is not taken. Nothing of it is kept; that it was refused is
    /// on record.
    pub(crate) fn admit_text(
        &self,
        ctx: &Ctx,
        peer: &Peer,
        came: &Came<'_>,
        (kind, about, text): (MessageKind, &ObjectId, &str),
    ) -> Result<Admitted, NodeError> {
        let screen = self.screen_of_other(ctx, peer, text)?;
        let told = Told { kind, from: &peer.name, to: &ctx.organisation, about: &about.to_string(), text };
        let doubtful = match doubts(came, &told, &screen) {
            Ok(doubtful) => doubtful,
            Err(not) => return Err(self.turn_away(ctx, peer, kind, &not)?),
        };
        let no = GateNo::of_message(came.bytes);
        let got = Got {
            no: no.clone(),
            from: peer.name.clone(),
            kind,
            about: about.clone(),
            text: text.to_owned(),
            at: came.at,
            doubtful: doubtful.clone(),
            message: String::from_utf8_lossy(came.bytes).into_owned(),
            forgotten: None,
        };
        Ok(Admitted { kept: Write::of(key(&no), None, &got)?, no, doubtful })
    }

    fn turn_away(&self, ctx: &Ctx, peer: &Peer, kind: MessageKind, not: &NotTaken) -> Result<NodeError, NodeError> {
        let subject = json!({"organisation": peer.name});
        let content = json!({"asked": "message", "kind": kind.name(), "peer": peer.name, "refused": [not.code]});
        self.record(ctx, Deed::new(EntryKind::Refusal, subject, content))?;
        Ok(refused(format!("{}: {}", not.code, not.why)))
    }

    /// This node's own screen. The facts of the case stay with the sender, so that what is missing of them says nothing here.
    fn screen_of_other(&self, ctx: &Ctx, peer: &Peer, text: &str) -> Result<Screen, NodeError> {
        let act = Targeting::Message { aims: BTreeSet::new() };
        let screening = Screening {
            act: &act,
            source: &peer.name,
            country: peer.country.as_deref().and_then(|country| Country::parse(country).ok()),
            facts: &Facts::default(),
            judged: &Judged::default(),
            history: &History { abuse_upheld: self.abuse_upheld(&peer.name)?, ..History::default() },
            text,
        };
        Ok(Screen::of(&screening, ctx.now()))
    }
}

/// What the sender's screen did not say of what this node's finds; or why the message is not taken.
fn doubts(came: &Came<'_>, told: &Told<'_>, screen: &Screen) -> Result<Vec<String>, NotTaken> {
    let not = |code, why: &str| NotTaken { code, why: why.to_owned() };
    if came.bytes.len() > MOST_MESSAGE || std::str::from_utf8(came.bytes).is_err() {
        return Err(not(
            "message-too-long",
            "the message has more than 128 KiB, or is no text; nothing of it was kept",
        ));
    }
    let targets = screen.answer != Answer::Pass {};
    let Some(attested) = came.attestation else {
        let why = "the text asks or tells something about a person, and the sender's node does not state that it passed its \
                   gate; nothing of it was kept";
        return if targets { Err(not("attestation-missing", why)) } else { Ok(Vec::new()) };
    };
    let attestation = read(attested, came, told)?;
    let mut own = screen.clone();
    own.reasons.retain(|weighed| weighed.effect != Effect::Refuses(Ground::Incomplete));
    let mut unsaid = attestation.unsaid(&own);
    // Whoever names every reason and lets nobody answer for it has screened nothing.
    if attestation.reviewers.len() < asked(&own) {
        unsaid.push(TOO_FEW.to_owned());
    }
    Ok(unsaid)
}

/// How many reviewers this node's own screen asks for.
fn asked(screen: &Screen) -> usize {
    let asks = screen.reasons.iter().map(|weighed| match weighed.effect {
        Effect::Asks { reviewers } => usize::from(reviewers),
        Effect::Refuses(_) | Effect::Tells => 0,
    });
    asks.max().unwrap_or_default()
}

/// The attestation, when the key that signed the message signed it for exactly this text.
fn read(attested: &Attested, came: &Came<'_>, told: &Told<'_>) -> Result<Attestation, NotTaken> {
    let not = |code, why: String| NotTaken { code, why: format!("{why}; nothing of the message was kept") };
    let parsed = (PublicKey::from_str(&attested.key), Signature::from_str(&attested.signature));
    let (Ok(key), Ok(signature)) = parsed else {
        return Err(not("attestation-unreadable", "the attestation has no key or signature that can be read".into()));
    };
    if key != came.key {
        return Err(not("attestation-key", "the attestation is signed with another key than the message".into()));
    }
    if key.verify(ATTESTATION_CONTEXT, attested.said.as_bytes(), &signature).is_err() {
        return Err(not("attestation-signature", "the signature of the attestation does not fit what it says".into()));
    }
    let attestation = Attestation::read(attested.said.as_bytes())
        .map_err(|error| not("attestation-unreadable", format!("the attestation cannot be read: {error}")))?;
    attestation
        .stands_for(&digest(told), told.from, came.at)
        .map_err(|mismatch| not(mismatch.code(), mismatch.to_string()))?;
    Ok(attestation)
}

pub(super) fn key(no: &GateNo) -> String {
    format!("{GOT}{no}")
}

/// What is doubtful about a text that fewer people reviewed than this node's own screen asks for.
const TOO_FEW: &str = "attestation-reviewers";
pub(super) const GOT: &str = "message-got/";
