use std::collections::HashMap;
use std::sync::Arc;

use comity_base::{OrgName, Position, Timestamp};
use comity_stix::ObjectId;
use comity_store::{Change, NewEntry, Put, Store};
use parking_lot::Mutex;
use roaring::RoaringTreemap;
use serde::{Deserialize, Serialize};

use crate::{Ctx, Node, NodeError};

/// The way something left.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Channel {
    /// To another node, which can recall and answers receipts.
    Node,
    /// To a TAXII client.
    Taxii,
    /// To a MISP, or a client of its API.
    Misp,
    /// As a list of values.
    List,
    /// As a stream of events.
    Stream,
    /// Pushed to a collection of somebody else.
    Push,
    /// Written to a file by an officer.
    Export,
}

impl Channel {
    /// Whether what left this way can be taken back: only another node carries a recall out and proves it.
    pub const fn can_recall(self) -> bool {
        matches!(self, Self::Node)
    }

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Node => "node",
            Self::Taxii => "taxii",
            Self::Misp => "misp",
            Self::List => "list",
            Self::Stream => "stream",
            Self::Push => "push",
            Self::Export => "export",
        }
    }
}

/// What one recipient was given in one go: its requests of one kind with no long pause between them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    /// Its key among the recipient's deliveries.
    pub id: String,
    /// To whom.
    pub recipient: OrgName,
    /// How.
    pub channel: Channel,
    /// Under which agreement, and which version of it; none for an export by hand.
    pub agreement: Option<(ObjectId, u32)>,
    /// The first of it.
    pub began: Timestamp,
    /// The last of it.
    pub ended: Timestamp,
    /// How many versions.
    pub objects: u64,
    /// While it goes on: what the recipient may see up to here may have been given too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ahead: Option<(Position, Position)>,
}

/// The account of everything that was given, by recipient. Kept in the store's settings before anything of it
/// leaves: a page is either listed or lies in the stretch that its delivery announced.
#[derive(Debug, Default)]
pub(crate) struct Given {
    accounts: Mutex<Accounts>,
}

/// By recipient, nodes apart from tools of the same organisation: what one holds, the other need not.
type Accounts = HashMap<(OrgName, bool), Arc<Mutex<Account>>>;

#[derive(Debug, Default)]
struct Account {
    /// Everything ever given.
    all: RoaringTreemap,
    /// What was announced by deliveries that were cut off: some of it may have been given.
    announced: RoaringTreemap,
    open: Option<Open>,
}

/// The delivery that is going on.
#[derive(Debug)]
struct Open {
    head: Delivery,
    given: RoaringTreemap,
    version: Option<u64>,
    dirty: bool,
}

/// What is about to leave.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Leaving<'a> {
    pub(crate) recipient: &'a OrgName,
    pub(crate) channel: Channel,
    pub(crate) agreement: Option<&'a (ObjectId, u32)>,
    /// Sorted.
    pub(crate) positions: &'a [Position],
    pub(crate) now: Timestamp,
}

impl Given {
    fn account(&self, store: &dyn Store, recipient: &OrgName, node: bool) -> Result<Arc<Mutex<Account>>, NodeError> {
        let mut accounts = self.accounts.lock();
        if let Some(account) = accounts.get(&(recipient.clone(), node)) {
            return Ok(account.clone());
        }
        let mut account = Account::default();
        for (head, given) in read(store, recipient)? {
            if head.channel.can_recall() == node {
                account.all |= given;
                if let Some((from, to)) = head.ahead {
                    account.announced.insert_range(from.0 + 1..=to.0);
                }
            }
        }
        let account = Arc::new(Mutex::new(account));
        accounts.insert((recipient.clone(), node), account.clone());
        Ok(account)
    }

    /// Enters what is about to leave. When this returns it is on record, whatever happens next.
    /// In the ledger it stands too: what goes to another node is durable there before it leaves, what goes to tools is
    /// with what becomes durable next, and announced in what is durable already.
    pub(crate) fn enter(&self, store: &dyn Store, leaving: Leaving<'_>, entry: &NewEntry) -> Result<(), NodeError> {
        let (Some(first), Some(last)) = (leaving.positions.first(), leaving.positions.last()) else { return Ok(()) };
        let entries = std::slice::from_ref(entry);
        let account = self.account(store, leaving.recipient, leaving.channel.can_recall())?;
        let mut account = account.lock();
        if !account.open.as_ref().is_some_and(|open| open.takes(&leaving)) {
            account.close(store)?;
            account.open = Some(Open::new(&leaving));
        }
        let Account { all, open: Some(open), .. } = &mut *account else { return Ok(()) };
        for position in leaving.positions {
            all.insert(position.0);
            open.given.insert(position.0);
        }
        open.head.objects = open.given.len();
        open.head.ended = leaving.now;
        open.dirty = true;
        let announced = open.head.ahead.is_some_and(|(from, to)| from < *first && *last <= to);
        if announced {
            store.write(&Change { entries, soon: true, ..Change::default() })?;
            return Ok(());
        }
        // A client that pages on will ask for the next ones: their stretch is announced now, in the same write.
        let stretch = (last.0 - first.0 + 1).saturating_mul(AHEAD);
        // Of nodes it is known exactly: what was given must be found again to be taken back, and nobody is told of
        // an object it was never given.
        let ahead = (*last, Position(last.0.saturating_add(stretch)));
        open.head.ahead = (!leaving.channel.can_recall()).then_some(ahead);
        open.write(store, entries)
    }

