use comity_base::{OrgName, Position, Timestamp};
use comity_stix::ObjectId;
use uuid::Uuid;

use crate::{BatchInfo, BatchStart, Body, Counts, Found, LabelId, NewVersion, OriginalId, Outcome, Place, Store};

/// The `n`-th test id, of one of three types.
pub fn id(n: u64) -> ObjectId {
    let kind = ["indicator", "file", "x-own-kind"][usize::try_from(n % 3).unwrap()];
    ObjectId::new(kind, Uuid::from_u128(0x1000_0000_0000_4000_8000_0000_0000_0000 + u128::from(n))).unwrap()
}

/// Bytes that look like an object and differ by `variant`.
pub fn body(id: &ObjectId, variant: u64) -> Vec<u8> {
    format!("{{\"type\":\"{}\",\"spec_version\":\"2.1\",\"id\":\"{id}\",\"name\":\"variant {variant}\"}}", id.kind)
        .into_bytes()
}

/// A label of this owner, interned.
pub fn label(store: &dyn Store, owner: &str, tlp: &str) -> LabelId {
    store.intern_label(&format!("{{\"owner\":\"{owner}\",\"tlp\":\"{tlp}\"}}")).unwrap()
}

/// A batch of the owner `org-a`, begun at this second.
pub fn start(second: i64) -> BatchStart {
    BatchStart {
        owner: OrgName::parse("org-a").unwrap(),
        note: format!("test at {second}"),
        now: at(second),
        fence: None,
        entries: Vec::new(),
    }
}

/// A moment, in seconds.
pub(super) fn at(second: i64) -> Timestamp {
    Timestamp::from_micros(second * 1_000_000)
}

/// A version of the `n`-th test id.
pub fn new_version(store: &dyn Store, n: u64, modified: i64, label: LabelId, variant: u64) -> NewVersion {
    let id = id(n);
    let raw = body(&id, variant);
    let body: Body = store.packer().pack(&raw);
    NewVersion { id, modified: at(modified), label, source: OriginalId(0), offset: n, body }
}

/// Stores versions as one finished batch; the outcomes tell positions.
pub fn stored(store: &dyn Store, second: i64, versions: &[NewVersion]) -> (BatchInfo, Vec<Outcome>) {
    let batch = store.begin(&start(second)).unwrap();
    let outcomes = store.append(batch, versions, Found::default()).unwrap();
    let info = store.finish(batch, &Counts::default(), at(second)).unwrap();
    let outcomes = placed(&outcomes, info.after);
    (info, outcomes)
}

/// The outcomes with every place told as a position, given the last position before the batch.
pub fn placed(outcomes: &[Outcome], after: Position) -> Vec<Outcome> {
    let at = |place: Place| Place::At(place.position(after));
    let placed = |outcome: &Outcome| match *outcome {
        Outcome::Added { place, revised } => Outcome::Added { place: at(place), revised },
        Outcome::Unchanged(place) => Outcome::Unchanged(at(place)),
    };
    outcomes.iter().map(placed).collect()
}

/// Stored at this position, the first row about its id.
pub fn fresh(position: u64) -> Outcome {
    Outcome::Added { place: Place::At(Position(position)), revised: false }
}

/// Stored at this position, after other rows about its id.
pub fn revised(position: u64) -> Outcome {
    Outcome::Added { place: Place::At(Position(position)), revised: true }
}

/// Already at this position.
pub fn unchanged(position: u64) -> Outcome {
    Outcome::Unchanged(Place::At(Position(position)))
}

/// The positions a scan from the start shows.
pub(super) fn visible(store: &dyn Store) -> Vec<u64> {
    store.scan(Position::START, usize::MAX, false).unwrap().iter().map(|v| v.position.0).collect()
}
