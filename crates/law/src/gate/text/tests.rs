use proptest::prelude::*;

use super::*;
use crate::gate::Aim;

/// What each text asks at least.
fn asks(aim: Aim, texts: &[&str]) {
    for text in texts {
        let found = Findings::of(text);
        assert!(found.aims().contains(&aim), "{aim}: {text}\n{found:?}");
        for spot in &found.spots {
            assert!(text.get(spot.range.clone()).is_some(), "{text}");
        }
    }
}

fn marks(mark: Mark, texts: &[&str]) {
    for text in texts {
        assert!(Findings::of(text).marks().contains(&mark), "{mark}: {text}");
    }
}

#[test]
fn requests_to_arrest_are_found_in_every_language() {
    asks(
        Aim::Arrest,
        &[
            "Please arrest Ahmed Karimov on arrival.",
            "We ask that the above be detained until our officers come.",
            "He should be taken into custody.",
            "Kindly apprehend the named individual",
            "Hold him at the airport.",
            "Do not arrest him yet.",
            "Merci d'interpeller le nommé Jean Petit.",
            "Arrêtez cet homme dès son arrivée",
            "Arrêtez-le.",
            "Un mandat d'arrêt a été émis.",
            "Il doit être placé en détention.",
            "Solicitamos la detención de Juan Pérez.",
            "Deténganlo en la frontera.",
            "Rogamos arresten al sospechoso.",
            "Existe orden de captura.",
            "Bitte nehmen Sie ihn bei der Einreise fest.",
            "Um Festnahme wird gebeten",
            "Gegen den Genannten liegt ein Haftbefehl vor.",
            "Wir fahnden nach dieser Person.",
            "نرجو اعتقال المدعو أحمد",
            "يرجى إلقاء القبض على الشخص المذكور",
            "صدرت بحقه مذكرة توقيف",
            "والقبض عليه فور وصوله",
        ],
    );
}

#[test]
fn requests_to_locate_are_found_in_every_language() {
    asks(
        Aim::Locate,
        &[
            "Please locate this person.",
            "Can you find out where he lives?",
            "We need the whereabouts of Mr Karimov.",
            "Trace her phone.",
            "Please locate Ahmed Karimov.",
            "Find. Him.",
            "Locate KARIMOV Ahmed at once",
            "Please find Jean-Pierre McKay",
            "Pouvez-vous localiser cette personne ?",
            "Où habite-t-il ?",
            "Merci de retrouver Monsieur Petit",
            "Necesitamos conocer el paradero de la señora.",
            "Localícenlo cuanto antes.",
            "Favor de ubicar a Juan Pérez",
            "Wir bitten um Ermittlung des Aufenthaltsortes.",
            "Wo wohnt der Mann?",
            "Bitte machen Sie Frau Meier ausfindig",
            "نرجو تحديد مكان وجود المذكور",
            "أين يسكن هذا الرجل؟",
            "ابحثوا عن المدعو خالد",
        ],
    );
}

#[test]
fn requests_to_watch_identify_and_hand_over_are_found_in_every_language() {
    asks(
        Aim::Watch,
        &[
            "Keep an eye on him and his brother.",
            "Monitor the journalist's movements",
            "Surveillez cet individu.",
            "Vigilen al opositor",
            "Bitte observieren.",
            "Überwachen Sie die verdächtige Person.",
            "Ueberwachen Sie die Person",
            "نطلب مراقبة الناشط",
            "راقبوه",
        ],
    );
    asks(
        Aim::Identify,
        &[
            "Identify the woman in the picture.",
            "Merci d'identifier cet homme.",
            "Identifiquen a la persona de la foto",
            "Bitte identifizieren Sie den Mann auf dem Bild.",
            "نرجو تحديد هوية الشخص",
        ],
    );
    asks(
        Aim::HandOver,
        &[
            "Extradite the accused.",
            "Hand the student over to us at the border.",
            "Nous demandons son extradition.",
            "Entreguen al periodista",
            "Bitte liefern Sie ihn nicht aus, seine Auslieferungshaft endet",
            "نطلب تسليم المتهم",
            "نطلب ترحيله",
        ],
    );
    asks(Aim::Inform, &["Send all information about this person.", "معلومات عن الشخص"]);
    asks(Aim::FindMissing, &["She is a missing person.", "Vermisste Person: Anna", "طفل مفقود"]);
}

