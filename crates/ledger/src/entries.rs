/// Bundles of entries as they are kept under a log's `tile/entries/` (C2SP tlog-tiles): each with its length before it,
/// two bytes, the higher first.
///
/// An entry of 65,536 bytes or more cannot be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BundleError {
    /// It is too long.
    #[error("an entry of {0} bytes is too long; the most is 65535")]
    Long(usize),
    /// The bundle ends inside an entry.
    #[error("the bundle ends inside its entry {0}")]
    Cut(usize),
    /// Another count of entries than there should be.
    #[error("the bundle has {found} entries instead of {wanted}")]
    Count {
        /// How many it has.
        found: usize,
        /// How many it should have.
        wanted: usize,
    },
}

/// Writes one more entry to a bundle.
///
/// # Errors
/// When it is too long.
pub fn write_entry(bundle: &mut Vec<u8>, entry: &[u8]) -> Result<(), BundleError> {
    let length = u16::try_from(entry.len()).map_err(|_| BundleError::Long(entry.len()))?;
    bundle.extend_from_slice(&length.to_be_bytes());
    bundle.extend_from_slice(entry);
    Ok(())
}

/// The entries of a bundle that must have so many.
///
/// # Errors
/// When it has not, or ends inside one.
pub fn read_entries(bundle: &[u8], wanted: usize) -> Result<Vec<&[u8]>, BundleError> {
    let mut entries = Vec::with_capacity(wanted.min(256));
    let mut rest = bundle;
    while !rest.is_empty() {
        let (length, behind) = rest.split_first_chunk::<2>().ok_or(BundleError::Cut(entries.len()))?;
        let length = usize::from(u16::from_be_bytes(*length));
        let (entry, behind) = behind.split_at_checked(length).ok_or(BundleError::Cut(entries.len()))?;
        entries.push(entry);
        rest = behind;
    }
    if entries.len() == wanted { Ok(entries) } else { Err(BundleError::Count { found: entries.len(), wanted }) }
}
