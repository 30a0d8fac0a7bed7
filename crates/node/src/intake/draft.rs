//! What somebody is about to bring in: looked at as a whole, by the readers that will bring it in, before anything is kept.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::io::Cursor;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use comity_base::OrgName;
use comity_formats::{ColumnMap, Context, Dated, Flow, Incoming, Marked, Notice, Sink, SourceFile, Unreadable};
use comity_policy::Reason;
use comity_stix::label::{KnownMarkings, LabelReader};
use comity_stix::validate::{Severity, accept, check};
use comity_stix::{Doc, Label, Value};
use serde_json::json;

use super::{Input, IntakeOptions, IntakeReport, Progress};
use crate::neighbours::title;
use crate::sources::overlay;
use crate::{Act, Client, Ctx, Deed, Node, NodeError, Source, SourceChange};

/// Something that is about to be brought in.
#[derive(Clone, Debug)]
pub struct Draft {
    /// Whose it is.
    pub owner: OrgName,
    /// The documents.
    pub files: Vec<DraftFile>,
    /// What is said of all of it; what the objects say of themselves stays.
    pub label: Label,
    /// What a person said of the values of its reports.
    pub marked: Marked,
}

/// One document of a draft.
#[derive(Clone, Debug)]
pub struct DraftFile {
    /// What it is called.
    pub name: String,
    /// Its bytes.
    pub bytes: Arc<[u8]>,
}

/// What a draft would bring in.
#[derive(Clone, Debug, Default)]
pub struct Preview {
    /// How many objects of each type.
    pub kinds: BTreeMap<String, u64>,
    /// The first of them by name: type and name.
    pub names: Vec<(String, String)>,
    /// The values in the order in which they stand there, as many as are looked at; the others are counted.
    pub values: Vec<DraftValue>,
    /// All values, those too that are not shown.
    pub values_total: u64,
    /// Items that would be set aside: place and reason.
    pub rejected: Vec<(u64, String)>,
    /// How many.
    pub rejected_total: u64,
    /// What is worth telling.
    pub notices: Vec<String>,
    /// Files that cannot be read, and why.
    pub failed: Vec<(String, String)>,
    /// Who would be given it.
    pub seers: Vec<DraftSeer>,
}

/// A value of a draft.
#[derive(Clone, Debug)]
pub struct DraftValue {
    /// The value.
    pub value: Value,
    /// How often it stands there.
    pub count: u64,
    /// Who knows it here already.
    pub owners: Vec<OrgName>,
    /// Warning lists it stands on.
    pub lists: Vec<String>,
}

/// Whether an organisation would be given what a draft brings in.
#[derive(Clone, Debug)]
pub struct DraftSeer {
    /// Who.
    pub recipient: OrgName,
    /// How many objects it would be given.
    pub admitted: u64,
    /// How many there are.
    pub total: u64,
    /// Why those, or why none.
    pub reasons: Vec<Reason>,
    /// Whether a recall can be carried out there.
    pub can_recall: bool,
}

impl Node {
    /// What a draft would bring in, and who would be given it. Nothing of it is kept.
    ///
    /// # Errors
    /// When whoever asks may not bring anything in, or a store or rule cannot be read.
    pub fn preview(&self, ctx: &Ctx, draft: &Draft) -> Result<Preview, NodeError> {
        let asked = json!({"preview for": draft.owner});
        self.may(ctx, Act::Ingest, asked.clone())?;
        self.ready()?;
        let source = self.source_of(draft)?;
        let context = Context {
            dated: Dated { owner: draft.owner.to_string(), now: ctx.now() },
            limits: self.limits,
            objects_only: false,
            columns: ColumnMap::new(),
            values: self.values().clone(),
            pdf: self.pdf,
            marked: draft.marked.clone(),
        };
        let mut sink = Looking {
            node: self,
            labels: LabelReader::new(source.defaults.clone(), KnownMarkings::default()),
            of_label: BTreeMap::new(),
            places: HashMap::new(),
            scratch: String::new(),
            seen: Preview::default(),
        };
        for file in &draft.files {
            if let Err(error) = comity_formats::read(&file.name, &mut Cursor::new(&file.bytes[..]), &context, &mut sink)
            {
                sink.seen.failed.push((file.name.clone(), error.to_string()));
            }
        }
        let Looking { labels, of_label, mut seen, .. } = sink;
        self.weigh(ctx, &mut seen)?;
        let labels: Vec<(Arc<Label>, u64)> =
            of_label.into_iter().filter_map(|(number, count)| Some((labels.label(number)?.clone(), count))).collect();
        seen.seers = self.would_see(ctx, &labels)?;
        Ok(seen)
    }

