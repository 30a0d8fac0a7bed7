//! Observables as MISP attributes and objects.

use std::borrow::Cow;
use std::collections::HashMap;

use comity_stix::{Kind, Node, extract};

use super::plan::{Part, Plan, hash_type};
use super::types;

/// Finds the objects that an observable refers to.
#[derive(Clone, Copy)]
pub(super) struct Finder<'f, 'd> {
    pub(super) at: &'f HashMap<&'d str, Node<'d, 'd>>,
    /// The numbered objects of STIX 2.0, which refer to each other (STIX 2.1 section 4.14, `objects`).
    pub(super) inline: Option<Node<'d, 'd>>,
}

impl<'d> Finder<'_, 'd> {
    pub(super) fn get(&self, id: &str) -> Option<Node<'d, 'd>> {
        self.inline.and_then(|objects| objects.get(id)).or_else(|| self.at.get(id).copied())
    }

    /// The object a member refers to.
    fn one(&self, node: Node<'d, 'd>, name: &str) -> Option<(&'d str, Node<'d, 'd>)> {
        let id = node.str(name)?;
        Some((id, self.get(id)?))
    }

    /// The objects a member lists, as far as they are there.
    fn list(&self, node: Node<'d, 'd>, name: &str) -> Vec<(&'d str, Node<'d, 'd>)> {
        let ids = node.get(name).into_iter().flat_map(Node::items).filter_map(Node::as_str);
        ids.filter_map(|id| Some((id, self.get(id)?))).collect()
    }
}

/// Whether an observable tells others along, so that it comes before them.
pub(super) fn comes_first(node: Node<'_, '_>) -> bool {
    match node.str("type").unwrap_or_default() {
        "network-traffic" | "email-message" | "process" => true,
        "domain-name" => node.get("resolves_to_refs").is_some(),
        _ => false,
    }
}

/// What an observable becomes.
pub(super) fn observable<'d>(node: Node<'d, 'd>, finder: Finder<'_, 'd>) -> Plan<'d> {
    let mut plan = Plan::default();
    match node.str("type").unwrap_or_default() {
        "file" => file(node, &mut plan),
        "artifact" => artifact(node, &mut plan),
        "domain-name" => domain(node, finder, &mut plan),
        "email-message" => message(node, finder, &mut plan),
        "network-traffic" => traffic(node, finder, &mut plan),
        "windows-registry-key" => registry(node, &mut plan),
        "process" => process(node, finder, &mut plan),
        "software" => software(node, &mut plan),
        "user-account" => account(node, &mut plan),
        "x509-certificate" => certificate(node, &mut plan),
        "directory" => {
            let parts = [("path", "path"), ("ctime", "creation-time"), ("mtime", "modification-time")];
            object("directory", described(node, &parts), &mut plan);
        }
        "email-addr" => {
            if let Some(text) = node.str("value") {
                let name = node.str("display_name").unwrap_or_default();
                plan.alone.push(Part::new("email", text).remark(name));
            }
        }
        "autonomous-system" => {
            if let Some(number) = node.get("number").and_then(Node::as_i64) {
                let name = node.str("name").unwrap_or_default();
                plan.alone.push(Part::new("AS", format!("AS{number}")).remark(name));
            }
        }
        _ => extract(node, &mut |found| plan.value(found.kind, found.text)),
    }
    plan.cut |= CUT.iter().any(|name| node.get(name).is_some());
    plan
}

/// Members that nothing in MISP takes.
const CUT: [&str; 11] = [
    "opened_connection_refs",
    "environment_variables",
    "contains_refs",
    "parent_directory_ref",
    "belongs_to_refs",
    "belongs_to_ref",
    "raw_email_ref",
    "creator_user_ref",
    "encapsulates_refs",
    "encapsulated_by_ref",
    "x509_v3_extensions",
];

