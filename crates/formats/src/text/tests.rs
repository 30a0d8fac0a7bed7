use std::collections::BTreeSet;
use std::ops::ControlFlow;
use std::path::PathBuf;

use comity_stix::value::{Kind, Values};
use proptest::prelude::*;

use super::scan;

fn found(text: &str) -> Vec<(Kind, String)> {
    let mut all = Vec::new();
    let values = Values::new([7; 32]);
    let flow = scan(text, &values, &mut |spot| {
        assert_eq!(text.get(spot.start..spot.end), Some(spot.raw));
        all.push((spot.kind, spot.value.text().to_owned()));
        ControlFlow::Continue(())
    });
    assert_eq!(flow, ControlFlow::Continue(()));
    all
}

#[track_caller]
fn finds(text: &str, expected: &[(Kind, &str)]) {
    let expected: Vec<_> = expected.iter().map(|(kind, text)| (*kind, (*text).to_owned())).collect();
    assert_eq!(found(text), expected, "{text}");
}

#[test]
fn domains_in_every_dress() {
    for text in [
        "evil.example.com",
        "evil[.]example[.]com",
        "evil(.)example(.)com",
        "evil{.}example{.}com",
        "evil[dot]example[dot]com",
        "evil(dot)example(DOT)com",
        "evil[.]example.com",
        "evil [.] example [.] com",
        "evil[.example[.com",
        "evil\\.example\\.com",
        "evil dot example dot com",
        "(evil.example.com)",
        "\"evil.example.com\",",
        "“evil.example.com”",
        "at evil.example.com.",
        "EVIL.EXAMPLE.COM:443",
        "evil.example.com/gate.php?x=y.ru",
    ] {
        finds(text, &[(Kind::Domain, "evil.example.com")]);
    }
    finds("фишинг.рф", &[(Kind::Domain, "xn--c1ajau6aza.xn--p1ai")]);
}

#[test]
fn urls_in_every_dress_with_their_hosts() {
    for text in [
        "http://evil.com/a",
        "hxxp://evil.com/a",
        "hXXp://evil[.]com/a",
        "hxxp[:]//evil[.]com/a",
        "hxxp[://]evil[.]com/a",
        "hxxp[:/]/evil(.)com/a",
        "hxxp[]://evil[dot]com/a",
        "h**p://evil.com/a",
        "http:\\/\\/evil.com\\/a",
        "<http://evil.com/a>",
        "(see http://evil.com/a).",
        "[here](http://evil.com/a)",
        "http://evil.com/a[the page]",
        "http://evil.com/a,",
        "|http://evil.com/a|C2",
        "»http://evil.com/a«",
        "`++http://evil.com/a++`",
        "('http://evil.com/a','x')",
        "curl http://evil.com/a&&run",
    ] {
        finds(text, &[(Kind::Url, "http://evil.com/a"), (Kind::Domain, "evil.com")]);
    }
    finds(
        "hxxps://1[.]2[.]3[.]4[:]8443/x(3.02).exe?a[]=1&b[c]=2",
        &[(Kind::Url, "https://1.2.3.4:8443/x(3.02).exe?a[]=1&b[c]=2"), (Kind::Ipv4, "1.2.3.4")],
    );
    finds("http://[2001:db8::1]:8080/x", &[(Kind::Url, "http://[2001:db8::1]:8080/x"), (Kind::Ipv6, "2001:db8::1")]);
    finds(
        "ftp://user:pa.ss@files.evil.com/",
        &[(Kind::Url, "ftp://user:pa.ss@files.evil.com/"), (Kind::Domain, "files.evil.com")],
    );
    finds(
        "hxxps://a[.]com/go?to=hxxp://evil[.]com/",
        &[(Kind::Url, "https://a.com/go?to=http://evil.com/"), (Kind::Domain, "a.com")],
    );
    finds("http://localhost:8080/x http://... https:// http://a", &[]);
}

