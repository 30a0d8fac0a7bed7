use std::collections::BTreeSet;

use comity_base::{OrgName, Timestamp};
use serde::{Deserialize, Serialize};

use super::{Answer, RULES_VERSION, Screen};
use crate::Person;
use crate::read::{ReadError, canonical_json, json};

/// The context in which attestations are signed.
pub const ATTESTATION_CONTEXT: &str = "screen";

/// What the sender's node states about the screen it made, to be signed by it: the hub carries what it cannot read, and the
/// recipient holds the sender to this.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Attestation {
    /// The version of the rules.
    pub rules: u32,
    /// The node that screened.
    pub node: OrgName,
    /// The digest of what was screened, 64 hexadecimal digits in lower case.
    pub digest: String,
    /// What the gate answered.
    pub answer: Answer,
    /// The codes of the reasons; at most 200.
    pub codes: BTreeSet<String>,
    /// When it was screened.
    pub at: Timestamp,
    /// Who reviewed it and agreed; at most 20.
    pub reviewers: Vec<Person>,
}

/// Why an attestation does not stand for a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Mismatch {
    /// Another message was screened.
    #[error("another message was screened than the one that came")]
    Digest,
    /// Another node signed for it.
    #[error("another node screened it than the one that sent it")]
    Node,
    /// The gate refused it.
    #[error("the gate of the sender refused it")]
    Refused,
    /// Fewer reviewed it than the gate demanded.
    #[error("fewer people reviewed it than the gate demanded")]
    Reviewers,
    /// It was screened by rules that are not known here.
    #[error("it was screened by rules that are not known here")]
    Rules,
    /// It was screened later than now.
    #[error("it was screened later than now")]
    Time,
}

impl Mismatch {
    /// A name for programs that does not change.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Digest => "attestation-digest",
            Self::Node => "attestation-node",
            Self::Refused => "attestation-refused",
            Self::Reviewers => "attestation-reviewers",
            Self::Rules => "attestation-rules",
            Self::Time => "attestation-time",
        }
    }
}

impl Attestation {
    /// The statement about a screen.
    ///
    /// # Errors
    /// When the gate refused, fewer reviewed than it demands, or the digest has another form: nothing can be stated then.
    pub fn of(screen: &Screen, node: &OrgName, digest: &str, reviewers: Vec<Person>) -> Result<Self, Mismatch> {
        let made = Self {
            rules: screen.rules,
            node: node.clone(),
            digest: digest.to_owned(),
            answer: screen.answer,
            codes: screen.codes(),
            at: screen.at,
            reviewers,
        };
        made.stands_for(digest, node, screen.at)?;
        Ok(made)
    }

    /// Canonical JSON (RFC 8785): what is signed, in the context [`ATTESTATION_CONTEXT`].
    pub fn to_json(&self) -> String {
        canonical_json(self)
    }

    /// Reads [`Self::to_json`].
    ///
    /// # Errors
    /// When it has another form or another spelling, since signatures count for one spelling only.
    pub fn read(text: &[u8]) -> Result<Self, ReadError> {
        let read: Self = json(text, MOST_BYTES)?;
        if read.codes.len() > MOST_CODES || read.reviewers.len() > MOST_REVIEWERS {
            return Err(ReadError::value("codes", "there are too many codes or reviewers"));
        }
        if read.to_json().as_bytes() != text {
            return Err(ReadError::Form("it is not in its normal form".to_owned()));
        }
        Ok(read)
    }

    /// Whether it stands for a message with this digest from this sender.
    ///
    /// # Errors
    /// When it does not; the error says why.
    pub fn stands_for(&self, digest: &str, sender: &OrgName, now: Timestamp) -> Result<(), Mismatch> {
        if !is_digest(digest) || self.digest != digest {
            return Err(Mismatch::Digest);
        }
        if self.node != *sender {
            return Err(Mismatch::Node);
        }
        if self.rules == 0 || self.rules > RULES_VERSION {
            return Err(Mismatch::Rules);
        }
        if self.at > now {
            return Err(Mismatch::Time);
        }
        match self.answer {
            Answer::Refused { .. } => Err(Mismatch::Refused),
            Answer::NeedsReview { reviewers } if self.reviewed() < usize::from(reviewers.max(1)) => {
                Err(Mismatch::Reviewers)
            }
            Answer::NeedsReview { .. } | Answer::Pass {} => Ok(()),
        }
    }

    /// What the recipient's own screen of the same message says and the sender's does not: the codes of its reasons that
    /// refuse or ask. Where there are any, the recipient's people decide.
    pub fn unsaid(&self, own: &Screen) -> Vec<String> {
        let weighs = |effect| !matches!(effect, super::Effect::Tells);
        let own = own.reasons.iter().filter(|weighed| weighs(weighed.effect)).map(|weighed| weighed.reason.code);
        let unsaid: BTreeSet<&str> = own.filter(|code| !self.codes.contains(*code)).collect();
        unsaid.into_iter().map(ToOwned::to_owned).collect()
    }

    fn reviewed(&self) -> usize {
        let mut distinct: Vec<&Person> = Vec::new();
        for person in self.reviewers.iter().filter(|person| person.is_named()) {
            if !distinct.iter().any(|other| other.is(person)) {
                distinct.push(person);
            }
        }
        distinct.len()
    }
}

fn is_digest(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
}

const MOST_BYTES: usize = 64 << 10;
const MOST_CODES: usize = 200;
const MOST_REVIEWERS: usize = 20;
