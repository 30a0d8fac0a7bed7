use std::str::FromStr as _;

use comity_crypto::{PublicKey, Signature};
use comity_law::gate::{ABUSE_CONTEXT, AbuseFile, AbuseReport, MESSAGE_CONTEXT};
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use crate::statement::shown;
use crate::{Outcome, Request, Say, bad};

/// A message of a node as it was signed: what was signed is the text of `message` exactly as it stands.
#[derive(Deserialize)]
struct Signed {
    message: Box<RawValue>,
    key: PublicKey,
    signature: Signature,
}

impl Request {
    /// A report of abuse: that the sender's node signed the message that is reported, and the recipient's the report.
    pub(crate) fn abuse(&self, file: &AbuseFile, say: Say<'_>) -> Outcome {
        let report = match report(file) {
            Ok(report) => report,
            Err(why) => return bad(say, &why),
        };
        let (by, who, at) = (&report.by, shown(&report.who), report.at);
        say(&format!("  {who} of {by} reports a message of {} at {at}: {}", report.against, shown(&report.why)));
        let (signed, message) = match message(&report) {
            Ok(both) => both,
            Err(why) => return bad(say, &why),
        };
        let text = |name: &str| shown(message.get(name).and_then(Value::as_str).unwrap_or_default());
        say(&format!("  the message is from {} to {}, written at {}", text("from"), text("to"), text("at")));
        if text("from") != report.against.as_str() || text("to") != report.by.as_str() {
            return bad(say, "the message is not from whom is reported to whom reports");
        }
        for line in told(&message) {
            say(&format!("  {line}"));
        }
        if !self.signers.iter().any(|key| key.to_string() == file.report.key) {
            say(&format!(
                "  the report is signed by {by} with the key {}, which nobody vouched for here",
                file.report.key
            ));
        }
        self.vouched(&report, &signed, say)
    }

    fn vouched(&self, report: &AbuseReport, signed: &Signed, say: Say<'_>) -> Outcome {
        let sender = &report.against;
        if self.signers.is_empty() {
            let (key, fingerprint) = (&signed.key, signed.key.fingerprint());
            say(&format!(
                "  signed with the key {key}, which the file itself names; compare it with that of {sender}: {fingerprint}"
            ));
            return Outcome::Unvouched;
        }
        if !self.signers.contains(&signed.key) {
            return bad(
                say,
                &format!("the message is signed with {}, which is none of the keys that were given", signed.key),
            );
        }
        say(&format!("  the node of {sender} signed exactly this message"));
        Outcome::Good
    }
}

fn report(file: &AbuseFile) -> Result<AbuseReport, String> {
    let said = file.report.said.as_bytes();
    let parsed = (PublicKey::from_str(&file.report.key), Signature::from_str(&file.report.signature));
    let (Ok(key), Ok(signature)) = parsed else {
        return Err("the report has no key or signature that can be read".into());
    };
    key.verify(ABUSE_CONTEXT, said, &signature).map_err(|_| "the signature of the report does not fit what it says")?;
    AbuseReport::read(said).map_err(|error| format!("the report cannot be read: {error}"))
}

fn message(report: &AbuseReport) -> Result<(Signed, Value), String> {
    let signed: Signed =
        serde_json::from_str(&report.message).map_err(|error| format!("the message cannot be read: {error}"))?;
    let text = signed.message.get();
    let fits = signed.key.verify(MESSAGE_CONTEXT, text.as_bytes(), &signed.signature);
    fits.map_err(|_| "the signature of the message does not fit its text")?;
    let message = serde_json::from_str(text).map_err(|error| format!("the message cannot be read: {error}"))?;
    Ok((signed, message))
}

/// What the message says: its kind, and each of its texts.
fn told(message: &Value) -> Vec<String> {
    let body = message.get("body").and_then(Value::as_object);
    let mut lines = Vec::new();
    for (kind, said) in body.into_iter().flatten() {
        for name in ["about", "text", "reason"] {
            let said = said.get(name).and_then(Value::as_str);
            lines.extend(said.map(|said| format!("{}, {name}: {}", shown(kind), shown(said))));
        }
        if said.get("attestation").is_none_or(Value::is_null) {
            lines.push(format!("{}: its sender states nothing about a gate", shown(kind)));
        }
    }
    lines
}
