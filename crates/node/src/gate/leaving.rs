use std::collections::BTreeSet;

use comity_base::{OrgName, Timestamp};
use comity_crypto::{hex, sha256};
use comity_law::gate::{
    ATTESTATION_CONTEXT, Answer, Attestation, History, Judged, MessageKind, Screen, Screening, Targeting, Told,
};
use comity_law::notice::{Attested, Facts};
use comity_law::{Country, Person};
use comity_stix::ObjectId;
use comity_store::LabelId;
use serde::{Deserialize, Serialize};

use super::GateNo;
use crate::exchange::Body;
use crate::hits::AskedOf;
use crate::settings::Write;
use crate::{Ctx, Deed, HitAnswer, Node, NodeError, SearchHitNo};

/// A free text that is to leave this node, with what it takes to send it, now or when reviewers have passed it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Leaving {
    /// The organisation it goes to.
    pub(crate) to: OrgName,
    /// The object it is about.
    pub(crate) about: ObjectId,
    /// The words.
    pub(crate) text: String,
    /// Who wrote it, by account.
    pub(crate) by: String,
    /// What it is.
    pub(crate) what: LeavingWhat,
}

/// What a text that leaves is, with what is kept of it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum LeavingWhat {
    /// A question about a hit.
    Question(Box<AskedOf>),
    /// The answer to a question of the recipient.
    Answer {
        /// The question.
        id: String,
    },
    /// What a hit of the recipient is, or is not.
    HitAnswer {
        /// The hit.
        id: SearchHitNo,
        /// What is answered.
        answer: HitAnswer,
    },
}

/// A text that is ready to be sent: what is written with it, and what the ledger is told.
pub(crate) struct Left {
    pub(crate) writes: Vec<Write>,
    pub(crate) deed: Deed,
}

/// A text that was sent: who answers for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Gone {
    pub(super) no: GateNo,
    pub(super) to: OrgName,
    pub(super) at: Timestamp,
    pub(super) author: Person,
    /// Who agreed that it is sent.
    pub(super) agreed: Vec<Person>,
    /// What it is about; nothing of what was sent before this was kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) about: Option<ObjectId>,
    /// Of a question: what the hit was found by, and what whoever sees that must meet.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub(super) of: BTreeSet<ObjectId>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) needs: Vec<LabelId>,
}

impl Leaving {
    pub(crate) const fn kind(&self) -> MessageKind {
        match self.what {
            LeavingWhat::Question(_) => MessageKind::Question,
            LeavingWhat::Answer { .. } => MessageKind::Answer,
            LeavingWhat::HitAnswer { .. } => MessageKind::HitAnswer,
        }
    }

    /// Of a question: what the hit was found by, and what whoever sees that must meet.
    pub(super) fn behind(&self) -> Option<(&BTreeSet<ObjectId>, &[LabelId])> {
        match &self.what {
            LeavingWhat::Question(asked) => Some((&asked.of, &asked.needs)),
            LeavingWhat::Answer { .. } | LeavingWhat::HitAnswer { .. } => None,
        }
    }

    /// Forgets what was written.
    pub(super) fn forget_words(&mut self) {
        self.text.clear();
        if let LeavingWhat::Question(asked) = &mut self.what {
            asked.step.forget_words();
        }
    }

    /// Whether the same is to be said of the same to the same, by the same person.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        let one = |leaving: &Self| match &leaving.what {
            LeavingWhat::Question(asked) => asked.hit.to_string(),
            LeavingWhat::Answer { id } => id.clone(),
            LeavingWhat::HitAnswer { id, answer } => format!("{id} {answer:?}"),
        };
        let said = |leaving: &Self| (leaving.to.clone(), leaving.about.clone(), leaving.text.clone());
        self.by == other.by && self.kind() == other.kind() && said(self) == said(other) && one(self) == one(other)
    }

    /// The message as the other node reads it.
    fn body(&self, attested: Attested) -> Body {
        let (text, attestation) = (self.text.clone(), Some(attested));
        match &self.what {
            LeavingWhat::Question(asked) => {
                Body::Question { id: asked.id.clone(), about: self.about.to_string(), text, attestation }
            }
            LeavingWhat::Answer { id } => Body::Answer { id: id.clone(), text, attestation },
            LeavingWhat::HitAnswer { id, answer } => {
                let (id, by, answer) = (id.to_string(), self.by.clone(), *answer);
                Body::HitAnswered { id, by, answer, reason: text, attestation }
            }
        }
    }
}

