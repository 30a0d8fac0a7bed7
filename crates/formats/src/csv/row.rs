//! One row as objects.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashSet};
use std::ops::ControlFlow;

use comity_base::Timestamp;
use comity_stix::ObjectId;
use comity_stix::value::{Kind, Value};
use csv::ByteRecord;
use serde::Serialize;

use super::columns::{Column, any_value, cell_values, is_other_type, kinds_named};
use super::shape::{Shape, is_void, texts};
use crate::made::{Groups, Seen, hand_over, mask, mask_cards, object_id, observable};
use crate::{Context, Flow, Notice, Sink, Unreadable};

/// The extension property that keeps the cells of a row.
pub(crate) const ROW_EXTENSION: &str = "extension-definition--3f6c1d1c-6f0e-5f0e-9b7e-2d6c0a5f4b13";

/// More lines than this in one cell come from a quotation mark that was never closed.
const MOST_LINES: usize = 500;

/// Turns the rows of one table into objects.
pub(super) struct Rows<'a> {
    shape: &'a Shape,
    name: &'a str,
    ctx: &'a Context,
    sink: &'a mut dyn Sink,
    seen: Seen,
    groups: Groups<'a>,
}

#[derive(Serialize)]
#[expect(clippy::struct_field_names, reason = "the names are STIX's")]
struct Observed<'a> {
    r#type: &'static str,
    spec_version: &'static str,
    id: &'a ObjectId,
    created: String,
    modified: String,
    first_observed: String,
    last_observed: String,
    number_observed: u32,
    object_refs: &'a [ObjectId],
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    extensions: BTreeMap<&'static str, RowExtension<'a>>,
}

#[derive(Serialize)]
struct RowExtension<'a> {
    extension_type: &'static str,
    row: BTreeMap<Cow<'a, str>, String>,
}

impl<'a> Rows<'a> {
    pub(super) fn new(shape: &'a Shape, name: &'a str, ctx: &'a Context, sink: &'a mut dyn Sink) -> Self {
        Self { shape, name, ctx, sink, seen: Seen::default(), groups: Groups::new(ctx, name) }
    }

    pub(super) fn finish(&mut self) -> Flow {
        self.groups.flush(self.sink)
    }

    pub(super) fn row(&mut self, record: &ByteRecord, offset: u64) -> Flow {
        let cells = texts(record);
        if cells.iter().all(|cell| cell.trim().is_empty()) {
            return ControlFlow::Continue(());
        }
        if cells.iter().any(|cell| cell.bytes().filter(|b| *b == b'\n').count() > MOST_LINES) {
            let reason = "A quotation mark that is not closed takes many lines into one cell; close it and bring the table again.";
            return self.reject(record, offset, "row-quoting", reason);
        }
        let extra = cells.iter().skip(self.shape.columns.len()).any(|cell| !cell.trim().is_empty());
        if extra || cells.len() < self.shape.columns.len() {
            let (has, wants) = (cells.len(), self.shape.columns.len());
            let text = format!("The row has {has} cells where the table has {wants}; those that are there were used.");
            self.sink.notice(Notice { offset, code: "row-length", text })?;
        }
        let values = self.values(&cells, offset)?;
        if values.is_empty() {
            let reason = "No cell of this row is a value; check its columns, or name their kinds.";
            return self.reject(record, offset, "row-no-value", reason);
        }
        let mut refs = Vec::with_capacity(values.len());
        for value in &values {
            refs.push(observable(self.sink, &mut self.seen, value, offset)?);
        }
        let worth = self.shape.columns.iter().zip(&cells).any(|(column, cell)| {
            matches!(column, Column::Keep | Column::First | Column::Last | Column::Count) && !cell.trim().is_empty()
        });
        if refs.len() > 1 || worth {
            refs = self.observed(&cells, refs, offset)?;
        }
        self.groups.add(self.sink, &refs, offset)
    }

    fn reject(&mut self, record: &ByteRecord, offset: u64, code: &'static str, reason: &str) -> Flow {
        let mut item = Vec::new();
        for (place, cell) in record.iter().enumerate() {
            if place > 0 {
                item.push(self.shape.separator);
            }
            item.extend_from_slice(cell.get(..cell.len().min(1_024)).unwrap_or_default());
            if item.len() > 1_024 {
                break;
            }
        }
        self.sink.rejected(Unreadable { offset, code, reason, item: &item })
    }

    /// The values of a row, each once.
    fn values(&mut self, cells: &[String], offset: u64) -> ControlFlow<(), Vec<Value>> {
        let kind =
            self.shape.columns.iter().zip(cells).find(|(column, _)| **column == Column::Type).map(|(_, cell)| cell);
        let (mut all, mut known) = (Vec::new(), HashSet::new());
        for (place, cell) in cells.iter().enumerate().filter(|(_, cell)| !is_void(cell)) {
            let column = self.shape.columns.get(place).copied().unwrap_or(Column::Keep);
            let (found, expected) = match column {
                Column::Values(kinds) => (cell_values(cell, kinds, &self.ctx.values), true),
                Column::One(kind) => (cell_values(cell, &[kind], &self.ctx.values), true),
                Column::Any => self.typed(cell, kind.map(String::as_str)),
                _ => continue,
            };
            if found.is_empty() && expected {
                let name = self.shape.names.get(place).map_or("", String::as_str);
                let what = column.title();
                let text = format!(
                    "The cell in column {name:?} is not readable as its kind ({what}); the rest of the row is used."
                );
                self.sink.notice(Notice { offset, code: "value-invalid", text })?;
            }
            for value in found {
                if all.len() < self.ctx.limits.values && known.insert(value.clone()) {
                    all.push(value);
                }
            }
        }
        ControlFlow::Continue(all)
    }

