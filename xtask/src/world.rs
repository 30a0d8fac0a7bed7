use std::io::{BufWriter, Write as _};

use anyhow::Context as _;

/// Prints a bundle of made-up objects: `world COUNT [SEED]`.
pub(crate) fn print(words: &[String]) -> anyhow::Result<()> {
    let number = |at: usize, default: u64| words.get(at).map_or(Ok(default), |word| word.parse::<u64>());
    let count = number(0, 1_000).context("COUNT is a number of objects")?;
    let seed = number(1, 1).context("SEED is a number")?;
    let mut out = BufWriter::new(std::io::stdout().lock());
    comity_testkit::bundle(seed, usize::try_from(count)?, &mut out)?;
    out.flush()?;
    Ok(())
}
