//! What an agreement says, in the language of the page.

use comity_policy::{Agreement, Flow, Onward, State};
use comity_stix::label::Pap;

use super::super::language::Words;
use super::super::parts::{Fact, Facts, Foreign};

/// One part of an agreement.
#[derive(Clone, Debug)]
pub(super) struct Section {
    /// None for what is about all of it.
    pub(super) heading: Option<Foreign>,
    pub(super) lines: Vec<(String, Vec<Foreign>)>,
}

impl Section {
    /// For the page.
    pub(super) fn facts(&self) -> Facts {
        let of =
            |(name, texts): &(String, Vec<Foreign>)| (name.clone(), texts.iter().cloned().map(Fact::Text).collect());
        Facts(self.lines.iter().map(of).collect())
    }
}

/// One line that is another in a newer version.
#[derive(Clone, Debug)]
pub(super) struct Change {
    pub(super) heading: Option<Foreign>,
    pub(super) name: String,
    pub(super) now: Vec<Foreign>,
    pub(super) before: Foreign,
}

/// Where an agreement stands.
pub(super) fn state(state: &State, words: Words) -> Foreign {
    Foreign::own(&match state {
        State::Draft => words.say("agreement-state-draft"),
        State::Proposed { by } => words.text("agreement-state-proposed", "by", by.as_str()),
        State::NotYet { from } => words.text("agreement-state-not-yet", "moment", &words.moment(*from)),
        State::Active { until } => words.text("agreement-state-active", "moment", &words.moment(*until)),
        State::Suspended { by, since, reason, .. } => words.texts(
            "agreement-state-suspended",
            &[("by", by.as_str()), ("moment", &words.moment(*since)), ("reason", reason)],
        ),
        State::Ended { at } => words.text("agreement-state-ended", "moment", &words.moment(*at)),
    })
}

/// Everything it says, by direction.
pub(super) fn sections(agreement: &Agreement, words: Words) -> Vec<Section> {
    let mut all = vec![about(agreement, words)];
    all.extend(agreement.flows.iter().map(|flow| Section {
        heading: Some(heading(flow.from.as_str(), flow.to.as_str(), words)),
        lines: flow_lines(flow, words),
    }));
    if let [one] = agreement.flows.as_slice() {
        all.push(Section {
            heading: Some(heading(one.to.as_str(), one.from.as_str(), words)),
            lines: vec![(words.say("agreement-data"), vec![own(words.say("agreement-nothing"))])],
        });
    }
    all.push(duties(agreement, words));
    all
}

/// What of the newer is not as in the older; what is gone counts too.
pub(super) fn changes(newer: &[Section], older: &[Section], words: Words) -> Vec<Change> {
    let find = |sections: &[Section], heading: &Option<Foreign>, name: &str| {
        let mut lines = sections.iter().filter(|one| one.heading == *heading).flat_map(|one| one.lines.clone());
        lines.find(|(known, _)| known == name).map(|(_, texts)| texts)
    };
    let said = |texts: &[Foreign]| texts.iter().map(|text| text.plain().to_owned()).collect::<Vec<_>>();
    let nothing = || vec![own(words.say("agreement-nothing"))];
    let mut all = Vec::new();
    for section in newer {
        for (name, now) in &section.lines {
            let before = find(older, &section.heading, name).unwrap_or_else(nothing);
            if before != *now {
                let before = words.text("agreement-before", "before", &words.list(&said(&before)));
                let (heading, name) = (section.heading.clone(), name.clone());
                all.push(Change { heading, name, now: now.clone(), before: own(before) });
            }
        }
    }
    for section in older {
        for (name, before) in &section.lines {
            if find(newer, &section.heading, name).is_none() {
                let before = words.text("agreement-before", "before", &words.list(&said(before)));
                let (heading, name) = (section.heading.clone(), name.clone());
                all.push(Change { heading, name, now: nothing(), before: own(before) });
            }
        }
    }
    all
}

