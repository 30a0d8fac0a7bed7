//! Every page of the desk, with something on each.

use comity_stix::listed::{DOCUMENT_TYPE, ListedDocument};
use comity_stix::person::{DocumentState, EXTENSION};
use comity_testkit::{People, Random};

use super::common::Desk;
use super::driver::Browser;
use super::station::{REPORT, Station, come_in, until, world};

/// A police unit and a lab that hold the same case, and somebody of the unit in front of a browser.
pub(crate) struct Tour {
    pub(crate) ee: Station,
    pub(crate) browser: Browser,
    _lab: Station,
}

impl Tour {
    /// Where there is a browser.
    pub(crate) fn begin(desk: &Desk) -> Option<Self> {
        let (ee, lab) = world(desk);
        let browser = Browser::start(&ee.pin())?;
        let file = desk.write("case.txt", REPORT);
        ee.ok(&["ingest", "--as", "ee-police", "--tlp", "green", file.to_str().unwrap()]);
        until("the hit", || ee.ok(&["hits", "--queue"]).contains("points"));
        persons(desk, &ee);
        come_in(&browser, &ee);
        Some(Self { ee, browser, _lab: lab })
    }

    /// A report that was pasted and not brought in yet.
    fn draft(&self) -> String {
        self.browser.open(&self.ee.url("/desk/intake"));
        self.browser.type_in("#text", REPORT);
        self.browser.click("form[action='/desk/intake'] > button");
        self.browser.until("the draft", "return location.pathname.startsWith('/desk/intake/draft/')");
        self.browser.run("return location.pathname").as_str().unwrap().to_owned()
    }

    /// Fills in the form of the search, by fields and texts, and asks.
    fn search(&self, fields: &[(&str, &str)]) -> String {
        self.browser.open(&self.ee.url("/desk/search"));
        for (field, text) in fields {
            self.browser.type_in(field, text);
        }
        self.browser.click("form.asking > button");
        self.browser.until("what was found", "return location.pathname.startsWith('/desk/search/')");
        self.browser.run("return location.pathname").as_str().unwrap().to_owned()
    }

    /// Every page, by a short name, and where it is.
    pub(crate) fn pages(&self) -> Vec<(&'static str, String)> {
        let ee = &self.ee;

        // The first side of a hit in the queue is the own one.
        let hit = ee.json(&["hits", "--queue"]).into_iter().find(|row| row["key"].is_string()).unwrap();
        let report = hit["one"]["id"].as_str().unwrap().to_owned();
        let key = hit["key"].as_str().unwrap().to_owned();
        let agreement = ee.json(&["agreement", "list"])[0]["agreement"]["id"].as_str().unwrap().to_owned();
        let draft = self.draft();
        let facts = [("#name", "Mari Liis Kask"), ("#born", "1984-03-05"), ("#nationality", "EE")];
        let document = [("#state", "EST"), ("#number", "KB0123456")];
        let named = self.search(&[&facts[..], &document].concat());
        let opened = self.browser.run("return document.querySelector('.persons .peek').getAttribute('href')");
        let opened = opened.as_str().unwrap().split('#').next().unwrap().to_owned();
        let near = self.search(&[("#state", "EST"), ("#number", "KB0123465")]);
        let zone = self.search(&[("#zone", ZONE)]);
        let nobody = self.search(&[("#name", "Qx Zzyv")]);
        let object = |view: &str| format!("/desk/object/{report}?view={view}");
        vec![
            ("situation", "/desk".into()),
            ("find", "/desk/find?q=185.220.101.4".into()),
            ("find-name", "/desk/find?q=parcel".into()),
            ("find-list", "/desk/find?q=185.220.101.4%0Anothing%20known%0A8.8.4.4".into()),
            ("search", "/desk/search".into()),
            ("search-found", named),
            ("search-opened", opened),
            ("search-near", near),
            ("search-zone", zone),
            ("search-nobody", nobody),
            ("find-person", "/desk/find?q=Mari%20Kask".into()),
            ("object-person", format!("/desk/object/{PERSON}")),
            ("objects-person", format!("/desk/objects?type=identity&open={PERSON}")),
            ("objects", "/desk/objects".into()),
            ("objects-opened", format!("/desk/objects?open={report}")),
            ("object-read", object("read")),
            ("object-ties", object("ties")),
            ("object-timeline", object("timeline")),
            ("object-versions", object("versions")),
            ("object-audience", object("audience")),
            ("object-raw", object("raw")),
            ("share", format!("/desk/object/{report}/share")),
            ("recall", format!("/desk/object/{report}/recall")),
            ("screening", "/desk/screening".into()),
            ("hits", "/desk/hits".into()),
            ("hits-opened", format!("/desk/hits?open={key}")),
            ("hit", format!("/desk/hits/{key}")),
            ("graph", format!("/desk/graph?hit={key}")),
            ("graph-list", format!("/desk/graph?hit={key}&as=list")),
            ("graph-timeline", format!("/desk/graph?seed={report}&as=timeline")),
            ("intake", "/desk/intake".into()),
            ("batch", "/desk/intake/2".into()),
            ("network", "/desk/network".into()),
            ("peer", "/desk/network/lab-north".into()),
            ("agreement", format!("/desk/network/agreement/{agreement}")),
            ("ledger", "/desk/ledger".into()),
            ("witnesses", "/desk/ledger/witnesses".into()),
            ("accounts", "/desk/ledger/accounts".into()),
            ("keeping", "/desk/ledger/keeping".into()),
            ("settings", "/desk/ledger/settings".into()),
            ("me", "/desk/me".into()),
            ("missing", "/desk/object/indicator--00000000-0000-4000-8000-000000000000".into()),
            ("draft", draft),
            ("gallery", "/gallery".into()),
            ("about", "/about".into()),
        ]
    }
}

