//! What should be so, worked out from the log and the policy alone: no view, no column, no cursor is looked at.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use comity_base::{OrgName, Position};
use comity_node::PeerKind;
use comity_policy::{Action, Ask, OrgKind, OrgStatus, OwnerGrant, Policy, Standing, State};
use comity_stix::ObjectId;
use comity_stix::label::{Label, Recipient};
use comity_store::{Op, Store, Version};

use crate::world::{Member, country};

/// One owner's object.
pub(crate) type Owned = (OrgName, ObjectId);

/// What one node's log says.
#[derive(Default)]
pub(crate) struct Log {
    /// Every version with content, current or not.
    pub(crate) content: BTreeMap<Owned, Vec<Version>>,
    /// The version of each object that counts.
    pub(crate) current: BTreeMap<Owned, Version>,
    pub(crate) labels: HashMap<u32, Label>,
}

impl Log {
    pub(crate) fn read(member: &Member) -> Self {
        let store = &*member.store;
        let mut log = Self::default();
        for (id, text) in store.labels(comity_store::LabelId(0)).unwrap() {
            log.labels.insert(id.0, Label::from_json(&text).unwrap());
        }
        let rows = store.scan(Position::START, usize::MAX, true).unwrap();
        let withdrawn: BTreeSet<_> =
            rows.iter().filter_map(|row| if let Op::Withdraw(target) = row.op { Some(target) } else { None }).collect();
        let mut gone = BTreeSet::new();
        for row in &rows {
            match row.op {
                Op::Tombstone(target) => drop(gone.insert(target)),
                Op::Restore(target) => drop(gone.remove(&target)),
                Op::Put | Op::Withdraw(_) => {}
            }
        }
        for row in rows.into_iter().filter(|row| row.op == Op::Put) {
            let owned = (log.labels[&row.label.0].owner.clone(), row.id.clone());
            if !row.raw.is_empty() {
                log.content.entry(owned.clone()).or_default().push(row.clone());
            }
            if withdrawn.contains(&row.position) || gone.contains(&row.position) {
                continue;
            }
            let newer = |old: &Version| (old.modified, old.position) < (row.modified, row.position);
            if log.current.get(&owned).is_none_or(newer) {
                log.current.insert(owned, row);
            }
        }
        log
    }

    pub(crate) fn label(&self, version: &Version) -> &Label {
        &self.labels[&version.label.0]
    }
}

pub(crate) struct Oracle {
    policy: Policy,
    known: HashMap<String, bool>,
}

impl Oracle {
    pub(crate) fn new() -> Self {
        Self { policy: Policy::new().unwrap(), known: HashMap::new() }
    }

    /// Whether an agreement between the two is in force at the giver that lets something flow this way.
    pub(crate) fn in_force(giver: &Member, taker: &Member) -> bool {
        let all = giver.node.agreements(&giver.ctx()).unwrap();
        all.iter().any(|one| one.state.is_active() && one.agreement.flow(&giver.name, &taker.name).is_some())
    }

    /// Which of these labels the giver admits for the taker now.
    pub(crate) fn admits(&mut self, giver: &Member, taker: &Member, labels: &[&Label]) -> Vec<bool> {
        let now = giver.ctx().now();
        let all = giver.node.agreements(&giver.ctx()).unwrap();
        let mut grants = HashMap::new();
        for standing in &all {
            let Some(other) = standing.agreement.other(&giver.name) else { continue };
            let kind = giver.node.peer(&other.name).unwrap().map_or(OrgKind::Unknown, |peer| org_kind(peer.kind));
            let grant = OwnerGrant::under(&standing.agreement, &standing.state, &other.name, &giver.name, kind);
            if standing.state.is_active() || !grants.contains_key(&other.name) {
                grants.insert(other.name.clone(), grant);
            }
        }
        let recipient = Recipient {
            name: taker.name.clone(),
            country: Some(country(taker.name.as_str())),
            groups: BTreeSet::new(),
        };
        let towards: Vec<_> = all
            .iter()
            .filter(|one| one.state.is_active() && one.agreement.flow(&giver.name, &taker.name).is_some())
            .collect();
        let mut verdicts = Vec::new();
        for label in labels {
            let grant = grants.get(&label.owner).cloned().unwrap_or(OwnerGrant::UNKNOWN);
            let mut admitted = false;
            for one in &towards {
                let flow = one.agreement.flow(&giver.name, &taker.name);
                let key = format!("{} {} {flow:?} {grant:?} {}", giver.name, taker.name, label.to_json());
                admitted |= *self.known.entry(key).or_insert_with(|| {
                    let grant = grant.clone();
                    let asker = self.policy.asker(&Ask {
                        action: Action::Release,
                        recipient: &recipient,
                        standing: Standing { kind: org_kind(taker.kind), status: OrgStatus::Active },
                        holder: &giver.name,
                        holder_kind: org_kind(giver.kind),
                        agreement: Some((&one.agreement, &one.state)),
                        purposes: &[],
                        owner_grants: std::sync::Arc::new(move |_| grant.clone()),
                        now,
                    });
                    debug_assert!(matches!(one.state, State::Active { .. }));
                    asker.admits(label)
                });
            }
            verdicts.push(admitted);
        }
        verdicts
    }
}

fn org_kind(kind: PeerKind) -> OrgKind {
    match kind {
        PeerKind::Member => OrgKind::Member,
        PeerKind::Partner => OrgKind::Partner,
        PeerKind::Hub => OrgKind::Hub,
    }
}