    /// Brings a draft in, as one batch.
    ///
    /// # Errors
    /// As [`Node::intake`].
    pub fn bring_in(
        &self,
        ctx: &Ctx,
        draft: &Draft,
        stop: &AtomicBool,
        progress: &dyn Fn(Progress),
    ) -> Result<IntakeReport, NodeError> {
        self.set_source(ctx, &draft.owner, &SourceChange::default())?;
        let source = self.source_of(draft)?;
        let names: Vec<&str> = draft.files.iter().take(5).map(|file| file.name.as_str()).collect();
        let options = IntakeOptions {
            marked: draft.marked.clone(),
            progress,
            ..IntakeOptions::noted(format!("brought in at the desk: {}", names.join(", ")), stop)
        };
        let mut inputs = draft
            .files
            .iter()
            .map(|file| Ok(Input { name: file.name.clone(), reader: Box::new(Cursor::new(Arc::clone(&file.bytes))) }));
        self.intake(ctx, &source, &mut inputs, &options)
    }

    /// The owner as a source, with what is said of this draft alone.
    fn source_of(&self, draft: &Draft) -> Result<Source, NodeError> {
        let mut source = self.source(&draft.owner)?.unwrap_or_else(|| Source::new(draft.owner.clone()));
        source.defaults = overlay(source.defaults, &draft.label);
        Ok(source)
    }

    /// Says of each value who knows it already, and on which lists it stands.
    fn weigh(&self, ctx: &Ctx, seen: &mut Preview) -> Result<(), NodeError> {
        let values: Vec<Value> = seen.values.iter().map(|one| one.value.clone()).collect();
        // Whoever may bring in but not look is not told who knows it.
        let briefs = if self.would_allow(ctx, Act::Look)? { self.look_brief(ctx, &values)? } else { Vec::new() };
        for (one, brief) in seen.values.iter_mut().zip(briefs) {
            one.owners = brief.owners;
        }
        let lists = self.lists()?;
        for one in &mut seen.values {
            let on = lists.matching(one.value.kind(), one.value.text());
            one.lists = on.into_iter().map(str::to_owned).collect();
        }
        Ok(())
    }

    pub(crate) fn would_see(&self, ctx: &Ctx, labels: &[(Arc<Label>, u64)]) -> Result<Vec<DraftSeer>, NodeError> {
        let total = labels.iter().map(|(_, count)| count).sum();
        let mut seers = Vec::new();
        for peer in self.peers()?.into_iter().filter(|peer| peer.vouched_by.is_none()) {
            let can_recall = peer.client == Client::Node;
            let mut seer =
                DraftSeer { recipient: peer.name.clone(), admitted: 0, total, reasons: Vec::new(), can_recall };
            match self.view_of_peer(ctx, &peer) {
                Ok(view) => {
                    let mut refused = Vec::new();
                    for (label, count) in labels {
                        let verdict = view.explain(&self.standing(label)?.label);
                        let to = if verdict.admitted { &mut seer.reasons } else { &mut refused };
                        to.extend(verdict.reasons);
                        seer.admitted += if verdict.admitted { *count } else { 0 };
                    }
                    if seer.admitted < total {
                        seer.reasons = refused;
                    }
                }
                Err(error @ NodeError::NoAgreement(_)) => {
                    seer.reasons = vec![Reason::new("no-agreement", error.to_string())];
                }
                Err(error) => return Err(error),
            }
            let mut told = BTreeSet::new();
            seer.reasons.retain(|reason| told.insert(reason.text.clone()));
            seers.push(seer);
        }
        self.record(ctx, Deed::query("audience", json!({"of": "a draft"})))?;
        Ok(seers)
    }
}

