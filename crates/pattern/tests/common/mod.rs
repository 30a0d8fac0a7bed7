//! What the tests on real data share.

use std::path::{Path, PathBuf};

/// The folder of real test data, when it is there.
pub(crate) fn data() -> Option<PathBuf> {
    let path = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data/cti"));
    if path.is_dir() {
        return Some(path.to_owned());
    }
    println!("skipped: ../shared/data absent");
    None
}
