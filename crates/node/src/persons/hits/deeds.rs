use comity_law::hit::{
    Basis, Hit, HitAct, HitActName, HitActor, HitEvent, HitOutcome, HitState, Measure, Refutal, SecondIdentifier,
    may_be_asked_about,
};
use comity_law::notice::Colour;
use comity_store::{Change, Put};
use serde_json::json;

use super::super::card::NoticeCard;
use super::asked::HitAnswer;
use super::file::{File, SearchHitNo, SearchHitShown, key};
use crate::exchange::Body;
use crate::neighbours::Sight;
use crate::settings::Write;
use crate::{Act, Ctx, Deed, Node, NodeError};

/// What the bureau does with a hit; and, of its own notice, its owner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SearchHitDeed {
    /// Compares a second identifier: is it the same person?
    Check(SecondIdentifier, bool),
    /// Asks the owner, who has 8 hours when it is urgent, otherwise three days.
    Ask(bool),
    /// The owner: it is the one, and this is asked for.
    Confirm(Measure),
    /// It is not.
    Refute(Refutal),
    /// Tells of an answer that did not come.
    Escalate,
    /// What was done.
    Close(HitOutcome, Option<Basis>),
}

impl SearchHitDeed {
    fn act(&self) -> HitAct {
        match self.clone() {
            Self::Check(with, same) => HitAct::Check { with, same },
            Self::Ask(urgent) => HitAct::Ask { urgent },
            Self::Confirm(measure) => HitAct::Confirm { measure },
            Self::Refute(why) => HitAct::Refute { why },
            Self::Escalate => HitAct::Escalate {},
            Self::Close(outcome, basis) => HitAct::Close { outcome, basis },
        }
    }
}

impl Node {
    /// Does something with a hit, if the law lets whoever asks do it now. A question goes to the node of the owner and names the
    /// object and whether it is urgent; nothing of the traveller goes with it.
    ///
    /// # Errors
    /// [`NodeError::NotLawful`] with the reason when the law does not allow it; when whoever asks may not, or the store cannot
    /// be read or written.
    pub fn act_on_search_hit(
        &self,
        ctx: &Ctx,
        no: &SearchHitNo,
        deed: &SearchHitDeed,
        reason: &str,
    ) -> Result<SearchHitShown, NodeError> {
        let act = deed.act();
        self.may(ctx, Act::DecideHits, json!({"hit": no, "act": act.name().name()}))?;
        let file = self.hit_file(ctx, no)?;
        let person = ctx.law_person();
        let by = if matches!(deed, SearchHitDeed::Confirm(_)) {
            HitActor::Owner { person }
        } else {
            HitActor::Bureau { person }
        };
        let event = HitEvent { at: ctx.now(), by, act, reason: reason.trim().to_owned() };
        let lawful = file.hit(event.at).apply(&event, event.at);
        lawful.map_err(|refused| NodeError::NotLawful(refused.0))?;
        match deed {
            SearchHitDeed::Ask(_) => {
                may_be_asked_about(self.is_out_still(ctx, &file)?).map_err(NodeError::NotLawful)?;
            }
            SearchHitDeed::Confirm(measure) => self.may_answer(ctx, &file.found, HitAnswer::Confirm(*measure))?,
            _ => {}
        }
        let message = match deed {
            SearchHitDeed::Ask(urgent) if file.owner != ctx.organisation => {
                let body = Body::HitAsked { id: no.to_string(), about: file.found.to_string(), urgent: *urgent };
                vec![self.message_to_owner(ctx, &file, &body)?]
            }
            // The owner is asked no more; whom it takes back from has nothing to tell, and may be gone by now.
            SearchHitDeed::Refute(_) | SearchHitDeed::Close(..) if self.is_asked_still(ctx, &file)? => {
                vec![self.message_to_owner(ctx, &file, &Body::HitOver { id: no.to_string() })?]
            }
            _ => Vec::new(),
        };
        let file = self.add_to_hit(ctx, no, &event, &message)?;
        self.learn_from(&file, ctx.now())?;
        self.show_hit(ctx, file)?.ok_or(NodeError::Stage)
    }

