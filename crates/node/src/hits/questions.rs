//! Questions between nodes about an object that one gave the other: of a hit, its owner learns which of its own objects is
//! meant, the words of whoever asks, and whose organisation they are of; nothing of what it was found by.

use std::collections::BTreeSet;

use comity_base::{OrgName, Timestamp};
use comity_crypto::{hex, random_bytes, sha256};
use comity_ledger::Handle;
use comity_stix::ObjectId;
use comity_store::{Change, LabelId, Put, StoreError};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::HitKey;
use super::board::{Board, Ranked};
use super::decisions::LONGEST;
use crate::exchange::{Body, refused};
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
}

/// A question of another organisation, as it is kept.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Received {
    id: String,
    from: OrgName,
    about: ObjectId,
    text: String,
    at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    answer: Option<Answer>,
}

/// A question of this organisation, as it is kept.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Sent {
    id: String,
    to: OrgName,
    about: ObjectId,
    text: String,
    at: Timestamp,
    by: String,
    hit: HitKey,
    /// What it was found by: the containers and objects of both sides. Who may not see one does not see the question.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    of: BTreeSet<ObjectId>,
    /// The labels of what whoever asked saw that not everybody meets: who lacks one does not see the question.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    needs: Vec<LabelId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    answer: Option<Answer>,
}

/// A question that is about to be sent.
pub(super) struct Asked {
    pub(super) to: OrgName,
    about: ObjectId,
    handle: Handle,
    kept: (String, Vec<u8>),
    message: (String, Vec<u8>),
}

/// What is known here of an object that a question is about, to whoever asks.
enum About {
    Known(String),
    Unknown,
    /// It is here and not for them.
    Closed,
}

impl Asked {
    pub(super) fn puts(&self) -> [Put<'_>; 2] {
        [&self.kept, &self.message].map(|(key, value)| Put { key, expected: None, value })
    }

