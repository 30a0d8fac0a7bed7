//! A client for any TAXII 2.1 server.

use std::time::Duration;

use http::{HeaderName, HeaderValue, Method};
use reqwest::Url;
use serde::de::DeserializeOwned;
use serde_json::Value;
use tokio::io::{AsyncWrite, AsyncWriteExt as _};

use crate::{
    ApiRoot, Collection, Collections, DATE_ADDED_FIRST, DATE_ADDED_LAST, Discovery, Page, PageRequest, PageScan, Status,
};

mod credentials;
mod error;
mod exchange;
pub(crate) mod guard;

pub use credentials::Credentials;
pub use error::{ClientError, Problem};

use exchange::{Reply, describe};

/// How a server is spoken to.
#[derive(Clone, Debug)]
pub struct ClientOptions {
    /// Who asks. Sent to this server only.
    pub credentials: Credentials,
    /// Whether the server may stand in a private network, on this machine, or at any other address that is not public.
    /// Default no.
    pub allow_private: bool,
    /// Whether `http` without TLS is allowed: credentials and objects are then readable on the way. Default no.
    pub allow_http: bool,
    /// To make a connection. Default 15 s.
    pub connect_timeout: Duration,
    /// Without a byte arriving. Default 60 s.
    pub silence_timeout: Duration,
    /// For a whole request and its reply, keeping the page included. Default 10 min.
    pub total_timeout: Duration,
    /// Most bytes of a page, unfolded. Default 256 MiB.
    pub page_bytes: u64,
    /// Most bytes of any other reply, unfolded. Default 8 MiB.
    pub resource_bytes: u64,
    /// Most levels of nesting in a page. Default 64.
    pub depth: usize,
    /// What the client calls itself.
    pub user_agent: String,
}

impl Default for ClientOptions {
    fn default() -> Self {
        Self {
            credentials: Credentials::None,
            allow_private: false,
            allow_http: false,
            connect_timeout: Duration::from_secs(15),
            silence_timeout: Duration::from_mins(1),
            total_timeout: Duration::from_mins(10),
            page_bytes: 256 << 20,
            resource_bytes: 8 << 20,
            depth: 64,
            user_agent: concat!("comity/", env!("CARGO_PKG_VERSION")).to_owned(),
        }
    }
}

/// Speaks TAXII 2.1 to one server, that is to one scheme, host and port.
///
/// Credentials and client certificate go nowhere else: redirects within the server are followed, others are errors.
/// Proxies named in the environment are not used.
#[derive(Clone, Debug)]
pub struct Client {
    http: reqwest::Client,
    address: Url,
    credentials: Option<(HeaderName, HeaderValue)>,
    options: ClientOptions,
}

impl Client {
    /// A client for the server at an address: the discovery's, an API root's, or the host alone.
    ///
    /// `tls` decides whom to trust and which certificate to show.
    ///
    /// # Errors
    /// When the address, the credentials or the TLS configuration cannot be used.
    pub fn new(address: &str, tls: rustls::ClientConfig, options: ClientOptions) -> Result<Self, ClientError> {
        let shown: String = address.chars().take(200).collect();
        let fail = |problem| ClientError::new(format!("setting up {shown}"), problem);
        let address =
            read_address(address, options.allow_http).map_err(|why| fail(Problem::Address(why.to_owned())))?;
        let credentials = options.credentials.header().map_err(|why| fail(Problem::Credentials(why)))?;
        let mut builder = reqwest::Client::builder()
            .tls_backend_preconfigured(tls)
            .redirect(reqwest::redirect::Policy::none())
            .referer(false)
            .no_proxy()
            .user_agent(&options.user_agent)
            .connect_timeout(options.connect_timeout)
            .read_timeout(options.silence_timeout)
            .timeout(options.total_timeout);
        if !options.allow_private {
            builder = builder.dns_resolver(guard::PublicOnly);
        }
        let http = builder.build().map_err(|error| fail(error.into()))?;
        Ok(Self { http, address, credentials, options })
    }

