//! How a serving process says that it is there, ready, or about to stop.

#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test fails loudly")]

mod common;

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::Stdio;
use std::time::{Duration, Instant};

use common::{Desk, command};

fn get(address: &str, path: &str) -> Option<(u16, String)> {
    let mut stream = TcpStream::connect(address).ok()?;
    write!(stream, "GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").ok()?;
    let mut text = String::new();
    stream.read_to_string(&mut text).ok()?;
    Some((text.split(' ').nth(1)?.parse().ok()?, text))
}

#[test]
fn a_process_is_alive_then_ready_then_draining_and_ends_in_good_order() {
    let desk = Desk::new();
    let mut child = command(&desk.node())
        .args(["--json", "serve", "--listen", "127.0.0.1:0", "--network", "off"])
        .env("COMITY_NETWORK_DRAIN_SECONDS", "2")
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut out = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    out.read_line(&mut line).unwrap();
    let address = line.split("http://").nth(1).and_then(|rest| rest.split('/').next()).unwrap().to_owned();
    let status = |path: &str| get(&address, path).map(|(status, _)| status);
    let until = |path: &str, wanted: Option<u16>| {
        let began = Instant::now();
        while status(path) != wanted {
            assert!(began.elapsed() < Duration::from_secs(20), "{path}: {:?}", status(path));
            std::thread::sleep(Duration::from_millis(50));
        }
    };
    assert_eq!(status("/live"), Some(200));
    until("/ready", Some(200));
    let (_, metrics) = get(&address, "/metrics").unwrap();
    for name in ["comity_position", "comity_requests_total{status=\"2xx\"} 0", "comity_rights_overdue 0"] {
        assert!(metrics.contains(name), "{name}: {metrics}");
    }
    let told = std::process::Command::new("kill").arg(child.id().to_string()).status().unwrap();
    assert!(told.success());
    until("/ready", Some(503));
    assert_eq!(status("/live"), Some(200), "who is here already is still served");
    assert!(child.wait().unwrap().success());
    out.read_to_string(&mut line).unwrap();
    assert!(line.contains("Stopped in good order"), "{line}");
    for record in common::records(&line) {
        assert!(record["at"].as_str().unwrap().ends_with('Z') && record["told"].is_string(), "{record}");
    }
}