    pub(super) fn deed(&self) -> Deed {
        let subject = json!({"object": self.about.to_string()});
        Deed::decision("question sent", subject).and("peer", self.to.as_str()).with_handle(self.handle)
    }
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
        let (version, received) = known.ok_or_else(unknown)?;
        let question = self.shown_received(ctx, received.clone())?.ok_or_else(unknown)?;
        if let Some(answer) = &received.answer {
            let by = answer.by.as_deref().unwrap_or_default();
            return Err(NodeError::Refused(format!("{by} answered it at {}; nothing was sent", answer.at)));
        }
        self.askable(ctx, from)?;
        self.announce(ctx)?;
        let answer = Answer { text: text.to_owned(), at: ctx.now(), by: Some(ctx.actor.clone()) };
        let body = Body::Answer { id: id.to_owned(), text: text.to_owned() };
        let message = self.outgoing(ctx, from, &body)?;
        let about = received.about.to_string();
        let received = Received { answer: Some(answer.clone()), ..received };
        let value = serde_json::to_vec(&received).map_err(NodeError::setting(&key))?;
        let deed = Deed::decision("question answered", json!({"object": about, "said": text}));
        let deed = deed.and("peer", from.as_str()).with_handle(handle("answer", (from, &ctx.organisation), id));
        let puts = [
            Put { key: &key, expected: Some(version), value: &value },
            Put { key: &message.0, expected: None, value: &message.1 },
        ];
        match self.store.write(&Change { puts: &puts, entries: &[deed.entry(ctx)?], ..Change::default() }) {
            Ok(_) => Ok(Question { answer: Some(answer), ..question }),
            Err(StoreError::Changed(_)) => {
                Err(NodeError::Refused("somebody else answered it at the same moment; nothing was sent".into()))
            }
            Err(error) => Err(error.into()),
        }
    }

    /// The questions to whoever owns the other side of a hit.
    pub(super) fn questions_about(
        &self,
        ctx: &Ctx,
        (board, one): (&Board, &Ranked),
        text: &str,
        needs: &[LabelId],
    ) -> Result<Vec<Asked>, NodeError> {
        let text = words(text).map_err(NodeError::Refused)?;
        let owners = self.owners(ctx, board)?;
        let (mut asked, mut why) = (Vec::new(), None);
        for side in owners.others(board, one) {
            match self.askable(ctx, &side.owner) {
                Ok(peer) => asked.push(self.question(ctx, &peer, (board, one, side), (text, needs))?),
                Err(error @ NodeError::Refused(_)) => drop(why.get_or_insert(error)),
                Err(error) => return Err(error),
            }
        }
        match why {
            Some(error) if asked.is_empty() => Err(error),
            _ => {
                self.announce(ctx)?;
                Ok(asked)
            }
        }
    }

    fn question(
        &self,
        ctx: &Ctx,
        peer: &Peer,
        (board, one, side): (&Board, &Ranked, &Container),
        (text, needs): (&str, &[LabelId]),
    ) -> Result<Asked, NodeError> {
        let waiting = self.settings::<Sent>(&format!("{SENT}{}/", peer.name))?;
        if waiting.iter().filter(|sent| sent.answer.is_none()).count() >= WAITING {
            let why = format!("{WAITING} questions to {} wait for an answer already; nothing was sent", peer.name);
            return Err(NodeError::Refused(why));
        }
        let random = random_bytes::<16>();
        let id = hex(&random.map_err(|error| NodeError::io("drawing an id")(std::io::Error::other(error)))?);
        let about = self.object_of(board, one, side)?;
        let body = Body::Question { id: id.clone(), about: about.to_string(), text: text.to_owned() };
        let message = self.outgoing(ctx, &peer.name, &body)?;
        let key = sent_key(&peer.name, &id);
        let handle = handle("question", (&ctx.organisation, &peer.name), &id);
        let sent = Sent {
            id,
            to: peer.name.clone(),
            about: about.clone(),
            text: text.to_owned(),
            at: ctx.now(),
            by: ctx.actor.clone(),
            hit: one.key,
            of: board.found.ids(&one.pair).filter_map(|id| ObjectId::parse(id).ok()).collect(),
            needs: needs.to_vec(),
            answer: None,
        };
        let kept = serde_json::to_vec(&sent).map_err(NodeError::setting(&key))?;
        Ok(Asked { to: peer.name.clone(), about, handle, kept: (key, kept), message })
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
        at: Timestamp,
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
            let is_same = known.about == about && known.text == text;
            return if is_same { Ok(()) } else { Err(refused("another question has this id".into())) };
        }
        let all = self.settings::<Received>(&format!("{RECEIVED}{}/", peer.name))?;
        if all.iter().filter(|one| one.answer.is_none()).count() >= WAITING || all.len() >= KEPT {
            return Err(refused("too many questions wait here for an answer; ask by other means".into()));
        }
        let subject = json!({"object": about.to_string()});
        let deed = Deed::decision("question received", subject).and("peer", peer.name.as_str());
        let deed = deed.with_handle(handle("question", (&peer.name, &ctx.organisation), id));
        let received = Received { id: id.into(), from: peer.name.clone(), about, text: text.into(), at, answer: None };
        let value = serde_json::to_vec(&received).map_err(NodeError::setting(&key))?;
        let puts = [Put { key: &key, expected: None, value: &value }];
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
        at: Timestamp,
    ) -> Result<(), NodeError> {
        let text = words(text).map_err(refused)?;
        let key = sent_key(&peer.name, id);
        let known = if is_id(id) { self.versioned::<Sent>(&key)? } else { None };
        let Some((version, sent)) = known else { return Err(refused("it answers no question of this node".into())) };
        if let Some(answer) = &sent.answer {
            return if answer.text == text { Ok(()) } else { Err(refused("the question was answered already".into())) };
        }
        let deed = Deed::decision("answer received", json!({"object": sent.about.to_string(), "said": text}));
        let deed = deed.and("peer", peer.name.as_str());
        let deed = deed.with_handle(handle("answer", (&ctx.organisation, &peer.name), id));
        let sent = Sent { answer: Some(Answer { text: text.into(), at, by: None }), ..sent };
        let value = serde_json::to_vec(&sent).map_err(NodeError::setting(&key))?;
        let puts = [Put { key: &key, expected: Some(version), value: &value }];
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
        let about = self.about(ctx, &sent.about)?;
        if matches!(about, About::Closed) || !self.meets_all(&ctx.authority, &sent.needs)? {
            return Ok(None);
        }
        for id in &sent.of {
            if matches!(self.about(ctx, id)?, About::Closed) {
                return Ok(None);
            }
        }
        let Sent { id, to, about: object, text, at, by, hit, answer, .. } = sent;
        let (by, hit, name) = (Some(by), Some(hit), about.name());
        Ok(Some(Question { id, peer: to, is_ours: true, about: object, name, text, asked: at, by, hit, answer }))
    }

    fn shown_received(&self, ctx: &Ctx, received: Received) -> Result<Option<Question>, NodeError> {
        let about = self.about(ctx, &received.about)?;
        if matches!(about, About::Closed) {
            return Ok(None);
        }
        let Received { id, from, about: object, text, at, answer } = received;
        let (by, hit, name) = (None, None, about.name());
        Ok(Some(Question { id, peer: from, is_ours: false, about: object, name, text, asked: at, by, hit, answer }))
    }

    fn about(&self, ctx: &Ctx, id: &ObjectId) -> Result<About, NodeError> {
        let rows = self.store.versions(id)?;
        if rows.is_empty() {
            return Ok(About::Unknown);
        }
        let lines = crate::derived::lines(&*self.store, &self.labels, &rows)?;
        let seen = self.shown_positions(id, &ctx.authority, &lines)?;
        let Some(newest) = seen.last() else { return Ok(About::Closed) };
        let version = self.store.get(&[*newest])?.into_iter().flatten().next();
        let title = version.and_then(|version| {
            let doc = comity_stix::Doc::parse(&version.raw, self.reader.depth()).ok()?;
            Some(crate::neighbours::title(doc.root()))
        });
        Ok(About::Known(title.unwrap_or_default()))
    }
}

impl About {
    fn name(self) -> Option<String> {
        if let Self::Known(name) = self { Some(name) } else { None }
    }
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

const SENT: &str = "asking/";
const RECEIVED: &str = "question/";
/// Most questions of or to one organisation that wait for an answer.
const WAITING: usize = 100;
/// Most questions of one organisation that are kept.
const KEPT: usize = 10_000;
