use comity_base::{OrgName, Timestamp};
use comity_law::Person;
use comity_law::gate::MessageKind;
use comity_law::hit::{HitAct, HitActor, HitEvent, Measure, ORDINARY, Refutal, URGENT, may_ask_for};
use comity_stix::ObjectId;
use comity_store::{Change, Put, StoreError};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::file::{File, SearchHitNo};
use crate::exchange::refused;
use crate::gate::{Came, Leaving, LeavingWhat, Left};
use crate::settings::Write;
use crate::{Act, Ctx, Deed, Node, NodeError, Peer};

/// A hit elsewhere on somebody of this organisation's, which its bureau is to confirm or refute.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HitAsked {
    /// Its number there.
    pub no: SearchHitNo,
    /// Who asks.
    pub from: OrgName,
    /// The object of this organisation's.
    pub about: ObjectId,
    /// Whether somebody waits.
    pub urgent: bool,
    /// When it was asked.
    pub at: Timestamp,
    /// By when it is to be answered.
    pub due: Timestamp,
    /// What was answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<(HitAnswer, Timestamp, String)>,
    /// When whoever asked said that no answer is needed any more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub over: Option<Timestamp>,
}

impl HitAsked {
    /// Whether an answer is still waited for.
    pub fn waits(&self) -> bool {
        self.answer.is_none() && self.over.is_none()
    }
}

/// What an owner answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum HitAnswer {
    /// It is the one, and this is asked for.
    Confirm(Measure),
    /// It is not, or nothing is asked any more.
    Refute(Refutal),
}

impl Node {
    /// What other bureaus ask to confirm, what is due first.
    ///
    /// # Errors
    /// When whoever asks may not see hits, or the store cannot be read.
    pub fn hits_asked(&self, ctx: &Ctx) -> Result<Vec<HitAsked>, NodeError> {
        self.may(ctx, Act::Hits, json!({"hits": "asked"}))?;
        let mut all = Vec::new();
        for asked in self.settings::<HitAsked>(ASKED)? {
            if self.sees(ctx, &asked.about).is_ok() {
                all.push(asked);
            }
        }
        all.sort_by_key(|asked| (!asked.waits(), asked.due));
        Ok(all)
    }

    /// Confirms or refutes a hit elsewhere; the answer goes to whoever asked.
    ///
    /// # Errors
    /// When whoever asks may not, there is none of this number, or it was answered already.
    pub fn answer_hit(
        &self,
        ctx: &Ctx,
        (from, no): (&OrgName, &SearchHitNo),
        answer: HitAnswer,
        reason: &str,
    ) -> Result<HitAsked, NodeError> {
        self.may(ctx, Act::DecideHits, json!({"hit": no, "from": from}))?;
        let unknown = || NodeError::UnknownObject(format!("a hit {from}/{no}"));
        let key = key(from, no);
        let asked: HitAsked = self.setting(&key)?.ok_or_else(unknown)?;
        self.sees(ctx, &asked.about).map_err(|_| unknown())?;
        waits(&asked)?;
        if reason.trim().is_empty() || reason.chars().count() > WHY {
            return Err(NodeError::Refused("an answer needs a reason in words, of at most 2,000 characters".into()));
        }
        self.may_answer(ctx, &asked.about, answer)?;
        let what = LeavingWhat::HitAnswer { id: no.clone(), answer };
        let (to, text, by) = (from.clone(), reason.trim().to_owned(), ctx.actor.clone());
        let leaving = Leaving { to, about: asked.about, text, by, what };
        let attested = self.pass_or_hold(ctx, std::slice::from_ref(&leaving))?;
        self.announce(ctx)?;
        for attested in attested {
            let Left { writes, deed } = self.leave(ctx, &leaving, attested, Vec::new())?;
            let puts: Vec<Put<'_>> = writes.iter().map(Write::put).collect();
            match self.store.write(&Change { puts: &puts, entries: &[deed.entry(ctx)?], ..Change::default() }) {
                Ok(_) => {}
                Err(StoreError::Changed(_)) => {
                    return Err(NodeError::Refused("somebody answered it at the same moment".into()));
                }
                Err(error) => return Err(error.into()),
            }
        }
        self.setting(&key)?.ok_or_else(unknown)
    }

    /// Whether the law lets this organisation answer so about something of its own.
    pub(super) fn may_answer(&self, ctx: &Ctx, about: &ObjectId, answer: HitAnswer) -> Result<(), NodeError> {
        let HitAnswer::Confirm(measure) = answer else { return Ok(()) };
        may_ask_for(measure, self.colours_about(about, ctx.now())?.as_deref()).map_err(NodeError::NotLawful)
    }

    /// What is kept when the answer to a hit elsewhere leaves: it stands with the hit, once.
    pub(crate) fn keep_hit_answer(
        &self,
        ctx: &Ctx,
        leaving: &Leaving,
        no: &SearchHitNo,
        answer: HitAnswer,
    ) -> Result<Left, NodeError> {
        let from = &leaving.to;
        let key = key(from, no);
        let unknown = || NodeError::UnknownObject(format!("a hit {from}/{no}"));
        let (version, asked) = self.versioned::<HitAsked>(&key)?.ok_or_else(unknown)?;
        waits(&asked)?;
        // Reviewers may have looked at its reason for days.
        self.may_answer(ctx, &asked.about, answer)?;
        let asked = HitAsked { answer: Some((answer, ctx.now(), leaving.by.clone())), ..asked };
        let deed = Deed::decision("hit elsewhere answered", json!({"object": asked.about.to_string()}));
        let deed = deed.and("peer", from.as_str()).and("answer", json!(answer)).and("why", leaving.text.clone());
        Ok(Left { writes: vec![Write::of(key, Some(version), &asked)?], deed })
    }

