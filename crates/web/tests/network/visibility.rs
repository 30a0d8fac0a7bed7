//! Nobody finds out anything about an object it may not see. The proof is a twin: a node that is the same but for the
//! hidden objects, which it never had. Whatever a client asks, both answer the same bytes, apart from dates, and from
//! tokens and entity tags, which are keyed and of a fixed length.
//!
//! What is hidden from whom is told twice: by the node, and by the rules of `docs/policy.md` written down here again.

use std::collections::BTreeSet;

use comity_node::PeerKind;
use comity_stix::Label;
use comity_web::Limits;
use serde_json::Value;

use super::common::*;

/// One object of the grid, with what its label says.
#[derive(Clone, Debug, Default)]
struct Cell {
    tlp: &'static str,
    release: &'static [&'static str],
    deny: &'static str,
    handling: &'static str,
    passed: bool,
    unknown: bool,
    personal: bool,
}

struct Role {
    name: &'static str,
    kind: PeerKind,
    country: &'static str,
    /// It may be given data about threats of TLP:GREEN only.
    narrow: bool,
}

/// A node with every cell of the grid, and everybody's secret.
struct World {
    host: Host,
    cells: Vec<Cell>,
    /// With its number in the grid; markings have none.
    objects: Vec<(Option<usize>, String)>,
}

const ROLES: &[Role] = &[
    Role { name: "us-police", kind: PeerKind::Member, country: "US", narrow: false },
    Role { name: "fi-police", kind: PeerKind::Member, country: "FI", narrow: true },
    Role { name: "lab-north", kind: PeerKind::Partner, country: "SE", narrow: false },
    Role { name: "hub-one", kind: PeerKind::Hub, country: "NL", narrow: false },
    Role { name: "no-police", kind: PeerKind::Member, country: "NO", narrow: false },
];

const NARROW: &str = r#"kinds = ["threat"]
purposes = ["investigation"]
tlp = "green"
handling = ["H0", "H1"]
onward = "no""#;

fn grid() -> Vec<Cell> {
    let mut cells = Vec::new();
    let releases: [&'static [&'static str]; 4] =
        [&[], &["org:us-police", "org:hub-one"], &["country:FI", "country:NO"], &["org:lab-north", "org:fi-police"]];
    for tlp in ["", "clear", "green", "amber", "amber+strict", "red"] {
        for release in releases {
            let cell = Cell { tlp, release, ..Cell::default() };
            for handling in ["", "H1", "H3"] {
                for deny in ["", "country:US", "org:lab-north"] {
                    cells.push(Cell { deny, handling, ..cell.clone() });
                }
            }
            cells.push(Cell { passed: true, ..cell.clone() });
            cells.push(Cell { unknown: true, ..cell.clone() });
            cells.push(Cell { personal: true, ..cell });
        }
    }
    cells
}

