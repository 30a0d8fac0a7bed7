use comity_base::Timestamp;
use comity_stix::Kind;
use comity_stix::value::Values;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::attribute::{Attribute, observables, primary};
use super::event::Event;
use super::members::{made, moment, objects, own_tags, own_uuid, read_uuid, tag, text, truth, unfit, uuid};
use super::out::{Draft, Out};
use super::sco::{self, End, Parts, connection, equals, hash_equals, id_of, one, parts, read_hash, sco, value_of};
use super::{analyst, attribute, galaxy, sighting};
use crate::Flow;

/// A reference from one object to another object or attribute.
pub(super) struct Reference {
    source: String,
    target: Option<Uuid>,
    kind: String,
    uuid: Uuid,
    comment: Option<String>,
    stamped: Option<Timestamp>,
    marks: super::marks::Marks,
    offset: u64,
}

/// Converts a MISP object with its attributes.
pub(super) fn convert(json: &Map<String, Value>, event: &mut Event, out: &mut Out<'_>, offset: u64) -> Flow {
    let deleted = truth(json, "deleted");
    let mut marks = event.marks.with(json);
    let mut attributes = Vec::new();
    if unfit(json, "Attribute") > 0 {
        let whole = Value::Object(json.clone()).to_string();
        out.invalid(offset, "an attribute of the MISP object is not a JSON object", whole.as_bytes())?;
    }
    for inner in objects(json, "Attribute") {
        if deleted || truth(inner, "deleted") {
            event.delete();
            continue;
        }
        match Attribute::read(inner) {
            Ok(attribute) => {
                marks.and(&marks.with(inner));
                attributes.push(attribute);
            }
            Err(why) => out.invalid(offset, why, Value::Object(inner.clone()).to_string().as_bytes())?,
        }
    }
    if deleted {
        if objects(json, "Attribute").next().is_none() {
            event.delete();
        }
        return Flow::Continue(());
    }
    let name = text(json, "name").unwrap_or_else(|| "unnamed".to_owned());
    let uuid = uuid(json, &format!("{} object {name} {}", event.uuid, Value::Object(json.clone())));
    let times = Attribute::times(json, event);
    let all: Vec<&Attribute<'_>> = attributes.iter().collect();
    let detected: Vec<&Attribute<'_>> = attributes.iter().filter(|attribute| attribute.to_ids).collect();
    let mut draft = match template(&name, &all, &out.ctx.values) {
        Some(found) => {
            let ids = observables(&found, event, &marks, out, offset)?;
            let sought = template(&name, &detected, &out.ctx.values).filter(|sought| !sought.comparisons.is_empty());
            primary(sought.as_ref().unwrap_or(&found), sought.is_some(), &ids, uuid, &times)
        }
        None => Draft::new("x-misp-object", uuid, times.created, times.modified),
    };
    of_template(&mut draft, json, &name);
    draft.set("x_misp_attributes", attributes.iter().map(|a| kept(a, &out.ctx.values)).collect::<Vec<Value>>());
    draft.set_some("created_by_ref", event.creator.clone());
    let mut labels = vec![tag("name", &name)];
    labels.extend(text(json, "meta-category").map(|category| tag("meta-category", &category)));
    labels.push(tag("to_ids", if detected.is_empty() { "false" } else { "true" }));
    let source = draft.id.clone();
    event.made(uuid, &source);
    attributes.iter().filter_map(|a| own_uuid(a.json)).for_each(|inner| event.also_named(inner, &source));
    remember(json, &source, &marks, offset, event);
    out.give(draft.object, &marks, labels, offset)?;
    for part in attributes.iter().map(|attribute| attribute.json).chain([json]) {
        galaxy::of_part(part, &source, event, &marks, out, offset)?;
        sighting::all(part, &source, event, &marks, out, offset)?;
        analyst::collect(part, &source, &marks, event, offset);
    }
    Flow::Continue(())
}

