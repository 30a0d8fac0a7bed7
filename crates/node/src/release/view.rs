use std::sync::Arc;

use comity_base::{OrgName, Position, Timestamp};
use comity_policy::{Asker, Verdict};
use comity_stix::label::Recipient;
use comity_stix::{Label, ObjectId};
use comity_store::LabelId;
use parking_lot::RwLock;

use super::Matches;
use crate::derived::NOT_CURRENT;
use crate::{Node, NodeError};

/// What one recipient may see through one agreement: the policy asked once for each label, kept as one byte a
/// label, so that reading the log for it compares small integers.
pub struct View {
    recipient: Recipient,
    agreement: Option<(ObjectId, u32)>,
    /// One for each agreement: what one of them admits is admitted.
    askers: Arc<[Asker]>,
    /// By label: 0 not asked yet, 1 no, 2 yes.
    verdicts: Arc<RwLock<Vec<u8>>>,
    /// Only what a saved query holds of it.
    within: Option<Arc<Matches>>,
    /// Whether every label is admitted: this node's own organisation looks at what it holds.
    everything: bool,
    /// Whether nothing is given now, because no agreement is in force any more: what is taken back still goes.
    pub(crate) closed: bool,
    /// Names what it may see: two views of one recipient with the same number admit the same labels, but for time.
    pub(crate) epoch: u64,
    /// The state of everything decided here when the policy was asked.
    pub(crate) asked_at: u64,
    /// Within how many hours the recipient answers a recall.
    pub(crate) receipts_within_hours: u32,
}

/// A stretch of the log read for a view.
pub(crate) struct Scanned {
    /// Everything up to here was read.
    pub(crate) reached: Position,
    /// What the recipient may see of it.
    pub(crate) found: Vec<Position>,
}

impl View {
    pub(crate) fn new(recipient: Recipient, agreement: Option<(ObjectId, u32)>, askers: Vec<Asker>) -> Self {
        Self {
            recipient,
            agreement,
            askers: askers.into(),
            verdicts: Arc::default(),
            within: None,
            everything: false,
            closed: false,
            epoch: 0,
            asked_at: 0,
            receipts_within_hours: 72,
        }
    }

    /// The part of what may be seen that a saved query holds.
    pub(crate) fn within(&self, matches: Arc<Matches>) -> Self {
        Self {
            recipient: self.recipient.clone(),
            agreement: self.agreement.clone(),
            askers: Arc::clone(&self.askers),
            verdicts: Arc::clone(&self.verdicts),
            within: Some(matches),
            ..*self
        }
    }

    /// Whether a position is in the part that is looked at.
    pub(crate) fn holds(&self, position: Position) -> bool {
        self.within.as_ref().is_none_or(|matches| matches.has(position))
    }

    /// From this moment on an answer given so far may be different: an agreement begins or ends, a time to keep has
    /// passed.
    pub(crate) fn until(&self) -> Option<Timestamp> {
        self.askers.iter().filter_map(Asker::next_change).min()
    }

    /// Whether the recipient may see objects of this label, and why.
    pub(crate) fn explain(&self, label: &Label) -> Verdict {
        let mut refused: Option<Verdict> = None;
        for asker in &*self.askers {
            let verdict = asker.explain(label);
            if verdict.admitted {
                return verdict;
            }
            refused.get_or_insert(verdict);
        }
        refused.unwrap_or(Verdict { admitted: false, reasons: Vec::new() })
    }

    /// Nothing, for one who was given something under an agreement that is not in force now.
    pub(crate) fn closed(recipient: Recipient, agreement: (ObjectId, u32)) -> Self {
        Self { closed: true, ..Self::new(recipient, Some(agreement), Vec::new()) }
    }

    /// Everything this node holds, for its own organisation.
    pub(crate) fn of_everything(recipient: Recipient) -> Self {
        Self { everything: true, ..Self::new(recipient, None, Vec::new()) }
    }

    /// Who looks.
    pub fn recipient(&self) -> &OrgName {
        &self.recipient.name
    }

    /// Under which agreement, in which version.
    pub fn agreement(&self) -> Option<&(ObjectId, u32)> {
        self.agreement.as_ref()
    }

    /// The labels admitted so far, as a number that changes when one is added.
    fn verdict(&self, label: LabelId) -> Option<bool> {
        let verdicts = self.verdicts.read();
        let known = usize::try_from(label.0).ok().and_then(|at| verdicts.get(at)).copied().unwrap_or_default();
        (known != 0).then_some(known == 2)
    }

