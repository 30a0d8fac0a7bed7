//! The gate that every act passes which targets a person: notice, diffusion, request or free text.

mod aim;
mod attestation;
mod history;
mod judged;
mod message;
mod review;
mod rules;
mod screen;
#[cfg(test)]
mod tests;
pub mod text;

pub use aim::{Aim, Targeting};
pub use attestation::{ATTESTATION_CONTEXT, Attestation, Mismatch};
pub use history::{BAD_ABUSE, BAD_PERCENT, BAD_PERCENT_FROM, BAD_PRINCIPLE, BAD_PRINCIPLE_PERCENT, History, Record};
pub use judged::{Categorised, Category, Factor, FactorKind, Finding, Judged, Judgement};
pub use message::{ABUSE_CONTEXT, AbuseFile, AbuseReport, MESSAGE_CONTEXT, MOST_MESSAGE, MessageKind, Told};
pub use review::{
    MESSAGE_REFUSALS, MOST_STEPS, MessageAct, MessageReview, MessageState, MessageStep, may_judge_report,
};
pub use rules::{GATE_RULES, RULES_VERSION};
pub use screen::{Answer, Effect, Screen, Screening, Weighed};
