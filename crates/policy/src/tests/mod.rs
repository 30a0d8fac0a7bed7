//! Tests of the decision: what is written down, and what must hold for anything.

mod export;
mod local;
mod properties;
mod release;
mod words;

use std::sync::Arc;

use comity_base::{OrgName, Timestamp};
use comity_stix::Label;
use comity_stix::label::Recipient;

use crate::agreement::tests::{at, org, signed};
use crate::{
    Action, Agreement, Ask, Asker, OrgKind, OrgStatus, OwnerGrant, OwnerGrants, Policy, Standing, State, Verdict,
};

pub(super) fn recipient(name: &str, country: Option<&str>, groups: &[&str]) -> Recipient {
    Recipient {
        name: org(name),
        country: country.map(str::to_owned),
        groups: groups.iter().map(|group| (*group).to_owned()).collect(),
    }
}

pub(super) fn label(members: &str) -> Label {
    let comma = if members.is_empty() || members.contains("\"owner\"") { "" } else { "," };
    let owner = if members.contains("\"owner\"") { "" } else { r#""owner":"ee-police""# };
    Label::from_json(&format!("{{{owner}{comma}{members}}}")).unwrap()
}

pub(super) fn now() -> Timestamp {
    at("2027-06-15T00:00:00Z")
}

/// Everything about one question but the label, at a node of ee-police, a member.
#[derive(Clone)]
pub(super) struct Question {
    pub(super) recipient: Recipient,
    pub(super) standing: Standing,
    pub(super) holder_kind: OrgKind,
    pub(super) agreement: Option<(Agreement, State)>,
    pub(super) purposes: Vec<&'static str>,
    pub(super) grants: OwnerGrants,
}

impl Question {
    /// An active member under the agreement of the example, signed by both and in force; owners let nothing on.
    pub(super) fn finnish() -> Self {
        Self {
            recipient: recipient("fi-police", Some("FI"), &["e5"]),
            standing: Standing { kind: OrgKind::Member, status: OrgStatus::Active },
            holder_kind: OrgKind::Member,
            agreement: Some((signed(), State::Active { until: signed().valid_until })),
            purposes: vec![],
            grants: Arc::new(|_| OwnerGrant::UNKNOWN),
        }
    }

    /// The same agreement with a partner.
    pub(super) fn partner() -> Self {
        let mut question = Self::finnish();
        question.recipient = recipient("lab-north", Some("SE"), &[]);
        question.standing.kind = OrgKind::Partner;
        if let Some((agreement, _)) = &mut question.agreement {
            agreement.name = "Estonia and the laboratory".into();
            agreement.parties[1].name = org("lab-north");
            agreement.flows.iter_mut().for_each(|flow| {
                let end = if flow.from == org("fi-police") { &mut flow.from } else { &mut flow.to };
                *end = org("lab-north");
            });
        }
        question
    }

    pub(super) fn asker(&self, policy: &Policy) -> Asker {
        policy.asker(&Ask {
            action: Action::Release,
            recipient: &self.recipient,
            standing: self.standing,
            holder: &org("ee-police"),
            holder_kind: self.holder_kind,
            agreement: self.agreement.as_ref().map(|(agreement, state)| (agreement, state)),
            purposes: &self.purposes,
            owner_grants: Arc::clone(&self.grants),
            now: now(),
        })
    }
}

pub(super) fn grants(of: impl Fn(&OrgName) -> OwnerGrant + Send + Sync + 'static) -> OwnerGrants {
    Arc::new(of)
}

pub(super) fn lines(verdict: &Verdict) -> Vec<String> {
    verdict.reasons.iter().map(|reason| format!("{}: {}", reason.code, reason.text)).collect()
}

impl std::fmt::Debug for Question {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let flow = self.agreement.as_ref().map(|(agreement, state)| (&agreement.flows, state));
        f.debug_struct("Question")
            .field("recipient", &self.recipient)
            .field("standing", &self.standing)
            .field("holder_kind", &self.holder_kind)
            .field("agreement", &flow)
            .field("purposes", &self.purposes)
            .finish_non_exhaustive()
    }
}
