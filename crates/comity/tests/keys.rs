//! The keys of a node: sealed from the first day, opened with a secret kept elsewhere, and changed without losing
//! what was signed or indexed under the ones before.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails loudly")]

mod common;

use std::fs;
use std::path::Path;
use std::process::Stdio;

use common::{Desk, command, records};
use serde_json::Value;

/// A command with the environment as given; exit code, standard output, standard error.
fn run_with(folder: &Path, environment: &[(&str, &str)], words: &[&str]) -> (i32, String, String) {
    let output = command(folder).args(words).envs(environment.iter().copied()).stdin(Stdio::null()).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap_or(-1), text(output.stdout), text(output.stderr))
}

fn shown(desk: &Desk) -> Value {
    desk.json(&["keys"]).remove(0)
}

fn holds_a_value(desk: &Desk) {
    let list = desk.write("list.txt", "185.220.101.4\n");
    desk.ok(&["ingest", "--as", "ee-police", list.to_str().unwrap()]);
}

fn knows_the_value(desk: &Desk) -> bool {
    desk.json(&["look", "185.220.101.4"])[0].to_string().contains("ee-police")
}

#[test]
fn a_new_node_has_sealed_keys_and_says_what_opens_them() {
    let folder = tempfile::tempdir().unwrap();
    let words = ["init", "ee", "--country", "EE", "--name", "Estonian cyber unit"];
    let said = Desk::run_in(folder.path(), &words);
    assert_eq!(said.code, 0, "{}", said.err);
    assert!(said.out.contains("ee/unlock beside them opens them"), "{}", said.out);
    assert!(said.out.contains("COMITY_UNLOCK_FILE"), "{}", said.out);
    let node = folder.path().join("ee");
    assert!(fs::read_to_string(node.join("keys")).unwrap().starts_with("comity-sealed-v1\nkey\n"));
    assert_eq!(fs::read_to_string(node.join("unlock")).unwrap().trim().len(), 64);
    #[cfg(unix)]
    for name in ["keys", "unlock"] {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(fs::metadata(node.join(name)).unwrap().permissions().mode() & 0o777, 0o600, "{name}");
    }
    #[cfg(unix)]
    for name in ["", "store"] {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = node.join(name);
        assert_eq!(fs::metadata(&folder).unwrap().permissions().mode() & 0o777, 0o700, "{name}");
        fs::set_permissions(&folder, fs::Permissions::from_mode(0o755)).unwrap();
    }
    let (_, out, err) = run_with(&node, &[], &["keys"]);
    assert!(!cfg!(unix) || run_with(&node, &[], &["batches"]).2.contains("others on this machine"), "{err}");
    for part in ["Public key", "Fingerprint", "TLS pin      sha256/", "presented now", "opened with ./unlock"] {
        assert!(out.contains(part), "{part}: {out}");
    }
}

#[test]
fn without_the_secret_a_node_stays_shut_and_says_so() {
    let desk = Desk::new();
    let unlock = desk.path().join("unlock");
    fs::rename(desk.node().join("unlock"), &unlock).unwrap();
    let said = desk.run(&["batches"]);
    assert_eq!(said.code, 1);
    assert!(said.err.contains("are sealed, and there is nothing to open them with"), "{}", said.err);
    let named = unlock.to_str().unwrap();
    let (code, _, err) = run_with(&desk.node(), &[("COMITY_UNLOCK_FILE", named)], &["batches"]);
    assert_eq!(code, 0, "{err}");
    let wrong = desk.write("wrong", "0".repeat(64));
    for (environment, expected) in [
        (("COMITY_UNLOCK_FILE", wrong.to_str().unwrap()), "the passphrase or unlock key is wrong"),
        (("COMITY_UNLOCK_FILE", "/nowhere/unlock"), "reading the passphrase or unlock key in /nowhere/unlock"),
        (("COMITY_UNLOCK", "words"), "sealed with an unlock key of 64 hexadecimal digits, and a passphrase was given"),
    ] {
        let (code, _, err) = run_with(&desk.node(), &[environment], &["batches"]);
        assert_eq!(code, 1);
        assert!(err.contains(expected), "{err}");
        assert!(!err.contains("words\"") && !err.contains("0000"), "no secret is repeated: {err}");
    }
}

