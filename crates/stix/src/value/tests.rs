use proptest::prelude::*;

use super::*;
use crate::Doc;

fn values() -> Values {
    Values::new([7; 32])
}

fn normal(kind: Kind, text: &str) -> Option<String> {
    values().parse(kind, text).ok().map(|value| value.text().to_owned())
}

/// Kind, a spelling, its normal form.
const SPELLINGS: &[(Kind, &str, &str)] = &[
    (Kind::Ipv4, " 198.51.100.7 ", "198.51.100.7"),
    (Kind::Ipv6, "2001:DB8:0:0:0:0:0:1", "2001:db8::1"),
    (Kind::Ipv6, "::FFFF:198.51.100.7", "::ffff:198.51.100.7"),
    (Kind::Cidr, "10.1.2.3/8", "10.0.0.0/8"),
    (Kind::Cidr, "10.1.2.3/32", "10.1.2.3/32"),
    (Kind::Cidr, "10.1.2.3/0", "0.0.0.0/0"),
    (Kind::Cidr, "2001:DB8::1/32", "2001:db8::/32"),
    (Kind::Cidr, "::1/0", "::/0"),
    (Kind::Domain, "WWW.Example.ORG.", "www.example.org"),
    (Kind::Domain, "_dmarc.example.org", "_dmarc.example.org"),
    (Kind::Domain, "Bücher.example", "xn--bcher-kva.example"),
    (Kind::Domain, "straße.de", "xn--strae-oqa.de"),
    (Kind::Domain, "例え。テスト", "xn--r8jz45g.xn--zckzah"),
    (Kind::Url, "HTTP://Example.ORG:80", "http://example.org/"),
    (Kind::Url, "https://example.org:0443?a=b#C", "https://example.org/?a=b#C"),
    (Kind::Url, "https://User:pw@Example.org:8443/a%2fB c?x=é", "https://User:pw@example.org:8443/a%2FB%20c?x=%C3%A9"),
    (Kind::Url, "http://[2001:DB8::0:1]:80/%zz", "http://[2001:db8::1]/%zz"),
    (Kind::Url, "http://Bücher.example/", "http://xn--bcher-kva.example/"),
    (Kind::Url, "ftp://198.51.100.7:21/x", "ftp://198.51.100.7/x"),
    (Kind::Url, "file:///C:/x", "file:///C:/x"),
    (Kind::Url, "http://intranet/x", "http://intranet/x"),
    (Kind::Email, "mailto:Jo.Doe+x@Example.ORG", "jo.doe+x@example.org"),
    (Kind::Email, "\"Jo Doe\"@bücher.example", "\"jo doe\"@xn--bcher-kva.example"),
    (Kind::Email, "a@[198.51.100.7]", "a@[198.51.100.7]"),
    (Kind::Md5, "D41D8CD98F00B204E9800998ECF8427E", "d41d8cd98f00b204e9800998ecf8427e"),
    (Kind::Sha1, "A9993E364706816ABA3E25717850C26C9CD0D89D", "a9993e364706816aba3e25717850c26c9cd0d89d"),
    (
        Kind::Sha256,
        "BA7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
    ),
    (
        Kind::Sha512,
        "DDAF35A193617ABACC417349AE20413112E6FA4E89A97EA20A9EEEE64B55D39A2192992A274FC1A836BA3C23A3FEEBBD454D4423643CE80E2A9AC94FA54CA49F",
        "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
    ),
    (Kind::Ssdeep, "3:AXGBicFlgVNhBGcL6wCrFQEv:AXGHsNhxLsr2C,\"a.exe\"", "3:AXGBicFlgVNhBGcL6wCrFQEv:AXGHsNhxLsr2C"),
    (
        Kind::Tlsh,
        "6ff02bef718027b0160b4391212923ed7f1a463d563b1549b86cf62973b197ad2731f8",
        "T16FF02BEF718027B0160B4391212923ED7F1A463D563B1549B86CF62973B197AD2731F8",
    ),
    (Kind::FileName, "C:\\Users\\x\\Invoice.EXE", "invoice.exe"),
    (Kind::FileName, "/tmp/.X", ".x"),
    (Kind::RegistryKey, "HKLM\\Software\\\\Microsoft\\", "hkey_local_machine\\software\\microsoft"),
    (Kind::RegistryKey, "HKEY_CURRENT_USER/Software/X", "hkey_current_user\\software\\x"),
    (Kind::RegistryKey, "\\REGISTRY\\MACHINE\\System", "hkey_local_machine\\system"),
    (Kind::RegistryKey, "Computer\\HKU\\S-1", "hkey_users\\s-1"),
    (Kind::RegistryKey, "Software\\X", "software\\x"),
    (Kind::Mutex, " Global\\Abc ", " Global\\Abc "),
    (Kind::Asn, "asn 64500", "AS64500"),
    (Kind::Asn, "AS1.10", "AS65546"),
    (
        Kind::CertFingerprint,
        "A9:99:3E:36:47:06:81:6A:BA:3E:25:71:78:50:C2:6C:9C:D0:D8:9D",
        "a9993e364706816aba3e25717850c26c9cd0d89d",
    ),
    (Kind::Ja3, "E7D705A3286E19EA42F587B344EE6865", "e7d705a3286e19ea42f587b344ee6865"),
    (Kind::Ja4, "t13d1516h2_8DAAF6152771_02713d6af862", "t13d1516h2_8daaf6152771_02713d6af862"),
    (Kind::Mac, "00-1B-63-84-45-E6", "00:1b:63:84:45:e6"),
    (Kind::Mac, "001b.6384.45e6", "00:1b:63:84:45:e6"),
    (Kind::Mac, "001b63-8445E6", "00:1b:63:84:45:e6"),
    (Kind::Mac, "001B638445E6", "00:1b:63:84:45:e6"),
    (Kind::Phone, "+372 555 1234", "+3725551234"),
    (Kind::Phone, "0044 (0)20 7946-0958", "+442079460958"),
    (Kind::Phone, "(+352) 247 88444", "+35224788444"),
    (Kind::Phone, "tel:+39 06 698 12345", "+390669812345"),
    (Kind::Iban, "ee38 2200 2210 2014 5685", "EE382200221020145685"),
    (Kind::Iban, "GB82-WEST-1234-5698-7654-32", "GB82WEST12345698765432"),
    (Kind::Bic, "habaee2xXXX", "HABAEE2X"),
    (Kind::Bic, "DEUTDEFF500", "DEUTDEFF500"),
    (Kind::Bitcoin, "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa", "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"),
    (Kind::Bitcoin, "bitcoin:3J98t1WpEZ73CNmQviecrnyiWrnqRhWNLy?amount=1", "3J98t1WpEZ73CNmQviecrnyiWrnqRhWNLy"),
    (Kind::Bitcoin, "mipcBbFg9gMiCh81Kj8tqqdgoZub1ZJRfn", "mipcBbFg9gMiCh81Kj8tqqdgoZub1ZJRfn"),
    (Kind::Bitcoin, "BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4", "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4"),
    (
        Kind::Bitcoin,
        "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0",
        "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0",
    ),
    (Kind::Ethereum, "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed", "0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed"),
    (
        Kind::Monero,
        "44AFFq5kSiGBoZ4NMDwYtN18obc8AemS33DBLWs3H7otXft3XjrpDtQGv7SqSsaBYBb98uNbr2VBBEt7f2wfn3RVGQBEP3A",
        "44AFFq5kSiGBoZ4NMDwYtN18obc8AemS33DBLWs3H7otXft3XjrpDtQGv7SqSsaBYBb98uNbr2VBBEt7f2wfn3RVGQBEP3A",
    ),
    (
        Kind::Monero,
        "888tNkZrPN6JsEgekjMnABU4TBzc2Dt29EPAvkRxbANsAnjyPbb3iQ1YBRk1UXcdRsiKc9dhwMVgN5S9cQUiyoogDavup3H",
        "888tNkZrPN6JsEgekjMnABU4TBzc2Dt29EPAvkRxbANsAnjyPbb3iQ1YBRk1UXcdRsiKc9dhwMVgN5S9cQUiyoogDavup3H",
    ),
    (
        Kind::Monero,
        "4LL9oSLmtpccfufTMvppY6JwXNouMBzSkbLYfpAV5Usx3skxNgYeYTRj5UzqtReoS44qo9mtmXCqY45DJ852K5Jv2bYXZKKQePHES9khPK",
        "4LL9oSLmtpccfufTMvppY6JwXNouMBzSkbLYfpAV5Usx3skxNgYeYTRj5UzqtReoS44qo9mtmXCqY45DJ852K5Jv2bYXZKKQePHES9khPK",
    ),
    (Kind::Tron, "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t", "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t"),
    (Kind::Handle, "Telegram: @Some_Name", "telegram:some_name"),
    (Kind::Handle, "https://t.me/Some_Name/12", "telegram:some_name"),
    (Kind::Handle, "twitter:Some_Name", "x:some_name"),
    (Kind::Handle, "https://www.facebook.com/profile.php?id=12", "facebook:12"),
    (Kind::Handle, "whatsapp:+372 555 1234", "whatsapp:+3725551234"),
    (Kind::Handle, "https://wa.me/3725551234", "whatsapp:+3725551234"),
    (
        Kind::Onion,
        "www.DuckDuckGoGG42XJOC72X3SJASOWOARFBGCMVFIMAFTT6TWAGSWZCZAD.onion",
        "duckduckgogg42xjoc72x3sjasowoarfbgcmvfimaftt6twagswzczad.onion",
    ),
    (Kind::Onion, "facebookcorewwwi.onion", "facebookcorewwwi.onion"),
    (Kind::TravelDocument, "est : p : ab 123-4567", "EST:P:AB1234567"),
    (Kind::TravelDocument, "EE:PD:AB1234567", "EST:P:AB1234567"),
    (Kind::TravelDocument, "DEU:P:C01X00T47", "D:P:C01X00T47"),
    (Kind::Plate, "ee:123 abc", "EE:123ABC"),
    (Kind::Plate, "UA:АА 1234-ВС", "UA:AA1234BC"),
    (Kind::Plate, "uk:ab12 cde", "GB:AB12CDE"),
];

