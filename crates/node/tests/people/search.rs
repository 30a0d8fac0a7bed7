//! Searching for persons and documents: who is found and why, and what of it whoever may not see it can tell.

use comity_node::{Authority, NodeError, PersonAsk, PersonsFound, Purpose, RecallReason, Role, Why};
use comity_stix::listed::{DOCUMENT_TYPE, ListedDocument};
use comity_stix::mrz::Mrz;
use comity_stix::person::{DocumentState, PartialDate};
use comity_stix::{Kind, ObjectId};
use comity_testkit::{MadeUp, People, Random};
use uuid::Uuid;

use crate::world::{World, code};

fn world_of(people: &[MadeUp], needs: &[&str]) -> World {
    let world = World::new();
    bring(&world, "ee-police", people, needs);
    world
}

fn bring(world: &World, source: &str, people: &[MadeUp], needs: &[&str]) {
    let mut random = Random::new(people.len() as u64);
    let objects: Vec<String> = people.iter().map(|one| one.identity(&mut random)).collect();
    world.bring((source, "EE"), needs, &objects);
}

fn ask(name: &str) -> PersonAsk {
    PersonAsk { name: Some(name.into()), most: 10, ..PersonAsk::default() }
}

fn named(found: &PersonsFound) -> Vec<String> {
    found.persons.iter().map(|person| person.calling.clone()).collect()
}

fn date(text: &str) -> Option<PartialDate> {
    PartialDate::parse(text).ok()
}

#[test]
fn a_person_is_found_in_any_script_with_the_reasons() {
    let people: Vec<MadeUp> = People::new(1).take(500).collect();
    let world = world_of(&people, &[]);
    let wanted = people.iter().find(|one| one.native.is_some() && one.nationality == "UA").unwrap();
    let ctx = world.of("first");
    for name in [&wanted.name, wanted.native.as_ref().unwrap()] {
        let asked = PersonAsk { born: date(&wanted.born), nationality: Some("UKR".into()), ..ask(name) };
        let found = world.node.search_persons(&ctx, &asked).unwrap();
        let first = &found.persons[0];
        assert_eq!(first.calling, wanted.name);
        assert!(first.probability > 0.99, "{}", first.probability);
        let codes: Vec<&str> = first.why.facts.iter().map(|(code, _)| *code).collect();
        assert_eq!(codes, ["birth-day", "nationality"]);
        assert!(first.why.parts.len() >= 2 && first.why.missing.is_empty());
        let sum = first.why.name.unwrap() + first.why.facts.iter().map(|(_, points)| points).sum::<f32>();
        assert!((1.0 / (1.0 + (-sum).exp()) - first.probability).abs() < 1e-5, "the reasons are the score");
    }
}

/// Characters do not say how they are read: whoever is written in them is found by what the Japanese call them, and by what the Chinese do.
#[test]
fn names_in_chinese_characters_are_found_by_how_they_are_read() {
    let mut random = Random::new(1);
    let world = world_of(&People::new(3).take(300).collect::<Vec<_>>(), &[]);
    let others = ["山田太郎", "大野 裕子", "Keiichi Hattori", "王小明"].iter().zip(People::new(4));
    let objects = others.map(|(name, person)| {
        let name = (*name).to_owned();
        MadeUp { name: name.clone(), native: Some(name), ..person }.identity(&mut random)
    });
    world.bring(("jp-police", "JP"), &[], &objects.collect::<Vec<_>>());
    for (asked, found) in [
        ("Taro Yamada", "山田太郎"),
        ("YAMADA<<TARO", "山田太郎"),
        ("やまだ たろう", "山田太郎"),
        ("Hiroko Ono", "大野 裕子"),
        ("Yuko Ohno", "大野 裕子"),
        ("服部慶一", "Keiichi Hattori"),
        ("Wang Xiaoming", "王小明"),
    ] {
        let answer = world.node.search_persons(&world.of("first"), &ask(asked)).unwrap();
        assert_eq!(answer.persons.first().map(|one| one.calling.as_str()), Some(found), "{asked}");
        assert!(answer.persons[0].probability > 0.9, "{asked}: {}", answer.persons[0].probability);
    }
    let answer = world.node.search_persons(&world.of("first"), &ask("Taro Yamada")).unwrap();
    let parts = answer.persons[0].why.parts.iter().map(|part| (part.asked.as_str(), part.found.as_str()));
    assert_eq!(parts.collect::<Vec<_>>(), [("Taro", "太郎"), ("Yamada", "山田")]);
}

