use std::io::Write;

use proptest::prelude::*;

use super::*;
use crate::collect::{Collected, context, shared};

const BUNDLE: &str =
    r#"{"type":"bundle","id":"bundle--1","objects":[{"type":"x","id":"x--1"},{"type":"y","id":"y--2"}]}"#;
const EVENT: &str = r#"{"Event":{"info":"x","Attribute":[{"type":"md5","value":"d41d8cd98f00b204e9800998ecf8427e"}]}}"#;

fn gz(bytes: &[u8]) -> Vec<u8> {
    let mut out = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    out.write_all(bytes).unwrap();
    out.finish().unwrap()
}

fn zst(bytes: &[u8]) -> Vec<u8> {
    zstd::encode_all(bytes, 3).unwrap()
}

fn archive(files: &[(&str, &[u8])], stored: bool) -> Vec<u8> {
    let mut out = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    fill(&mut out, files, stored);
    out.finish().unwrap().into_inner()
}

/// As a program writes that cannot go back: the sizes follow the content.
fn streamed(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut out = zip::ZipWriter::new_stream(Vec::new());
    fill(&mut out, files, false);
    out.finish().unwrap().into_inner()
}

fn fill<W: Write + std::io::Seek>(out: &mut zip::ZipWriter<W>, files: &[(&str, &[u8])], stored: bool) {
    let method = if stored { zip::CompressionMethod::Stored } else { zip::CompressionMethod::Deflated };
    for (name, bytes) in files {
        let options = zip::write::SimpleFileOptions::default().compression_method(method);
        if name.ends_with('/') {
            out.add_directory(*name, options).unwrap();
        } else {
            out.start_file(*name, options).unwrap();
            out.write_all(bytes).unwrap();
        }
    }
}

fn collect(name: &str, bytes: &[u8], ctx: &Context) -> (Collected, Result<Flow, ReadError>) {
    let mut sink = Collected::default();
    let result = read(name, &mut &*bytes, ctx, &mut sink);
    (sink, result)
}

fn names(sink: &Collected) -> Vec<&str> {
    sink.files.iter().map(|(name, _)| name.as_str()).collect()
}

#[test]
fn packing_makes_no_difference() {
    let plain = BUNDLE.as_bytes();
    let packed = [
        plain.to_vec(),
        gz(plain),
        zst(plain),
        gz(&zst(plain)),
        [gz(&plain[..30]), gz(&plain[30..])].concat(),
        archive(&[("a.json", plain)], false),
        archive(&[("a.json", plain)], true),
        streamed(&[("a.json", plain)]),
        archive(&[("folder/", b""), ("folder/a.json.gz", &gz(plain))], false),
    ];
    for bytes in &packed {
        let (sink, result) = collect("in", bytes, &context());
        assert_eq!(result.unwrap(), Flow::Continue(()));
        let offsets: Vec<u64> = sink.objects.iter().map(|(offset, _)| *offset).collect();
        assert_eq!(offsets, [45, 70], "offsets count after decompression");
        assert_eq!(sink.progress, bytes.len() as u64);
        assert_eq!((sink.files.len(), sink.ended), (1, 1));
        assert!(sink.original.is_empty(), "STIX 2.1 is its own original");
    }
}

#[test]
fn an_archive_is_read_file_by_file_and_nothing_in_it_is_silent() {
    let hashes = "d41d8cd98f00b204e9800998ecf8427e,8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f\n";
    let bytes = streamed(&[
        ("1.json", BUNDLE.as_bytes()),
        ("hashes.csv", hashes.as_bytes()),
        ("x.bin", b"\0\x01\x02"),
        ("e.json", EVENT.as_bytes()),
    ]);
    let (sink, result) = collect("feed.zip", &bytes, &context());
    assert!(result.unwrap().is_continue());
    assert_eq!(names(&sink), ["feed.zip/1.json", "feed.zip/hashes.csv", "feed.zip/x.bin", "feed.zip/e.json"]);
    assert_eq!(sink.notices.iter().map(|n| n.code).collect::<Vec<_>>(), ["file-not-read"]);
    assert_eq!(sink.ended, 4);
    assert_eq!(sink.original, EVENT.as_bytes());
}

#[test]
fn a_stream_can_be_skipped_and_reading_stopped() {
    let bytes = archive(&[("1.json", BUNDLE.as_bytes()), ("2.json", BUNDLE.as_bytes())], false);
    let mut sink = Collected { skip: vec!["z/1.json".to_owned()], ..Collected::default() };
    assert!(read("z", &mut &bytes[..], &context(), &mut sink).unwrap().is_continue());
    assert_eq!((names(&sink).len(), sink.objects.len(), sink.ended), (2, 2, 1));
    let mut sink = Collected { stop: Some(1), ..Collected::default() };
    assert!(read("z", &mut &bytes[..], &context(), &mut sink).unwrap().is_break());
    assert_eq!((sink.objects.len(), sink.ended), (1, 0));
}