/// Texts that are not of the kind.
const STRANGERS: &[(Kind, &str)] = &[
    (Kind::Ipv4, "198.51.100.07"),
    (Kind::Ipv4, "198.51.100"),
    (Kind::Ipv4, "198.51.100.256"),
    (Kind::Ipv4, ""),
    (Kind::Ipv6, "fe80::1%eth0"),
    (Kind::Cidr, "10.0.0.0"),
    (Kind::Cidr, "10.0.0.0/33"),
    (Kind::Cidr, "10.0.0.0/+8"),
    (Kind::Domain, "localhost"),
    (Kind::Domain, "example.123"),
    (Kind::Domain, "a..org"),
    (Kind::Domain, "exa mple.org"),
    (Kind::Domain, "*.example.org"),
    (Kind::Domain, "198.51.100.7"),
    (Kind::Url, "example.org/x"),
    (Kind::Url, "http://"),
    (Kind::Url, "http://198.51.100.007/"),
    (Kind::Url, "http://a b.org/"),
    (Kind::Url, "http://example.org:99999/"),
    (Kind::Email, "jo@localhost"),
    (Kind::Email, "jo doe@example.org"),
    (Kind::Email, "@example.org"),
    (Kind::Md5, "d41d8cd98f00b204e9800998ecf8427"),
    (Kind::Sha1, "g9993e364706816aba3e25717850c26c9cd0d89d"),
    (Kind::Ssdeep, "4:abc:def"),
    (Kind::FileName, "C:\\Users\\"),
    (Kind::RegistryKey, "software"),
    (Kind::Asn, "AS4294967296"),
    (Kind::Mac, "00:1b:63:84:45"),
    (Kind::Mac, "10.10.10.10:8080"),
    (Kind::Mac, "00:1b:63:84:45:e6:"),
    (Kind::CertFingerprint, "8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f"),
    (Kind::Phone, "555 1234"),
    (Kind::Phone, "+372"),
    (Kind::Iban, "EE382200221020145686"),
    (Kind::Iban, "XX382200221020145685"),
    (Kind::Bic, "DOWNLOAD"),
    (Kind::Card, "4111 1111 1111 1112"),
    (Kind::Card, "0000 0000 0000 0000"),
    (Kind::Bitcoin, "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNb"),
    (Kind::Bitcoin, "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t5"),
    (Kind::Bitcoin, "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t"),
    (Kind::Ethereum, "0x5AAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"),
    (Kind::Monero, "44AFFq5kSiGBoZ4NMDwYtN18obc8AemS33DBLWs3H7otXft3XjrpDtQGv7SqSsaBYBb98uNbr2VBBEt7f2wfn3RVGQBEP3B"),
    (Kind::Tron, "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"),
    (Kind::Handle, "@some_name"),
    (Kind::Handle, "https://t.me/joinchat/AAAA"),
    (Kind::Handle, "https://t.me/+AbCd"),
    (Kind::Onion, "duckduckgogg42xjoc72x3sjasowoarfbgcmvfimaftt6twagswzczae.onion"),
    (Kind::TravelDocument, "ZZ:P:AB123456"),
    (Kind::Plate, "ZZ:123ABC"),
    (Kind::Plate, "EE:1"),
];