#[test]
fn a_passphrase_is_all_it_takes() {
    let folder = tempfile::tempdir().unwrap();
    let given = [("COMITY_UNLOCK", "correct horse battery staple")];
    let words = ["init", "ee", "--country", "EE", "--name", "Estonian cyber unit"];
    let (code, out, err) = run_with(folder.path(), &given, &words);
    assert_eq!(code, 0, "{err}");
    assert!(out.contains("only the passphrase in COMITY_UNLOCK opens them"), "{out}");
    let node = folder.path().join("ee");
    assert!(!node.join("unlock").exists());
    assert!(fs::read_to_string(node.join("keys")).unwrap().contains("\nargon2id m=65536 t=3 p=1 "));
    assert_eq!(run_with(&node, &given, &["batches"]).0, 0);
    assert_eq!(run_with(&node, &[("COMITY_UNLOCK", "wrong")], &["batches"]).0, 1);
    assert_eq!(run_with(&node, &[], &["batches"]).0, 1);
    // An empty variable is none.
    let file = folder.path().join("words");
    fs::write(&file, "correct horse battery staple\n").unwrap();
    let given = [("COMITY_UNLOCK", ""), ("COMITY_UNLOCK_FILE", file.to_str().unwrap())];
    assert_eq!(run_with(&node, &given, &["batches"]).0, 0);
}

#[test]
fn keys_of_the_first_version_open_and_can_be_sealed() {
    let folder = tempfile::tempdir().unwrap();
    let node = folder.path().join("ee");
    fs::create_dir(&node).unwrap();
    let plain = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n\
                 202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f\n";
    fs::write(node.join("keys"), plain).unwrap();
    let words = ["init", "ee", "--country", "EE", "--name", "Estonian cyber unit"];
    let (code, out, _) = run_with(folder.path(), &[], &words);
    assert_eq!(code, 0);
    assert!(out.contains("NOT SEALED"), "{out}");
    assert!(!node.join("unlock").exists());
    assert_eq!(fs::read_to_string(node.join("keys")).unwrap(), plain);
    fs::write(folder.path().join("list.txt"), "185.220.101.4\n").unwrap();
    let (code, _, err) = run_with(&node, &[], &["ingest", "--as", "ee-police", "../list.txt"]);
    assert_eq!(code, 0, "{err}");
    assert!(err.contains("are not sealed; `comity keys seal` does that"), "{err}");
    let keys = |words: &[&str]| records(&run_with(&node, &[], words).1).remove(0);
    let before = keys(&["--json", "keys"]);
    assert_eq!(before["public_key"], "03a107bff3ce10be1d70dd18e74bc09967e4d6309ba50d5f1ddc8664125531b8");
    assert_eq!((&before["sealed"], &before["created"]), (&Value::Bool(false), &Value::Null));
    assert!(run_with(&node, &[], &["keys"]).1.contains("NOT SEALED"));
    let (code, out, err) = run_with(&node, &[], &["keys", "seal"]);
    assert_eq!(code, 0, "{err}");
    assert!(out.contains("The keys are sealed"), "{out}");
    assert!(!fs::read_to_string(node.join("keys")).unwrap().contains("2021222324"));
    let after = keys(&["--json", "keys"]);
    assert_eq!((&after["public_key"], &after["sealed"]), (&before["public_key"], &Value::Bool(true)));
    assert_eq!(after["tls"].as_array().unwrap().len(), 1);
    let (_, out, err) = run_with(&node, &[], &["--json", "look", "185.220.101.4"]);
    assert!(out.contains("ee-police"), "{out}");
    assert_eq!(err, "");
    assert!(run_with(&node, &[], &["keys", "seal"]).1.contains("sealed already"));
}

