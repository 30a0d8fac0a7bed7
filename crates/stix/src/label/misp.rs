//! Tags in `labels` that restrict: MISP taxonomies, and handling codes.

use std::collections::BTreeSet;

use comity_base::Timestamp;

use super::{Handling, Pap, Party, Said, Tlp, grading};

/// The groups that MISP's distribution levels 1 and 2 stand for.
#[derive(Clone, Debug)]
pub(super) struct Communities {
    pub(super) own: Party,
    pub(super) connected: Party,
}

/// Reads the tags of one object.
pub(super) struct Tags<'t> {
    /// The object's owner.
    pub(super) owner: &'t Party,
    /// What distribution levels stand for.
    pub(super) communities: &'t Communities,
    /// When the object was created, for periods that count from there.
    pub(super) created: Option<Timestamp>,
}

/// What a tag is about, by its name space.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Space {
    Tlp,
    Pap,
    Distribution,
    SharingGroup,
    Reliability,
    Credibility,
    Retention,
    Handling,
}

/// What the tags of one object say, and what could not be read.
#[derive(Default)]
pub(super) struct Tagged {
    pub(super) said: Said,
    /// Tags that restrict but could not be read as they stand, with what was made of them.
    pub(super) remarks: Vec<String>,
    /// Whether one of them closes the object.
    pub(super) unreadable: bool,
}

/// Whether a tag may restrict, so that it belongs into the key of the label.
pub(super) fn restricts(tag: &str) -> bool {
    space(tag).is_some()
}

/// Whether a tag's meaning depends on the object's date.
pub(super) fn needs_date(tag: &str) -> bool {
    matches!(space(tag), Some((Space::Retention, value)) if !value.eq_ignore_ascii_case("expired"))
}

impl Tags<'_> {
    /// Reads all tags of one object together.
    pub(super) fn read<'a>(&self, tags: impl Iterator<Item = &'a str>) -> Tagged {
        let mut out = Tagged::default();
        let (mut reliability, mut credibility) = (BTreeSet::new(), BTreeSet::new());
        let (mut levels, mut groups) = (BTreeSet::new(), BTreeSet::new());
        for (space, value, tag) in tags.filter_map(|tag| space(tag).map(|(space, value)| (space, value, tag))) {
            match space {
                Space::Tlp => out.tlp(tag),
                Space::Pap => out.pap(tag),
                Space::Distribution => drop(levels.insert(value)),
                Space::SharingGroup => drop(groups.insert(value)),
                Space::Reliability => drop(reliability.insert(value.to_ascii_uppercase())),
                Space::Credibility => drop(credibility.insert(value.to_owned())),
                Space::Retention => out.retention(value, tag, self.created),
                Space::Handling => out.handling(value, tag),
            }
        }
        self.distribution(&levels, &groups, &mut out);
        out.gradings(&reliability, &credibility);
        out
    }

    /// MISP: 0 own organisation, 1 this community, 2 connected communities, 3 all, 4 sharing group,
    /// 5 as the event. A level that cannot be read is the own organisation's.
    fn distribution(&self, levels: &BTreeSet<&str>, groups: &BTreeSet<&str>, out: &mut Tagged) {
        let Communities { own, connected } = self.communities;
        for level in levels {
            match *level {
                "1" => out.said.limit_release(BTreeSet::from([own.clone()])),
                "2" => out.said.limit_release(BTreeSet::from([own.clone(), connected.clone()])),
                "3" | "5" => {}
                "4" if !groups.is_empty() => {}
                "0" => out.said.limit_release(BTreeSet::from([self.owner.clone()])),
                other => {
                    out.said.limit_release(BTreeSet::from([self.owner.clone()]));
                    out.remark(&format!("misp:distribution={other}"), "read as the own organisation only");
                }
            }
        }
        for group in groups {
            let known = uuid::Uuid::try_parse(group).ok().and_then(|uuid| Party::group(&format!("sg-{uuid}")).ok());
            if known.is_none() {
                out.remark(&format!("misp:sharing-group={group}"), "not a UUID; read as the own organisation only");
            }
            out.said.limit_release(BTreeSet::from([known.unwrap_or_else(|| self.owner.clone())]));
        }
    }
}

impl Tagged {
    fn tlp(&mut self, tag: &str) {
        let level = Tlp::parse(tag).unwrap_or_else(|_| {
            self.remark(tag, "not a TLP level; read as red");
            Tlp::Red
        });
        self.said.tlp = self.said.tlp.max(Some(level));
    }

