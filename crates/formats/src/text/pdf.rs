//! The text of a PDF document.

use std::panic::{AssertUnwindSafe, catch_unwind};

/// Whether the bytes are a PDF document.
pub(crate) fn is_pdf(bytes: &[u8]) -> bool {
    bytes.get(..bytes.len().min(1_024)).is_some_and(|head| head.windows(5).any(|w| w == b"%PDF-"))
}

/// The text of all pages; why there is none otherwise.
pub(crate) fn text(bytes: &[u8]) -> Result<String, String> {
    // The library panics on some broken documents; it is given bytes and leaves nothing behind.
    match catch_unwind(AssertUnwindSafe(|| pdf_extract::extract_text_from_mem(bytes))) {
        Ok(Ok(text)) => Ok(text),
        Ok(Err(error)) => Err(error.to_string()),
        Err(_) => Err("its structure is broken".to_owned()),
    }
}
