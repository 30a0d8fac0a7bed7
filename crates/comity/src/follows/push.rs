use std::time::Duration;

use comity_base::Position;
use comity_taxii::{Batch, Client, Failure, FailureKind, PushAction, PushOptions, PushReport, PushState};
use serde::{Deserialize, Serialize};

use super::remote::{self, Target};
use super::step::{Halt, Kept, Next, Runner, failure};
use crate::output::{grouped, printable};

/// How far is pushed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
struct State {
    target: Option<Target>,
    /// Names what the recipient might see when it was last looked at.
    view: u64,
    push: PushState,
}

/// Sends one batch, or asks what became of one.
pub(super) fn step(runner: &mut Runner<'_>, kept: &mut Kept) -> Result<Next, Halt> {
    let mut state: State = kept.state()?;
    state.push.next_due = kept.progress.next_due;
    let mut options = PushOptions { idle: kept.every(), backoff: kept.backoff(), ..PushOptions::default() };
    let (client, target) = match connect(runner, kept, &mut state)? {
        Ok(connected) => connected,
        Err(failure) => {
            let due = kept.failed(&failure, runner.now());
            runner.save(kept)?;
            return Ok(Next::At(due));
        }
    };
    options.bytes = target.bytes.map_or(options.bytes, |most| most.min(options.bytes));
    let done = match state.push.plan(&options, runner.now()) {
        PushAction::Wait(due) => return Ok(Next::At(due)),
        PushAction::Poll { status } => {
            let polled = runner.wait(client.status(&target.root, &status))?;
            let now = runner.now();
            Ok(match polled {
                Ok(status) => state.push.polled(&options, &status, now),
                Err(error) => state.push.poll_failed(&options, &error.failure(), now),
            })
        }
        PushAction::Send { after, objects, bytes } => {
            let most = PushOptions { objects, bytes, ..options };
            send(runner, kept, &mut state, (&client, &target, &most, &options), after)?
        }
    };
    runner.taxii = Some(client);
    match done {
        Ok(report) => note(runner, kept, &report)?,
        Err(failure) => {
            let due = kept.failed(&failure, runner.now());
            runner.save(kept)?;
            return Ok(Next::At(due));
        }
    }
    let push = &state.push;
    let now = runner.now();
    kept.outcome(push.failures, push.trouble.clone(), now);
    if push.failures == 0 {
        kept.progress.last_success = Some(now);
    }
    kept.progress.next_due = push.next_due;
    let (due, is_open) = (push.next_due, push.open.as_ref().is_some_and(|open| open.asked < MOST_ASKED));
    kept.set_state(&state)?;
    runner.save(kept)?;
    if is_open && runner.follows.turns.is_none() {
        // By hand somebody waits a while to know what became of it.
        let pause = u64::try_from(due.as_micros() - now.as_micros()).unwrap_or_default();
        runner.wait(async { tokio::time::sleep(Duration::from_micros(pause)).await })?;
        return Ok(Next::Now);
    }
    Ok(if due <= now { Next::Now } else { Next::At(due) })
}

type Way<'w> = (&'w Client, &'w Target, &'w PushOptions, &'w PushOptions);

/// Fills a batch with what the recipient may see and posts it.
fn send(
    runner: &Runner<'_>,
    kept: &Kept,
    state: &mut State,
    (client, target, most, options): Way<'_>,
    after: Position,
) -> Result<Result<PushReport, Failure>, Halt> {
    let (node, ctx) = (runner.follows.node, runner.follows.ctx);
    let to = &kept.follow.organisation;
    let offered = match node.push_page(ctx, to, (state.view, after), most.objects) {
        Ok(offered) => offered,
        Err(error @ comity_node::NodeError::Store(_)) => return Err(error.into()),
        // No agreement, or not known any more: nothing leaves, and the list says so.
        Err(error) => return Ok(Err(failure(FailureKind::Local, error.to_string()))),
    };
    (state.view, state.push.settled) = (offered.view, offered.after);
    let page = offered.page;
    let ids: Vec<String> = page.items.iter().map(|item| item.id.to_string()).collect();
    let objects = page.items.iter().zip(&ids).map(|(item, id)| (item.position, id.as_str(), &*item.raw));
    let Some(mut batch) = Batch::fill(offered.after, objects, most.objects, most.bytes) else {
        state.push.settled = page.reached;
        runner.tell(kept, "nothing to push.");
        state.push.idle(options, runner.now());
        state.push.failures = 0;
        state.push.trouble = None;
        return Ok(Ok(PushReport::default()));
    };
    if page.items.last().is_some_and(|last| last.position == batch.up_to) {
        batch.up_to = page.reached;
    }
    if batch.is_empty() {
        return Ok(Ok(state.push.set_aside(options, &batch, runner.now())));
    }
    let answer = runner.wait(client.add(&target.root, &target.collection, &batch.body))?;
    let now = runner.now();
    Ok(Ok(match answer {
        Ok(status) => state.push.accepted(options, &batch, status.as_ref(), now),
        Err(error) => state.push.refused(options, &batch, &error.failure(), now),
    }))
}

fn connect(runner: &mut Runner<'_>, kept: &Kept, state: &mut State) -> Result<Result<(Client, Target), Failure>, Halt> {
    let client = match runner.taxii.take().map_or_else(|| remote::taxii_client(&kept.follow), Ok) {
        Ok(client) => client,
        Err(failure) => return Ok(Err(failure)),
    };
    if let Some(target) = state.target.clone() {
        return Ok(Ok((client, target)));
    }
    let found = runner.wait(remote::find(&client, &kept.follow))?;
    Ok(found.map(|target| {
        runner.tell(kept, &format!("collection {} ({:?}) at {}", target.collection, target.title, target.root));
        state.target = Some(target.clone());
        (client, target)
    }))
}

/// Counts what became of objects; what was refused is told.
fn note(runner: &Runner<'_>, kept: &mut Kept, report: &PushReport) -> Result<(), Halt> {
    let progress = &mut kept.progress;
    progress.objects += report.taken;
    progress.set_aside += report.failures.len() as u64;
    for object in &report.failures {
        progress.notice(printable(&format!("{} was not taken: {}", object.id, object.message)));
    }
    for notice in &report.notices {
        progress.notice(notice.to_string());
    }
    if report.taken > 0 || !report.failures.is_empty() {
        progress.last_new = Some(runner.now());
        let (taken, refused) = (grouped(report.taken), report.failures.len());
        runner.follows.desk.say(format_args!("{}: {taken} pushed, {refused} refused.", kept.name()))?;
    }
    Ok(())
}

/// How often by hand a server is asked what became of a batch.
const MOST_ASKED: u32 = 5;
