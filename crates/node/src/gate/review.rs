use comity_law::gate::{Categorised, Factor, Judged, Judgement, MessageAct, MessageStep, Screen};
use comity_law::notice::{Facts, Ground};
use comity_store::{Change, Put, StoreError};
use serde_json::json;

use super::GateNo;
use super::held::{Held, MessageShown, key};
use super::leaving::LeavingWhat;
use crate::settings::Write;
use crate::{Act, Ctx, Deed, JudgementSaid, Node, NodeError, Said};

impl Node {
    /// Fills in the facts that the checklists of what a message asks demand. Agreement given before is void.
    ///
    /// # Errors
    /// When whoever asks neither wrote it nor may review it, gives no reason, or says more than fits; [`NodeError::ChangedSince`].
    pub fn fill_message<'a>(
        &self,
        ctx: &Ctx,
        no: &GateNo,
        facts: &Facts,
        because: impl Into<Said<'a>>,
    ) -> Result<MessageShown, NodeError> {
        let because = because.into();
        self.may_see_messages(ctx, json!({"message": no}))?;
        facts.check().map_err(|error| NodeError::Refused(error.to_string()))?;
        let change = |held: &mut Held| {
            held.facts = facts.clone();
            Ok(())
        };
        self.change_held(
            ctx,
            no,
            (MessageAct::Facts {}, because),
            Deed::decision("message filled in", subject(no)),
            change,
        )
    }

    /// Records what a reviewer judges of a message, for one reason: what kind of offence it is, whether factors raise doubt.
    /// Nothing that was said before is taken away; agreement given before is void.
    ///
    /// # Errors
    /// When whoever asks may not review it, wrote it, or gives no reason; [`NodeError::ChangedSince`].
    pub fn judge_message<'a>(
        &self,
        ctx: &Ctx,
        no: &GateNo,
        said: &[JudgementSaid],
        because: impl Into<Said<'a>>,
    ) -> Result<MessageShown, NodeError> {
        let because = because.into();
        self.may(ctx, Act::ReviewNotices, json!({"message": no}))?;
        let judged = Judgement { by: ctx.law_person(), at: ctx.now(), why: because.why.trim().to_owned() };
        let deed = Deed::decision("message judged", subject(no)).and("judged", format!("{said:?}"));
        let change = |held: &mut Held| add_judgements(&mut held.judged, said, &judged);
        self.change_held(ctx, no, (MessageAct::Judge {}, because), deed, change)
    }

    /// Refuses a message: it is never sent.
    ///
    /// # Errors
    /// When whoever asks may not review it, wrote it, gives no reason, or it was decided already; [`NodeError::ChangedSince`].
    pub fn refuse_message<'a>(
        &self,
        ctx: &Ctx,
        no: &GateNo,
        ground: Ground,
        because: impl Into<Said<'a>>,
    ) -> Result<MessageShown, NodeError> {
        self.may(ctx, Act::ReviewNotices, json!({"message": no}))?;
        let deed = Deed::decision("message refused", subject(no)).and("ground", ground.name());
        self.change_held(ctx, no, (MessageAct::Refuse { ground }, because.into()), deed, |_| Ok(()))
    }

    /// Agrees that a message is sent. When as many did as the gate demands, it goes out under an attestation.
    ///
    /// # Errors
    /// [`NodeError::NotLawful`] when whoever asks wrote it, agreed already, the gate refuses it, or the kind of offence or a factor
    /// is not on record; [`NodeError::ChangedSince`]; when it can be sent no more, because the question was answered meanwhile or
    /// nothing is agreed with the recipient.
    pub fn pass_message<'a>(
        &self,
        ctx: &Ctx,
        no: &GateNo,
        because: impl Into<Said<'a>>,
    ) -> Result<MessageShown, NodeError> {
        let because = because.into();
        let why = because.why;
        self.may(ctx, Act::ReviewNotices, json!({"message": no}))?;
        self.announce(ctx)?;
        loop {
            let (version, mut held) = self.held_message(ctx, no)?;
            because.saw(held.review.steps.len())?;
            let screen = self.screen_held(ctx, &held)?;
            held.review.add(step(ctx, MessageAct::Agree {}, why), &screen).map_err(NodeError::NotLawful)?;
            held.due(&screen).map_or(Ok(()), |reason| Err(NodeError::NotLawful(reason)))?;
            let deed = Deed::decision("message passed", subject(no)).and("why", why.trim());
            let (mut writes, mut deeds) = (Vec::new(), vec![deed]);
            if held.review.is_passed(&screen) {
                held.review.sent = Some(ctx.now());
                self.send_held(ctx, &held, &screen, (&mut writes, &mut deeds))?;
            }
            writes.push(Write::of(key(no), Some(version), &held)?);
            let entries = deeds.into_iter().map(|deed| deed.entry(ctx)).collect::<Result<Vec<_>, _>>()?;
            let puts: Vec<Put<'_>> = writes.iter().map(Write::put).collect();
            match self.store.write(&Change { puts: &puts, entries: &entries, ..Change::default() }) {
                Ok(_) => return self.show_message(ctx, held),
                // Somebody else did something with it, or with what it belongs to, at the same moment.
                Err(StoreError::Changed(_)) => {}
                Err(error) => return Err(error.into()),
            }
        }
    }

    fn send_held(
        &self,
        ctx: &Ctx,
        held: &Held,
        screen: &Screen,
        (writes, deeds): (&mut Vec<Write>, &mut Vec<Deed>),
    ) -> Result<(), NodeError> {
        let agreed = held.review.agreed();
        let attested = self.attest(ctx, &held.leaving, screen, agreed.clone())?;
        let left = self.leave(ctx, &held.leaving, attested, agreed)?;
        writes.extend(left.writes);
        deeds.push(left.deed);
        if let LeavingWhat::Question(asked) = &held.leaving.what {
            let (step, deed) = self.step_of(asked)?;
            writes.extend(step);
            deeds.push(deed);
        }
        Ok(())
    }

    fn change_held(
        &self,
        ctx: &Ctx,
        no: &GateNo,
        (act, because): (MessageAct, Said<'_>),
        deed: Deed,
        change: impl Fn(&mut Held) -> Result<(), NodeError>,
    ) -> Result<MessageShown, NodeError> {
        let (_, held) = self.held_message(ctx, no)?;
        let screen = self.screen_held(ctx, &held)?;
        let step = step(ctx, act, because.why);
        let entries = [deed.and("why", because.why.trim()).entry(ctx)?];
        let changed = |old: Option<Held>| {
            let mut held = old.ok_or_else(|| NodeError::UnknownObject(format!("a message {no}")))?;
            because.saw(held.review.steps.len())?;
            held.review.add(step.clone(), &screen).map_err(NodeError::NotLawful)?;
            change(&mut held)?;
            Ok(held)
        };
        let held = self.change_setting(&key(no), changed, &entries)?;
        self.show_message(ctx, held)
    }
}

