use comity_base::Position;
use comity_index::{Index, IndexError, Options};

use crate::{large::scramble, model::Model};

#[test]
fn a_second_process_follows_on_its_own_and_takes_over_what_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let options = Options { delta_entries: 300, ..Options::new(7) };
    let empty = Index::open_read_only(&folder.path().join("none"), options).unwrap();
    assert_eq!(empty.covered(), Position::START);
    let writer = Index::open(folder.path(), options).unwrap();
    let reader = Index::open_read_only(folder.path(), options).unwrap();
    let mut model = Model::default();
    for batch in 0..40_u64 {
        let entries: Vec<_> =
            (1..=100).map(|number| (scramble(number % 40 + batch), Position(batch * 100 + number))).collect();
        let up_to = Position((batch + 1) * 100);
        model.push(entries.clone(), up_to);
        writer.apply(&entries, up_to).unwrap();
        if batch % 3 != 0 {
            model.replay(&reader);
        }
        if batch % 4 == 0 {
            reader.refresh().unwrap();
            assert!(reader.applied() >= reader.covered());
        }
        model.check(&reader);
    }
    writer.flush().unwrap();
    reader.refresh().unwrap();
    assert_eq!(reader.covered(), model.end());
    model.check(&reader);
    assert!(matches!(reader.flush(), Err(IndexError::ReadOnly { .. })));

    writer.clear().unwrap();
    reader.refresh().unwrap();
    assert_eq!((reader.applied(), reader.stats().postings), (Position::START, 0));
}