/// The digest of exactly this text, recipient and object, as attestations name it.
pub(super) fn digest(told: &Told<'_>) -> String {
    hex(&sha256(told.to_json().as_bytes()))
}

impl Node {
    /// Screens texts before they leave: those that target nobody get an attestation that says so. Where a reviewer must
    /// look, none is sent.
    ///
    /// # Errors
    /// [`NodeError::UnderReview`] with the numbers under which they are kept.
    pub(crate) fn pass_or_hold(&self, ctx: &Ctx, all: &[Leaving]) -> Result<Vec<Attested>, NodeError> {
        let (mut passed, mut held) = (Vec::new(), Vec::new());
        let (nothing, history) = ((&Facts::default(), &Judged::default()), self.gate_history(ctx)?);
        for leaving in all {
            let screen = self.screen_text(ctx, &leaving.text, nothing, &history);
            match screen.answer {
                Answer::Pass {} => passed.push(self.attest(ctx, leaving, &screen, Vec::new())?),
                Answer::NeedsReview { .. } | Answer::Refused { .. } => held.push(leaving),
            }
        }
        if held.is_empty() {
            return Ok(passed);
        }
        let numbers: Result<BTreeSet<GateNo>, NodeError> =
            held.into_iter().map(|one| self.hold_message(ctx, one)).collect();
        Err(NodeError::UnderReview(numbers?.into_iter().collect()))
    }

    /// What the gate answers to a text of this organisation.
    pub(super) fn screen_text(
        &self,
        ctx: &Ctx,
        text: &str,
        (facts, judged): (&Facts, &Judged),
        history: &History,
    ) -> Screen {
        let act = Targeting::Message { aims: BTreeSet::new() };
        let country = self.ourselves.as_ref().and_then(|own| own.country.as_deref());
        let screening = Screening {
            act: &act,
            source: &ctx.organisation,
            country: country.and_then(|country| Country::parse(country).ok()),
            facts,
            judged,
            history,
            text,
        };
        Screen::of(&screening, ctx.now())
    }

    /// What this node states about the gate that a text passed, signed.
    pub(super) fn attest(
        &self,
        ctx: &Ctx,
        leaving: &Leaving,
        screen: &Screen,
        reviewers: Vec<Person>,
    ) -> Result<Attested, NodeError> {
        let (kind, from, about) = (leaving.kind(), &ctx.organisation, leaving.about.to_string());
        let digest = digest(&Told { kind, from, to: &leaving.to, about: &about, text: &leaving.text });
        let said = Attestation::of(screen, &ctx.organisation, &digest, reviewers)
            .map_err(|error| NodeError::Refused(format!("the gate does not let it out: {error}")))?
            .to_json();
        let signature = self.signer.sign(ATTESTATION_CONTEXT, said.as_bytes());
        Ok(Attested { said, key: self.signer.public_key().to_string(), signature: signature.to_string() })
    }

    /// What is written when a text leaves: the message for the outbox, what is kept of it, who answers for it.
    pub(crate) fn leave(
        &self,
        ctx: &Ctx,
        leaving: &Leaving,
        attested: Attested,
        agreed: Vec<Person>,
    ) -> Result<Left, NodeError> {
        let mut left = match &leaving.what {
            LeavingWhat::Question(asked) => self.keep_question(ctx, leaving, asked)?,
            LeavingWhat::Answer { id } => self.keep_answer(ctx, leaving, id)?,
            LeavingWhat::HitAnswer { id, answer } => self.keep_hit_answer(ctx, leaving, id, *answer)?,
        };
        let (key, value) = self.outgoing(ctx, &leaving.to, &leaving.body(attested))?;
        let no = GateNo::of_message(&value);
        let author = Person::new(ctx.organisation.clone(), leaving.by.clone());
        let (of, needs) = leaving.behind().map(|(of, needs)| (of.clone(), needs.to_vec())).unwrap_or_default();
        let (to, about) = (leaving.to.clone(), Some(leaving.about.clone()));
        let gone = Gone { no: no.clone(), to, at: ctx.now(), author, agreed, about, of, needs };
        left.writes.push(Write { key, expected: None, value });
        left.writes.push(Write::of(gone_key(&no), None, &gone)?);
        Ok(left)
    }
}

pub(super) fn gone_key(no: &GateNo) -> String {
    format!("{GONE}{no}")
}

const GONE: &str = "message-sent/";
