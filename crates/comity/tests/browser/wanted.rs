//! A wanted person's whole way, each of those who act in front of a browser of their own: drafted, checked while it is written,
//! submitted, reviewed and published; found at a border of another country, compared, asked about, confirmed; cancelled, and gone there
//! with receipts.

use std::path::PathBuf;

use comity_law::gate::FactorKind;
use serde_json::Value;

use super::common::Desk;
use super::driver::Browser;
use super::persons::{PERSON, persons};
use super::station::{Station, agree, at, come_in, until};

/// Somebody of a bureau in front of a browser.
struct Seat<'s> {
    station: &'s Station,
    browser: Browser,
}

impl<'s> Seat<'s> {
    /// Whoever made the node.
    fn first(station: &'s Station) -> Option<Self> {
        let browser = Browser::start(&station.pin())?;
        come_in(&browser, station);
        Some(Self { station, browser })
    }

    /// Somebody who was invited.
    fn invited(station: &'s Station, (name, invitation): &(&str, String)) -> Self {
        let browser = Browser::start(&station.pin()).unwrap();
        browser.plug_in_device();
        browser.open(&station.url(&format!("/desk/enrol?account={name}")));
        browser.type_in("#invitation", invitation);
        browser.click("[data-passkey]");
        browser.until("the passkey is set up", &at("/desk/login"));
        browser.click("[data-passkey]");
        browser.until("in", &at("/desk"));
        Self { station, browser }
    }

    fn open(&self, path: &str) {
        self.browser.open(&self.station.url(path));
    }

    fn says(&self, text: &str) {
        let script = format!("return document.readyState === 'complete' && document.body.innerText.includes(`{text}`)");
        self.browser.until(&format!("the page says {text}"), &script);
    }

    /// Opens a page again until it shows something.
    fn sees(&self, path: &str, css: &str) {
        until(css, || {
            self.open(path);
            self.browser.run(&format!("return !!document.querySelector(`{css}`)")) == true
        });
    }

    fn choose(&self, css: &str, value: &str) {
        self.click(&format!("{css} option[value='{value}']"));
    }

    /// Scrolls to something, which may lie under what stays where it is, and clicks on it once it is what would be hit: a page that has
    /// just come may scroll by itself. What is chosen lies where its list does.
    fn click(&self, css: &str) {
        let is_free = format!(
            "const found = document.querySelector(`{css}`), at = found && (found.closest('select') || found);
             if (!at || document.readyState !== 'complete') return false;
             at.scrollIntoView({{ block: 'center' }});
             const place = at.getBoundingClientRect();
             const hit = document.elementFromPoint(place.left + place.width / 2, place.top + place.height / 2);
             return !!hit && (at.contains(hit) || hit.contains(at));"
        );
        self.browser.until(&format!("{css} can be clicked"), &is_free);
        self.browser.click(css);
    }

    fn fill(&self, css: &str, text: &str) {
        self.browser.clear(css);
        self.browser.type_in(css, text);
    }

    /// Whether the page has the form of a deed.
    fn offers(&self, deed: &str) -> bool {
        self.browser.run(&format!("return !!document.getElementById('deed-{deed}')")) == true
    }

    /// Opens the form of a deed, says why and sends it.
    fn does(&self, deed: &str, more: impl FnOnce(&Self), why: &str) {
        let form = format!("#deed-{deed}");
        if self.browser.run(&format!("return document.querySelector('{form}').open")) == false {
            self.click(&format!("{form} > summary"));
        }
        more(self);
        self.fill(&format!("{form} textarea[name=why]"), why);
        self.send(&format!("{form} form > button"));
    }

    /// Sends a form and waits for the page that answers.
    fn send(&self, button: &str) {
        self.browser.run("document.body.dataset.before = 'yes'");
        self.click(button);
        let is_new = "return document.readyState === 'complete' && !document.body.dataset.before";
        self.browser.until("the page that answers", is_new);
    }

    /// What a script says of the page, once there is one that answers.
    fn text(&self, script: &str) -> String {
        let mut said = Value::Null;
        until(script, || {
            said = self.browser.run(&format!("return {script}"));
            said.is_string()
        });
        said.as_str().unwrap_or_default().to_owned()
    }