#[test]
fn every_spelling_has_its_normal_form() {
    for (kind, spelling, expected) in SPELLINGS {
        assert_eq!(normal(*kind, spelling).as_deref(), Some(*expected), "{kind} {spelling}");
        assert_eq!(normal(*kind, expected).as_deref(), Some(*expected), "{kind} {expected} is a fixed point");
    }
    for kind in Kind::ALL {
        assert!(*kind == Kind::Card || SPELLINGS.iter().any(|(of, ..)| of == kind), "{kind} has an example");
    }
}

#[test]
fn what_is_not_of_the_kind_is_refused_and_leaves_nothing_behind() {
    for (kind, text) in STRANGERS {
        let mut out = String::from("before");
        assert!(values().normalise(*kind, text, &mut out).is_err(), "{kind} {text} gave {out}");
        assert_eq!(out, "");
    }
    for kind in Kind::ALL {
        assert!(values().parse(*kind, &"1".repeat(MAX_BYTES + 1)).is_err(), "{kind}");
        assert!(values().parse(*kind, " ").is_err(), "{kind}");
    }
}

#[test]
fn an_error_says_what_was_read_and_why_not() {
    let error = values().parse(Kind::Iban, "EE382200221020145686").unwrap_err();
    assert_eq!(error.to_string(), "not a bank account (IBAN): its form or check digits are wrong");
}

