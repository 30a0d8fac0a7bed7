//! What is remembered between requests: how what each recipient may see is grouped, and events made lately.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::Arc;
use std::time::{Duration, Instant};

use comity_base::{OrgName, Position};
use comity_crypto::hmac_sha256;
use comity_formats::{Distribution, MispOrg, MispSource, MispWriter};
use comity_node::{Ctx, Groups, Node, NodeError, Outline, View};
use parking_lot::Mutex;
use uuid::Uuid;

use super::ask::Ask;
use super::built::{Built, Head};

/// Shared by all requests. What is in it was read through the recipient's views; that it may still leave is asked of
/// the node each time it does.
#[derive(Default)]
pub(super) struct Desk {
    outline: Outline,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    seen: HashMap<OrgName, Arc<Seen>>,
    built: HashMap<(OrgName, Uuid), Arc<Built>>,
    bytes: usize,
    heads: HashMap<(OrgName, Uuid), Arc<Head>>,
    walks: HashMap<(OrgName, u64), Walk>,
}

/// What one recipient may see, as events.
pub(super) struct Seen {
    pub(super) organisation: OrgName,
    pub(super) views: Vec<Arc<View>>,
    pub(super) groups: Groups,
    /// The UUID of each group's event.
    pub(super) uuids: Vec<Uuid>,
    by_uuid: HashMap<Uuid, usize>,
    by_number: HashMap<u64, usize>,
    key: [u8; 32],
    /// What the node had when it was looked at.
    aimed: Position,
    at: Instant,
    took: Duration,
}

/// Where the next page of a search begins.
#[derive(Clone)]
pub(super) struct Walk {
    pub(super) seen: Arc<Seen>,
    pub(super) event: usize,
    pub(super) attribute: usize,
    at: Instant,
}

impl Desk {
    /// What a recipient may see now.
    pub(super) fn seen(&self, node: &Node, ctx: &Ctx, organisation: &OrgName) -> Result<Arc<Seen>, NodeError> {
        let outlets = node.outlets(ctx, organisation)?;
        let views: Vec<Arc<View>> =
            outlets.into_iter().filter(|outlet| !outlet.is_saved).filter_map(|outlet| outlet.view).collect();
        let known = self.state.lock().seen.get(organisation).cloned();
        if let Some(seen) = known.filter(|seen| seen.is_fresh(node, &views)) {
            return Ok(seen);
        }
        let (began, aimed) = (Instant::now(), node.position());
        let groups = node.groups(ctx, &self.outline, &views)?;
        let seen = Arc::new(Seen::new(node, ctx, organisation, (views, groups), (began, aimed)));
        let mut state = self.state.lock();
        if state.seen.len() >= RECIPIENTS {
            state.seen.clear();
        }
        state.seen.insert(organisation.clone(), Arc::clone(&seen));
        Ok(seen)
    }

    /// Looks again at once: something may not leave any more, or has just been brought.
    pub(super) fn forget(&self, organisation: &OrgName) {
        let mut state = self.state.lock();
        state.seen.remove(organisation);
        state.walks.retain(|(of, _), _| of != organisation);
    }

    /// An event as it is searched, made now or lately. None when nothing of it may be seen any more.
    pub(super) fn built(
        &self,
        node: &Node,
        ctx: &Ctx,
        seen: &Seen,
        at: usize,
    ) -> Result<Option<Arc<Built>>, NodeError> {
        let (Some(group), Some(uuid)) = (seen.groups.all.get(at), seen.uuids.get(at)) else { return Ok(None) };
        let key = (seen.organisation.clone(), *uuid);
        if let Some(built) = self.state.lock().built.get(&key).filter(|built| built.head.stamp == group.stamp) {
            return Ok(Some(Arc::clone(built)));
        }
        let Some(built) = Built::of(node, ctx, seen, at)?.map(Arc::new) else { return Ok(None) };
        let mut state = self.state.lock();
        state.heads.insert(key.clone(), Arc::clone(&built.head));
        if state.bytes > BUILT_BYTES {
            state.built.clear();
            state.bytes = 0;
        }
        state.bytes += built.size();
        state.built.insert(key, Arc::clone(&built));
        Ok(Some(built))
    }

    /// As [`Self::built`], where only some of its objects are asked about: a large event is not made for them.
    pub(super) fn built_for(
        &self,
        node: &Node,
        ctx: &Ctx,
        seen: &Seen,
        (at, positions): (usize, &[Position]),
    ) -> Result<Option<Arc<Built>>, NodeError> {
        let (Some(group), Some(uuid)) = (seen.groups.all.get(at), seen.uuids.get(at)) else { return Ok(None) };
        if group.members.len() <= SMALL || positions.is_empty() {
            return self.built(node, ctx, seen, at);
        }
        let part = node.part_of(&self.outline, group, positions);
        Ok(Built::of_part(node, ctx, seen, (&part, *uuid))?.map(Arc::new))
    }

    /// What is said of an event as a whole.
    pub(super) fn head(&self, node: &Node, ctx: &Ctx, seen: &Seen, at: usize) -> Result<Option<Arc<Head>>, NodeError> {
        if let Some(head) = self.known_head(seen, at) {
            return Ok(Some(head));
        }
        Ok(self.built(node, ctx, seen, at)?.map(|built| Arc::clone(&built.head)))
    }

    /// The same where it need not be made.
    pub(super) fn known_head(&self, seen: &Seen, at: usize) -> Option<Arc<Head>> {
        let (group, uuid) = (seen.groups.all.get(at)?, seen.uuids.get(at)?);
        let key = (seen.organisation.clone(), *uuid);
        self.state.lock().heads.get(&key).filter(|head| head.stamp == group.stamp).cloned()
    }