impl Cell {
    /// The marking with what STIX has no word for.
    fn label(&self) -> Label {
        let list = |name: &str, items: &[&str]| {
            (!items.is_empty() && items != [""])
                .then(|| format!(r#","{name}":{}"#, serde_json::to_string(items).unwrap()))
        };
        let parts = [
            list("release_to", self.release),
            list("deny", &[self.deny]),
            list("handling", &[self.handling]),
            self.passed.then(|| r#","retain_until":"2026-01-31T00:00:00Z""#.to_owned()),
        ];
        let parts: String = parts.into_iter().flatten().collect();
        Label::from_json(&format!(r#"{{"owner":"ee-police"{parts}}}"#)).unwrap()
    }

    fn id(&self, number: usize) -> String {
        let kind = if self.personal { "identity" } else { "indicator" };
        format!("{kind}--{number:08x}-0000-4000-8000-000000000000")
    }

    fn object(&self, number: usize, version: u32) -> String {
        let mut refs: Vec<_> = self.label().marking_refs().iter().map(|id| format!("\"{id}\"")).collect();
        if self.unknown {
            refs.push("\"marking-definition--20864905-06a0-47be-a04c-2164af17d635\"".into());
        }
        let tags = (!self.tlp.is_empty()).then(|| format!(r#","labels":["tlp:{}"]"#, self.tlp));
        let refs = (!refs.is_empty()).then(|| format!(r#","object_marking_refs":[{}]"#, refs.join(",")));
        let said: String = [tags, refs].into_iter().flatten().collect();
        if self.personal {
            let id = self.id(number);
            return format!(
                r#"{{"type":"identity","spec_version":"2.1","id":"{id}","created":"2026-01-01T00:00:00.000Z","modified":"2026-01-01T00:00:{version:02}.000Z","name":"Jaan Tamm","identity_class":"individual"{said}}}"#
            );
        }
        indicator_with(number as u64, version, &said)
    }

    /// The rules of `docs/policy.md` again, for data of the node's own; none where they leave it to texts of law.
    fn admits(&self, role: &Role) -> Option<bool> {
        let org = format!("org:{}", role.name);
        let country = format!("country:{}", role.country);
        let named = self.release.contains(&org.as_str());
        let listed = named || self.release.contains(&country.as_str());
        let closed = role.name == "no-police"
            || self.deny == org
            || self.deny == country
            || self.passed
            || self.unknown
            || self.handling == "H3" && !named
            || match self.tlp {
                "clear" | "green" => !self.release.is_empty() && !listed,
                "amber+strict" => !named || role.narrow,
                // No agreement here goes that far.
                "red" => true,
                // TLP:AMBER, or nothing was said.
                _ => !listed || role.narrow,
            }
            || role.narrow && (self.personal || self.handling == "H3");
        match (closed, self.personal, self.tlp, role.kind) {
            (true, ..) => Some(false),
            (false, true, ..) | (false, _, "", _) | (false, _, _, PeerKind::Hub) => None,
            (false, ..) => Some(true),
        }
    }
}

impl World {
    fn new() -> Self {
        let host = Host::with(Limits { requests_a_second: 0, ..Limits::default() });
        for role in ROLES {
            host.tool(role.name, role.kind, role.country, if role.narrow { NARROW } else { EVERYTHING });
        }
        host.suspend("no-police");
        let cells = grid();
        let mut objects = Vec::new();
        let mut markings = BTreeSet::new();
        for cell in &cells {
            let label = cell.label();
            if !label.marking_refs().is_empty() && markings.insert(label.to_marking()) {
                objects.push((None, label.to_marking()));
            }
        }
        for (number, cell) in cells.iter().enumerate() {
            objects.push((Some(number), cell.object(number, 0)));
        }
        Self { host, cells, objects }
    }

    /// Puts every object that `which` says into a node, a part at a time.
    fn fill(&self, host: &Host, which: impl Fn(&(Option<usize>, String)) -> bool) {
        for part in self.objects.chunks(97) {
            host.pass(3_000);
            let part: Vec<_> = part.iter().filter(|object| which(object)).map(|(_, raw)| raw.clone()).collect();
            host.ingest(&part);
        }
        host.pass(3_000);
    }

    /// The node, full, and its twin that has only what the client with this secret sees in it.
    fn with_twin(&self, role: &Role, secret: &str) -> (Host, BTreeSet<String>) {
        let twin = self.host.twin();
        self.fill(&self.host, |_| true);
        let seen = seen_by(&self.host.client(secret));
        for (number, cell) in self.cells.iter().enumerate() {
            if let Some(admitted) = cell.admits(role) {
                assert_eq!(seen.contains(&cell.id(number)), admitted, "{}: {cell:?}", role.name);
            }
        }
        let refers = |raw: &str| -> BTreeSet<String> {
            let object: Value = serde_json::from_str(raw).unwrap();
            let refs = object["object_marking_refs"].as_array().cloned().unwrap_or_default();
            refs.iter().filter_map(|id| id.as_str().map(str::to_owned)).collect()
        };
        let id = |raw: &str| serde_json::from_str::<Value>(raw).unwrap()["id"].as_str().unwrap().to_owned();
        let known: Vec<_> = self.objects.iter().filter(|(_, raw)| seen.contains(&id(raw))).collect();
        let needed: BTreeSet<_> = known.iter().flat_map(|(_, raw)| refers(raw)).collect();
        self.fill(&twin, |(_, raw)| seen.contains(&id(raw)) || needed.contains(&id(raw)));
        (twin, seen)
    }
}

/// The collections a client is told of.
fn collections(client: &Client) -> Vec<Value> {
    // The member is left out where there are none (TAXII 2.1 section 5.1).
    client.get("/taxii2/root/collections/").json()["collections"].as_array().cloned().unwrap_or_default()
}

/// Every id in every collection a client may read.
fn seen_by(client: &Client) -> BTreeSet<String> {
    let mut seen = BTreeSet::new();
    for one in collections(client).iter().filter(|one| one["can_read"] == true) {
        let path = format!("/taxii2/root/collections/{}/objects", one["id"].as_str().unwrap());
        seen.extend(ids(&pages(&mut client.session(), &path, "limit=20")));
    }
    seen
}

/// A reply without what is keyed or a date.
fn bare(reply: &Reply) -> (u16, Vec<(String, String)>, String) {
    let mut headers = reply.headers.clone();
    for (name, value) in &mut headers {
        if matches!(name.as_str(), "etag" | "date") || name.starts_with("x-taxii-date") {
            *value = format!("{} characters", value.len());
        }
    }
    let Ok(mut body) = serde_json::from_slice::<Value>(&reply.body) else {
        return (reply.status, headers, String::from_utf8_lossy(&reply.body).into_owned());
    };
    // The bytes themselves stay as they are but for the values taken out.
    let mut text = String::from_utf8_lossy(&reply.body).into_owned();
    let mut hide = |value: &Value| {
        if let Some(value) = value.as_str() {
            text = text.replace(value, &"x".repeat(value.len()));
        }
    };
    hide(&body["next"]);
    hide(&body["request_timestamp"]);
    if body.get("success_count").is_some() {
        hide(&body["id"]);
    }
    for record in body["objects"].as_array_mut().into_iter().flatten() {
        hide(&record["date_added"]);
    }
    (reply.status, headers, text)
}

/// Two nodes asked the same.
struct Both {
    one: Session,
    two: Session,
    asked: usize,
}

impl Both {
    fn get(&mut self, path: &str) -> Reply {
        self.send("GET", path, b"")
    }

    fn send(&mut self, method: &str, path: &str, body: &[u8]) -> Reply {
        let (one, two) = (self.one.send(method, path, body), self.two.send(method, path, body));
        assert_eq!(bare(&one), bare(&two), "{method} {path}");
        self.asked += 1;
        one
    }

    /// Both walks, each by its own tokens.
    fn walk(&mut self, path: &str, query: &str) {
        let (mut first, mut second) = (String::new(), String::new());
        loop {
            let one = self.one.get(&format!("{path}/?{query}{first}"));
            let two = self.two.get(&format!("{path}/?{query}{second}"));
            assert_eq!(bare(&one), bare(&two), "{path}?{query}");
            self.asked += 1;
            let (Some(next), Some(other)) = (one.next(), two.next()) else { return };
            (first, second) = (format!("&next={next}"), format!("&next={other}"));
        }
    }
}

/// Everything that can be asked about objects, seen or not, of a collection.
fn ask_everything(both: &mut Both, world: &World, collection: &str, seen: &BTreeSet<String>) {
    let (objects, manifest) = (format!("{collection}/objects"), format!("{collection}/manifest"));
    for path in [&objects, &manifest] {
        for query in [
            "limit=1000",
            "limit=1",
            "limit=7",
            "limit=50&match[version]=all",
            "limit=50&match[version]=first",
            "limit=50&match[type]=identity",
            "match[type]=marking-definition,malware",
            "match[spec_version]=2.1&limit=30",
            "added_after=2026-01-01T00:00:00Z&limit=40",
            "added_after=2050-01-01T00:00:00Z",
        ] {
            both.walk(path, query);
        }
        let every: Vec<_> = world.cells.iter().enumerate().map(|(number, cell)| cell.id(number)).collect();
        for ids in every.chunks(60) {
            both.walk(path, &format!("limit=9&match[id]={}", ids.join(",")));
        }
    }
    let absent = Cell::default().id(0x00ff_ffff);
    let nothing =
        [bare(&both.get(&format!("{objects}/{absent}/"))), bare(&both.get(&format!("{objects}/{absent}/versions/")))];
    for (number, cell) in world.cells.iter().enumerate() {
        let id = cell.id(number);
        let replies = [both.get(&format!("{objects}/{id}/")), both.get(&format!("{objects}/{id}/versions/"))];
        assert_eq!(replies[0].status == 200, seen.contains(&id), "{id}");
        if !seen.contains(&id) {
            assert_eq!(replies.each_ref().map(bare), nothing, "hidden is not there: {cell:?}");
        }
        if number % 5 == 0 {
            both.get(&format!("{objects}/{id}/?match[version]=all&limit=1"));
            both.get(&format!("{objects}/{id}/?added_after=2020-01-01T00:00:00Z"));
            both.get(&format!("{objects}/?match[id]={id}&match[type]=identity"));
            both.send("HEAD", &format!("{objects}/{id}/"), b"");
            both.send("DELETE", &format!("{objects}/{id}/"), b"");
        }
    }
}

/// Everything somebody of a role can do, on the node and on its twin.
fn role_finds_out_nothing(name: &str) {
    let role = ROLES.iter().find(|role| role.name == name).unwrap();
    let world = World::new();
    let secret = world.host.secret(name);
    let others = others(&world, name);
    let (twin, seen) = world.with_twin(role, &secret);
    let client = world.host.client(&secret);
    let status = status_of_another(&world, &twin, name);
    let mut both = Both { one: client.session(), two: twin.client(&secret).session(), asked: 0 };
    for path in ["/taxii2/", "/taxii2/root/", "/taxii2/root/collections/", &status] {
        both.get(path);
    }
    let made_up = "/taxii2/root/collections/00000000-0000-5000-8000-000000000000";
    for other in &others {
        for end in ["/", "/objects/", "/manifest/", "/objects/indicator--00000001-0000-4000-8000-000000000000/"] {
            let reply = both.get(&format!("{other}{end}"));
            assert_eq!(bare(&reply), bare(&both.get(&format!("{made_up}{end}"))), "another's collection is not there");
        }
    }
    assert_eq!(bare(&both.get(&status)), bare(&both.get("/taxii2/root/status/00000000-0000-4000-8000-000000000000")));
    let own = collections(&client);
    assert_eq!(own.is_empty(), name == "no-police", "{own:?}");
    for one in &own {
        let path = format!("/taxii2/root/collections/{}", one["id"].as_str().unwrap());
        both.get(&path);
        if one["can_read"] == true {
            ask_everything(&mut both, &world, &path, &seen);
        } else {
            post_and_take_back(&mut both, &world, &path);
        }
    }
    assert!(both.asked > if own.is_empty() { 10 } else { 800 }, "{}", both.asked);
}

/// The collections of everybody else.
fn others(world: &World, name: &str) -> Vec<String> {
    let mut all = Vec::new();
    for other in ROLES.iter().map(|role| role.name).chain([HOST]).filter(|other| *other != name) {
        let client = world.host.client(&world.host.secret(other));
        for one in collections(&client) {
            all.push(format!("/taxii2/root/collections/{}", one["id"].as_str().unwrap()));
        }
    }
    all
}

/// What another organisation posted, on both nodes.
fn status_of_another(world: &World, twin: &Host, name: &str) -> String {
    let other = if name == "us-police" { "fi-police" } else { "us-police" };
    let secret = world.host.secret(other);
    // A secret made now is not the twin's: it posts nothing there, and nothing of it is to be seen here.
    assert_eq!(twin.client(&secret).get("/taxii2/").status, 401);
    let client = world.host.client(&secret);
    let posted = client.post(&writable(&client), TAXII, envelope(&[indicator(0xfff_0000, 0, "red")]).as_bytes());
    assert_eq!(posted.status, 202);
    world.host.pass(3_000);
    twin.pass(3_000);
    format!("/taxii2/root/status/{}/", posted.json()["id"].as_str().unwrap())
}

/// Posting or deleting what is there, but hidden, is answered as what is not there.
fn post_and_take_back(both: &mut Both, world: &World, inbox: &str) {
    for (number, cell) in world.cells.iter().enumerate().step_by(23) {
        let id = cell.id(number);
        assert_eq!(both.send("DELETE", &format!("{inbox}/objects/{id}/"), b"").status, 404);
        let body = envelope(&[cell.object(number, 1)]);
        assert_eq!(both.send("POST", &format!("{inbox}/objects/"), body.as_bytes()).status, 202);
        assert_eq!(both.send("POST", &format!("{inbox}/objects/"), body.as_bytes()).status, 202);
        assert_eq!(both.send("DELETE", &format!("{inbox}/objects/{id}/"), b"").status, 200);
        both.send("DELETE", &format!("{inbox}/objects/{id}/"), b"");
        both.get(&format!("{inbox}/objects/{id}/"));
    }
}

#[test]
fn a_member_finds_out_nothing() {
    role_finds_out_nothing("us-police");
}

#[test]
fn a_member_with_a_narrow_agreement_finds_out_nothing() {
    role_finds_out_nothing("fi-police");
}

#[test]
fn a_partner_finds_out_nothing() {
    role_finds_out_nothing("lab-north");
}

#[test]
fn a_hub_finds_out_nothing() {
    role_finds_out_nothing("hub-one");
}

#[test]
fn somebody_suspended_finds_out_nothing() {
    role_finds_out_nothing("no-police");
}

#[test]
fn a_stranger_finds_out_nothing_not_even_what_collections_there_are() {
    let world = World::new();
    let hidden = others(&world, "nobody");
    let secret = world.host.secret("us-police");
    let twin = world.host.twin();
    world.fill(&world.host, |_| true);
    world.host.node.revoke_credential(&world.host.ctx(), &number_of(&secret)).unwrap();
    for client in [world.host.stranger(), world.host.client("wrong-wrong-wrong-wrong"), world.host.client(&secret)] {
        let mut one = client.session();
        let refused = bare(&one.get("/taxii2/"));
        assert_eq!(refused.0, 401);
        let mut paths = vec!["/taxii2/root/".to_owned(), "/taxii2/root/collections/".into(), "/taxii2/none/".into()];
        for collection in &hidden {
            for end in
                ["", "/objects/", "/manifest/", "/objects/indicator--00000001-0000-4000-8000-000000000000/versions/"]
            {
                paths.push(format!("{collection}{end}"));
            }
            paths.push(format!("{collection}/objects/?limit=x&next=made-up"));
        }
        for path in paths {
            assert_eq!(bare(&one.get(&path)), refused, "{path}");
            assert_eq!(bare(&one.send("POST", &path, b"{\"objects\":[]}")).0 / 100, 4, "{path}");
        }
    }
    assert_eq!(bare(&twin.stranger().get("/taxii2/")), bare(&world.host.stranger().get("/taxii2/")));
}

fn number_of(secret: &str) -> String {
    comity_crypto::hex(&comity_crypto::sha256(secret.as_bytes()))[..8].to_owned()
}

#[test]
fn the_own_organisation_sees_everything_but_others_secrets_see_it_not() {
    let world = World::new();
    let secret = world.host.secret(HOST);
    world.fill(&world.host, |_| true);
    let seen = seen_by(&world.host.client(&secret));
    let all = world.cells.iter().enumerate().map(|(number, cell)| cell.id(number));
    assert_eq!(all.filter(|id| !seen.contains(id)).count(), 0);
}

/// An older version that is open under a newer that is closed, and the other way round.
#[test]
fn versions_that_are_hidden_leave_no_trace() {
    let host = Host::with(Limits { requests_a_second: 0, ..Limits::default() });
    let secret = host.tool("us-police", PeerKind::Member, "US", EVERYTHING);
    let twin = host.twin();
    let levels: [&[&str]; 6] = [
        &["green", "red"],
        &["red", "green"],
        &["red", "red"],
        &["green", "red", "green"],
        &["red", "green", "green"],
        &["red", "green", "red"],
    ];
    for version in 0..3 {
        let take = |only_open: bool| -> Vec<String> {
            let rows = (0..).zip(levels.iter());
            let rows = rows.filter_map(|(number, levels)| {
                let level = levels.get(version)?;
                // Open is what no closed version comes after.
                let open = levels[version..].iter().all(|level| *level == "green");
                (open || !only_open).then(|| indicator(number, u32::try_from(version).unwrap(), level))
            });
            rows.chain([indicator(900, u32::try_from(version).unwrap(), "green")]).collect()
        };
        host.ingest(&take(false));
        twin.ingest(&take(true));
        host.pass(3_000);
        twin.pass(3_000);
    }
    let (client, other) = (host.client(&secret), twin.client(&secret));
    let mut both = Both { one: client.session(), two: other.session(), asked: 0 };
    let objects = readable(&client);
    for version in ["last", "first", "all", "2026-01-01T00:00:00.000Z", "2026-01-01T00:00:01.000Z,first"] {
        both.walk(&objects, &format!("limit=2&match[version]={version}"));
        both.walk(&objects.replace("/objects", "/manifest"), &format!("limit=2&match[version]={version}"));
        for number in [0, 1, 2, 3, 4, 5, 900, 901] {
            both.get(&format!("{objects}/{}/?match[version]={version}", indicator_id(number)));
            both.get(&format!("{objects}/{}/versions/", indicator_id(number)));
        }
    }
    assert_eq!(
        client.get(&format!("{objects}/{}/versions/", indicator_id(4))).json()["versions"].as_array().unwrap().len(),
        2
    );
}
