//! What people say of a hit: steps that are added and never changed, kept under the key of its pair.

use std::collections::HashMap;
use std::sync::Arc;

use comity_base::{OrgName, Position, Timestamp};
use comity_store::{Change, LabelId, NewEntry, Put, StoreError};
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::board::{Board, Ranked};
use super::questions::{Asked, AskedOf};
use super::{HitKey, HitShown};
use crate::settings::Write;
use crate::{Act, Authority, Ctx, Deed, Node, NodeError};

/// What somebody says of a hit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HitVerdict {
    /// It is the same matter.
    Confirm,
    /// It is not, or leads nowhere.
    Dismiss,
    /// Its owner is asked; the words go to it, 1 to 2,000 characters.
    Ask(String),
    /// It is open again.
    Reopen,
}

/// Where a hit stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum HitState {
    /// Nobody has said anything, or it was reopened.
    #[default]
    Open,
    /// Its owner was asked.
    Asked,
    /// It is the same matter.
    Confirmed,
    /// It is not.
    Dismissed,
}

/// One step of what was said of a hit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct HitStep {
    /// Where it led.
    pub state: HitState,
    /// Who said so, by account.
    pub by: String,
    /// When.
    pub at: Timestamp,
    /// Why, in their words; nothing where they saw more than whoever reads this may.
    pub note: String,
    /// Whose node was asked by it.
    pub asked: Vec<OrgName>,
}

/// Everything said of one pair.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Said {
    pub(super) steps: Vec<Step>,
}

/// A step as it is kept.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Step {
    state: HitState,
    by: String,
    at: Timestamp,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    note: String,
    /// How strong the hit was then, to whoever decided.
    points: u8,
    values_total: u64,
    /// Up to where they saw the log.
    position: Position,
    /// The labels of what they saw that not everybody meets.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    needs: Vec<LabelId>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) asked: Vec<OrgName>,
}

/// What was said of all pairs, as this process knows it.
#[derive(Default)]
pub(crate) struct Decided(Mutex<Option<(u64, All)>>);

type All = Arc<HashMap<HitKey, Arc<Said>>>;

/// How often anything was said of hits, and of which lately: other processes read those again.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Told {
    count: u64,
    newest: Vec<HitKey>,
}

impl HitState {
    /// Every state.
    pub const ALL: &[Self] = &[Self::Open, Self::Asked, Self::Confirmed, Self::Dismissed];

    /// The name on the command line and in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Asked => "asked",
            Self::Confirmed => "confirmed",
            Self::Dismissed => "dismissed",
        }
    }
}

impl std::str::FromStr for HitState {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let state = Self::ALL.iter().find(|state| state.name() == text).copied();
        state.ok_or_else(|| format!("{text:?} is no state of a hit; there are open, asked, confirmed, dismissed"))
    }
}

impl HitVerdict {
    const fn state(&self) -> HitState {
        match self {
            Self::Confirm => HitState::Confirmed,
            Self::Dismiss => HitState::Dismissed,
            Self::Ask(_) => HitState::Asked,
            Self::Reopen => HitState::Open,
        }
    }

    const fn deed(&self) -> &'static str {
        match self {
            Self::Confirm => "hit confirmed",
            Self::Dismiss => "hit dismissed",
            Self::Ask(_) => "hit asked about",
            Self::Reopen => "hit reopened",
        }
    }
}

impl Said {
    pub(super) fn state(&self) -> HitState {
        self.steps.last().map(|step| step.state).unwrap_or_default()
    }
}

impl Step {
    /// Forgets why.
    pub(crate) fn forget_words(&mut self) {
        self.note.clear();
    }

    /// The same, with those whose nodes were asked by it.
    pub(super) fn with_asked(self, asked: Vec<OrgName>) -> Self {
        Self { asked, ..self }
    }

    /// The labels of what whoever decided saw that not everybody meets.
    pub(super) fn needs(&self) -> &[LabelId] {
        &self.needs
    }

    /// As somebody may read it.
    pub(super) fn shown(&self, node: &Node, authority: &Authority) -> Result<HitStep, NodeError> {
        let note = if node.meets_all(authority, &self.needs)? { self.note.clone() } else { String::new() };
        Ok(HitStep { state: self.state, by: self.by.clone(), at: self.at, note, asked: self.asked.clone() })
    }

