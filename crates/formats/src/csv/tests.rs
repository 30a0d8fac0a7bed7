use super::*;
use crate::Format;
use crate::made::tests::{Record, context};
use comity_stix::value::Kind;

fn read_with(text: &[u8], ctx: &Context) -> Record {
    let mut record = Record::default();
    let file = SourceFile { name: "table.csv", format: Format::Csv };
    let flow = read_csv(&mut &text[..], file, ctx, &mut record).unwrap();
    assert_eq!(flow, ControlFlow::Continue(()));
    record
}

fn read(text: &str) -> Record {
    read_with(text.as_bytes(), &context())
}

#[test]
fn a_row_becomes_its_values_and_an_observation() {
    let text = "first_seen,dst_ip,domain,malware\n2026-09-01 10:00:00,1.2.3.4,evil[.]com,Emotet\n";
    let record = read(text);
    assert_eq!(record.values(), ["1.2.3.4", "evil.com"]);
    let observed = record.of_type("observed-data")[0];
    assert_eq!(observed["first_observed"], "2026-09-01T10:00:00.000Z");
    assert_eq!(observed["number_observed"], 1);
    assert_eq!(observed["object_refs"].as_array().unwrap().len(), 2);
    let row = &observed["extensions"][row::ROW_EXTENSION]["row"];
    assert_eq!(row["malware"], "Emotet");
    assert_eq!(row["domain"], "evil[.]com");
    let grouping = record.of_type("grouping")[0];
    assert_eq!(grouping["name"], "table.csv");
    assert_eq!(grouping["context"], "suspicious-activity");
    assert_eq!(grouping["object_refs"][0], observed["id"]);
    assert_eq!(record.offsets[0], 33);
    assert_eq!(record.objects, read(text).objects);
}

#[test]
fn the_type_column_says_what_the_value_is() {
    let record = read(
        "Indicator,Data,Note\nDescription,https://news.example.com/x,about\nsha-256,1b5649b479fd625de5c8120873644b5eb669cc89cd504582c18e0ae350fd8823,a\n\
         file_path_name,C:\\x\\evil.exe,b\nip-dst|port,1.2.3.4|443,c\nurl,hxxp://evil[.]com/a,d\n",
    );
    assert_eq!(
        record.values(),
        [
            "1b5649b479fd625de5c8120873644b5eb669cc89cd504582c18e0ae350fd8823",
            "evil.exe",
            "1.2.3.4",
            "http://evil.com/a"
        ]
    );
    assert_eq!(record.rejected, [("row-no-value", 20)]);
}

#[test]
fn comments_separators_and_headers_of_every_sort() {
    let feed = "################\n# Feed of abuse #\n#\n# id,dateadded,url,tags\n\"1\",\"2026-09-01 10:00:00\",\"http://evil.com/a\",\"x,y\"\n\"2\",\"2026-09-02\",\"http://evil.com/b\",\"z\"\n# END\n";
    let record = read(feed);
    assert_eq!(record.values(), ["http://evil.com/a", "http://evil.com/b"]);
    assert_eq!(record.of_type("observed-data")[1]["first_observed"], "2026-09-02T00:00:00.000Z");
    for text in [
        "IP-Adresse;Anzahl\n1.2.3.4;5\n",
        "ip\tcount\n1.2.3.4\t5\n",
        "adresse IP|hits\n1.2.3.4|5\n",
        "\u{feff}IP aadress;arv\r\n1.2.3.4;5\r\n",
    ] {
        let record = read(text);
        assert_eq!(record.values(), ["1.2.3.4"], "{text}");
        assert_eq!(record.of_type("observed-data")[0]["number_observed"], 5, "{text}");
    }
    assert_eq!(read("1.2.3.4,evil.com\n5.6.7.8,bad.com\n").values(), ["1.2.3.4", "evil.com", "5.6.7.8", "bad.com"]);
    let wide: Vec<u8> = "\u{feff}ip,x\n1.2.3.4,y\n".encode_utf16().flat_map(u16::to_be_bytes).collect();
    assert_eq!(read_with(&wide, &context()).values(), ["1.2.3.4"]);
}

