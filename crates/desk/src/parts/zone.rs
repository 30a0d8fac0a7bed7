use askama::Template;
use comity_base::Timestamp;
use comity_stix::mrz::Mrz;
use comity_stix::person::PartialDate;

use super::super::language::Words;
use super::Foreign;

/// A machine-readable zone with the places that were put right.
#[derive(Clone, Debug, Template)]
#[template(path = "parts/zone.html")]
pub(crate) struct Zone {
    words: Words,
    /// Each line, in pieces of which every other was put right.
    lines: Vec<Vec<(String, bool)>>,
    facts: Vec<(String, Foreign)>,
    /// What was put right, in words.
    mended: Vec<String>,
    is_name_cut: bool,
}

impl Zone {
    /// As it was read from what was given.
    pub(crate) fn of(zone: &Mrz, given: &str, now: Timestamp, words: Words) -> Self {
        let width = zone.format.width();
        let given: Vec<char> = given.to_uppercase().chars().filter(|c| !c.is_whitespace()).collect();
        let read: Vec<char> = zone.zone.chars().collect();
        let mended = zone.mended.iter().filter_map(|at| {
            let (was, is) = (given.get(*at)?.to_string(), read.get(*at)?.to_string());
            let (line, place) = (((at / width) + 1).to_string(), ((at % width) + 1).to_string());
            Some(words.texts("zone-mended", &[("line", &line), ("place", &place), ("was", &was), ("is", &is)]))
        });
        Self {
            lines: (0..)
                .step_by(width)
                .zip(read.chunks(width))
                .map(|(start, line)| pieces(line, start, &zone.mended))
                .collect(),
            facts: facts(zone, now, words),
            mended: mended.collect(),
            is_name_cut: zone.is_name_cut,
            words,
        }
    }

    /// That it stands as it was read, or as it was put right.
    pub(crate) fn heading(&self) -> &'static str {
        if self.mended.is_empty() { "zone-read" } else { "zone-put-right" }
    }
}

/// A line that begins at a place of the zone, in pieces.
fn pieces(line: &[char], start: usize, mended: &[usize]) -> Vec<(String, bool)> {
    let mut pieces: Vec<(String, bool)> = Vec::new();
    for (at, c) in (start..).zip(line) {
        let is_mended = mended.contains(&at);
        match pieces.last_mut() {
            Some((text, last)) if *last == is_mended => text.push(*c),
            _ => pieces.push((c.to_string(), is_mended)),
        }
    }
    pieces
}

fn facts(zone: &Mrz, now: Timestamp, words: Words) -> Vec<(String, Foreign)> {
    let name = [zone.primary.as_str(), zone.secondary.as_str()].map(str::to_owned);
    let name: Vec<String> = name.into_iter().filter(|part| !part.is_empty()).collect();
    let kind = words.known("document-", &zone.kind.chars().take(1).collect::<String>().to_ascii_lowercase());
    let born = birth_of(zone, now).map_or_else(|| zone.birth.clone(), |date| words.as_far_as_known(date));
    let sex = match zone.sex {
        Some('F') => "sexed-female",
        Some('M') => "sexed-male",
        _ => "sexed-unspecified",
    };
    let expiry = expiry_of(zone).map_or_else(|| zone.expiry.clone(), |date| words.as_far_as_known(date));
    vec![
        (words.say("said-documents"), Foreign::line(&format!("{}:{}:{}", zone.state, zone.kind, zone.number))),
        (words.say("type"), Foreign::own(&words.list(&[kind, words.state(&zone.state)]))),
        (words.say("person-name"), Foreign::line(&name.join(", "))),
        (words.say("nationality"), Foreign::own(&words.state(&zone.nationality))),
        (words.say("birth-date"), Foreign::own(&born)),
        (words.say("sex"), Foreign::own(&words.say(sex))),
        (words.say("valid-until"), Foreign::own(&expiry)),
    ]
}

/// The birth date that a zone gives, as far as it does.
pub(crate) fn birth_of(zone: &Mrz, now: Timestamp) -> Option<PartialDate> {
    let this_year = now.to_string().get(..4)?.parse().ok()?;
    let (year, month, day) = zone.born(this_year);
    Some(PartialDate {
        year: year.and_then(|year| u16::try_from(year).ok())?,
        month,
        day: day.filter(|_| month.is_some()),
    })
}

/// When a document ends: nothing that is shown today ended long ago.
fn expiry_of(zone: &Mrz) -> Option<PartialDate> {
    let part = |from: usize| zone.expiry.get(from..from + 2)?.parse::<u8>().ok();
    let year = u16::from(part(0)?);
    PartialDate::parse(&format!(
        "{}-{:02}-{:02}",
        if year < 80 { 2000 + year } else { 1900 + year },
        part(2)?,
        part(4)?
    ))
    .ok()
}

super::safe!(Zone);

#[cfg(test)]
mod tests {
    use super::*;

    const ZONE: &str = "P<ESTTAMM<<JAAN<<<<<<<<<<<<<<<<<<<<<<<<<<<<<\nKB01234568EST84O3054M3001019<<<<<<<<<<<<<<04";

    fn zone(text: &str, language: &str) -> String {
        let words = Words::named(language).unwrap();
        let read = Mrz::read_mended(text).unwrap();
        let html = Zone::of(&read, text, "2026-11-26T00:00:00Z".parse().unwrap(), words).to_string();
        html.chars().filter(|c| !matches!(c, '\u{2066}'..='\u{2069}')).collect()
    }

    #[test]
    fn places_that_were_put_right_are_marked_and_told() {
        let html = zone(ZONE, "en");
        assert!(html.contains("<mark>0</mark>3054M"), "{html}");
        assert!(html.contains("Line 2, place 16: O was put right to 0."), "{html}");
        for told in ["EST:P:KB0123456", "TAMM, JAAN", "5 Mar 1984", "1 Jan 2030", "male", "Estonia", "Passport"] {
            assert!(html.contains(told), "{told}: {html}");
        }
    }

    #[test]
    fn a_zone_that_is_right_has_no_marks() {
        assert!(!zone(&ZONE.replace("84O3", "8403"), "de").contains("<mark>"));
    }
}
