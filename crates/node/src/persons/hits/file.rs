use std::fmt;
use std::str::FromStr;

use comity_base::{OrgName, Timestamp};
use comity_crypto::{hex, sha256};
use comity_law::cards::{Answered, RedEffect, RuleCards};
use comity_law::hit::{Hit, HitAct, HitActName, HitActor, HitEvent, HitState};
use comity_law::{Country, Person};
use comity_stix::ObjectId;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::super::ask::{PersonAsk, PersonFound};
use super::super::card::NoticeCard;
use super::asked::answered_key;
use crate::{Act, Ctx, Deed, GateNo, Node, NodeError, Purpose};

/// The number of a hit: 32 hexadecimal digits.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct SearchHitNo(String);

/// A hit as it is kept.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    pub(super) no: SearchHitNo,
    /// What was asked, as it went on record.
    pub(super) asked: Value,
    /// The object of whoever was found.
    pub(super) found: ObjectId,
    /// What they are called there.
    pub(super) name: String,
    pub(super) owner: OrgName,
    /// How likely it was the one.
    pub(super) probability: f32,
    pub(super) purpose: Purpose,
    /// The notice, where there was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) notice: Option<ObjectId>,
    /// Where it was, in the words of the system that asked: a booth, a flight.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) reference: Option<String>,
    pub(super) events: Vec<HitEvent>,
    /// When it was forgotten who was searched for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) forgotten: Option<Timestamp>,
}

/// A hit with what whoever works on it needs.
#[derive(Clone, Debug)]
pub struct SearchHitShown {
    /// Its number.
    pub no: SearchHitNo,
    /// Where it stands.
    pub state: HitState,
    /// What was asked.
    pub asked: Value,
    /// The object of whoever was found.
    pub found: ObjectId,
    /// What they are called there.
    pub name: String,
    /// Who holds that.
    pub owner: OrgName,
    /// How likely it was the one.
    pub probability: f32,
    /// The notice.
    pub notice: Option<ObjectId>,
    /// Its card, as long as it stands.
    pub card: Option<NoticeCard>,
    /// Where it was.
    pub reference: Option<String>,
    /// Whether its owner is told nothing.
    pub silent: bool,
    /// Who searched.
    pub officer: String,
    /// When.
    pub at: Timestamp,
    /// By when its owner is to answer, where they were asked.
    pub due: Option<Timestamp>,
    /// Whether nobody answered in time, and nobody was told of that.
    pub must_escalate: bool,
    /// What a red notice is by the law of this country, and where that stands.
    pub effect: Answered<RedEffect>,
    /// Everything that happened to it.
    pub events: Vec<HitEvent>,
    /// What whoever asks may do to it now.
    pub possible: Vec<HitActName>,
    /// Where its owner's node answered: the number under which the message can be reported, and what this node's screen finds
    /// in it that the owner's did not say, by code. Where there is anything, it is doubtful.
    pub answered: Option<(GateNo, Vec<String>)>,
}

impl fmt::Display for SearchHitNo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for SearchHitNo {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let is_one = text.len() == 32 && text.bytes().all(|b| b.is_ascii_hexdigit() && !b.is_ascii_uppercase());
        if is_one { Ok(Self(text.to_owned())) } else { Err(format!("{text:?} is not the number of a hit")) }
    }
}

impl From<SearchHitNo> for String {
    fn from(no: SearchHitNo) -> Self {
        no.0
    }
}

impl TryFrom<String> for SearchHitNo {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl File {
    pub(super) fn hit(&self, now: Timestamp) -> Hit {
        Hit::fold(&self.events, now).hit
    }
}

impl Node {
    /// Opens a hit of what was found for a question, so that the bureau checks it. The same question of the same officer within
    /// an hour opens the same hit.
    ///
    /// # Errors
    /// When whoever asks may not search, or the store cannot be read or written.
    pub fn open_search_hit(
        &self,
        ctx: &Ctx,
        ask: &PersonAsk,
        found: &PersonFound,
        (silent, reference): (bool, Option<&str>),
    ) -> Result<SearchHitNo, NodeError> {
        self.may(ctx, Act::Search, json!({"found": found.id.to_string()}))?;
        let now = ctx.now();
        let asked = ask.subject();
        let hour = now.as_micros().div_euclid(HOUR);
        let one = format!("{asked}|{}|{}|{hour}|{silent}", found.id, ctx.actor);
        let no = SearchHitNo(hex(&sha256(one.as_bytes())).chars().take(32).collect());
        if self.store.value(&key(&no))?.is_some() {
            return Ok(no);
        }
        let person = Person::new(ctx.organisation.clone(), ctx.actor.clone());
        let act = HitAct::Found { owner: found.owner.clone(), silent };
        let event = HitEvent { at: now, by: HitActor::Officer { person }, act, reason: String::new() };
        let file = File {
            no: no.clone(),
            asked,
            found: found.id.clone(),
            name: found.name.clone(),
            owner: found.owner.clone(),
            probability: found.probability,
            purpose: ctx.purpose,
            notice: found.notice.as_ref().map(|card: &NoticeCard| card.id.clone()),
            reference: reference.map(|text| text.chars().take(REFERENCE).collect()),
            events: vec![event],
            forgotten: None,
        };
        let deed = Deed::decision("search hit opened", json!({"object": found.id.to_string()}));
        self.decide(ctx, &key(&no), &file, deed.and("hit", no.to_string()).and("silent", silent))?;
        Ok(no)
    }

