use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::{Context as _, bail};

/// Coverage instrumentation as libFuzzer reads it; these flags are all stable.
const FLAGS: &str = "--cfg fuzzing -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares -Ccodegen-units=16";

/// Builds every target in `fuzz/targets` and runs each for some seconds, one a core at a time.
pub(crate) fn run(words: &[String]) -> anyhow::Result<()> {
    let (seconds, names) = options(words)?;
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz");
    let targets = targets(&root, &names)?;
    let host = host()?;
    build(&root, &host)?;
    let programs = root.join("target").join(&host).join("release");
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    for group in targets.chunks(cores) {
        let children = group
            .iter()
            .map(|name| Ok((name, start(&root, &programs, name, seconds)?)))
            .collect::<anyhow::Result<Vec<_>>>()?;
        for (name, child) in children {
            finish(&root, name, child)?;
        }
    }
    println!("fuzz: {} targets ran {seconds} s each, nothing found", targets.len());
    Ok(())
}

fn options(words: &[String]) -> anyhow::Result<(u64, Vec<String>)> {
    let mut names = words.to_vec();
    let Some(at) = names.iter().position(|word| word == "--seconds") else { return Ok((60, names)) };
    let seconds = names.get(at + 1).context("--seconds needs a number")?.parse().context("--seconds needs a number")?;
    names.drain(at..at + 2);
    Ok((seconds, names))
}

fn targets(root: &Path, names: &[String]) -> anyhow::Result<Vec<String>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(root.join("targets"))? {
        let path = entry?.path();
        if path.extension().is_some_and(|end| end == "rs") {
            found.extend(path.file_stem().and_then(|stem| stem.to_str()).map(str::to_owned));
        }
    }
    found.sort();
    if let Some(unknown) = names.iter().find(|name| !found.contains(name)) {
        bail!("there is no fuzz target {unknown}; there are {}", found.join(", "));
    }
    found.retain(|name| names.is_empty() || names.contains(name));
    Ok(found)
}

/// The triple of this machine: named explicitly, so that build scripts stay without instrumentation.
fn host() -> anyhow::Result<String> {
    let said = Command::new("rustc").arg("-vV").output().context("asking rustc for its host")?;
    let text = String::from_utf8_lossy(&said.stdout).into_owned();
    text.lines().find_map(|line| line.strip_prefix("host: ")).map(str::to_owned).context("rustc names no host")
}

fn build(root: &Path, host: &str) -> anyhow::Result<()> {
    let status = Command::new(env!("CARGO"))
        .args(["build", "--release", "--bins", "--quiet", "--target", host])
        .current_dir(root)
        .env("RUSTFLAGS", FLAGS)
        .env_remove("CARGO_TARGET_DIR")
        .status()?;
    if !status.success() {
        bail!("the fuzz targets do not build");
    }
    Ok(())
}

fn start(root: &Path, programs: &Path, name: &str, seconds: u64) -> anyhow::Result<Child> {
    let corpus = root.join("corpus").join(name);
    let artifacts = root.join("artifacts").join(name);
    fs::create_dir_all(&corpus)?;
    fs::create_dir_all(&artifacts)?;
    let mut command = Command::new(programs.join(name));
    command.arg(&corpus);
    // Inputs that once failed are kept in the repository and always tried first.
    let kept = root.join("kept").join(name);
    if kept.is_dir() {
        command.arg(kept);
    }
    command
        .arg(format!("-max_total_time={seconds}"))
        .arg(format!("-artifact_prefix={}/", artifacts.display()))
        .args(["-rss_limit_mb=3000", "-timeout=20", "-max_len=65536", "-print_final_stats=1", "-verbosity=0"])
        .stdout(Stdio::null())
        .stderr(fs::File::create(log(root, name))?)
        .spawn()
        .with_context(|| format!("starting the fuzz target {name}"))
}

fn log(root: &Path, name: &str) -> PathBuf {
    root.join("artifacts").join(format!("{name}.log"))
}

fn finish(root: &Path, name: &str, mut child: Child) -> anyhow::Result<()> {
    let status = child.wait()?;
    let text = fs::read_to_string(log(root, name)).unwrap_or_default();
    if !status.success() {
        let tail: Vec<&str> = text.lines().rev().take(40).collect();
        for line in tail.iter().rev() {
            eprintln!("  {line}");
        }
        bail!(
            "the fuzz target {name} found something; the input is in fuzz/artifacts/{name}. Mend it and keep the input in fuzz/kept/{name}"
        );
    }
    let runs = text.lines().find_map(|line| line.strip_prefix("stat::number_of_executed_units:")).unwrap_or("?").trim();
    println!("fuzz: {name}, {runs} inputs");
    Ok(())
}