    /// What the server says of itself (TAXII 2.1 section 4.1), with the addresses of its API roots made absolute.
    ///
    /// # Errors
    /// When there is no discovery at the address; [`Client::api_root`] may then be tried with it.
    pub async fn discovery(&self) -> Result<Discovery, ClientError> {
        let mut url = self.address.clone();
        if url.path() == "/" {
            url.set_path("/taxii2/");
        }
        let mut discovery: Discovery = self.resource(url.clone(), &["api_roots"]).await?;
        let absolute = |root: &String| url.join(root).map_or_else(|_| root.clone(), String::from);
        discovery.api_roots = discovery.api_roots.iter().map(absolute).collect();
        discovery.default = discovery.default.as_ref().map(absolute);
        Ok(discovery)
    }

    /// What an API root says of itself (TAXII 2.1 section 4.2). The root is an address, or a path on this server.
    ///
    /// # Errors
    /// When the root cannot be had.
    pub async fn api_root(&self, root: &str) -> Result<ApiRoot, ClientError> {
        self.resource(self.under(root, &[])?, &["versions", "max_content_length"]).await
    }

    /// The collections of an API root (TAXII 2.1 section 5.1).
    ///
    /// # Errors
    /// When they cannot be had.
    pub async fn collections(&self, root: &str) -> Result<Collections, ClientError> {
        self.resource(self.under(root, &["collections"])?, &[]).await
    }

    /// One collection, by id or alias (TAXII 2.1 section 5.2).
    ///
    /// # Errors
    /// When it cannot be had.
    pub async fn collection(&self, root: &str, collection: &str) -> Result<Collection, ClientError> {
        self.resource(self.under(root, &["collections", collection])?, &["id"]).await
    }

    /// One page of a collection's objects (TAXII 2.1 section 5.4). The body goes to `sink` as it comes, unfolded.
    ///
    /// # Errors
    /// When the page does not come whole, is no page, or cannot be kept. What the sink was given by then must be
    /// thrown away.
    pub async fn objects(
        &self,
        root: &str,
        collection: &str,
        request: &PageRequest,
        sink: &mut (impl AsyncWrite + Unpin + ?Sized),
    ) -> Result<Page, ClientError> {
        let mut url = self.under(root, &["collections", collection, "objects"])?;
        add_query(&mut url, request);
        let mut reply = self.ask(Method::GET, url, None, self.options.page_bytes).await?;
        let text = |reply: &Reply, name| {
            let value: Option<&HeaderValue> = reply.headers().get(name);
            // A moment is short; anything longer is none.
            value
                .and_then(|value| value.to_str().ok())
                .filter(|text| text.len() <= 64)
                .map(|text| text.trim().to_owned())
        };
        let (first, last) = (text(&reply, DATE_ADDED_FIRST), text(&reply, DATE_ADDED_LAST));
        let marks = self.pour(&mut reply, sink).await.map_err(|problem| ClientError::new(&reply.asked, problem))?;
        Ok(Page { marks, first, last, server_date: reply.date(), bytes: reply.taken() })
    }

    /// Adds objects to a collection (TAXII 2.1 section 5.5). The body is an envelope, such as [`crate::Batch::body`].
    /// Some servers reply without a status; the objects are taken all the same.
    ///
    /// # Errors
    /// When the server does not take them.
    pub async fn add(&self, root: &str, collection: &str, envelope: &[u8]) -> Result<Option<Status>, ClientError> {
        let url = self.under(root, &["collections", collection, "objects"])?;
        let mut reply = self.ask(Method::POST, url, Some(envelope), self.options.resource_bytes).await?;
        let body = reply.whole().await.map_err(|problem| ClientError::new(&reply.asked, problem))?;
        Ok(serde_json::from_slice::<Status>(&body).ok().filter(|status| !status.id.is_empty()))
    }

    /// What became of added objects (TAXII 2.1 section 4.3).
    ///
    /// # Errors
    /// When the status cannot be had; 404 says that the server forgot it.
    pub async fn status(&self, root: &str, id: &str) -> Result<Status, ClientError> {
        self.resource(self.under(root, &["status", id])?, &["id"]).await
    }

