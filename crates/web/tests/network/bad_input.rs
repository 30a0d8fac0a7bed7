//! Whatever is sent, the node says what is wrong with it, spends little, and answers the next one.

use std::io::{BufReader, Read as _, Write as _};
use std::time::{Duration, Instant};

use comity_node::PeerKind;
use comity_web::Limits;

use super::common::*;

/// A node that loses patience soon, and a client of it.
fn hasty() -> (Host, String, Client) {
    let host = Host::with(Limits { patience: Duration::from_millis(700), connections: 8, ..Limits::default() });
    let secret = host.tool("us-police", PeerKind::Member, "US", EVERYTHING);
    let client = host.client(&secret);
    (host, secret, client)
}

#[test]
fn broken_bodies_are_refused_or_counted_and_nothing_of_them_is_kept() {
    let (host, secret, client) = hasty();
    let inbox = writable(&client);
    let nested = |depth: usize, open: &str, close: &str| format!("{}{}", open.repeat(depth), close.repeat(depth));
    for body in [
        b"".as_slice(),
        b"{",
        b"[]",
        b"null",
        b"{\"objects\":",
        b"{\"objects\":{}}",
        b"{\"objects\":[1,2",
        b"{\"objects\":[]}",
        b"\xff\xfe\x00\x01",
        b"{\"objects\":[{\"type\":\"indicator\xff\"}]}",
        b"\x1f\x8b\x08\x00 no gzip",
        b"<html><body>a form</body></html>",
        nested(100_000, "[", "]").as_bytes(),
        nested(100_000, "{\"objects\":[", "]}").as_bytes(),
        format!("{{\"objects\":[{{\"type\":\"x\",\"a\":{}}}]}}", nested(50_000, "[", "]")).as_bytes(),
    ] {
        let reply = client.post(&inbox, TAXII, body);
        reply.assert_taxii();
        let told: String = String::from_utf8_lossy(body).chars().take(60).collect();
        match reply.status {
            202 => {
                let status = reply.json();
                assert_eq!(status["success_count"].as_u64().unwrap_or_default(), 0, "{told}: {status}");
                assert!(status["failure_count"].as_u64().unwrap() > 0, "{told}: {status}");
            }
            400 | 422 => assert!(reply.json()["description"].as_str().unwrap().len() > 20, "{told}: {}", reply.text()),
            _ => panic!("{told}: {}", reply.text()),
        }
    }
    let source = host.node.position();
    assert_eq!(source.0, 0, "nothing is stored");
    host.assert_alive(&secret);
}

#[test]
fn bodies_that_are_too_large_are_refused_before_they_are_read() {
    let (host, secret, client) = hasty();
    let inbox = writable(&client);
    let most = client.get("/taxii2/root/").json()["max_content_length"].as_u64().unwrap();
    // Said at once, and nothing of it sent.
    let mut stream = BufReader::new(client.connect().unwrap());
    let head = client.with("Content-Type", TAXII).head("POST", &inbox, Some(usize::try_from(most).unwrap() + 1));
    stream.get_mut().write_all(head.as_bytes()).unwrap();
    let began = Instant::now();
    let reply = read_reply(&mut stream, "POST").unwrap();
    reply.assert_error(413);
    assert!(reply.json()["description"].as_str().unwrap().contains(&most.to_string()), "{}", reply.text());
    assert!(began.elapsed() < Duration::from_secs(5));
    host.assert_alive(&secret);
}

#[test]
fn bombs_are_unpacked_no_further_than_the_limit() {
    let (host, secret, client) = hasty();
    let inbox = writable(&client);
    let most = usize::try_from(client.get("/taxii2/root/").json()["max_content_length"].as_u64().unwrap()).unwrap();
    let zeros = vec![b' '; 8 << 20];
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    let mut zstd = zstd::stream::write::Encoder::new(Vec::new(), 1).unwrap();
    let mut unpacked = 0;
    while unpacked <= 2 * most {
        gzip.write_all(&zeros).unwrap();
        zstd.write_all(&zeros).unwrap();
        unpacked += zeros.len();
    }
    for (packing, bomb) in [("gzip", gzip.finish().unwrap()), ("zstd", zstd.finish().unwrap())] {
        assert!(bomb.len() < unpacked / 100, "{} bytes", bomb.len());
        let began = Instant::now();
        client.with("Content-Encoding", packing).post(&inbox, TAXII, &bomb).assert_error(413);
        assert!(began.elapsed() < Duration::from_secs(20), "{packing}: {:?}", began.elapsed());
        // Packed twice, and cut off in the middle.
        client.with("Content-Encoding", packing).post(&inbox, TAXII, &bomb[..bomb.len() / 64]).assert_taxii();
    }
    for (packing, body) in [("gzip", b"no gzip at all".as_slice()), ("zstd", b"nor zstd"), ("br", b"\xff\xff\xff\xff")]
    {
        client.with("Content-Encoding", packing).post(&inbox, TAXII, body).assert_error(400);
    }
    client.with("Content-Encoding", "gzip, gzip, gzip").post(&inbox, TAXII, b"x").assert_error(415);
    host.assert_alive(&secret);
}