/// Adds an object, unless it would be empty.
fn object<'d>(name: &'static str, parts: Vec<Part<'d>>, plan: &mut Plan<'d>) {
    if !parts.is_empty() {
        plan.objects.push((name, parts));
    }
}

/// Text members as describing parts: the member's name in STIX, and its relation in MISP.
fn described<'d>(node: Node<'d, 'd>, names: &[(&str, &'static str)]) -> Vec<Part<'d>> {
    let one = |(name, relation): &(&str, &'static str)| {
        let value = shown(node.get(name)?)?;
        let kind = if DATES.contains(relation) { "datetime" } else { "text" };
        Some(Part::inside(relation, kind, value).describing())
    };
    names.iter().filter_map(one).collect()
}

/// Relations whose type is a moment.
const DATES: [&str; 10] = [
    "creation-time",
    "modification-time",
    "access-time",
    "validity-not-before",
    "validity-not-after",
    "last-modified",
    "send-date",
    "created",
    "expires",
    "last_login",
];

/// A text, number or truth value as text.
fn shown<'d>(node: Node<'d, 'd>) -> Option<Cow<'d, str>> {
    let number = || node.as_i64().map(|number| number.to_string().into());
    let truth = || node.as_bool().map(|truth| if truth { "1".into() } else { "0".into() });
    node.as_str()
        .map(Cow::Borrowed)
        .or_else(number)
        .or_else(truth)
        .filter(|text: &Cow<'_, str>| !text.trim().is_empty())
}

fn hashes<'d>(node: Node<'d, 'd>, plan: &mut Plan<'d>) -> Vec<(&'static str, &'d str)> {
    let mut found = Vec::new();
    for (name, hash) in node.get("hashes").into_iter().flat_map(Node::entries) {
        match (hash_type(name), hash.as_str()) {
            (Some(kind), Some(hash)) => found.push((kind, hash)),
            _ => plan.cut = true,
        }
    }
    found
}

/// A name, a hash, both together, or an object when there is more.
fn file<'d>(node: Node<'d, 'd>, plan: &mut Plan<'d>) {
    let found = hashes(node, plan);
    let name = node.str("name");
    let times = [("ctime", "creation-time"), ("mtime", "modification-time"), ("atime", "access-time")];
    let mut more = described(node, &times);
    more.extend(node.get("size").and_then(shown).map(|size| Part::inside("size-in-bytes", "size-in-bytes", size)));
    more.extend(node.str("mime_type").map(|kind| Part::inside("mimetype", "mime-type", kind)));
    plan.cut |= node.get("extensions").is_some() || node.get("content_ref").is_some();
    match (name, found.as_slice(), more.is_empty()) {
        (Some(name), [], true) => plan.alone.push(Part::new("filename", name)),
        (None, [(kind, hash)], true) => plan.alone.push(Part::new(*kind, *hash)),
        (Some(name), [(kind, hash)], true) if types::type_of(&format!("filename|{kind}")).is_some() => {
            plan.alone.push(Part::new(format!("filename|{kind}"), format!("{name}|{hash}")));
        }
        _ => {
            let mut parts: Vec<_> = name.map(|name| Part::inside("filename", "filename", name)).into_iter().collect();
            parts.extend(found.iter().map(|(kind, hash)| Part::inside(kind, kind, *hash)));
            parts.extend(more.into_iter().map(Part::describing));
            object("file", parts, plan);
        }
    }
}

/// Bytes, or where they are, with their hashes.
fn artifact<'d>(node: Node<'d, 'd>, plan: &mut Plan<'d>) {
    let found = hashes(node, plan);
    let mut parts: Vec<_> = found.iter().map(|(kind, hash)| Part::inside(kind, kind, *hash)).collect();
    parts.extend(node.str("url").map(|url| Part::inside("url", "url", url).describing()));
    parts.extend(node.str("mime_type").map(|kind| Part::inside("mime_type", "mime-type", kind).describing()));
    parts.extend(described(
        node,
        &[("encryption_algorithm", "encryption_algorithm"), ("decryption_key", "decryption_key")],
    ));
    if let Some(bytes) = node.str("payload_bin") {
        let name = found.first().map_or("payload.bin", |(_, hash)| hash);
        let payload = Part::inside("payload_bin", "attachment", name).describing();
        parts.push(Part { data: Some(bytes), ..payload });
    }
    match (parts.as_mut_slice(), found.as_slice()) {
        ([only], [_]) => plan.alone.push(Part { relation: "", ..only.clone() }),
        _ => object("artifact", parts, plan),
    }
}

