//! Servers to talk to.

use std::convert::Infallible;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use comity_taxii::{Client, ClientOptions};
use http::{HeaderMap, Method, Response, StatusCode, header};
use http_body_util::{BodyExt as _, Full};
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// What a server was asked.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) query: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Request {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

pub(crate) type Answer = Response<Vec<u8>>;

/// A server that runs until the test ends, and what it was asked so far.
#[derive(Clone)]
pub(crate) struct Server {
    pub(crate) address: String,
    asked: Arc<Mutex<Vec<Request>>>,
}

impl Server {
    /// Answers every request by `answer`.
    pub(crate) async fn start(answer: impl Fn(&Request) -> Answer + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let asked = Arc::new(Mutex::new(Vec::new()));
        let server = Self { address, asked: Arc::clone(&asked) };
        let answer = Arc::new(answer);
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                tokio::spawn(talk(stream, Arc::clone(&answer), Arc::clone(&asked)));
            }
        });
        server
    }

    pub(crate) fn asked(&self) -> Vec<Request> {
        self.asked.lock().unwrap().clone()
    }

    pub(crate) fn last(&self) -> Request {
        self.asked().last().cloned().unwrap()
    }

    pub(crate) fn client(&self) -> Client {
        self.client_with(ClientOptions::default())
    }

    /// A client that may speak to this machine without TLS.
    pub(crate) fn client_with(&self, options: ClientOptions) -> Client {
        let options = ClientOptions { allow_http: true, allow_private: true, ..options };
        Client::new(&self.address, trusting_nobody(), options).unwrap()
    }
}

/// Speaks HTTP on one connection.
pub(crate) async fn talk<S, A>(stream: S, answer: Arc<A>, asked: Arc<Mutex<Vec<Request>>>)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    A: Fn(&Request) -> Answer + Send + Sync + 'static,
{
    let service = service_fn(move |request: hyper::Request<Incoming>| {
        let (answer, asked) = (Arc::clone(&answer), Arc::clone(&asked));
        async move {
            let (head, body) = request.into_parts();
            let request = Request {
                method: head.method,
                path: head.uri.path().to_owned(),
                query: head.uri.query().unwrap_or_default().to_owned(),
                headers: head.headers,
                body: body.collect().await.unwrap().to_bytes().to_vec(),
            };
            let response = answer(&request).map(|body| Full::new(Bytes::from(body)));
            asked.lock().unwrap().push(request);
            Ok::<_, Infallible>(response)
        }
    });
    // A client that hangs up is no matter of the server's.
    let _ = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
}

/// A server that reads a request's head and then writes what it likes.
#[derive(Clone, Default)]
pub(crate) struct Raw {
    pub(crate) first: Vec<u8>,
    /// Written again and again, until the client hangs up.
    pub(crate) again: Vec<u8>,
    /// The pause before each time.
    pub(crate) pace: Duration,
    /// Stays, without a word, instead of hanging up.
    pub(crate) silent: bool,
}

impl Raw {
    pub(crate) async fn start(self) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                tokio::spawn(self.clone().talk(stream));
            }
        });
        Server { address, asked: Arc::default() }
    }

    async fn talk(self, mut stream: TcpStream) {
        let mut head = Vec::new();
        while !head.windows(4).any(|four| four == b"\r\n\r\n") {
            if stream.read_buf(&mut head).await.unwrap_or_default() == 0 {
                return;
            }
        }
        let _ = stream.write_all(&self.first).await;
        while !self.again.is_empty() && stream.write_all(&self.again).await.is_ok() {
            tokio::time::sleep(self.pace).await;
        }
        if self.silent {
            tokio::time::sleep(Duration::from_mins(1)).await;
        }
    }
}

pub(crate) fn taxii(status: u16, body: impl Into<Vec<u8>>) -> Answer {
    Response::builder()
        .status(StatusCode::from_u16(status).unwrap())
        .header(header::CONTENT_TYPE, comity_taxii::media::TAXII)
        .body(body.into())
        .unwrap()
}

pub(crate) fn with(mut answer: Answer, name: &'static str, value: &str) -> Answer {
    answer.headers_mut().insert(name, value.parse().unwrap());
    answer
}

/// A TLS configuration that trusts no server.
pub(crate) fn trusting_nobody() -> rustls::ClientConfig {
    builder().with_root_certificates(rustls::RootCertStore::empty()).with_no_client_auth()
}

pub(crate) fn builder() -> rustls::ConfigBuilder<rustls::ClientConfig, rustls::WantsVerifier> {
    rustls::ClientConfig::builder_with_provider(provider()).with_safe_default_protocol_versions().unwrap()
}

pub(crate) fn provider() -> Arc<rustls::crypto::CryptoProvider> {
    Arc::new(rustls::crypto::aws_lc_rs::default_provider())
}
