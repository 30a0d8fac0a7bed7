use std::cell::Cell;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use comity_node::intake::Progress;
use indicatif::{ProgressBar, ProgressStyle};

use crate::desk::Desk;

/// A bar with rate and time left on a terminal, nothing in a pipe.
pub(crate) struct Bar {
    bar: ProgressBar,
    objects: Cell<u64>,
}

impl Bar {
    /// A bar over so many bytes; a spinner when their number is not known.
    pub(crate) fn new(desk: &Desk, total: Option<u64>) -> Self {
        let style = match total {
            Some(_) => "{bar:30} {bytes}/{total_bytes} {binary_bytes_per_sec}, {eta} left, {msg}",
            None => "{spinner} {bytes} {binary_bytes_per_sec}, {msg}",
        };
        Self { bar: drawn(desk, total, style), objects: Cell::new(0) }
    }

    pub(crate) fn show(&self, progress: Progress) {
        self.bar.set_position(progress.bytes);
        if progress.objects.saturating_sub(self.objects.get()) >= 1_000 {
            self.objects.set(progress.objects);
            self.bar.set_message(format!("{} objects", progress.objects));
        }
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

/// A bar over counted steps, for work whose size is known from the start.
pub(crate) struct Steps {
    bar: ProgressBar,
}

impl Steps {
    pub(crate) fn new(desk: &Desk) -> Self {
        Self { bar: drawn(desk, Some(0), "{bar:30} {percent}% {per_sec}, {eta} left, {msg}") }
    }

    pub(crate) fn show(&self, done: u64, of: u64, what: &'static str) {
        self.bar.set_length(of);
        self.bar.set_position(done);
        self.bar.set_message(what);
    }
}

impl Drop for Steps {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

/// A bar at a terminal that moves by itself, or none where there is no terminal.
fn drawn(desk: &Desk, total: Option<u64>, style: &str) -> ProgressBar {
    let target = desk.bar();
    if target.is_hidden() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::with_draw_target(total, target);
    if let Ok(style) = ProgressStyle::with_template(style) {
        bar.set_style(style);
    }
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}

/// A flag that Ctrl-C sets once; the second time the process ends at once. Commands ask their desk for it.
pub(crate) fn stop_flag() -> anyhow::Result<Arc<AtomicBool>> {
    let flag = Arc::new(AtomicBool::new(false));
    let set = flag.clone();
    ctrlc::set_handler(move || {
        if set.swap(true, Ordering::Relaxed) {
            std::process::exit(130);
        }
    })?;
    Ok(flag)
}
