//! PDF documents, read by a process of their own: one that was made to exhaust a reader ends that process only.

use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::exit::Code;

/// The text of a PDF document, by another process of this program.
pub(crate) fn text(bytes: &[u8]) -> Result<String, String> {
    let failed = |error: std::io::Error| format!("its reader could not be started: {error}");
    let mut command = Command::new(program().map_err(failed)?);
    // What ends this process by the terminal does not end that one in the middle of a document.
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    let mut child = command
        .arg(NAME)
        // It needs nothing of this process, and nothing of what this one is told.
        .env_clear()
        .current_dir("/")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .map_err(failed)?;
    let (input, output) = (child.stdin.take(), child.stdout.take());
    let (read, ended) = thread::scope(|scope| {
        // Whoever stops reading has its reasons; how it ended tells.
        scope.spawn(move || input.map(|mut input| input.write_all(bytes)));
        let read = scope.spawn(move || {
            let mut text = Vec::new();
            drop(output.map(|output| output.take(MOST + 1).read_to_end(&mut text)));
            text
        });
        let ended = wait(&mut child, || read.is_finished());
        (read.join().unwrap_or_default(), ended)
    });
    let code = ended?;
    if read.len() as u64 > MOST {
        return Err(format!("it holds more than {MOST} bytes of text"));
    }
    let text = String::from_utf8_lossy(&read).into_owned();
    match code {
        Some(0) => Ok(text),
        Some(_) if !text.is_empty() => Err(text),
        _ => Err("its structure is broken".to_owned()),
    }
}

/// This very program, also where another version has taken its place on disk.
fn program() -> std::io::Result<PathBuf> {
    let running = Path::new("/proc/self/exe");
    if running.exists() { Ok(running.to_owned()) } else { std::env::current_exe() }
}

/// How the process ended; it is ended when it takes too long, or says too much.
fn wait(child: &mut std::process::Child, is_read: impl Fn() -> bool) -> Result<Option<i32>, String> {
    let began = Instant::now();
    let mut read_at = None;
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return Ok(status.code()),
            Ok(None) => {}
            Err(error) => return Err(format!("its reader was lost: {error}")),
        }
        if is_read() {
            read_at.get_or_insert_with(Instant::now);
        }
        let is_stuck = read_at.is_some_and(|at| at.elapsed() > GRACE);
        if began.elapsed() > PATIENCE || is_stuck {
            drop(child.kill());
            drop(child.wait());
            return if is_stuck { Ok(None) } else { Err("it takes too long to read".to_owned()) };
        }
        thread::sleep(PAUSE);
    }
}

/// What the other process does: a document comes in, its text goes out, or why there is none.
pub(crate) fn read() -> Code {
    limit();
    // A system that stops the service tells every process of it. Whoever waits for the text says when it is enough.
    drop(ctrlc::set_handler(|| {}));
    let mut bytes = Vec::new();
    if std::io::stdin().lock().read_to_end(&mut bytes).is_err() {
        return Code::Failed;
    }
    let (text, code) = match comity_formats::text::pdf_text(&bytes) {
        Ok(text) => (text, Code::Done),
        Err(why) => (why, Code::Failed),
    };
    match std::io::stdout().lock().write_all(text.as_bytes()) {
        Ok(()) => code,
        Err(_) => Code::Failed,
    }
}

/// No more memory than a document is worth, no file to write into, and no dump of what is in memory.
fn limit() {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, Rlimit, setrlimit};
        let to = |most| Rlimit { current: Some(most), maximum: Some(most) };
        for (what, most) in [(Resource::As, MEMORY), (Resource::Fsize, 0), (Resource::Core, 0)] {
            // Where the system knows no such limit, time and the other process still bound it.
            let _ = setrlimit(what, to(most));
        }
    }
}

/// What the other process is called by.
pub(crate) const NAME: &str = "read-pdf";
/// Bytes of text.
const MOST: u64 = 256 << 20;
/// Bytes of memory, and of address space.
const MEMORY: u64 = 4 << 30;
const PATIENCE: Duration = Duration::from_mins(2);
/// Between the last that it says and its end.
const GRACE: Duration = Duration::from_secs(5);
const PAUSE: Duration = Duration::from_millis(2);
