//! An entry of the register of documents, in words.

use comity_stix::Node;
use comity_stix::listed::{DOCUMENT_TYPE, ListedDocument};
use comity_stix::person::DocumentState;

use super::super::language::Words;
use super::super::parts::{Fact, Foreign};

/// What an object says of a document of the register; none of what is no entry of it, or says it badly.
pub(super) fn read(root: Node<'_, '_>) -> Option<ListedDocument> {
    ListedDocument::read(root).ok().filter(|_| root.str("type") == Some(DOCUMENT_TYPE))
}

/// The document, as it is named everywhere.
pub(super) fn name(listed: &ListedDocument) -> String {
    format!("{}:{}:{}", listed.issuer, listed.kind, listed.number)
}

/// What the register says of it.
pub(super) fn facts(listed: &ListedDocument, words: Words) -> Vec<(String, Vec<Fact>)> {
    let state = words.say(&format!("held-{}", listed.state.name()));
    let state = if listed.state == DocumentState::Valid { Fact::Words(state) } else { Fact::Warning(state) };
    let kind = words.known("document-", &listed.kind.to_ascii_lowercase());
    let mut facts = vec![
        (words.say("person-document"), Fact::Text(Foreign::line(&name(listed)))),
        (words.say("state"), state),
        (words.say("type"), Fact::Text(Foreign::line(&kind))),
        (words.say("issuing-state"), Fact::Words(words.state(&listed.issuer))),
    ];
    facts.extend(listed.since.map(|since| (words.say("since-when"), Fact::Words(words.as_far_as_known(since)))));
    facts.into_iter().map(|(name, fact)| (name, vec![fact])).collect()
}

/// What of such an object is told by that.
pub(super) const TOLD: [&str; 6] = ["document_type", "issuer", "number", "state", "since", "extensions"];

#[cfg(test)]
mod tests {
    use comity_stix::Doc;

    use super::super::super::parts::Facts;
    use super::*;

    #[test]
    fn an_entry_of_the_register_is_told_in_words() {
        let json = r#"{"type":"comity-document","document_type":"P","issuer":"EST","number":"KB0123456","state":"stolen","since":"2026-10"}"#;
        let listed = read(Doc::parse(json.as_bytes(), 8).unwrap().root()).unwrap();
        let html = Facts(facts(&listed, Words::named("en").unwrap())).to_string();
        for told in ["EST:P:KB0123456", "Passport", "Estonia", "stolen", "Oct 2026", "warning"] {
            assert!(html.contains(told), "{told}: {html}");
        }
        for other in [json.replace("comity-document", "identity"), json.replace("stolen", "gone")] {
            assert!(read(Doc::parse(other.as_bytes(), 8).unwrap().root()).is_none(), "{other}");
        }
    }
}