/// A name, with each address it resolves to.
fn domain<'d>(node: Node<'d, 'd>, finder: Finder<'_, 'd>, plan: &mut Plan<'d>) {
    let Some(name) = node.str("value") else { return };
    let ends = node.get("resolves_to_refs").map_or(0, |refs| refs.items().count());
    for (id, end) in finder.list(node, "resolves_to_refs") {
        if let Some(address) = end.str("value").filter(|_| is_address(end)) {
            plan.alone.push(Part::new("domain|ip", format!("{name}|{address}")));
            plan.folded.push(id);
        }
    }
    plan.cut |= plan.folded.len() < ends;
    if plan.alone.is_empty() {
        plan.alone.push(Part::new("domain", name));
    }
}

fn is_address(node: Node<'_, '_>) -> bool {
    matches!(node.str("type"), Some("ipv4-addr" | "ipv6-addr"))
}

fn message<'d>(node: Node<'d, 'd>, finder: Finder<'_, 'd>, plan: &mut Plan<'d>) {
    let mut parts = Vec::new();
    let ends = [("from_ref", "from", "email-src"), ("sender_ref", "return-path", "email-src")];
    let lists = [("to_refs", "to", "email-dst"), ("cc_refs", "cc", "email-dst"), ("bcc_refs", "bcc", "email-dst")];
    let one = |(name, relation, kind)| finder.one(node, name).map(|(id, end)| (id, end, relation, kind));
    let single = ends.into_iter().filter_map(one);
    let several = lists.into_iter().flat_map(|(name, relation, kind)| {
        finder.list(node, name).into_iter().map(move |(id, end)| (id, end, relation, kind))
    });
    for (id, end, relation, kind) in single.chain(several) {
        if let Some(address) = end.str("value") {
            let name = end.str("display_name").unwrap_or_default();
            parts.push(Part::inside(relation, kind, address).remark(name));
            plan.folded.push(id);
        }
    }
    let texts = [("subject", "email-subject"), ("message_id", "email-message-id"), ("body", "email-body")];
    for (name, kind) in texts {
        let relation = if name == "body" {
            "email-body"
        } else if name == "subject" {
            name
        } else {
            "message-id"
        };
        parts.extend(node.str(name).map(|text| Part::inside(relation, kind, text)));
    }
    parts.extend(described(node, &[("date", "send-date")]));
    let received = node.get("received_lines").into_iter().flat_map(Node::items).filter_map(Node::as_str);
    parts.extend(received.map(|line| Part::inside("header", "email-header", line).describing()));
    for (name, value) in node.get("additional_header_fields").into_iter().flat_map(Node::entries) {
        for text in value.as_str().into_iter().chain(value.items().filter_map(Node::as_str)) {
            parts.push(match name.to_ascii_lowercase().as_str() {
                "x-mailer" => Part::inside("x-mailer", "email-x-mailer", text),
                "reply-to" => Part::inside("reply-to", "email-reply-to", text),
                _ => Part::inside("header", "email-header", format!("{name}: {text}")).describing(),
            });
        }
    }
    plan.cut |= node.get("body_multipart").is_some();
    match parts.as_slice() {
        [only] if only.detects && plan.folded.is_empty() => plan.alone.push(Part { relation: "", ..only.clone() }),
        _ => object("email", parts, plan),
    }
}

