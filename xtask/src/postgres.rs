use anyhow::bail;
use comity_testkit::postgres::{shared, stop_shared};

/// Starts or stops the server that tests share.
pub(crate) fn run(words: &[String]) -> anyhow::Result<()> {
    match words.first().map(String::as_str) {
        Some("start") => match shared() {
            Some(address) => println!("{address}"),
            None => bail!("PostgreSQL is not installed (Debian package postgresql)"),
        },
        Some("stop") => stop_shared(),
        _ => bail!("say start or stop"),
    }
    Ok(())
}