#[test]
fn what_contradicts_speaks_against() {
    let people: Vec<MadeUp> = People::new(2).take(200).collect();
    let world = world_of(&people, &[]);
    let one = &people[7];
    let with = |born: &str| {
        let asked = PersonAsk { born: date(born), from: Some(0.0), ..ask(&one.name) };
        let found = world.node.search_persons(&world.of("first"), &asked).unwrap();
        // Points, for probabilities near one lie too close together.
        let points = |why: &Why| why.name.unwrap_or_default() + why.facts.iter().map(|(_, points)| points).sum::<f32>();
        found.persons.iter().find(|person| person.calling == one.name).map_or(0.0, |person| points(&person.why))
    };
    let year = &one.born[..4];
    assert!(with(&one.born) > with(year) && with(year) > with("1901-01-01"));
}

#[test]
fn a_border_is_shown_less_than_an_inquiry() {
    let people: Vec<MadeUp> = People::new(3).take(2_000).collect();
    let world = world_of(&people, &[]);
    let mut border = world.of("first");
    border.purpose = Purpose::Prevention;
    let (mut many, mut few) = (0, 0);
    for one in people.iter().take(60) {
        let given = one.name.split(' ').next().unwrap();
        many += world.node.search_persons(&world.of("first"), &ask(given)).unwrap().persons.len();
        few += world.node.search_persons(&border, &ask(given)).unwrap().persons.len();
    }
    assert!(few < many, "{few} {many}");
}

/// A machine-readable zone of a passport.
fn zone(one: &MadeUp) -> String {
    let digit = |field: &str| comity_stix::value::check_digit(field).unwrap();
    let letters = |text: &str| text.chars().filter(char::is_ascii_alphabetic).collect::<String>().to_uppercase();
    let mut parts = one.name.split(' ');
    let given = letters(parts.next().unwrap());
    let names = format!("{:<<39}", format!("{}<<{given}", parts.map(letters).collect::<Vec<_>>().join("<")));
    let birth: String = one.born.chars().skip(2).filter(char::is_ascii_digit).collect();
    let sex = if one.is_male { 'M' } else { 'F' };
    let number = format!("{:<<9}", one.passport);
    let (number_digit, birth_digit, expiry_digit) = (digit(&number), digit(&birth), digit("300101"));
    let optional = "<<<<<<<<<<<<<<";
    let whole = format!("{number}{number_digit}{birth}{birth_digit}300101{expiry_digit}{optional}0");
    let composite = digit(&whole);
    format!(
        "P<EST{names}\n{number}{number_digit}EST{birth}{birth_digit}{sex}300101{expiry_digit}{optional}0{composite}"
    )
}

#[test]
fn a_zone_finds_the_document_and_its_holder_also_where_it_was_misread() {
    let people: Vec<MadeUp> = People::new(4).filter(|one| one.nationality == "EE").take(100).collect();
    let world = world_of(&people, &[]);
    // Where more than one reading fits the check digits, a zone is refused.
    let misread = |one: &MadeUp| zone(one).replacen(&one.passport, &one.passport.replacen('0', "O", 1), 1);
    let one = people.iter().find(|one| Mrz::read(&misread(one)).is_err() && Mrz::read_mended(&misread(one)).is_ok());
    let one = one.unwrap();
    for zone in [zone(one), misread(one)] {
        let asked = PersonAsk { zone: Some(zone.clone()), most: 5, ..PersonAsk::default() };
        let found = world.node.search_persons(&world.of("first"), &asked).unwrap();
        assert_eq!(found.persons[0].calling, one.name, "{zone}");
        assert!(found.persons[0].why.facts.contains(&("document", 7.0)), "{zone}");
        assert!(found.documents[0].exact);
    }
}

