use comity_base::{OrgName, Timestamp};
use serde::{Deserialize, Serialize};

use crate::notice::Attested;
use crate::read::{ReadError, canonical_json, json};
use crate::words::words;

/// The context in which nodes sign what they tell each other.
pub const MESSAGE_CONTEXT: &str = "node message";

/// The context in which reports of abuse are signed.
pub const ABUSE_CONTEXT: &str = "abuse report";

words! {
    /// The texts in free words that one node sends another.
    MessageKind {
        /// A question about an object that the recipient gave.
        Question "question",
        /// The answer to one.
        Answer "answer",
        /// Why a hit on somebody of the sender's is confirmed or refuted.
        HitAnswer "hit-answer",
    }
}

/// A free text as it is screened: exactly these words, from this node, to this one, about this object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Told<'t> {
    /// What kind of text it is.
    pub kind: MessageKind,
    /// The node that sends it.
    pub from: &'t OrgName,
    /// The node that it is for.
    pub to: &'t OrgName,
    /// The id of the object that it is about.
    pub about: &'t str,
    /// The words.
    pub text: &'t str,
}

impl Told<'_> {
    /// Canonical JSON (RFC 8785): what the digest of an attestation is taken of.
    pub fn to_json(&self) -> String {
        canonical_json(self)
    }
}

/// What a recipient reports: a message that should not have been sent, with the bytes that its sender signed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AbuseReport {
    /// The node that reports: the recipient of the message.
    pub by: OrgName,
    /// Who reports, by account, at most 200 characters.
    pub who: String,
    /// When.
    pub at: Timestamp,
    /// Why, 1 to 2,000 characters.
    pub why: String,
    /// The node that sent the message.
    pub against: OrgName,
    /// The message with its signature, exactly as it came; at most 128 KiB.
    pub message: String,
}

impl AbuseReport {
    /// Canonical JSON (RFC 8785): what is signed, in the context [`ABUSE_CONTEXT`].
    pub fn to_json(&self) -> String {
        canonical_json(self)
    }

    /// Reads [`Self::to_json`].
    ///
    /// # Errors
    /// When it has another form or another spelling, says no reason, or is longer than it may be.
    pub fn read(text: &[u8]) -> Result<Self, ReadError> {
        let read: Self = json(text, MOST_BYTES)?;
        if read.who.trim().is_empty() || read.who.chars().count() > MOST_ACCOUNT {
            return Err(ReadError::value("who", "nobody is named, or at excessive length"));
        }
        if read.why.trim().is_empty() || read.why.chars().count() > MOST_WHY {
            return Err(ReadError::value("why", "a report needs a reason in words, of at most 2,000 characters"));
        }
        if read.message.len() > MOST_MESSAGE {
            return Err(ReadError::value("message", "it has more than 128 KiB"));
        }
        if read.to_json().as_bytes() != text {
            return Err(ReadError::Form("it is not in its normal form".to_owned()));
        }
        Ok(read)
    }
}

/// A report of abuse as a file that anybody can check: what is said, and who signed for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AbuseFile {
    /// The report, signed by the node that makes it.
    #[serde(rename = "abuse-report")]
    pub report: Attested,
}

impl AbuseFile {
    /// Reads a file.
    ///
    /// # Errors
    /// When it is none.
    pub fn read(text: &[u8]) -> Result<Self, ReadError> {
        json(text, MOST_FILE)
    }
}

/// The longest message that is reported.
pub const MOST_MESSAGE: usize = 128 << 10;
const MOST_BYTES: usize = 1 << 20;
const MOST_FILE: usize = 4 << 20;
const MOST_ACCOUNT: usize = 200;
const MOST_WHY: usize = 2_000;

#[cfg(test)]
mod tests {
    use super::*;

    fn org(name: &str) -> OrgName {
        OrgName::parse(name).unwrap()
    }

    fn report() -> AbuseReport {
        AbuseReport {
            by: org("us-police"),
            who: "joe".into(),
            at: Timestamp::from_micros(1_793_000_000_000_000),
            why: "it hunts a refugee".into(),
            against: org("ee-police"),
            message: r#"{"message":{"text":"Where does he live?"}}"#.into(),
        }
    }

    #[test]
    fn what_is_screened_is_bound_to_every_part_of_it() {
        let (ee, us) = (org("ee-police"), org("us-police"));
        let told = Told { kind: MessageKind::Question, from: &ee, to: &us, about: "indicator--1", text: "Who?" };
        let others = [
            Told { kind: MessageKind::Answer, ..told },
            Told { from: &us, ..told },
            Told { to: &ee, ..told },
            Told { about: "indicator--2", ..told },
            Told { text: "Who ?", ..told },
        ];
        for other in others {
            assert_ne!(told.to_json(), other.to_json());
        }
        assert_eq!(
            told.to_json(),
            r#"{"about":"indicator--1","from":"ee-police","kind":"question","text":"Who?","to":"us-police"}"#
        );
    }

    #[test]
    fn a_report_reads_back_in_one_spelling_only() {
        let json = report().to_json();
        assert_eq!(AbuseReport::read(json.as_bytes()).unwrap(), report());
        assert!(AbuseReport::read(format!("{json} ").as_bytes()).is_err());
        for wrong in [
            AbuseReport { why: " ".into(), ..report() },
            AbuseReport { why: "x".repeat(2_001), ..report() },
            AbuseReport { who: String::new(), ..report() },
            AbuseReport { message: "x".repeat(MOST_MESSAGE + 1), ..report() },
        ] {
            assert!(AbuseReport::read(wrong.to_json().as_bytes()).is_err(), "{wrong:?}");
        }
    }
}
