//! Which relationships the specification suggests between which types (STIX 2.1 appendix B).

const ANY_VICTIM: &[&str] = &["identity", "location", "vulnerability"];
const VICTIMS_AND_SYSTEMS: &[&str] = &["identity", "infrastructure", "location", "vulnerability"];
const MEANS: &[&str] = &["attack-pattern", "infrastructure", "malware", "tool"];
const INFRASTRUCTURE: &[&str] = &["infrastructure"];
const LOCATION: &[&str] = &["location"];
const MALWARE: &[&str] = &["malware"];
const VULNERABILITY: &[&str] = &["vulnerability"];
const PAYLOADS: &[&str] = &["malware", "tool", "file"];
const PEERS: &[&str] = &["ipv4-addr", "ipv6-addr", "domain-name", "url"];
const PARTS: &[&str] = &[
    "infrastructure",
    "observed-data",
    "artifact",
    "autonomous-system",
    "directory",
    "domain-name",
    "email-addr",
    "email-message",
    "file",
    "ipv4-addr",
    "ipv6-addr",
    "mac-addr",
    "mutex",
    "network-traffic",
    "process",
    "software",
    "url",
    "user-account",
    "windows-registry-key",
    "x509-certificate",
];

/// Whether the specification suggests this relationship. Types it says nothing of are not judged.
pub(super) fn suggested(source: &str, relationship: &str, target: &str) -> bool {
    match relationship {
        "related-to" => return true,
        "derived-from" | "duplicate-of" => return source == target,
        _ => {}
    }
    let Some(table) = of(source) else { return true };
    table.iter().any(|(name, targets)| *name == relationship && targets.contains(&target))
}

type Row = (&'static str, &'static [&'static str]);

#[expect(clippy::too_many_lines, reason = "a table")]
fn of(source: &str) -> Option<&'static [Row]> {
    Some(match source {
        "attack-pattern" => &[("delivers", MALWARE), ("targets", ANY_VICTIM), ("uses", &["malware", "tool"])],
        "campaign" => &[
            ("attributed-to", &["intrusion-set", "threat-actor"]),
            ("compromises", INFRASTRUCTURE),
            ("originates-from", LOCATION),
            ("targets", ANY_VICTIM),
            ("uses", MEANS),
        ],
        "course-of-action" => &[
            ("investigates", &["indicator"]),
            ("remediates", &["malware", "vulnerability"]),
            ("mitigates", &["attack-pattern", "indicator", "malware", "tool", "vulnerability"]),
        ],
        "identity" => &[("located-at", LOCATION)],
        "indicator" => &[
            (
                "indicates",
                &["attack-pattern", "campaign", "infrastructure", "intrusion-set", "malware", "threat-actor", "tool"],
            ),
            ("based-on", &["observed-data"]),
        ],
        "infrastructure" => &[
            ("communicates-with", &["infrastructure", "ipv4-addr", "ipv6-addr", "domain-name", "url"]),
            ("consists-of", PARTS),
            ("controls", &["infrastructure", "malware"]),
            ("delivers", MALWARE),
            ("has", VULNERABILITY),
            ("hosts", &["tool", "malware"]),
            ("located-at", LOCATION),
            ("uses", INFRASTRUCTURE),
        ],
        "intrusion-set" => &[
            ("attributed-to", &["threat-actor"]),
            ("compromises", INFRASTRUCTURE),
            ("hosts", INFRASTRUCTURE),
            ("owns", INFRASTRUCTURE),
            ("originates-from", LOCATION),
            ("targets", ANY_VICTIM),
            ("uses", MEANS),
        ],
        "malware" => &[
            ("authored-by", &["threat-actor", "intrusion-set"]),
            ("beacons-to", INFRASTRUCTURE),
            ("exfiltrates-to", INFRASTRUCTURE),
            ("exfiltrate-to", INFRASTRUCTURE),
            ("communicates-with", PEERS),
            ("controls", MALWARE),
            ("downloads", PAYLOADS),
            ("drops", PAYLOADS),
            ("exploits", VULNERABILITY),
            ("originates-from", LOCATION),
            ("targets", VICTIMS_AND_SYSTEMS),
            ("uses", MEANS),
            ("variant-of", MALWARE),
        ],
        "malware-analysis" => &[
            ("characterizes", MALWARE),
            ("analysis-of", MALWARE),
            ("static-analysis-of", MALWARE),
            ("dynamic-analysis-of", MALWARE),
        ],
        "threat-actor" => &[
            ("attributed-to", &["identity"]),
            ("compromises", INFRASTRUCTURE),
            ("hosts", INFRASTRUCTURE),
            ("owns", INFRASTRUCTURE),
            ("impersonates", &["identity"]),
            ("located-at", LOCATION),
            ("targets", ANY_VICTIM),
            ("uses", MEANS),
        ],
        "tool" => &[
            ("delivers", MALWARE),
            ("drops", MALWARE),
            ("has", VULNERABILITY),
            ("targets", VICTIMS_AND_SYSTEMS),
            ("uses", INFRASTRUCTURE),
        ],
        "domain-name" => &[("resolves-to", &["domain-name", "ipv4-addr", "ipv6-addr"])],
        "ipv4-addr" | "ipv6-addr" => &[("resolves-to", &["mac-addr"]), ("belongs-to", &["autonomous-system"])],
        "grouping" | "incident" | "location" | "note" | "observed-data" | "opinion" | "report" | "vulnerability" => &[],
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::suggested;

    #[test]
    fn the_tables_decide_for_known_types_only() {
        assert!(suggested("indicator", "indicates", "malware"));
        assert!(!suggested("malware", "mitigates", "course-of-action"));
        assert!(!suggested("malware", "uses", "identity"));
        assert!(suggested("malware", "related-to", "report") && suggested("x-thing", "eats", "tool"));
        assert!(suggested("file", "duplicate-of", "file") && !suggested("file", "duplicate-of", "url"));
    }
}
