use super::consult::in_work;
use super::desk::{as_node, refused};
use super::request::FoundState;
use super::{Outcome, RightsDesk, RightsRequest, Stage};
use crate::{Ctx, NodeError};

impl RightsDesk<'_> {
    /// Decides a request and carries that out: what is deleted goes here and from everybody it was given to; what was
    /// hidden and stays is shown again. With `quiet` the answer does not say what was done.
    ///
    /// # Errors
    /// When it is not in work, the outcome does not answer what was asked, something is on legal hold, or the store fails;
    /// deciding the same again goes on.
    pub fn decide(&self, ctx: &Ctx, number: &str, outcome: Outcome, quiet: bool) -> Result<RightsRequest, NodeError> {
        self.may(ctx)?;
        self.carry_out(ctx, number, outcome, !quiet)
    }

    pub(super) fn carry_out(
        &self,
        ctx: &Ctx,
        number: &str,
        outcome: Outcome,
        told: bool,
    ) -> Result<RightsRequest, NodeError> {
        let request = self.read(number)?.1;
        in_work(&request)?;
        if !outcome.answers(request.kind) {
            return Err(refused(&format!("{} does not answer a request for {}", outcome.name(), request.kind.name())));
        }
        if (outcome == Outcome::Nothing) != request.found.is_empty() {
            let found = request.found.len();
            return Err(refused(&format!("{found} objects were found, so it cannot be decided as {}", outcome.name())));
        }
        let node = as_node(ctx);
        for object in &request.found {
            match outcome {
                Outcome::Deleted => self.node.delete(&node, &object.owner, &object.id)?,
                _ if object.state == FoundState::Hidden => self.node.show_again(&node, &object.owner, &object.id)?,
                _ => {}
            }
        }
        self.change_as(ctx, number, "request decided", |request| {
            (request.stage, request.outcome, request.decided) = (Stage::Decided, Some(outcome), Some(ctx.now()));
            request.told = told && outcome.can_be_told();
            for object in &mut request.found {
                object.state = if outcome == Outcome::Deleted { FoundState::Deleted } else { FoundState::Stands };
            }
            Ok(said(ctx, request, outcome))
        })
    }
}

fn said(ctx: &Ctx, request: &RightsRequest, outcome: Outcome) -> String {
    let others = request.found.iter().filter(|object| object.owner != ctx.organisation);
    let mut others: Vec<_> = others.map(|object| object.owner.to_string()).collect();
    others.sort();
    others.dedup();
    let reason = ctx.reason.as_deref().map(|why| format!(": {why}")).unwrap_or_default();
    let tell = match outcome {
        Outcome::Deleted if !others.is_empty() => {
            format!(". Of {} there may be copies elsewhere that only they can recall: tell them", others.join(", "))
        }
        _ => String::new(),
    };
    format!("decided, {}{reason}{tell}", outcome.name())
}