#[test]
fn a_card_is_kept_as_a_keyed_hash_and_four_digits() {
    let card = values().parse(Kind::Card, "4111 1111-1111 1111").unwrap();
    assert_eq!(card, values().parse(Kind::Card, "4111111111111111").unwrap());
    assert_eq!(card, values().parse(Kind::Card, card.text()).unwrap());
    assert!(card.text().ends_with(":1111") && card.text().len() == 37 && !card.text().contains("4111"));
    assert_ne!(card, Values::new([8; 32]).parse(Kind::Card, "4111111111111111").unwrap());
    assert_eq!(card.display(), "•••• 1111 (keyed hash)");
}

const TD3: &str = "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\nL898902C36UTO7408122F1204159ZE184226B<<<<<10";

#[test]
fn machine_readable_zones_of_icao_9303_are_read() {
    // The specimens of parts 4, 5, 6 and 7.
    let td1 = "I<UTOD231458907<<<<<<<<<<<<<<<\n7408122F1204159UTO<<<<<<<<<<<6\nERIKSSON<<ANNA<MARIA<<<<<<<<<<";
    let td2 = "I<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<\nD231458907UTO7408122F1204159<<<<<<<6";
    let visa = "V<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\nL8988901C4XXX4009078F96121096ZE184226B<<<<<<";
    let long = "I<UTOD23145890<7349<<<<<<<<<<<\n3407127M9507122UTO<<<<<<<<<<<2\nSTEVENSON<<PETER<JOHN<<<<<<<<<";
    assert_eq!(normal(Kind::TravelDocument, TD3).as_deref(), Some("UTO:P:L898902C3"));
    assert_eq!(normal(Kind::TravelDocument, td1).as_deref(), Some("UTO:I:D23145890"));
    assert_eq!(normal(Kind::TravelDocument, td2).as_deref(), Some("UTO:I:D23145890"));
    assert_eq!(normal(Kind::TravelDocument, visa).as_deref(), Some("UTO:V:L8988901C"));
    assert_eq!(normal(Kind::TravelDocument, long).as_deref(), Some("UTO:I:D23145890734"));
    assert_eq!(check_digit("D23145890734"), Some(9));
    assert_eq!(check_digit("520727"), Some(3));
    assert_eq!(check_digit("é"), None);
}