/// Until when it counts, and what it rests on.
fn about(agreement: &Agreement, words: Words) -> Section {
    let (from, until) = (words.day(agreement.valid_from), words.day(agreement.valid_until));
    let counts = words.texts("agreement-from-until", &[("from", &from), ("until", &until)]);
    let mut lines = vec![
        (words.say("version"), vec![own(words.count(agreement.version.into()))]),
        (words.say("agreement-counts"), vec![own(counts)]),
    ];
    if !agreement.legal_basis.is_empty() {
        let basis = agreement.legal_basis.iter().map(|basis| Foreign::lines(basis)).collect();
        lines.push((words.say("agreement-basis"), basis));
    }
    let party = |party: &comity_policy::Signatory| {
        Foreign::line(&format!("{} ({}): {}", party.name, party.country, party.key.fingerprint()))
    };
    lines.push((words.say("agreement-keys"), agreement.parties.iter().map(party).collect()));
    let mut signed: Vec<_> = agreement.signatures.iter().map(|one| Foreign::line(one.party.as_str())).collect();
    if signed.is_empty() {
        signed.push(own(words.say("agreement-nobody")));
    }
    lines.push((words.say("agreement-signed-by"), signed));
    Section { heading: None, lines }
}

fn heading(from: &str, to: &str, words: Words) -> Foreign {
    own(words.texts("agreement-gives", &[("from", from), ("to", to)]))
}

fn flow_lines(flow: &Flow, words: Words) -> Vec<(String, Vec<Foreign>)> {
    let name = |id: &str| words.say(id);
    let kinds = flow.kinds.iter().map(|kind| own(words.known("data-", kind.name()))).collect();
    let purposes = flow.purposes.iter().map(|purpose| own(words.known("purpose-", purpose.name()))).collect();
    vec![
        (name("agreement-data"), kinds),
        (name("agreement-for"), purposes),
        (name("agreement-most"), levels(flow)),
        (name("agreement-codes"), vec![own(codes(flow, words))]),
        (name("agreement-owners"), vec![own(owners(flow, words))]),
        (name("agreement-onward"), vec![own(onward(flow, words))]),
        (name("agreement-kept"), vec![own(kept(flow, words))]),
    ]
}

fn levels(flow: &Flow) -> Vec<Foreign> {
    [Some(flow.tlp.marked()), flow.pap.map(Pap::marked)].into_iter().flatten().map(Foreign::line).collect()
}

fn codes(flow: &Flow, words: Words) -> String {
    if flow.handling.is_empty() {
        return words.say("agreement-codes-none");
    }
    let codes: Vec<String> = flow.handling.iter().map(|code| code.name().to_owned()).collect();
    words.text("agreement-codes-some", "codes", &words.list(&codes))
}

fn owners(flow: &Flow, words: Words) -> String {
    let Some(countries) = &flow.countries else { return words.say("agreement-owners-any") };
    words.list(&countries.iter().map(|code| words.country(code)).collect::<Vec<_>>())
}

fn onward(flow: &Flow, words: Words) -> String {
    words.say(match flow.onward {
        Onward::No => "agreement-onward-no",
        Onward::Named => "agreement-onward-named",
        Onward::Label => "agreement-onward-label",
    })
}

fn kept(flow: &Flow, words: Words) -> String {
    match flow.retention_days {
        Some(days) => words.counted("agreement-kept-days", u64::from(days)),
        None => words.say("agreement-kept-label"),
    }
}

/// What each owes the other, whichever way something went.
fn duties(agreement: &Agreement, words: Words) -> Section {
    let queries = match (agreement.queries.per_hour, agreement.queries.per_day) {
        (0, _) | (_, 0) => words.say("agreement-queries-none"),
        (hour, day) => {
            let (hour, day) = (words.count(hour.into()), words.count(day.into()));
            words.texts("agreement-queries-some", &[("hour", &hour), ("day", &day)])
        }
    };
    let hours = words.count(agreement.receipts.within_hours.into());
    let mut receipts = vec![own(words.text("agreement-receipts-hours", "hours", &hours))];
    if agreement.receipts.suspend_queries_when_overdue {
        receipts.push(own(words.say("agreement-receipts-suspend")));
    }
    let lines = vec![(words.say("agreement-queries"), vec![own(queries)]), (words.say("agreement-receipts"), receipts)];
    Section { heading: None, lines }
}

