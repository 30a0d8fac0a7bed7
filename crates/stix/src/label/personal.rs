//! What personal data an object holds, told by its type and members at the cost of a look at a few of them.

use memchr::memchr3_iter;

use super::{Categories, Category};
use crate::value::{MispPart, misp_kind};
use crate::{Kind, Node};

use Category::{Account, Associate, Contact, Convicted, Document, Person, Suspect, Victim, Witness};

/// The property extensions of our own converters (`schemas/comity-found.json`, `schemas/comity-row.json`).
const FOUND: &str = "extension-definition--3f6c1d1c-6f0e-5f0e-9b7e-2d6c0a5f4b12";
const ROW: &str = "extension-definition--3f6c1d1c-6f0e-5f0e-9b7e-2d6c0a5f4b13";

pub(super) fn of_object(root: Node<'_, '_>) -> Categories {
    of_type(root.str("type").unwrap_or_default(), root)
}

fn of_type(kind: &str, node: Node<'_, '_>) -> Categories {
    match kind {
        "indicator" => indicator(node),
        "identity" => identity(node),
        "threat-actor" | "intrusion-set" => actor(node),
        "observed-data" => observed(node),
        "report" => found(node),
        "note" | "opinion" => authored(node),
        "language-content" => translated(node),
        "url" => when(node.str("value").is_some_and(names_mailbox), Contact),
        "x509-certificate" => when(node.str("subject").is_some_and(names_mailbox), Contact),
        "user-account" => when(node.get("is_service_account").and_then(Node::as_bool) != Some(true), Contact),
        "comity-document" => Document.into(),
        "comity-value" => node
            .str("kind")
            .and_then(Kind::from_name)
            .map_or(Person.into(), |kind| Category::of_value(kind).into_iter().collect()),
        "x-misp-object" => misp_object(node),
        "x-misp-attribute" => misp_type(node.str("x_misp_type").unwrap_or_default()),
        _ => by_name(kind),
    }
}

/// A type whose objects are all alike. One that nobody here knows may be about a person.
fn by_name(kind: &str) -> Categories {
    let category = match kind {
        // An e-mail message names its ends, in its headers if not in its references. The types that STIX does
        // not define are OpenCTI's.
        "email-addr" | "email-message" | "user-account" | "phone-number" => Contact,
        "bank-account" | "payment-card" | "cryptocurrency-wallet" => Account,
        _ if is_technical(kind) => return Categories::NONE,
        _ => Person,
    };
    category.into()
}

/// Types that are about machines, software, groups and methods, or about other objects.
fn is_technical(kind: &str) -> bool {
    let ours = ["x-mitre-", "x-misp-", "x-comity-"];
    matches!(
        kind,
        "artifact"
            | "attack-pattern"
            | "autonomous-system"
            | "campaign"
            | "course-of-action"
            | "cryptographic-key"
            | "directory"
            | "domain-name"
            | "extension-definition"
            | "file"
            | "grouping"
            | "hostname"
            | "incident"
            | "infrastructure"
            | "ipv4-addr"
            | "ipv6-addr"
            | "location"
            | "mac-addr"
            | "malware"
            | "malware-analysis"
            | "marking-definition"
            | "mutex"
            | "network-traffic"
            | "process"
            | "relationship"
            | "sighting"
            | "software"
            | "tool"
            | "url"
            | "user-agent"
            | "vulnerability"
            | "windows-registry-key"
            | "x509-certificate"
    ) || ours.iter().any(|prefix| kind.starts_with(prefix))
}

/// `https://mail.example/reset?user=jo@bank.example`, `emailAddress=jo@bank.example`.
fn names_mailbox(text: &str) -> bool {
    text.contains('@') || text.contains("%40")
}

fn when(holds: bool, category: Category) -> Categories {
    if holds { category.into() } else { Categories::NONE }
}

/// The observables a STIX pattern compares, and mailboxes in what it compares them with. Other pattern
/// languages describe files and traffic.
fn indicator(node: Node<'_, '_>) -> Categories {
    let (mut text, mut is_stix) = (None, true);
    for (name, member) in node.entries() {
        match name {
            "pattern" => text = member.as_str(),
            "pattern_type" => is_stix = member.as_str() == Some("stix"),
            _ => {}
        }
    }
    text.filter(|_| is_stix).map_or(Categories::NONE, pattern)
}

