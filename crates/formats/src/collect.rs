//! A sink for tests: keeps everything.

use comity_base::{Limits, Timestamp};
use comity_stix::value::Values;
use serde_json::Value;

use crate::{Context, Dated, Flow, Format, Incoming, Notice, Sink, SourceFile, Unreadable};

/// Everything that was handed over.
#[derive(Debug, Default)]
pub(crate) struct Collected {
    pub(crate) files: Vec<(String, Format)>,
    pub(crate) objects: Vec<(u64, Vec<u8>)>,
    pub(crate) rejected: Vec<(u64, &'static str, String)>,
    pub(crate) notices: Vec<Notice>,
    pub(crate) original: Vec<u8>,
    pub(crate) progress: u64,
    pub(crate) ended: usize,
    /// Names whose streams are skipped.
    pub(crate) skip: Vec<String>,
    /// Stop after so many objects.
    pub(crate) stop: Option<usize>,
}

impl Collected {
    pub(crate) fn json(&self) -> Vec<Value> {
        self.objects.iter().map(|(_, raw)| serde_json::from_slice(raw).unwrap()).collect()
    }
}

impl Sink for Collected {
    fn begin(&mut self, file: SourceFile<'_>) -> Flow {
        self.files.push((file.name.to_owned(), file.format));
        if self.skip.iter().any(|name| name == file.name) { Flow::Break(()) } else { Flow::Continue(()) }
    }
    fn original(&mut self, bytes: &[u8]) -> Flow {
        self.original.extend_from_slice(bytes);
        Flow::Continue(())
    }
    fn object(&mut self, object: Incoming<'_>) -> Flow {
        self.objects.push((object.offset, object.raw.to_vec()));
        if self.stop == Some(self.objects.len()) { Flow::Break(()) } else { Flow::Continue(()) }
    }
    fn rejected(&mut self, item: Unreadable<'_>) -> Flow {
        self.rejected.push((item.offset, item.code, item.reason.to_owned()));
        Flow::Continue(())
    }
    fn notice(&mut self, notice: Notice) -> Flow {
        self.notices.push(notice);
        Flow::Continue(())
    }
    fn progress(&mut self, bytes: u64) -> Flow {
        assert!(bytes >= self.progress);
        self.progress = bytes;
        Flow::Continue(())
    }
    fn end(&mut self) -> Flow {
        self.ended += 1;
        Flow::Continue(())
    }
}

/// A context with the default limits.
pub(crate) fn context() -> Context {
    let now = Timestamp::parse("2026-11-01T12:00:00Z").unwrap();
    let dated = Dated { owner: "lab-north".to_owned(), now };
    Context {
        dated,
        limits: Limits::default(),
        objects_only: false,
        columns: Vec::new(),
        values: Values::new([7; 32]),
        pdf: crate::text::pdf_text,
        marked: crate::Marked::default(),
    }
}

/// The shared test data, unless it is absent.
pub(crate) fn shared(folder: &str) -> Vec<(String, Vec<u8>)> {
    let path = std::path::Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data/cti")).join(folder);
    let Ok(entries) = std::fs::read_dir(&path) else {
        println!("skipped: ../shared/data absent");
        return Vec::new();
    };
    let mut files: Vec<_> = entries.map(|entry| entry.unwrap().path()).filter(|path| path.is_file()).collect();
    files.sort();
    files
        .into_iter()
        .map(|path| (path.file_name().unwrap().to_string_lossy().into_owned(), std::fs::read(&path).unwrap()))
        .collect()
}
