use std::fmt::Write as _;

use super::*;

/// Label, then the purpose asked for.
const CASES: &[(&str, Option<&str>)] = &[
    (r#""tlp":"clear""#, None),
    (r#""tlp":"clear","release_to":["group:e5"]"#, None),
    (r#""tlp":"clear","deny":["country:FI","org:lab-north"]"#, None),
    (r#""tlp":"green""#, None),
    (r#""tlp":"green","release_to":["country:FI"]"#, None),
    (r#""tlp":"amber""#, None),
    (r#""tlp":"amber","release_to":["org:lab-north","group:e5","country:FI"]"#, None),
    (r#""tlp":"amber","release_to":["country:FI"],"deny":["org:fi-police"]"#, None),
    (r#""tlp":"amber+strict","release_to":["group:e5"]"#, None),
    (r#""tlp":"amber+strict","release_to":["org:lab-north","country:FI"]"#, None),
    (r#""tlp":"red""#, None),
    (r#""tlp":"red","release_to":["org:fi-police","group:e5"]"#, None),
    ("", None),
    (r#""release_to":["org:lab-north","country:FI"]"#, None),
    (r#""tlp":"green","pap":"red","handling":["H0","H1"]"#, None),
    (r#""tlp":"green","handling":["H2"]"#, None),
    (r#""tlp":"green","handling":["H3"],"release_to":["org:fi-police","country:FI","group:e5"]"#, None),
    (r#""tlp":"green","purposes":["investigation"]"#, None),
    (r#""tlp":"green","purposes":["investigation"]"#, Some("investigation")),
    (r#""tlp":"green","purposes":["investigation"]"#, Some("border-check")),
    (r#""tlp":"clear","retain_until":"2026-11-30T23:59:59.999999Z""#, None),
    (r#""tlp":"clear","retain_until":"2026-10-31T23:59:59.999999Z""#, None),
    (r#""tlp":"clear","markings":["marking-definition--20864905-06a0-47be-a04c-2164af17d635"]"#, None),
    (r#""tlp":"clear","deny":["org:ee-police"]"#, None),
];

#[test]
fn by_hand_the_rule_is_the_one_written_down() {
    let policy = Policy::new().unwrap();
    let (holder, now) = (org("ee-police"), at("2026-11-15T00:00:00Z"));
    let recipients = [
        recipient("ee-police", Some("EE"), &["e5"]),
        recipient("fi-police", Some("FI"), &["e5"]),
        recipient("lab-north", Some("SE"), &[]),
        recipient("lv-police", Some("LV"), &["e5"]),
        recipient("stranger", None, &[]),
    ];
    let mut out = String::from(
        "# Owner ee-police (EE, e5). Written by tests/export.rs; run it with COMITY_GOLDEN=write to renew.\n",
    );
    for (members, purpose) in CASES {
        let label = label(members);
        let asked = purpose.map_or(String::new(), |purpose| format!("  for {purpose}"));
        write!(out, "\n{}{asked}\n", label.to_json()).unwrap();
        for recipient in &recipients {
            let asker = policy.asker(&Ask::export(recipient, &holder, purpose.as_ref(), now));
            let verdict = asker.explain(&label);
            assert_eq!(verdict.admitted, asker.admits(&label));
            let mark = if verdict.admitted { "yes" } else { "no " };
            writeln!(out, "  {mark} {:<9} {}", recipient.name, lines(&verdict).join(" | ")).unwrap();
        }
    }
    crate::golden("tests/golden/export.txt", &out);
}
