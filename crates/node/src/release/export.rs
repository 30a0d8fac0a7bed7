use std::collections::{BTreeMap, HashMap};
use std::io::Write;

use comity_base::{OrgName, Position};
use comity_formats::BundleWriter;
use comity_policy::access::Authority;
use comity_policy::{Ask, Asker, Verdict};
use comity_stix::ObjectId;
use comity_store::LabelId;
use serde::Serialize;
use serde_json::json;
use uuid::Uuid;

use crate::release::{Channel, Leaving};
use crate::{Act, Ctx, Deed, Node, NodeError};

const NAMESPACE: Uuid = Uuid::from_u128(0x3f6c_1d1c_6f0e_5f0e_9b7e_2d6c_0a5f_4b21);
const PAGE: usize = 4_096;

/// What an export wrote.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Exported {
    /// The recipient.
    pub recipient: OrgName,
    /// Objects written.
    pub objects: u64,
    /// Current objects not written, because their labels do not admit the recipient.
    pub withheld: u64,
    /// Up to this position.
    pub position: Position,
}

/// What one organisation may see of what another brought.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Seen {
    /// Whose data it is.
    pub owner: OrgName,
    /// Current objects it may see.
    pub admitted: u64,
    /// Current objects it may not see.
    pub withheld: u64,
    /// Why not, by sentence, with the number of objects.
    pub reasons: BTreeMap<String, u64>,
}

/// The audience rule for one recipient, decided once per label.
struct Door<'n> {
    node: &'n Node,
    asker: Asker,
    verdicts: HashMap<LabelId, Verdict>,
}

impl Door<'_> {
    fn verdict(&mut self, label: LabelId) -> Result<&Verdict, NodeError> {
        if !self.verdicts.contains_key(&label) {
            let said = self.node.labels.get(&*self.node.store, label)?;
            let standing = self.node.standing(&said)?;
            let verdict = self.asker.explain(&standing.label);
            self.verdicts.insert(label, verdict);
        }
        self.verdicts.get(&label).ok_or(NodeError::Stage)
    }
}

impl Node {
    /// Writes a STIX 2.1 bundle of every current object whose label admits the recipient; members are
    /// byte for byte what came in.
    ///
    /// # Errors
    /// When the recipient is unknown, the store cannot be read, or writing fails.
    pub fn export(&self, ctx: &Ctx, recipient: &OrgName, out: &mut dyn Write) -> Result<Exported, NodeError> {
        self.may(ctx, Act::Export, json!({"to": recipient}))?;
        let mut door = self.door(ctx, recipient)?;
        let visible = self.ready()?;
        let id =
            Uuid::new_v5(&NAMESPACE, format!("{} {recipient} {visible} {}", ctx.organisation, ctx.now()).as_bytes());
        let failed = |source| NodeError::Io { doing: "writing the export; it is not complete".into(), source };
        let mut bundle = BundleWriter::new(
            out,
            &ObjectId::new("bundle", id).map_err(|error| NodeError::Refused(error.to_string()))?,
        )
        .map_err(failed)?;
        let mut done = Exported { recipient: recipient.clone(), objects: 0, withheld: 0, position: visible };
        let mut written = std::collections::HashSet::new();
        let mut at = Position::START;
        while at < visible {
            let positions = self.current_page(&mut at, (visible, &ctx.authority), &mut door, &mut done)?;
            self.put_on_record(ctx, recipient, &positions)?;
            for version in self.store.get(&positions)?.into_iter().flatten() {
                // Two owners may hold the same bytes of one object; a bundle holds it once.
                if written.insert((version.id.clone(), version.modified, raw_hash(&version.raw))) {
                    bundle.object(&version.raw).map_err(failed)?;
                    done.objects += 1;
                }
            }
        }
        bundle.finish().map_err(failed)?;
        Ok(done)
    }

    /// A page of an export, before its bytes go anywhere: an officer with a file is not asked again.
    fn put_on_record(&self, ctx: &Ctx, recipient: &OrgName, positions: &[Position]) -> Result<(), NodeError> {
        if positions.is_empty() {
            return Ok(());
        }
        let (channel, agreement, now) = (Channel::Export, None, ctx.now());
        self.record(ctx, Leaving { recipient, channel, agreement, positions, now }.deed(None, None)?)
    }

    /// The next admitted positions; moves `at` on and counts what is withheld.
    fn current_page(
        &self,
        at: &mut Position,
        (visible, authority): (Position, &Authority),
        door: &mut Door<'_>,
        done: &mut Exported,
    ) -> Result<Vec<Position>, NodeError> {
        let mut positions = Vec::new();
        while *at < visible && positions.len() < PAGE {
            *at = at.next();
            let Some(label) = self.derived.current(*at) else { continue };
            // Nobody hands over, or hears of, what they may not see themselves.
            if !self.meets(authority, label)? {
                continue;
            }
            if door.verdict(label)?.admitted {
                positions.push(*at);
            } else {
                done.withheld += 1;
            }
        }
        Ok(positions)
    }

    /// What an organisation may see, owner by owner, and why not the rest.
    ///
    /// # Errors
    /// When the organisation is unknown or the store cannot be read.
    pub fn seen_by(&self, ctx: &Ctx, recipient: &OrgName) -> Result<Vec<Seen>, NodeError> {
        self.may(ctx, Act::Audience, json!({"organisation": recipient}))?;
        self.record(ctx, Deed::query("audience", json!({"organisation": recipient})))?;
        let mut door = self.door(ctx, recipient)?;
        let visible = self.ready()?;
        let mut counts: BTreeMap<LabelId, u64> = BTreeMap::new();
        for position in 1..=visible.0 {
            if let Some(label) = self.derived.current(Position(position))
                && self.meets(&ctx.authority, label)?
            {
                *counts.entry(label).or_default() += 1;
            }
        }
        let mut seen: BTreeMap<OrgName, Seen> = BTreeMap::new();
        for (label, count) in counts {
            let owner = self.owner_of(label)?;
            let row = seen.entry(owner.clone()).or_insert_with(|| Seen {
                owner,
                admitted: 0,
                withheld: 0,
                reasons: BTreeMap::new(),
            });
            let verdict = door.verdict(label)?;
            if verdict.admitted {
                row.admitted += count;
            } else {
                row.withheld += count;
                let why = verdict.reasons.iter().map(|reason| reason.text.as_str()).collect::<Vec<_>>().join(" ");
                *row.reasons.entry(why).or_default() += count;
            }
        }
        Ok(seen.into_values().collect())
    }

    fn door<'n>(&'n self, ctx: &'n Ctx, recipient: &OrgName) -> Result<Door<'n>, NodeError> {
        let known = self.source(recipient)?.ok_or_else(|| NodeError::UnknownOrganisation(recipient.clone()))?;
        let (recipient, purpose) = (known.recipient(), ctx.purpose.name());
        let ask = Ask::export(&recipient, &ctx.organisation, Some(&purpose), ctx.now());
        Ok(Door { node: self, asker: self.policy()?.asker(&ask), verdicts: HashMap::new() })
    }
}

fn raw_hash(raw: &[u8]) -> [u8; 32] {
    comity_crypto::sha256(raw)
}