#[test]
fn queries_nobody_can_mean_are_clear_errors() {
    let (host, secret, client) = hasty();
    host.ingest(&mostly_hidden(0..40, 1));
    host.pass(3_000);
    let objects = readable(&client);
    let ids = |count: u64| (0..count).map(indicator_id).collect::<Vec<_>>().join(",");
    let good = client.get(&format!("{objects}/?limit=3")).next().unwrap();
    let mut turned = good.clone().into_bytes();
    turned[20] ^= 1;
    let turned = String::from_utf8_lossy(&turned).into_owned();
    for query in [
        "added_after=%ff%fe".to_owned(),
        "match[type]=%c3%28".into(),
        "limit=%zz".into(),
        "limit=-1".into(),
        "limit=1e9".into(),
        "limit=3&limit=4".into(),
        "added_after=2026-13-45T99:99:99Z".into(),
        "added_after=9999999999999".into(),
        "match[version]=all,first".into(),
        "match[id]=indicator--x".into(),
        "match[spec_version]=two".into(),
        format!("match[id]={}", ids(600)),
        format!("match[id]={}", "indicator,".repeat(3_000)),
        format!("next={}", "A".repeat(2_000)),
        format!("next={turned}"),
        format!("next={}", &good[..good.len() - 1]),
        format!("next={good}A"),
        "next=AAAA".into(),
        "next=%00%00".into(),
        "x&".repeat(5_000),
    ] {
        let reply = client.get(&format!("{objects}/?{query}"));
        reply.assert_error(400);
        let told = reply.json()["description"].as_str().unwrap().to_owned();
        assert!((20..600).contains(&told.len()), "{told}");
    }
    assert_eq!(client.get(&format!("{objects}/?match[id]={}", ids(500))).ids().len(), 40, "so many are taken");
    assert_eq!(client.get(&format!("{objects}/?limit=99999999999999999999999999")).ids().len(), 40);
    for odd in ["unknown=%ff", "match[x]=1", "&&&==&", "limit=", "next=", "match[id]="] {
        assert_eq!(client.get(&format!("{objects}/?{odd}")).ids().len(), 40, "{odd}");
    }
    // A token of one collection, or one reader, is none in another.
    let other = host.tool("lab-north", PeerKind::Partner, "SE", EVERYTHING);
    let theirs = host.client(&other);
    theirs.get(&format!("{}/?next={good}", readable(&theirs))).assert_error(400);
    host.assert_alive(&secret);
}

#[test]
fn heads_that_are_too_large_or_no_http_are_refused() {
    let (host, secret, client) = hasty();
    let large = client.with("X-Large", &"x".repeat(200 << 10));
    let long = format!("/taxii2/?{}", "x".repeat(200 << 10));
    let many = (0..500).fold(client.clone(), |client, number| client.with(&format!("X-{number}"), "x"));
    for (client, path) in [(&large, "/taxii2/"), (&client, long.as_str()), (&many, "/taxii2/")] {
        let mut stream = BufReader::new(client.connect().unwrap());
        drop(stream.get_mut().write_all(client.head("GET", path, None).as_bytes()));
        // A refusal, or the connection is closed.
        if let Ok(reply) = read_reply(&mut stream, "GET") {
            assert!(matches!(reply.status, 400 | 414 | 431), "{}", reply.text());
        }
        host.assert_alive(&secret);
    }
    for text in ["\r\n\r\n\r\n", "GET\r\n\r\n", "\x00\x01\x02\x03\r\n\r\n", "GET /taxii2/ HTTP/9.9\r\n\r\n"] {
        let mut stream = client.connect().unwrap();
        drop(stream.write_all(text.as_bytes()));
        drop(stream.read(&mut [0; 100]));
        host.assert_alive(&secret);
    }
}