    /// What the page looks like as it is.
    fn glance(&self, name: &str) {
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("wanted");
        std::fs::create_dir_all(&folder).unwrap();
        self.browser.screenshot(&folder.join(format!("{name}.png")));
    }

    /// The same, and opened anew from right to left and from left to right.
    fn picture(&self, name: &str) {
        self.glance(name);
        let address = self.text("location.href");
        let (page, at) =
            address.split_once('#').map_or((&*address, String::new()), |(page, at)| (page, format!("#{at}")));
        let joined = if page.contains('?') { '&' } else { '?' };
        for language in ["ar", "en"] {
            self.browser.open(&format!("{page}{joined}lang={language}{at}"));
            self.glance(&format!("{name}-{language}"));
        }
        self.browser.open(&address);
    }
}

/// Two bureaus that give each other persons and documents, with those who work there.
struct Bureaus {
    ee: Station,
    fi: Station,
}

const TERMS: &str = r#"kinds = ["threat", "suspect", "contact", "account", "person", "document"]
purposes = ["investigation", "prevention"]
tlp = "amber+strict"
handling = ["H0", "H1", "H2", "H3"]"#;

impl Bureaus {
    fn new(desk: &Desk) -> Self {
        let ee = Station::new(desk, "ee-police", "EE", "Estonian cyber unit");
        let fi = Station::new(desk, "fi-police", "FI", "Finnish border guard");
        agree(desk, (&ee, "ee-police"), (&fi, "fi-police"), ("member", TERMS));
        persons(desk, &ee);
        Self { ee, fi }
    }
}

/// Gives somebody an account and a right, before anybody can log in, and invites them.
fn invite<'n>(station: &Station, name: &'n str, role: &str) -> (&'n str, String) {
    station.ok(&["account", "add", name, "--name", name]);
    station.ok(&["account", "grant", name, "--role", role]);
    (name, station.ok(&["account", "invite", name]).lines().next().unwrap().to_owned())
}

/// Writes a red notice about somebody who is known, and returns its address.
fn draft(author: &Seat<'_>) -> String {
    author.open(&format!("/desk/notices?from={PERSON}"));
    author.send("#begin form > button");
    author.says("Mari-Liis Kask");
    let notice = author.text("location.pathname");
    // The checklist and the gate follow what is written, before any of it is kept.
    let missing = || author.browser.run("return document.querySelectorAll('.demands .missing').length");
    let said = "document.querySelector('[data-said]').innerText";
    let before = author.text(said);
    for (css, value) in [("#f-status", "charged"), ("#f-minor", "no"), ("#f-wanted_for", "prosecution")] {
        author.choose(css, value);
    }
    author.browser.until("the page says how much is there", &format!("return {said} !== `{before}`"));
    author.fill("#f-maximum_months", "12");
    author
        .browser
        .until("what is below the threshold is refused at once", "return !!document.querySelector('.gate.refuses')");
    author.glance("1-below-the-threshold");
    author.fill("#f-maximum_months", "60");
    let texts = [
        ("#f-summary", "Emptied accounts of a bank through a botnet."),
        ("#f-when", "2026-05"),
        ("#f-place", "Tallinn"),
        ("#f-role", "Ran the servers"),
        ("#f-charge", "Computer fraud"),
        ("#f-article", "Penal Code section 213"),
        ("#f-reference", "4-26-117"),
        ("#f-authority", "Harju county court"),
        ("#f-date", "2026-06-01"),
        ("#f-office", "Duty officer, Estonian cyber unit"),
        ("#f-phone", "+372 600 0000"),
    ];
    for (css, text) in texts {
        author.fill(css, text);
    }
    for css in ["#f-copy", "#f-competent", "#f-consulted", "#f-will_request"] {
        author.choose(css, "yes");
    }
    author.click("input[name=caution][value=armed]");
    author.browser.until("nothing is missing", "return document.querySelectorAll('.demands .missing').length === 0");
    author.send("form.editor .acts button");
    assert_eq!(missing(), 0, "what was kept is complete");
    author.picture("2-complete");
    notice
}