/// `ip-dst|port` and the like for one end; an object for two.
fn traffic<'d>(node: Node<'d, 'd>, finder: Finder<'_, 'd>, plan: &mut Plan<'d>) {
    let protocols: Vec<&str> =
        node.get("protocols").into_iter().flat_map(Node::items).filter_map(Node::as_str).collect();
    let plain = protocols.iter().all(|name| matches!(*name, "ip" | "ipv4" | "ipv6"));
    let mut ends = [("src_ref", "src_port", SOURCE), ("dst_ref", "dst_port", TARGET)].map(|(host, port, names)| {
        let host = finder.one(node, host).and_then(|(id, end)| Some((id, end.str("value")?, is_address(end))));
        (host, node.get(port).and_then(shown), names)
    });
    plan.folded.extend(ends.iter().filter_map(|(host, ..)| host.map(|(id, ..)| id)));
    if let [(None, None, _), (Some((_, host, address)), Some(port), names)]
    | [(Some((_, host, address)), Some(port), names), (None, None, _)] = &ends
        && (*address || names.host == TARGET.host)
    {
        let kind = if *address { names.address_and_port } else { "hostname|port" };
        let told = if plain { String::new() } else { protocols.join(", ") };
        plan.alone.push(Part::new(kind, format!("{host}|{port}")).remark(told));
        return;
    }
    let mut parts = Vec::new();
    for (host, port, names) in &mut ends {
        if let Some((_, value, address)) = host {
            let (relation, kind) = if *address { (names.address, names.address) } else { (names.host, "hostname") };
            parts.push(Part::inside(relation, kind, *value));
        }
        parts.extend(port.take().map(|port| Part::inside(names.port, "port", port).describing()));
    }
    for name in protocols {
        let layer = match name {
            "ip" | "ipv4" | "ipv6" | "icmp" | "icmp6" => "layer3-protocol",
            "tcp" | "udp" | "sctp" | "quic" => "layer4-protocol",
            _ => "layer7-protocol",
        };
        parts.push(Part::inside(layer, "text", name).describing());
    }
    parts.extend(described(node, &[("start", "first-packet-seen"), ("end", "last-packet-seen")]));
    plan.cut |= node.get("extensions").is_some();
    object("network-connection", parts, plan);
}

/// What MISP calls one end of a connection.
#[derive(Clone, Copy)]
struct Names {
    address: &'static str,
    host: &'static str,
    port: &'static str,
    address_and_port: &'static str,
}

const SOURCE: Names =
    Names { address: "ip-src", host: "hostname-src", port: "src-port", address_and_port: "ip-src|port" };
const TARGET: Names =
    Names { address: "ip-dst", host: "hostname-dst", port: "dst-port", address_and_port: "ip-dst|port" };

/// A key, a key with data, or an object for each named value.
fn registry<'d>(node: Node<'d, 'd>, plan: &mut Plan<'d>) {
    let Some(key) = node.str("key") else { return };
    let values: Vec<_> = node.get("values").into_iter().flat_map(Node::items).collect();
    match values.as_slice() {
        [] => plan.alone.push(Part::new("regkey", key)),
        [value] if value.get("name").is_none() && value.str("data").is_some() => {
            let data = value.str("data").unwrap_or_default();
            plan.alone.push(Part::new("regkey|value", format!("{key}|{data}")));
        }
        _ => {
            for value in values {
                let mut parts = vec![Part::inside("key", "regkey", key)];
                parts.extend(described(value, &[("name", "name"), ("data", "data"), ("data_type", "data-type")]));
                parts.extend(described(node, &[("modified_time", "last-modified")]));
                object("registry-key", parts, plan);
            }
        }
    }
}

