//! Questions between nodes about an object that one gave the other: of a hit, its owner learns which of its own objects is
//! meant, the words of whoever asks, and whose organisation they are of; nothing of what it was found by.

use std::collections::BTreeSet;

use comity_base::{OrgName, Timestamp};
use comity_crypto::{hex, random_bytes, sha256};
use comity_law::gate::MessageKind;
use comity_ledger::Handle;
use comity_stix::ObjectId;
use comity_store::{Change, LabelId, Put, StoreError};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::HitKey;
use super::board::{Board, Ranked};
use super::decisions::{LONGEST, Step};
use super::known::Named;
use crate::exchange::refused;
use crate::gate::{Came, GateNo, Leaving, LeavingWhat, Left};
use crate::settings::Write;
use crate::{Act, Client, Container, Ctx, Deed, Node, NodeError, Peer};

/// A question about an object, of this organisation or to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Question {
    /// What names it, together with the other organisation: 32 hexadecimal digits.
    pub id: String,
    /// The organisation that asks or is asked.
    pub peer: OrgName,
    /// Whether this organisation asks.
    pub is_ours: bool,
    /// The object: of the one that is asked, as it gave it to the one that asks.
    pub about: ObjectId,
    /// What people call it here; nothing when it is not known here.
    pub name: Option<String>,
    /// The question.
    pub text: String,
    /// When it was asked.
    pub asked: Timestamp,
    /// Who asked, by account, where that was here.
    pub by: Option<String>,
    /// Of which hit, where that was here.
    pub hit: Option<HitKey>,
    /// What came back; nothing as long as it waits.
    pub answer: Option<Answer>,
    /// Where it came from elsewhere: the number under which it can be reported.
    pub message: Option<GateNo>,
    /// What this node's screen finds in it and the sender's did not say, by code. Where there is anything, it is doubtful.
    pub doubtful: Vec<String>,
}

/// What came back to a question.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Answer {
    /// The words.
    pub text: String,
    /// When.
    pub at: Timestamp,
    /// Who answered, by account, where that was here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// Where it came from elsewhere: the number under which it can be reported.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<GateNo>,
    /// What this node's screen finds in it and the sender's did not say, by code. Where there is anything, it is doubtful.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub doubtful: Vec<String>,
}

/// A question of another organisation, as it is kept.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Received {
    id: String,
    from: OrgName,
    pub(super) about: ObjectId,
    pub(super) text: String,
    pub(super) at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) answer: Option<Answer>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    message: Option<GateNo>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    doubtful: Vec<String>,
    /// When its words were forgotten.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) forgotten: Option<Timestamp>,
}

/// A question of this organisation, as it is kept.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Sent {
    id: String,
    to: OrgName,
    pub(super) about: ObjectId,
    pub(super) text: String,
    pub(super) at: Timestamp,
    by: String,
    hit: HitKey,
    /// What it was found by: the containers and objects of both sides. Who may not see one does not see the question.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    of: BTreeSet<ObjectId>,
    /// The labels of what whoever asked saw that not everybody meets: who lacks one does not see the question.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    needs: Vec<LabelId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) answer: Option<Answer>,
    /// When its words were forgotten.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) forgotten: Option<Timestamp>,
}

/// A question that is about to be sent.
pub(super) struct Asked {
    pub(super) to: OrgName,
    pub(super) left: Left,
}

/// What is kept of a question beside its words.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AskedOf {
    pub(crate) id: String,
    pub(crate) hit: HitKey,
    /// What it was found by.
    pub(crate) of: BTreeSet<ObjectId>,
    /// The labels of what whoever asked saw that not everybody meets.
    pub(crate) needs: Vec<LabelId>,
    /// What is said of the hit when it is sent.
    pub(crate) step: Step,
}