/// Submitted by another, judged and published by a reviewer.
fn publish(notice: &str, (author, second, lawyer): (&Seat<'_>, &Seat<'_>, &Seat<'_>)) {
    let offers = |seat: &Seat<'_>, deed: &str| {
        seat.open(notice);
        seat.offers(deed)
    };
    assert!(!offers(author, "submit"), "whoever wrote it does not submit it");
    author.click("details.others > summary");
    author.says("omebody of the source who did not write it");
    second.open("/desk/notices");
    second.send("table.notices td a");
    assert!(!offers(second, "take-up"), "no analyst reviews");
    second.does("submit", |_| (), "Complete, checked against the file.");
    lawyer.open("/desk/notices/review");
    lawyer.says("Mari-Liis Kask");
    let leads = "return [...document.querySelectorAll('.rail li a')].map((link) => link.pathname).join(' ')";
    let leads = lawyer.browser.run(leads).as_str().unwrap().to_owned();
    assert!(leads.contains("/desk/gate") && !leads.contains("hits"), "what a reviewer may not open: {leads}");
    lawyer.send("main table td a, main li a[href^='/desk/notices/']");
    lawyer.does("take-up", |_| (), "");
    lawyer.picture("3-under-review");
    for (language, refused) in [("ar", "سجّلوا ذلك أولًا"), ("en", "Record that first")] {
        lawyer.open(&format!("{notice}?lang={language}"));
        assert!(!lawyer.offers("publish"), "nothing is published that nobody judged");
        lawyer.says(refused);
        lawyer.glance(&format!("3-not-judged-{language}"));
    }
    lawyer.open(&format!("{notice}?view=gate"));
    lawyer.click("#judge > summary");
    lawyer.choose("#category", "serious-ordinary-crime");
    lawyer.fill("#judge-why", "Fraud with large damage.");
    lawyer.send("#judge form > button");
    assert!(!offers(lawyer, "publish"), "nor before each factor is weighed");
    lawyer.says("is a refugee or asks for asylum");
    for language in ["ar", "fr", "es", "de", "en"] {
        lawyer.open(&format!("{notice}?view=gate&lang={language}"));
        lawyer.click("#judge > summary");
        lawyer.glance(&format!("4-judging-{language}"));
    }
    for factor in FactorKind::ALL {
        lawyer.choose(&format!("#{factor}"), "clears");
    }
    lawyer.fill("#judge-why", "Read the whole file: nothing of it speaks against it.");
    lawyer.send("#judge form > button");
    lawyer.picture("4-judged");
    lawyer.does("publish", |_| (), "Checked against the file.");
    lawyer.open(&format!("{notice}?view=history"));
    lawyer.says("fi-police");
    lawyer.picture("5-published");
}

/// Found at a border by a name in another script; returns the addresses of the hit, and of what was found.
fn found(border: &Seat<'_>) -> (String, String) {
    let search = || {
        border.open("/desk/search");
        border.fill("#name", "\u{41c}\u{430}\u{440}\u{438} \u{41a}\u{430}\u{441}\u{43a}");
        border.fill("#born", "1984-03-05");
        border.send("form.asking > button");
        border.browser.run("return !!document.querySelector('.persons .notice-card')") == true
    };
    until("the notice at the border", search);
    let list = border.text("location.pathname");
    border.picture("6-found");
    let is_first = "return !!document.querySelector('.persons li:first-child .notice-card')";
    assert_eq!(border.browser.run(is_first), true, "what a notice says comes before what was given otherwise");
    border.click(".persons li:first-child details.deed > summary");
    border.fill(".persons li:first-child input[name=reference]", "booth 7");
    border.send(".persons li:first-child details.deed form > button");
    border.says("booth 7");
    border.does("close", arrested, "He stands here.");
    border.says("This was not done.");
    border.glance("7-refused");
    border.open(&border.text("location.pathname"));
    border.picture("7-hit");
    (border.text("location.pathname"), list)
}