#[test]
fn a_document_is_found_when_a_slip_was_made_and_said_to_be_near() {
    let people: Vec<MadeUp> = People::new(5).take(50).collect();
    let world = world_of(&people, &[]);
    let one = &people[3];
    let last = if one.passport.ends_with('7') { "8" } else { "7" };
    let wrong = format!("{}:{}{last}", one.nationality, &one.passport[..one.passport.len() - 1]);
    let asked = PersonAsk { document: Some(wrong), most: 5, ..PersonAsk::default() };
    let found = world.node.search_persons(&world.of("first"), &asked).unwrap();
    let holder = found.persons.iter().find(|person| person.calling == one.name).unwrap();
    assert_eq!(holder.why.facts, [("document-near", 3.0)]);
    assert!(found.documents.iter().all(|document| !document.exact));
}

#[test]
fn a_plate_a_phone_or_a_wallet_leads_to_whose_it_is() {
    let world = World::new();
    let person = People::new(6).next().unwrap();
    let identity = person.identity(&mut Random::new(1)).replace(
        r#""statuses":"#,
        r#""identifiers":[{"kind":"plate","value":"EE:123ABC"},{"kind":"phone","value":"+372 555 1234"},
            {"kind":"handle","value":"telegram:some_name"},{"kind":"iban","value":"EE382200221020145685"},
            {"kind":"ethereum-address","value":"0x00000000219ab540356cbb839cbe05303d7705fa"},{"kind":"card","value":"4111111111111111"},
            {"kind":"bitcoin-address","value":"1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2"}],"statuses":"#,
    );
    world.bring(("ee-police", "EE"), &[], &[identity.replace('\n', " ")]);
    for (text, code) in [
        ("plate:EE:123-ABC", "identifier"),
        ("plate:EE:l23ABC", "identifier-near"),
        ("+3725551234", "identifier"),
        ("+3725551243", "identifier-near"),
        ("handle:telegram:Some_Name", "identifier"),
        ("telegram:some-name", "identifier-near"),
        ("EE38 2200 2210 2014 5685", "identifier"),
        ("EE38 2200 2210 2O14 5685", "identifier-near"),
        ("0x00000000219ab540356cbb839cbe05303d7705fb", "identifier-near"),
        ("btc:1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN3", "identifier-near"),
        ("card:4111 1111 1111 7111", "identifier-near"),
    ] {
        let asked = PersonAsk { document: Some(text.into()), most: 5, ..PersonAsk::default() };
        let found = world.node.search_persons(&world.of("first"), &asked).unwrap();
        assert_eq!(found.persons.len(), 1, "{text}");
        assert_eq!(found.persons[0].why.facts[0].0, code, "{text}");
        let has_wrong_check_digits = ["2O14", "btc:", "card:"].iter().any(|part| text.contains(part));
        assert_eq!(found.misread.is_some(), has_wrong_check_digits, "{text}");
    }
    let nobodys = PersonAsk { document: Some("EE382200221020145684".into()), most: 5, ..PersonAsk::default() };
    let found = world.node.search_persons(&world.of("first"), &nobodys).unwrap();
    assert!(found.persons.len() == 1 && found.misread == Some(Kind::Iban), "the last digit may be what is wrong");
}

#[test]
fn nothing_to_look_for_is_refused() {
    let world = World::new();
    for asked in [
        PersonAsk::default(),
        ask("  !? "),
        PersonAsk { document: Some("KB01".into()), ..PersonAsk::default() },
        PersonAsk { zone: Some("P<EST".into()), ..PersonAsk::default() },
        PersonAsk { nationality: Some("Estonia".into()), ..ask("Mari") },
    ] {
        let answer = world.node.search_persons(&world.of("first"), &asked);
        assert!(matches!(answer, Err(NodeError::Refused(_))), "{asked:?}: {answer:?}");
    }
}