#[test]
fn addresses_of_machines() {
    finds(
        "1.2.3.4, 5[.]6[.]7[.]8 9.9.9[.]9:443 10.0.0.0/8 192.168.1[.]0[/]24 8.8.8.8/dns",
        &[
            (Kind::Ipv4, "1.2.3.4"),
            (Kind::Ipv4, "5.6.7.8"),
            (Kind::Ipv4, "9.9.9.9"),
            (Kind::Cidr, "10.0.0.0/8"),
            (Kind::Cidr, "192.168.1.0/24"),
            (Kind::Ipv4, "8.8.8.8"),
        ],
    );
    finds(
        "2001:db8::1 2001[:]db8[:][:]2 ::ffff:1.2.3.4 2001:db8::/32 fe80::1%eth0 2001:db8::3: then",
        &[
            (Kind::Ipv6, "2001:db8::1"),
            (Kind::Ipv6, "2001:db8::2"),
            (Kind::Ipv6, "::ffff:1.2.3.4"),
            (Kind::Cidr, "2001:db8::/32"),
            (Kind::Ipv6, "fe80::1"),
            (Kind::Ipv6, "2001:db8::3"),
        ],
    );
    finds(
        "00:1A:2b:3c:4d:5e and 00-1a-2b-3c-4d-5f via AS64500 (not AS400)",
        &[(Kind::Mac, "00:1a:2b:3c:4d:5e"), (Kind::Mac, "00:1a:2b:3c:4d:5f"), (Kind::Asn, "AS64500")],
    );
}

#[test]
fn mail_phone_and_handles() {
    for text in [
        "john.me@evil.com",
        "john[.]me[@]evil[.]com",
        "john.me[at]evil.com",
        "john.me(at)evil(dot)com",
        "john.me [at] evil [.] com",
        "mailto:john.me@evil.com,",
        "<john.me@evil.com>",
        "'john.me@evil.com'",
    ] {
        finds(text, &[(Kind::Email, "john.me@evil.com")]);
    }
    finds("john.me+tag@evil.com", &[(Kind::Email, "john.me+tag@evil.com")]);
    finds("call +372 5555 1234 now, `+1.2.3[.]4+`", &[(Kind::Phone, "+37255551234"), (Kind::Ipv4, "1.2.3.4")]);
    finds(
        "t.me/evil_shop https://t.me/s/other_shop @third_shop (Telegram) @nobody",
        &[
            (Kind::Domain, "t.me"),
            (Kind::Handle, "telegram:evil_shop"),
            (Kind::Url, "https://t.me/s/other_shop"),
            (Kind::Domain, "t.me"),
            (Kind::Handle, "telegram:other_shop"),
            (Kind::Handle, "telegram:third_shop"),
        ],
    );
}

#[test]
fn hashes_are_told_apart_by_length_and_by_what_the_text_calls_them() {
    let md5 = "8ebeb3f91cda8e985a9c61beb8cdde9d";
    let sha1 = "e422e8628c34346a31a9ca2cca29233e86ff2d4d";
    let sha256 = "1b5649b479fd625de5c8120873644b5eb669cc89cd504582c18e0ae350fd8823";
    finds(&format!("{md5}|x, {}.", md5.to_uppercase()), &[(Kind::Md5, md5), (Kind::Md5, md5)]);
    finds(&format!("sha1={sha1} SHA256:{sha256}"), &[(Kind::Sha1, sha1), (Kind::Sha256, sha256)]);
    finds(&format!("{md5}{md5}{md5} a{md5} {md5}_x"), &[]);
    finds(&format!("imphash: {md5}"), &[]);
    finds(&format!("JA3: {md5}"), &[(Kind::Ja3, md5)]);
    finds(&format!("thumbprint {sha1}"), &[(Kind::CertFingerprint, sha1)]);
    finds(
        &format!("https://www.virustotal.com/gui/file/{sha256}/detection"),
        &[
            (Kind::Url, &format!("https://www.virustotal.com/gui/file/{sha256}/detection")),
            (Kind::Domain, "www.virustotal.com"),
            (Kind::Sha256, sha256),
        ],
    );
    let named = format!("{sha256}.exe");
    finds(&named, &[(Kind::FileName, &named), (Kind::Sha256, sha256)]);
    let ssdeep = "3072:mV5OxiTgrqNzcYmO7t+0OY:mV5OSTgrq1cYmC+jY";
    finds(ssdeep, &[(Kind::Ssdeep, ssdeep)]);
    finds("00000000000000000000000000000000 12345678901234567890123456789012", &[]);
}

