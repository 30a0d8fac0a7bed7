//! Lists: one value a line.

use std::io::BufRead;
use std::ops::ControlFlow;

use comity_stix::value::{Kind, Value, Values};

use crate::encoding::{decode, is_utf16, lossy, read_all};
use crate::made::{Groups, Seen, observable};
use crate::text::scan;
use crate::{Context, Flow, Notice, ReadError, Sink, SourceFile, Unreadable};

/// Reads a list: every line's value as an observable, and groupings over them.
///
/// # Errors
/// When reading fails.
pub(crate) fn read_list(
    reader: &mut dyn BufRead,
    file: SourceFile<'_>,
    ctx: &Context,
    sink: &mut dyn Sink,
) -> Result<Flow, ReadError> {
    let mut state = List { ctx, sink, seen: Seen::default(), groups: Groups::new(ctx, file.title()) };
    let head = reader.fill_buf().map_err(|e| ReadError::from_io(file.name, e))?;
    if is_utf16(head) {
        let (text, _) = decode(read_all(reader, file.name, ctx.limits.item_bytes)?);
        return read_lines(&mut text.as_bytes(), file.name, &mut state);
    }
    read_lines(reader, file.name, &mut state)
}

/// Whether the beginning of a file is that of a list: of its lines that are no comments, 19 in 20 are values.
pub(crate) fn looks_like_list(head: &[u8]) -> bool {
    let (text, _) = decode(head.to_vec());
    if text.contains('\0') {
        return false;
    }
    let values = Values::new([0; 32]);
    // The last line may be cut off.
    let whole = if head.len() >= 64 << 10 { text.rsplit_once('\n').map_or("", |(lines, _)| lines) } else { &text };
    let (mut lines, mut good) = (0usize, 0usize);
    for line in whole.lines().map(content).filter(|line| !line.is_empty()).take(400) {
        lines += 1;
        good += usize::from(line.len() <= MAX_LINE && is_certain(line, &values));
    }
    lines > 0 && good * 20 >= lines * 19
}

struct List<'a> {
    ctx: &'a Context,
    sink: &'a mut dyn Sink,
    seen: Seen,
    groups: Groups<'a>,
}

/// Longer lines hold no value.
const MAX_LINE: usize = 16 << 10;

fn read_lines(reader: &mut dyn BufRead, name: &str, state: &mut List<'_>) -> Result<Flow, ReadError> {
    let mut line = Vec::new();
    let mut offset = 0u64;
    loop {
        let length = next_line(reader, &mut line).map_err(|e| ReadError::from_io(name, e))?;
        if length == 0 {
            return Ok(state.groups.flush(state.sink));
        }
        if state.line(&line, offset).is_break() {
            return Ok(ControlFlow::Break(()));
        }
        offset += length;
    }
}

/// Reads a line without its end; of a longer one only the beginning is kept. Its whole length, 0 at the end.
fn next_line(reader: &mut dyn BufRead, line: &mut Vec<u8>) -> std::io::Result<u64> {
    line.clear();
    let mut length = 0u64;
    loop {
        let buffer = match reader.fill_buf() {
            Ok(buffer) => buffer,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        if buffer.is_empty() {
            return Ok(length);
        }
        let end = memchr::memchr(b'\n', buffer);
        let piece = buffer.get(..end.unwrap_or(buffer.len())).unwrap_or_default();
        let room = (MAX_LINE + 1).saturating_sub(line.len()).min(piece.len());
        line.extend_from_slice(piece.get(..room).unwrap_or_default());
        let used = piece.len() + usize::from(end.is_some());
        length += u64::try_from(used).unwrap_or(0);
        reader.consume(used);
        if end.is_some() {
            return Ok(length);
        }
    }
}

impl List<'_> {
    fn line(&mut self, bytes: &[u8], offset: u64) -> Flow {
        let text = lossy(bytes);
        let text = content(&text);
        if text.is_empty() {
            return ControlFlow::Continue(());
        }
        let value = if bytes.len() > MAX_LINE { None } else { line_value(text, &self.ctx.values) };
        let Some(value) = value else {
            let reason = "No value is recognised in this line; write one value a line, comments after #.";
            let item = bytes.get(..bytes.len().min(1_024)).unwrap_or_default();
            return self.sink.rejected(Unreadable { offset, code: "line-no-value", reason, item });
        };
        if value.kind() == Kind::Mutex && !text.contains('\\') {
            let text = "This line is like no other kind of value and was read as a mutex name.".to_owned();
            self.sink.notice(Notice { offset, code: "value-guessed", text })?;
        }
        let id = observable(self.sink, &mut self.seen, &value, offset)?;
        self.groups.add(self.sink, &[id], offset)
    }
}

/// The line without comments and the marks of lists and blocklists; empty when nothing is left.
fn content(line: &str) -> &str {
    let line = line.trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
    if line.starts_with(['#', '!', ';']) || line.starts_with("//") {
        return "";
    }
    let end = [" #", "\t#", " //", "\t//", " ;", "\t;"].iter().filter_map(|mark| line.find(mark)).min();
    let line = line.get(..end.unwrap_or(line.len())).unwrap_or_default().trim_end();
    let line = line.strip_prefix("- ").or_else(|| line.strip_prefix("* ")).unwrap_or(line);
    // Blocklists of browsers: `||evil.example^`.
    line.strip_prefix("||").map_or(line, |rest| rest.split('^').next().unwrap_or_default()).trim()
}