/// Persons of two owners, one of whom several say different things of, and two entries of the register of documents.
fn persons(desk: &Desk, ee: &Station) {
    let mut random = Random::new(7);
    let many: Vec<String> = People::new(7).take(60).map(|one| one.identity(&mut random)).collect();
    let mari = serde_json::json!({"names": [
            {"name": "Mari-Liis Kask", "kind": "true", "script": "Latn", "parts": [{"part": "given", "text": "Mari-Liis"}, {"part": "family", "text": "Kask"}],
             "source": "civil register", "grading": "a1", "basis": "fact", "stated": "2026-10-02T00:00:00Z"},
            {"name": "\u{41c}\u{430}\u{440}\u{438} \u{41b}\u{438}\u{439}\u{441} \u{41a}\u{430}\u{441}\u{43a}", "kind": "spelling", "script": "Cyrl"},
            {"name": "\u{645}\u{627}\u{631}\u{64a} \u{643}\u{627}\u{633}\u{643}", "kind": "spelling", "script": "Arab", "source": "airline", "grading": "c3", "basis": "opinion"},
            {"name": "Liisu", "kind": "alias", "source": "informant", "grading": "e4", "basis": "opinion"}],
        "births": [{"date": "1984-03-05", "place": "Tartu", "country": "EE", "source": "civil register", "grading": "a1", "basis": "fact"},
            {"date": "1986", "about": true, "source": "informant", "grading": "e4", "basis": "opinion"}, {"date": "1985-05-03", "source": "airline"}],
        "nationalities": [{"country": "EE"}], "sexes": [{"sex": "female"}],
        "documents": [{"type": "P", "issuer": "EST", "number": "KB0123456", "issued": "2020-01-01", "expires": "2030-01-01", "state": "stolen", "source": "border guard"},
            {"type": "I", "issuer": "EST", "number": "AA0000001", "state": "valid"}],
        "statuses": [{"status": "suspect", "source": "prosecutor", "basis": "opinion"}, {"status": "guilty"}],
        "places": [{"place": "Tartu", "country": "EE", "as_what": "lives"}], "features": [{"feature": "height-cm", "value": "171"}],
        "identifiers": [{"kind": "phone", "value": "+3725551234"}]});
    let made = ("2026-01-01T00:00:00.000Z", "2026-10-02T00:00:00.000Z");
    let mari = serde_json::json!({"type": "identity", "spec_version": "2.1", "id": PERSON, "created": made.0, "modified": made.1,
        "name": "Mari-Liis Kask", "identity_class": "individual", "extensions": {EXTENSION: mari}});
    let listed = |number: &str, state, id: &str| {
        let document = ListedDocument {
            kind: "P".into(),
            issuer: "EST".into(),
            number: number.into(),
            state,
            since: "2026-10-01".parse().ok(),
        };
        let id = comity_stix::ObjectId::parse(&format!("{DOCUMENT_TYPE}--{id}")).unwrap();
        document.to_object(&id, made.0, made.1).to_string()
    };
    let own = [
        mari.to_string(),
        listed("KB0123456", DocumentState::Stolen, "3f6c1d1c-6f0e-4f0e-9b7e-2d6c0a5f4c01"),
        listed("KB0123546", DocumentState::Lost, "3f6c1d1c-6f0e-4f0e-9b7e-2d6c0a5f4c02"),
    ];
    for (owner, objects) in [("ee-police", &own[..]), ("lv-police", &many)] {
        let bundle = format!(
            r#"{{"type":"bundle","id":"bundle--3f6c1d1c-6f0e-4f0e-9b7e-2d6c0a5f4c0{}","objects":[{}]}}"#,
            owner.len() % 10,
            objects.join(",")
        );
        let file = desk.write(&format!("{owner}.json"), bundle);
        ee.ok(&["ingest", "--as", owner, "--tlp", "green", file.to_str().unwrap()]);
    }
}

/// Somebody made up, of whom several say different things.
const PERSON: &str = "identity--3f6c1d1c-6f0e-4f0e-9b7e-2d6c0a5f4b99";
/// The passport of that person, of which a camera misread two places.
const ZONE: &str = "P<ESTK4SK<<MARI<LIIS<<<<<<<<<<<<<<<<<<<<<<<<\nKB01234568EST84O3054F3001019<<<<<<<<<<<<<<04";