/// Everything a search says, but for where the log stands.
fn said(found: &PersonsFound) -> String {
    let persons: Vec<String> = found
        .persons
        .iter()
        .map(|one| format!("{} {} {:?} {:?}", one.calling, one.probability, one.why, one.owner))
        .collect();
    format!("{persons:?} {:?}", found.documents.iter().map(|one| (&one.document, one.exact)).collect::<Vec<_>>())
}

/// The same searches in a node that holds more than may be seen, and in one that holds just what may: the answers are the same
/// to the last digit, so that no score, order or number tells of what is hidden.
#[test]
fn what_may_not_be_seen_leaves_no_trace_in_an_answer() {
    let open: Vec<MadeUp> = People::new(10).take(400).collect();
    let hidden: Vec<MadeUp> = People::new(11).take(1_200).collect();
    let (whole, part) = (world_of(&open, &[]), world_of(&open, &[]));
    bring(&whole, "ee-police", &hidden, &["unit:wanted"]);
    for world in [&whole, &part] {
        world.person("mari", &[Role::Officer]);
    }
    for one in open.iter().step_by(9).chain(hidden.iter().step_by(40)) {
        let document = Some(format!("{}:{}", one.nationality, one.passport));
        let given = one.name.split(' ').next().unwrap();
        for asked in [
            ask(&one.name),
            PersonAsk { born: date(&one.born), from: Some(0.0), ..ask(&one.name) },
            PersonAsk { from: Some(0.0), ..ask(given) },
            PersonAsk { document, most: 5, ..PersonAsk::default() },
        ] {
            let answers =
                [&whole, &part].map(|world| said(&world.node.search_persons(&world.of("mari"), &asked).unwrap()));
            assert_eq!(answers[0], answers[1], "{asked:?}");
        }
    }
    let wanted = Authority { units: ["wanted".to_owned()].into(), ..Authority::alone() };
    let seen = whole.node.search_persons(&whole.with(wanted), &ask(&hidden[0].name)).unwrap();
    assert_eq!(seen.persons[0].calling, hidden[0].name, "who may see them finds them");
}

#[test]
fn a_new_version_takes_the_place_of_the_old_and_what_is_taken_back_is_gone() {
    let world = world_of(&People::new(12).take(30).collect::<Vec<_>>(), &[]);
    let ctx = world.of("first");
    let version = |name: &str, month: u8| {
        format!(
            r#"{{"type":"identity","spec_version":"2.1","id":"identity--3f6c1d1c-6f0e-4f0e-9b7e-2d6c0a5f4b97","created":"2026-01-01T00:00:00.000Z",
            "modified":"2026-0{month}-01T00:00:00.000Z","name":"{name}","identity_class":"individual"}}"#
        )
        .replace('\n', " ")
    };
    let found = |name: &str| named(&world.node.search_persons(&ctx, &ask(name)).unwrap()).join(", ");
    world.bring(("ee-police", "EE"), &[], &[version("Gnaeus Pompeius", 1)]);
    // Whether it was searched for in between makes no difference.
    for searched in [false, true] {
        if searched {
            assert_eq!(found("Pompeius Gnaeus"), "Gnaeus Pompeius");
        }
        let batch = world.bring(("ee-police", "EE"), &[], &[version("Quintus Fabius", 2 + u8::from(searched))]);
        assert_eq!((found("Fabius Quintus").as_str(), found("Gnaeus Pompeius").as_str()), ("Quintus Fabius", ""));
        world.node.undo(&ctx, batch).unwrap();
        assert_eq!((found("Fabius Quintus").as_str(), found("Gnaeus Pompeius").as_str()), ("", "Gnaeus Pompeius"));
    }
}

