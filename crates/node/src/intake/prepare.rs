use comity_base::Limits;
use comity_stix::label::{KnownMarkings, LabelReader};
use comity_stix::validate::{Finding, Severity, accept, check};
use comity_stix::{Doc, Header};
use comity_store::{LabelId, NewVersion, Packer, Rejected};

use super::Line;
use super::chunk::{Chunk, Item, Prepared};
use super::report::Tally;
use crate::NodeError;
use crate::derived::unique_tail;
use crate::reading::{ObjectReader, stix_pattern};

/// Most bytes of a set-aside item that are kept.
const ITEM: usize = 64 << 10;

/// Turns chunks into versions ready to append. One per worker thread.
pub(super) struct Preparer<'l, 'n> {
    line: &'l Line<'n>,
    labels: LabelReader,
    /// Label numbers of the store by the reader's own index.
    ids: Vec<LabelId>,
    packer: Packer,
    scratch: String,
    findings: Vec<Finding>,
}

impl<'l, 'n> Preparer<'l, 'n> {
    pub(super) fn new(line: &'l Line<'n>) -> Self {
        Self {
            line,
            // Markings are resolved when a label is applied, not when it is read: the order of a
            // bundle's members then changes nothing.
            labels: LabelReader::new(line.source.defaults.clone(), KnownMarkings::default()),
            ids: Vec::new(),
            packer: line.node.store.packer(),
            scratch: String::new(),
            findings: Vec::new(),
        }
    }

    pub(super) fn prepare(&mut self, mut chunk: Chunk) -> Result<Prepared, NodeError> {
        let mut out =
            Prepared { number: chunk.number, rejected: std::mem::take(&mut chunk.rejected), ..Prepared::default() };
        out.versions.reserve(chunk.items.len());
        for item in &chunk.items {
            let raw = chunk.bytes.get(item.start..item.start + item.len).unwrap_or_default();
            self.object(&chunk, *item, raw, &mut out)?;
        }
        Ok(out)
    }

    fn object(&mut self, chunk: &Chunk, item: Item, raw: &[u8], out: &mut Prepared) -> Result<(), NodeError> {
        out.tally.objects += 1;
        out.tally.bytes += raw.len() as u64;
        let doc = match Doc::parse(raw, self.line.node.limits.depth) {
            Ok(doc) => doc,
            Err(error) => {
                out.rejected.push(self.refusal(chunk, item, raw, "json-broken", error.to_string()));
                return Ok(());
            }
        };
        let header = match self.validate(&doc, out) {
            Ok(header) => header,
            Err(finding) => {
                let reason = format!(
                    "{} (at {})",
                    finding.text,
                    if finding.pointer.is_empty() { "/" } else { &finding.pointer }
                );
                out.rejected.push(self.refusal(chunk, item, raw, finding.code, reason));
                return Ok(());
            }
        };
        let label = self.label(&doc, &mut out.tally)?;
        self.take_entries(&doc, out);
        if header.id.kind.as_str() == "marking-definition" {
            out.markings.push((header.id.to_string(), raw.to_vec()));
        }
        out.versions.push(NewVersion {
            id: header.id,
            modified: header.modified,
            label,
            source: chunk.source,
            offset: item.offset,
            body: self.packer.pack(raw),
        });
        Ok(())
    }

    /// The header, or the finding for which the object is set aside.
    fn validate(&mut self, doc: &Doc<'_>, out: &mut Prepared) -> Result<Header, Finding> {
        let header = accept(doc.root())?;
        self.findings.clear();
        check(doc.root(), &mut self.findings);
        if let Some(pattern) = stix_pattern(doc.root()) {
            check_pattern(pattern, &self.line.node.limits, &mut self.findings);
        }
        let refused = |finding: &Finding| match finding.severity {
            Severity::Refused => true,
            Severity::Must => self.line.strict,
            Severity::Should => false,
        };
        if let Some(at) = self.findings.iter().position(refused) {
            return Err(self.findings.swap_remove(at));
        }
        for finding in &self.findings {
            let severity = if finding.severity == Severity::Must { "must" } else { "should" };
            out.tally
                .finding(finding.code, severity, || format!("{} at {}: {}", header.id, finding.pointer, finding.text));
        }
        Ok(header)
    }

    fn label(&mut self, doc: &Doc<'_>, tally: &mut Tally) -> Result<LabelId, NodeError> {
        let index = self.labels.read(doc.root());
        if let Some(id) = self.ids.get(index) {
            return Ok(*id);
        }
        let node = self.line.node;
        for remark in self.labels.take_remarks() {
            tally.finding("label-unreadable", "should", || remark.text);
        }
        for label in self.labels.labels().get(self.ids.len()..).unwrap_or_default() {
            self.ids.push(node.labels.intern(&*node.store, label)?);
        }
        self.ids.get(index).copied().ok_or(NodeError::Stage)
    }

    fn take_entries(&mut self, doc: &Doc<'_>, out: &mut Prepared) {
        let Prepared { versions, values, references, tally, .. } = out;
        let index = u32::try_from(versions.len()).unwrap_or(u32::MAX);
        let reader = &self.line.node.reader;
        let first = values.len();
        let misread = reader.each_value(doc.root(), &mut self.scratch, &mut |kind, text, _| {
            values.push((index, reader.value_fingerprint(kind, text)));
            tally.value(kind);
        });
        unique_tail(values, first);
        if misread.values > 0 {
            tally.finding("value-invalid", "should", || {
                format!("{}: a value is not what its property says", id_of(doc))
            });
        }
        if misread.dropped > 0 {
            tally.finding("values-over-limit", "should", || {
                format!("{}: {} values were not indexed", id_of(doc), misread.dropped)
            });
        }
        let first = references.len();
        ObjectReader::each_reference(doc.root(), &mut |id| references.push((index, reader.reference_fingerprint(id))));
        unique_tail(references, first);
    }

    fn refusal(&self, chunk: &Chunk, item: Item, raw: &[u8], code: &str, reason: String) -> Rejected {
        Rejected {
            batch: self.line.batch,
            index: 0,
            file: chunk.file.clone(),
            offset: item.offset,
            code: code.to_owned(),
            reason,
            item: raw.get(..ITEM).unwrap_or(raw).to_vec(),
            repaired_by: None,
        }
    }
}

/// What is wrong with an indicator's pattern, in the dialect of STIX 2.1 or, where that fails, 2.0.
fn check_pattern(text: &str, limits: &Limits, out: &mut Vec<Finding>) {
    let parsed = comity_pattern::parse(text, limits);
    let parsed = parsed.or_else(|error| comity_pattern::parse_2_0(text, limits).map_err(|_| error));
    let finding = |severity, code, text| Finding { severity, code, pointer: "/pattern".into(), text };
    match parsed {
        Ok(pattern) => out.extend(comity_pattern::check(&pattern).iter().map(|wrong| {
            let (severity, code) = if wrong.is_error() {
                (Severity::Must, "pattern-invalid")
            } else {
                (Severity::Should, "pattern-doubtful")
            };
            finding(severity, code, wrong.to_string())
        })),
        Err(error) => out.push(finding(Severity::Must, "pattern-broken", error.to_string())),
    }
}

fn id_of<'d>(doc: &'d Doc<'_>) -> &'d str {
    doc.root().str("id").unwrap_or("an object")
}
