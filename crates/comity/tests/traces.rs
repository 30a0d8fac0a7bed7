//! What a serving node sends to a collector of traces, and what it does not.

#![cfg(all(unix, feature = "otlp"))]
#![expect(clippy::unwrap_used, reason = "a test fails loudly")]

mod common;

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpListener;
use std::process::Stdio;
use std::sync::mpsc;
use std::time::Duration;

use comity_tls::{Pin, client_config_pinned};
use common::{Desk, command, example};

/// Takes what is sent as a collector does (OTLP over HTTP), and shows where to and what.
fn collector() -> (String, mpsc::Receiver<(String, Vec<u8>)>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let (sent, taken) = mpsc::channel();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut reader = BufReader::new(stream.unwrap());
            loop {
                let (mut first, mut length, mut line) = (String::new(), 0, String::new());
                if reader.read_line(&mut first).unwrap_or(0) == 0 {
                    break;
                }
                while reader.read_line(&mut line).unwrap_or(0) > 2 {
                    if let Some(text) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                        length = text.trim().parse().unwrap();
                    }
                    line.clear();
                }
                let mut body = vec![0; length];
                reader.read_exact(&mut body).unwrap();
                reader.get_mut().write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").unwrap();
                if sent.send((first, body)).is_err() {
                    return;
                }
            }
        }
    });
    (address, taken)
}

#[test]
fn a_collector_learns_what_took_how_long_and_nothing_else() {
    let desk = Desk::new();
    desk.ok(&["ingest", "--as", "ee", &example("case-2041.misp.json")]);
    let keys = desk.ok(&["keys"]);
    let pin: Pin = keys.split_whitespace().find(|word| word.starts_with("sha256/")).unwrap().parse().unwrap();
    let (address, taken) = collector();
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let mut serving = command(&desk.node())
        .args(["serve", "--listen", "off", "--network", &format!("127.0.0.1:{port}")])
        .env("COMITY_TRACES_ENDPOINT", &address)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(serving.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
    assert!(line.starts_with("Serving"), "{line}");
    let tls = client_config_pinned(None, &[pin]).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let http = reqwest::Client::builder().tls_backend_preconfigured(tls).build().unwrap();
        for path in ["/desk/login", "/taxii2/", "/taxii2/secret-view/collections/?match=185.220.101.4"] {
            let request =
                http.get(format!("https://localhost:{port}{path}")).header("authorization", "Bearer secret-token");
            request.send().await.unwrap();
        }
    });
    let stop = std::process::Command::new("kill").arg(serving.id().to_string()).status().unwrap();
    assert!(stop.success() && serving.wait().unwrap().success());
    let mut all = Vec::new();
    while let Ok((first, body)) = taken.recv_timeout(Duration::from_secs(1)) {
        assert!(first.starts_with("POST /v1/traces "), "{first}");
        all.extend(body);
    }
    let said = String::from_utf8_lossy(&all);
    for told in ["service.name", "comity", "GET /desk/login", "GET /taxii2/", "http.response.status_code", "work"] {
        assert!(said.contains(told), "{told}: {said}");
    }
    for kept in ["secret", "185.220.101.4", "match", "127.0.0.1"] {
        assert!(!said.contains(kept), "{kept}: {said}");
    }
}
