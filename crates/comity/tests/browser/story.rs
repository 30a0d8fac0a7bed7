//! The whole way of a case, with a mouse and with keys alone.

use super::common::Desk;
use super::driver::Browser;
use super::station::{REPORT, Station, at, until, world};

/// How somebody works.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Hands {
    Mouse,
    /// Keys alone: whatever is wanted is reached by Tab.
    Keys,
}

struct Officer<'b> {
    browser: &'b Browser,
    hands: Hands,
}

const TAB: char = '\u{e004}';
const ENTER: char = '\u{e007}';

impl Officer<'_> {
    fn click(&self, css: &str) {
        match self.hands {
            Hands::Mouse => self.browser.click(css),
            Hands::Keys => {
                self.reach(css);
                self.browser.press(&ENTER.to_string());
            }
        }
    }

    fn type_in(&self, css: &str, text: &str) {
        match self.hands {
            Hands::Mouse => self.browser.type_in(css, text),
            Hands::Keys => {
                self.reach(css);
                self.browser.press(text);
            }
        }
    }

    /// Sets a mark in a box.
    fn check(&self, css: &str) {
        match self.hands {
            Hands::Mouse => self.browser.click(css),
            Hands::Keys => {
                self.reach(css);
                self.browser.press(" ");
            }
        }
    }

    /// Goes on with Tab until something is focused, and sees that it shows.
    fn reach(&self, css: &str) {
        let is_there = format!("return document.activeElement === document.querySelector(`{css}`)");
        let is_reached = (0..200).any(|_| {
            let is_reached = self.browser.run(&is_there) == true;
            if !is_reached {
                self.browser.press(&TAB.to_string());
            }
            is_reached
        });
        assert!(is_reached, "{css} is not reached with Tab: {}", self.browser.text());
        let shows = "const s = getComputedStyle(document.activeElement); \
                     return s.outlineStyle !== 'none' || document.activeElement.matches('svg a')";
        assert_eq!(self.browser.run(shows), true, "the focus on {css} cannot be seen");
    }

    fn until(&self, what: &str, script: &str) {
        self.browser.until(what, script);
    }

    fn says(&self, text: &str) {
        self.browser
            .until(&format!("the page says {text}"), &format!("return document.body.innerText.includes(`{text}`)"));
    }
}

/// The whole way: the first log-in, a report pasted, the hit, the graph, the audience before and after, shared, recalled.
fn story(hands: Hands) {
    let desk = Desk::new();
    let (ee, lab) = world(&desk);
    let Some(browser) = Browser::start(&ee.pin()) else { return };
    browser.plug_in_device();
    browser.size(1366, 768);
    let officer = Officer { browser: &browser, hands };
    browser.open(&ee.first);
    officer.says("first log-in");
    officer.click("[data-passkey]");
    officer.until("the passkey is set up", &at("/desk/login"));
    officer.click("[data-passkey]");
    officer.until("in", &at("/desk"));
    intake(&officer);
    let report = hit(&officer, &ee);
    graph(&officer);
    share(&officer, (&ee, &lab), &report);
    recall(&officer, (&ee, &lab), &report);
    let complaints: Vec<String> =
        browser.complaints().into_iter().filter(|line| !line.contains("status of 4")).collect();
    assert!(complaints.is_empty(), "{complaints:?}");
}

fn intake(officer: &Officer<'_>) {
    officer.click(".rail a[href='/desk/intake']");
    officer.until("intake", &at("/desk/intake"));
    officer.type_in("#text", REPORT);
    officer.type_in("#title", "Case 2041");
    officer.click("form[action='/desk/intake'] > button");
    officer.says("Nothing of this is kept yet");
    // What it holds, who knows it already, what is harmless, and who would be given it.
    for told in ["185.220.101.4", "EE382200221020145685", "lab-north", "8.8.8.8", "Common and harmless"] {
        officer.says(told);
    }
    officer.check("input[name=keep][value='ipv4:8.8.8.8']");
    officer.click("button[formaction$='/commit']");
    officer.says("Take this batch back");
}