    /// Another bureau asks to confirm a hit. Asked twice, it counts once.
    pub(crate) fn take_hit_asked(
        &self,
        ctx: &Ctx,
        peer: &Peer,
        (id, about, urgent): (&str, &str, bool),
        at: Timestamp,
    ) -> Result<(), NodeError> {
        let no: SearchHitNo = id.parse().map_err(refused)?;
        let about = ObjectId::parse(about).map_err(|error| refused(error.to_string()))?;
        if self.rows_of(&ctx.organisation, &about)?.is_empty() {
            return Err(refused(format!("{} has no object {about}", ctx.organisation)));
        }
        let key = key(&peer.name, &no);
        if self.store.value(&key)?.is_some() {
            return Ok(());
        }
        let waiting = self.settings::<HitAsked>(&format!("{ASKED}{}/", peer.name))?;
        if waiting.iter().filter(|asked| asked.waits()).count() >= WAITING {
            return Err(refused(format!("{WAITING} hits of {} wait for an answer already", peer.name)));
        }
        let time = if urgent { URGENT } else { ORDINARY };
        let due = Timestamp::from_micros(at.as_micros().saturating_add(time));
        let asked = HitAsked { no, from: peer.name.clone(), about, urgent, at, due, answer: None, over: None };
        let deed = Deed::decision("hit elsewhere to confirm", json!({"object": asked.about.to_string()}));
        self.decide(ctx, &key, &asked, deed.and("peer", peer.name.as_str()).and("urgent", urgent))
    }

    /// Whoever asked needs no answer any more. What was answered before, or never asked, stays as it is.
    pub(crate) fn take_hit_over(&self, ctx: &Ctx, peer: &Peer, id: &str, at: Timestamp) -> Result<(), NodeError> {
        let no: SearchHitNo = id.parse().map_err(refused)?;
        let key = key(&peer.name, &no);
        let Some(asked) = self.setting::<HitAsked>(&key)?.filter(HitAsked::waits) else { return Ok(()) };
        let deed = Deed::decision("hit elsewhere over", json!({"object": asked.about.to_string()}));
        self.decide(ctx, &key, &HitAsked { over: Some(at), ..asked }, deed.and("peer", peer.name.as_str()))
    }

    /// An owner answered. What was answered already, or is no hit of this owner's, changes nothing.
    pub(crate) fn take_hit_answered(
        &self,
        ctx: &Ctx,
        peer: &Peer,
        (id, by, answer, reason): (&str, &str, HitAnswer, &str),
        came: &Came<'_>,
    ) -> Result<(), NodeError> {
        let no: SearchHitNo = id.parse().map_err(refused)?;
        let none = || refused(format!("there is no hit {no} here"));
        let file: Option<File> = self.setting(&super::file::key(&no))?;
        let file = file.filter(|file| file.forgotten.is_none()).ok_or_else(none)?;
        if answer == HitAnswer::Confirm(Measure::Arrest) && !self.is_by_red_notice(ctx, &file)? {
            return Err(refused(format!(
                "hit {no} was made by no red notice that holds here: nobody is arrested for it"
            )));
        }
        let admitted = self.admit_text(ctx, peer, came, (MessageKind::HitAnswer, &file.found, reason))?;
        let person = Person::new(peer.name.clone(), by);
        let act = match answer {
            HitAnswer::Confirm(measure) => HitAct::Confirm { measure },
            HitAnswer::Refute(why) => HitAct::Refute { why },
        };
        // What came is told by the clock of this node; the sender's may be another.
        let event = HitEvent { at: ctx.now(), by: HitActor::Owner { person }, act, reason: reason.to_owned() };
        let name = answered_key(&no);
        let version = self.store.value(&name)?.map(|(version, _)| version);
        let writes = [Write::of(name, version, &(admitted.no, admitted.doubtful))?, admitted.kept];
        match self.add_to_hit(ctx, &no, &event, &writes) {
            Ok(file) => self.learn_from(&file, ctx.now()),
            Err(NodeError::NotLawful(reason)) => Err(refused(format!("{reason} (answered at {})", came.at))),
            Err(NodeError::UnknownObject(_)) => Err(refused(format!("there is no hit {no} here"))),
            Err(error) => Err(error),
        }
    }
}

fn key(from: &OrgName, no: &SearchHitNo) -> String {
    format!("{ASKED}{from}/{no}")
}

/// Where the message that answered a hit here is named, with what is doubtful about it.
pub(super) fn answered_key(no: &SearchHitNo) -> String {
    format!("search-hit-answer/{no}")
}

fn waits(asked: &HitAsked) -> Result<(), NodeError> {
    let why = match (&asked.answer, asked.over) {
        (Some(_), _) => "it was answered already; nothing was sent".to_owned(),
        (None, Some(at)) => format!("{} needs no answer any more since {at}; nothing was sent", asked.from),
        (None, None) => return Ok(()),
    };
    Err(NodeError::Refused(why))
}

const ASKED: &str = "hit-asked/";
/// Hits of one bureau that may wait for an answer here.
const WAITING: usize = 1_000;
const WHY: usize = 2_000;