#[test]
fn no_single_digit_of_a_machine_readable_zone_can_be_wrong() {
    for at in 45..89 {
        let old = TD3.as_bytes()[at];
        // The sex and the nationality are under no check digit.
        if !old.is_ascii_digit() || (55..58).contains(&at) || at == 65 {
            continue;
        }
        let mut bad = TD3.as_bytes().to_vec();
        bad[at] = b'0' + (old - b'0' + 1) % 10;
        let bad = String::from_utf8(bad).unwrap();
        assert_eq!(normal(Kind::TravelDocument, &bad), None, "{bad}");
    }
}

#[test]
fn people_see_readable_forms() {
    let show = |kind, text: &str| values().parse(kind, text).unwrap().display();
    assert_eq!(show(Kind::Iban, "EE382200221020145685"), "EE38 2200 2210 2014 5685");
    assert_eq!(show(Kind::Domain, "bücher.example"), "xn--bcher-kva.example (bücher.example)");
    assert_eq!(show(Kind::Email, "a@bücher.example"), "a@xn--bcher-kva.example (bücher.example)");
    assert_eq!(show(Kind::Handle, "telegram:a"), "a (telegram)");
    assert_eq!(show(Kind::Plate, "EE:123ABC"), "EE 123ABC");
    assert_eq!(show(Kind::Ipv4, "198.51.100.7"), "198.51.100.7");
}

#[test]
fn defanged_forms_are_no_links_and_read_back() {
    let defang = |kind, text: &str| values().parse(kind, text).unwrap().defanged();
    assert_eq!(defang(Kind::Url, "https://u@a.example.org:8443/x.y"), "hxxps://u@a[.]example[.]org:8443/x.y");
    assert_eq!(defang(Kind::Ipv4, "198.51.100.7"), "198[.]51[.]100[.]7");
    assert_eq!(defang(Kind::Email, "a.b@example.org"), "a[.]b[@]example[.]org");
    for (kind, _, text) in SPELLINGS.iter().filter(|(kind, ..)| !matches!(kind, Kind::Mutex | Kind::FileName)) {
        assert_eq!(refang(&defang(*kind, text)), *text);
    }
}

