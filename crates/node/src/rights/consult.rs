use comity_base::{OrgName, Timestamp};

use super::desk::{as_node, refused};
use super::{Consulted, FoundState, Outcome, RightsDesk, RightsKind, RightsRequest, Says, Stage};
use crate::{Ctx, NodeError};

impl RightsDesk<'_> {
    /// Notes that an owner of what was found was asked what it wants, and until when it may answer.
    ///
    /// # Errors
    /// When the request is not being worked on, nothing of this owner was found, or it was asked already.
    pub fn consult(&self, ctx: &Ctx, number: &str, owner: &OrgName) -> Result<RightsRequest, NodeError> {
        let asked = ctx.now();
        let until = self.terms.answer_by(asked);
        self.change(ctx, number, "owner consulted", |request| {
            in_work(request)?;
            if request.found.iter().all(|object| object.owner != *owner) {
                return Err(refused(&format!("nothing of {owner} was found for request {number}")));
            }
            if request.consulted.iter().any(|known| known.owner == *owner) {
                return Err(refused(&format!("{owner} was asked already")));
            }
            request.consulted.push(Consulted { owner: owner.clone(), asked, until, says: None, silent: false });
            Ok(format!("asked {owner} what it wants, until {until}"))
        })
    }

    /// Notes what an owner said.
    ///
    /// # Errors
    /// When it was not asked.
    pub fn reply(&self, ctx: &Ctx, number: &str, owner: &OrgName, says: Says) -> Result<RightsRequest, NodeError> {
        self.change(ctx, number, "owner's answer noted", |request| {
            in_work(request)?;
            let asked = request.consulted.iter_mut().find(|known| known.owner == *owner);
            let Some(asked) = asked else { return Err(refused(&format!("{owner} was not asked"))) };
            (asked.says, asked.silent) = (Some(says), false);
            Ok(format!("{owner} says: {}", says.name()))
        })
    }

    /// Lets silence speak: whoever did not answer in time is taken to have said what the terms say, and where everybody
    /// whose data it is wants it deleted, it is. What waits for people is left to them. Returns what was done.
    ///
    /// # Errors
    /// When whoever asks is not of the desk, or the store fails; what was done stays, and the rest is done by the next run.
    pub fn run(&self, ctx: &Ctx) -> Result<Vec<String>, NodeError> {
        self.may(ctx)?;
        let mut done = Vec::new();
        for request in self.every()? {
            if request.stage != Stage::Admitted {
                continue;
            }
            let number = request.number.clone();
            if request.is_silent(ctx.now()) {
                let silence = self.terms.of_silence(request.kind);
                let after = self.change_as(ctx, &number, "silence counted", |request| {
                    Ok(count_silence(request, silence, ctx.now()))
                })?;
                done.extend(after.events.last().map(|event| format!("{number}: {}", event.what)));
            }
            let (_, request) = self.read(&number)?;
            if is_to_go(&request) {
                self.carry_out(ctx, &number, Outcome::Deleted, true)?;
                done.push(format!("{number}: deleted, as every owner wants"));
            }
        }
        Ok(done)
    }

    /// Hides what was found, or some of it, from everybody, until the request is decided.
    ///
    /// # Errors
    /// When the request is decided, or the store fails; what is hidden by then stays so, and doing it again goes on.
    pub fn block(&self, ctx: &Ctx, number: &str, only: &[String]) -> Result<RightsRequest, NodeError> {
        self.may(ctx)?;
        let request = self.read(number)?.1;
        if !request.is_open() {
            return Err(refused(&format!("request {number} is {}", request.stage.name())));
        }
        let wanted = |id: &str| only.is_empty() || only.iter().any(|asked| asked == id);
        let node = as_node(ctx);
        let standing = request.found.iter().filter(|object| wanted(&object.id.to_string()));
        for object in standing.clone() {
            self.node.hide(&node, &object.owner, &object.id)?;
        }
        let hidden: Vec<_> = standing.map(|object| (object.id.clone(), object.owner.clone())).collect();
        self.change_as(ctx, number, "data hidden", |request| {
            for object in &mut request.found {
                if hidden.contains(&(object.id.clone(), object.owner.clone())) {
                    object.state = FoundState::Hidden;
                }
            }
            Ok(format!("{} objects are hidden until it is decided", hidden.len()))
        })
    }
}

/// A request that can still be decided.
pub(super) fn in_work(request: &RightsRequest) -> Result<(), NodeError> {
    match request.stage {
        Stage::Admitted => Ok(()),
        Stage::Received => Err(refused(&format!("request {} is not admitted yet", request.number))),
        Stage::Refused | Stage::Decided => {
            Err(refused(&format!("request {} is {} already", request.number, request.stage.name())))
        }
    }
}

fn count_silence(request: &mut RightsRequest, silence: Says, now: Timestamp) -> String {
    let mut silent = Vec::new();
    for asked in request.consulted.iter_mut().filter(|asked| asked.is_silent(now)) {
        (asked.says, asked.silent) = (Some(silence), true);
        silent.push(asked.owner.to_string());
    }
    format!("{} said nothing in time, which means: {}", silent.join(", "), silence.name())
}

/// Whether everybody whose data was found was asked and wants it gone, one of them by silence. Otherwise people decide.
fn is_to_go(request: &RightsRequest) -> bool {
    let wants = |owner: &OrgName| {
        request.consulted.iter().any(|asked| asked.owner == *owner && asked.says == Some(Says::Delete))
    };
    request.kind == RightsKind::Deletion
        && !request.found.is_empty()
        && request.consulted.iter().any(|asked| asked.silent)
        && request.found.iter().all(|object| wants(&object.owner))
}
