use std::fmt;
use std::str::FromStr;

use comity_crypto::{hex, random_bytes, sha256};
use serde::{Deserialize, Serialize};

use crate::NodeError;

/// What names a message under review, a message that came, or a report of abuse: 32 hexadecimal digits.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct GateNo(String);

impl GateNo {
    /// One that nobody can guess.
    pub(super) fn random() -> Result<Self, NodeError> {
        let random = random_bytes::<16>();
        let random = random.map_err(|error| NodeError::io("drawing a number")(std::io::Error::other(error)))?;
        Ok(Self(hex(&random)))
    }

    /// The number of a signed message: the same wherever its bytes are.
    pub(super) fn of_message(bytes: &[u8]) -> Self {
        Self(hex(&sha256(bytes)).chars().take(DIGITS).collect())
    }

    /// The number of what one organisation reports of a message: the same at every node.
    pub(super) fn of_report(by: &comity_base::OrgName, message: &[u8]) -> Self {
        Self::of_message(&[format!("comity abuse report {by} ").as_bytes(), message].concat())
    }
}

impl fmt::Display for GateNo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for GateNo {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let is_one = text.len() == DIGITS && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        if is_one { Ok(Self(text.to_owned())) } else { Err(format!("{text:?} is not a number of 32 digits")) }
    }
}

impl From<GateNo> for String {
    fn from(no: GateNo) -> Self {
        no.0
    }
}

impl TryFrom<String> for GateNo {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

const DIGITS: usize = 32;