#[test]
fn keys_are_sealed_with_another_secret() {
    let desk = Desk::new();
    let before = shown(&desk);
    desk.write("words", "correct horse\n");
    let out = desk.ok(&["keys", "seal", "--with", "../words"]);
    assert!(out.contains("COMITY_UNLOCK_FILE=../words"), "{out}");
    assert_eq!(desk.run(&["keys"]).code, 1, "the old secret opens nothing any more");
    let (code, out, _) = run_with(&desk.node(), &[("COMITY_UNLOCK", "correct horse")], &["--json", "keys"]);
    assert_eq!(code, 0);
    assert_eq!(records(&out)[0]["public_key"], before["public_key"]);
    assert_eq!(desk.run(&["keys", "seal", "--with", "absent"]).code, 1);
}

#[test]
fn a_new_signing_key_takes_over() {
    let desk = Desk::new();
    holds_a_value(&desk);
    let first = shown(&desk);
    let said = desk.json(&["keys", "rotate"]).remove(0);
    assert_eq!(said["old"], first["public_key"]);
    desk.ok(&["keys", "rotate"]);
    let third = shown(&desk);
    let [newer, older] = third["successions"].as_array().unwrap().as_slice() else { panic!("{third}") };
    assert_eq!(older, &said);
    assert_eq!((&older["new"], &newer["new"]), (&newer["old"], &third["public_key"]));
    assert_eq!(third["former"][1]["key"], first["public_key"]);
    assert_eq!(third["former"][1]["created"], first["created"]);
    assert_eq!(third["tls"], first["tls"]);
    assert!(knows_the_value(&desk), "indexes stay as they are");
    assert!(desk.ok(&["keys"]).contains("Before it"));
}

#[test]
fn a_new_tls_key_is_announced_before_it_is_presented() {
    let desk = Desk::new();
    let first = shown(&desk);
    let out = desk.ok(&["keys", "rotate", "--tls", "--host", "node.police.example", "--host", "192.0.2.7"]);
    assert!(out.contains("presented in 7 days"), "{out}");
    let second = shown(&desk);
    assert_eq!(second["public_key"], first["public_key"]);
    let tls = second["tls"].as_array().unwrap();
    assert_eq!(tls.iter().map(|tls| tls["presented"].as_bool().unwrap()).collect::<Vec<_>>(), [false, true]);
    assert_eq!(tls[1], first["tls"][0]);
    let out = desk.ok(&["keys", "rotate", "--tls", "--now"]);
    assert!(out.contains("presented from now on"), "{out}");
    let third = shown(&desk);
    assert_eq!(third["tls"].as_array().unwrap().len(), 1);
    assert_ne!(third["tls"][0]["pin"], tls[0]["pin"]);
    let bad = desk.run(&["keys", "rotate", "--tls", "--host", "https://node.example"]);
    assert_eq!(bad.code, 1);
    assert!(bad.err.contains("neither a host name nor an IP address"), "{}", bad.err);
    assert_eq!(desk.run(&["keys", "rotate", "--now"]).code, 2);
    assert_eq!(shown(&desk)["tls"], third["tls"]);
}

#[test]
fn changes_at_the_same_time_are_all_kept() {
    let desk = Desk::new();
    let children: Vec<_> =
        (0..6).map(|_| command(&desk.node()).args(["keys", "rotate"]).stdout(Stdio::null()).spawn().unwrap()).collect();
    for mut child in children {
        assert!(child.wait().unwrap().success());
    }
    assert_eq!(shown(&desk)["successions"].as_array().unwrap().len(), 6);
}

#[test]
fn there_is_nothing_to_show_without_a_node() {
    let folder = tempfile::tempdir().unwrap();
    for words in [&["keys"][..], &["keys", "rotate"], &["keys", "seal"]] {
        assert_eq!(run_with(folder.path(), &[], words).0, 3, "{words:?}");
    }
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}
