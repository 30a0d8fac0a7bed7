use super::*;

const TD1: &str = "I<UTOD231458907<<<<<<<<<<<<<<<\n7408122F1204159UTO<<<<<<<<<<<6\nERIKSSON<<ANNA<MARIA<<<<<<<<<<";
const TD2: &str = "I<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<\nD231458907UTO7408122F1204159<<<<<<<6";
const TD3: &str = "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\nL898902C36UTO7408122F1204159ZE184226B<<<<<10";
const MRV_A: &str = "V<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\nL8988901C4XXX4009078F96121096ZE184226B<<<<<<";
const MRV_B: &str = "V<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<\nL8988901C4XXX4009078F9612109<<<<<<<<";
const LONG: &str = "I<UTOD23145890<7349<<<<<<<<<<<\n3407127M9507122UTO<<<<<<<<<<<2\nSTEVENSON<<PETER<JOHN<<<<<<<<<";

#[test]
fn the_specimens_of_every_format_are_read() {
    let formats = [
        (TD1, Format::Td1, "D23145890", "UTO", "740812"),
        (TD2, Format::Td2, "D23145890", "UTO", "740812"),
        (TD3, Format::Td3, "L898902C3", "UTO", "740812"),
        (MRV_A, Format::MrvA, "L8988901C", "XXX", "400907"),
        (MRV_B, Format::MrvB, "L8988901C", "XXX", "400907"),
    ];
    for (text, format, number, nationality, birth) in formats {
        let mrz = Mrz::read(text).unwrap();
        assert_eq!((mrz.format, mrz.number.as_str(), mrz.state.as_str()), (format, number, "UTO"));
        assert_eq!((mrz.primary.as_str(), mrz.secondary.as_str()), ("ERIKSSON", "ANNA MARIA"));
        assert_eq!((mrz.nationality.as_str(), mrz.birth.as_str(), mrz.sex), (nationality, birth, Some('F')));
        assert!(!mrz.is_name_cut && mrz.mended.is_empty());
        assert_eq!(Mrz::read_mended(text).unwrap(), mrz, "what is right is left alone");
    }
    let long = Mrz::read(LONG).unwrap();
    assert_eq!((long.number.as_str(), long.optional.as_str(), long.sex), ("D23145890734", "", Some('M')));
    assert_eq!(Mrz::read(TD3).unwrap().optional, "ZE184226B");
}

#[test]
fn what_is_wrong_is_told() {
    assert_eq!(Mrz::read("P<UTO"), Err(MrzError::Length(5)));
    assert_eq!(Mrz::read("P<UTOé"), Err(MrzError::Character('é', 5)));
    assert_eq!(Mrz::read(&"<".repeat(1 << 20)).unwrap_err(), MrzError::Length(1 << 20));
    let wrong = |from: &str, to: &str| Mrz::read(&TD3.replace(from, to)).unwrap_err();
    assert_eq!(wrong("C36UTO", "C37UTO"), MrzError::Digit("the document number"));
    assert_eq!(wrong("7408122F", "7408123F"), MrzError::Digit("the birth date"));
    assert_eq!(wrong("1204159", "1204158"), MrzError::Digit("the date of expiry"));
    assert_eq!(wrong("<<<<<10", "<<<<<20"), MrzError::Digit("the optional data"));
    assert_eq!(wrong("<<<<<10", "<<<<<11"), MrzError::Digit("the whole zone"));
}

/// One character after the other is taken for each that looks like it.
#[test]
fn one_character_that_was_misread_is_put_right() {
    let look = [
        ('0', "ODQ"),
        ('1', "IL"),
        ('2', "Z"),
        ('5', "S"),
        ('6', "G"),
        ('8', "B"),
        ('O', "0"),
        ('I', "1"),
        ('S', "5"),
        ('B', "8"),
    ];
    for text in [TD1, TD2, TD3, LONG] {
        let right = Mrz::read(text).unwrap();
        let (mut tried, mut put) = (0, 0);
        for (at, c) in text.char_indices() {
            let alike = look.iter().find(|(from, _)| *from == c).map_or("", |(_, alike)| alike);
            for other in alike.chars() {
                // Both are worth the same in a check digit: nobody can tell which stood there.
                if matches!((c, other), ('1', 'L') | ('6', 'G')) {
                    continue;
                }
                let mut misread = text.to_owned();
                misread.replace_range(at..=at, &other.to_string());
                tried += 1;
                match Mrz::read_mended(&misread) {
                    Ok(mrz) => {
                        assert_eq!(Mrz { mended: Vec::new(), ..mrz.clone() }, right, "{misread}");
                        put += 1;
                    }
                    // Two ways fit: nobody says which it was.
                    Err(error) => assert!(matches!(error, MrzError::Digit(_)), "{misread}"),
                }
            }
        }
        assert!(tried > 20 && put * 100 >= tried * 75, "{put} of {tried}");
    }
}

