use proptest::prelude::*;

use super::*;

/// Gives at most the next of these many bytes at a time.
struct Chunks<'a>(&'a [u8], Vec<usize>, usize);

impl Read for Chunks<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let most = self.1[self.2 % self.1.len()].max(1).min(out.len()).min(self.0.len());
        self.2 += 1;
        let (now, later) = self.0.split_at(most);
        out[..most].copy_from_slice(now);
        self.0 = later;
        Ok(most)
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Seen {
    Item(u64, String),
    Aside(u64, &'static str),
}

fn split_by(text: &[u8], chunks: &[usize], wrapping: Wrapping, limit: usize) -> Vec<Seen> {
    let mut splitter = Splitter::new(Chunks(text, chunks.to_vec(), 0), wrapping, limit);
    let mut seen = Vec::new();
    while let Some(piece) = splitter.next().unwrap() {
        match piece {
            Piece::Item { raw, offset } => {
                let from = usize::try_from(offset).unwrap();
                assert_eq!(raw, &text[from..from + raw.len()], "the bytes stand where the offset says");
                seen.push(Seen::Item(offset, String::from_utf8_lossy(raw).into_owned()));
            }
            Piece::Aside { offset, code, .. } => {
                assert!(offset <= text.len() as u64);
                seen.push(Seen::Aside(offset, code));
            }
        }
        assert!(seen.len() <= text.len() + 2);
    }
    seen
}

fn split(text: &str) -> Vec<Seen> {
    split_by(text.as_bytes(), &[usize::MAX], STIX, 1 << 20)
}

fn items(text: &str) -> Vec<String> {
    let only = |seen| match seen {
        Seen::Item(_, raw) => raw,
        Seen::Aside(offset, code) => panic!("{code} at {offset} in {text}"),
    };
    split(text).into_iter().map(only).collect()
}

const A: &str = r#"{"type":"a","id":"a--1","x":{"y":[1,{"z":"}]{["}]}}"#;
const B: &str = r#"{ "id" : "b--2", "type":"b", "d":"q \" \\" }"#;

#[test]
fn every_shape_gives_the_same_objects() {
    for text in [
        format!(r#"{{"type":"bundle","id":"bundle--1","objects":[{A},{B}]}}"#),
        format!("\u{feff} {{ \"objects\" : [ {A} ,\n {B}\n ] , \"more\": true, \"type\":\"bundle\" }} \n"),
        format!(r#"{{"more":false,"next":"x","objects":[{A},{B}]}}"#),
        format!("[{A},{B}]"),
        format!("{A}\n{B}\n"),
        format!("{A}{B}"),
        format!("{{\"type\":\"bundle\",\"objects\":[{A}]}}\n{{\"type\":\"bundle\",\"objects\":[{B}]}}"),
    ] {
        assert_eq!(items(&text), [A, B], "{text}");
    }
}

#[test]
fn empty_wrappings_give_nothing() {
    for text in
        ["", " \n", "[]", r#"{"type":"bundle","id":"bundle--1"}"#, r#"{"type":"bundle","objects":[]}"#, "\u{feff}"]
    {
        assert_eq!(items(text), Vec::<String>::new(), "{text}");
    }
}

#[test]
fn objects_inside_an_object_are_its_own() {
    let observed = r#"{"type":"observed-data","objects":{"0":{"type":"file"}}}"#;
    let custom = r#"{"type":"x-thing","objects":[{"type":"file"}]}"#;
    assert_eq!(items(&format!("{observed}\n{custom}")), [observed, custom]);
}

#[test]
fn misp_responses_are_opened() {
    let misp = |text: &str| split_by(text.as_bytes(), &[3], MISP, 1000);
    let event = r#"{"Event":{"Attribute":[{"value":"x"}]}}"#;
    let attribute = r#"{"uuid":"u","type":"domain","value":"x","Event":{"Attribute":[]}}"#;
    assert_eq!(misp(event), [Seen::Item(0, event.into())]);
    assert_eq!(misp(&format!("{{\"response\":[{event}]}}")), [Seen::Item(13, event.into())]);
    let inner =
        format!("{{\"response\":{{\"a\":{{\"Attribute\":[1]}},\"Attribute\":[{attribute},{attribute}]}},\"x\":1}}");
    assert_eq!(misp(&inner).len(), 2);
    assert_eq!(misp(&inner)[0], Seen::Item(inner.find(attribute).unwrap() as u64, attribute.into()));
}

#[test]
fn a_broken_object_costs_only_itself() {
    let id = r#""id":"c--3""#;
    for broken in [
        format!(r#"{{"type":"c",{id},"name":"open}}"#),
        format!(r#"{{"type":"c","name":"open,{id}}}"#),
        format!("{{\"type\":\"c\",\"name\":\"line\nbreak\",{id}}}"),
        format!(r#"{{"type":"c","x":{{"y":1,{id}}}"#),
        format!(r#"{{"type":"c","x":[1,2,{id}}}"#),
        format!(r#"{{"type":"c","name":"say "hello" now",{id}}}"#),
        format!(r#"{{"type":"c",@,{id}}}"#),
        r#""just text""#.to_owned(),
        "[1,2]".to_owned(),
    ] {
        let bundle = format!(r#"{{"type":"bundle","id":"bundle--1","objects":[{A},{broken},{A},{A}]}}"#);
        let lines = format!("{A}\n{broken}\n{A}\n{A}\n");
        for text in [&bundle, &lines] {
            let seen = split(text);
            let whole = seen.iter().filter(|seen| matches!(seen, Seen::Item(_, raw) if raw == A)).count();
            assert_eq!(whole, 3, "{text}\n{seen:?}");
            let at = text.find(&broken).unwrap() as u64;
            if text == &bundle || !broken.starts_with('[') {
                assert!(seen.contains(&Seen::Aside(at, "json-broken")), "{text}\n{seen:?}");
            }
        }
    }
}

#[test]
fn a_cut_off_stream_says_so() {
    let text = format!(r#"{{"type":"bundle","objects":[{A},"#);
    assert_eq!(split(&text), [Seen::Item(28, A.into()), Seen::Aside(text.len() as u64, "json-broken")]);
    let text = format!(r#"{{"type":"bundle","objects":[{A},{}"#, &B[..20]);
    assert!(matches!(split(&text)[..], [Seen::Item(28, _), Seen::Aside(80, "json-broken"), ..]), "{:?}", split(&text));
}

#[test]
fn an_item_beyond_the_limit_is_passed_over_in_constant_space() {
    let large = format!(r#"{{"type":"l","x":"{}"}}"#, "{\\\"".repeat(5000));
    let text = format!(r#"{{"objects":[{A},{large},{A}]}}"#);
    for chunk in [1, 7, 100_000] {
        let mut splitter = Splitter::new(Chunks(text.as_bytes(), vec![chunk], 0), STIX, 200);
        let mut seen = 0;
        while let Some(piece) = splitter.next().unwrap() {
            match (seen, piece) {
                (0 | 2, Piece::Item { raw, .. }) => assert_eq!(raw, A.as_bytes()),
                (1, Piece::Aside { code: "item-too-large", offset, .. }) => assert_eq!(offset, 13 + A.len() as u64),
                other => panic!("{other:?}"),
            }
            seen += 1;
        }
        assert_eq!(seen, 3);
        assert!(splitter.window.len() <= 201);
    }
}

#[test]
fn hostile_nesting_is_bounded() {
    let deep = "[".repeat(100_000);
    let seen = split_by(format!("{{\"a\":{deep}").as_bytes(), &[1000], STIX, 1 << 16);
    assert_eq!(seen, [Seen::Aside(0, "json-broken")]);
}

fn token() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => Just(A.to_owned()),
        3 => Just(B.to_owned()),
        2 => "[\\[\\]{},:\" \n\\\\a1]{0,6}",
        1 => Just(r#"{"type":"bundle","objects":["#.to_owned()),
        1 => Just("]}".to_owned()),
        2 => Just(",".to_owned()),
        1 => "\\PC{0,10}",
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn chunking_changes_nothing(tokens in prop::collection::vec(token(), 0..12), chunks in prop::collection::vec(1usize..40, 1..5), limit in 60usize..400) {
        let text = tokens.concat();
        let whole = split_by(text.as_bytes(), &[usize::MAX], STIX, limit);
        prop_assert_eq!(split_by(text.as_bytes(), &[1], STIX, limit), split_by(text.as_bytes(), &chunks, STIX, limit));
        prop_assert_eq!(split_by(text.as_bytes(), &chunks, STIX, limit), whole);
    }

    #[test]
    fn any_bytes_are_answered(bytes in prop::collection::vec(any::<u8>(), 0..200), chunk in 1usize..20) {
        split_by(&bytes, &[chunk], MISP, 64);
    }
}
