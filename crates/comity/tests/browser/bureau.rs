//! Notices of a bureau at every stage, and a hit of a search: written by one, submitted by another, reviewed by a third.

use std::io::Write as _;
use std::process::{Child, Command, Stdio};

use comity_law::gate::FactorKind;
use serde_json::{Value, json};

use super::common::{Desk, records};
use super::station::{Station, until};

/// Colleagues of whoever sits in front of the browser.
pub(crate) struct Bureau<'d> {
    desk: &'d Desk,
    author: Colleague,
    second: Colleague,
    lawyer: Colleague,
    /// Whoever made the node.
    first: Colleague,
}

/// Somebody at a terminal of their own.
struct Colleague {
    shell: Child,
    folder: tempfile::TempDir,
}

impl Colleague {
    fn new(ee: &Station) -> Self {
        let like = Station::at(&ee.folder, ee.port);
        let mut shell = Command::new("setsid");
        shell.args(["sh"]).current_dir(&ee.folder).stdin(Stdio::piped());
        for (name, value) in like.get_envs() {
            match value {
                Some(value) => shell.env(name, value),
                None => shell.env_remove(name),
            };
        }
        Self { shell: shell.spawn().unwrap(), folder: tempfile::tempdir().unwrap() }
    }

    /// Somebody who logs in at their terminal; their rights were given before.
    fn logged_in(ee: &Station, name: &str) -> Self {
        let one = Self::new(ee);
        let code = ee.ok(&["account", "invite", name]).lines().next().unwrap().to_owned();
        let enrolled = one.fed(&["--json", "enrol", name], &format!("{code}\n{PASSWORD}\n{PASSWORD}\n"));
        let recovery = records(&enrolled)[0]["recovery"][0].as_str().unwrap().to_owned();
        one.fed(&["login", name], &format!("{PASSWORD}\n{recovery}\n"));
        one
    }

    /// What a command says.
    fn said(&self, words: &[&str]) -> String {
        self.fed(&[&["--json"], words].concat(), "")
    }

    fn fed(&self, words: &[&str], input: &str) -> String {
        let (code, said) = self.ran(words, input);
        assert_eq!(code, "0", "{words:?}: {said}");
        said
    }

    /// How a command ends, and what it says.
    fn ran(&self, words: &[&str], input: &str) -> (String, String) {
        let place = |name: &str| self.folder.path().join(name);
        let (given, out, code) = (place("in"), place("out"), place("code"));
        std::fs::write(&given, input).unwrap();
        drop(std::fs::remove_file(&code));
        let quoted = |text: &str| format!("'{}'", text.replace('\'', "'\\''"));
        let words: Vec<String> = words.iter().map(|word| quoted(word)).collect();
        let program = env!("CARGO_BIN_EXE_comity");
        let line = format!(
            "{program} {} <{} >{} 2>{2}.err; echo $? >{}.new; mv {3}.new {3}\n",
            words.join(" "),
            given.display(),
            out.display(),
            code.display(),
        );
        self.shell.stdin.as_ref().unwrap().write_all(line.as_bytes()).unwrap();
        until("the command", || code.exists());
        let code = std::fs::read_to_string(&code).unwrap().trim().to_owned();
        let mut said = std::fs::read_to_string(&out).unwrap();
        if code != "0" {
            said.push_str(&std::fs::read_to_string(place("out.err")).unwrap());
        }
        (code, said)
    }
}

impl Drop for Colleague {
    fn drop(&mut self) {
        drop(self.shell.kill());
        drop(self.shell.wait());
    }
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
    /// A red one in force, with an amendment that waits for a reviewer.
    pub(crate) amended: String,
    /// A blue one that was refused.
    pub(crate) refused: String,
}

impl<'d> Bureau<'d> {
    /// Before anybody can log in: whoever made the node gives rights alone.
    pub(crate) fn new(desk: &'d Desk, ee: &Station) -> Self {
        for (name, role) in [("mari", "analyst"), ("jaan", "analyst"), ("liis", "legal-reviewer")] {
            ee.ok(&["account", "add", name, "--name", name]);
            ee.ok(&["account", "grant", name, "--role", role]);
        }
        let [author, second, lawyer] = ["mari", "jaan", "liis"].map(|name| Colleague::logged_in(ee, name));
        Self { desk, author, second, lawyer, first: Colleague::new(ee) }
    }