#[test]
fn custom_observables_and_standard_ones_carry_the_id_of_their_contents() {
    for (kind, _, text) in SPELLINGS {
        let value = values().parse(*kind, text).unwrap();
        let (id, json) = value.to_object();
        let doc = Doc::parse(json.as_bytes(), 8).unwrap();
        let root = doc.root();
        assert_eq!(root.str("id"), Some(id.to_string().as_str()));
        assert_eq!(root.str("type"), Some(id.kind.as_str()));
        assert!(root.entries().map(|(key, _)| key).is_sorted(), "{json}");
        if id.kind.as_str() != "comity-value" {
            assert_eq!(crate::sco_id(id.kind.as_str(), root), Some(id), "{json}");
        }
        let mut back = Vec::new();
        extract(root, &mut |found| back.push((values().parse(found.kind, &found.text).ok(), found.role)));
        let value = match kind {
            // A network of one address is that address in STIX; JA3 and certificates keep their kind.
            Kind::Cidr if *text == "10.1.2.3/32" => values().parse(Kind::Ipv4, text.trim_end_matches("/32")).unwrap(),
            _ => value,
        };
        assert_eq!(back, [(Some(value), Role::Observable)], "{json}");
    }
}

#[test]
fn ids_are_those_of_the_specification() {
    // The interoperability test set of the OASIS committee has these.
    let (id, _) = values().parse(Kind::Ipv4, "198.51.100.3").unwrap().to_object();
    assert_eq!(id.to_string(), "ipv4-addr--28bb3599-77cd-5a82-a950-b5bc3caf07c4");
    let (id, _) = values().parse(Kind::Domain, "example.com").unwrap().to_object();
    assert_eq!(id.to_string(), "domain-name--bedb4899-d24b-5401-bc86-8f6b4cc18ec7");
}

#[test]
fn the_extension_definition_is_canonical_json() {
    let doc = Doc::parse(VALUE_EXTENSION.as_bytes(), 4).unwrap();
    assert!(doc.root().entries().map(|(key, _)| key).is_sorted());
    assert_eq!(doc.root().str("type"), Some("extension-definition"));
    assert_eq!(doc.root().str("created_by_ref").map(|id| crate::ObjectId::parse(id).is_ok()), Some(true));
}

#[test]
fn the_published_schema_lists_every_kind_of_a_comity_value() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../schemas/comity-value.json");
    let text = std::fs::read(path).unwrap();
    let doc = Doc::parse(&text, 16).unwrap();
    let kind = doc.root().get("properties").unwrap().get("kind").unwrap();
    let listed: Vec<_> = kind.get("enum").unwrap().items().filter_map(crate::Node::as_str).collect();
    assert_eq!(listed, Kind::ALL.iter().map(|kind| kind.name()).collect::<Vec<_>>());
}

/// Walks every object of real bundles and events; nearly every value found must be readable.
#[test]
fn values_of_real_data_are_found_and_read() {
    let data = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data/cti");
    if !std::path::Path::new(data).is_dir() {
        println!("skipped: ../shared/data absent");
        return;
    }
    let mut tally = Tally::default();
    tally.folder(std::path::Path::new(data), 6);
    for kind in Kind::ALL {
        let (read, refused) = tally.kinds.get(kind).copied().unwrap_or_default();
        println!("{kind:20} {read:6} read {refused:6} refused");
    }
    println!("{:?}", tally.samples);
    let (read, refused) = tally.kinds.values().fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
    assert!(read > 4_000, "{read} values were read");
    assert!(refused * 50 < read, "{refused} of {read} values were refused");
}

#[derive(Default)]
struct Tally {
    kinds: std::collections::BTreeMap<Kind, (usize, usize)>,
    samples: Vec<(Kind, String)>,
}

