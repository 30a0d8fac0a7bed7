//! Actors, techniques and software as clusters of MISP's galaxies.

use std::borrow::Cow;

use comity_stix::{Node, Shape};

use super::build::{Build, End};
use super::event::{Cluster, MispTag};
use super::head::uuid_of;
use super::loss::MispGap;
use super::marks::kept;

/// Whether an object is a cluster: by its type, or because the reader made it of one.
pub(super) fn is_cluster(node: Node<'_, '_>) -> bool {
    let kind = node.str("type").unwrap_or_default();
    let always = matches!(
        kind,
        "attack-pattern"
            | "course-of-action"
            | "infrastructure"
            | "intrusion-set"
            | "malware"
            | "threat-actor"
            | "tool"
            | "x-misp-galaxy-cluster"
    );
    always || (matches!(kind, "vulnerability" | "identity" | "campaign") && kept(node, "galaxy-type").is_some())
}

/// The cluster that an object is.
pub(super) fn cluster<'d>(node: Node<'d, 'd>) -> Option<Cluster<'d>> {
    let text = |name: &str| node.str(name).filter(|text| !text.trim().is_empty());
    let kind = text("type")?;
    let number = external_id(node);
    let (galaxy, galaxy_name) = match kept(node, "galaxy-type").or_else(|| text("x_misp_type").map(Cow::Borrowed)) {
        Some(galaxy) => {
            let name = kept(node, "galaxy-name").unwrap_or_else(|| galaxy.clone());
            (galaxy, name)
        }
        None => usual(kind, number.is_some()),
    };
    let value = match text("x_misp_value") {
        Some(value) => Cow::Borrowed(value),
        None => named(text("name")?, number.filter(|_| galaxy.starts_with("mitre-"))),
    };
    let description = text("description").or_else(|| text("x_misp_description")).unwrap_or_default();
    let source = text("id")?;
    let meta = meta(node);
    Some(Cluster { uuid: uuid_of(source)?, source, galaxy, galaxy_name, value, description, meta })
}

/// MITRE's clusters are named with their number.
fn named<'d>(name: &'d str, number: Option<&str>) -> Cow<'d, str> {
    match number.filter(|number| !name.ends_with(number)) {
        Some(number) => format!("{name} - {number}").into(),
        None => Cow::Borrowed(name),
    }
}

/// The galaxy of an object that comes from none: MITRE's for what has its number, else as misp-stix names them.
fn usual(kind: &str, numbered: bool) -> (Cow<'static, str>, Cow<'static, str>) {
    let words: Vec<String> = kind.split('-').map(capital).collect();
    let name = words.join(" ").replace(" Of ", " of ");
    let of_mitre = matches!(kind, "attack-pattern" | "course-of-action" | "intrusion-set" | "malware" | "tool");
    match kind {
        _ if numbered && of_mitre => (format!("mitre-{kind}").into(), name.into()),
        "threat-actor" => ("threat-actor".into(), "Threat Actor".into()),
        _ => (format!("stix-2.1-{kind}").into(), format!("STIX 2.1 {name}").into()),
    }
}

fn capital(word: &str) -> String {
    let mut chars = word.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}

/// Its number at MITRE: `T1134`, `G0016`, `S0367`.
fn external_id<'d>(node: Node<'d, 'd>) -> Option<&'d str> {
    let references = node.get("external_references").into_iter().flat_map(Node::items);
    let of_mitre =
        |reference: &Node<'d, 'd>| reference.str("source_name").is_some_and(|name| name.starts_with("mitre-"));
    references.filter(of_mitre).find_map(|reference| reference.str("external_id"))
}