fn pattern(text: &str) -> Categories {
    let mut all = Categories::NONE;
    let mut quote = None;
    // Values of ours that are compared, less the kinds that are named.
    let mut untold = 0_i32;
    for at in memchr3_iter(b'\'', b':', b'@', text.as_bytes()) {
        let Some((before, from)) = text.split_at_checked(at) else { continue };
        match (from.as_bytes().first(), quote) {
            (Some(b'\''), None) => quote = Some(at + 1),
            (Some(b'\''), Some(start)) if !is_escaped(before) => {
                quote = None;
                if let Some(kind) = before.get(start..).and_then(Kind::from_name) {
                    untold -= 1;
                    all.extend(Category::of_value(kind));
                }
            }
            (Some(b'@'), Some(_)) => all.insert(Contact),
            (Some(b':'), None) => match last_word(before) {
                "comity-value" => untold += i32::from(from.starts_with(":value")),
                kind => all = all.union(by_name(kind)),
            },
            _ => {}
        }
    }
    // A value whose kind is not compared may be anything.
    if untold > 0 { all.union(Person.into()) } else { all }
}

/// The object type that stands before the colon of an object path.
fn last_word(before: &str) -> &str {
    before.rsplit(|c: char| !c.is_ascii_alphanumeric() && c != '-').next().unwrap_or_default()
}

fn is_escaped(before: &str) -> bool {
    before.bytes().rev().take_while(|b| *b == b'\\').count() % 2 == 1
}

/// STIX 2.1 section 4.5. A class that is missing or not in the vocabulary may stand for a person.
fn identity(node: Node<'_, '_>) -> Categories {
    let (mut class, mut roles, mut reachable, mut is_person) = ("", Categories::NONE, false, false);
    for (name, member) in node.entries() {
        match name {
            "identity_class" => class = member.as_str().unwrap_or_default(),
            "roles" => roles = roles.union(parts(member)),
            "extensions" => {
                if let Some(person) = member.get(crate::person::EXTENSION) {
                    is_person = true;
                    roles = roles.union(said(person));
                }
            }
            "contact_information" => reachable = member.as_str().is_some_and(|text| !text.trim().is_empty()),
            _ => {}
        }
    }
    let others = ["organization", "organisation", "group", "class", "system"];
    if !is_person && others.iter().any(|one| class.eq_ignore_ascii_case(one)) {
        return Categories::NONE;
    }
    let is_told = roles.iter().any(|role| !matches!(role, Document | Contact | Account));
    let who = if is_told { roles } else { roles.union(Person.into()) };
    if reachable { who.union(Contact.into()) } else { who }
}

/// What our extension says of a person: what part they have, and what is theirs.
fn said(person: Node<'_, '_>) -> Categories {
    let mut all = Categories::NONE;
    for (list, items) in person.entries() {
        for item in items.items() {
            match list {
                "statuses" => all.extend(item.str("status").and_then(part)),
                "documents" => all.insert(Document),
                "identifiers" => all.extend(item.str("kind").and_then(Kind::from_name).and_then(Category::of_value)),
                _ => {}
            }
        }
    }
    all
}

/// The categories that a list of roles names.
fn parts(roles: Node<'_, '_>) -> Categories {
    roles.items().filter_map(Node::as_str).filter_map(part).collect()
}

/// The part someone has in an offence, by the first word that tells it.
fn part(text: &str) -> Option<Category> {
    words(text).find_map(|word| PARTS.iter().find(|(_, list)| is_among(word, list)).map(|(part, _)| *part))
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty())
}

fn is_among(word: &str, list: &str) -> bool {
    list.split(' ').any(|known| word.eq_ignore_ascii_case(known))
}