#[test]
fn a_birth_date_lies_in_the_past_and_may_be_known_in_part() {
    let born = |birth: &str| Mrz { birth: birth.to_owned(), ..Mrz::read(TD3).unwrap() }.born(2026);
    assert_eq!(born("740812"), (Some(1974), Some(8), Some(12)));
    assert_eq!(born("260101").0, Some(2026));
    assert_eq!(born("270101").0, Some(1927));
    assert_eq!(born("74<<<<"), (Some(1974), None, None));
    assert_eq!(born("<<<<<<"), (None, None, None));
}

#[test]
fn names_are_written_as_the_tables_of_part_3_say() {
    for (name, doubled, plain) in [
        ("Müller-Lüdenscheidt", "MUELLER<LUEDENSCHEIDT", "MULLER<LUDENSCHEIDT"),
        ("D'Artagnan", "DARTAGNAN", "DARTAGNAN"),
        ("Muñoz", "MUNXXOZ", "MUNOZ"),
        ("Øystein Þór", "OEYSTEIN<THOR", "OYSTEIN<THOR"),
        ("Щербаков", "SHCHERBAKOV", "SHCHERBAKOV"),
        ("Straße", "STRASSE", "STRASSE"),
        ("Re\u{301}ne\u{301} Mu\u{308}ller", "RENE<MUELLER", "RENE<MULLER"),
        ("Yıldız İnönü", "YILDIZ<INOENUE", "YILDIZ<INONU"),
        ("ا\u{654}حمد", "XAEXHMD", "XAEXHMD"),
        ("Ђорђе Његош", "DORDE<NJEGOSH", "DORDE<NJEGOSH"),
        ("محمود عبد الرحيم", "MXHMWD<EBD<ALRXHYM", "MXHMWD<EBD<ALRXHYM"),
        ("مُحَمَّد", "MXHMMD", "MXHMMD"),
        ("فاطمة هبة الله", "FAXTTMXAH<HBXAH<ALLH", "FAXTTMXAH<HBXAH<ALLH"),
        ("پرویز گیلانی", "PRWXYAZ<XGGXYALANXYA", "PRWXYAZ<XGGXYALANXYA"),
        ("بـــدر", "BDR", "BDR"),
        ("  ", "", ""),
    ] {
        assert_eq!((transliterated(name, true).as_str(), transliterated(name, false).as_str()), (doubled, plain));
    }
}

/// The zones of the benchmark, when it is here: what stands in the clean ones, and in those with a reading error.
#[test]
fn zones_of_the_benchmark_are_read() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data/names/mrz.jsonl");
    let Ok(text) = std::fs::read_to_string(path) else {
        println!("skipped: ../shared/data absent");
        return;
    };
    let (mut clean, mut misread, mut right) = (0, 0, 0);
    for line in text.lines() {
        let row: serde_json::Value = serde_json::from_str(line).unwrap();
        let of = |name: &str| row[name].as_str().unwrap();
        let lines = format!("{}\n{}", of("l1"), of("l2"));
        let birth = of("dob").replace('-', "");
        let holds = |mrz: &Mrz| {
            let known: Vec<bool> = (0..6).map(|at| mrz.birth.as_bytes()[at] != b'<').collect();
            let same =
                birth.len() == 8 && (0..6).all(|at| !known[at] || mrz.birth.as_bytes()[at] == birth.as_bytes()[at + 2]);
            mrz.number == of("number").replace('<', "")
                && mrz.nationality == of("nat").trim_end_matches('<')
                && (same || birth.len() != 8)
        };
        if of("ocr").is_empty() {
            clean += 1;
            assert!(Mrz::read(&lines).is_ok_and(|mrz| holds(&mrz)), "a clean zone, row {clean}");
        } else {
            misread += 1;
            right += u32::from(Mrz::read_mended(&lines).is_ok_and(|mrz| holds(&mrz)));
        }
    }
    println!("{clean} clean zones read, {right} of {misread} with a reading error put right");
    assert!(right * 100 >= misread * 95, "{right} of {misread}");
}

#[test]
fn no_letter_is_put_into_a_date() {
    // The digit of the birth date fits none that one digit could make of it.
    let zone = "P<ESTTAMM<<JAAN<<<<<<<<<<<<<<<<<<<<<<<<<<<<<\nKB01234568EST8413054M3001019<<<<<<<<<<<<<<<4";
    assert!(Mrz::read_mended(zone).is_err(), "{:?}", Mrz::read_mended(zone));
}