#[test]
fn a_search_needs_the_right_and_goes_on_record() {
    let world = world_of(&People::new(13).take(5).collect::<Vec<_>>(), &[]);
    world.person("oper", &[Role::Operator]);
    assert_eq!(code(world.node.search_persons(&world.of("oper"), &ask("Mari Tamm")).map(|_| ())), "no-role");
    world.node.search_persons(&world.of("first"), &ask("Mari Tamm")).unwrap();
    let asked = world.audit(&comity_node::AuditQuery::default());
    assert!(asked.iter().any(|one| format!("{one:?}").contains("Mari Tamm")), "{asked:?}");
}

fn listed(issuer: &str, number: &str, state: DocumentState, modified: &str) -> String {
    let id = ObjectId::new(DOCUMENT_TYPE, Uuid::from_u128(0x3f6c_1d1c_6f0e_4f0e_9b7e_2d6c_0a5f_4b99)).unwrap();
    let document =
        ListedDocument { kind: "P".into(), issuer: issuer.into(), number: number.into(), state, since: None };
    document.to_object(&id, "2026-01-01T00:00:00.000Z", modified).to_string()
}

#[test]
fn only_the_issuing_state_lists_a_document_and_a_found_one_is_listed_no_more() {
    let world = World::new();
    let ctx = world.of("first");
    let asked = PersonAsk { document: Some("EST:KB0123456".into()), most: 5, ..PersonAsk::default() };
    world.bring(
        ("fi-police", "FI"),
        &[],
        &[listed("EST", "KB0123456", DocumentState::Stolen, "2026-01-01T00:00:00.000Z")],
    );
    assert!(world.node.search_persons(&ctx, &asked).unwrap().documents.is_empty());
    let rejected = world.node.rejected(&ctx, None).unwrap();
    assert_eq!(rejected[0].code, "document-of-another-state");
    assert!(rejected[0].reason.contains("EST") && rejected[0].reason.contains("FIN"), "{}", rejected[0].reason);
    world.bring(
        ("ee-police", "EE"),
        &[],
        &[listed("EST", "KB0123456", DocumentState::Stolen, "2026-01-01T00:00:00.000Z")],
    );
    let found = world.node.search_persons(&ctx, &asked).unwrap().documents;
    assert_eq!(found[0].listed.map(|listed| listed.state), Some(DocumentState::Stolen));
    assert!(found[0].name.is_empty(), "an entry says nothing of a holder");
    world.bring(
        ("ee-police", "EE"),
        &[],
        &[listed("EST", "KB0123456", DocumentState::Valid, "2026-03-01T00:00:00.000Z")],
    );
    assert!(world.node.search_persons(&ctx, &asked).unwrap().documents.is_empty());
}

#[test]
fn the_register_comes_before_whoever_else_names_a_document_and_a_visa_hides_no_passport() {
    let people: Vec<MadeUp> = People::new(4).filter(|one| one.nationality == "EE").take(8).collect();
    let number = people[0].passport.clone();
    let same: Vec<String> = people
        .iter()
        .zip(0_u64..)
        .map(|(one, at)| one.identity(&mut Random::new(at)).replace(&one.passport, &number))
        .collect();
    let world = World::new();
    world.bring(("ee-police", "EE"), &[], &same);
    world.bring(("ee-police", "EE"), &[], &[listed("EST", &number, DocumentState::Stolen, "2026-01-01T00:00:00.000Z")]);
    let ctx = world.of("first");
    let stolen = |asked: PersonAsk| {
        let found = world.node.search_persons(&ctx, &asked).unwrap().documents;
        found.iter().any(|one| one.listed.is_some_and(|listed| listed.state == DocumentState::Stolen))
    };
    let by = |document: String| PersonAsk { document: Some(document), most: 3, ..PersonAsk::default() };
    assert!(stolen(by(format!("EST:{number}"))), "eight hold one of this number, and three are shown");
    let visa = "EST:V:ZZ9999999".to_owned();
    assert!(!stolen(by(visa.clone())));
    assert!(stolen(PersonAsk { zone: Some(zone(&people[0])), ..by(visa) }), "both are looked up");
}