impl Node {
    /// What waits for an answer, here and elsewhere, and what was answered: oldest first, as far as whoever asks may see
    /// the object in question and, of own questions, all that the hit was found by.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn questions(&self, ctx: &Ctx) -> Result<Vec<Question>, NodeError> {
        self.may(ctx, Act::Hits, json!({"questions": true}))?;
        let mut all = Vec::new();
        for sent in self.settings::<Sent>(SENT)? {
            all.extend(self.shown_sent(ctx, sent)?);
        }
        for received in self.settings::<Received>(RECEIVED)? {
            all.extend(self.shown_received(ctx, received)?);
        }
        all.sort_by(|a, b| (a.asked, &a.peer, &a.id).cmp(&(b.asked, &b.peer, &b.id)));
        let shown: Vec<String> = all.iter().map(|question| question.about.to_string()).collect();
        self.within_budget(ctx, all.len(), json!({"shown": shown}))?;
        self.record(ctx, Deed::query("questions", json!({"shown": shown})))?;
        Ok(all)
    }

    /// Answers a question of another organisation, once. The words go to it.
    ///
    /// # Errors
    /// [`NodeError::UnknownObject`] when there is none that whoever asks may see; when it was answered already, the text
    /// is empty or longer than 2,000 characters, or nothing is agreed with the other any more.
    pub fn answer_question(&self, ctx: &Ctx, from: &OrgName, id: &str, text: &str) -> Result<Question, NodeError> {
        self.may(ctx, Act::DecideHits, json!({"question": id, "from": from}))?;
        self.may(ctx, Act::Hits, json!({"question": id, "from": from}))?;
        let text = words(text).map_err(NodeError::Refused)?;
        let unknown = || NodeError::UnknownObject(format!("a question {from}/{id}"));
        let key = received_key(from, id);
        let known = if is_id(id) { self.versioned::<Received>(&key)? } else { None };
        let (_, received) = known.ok_or_else(unknown)?;
        let question = self.shown_received(ctx, received.clone())?.ok_or_else(unknown)?;
        not_answered(&received)?;
        self.askable(ctx, from)?;
        let what = LeavingWhat::Answer { id: id.to_owned() };
        let (to, about, by) = (from.clone(), received.about, ctx.actor.clone());
        let leaving = Leaving { to, about, text: text.to_owned(), by, what };
        let attested = self.pass_or_hold(ctx, std::slice::from_ref(&leaving))?;
        self.announce(ctx)?;
        for attested in attested {
            let Left { writes, deed } = self.leave(ctx, &leaving, attested, Vec::new())?;
            let puts: Vec<Put<'_>> = writes.iter().map(Write::put).collect();
            match self.store.write(&Change { puts: &puts, entries: &[deed.entry(ctx)?], ..Change::default() }) {
                Ok(_) => {}
                Err(StoreError::Changed(_)) => {
                    return Err(NodeError::Refused(
                        "somebody else answered it at the same moment; nothing was sent".into(),
                    ));
                }
                Err(error) => return Err(error.into()),
            }
        }
        let answered = self.setting::<Received>(&key)?.and_then(|received| received.answer);
        Ok(Question { answer: answered, ..question })
    }

    /// What is kept when an answer leaves: it stands with its question, once.
    pub(crate) fn keep_answer(&self, ctx: &Ctx, leaving: &Leaving, id: &str) -> Result<Left, NodeError> {
        let from = &leaving.to;
        let key = received_key(from, id);
        let unknown = || NodeError::UnknownObject(format!("a question {from}/{id}"));
        let (version, received) = self.versioned::<Received>(&key)?.ok_or_else(unknown)?;
        self.askable(ctx, from)?;
        not_answered(&received)?;
        let (text, by) = (leaving.text.clone(), Some(leaving.by.clone()));
        let answer = Answer { text, at: ctx.now(), by, message: None, doubtful: Vec::new() };
        let subject = json!({"object": received.about.to_string(), "said": leaving.text});
        let deed = Deed::decision("question answered", subject).and("peer", from.as_str());
        let deed = deed.with_handle(handle("answer", (from, &ctx.organisation), id));
        let received = Received { answer: Some(answer), ..received };
        Ok(Left { writes: vec![Write::of(key, Some(version), &received)?], deed })
    }

    /// The questions to whoever owns the other side of a hit.
    pub(super) fn questions_about(
        &self,
        ctx: &Ctx,
        (board, one): (&Board, &Ranked),
        text: &str,
        (step, seen): (&Step, Option<u32>),
    ) -> Result<Vec<Asked>, NodeError> {
        let text = words(text).map_err(NodeError::Refused)?;
        let owners = self.owners(ctx, board)?;
        let (mut all, mut why) = (Vec::new(), None);
        for side in owners.others(board, one) {
            match self.askable(ctx, &side.owner) {
                Ok(peer) => all.push(self.question(ctx, &peer, (board, one, side), (text, step))?),
                Err(error @ NodeError::Refused(_)) => drop(why.get_or_insert(error)),
                Err(error) => return Err(error),
            }
        }
        if let (Some(error), true) = (why, all.is_empty()) {
            return Err(error);
        }
        self.may_step(&one.key, step, seen)?;
        let attested = self.pass_or_hold(ctx, &all)?;
        self.announce(ctx)?;
        let asked = all.into_iter().zip(attested).map(|(leaving, attested)| {
            let left = self.leave(ctx, &leaving, attested, Vec::new())?;
            Ok(Asked { to: leaving.to, left })
        });
        asked.collect()
    }

    fn question(
        &self,
        ctx: &Ctx,
        peer: &Peer,
        (board, one, side): (&Board, &Ranked, &Container),
        (text, step): (&str, &Step),
    ) -> Result<Leaving, NodeError> {
        self.may_ask_more(&peer.name)?;
        let random = random_bytes::<16>();
        let id = hex(&random.map_err(|error| NodeError::io("drawing an id")(std::io::Error::other(error)))?);
        let asked = AskedOf {
            id,
            hit: one.key,
            of: board.found.ids(&one.pair).filter_map(|id| ObjectId::parse(id).ok()).collect(),
            needs: step.needs().to_vec(),
            step: step.clone().with_asked(vec![peer.name.clone()]),
        };
        Ok(Leaving {
            to: peer.name.clone(),
            about: self.object_of(board, one, side)?,
            text: text.to_owned(),
            by: ctx.actor.clone(),
            what: LeavingWhat::Question(Box::new(asked)),
        })
    }

    fn may_ask_more(&self, peer: &OrgName) -> Result<(), NodeError> {
        let waiting = self.settings::<Sent>(&format!("{SENT}{peer}/"))?;
        if waiting.iter().filter(|sent| sent.answer.is_none() && sent.forgotten.is_none()).count() >= WAITING {
            let why = format!("{WAITING} questions to {peer} wait for an answer already; nothing was sent");
            return Err(NodeError::Refused(why));
        }
        Ok(())
    }

    /// What is kept when a question leaves.
    pub(crate) fn keep_question(&self, ctx: &Ctx, leaving: &Leaving, asked: &AskedOf) -> Result<Left, NodeError> {
        let Leaving { to, about, text, by, .. } = leaving;
        self.askable(ctx, to)?;
        self.may_ask_more(to)?;
        let sent = Sent {
            id: asked.id.clone(),
            to: to.clone(),
            about: about.clone(),
            text: text.clone(),
            at: ctx.now(),
            by: by.clone(),
            hit: asked.hit,
            of: asked.of.clone(),
            needs: asked.needs.clone(),
            answer: None,
            forgotten: None,
        };
        let deed = Deed::decision("question sent", json!({"object": about.to_string()})).and("peer", to.as_str());
        let deed = deed.with_handle(handle("question", (&ctx.organisation, to), &asked.id));
        Ok(Left { writes: vec![Write::of(sent_key(to, &asked.id), None, &sent)?], deed })
    }

    /// The object of an owner that stands for its side: the container where it is an object of its own, or else one that
    /// holds the rarest value.
    fn object_of(&self, board: &Board, one: &Ranked, side: &Container) -> Result<ObjectId, NodeError> {
        if let Ok(id) = ObjectId::parse(&side.id) {
            for row in self.store.versions(&id)? {
                if self.stands(row.position) && self.owner_of(row.label)? == side.owner {
                    return Ok(id);
                }
            }
        }
        let held = board.found.held_by(&one.pair, side);
        held.and_then(|seen| ObjectId::parse(&seen.id).ok()).ok_or(NodeError::Stage)
    }

    /// The peer that can be asked: it has a node, and something is agreed with it.
    fn askable(&self, ctx: &Ctx, owner: &OrgName) -> Result<Peer, NodeError> {
        let no = |why: &str| NodeError::Refused(format!("{owner} cannot be asked: {why}; nothing was sent"));
        let peer = self.peer(owner)?.filter(|peer| peer.vouched_by.is_none());
        let peer = peer.ok_or_else(|| no("it is not connected with this node"))?;
        if peer.client != Client::Node {
            return Err(no("it has no node, only tools"));
        }
        if !peer.is_active() {
            return Err(no("the exchange with it is stopped"));
        }
        let (own, other) = (&ctx.organisation, &peer.name);
        if self.in_force(ctx, own, other)?.is_empty() && self.in_force(ctx, other, own)?.is_empty() {
            return Err(no("no agreement with it is in force"));
        }
        Ok(peer)
    }

    /// Takes a question of a peer. Whether its object is known here, it is not told.
    pub(crate) fn take_question(
        &self,
        ctx: &Ctx,
        peer: &Peer,
        (id, about, text): (&str, &str, &str),
        came: &Came<'_>,
    ) -> Result<(), NodeError> {
        let about = ObjectId::parse(about).map_err(|_| refused("the question is about no object".into()))?;
        let text = words(text).map_err(refused)?;
        if !is_id(id) {
            return Err(refused("the question has no id of 32 hexadecimal digits".into()));
        }
        match self.askable(ctx, &peer.name) {
            Err(NodeError::Refused(_)) => {
                return Err(refused("nothing is agreed that questions could be about".into()));
            }
            askable => drop(askable?),
        }
        let key = received_key(&peer.name, id);
        if let Some(known) = self.setting::<Received>(&key)? {
            // It came again long after its words were forgotten.
            let is_same = known.about == about && (known.text == text || known.forgotten.is_some());
            return if is_same { Ok(()) } else { Err(refused("another question has this id".into())) };
        }
        let mut all = self.settings::<Received>(&format!("{RECEIVED}{}/", peer.name))?;
        all.retain(|one| one.forgotten.is_none());
        if all.iter().filter(|one| one.answer.is_none()).count() >= WAITING || all.len() >= KEPT {
            return Err(refused("too many questions wait here for an answer; ask by other means".into()));
        }
        let admitted = self.admit_text(ctx, peer, came, (MessageKind::Question, &about, text))?;
        let subject = json!({"object": about.to_string()});
        let deed = Deed::decision("question received", subject).and("peer", peer.name.as_str());
        let deed = deed.with_handle(handle("question", (&peer.name, &ctx.organisation), id));
        let received = Received {
            id: id.into(),
            from: peer.name.clone(),
            about,
            text: text.into(),
            at: came.at,
            answer: None,
            message: Some(admitted.no),
            doubtful: admitted.doubtful,
            forgotten: None,
        };
        let kept = Write::of(key, None, &received)?;
        let puts = [kept.put(), admitted.kept.put()];
        match self.store.write(&Change { puts: &puts, entries: &[deed.entry(ctx)?], ..Change::default() }) {
            // It came twice at the same moment.
            Ok(_) | Err(StoreError::Changed(_)) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Takes the answer to a question of this node; the first one counts.
    pub(crate) fn take_answer(
        &self,
        ctx: &Ctx,
        peer: &Peer,
        (id, text): (&str, &str),
        came: &Came<'_>,
    ) -> Result<(), NodeError> {
        let text = words(text).map_err(refused)?;
        let key = sent_key(&peer.name, id);
        let known = if is_id(id) { self.versioned::<Sent>(&key)? } else { None };
        let Some((version, sent)) = known.filter(|(_, sent)| sent.forgotten.is_none()) else {
            return Err(refused("it answers no question of this node".into()));
        };
        if let Some(answer) = &sent.answer {
            return if answer.text == text { Ok(()) } else { Err(refused("the question was answered already".into())) };
        }
        let admitted = self.admit_text(ctx, peer, came, (MessageKind::Answer, &sent.about, text))?;
        let deed = Deed::decision("answer received", json!({"object": sent.about.to_string(), "said": text}));
        let deed = deed.and("peer", peer.name.as_str());
        let deed = deed.with_handle(handle("answer", (&ctx.organisation, &peer.name), id));
        let (message, doubtful) = (Some(admitted.no), admitted.doubtful);
        let answer = Answer { text: text.into(), at: came.at, by: None, message, doubtful };
        let sent = Sent { answer: Some(answer), ..sent };
        let kept = Write::of(key, Some(version), &sent)?;
        let puts = [kept.put(), admitted.kept.put()];
        match self.store.write(&Change { puts: &puts, entries: &[deed.entry(ctx)?], ..Change::default() }) {
            Ok(_) | Err(StoreError::Changed(_)) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// The questions that were asked about a hit, as far as whoever asks may see them.
    pub(super) fn questions_of(
        &self,
        ctx: &Ctx,
        (hit, peers): (&HitKey, &BTreeSet<OrgName>),
    ) -> Result<Vec<Question>, NodeError> {
        let mut all = Vec::new();
        for peer in peers {
            for sent in self.settings::<Sent>(&format!("{SENT}{peer}/"))?.into_iter().filter(|sent| sent.hit == *hit) {
                all.extend(self.shown_sent(ctx, sent)?);
            }
        }
        all.sort_by(|a, b| (a.asked, &a.peer, &a.id).cmp(&(b.asked, &b.peer, &b.id)));
        Ok(all)
    }

    fn shown_sent(&self, ctx: &Ctx, sent: Sent) -> Result<Option<Question>, NodeError> {
        if sent.forgotten.is_some() {
            return Ok(None);
        }
        let Some(Named(name)) = self.known_to(ctx, &sent.about, (&sent.of, &sent.needs))? else { return Ok(None) };
        let Sent { id, to, about, text, at, by, hit, answer, .. } = sent;
        let (by, hit, message, doubtful) = (Some(by), Some(hit), None, Vec::new());
        let (peer, is_ours, asked) = (to, true, at);
        Ok(Some(Question { id, peer, is_ours, about, name, text, asked, by, hit, answer, message, doubtful }))
    }

    fn shown_received(&self, ctx: &Ctx, received: Received) -> Result<Option<Question>, NodeError> {
        if received.forgotten.is_some() {
            return Ok(None);
        }
        let Some(Named(name)) = self.name_for(ctx, &received.about)? else { return Ok(None) };
        let Received { id, from, about, text, at, answer, message, doubtful, .. } = received;
        let (peer, is_ours, asked, by, hit) = (from, false, at, None, None);
        Ok(Some(Question { id, peer, is_ours, about, name, text, asked, by, hit, answer, message, doubtful }))
    }
}

fn not_answered(received: &Received) -> Result<(), NodeError> {
    let Some(answer) = &received.answer else { return Ok(()) };
    let by = answer.by.as_deref().unwrap_or_default();
    Err(NodeError::Refused(format!("{by} answered it at {}; nothing was sent", answer.at)))
}

/// Words for another organisation, or why they are none.
fn words(text: &str) -> Result<&str, String> {
    let text = text.trim();
    match text.chars().count() {
        0 => Err("there are no words to be sent; nothing was sent".into()),
        1..=LONGEST => Ok(text),
        _ => Err(format!("a text has at most {LONGEST} characters; nothing was sent")),
    }
}

fn is_id(id: &str) -> bool {
    id.len() == 32 && id.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// The same on both sides: nobody who does not know the random id can guess it.
fn handle(what: &str, (asker, asked): (&OrgName, &OrgName), id: &str) -> Handle {
    sha256(format!("comity {what} {asker} {asked} {id}").as_bytes())
}

fn sent_key(to: &OrgName, id: &str) -> String {
    format!("{SENT}{to}/{id}")
}

fn received_key(from: &OrgName, id: &str) -> String {
    format!("{RECEIVED}{from}/{id}")
}

pub(super) const SENT: &str = "asking/";
pub(super) const RECEIVED: &str = "question/";
/// Most questions of or to one organisation that wait for an answer.
const WAITING: usize = 100;
/// Most questions of one organisation that are kept.
const KEPT: usize = 10_000;