    /// Whether somebody sees more evidence than there was at this step. To whoever may not see all that was looked at
    /// then, what is newer counts, since how much there was is not for them.
    pub(super) fn has_grown(
        &self,
        node: &Node,
        authority: &Authority,
        (board, one): (&Board, &Ranked),
    ) -> Result<bool, NodeError> {
        if self.state == HitState::Open {
            return Ok(false);
        }
        if node.meets_all(authority, &self.needs)? {
            return Ok(one.pair.points > self.points || one.pair.crossings.len() as u64 > self.values_total);
        }
        let places = board.found.shared(&one.pair).flat_map(|crossing| crossing.of(&one.pair));
        let mut seen = places.filter_map(|place| board.found.objects.get(place.object as usize));
        Ok(seen.any(|seen| seen.position > self.position))
    }
}

impl Node {
    /// Says what a hit is. `seen` is how many steps whoever decides has before their eyes: when somebody else said
    /// something meanwhile, they are told that instead. Nothing that was said is ever erased; every decision can be
    /// reopened.
    ///
    /// # Errors
    /// [`NodeError::UnknownObject`] for a hit that whoever asks may not see, [`NodeError::DecidedBefore`] when somebody
    /// was first, and when a text is too long or nobody can be asked.
    pub fn decide_hit(
        &self,
        ctx: &Ctx,
        key: &HitKey,
        verdict: &HitVerdict,
        note: &str,
        seen: Option<u32>,
    ) -> Result<HitShown, NodeError> {
        self.may(ctx, Act::DecideHits, json!({"hit": key}))?;
        // It is shown as it stands then.
        self.may(ctx, Act::Hits, json!({"hit": key}))?;
        self.within_budget(ctx, 1, json!({"hit": key}))?;
        let note = note.trim();
        if note.chars().count() > LONGEST {
            return Err(NodeError::Refused(format!("a note has at most {LONGEST} characters; nothing was decided")));
        }
        let (board, one) = self.seen_hit(ctx, key)?;
        let needs = self.needs_of(&board, &one)?;
        let step = Step {
            state: verdict.state(),
            by: ctx.actor.clone(),
            at: ctx.now(),
            note: note.to_owned(),
            points: one.pair.points,
            values_total: one.pair.crossings.len() as u64,
            position: board.at,
            needs,
            asked: Vec::new(),
        };
        let asked = match verdict {
            HitVerdict::Ask(text) => self.questions_about(ctx, (&board, &one), text, (&step, seen))?,
            _ => Vec::new(),
        };
        let step = step.with_asked(asked.iter().map(|asked| asked.to.clone()).collect());
        let sides: Vec<String> =
            board.found.sides(&one.pair).iter().flatten().map(|side| format!("{} {}", side.owner, side.id)).collect();
        let subject = json!({"hit": key, "sides": sides, "note": note});
        let mut entries = vec![Deed::decision(verdict.deed(), subject).entry(ctx)?];
        for asked in &asked {
            entries.push(asked.left.deed.clone().entry(ctx)?);
        }
        self.add_step(key, &step, seen, (&asked, &entries))?;
        self.shown_hit(ctx, (&board, &one))
    }

