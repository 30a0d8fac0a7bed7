//! An open node for the tests of this room.

use std::sync::Arc;

use comity_base::{Limits, OrgName, Timestamp};
use comity_crypto::NodeKeys;
use comity_node::{Ctx, Node, NodeOptions, Purpose};
use comity_store::{BatchStart, Store};
use comity_store_sqlite::SqliteStore;

use super::Line;

pub(super) struct Opened {
    pub(super) folder: tempfile::TempDir,
    pub(super) node: Arc<Node>,
    pub(super) ctx: Ctx,
    pub(super) line: Arc<Line>,
}

impl Opened {
    pub(super) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let keys = NodeKeys::generate().unwrap();
        let store: Arc<dyn Store> = Arc::new(SqliteStore::open(folder.path(), keys.fingerprinter()).unwrap());
        let derived = folder.path().join("derived");
        let options = NodeOptions { derived, remembered: None, writable: true, limits: Limits::default(), workers: 1 };
        let node = Arc::new(Node::open(store, &keys, &options).unwrap());
        let ctx = Ctx {
            actor: "juhan".into(),
            authority: std::sync::Arc::new(comity_node::Authority::alone()),
            organisation: OrgName::parse("ee").unwrap(),
            purpose: Purpose::Investigation,
            case: None,
            reason: None,
            clock: Arc::new(|| Timestamp::from_micros(1)),
        };
        Self { folder, node, ctx, line: Arc::default() }
    }

    pub(super) fn start(ctx: &Ctx) -> BatchStart {
        BatchStart {
            owner: ctx.organisation.clone(),
            note: String::new(),
            now: ctx.now(),
            fence: None,
            entries: Vec::new(),
        }
    }
}