fn process<'d>(node: Node<'d, 'd>, finder: Finder<'_, 'd>, plan: &mut Plan<'d>) {
    let names = [
        ("pid", "pid"),
        ("command_line", "command-line"),
        ("cwd", "current-directory"),
        ("created_time", "creation-time"),
        ("is_hidden", "hidden"),
        ("name", "name"),
    ];
    let mut parts = described(node, &names);
    if let Some((id, name)) = finder.one(node, "image_ref").and_then(|(id, image)| Some((id, image.str("name")?))) {
        parts.push(Part::inside("image", "filename", name));
        plan.used.push(id);
        // An image with more than a name stands by itself too.
        plan.folded.extend(finder.get(id).filter(|image| image.get("hashes").is_none()).map(|_| id));
    }
    if let Some((id, parent)) = finder.one(node, "parent_ref") {
        plan.used.push(id);
        parts.extend(described(parent, &[("pid", "parent-pid"), ("command_line", "parent-command-line")]));
    }
    plan.cut |= node.get("extensions").is_some() || node.get("child_refs").is_some();
    object("process", parts, plan);
}

fn software<'d>(node: Node<'d, 'd>, plan: &mut Plan<'d>) {
    let mut parts =
        described(node, &[("name", "name"), ("version", "version"), ("vendor", "vendor"), ("swid", "swid")]);
    parts.extend(node.str("cpe").map(|cpe| Part::inside("cpe", "cpe", cpe).describing()));
    let languages = node.get("languages").into_iter().flat_map(Node::items).filter_map(Node::as_str);
    parts.extend(languages.map(|language| Part::inside("language", "text", language).describing()));
    object("software", parts, plan);
}

/// An account at a known service is its handle; any other, and one with more, an object.
fn account<'d>(node: Node<'d, 'd>, plan: &mut Plan<'d>) {
    let names = [
        ("user_id", "user-id"),
        ("display_name", "display-name"),
        ("is_service_account", "is_service_account"),
        ("is_privileged", "privileged"),
        ("can_escalate_privs", "can_escalate_privs"),
        ("is_disabled", "disabled"),
        ("account_created", "created"),
        ("account_expires", "expires"),
        ("account_last_login", "last_login"),
    ];
    let more = described(node, &names);
    if more.is_empty() {
        extract(node, &mut |found| plan.value(found.kind, found.text));
        if !plan.is_empty() {
            return;
        }
    }
    let mut parts: Vec<_> =
        node.str("account_login").map(|login| Part::inside("username", "text", login)).into_iter().collect();
    parts.extend(described(node, &[("account_type", "account-type")]));
    parts.extend(more);
    plan.cut |= node.get("extensions").is_some() || node.get("credential").is_some();
    object("user-account", parts, plan);
}

fn certificate<'d>(node: Node<'d, 'd>, plan: &mut Plan<'d>) {
    let mut parts = Vec::new();
    for (kind, hash) in hashes(node, plan) {
        match kind {
            "md5" => parts.push(Part::inside("x509-fingerprint-md5", "x509-fingerprint-md5", hash)),
            "sha1" => parts.push(Part::inside("x509-fingerprint-sha1", "x509-fingerprint-sha1", hash)),
            "sha256" => parts.push(Part::inside("x509-fingerprint-sha256", "x509-fingerprint-sha256", hash)),
            _ => plan.cut = true,
        }
    }
    let names = [
        ("serial_number", "serial-number"),
        ("subject", "subject"),
        ("issuer", "issuer"),
        ("version", "version"),
        ("is_self_signed", "self_signed"),
        ("signature_algorithm", "signature_algorithm"),
        ("subject_public_key_algorithm", "pubkey-info-algorithm"),
        ("subject_public_key_modulus", "pubkey-info-modulus"),
        ("subject_public_key_exponent", "pubkey-info-exponent"),
        ("validity_not_before", "validity-not-before"),
        ("validity_not_after", "validity-not-after"),
    ];
    parts.extend(described(node, &names));
    match parts.as_slice() {
        [only] if only.detects => plan.alone.push(Part { relation: "", ..only.clone() }),
        _ => object("x509", parts, plan),
    }
}