#[test]
fn money() {
    finds(
        "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq 1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa",
        &[
            (Kind::Bitcoin, "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq"),
            (Kind::Bitcoin, "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"),
        ],
    );
    finds("1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNb", &[]);
    finds(
        "0xde0b295669a9fd93d5f28d9ec85e40f4cb697bae",
        &[(Kind::Ethereum, "0xde0b295669a9fd93d5f28d9ec85e40f4cb697bae")],
    );
    finds("TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t", &[(Kind::Tron, "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t")]);
    finds(
        "EE382200221020145685 EE38 2200 2210 2014 5685 paid",
        &[(Kind::Iban, "EE382200221020145685"), (Kind::Iban, "EE382200221020145685")],
    );
    finds("EE382200221020145686", &[]);
    finds("BIC: HABAEE2X and further on in this very sentence HABAEE2X", &[(Kind::Bic, "HABAEE2X")]);
    let card = found("kaart 4111 1111 1111 1111, card 4111111111111111");
    assert_eq!(card.len(), 2);
    assert!(card.iter().all(|(kind, text)| *kind == Kind::Card && !text.contains("4111")), "{card:?}");
    finds("number 4111 1111 1111 1111", &[]);
}

#[test]
fn files_keys_and_mutexes() {
    finds(
        "dropped C:\\Users\\x\\evil.exe and report.pdf, setup.py; ran \"C:\\Program Files\\PDF Editor.exe\"",
        &[
            (Kind::FileName, "evil.exe"),
            (Kind::FileName, "report.pdf"),
            (Kind::FileName, "setup.py"),
            (Kind::FileName, "pdf editor.exe"),
        ],
    );
    let keys = found("HKCU\\Software\\Microsoft\\Windows NT\\CurrentVersion\\Run and then HKLM:\\SOFTWARE\\x.");
    assert_eq!(keys.len(), 2, "{keys:?}");
    assert!(keys.iter().all(|(kind, _)| *kind == Kind::RegistryKey));
    assert!(keys[0].1.to_lowercase().ends_with("windows nt\\currentversion\\run"), "{keys:?}");
    finds("Mutex: Global\\evil_mtx, the mutex is", &[(Kind::Mutex, "Global\\evil_mtx")]);
}

#[test]
fn what_looks_like_a_value_and_is_none() {
    for text in [
        "see e.g. this, i.e. that, a.m. and p.m. in the U.S. or St.Louis",
        "readme.md, file.name, lib.rs, System.Net.Sockets, ASP.NET, Node.js",
        "The end.In this case it ends.So it does. word.It",
        "Android/Spy.Agent.BN, Win32/Agent.TO, MSIL/Kryptik.AI",
        "com.android.vending com.evil.app org.telegram.messenger.live",
        "version 10.0.1.2, v1.2.3.4, 1.2.3.4.5, 1.3.6.1.4.1.311, 999.1.1.1, 01.2.3.4",
        "12:30:45 00:19 std::vec dead::beef a::b 10:20 Foo::Bar",
        "the dot com bubble, polka dot com, a dot in time",
        "+1 +12 a+37255551234 5+5=10",
        "AS IS, ASAP, AS400, HKEY, @someone, x@y, a@b.c",
        "ABCDEFGH BANKNAME 2024-02-12_16-01-13-036815",
        "self.id = window.open() obj.name x.new",
        "… . .. ... .com [.] [.]com hxxp hxxp:// [at] @ + :: ://",
    ] {
        finds(text, &[]);
    }
}

#[test]
fn a_break_ends_the_scan() {
    let mut count = 0;
    let flow = scan("1.2.3.4 5.6.7.8", &Values::new([0; 32]), &mut |_| {
        count += 1;
        ControlFlow::Break(())
    });
    assert_eq!((flow, count), (ControlFlow::Break(()), 1));
}