/// The name of a line of a hosts file, `0.0.0.0 evil.example`.
fn hosts_name(line: &str) -> Option<&str> {
    let mut words = line.split_whitespace();
    let sink_hole = matches!(words.next()?, "0.0.0.0" | "127.0.0.1" | "::" | "::1");
    words.next().filter(|name| sink_hole && words.next().is_none() && name.contains('.'))
}

fn line_value(line: &str, values: &Values) -> Option<Value> {
    if let Some(name) = hosts_name(line) {
        return values.parse(Kind::Domain, name).ok();
    }
    let guessed = values.guess(line).into_iter().next()?;
    // Anything short is a possible mutex or plate; a sentence is not one.
    let vague = matches!(guessed.kind(), Kind::Mutex | Kind::Plate);
    if vague && !line.contains('\\') { whole(line, values) } else { Some(guessed) }
}

/// The value that the whole line is, in any of its defanged forms.
pub(crate) fn whole(text: &str, values: &Values) -> Option<Value> {
    let mut found = None;
    let _ = scan(text, values, &mut |spot| {
        if spot.start == 0 && spot.end == text.len() {
            found = Some(spot.value);
        }
        ControlFlow::Break(())
    });
    found
}

/// Whether a line is a value and hardly anything else.
fn is_certain(line: &str, values: &Values) -> bool {
    if line.split_whitespace().count() > 1 && hosts_name(line).is_none() && whole(line, values).is_none() {
        // Accounts and phone numbers are written in groups.
        let kind = values.guess(line).first().map(Value::kind);
        return matches!(kind, Some(Kind::Iban | Kind::Phone | Kind::Card));
    }
    // A separator means a table.
    if line.contains(['\t', '|']) || (line.contains([',', ';']) && !line.contains("://")) {
        return false;
    }
    line_value(line, values).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::made::tests::{Record, context};
    use crate::{Format, SourceFile};

    fn read(text: &[u8]) -> Record {
        let mut record = Record::default();
        let file = SourceFile { name: "list.txt", format: Format::List };
        let flow = read_list(&mut &text[..], file, &context(), &mut record).unwrap();
        assert_eq!(flow, ControlFlow::Continue(()));
        record
    }

    #[test]
    fn one_value_a_line_with_comments_of_every_sort() {
        let record = read(
            b"# C2 servers\n\n1[.]2[.]3[.]4 # first\n// more\nhxxp://evil[.]com/a\n0.0.0.0 bad.example.com\n10.0.0.0/8 ; SBL1\n||ads.example.org^\n",
        );
        assert_eq!(
            record.values(),
            ["1.2.3.4", "http://evil.com/a", "bad.example.com", "10.0.0.0/8", "ads.example.org"]
        );
        let grouping = record.of_type("grouping");
        assert_eq!(grouping.len(), 1);
        assert_eq!(grouping[0]["object_refs"].as_array().unwrap().len(), 5);
        assert!(record.rejected.is_empty(), "{:?}", record.rejected);
    }

    #[test]
    fn a_line_that_is_no_value_is_set_aside_with_its_place() {
        let record = read(b"1.2.3.4\nthis is a sentence\n5.6.7.8\n");
        assert_eq!(record.rejected, [("line-no-value", 8)]);
        assert_eq!(record.values(), ["1.2.3.4", "5.6.7.8"]);
        let long = [vec![b'a'; 100_000], b"\n1.2.3.4".to_vec()].concat();
        let record = read(&long);
        assert_eq!(record.rejected, [("line-no-value", 0)]);
        assert_eq!(record.values(), ["1.2.3.4"]);
    }

    #[test]
    fn encodings_and_groups() {
        let wide: Vec<u8> = "\u{feff}1.2.3.4\r\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(read(&wide).values(), ["1.2.3.4"]);
        let many: String = (0..5_001)
            .flat_map(|n| {
                ["10.0.".to_owned(), (n / 256).to_string(), ".".to_owned(), (n % 256).to_string(), "\n".to_owned()]
            })
            .collect();
        let record = read(many.as_bytes());
        let sizes: Vec<_> =
            record.of_type("grouping").iter().map(|g| g["object_refs"].as_array().unwrap().len()).collect();
        assert_eq!(sizes, [5_000, 1]);
        assert_eq!(record.objects, read(many.as_bytes()).objects);
    }

    #[test]
    fn recognises_lists_and_nothing_else() {
        for list in [
            "1.2.3.4\n5.6.7.8\n",
            "# x\nevil[.]com\n",
            "0.0.0.0 a.example.com\n127.0.0.1 b.example.com",
            "EE38 2200 2210 2014 5685",
        ] {
            assert!(looks_like_list(list.as_bytes()), "{list}");
        }
        for other in ["", "a,b\n1.2.3.4,x\n", "# only comments", "A report on evil.com\n1.2.3.4\n", "{\"a\":1}", "\0\0"]
        {
            assert!(!looks_like_list(other.as_bytes()), "{other}");
        }
    }
}
