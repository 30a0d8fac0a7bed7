use std::collections::HashMap;
use std::io::BufRead;
use std::ops::ControlFlow;

use comity_base::Timestamp;
use comity_crypto::sha256;
use comity_stix::ObjectId;
use comity_stix::value::{Kind, Value};
use serde::Serialize;

use super::{html, pdf, scan};
use crate::encoding::{decode, read_all};
use crate::made::{hand_over, mask, mask_cards, object_id};
use crate::{Context, Flow, Incoming, Notice, ReadError, Sink, SourceFile, Unreadable};

/// The extension property that says where each value of a report was found.
pub(crate) const FOUND_EXTENSION: &str = "extension-definition--3f6c1d1c-6f0e-5f0e-9b7e-2d6c0a5f4b12";

/// Most places listed for one value; all are counted.
const MOST_SPOTS: usize = 20;

/// Reads a report: every value as an observable, then one `report` that refers to them.
///
/// # Errors
/// When reading fails or the document is larger than an item may be.
pub(crate) fn read_text(
    reader: &mut dyn BufRead,
    file: SourceFile<'_>,
    ctx: &Context,
    sink: &mut dyn Sink,
) -> Result<Flow, ReadError> {
    let bytes = read_all(reader, file.name, ctx.limits.item_bytes)?;
    Ok(read_document(bytes, file.title(), ctx, sink))
}

fn read_document(bytes: Vec<u8>, name: &str, ctx: &Context, sink: &mut dyn Sink) -> Flow {
    let digest = sha256(&bytes);
    let mut title = None;
    let text = if pdf::is_pdf(&bytes) {
        match (ctx.pdf)(&bytes) {
            Ok(text) => text,
            Err(why) => {
                let reason = format!("The text of this PDF cannot be read ({why}). Save it as text and bring that.");
                let item = bytes.get(..bytes.len().min(1_024)).unwrap_or_default();
                return sink.rejected(Unreadable { offset: 0, code: "pdf-unreadable", reason: &reason, item });
            }
        }
    } else {
        let (text, bad) = decode(bytes);
        if bad {
            let text = "Some bytes are not text in UTF-8 or UTF-16; each was read as a question mark.".to_owned();
            sink.notice(Notice { offset: 0, code: "text-not-utf8", text })?;
        }
        if html::is_html(&text) {
            title = html::title(&text);
            html::text(&text)
        } else {
            text
        }
    };
    let found = collect(&text, ctx, sink)?;
    if found.is_empty() {
        let text = "No values were found in this text; nothing but the original is kept.".to_owned();
        return sink.notice(Notice { offset: 0, code: "text-no-values", text });
    }
    for one in &found {
        sink.object(Incoming { raw: one.json.as_bytes(), offset: one.first() })?;
    }
    let title = ctx.marked.title.clone().or(title).or_else(|| heading(&text)).unwrap_or_else(|| name.to_owned());
    let Some(id) = object_id("report", &[ctx.dated.owner.as_bytes(), &digest]) else {
        return ControlFlow::Continue(());
    };
    hand_over(sink, &report(&id, &title, &text, &found, ctx), 0)
}

/// One value of the text.
struct Found {
    id: ObjectId,
    json: String,
    kind: Kind,
    count: usize,
    spots: Vec<(usize, usize, String)>,
}

impl Found {
    fn first(&self) -> u64 {
        self.spots.first().and_then(|(start, ..)| u64::try_from(*start).ok()).unwrap_or(0)
    }
}

/// The values of a text, each once, in the order of their first place.
fn collect(text: &str, ctx: &Context, sink: &mut dyn Sink) -> ControlFlow<(), Vec<Found>> {
    let mut places: HashMap<Value, usize> = HashMap::new();
    let mut all: Vec<Found> = Vec::new();
    let mut full = None;
    let _ = scan(text, &ctx.values, &mut |spot| {
        if ctx.marked.not.contains(&spot.value) {
            return ControlFlow::Continue(());
        }
        let place = match places.get(&spot.value) {
            Some(place) => *place,
            None if all.len() >= ctx.limits.values => {
                full = Some(spot.start);
                return ControlFlow::Break(());
            }
            None => {
                let (id, json) = spot.value.to_object();
                places.insert(spot.value, all.len());
                all.push(Found { id, json, kind: spot.kind, count: 0, spots: Vec::new() });
                all.len() - 1
            }
        };
        if let Some(found) = all.get_mut(place) {
            found.count += 1;
            if found.spots.len() < MOST_SPOTS {
                let raw = if spot.kind == Kind::Card { mask(spot.raw) } else { mask_cards(spot.raw, &ctx.values) };
                found.spots.push((spot.start, spot.end - spot.start, raw));
            }
        }
        ControlFlow::Continue(())
    });
    for value in &ctx.marked.also {
        if !places.contains_key(value) && all.len() < ctx.limits.values {
            let (id, json) = value.to_object();
            places.insert(value.clone(), all.len());
            all.push(Found { id, json, kind: value.kind(), count: 0, spots: Vec::new() });
        }
    }
    if let Some(offset) = full {
        let most = ctx.limits.values;
        let text =
            format!("The text holds more than {most} values; what follows was not read. Split it and bring the parts.");
        let offset = u64::try_from(offset).unwrap_or(u64::MAX);
        sink.notice(Notice { offset, code: "values-too-many", text })?;
    }
    ControlFlow::Continue(all)
}