    fn decided(&self, label: LabelId, admitted: bool) {
        let Ok(at) = usize::try_from(label.0) else { return };
        let mut verdicts = self.verdicts.write();
        if verdicts.len() <= at {
            verdicts.resize(at + 1, 0);
        }
        if let Some(verdict) = verdicts.get_mut(at) {
            *verdict = if admitted { 2 } else { 1 };
        }
    }
}

impl Node {
    /// Whether the recipient may see objects of this label.
    pub(crate) fn admits(&self, view: &View, label: LabelId) -> Result<bool, NodeError> {
        if let Some(admitted) = view.verdict(label) {
            return Ok(admitted);
        }
        let said = self.labels.get(&*self.store, label)?;
        let standing = self.standing(&said)?;
        // Tools are nobody in particular: what not everybody here may see is not for them.
        let admitted =
            view.everything && said.need.is_empty() || view.askers.iter().any(|asker| asker.admits(&standing.label));
        view.decided(label, admitted);
        Ok(admitted)
    }

    /// Sees to it that the part that is looked at is known up to a position.
    pub(crate) fn matched(&self, view: &View, until: Position) -> Result<(), NodeError> {
        view.within.as_ref().map_or(Ok(()), |matches| self.matched_up_to(matches, until))
    }

    /// The next positions whose label admits the recipient, at most so many: of current versions only, or of
    /// `past` ones too. Reads four bytes a position.
    pub(crate) fn scan_view(
        &self,
        view: &View,
        after: Position,
        until: Position,
        most: usize,
        past: bool,
    ) -> Result<Scanned, NodeError> {
        if let Some(matches) = &view.within {
            return self.scan_matches(view, matches, (after, until), most, past);
        }
        let mut cells = [0_u32; CELLS];
        let (mut at, mut found) = (after, Vec::new());
        while at < until && found.len() < most {
            let want = usize::try_from(until.0 - at.0).unwrap_or(CELLS).min(CELLS);
            let read = self.derived.read(at.next(), cells.get_mut(..want).unwrap_or_default());
            let cells = cells.get(..read).unwrap_or_default();
            self.decide_all(view, cells)?;
            let verdicts = view.verdicts.read();
            let first = at;
            for (offset, cell) in (1..).zip(cells) {
                let label = if past { cell & !NOT_CURRENT } else { *cell };
                let verdict = usize::try_from(label).ok().and_then(|at| verdicts.get(at));
                if verdict == Some(&2) {
                    found.push(Position(first.0 + offset));
                    if found.len() == most {
                        return Ok(Scanned { reached: Position(first.0 + offset), found });
                    }
                }
            }
            at = if read < want { until } else { Position(first.0 + read as u64) };
        }
        Ok(Scanned { reached: at, found })
    }

    /// The same in what a saved query holds: costs what that holds, not what is stored.
    fn scan_matches(
        &self,
        view: &View,
        matches: &Matches,
        (after, until): (Position, Position),
        most: usize,
        past: bool,
    ) -> Result<Scanned, NodeError> {
        self.matched_up_to(matches, until)?;
        let (mut at, mut found) = (after, Vec::new());
        while at < until {
            let some = matches.some(at, until, CELLS);
            for position in &some {
                let mut cell = [0_u32];
                self.derived.read(*position, &mut cell);
                let [cell] = cell;
                let label = if past { cell & !NOT_CURRENT } else { cell };
                if label != 0 && label & NOT_CURRENT == 0 && self.admits(view, LabelId(label))? {
                    found.push(*position);
                    if found.len() == most {
                        return Ok(Scanned { reached: *position, found });
                    }
                }
            }
            at = some.last().copied().filter(|_| some.len() == CELLS).unwrap_or(until);
        }
        Ok(Scanned { reached: until, found })
    }

    /// Asks the policy about the labels in a stretch that were not asked about before.
    fn decide_all(&self, view: &View, cells: &[u32]) -> Result<(), NodeError> {
        let mut unknown = Vec::new();
        {
            let verdicts = view.verdicts.read();
            for cell in cells {
                let label = cell & !NOT_CURRENT;
                let known = usize::try_from(label).ok().and_then(|at| verdicts.get(at)).copied().unwrap_or_default();
                if known == 0 && label != 0 && unknown.last() != Some(&label) {
                    unknown.push(label);
                }
            }
        }
        unknown.sort_unstable();
        unknown.dedup();
        unknown.into_iter().try_for_each(|label| self.admits(view, LabelId(label)).map(drop))
    }
}

/// Cells of the label column read at once.
const CELLS: usize = 4_096;
