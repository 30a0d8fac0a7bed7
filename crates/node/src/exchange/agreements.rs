use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use comity_base::{OrgName, Timestamp};
use comity_crypto::hex;
use comity_crypto::{PublicKey, random_bytes, sha256};
use comity_policy::{Agreement, KnownParty, State, Suspension, with_parties};
use comity_stix::ObjectId;
use parking_lot::Mutex;
use serde_json::json;
use serde_json::value::RawValue;

use super::messages::refused;
use super::{Body, Client, Peer};
use crate::Deed;
use crate::{Act, Ctx, Node, NodeError, View};

/// An agreement as it stands here.
#[derive(Clone, Debug)]
pub struct Standing {
    /// The version that counts, or else the newest.
    pub agreement: Agreement,
    /// Where it stands.
    pub state: State,
    /// A newer version that is not signed by both yet.
    pub proposed: Option<Agreement>,
}

impl Standing {
    /// Whether it binds this organisation, or did: both have signed it, whatever flows under it by now.
    fn bound(&self, name: &OrgName) -> bool {
        let signed = !matches!(self.state, State::Draft | State::Proposed { .. });
        signed && self.agreement.party(name).is_some()
    }
}

/// What recipients may see, as long as nothing that decides about it has changed.
#[derive(Default)]
pub(crate) struct Views {
    /// By recipient and agreement; without one, under all of them.
    cached: Mutex<Cached>,
    /// The agreements as they stood when they were last read, and until when that holds.
    agreements: Mutex<Option<Read>>,
}

type Cached = HashMap<(OrgName, Option<ObjectId>), Arc<View>>;

struct Read {
    epoch: u64,
    until: Option<Timestamp>,
    all: Arc<Vec<Standing>>,
}

impl Views {
    pub(crate) fn forget(&self) {
        self.cached.lock().clear();
        *self.agreements.lock() = None;
    }
}

impl Node {
    /// Something that decides who may see what has changed: every process asks the policy anew.
    ///
    /// Said before the change as well as after it: a process killed between the two leaves no view that goes by the
    /// name of what was admitted before, under which a peer would never be offered what has become visible to it.
    pub(crate) fn forget_views(&self) {
        self.views.forget();
        // Whoever writes at the same moment has said it too. When the store fails here, it fails the caller next.
        drop(self.overwrite(EPOCH, b"changed", &[]));
    }

    fn epoch(&self) -> Result<u64, NodeError> {
        Ok(self.store.value(EPOCH)?.map_or(0, |(version, _)| version))
    }

    fn trusts(&self, name: &OrgName, key: &PublicKey) -> bool {
        if self.ourselves.as_ref().is_some_and(|own| own.name == *name) {
            return self.ourselves.as_ref().is_some_and(|own| own.keys.contains(key));
        }
        // A key that cannot be looked up is not trusted.
        self.keys_of(name).is_ok_and(|keys| keys.contains(key))
    }

