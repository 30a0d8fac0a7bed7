use std::fmt::Write as _;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse as _, Redirect, Response};
use comity_http::Query;
use comity_node::{Ctx, Purpose};

use super::forms::{Fields, Sent};
use super::person::{DENSITY, Person, cookie};
use super::reply::lasting;
use crate::desk::Desk;

/// Why somebody asks, as long as they do not say otherwise: it goes with every question, and on record.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Why {
    pub(super) purpose: Purpose,
    pub(super) case: Option<String>,
    pub(super) reason: Option<String>,
}

impl Why {
    /// What this browser keeps.
    pub(super) fn of(headers: &HeaderMap) -> Self {
        let kept = cookie(headers, WHY).unwrap_or_default();
        Self::read(&Query::parse(&kept))
    }

    fn read(query: &Query) -> Self {
        let text = |name: &str| {
            let text: String = query.first(name).unwrap_or_default().trim().chars().take(MOST).collect();
            (!text.is_empty()).then_some(text)
        };
        let named = text("purpose");
        let purpose = Purpose::ALL.iter().find(|purpose| named.as_deref() == Some(purpose.name()));
        Self { purpose: purpose.copied().unwrap_or_default(), case: text("case"), reason: text("reason") }
    }

    fn kept(&self) -> String {
        let parts = [
            ("purpose", Some(self.purpose.name())),
            ("case", self.case.as_deref()),
            ("reason", self.reason.as_deref()),
        ];
        let parts = parts.into_iter().filter_map(|(name, text)| Some(format!("{name}={}", escaped(text?))));
        parts.collect::<Vec<_>>().join("&")
    }

    /// Everything asked in this context is asked for this.
    pub(super) fn apply(&self, ctx: &mut Ctx) {
        ctx.purpose = self.purpose;
        ctx.case.clone_from(&self.case);
        ctx.reason.clone_from(&self.reason);
    }
}

/// Says why one asks from now on.
pub(super) async fn set(State(_): State<Desk>, person: Person, body: Sent) -> Response {
    drop(person);
    let fields = Fields::read(&body);
    let text = |name: &str| format!("{name}={}", escaped(&fields.get(name)));
    let why = Why::read(&Query::parse(&["purpose", "case", "reason"].map(text).join("&")));
    lasting(Redirect::to(&back(&fields.get("back"))).into_response(), WHY, &why.kept())
}

/// Says how close lines stand.
pub(super) async fn density(State(_): State<Desk>, person: Person, body: Sent) -> Response {
    let fields = Fields::read(&body);
    let density = if person.is_dense { "loose" } else { "dense" };
    lasting(Redirect::to(&back(&fields.get("back"))).into_response(), DENSITY, density)
}

/// Where to go back to: a page of the desk, and nowhere else.
fn back(path: &str) -> String {
    let is_ours = path.starts_with("/desk") && path.bytes().all(|b| b.is_ascii_graphic() && b != b'\\');
    if is_ours { path.to_owned() } else { "/desk".to_owned() }
}

/// A text as part of an address.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => out.push(char::from(byte)),
            byte => {
                // Writing into a string cannot fail.
                let _ = write!(out, "%{byte:02X}");
            }
        }
    }
    out
}

/// Where a browser keeps why its user asks.
const WHY: &str = "__Host-comity-why";
/// Characters of a case or a reason.
const MOST: usize = 200;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn why_one_asks_is_kept_as_it_was_said() {
        let why =
            Why { purpose: Purpose::Prosecution, case: Some("2041 & co".into()), reason: Some("ру=с;".into()) };
        let kept = why.kept();
        assert!(kept.bytes().all(|b| b.is_ascii_graphic() && b != b';'), "{kept}");
        assert_eq!(Why::read(&Query::parse(&kept)), why);
        assert_eq!(Why::read(&Query::parse("purpose=curiosity&case=+")), Why::default());
    }

    #[test]
    fn one_goes_back_to_the_desk_only() {
        assert_eq!(back("/desk/hits?state=open"), "/desk/hits?state=open");
        for other in ["https://evil.example", "//evil.example", "/\\evil.example", "/desk\r\nx: y", ""] {
            assert_eq!(back(other), "/desk");
        }
    }
}