#[test]
fn a_list_is_screened_row_by_row_and_what_cannot_be_asked_is_said() {
    let people: Vec<MadeUp> = People::new(14).take(300).collect();
    let world = world_of(&people, &[]);
    let rows: Vec<PersonAsk> = [
        PersonAsk { born: date(&people[5].born), ..ask(&people[5].name) },
        ask("Zzyzx Qwertopolous Unheardof"),
        PersonAsk::default(),
        PersonAsk {
            document: Some(format!("{}:{}", people[9].nationality, people[9].passport)),
            most: 3,
            ..PersonAsk::default()
        },
    ]
    .into();
    let found = world.node.screen_persons(&world.of("first"), &rows).unwrap();
    let told: Vec<(usize, bool)> = found.iter().map(|row| (row.row, row.found.is_ok())).collect();
    assert_eq!(told, [(0, true), (2, false), (3, true)]);
}

#[test]
fn what_was_kept_is_searched_after_a_start_and_an_erased_name_is_not_among_it() {
    let people: Vec<MadeUp> = People::new(15).take(3_000).collect();
    let world = world_of(&people, &[]);
    let old = people[0].identity(&mut Random::new(77)).replace(&people[0].name, "Gnaeus Pompeius Magnus");
    world.bring(("ee", "EE"), &[], std::slice::from_ref(&old));
    let of = |node: &comity_node::Node, name: &str| {
        let ctx = world.of("first");
        named(&node.search_persons(&ctx, &ask(name)).unwrap())
    };
    let before: Vec<Vec<String>> = people.iter().take(50).map(|one| of(&world.node, &one.name)).collect();
    world.node.settle().unwrap();
    let file = world.derived().join("persons");
    let kept = std::fs::read(&file).unwrap();
    let holds = |bytes: &[u8], name: &[u8]| bytes.windows(name.len()).any(|part| part == name);
    assert!(holds(&kept, b"pompeius"));
    let folder = tempfile::tempdir().unwrap();
    drop(world.open_at(folder.path()));
    let copy = folder.path().join("derived/persons");
    std::fs::copy(&file, &copy).unwrap();
    let again = world.open_at(folder.path());
    let after: Vec<Vec<String>> = people.iter().take(50).map(|one| of(&again, &one.name)).collect();
    assert_eq!(before, after);
    assert_eq!(of(&again, "Pompeius Magnus Gnaeus"), ["Gnaeus Pompeius Magnus"]);
    // Damaged, it is made anew.
    let mut damaged = kept.clone();
    damaged[5_000] ^= 1;
    std::fs::write(&copy, &damaged).unwrap();
    assert_eq!(of(&world.open_at(folder.path()), &people[1].name), before[1]);
    let id = old.split('"').find(|part| part.starts_with("identity--")).unwrap();
    world.node.recall(&world.of("first"), &ObjectId::parse(id).unwrap(), RecallReason::Legal, None).unwrap();
    assert!(!file.exists(), "nothing of it is left on disk");
    assert!(of(&world.node, "Pompeius Magnus Gnaeus").is_empty());
    world.node.settle().unwrap();
    assert!(!holds(&std::fs::read(&file).unwrap(), b"pompeius"));
}

#[test]
fn what_is_said_of_a_person_and_cannot_be_read_is_told_when_it_comes() {
    let world = World::new();
    let one = People::new(6).next().unwrap().identity(&mut Random::new(1));
    let wrong = one.replacen(r#""kind":"true""#, r#""kind":"bogus""#, 1);
    assert_ne!(one, wrong);
    let told = |identity: String| {
        let report = world.bring_told(("ee-police", "EE"), &[], &[identity]);
        let of_person = |finding: &&comity_node::intake::Finding| finding.code == "person-statement-unreadable";
        report.findings.iter().find(of_person).map(|finding| (finding.count, finding.example.clone()))
    };
    assert_eq!(told(one), None);
    let (count, example) = told(wrong).unwrap();
    assert!(count == 1 && example.contains("1 statements about the person cannot be read"), "{example}");
}
