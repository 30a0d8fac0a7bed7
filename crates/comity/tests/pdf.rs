//! Documents that others made, read by a process of their own.

#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test fails loudly")]

mod common;

use common::{Desk, example};

/// A document whose page refers to contents with this text in it.
fn document(contents: &str, more: &str) -> Vec<u8> {
    let stream = format!("<< /Length {} >>\nstream\n{contents}\nendstream", contents.len());
    let objects = [
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned(),
        format!(
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> {more} >>"
        ),
        stream,
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>".to_owned(),
    ];
    let mut out = b"%PDF-1.4\n".to_vec();
    let mut places = Vec::new();
    for (at, object) in objects.iter().enumerate() {
        places.push(out.len());
        out.extend(format!("{} 0 obj\n{object}\nendobj\n", at + 1).bytes());
    }
    let table = out.len();
    out.extend(format!("xref\n0 {}\n0000000000 65535 f \n", places.len() + 1).bytes());
    for place in &places {
        out.extend(format!("{place:010} 00000 n \n").bytes());
    }
    let trailer = format!("trailer\n<< /Size {} /Root 1 0 R >>\nstartxref\n{table}\n%%EOF\n", places.len() + 1);
    out.extend(trailer.bytes());
    out
}

const TEXT: &str = "BT /F1 12 Tf 72 700 Td (Beacon to 198.51.100.23 seen.) Tj ET";

#[test]
fn what_stands_in_a_document_is_found() {
    let desk = Desk::new();
    let file = desk.write("report.pdf", document(TEXT, ""));
    desk.ok(&["ingest", "--as", "lab", &file.display().to_string()]);
    let known = desk.json(&["look", "198.51.100.23"]);
    assert!(known.iter().any(|one| !one["holdings"].as_array().is_none_or(Vec::is_empty)), "{known:?}");
}

#[test]
fn a_document_made_to_exhaust_its_reader_is_set_aside_and_the_rest_is_read() {
    let desk = Desk::new();
    let deep = "[".repeat(3_000_000);
    let bomb = desk.write("bomb.pdf", document(TEXT, &format!("/Deep {deep}")));
    let said = desk.run(&["ingest", "--as", "lab", &bomb.display().to_string(), &example("case-2041.misp.json")]);
    assert!((0..=10).contains(&said.code), "the process ended in good order: {} {}", said.code, said.err);
    assert_eq!(desk.json(&["look", "185.220.101.4"]).len(), 1);
    let own = common::command(&desk.node()).arg("read-pdf").stdin(std::process::Stdio::null()).output();
    assert!(own.is_ok_and(|output| !output.status.success()), "nothing is no document");
}