    /// Everything a recipient was ever given.
    /// Of its node, or of its tools.
    pub(crate) fn all(&self, store: &dyn Store, recipient: &OrgName, node: bool) -> Result<RoaringTreemap, NodeError> {
        self.with(store, recipient, node, |all, _| all.clone())
    }

    /// Looks at everything a recipient was ever given, and at what was announced by deliveries that were cut off.
    pub(crate) fn with<T>(
        &self,
        store: &dyn Store,
        recipient: &OrgName,
        node: bool,
        look: impl FnOnce(&RoaringTreemap, &RoaringTreemap) -> T,
    ) -> Result<T, NodeError> {
        let account = self.account(store, recipient, node)?;
        let account = account.lock();
        Ok(look(&account.all, &account.announced))
    }

    /// Writes what is going on to its end, so that nothing is merely announced any more.
    pub(crate) fn settle(&self, store: &dyn Store) -> Result<(), NodeError> {
        let accounts: Vec<_> = self.accounts.lock().values().cloned().collect();
        accounts.iter().try_for_each(|account| account.lock().close(store))
    }

    /// Forgets what is kept in memory, where another process may have written.
    pub(crate) fn forget(&self, store: &dyn Store) -> Result<(), NodeError> {
        self.settle(store)?;
        self.accounts.lock().clear();
        Ok(())
    }
}

impl Account {
    fn close(&mut self, store: &dyn Store) -> Result<(), NodeError> {
        let Some(mut open) = self.open.take() else { return Ok(()) };
        if open.dirty || open.head.ahead.is_some() {
            open.head.ahead = None;
            open.write(store, &[])?;
        }
        Ok(())
    }
}

impl Open {
    fn new(leaving: &Leaving<'_>) -> Self {
        let first = leaving.positions.first().copied().unwrap_or_default();
        let head = Delivery {
            // Two deliveries to one recipient in one microsecond would have to be of two processes.
            id: format!("{:020}-{}-{}", leaving.now.as_micros(), std::process::id(), first),
            recipient: leaving.recipient.clone(),
            channel: leaving.channel,
            agreement: leaving.agreement.cloned(),
            began: leaving.now,
            ended: leaving.now,
            objects: 0,
            ahead: None,
        };
        Self { head, given: RoaringTreemap::new(), version: None, dirty: true }
    }

    fn takes(&self, leaving: &Leaving<'_>) -> bool {
        let head = &self.head;
        head.channel == leaving.channel
            && head.agreement.as_ref() == leaving.agreement
            && head.objects < MOST
            && leaving.now.as_micros() - head.ended.as_micros() < PAUSE
    }

    fn write(&mut self, store: &dyn Store, entries: &[NewEntry]) -> Result<(), NodeError> {
        let key = format!("delivery/{}/{}", self.head.recipient, self.head.id);
        let mut bytes = serde_json::to_vec(&self.head).map_err(NodeError::setting(&key))?;
        bytes.push(b'\n');
        self.given.optimize();
        self.given.serialize_into(&mut bytes).map_err(NodeError::io("writing a delivery"))?;
        let put = Put { key: &key, expected: self.version, value: &bytes };
        let written = store.write(&Change { puts: &[put], entries, ..Change::default() })?;
        self.version = written.versions.first().copied();
        self.dirty = false;
        Ok(())
    }
}

/// The deliveries to one recipient, oldest first, each with its positions.
fn read(store: &dyn Store, recipient: &OrgName) -> Result<Vec<(Delivery, RoaringTreemap)>, NodeError> {
    store.values(&format!("delivery/{recipient}/"))?.iter().map(|(key, bytes)| parse(key, bytes)).collect()
}

fn parse(key: &str, bytes: &[u8]) -> Result<(Delivery, RoaringTreemap), NodeError> {
    let at = bytes.iter().position(|byte| *byte == b'\n').unwrap_or(bytes.len());
    let (head, rest) = bytes.split_at(at);
    let head: Delivery = serde_json::from_slice(head).map_err(NodeError::setting(key))?;
    let damaged = |error: std::io::Error| NodeError::Setting { key: key.to_owned(), reason: error.to_string() };
    let given = RoaringTreemap::deserialize_from(rest.get(1..).unwrap_or_default()).map_err(damaged)?;
    Ok((head, given))
}

