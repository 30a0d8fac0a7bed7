//! Domain objects that are attributes or objects in MISP, and the observables beside them.

use std::borrow::Cow;
use std::collections::HashSet;

use comity_stix::{Class, Node};

use super::build::{Base, Build, Fate};
use super::galaxy::is_cluster;
use super::head::moment;
use super::loss::MispGap;
use super::marks::kept;
use super::observable::{Finder, comes_first, observable, values_in};
use super::plan::{Part, Plan};
use super::sought::sought;
use super::types;

impl<'d> Build<'_, 'd> {
    /// What is neither an observable nor about something else.
    pub(super) fn domain_objects(&mut self) {
        let authors = self.authors();
        let container = self.source.container;
        if let Some(node) = container {
            self.container(node);
        }
        let held = container.and_then(|node| node.str("id"));
        for member in self.members {
            let node = member.object;
            if held.is_some() && node.str("id") == held {
                continue;
            }
            self.domain_object(node, member.elsewhere, &authors);
        }
        for member in self.members {
            let node = member.object;
            if node.str("type") == Some("observed-data") && !self.fates.contains_key(node.str("id").unwrap_or_default())
            {
                self.observed(node, member.elsewhere);
            }
        }
    }

    /// The object that is the event: what it says beside its title.
    fn container(&mut self, node: Node<'d, 'd>) {
        match node.str("type") {
            Some("report" | "grouping" | "incident") => {
                if let Some(text) = node.str("description").filter(|text| !text.trim().is_empty()) {
                    let mut base = self.base(node, true);
                    base.tags = Vec::new();
                    let part = Part { category: Some("External analysis".into()), ..Part::new("comment", text) };
                    self.place(&base, Plan { alone: vec![part], ..Plan::default() }, "report");
                }
                self.references(node);
            }
            Some("observed-data") => {}
            _ => self.domain_object(node, true, &HashSet::new()),
        }
        if node.str("type") == Some("observed-data") && !self.kept(node, true) {
            self.observed(node, true);
        }
    }

    fn domain_object(&mut self, node: Node<'d, 'd>, elsewhere: bool, authors: &HashSet<&'d str>) {
        let id = node.str("id");
        let kind = node.str("type").unwrap_or_default();
        match kind {
            _ if is_cluster(node) => self.cluster(node),
            "marking-definition" | "extension-definition" => self.fate(id, Fate::Told),
            "identity" if id.is_some_and(|id| authors.contains(id)) => self.fate(id, Fate::Told),
            "relationship" | "sighting" | "note" | "opinion" => {}
            _ if self.kept(node, elsewhere) => {}
            "indicator" => self.indicator(node, elsewhere),
            "vulnerability" | "campaign" | "identity" | "location" => {
                let mut base = self.base(node, elsewhere);
                base.comment = Cow::Borrowed(node.str("description").unwrap_or_default());
                let plan = named(node, kind);
                self.put(node, &base, plan, kind);
            }
            _ => {}
        }
    }

    /// Identities that only say who made or saw something: the event tells them there.
    fn authors(&self) -> HashSet<&'d str> {
        let mut authors = HashSet::new();
        let mut ends = HashSet::new();
        for node in self.members.iter().map(|member| member.object).chain(self.source.container) {
            authors.extend(node.str("created_by_ref"));
            let sighted = node.get("where_sighted_refs").into_iter().flat_map(Node::items);
            authors.extend(sighted.filter_map(Node::as_str));
            ends.extend(["source_ref", "target_ref"].iter().filter_map(|name| node.str(name)));
        }
        // The reader lets a report without anything refer to the organisation that made it.
        authors.retain(|id| !ends.contains(id));
        authors
    }

    fn put(&mut self, node: Node<'d, 'd>, base: &Base<'d>, plan: Plan<'d>, kind: &str) {
        let card = plan.card;
        match self.place(base, plan, kind) {
            Some(end) => self.became(node, end),
            None => self.lose(node.str("id"), if card { MispGap::Card } else { MispGap::Empty }),
        }
    }

    fn indicator(&mut self, node: Node<'d, 'd>, elsewhere: bool) {
        let mut base = self.base(node, elsewhere);
        base.to_ids = kept(node, "to_ids").is_none_or(|told| told.eq_ignore_ascii_case("true"));
        let made = [moment(node, "modified"), moment(node, "created")];
        base.first = moment(node, "valid_from").filter(|first| !made.contains(&Some(*first)));
        base.last = moment(node, "valid_until");
        let pattern = node.str("pattern").unwrap_or_default();
        let mut plan = match node.str("pattern_type").unwrap_or("stix") {
            "stix" => match sought(pattern) {
                Some((mut plan, whole)) => {
                    if !whole {
                        plan.alone.push(Part::new("stix2-pattern", pattern));
                    }
                    plan
                }
                None => return self.lose(node.str("id"), MispGap::Empty),
            },
            language => {
                let known = types::type_of(language).is_some();
                let part = Part::new(if known { language } else { "other" }, pattern);
                let part = if known { part } else { part.describing().remark(format!("Pattern in {language}")) };
                Plan { alone: vec![part], ..Plan::default() }
            }
        };
        as_labelled(node, &mut plan);
        let mut told = [node.str("description"), node.str("name")].into_iter().flatten();
        let new = |text: &&str| !text.trim().is_empty() && plan.parts().all(|part| part.value != *text);
        base.comment = Cow::Borrowed(told.find(new).unwrap_or_default());
        self.put(node, &base, plan, "indicator");
    }

    /// What was observed: the observables, with the time of the observation.
    fn observed(&mut self, node: Node<'d, 'd>, elsewhere: bool) {
        let mut base = self.base(node, elsewhere);
        base.first = moment(node, "first_observed");
        base.last = moment(node, "last_observed").filter(|last| Some(*last) != base.first);
        if let Some(count) = node.get("number_observed").and_then(Node::as_i64).filter(|count| *count > 1) {
            base.comment = format!("Observed {count} times").into();
        }
        let inline = node.get("objects");
        let finder = Finder { at: &self.at, inline };
        let listed = node.get("object_refs").into_iter().flat_map(Node::items).filter_map(Node::as_str);
        let inside = inline.into_iter().flat_map(Node::entries).map(|(key, _)| key);
        let ids: Vec<&'d str> = listed.chain(inside).collect();
        let mut there: Vec<(&'d str, Node<'d, 'd>)> =
            ids.iter().filter_map(|id| Some((*id, finder.get(id)?))).collect();
        if there.len() < ids.len() {
            self.gap(Some("observed-data"), MispGap::Part);
        }
        there.sort_by_key(|(_, node)| !comes_first(*node));
        let mut whole = Plan::default();
        for (id, node) in there {
            if whole.folded.contains(&id) || Class::of(node.str("type").unwrap_or_default()) == Class::Sro {
                continue;
            }
            let plan = observable(node, Finder { at: &self.at, inline });
            if !plan.is_empty() {
                self.fate(Some(id), Fate::Told);
            }
            if let Some(end) = self.holds(&plan) {
                self.ends.entry(id).or_insert(end);
            } else {
                self.tighten(&mut base, node);
                whole.take(plan);
            }
        }
        let told = whole.is_empty();
        match self.place(&base, whole, "observed-data") {
            Some(end) => self.became(node, end),
            None if told && !ids.is_empty() => self.fate(node.str("id"), Fate::Told),
            None => self.lose(node.str("id"), MispGap::Empty),
        }
    }

    /// Observables that nothing has told yet.
    pub(super) fn observables(&mut self) {
        let mut left: Vec<Node<'d, 'd>> = self.members.iter().map(|member| member.object).collect();
        left.retain(|node| {
            let id = node.str("id").unwrap_or_default();
            !self.fates.contains_key(id) && is_observable(node.str("type").unwrap_or_default())
        });
        left.sort_by_key(|node| !comes_first(*node));
        for node in left {
            let id = node.str("id");
            if id.is_some_and(|id| self.fates.contains_key(id)) {
                continue;
            }
            let plan = observable(node, self.finder());
            if let Some(end) = self.holds(&plan) {
                for id in plan.folded.iter().copied().chain(id) {
                    self.fate(Some(id), Fate::Told);
                    self.ends.entry(id).or_insert_with(|| end.clone());
                }
                continue;
            }
            // The same observable stands in many events, and has no time of its own.
            let base = self.base(node, true);
            let kind = node.str("type").unwrap_or_default();
            self.put(node, &base, plan, kind);
        }
    }
}