/// What of an object is no attribute and has no place in STIX.
fn of_template(draft: &mut Draft, json: &Map<String, Value>, name: &str) {
    draft.set("x_misp_name", name);
    for (member, from) in [
        ("x_misp_meta_category", "meta-category"),
        ("x_misp_description", "description"),
        ("x_misp_template_uuid", "template_uuid"),
        ("x_misp_template_version", "template_version"),
        ("x_misp_comment", "comment"),
    ] {
        draft.set_some(member, text(json, from));
    }
    attribute::kept_times(json, draft);
}

/// An attribute as it is kept beside the object: what MISP needs to make it again.
fn kept(attribute: &Attribute<'_>, values: &Values) -> Value {
    let mut kept = Map::new();
    for name in
        ["uuid", "type", "object_relation", "category", "comment", "data", "timestamp", "first_seen", "last_seen"]
    {
        if let Some(text) = text(attribute.json, name) {
            kept.insert(name.to_owned(), text.into());
        }
    }
    match attribute.kept_value() {
        Some(value) => kept.insert("value".into(), value.into()),
        None => values
            .parse(Kind::Card, &attribute.value)
            .ok()
            .and_then(|card| kept.insert("value".into(), card.text().into())),
    };
    kept.insert("to_ids".into(), attribute.to_ids.into());
    if truth(attribute.json, "disable_correlation") {
        kept.insert("disable_correlation".into(), true.into());
    }
    // The object is marked as strictly as the strictest of its attributes; which one it was is kept here.
    let tags = own_tags(attribute.json);
    if !tags.is_empty() {
        kept.insert("tags".into(), tags.into());
    }
    Value::Object(kept)
}

