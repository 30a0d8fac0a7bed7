use comity_base::Timestamp;
use comity_node::Shown;
use comity_stix::Node;

use super::super::parts::{Foreign, Moment, Owner};
use super::super::shell::Shell;
use super::Found;

/// Something that happened to an object or that it tells of.
pub(super) struct Event {
    at: Timestamp,
    pub(super) when: Moment,
    pub(super) exactly: String,
    pub(super) what: String,
    pub(super) who: Option<Owner>,
    pub(super) more: Option<Foreign>,
}

/// Everything with a date, oldest first: what the object tells, its versions here, and who was given it.
pub(super) fn events(root: Node<'_, '_>, one: &Shown, found: &Found, shell: &Shell) -> Vec<Event> {
    let words = shell.words;
    let event = |at: Timestamp, what: String| Event {
        at,
        when: shell.when(at),
        exactly: words.moment(at),
        what,
        who: None,
        more: None,
    };
    let mut all = Vec::new();
    for (name, value) in root.entries().filter(|(name, _)| *name != "modified") {
        if let Some(at) = value.as_str().filter(|text| text.ends_with('Z')).and_then(|text| Timestamp::parse(text).ok())
        {
            all.push(event(at, words.known("property-", name)));
        }
    }
    for version in
        found.versions.iter().filter(|version| version.owner == one.owner && version.modified.as_micros() != 0)
    {
        let more = (!version.file.is_empty()).then(|| Foreign::line(&version.file));
        all.push(Event { more, ..event(version.modified, words.say("version-made")) });
    }
    for seer in found.seers.iter().flatten().filter(|seer| seer.owner == one.owner) {
        for delivery in &seer.given {
            let given = words.text("given-by", "way", &words.known("way-", delivery.channel.name()));
            all.push(Event { who: Some(shell.owner(&seer.recipient)), ..event(delivery.ended, given) });
        }
    }
    all.sort_by_key(|event| event.at);
    all
}