    fn pap(&mut self, tag: &str) {
        let level = Pap::parse(tag).unwrap_or_else(|_| {
            self.remark(tag, "not a PAP level; read as red");
            Pap::Red
        });
        self.said.pap = self.said.pap.max(Some(level));
    }

    fn handling(&mut self, value: &str, tag: &str) {
        let code = Handling::parse(value).unwrap_or_else(|_| {
            self.remark(tag, "not a handling code; read as H3");
            Handling::H3
        });
        self.said.handling.insert(code);
    }

    /// MISP taxonomy `retention`: `expired`, or a number of days, weeks, months or years from the object's date.
    ///
    /// Kept by the day, so that a feed does not make one label per second. A period that cannot be counted
    /// closes the object instead of setting a date: a wrong date would destroy data.
    fn retention(&mut self, value: &str, tag: &str, created: Option<Timestamp>) {
        let end = if value.eq_ignore_ascii_case("expired") {
            Some(Timestamp::default())
        } else {
            days(value).zip(created).map(|(days, created)| {
                let day = created.as_micros().div_euclid(DAY).saturating_add(days + 1);
                Timestamp::from_micros(day.saturating_mul(DAY) - 1)
            })
        };
        if end.is_none() {
            self.unreadable = true;
            self.remark(tag, "a retention that cannot be counted from the object's date; the object is closed");
        }
        self.said.retain_until = super::said::earliest(self.said.retain_until, end);
    }

    /// One reliability and one credibility make one grade; anything else stays apart.
    fn gradings(&mut self, reliability: &BTreeSet<String>, credibility: &BTreeSet<String>) {
        let pair = match (reliability.first(), credibility.first()) {
            (Some(source), Some(information)) if reliability.len() == 1 && credibility.len() == 1 => {
                Some(format!("{source}{information}"))
            }
            _ => None,
        };
        let codes: Vec<&String> =
            pair.as_ref().map_or_else(|| reliability.iter().chain(credibility).collect(), |pair| vec![pair]);
        for code in codes {
            match grading(code) {
                Ok(grade) => drop(self.said.grading.insert(grade)),
                Err(_) => self.remark(code, "not a grade on the Admiralty scale; not taken"),
            }
        }
    }

    fn remark(&mut self, tag: &str, what: &str) {
        let tag: String = tag.chars().take(100).collect();
        self.remarks.push(format!("{tag:?}: {what}"));
    }
}

/// The space of a tag and the value in it, without quotes.
fn space(tag: &str) -> Option<(Space, &str)> {
    let tag = tag.trim();
    // Nearly every tag in the field is of another space: decide by its first letter.
    let spaces: &[(&str, Space)] = match tag.as_bytes().first()?.to_ascii_lowercase() {
        b't' => &[("tlp:", Space::Tlp)],
        b'p' => &[("pap:", Space::Pap)],
        b'm' => &[("misp:distribution", Space::Distribution), ("misp:sharing-group", Space::SharingGroup)],
        b'a' => &[
            ("admiralty-scale:source-reliability", Space::Reliability),
            ("admiralty-scale:information-credibility", Space::Credibility),
        ],
        b'r' => &[("retention:", Space::Retention)],
        b'h' => &[("handling:", Space::Handling), ("handling=", Space::Handling)],
        b'e' => &[("europol-handling", Space::Handling)],
        _ => return None,
    };
    spaces.iter().find_map(|(prefix, space)| {
        let (head, rest) = tag.split_at_checked(prefix.len())?;
        head.eq_ignore_ascii_case(prefix).then(|| (*space, value(rest)))
    })
}

/// `="b"`, `:code="H2"`, `:H2` or `H2` without what surrounds the value.
fn value(rest: &str) -> &str {
    let after = rest.rsplit(['=', ':']).next().unwrap_or(rest);
    after.trim().trim_matches('"').trim()
}

/// A period in days. Months count 30 and years 365, as the shorter reading.
fn days(period: &str) -> Option<i64> {
    let (number, unit) = period.split_at_checked(period.len().checked_sub(1)?)?;
    let number = number.parse::<u16>().ok()?;
    let factor = match unit {
        "d" | "D" => 1,
        "w" | "W" => 7,
        "m" | "M" => 30,
        "y" | "Y" => 365,
        _ => return None,
    };
    Some(i64::from(number) * factor)
}

/// One day in microseconds.
const DAY: i64 = 86_400_000_000;