/// The observables of a known template; `None` for an unknown one, or one that holds none.
fn template(name: &str, attributes: &[&Attribute<'_>], values: &Values) -> Option<Parts> {
    let found = match name {
        "file" => file(attributes, values),
        "domain-ip" => domain_ip(attributes, values),
        "ip-port" | "network-connection" | "network-socket" => network(attributes, values),
        "registry-key" => registry_key(attributes, values),
        "asn"
        | "url"
        | "email"
        | "x509"
        | "mutex"
        | "user-account"
        | "whois"
        | "bank-account"
        | "coin-address"
        | "btc-wallet"
        | "btc-transaction"
        | "phone"
        | "passport"
        | "person"
        | "vehicle"
        | "credit-card"
        | "ja3"
        | "ja4-plus"
        | "telegram-account"
        | "twitter-account"
        | "github-user"
        | "http-request"
        | "dns-record"
        | "passive-dns"
        | "cryptocurrency-transaction"
        | "social-media-group"
        | "parler-account" => any(attributes, values),
        _ => return None,
    };
    (!found.scos.is_empty()).then_some(found)
}

/// Every attribute by itself; any of them is a match.
fn any(attributes: &[&Attribute<'_>], values: &Values) -> Parts {
    let mut all = Parts::default();
    for attribute in attributes {
        if let Ok(Some(found)) = parts(&attribute.kind, &attribute.value, values) {
            all.scos.extend(found.scos);
            let together = found.comparisons.join(" AND ");
            all.comparisons.push(if found.comparisons.len() > 1 { format!("({together})") } else { together });
        }
    }
    all.comparisons = either(all.comparisons).into_iter().collect();
    all
}

/// One comparison that holds when any of these does.
fn either(mut comparisons: Vec<String>) -> Option<String> {
    match comparisons.len() {
        0 | 1 => comparisons.pop(),
        _ => Some(format!("({})", comparisons.join(" OR "))),
    }
}

/// One file: any of its hashes names it, so one is enough; its name counts only without a hash.
fn file(attributes: &[&Attribute<'_>], values: &Values) -> Parts {
    let (mut hashes, mut members) = (Map::new(), Map::new());
    for attribute in attributes {
        let (kind, value) = (attribute.kind.as_str(), attribute.value.as_str());
        match kind {
            "filename" => drop(members.entry("name").or_insert_with(|| value.into())),
            "malware-sample" => {
                if let Some((name, hash)) = value.rsplit_once('|') {
                    members.entry("name").or_insert_with(|| name.into());
                    insert_hash(&mut hashes, "md5", hash, values);
                }
            }
            "size-in-bytes" => {
                if let Ok(size) = value.trim().parse::<u32>() {
                    members.insert("size".into(), size.into());
                }
            }
            "mime-type" => drop(members.insert("mime_type".into(), value.into())),
            _ => insert_hash(&mut hashes, kind, value, values),
        }
    }
    let mut comparisons: Vec<String> =
        hashes.iter().filter_map(|(name, hash)| Some(hash_equals("file", name, hash.as_str()?))).collect();
    comparisons = either(comparisons).into_iter().collect();
    if let Some(name) = members.get("name").and_then(Value::as_str).filter(|_| comparisons.is_empty()) {
        comparisons.push(equals("file:name", name));
    }
    if !hashes.is_empty() {
        members.insert("hashes".into(), hashes.into());
    }
    if !members.contains_key("name") && !members.contains_key("hashes") {
        return Parts::default();
    }
    Parts { scos: vec![sco("file", Value::Object(members))], comparisons }
}

fn insert_hash(hashes: &mut Map<String, Value>, kind: &str, text: &str, values: &Values) {
    if sco::algorithm(kind).is_some()
        && let Ok((name, hash)) = read_hash(kind, text, values)
    {
        hashes.entry(name).or_insert_with(|| hash.into());
    }
}

fn domain_ip(attributes: &[&Attribute<'_>], values: &Values) -> Parts {
    let read = |kinds: &[&str]| -> Vec<Map<String, Value>> {
        let fitting = attributes.iter().filter(|attribute| kinds.contains(&attribute.kind.as_str()));
        fitting.filter_map(|attribute| one(&attribute.kind, &attribute.value, values).ok()).collect()
    };
    let (mut domains, addresses) = (read(&["domain", "hostname"]), read(&["ip-src", "ip-dst"]));
    let compare = |path: &str, found: &[Map<String, Value>]| {
        either(found.iter().map(|object| equals(path, value_of(object))).collect())
    };
    let comparisons = if domains.is_empty() {
        let each = addresses.iter().map(|object| {
            let kind = object.get("type").and_then(Value::as_str).unwrap_or_default();
            equals(&format!("{kind}:value"), value_of(object))
        });
        either(each.collect()).into_iter().collect()
    } else {
        let names = compare("domain-name:value", &domains);
        names.into_iter().chain(compare("domain-name:resolves_to_refs[*].value", &addresses)).collect()
    };
    if !addresses.is_empty() {
        let ids: Vec<String> = addresses.iter().map(id_of).collect();
        for domain in &mut domains {
            domain.insert("resolves_to_refs".into(), json!(ids));
        }
    }
    Parts { scos: addresses.into_iter().chain(domains).collect(), comparisons }
}

/// Traffic between two ends; further addresses and names stand by themselves.
fn network(attributes: &[&Attribute<'_>], values: &Values) -> Parts {
    let mut ends: [End; 2] = [End::new("src"), End::new("dst")];
    let mut others = Vec::new();
    for attribute in attributes {
        let source = attribute.relation.contains("src") || (attribute.relation == "ip" && attribute.kind == "ip-src");
        let [src, dst] = &mut ends;
        let end = if source { src } else { dst };
        match attribute.kind.as_str() {
            "port" => end.port = end.port.or_else(|| attribute.value.trim().parse().ok()),
            kind @ ("ip-src" | "ip-dst" | "hostname" | "domain") => match one(kind, &attribute.value, values) {
                Ok(object) if end.host.is_none() => end.host = Some(object),
                Ok(object) => others.push(object),
                Err(_) => {}
            },
            _ => {}
        }
    }
    others.extend(ends.iter().filter_map(|end| end.host.clone()));
    // A port alone names no traffic.
    if others.is_empty() {
        return Parts::default();
    }
    connection(&ends, others)
}

fn registry_key(attributes: &[&Attribute<'_>], values: &Values) -> Parts {
    let of = |relation: &str| attributes.iter().find(|a| a.relation == relation).map(|a| a.value.as_str());
    let key = attributes.iter().find(|a| a.kind == "regkey").map(|a| a.value.as_str());
    let Some(key) = key.and_then(|key| values.parse(Kind::RegistryKey, key.trim()).ok()) else {
        return Parts::default();
    };
    let mut comparisons = vec![equals("windows-registry-key:key", key.text())];
    let mut value = Map::new();
    for name in ["name", "data"] {
        if let Some(text) = of(name) {
            value.insert(name.into(), text.into());
            comparisons.push(equals(&format!("windows-registry-key:values[*].{name}"), text));
        }
    }
    let mut members = Map::new();
    members.insert("key".into(), key.text().into());
    if !value.is_empty() {
        members.insert("values".into(), json!([value]));
    }
    Parts { scos: vec![sco("windows-registry-key", Value::Object(members))], comparisons }
}

fn remember(json: &Map<String, Value>, source: &str, marks: &super::marks::Marks, offset: u64, event: &mut Event) {
    for reference in objects(json, "ObjectReference").filter(|reference| !truth(reference, "deleted")) {
        let target = text(reference, "referenced_uuid").and_then(|uuid| read_uuid(&uuid));
        let kind = text(reference, "relationship_type").unwrap_or_default();
        let otherwise = || made(&format!("{source} {kind} {target:?}"));
        event.references.push(Reference {
            source: source.to_owned(),
            target,
            uuid: own_uuid(reference).unwrap_or_else(otherwise),
            kind,
            comment: text(reference, "comment"),
            stamped: moment(reference, "timestamp"),
            marks: marks.clone(),
            offset,
        });
    }
}

/// Gives out a reference as a relationship, now that both ends are known.
pub(super) fn relate(reference: &Reference, event: &mut Event, out: &mut Out<'_>) -> Flow {
    let Some(target) = reference.target.and_then(|target| event.id_of(target)).cloned() else {
        let text = format!(
            "A reference of the MISP object {} points to nothing in the event and was left out.",
            reference.source
        );
        return out.notice(reference.offset, "misp-reference-unknown", text);
    };
    let stamped = reference.stamped.unwrap_or(event.modified);
    let mut draft = Draft::new("relationship", reference.uuid, event.created.min(stamped), stamped);
    let kind = relationship_type(&reference.kind);
    if kind != reference.kind && !reference.kind.is_empty() {
        draft.set("x_misp_relationship_type", reference.kind.as_str());
    }
    draft.set("relationship_type", kind);
    draft.set("source_ref", reference.source.as_str());
    // What points to an attribute inside an object is tied to the object.
    let inner = reference.target.map(|target| target.to_string()).filter(|uuid| !target.ends_with(uuid));
    draft.set_some("x_misp_referenced_uuid", inner);
    draft.set("target_ref", target);
    draft.set_some("description", reference.comment.clone());
    draft.set_some("created_by_ref", event.creator.clone());
    event.refer(&draft.id);
    out.give(draft.object, &reference.marks, Vec::new(), reference.offset)
}

/// A relationship type as STIX allows it (section 5.1): lower-case letters, digits and hyphens.
pub(super) fn relationship_type(text: &str) -> String {
    let allowed = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' };
    let text: String = text.trim().chars().map(allowed).take(200).collect();
    let text = text.trim_matches('-').to_owned();
    if text.is_empty() { "related-to".to_owned() } else { text }
}
