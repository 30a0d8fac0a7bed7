use std::fmt::{Debug, Write as _};
use std::io::Write;
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use tracing::field::{Field, Visit};
use tracing::{Event, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;

/// Tells whoever runs the node of trouble, in one line each, and not more often than can be read.
pub(super) struct Told(Mutex<State>);

struct State {
    to: Box<dyn Write + Send>,
    /// When this time of counting began.
    since: Instant,
    told: u32,
    left_out: u32,
}

impl Told {
    pub(super) fn new(to: Box<dyn Write + Send>) -> Self {
        Self(Mutex::new(State { to, since: Instant::now(), told: 0, left_out: 0 }))
    }
}

impl<S: Subscriber> Layer<S> for Told {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let mut line = Line::default();
        event.record(&mut line);
        self.0.lock().tell(&line, Instant::now());
    }
}

impl State {
    fn tell(&mut self, line: &Line, now: Instant) {
        if now.saturating_duration_since(self.since) >= TIME {
            if self.left_out > 0 {
                let left_out = self.left_out;
                self.write(&format!("comity: {left_out} more were not told"));
            }
            (self.since, self.told, self.left_out) = (now, 0, 0);
        }
        if self.told >= MOST {
            self.left_out += 1;
            return;
        }
        self.told += 1;
        let Line { message, fields } = line;
        self.write(&format!("comity: {message}{fields}"));
    }

    fn write(&mut self, line: &str) {
        // One line stays one line, whatever somebody else's text in it holds.
        let line: String = line.chars().map(|c| if c.is_control() { ' ' } else { c }).take(LONGEST).collect();
        // Who does not want to hear it misses nothing else.
        drop(self.to.write_all(format!("{line}\n").as_bytes()));
    }
}

#[derive(Default)]
struct Line {
    message: String,
    fields: String,
}

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        // Writing into a string cannot fail.
        let _ = match field.name() {
            "message" => write!(self.message, "{value:?}"),
            "error" => write!(self.fields, ": {value:?}"),
            name => write!(self.fields, ", {name} {value:?}"),
        };
    }
}

/// Lines within [`TIME`].
const MOST: u32 = 20;
const TIME: Duration = Duration::from_secs(10);
/// Characters of a line.
const LONGEST: usize = 1_000;

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use tracing_subscriber::layer::SubscriberExt as _;

    use super::*;

    #[derive(Clone, Default)]
    struct Lines(Arc<Mutex<Vec<u8>>>);

    impl Write for Lines {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    fn text(lines: &Lines) -> String {
        String::from_utf8(lines.0.lock().clone()).unwrap()
    }

    #[test]
    fn trouble_is_one_line_whatever_stands_in_it() {
        let lines = Lines::default();
        let subscriber = tracing_subscriber::registry().with(Told::new(Box::new(lines.clone())));
        tracing::subscriber::with_default(subscriber, || {
            tracing::error!(error = %"gone\ncomity: all is well\u{1b}[2J", status = 500, "a request failed");
        });
        assert_eq!(text(&lines), "comity: a request failed: gone comity: all is well [2J, status 500\n");
    }

    #[test]
    fn a_flood_is_counted_and_not_told() {
        let lines = Lines::default();
        let began = Instant::now();
        let mut state = State { to: Box::new(lines.clone()), since: began, told: 0, left_out: 0 };
        let line = Line { message: "trouble".into(), fields: String::new() };
        for _ in 0..1_000 {
            state.tell(&line, began);
        }
        assert_eq!(text(&lines).lines().count(), 20);
        state.tell(&line, began + TIME);
        assert!(text(&lines).ends_with("comity: 980 more were not told\ncomity: trouble\n"), "{}", text(&lines));
    }
}