/// The value of a kind as a plan of its own.
pub(super) fn values_in<'d>(node: Node<'d, 'd>) -> Vec<(Kind, Cow<'d, str>)> {
    let mut found = Vec::new();
    extract(node, &mut |value| found.push((value.kind, value.text)));
    found
}

#[cfg(test)]
mod tests {
    use comity_stix::Doc;

    use super::*;

    /// The parts made of the first object, as `template/relation type value`.
    fn told(objects: &str) -> Vec<String> {
        let doc = Doc::parse(objects.as_bytes(), 16).unwrap();
        let at = doc.root().items().filter_map(|node| Some((node.str("id")?, node))).collect();
        let first = doc.root().items().next().unwrap();
        let plan = observable(first, Finder { at: &at, inline: None });
        let alone = plan.alone.iter().map(|part| format!("{} {}", part.kind, part.value));
        let inside = plan.objects.iter().flat_map(|(name, parts)| {
            parts.iter().map(move |part| format!("{name}/{} {} {}", part.relation, part.kind, part.value))
        });
        alone.chain(inside).collect()
    }

    #[test]
    fn observables_become_the_attributes_an_analyst_would_write() {
        let ip = r#"{"type":"ipv4-addr","id":"ipv4-addr--1","value":"203.0.113.7"}"#;
        for (objects, parts) in [
            (format!("[{ip}]"), &["ip-dst 203.0.113.7"][..]),
            (r#"[{"type":"file","name":"a.exe","hashes":{"SHA-256":"aa"}}]"#.to_owned(), &["filename|sha256 a.exe|aa"]),
            (
                r#"[{"type":"file","name":"a.exe","hashes":{"MD5":"bb","SHA-256":"aa"},"size":7}]"#.to_owned(),
                &[
                    "file/filename filename a.exe",
                    "file/md5 md5 bb",
                    "file/sha256 sha256 aa",
                    "file/size-in-bytes size-in-bytes 7",
                ],
            ),
            (
                format!(
                    r#"[{{"type":"network-traffic","dst_ref":"ipv4-addr--1","dst_port":443,"protocols":["ipv4"]}},{ip}]"#
                ),
                &["ip-dst|port 203.0.113.7|443"],
            ),
            (
                format!(
                    r#"[{{"type":"network-traffic","src_ref":"ipv4-addr--1","dst_ref":"ipv4-addr--1","dst_port":443,"protocols":["tcp"]}},{ip}]"#
                ),
                &[
                    "network-connection/ip-src ip-src 203.0.113.7",
                    "network-connection/ip-dst ip-dst 203.0.113.7",
                    "network-connection/dst-port port 443",
                    "network-connection/layer4-protocol text tcp",
                ],
            ),
            (
                format!(r#"[{{"type":"domain-name","value":"x.example","resolves_to_refs":["ipv4-addr--1"]}},{ip}]"#),
                &["domain|ip x.example|203.0.113.7"],
            ),
            (
                r#"[{"type":"windows-registry-key","key":"HKEY_LOCAL_MACHINE\\X","values":[{"data":"y"}]}]"#.to_owned(),
                &["regkey|value HKEY_LOCAL_MACHINE\\X|y"],
            ),
            (
                r#"[{"type":"user-account","account_type":"telegram","account_login":"a"}]"#.to_owned(),
                &["telegram-account/username text a"],
            ),
            (
                r#"[{"type":"comity-value","kind":"ethereum-address","value":"0xab"}]"#.to_owned(),
                &["coin-address/address-crypto text 0xab", "coin-address/symbol text ETH"],
            ),
            (r#"[{"type":"email-message","is_multipart":false,"subject":"Hi"}]"#.to_owned(), &["email-subject Hi"]),
            (r#"[{"type":"autonomous-system","number":64500}]"#.to_owned(), &["AS AS64500"]),
            (r#"[{"type":"comity-value","kind":"iban","value":"DE89"}]"#.to_owned(), &["iban DE89"]),
        ] {
            assert_eq!(told(&objects), parts, "{objects}");
        }
    }
}