/// What is done: an arrest by an order of this country.
fn arrested(seat: &Seat<'_>) {
    seat.choose("#close-outcome", "arrested");
    seat.choose("#close-basis", "national-order");
    seat.fill("#close-order", "R 26/4411");
}

/// Compared by somebody who did not search, asked about, confirmed by the owner, and told back when a reviewer has let the reason go.
fn confirmed(hit: &str, bureau: &Seat<'_>, (owner, lawyer): (&Seat<'_>, &Seat<'_>)) {
    bureau.open("/desk/search-hits");
    bureau.send("table.list a[href^='/desk/search-hits/']");
    assert_eq!(bureau.text("location.pathname"), hit);
    let same = |seat: &Seat<'_>| {
        seat.choose("#check-with", "photo");
        seat.choose("#check-same", "yes");
    };
    bureau.does("check", same, "the same face");
    bureau.does("ask", |seat| seat.choose("#ask-urgent", "yes"), "She stands at the booth now.");
    owner.sees("/desk/search-hits", "#asked + ul li form, section[aria-labelledby=asked] li form");
    owner.says("Mari-Liis Kask");
    let chosen = "return document.querySelector('section[aria-labelledby=asked] li select[name=measure]').value";
    assert_eq!(owner.browser.run(chosen), "", "nothing is chosen before somebody chooses");
    owner.picture("8-asked");
    owner.click("section[aria-labelledby=asked] li details.deed > summary");
    owner.click("section[aria-labelledby=asked] li input[value=confirm]");
    owner.choose("section[aria-labelledby=asked] li select[name=measure]", "arrest");
    owner.fill("section[aria-labelledby=asked] li textarea[name=why]", TELLING);
    owner.send("section[aria-labelledby=asked] li form > button");
    passed(owner, lawyer);
    bureau.sees(hit, ".mark.state-confirmed, #deed-close");
    bureau.picture("9-confirmed");
    bureau.does("close", arrested, "Arrested by order of the district court.");
    bureau.says("R 26/4411");
}

/// A reason that asks where somebody lives.
const TELLING: &str = "The same fingerprints. Please locate her: find out where she lives now.";

/// What asks something about a person waits until the facts are there and a reviewer has judged them.
fn passed(owner: &Seat<'_>, lawyer: &Seat<'_>) {
    owner.says("Not sent yet");
    owner.glance("8-held");
    // The language of a page that answered a form leads to one that can be opened.
    owner.click(".rail .languages > summary");
    owner.send(".rail .languages a[lang=ar]");
    assert_eq!(owner.text("location.pathname"), "/desk/search-hits");
    assert_eq!(owner.text("document.documentElement.lang"), "ar");
    owner.open("/desk/gate?lang=en");
    owner.send("section[aria-labelledby=gate-held] td a");
    assert!(!owner.offers("pass"), "whoever wrote it does not review it");
    for (css, value) in [("#f-status", "suspect"), ("#f-minor", "no"), ("#f-sex", "female"), ("#f-photo", "good")] {
        owner.choose(css, value);
    }
    let texts = [
        ("#f-family_name", "Kask"),
        ("#f-forename", "Mari-Liis"),
        ("#f-birth", "1984-03-05"),
        ("#f-other_identifier", "a scar on the left hand"),
        ("#f-summary", "Emptied accounts of a bank."),
        ("#f-sought", "where she lives now"),
        ("#facts-why", "As in the file."),
    ];
    for (css, text) in texts {
        owner.fill(css, text);
    }
    owner.send("form.editor .acts button");
    assert_eq!(owner.browser.run("return document.querySelectorAll('.demands .missing').length"), 0);
    owner.picture("8-filled-in");
    lawyer.open("/desk/gate");
    lawyer.send("section[aria-labelledby=gate-held] td a");
    assert!(!lawyer.offers("pass"), "nobody agrees before it is judged");
    lawyer.says("Record that first");
    lawyer.click("#judge > summary");
    lawyer.choose("#category", "serious-ordinary-crime");
    for factor in FactorKind::ALL {
        lawyer.choose(&format!("#{factor}"), "clears");
    }
    lawyer.fill("#judge-why", "Read the whole file: nothing of it speaks against it.");
    // Meanwhile the author writes something else: nobody judges what they have not seen, and nothing that was typed is lost.
    owner.fill("#f-sought", "where she lives now, and with whom");
    owner.fill("#facts-why", "More exactly.");
    owner.send("form.editor .acts button");
    lawyer.send("#judge form > button");
    lawyer.says("Somebody changed this since you opened it");
    lawyer.glance("8-changed-since");
    lawyer.send("#judge form > button");
    lawyer.picture("8-judged");
    lawyer.does("pass", |_| (), "Checked against the file.");
    lawyer.says("Sent");
    lawyer.picture("8-sent");
}