    /// The values of a cell whose kind the row's type names; whether there should be one.
    fn typed(&self, cell: &str, kind: Option<&str>) -> (Vec<Value>, bool) {
        let values = &self.ctx.values;
        let any = |cell: &str| any_value(cell, values).into_iter().collect::<Vec<_>>();
        let Some(kind) = kind else { return (any(cell), true) };
        // `filename|sha256` with `evil.exe|0123...`.
        if let (Some((one, two)), Some((first, second))) = (kind.split_once('|'), cell.split_once('|')) {
            let part = |kind: &str, cell: &str| kinds_named(kind).map(|kinds| cell_values(cell, kinds, values));
            let found: Vec<_> = [part(one, first), part(two, second)].into_iter().flatten().flatten().collect();
            return (found, true);
        }
        match kinds_named(kind) {
            Some(kinds) => (cell_values(cell, kinds, values), true),
            None if is_other_type(kind) => (Vec::new(), false),
            None => (any(cell), false),
        }
    }

    /// Hands over the row as one observation; what the grouping refers to.
    fn observed(&mut self, cells: &[String], refs: Vec<ObjectId>, offset: u64) -> ControlFlow<(), Vec<ObjectId>> {
        let mut parts: Vec<&[u8]> = vec![self.ctx.dated.owner.as_bytes(), self.name.as_bytes()];
        parts.extend(cells.iter().map(String::as_bytes));
        let Some(id) = object_id("observed-data", &parts) else { return ControlFlow::Continue(refs) };
        if !self.seen.insert(&id) {
            return ControlFlow::Continue(vec![id]);
        }
        let cell = |wanted: Column| {
            let found = self.shape.columns.iter().zip(cells).filter(move |(column, _)| **column == wanted);
            found.map(|(_, cell)| cell.trim())
        };
        let now = self.ctx.dated.now;
        let (first, last) = (cell(Column::First).find_map(date), cell(Column::Last).find_map(date));
        let first = first.or(last).unwrap_or(now);
        let last = last.unwrap_or(first).max(first);
        let count = cell(Column::Count).find_map(|text| text.parse().ok()).unwrap_or(1u32).clamp(1, 999_999_999);
        let row = self.kept(cells);
        let observed = Observed {
            r#type: "observed-data",
            spec_version: "2.1",
            id: &id,
            created: now.to_string(),
            modified: now.to_string(),
            first_observed: first.to_string(),
            last_observed: last.to_string(),
            number_observed: count,
            object_refs: &refs,
            extensions: BTreeMap::from([(ROW_EXTENSION, RowExtension { extension_type: "property-extension", row })]),
        };
        hand_over(self.sink, &observed, offset)?;
        ControlFlow::Continue(vec![id])
    }

    /// The cells under their names, card numbers masked.
    fn kept(&self, cells: &[String]) -> BTreeMap<Cow<'a, str>, String> {
        let shape = self.shape;
        let mut row = BTreeMap::new();
        for (place, cell) in cells.iter().enumerate().take(1_000).filter(|(_, cell)| !cell.trim().is_empty()) {
            let column = shape.columns.get(place).copied().unwrap_or(Column::Keep);
            if column == Column::Ignore {
                continue;
            }
            let name = match shape.names.get(place) {
                Some(name) => Cow::Borrowed(name.as_str()),
                None => Cow::Owned(format!("column {}", place + 1)),
            };
            let is_card = matches!(column, Column::Values([Kind::Card]) | Column::One(Kind::Card));
            let text = if is_card { mask(cell) } else { mask_cards(cell, &self.ctx.values) };
            // Two columns of one name: both are kept.
            let held: &mut String = row.entry(name).or_default();
            if !held.is_empty() {
                held.push_str("; ");
            }
            held.push_str(&text);
        }
        row
    }
}

/// A date as tables write it.
fn date(text: &str) -> Option<Timestamp> {
    let text = text.trim().trim_end_matches(" UTC");
    if let Ok(moment) = Timestamp::parse(text) {
        return Some(moment);
    }
    let bytes = text.as_bytes();
    let part = |from: usize, to: usize| text.get(from..to).unwrap_or_default();
    let form = match (bytes.len(), bytes.get(4), bytes.get(2)) {
        (10, Some(b'-'), _) => format!("{text}T00:00:00Z"),
        (16, Some(b'-'), _) => format!("{}T{}:00Z", part(0, 10), part(11, 16)),
        (19.., Some(b'-'), _) => format!("{}T{}Z", part(0, 10), part(11, text.len())),
        (8, ..) if bytes.iter().all(u8::is_ascii_digit) => {
            format!("{}-{}-{}T00:00:00Z", part(0, 4), part(4, 6), part(6, 8))
        }
        (10, _, Some(b'.')) => format!("{}-{}-{}T00:00:00Z", part(6, 10), part(3, 5), part(0, 2)),
        (10, ..) if bytes.iter().all(u8::is_ascii_digit) => {
            return text.parse::<i64>().ok()?.checked_mul(1_000_000).map(Timestamp::from_micros);
        }
        _ => return None,
    };
    Timestamp::parse(&form).ok()
}