    /// Whether the notice that a hit was made by is out here and holds; so is a hit that was made by none.
    fn is_out_still(&self, ctx: &Ctx, file: &File) -> Result<bool, NodeError> {
        Ok(file.notice.is_none() || self.card_of_hit(ctx, file)?.is_some_and(|card| card.holds))
    }

    /// Whether a hit was made by a red notice that holds.
    pub(super) fn is_by_red_notice(&self, ctx: &Ctx, file: &File) -> Result<bool, NodeError> {
        Ok(self.card_of_hit(ctx, file)?.is_some_and(|card| card.holds && card.colour == Colour::Red))
    }

    /// The card of the notice that a hit was made by, as long as that stands here.
    pub(super) fn card_of_hit(&self, ctx: &Ctx, file: &File) -> Result<Option<NoticeCard>, NodeError> {
        let sight = Sight::new(self.ready()?, &ctx.authority);
        file.notice.as_ref().map_or(Ok(None), |id| self.card_of(id, ctx.now(), sight))
    }

    /// Whether an owner elsewhere that is still connected was asked about a hit and has not answered.
    fn is_asked_still(&self, ctx: &Ctx, file: &File) -> Result<bool, NodeError> {
        let state = file.hit(ctx.now()).state(ctx.now());
        let waits = matches!(state, Some(HitState::Asked | HitState::NoAnswer));
        Ok(waits && file.owner != ctx.organisation && self.peer(&file.owner)?.is_some())
    }

    fn message_to_owner(&self, ctx: &Ctx, file: &File, body: &Body) -> Result<Write, NodeError> {
        self.known_peer(&file.owner)?;
        self.announce(ctx)?;
        let (key, value) = self.outgoing(ctx, &file.owner, body)?;
        Ok(Write { key, expected: None, value })
    }

    /// Adds an event, with what is written where it is kept: a message that goes out, one that came.
    pub(super) fn add_to_hit(
        &self,
        ctx: &Ctx,
        no: &SearchHitNo,
        event: &HitEvent,
        with: &[Write],
    ) -> Result<File, NodeError> {
        let name = key(no);
        let (version, mut file) =
            self.versioned::<File>(&name)?.ok_or_else(|| NodeError::UnknownObject(format!("a hit {no}")))?;
        let mut hit = file.hit(event.at);
        hit.apply(event, event.at).map_err(|refused| NodeError::NotLawful(refused.0))?;
        file.events.push(event.clone());
        let value = serde_json::to_vec(&file).map_err(NodeError::setting(&name))?;
        let mut puts = vec![Put { key: &name, expected: Some(version), value: &value }];
        puts.extend(with.iter().map(Write::put));
        let deed = Deed::decision("search hit", json!({"object": file.found.to_string()})).and("hit", no.to_string());
        let deed = deed.and("act", event.act.name().name()).and("why", event.reason.clone());
        self.store.write(&Change { puts: &puts, entries: &[deed.entry(ctx)?], ..Change::default() })?;
        Ok(file)
    }

    /// What whoever asks could do to a hit now, were they to give a reason.
    pub(super) fn possible_of_hit(&self, ctx: &Ctx, file: &File, hit: &Hit) -> Result<Vec<HitActName>, NodeError> {
        if !self.would_allow(ctx, Act::DecideHits)? {
            return Ok(Vec::new());
        }
        let now = ctx.now();
        let (person, basis) = (ctx.law_person(), Basis::NationalOrder { reference: "1".into() });
        let is_owner = file.owner == ctx.organisation;
        let tried = [
            HitAct::Check { with: SecondIdentifier::Document, same: true },
            HitAct::Ask { urgent: true },
            HitAct::Confirm { measure: Measure::Locate },
            HitAct::Refute { why: Refutal::OtherPerson },
            HitAct::Escalate {},
            HitAct::Close { outcome: HitOutcome::LetGo, basis: Some(basis) },
        ];
        let allowed = tried.into_iter().filter(|act| {
            let is_confirm = act.name() == HitActName::Confirm;
            let person = person.clone();
            let by = if is_confirm { HitActor::Owner { person } } else { HitActor::Bureau { person } };
            let event = HitEvent { at: now, by, act: act.clone(), reason: "because".into() };
            (!is_confirm || is_owner) && hit.clone().apply(&event, now).is_ok()
        });
        Ok(allowed.map(|act| act.name()).collect())
    }
}