fn meta<'d>(node: Node<'d, 'd>) -> Vec<(Cow<'d, str>, Vec<Cow<'d, str>>)> {
    if let Some(kept) = node.get("x_misp_meta") {
        let one = |(name, value): (&'d str, Node<'d, 'd>)| {
            let list = match value.shape() {
                Shape::Text => value.as_str().map(Cow::Borrowed).into_iter().collect(),
                _ => value.items().filter_map(Node::as_str).map(Cow::Borrowed).collect(),
            };
            (Cow::Borrowed(name), list)
        };
        return kept.entries().map(one).collect();
    }
    let list = |name: &str| -> Vec<Cow<'d, str>> {
        let items = node.get(name).into_iter().flat_map(Node::items);
        items.filter_map(Node::as_str).map(Cow::Borrowed).collect()
    };
    let references = || node.get("external_references").into_iter().flat_map(Node::items);
    let phases = node.get("kill_chain_phases").into_iter().flat_map(Node::items);
    let phases = phases
        .filter_map(|phase| Some(format!("{}:{}", phase.str("kill_chain_name")?, phase.str("phase_name")?).into()));
    let mut meta = vec![
        (
            Cow::Borrowed("external_id"),
            references().filter_map(|reference| reference.str("external_id")).map(Cow::Borrowed).collect(),
        ),
        ("synonyms".into(), list("aliases")),
        ("kill_chain".into(), phases.collect()),
        ("refs".into(), references().filter_map(|reference| reference.str("url")).map(Cow::Borrowed).collect()),
    ];
    meta.retain(|(_, values)| !values.is_empty());
    meta
}

impl<'d> Build<'_, 'd> {
    /// Takes an object for a cluster; what it is tied to is known later.
    pub(super) fn cluster(&mut self, node: Node<'d, 'd>) {
        let Some(cluster) = cluster(node) else {
            self.lose(node.str("id"), MispGap::Empty);
            return;
        };
        let place = self.event.clusters.len();
        self.event.clusters.push(cluster);
        self.became(node, End::Cluster(place));
        if self.ends.get(node.str("id").unwrap_or_default()) == Some(&End::Event) {
            self.tag_event(place);
        }
    }

    /// Ties a cluster to the event.
    pub(super) fn tag_event(&mut self, place: usize) {
        let Some(cluster) = self.event.clusters.get(place) else { return };
        let name: Cow<'d, str> = cluster.tag().into();
        self.event.galaxies.insert(place);
        if self.names.insert(name.clone()) {
            self.event.head.tags.push(MispTag { name, relation: None });
        }
    }

    /// Ties a cluster to attributes; `relation` where it says more than that they point to it.
    pub(super) fn tag_attributes(&mut self, end: &End, place: usize, relation: Option<&str>) {
        let Some(tag) = self.event.clusters.get(place).map(Cluster::tag) else { return };
        let mut chosen = false;
        // The reader ties an object to the clusters of its attributes, which keep the tag.
        self.each_attribute(end, |attribute| chosen |= attribute.tags.iter().any(|other| other.name == tag));
        self.each_attribute(end, |attribute| {
            if chosen && attribute.tags.iter().all(|other| other.name != tag) {
                return;
            }
            if !attribute.clusters.contains(&place) {
                attribute.clusters.push(place);
            }
            push_tag(&mut attribute.tags, tag.clone(), relation);
        });
    }

    /// Ties clusters that nothing in the event is tied to, to the event itself.
    ///
    /// The reader lets a report refer to the clusters of its attributes too: those of the event itself
    /// are among its tags. Objects without a container have nothing that such a tag would be about.
    pub(super) fn untied_clusters(&mut self, tied: &[bool]) {
        let named = |build: &Self, place: usize| {
            let tag = build.event.clusters.get(place).map(Cluster::tag);
            tag.is_some_and(|tag| build.names.contains(&*tag))
        };
        for place in 0..self.event.clusters.len() {
            let is_tied = tied.get(place).copied().unwrap_or_default();
            match self.source.container {
                Some(_) if !self.from_misp || !is_tied || named(self, place) => self.tag_event(place),
                None if !is_tied => {
                    let source = self.event.clusters.get(place).map(|cluster| cluster.source);
                    self.lose(source, MispGap::NoTie);
                }
                _ => {}
            }
        }
    }
}

/// Adds a tag unless it is there.
fn push_tag(tags: &mut Vec<MispTag<'_>>, name: String, relation: Option<&str>) {
    if tags.iter().all(|tag| tag.name != name) {
        tags.push(MispTag { name: name.into(), relation: relation.map(|relation| relation.to_owned().into()) });
    }
}