#[derive(Serialize)]
#[expect(clippy::struct_field_names, reason = "the names are STIX's")]
struct Report<'a> {
    r#type: &'static str,
    spec_version: &'static str,
    id: &'a ObjectId,
    created: String,
    modified: String,
    name: String,
    description: String,
    report_types: [&'static str; 1],
    published: String,
    object_refs: Vec<&'a ObjectId>,
    extensions: HashMap<&'static str, Extension<'a>>,
}

#[derive(Serialize)]
struct Extension<'a> {
    extension_type: &'static str,
    found: Vec<Place<'a>>,
}

#[derive(Serialize)]
struct Place<'a> {
    r#ref: &'a ObjectId,
    kind: Kind,
    offset: usize,
    length: usize,
    raw: &'a str,
    /// How often in all, where it is more than the places listed.
    #[serde(skip_serializing_if = "Option::is_none")]
    count: Option<usize>,
}

fn report<'a>(id: &'a ObjectId, title: &str, text: &str, found: &'a [Found], ctx: &Context) -> Report<'a> {
    let now = ctx.dated.now.to_string();
    let places = found.iter().flat_map(|one| {
        let count = Some(one.count).filter(|count| *count > one.spots.len());
        one.spots.iter().map(move |(offset, length, raw)| Place {
            r#ref: &one.id,
            kind: one.kind,
            offset: *offset,
            length: *length,
            raw,
            count,
        })
    });
    let description: String = mask_cards(text.get(..text.floor_char_boundary(16_000)).unwrap_or_default(), &ctx.values);
    let mut refs: Vec<&ObjectId> = Vec::with_capacity(found.len());
    refs.extend(found.iter().map(|one| &one.id));
    Report {
        r#type: "report",
        spec_version: "2.1",
        id,
        created: now.clone(),
        modified: now,
        name: mask_cards(title, &ctx.values).chars().take(200).collect(),
        description: description.trim_start_matches('\u{feff}').chars().take(2_000).collect(),
        report_types: ["threat-report"],
        published: published(text, ctx.dated.now).to_string(),
        object_refs: refs,
        extensions: HashMap::from([(
            FOUND_EXTENSION,
            Extension { extension_type: "property-extension", found: places.collect() },
        )]),
    }
}

/// The first heading, else the first line that says something.
fn heading(text: &str) -> Option<String> {
    let lines = || text.lines().take(60).map(|line| line.trim_start_matches('\u{feff}').trim());
    let marked = |line: &str| {
        let rest = line.trim_start_matches(['#', '=']);
        let marks = line.len() - rest.len();
        ((1..=6).contains(&marks) && rest.starts_with(' ')).then(|| rest.trim().to_owned())
    };
    let says = |line: &&str| {
        line.chars().filter(|c| c.is_alphabetic()).count() >= 3 && !(line.starts_with(':') && line.len() > 1)
    };
    lines().find_map(marked).filter(|line| !line.is_empty()).or_else(|| lines().find(says).map(str::to_owned))
}

