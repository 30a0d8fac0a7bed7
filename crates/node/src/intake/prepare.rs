use std::collections::HashMap;

use comity_base::{Limits, OrgName};
use comity_law::notice::Notice;
use comity_stix::label::{Categories, Category, KnownMarkings, LabelReader};
use comity_stix::listed::{DOCUMENT_TYPE, ListedDocument};
use comity_stix::person::{EXTENSION, Person};
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

/// How many of an object's statements about a person cannot be read.
fn unread_of_person(doc: &Doc<'_>) -> u32 {
    let states = doc.root().get("extensions").is_some_and(|all| all.get(EXTENSION).is_some());
    let person = states.then(|| Person::read(doc.root())).flatten();
    person.map_or(0, |person| person.unread)
}

/// Turns chunks into versions ready to append. One per worker thread.
pub(super) struct Preparer<'l, 'n> {
    line: &'l Line<'n>,
    labels: LabelReader,
    /// Label numbers of the store, by the reader's own and what personal data the object holds.
    ids: HashMap<(usize, Categories), LabelId>,
    /// The one found last: neighbours are alike.
    last: Option<((usize, Categories), LabelId)>,
    /// The same for labels that objects came with.
    given: Vec<Option<LabelId>>,
    /// For which state owners of documents may speak.
    states: HashMap<OrgName, Option<String>>,
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
            ids: HashMap::new(),
            last: None,
            given: Vec::new(),
            states: HashMap::new(),
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
        if header.id.kind.as_str() == DOCUMENT_TYPE
            && let Err((code, reason)) = self.listed(&doc, item)?
        {
            out.rejected.push(self.refusal(chunk, item, raw, code, reason));
            return Ok(());
        }
        if header.id.kind.as_str() == Notice::TYPE
            && let Err((code, reason)) = self.line.node.notice_is_attested(&doc, owner_of(self.line, item))?
        {
            out.rejected.push(self.refusal(chunk, item, raw, code, reason));
            return Ok(());
        }
        let categories = self.take_entries(&doc, out);
        let label = self.label(&doc, item, categories, &mut out.tally)?;
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
        let unread = unread_of_person(doc);
        if unread > 0 {
            let text = || {
                format!("{}: {unread} statements about the person cannot be read; nobody is found by them", header.id)
            };
            out.tally.finding("person-statement-unreadable", "should", text);
        }
        Ok(header)
    }

    /// The label the object came with, or else the one its markings give.
    fn label(
        &mut self,
        doc: &Doc<'_>,
        item: Item,
        categories: Categories,
        tally: &mut Tally,
    ) -> Result<LabelId, NodeError> {
        if let Some(number) = item.label {
            return self.given(number);
        }
        let key = (self.labels.read(doc.root()), categories);
        if let Some((_, id)) = self.last.filter(|(last, _)| *last == key) {
            return Ok(id);
        }
        for remark in self.labels.take_remarks() {
            tally.finding("label-unreadable", "should", || remark.text);
        }
        let id = match self.ids.get(&key) {
            Some(id) => *id,
            None => self.intern(key)?,
        };
        self.last = Some((key, id));
        Ok(id)
    }

    fn intern(&mut self, key: (usize, Categories)) -> Result<LabelId, NodeError> {
        let node = self.line.node;
        let label = self.labels.label(key.0).ok_or(NodeError::Stage)?;
        let id = node.labels.intern(&*node.store, &label.with_personal(key.1))?;
        self.ids.insert(key, id);
        Ok(id)
    }

    fn given(&mut self, number: u32) -> Result<LabelId, NodeError> {
        let at = usize::try_from(number).unwrap_or(usize::MAX);
        if let Some(Some(id)) = self.given.get(at) {
            return Ok(*id);
        }
        let node = self.line.node;
        let label = self.line.given.get(at).ok_or(NodeError::Stage)?;
        let need = &self.line.source.defaults.need;
        let id = if need.is_empty() {
            node.labels.intern(&*node.store, label)?
        } else {
            // Who here may see what a peer brings is this organisation's affair.
            let need = label.need.union(need).cloned().collect();
            node.labels.intern(&*node.store, &comity_stix::Label { need, ..label.clone() })?
        };
        if self.given.len() <= at {
            self.given.resize(at + 1, None);
        }
        if let Some(slot) = self.given.get_mut(at) {
            *slot = Some(id);
        }
        Ok(id)
    }

    /// Whether whoever owns a document in the register of those stolen or lost may enter it: the issuing state, and nobody else.
    fn listed(&mut self, doc: &Doc<'_>, item: Item) -> Result<Result<(), (&'static str, String)>, NodeError> {
        let listed = match ListedDocument::read(doc.root()) {
            Ok(listed) => listed,
            Err(wrong) => return Ok(Err(("document-unreadable", wrong.to_owned()))),
        };
        let line = self.line;
        let owner = owner_of(line, item);
        let state = match self.states.get(owner) {
            Some(state) => state,
            None => self.states.entry(owner.clone()).or_insert(self.line.node.state_of(owner)?),
        };
        if state.as_deref() == Some(&listed.issuer) {
            return Ok(Ok(()));
        }
        let reason = format!(
            "Only the issuing state enters a document here: this one was issued by {}, and {owner} is {}.",
            listed.issuer,
            state.as_ref().map_or_else(|| "of no state that is known here".to_owned(), |state| format!("of {state}"))
        );
        Ok(Err(("document-of-another-state", reason)))
    }

    /// Takes values and references, and says what personal data there is.
    fn take_entries(&mut self, doc: &Doc<'_>, out: &mut Prepared) -> Categories {
        let Prepared { versions, values, references, tally, .. } = out;
        let index = u32::try_from(versions.len()).unwrap_or(u32::MAX);
        let reader = &self.line.node.reader;
        let first = values.len();
        let mut categories = Category::of_object(doc.root());
        let misread = reader.each_value(doc.root(), &mut self.scratch, &mut |kind, text, _| {
            values.push((index, reader.value_fingerprint(kind, text)));
            tally.value(kind);
            categories.extend(Category::of_value(kind));
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
        categories
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

/// Whose an object is: of whoever its label says it came from, or of the source.
fn owner_of<'n>(line: &'n Line<'_>, item: Item) -> &'n OrgName {
    let given = item.label.and_then(|number| line.given.get(usize::try_from(number).ok()?));
    given.map_or(&line.source.name, |label| &label.owner)
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