#[cfg(test)]
mod tests {
    use super::*;

    fn read(tags: &[&str]) -> Tagged {
        let party = |text| Party::parse(text).unwrap();
        let communities = Communities { own: party("group:community"), connected: party("group:connected") };
        let created = Some(Timestamp::parse("2026-11-01T12:00:00Z").unwrap());
        Tags { owner: &party("org:cert-ee"), communities: &communities, created }.read(tags.iter().copied())
    }

    fn list(tags: &[&str]) -> Option<Vec<String>> {
        read(tags).said.release_to.map(|list| list.iter().map(Party::to_string).collect())
    }

    #[test]
    fn distribution_becomes_a_release_list_and_is_never_widened() {
        assert_eq!(list(&["misp:distribution=\"0\""]).unwrap(), ["org:cert-ee"]);
        assert_eq!(list(&["misp:distribution=1"]).unwrap(), ["group:community"]);
        assert_eq!(list(&["misp:distribution=\"2\""]).unwrap(), ["group:community", "group:connected"]);
        assert_eq!(list(&["misp:distribution=\"3\""]), None);
        assert_eq!(list(&["misp:distribution=\"5\""]), None);
        assert_eq!(list(&["misp:distribution=\"3\"", "misp:distribution=\"1\""]).unwrap(), ["group:community"]);
        let uuid = "misp:sharing-group=\"5f6e2d2b-17d4-4cbf-938f-98ee46b3cd3f\"";
        assert_eq!(
            list(&["misp:distribution=\"4\"", uuid]).unwrap(),
            ["group:sg-5f6e2d2b-17d4-4cbf-938f-98ee46b3cd3f"]
        );
        for unreadable in
            [&["misp:distribution=\"4\""][..], &["misp:distribution=\"9\""], &["misp:sharing-group=\"Our friends\""]]
        {
            assert_eq!(list(unreadable).unwrap(), ["org:cert-ee"]);
            assert_eq!(read(unreadable).remarks.len(), 1);
        }
    }

    #[test]
    fn levels_and_codes_take_the_strictest() {
        let tagged = read(&[
            "tlp:green",
            "TLP:AMBER+STRICT",
            "PAP:GREEN",
            "handling:H1",
            "europol-handling:code=\"H2\"",
            "type:OSINT",
        ]);
        assert_eq!(tagged.said.tlp, Some(Tlp::AmberStrict));
        assert_eq!(tagged.said.pap, Some(Pap::Green));
        assert_eq!(tagged.said.handling, BTreeSet::from([Handling::H1, Handling::H2]));
        assert!(tagged.remarks.is_empty());
    }

    #[test]
    fn what_cannot_be_read_is_strictest_and_remarked() {
        let tagged = read(&["tlp:black", "PAP:BLUE", "handling:H9", "retention:soon"]);
        assert_eq!(tagged.said.tlp, Some(Tlp::Red));
        assert_eq!(tagged.said.pap, Some(Pap::Red));
        assert_eq!(tagged.said.handling, BTreeSet::from([Handling::H3]));
        assert!(tagged.unreadable && tagged.said.retain_until.is_none());
        assert_eq!(tagged.remarks.len(), 4);
    }

    #[test]
    fn a_pair_of_grades_is_one_grade() {
        let grades = |tags: &[&str]| read(tags).said.grading.into_iter().collect::<Vec<_>>();
        let (b, two) = ("admiralty-scale:source-reliability=\"b\"", "admiralty-scale:information-credibility=\"2\"");
        assert_eq!(grades(&[b, two]), ["admiralty-scale:B2"]);
        assert_eq!(grades(&[two]), ["admiralty-scale:2"]);
        let other = "admiralty-scale:source-reliability=\"f\"";
        assert_eq!(grades(&[b, two, other]), ["admiralty-scale:2", "admiralty-scale:B", "admiralty-scale:F"]);
    }

    #[test]
    fn retention_counts_days_from_the_objects_date() {
        let until = |tag| read(&[tag]).said.retain_until.unwrap().to_string();
        assert_eq!(until("retention:1d"), "2026-11-02T23:59:59.999999Z");
        assert_eq!(until("retention:2w"), "2026-11-15T23:59:59.999999Z");
        assert_eq!(until("retention:10y"), "2036-10-29T23:59:59.999999Z");
        assert_eq!(until("retention:expired"), "1970-01-01T00:00:00.000Z");
    }
}
