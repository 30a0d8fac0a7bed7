//! What a hostile or broken server may try.

use std::io::Write as _;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use comity_taxii::{Client, ClientError, ClientOptions, Credentials, FailureKind, PageRequest, Problem, ScanError};
use http::Method;
use tokio::io::AsyncWrite;

use crate::server::{Raw, Server, taxii, trusting_nobody, with};

async fn fetch(client: &Client) -> Result<Vec<u8>, ClientError> {
    let mut body = Vec::new();
    client.objects("/a/", "c", &PageRequest::default(), &mut body).await.map(|_| body)
}

/// The head of a reply with one more header, and what follows it.
fn head(header: &str, body: &str) -> Vec<u8> {
    format!("HTTP/1.1 200 OK\r\ncontent-type: application/taxii+json;version=2.1\r\n{header}\r\n\r\n{body}")
        .into_bytes()
}

fn bearer() -> ClientOptions {
    ClientOptions { credentials: Credentials::Bearer("s3cret".to_owned()), ..ClientOptions::default() }
}

#[tokio::test]
async fn redirects_are_followed_within_the_server_only() {
    let other = Server::start(|_| taxii(200, "{}")).await;
    let elsewhere = other.address.clone();
    let server = Server::start(move |request| match request.path.as_str() {
        "/near/collections/" => with(taxii(301, ""), "location", "/here/"),
        "/user/collections/" => {
            let host = request.header("host");
            with(taxii(301, ""), "location", &format!("http://other:name@{host}/here/"))
        }
        "/far/collections/" => with(taxii(302, ""), "location", &format!("{elsewhere}/taken/")),
        "/scheme/collections/" => with(taxii(308, ""), "location", "//evil.example/"),
        "/nowhere/collections/" => taxii(302, ""),
        "/round/collections/" => with(taxii(307, ""), "location", "/round/collections/"),
        _ => taxii(200, r#"{"collections":[{"id":"found"}]}"#),
    })
    .await;
    let client = server.client_with(bearer());
    assert_eq!(client.collections("/near/").await.unwrap().collections[0].id, "found");
    assert_eq!((server.last().path.as_str(), server.last().header("authorization")), ("/here/", "Bearer s3cret"));
    client.collections("/user/").await.unwrap();
    let sent: Vec<_> = server.last().headers.get_all("authorization").iter().cloned().collect();
    assert_eq!(sent, ["Bearer s3cret"], "a server chooses no credentials");
    let error = client.collections("/far/").await.unwrap_err();
    assert!(
        matches!(error.problem(), Problem::Redirected(to) if *to == format!("{}/taken/", other.address)),
        "{error}"
    );
    assert!(matches!(client.collections("/scheme/").await.unwrap_err().problem(), Problem::Redirected(_)));
    assert!(other.asked().is_empty(), "nothing was ever sent to the other server");
    for root in ["/nowhere/", "/round/"] {
        assert!(matches!(client.collections(root).await.unwrap_err().problem(), Problem::RedirectLoop));
    }
}

#[tokio::test]
async fn what_was_to_be_added_is_never_turned_into_a_fetch() {
    let server = Server::start(|request| match request.path.as_str() {
        "/found/collections/c/objects/" => with(taxii(302, ""), "location", "/elsewhere/"),
        "/kept/collections/c/objects/" => with(taxii(307, ""), "location", "/elsewhere/"),
        _ => taxii(202, r#"{"id":"s"}"#),
    })
    .await;
    let client = server.client();
    assert_eq!(client.add("/found/", "c", b"{}").await.unwrap_err().status().unwrap().as_u16(), 302);
    assert_eq!(server.asked().len(), 1);
    assert!(client.add("/kept/", "c", b"{}").await.unwrap().is_some());
    assert_eq!((server.last().method, server.last().body), (Method::POST, b"{}".to_vec()));
}

#[tokio::test]
async fn an_api_root_of_another_server_gets_nothing() {
    let other = Server::start(|_| taxii(200, "{}")).await;
    let server = Server::start(|_| taxii(200, "{}")).await;
    let client = server.client_with(bearer());
    for root in [other.address.clone(), "//evil.example/".to_owned(), server.address.replace("http", "https")] {
        let error = client.collections(&root).await.unwrap_err();
        assert!(matches!(error.problem(), Problem::OtherServer(_)), "{error}");
        assert_eq!(error.failure().kind, FailureKind::Local);
    }
    assert!(other.asked().is_empty());
}

#[tokio::test]
async fn a_server_inside_is_refused_unless_allowed() {
    let server = Server::start(|_| taxii(200, "{}")).await;
    let options = || ClientOptions { allow_http: true, ..bearer() };
    let by_name = server.address.replace("127.0.0.1", "localhost");
    for address in [server.address.clone(), by_name] {
        let client = Client::new(&address, trusting_nobody(), options()).unwrap();
        let error = client.discovery().await.unwrap_err();
        assert!(matches!(error.problem(), Problem::Private { address, .. } if address.is_loopback()), "{error}");
        assert!(error.to_string().contains("allow_private"), "{error}");
    }
    assert!(server.asked().is_empty());
}

#[tokio::test]
async fn a_page_is_cut_off_at_its_limit() {
    let options = || ClientOptions { page_bytes: 100_000, ..ClientOptions::default() };
    let declared = Raw { first: head("content-length: 100001", "{"), silent: true, ..Raw::default() };
    let endless = Raw {
        first: head("transfer-encoding: chunked", "8\r\n{\"a\":[1,\r\n"),
        again: format!("400\r\n{}\r\n", "1".repeat(1024)).into_bytes(),
        ..Raw::default()
    };
    let bomb = Server::start(|_| {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        encoder.write_all(b"{\"a\":\"").unwrap();
        encoder.write_all(&vec![b'x'; 20_000_000]).unwrap();
        with(taxii(200, encoder.finish().unwrap()), "content-encoding", "gzip")
    })
    .await;
    for server in [declared.start().await, endless.start().await, bomb] {
        let error = fetch(&server.client_with(options())).await.unwrap_err();
        assert!(matches!(error.problem(), Problem::TooLarge { limit: 100_000 }), "{error}");
        assert_eq!(error.failure().kind, FailureKind::TooLarge);
    }
}

#[tokio::test]
async fn an_endless_error_message_is_cut_off_too() {
    let server = Server::start(|_| taxii(500, vec![b'x'; 10_000_000])).await;
    assert_eq!(fetch(&server.client()).await.unwrap_err().status().unwrap().as_u16(), 500);
}

#[tokio::test]
async fn silence_and_dripping_end_in_time() {
    let options = || ClientOptions {
        connect_timeout: Duration::from_millis(500),
        silence_timeout: Duration::from_millis(500),
        total_timeout: Duration::from_millis(1500),
        ..ClientOptions::default()
    };
    let mute = Raw { silent: true, ..Raw::default() };
    let stops = Raw { first: head("content-length: 50", "{\"a\":"), ..mute.clone() };
    // Blanks for ever: legal JSON, never silent, and below every limit of size.
    let drips = Raw {
        first: head("transfer-encoding: chunked", "1\r\n{\r\n"),
        again: b"1\r\n \r\n".to_vec(),
        pace: Duration::from_millis(50),
        silent: false,
    };
    for server in [mute, stops, drips] {
        let begun = Instant::now();
        let error = fetch(&server.start().await.client_with(options())).await.unwrap_err();
        assert!(matches!(error.problem(), Problem::Slow(_)), "{error:?}");
        assert!(begun.elapsed() < Duration::from_secs(5));
        assert_eq!(error.failure().kind, FailureKind::Slow);
    }
}

#[tokio::test]
async fn a_reply_that_breaks_off_is_no_page() {
    for first in [
        head("content-length: 50", "{\"objects\":[]}"),
        head("transfer-encoding: chunked", "5\r\n{\"a\":\r\n"),
        head("content-encoding: gzip\r\ncontent-length: 5", "hello"),
        Vec::new(),
        b"SSH-2.0-OpenSSH_9.9\r\n".to_vec(),
    ] {
        let server = Raw { first, ..Raw::default() }.start().await;
        let error = fetch(&server.client()).await.unwrap_err();
        assert!(matches!(error.problem(), Problem::Interrupted(_)), "{error:?}");
        assert_eq!(error.failure().kind, FailureKind::Unreachable);
    }
    // Without a length only the JSON itself can tell.
    let server = Raw { first: head("connection: close", "{\"objects\":[{}"), ..Raw::default() }.start().await;
    let error = fetch(&server.client()).await.unwrap_err();
    assert!(matches!(error.problem(), Problem::Page(ScanError::Broken(_))), "{error}");
}

#[tokio::test]
async fn what_is_no_taxii_is_named() {
    let login = Server::start(|_| with(taxii(200, "<html>please log in"), "content-type", "text/html")).await;
    let error = fetch(&login.client()).await.unwrap_err();
    assert!(error.to_string().contains("text/html") && error.to_string().contains("login page"), "{error}");
    for (body, part) in [
        ("<html>".to_owned(), "begins with"),
        ("[1,2]".to_owned(), "begins with"),
        (format!("{{\"a\":{}", "[".repeat(1000)), "64 levels"),
        ("{}{}".to_owned(), "follows"),
    ] {
        let server = Server::start(move |_| taxii(200, body.clone())).await;
        let error = fetch(&server.client()).await.unwrap_err();
        assert!(error.to_string().contains(part), "{error}");
        assert_eq!(error.failure().kind, FailureKind::Unreadable);
    }
    for body in ["[]", "{", r#"{"error":"no"}"#, r#"{"title":"A","versions":[]}"#] {
        let server = Server::start(move |_| taxii(200, body)).await;
        let error = server.client().discovery().await.unwrap_err();
        assert!(matches!(error.problem(), Problem::Resource(_)), "{error}");
    }
}

#[tokio::test]
async fn nobody_there_is_said_so() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}/", listener.local_addr().unwrap());
    drop(listener);
    let options = || ClientOptions { allow_http: true, allow_private: true, ..ClientOptions::default() };
    let error = fetch(&Client::new(&address, trusting_nobody(), options()).unwrap()).await.unwrap_err();
    assert!(matches!(error.problem(), Problem::NoConnection(_)), "{error:?}");
    let unknown = Client::new("http://no-such-host.invalid/", trusting_nobody(), options()).unwrap();
    let error = fetch(&unknown).await.unwrap_err();
    assert!(matches!(error.problem(), Problem::Unresolved(_)), "{error:?}");
}

#[tokio::test]
async fn a_sink_without_room_is_our_own_trouble() {
    let server = Server::start(|_| taxii(200, "{\"objects\":[]}")).await;
    let error = server.client().objects("/a/", "c", &PageRequest::default(), &mut Full).await.unwrap_err();
    assert!(matches!(error.problem(), Problem::Sink(_)), "{error}");
    assert_eq!(error.failure().kind, FailureKind::Local);
}

/// A disk without room.
struct Full;

impl AsyncWrite for Full {
    fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, _: &[u8]) -> Poll<std::io::Result<usize>> {
        Poll::Ready(Err(std::io::ErrorKind::StorageFull.into()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}