/// Adds what somebody judged to what was judged before.
///
/// # Errors
/// When nothing is judged.
pub(crate) fn add_judgements(all: &mut Judged, said: &[JudgementSaid], judged: &Judgement) -> Result<(), NodeError> {
    if said.is_empty() {
        return Err(NodeError::Refused("nothing is judged".into()));
    }
    for one in said {
        add_judgement(all, one, judged);
    }
    Ok(())
}

fn add_judgement(all: &mut Judged, said: &JudgementSaid, judged: &Judgement) {
    match said {
        JudgementSaid::Category { category, tied_to_serious_crime } => {
            let (category, tied_to_serious_crime) = (*category, *tied_to_serious_crime);
            all.categories.push(Categorised { category, tied_to_serious_crime, judged: judged.clone() });
        }
        JudgementSaid::Factor { factor, finding, protected_by, fled_from } => {
            let (factor, finding) = (*factor, *finding);
            let (protected_by, fled_from, judged) = (*protected_by, *fled_from, judged.clone());
            all.factors.push(Factor { factor, finding, protected_by, fled_from, judged });
        }
    }
}

fn step(ctx: &Ctx, act: MessageAct, why: &str) -> MessageStep {
    MessageStep { at: ctx.now(), by: ctx.law_person(), act, why: why.trim().to_owned() }
}

fn subject(no: &GateNo) -> serde_json::Value {
    json!({"message": no})
}
