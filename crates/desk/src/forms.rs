use std::collections::BTreeMap;
use std::time::Duration;

use axum::extract::{FromRequest, Request};
use axum::http::header::CONTENT_TYPE;
use axum::response::Response;
use comity_http::{Posted, Query, body, body_within};
use serde::de::DeserializeOwned;

use super::language::Words;
use super::reply::Trouble;
use crate::desk::Desk;

/// What a page sent: short, and within seconds.
pub(super) struct Sent(Posted);

impl FromRequest<Desk> for Sent {
    type Rejection = Response;

    async fn from_request(request: Request, desk: &Desk) -> Result<Self, Response> {
        let words = Words::of(request.headers(), request.uri().query());
        match tokio::time::timeout(PATIENCE, body(desk.site(), request, LONGEST_JSON)).await {
            Ok(Ok(posted)) => Ok(Self(posted)),
            Ok(Err(problem)) => Err(Trouble::from(problem).plain(words)),
            Err(_) => Err(Trouble::Failed.plain(words)),
        }
    }
}

/// A form with files.
#[derive(Default)]
pub(super) struct Upload {
    texts: Vec<(String, String)>,
    files: Vec<File>,
    /// Given back with this.
    _memory: Option<Box<dyn Send>>,
}

/// One file of a form.
pub(super) struct File {
    field: String,
    name: String,
    bytes: Vec<u8>,
}

impl FromRequest<Desk> for Upload {
    type Rejection = Response;

    async fn from_request(request: Request, desk: &Desk) -> Result<Self, Response> {
        let words = Words::of(request.headers(), request.uri().query());
        let kind = request.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).map(str::to_owned);
        let posted = body_within(desk.site(), request, LARGEST, LONG_PATIENCE).await;
        let posted = posted.map_err(|problem| Trouble::from(problem).plain(words))?;
        let read = match kind.as_deref().map(multer::parse_boundary) {
            Some(Ok(boundary)) => Self::parts(posted, boundary).await,
            _ => Some(Self::fields(&posted)),
        };
        read.ok_or_else(|| Trouble::Failed.plain(words))
    }
}

impl Upload {
    async fn parts(posted: Posted, boundary: String) -> Option<Self> {
        let (bytes, memory) = posted.into_parts();
        let mut upload = Self { _memory: Some(Box::new(memory)), ..Self::default() };
        let once = futures_util::stream::once(async move { Ok::<_, std::convert::Infallible>(bytes) });
        let mut form = multer::Multipart::new(once, boundary);
        while let Some(part) = form.next_field().await.ok()? {
            if upload.texts.len() + upload.files.len() >= PARTS {
                return None;
            }
            let field = part.name().unwrap_or_default().to_owned();
            match part.file_name().map(str::to_owned) {
                Some(name) => {
                    let bytes = part.bytes().await.ok()?.to_vec();
                    if !bytes.is_empty() {
                        upload.files.push(File { field, name, bytes });
                    }
                }
                None => upload.texts.push((field, part.text().await.ok()?)),
            }
        }
        Some(upload)
    }

    fn fields(posted: &[u8]) -> Self {
        let query = Query::parse(&String::from_utf8_lossy(posted));
        Self { texts: query.into_pairs(), ..Self::default() }
    }

    /// A text of the form, empty where it is not there.
    pub(super) fn text(&self, name: &str) -> String {
        self.all(name).next().unwrap_or_default().to_owned()
    }

    /// Every text of one name.
    pub(super) fn all<'u>(&'u self, name: &'u str) -> impl Iterator<Item = &'u str> {
        self.texts.iter().filter(move |(field, _)| field == name).map(|(_, text)| text.as_str())
    }

    /// Every text with the name of its field, as it was typed.
    pub(super) fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.texts.iter().map(|(field, text)| (field.as_str(), text.as_str()))
    }

    /// The files of one name, with what they are called.
    pub(super) fn files<'u>(&'u self, name: &'u str) -> impl Iterator<Item = (&'u str, &'u [u8])> {
        self.files.iter().filter(move |file| file.field == name).map(|file| (file.name.as_str(), file.bytes.as_slice()))
    }
}

/// The fields of a form as a browser sends them.
pub(super) struct Fields(Query);

impl Fields {
    pub(super) fn read(Sent(body): &Sent) -> Self {
        Self(Query::parse(&String::from_utf8_lossy(body.get(..LONGEST.min(body.len())).unwrap_or_default())))
    }

    /// A field, empty where it is not there, and no longer than any that is meant.
    pub(super) fn get(&self, name: &str) -> String {
        self.0.all(name).next().unwrap_or_default().chars().take(MOST).collect()
    }
}

/// What somebody typed into a form, by field, so that nothing of it is lost where it is not taken.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Typed(BTreeMap<String, Vec<String>>);

impl Typed {
    /// What a form sent. Browsers end lines as old terminals did.
    pub(super) fn of(form: &Upload) -> Self {
        let mut typed = Self::default();
        for (field, text) in form.pairs().take(PARTS) {
            typed.add(field, text.replace("\r\n", "\n"));
        }
        typed
    }

    /// With one more text in a field.
    pub(super) fn add(&mut self, field: &str, text: impl Into<String>) {
        self.0.entry(field.to_owned()).or_default().push(text.into());
    }

    /// With every one of several more texts in a field.
    pub(super) fn add_each<T: Into<String>>(&mut self, field: &str, texts: impl IntoIterator<Item = T>) {
        for text in texts {
            self.add(field, text);
        }
    }

    /// The text of a field, empty where it is not there.
    pub(super) fn text(&self, field: &str) -> &str {
        self.all(field).first().map_or("", |text| text.trim())
    }

    /// The text of a field where there is one.
    pub(super) fn some(&self, field: &str) -> Option<String> {
        Some(self.text(field)).filter(|text| !text.is_empty()).map(str::to_owned)
    }

    /// Every text of a field, in order.
    pub(super) fn all(&self, field: &str) -> &[String] {
        self.0.get(field).map_or(&[], Vec::as_slice)
    }

    /// How much had happened to what a form is about when it was shown.
    pub(super) fn seen(&self) -> Option<usize> {
        self.text("seen").parse().ok()
    }

    /// Whether a box is ticked, or a choice made.
    pub(super) fn has(&self, field: &str, text: &str) -> bool {
        self.all(field).iter().any(|one| one == text)
    }
}

/// What a script sent.
pub(super) fn json<T: DeserializeOwned>(Sent(body): &Sent) -> Result<T, Trouble> {
    serde_json::from_slice(body).map_err(|_| Trouble::Failed)
}

/// Characters of a field.
const MOST: usize = 1_024;
/// Parts of a form with files.
const PARTS: usize = 5_000;
/// Bytes of a form with files.
const LARGEST: usize = 96 << 20;
/// How long it may take to arrive over a slow line.
const LONG_PATIENCE: Duration = Duration::from_mins(10);
const LONGEST: usize = 16 << 10;
const LONGEST_JSON: usize = 128 << 10;
/// How long it may take to arrive.
const PATIENCE: Duration = Duration::from_secs(10);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_typed_is_kept_by_field() {
        let form = Upload::fields(b"why=two%0D%0Alines+&part=offence&part=penalty&empty=+");
        let typed = Typed::of(&form);
        assert_eq!(typed.text("why"), "two\nlines");
        assert_eq!(typed.all("part"), ["offence", "penalty"]);
        assert!(typed.has("part", "penalty") && !typed.has("part", "sought"));
        assert_eq!((typed.some("empty"), typed.text("absent")), (None, ""));
    }
}