/// The first date in ISO form in the head of the text, unless it lies ahead; else `now`.
fn published(text: &str, now: Timestamp) -> Timestamp {
    let head = text.as_bytes().get(..text.len().min(2_000)).unwrap_or_default();
    let date = head.windows(10).enumerate().find_map(|(at, window)| {
        let apart = at.checked_sub(1).and_then(|b| head.get(b)).is_none_or(|b| !b.is_ascii_alphanumeric());
        let ends = head.get(at + 10).is_none_or(|b| !b.is_ascii_digit() && *b != b'-');
        let [b'1' | b'2', _, _, _, b'-', _, _, b'-', _, _] = window else { return None };
        let day = std::str::from_utf8(window).ok().filter(|_| apart && ends)?;
        Timestamp::parse(&format!("{day}T00:00:00Z")).ok()
    });
    date.filter(|date| *date <= now).unwrap_or(now)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::made::tests::{Record, context};
    use crate::{Format, SourceFile};

    fn read(text: &[u8]) -> Record {
        let mut record = Record::default();
        let file = SourceFile { name: "report.txt", format: Format::Text };
        let flow = read_text(&mut &text[..], file, &context(), &mut record).unwrap();
        assert_eq!(flow, ControlFlow::Continue(()));
        record
    }

    #[test]
    fn a_report_refers_to_its_values_and_says_where_they_stood() {
        let text =
            "# A new campaign\n\nPublished 2026-10-02. It called evil[.]com and 1[.]2.3.4, then evil.com again.\n";
        let record = read(text.as_bytes());
        assert_eq!(record.values(), ["evil.com", "1.2.3.4"]);
        let report = record.of_type("report")[0];
        assert_eq!(report["name"], "A new campaign");
        assert_eq!(report["published"], "2026-10-02T00:00:00.000Z");
        assert_eq!(report["created"], "2026-11-01T12:00:00.000Z");
        assert_eq!(report["object_refs"].as_array().unwrap().len(), 2);
        assert_eq!(report["object_refs"][0], record.objects[0]["id"]);
        let found = report["extensions"][FOUND_EXTENSION]["found"].as_array().unwrap();
        assert_eq!(found.len(), 3);
        for place in found {
            let at = usize::try_from(place["offset"].as_u64().unwrap()).unwrap();
            let length = usize::try_from(place["length"].as_u64().unwrap()).unwrap();
            assert_eq!(text[at..at + length], *place["raw"].as_str().unwrap());
        }
        assert_eq!(record.objects, read(text.as_bytes()).objects);
    }

    #[test]
    fn a_value_met_often_is_counted_and_listed_twenty_times() {
        let record = read("evil.com ".repeat(100).as_bytes());
        let found = record.of_type("report")[0]["extensions"][FOUND_EXTENSION]["found"].as_array().unwrap().clone();
        assert_eq!(found.len(), 20);
        assert_eq!(found[0]["count"], 100);
    }

    #[test]
    fn no_card_number_stands_in_what_is_built() {
        let record = read(b"card 4111 1111 1111 1111 and 5500005555555559 unnamed");
        let all = serde_json::to_string(&record.objects).unwrap();
        assert!(!all.contains("4111 1111") && !all.contains("5500005555555559"), "{all}");
        assert!(all.contains("**** **** **** 1111"), "{all}");
    }

    #[test]
    fn a_text_without_values_gives_a_notice_and_a_broken_pdf_its_reason() {
        let record = read(b"Nothing to see here.");
        assert!(record.objects.is_empty());
        assert_eq!(record.notices, [("text-no-values", 0)]);
        let record = read(b"%PDF-1.7 broken");
        assert_eq!(record.rejected, [("pdf-unreadable", 0)]);
    }

    #[test]
    fn pages_and_other_encodings() {
        let record = read(b"<html><title>T</title><body>evil<b>[.]</b>com <script>no.example.com</script>");
        assert_eq!(record.values(), ["evil.com"]);
        assert_eq!(record.of_type("report")[0]["name"], "T");
        let record = read(b"caf\xe9 1.2.3.4");
        assert_eq!(record.values(), ["1.2.3.4"]);
        assert_eq!(record.notices, [("text-not-utf8", 0)]);
    }

    #[test]
    fn reads_a_pdf_document() {
        let content = "BT /F1 12 Tf 72 700 Td (Seen at evil[.]com) Tj ET";
        let objects = [
            "<</Type/Catalog/Pages 2 0 R>>".to_owned(),
            "<</Type/Pages/Kids[3 0 R]/Count 1>>".to_owned(),
            "<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Resources<</Font<</F1 5 0 R>>>>/Contents 4 0 R>>"
                .to_owned(),
            format!("<</Length {}>>stream\n{content}\nendstream", content.len()),
            "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>".to_owned(),
        ];
        let mut pdf = String::from("%PDF-1.4\n");
        let mut table = String::from("0000000000 65535 f \n");
        for (number, object) in objects.iter().enumerate() {
            table.extend([format!("{:010} 00000 n \n", pdf.len())]);
            pdf.extend([format!("{} 0 obj{object}endobj\n", number + 1)]);
        }
        let start = pdf.len();
        pdf.extend([format!("xref\n0 6\n{table}trailer<</Size 6/Root 1 0 R>>\nstartxref\n{start}\n%%EOF")]);
        assert_eq!(read(pdf.as_bytes()).values(), ["evil.com"]);
    }
}