    /// Every agreement known here, with where it stands now.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn agreements(&self, ctx: &Ctx) -> Result<Vec<Standing>, NodeError> {
        self.may(ctx, Act::Agreements, json!({}))?;
        Ok(self.agreements_now(ctx)?.to_vec())
    }

    /// The same, shared: signatures are checked again only after something has changed.
    pub(crate) fn agreements_now(&self, ctx: &Ctx) -> Result<Arc<Vec<Standing>>, NodeError> {
        let (epoch, now) = (self.epoch()?, ctx.now());
        let holds = |read: &&Read| read.epoch == epoch && read.until.is_none_or(|until| now < until);
        if let Some(read) = self.views.agreements.lock().as_ref().filter(holds) {
            return Ok(Arc::clone(&read.all));
        }
        let mut versions: Vec<Agreement> = Vec::new();
        for (key, bytes) in self.store.values("agreement/")? {
            versions.push(Agreement::from_object(&bytes).map_err(damaged(&key))?);
        }
        let mut all = Vec::new();
        for versions in versions.chunk_by(|a, b| a.id == b.id) {
            all.extend(self.standing_of(versions, now)?);
        }
        let until = all.iter().filter_map(|standing| standing.state.next_change()).min();
        let all = Arc::new(all);
        *self.views.agreements.lock() = Some(Read { epoch, until, all: Arc::clone(&all) });
        Ok(all)
    }

    /// One agreement; the id may be shortened as long as it names one only.
    ///
    /// # Errors
    /// When there is none, or several.
    pub fn agreement(&self, ctx: &Ctx, id: &str) -> Result<Standing, NodeError> {
        self.may(ctx, Act::Agreements, json!({"agreement": id}))?;
        self.known_agreement(ctx, id)
    }

    fn known_agreement(&self, ctx: &Ctx, id: &str) -> Result<Standing, NodeError> {
        let mut all = self.agreements_now(ctx)?.to_vec();
        let names = |standing: &Standing| {
            let full = standing.agreement.id.to_string();
            full == id || standing.agreement.id.uuid.to_string().starts_with(id)
        };
        all.retain(names);
        let one = all.pop().filter(|_| all.is_empty() && !id.is_empty());
        one.ok_or_else(|| {
            NodeError::Refused(format!(
                "there is no agreement {id}, or several; list them with `comity agreement list`"
            ))
        })
    }

    fn standing_of(&self, versions: &[Agreement], now: Timestamp) -> Result<Option<Standing>, NodeError> {
        let trust = |name: &OrgName, key: &PublicKey| self.trusts(name, key);
        let Some(newest) = versions.iter().max_by_key(|version| version.version) else { return Ok(None) };
        let counts = Agreement::latest_signed(versions, &trust).unwrap_or(newest);
        let mut suspensions = Vec::new();
        for (key, bytes) in self.store.values(&format!("suspension/{}/", newest.id))? {
            suspensions.push(Suspension::from_object(&bytes).map_err(damaged(&key))?);
        }
        let state = counts.state(&suspensions, &trust, now);
        let proposed = (newest.version > counts.version).then(|| newest.clone());
        Ok(Some(Standing { agreement: counts.clone(), state, proposed }))
    }

    /// The text of an agreement with a peer, with both parties, their countries and keys, where it leaves them out.
    ///
    /// # Errors
    /// When this node has not said who it is, or the organisation is not connected.
    pub fn filled_agreement(&self, peer: &OrgName, text: &str) -> Result<String, NodeError> {
        let (own, peer) = (self.ourselves()?, self.known_peer(peer)?);
        let known = |name: &OrgName, country: &Option<String>, keys: &[PublicKey]| KnownParty {
            name: name.clone(),
            country: country.clone(),
            key: keys.first().copied(),
        };
        let own = known(&own.name, &own.country, &own.keys);
        Ok(with_parties(text, &[own, known(&peer.name, &peer.country, &peer.keys)]))
    }

    /// Writes an agreement down, signs it for this organisation, and sends it to the other party.
    ///
    /// # Errors
    /// When the text is no agreement between this organisation and that peer.
    pub fn propose(&self, ctx: &Ctx, peer: &OrgName, text: &str) -> Result<Agreement, NodeError> {
        self.may(ctx, Act::Propose, json!({"peer": peer}))?;
        self.known_peer(peer)?;
        let random = random_bytes::<16>().map_err(|error| NodeError::Refused(error.to_string()))?;
        let id = uuid::Builder::from_random_bytes(random).into_uuid();
        let made = Agreement::from_toml(text, id, ctx.now()).map_err(unfit)?;
        self.sign_and_send(ctx, peer, made)
    }

    /// Writes a new version of an agreement, signs it, and sends it. The old one counts until both signed.
    ///
    /// # Errors
    /// As for [`Self::propose`]; and when the version is not higher.
    pub fn revise(&self, ctx: &Ctx, id: &str, text: &str) -> Result<Agreement, NodeError> {
        self.may(ctx, Act::Propose, json!({"agreement": id}))?;
        let old = self.known_agreement(ctx, id)?;
        let other = other_party(&old.agreement, &ctx.organisation)?;
        let made = old.proposed.as_ref().unwrap_or(&old.agreement).revised(text, ctx.now()).map_err(unfit)?;
        self.sign_and_send(ctx, &other, made)
    }

    /// Signs what the other party proposed, and sends it back.
    ///
    /// # Errors
    /// When there is nothing to sign.
    pub fn sign_agreement(&self, ctx: &Ctx, id: &str) -> Result<Agreement, NodeError> {
        self.may(ctx, Act::Sign, json!({"agreement": id}))?;
        let standing = self.known_agreement(ctx, id)?;
        let other = other_party(&standing.agreement, &ctx.organisation)?;
        self.sign_and_send(ctx, &other, standing.proposed.unwrap_or(standing.agreement))
    }

    /// Notes that the other party, which has no node, signed an agreement on paper, and where that paper is.
    ///
    /// # Errors
    /// When the other party has a node and signs there, or nothing is said about the paper.
    pub fn sign_on_paper(&self, ctx: &Ctx, id: &str, paper: &str) -> Result<Agreement, NodeError> {
        self.may(ctx, Act::Sign, json!({"agreement": id}))?;
        let standing = self.known_agreement(ctx, id)?;
        let other = self.known_peer(&other_party(&standing.agreement, &ctx.organisation)?)?;
        if other.client != Client::Tool || paper.trim().is_empty() {
            let why = "only an organisation without a node signs on paper, and where the paper is must be said";
            return Err(NodeError::Refused(why.into()));
        }
        let mut made = standing.proposed.unwrap_or(standing.agreement);
        made.sign(&ctx.organisation, &self.signer).map_err(unfit)?;
        made.sign(&other.name, &self.stand_in(&other.name)?).map_err(unfit)?;
        let said = serde_json::json!({ "paper": paper, "by": ctx.actor, "at": ctx.now() });
        self.overwrite(&format!("paper/{}/{:06}", made.id, made.version), said.to_string().as_bytes(), &[])?;
        self.keep_agreement(ctx, &made, "agreement signed, the other party on paper")?;
        Ok(made)
    }

    fn sign_and_send(&self, ctx: &Ctx, peer: &OrgName, mut made: Agreement) -> Result<Agreement, NodeError> {
        self.announce(ctx)?;
        if made.other(&ctx.organisation).is_none_or(|other| other.name != *peer) {
            let own = &ctx.organisation;
            return Err(NodeError::Refused(format!("the agreement is not between {own} and {peer}; nothing was sent")));
        }
        made.sign(&ctx.organisation, &self.signer).map_err(unfit)?;
        self.keep_agreement(ctx, &made, "agreement signed")?;
        self.post(ctx, peer, &Body::Agreement { object: raw(made.to_object())? })?;
        Ok(made)
    }

    fn keep_agreement(&self, ctx: &Ctx, agreement: &Agreement, decided: &str) -> Result<(), NodeError> {
        let key = format!("agreement/{}/{:06}", agreement.id, agreement.version);
        let deed = about(agreement, Deed::decision(decided, json!({})), &ctx.organisation)
            .and("digest", hex(&sha256(agreement.to_object().as_bytes())));
        self.forget_views();
        self.overwrite(&key, agreement.to_object().as_bytes(), &[deed.entry(ctx)?])?;
        self.forget_views();
        Ok(())
    }

    /// Takes a version of an agreement that a peer sent: its signature is kept, and what is known is not changed.
    pub(crate) fn take_agreement(&self, ctx: &Ctx, peer: &Peer, object: &[u8]) -> Result<(), NodeError> {
        let sent = Agreement::from_object(object).map_err(|error| refused(error.to_string()))?;
        if sent.other(&ctx.organisation).is_none_or(|other| other.name != peer.name) {
            return Err(refused(format!("the agreement is not between {} and {}", ctx.organisation, peer.name)));
        }
        let trust = |name: &OrgName, key: &PublicKey| self.trusts(name, key);
        if !sent.signed_by(&trust).contains(&&peer.name) {
            return Err(refused(format!("the agreement is not signed by {}", peer.name)));
        }
        let key = format!("agreement/{}/{:06}", sent.id, sent.version);
        match self.store.value(&key)? {
            None => self.keep_agreement(ctx, &sent, "agreement received"),
            Some((_, bytes)) => {
                let mut known = Agreement::from_object(&bytes).map_err(damaged(&key))?;
                if !known.take_signatures(&sent) {
                    return Err(refused(format!(
                        "version {} of the agreement is another one here; propose the next version",
                        sent.version
                    )));
                }
                self.keep_agreement(ctx, &known, "signature of an agreement received")
            }
        }
    }

    /// Suspends an agreement for this organisation alone, at once: nothing passes under it until it is lifted.
    ///
    /// # Errors
    /// When there is none of this id, or no reason is given.
    pub fn suspend(&self, ctx: &Ctx, id: &str, reason: &str) -> Result<Suspension, NodeError> {
        self.may(ctx, Act::Suspend, json!({"agreement": id}))?;
        let standing = self.known_agreement(ctx, id)?;
        let made = Suspension::new(&standing.agreement, &ctx.organisation, &self.signer, reason, ctx.now());
        let made = made.map_err(unfit)?;
        self.keep_suspension(ctx, &standing.agreement, &made, "agreement suspended")?;
        self.send_suspension(ctx, &standing.agreement, &made)?;
        Ok(made)
    }

    /// Lifts this organisation's suspensions of an agreement.
    ///
    /// # Errors
    /// When this organisation has not suspended it.
    pub fn lift(&self, ctx: &Ctx, id: &str) -> Result<Vec<Suspension>, NodeError> {
        self.may(ctx, Act::Suspend, json!({"agreement": id}))?;
        let standing = self.known_agreement(ctx, id)?;
        let mut lifted = Vec::new();
        for (key, bytes) in self.store.values(&format!("suspension/{}/", standing.agreement.id))? {
            let suspension = Suspension::from_object(&bytes).map_err(damaged(&key))?;
            if suspension.party == ctx.organisation && suspension.holds(ctx.now()) {
                let made = suspension.lift(&standing.agreement, &ctx.organisation, &self.signer, ctx.now());
                let made = made.map_err(unfit)?;
                // Sent first: once it is lifted here nobody would lift it again, and the other would never hear of it.
                self.send_suspension(ctx, &standing.agreement, &made)?;
                self.keep_suspension(ctx, &standing.agreement, &made, "suspension lifted")?;
                lifted.push(made);
            }
        }
        if lifted.is_empty() {
            return Err(NodeError::Refused("this organisation has not suspended the agreement".into()));
        }
        Ok(lifted)
    }

    fn send_suspension(&self, ctx: &Ctx, agreement: &Agreement, made: &Suspension) -> Result<(), NodeError> {
        // A key that is new to the other side comes before what is signed with it.
        self.announce(ctx)?;
        let other = other_party(agreement, &ctx.organisation)?;
        self.post(ctx, &other, &Body::Suspension { statement: raw(made.to_object())? })
    }

    fn keep_suspension(
        &self,
        ctx: &Ctx,
        agreement: &Agreement,
        made: &Suspension,
        decided: &str,
    ) -> Result<(), NodeError> {
        let deed =
            about(agreement, Deed::decision(decided, json!({})), &ctx.organisation).and("by", made.party.as_str());
        let key = format!("suspension/{}/{}", agreement.id, made.id);
        self.forget_views();
        self.overwrite(&key, made.to_object().as_bytes(), &[deed.entry(ctx)?])?;
        self.forget_views();
        Ok(())
    }

    pub(crate) fn take_suspension(&self, ctx: &Ctx, peer: &Peer, object: &[u8]) -> Result<(), NodeError> {
        let sent = Suspension::from_object(object).map_err(|error| refused(error.to_string()))?;
        let standing = self.known_agreement(ctx, &sent.agreement_ref.to_string())?;
        let trust = |name: &OrgName, key: &PublicKey| self.trusts(name, key);
        if sent.party != peer.name || !sent.counts(&standing.agreement, &trust) {
            return Err(refused(format!("the suspension is not signed by {}", peer.name)));
        }
        let key = format!("suspension/{}/{}", sent.agreement_ref, sent.id);
        if let Some((_, bytes)) = self.store.value(&key)? {
            let known = Suspension::from_object(&bytes).map_err(damaged(&key))?;
            if known.lifted.is_some() {
                // The order of the two may have been turned around on the way.
                return Ok(());
            }
        }
        self.keep_suspension(ctx, &standing.agreement, &sent, "suspension received")
    }

    /// Agreements in force now that let something flow this way.
    pub(crate) fn in_force(&self, ctx: &Ctx, from: &OrgName, to: &OrgName) -> Result<Vec<Standing>, NodeError> {
        let all = self.agreements_now(ctx)?;
        let flows = |standing: &&Standing| standing.state.is_active() && standing.agreement.flow(from, to).is_some();
        Ok(all.iter().filter(flows).cloned().collect())
    }

    /// As [`Self::view_of_peer`]; where no agreement is in force any more, or the exchange is stopped, a view of nothing:
    /// what was given is still taken back.
    pub(crate) fn view_even_closed(&self, ctx: &Ctx, peer: &Peer) -> Result<Arc<View>, NodeError> {
        let view = self.view_of_peer(ctx, peer);
        // While an exchange is stopped nothing is admitted, and that is no reason to take anything back.
        if !matches!(view, Err(NodeError::NoAgreement(_))) && peer.is_active() {
            return view;
        }
        let all = self.agreements_now(ctx)?;
        let last = all.iter().filter(|one| one.bound(&peer.name)).max_by_key(|one| one.agreement.modified);
        let agreement = &last.ok_or_else(|| NodeError::NoAgreement(peer.name.clone()))?.agreement;
        let mut view = View::closed(peer.recipient(BTreeSet::new()), (agreement.id.clone(), agreement.version));
        view.receipts_within_hours = agreement.receipts.within_hours;
        Ok(Arc::new(view))
    }

    /// A page is taken only under an agreement that lets it flow this way now; one that only takes back, also under an
    /// agreement that did.
    pub(crate) fn must_be_agreed(
        &self,
        ctx: &Ctx,
        peer: &Peer,
        id: &(ObjectId, u32),
        only_takes_back: bool,
    ) -> Result<(), NodeError> {
        let did = |standing: &Standing| standing.agreement.id == id.0 && standing.bound(&peer.name);
        if only_takes_back && self.agreements_now(ctx)?.iter().any(did) {
            return Ok(());
        }
        let agreed = self.in_force(ctx, &peer.name, &ctx.organisation)?;
        if agreed.iter().any(|standing| standing.agreement.id == id.0) {
            return Ok(());
        }
        Err(NodeError::NoAgreement(peer.name.clone()))
    }

    /// What a peer may be given now, under all agreements in force towards it.
    ///
    /// # Errors
    /// [`NodeError::NoAgreement`] when none is.
    pub fn view_of_peer(&self, ctx: &Ctx, peer: &Peer) -> Result<Arc<View>, NodeError> {
        self.view(ctx, peer, None)
    }

    /// What a peer may be given now under one agreement.
    ///
    /// # Errors
    /// [`NodeError::NoAgreement`] when it is not in force.
    pub fn view_under(&self, ctx: &Ctx, peer: &Peer, agreement: &ObjectId) -> Result<Arc<View>, NodeError> {
        self.view(ctx, peer, Some(agreement))
    }

    fn view(&self, ctx: &Ctx, peer: &Peer, only: Option<&ObjectId>) -> Result<Arc<View>, NodeError> {
        let (epoch, key) = (self.epoch()?, (peer.name.clone(), only.cloned()));
        let fresh = |view: &Arc<View>| view.asked_at == epoch && view.until().is_none_or(|until| ctx.now() < until);
        if let Some(view) = self.views.cached.lock().get(&key).filter(|view| fresh(view)) {
            return Ok(Arc::clone(view));
        }
        let mut agreed = self.in_force(ctx, &ctx.organisation, &peer.name)?;
        agreed.retain(|standing| only.is_none_or(|id| standing.agreement.id == *id));
        let view = Arc::new(self.make_view(ctx, peer, &agreed, epoch)?);
        self.views.cached.lock().insert(key, Arc::clone(&view));
        Ok(view)
    }

    fn make_view(&self, ctx: &Ctx, peer: &Peer, agreed: &[Standing], epoch: u64) -> Result<View, NodeError> {
        let newest = agreed.iter().max_by_key(|standing| standing.agreement.modified);
        let newest = newest.ok_or_else(|| NodeError::NoAgreement(peer.name.clone()))?;
        let named = (newest.agreement.id.clone(), newest.agreement.version);
        let hours = newest.agreement.receipts.within_hours;
        let mut seen = epoch.to_be_bytes().to_vec();
        seen.extend_from_slice(self.rules_digest());
        for standing in agreed {
            seen.extend_from_slice(format!("{} {};", standing.agreement.id, standing.agreement.version).as_bytes());
        }
        let groups = self.source(&peer.name)?.map(|source| source.groups).unwrap_or_default();
        let recipient = peer.recipient(groups);
        let askers = self.askers(ctx, peer, &recipient, agreed)?;
        let mut view = View::new(recipient, Some(named), askers);
        view.receipts_within_hours = hours;
        view.asked_at = epoch;
        view.epoch = u64::from_be_bytes(*sha256(&seen).first_chunk().unwrap_or(&[0; 8]));
        Ok(view)
    }
}

/// Names an agreement and its other party in a deed.
fn about(agreement: &Agreement, deed: Deed, own: &OrgName) -> Deed {
    let peer = agreement.other(own).map(|other| other.name.to_string());
    deed.and("agreement", json!({"id": agreement.id.to_string(), "version": agreement.version})).and("peer", peer)
}

fn other_party(agreement: &Agreement, own: &OrgName) -> Result<OrgName, NodeError> {
    let stranger = || NodeError::Refused(format!("{own} is not a party to the agreement"));
    Ok(agreement.other(own).ok_or_else(stranger)?.name.clone())
}

fn raw(text: String) -> Result<Box<RawValue>, NodeError> {
    RawValue::from_string(text).map_err(NodeError::setting("agreement"))
}

fn unfit(error: impl std::fmt::Display) -> NodeError {
    NodeError::Refused(error.to_string())
}

fn damaged<E: std::fmt::Display>(key: &str) -> impl FnOnce(E) -> NodeError {
    let key = key.to_owned();
    move |error| NodeError::Setting { key, reason: error.to_string() }
}

/// Grows whenever something that decides who may see what has changed.
const EPOCH: &str = "policy/epoch";
