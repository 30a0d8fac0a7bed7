//! What is typed wrong, and what is not there: which exit code it ends with, and what is told.

#![expect(clippy::unwrap_used, reason = "a test fails loudly")]

mod common;

use common::Desk;

#[test]
fn what_is_typed_wrong_ends_with_2_and_says_what_would_be_right() {
    let desk = Desk::new();
    let no = "7c1e0000-0000-4000-8000-000000000000";
    for (words, why) in [
        (&["retention", "plan", "--by", "yesterday"][..], "no day like 2026-11-01"),
        (&["audit", "--since", "yesterday"], "a day like"),
        (&["audit", "--until", "2026-02-30"], "a day like"),
        (&["show", "identity--0c9a1f52-6a58-4b1d-8d1c-7e60aa12f001", "--as-of", "soon"], "a day like"),
        (&["notice", "review", no, "--publish", "soon"], "no day like"),
        (&["source", "lab-north", "--country", "ZZ"], "no country"),
        (&["look", "192.0.2.1", "--limit", "0"], "from 1 on"),
        (&["notice", "amend", no, "--changes", "contact", "--why", "x"], "give it with --changes contact --with FILE"),
    ] {
        let said = desk.run(words);
        assert!(said.code == 2 && said.err.contains(why), "{words:?}: {} {}", said.code, said.err);
        assert!(!why.starts_with("no day") || !said.err.contains("12:00"), "a day is all that is needed: {}", said.err);
    }
    assert_eq!(desk.run(&["audit", "--since", "2026-11-01"]).code, 0, "a day is enough");
}

#[test]
fn what_is_not_there_ends_with_6() {
    let desk = Desk::new();
    let person = "identity--0c9a1f52-6a58-4b1d-8d1c-7e60aa12f001";
    for from in [person, "case-2041"] {
        let said = desk.run(&["notice", "draft", "red", "--from", from]);
        assert_eq!((said.code, said.err.contains("there is no person in")), (6, true), "{}", said.err);
    }
}

#[test]
fn a_node_is_of_a_country_that_is_one() {
    let folder = tempfile::tempdir().unwrap();
    for code in ["ZZ", "EST", "E1", ""] {
        let said = Desk::run_in(folder.path(), &["init", "ee", "--country", code, "--name", "x"]);
        assert!(said.code == 2 && said.err.contains("no country"), "{code}: {}", said.err);
        assert!(!folder.path().join("ee").exists());
    }
    assert_eq!(Desk::run_in(folder.path(), &["init", "ee", "--country", "xk", "--name", "x"]).code, 0, "in any case");
}
