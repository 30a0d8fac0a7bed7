use comity_base::Timestamp;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::analyst;
use super::event::Event;
use super::marks::Marks;
use super::members::{made, objects, own_uuid, tag, text, unfit, uuid};
use super::out::{Draft, Out};
use super::skipped::{Part, UNREADABLE};
use crate::Flow;

/// The clusters of the whole event: the report refers to them.
pub(super) fn of_event(
    galaxy: &Map<String, Value>,
    event: &mut Event,
    marks: &Marks,
    out: &mut Out<'_>,
    offset: u64,
) -> Flow {
    for cluster in clusters(galaxy, event) {
        let draft = convert(galaxy, cluster);
        event.refer(&draft.id);
        known(cluster, &draft.id, marks, event, offset);
        give(galaxy, cluster, draft, marks, out, offset)?;
    }
    Flow::Continue(())
}

/// The clusters of a link, which is a reference of the report: the report refers to them too.
pub(super) fn of_link(
    json: &Map<String, Value>,
    event: &mut Event,
    marks: &Marks,
    out: &mut Out<'_>,
    offset: u64,
) -> Flow {
    event.skipped.add(Part::Galaxy, UNREADABLE, unfit(json, "Galaxy"));
    for galaxy in objects(json, "Galaxy") {
        of_event(galaxy, event, marks, out, offset)?;
    }
    Flow::Continue(())
}

/// The clusters of an attribute or object, each with a relationship from what was made of it.
pub(super) fn of_part(
    json: &Map<String, Value>,
    source: &str,
    event: &mut Event,
    marks: &Marks,
    out: &mut Out<'_>,
    offset: u64,
) -> Flow {
    event.skipped.add(Part::Galaxy, UNREADABLE, unfit(json, "Galaxy"));
    for galaxy in objects(json, "Galaxy") {
        for cluster in clusters(galaxy, event) {
            let draft = convert(galaxy, cluster);
            let target = draft.id.clone();
            event.refer(&target);
            known(cluster, &draft.id, marks, event, offset);
            give(galaxy, cluster, draft, marks, out, offset)?;
            let indicates = source.starts_with("indicator") && can_be_indicated(&target);
            let kind = if indicates { "indicates" } else { "related-to" };
            let uuid = made(&format!("{source} {kind} {target}"));
            let mut relation = Draft::new("relationship", uuid, event.created, event.modified);
            relation.set("relationship_type", kind);
            relation.set("source_ref", source);
            relation.set("target_ref", target);
            relation.set_some("created_by_ref", event.creator.clone());
            event.refer(&relation.id);
            out.give(relation.object, marks, Vec::new(), offset)?;
        }
    }
    Flow::Continue(())
}

/// The clusters of a galaxy that say what they are; the others are counted.
fn clusters<'v>(galaxy: &'v Map<String, Value>, event: &mut Event) -> Vec<&'v Map<String, Value>> {
    analyst::skip(galaxy, "they are about a galaxy, not about one of its clusters", event);
    let (named, unnamed): (Vec<_>, Vec<_>) =
        objects(galaxy, "GalaxyCluster").partition(|cluster| text(cluster, "value").is_some());
    let unreadable = unfit(galaxy, "GalaxyCluster");
    event.skipped.add(Part::Galaxy, UNREADABLE, unreadable);
    event.skipped.add(Part::Galaxy, "they have no name", unnamed.len() as u64);
    if named.is_empty() && unnamed.is_empty() && unreadable == 0 {
        event.skipped.add(Part::Galaxy, "they hold no cluster", 1);
    }
    for cluster in unnamed {
        analyst::skip(cluster, "the galaxy cluster they are about cannot be read", event);
    }
    named
}

/// What an indicator may indicate (STIX 2.1 section 4.7.3).
fn can_be_indicated(target: &str) -> bool {
    let kinds = ["attack-pattern", "campaign", "infrastructure", "intrusion-set", "malware--", "threat-actor", "tool"];
    kinds.iter().any(|kind| target.starts_with(kind))
}

/// What others say of a cluster can name it.
fn known(cluster: &Map<String, Value>, id: &str, marks: &Marks, event: &mut Event, offset: u64) {
    if let Some(uuid) = own_uuid(cluster) {
        event.also_named(uuid, id);
    }
    analyst::collect(cluster, id, &marks.with(&only_distribution(cluster)), event, offset);
}

fn give(
    galaxy: &Map<String, Value>,
    cluster: &Map<String, Value>,
    draft: Draft,
    marks: &Marks,
    out: &mut Out<'_>,
    offset: u64,
) -> Flow {
    let marks = marks.with(&only_distribution(cluster));
    let mut labels: Vec<String> = text(galaxy, "name").map(|name| tag("galaxy-name", &name)).into_iter().collect();
    labels.extend(galaxy_type(galaxy, cluster).map(|kind| tag("galaxy-type", &kind)));
    out.give(draft.object, &marks, labels, offset)
}