#[test]
fn excluded_grounds_are_marked_in_every_language() {
    marks(
        Mark::Political,
        &[
            "He is a member of the opposition.",
            "un opposant au pouvoir",
            "por motivos políticos",
            "politisch Verfolgter",
            "معارض سياسي",
        ],
    );
    marks(Mark::Journalist, &["a journalist", "la journaliste", "el periodista", "der Journalist", "والصحفي"]);
    marks(
        Mark::Asylum,
        &["has refugee status", "demandeur d'asile", "refugiada en Suecia", "Asylbewerber", "طلب اللجوء"],
    );
    marks(
        Mark::Activist,
        &["human rights defender", "militante écologiste", "activista", "Menschenrechtlerin", "ناشطة"],
    );
    marks(
        Mark::Religious,
        &["accused of blasphemy", "une secte", "por su religión", "wegen seiner Religion", "ازدراء الأديان"],
    );
    marks(Mark::Military, &["a deserter", "déserteur", "desertor", "Fahnenflucht", "الفرار من الجيش"]);
    marks(Mark::Family, &["divorce", "garde des enfants", "divorcio", "Sorgerecht", "حضانة الطفل"]);
    marks(Mark::Asylum, &["He is not a refugee."]);
}

#[test]
fn documents_births_titles_and_pronouns_tell_of_a_person() {
    for text in [
        "He will call on Monday.",
        "Mr Tamm is on holiday.",
        "M. Dupont est en congé.",
        "Passport KE0123456, born on 3 May 1980",
        "passport no. KE 0123456",
        "P<ESTTAMM<<MART<<<<<<<<<<<<<<<",
        "né le 3 mai 1980",
        "fecha de nacimiento: 3/5/1980",
        "geboren am 3. Mai 1980",
        "تاريخ الميلاد ١٩٨٠",
    ] {
        assert!(Findings::of(text).targets(), "{text}");
    }
}

#[test]
fn disguised_words_are_found_and_told() {
    for text in [
        "аrrеst him",
        "ar\u{200b}re\u{200d}st him",
        "a r r e s t  h i m",
        "A.R.R.E.S.T. HIM",
        "a-r-r-e-s-t",
        "4rr3st him",
        "ar-rest him now",
        "ᴀʀrest him",
        "ar\u{ad}rest him",
        "de\u{2060}tain the man",
    ] {
        let found = Findings::of(text);
        assert!(found.aims().contains(&Aim::Arrest), "{text}: {found:?}");
        assert!(found.spots.iter().any(|spot| spot.disguised), "{text}");
        assert!(found.questions(text).iter().any(|asked| asked.reason.code == "text-disguised"), "{text}");
    }
    for text in ["ａｒｒｅｓｔ him", "𝐚𝐫𝐫𝐞𝐬𝐭 him", "a\u{336}r\u{336}rest him", "اِعْتِقَال", "اعـتـقـال"]
    {
        assert!(Findings::of(text).aims().contains(&Aim::Arrest), "{text}");
    }
}

#[test]
fn ordinary_messages_are_left_alone() {
    for text in [
        "The server at 203.0.113.7 was located in a data centre in Tallinn.",
        "We identified a new variant of the malware family and attached its hashes.",
        "Please find the invoice attached. We will call on Monday.",
        "Please find attached the indicators of the campaign.",
        "Monitor the logs of Apache Tomcat and watch port 8443.",
        "Track the command and control servers; block the domains.",
        "The trojan captures keystrokes and follows redirects.",
        "A man-in-the-middle attack was found on the router.",
        "Chain of custody: the image was hashed at intake.",
        "The process was stopped and the service restarted.",
        "Stop the service on Windows Server and hold the update.",
        "The implant collects location data, such as IMSI, IMEI and the installed apps (TeamViewer, AirDroid).",
        "It can capture the contents of Telegram Desktop; the CAPTURE_AUDIO_OUTPUT permission identifies it.",
        "Latency was 20 ms while we traced the packets.",
        "The domain was last seen on 2026-10-01 in passive DNS.",
        "Warranty and support contract renewed.",
        "Veuillez arrêter le serveur et surveiller les journaux.",
        "Nous avons identifié la famille de logiciels malveillants.",
        "La politique de sécurité a été mise à jour, voir la facture ci-jointe.",
        "Le mot de passe est copié dans le presse-papiers.",
        "Detenga el servicio y vigile los registros del servidor.",
        "La captura de tráfico muestra el dominio; la política de seguridad cambió.",
        "Evento deportivo: la página de deportes fue atacada.",
        "Se localizó el servidor y se identificó la familia de malware.",
        "Bitte überwachen Sie die Server und suchen Sie nach den Hashes.",
        "Die Rechnung finden Sie im Anhang.",
        "Die Schadsoftware wurde identifiziert, die Haftung ist ausgeschlossen.",
        "Der Port wird von Windows Defender überwacht.",
        "تم تحديد عنوان الخادم وإيقاف الخدمة.",
        "نرفق الفاتورة وسياسة الأمان الجديدة.",
        "البرمجية الخبيثة تسرق كلمات المرور من المتصفح",
        "البحث عن ملفات التعريف في الخادم",
        "SHA-256 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "IBAN EE382200221020145685, amount 4,200 EUR, reference 2026-11",
        "cout << value << endl; cat <<EOF; <<<<<<< HEAD",
        "CVE-2026-1234 affects OpenSSL 3.2; patch by Friday.",
        "",
    ] {
        let found = Findings::of(text);
        assert!(found.is_ordinary(), "{text}\n{found:?}");
        assert!(found.questions(text).is_empty());
    }
}

