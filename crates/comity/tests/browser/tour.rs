//! Every page of the desk, with something on each.

use super::bureau::{Bureau, Notices};
use super::common::Desk;
use super::driver::Browser;
use super::persons::{LISTED, PERSON, ZONE, persons};
use super::station::{REPORT, Station, come_in, until, world};

/// A police unit and a lab that hold the same case, and somebody of the unit in front of a browser.
pub(crate) struct Tour {
    pub(crate) ee: Station,
    pub(crate) browser: Browser,
    notices: Notices,
    hit: String,
    messages: Messages,
    _lab: Station,
}

/// The numbers of messages at the gate.
struct Messages {
    /// One of the unit that waits for a reviewer.
    held: String,
    /// One that the lab sent.
    came: String,
    /// The report of another.
    report: String,
}

impl Messages {
    fn new(ee: &Station, lab: &Station, bureau: &Bureau<'_>) -> Self {
        let hit = |station: &Station| {
            let hits = station.json(&["hits", "--queue"]);
            hits.iter().find_map(|row| row["key"].as_str()).unwrap().to_owned()
        };
        let held = bureau.asks(&hit(ee), "He asked for asylum once. Please locate him and find out where he lives.");
        lab.ok(&["hit", &hit(lab), "--ask", "Which panel was it?"]);
        lab.ok(&["hit", &hit(lab), "--ask", "Since when is it rented?"]);
        let came = || {
            let all = ee.json(&["gate", "list"]);
            all.iter().filter_map(|row| Some(row["received"]["no"].as_str()?.to_owned())).collect::<Vec<_>>()
        };
        until("what the lab asks", || came().len() == 2);
        let [one, other] = came().try_into().unwrap();
        ee.ok(&["gate", "report", &other, "--why", "They asked it before."]);
        let all = ee.json(&["gate", "list"]);
        let report = all.iter().find_map(|row| row["report"]["no"].as_str()).unwrap().to_owned();
        Self { held, came: one, report }
    }
}

impl Tour {
    /// Where there is a browser.
    pub(crate) fn begin(desk: &Desk) -> Option<Self> {
        let (ee, lab) = world(desk);
        let browser = Browser::start(&ee.pin())?;
        let file = desk.write("case.txt", REPORT);
        ee.ok(&["ingest", "--as", "ee-police", "--tlp", "green", file.to_str().unwrap()]);
        let has_hit = |station: &Station| station.ok(&["hits", "--queue"]).contains("points");
        until("the hit", || has_hit(&ee) && has_hit(&lab));
        persons(desk, &ee);
        let bureau = Bureau::new(desk, &ee);
        let notices = bureau.notices(PERSON);
        let messages = Messages::new(&ee, &lab, &bureau);
        come_in(&browser, &ee);
        let hit = encounter(&browser, &ee);
        bureau.checks(&hit);
        Some(Self { ee, browser, notices, hit, messages, _lab: lab })
    }

    /// Those of them that are printed.
    pub(crate) fn posters(&self) -> Vec<(&'static str, String)> {
        self.notices().into_iter().filter(|(page, _)| page.starts_with("notice-poster")).collect()
    }

    /// Notices at every stage, and the hit of a search.
    fn notices(&self) -> Vec<(&'static str, String)> {
        let one = |no: &str, more: &str| format!("/desk/notices/{no}{more}");
        let all = &self.notices;
        vec![
            ("notices", "/desk/notices".into()),
            ("notices-begin", format!("/desk/notices?state=published&from={PERSON}")),
            ("notices-review", "/desk/notices/review".into()),
            ("notices-statistics", "/desk/notices/statistics".into()),
            ("notice-draft", one(&all.draft, "")),
            ("notice-empty", one(&all.empty, "")),
            ("notice-review", one(&all.review, "")),
            ("notice-gate", one(&all.review, "?view=gate")),
            ("notice-published", one(&all.published, "?view=history")),
            ("notice-in-force", one(&all.published, "")),
            ("notice-amended", one(&all.amended, "")),
            ("notice-refused", one(&all.refused, "?view=gate")),
            ("notice-poster", one(&all.published, "/poster")),
            ("notice-poster-public", one(&all.published, "/poster?for=public")),
            ("notice-poster-draft", one(&all.draft, "/poster")),
            ("gate", "/desk/gate".into()),
            ("gate-held", format!("/desk/gate/{}", self.messages.held)),
            ("gate-came", format!("/desk/gate/{}", self.messages.came)),
            ("gate-report", format!("/desk/gate/{}", self.messages.report)),
            ("encounters", "/desk/search-hits".into()),
            ("encounter", format!("/desk/search-hits/{}", self.hit)),
        ]
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

    /// The search, and what it found for several questions.
    fn searches(&self) -> Vec<(&'static str, String)> {
        let facts = [("#name", "Mari Liis Kask"), ("#born", "1984-03-05"), ("#nationality", "EE")];
        let document = [("#state", "EST"), ("#number", "KB0123456")];
        let named = self.search(&[&facts[..], &document].concat());
        let opened = self.browser.run("return document.querySelector('.persons .peek').getAttribute('href')");
        let opened = opened.as_str().unwrap().split('#').next().unwrap().to_owned();
        let many = self.search(&[("#name", "Mari Kask"), ("#born", "1984"), ("#sex", "f")]);
        let near = self.search(&[("#state", "EST"), ("#number", "KB0123465")]);
        let zone = self.search(&[("#zone", ZONE)]);
        let nobody = self.search(&[("#name", "Qx Zzyv")]);
        vec![
            ("search", "/desk/search".into()),
            ("search-found", named),
            ("search-opened", opened),
            ("search-many", many),
            ("search-near", near),
            ("search-zone", zone),
            ("search-nobody", nobody),
            ("find-person", "/desk/find?q=Mari%20Kask".into()),
            ("object-person", format!("/desk/object/{PERSON}")),
            ("object-listed", format!("/desk/object/{LISTED}")),
            ("objects-person", format!("/desk/objects?type=identity&open={PERSON}")),
        ]
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
        let object = |view: &str| format!("/desk/object/{report}?view={view}");
        let mut pages = self.searches();
        pages.extend(self.notices());
        pages.extend([
            ("situation", "/desk".into()),
            ("find", "/desk/find?q=185.220.101.4".into()),
            ("find-name", "/desk/find?q=parcel".into()),
            ("find-list", "/desk/find?q=185.220.101.4%0Anothing%20known%0A8.8.4.4".into()),
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
        ]);
        pages
    }
}

/// Searches for whoever is wanted, and opens a hit of the one whom the notice is about.
fn encounter(browser: &Browser, ee: &Station) -> String {
    browser.open(&ee.url("/desk/search"));
    browser.type_in("#name", "Mari-Liis Kask");
    browser.click("form.asking > button");
    browser.until("what was found", "return location.pathname.startsWith('/desk/search/')");
    browser.click(".persons li:has(.notice-card) .deed > summary");
    browser.type_in(".persons li:has(.notice-card) .deed input[name=reference]", "Narva, booth 7");
    browser.click(".persons li:has(.notice-card) .deed button");
    browser.until("the hit", "return location.pathname.startsWith('/desk/search-hits/')");
    let path = browser.run("return location.pathname");
    path.as_str().unwrap().rsplit('/').next().unwrap().to_owned()
}
