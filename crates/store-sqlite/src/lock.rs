use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read as _, Seek as _, Write as _};
use std::path::Path;

use comity_store::StoreError;

use crate::engine::Doing as _;

/// The right to write, held while this lives; the operating system gives it back when the process ends in any way.
#[derive(Debug)]
pub(crate) struct WriterLock {
    _file: File,
}

impl WriterLock {
    pub(crate) fn take(path: &Path) -> Result<Self, StoreError> {
        let what = || format!("lock {}", path.display());
        let mut file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path).doing(what)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(StoreError::Busy { holder: holder(&mut file) }),
            Err(TryLockError::Error(error)) => return Err(StoreError::engine(what(), error)),
        }
        file.set_len(0).doing(what)?;
        file.rewind().doing(what)?;
        write!(file, "{}", std::process::id()).doing(what)?;
        Ok(Self { _file: file })
    }
}

fn holder(file: &mut File) -> String {
    let mut text = String::new();
    match file.take(20).read_to_string(&mut text) {
        Ok(_) if !text.is_empty() => format!("process {text}"),
        _ => "process unknown".to_owned(),
    }
}