impl Node {
    /// Enters what is about to leave in the account of what was given, and in the ledger.
    pub(crate) fn leaves(&self, ctx: &Ctx, leaving: Leaving<'_>) -> Result<(), NodeError> {
        if leaving.positions.is_empty() {
            return Ok(());
        }
        let entry = leaving.deed(None, None)?.entry(ctx)?;
        self.given.enter(&*self.store, leaving, &entry)
    }

    /// Every delivery to one recipient, oldest first.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn deliveries(&self, recipient: &OrgName) -> Result<Vec<Delivery>, NodeError> {
        self.given.settle(&*self.store)?;
        Ok(read(&*self.store, recipient)?.into_iter().map(|(head, _)| head).collect())
    }

    /// The deliveries that gave a recipient one of these positions.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn deliveries_of(&self, recipient: &OrgName, positions: &[Position]) -> Result<Vec<Delivery>, NodeError> {
        self.given.settle(&*self.store)?;
        let mut found = read(&*self.store, recipient)?;
        found.retain(|(_, given)| positions.iter().any(|position| given.contains(position.0)));
        Ok(found.into_iter().map(|(head, _)| head).collect())
    }

    /// Writes the account of what is being given to its end. Worth calling every second or so, and at the end.
    ///
    /// # Errors
    /// When the store cannot be written; what left stays on record as announced.
    pub fn settle_deliveries(&self) -> Result<(), NodeError> {
        self.given.settle(&*self.store)
    }
}

/// So many pages of the same width are announced ahead.
const AHEAD: u64 = 64;
/// A delivery that has grown to so many versions is closed and the next begun.
const MOST: u64 = 1_000_000;
/// After so many microseconds without a request a delivery has ended.
const PAUSE: i64 = 600_000_000;

#[cfg(test)]
mod tests {
    use comity_store::conformance::MemoryStore;

    use super::*;

    fn leave(given: &Given, store: &dyn Store, positions: impl Iterator<Item = u64>, second: i64) {
        let positions: Vec<_> = positions.map(Position).collect();
        let recipient = OrgName::parse("lab-north").unwrap();
        let now = Timestamp::from_micros(second * 1_000_000);
        let channel = Channel::Taxii;
        given
            .enter(
                store,
                Leaving { recipient: &recipient, channel, agreement: None, positions: &positions, now },
                &NewEntry { log: 2026, leaf: vec![1], opening: Vec::new() },
            )
            .unwrap();
    }

    fn lab() -> OrgName {
        OrgName::parse("lab-north").unwrap()
    }

    #[test]
    fn pages_of_one_go_are_one_delivery_and_few_writes() {
        let (store, given) = (MemoryStore::default(), Given::default());
        for page in 0..50 {
            leave(&given, &store, page * 100 + 1..=page * 100 + 100, 1);
        }
        given.settle(&store).unwrap();
        let read = read(&store, &lab()).unwrap();
        assert_eq!(read.len(), 1);
        assert_eq!((read[0].0.objects, read[0].1.len(), read[0].0.ahead), (5_000, 5_000, None));
        let (key, _) = &store.values("delivery/").unwrap()[0];
        let (writes, _) = store.value(key).unwrap().unwrap();
        assert_eq!(writes, 2, "one that announced, one at the end");
    }

    #[test]
    fn what_was_cut_off_was_announced() {
        let (store, given) = (MemoryStore::default(), Given::default());
        leave(&given, &store, 1..=10, 1);
        leave(&given, &store, 11..=20, 1);
        drop(given);
        let sure_and_announced = |all: &RoaringTreemap, announced: &RoaringTreemap| (all.clone(), announced.clone());
        let (all, announced) = Given::default().with(&store, &lab(), false, sure_and_announced).unwrap();
        assert!((1..=10).all(|position| all.contains(position)));
        assert!((11..=20).all(|position| announced.contains(position)), "the second page was only announced");
    }

    #[test]
    fn a_pause_or_another_way_begins_a_new_delivery() {
        let (store, given) = (MemoryStore::default(), Given::default());
        leave(&given, &store, 1..=10, 1);
        leave(&given, &store, 11..=20, 700);
        given.settle(&store).unwrap();
        let deliveries: Vec<_> = read(&store, &lab()).unwrap().into_iter().map(|(head, _)| head.objects).collect();
        assert_eq!(deliveries, [10, 10]);
        assert_eq!(given.all(&store, &lab(), false).unwrap().len(), 20);
    }
}
