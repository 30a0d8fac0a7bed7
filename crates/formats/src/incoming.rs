use std::ops::ControlFlow;

use comity_base::Timestamp;
use comity_stix::Kind;

/// What a stream was recognised as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    /// A STIX 2.1 bundle, TAXII envelope, single object, or JSON lines of objects.
    Stix21,
    /// The same in STIX 2.0; upgraded.
    Stix20,
    /// One MISP event, or a list of them.
    MispEvent,
    /// A MISP feed's manifest; steers the reading of a directory and holds no items.
    MispManifest,
    /// A table with a separator (CSV, TSV).
    Csv,
    /// One value a line.
    List,
    /// Report text: plain, Markdown, HTML or PDF.
    Text,
    /// Nothing to read: empty, or a companion file such as `hashes.csv` of a feed.
    Nothing,
}

impl Format {
    /// The name in JSON and tables.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Stix21 => "stix-2.1",
            Self::Stix20 => "stix-2.0",
            Self::MispEvent => "misp-event",
            Self::MispManifest => "misp-manifest",
            Self::Csv => "csv",
            Self::List => "list",
            Self::Text => "text",
            Self::Nothing => "nothing",
        }
    }

    /// Whether items are converted to STIX 2.1, so that the original bytes must be kept beside them.
    pub const fn is_converted(self) -> bool {
        matches!(self, Self::Stix20 | Self::MispEvent | Self::Csv | Self::List | Self::Text)
    }
}

/// Who brings a stream and when: what converted objects need and a stream does not say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dated {
    /// The source's short name; part of the deterministic ids of converted objects.
    pub owner: String,
    /// The moment of intake; `created` and `modified` where the original gives no time.
    pub now: Timestamp,
}

/// A recognised stream is about to be read.
#[derive(Clone, Copy, Debug)]
pub struct SourceFile<'a> {
    /// Its name as given: a path inside a folder or archive (`feed.zip/1.json`), or `stdin`.
    pub name: &'a str,
    /// What it was recognised as.
    pub format: Format,
}

impl<'a> SourceFile<'a> {
    /// The last part of the name: what people call the file, wherever it lies.
    pub fn title(&self) -> &'a str {
        self.name.rsplit(['/', '\\']).find(|part| !part.is_empty()).unwrap_or(self.name)
    }
}

/// One STIX 2.1 object on its way in.
#[derive(Clone, Copy, Debug)]
pub struct Incoming<'a> {
    /// Exactly its bytes: as they stood in the stream, or as converted.
    pub raw: &'a [u8],
    /// Byte offset in the stream, after decompression, of the object or of the item it was converted from.
    pub offset: u64,
}

/// An item that cannot be used.
#[derive(Clone, Copy, Debug)]
pub struct Unreadable<'a> {
    /// Byte offset in the stream, after decompression.
    pub offset: u64,
    /// Finding code: `json-broken`, `item-too-large`, `misp-attribute-invalid` ...
    pub code: &'static str,
    /// The reason as a plain sentence that says what to do.
    pub reason: &'a str,
    /// The item, or its beginning.
    pub item: &'a [u8],
}

/// Something worth telling that stops nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// Byte offset in the stream.
    pub offset: u64,
    /// Code: `stix-2.0-upgraded`, `column-ignored`, `value-invalid` ...
    pub code: &'static str,
    /// A plain sentence.
    pub text: String,
}

/// `Break` stops the reading at once; the reader returns without an error.
pub type Flow = ControlFlow<()>;

/// Takes what readers find. Calls for one stream come between `begin` and `end`.
pub trait Sink {
    /// A stream begins. When its format is converted, every byte of it follows through [`Sink::original`].
    /// `Break` skips this stream only (it is already known, for instance).
    fn begin(&mut self, file: SourceFile<'_>) -> Flow;

    /// The next bytes of a converted stream's original, in order.
    fn original(&mut self, bytes: &[u8]) -> Flow;

    /// One object.
    fn object(&mut self, object: Incoming<'_>) -> Flow;

    /// One item that was set aside.
    fn rejected(&mut self, item: Unreadable<'_>) -> Flow;

    /// Something worth telling.
    fn notice(&mut self, notice: Notice) -> Flow;

    /// So many bytes of the input were read in all (before decompression): for progress.
    fn progress(&mut self, bytes: u64) -> Flow;

    /// The stream is read.
    fn end(&mut self) -> Flow;
}

/// Which column of a table holds what; `None` in place of a kind ignores the column.
pub type ColumnMap = Vec<(String, Option<Kind>)>;