/// Looks at everything the readers give, and keeps nothing of it but what is told.
struct Looking<'n> {
    node: &'n Node,
    labels: LabelReader,
    /// How many objects have each label.
    of_label: BTreeMap<usize, u64>,
    places: HashMap<Value, usize>,
    scratch: String,
    seen: Preview,
}

impl Sink for Looking<'_> {
    fn begin(&mut self, _: SourceFile<'_>) -> Flow {
        ControlFlow::Continue(())
    }

    fn original(&mut self, _: &[u8]) -> Flow {
        ControlFlow::Continue(())
    }

    fn object(&mut self, object: Incoming<'_>) -> Flow {
        let Ok(doc) = Doc::parse(object.raw, self.node.reader.depth()) else {
            return self.set_aside(object.offset, "It is not JSON that can be read.");
        };
        let root = doc.root();
        let mut findings = Vec::new();
        check(root, &mut findings);
        let refused = findings.into_iter().find(|finding| finding.severity == Severity::Refused);
        if let Some(finding) = accept(root).err().or(refused) {
            return self.set_aside(object.offset, &finding.text);
        }
        let kind = root.str("type").unwrap_or_default().to_owned();
        *self.seen.kinds.entry(kind.clone()).or_default() += 1;
        *self.of_label.entry(self.labels.read(root)).or_default() += 1;
        drop(self.labels.take_remarks());
        if self.seen.names.len() < NAMES {
            self.seen.names.push((kind, title(root)));
        }
        let Self { node, places, scratch, seen, .. } = self;
        node.reader.each_value(root, scratch, &mut |kind, text, _| {
            // What is normal already reads as itself.
            let Ok(value) = node.values().parse(kind, text) else { return };
            match places.get(&value) {
                Some(place) => {
                    if let Some(one) = seen.values.get_mut(*place) {
                        one.count += 1;
                    }
                }
                None if seen.values.len() < VALUES => {
                    places.insert(value.clone(), seen.values.len());
                    seen.values_total += 1;
                    seen.values.push(DraftValue { value, count: 1, owners: Vec::new(), lists: Vec::new() });
                }
                None => seen.values_total += 1,
            }
        });
        ControlFlow::Continue(())
    }

    fn rejected(&mut self, item: Unreadable<'_>) -> Flow {
        self.set_aside(item.offset, item.reason)
    }

    fn notice(&mut self, notice: Notice) -> Flow {
        if self.seen.notices.len() < NOTICES {
            self.seen.notices.push(notice.text);
        }
        ControlFlow::Continue(())
    }

    fn progress(&mut self, _: u64) -> Flow {
        ControlFlow::Continue(())
    }

    fn end(&mut self) -> Flow {
        ControlFlow::Continue(())
    }
}

impl Looking<'_> {
    fn set_aside(&mut self, offset: u64, reason: &str) -> Flow {
        self.seen.rejected_total += 1;
        if self.seen.rejected.len() < NOTICES {
            self.seen.rejected.push((offset, reason.to_owned()));
        }
        ControlFlow::Continue(())
    }
}

/// Objects whose names are shown.
const NAMES: usize = 200;
/// Values that are looked at one by one.
const VALUES: usize = 2_000;
/// Notices, and items set aside, that are shown.
const NOTICES: usize = 50;