#[test]
fn hostile_text_takes_linear_time() {
    // Each would take minutes if a handler went over the same bytes again and again.
    for piece in
        ["a.", "a@", "a[.]", "1.", "::", "a:", "[", "h**p", "hxxp://", "+1 ", "dot ", "a dot ", "“", "é", "'a.b", "\\"]
    {
        let text = piece.repeat(2_000_000 / piece.len());
        found(&text);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn any_text_gives_spans_within_it_and_in_order(text in "([ -~]|[a-f0-9]|[.@:/\\[\\]]|dot|at|hxxp://|é|“|\n|1\\.2){0,80}") {
        let mut last = 0;
        let values = Values::new([0; 32]);
        let _ = scan(&text, &values, &mut |spot| {
            assert!(spot.start >= last && spot.start < spot.end && spot.end <= text.len());
            assert_eq!(text.get(spot.start..spot.end), Some(spot.raw));
            last = spot.start;
            ControlFlow::Continue(())
        });
    }

    #[test]
    fn a_domain_is_found_wherever_it_stands(before in "[a-z ,(\"]{0,20}", name in "[a-z]{3,12}", after in "[ ,)\"\n]{1,5}") {
        let text = format!("{before} {name}-x[.]com{after}");
        prop_assert_eq!(found(&text), vec![(Kind::Domain, format!("{name}-x.com"))]);
    }
}

/// The scanner against counts made in a quite different way: regular expressions over text whose
/// defanging was undone by plain replacement.
#[test]
fn agrees_with_an_independent_count_over_real_reports() {
    let folder = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data/cti/ioc-texts"));
    let Ok(entries) = std::fs::read_dir(&folder) else {
        eprintln!("skipped: ../shared/data absent");
        return;
    };
    let mut ours: Vec<BTreeSet<String>> = vec![BTreeSet::new(); KINDS.len()];
    let mut theirs = ours.clone();
    let patterns: Vec<regex::Regex> = KINDS.iter().map(|(_, p)| regex::Regex::new(p).unwrap()).collect();
    for entry in entries {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        for (kind, value) in found(&text) {
            if let Some(place) = KINDS.iter().position(|(k, _)| *k == kind) {
                ours[place].insert(value);
            }
        }
        let plain = replaced(&text);
        for (place, pattern) in patterns.iter().enumerate() {
            for hit in pattern.find_iter(&plain) {
                let hit = hit.as_str();
                if KINDS[place].0 == Kind::Url {
                    let cut = hit.trim_end_matches(|c: char| ".,;:!?'*)]}".contains(c));
                    if let Ok(value) = Values::new([7; 32]).parse(Kind::Url, cut) {
                        theirs[place].insert(value.text().to_owned());
                    }
                } else {
                    theirs[place].insert(hit.to_ascii_lowercase());
                }
            }
        }
    }
    let differ: Vec<_> = ours
        .iter()
        .zip(&theirs)
        .zip(KINDS)
        .map(|((ours, theirs), (kind, _))| {
            (*kind, ours.intersection(theirs).count(), ours.difference(theirs).count(), theirs.difference(ours).count())
        })
        .collect();
    assert_eq!(
        differ,
        [
            // Only by expression: digits inside URLs, inside domain names (`pub-<32 digits>.r2.dev`) and folders.
            (Kind::Md5, 989, 0, 113),
            // Only by expression: names of files and commits inside URLs, thumbprints of certificates.
            (Kind::Sha1, 2492, 0, 42),
            // Only by expression: inside URLs, names of certificates' files, fingerprints.
            (Kind::Sha256, 6330, 0, 9),
            // Only by expression: object identifiers (1.3.6.1...), version numbers, names in URLs.
            (Kind::Ipv4, 4687, 0, 7),
            // Both sides differ where the expression goes on past the end of a URL (AsciiDoc's `++`, shell's `&&`,
            // PowerShell's quotes, a table's comma, a cut bracket); only the scanner reads ws, wss and tcp, and `.tk/`
            // after ` [.] `; only the expression takes hosts of one label.
            (Kind::Url, 5758, 106, 86),
        ]
    );
}

const KINDS: &[(Kind, &str)] = &[
    (Kind::Md5, r"\b[0-9A-Fa-f]{32}\b"),
    (Kind::Sha1, r"\b[0-9A-Fa-f]{40}\b"),
    (Kind::Sha256, r"\b[0-9A-Fa-f]{64}\b"),
    (
        Kind::Ipv4,
        r"\b(?:(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])\.){3}(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])\b",
    ),
    (Kind::Url, r#"\b(?i:https?|ftp)://[^\s"<>|`\[{]+"#),
];

fn replaced(text: &str) -> String {
    let mut text = text.to_owned();
    for (from, to) in [
        ("[.]", "."),
        ("(.)", "."),
        ("[:]", ":"),
        ("[://]", "://"),
        ("[]:", ":"),
        ("hxxp", "http"),
        ("hXXp", "http"),
        ("[dot]", "."),
    ] {
        text = text.replace(from, to);
    }
    text
}
