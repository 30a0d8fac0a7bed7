#![no_main]
//! A page or a message of a peer's node, an invitation: whatever the bytes, no panic, and nothing unsigned is taken.

use std::cell::OnceCell;
use std::sync::Arc;

use comity_base::{Limits, OrgName, Timestamp};
use comity_crypto::NodeKeys;
use comity_node::{Client, Ctx, Invitation, Node, NodeOptions, Peer, PeerKind, PeerStatus, Purpose};
use comity_store::conformance::MemoryStore;
use libfuzzer_sys::fuzz_target;

thread_local!(static NODE: OnceCell<(Node, Peer, Ctx)> = const { OnceCell::new() });

fn node() -> (Node, Peer, Ctx) {
    let keys = NodeKeys::generate().expect("keys");
    let derived = std::env::temp_dir().join(format!("comity-fuzz-page-{}", std::process::id()));
    let options = NodeOptions { derived, remembered: None, writable: true, limits: Limits::default(), workers: 1 };
    let node = Node::open(Arc::new(MemoryStore::default()), &keys, &options).expect("a node");
    let peer = Peer {
        name: OrgName::parse("peer").expect("a name"),
        full_name: "Peer".into(),
        country: None,
        kind: PeerKind::Member,
        status: PeerStatus::Active,
        client: Client::Node,
        url: None,
        keys: vec![keys.public_key()],
        pins: Vec::new(),
        since: Timestamp::default(),
        renewed: None,
        replaced: None,
        vouched_by: None,
        successions: Vec::new(),
        ledger: Vec::new(),
    };
    let ctx = Ctx {
        actor: "fuzz".into(),
        authority: std::sync::Arc::new(comity_node::Authority::alone()),
        organisation: OrgName::parse("own").expect("a name"),
        purpose: Purpose::Investigation,
        case: None,
        reason: None,
        clock: Arc::new(|| Timestamp::from_micros(1)),
    };
    (node, peer, ctx)
}

fuzz_target!(|data: &[u8]| {
    NODE.with(|cell| {
        let (node, peer, ctx) = cell.get_or_init(node);
        assert!(node.take_page(ctx, peer, data).is_err());
        assert!(node.take_message(ctx, peer, data).is_err());
    });
    if let Ok(text) = std::str::from_utf8(data)
        && let Ok(invitation) = Invitation::parse(text)
    {
        assert_eq!(Invitation::parse(&invitation.to_url()).expect("its own text"), invitation);
    }
});