fn only_distribution(cluster: &Map<String, Value>) -> Map<String, Value> {
    let kept = ["distribution", "SharingGroup", "sharing_group_id"];
    kept.iter().filter_map(|name| Some(((*name).to_owned(), cluster.get(*name)?.clone()))).collect()
}

fn galaxy_type(galaxy: &Map<String, Value>, cluster: &Map<String, Value>) -> Option<String> {
    text(galaxy, "type").or_else(|| text(cluster, "type"))
}

/// The STIX type of a galaxy's clusters.
fn stix_type(galaxy: &str) -> &'static str {
    let has = |part: &str| galaxy.contains(part);
    match galaxy {
        _ if has("attack-pattern") => "attack-pattern",
        _ if has("course-of-action") => "course-of-action",
        _ if has("intrusion-set") => "intrusion-set",
        _ if has("threat-actor") || galaxy == "microsoft-activity-group" || galaxy == "360net-threat-actor" => {
            "threat-actor"
        }
        "ransomware" | "rat" | "banker" | "backdoor" | "botnet" | "stealer" | "android" | "cryptominers"
        | "malpedia" => "malware",
        _ if has("malware") => "malware",
        "exploit-kit" | "tds" | "tool" => "tool",
        _ if has("-tool") => "tool",
        "branded-vulnerability" => "vulnerability",
        "sector" => "identity",
        _ => "x-misp-galaxy-cluster",
    }
}

/// A cluster as the object of its kind. Galaxies do not date their clusters.
fn convert(galaxy: &Map<String, Value>, cluster: &Map<String, Value>) -> Draft {
    let of = galaxy_type(galaxy, cluster).unwrap_or_default();
    let value = text(cluster, "value").unwrap_or_else(|| "unnamed".to_owned());
    let kind = stix_type(&of);
    let id: Uuid = uuid(cluster, &format!("galaxy {of} {value}"));
    let mut draft = Draft::new(kind, id, Timestamp::default(), Timestamp::default());
    let number = external_id(cluster);
    let name = number.as_ref().and_then(|number| value.strip_suffix(&format!(" - {number}"))).unwrap_or(&value);
    if kind == "x-misp-galaxy-cluster" {
        draft.set("x_misp_type", of);
        draft.set("x_misp_value", value.as_str());
        draft.set_some("x_misp_description", text(cluster, "description"));
        draft.set_some("x_misp_meta", cluster.get("meta").cloned());
        return draft;
    }
    draft.set("name", name);
    // The tag that stands for the cluster is made of its whole value.
    draft.set("x_misp_value", value.as_str());
    draft.set_some("description", text(cluster, "description"));
    match kind {
        "malware" => draft.set("is_family", true),
        "identity" => draft.set("identity_class", "class"),
        _ => {}
    }
    let aliases = meta(cluster, "synonyms");
    if !aliases.is_empty() && matches!(kind, "attack-pattern" | "intrusion-set" | "threat-actor" | "malware" | "tool") {
        draft.set("aliases", aliases);
    }
    let phases: Vec<Value> = meta(cluster, "kill_chain").iter().filter_map(|phase| kill_chain(phase)).collect();
    if !phases.is_empty() && matches!(kind, "attack-pattern" | "malware" | "tool") {
        draft.set("kill_chain_phases", phases);
    }
    let mut references: Vec<Value> =
        number.map(|number| json!({ "source_name": source_of(&number), "external_id": number })).into_iter().collect();
    references.extend(meta(cluster, "refs").into_iter().map(|url| json!({ "source_name": "url", "url": url })));
    if !references.is_empty() {
        draft.set("external_references", references);
    }
    draft
}

fn external_id(cluster: &Map<String, Value>) -> Option<String> {
    meta(cluster, "external_id").into_iter().next()
}

fn source_of(number: &str) -> &'static str {
    match number {
        _ if number.starts_with("CAPEC-") => "capec",
        _ if number.starts_with("CVE-") => "cve",
        _ => "mitre-attack",
    }
}

/// `mitre-attack:defense-evasion`, or `mitre-attack:enterprise:defense-evasion`.
fn kill_chain(phase: &str) -> Option<Value> {
    let (chain, _) = phase.split_once(':')?;
    let (_, name) = phase.rsplit_once(':')?;
    Some(json!({ "kill_chain_name": chain, "phase_name": name }))
}

/// Texts of a cluster's `meta`, which holds one or a list.
fn meta(cluster: &Map<String, Value>, name: &str) -> Vec<String> {
    match cluster.get("meta").and_then(|meta| meta.get(name)) {
        Some(Value::String(text)) if !text.is_empty() => vec![text.clone()],
        Some(Value::Array(list)) => {
            list.iter().filter_map(Value::as_str).filter(|text| !text.is_empty()).map(str::to_owned).collect()
        }
        _ => Vec::new(),
    }
}
