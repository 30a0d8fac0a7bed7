//! Agreements between organisations, and the decision who may see what.

pub mod agreement;

pub use agreement::{Agreement, AgreementError, Flow, State, Suspension};

/// Compares a text with the file of it that is kept, or writes the file when COMITY_GOLDEN is set.
#[cfg(test)]
fn golden(file: &str, text: &str) {
    let path = format!("{}/src/{file}", env!("CARGO_MANIFEST_DIR"));
    if std::env::var_os("COMITY_GOLDEN").is_some() {
        std::fs::create_dir_all(std::path::Path::new(&path).parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(text, kept, "the text has changed; when that is meant, renew {path} with COMITY_GOLDEN=write");
}
