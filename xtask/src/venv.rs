use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The interpreter of a virtual environment with these packages in it; none where they cannot be had.
pub(crate) fn python(folder: &Path, packages: &[&str]) -> anyhow::Result<Option<PathBuf>> {
    let environment = folder.join("venv");
    let python = environment.join("bin/python");
    let installed = folder.join("installed");
    let wanted = packages.join("\n");
    if python.is_file() && fs::read_to_string(&installed).is_ok_and(|text| text == wanted) {
        return Ok(Some(python));
    }
    let made = Command::new("python3").args(["-m", "venv", "--clear"]).arg(&environment).status();
    if !made.is_ok_and(|status| status.success()) {
        return Ok(None);
    }
    let got = Command::new(&python)
        .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--retries", "1", "--timeout", "10"])
        .args(packages)
        .status()?;
    if !got.success() {
        return Ok(None);
    }
    fs::write(installed, wanted)?;
    Ok(Some(python))
}