fn hit(officer: &Officer<'_>, ee: &Station) -> String {
    until("the hit", || ee.ok(&["hits", "--queue"]).contains("points"));
    officer.click(".rail a[href='/desk/hits']");
    officer.until("hits", &at("/desk/hits"));
    officer.says("Case 2041");
    officer.says("Both hold the");
    assert!(!ee.knows("8.8.8.8"), "what was unmarked is not kept");
    // Beside the queue, without leaving it.
    officer.click(".hits a.peek");
    officer.until("it opens beside the queue", "return !!document.querySelector('.drawer .mark.state-open')");
    officer.click(".drawer button[value=dismiss]");
    officer.until("dismissed", "return !!document.querySelector('.drawer .mark.state-dismissed')");
    officer.click(".drawer button[value=reopen]");
    officer.until("taken back", "return !!document.querySelector('.drawer .mark.state-open')");
    officer.click(".hits a.over");
    officer.says("Why they are linked");
    officer.type_in("#note", "Same panel.");
    officer.click("button[value=confirm]");
    officer.says("Same panel.");
    officer.says("confirmed");
    officer.click("button[value=reopen]");
    officer.until("open again", "return !!document.querySelector('.mark.state-open')");
    let report = officer.browser.run("return document.querySelector('.two .card .thing a').getAttribute('href')");
    report.as_str().unwrap().to_owned()
}

fn graph(officer: &Officer<'_>) {
    officer.click(".acts a[href^='/desk/graph']");
    officer.until("the graph", "return document.querySelectorAll('.graph .node').length >= 4");
    officer.click(".tabs a[href$='as=list']");
    officer.until("as a list", "return document.querySelectorAll('table.list tbody tr').length >= 4");
    officer.click(".tabs a[href$='as=timeline']");
    officer.until("as a timeline", "return !!document.querySelector('table.spans')");
}

fn share(officer: &Officer<'_>, (ee, lab): (&Station, &Station), report: &str) {
    assert!(!lab.knows("EE382200221020145685"), "nothing was given yet");
    officer.browser.open(&ee.url(report));
    officer.says("Nobody outside may see it.");
    officer.click("a[href$='/share']");
    officer.says("With everything of ours that it holds");
    officer.check("input[name=to][value='org:lab-north'], input[name=to][value='lab-north']");
    officer.browser.run("document.getElementById('tlp').value = 'TLP:GREEN'");
    officer.click("button[name=do][value='']");
    officer.says("all of it");
    officer.click("button[name=do][value=yes]");
    officer.says("One organisation may see it");
    until("the lab has it", || lab.knows("EE382200221020145685"));
    until("on record as given", || {
        ee.json(&["deliveries"])[0]["deliveries"].as_array().is_some_and(|all| !all.is_empty())
    });
}

fn recall(officer: &Officer<'_>, (ee, lab): (&Station, &Station), report: &str) {
    officer.browser.open(&ee.url(report));
    officer.click("a[href$='/recall']");
    officer.click("form[action$='/recall'] button");
    until("the receipt", || {
        let recalls = ee.json(&["deliveries"])[0]["recalls"].clone();
        recalls
            .as_array()
            .is_some_and(|all| !all.is_empty() && all.iter().all(|one| !one["recall"]["receipt"].is_null()))
    });
    officer.browser.open(&ee.url("/desk/network/lab-north"));
    officer.says("deleted there, receipt of");
    let id = report.rsplit('/').next().unwrap();
    let gone = Station::at(&lab.folder, lab.port).args(["show", id]).output().unwrap();
    assert!(!String::from_utf8_lossy(&gone.stdout).contains("Case 2041"), "the lab has deleted it");
}

#[test]
fn a_case_goes_its_whole_way_with_a_mouse() {
    story(Hands::Mouse);
}

#[test]
fn a_case_goes_its_whole_way_with_keys_alone() {
    story(Hands::Keys);
}