    /// The hits of searches here that whoever asks may see, what waits first, then the newest.
    ///
    /// # Errors
    /// When whoever asks may not see hits, or the store cannot be read.
    pub fn search_hits(&self, ctx: &Ctx) -> Result<Vec<SearchHitShown>, NodeError> {
        self.may(ctx, Act::Hits, json!({"hits": "searches"}))?;
        let mut all = Vec::new();
        for file in self.settings::<File>(FILES)? {
            if file.forgotten.is_none() && self.sees_hit(ctx, &file)? {
                all.extend(self.show_hit(ctx, file)?);
            }
        }
        all.sort_by_key(|hit| (hit.state.is_final(), !hit.must_escalate, std::cmp::Reverse(hit.at)));
        Ok(all)
    }

    /// One of them.
    ///
    /// # Errors
    /// As [`Self::search_hits`], and when there is none of this number for whoever asks.
    pub fn search_hit(&self, ctx: &Ctx, no: &SearchHitNo) -> Result<SearchHitShown, NodeError> {
        self.may(ctx, Act::Hits, json!({"hit": no}))?;
        let file = self.hit_file(ctx, no)?;
        self.show_hit(ctx, file)?.ok_or(NodeError::Stage)
    }

    pub(super) fn hit_file(&self, ctx: &Ctx, no: &SearchHitNo) -> Result<File, NodeError> {
        let unknown = || NodeError::UnknownObject(format!("a hit {no}"));
        let file: File = self.setting(&key(no))?.ok_or_else(unknown)?;
        if file.forgotten.is_none() && self.sees_hit(ctx, &file)? { Ok(file) } else { Err(unknown()) }
    }

    /// Whether whoever asks may see what was found; what is gone was taken back by its owner.
    fn sees_hit(&self, ctx: &Ctx, file: &File) -> Result<bool, NodeError> {
        if self.store.versions(&file.found)?.is_empty() {
            return Ok(true);
        }
        match self.sees(ctx, &file.found) {
            Ok(()) => Ok(true),
            Err(NodeError::UnknownObject(_)) => Ok(false),
            Err(error) => Err(error),
        }
    }

    pub(super) fn show_hit(&self, ctx: &Ctx, file: File) -> Result<Option<SearchHitShown>, NodeError> {
        let now = ctx.now();
        let hit = file.hit(now);
        let (Some(state), Some(found)) = (hit.state(now), hit.found().cloned()) else { return Ok(None) };
        Ok(Some(SearchHitShown {
            state,
            silent: found.silent,
            officer: found.officer.account.clone(),
            at: found.at,
            due: hit.asked().map(|asked| asked.due),
            must_escalate: hit.must_escalate(now),
            effect: self.effect_here(ctx)?,
            card: self.card_of_hit(ctx, &file)?,
            possible: self.possible_of_hit(ctx, &file, &hit)?,
            answered: self.setting(&answered_key(&file.no))?,
            no: file.no,
            asked: file.asked,
            found: file.found,
            name: file.name,
            owner: file.owner,
            probability: file.probability,
            notice: file.notice,
            reference: file.reference,
            events: file.events,
        }))
    }

    /// What a red notice is by the law of this node's country.
    fn effect_here(&self, ctx: &Ctx) -> Result<Answered<RedEffect>, NodeError> {
        let unreadable = |error: comity_law::cards::CardError| NodeError::Refused(error.to_string());
        let mut cards = RuleCards::known().map_err(unreadable)?;
        if let Some((_, text)) = self.store.value(CARDS)? {
            cards.add(RuleCards::from_json(&text).map_err(unreadable)?);
        }
        let country = self.ourselves.as_ref().and_then(|own| Country::parse(own.country.as_deref()?).ok());
        let nothing = Answered { answer: RedEffect::Unknown, cited: None };
        Ok(country.map_or(nothing, |country| cards.red_notice(country, ctx.now())))
    }
}

pub(super) fn key(no: &SearchHitNo) -> String {
    format!("{FILES}{no}")
}

pub(super) const FILES: &str = "search-hit/";
/// Rule cards that this organisation added.
const CARDS: &str = "rule-cards";
const HOUR: i64 = 3_600 * 1_000_000;
/// Characters of a reference.
const REFERENCE: usize = 200;