    /// A draft of somebody's, with everything that a red notice needs.
    fn drafted(&self, who: &Colleague, colour: &str, more: &[&str], person: &str) -> String {
        let draft = by(who, &[&["notice", "draft", colour, "--from", person], more].concat()).remove(0);
        let no = draft["notice"].as_str().unwrap().to_owned();
        let mut text: Value = serde_json::from_str(&who.said(&["notice", "edit", &no, "--print"])).unwrap();
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
        by(who, &["notice", "edit", &no, "--with", file.to_str().unwrap()]);
        no
    }

    /// Written by one, submitted by another and taken up by a reviewer, who has judged it.
    fn under_review(&self, colour: &str, more: &[&str], person: &str) -> String {
        let no = self.drafted(&self.author, colour, more, person);
        by(&self.second, &["notice", "submit", &no, "--why", "complete"]);
        by(&self.lawyer, &["notice", "review", &no, "--take-up"]);
        by(&self.lawyer, &["notice", "judge", &no, "--category", "serious-ordinary-crime", "--why", "Large damage."]);
        let others = FactorKind::ALL.iter().filter(|factor| **factor != FactorKind::Refugee);
        let others = &others.map(ToString::to_string).collect::<Vec<_>>().join(",");
        by(
            &self.lawyer,
            &["notice", "judge", &no, "--factor", others, "--finding", "clears", "--why", "Nothing of it in the file."],
        );
        by(
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
        by(&self.lawyer, &["notice", "review", &refused, "--refuse", "article-3", "--why", "It is about a speech."]);
        let empty = by(&self.first, &["notice", "draft", "orange", "--diffusion"]).remove(0);
        Notices {
            draft: self.drafted(&self.first, "red", &["--extract"], person),
            empty: empty["notice"].as_str().unwrap().to_owned(),
            review: self.under_review("red", &["--extract"], person),
            published,
            amended: self.amended(person),
            refused,
        }
    }

    /// One in force. That the person may be a refugee makes two reviewers agree; the other is whoever made the node.
    fn published(&self, person: &str) -> String {
        let no = self.under_review("red", &["--extract"], person);
        by(&self.lawyer, &["notice", "review", &no, "--concur", "--why", "The request was refused long ago."]);
        by(
            &self.first,
            &["notice", "review", &no, "--publish", "2028-06-30", "--extract", "--why", "Checked against the file."],
        );
        by(
            &self.author,
            &["notice", "addendum", &no, "extradition-refused", "--country", "LV", "--why", "A court in Riga."],
        );
        no
    }

    /// One in force that is to say something else.
    fn amended(&self, person: &str) -> String {
        let no = self.published(person);
        let mut text: Value = serde_json::from_str(&self.author.said(&["notice", "edit", &no, "--print"])).unwrap();
        text["facts"]["offence"]["charge"] = "Computer fraud and money laundering".into();
        text["contact"]["phone"] = Value::Null;
        let file = self.desk.write(&format!("{no}-amended.json"), text.to_string());
        let with = ["--with", file.to_str().unwrap(), "--why", "Another charge, another desk."];
        by(&self.author, &[&["notice", "amend", &no, "--changes", "offence,contact"], &with[..]].concat());
        by(&self.second, &["notice", "submit", &no, "--why", "complete"]);
        no
    }

    /// A question about a hit that targets a person, and waits for a reviewer; its number.
    pub(crate) fn asks(&self, hit: &str, text: &str) -> String {
        let (code, said) = self.author.ran(&["hit", hit, "--ask", text], "");
        assert_ne!(code, "0", "it was sent: {said}");
        let all = by(&self.author, &["gate", "list"]);
        all.iter().find_map(|row| row["held"]["no"].as_str()).unwrap().to_owned()
    }

    /// Somebody who did not search compares a photograph.
    pub(crate) fn checks(&self, hit: &str) {
        by(&self.second, &["hit", "check", hit, "photo", "--same", "--why", "the same face"]);
    }
}

/// What somebody does, and is told.
fn by(who: &Colleague, words: &[&str]) -> Vec<Value> {
    records(&who.said(words))
}

const PASSWORD: &str = "four walnut lanterns over the quay";
