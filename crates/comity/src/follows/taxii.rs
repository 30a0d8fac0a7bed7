use comity_node::FollowProgress;
use comity_taxii::{ClientError, FollowAction, FollowOptions, FollowState, Notice, Page, PageRequest};
use serde::{Deserialize, Serialize};

use super::remote::{self, Target};
use super::step::{Halt, Kept, Next, Runner};

/// How far a collection is followed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
struct State {
    target: Option<Target>,
    walk: FollowState,
}

/// Fetches one page, takes it in, and moves on.
pub(super) fn step(runner: &mut Runner<'_>, kept: &mut Kept) -> Result<Next, Halt> {
    let mut state: State = kept.state()?;
    let options = FollowOptions {
        every: kept.every(),
        start: kept.follow.from,
        backoff: kept.backoff(),
        ..FollowOptions::default()
    };
    // What is due was decided: somebody may have asked for it before its time.
    state.walk.next_due = kept.progress.next_due;
    let FollowAction::Fetch(request) = state.walk.plan(&options, runner.now()) else {
        return Ok(Next::At(state.walk.next_due));
    };
    let notices = match fetch(runner, kept, &mut state, &request)? {
        Ok((page, body)) => {
            let objects = page.marks.objects.unwrap_or_default();
            if objects > 0 {
                let name = format!("{} page of {}", kept.name(), request.asked_at);
                runner.take(kept, vec![(name, body)])?;
            } else {
                runner.tell(kept, "nothing new.");
            }
            let now = runner.now();
            kept.progress.last_success = Some(now);
            state.walk.succeeded(&options, &request, &page, now)
        }
        Err(failure) => {
            if matches!(failure.kind, comity_taxii::FailureKind::Status(404 | 410)) && request.next.is_none() {
                // It may have moved.
                state.target = None;
            }
            state.walk.failed(&options, &request, &failure, runner.now())
        }
    };
    note(&mut kept.progress, &notices);
    let walk = &state.walk;
    kept.outcome(walk.failures, walk.trouble.clone(), runner.now());
    kept.progress.next_due = walk.next_due;
    let next = if walk.failures == 0 && walk.round.is_some() { Next::Now } else { Next::At(walk.next_due) };
    kept.set_state(&state)?;
    runner.save(kept)?;
    Ok(next)
}

/// The page as it came, or why it did not.
fn fetch(
    runner: &mut Runner<'_>,
    kept: &Kept,
    state: &mut State,
    request: &PageRequest,
) -> Result<Result<(Page, Vec<u8>), comity_taxii::Failure>, Halt> {
    let client = match runner.taxii.take().map_or_else(|| remote::taxii_client(&kept.follow), Ok) {
        Ok(client) => client,
        Err(failure) => return Ok(Err(failure)),
    };
    if state.target.is_none() {
        match runner.wait(remote::find(&client, &kept.follow))? {
            Ok(target) => {
                runner.tell(kept, &format!("collection {} ({:?}) at {}", target.collection, target.title, target.root));
                state.target = Some(target);
            }
            Err(failure) => return Ok(Err(failure)),
        }
    }
    let Some(target) = &state.target else {
        return Ok(Err(super::step::failure(comity_taxii::FailureKind::Local, "")));
    };
    let mut body = Vec::new();
    let page = runner.wait(client.objects(&target.root, &target.collection, request, &mut body))?;
    runner.taxii = Some(client);
    Ok(page.map(|page| (page, body)).map_err(|error: ClientError| error.failure()))
}

fn note(progress: &mut FollowProgress, notices: &[Notice]) {
    for notice in notices {
        progress.notice(crate::output::printable(&notice.to_string()));
    }
}
