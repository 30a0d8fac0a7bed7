//! The text of a PDF document.

use std::panic::{AssertUnwindSafe, catch_unwind};

/// Whether the bytes are a PDF document.
pub(crate) fn is_pdf(bytes: &[u8]) -> bool {
    bytes.get(..bytes.len().min(1_024)).is_some_and(|head| head.windows(5).any(|w| w == b"%PDF-"))
}

/// The text of all pages of a PDF document; why there is none otherwise. A document that was made for it can exhaust the
/// stack, which ends the process: whoever reads for others has this done by a process of its own.
///
/// # Errors
/// When the document cannot be read.
pub fn pdf_text(bytes: &[u8]) -> Result<String, String> {
    // The library panics on some broken documents; it is given bytes and leaves nothing behind.
    match catch_unwind(AssertUnwindSafe(|| pdf_extract::extract_text_from_mem(bytes))) {
        Ok(Ok(text)) => Ok(text),
        Ok(Err(error)) => Err(error.to_string()),
        Err(_) => Err("its structure is broken".to_owned()),
    }
}
