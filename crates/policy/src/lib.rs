//! Agreements between organisations, and the decision who may see what.
//!
//! An [`Agreement`] is a signed contract of two organisations. A [`Policy`] decides whether a recipient may see
//! an object with a certain label: the rules are the Cedar policies in this crate's folder `policies`, one rule a
//! policy, each with the sentence that people read. [`Policy::asker`] makes an [`Asker`] for one recipient,
//! which turns labels into a few small facts and asks Cedar once for each distinct tuple of them.
//!
//! Nothing here does I/O, reads a clock or keeps secrets.
//!
//! ```
//! use comity_base::{OrgName, Timestamp};
//! use comity_policy::{Ask, Policy};
//! use comity_stix::label::{Label, Recipient, Tlp};
//!
//! let policy = Policy::new()?;
//! let (holder, name) = (OrgName::parse("ee-police")?, OrgName::parse("fi-police")?);
//! let recipient = Recipient { name, country: Some("FI".into()), groups: Default::default() };
//! let now = Timestamp::parse("2026-11-15T00:00:00Z")?;
//! let asker = policy.asker(&Ask::export(&recipient, &holder, Some(&"investigation"), now));
//! let mut label = Label::defaults(holder.clone());
//! label.tlp = Some(Tlp::Red);
//! assert!(!asker.admits(&label));
//! assert_eq!(asker.explain(&label).reasons[0].code, "tlp-red");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod access;
pub mod agreement;
mod ask;
mod asker;
mod cache;
mod facts;
mod local;
mod organisation;
mod policy;
mod rules;
mod sentence;
mod slice;
mod verdict;

pub use agreement::{
    Agreement, AgreementError, DataKind, Flow, KnownParty, Onward, Purpose, Signatory, State, Suspension, Trust,
    with_parties,
};
pub use ask::{Ask, OwnerGrants};
pub use asker::Asker;
pub use facts::Action;
pub use organisation::{OrgKind, OrgStatus, OwnerGrant, Standing};
pub use policy::{Policy, PolicyError};
pub use verdict::{Given, Reason, Verdict};

/// Compares a text with the file of it that is kept, or writes the file when COMITY_GOLDEN is set.
#[cfg(test)]
fn golden(file: &str, text: &str) {
    let path = format!("{}/src/{file}", env!("CARGO_MANIFEST_DIR"));
    if std::env::var_os("COMITY_GOLDEN").is_some() {
        std::fs::create_dir_all(std::path::Path::new(&path).parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(text, kept, "the text has changed; when that is meant, renew {path} with COMITY_GOLDEN=write");
}

#[cfg(test)]
mod tests;