#[test]
fn the_users_columns_win() {
    let mut ctx = context();
    ctx.columns = vec![("note".to_owned(), Some(Kind::Mutex)), ("2".to_owned(), None)];
    let record = read_with(b"ip,domain,note\n1.2.3.4,evil.com,Global\\x1\n", &ctx);
    assert_eq!(record.values(), ["1.2.3.4", "Global\\x1"]);
    let row = &record.of_type("observed-data")[0]["extensions"][row::ROW_EXTENSION]["row"];
    assert!(row.get("domain").is_none());
}

#[test]
fn a_bad_cell_leaves_the_row_and_a_bad_row_leaves_the_table() {
    let record = read("ip,domain\n1.2.3.4,evil.com\n1.2.3,bad.com\nx,y\n5.6.7.8\n9.9.9.9,ok.com,more\n");
    assert_eq!(record.values(), ["1.2.3.4", "evil.com", "bad.com", "5.6.7.8", "9.9.9.9", "ok.com"]);
    assert_eq!(record.rejected, [("row-no-value", 41)]);
    let codes: Vec<_> = record.notices.iter().skip(1).copied().collect();
    assert_eq!(
        codes,
        [("value-invalid", 27), ("value-invalid", 41), ("value-invalid", 41), ("row-length", 45), ("row-length", 53)]
    );
}

#[test]
fn card_numbers_are_never_kept() {
    let record = read("kaardinumber,märkus\n4111111111111111,a 5500 0055 5555 5559 b\n");
    let all = serde_json::to_string(&record.objects).unwrap();
    assert!(!all.contains("4111111111111111") && !all.contains("5500 0055"), "{all}");
    assert!(all.contains("************1111"), "{all}");
}

#[test]
fn an_unclosed_quotation_mark_is_said_and_bounded() {
    let text = format!("ip,note\n1.2.3.4,\"open\n{}", "5.6.7.8,x\n".repeat(1_000));
    assert_eq!(read(&text).rejected, [("row-quoting", 8)]);
    let mut ctx = context();
    ctx.limits.item_bytes = 70_000;
    let text = format!("ip,note\n1.2.3.4,\"open\n{}", "5.6.7.8,x\n".repeat(50_000));
    let file = SourceFile { name: "table.csv", format: Format::Csv };
    let result = read_csv(&mut text.as_bytes(), file, &ctx, &mut Record::default());
    assert!(matches!(result, Err(ReadError::Limit { .. })), "{result:?}");
}

#[test]
fn recognises_tables_and_nothing_else() {
    for table in ["type,value,comment\nip,1.2.3.4,x\n", "a;b\n1.2.3.4;x\n5.6.7.8;y\n", "# id,url\n1,http://evil.com/\n"]
    {
        assert!(looks_like_csv(table.as_bytes()), "{table}");
    }
    for other in [
        "",
        "1.2.3.4\n5.6.7.8\n",
        "In May, the group moved.\nIt used evil.com, among others, as C2.\n",
        "{\"a\":1,\"b\":2}\n{\"a\":1,\"b\":2}",
        "name,age\nA,1\nB,2\n",
        "a\0b,c",
    ] {
        assert!(!looks_like_csv(other.as_bytes()), "{other}");
    }
}

#[test]
fn real_tables_are_recognised_and_give_values() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data/cti/ioc-texts");
    let Ok(entries) = std::fs::read_dir(folder) else {
        eprintln!("skipped: ../shared/data absent");
        return;
    };
    let (mut tables, mut unlike, mut values, mut rejected) = (0, Vec::new(), 0, 0);
    for entry in entries {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|ending| ending != "csv") {
            continue;
        }
        let bytes = std::fs::read(&path).unwrap();
        tables += 1;
        if !looks_like_csv(&bytes[..bytes.len().min(HEAD)]) {
            unlike.push(path.file_name().unwrap().to_string_lossy().into_owned());
        }
        let record = read_with(&bytes, &context());
        values += record.values().len();
        rejected += record.rejected.len();
    }
    // The one that is not recognised is source code with commas, which the text reader takes.
    assert_eq!(unlike, ["sophoslabs__Sunburst_blocklists.csv"]);
    // Rows without a value are descriptions, tools, commands and accounts.
    assert_eq!((tables, values, rejected), (89, 6204, 276));
}