/// Threat actors are mostly groups; one is a person when its means, role or type say so (STIX 2.1 section 4.17).
fn actor(node: Node<'_, '_>) -> Categories {
    let mut all = Categories::NONE;
    for (name, member) in node.entries() {
        match name {
            "resource_level" if member.as_str() == Some("individual") => all.insert(Suspect),
            "roles" => {
                all = all.union(parts(member));
                all = all.union(when(member.items().any(|role| role.as_str() == Some("independent")), Suspect));
            }
            "threat_actor_types" => {
                let insider = |kind: Node<'_, '_>| kind.as_str().is_some_and(|kind| kind.starts_with("insider-"));
                all = all.union(when(member.items().any(insider), Suspect));
            }
            _ => {}
        }
    }
    all
}

/// `objects` of STIX 2.0, and the row of a table.
fn observed(node: Node<'_, '_>) -> Categories {
    let mut all = Categories::NONE;
    let mut value = false;
    for (name, member) in node.entries() {
        match name {
            "objects" => {
                for (_, object) in member.entries() {
                    all = all.union(of_object(object));
                }
            }
            "object_refs" => value = member.items().filter_map(Node::as_str).any(|id| id.starts_with("comity-value--")),
            "extensions" => {
                let cells = member.get(ROW).and_then(|row| row.get("row")).into_iter().flat_map(Node::entries);
                for (heading, cell) in cells {
                    all.extend(of_heading(heading));
                    all.extend(cell.as_str().and_then(of_cell));
                }
            }
            _ => {}
        }
    }
    // Nearly every value STIX has no observable for is a person's.
    if value && all.is_empty() { Person.into() } else { all }
}

/// What the heading of a column says. One that is just a name is taken for a person's.
fn of_heading(heading: &str) -> Option<Category> {
    let has = |list: &str| words(heading).any(|word| is_among(word, list));
    let known = HEADINGS.iter().find(|(_, list)| has(list)).map(|(category, _)| *category);
    known.or_else(|| part(heading)).or_else(|| (has(NAMES) && !has(NAMES_OF_THINGS)).then_some(Person))
}

/// What the form of a cell says.
fn of_cell(cell: &str) -> Option<Category> {
    let cell = cell.trim();
    let digits = cell.bytes().filter(u8::is_ascii_digit).count();
    if cell.contains('@') || (cell.starts_with('+') && digits >= 7) {
        Some(Contact)
    } else if cell.contains("****") || is_account(cell, digits) {
        Some(Account)
    } else {
        None
    }
}

/// `EE38 2200 2210 2014 5685`, `bc1q...`, `0x52908400098527886e0f7030069857d2e4169ee7`.
fn is_account(cell: &str, digits: usize) -> bool {
    let bytes = cell.as_bytes();
    let iban = matches!(bytes, [a, b, c, d, ..] if a.is_ascii_uppercase() && b.is_ascii_uppercase() && c.is_ascii_digit() && d.is_ascii_digit());
    let plain = bytes.iter().all(|b| b.is_ascii_alphanumeric() || *b == b' ');
    let wallet = cell.starts_with("bc1") || (cell.starts_with("0x") && bytes.len() == 42);
    plain && ((iban && digits >= 8 && (15..=42).contains(&bytes.len())) || (wallet && bytes.len() >= 26))
}

/// A report made from a text says which kinds of values were found in it.
fn found(node: Node<'_, '_>) -> Categories {
    let all = node.get("extensions").and_then(|all| all.get(FOUND)).and_then(|found| found.get("found"));
    let kind = |item: Node<'_, '_>| match item.str("kind").map(Kind::from_name) {
        Some(Some(kind)) => Category::of_value(kind),
        _ => Some(Person),
    };
    all.into_iter().flat_map(Node::items).filter_map(kind).collect()
}

/// Authors are named people: STIX 2.1 sections 4.13 and 4.15.
fn authored(node: Node<'_, '_>) -> Categories {
    when(node.entries().any(|(name, _)| name == "authors" || name == "x_misp_authors"), Person)
}

/// A translation repeats what it translates (STIX 2.1 section 7.1).
fn translated(node: Node<'_, '_>) -> Categories {
    let of_person = ["identity--", "threat-actor--"];
    when(node.str("object_ref").is_none_or(|id| of_person.iter().any(|kind| id.starts_with(kind))), Person)
}