/// Each holds a connection until the node's patience ends, and no longer.
#[test]
fn who_is_slow_loses_the_connection_and_holds_up_nobody() {
    let (host, secret, client) = hasty();
    let began = Instant::now();
    let mut slow = Vec::new();
    for number in 0..16 {
        // Without a handshake, with half a head, and with a head a byte at a time.
        let tcp = std::net::TcpStream::connect(host.address).unwrap();
        tcp.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        slow.push(tcp);
        if number % 4 == 0
            && let Ok(mut stream) = client.connect()
        {
            drop(stream.write_all(b"GET /taxii2/ HTTP/1.1\r\nX-Slow: "));
            slow.push(stream.sock);
        }
    }
    assert_eq!(client.get("/taxii2/").status, 200, "answers between them");
    assert!(began.elapsed() < Duration::from_secs(15), "{:?}", began.elapsed());
    for mut stream in slow {
        let mut rest = Vec::new();
        drop(stream.read_to_end(&mut rest));
    }
    assert!(began.elapsed() < Duration::from_secs(30), "{:?}", began.elapsed());
    let mut stream = client.connect().unwrap();
    let head = client.head("GET", "/taxii2/", None);
    let dripped = Instant::now();
    for byte in head.bytes() {
        if stream.write_all(&[byte]).and_then(|()| stream.flush()).is_err() {
            break;
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    assert!(dripped.elapsed() < Duration::from_secs(10), "a head is given time as a whole, not for each byte");
    host.assert_alive(&secret);
}

#[test]
fn slow_bodies_hold_up_nobody_else() {
    let (host, secret, client) = hasty();
    let inbox = writable(&client);
    let head = client.with("Content-Type", TAXII).head("POST", &inbox, Some(1_000));
    let mut slow: Vec<_> = (0..5).map(|_| client.connect().unwrap()).collect();
    for stream in &mut slow {
        stream.write_all(head.as_bytes()).unwrap();
        stream.write_all(b"{\"objects\":[").unwrap();
        stream.flush().unwrap();
    }
    for number in 0..10 {
        host.assert_alive(&secret);
        let one = envelope(&[indicator(number, 0, "green")]);
        assert_eq!(client.post(&inbox, TAXII, one.as_bytes()).status, 202);
    }
    // Cut off in the middle: nothing of it is kept.
    drop(slow);
    host.assert_alive(&secret);
    assert_eq!(host.node.position().0, 10);
}

#[test]
#[ignore = "a body is given a minute"]
fn a_body_that_does_not_come_is_given_up() {
    let (host, secret, client) = hasty();
    let inbox = writable(&client);
    let mut stream = BufReader::new(client.connect().unwrap());
    stream.get_mut().sock.set_read_timeout(Some(Duration::from_secs(90))).unwrap();
    let head = client.with("Content-Type", TAXII).head("POST", &inbox, Some(1_000));
    stream.get_mut().write_all(head.as_bytes()).unwrap();
    read_reply(&mut stream, "POST").unwrap().assert_error(408);
    host.assert_alive(&secret);
}

/// Whoever asks, and whatever for: no browser runs, frames, guesses, keeps or passes on anything of an answer.
#[test]
fn every_answer_is_strict_with_browsers() {
    let host = Host::new();
    let secret = host.tool("us-police", PeerKind::Member, "US", EVERYTHING);
    let (known, stranger) = (host.client(&secret), host.stranger());
    for path in [
        "/",
        "/taxii2/",
        "/taxii2/root/collections/",
        "/comity/v1/feed",
        "/comity/v1/ledger/2026/checkpoint",
        "/misp/users/view/me",
        "/lists/all/ipv4.txt",
        "/nothing",
    ] {
        for reply in [known.get(path), stranger.get(path)] {
            let says = |name: &str| reply.header(name).unwrap_or_else(|| panic!("{path} says no {name}")).to_owned();
            assert!(says("content-security-policy").starts_with("default-src 'none'"), "{path}");
            assert_eq!(
                (says("x-content-type-options"), says("referrer-policy")),
                ("nosniff".into(), "no-referrer".into())
            );
            assert!(says("strict-transport-security").starts_with("max-age="), "{path}");
            assert!(says("cache-control").contains("no-"), "{path}: {}", says("cache-control"));
        }
    }
}

#[test]
fn who_asks_too_fast_is_told_when_to_come_again_and_others_are_served() {
    let host = Host::with(Limits { requests_a_second: 5, ..Limits::default() });
    let fast = host.client(&host.tool("us-police", PeerKind::Member, "US", EVERYTHING));
    let slow = host.client(&host.tool("lab-north", PeerKind::Partner, "FI", EVERYTHING));
    let stranger = host.client("a-secret-that-nobody-gave-anybody");
    let statuses: Vec<u16> = (0..60).map(|_| fast.get("/taxii2/").status).collect();
    assert!(statuses.iter().filter(|status| **status == 200).count() >= 20, "{statuses:?}");
    let reply = fast.get("/taxii2/");
    reply.assert_error(429);
    assert!(reply.header("retry-after").is_some_and(|seconds| seconds.parse::<u64>().unwrap() >= 1));
    assert_eq!(slow.get("/taxii2/").status, 200);
    let strangers: Vec<u16> = (0..60).map(|_| stranger.get("/taxii2/").status).collect();
    assert!(strangers.contains(&401) && strangers.contains(&429), "{strangers:?}");
}

#[test]
fn an_address_that_connects_too_fast_waits_before_the_handshake() {
    let host = Host::with(Limits { connections_a_second: 2, ..Limits::default() });
    let secret = host.tool("us-police", PeerKind::Member, "US", EVERYTHING);
    host.assert_alive(&secret);
    let refused = (0..40).filter(|_| {
        let mut stream = std::net::TcpStream::connect(host.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_millis(50))).unwrap();
        // Nobody has said anything: what is closed at once was not let in.
        matches!(stream.read(&mut [0]), Ok(0))
    });
    assert!(refused.count() >= 10);
    std::thread::sleep(Duration::from_millis(1_500));
    host.assert_alive(&secret);
}

#[test]
fn who_connects_and_says_nothing_gives_its_place_back() {
    let (host, secret, client) = hasty();
    let silent: Vec<_> = (0..8)
        .map(|_| {
            let mut stream = client.connect().unwrap();
            stream.conn.complete_io(&mut stream.sock).unwrap();
            stream
        })
        .collect();
    std::thread::sleep(Duration::from_secs(1));
    host.assert_alive(&secret);
    drop(silent);
}

#[test]
fn over_the_network_come_objects_and_nothing_else() {
    let (host, secret, client) = hasty();
    let inbox = writable(&client);
    let zip = b"PK\x03\x04 a zip".as_slice();
    for body in
        [b"%PDF-1.7\n1 0 obj".as_slice(), b"a,b\n192.0.2.1,x\n", b"192.0.2.1\n192.0.2.2\n", b"# A report\n", zip]
    {
        let reply = client.post(&inbox, TAXII, body);
        assert!(reply.status / 100 == 4 || reply.json()["success_count"] == 0, "{}", reply.text());
        assert_eq!(host.node.position().0, 0, "{}", String::from_utf8_lossy(body));
    }
    host.assert_alive(&secret);
}

#[test]
fn whoever_is_suspended_brings_nothing_by_any_door() {
    let (host, _, client) = hasty();
    let event = r#"{"Event":{"uuid":"5d0092c5-5f74-4287-9642-33f4c354e56d","info":"x","date":"2026-11-01","Attribute":[
        {"uuid":"5d0092c5-5f74-4287-9642-33f4c354e56e","type":"domain","category":"Network activity","value":"x.example"}]}}"#;
    let inbox = writable(&client);
    host.node.set_peer_status(&host.ctx(), &org("us-police"), comity_node::PeerStatus::Suspended).unwrap();
    for (path, kind, body) in [
        ("/events/add", "application/json", event.to_owned()),
        (inbox.as_str(), TAXII, format!("{{\"objects\":[{}]}}", indicator(1, 0, "green"))),
    ] {
        let reply = client.post(path, kind, body.as_bytes());
        assert!(reply.status / 100 == 4, "{path}: {}", reply.text());
        assert_eq!(host.node.position().0, 0, "{path}");
    }
}