/// Whoever got the message reports it, and somebody who had no hand in it decides about the report.
fn reported(bureau: &Seat<'_>, other: &Seat<'_>) {
    bureau.open("/desk/gate");
    bureau.send("section[aria-labelledby=gate-came] td a");
    bureau.says("find out where she lives");
    bureau.picture("12-received");
    bureau.does("report", |_| (), "Nobody here needs to know where she lives.");
    bureau.says("Not decided");
    other.sees("/desk/gate", "section[aria-labelledby=gate-reports] td a");
    other.send("section[aria-labelledby=gate-reports] td a");
    other.does("reject", |_| (), "She was in the country at the time.");
    other.says("Rejected");
    other.picture("13-decided");
    bureau.sees("/desk/gate", "section[aria-labelledby=gate-reports] .mark.state-dismissed");
}

/// Cancelled, and nobody is wanted any more; the owner holds the receipts. What was found before says so.
fn cancelled(notice: &str, lawyer: &Seat<'_>, (border, list): (&Seat<'_>, &str)) {
    border.open(list);
    let card = "document.querySelector('.persons .notice-card').innerText";
    assert!(!border.text(card).contains("holds no more"));
    lawyer.open(notice);
    lawyer.does("cancel", |seat| seat.choose("#cancel-ground", "article-3"), "It was about a speech after all.");
    lawyer.picture("10-cancelled");
    until("the receipts", || {
        lawyer.open(notice);
        lawyer.browser.run("return !document.querySelector('.dues')") == true
    });
    border.open(list);
    assert!(border.text(card).contains("holds no more"), "{}", border.text(card));
    border.open("/desk/search");
    border.fill("#name", "Mari-Liis Kask");
    border.send("form.asking > button");
    // What the two agreed to give each other stays; nobody is wanted any more.
    border.says("Mari-Liis Kask");
    assert_eq!(border.browser.run("return document.querySelectorAll('.notice-card').length"), 0);
    border.picture("11-gone");
}

#[test]
fn a_wanted_person_is_found_confirmed_and_after_the_cancellation_gone() {
    let desk = Desk::new();
    let Bureaus { ee, fi } = Bureaus::new(&desk);
    let (jaan, liis) = (invite(&ee, "jaan", "analyst"), invite(&ee, "liis", "legal-reviewer"));
    let (aino, rein) = (invite(&fi, "aino", "analyst"), invite(&ee, "rein", "legal-reviewer"));
    let (Some(author), Some(border)) = (Seat::first(&ee), Seat::first(&fi)) else { return };
    let (second, lawyer) = (Seat::invited(&ee, &jaan), Seat::invited(&ee, &liis));
    let (bureau, other) = (Seat::invited(&fi, &aino), Seat::invited(&ee, &rein));
    let notice = draft(&author);
    publish(&notice, (&author, &second, &lawyer));
    let (hit, list) = found(&border);
    confirmed(&hit, &bureau, (&author, &lawyer));
    reported(&bureau, &other);
    cancelled(&notice, &lawyer, (&border, &list));
    let no = notice.rsplit('/').next().unwrap();
    let shown: &Value = &ee.json(&["notice", "show", no])[0];
    assert_eq!(shown["state"], "cancelled");
    for seat in [&author, &second, &lawyer, &border, &bureau, &other] {
        let complaints: Vec<String> =
            seat.browser.complaints().into_iter().filter(|line| !line.contains("status of 4")).collect();
        assert!(complaints.is_empty(), "{complaints:?}");
    }
}