#[test]
fn bombs_end_in_an_ordinary_error() {
    let zeros = [b"[".as_slice(), &vec![b' '; 8 << 20]].concat();
    let mut ctx = context();
    for bytes in [gz(&zeros), zst(&zeros), archive(&[("a", &zeros)], false), gz(&gz(&zeros))] {
        let error = collect("b", &bytes, &ctx).1.unwrap_err();
        assert!(matches!(&error, ReadError::Limit { source, .. } if source.limit == 400), "{error}");
    }
    ctx.limits.unfolded_bytes = 1000;
    assert!(matches!(collect("b", &gz(&vec![b'{'; 2000]), &ctx).1.unwrap_err(), ReadError::Limit { .. }));
    ctx = context();
    ctx.limits.files = 2;
    let many = archive(&[("1", b"{}"), ("2", b"{}"), ("3", b"{}")], false);
    let (sink, result) = collect("b", &many, &ctx);
    assert!(matches!(result.unwrap_err(), ReadError::Limit { .. }));
    assert_eq!(sink.files.len(), 2);
}

#[test]
fn what_is_broken_or_unknown_is_an_error_with_the_name() {
    let whole = gz(BUNDLE.repeat(100).as_bytes());
    let error = collect("cut.gz", &whole[..whole.len() / 2], &context()).1.unwrap_err();
    assert!(matches!(&error, ReadError::Io { name, offset, .. } if name == "cut.gz" && *offset > 0), "{error}");
    let mut bad = archive(&[("a.json", BUNDLE.as_bytes())], true);
    let at = bad.windows(4).position(|w| w == b"x--1").unwrap();
    bad[at] = b'z';
    assert!(collect("a.zip", &bad, &context()).1.unwrap_err().to_string().contains("checksum"));
    assert!(matches!(collect("x", b"\x7fELF\0\0", &context()).1.unwrap_err(), ReadError::Unknown { .. }));
    let thrice = gz(&gz(&gz(BUNDLE.as_bytes())));
    assert_eq!(collect("x.gz", &thrice, &context()).0.notices[0].code, "file-not-read");
}

#[test]
fn the_shared_bundles_are_read_whole() {
    for folder in ["attack", "talos-stix", "mobile-stix", "elevator-2.1", "cti-docs-examples"] {
        for (name, bytes) in shared(folder).into_iter().filter(|(name, _)| name.contains(".json")) {
            let Ok(json) = serde_json::from_slice::<serde_json::Value>(&bytes) else { continue };
            let (sink, result) = collect(&name, &bytes, &context());
            if result.is_err() {
                assert!(json["type"] != "bundle", "{folder}/{name}: {result:?}");
                continue;
            }
            let given = json["objects"].as_array().map_or(1, Vec::len);
            match sink.files[0].1 {
                Format::Stix21 => assert_eq!(sink.objects.len(), given, "{folder}/{name}"),
                Format::Stix20 => assert!(sink.objects.len() >= given, "{folder}/{name}"),
                Format::MispEvent => {
                    assert!(json["Event"].is_object() || json["response"].is_array(), "{folder}/{name}");
                }
                other => panic!("{folder}/{name} was read as {other:?}"),
            }
            assert!(sink.rejected.is_empty(), "{folder}/{name}: {:?}", sink.rejected);
            if sink.files[0].1 == Format::Stix20 {
                sink.objects.iter().for_each(|(_, raw)| valid(&name, raw));
            }
            for (offset, raw) in sink.objects.iter().filter(|_| sink.files[0].1 == Format::Stix21) {
                let from = usize::try_from(*offset).unwrap();
                assert_eq!(&bytes[from..from + raw.len()], raw);
            }
        }
    }
}

/// What was upgraded breaks no requirement of 2.1.
fn valid(name: &str, raw: &[u8]) {
    use comity_stix::validate::{Severity, accept, check};

    let doc = comity_stix::Doc::parse(raw, 64).unwrap();
    accept(doc.root()).unwrap();
    let mut findings = Vec::new();
    check(doc.root(), &mut findings);
    // A value that was wrong before is still wrong, and shown as such.
    findings.retain(|finding| finding.severity != Severity::Should && finding.code != "url-format");
    assert_eq!(findings, [], "{name}: {}", String::from_utf8_lossy(raw));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_bytes_are_answered(bytes in prop::collection::vec(any::<u8>(), 0..300), cut in 0usize..300, flip in any::<(usize, u8)>()) {
        let _ = collect("x", &bytes, &context());
        for mut packed in [gz(BUNDLE.as_bytes()), zst(BUNDLE.as_bytes()), streamed(&[("a", BUNDLE.as_bytes()), ("b", &bytes)])] {
            let at = flip.0 % packed.len();
            packed[at] ^= flip.1;
            packed.truncate(packed.len() - cut.min(packed.len()));
            let _ = collect("x", &packed, &context());
        }
    }
}
