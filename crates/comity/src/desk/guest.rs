use std::borrow::Cow;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use comity_node::{Authority, Ctx};
use indicatif::ProgressDrawTarget;
use parking_lot::Mutex;

use super::counter::Counter;
use super::frame::{Caller, Kind};
use super::link::{Incoming, Link, Outgoing, Screen};
use super::{Desk, Patience, Side};
use crate::args::Args;
use crate::clock;
use crate::output::printable;
use crate::place::{Access, Place};
use crate::shown::Shown;

/// A command that somebody sent here.
pub(super) struct Guest {
    pub(super) counter: Arc<Counter>,
    pub(super) link: Arc<Link>,
    pub(super) caller: Caller,
    /// The caller's working folder.
    pub(super) folder: PathBuf,
    /// The command's name.
    pub(super) command: String,
}

impl Guest {
    /// The desk this command is run at.
    pub(super) fn desk(self) -> Desk {
        let stream = |kind| -> Mutex<Box<dyn std::io::Write + Send>> {
            Mutex::new(Box::new(Outgoing { link: Arc::clone(&self.link), kind }))
        };
        Desk { out: stream(Kind::Out), err: stream(Kind::Err), width: self.caller.out_width, side: Box::new(self) }
    }
}

impl Side for Guest {
    fn open(&self, desk: &Desk, args: &Args, access: Access) -> anyhow::Result<Place> {
        let (counter, link) = (&self.counter, &self.link);
        let ctx = Ctx {
            actor: self.caller.shown.user.clone(),
            authority: Arc::new(Authority::nobody()),
            organisation: counter.organisation.clone(),
            purpose: args.purpose.into(),
            case: args.case.clone(),
            reason: args.why.clone(),
            clock: clock::system(),
        };
        let ctx = self.caller.shown.act(&counter.node, &args.command, ctx)?;
        let turn = match access {
            Access::Read | Access::Settings => None,
            Access::Write => {
                let patience = Patience {
                    most: Some(PATIENCE),
                    is_over: &|| link.stop.load(Ordering::Relaxed),
                    told: &|who| desk.note(format_args!("comity: waiting for {who}, to end. Ctrl-C ends the wait.")),
                };
                let what = format!("`comity {}` of {}", self.command, printable(&ctx.actor));
                Some(counter.line.take(&what, &counter.node, &ctx, &patience)?)
            }
        };
        Place::shared(&counter.node, self.caller.config.clone(), ctx, turn)
    }

    fn shown(&self, _: &Args) -> Shown {
        self.caller.shown.clone()
    }

    fn input(&self) -> Box<dyn Read> {
        Box::new(Incoming::new(Arc::clone(&self.link)))
    }

    fn stop(&self) -> anyhow::Result<Arc<AtomicBool>> {
        self.link.send(Kind::Stoppable, &[])?;
        Ok(Arc::clone(&self.link.stop))
    }

    fn path<'p>(&self, path: &'p Path) -> Cow<'p, Path> {
        Cow::Owned(self.folder.join(path))
    }

    fn bar(&self) -> ProgressDrawTarget {
        match self.caller.err_width {
            Some(width) => ProgressDrawTarget::term_like_with_hz(
                Box::new(Screen::new(Arc::clone(&self.link), width)),
                FRAMES_PER_SECOND,
            ),
            None => ProgressDrawTarget::hidden(),
        }
    }
}

/// How long a command waits for its turn to write.
const PATIENCE: Duration = Duration::from_mins(5);
const FRAMES_PER_SECOND: u8 = 10;