/// Standard observables, ours, and custom ones that hold values.
fn is_observable(kind: &str) -> bool {
    Class::of(kind) == Class::Sco || kind == "comity-value"
}

/// An indicator of one value whose labels say which of several types it is: misp-stix keeps that.
fn as_labelled<'d>(node: Node<'d, 'd>, plan: &mut Plan<'d>) {
    let ([part], []) = (plan.alone.as_mut_slice(), plan.objects.as_slice()) else { return };
    let Some(kind) = kept(node, "type").filter(|kind| types::type_of(kind).is_some()) else { return };
    if kind.contains('|') == part.kind.contains('|') && part.kind != "stix2-pattern" {
        part.kind = kind;
    }
    part.category = kept(node, "category");
}

/// Objects that are known by a name.
fn named<'d>(node: Node<'d, 'd>, kind: &str) -> Plan<'d> {
    let mut plan = Plan::default();
    let name = node.str("name").filter(|name| !name.trim().is_empty());
    match kind {
        "vulnerability" => {
            let references = node.get("external_references").into_iter().flat_map(Node::items);
            let mut cve = references.filter(|reference| reference.str("source_name") == Some("cve"));
            let number = cve.find_map(|reference| reference.str("external_id"));
            plan.alone.extend(number.or(name).map(|value| Part::new("vulnerability", value)));
        }
        "campaign" => plan.alone.extend(name.map(|name| Part::new("campaign-name", name))),
        "location" => {
            let texts = [
                ("country", "countrycode"),
                ("region", "region"),
                ("city", "city"),
                ("street_address", "address"),
                ("postal_code", "zipcode"),
            ];
            let mut parts: Vec<_> =
                texts.iter().filter_map(|(from, to)| Some(Part::inside(to, "text", node.str(from)?))).collect();
            for name in ["latitude", "longitude"] {
                let number = node.get(name).and_then(Node::as_f64);
                parts.extend(number.map(|number| Part::inside(name, "float", number.to_string())));
            }
            parts.extend(name.map(|name| Part::inside("text", "text", name)));
            if !parts.is_empty() {
                plan.objects.push(("geolocation", parts));
            }
        }
        _ => identity(node, name, &mut plan),
    }
    plan
}

/// A person or organisation, with the addresses and numbers it can be reached at.
fn identity<'d>(node: Node<'d, 'd>, name: Option<&'d str>, plan: &mut Plan<'d>) {
    let is_person = node.str("identity_class") == Some("individual");
    let mut parts = Vec::new();
    if let Some(name) = name {
        let (relation, kind) = if is_person { ("full-name", "full-name") } else { ("name", "text") };
        parts.push(Part::inside(relation, kind, name));
    }
    for (kind, text) in values_in(node) {
        let (relation, kind) = match kind {
            comity_stix::Kind::Email => ("e-mail", "email-src"),
            comity_stix::Kind::Phone => ("phone-number", "phone-number"),
            _ => continue,
        };
        parts.push(Part::inside(relation, kind, text));
    }
    let lists = if is_person { [("roles", "role")] } else { [("sectors", "sector")] };
    for (from, to) in lists {
        let texts = node.get(from).into_iter().flat_map(Node::items).filter_map(Node::as_str);
        parts.extend(texts.map(|text| Part::inside(to, "text", text)));
    }
    if !parts.is_empty() {
        plan.objects.push((if is_person { "person" } else { "organization" }, parts));
    }
}