#[test]
fn sentences_of_every_kind_are_told_apart() {
    for text in sentences::TARGETING {
        assert!(Findings::of(text).targets(), "{text}");
    }
    for text in sentences::ORDINARY {
        assert!(Findings::of(text).is_ordinary(), "{text}\n{:?}", Findings::of(text));
    }
}

#[test]
fn of_sentences_nobody_fitted_the_lists_to_as_many_are_asked_about_as_the_document_says() {
    let found = sentences::MEASURED.iter().filter(|text| !Findings::of(text).is_ordinary()).count();
    let figure = format!(
        "of {} sentences the lists were never made to fit, {found} are asked about.",
        sentences::MEASURED.len()
    );
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/notices.md");
    let document = std::fs::read_to_string(path).unwrap().split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(found >= 16 && document.contains(&figure), "docs/notices.md does not say: {figure}");
}

#[test]
fn whoever_is_asked_sees_the_words() {
    let text = "Please arrest the journalist, who has asylum.";
    let found = Findings::of(text);
    let words: Vec<_> = found.spots.iter().map(|spot| &text[spot.range.clone()]).collect();
    assert_eq!(words, ["arrest", "journalist", "journalist", "asylum"], "a person, and one of a kind");
    let asked = found.questions(text);
    let codes: Vec<_> = asked.iter().map(|asked| asked.reason.code).collect();
    assert_eq!(codes, ["text-mark", "text-mark"]);
    assert_eq!(
        asked[0].reason.text,
        "The text speaks of this: journalist (journalist). What does it mean for the act?"
    );
    assert!(!Findings::of("Arrêtez-le, arrest-him").spots.iter().any(|spot| spot.disguised));
    let named = Findings::of("Passport KE0123456");
    assert_eq!(named.questions("Passport KE0123456")[0].reason.code, "text-names-person");
}

#[test]
fn a_long_text_is_looked_through_up_to_its_limit_and_the_rest_is_asked_about() {
    let long = format!("{}arrest him", "x ".repeat(MOST_SCANNED / 2));
    let found = Findings::of(&long);
    assert!(found.cut && found.aims().is_empty() && !found.is_ordinary());
    assert_eq!(found.questions(&long)[0].reason.code, "text-too-long");
    let many = Findings::of(&"arrest him. ".repeat(2_000));
    assert!(many.cut && many.spots.len() == MOST_FOUND);
    assert!(Findings::of(&"é".repeat(MOST_SCANNED)).cut, "cut between characters");
}

proptest! {
    #[test]
    fn any_text_is_answered_and_places_are_places(text in "\\PC{0,200}") {
        let found = Findings::of(&text);
        for spot in &found.spots {
            prop_assert!(text.get(spot.range.clone()).is_some());
        }
        let _ = found.questions(&text);
    }

    #[test]
    fn whatever_stands_around_a_request_it_is_found(before in "[a-z ,]{0,40}", after in "[a-z ,]{0,40}") {
        let text = format!("{before} arrest him {after}");
        prop_assert!(Findings::of(&text).aims().contains(&Aim::Arrest));
    }

    #[test]
    fn hidden_characters_hide_nothing(places in prop::collection::vec(1_usize..6, 1..4)) {
        let mut word: Vec<char> = "arrest".chars().collect();
        for place in places {
            word.insert(place, '\u{200b}');
        }
        let text: String = word.into_iter().collect();
        prop_assert!(Findings::of(&text).aims().contains(&Aim::Arrest));
    }
}