    /// Keeps a step with all that belongs to it, or nothing.
    fn add_step(
        &self,
        key: &HitKey,
        step: &Step,
        seen: Option<u32>,
        (asked, entries): (&[Asked], &[NewEntry]),
    ) -> Result<(), NodeError> {
        let name = place(key);
        let mut began = None;
        loop {
            let (version, mut said) = match self.versioned::<Said>(&name)? {
                Some((version, said)) => (Some(version), said),
                None => (None, Said::default()),
            };
            let is_first = *began.get_or_insert(version) == version;
            may_follow(key, &said, step, is_first && seen.is_none_or(|seen| seen as usize == said.steps.len()))?;
            said.steps.push(step.clone());
            let value = serde_json::to_vec(&said).map_err(NodeError::setting(&name))?;
            let (told_version, told) =
                self.versioned::<Told>(TOLD)?.map_or((None, Told::default()), |(version, told)| (Some(version), told));
            let told = serde_json::to_vec(&told.with(*key)).map_err(NodeError::setting(TOLD))?;
            let mut puts = vec![
                Put { key: &name, expected: version, value: &value },
                Put { key: TOLD, expected: told_version, value: &told },
            ];
            puts.extend(asked.iter().flat_map(|asked| &asked.left.writes).map(Write::put));
            match self.store.write(&Change { puts: &puts, entries, ..Change::default() }) {
                Ok(_) => return Ok(()),
                // Somebody said something of this hit, or of another, at the same moment.
                Err(StoreError::Changed(_)) => {}
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// Whether a step could be added now.
    pub(super) fn may_step(&self, key: &HitKey, step: &Step, seen: Option<u32>) -> Result<(), NodeError> {
        let said = self.setting::<Said>(&place(key))?.unwrap_or_default();
        may_follow(key, &said, step, seen.is_none_or(|seen| seen as usize == said.steps.len()))
    }

    /// What is written when a question goes out that reviewers passed: the step of whoever asked it.
    pub(crate) fn step_of(&self, asked: &AskedOf) -> Result<(Vec<Write>, Deed), NodeError> {
        let (key, step) = (&asked.hit, &asked.step);
        let name = place(key);
        let (version, mut said) =
            self.versioned::<Said>(&name)?.map_or((None, Said::default()), |(version, said)| (Some(version), said));
        may_follow(key, &said, step, true)?;
        said.steps.push(step.clone());
        let (told_version, told) =
            self.versioned::<Told>(TOLD)?.map_or((None, Told::default()), |(version, told)| (Some(version), told));
        let writes =
            vec![Write::of(name, version, &said)?, Write::of(TOLD.to_owned(), told_version, &told.with(*key))?];
        let deed = Deed::decision("hit asked about", json!({"hit": key, "note": step.note})).and("by", step.by.clone());
        Ok((writes, deed))
    }

    /// What was said of all hits.
    pub(super) fn decided(&self) -> Result<All, NodeError> {
        let mut known = self.decided.0.lock();
        let told: Told = self.setting(TOLD)?.unwrap_or_default();
        let (count, mut all) = known.take().unwrap_or_default();
        let missed = told.count.checked_sub(count).and_then(|missed| usize::try_from(missed).ok());
        match missed.and_then(|missed| told.newest.len().checked_sub(missed)) {
            Some(first) => {
                for key in told.newest.iter().skip(first) {
                    if let Some(said) = self.setting::<Said>(&place(key))? {
                        Arc::make_mut(&mut all).insert(*key, Arc::new(said));
                    }
                }
            }
            None => all = Arc::new(self.all_decided()?),
        }
        *known = Some((told.count, Arc::clone(&all)));
        Ok(all)
    }

    fn all_decided(&self) -> Result<HashMap<HitKey, Arc<Said>>, NodeError> {
        let mut all = HashMap::new();
        for (name, bytes) in self.store.values(HIT)? {
            let Some(key) = name.strip_prefix(HIT).and_then(|key| key.parse().ok()) else { continue };
            all.insert(key, Arc::new(serde_json::from_slice(&bytes).map_err(NodeError::setting(&name))?));
        }
        Ok(all)
    }

    /// Whether somebody meets all of these labels.
    pub(super) fn meets_all(&self, authority: &Authority, labels: &[LabelId]) -> Result<bool, NodeError> {
        for label in labels {
            if !self.meets(authority, *label)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// The labels of what a hit rests on that not everybody meets.
    fn needs_of(&self, board: &Board, one: &Ranked) -> Result<Vec<LabelId>, NodeError> {
        let mut labels = Vec::new();
        for position in board.found.rests(&one.pair) {
            let Some(label) = self.derived.current(position) else { continue };
            if !labels.contains(&label) && !self.labels.get(&*self.store, label)?.need.is_empty() {
                labels.push(label);
            }
        }
        labels.sort_unstable();
        Ok(labels)
    }
}

impl Told {
    fn with(mut self, key: HitKey) -> Self {
        self.newest.push(key);
        let old = self.newest.len().saturating_sub(NEWEST);
        self.newest.drain(..old);
        Self { count: self.count + 1, newest: self.newest }
    }
}

/// Whether a step may be added to what was said.
fn may_follow(key: &HitKey, said: &Said, step: &Step, is_next: bool) -> Result<(), NodeError> {
    if let Some(last) = said.steps.last().filter(|_| !is_next) {
        let (by, at) = (last.by.clone(), last.at);
        return Err(NodeError::DecidedBefore { key: *key, state: last.state.name(), by, at });
    }
    if step.state == HitState::Open && said.state() == HitState::Open {
        return Err(NodeError::Refused("the hit is open already; nothing was changed".into()));
    }
    if said.steps.len() >= STEPS {
        return Err(NodeError::Refused(format!("a hit has at most {STEPS} decisions; nothing was changed")));
    }
    Ok(())
}

fn place(key: &HitKey) -> String {
    format!("{HIT}{key}")
}

const HIT: &str = "hit/";
const TOLD: &str = "hits-decided";
/// Most characters of a note or a question.
pub(super) const LONGEST: usize = 2_000;
/// Most steps of one hit.
const STEPS: usize = 200;
/// So many of the hits that were decided last are named.
const NEWEST: usize = 100;
