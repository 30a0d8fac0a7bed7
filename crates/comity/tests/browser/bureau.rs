//! Notices of a bureau at every stage, and a hit of a search: written by one, submitted by another, reviewed by a third.

use std::process::Stdio;

use serde_json::{Value, json};

use super::common::{Desk, records};
use super::station::Station;

/// Colleagues of whoever sits in front of the browser, each with a key.
pub(crate) struct Bureau<'d> {
    desk: &'d Desk,
    ee: &'d Station,
    author: String,
    second: String,
    lawyer: String,
}

/// The numbers of the notices.
pub(crate) struct Notices {
    /// A red one that the browser's account writes.
    pub(crate) draft: String,
    /// An orange diffusion of which nothing is said yet.
    pub(crate) empty: String,
    /// A red one under review, in which the browser's account had no hand.
    pub(crate) review: String,
    /// A red one in force, with an extract for the public.
    pub(crate) published: String,
    /// A blue one that was refused.
    pub(crate) refused: String,
}

impl<'d> Bureau<'d> {
    /// Before anybody can log in: whoever made the node gives rights alone.
    pub(crate) fn new(desk: &'d Desk, ee: &'d Station) -> Self {
        let colleague = |name: &str, role: &str, may: &str| {
            ee.ok(&["account", "add", name, "--name", name]);
            ee.ok(&["account", "grant", name, "--role", role]);
            let key = ee.json(&["account", "add-key", name, "--may", may]).remove(0);
            key["secret"].as_str().unwrap().to_owned()
        };
        let analyst = "notices,hits,decide-hits,search";
        Self {
            author: colleague("mari", "analyst", analyst),
            second: colleague("jaan", "analyst", analyst),
            lawyer: colleague("liis", "legal-reviewer", "review-notices"),
            desk,
            ee,
        }
    }

    /// Somebody does something at the command line, and is told this.
    fn by(&self, key: &str, words: &[&str]) -> Vec<Value> {
        records(&self.said(key, words))
    }

    fn said(&self, key: &str, words: &[&str]) -> String {
        let mut command = Station::at(&self.ee.folder, self.ee.port);
        if !key.is_empty() {
            command.env("COMITY_KEY", key);
        }
        let output = command.arg("--json").args(words).stdin(Stdio::null()).output().unwrap();
        let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(output.status.success(), "{words:?}: {out}{err}");
        out.into_owned()
    }

    /// A draft of somebody's, with everything that a red notice needs.
    fn drafted(&self, key: &str, colour: &str, more: &[&str], person: &str) -> String {
        let draft = self.by(key, &[&["notice", "draft", colour, "--from", person], more].concat()).remove(0);
        let no = draft["notice"].as_str().unwrap().to_owned();
        let mut text: Value = serde_json::from_str(&self.said(key, &["notice", "edit", &no, "--print"])).unwrap();
        text["facts"]["status"] = "charged".into();
        text["facts"]["minor"] = false.into();
        text["facts"]["sought"] = "Where she lives, and with whom she was seen.".into();
        text["facts"]["offence"] = json!({"charge": "Computer fraud", "summary": "Emptied accounts of a bank through a botnet; she asked for asylum once.",
            "when": "2026-05", "place": "Tallinn", "role": "Ran the servers", "article": "Penal Code section 213"});
        text["facts"]["penalty"] = json!({"wanted_for": "prosecution", "maximum_months": 60});
        text["facts"]["warrant"] =
            json!({"reference": "4-26-117", "authority": "Harju county court", "date": "2026-06-01"});
        text["facts"]["assurances"] =
            json!({"competent": true, "consulted": true, "will_request": true, "countries": ["LV", "FI"]});
        text["caution"] = json!(["armed", "escape-risk"]);
        text["contact"] = json!({"office": "Duty officer, Estonian cyber unit", "phone": "+372 600 0000", "email": "duty@example.org"});
        let file = self.desk.write(&format!("{no}.json"), text.to_string());
        self.by(key, &["notice", "edit", &no, "--with", file.to_str().unwrap()]);
        no
    }

    /// Written by one, submitted by another and taken up by a reviewer, who has judged it.
    fn under_review(&self, colour: &str, more: &[&str], person: &str) -> String {
        let no = self.drafted(&self.author, colour, more, person);
        self.by(&self.second, &["notice", "submit", &no, "--why", "complete"]);
        self.by(&self.lawyer, &["notice", "review", &no, "--take-up"]);
        self.by(
            &self.lawyer,
            &["notice", "judge", &no, "--category", "serious-ordinary-crime", "--why", "Large damage."],
        );
        self.by(
            &self.lawyer,
            &[
                "notice",
                "judge",
                &no,
                "--factor",
                "refugee",
                "--finding",
                "unclear",
                "--protected-by",
                "FI",
                "--why",
                "An old request.",
            ],
        );
        no
    }

    /// Notices at every stage, about two persons.
    pub(crate) fn notices(&self, person: &str) -> Notices {
        let published = self.published(person);
        let refused = self.under_review("blue", &[], person);
        self.by(
            &self.lawyer,
            &["notice", "review", &refused, "--refuse", "article-3", "--why", "It is about a speech."],
        );
        let empty = self.by("", &["notice", "draft", "orange", "--diffusion"]).remove(0);
        Notices {
            draft: self.drafted("", "red", &["--extract"], person),
            empty: empty["notice"].as_str().unwrap().to_owned(),
            review: self.under_review("red", &["--extract"], person),
            published,
            refused,
        }
    }

    /// One in force. That the person may be a refugee makes two reviewers agree; the other is whoever made the node.
    fn published(&self, person: &str) -> String {
        let no = self.under_review("red", &["--extract"], person);
        self.by(&self.lawyer, &["notice", "review", &no, "--concur", "--why", "The request was refused long ago."]);
        self.by(
            "",
            &["notice", "review", &no, "--publish", "2028-06-30", "--extract", "--why", "Checked against the file."],
        );
        self.by(
            &self.author,
            &["notice", "addendum", &no, "extradition-refused", "--country", "LV", "--why", "A court in Riga."],
        );
        no
    }

    /// Somebody who did not search compares a photograph.
    pub(crate) fn checks(&self, hit: &str) {
        self.by(&self.second, &["hit", "check", hit, "photo", "--same", "--why", "the same face"]);
    }
}