fn own(text: impl AsRef<str>) -> Foreign {
    Foreign::own(text.as_ref())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn agreement(text: &str) -> Agreement {
        let party = |name: &str, country: &str, seed: u8| {
            let key = comity_crypto::SigningKey::from_seed(&[seed; 32]).unwrap().public_key();
            format!("[[parties]]\nname = \"{name}\"\ncountry = \"{country}\"\nkey = \"{key}\"\n")
        };
        let head = "name = \"Cybercrime\"\nversion = 1\nvalid_from = 2026-01-01\nvalid_until = 2027-12-31\n";
        let rest = "[queries]\nper_day = 100\nper_hour = 10\n[receipts]\nwithin_hours = 24\n\
                    suspend_queries_when_overdue = true\n";
        let text = format!("{head}{}{}{text}{rest}", party("ee-police", "EE", 1), party("lab-north", "SE", 2));
        let id = "5d0092c5-5f74-4287-9642-33f4c354e56d".parse().unwrap();
        Agreement::from_toml(&text, id, "2026-01-01T00:00:00Z".parse().unwrap()).unwrap()
    }

    fn flow(tlp: &str, kinds: &str) -> String {
        format!(
            "[[flows]]\nfrom = \"ee-police\"\nto = \"lab-north\"\nkinds = [{kinds}]\npurposes = [\"investigation\"]\n\
             tlp = \"{tlp}\"\nhandling = [\"H0\"]\ncountries = [\"EE\"]\nonward = \"no\"\nretention_days = 3\n"
        )
    }

    fn text(sections: &[Section]) -> String {
        let mut out = String::new();
        for section in sections {
            out.extend(section.heading.iter().map(|heading| format!("# {}\n", heading.plain())));
            for (name, texts) in &section.lines {
                let texts: Vec<&str> = texts.iter().map(Foreign::plain).collect();
                out.push_str(&[name, ": ", &texts.join(" | "), "\n"].concat());
            }
        }
        out.chars().filter(|c| !matches!(c, '\u{2066}'..='\u{2069}')).collect()
    }

    #[test]
    fn everything_it_says_stands_there_in_the_language() {
        let one = agreement(&flow("green", "\"threat\", \"victim\""));
        let german = text(&sections(&one, Words::named("de").unwrap()));
        for told in [
            "von 01.01.2026 bis einschließlich 31.12.2027",
            "# Was ee-police an lab-north geben darf",
            "personenbezogene Daten | Opfer",
            "Nur für: Ermittlung",
            "TLP:GREEN",
            "H0",
            "Estland",
            "An niemanden",
            "Höchstens 3 Tage",
            "# Was lab-north an ee-police geben darf\nDaten: Nichts.",
            "in 24 Stunden: 100",
            "Stunden höchstens: 24",
            "Noch niemand",
        ] {
            assert!(german.contains(told), "{told}: {german}");
        }
        // No language leaves a message out.
        for language in ["en", "fr", "es", "ar", "de"] {
            let said = text(&sections(&one, Words::named(language).unwrap()));
            assert!(!said.contains("agreement-") && !said.contains("{$"), "{said}");
        }
    }

    #[test]
    fn what_a_newer_version_changes_is_told_and_nothing_else() {
        let words = Words::named("en").unwrap();
        let old = sections(&agreement(&flow("green", "\"threat\"")), words);
        assert!(changes(&old, &old, words).is_empty());
        let new = sections(&agreement(&flow("amber", "\"threat\", \"victim\"")), words);
        let found = changes(&new, &old, words);
        let names: Vec<&str> = found.iter().map(|one| one.name.as_str()).collect();
        assert_eq!(names, ["Data", "At most"]);
        assert!(found.iter().all(|one| one.heading.is_some()));
        assert_eq!(found[1].now[0].plain(), "TLP:AMBER");
        assert!(found[1].before.plain().contains("TLP:GREEN"));
        let other = flow("green", "\"threat\"")
            .replace("from = \"ee-police\"\nto = \"lab-north\"", "from = \"lab-north\"\nto = \"ee-police\"");
        let turned = changes(&sections(&agreement(&other), words), &old, words);
        assert!(turned.len() >= 8, "what is gone is told too: {turned:?}");
    }
}
