//! What a good server answers, and how a careless one is borne.

use std::io::Write as _;
use std::time::Duration;

use comity_base::Timestamp;
use comity_taxii::{ClientOptions, Credentials, FailureKind, PageRequest, Problem, Progress, RetryAfter, TaxiiError};
use http::{Method, Response, StatusCode};

use crate::server::{Answer, Request, Server, taxii, with};

const PAGE: &str = r#"{"objects":[{"type":"indicator"},{"type":"malware"}],"more":true,"next":"abc"}"#;

fn standard(request: &Request) -> Answer {
    match request.path.as_str() {
        "/taxii2/" => {
            taxii(200, r#"{"title":"T","default":"/api1/","api_roots":["/api1/","https://other.example/api2/"]}"#)
        }
        "/api1/" => {
            taxii(200, r#"{"title":"A","versions":["application/taxii+json;version=2.1"],"max_content_length":1000}"#)
        }
        "/api1/collections/" => {
            taxii(200, r#"{"collections":[{"id":"c1","title":"C","can_read":true,"can_write":true}]}"#)
        }
        "/api1/collections/c1/" => taxii(200, r#"{"id":"c1","title":"C","can_read":true,"can_write":false}"#),
        "/api1/collections/c1/objects/" if request.method == Method::POST => taxii(
            202,
            r#"{"id":"s1","status":"pending","total_count":1,"success_count":0,"failure_count":0,"pending_count":1}"#,
        ),
        "/api1/collections/c1/objects/" => {
            let page = with(taxii(200, PAGE), "x-taxii-date-added-first", "2026-11-01T12:00:00.000Z");
            let page = with(page, "date", "Sun, 01 Nov 2026 12:30:00 GMT");
            with(page, "x-taxii-date-added-last", "2026-11-01T12:00:00.123456789Z")
        }
        "/api1/status/s1/" => {
            taxii(200, r#"{"id":"s1","status":"complete","failure_count":1,"failures":[{"id":"x"}]}"#)
        }
        _ => taxii(404, TaxiiError::not_found("such thing").body()),
    }
}

#[tokio::test]
async fn a_server_is_explored_from_its_host_alone() {
    let server = Server::start(standard).await;
    let client = server.client();
    let discovery = client.discovery().await.unwrap();
    assert_eq!(discovery.default, Some(format!("{}/api1/", server.address)));
    assert_eq!(discovery.api_roots, [format!("{}/api1/", server.address), "https://other.example/api2/".to_owned()]);
    for root in ["/api1/", "/api1", &discovery.api_roots[0], &format!("{}/api1?x=y", server.address)] {
        assert_eq!(client.api_root(root).await.unwrap().max_content_length, 1000, "{root}");
    }
    let collections = client.collections("/api1/").await.unwrap().collections;
    assert!(collections[0].can_write && collections[0].is_named("c1"));
    assert!(!client.collection("/api1/", "c1").await.unwrap().can_write);
    let asked = server.last();
    assert_eq!(asked.header("accept"), "application/taxii+json;version=2.1");
    assert!(asked.header("user-agent").starts_with("comity/"));
    assert_eq!(asked.header("authorization"), "");
    assert!(server.asked().iter().all(|request| request.path.ends_with('/')));
}

#[tokio::test]
async fn a_page_passes_through_as_it_is() {
    let server = Server::start(standard).await;
    let request = PageRequest {
        added_after: Some("2026-11-01T12:00:00.000001Z".to_owned()),
        limit: Some(2),
        next: Some("a&b=c".to_owned()),
        ..PageRequest::default()
    };
    let mut body = Vec::new();
    let page = server.client().objects("/api1/", "c1", &request, &mut body).await.unwrap();
    assert_eq!(body, PAGE.as_bytes());
    assert_eq!((page.marks.more, page.marks.next.as_deref(), page.marks.objects), (Some(true), Some("abc"), Some(2)));
    assert_eq!(page.first.as_deref(), Some("2026-11-01T12:00:00.000Z"));
    assert_eq!(page.last.as_deref(), Some("2026-11-01T12:00:00.123456789Z"));
    assert_eq!(page.server_date, Some(Timestamp::parse("2026-11-01T12:30:00Z").unwrap()));
    assert_eq!(page.bytes, PAGE.len() as u64);
    assert_eq!(server.last().query, "added_after=2026-11-01T12%3A00%3A00.000001Z&limit=2&next=a%26b%3Dc");
}

#[tokio::test]
async fn an_id_cannot_lead_out_of_its_place() {
    let server = Server::start(standard).await;
    let client = server.client();
    let error = client.collection("/api1/", "../../secret?x#y").await.unwrap_err();
    assert_eq!(error.status(), Some(StatusCode::NOT_FOUND));
    assert_eq!(server.last().path, "/api1/collections/..%2F..%2Fsecret%3Fx%23y/");
    for id in ["", ".", ".."] {
        assert!(matches!(client.status("/api1/", id).await.unwrap_err().problem(), Problem::Address(_)));
    }
}

#[tokio::test]
async fn objects_are_added_and_their_status_is_told() {
    let server = Server::start(standard).await;
    let client = server.client();
    let status = client.add("/api1/", "c1", b"{\"objects\":[{}]}").await.unwrap().unwrap();
    assert_eq!((status.id.as_str(), status.status), ("s1", Progress::Pending));
    let asked = server.last();
    assert_eq!(asked.header("content-type"), "application/taxii+json;version=2.1");
    assert_eq!(asked.body, b"{\"objects\":[{}]}");
    let status = client.status("/api1/", "s1").await.unwrap();
    assert_eq!((status.status, status.failures.len()), (Progress::Complete, 1));
    let bare = Server::start(|_| Response::builder().status(202).body(b"thanks".to_vec()).unwrap()).await;
    assert_eq!(bare.client().add("/api1/", "c1", b"{}").await.unwrap(), None);
}

#[tokio::test]
async fn each_kind_of_credentials_arrives() {
    let server = Server::start(standard).await;
    for (credentials, name, value) in [
        (Credentials::Basic { user: "lab".to_owned(), password: "x".to_owned() }, "authorization", "Basic bGFiOng="),
        (Credentials::Bearer("t0k".to_owned()), "authorization", "Bearer t0k"),
        (Credentials::Token("t0k".to_owned()), "authorization", "Token t0k"),
        (Credentials::Header { name: "X-API-Key".to_owned(), value: "t0k".to_owned() }, "x-api-key", "t0k"),
        (
            Credentials::Header { name: "Authorization".to_owned(), value: "basic t0k".to_owned() },
            "authorization",
            "basic t0k",
        ),
    ] {
        let client = server.client_with(ClientOptions { credentials, ..ClientOptions::default() });
        client.discovery().await.unwrap();
        assert_eq!(server.last().header(name), value);
        assert!(!format!("{client:?}").contains("t0k"));
    }
}

/// A stream of one block that is not compressed (RFC 7932 section 9.2).
fn brotli(text: &str) -> Vec<u8> {
    let [low, high] = u16::try_from(text.len() - 1).unwrap().to_le_bytes();
    let head = [0x0b | low << 7, low >> 1 | high << 7, high >> 1 | 0x80];
    [&head, text.as_bytes(), &[0x03]].concat()
}

fn gzip(text: &str) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(text.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

#[tokio::test]
async fn compressed_pages_are_unfolded() {
    let bodies = [("gzip", gzip(PAGE)), ("zstd", zstd::encode_all(PAGE.as_bytes(), 3).unwrap()), ("br", brotli(PAGE))];
    for (encoding, body) in bodies {
        let server = Server::start(move |request| {
            assert!(request.header("accept-encoding").contains(encoding));
            with(taxii(200, body.clone()), "content-encoding", encoding)
        })
        .await;
        let mut body = Vec::new();
        let page = server.client().objects("/api1/", "c1", &PageRequest::default(), &mut body).await.unwrap();
        assert_eq!((body.as_slice(), page.bytes), (PAGE.as_bytes(), PAGE.len() as u64), "{encoding}");
    }
}

#[tokio::test]
async fn careless_types_and_empty_bodies_are_borne() {
    for kind in
        ["application/stix+json;version=2.1", "application/json", "text/plain", "application/vnd.oasis.taxii+json"]
    {
        let server = Server::start(move |_| with(taxii(200, PAGE), "content-type", kind)).await;
        let mut body = Vec::new();
        server.client().objects("/a/", "c", &PageRequest::default(), &mut body).await.unwrap();
        assert_eq!(body, PAGE.as_bytes(), "{kind}");
    }
    for status in [200, 204, 206] {
        let server = Server::start(move |_| Response::builder().status(status).body(Vec::new()).unwrap()).await;
        let page = server.client().objects("/a/", "c", &PageRequest::default(), &mut Vec::new()).await.unwrap();
        assert_eq!((page.marks.objects, page.last), (None, None), "{status}");
    }
}

#[tokio::test]
async fn a_refusal_says_what_was_asked_what_came_and_what_to_do() {
    let server = Server::start(|_| taxii(401, TaxiiError::unauthorized().body())).await;
    let credentials = Credentials::Bearer("s3cret".to_owned());
    let client = server.client_with(ClientOptions { credentials, ..ClientOptions::default() });
    let request = PageRequest { next: Some("t0ken".to_owned()), ..PageRequest::default() };
    let error = client.objects("/api1/", "c1", &request, &mut Vec::new()).await.unwrap_err();
    let text = error.to_string();
    assert_eq!(
        text,
        format!(
            "GET {}/api1/collections/c1/objects/: the server answered 401 Unauthorized (Who asks is not known: Send the \
             credentials you were given as Basic, Bearer or Token authorization, or a client certificate.); check the \
             credentials, and whether the server wants Basic, Bearer, Token or a certificate",
            server.address
        )
    );
    assert!(!format!("{error:?}").contains("s3cret"));
    assert_eq!(error.failure().kind, FailureKind::Status(401));
}

#[tokio::test]
async fn retry_after_is_read_in_both_forms() {
    let server = Server::start(|request| match request.path.as_str() {
        "/seconds/" => with(taxii(429, "no JSON"), "retry-after", "120"),
        "/vague/" => with(taxii(503, "{}"), "retry-after", "soon"),
        _ => {
            let busy = with(taxii(503, "{}"), "retry-after", "Sun, 01 Nov 2026 12:10:00 GMT");
            with(busy, "date", "Sun, 01 Nov 2026 12:00:00 GMT")
        }
    })
    .await;
    let client = server.client();
    let failure = client.api_root("/seconds/").await.unwrap_err().failure();
    assert_eq!(
        (failure.kind, failure.retry_after),
        (FailureKind::Status(429), Some(RetryAfter::In(Duration::from_mins(2))))
    );
    assert_eq!(client.api_root("/vague/").await.unwrap_err().failure().retry_after, None);
    let failure = client.api_root("/date/").await.unwrap_err().failure();
    assert_eq!(failure.retry_after, Some(RetryAfter::In(Duration::from_mins(10))), "counted by the server's own clock");
}