/// A MISP object kept as it came: by the types of its attributes; a person's part is its role.
fn misp_object(node: Node<'_, '_>) -> Categories {
    let (mut all, mut roles) = (Categories::NONE, Categories::NONE);
    for (name, member) in node.entries() {
        match name {
            "x_misp_name" if member.as_str() == Some("person") => all.insert(Person),
            "x_misp_attributes" => {
                for item in member.items() {
                    all = all.union(misp_type(item.str("type").unwrap_or_default()));
                    let role = item.str("value").filter(|_| item.str("object_relation") == Some("role"));
                    roles.extend(role.and_then(part));
                }
            }
            _ => {}
        }
    }
    if roles.is_empty() || !all.contains(Person) {
        return all;
    }
    all.iter().filter(|category| *category != Person).chain(roles.iter()).collect()
}

/// The attribute types of MISP that are about people (MISP core format, section 2.4.2.3).
fn misp_type(kind: &str) -> Categories {
    let category = match kind {
        "first-name"
        | "middle-name"
        | "last-name"
        | "full-name"
        | "date-of-birth"
        | "place-of-birth"
        | "gender"
        | "nationality"
        | "country-of-residence"
        | "special-service-request"
        | "target-user"
        | "whois-registrant-name"
        | "passenger-name-record-locator-number" => Person,
        "passport-number"
        | "passport-country"
        | "passport-expiration"
        | "redress-number"
        | "visa-number"
        | "identity-card-number" => Document,
        "bank-account-nr" | "payment-details" | "dash" => Account,
        "email-body" | "email-header" | "email-src-display-name" | "email-dst-display-name" => Contact,
        _ => {
            let part = |part: &MispPart| match part {
                MispPart::Kind(kind) => Category::of_value(*kind),
                MispPart::Handle(_) => Some(Contact),
                MispPart::Address | MispPart::Host | MispPart::Skip => None,
            };
            return misp_kind(kind).iter().filter_map(part).collect();
        }
    };
    category.into()
}

/// Words for the part someone has, as STIX, MISP's `person` object and case files use them.
const PARTS: &[(Category, &str)] = &[
    (Convicted, "convicted convict sentenced prisoner inmate"),
    (
        Suspect,
        "suspect suspected charged accused defendant defendent culprit accomplice perpetrator offender wanted fugitive",
    ),
    (Victim, "victim victims injured complainant aggrieved"),
    (Witness, "witness informant whistleblower"),
    (Associate, "associate contact relative spouse"),
];

/// Words in the headings of columns.
const HEADINGS: &[(Category, &str)] = &[
    (Person, "surname forename firstname lastname fullname person birth birthdate dob sex gender nationality"),
    (Document, "passport licence license plate ssn isikukood idcode"),
    (Contact, "email mail phone telephone telefon mobile msisdn contact username login handle telegram whatsapp"),
    (Account, "iban account konto card pan wallet btc bitcoin ethereum monero xmr tron"),
];

/// Headings that are a name, of a person when nothing else is said.
const NAMES: &str = "name names nimi nom nombre nome";