    /// A resource that must hold one of some members: else any JSON object would pass for it.
    async fn resource<T: DeserializeOwned>(&self, url: Url, members: &[&str]) -> Result<T, ClientError> {
        let mut reply = self.ask(Method::GET, url, None, self.options.resource_bytes).await?;
        let body = reply.whole().await.map_err(|problem| ClientError::new(&reply.asked, problem))?;
        let fail = |text| ClientError::new(&reply.asked, Problem::Resource(text));
        let value: Value = serde_json::from_slice(&body).map_err(|error| fail(error.to_string()))?;
        if !value.is_object() || !(members.is_empty() || members.iter().any(|member| value.get(member).is_some())) {
            let members = if members.is_empty() { "members" } else { &members.join(" or ") };
            return Err(fail(format!("it is no JSON object with {members}")));
        }
        T::deserialize(value).map_err(|error| fail(error.to_string()))
    }

    /// Hands the body on while reading what its top says.
    async fn pour(
        &self,
        reply: &mut Reply,
        sink: &mut (impl AsyncWrite + Unpin + ?Sized),
    ) -> Result<crate::PageMarks, Problem> {
        let mut scan = PageScan::new(self.options.depth);
        while let Some(piece) = reply.piece().await? {
            scan.feed(&piece)?;
            sink.write_all(&piece).await.map_err(Problem::Sink)?;
        }
        sink.flush().await.map_err(Problem::Sink)?;
        Ok(scan.finish()?)
    }

    /// An address below an API root, with the slash at its end that TAXII wants.
    fn under(&self, root: &str, path: &[&str]) -> Result<Url, ClientError> {
        let shown: String = root.chars().take(200).collect();
        let fail = |why: &str| ClientError::new(format!("asking {shown}"), Problem::Address(why.to_owned()));
        let mut url = self.address.join(root).map_err(|error| fail(&error.to_string()))?;
        if url.origin() != self.address.origin() {
            return Err(ClientError::new(describe(&Method::GET, &url), Problem::OtherServer(url.into())));
        }
        url.set_query(None);
        url.set_fragment(None);
        if path.iter().any(|part| part.is_empty() || matches!(*part, "." | "..") || part.len() > 500) {
            return Err(fail("the id of a collection or status is empty, a dot, or too long"));
        }
        url.path_segments_mut().map_err(|()| fail("it has no path"))?.pop_if_empty().extend(path).push("");
        Ok(url)
    }
}

/// Reads an address from the configuration.
fn read_address(text: &str, allow_http: bool) -> Result<Url, &'static str> {
    let mut url = Url::parse(text.trim()).map_err(|_| "it is no address")?;
    match url.scheme() {
        "https" => {}
        "http" if allow_http => {}
        "http" => {
            return Err("http sends credentials and objects readable for everyone on the way (allow_http allows it)");
        }
        _ => return Err("only https is spoken"),
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("credentials do not belong into the address but into their own settings");
    }
    if url.host_str().is_none_or(str::is_empty) {
        return Err("it names no host");
    }
    url.set_query(None);
    url.set_fragment(None);
    if !url.path().ends_with('/') {
        url.set_path(&format!("{}/", url.path()));
    }
    Ok(url)
}

fn add_query(url: &mut Url, request: &PageRequest) {
    let limit = request.limit.map(|limit| limit.to_string());
    let single = [
        ("added_after", request.added_after.as_deref()),
        ("limit", limit.as_deref()),
        ("next", request.next.as_deref()),
    ];
    let single: Vec<(&str, &str)> = single.into_iter().filter_map(|(name, value)| Some((name, value?))).collect();
    let matches = request.matches.to_query();
    if !single.is_empty() || !matches.is_empty() {
        url.query_pairs_mut().extend_pairs(single).extend_pairs(matches);
    }
}

#[cfg(test)]
mod tests;
