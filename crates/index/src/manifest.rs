use std::{
    fs::{self, File},
    io::{self, Write},
    path::Path,
};

use crate::{IndexError, checksum::Checksum};

/// The list of live segments, in the order of their positions: a short text that ends with its checksum.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Manifest {
    pub(crate) key_id: u64,
    /// The number of the next file to be written.
    pub(crate) next: u64,
    /// File names.
    pub(crate) segments: Vec<String>,
}

impl Manifest {
    /// `None` if there is none or it is not whole.
    pub(crate) fn read(folder: &Path) -> Result<Option<Self>, IndexError> {
        let path = folder.join(NAME);
        match fs::read(&path) {
            Ok(bytes) => Ok(std::str::from_utf8(&bytes).ok().and_then(Self::parse)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(IndexError::io("read", &path)(error)),
        }
    }

    /// Replaces the list on disk as a whole: after a crash there is the old one or the new one.
    pub(crate) fn write(&self, folder: &Path) -> Result<(), IndexError> {
        let (path, temporary) = (folder.join(NAME), folder.join(TEMPORARY));
        let write = || -> io::Result<()> {
            let mut file = File::create(&temporary)?;
            file.write_all(self.print().as_bytes())?;
            file.sync_all()?;
            fs::rename(&temporary, &path)?;
            sync_folder(folder)
        };
        write().map_err(IndexError::io("write", &path))
    }

    fn print(&self) -> String {
        let mut text = format!("{TITLE}\nkey {:016x}\nnext {:016x}\n", self.key_id, self.next);
        for segment in &self.segments {
            text.push_str("segment ");
            text.push_str(segment);
            text.push('\n');
        }
        let sum = Checksum::of(text.as_bytes());
        format!("{text}sum {sum:016x}\n")
    }

    /// Accepts only what [`Manifest::print`] writes, to the letter.
    fn parse(text: &str) -> Option<Self> {
        let mut lines = text.lines().skip(1);
        let key_id = hex(lines.next()?.strip_prefix("key ")?)?;
        let next = hex(lines.next()?.strip_prefix("next ")?)?;
        let segments = lines.filter_map(|line| line.strip_prefix("segment ")).map(str::to_owned).collect();
        Some(Self { key_id, next, segments }).filter(|manifest| manifest.print() == text)
    }
}

/// The name of the segment file with this number.
pub(crate) fn segment_name(number: u64) -> String {
    format!("{number:016x}.{SEGMENT_SUFFIX}")
}

/// Waits until renames and removals in the folder are on the disk.
pub(crate) fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

fn hex(text: &str) -> Option<u64> {
    u64::from_str_radix(text, 16).ok()
}

const NAME: &str = "MANIFEST";
const TEMPORARY: &str = "MANIFEST.tmp";
const TITLE: &str = "comity-index 1";
/// What segment files are called.
pub(crate) const SEGMENT_SUFFIX: &str = "seg";
/// What files being written are called.
pub(crate) const TEMPORARY_SUFFIX: &str = "tmp";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manifest_comes_back_and_any_change_is_noticed() {
        for segments in [vec![], vec![segment_name(3), segment_name(17)]] {
            let manifest = Manifest { key_id: 5, next: 18, segments };
            let text = manifest.print();
            assert_eq!(Manifest::parse(&text).as_ref(), Some(&manifest));
            for cut in 0..text.len() {
                assert_eq!(Manifest::parse(&text[..cut]), None);
            }
            for bit in 0..text.len() * 8 {
                let mut bytes = text.clone().into_bytes();
                bytes[bit / 8] ^= 1 << (bit % 8);
                assert_eq!(std::str::from_utf8(&bytes).ok().and_then(Manifest::parse), None);
            }
        }
    }
}