/// With one of these beside it, a name is the name of a thing.
const NAMES_OF_THINGS: &str = "file host domain malware threat process family server service product campaign event \
    signature rule source feed module mutex key vendor company bank country city as asn isp tag";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Doc;

    fn of(members: &str) -> String {
        let text = format!("{{{members}}}");
        of_object(Doc::parse(text.as_bytes(), 16).unwrap().root()).to_string()
    }

    fn check(cases: &[(&str, &str)]) {
        for (members, expected) in cases {
            assert_eq!(of(members), *expected, "{members}");
        }
    }

    #[test]
    fn machines_software_and_methods_are_not_personal() {
        for kind in [
            "ipv4-addr",
            "domain-name",
            "file",
            "malware",
            "relationship",
            "sighting",
            "x-mitre-tactic",
            "marking-definition",
            "location",
        ] {
            assert_eq!(of(&format!(r#""type":"{kind}","name":"x""#)), "", "{kind}");
        }
        check(&[
            (r#""type":"url","value":"https://a.example/gate.php""#, ""),
            (r#""type":"url","value":"https://a.example/#jo@bank.example""#, "contact"),
            (r#""type":"x509-certificate","subject":"CN=Jo, emailAddress=jo@bank.example""#, "contact"),
        ]);
    }

    #[test]
    fn a_type_nobody_knows_may_be_about_a_person() {
        check(&[(r#""type":"x-police-file""#, "person"), (r#""id":"x""#, "person")]);
    }

    #[test]
    fn people_by_their_part() {
        check(&[
            (r#""type":"identity","identity_class":"individual""#, "person"),
            (
                r#""type":"identity","name":"x","extensions":{"extension-definition--3f6c1d1c-6f0e-5f0e-9b7e-2d6c0a5f4b41":
                    {"statuses":[{"status":"charged"},{"status":"victim"}],"documents":[{"type":"P"}]}}"#,
                "suspect, victim, document",
            ),
            (
                r#""type":"identity","name":"x","extensions":{"extension-definition--3f6c1d1c-6f0e-5f0e-9b7e-2d6c0a5f4b41":
                    {"identifiers":[{"kind":"iban","value":"x"}]}}"#,
                "person, account",
            ),
            (r#""type":"identity","identity_class":"individual","roles":["CEO"]"#, "person"),
            (
                r#""type":"identity","identity_class":"individual","roles":["Suspect (main)","victim"]"#,
                "suspect, victim",
            ),
            (r#""type":"identity","identity_class":"individual","roles":["convicted offender"]"#, "convicted"),
            (
                r#""type":"identity","identity_class":"individual","roles":["witness"],"contact_information":"+372 5551234""#,
                "witness, contact",
            ),
            (r#""type":"identity","name":"Jo""#, "person"),
            (r#""type":"identity","identity_class":"unknown","roles":["associate"]"#, "associate"),
            (
                r#""type":"identity","identity_class":"organization","roles":["victim"],"contact_information":"desk@a.example""#,
                "",
            ),
            (r#""type":"identity","identity_class":"Organisation""#, ""),
            (r#""type":"threat-actor","name":"APT 1","roles":["agent"]"#, ""),
            (r#""type":"threat-actor","resource_level":"individual""#, "suspect"),
            (r#""type":"threat-actor","roles":["independent"]"#, "suspect"),
            (r#""type":"threat-actor","threat_actor_types":["insider-disgruntled"]"#, "suspect"),
            (r#""type":"note","content":"x""#, ""),
            (r#""type":"note","content":"x","authors":["Jo"]"#, "person"),
            (r#""type":"language-content","object_ref":"identity--1""#, "person"),
            (r#""type":"language-content","object_ref":"malware--1""#, ""),
        ]);
    }

    #[test]
    fn values_by_their_kind() {
        check(&[
            (r#""type":"email-addr","value":"jo@a.example""#, "contact"),
            (r#""type":"user-account","account_login":"jo""#, "contact"),
            (r#""type":"user-account","account_login":"backup","is_service_account":true"#, ""),
            (r#""type":"comity-value","kind":"iban","value":"EE38""#, "account"),
            (r#""type":"comity-value","kind":"bitcoin-address","value":"x""#, "account"),
            (r#""type":"comity-value","kind":"plate","value":"x""#, "document"),
            (r#""type":"comity-value","kind":"ja3","value":"x""#, ""),
            (r#""type":"comity-value","kind":"of-tomorrow","value":"x""#, "person"),
            (r#""type":"observed-data","objects":{"0":{"type":"ipv4-addr"},"1":{"type":"email-addr"}}"#, "contact"),
        ]);
    }

    #[test]
    fn a_pattern_by_what_it_compares() {
        let indicator =
            |pattern: &str| of(&format!(r#""type":"indicator","pattern":{}"#, serde_json::Value::from(pattern)));
        assert_eq!(
            indicator("[ipv4-addr:value = '198.51.100.7'] START t'2026-01-01T00:00:00Z' STOP t'2026-02-01T00:00:00Z'"),
            ""
        );
        assert_eq!(indicator("[url:value = 'http://a.example:80/x'] AND [file:hashes.'SHA-256' = 'aa']"), "");
        assert_eq!(indicator("[file:name = 'it\\'s a user-account:x']"), "");
        assert_eq!(indicator("[url:value = 'http://a.example/?u=jo@b.example']"), "contact");
        assert_eq!(indicator("[user-account:account_login = 'jo']"), "contact");
        assert_eq!(indicator("[email-message:from_ref.value = 'x']"), "contact");
        assert_eq!(indicator("[comity-value:kind = 'iban' AND comity-value:value = 'EE38']"), "account");
        assert_eq!(indicator("[comity-value:kind = 'ja3' AND comity-value:value = 'aa']"), "");
        assert_eq!(indicator("[comity-value:value = 'EE38']"), "person");
        assert_eq!(
            indicator("[comity-value:kind = 'ja3'] OR [comity-value:value = 'EE38' OR comity-value:value = 'EE39']"),
            "person"
        );
        assert_eq!(indicator("[x-oca-asset:name = 'x']"), "person");
        assert_eq!(of(r#""type":"indicator","pattern_type":"yara","pattern":"rule a { strings: $a = \"x@y\" }""#), "");
    }

    #[test]
    fn rows_of_tables_by_headings_and_forms() {
        let row = |cells: &str, refs: &str| {
            of(&format!(
                r#""type":"observed-data","object_refs":[{refs}],"extensions":{{"{ROW}":{{"extension_type":"property-extension","row":{{{cells}}}}}}}"#
            ))
        };
        assert_eq!(
            row(r#""ip":"198.51.100.7","first_seen":"2026-01-01","malware name":"Emotet","port":"443""#, ""),
            ""
        );
        assert_eq!(row(r#""ip":"198.51.100.7","beneficiary_name":"M. Tamm""#, ""), "person");
        assert_eq!(row(r#""to":"EE38 2200 2210 2014 5685","contact":"jo@a.example""#, ""), "contact, account");
        assert_eq!(row(r#""x":"**** **** **** 1111","y":"+372 555 1234""#, ""), "contact, account");
        assert_eq!(row(r#""date":"2026-01-01","victim":"yes""#, ""), "victim");
        assert_eq!(row(r#""x":"y""#, r#""comity-value--1""#), "person");
        let found = |kinds: &str| of(&format!(r#""type":"report","extensions":{{"{FOUND}":{{"found":[{kinds}]}}}}"#));
        assert_eq!(found(r#"{"kind":"sha256"}"#), "");
        assert_eq!(found(r#"{"kind":"sha256"},{"kind":"phone"},{"kind":"plate"}"#), "document, contact");
    }

    #[test]
    fn misp_objects_by_their_attributes() {
        check(&[
            (r#""type":"x-misp-attribute","x_misp_type":"ip-dst""#, ""),
            (r#""type":"x-misp-attribute","x_misp_type":"iban""#, "account"),
            (
                r#""type":"x-misp-object","x_misp_name":"vehicle","x_misp_attributes":[{"type":"text","object_relation":"make","value":"x"}]"#,
                "",
            ),
            (
                r#""type":"x-misp-object","x_misp_name":"person","x_misp_attributes":[{"type":"full-name","value":"Jo"}]"#,
                "person",
            ),
            (
                r#""type":"x-misp-object","x_misp_name":"person","x_misp_attributes":[{"type":"passport-number","value":"1"},{"type":"text","object_relation":"role","value":"Victim"}]"#,
                "victim, document",
            ),
        ]);
    }

    #[test]
    fn published_threat_data_is_hardly_personal() {
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data/cti/attack/ics-attack-18.1.json");
        let Ok(bytes) = std::fs::read(file) else {
            println!("skipped: ../shared/data absent");
            return;
        };
        let doc = Doc::parse(&bytes, 64).unwrap();
        let objects = || doc.root().get("objects").into_iter().flat_map(Node::items);
        assert!(objects().count() > 1_000);
        assert_eq!(objects().filter(|object| !of_object(*object).is_empty()).count(), 0);
    }
}
