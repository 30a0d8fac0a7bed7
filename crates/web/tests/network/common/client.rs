use std::io::{BufRead as _, BufReader, Error, ErrorKind, Read as _, Result, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ClientConnection, StreamOwned};
use serde_json::Value;

pub(crate) type Stream = StreamOwned<ClientConnection, TcpStream>;

/// An HTTP/1.1 client that sends exactly what it is told: no redirects, no decompression, no header of its own but
/// `Host` and the length.
#[derive(Clone)]
pub(crate) struct Client {
    pub(crate) address: SocketAddr,
    pub(crate) config: Arc<ClientConfig>,
    headers: Vec<(String, String)>,
}

/// A connection that is kept for many requests.
pub(crate) struct Session {
    client: Client,
    stream: Option<BufReader<Stream>>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    /// Names in lower case, in the order sent.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Client {
    pub(crate) fn new(address: SocketAddr, config: Arc<ClientConfig>) -> Self {
        Self { address, config, headers: Vec::new() }
    }

    /// Sends this header with every request, in place of one of the same name.
    #[must_use]
    pub(crate) fn with(&self, name: &str, value: &str) -> Self {
        let mut other = self.without(name);
        other.headers.push((name.to_owned(), value.to_owned()));
        other
    }

    #[must_use]
    pub(crate) fn without(&self, name: &str) -> Self {
        let mut other = self.clone();
        other.headers.retain(|(own, _)| !own.eq_ignore_ascii_case(name));
        other
    }

    /// A fresh TLS connection.
    pub(crate) fn connect(&self) -> Result<Stream> {
        let tcp = TcpStream::connect(self.address)?;
        tcp.set_nodelay(true)?;
        tcp.set_read_timeout(Some(Duration::from_mins(1)))?;
        tcp.set_write_timeout(Some(Duration::from_mins(1)))?;
        let name = ServerName::try_from("localhost").map_err(Error::other)?;
        let connection = ClientConnection::new(Arc::clone(&self.config), name).map_err(Error::other)?;
        Ok(StreamOwned::new(connection, tcp))
    }

    pub(crate) fn session(&self) -> Session {
        Session { client: self.clone(), stream: None }
    }

    /// One request on a connection of its own.
    pub(crate) fn get(&self, path: &str) -> Reply {
        self.session().get(path)
    }

    pub(crate) fn post(&self, path: &str, kind: &str, body: &[u8]) -> Reply {
        self.with("Content-Type", kind).session().send("POST", path, body)
    }

    /// The bytes of the head of a request.
    pub(crate) fn head(&self, method: &str, path: &str, length: Option<usize>) -> String {
        let host = ("Host".to_owned(), self.address.to_string());
        let length = length.map(|length| ("Content-Length".to_owned(), length.to_string()));
        let headers: String = [&host]
            .into_iter()
            .chain(&self.headers)
            .chain(&length)
            .flat_map(|(name, value)| [name, ": ", value, "\r\n"])
            .collect();
        format!("{method} {path} HTTP/1.1\r\n{headers}\r\n")
    }
}

impl Session {
    pub(crate) fn get(&mut self, path: &str) -> Reply {
        self.send("GET", path, b"")
    }

    pub(crate) fn send(&mut self, method: &str, path: &str, body: &[u8]) -> Reply {
        let kept = self.stream.is_some();
        match self.try_send(method, path, body) {
            // A kept connection that the node has closed meanwhile.
            Err(_) if kept => self.try_send(method, path, body).unwrap(),
            reply => reply.unwrap(),
        }
    }

    fn try_send(&mut self, method: &str, path: &str, body: &[u8]) -> Result<Reply> {
        let mut stream = match self.stream.take() {
            Some(stream) => stream,
            None => BufReader::new(self.client.connect()?),
        };
        let length = (!body.is_empty() || method == "POST").then_some(body.len());
        let mut bytes = self.client.head(method, path, length).into_bytes();
        bytes.extend_from_slice(body);
        // A node that has heard enough answers and closes: the answer counts, not that the rest was not taken.
        let sent = stream.get_mut().write_all(&bytes).and_then(|()| stream.get_mut().flush());
        let reply = match read_reply(&mut stream, method) {
            Ok(reply) => reply,
            Err(error) => return Err(sent.err().unwrap_or(error)),
        };
        if sent.is_ok() && reply.header("connection") != Some("close") {
            self.stream = Some(stream);
        }
        Ok(reply)
    }
}

/// Reads one reply.
pub(crate) fn read_reply(stream: &mut BufReader<Stream>, method: &str) -> Result<Reply> {
    let broken = |what: &str| Error::new(ErrorKind::InvalidData, what.to_owned());
    let mut line = String::new();
    stream.read_line(&mut line)?;
    let status = line.split(' ').nth(1).and_then(|code| code.parse().ok()).ok_or_else(|| broken("no status line"))?;
    let mut headers = Vec::new();
    loop {
        let mut line = String::new();
        stream.read_line(&mut line)?;
        let line = line.trim_end();
        if line.is_empty() {
            break;
        }
        let (name, value) = line.split_once(':').ok_or_else(|| broken("a header without a colon"))?;
        headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
    }
    let mut reply = Reply { status, headers, body: Vec::new() };
    if method == "HEAD" || matches!(status, 204 | 304) {
        return Ok(reply);
    }
    if reply.header("transfer-encoding") == Some("chunked") {
        loop {
            let mut line = String::new();
            stream.read_line(&mut line)?;
            let length = usize::from_str_radix(line.trim(), 16).map_err(|_| broken("no length of a chunk"))?;
            let mut chunk = vec![0; length + 2];
            stream.read_exact(&mut chunk)?;
            if length == 0 {
                break;
            }
            reply.body.extend_from_slice(&chunk[..length]);
        }
    } else if let Some(length) = reply.header("content-length").and_then(|length| length.parse().ok()) {
        reply.body = vec![0; length];
        stream.read_exact(&mut reply.body)?;
    } else {
        stream.read_to_end(&mut reply.body)?;
    }
    Ok(reply)
}

impl Reply {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str())
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }

    pub(crate) fn text(&self) -> String {
        format!("{} {}", self.status, String::from_utf8_lossy(&self.body).chars().take(400).collect::<String>())
    }

    /// The objects of an envelope.
    pub(crate) fn objects(&self) -> Vec<Value> {
        assert_eq!(self.status, 200, "{}", self.text());
        self.json()["objects"].as_array().unwrap_or_else(|| panic!("no objects: {}", self.text())).clone()
    }

    /// The ids of an envelope's objects.
    pub(crate) fn ids(&self) -> Vec<String> {
        self.objects().iter().map(|object| object["id"].as_str().unwrap().to_owned()).collect()
    }

    pub(crate) fn more(&self) -> bool {
        self.json()["more"].as_bool().unwrap_or_else(|| panic!("no more: {}", self.text()))
    }

    pub(crate) fn next(&self) -> Option<String> {
        self.json()["next"].as_str().map(str::to_owned)
    }

    /// It is TAXII, whatever it says.
    pub(crate) fn assert_taxii(&self) {
        assert_eq!(self.header("content-type"), Some("application/taxii+json;version=2.1"), "{}", self.text());
    }

    /// It is a TAXII error of this status.
    pub(crate) fn assert_error(&self, status: u16) {
        assert_eq!(self.status, status, "{}", self.text());
        self.assert_taxii();
        let body = self.json();
        assert!(body["title"].is_string(), "{}", self.text());
        assert_eq!(body["http_status"].to_string().trim_matches('"'), status.to_string(), "{}", self.text());
    }
}