impl Tally {
    fn folder(&mut self, folder: &std::path::Path, depth: usize) {
        for entry in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if entry.is_dir() && depth > 0 {
                self.folder(&entry, depth - 1);
            } else if entry.extension().is_some_and(|ending| ending == "json") {
                let text = std::fs::read(&entry).unwrap();
                if let Ok(doc) = Doc::parse(&text, 64) {
                    self.walk(doc.root());
                }
            }
        }
    }

    fn walk(&mut self, node: crate::Node<'_, '_>) {
        extract(node, &mut |found| self.count(found.kind, &found.text));
        if let (Some(kind), Some(value), Some(_)) = (node.str("type"), node.str("value"), node.get("category")) {
            from_misp(kind, value).for_each(|(kind, text)| self.count(kind, &text));
        }
        node.items().chain(node.entries().map(|(_, node)| node)).for_each(|node| self.walk(node));
    }

    fn count(&mut self, kind: Kind, text: &str) {
        let tally = self.kinds.entry(kind).or_default();
        if values().parse(kind, text).is_ok() {
            tally.0 += 1;
            return;
        }
        tally.1 += 1;
        if tally.1 <= 6 {
            self.samples.push((kind, text.chars().take(90).collect()));
        }
    }
}

/// A text near one that is read: pieces of spellings, other letters, the characters that matter.
fn near() -> impl Strategy<Value = (Kind, String)> {
    let sample = proptest::sample::select(SPELLINGS);
    let edit = (any::<prop::sample::Index>(), "[ .:/@\\\\\\[\\]%<+(){}a-zA-Z0-9_é\u{212a}ßİ。\u{a0}-]{0,3}");
    (sample, prop::collection::vec(edit, 0..3), any::<bool>()).prop_map(|((kind, text, _), edits, upper)| {
        let mut chars: Vec<char> = if upper { text.to_uppercase().chars().collect() } else { text.chars().collect() };
        for (at, piece) in edits {
            let at = at.index(chars.len() + 1);
            chars.splice(at..at, piece.chars());
        }
        (kind, chars.into_iter().collect())
    })
}

fn any_text() -> impl Strategy<Value = (Kind, String)> {
    (proptest::sample::select(Kind::ALL), "\\PC{0,40}")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    #[test]
    fn a_normal_form_is_a_fixed_point((kind, text) in prop_oneof![4 => near(), 1 => any_text()]) {
        if let Ok(value) = values().parse(kind, &text) {
            prop_assert_eq!(values().parse(kind, value.text()), Ok(value.clone()));
            let _ = (value.display(), value.defanged());
        }
    }

    #[test]
    fn guessing_and_refanging_answer_any_text((_, text) in prop_oneof![near(), any_text()]) {
        for value in values().guess(&text) {
            prop_assert_eq!(values().parse(value.kind(), value.text()), Ok(value.clone()));
        }
        let _ = refang(&text);
    }

    #[test]
    fn every_ipv4_address_and_its_networks_are_read(bits: u32, length in 0u32..=32) {
        let address = std::net::Ipv4Addr::from_bits(bits);
        prop_assert_eq!(normal(Kind::Ipv4, &address.to_string()), Some(address.to_string()));
        let network = normal(Kind::Cidr, &format!("{address}/{length}")).unwrap();
        let (base, _) = network.split_once('/').unwrap();
        let base = base.parse::<std::net::Ipv4Addr>().unwrap().to_bits();
        prop_assert_eq!(u64::from(base) >> (32 - length), u64::from(bits) >> (32 - length));
        prop_assert_eq!(base.trailing_zeros() >= 32 - length, true);
    }

    #[test]
    fn a_card_with_one_digit_changed_is_refused(at in 1usize..16, by in 1u8..10) {
        let mut digits = *b"4111111111111111";
        digits[at] = b'0' + (digits[at] - b'0' + by) % 10;
        prop_assert_eq!(normal(Kind::Card, std::str::from_utf8(&digits).unwrap()), None);
    }
}