    /// Where a page of a search begins, when the page before it was asked for a short while ago.
    pub(super) fn walk(&self, organisation: &OrgName, ask: &Ask, page: usize) -> Option<Walk> {
        let state = self.state.lock();
        let walk = state.walks.get(&(organisation.clone(), fingerprint(ask, page)))?;
        (walk.at.elapsed() < WALK).then(|| walk.clone())
    }

    pub(super) fn keep_walk(&self, seen: &Arc<Seen>, (ask, page): (&Ask, usize), event: usize, attribute: usize) {
        let mut state = self.state.lock();
        if state.walks.len() >= WALKS {
            state.walks.clear();
        }
        let walk = Walk { seen: Arc::clone(seen), event, attribute, at: Instant::now() };
        state.walks.insert((seen.organisation.clone(), fingerprint(ask, page)), walk);
    }
}

fn fingerprint(ask: &Ask, page: usize) -> u64 {
    let mut hasher = DefaultHasher::new();
    Ask { page, ..ask.clone() }.hash(&mut hasher);
    hasher.finish()
}

impl Seen {
    fn new(
        node: &Node,
        ctx: &Ctx,
        organisation: &OrgName,
        (views, groups): (Vec<Arc<View>>, Groups),
        (began, aimed): (Instant, Position),
    ) -> Self {
        let writer = writer(node, ctx);
        let key = hmac_sha256(&node.derived_key("misp numbers"), organisation.as_str().as_bytes());
        let (mut uuids, mut by_uuid) = (Vec::with_capacity(groups.all.len()), HashMap::new());
        let mut by_number = HashMap::new();
        for (at, group) in groups.all.iter().enumerate() {
            let loose = || {
                let source = MispSource { container: None, members: &[], owner: &org_of(&group.owner), day: group.day };
                writer.event(&source, Distribution::OwnOrganisation).head.uuid
            };
            let mut uuid = group.uuid.unwrap_or_else(loose);
            // Two owners may hold one report: a MISP takes a UUID once.
            while by_uuid.contains_key(&uuid) {
                uuid = Uuid::new_v5(&NAMESPACE, format!("{uuid} {}", group.owner).as_bytes());
            }
            uuids.push(uuid);
            by_uuid.insert(uuid, at);
            by_number.insert(number(&key, uuid), at);
        }
        let organisation = organisation.clone();
        let now = Instant::now();
        Self { organisation, views, groups, uuids, by_uuid, by_number, key, aimed, at: now, took: now - began }
    }

    /// What takes long to look at is looked at less often.
    fn is_fresh(&self, node: &Node, views: &[Arc<View>]) -> bool {
        let same = |(one, two): (&Arc<View>, &Arc<View>)| {
            // Views without an agreement are this organisation's own, of everything.
            Arc::ptr_eq(one, two) || one.agreement().is_none() && two.agreement().is_none()
        };
        let same_views = self.views.len() == views.len() && self.views.iter().zip(views).all(same);
        let patience = if self.took < QUICK { Duration::ZERO } else { (self.took * 4).min(STALE) };
        // Where it was looked at before its time, there was nothing to see yet: then it is looked at again.
        let is_recent = self.groups.position == self.aimed && self.at.elapsed() < patience;
        same_views && (self.groups.position == node.position() || is_recent)
    }

    /// The number of something for this recipient.
    pub(super) fn number(&self, uuid: Uuid) -> u64 {
        number(&self.key, uuid)
    }

    /// The event of a UUID or number.
    pub(super) fn find(&self, name: &str) -> Option<usize> {
        if let Ok(number) = name.parse::<u64>() {
            return self.by_number.get(&number).copied();
        }
        self.by_uuid.get(&Uuid::try_parse(name).ok()?).copied()
    }

    /// What a recipient brought itself is not offered to it; this organisation's own tools get everything.
    pub(super) fn is_offered(&self, ctx: &Ctx, at: usize) -> bool {
        let owner = self.groups.all.get(at).map(|group| &group.owner);
        self.organisation == ctx.organisation || owner != Some(&self.organisation)
    }
}

/// 47 bits that tell nothing, never 0: clients keep them as numbers.
fn number(key: &[u8; 32], uuid: Uuid) -> u64 {
    let digest = hmac_sha256(key, uuid.as_bytes());
    let bytes = digest.first_chunk::<8>().copied().unwrap_or_default();
    (u64::from_be_bytes(bytes) >> 17).max(1)
}

pub(super) fn writer(node: &Node, ctx: &Ctx) -> MispWriter {
    MispWriter::new(org_of(&ctx.organisation), node.values().clone())
}

/// An organisation as MISP names it.
pub(super) fn org_of(name: &OrgName) -> MispOrg {
    let uuid = Uuid::new_v5(&NAMESPACE, format!("organisation {name}").as_bytes());
    MispOrg { name: name.to_string(), uuid }
}

pub(super) const NAMESPACE: Uuid = Uuid::from_u128(0x2f5e_6c0d_91a8_5d47_a3b6_5b0e_7c19_d2f4);
/// Events of so many objects are made whole whatever is asked of them.
const SMALL: usize = 200;
/// Recipients remembered at once.
const RECIPIENTS: usize = 64;
/// Bytes of made events remembered.
const BUILT_BYTES: usize = 256 << 20;
/// Searches whose next page is known.
const WALKS: usize = 256;
/// For so long.
const WALK: Duration = Duration::from_mins(10);
/// What is looked at as fast is looked at whenever there is news.
const QUICK: Duration = Duration::from_millis(100);
/// What was looked at is not older than this.
const STALE: Duration = Duration::from_secs(10);
