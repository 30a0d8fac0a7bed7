//! Rules that tables cannot say, for Domain, Relationship and Meta Objects.

use super::parts::{self, EXTENSION_TYPES, anything};
use super::rule::Rule;
use super::run::{Check, Path, has_extension};
use super::{formats, relations, sco, vocab};
use crate::header::clip;
use crate::{Node, Shape};

/// Section 3.1 and 11.2: the form of a type name.
pub(super) fn type_name(check: &mut Check<'_, '_>, value: Node<'_, '_>, path: &Path<'_>) {
    let Some(name) = check.text(value, path) else { return };
    if name == "action" {
        check.must(path, "type-reserved", "The type action is reserved for later versions of STIX.");
    } else if !formats::type_name(name) {
        let text =
            format!("{:?} cannot be a type: use a-z, 0-9 and single hyphens, a letter first, 3 to 250.", clip(name));
        check.must(path, "type-name", text);
    }
}

/// Section 2.9: the form of an object's own identifier.
pub(super) fn own_id(check: &mut Check<'_, '_>, value: Node<'_, '_>, path: &Path<'_>) {
    let Some(id) = check.text(value, path) else { return };
    if formats::identifier(id).is_none() {
        check.must(path, "id-malformed", "The identifier must be type--UUID with a UUID of RFC 4122.");
    }
}

/// Section 4.7: an indicator should tell what it is.
pub(super) fn described(check: &mut Check<'_, '_>, node: Node<'_, '_>, path: &Path<'_>) {
    if node.get("name").is_none() || node.get("description").is_none() {
        check.should(path, "indicator-undescribed", "An indicator should have a name and a description.");
    }
}

pub(super) fn country(check: &mut Check<'_, '_>, value: Node<'_, '_>, path: &Path<'_>) {
    if check.text(value, path).is_some_and(|code| !vocab::country(code)) {
        check.should(path, "country-code", "A country should be an ISO 3166-1 alpha-2 code like EE.");
    }
}

/// Section 4.10: which properties of a location go together.
pub(super) fn place(check: &mut Check<'_, '_>, node: Node<'_, '_>, path: &Path<'_>) {
    let has = |name| node.get(name).is_some();
    let (latitude, longitude) = (has("latitude"), has("longitude"));
    if latitude != longitude {
        check.must(path, "location-coordinates", "Latitude and longitude must be given together.");
    }
    if has("precision") && !(latitude && longitude) {
        check.must(&path.name("precision"), "location-coordinates", "A precision needs latitude and longitude.");
    }
    if !(has("region") || has("country") || latitude && longitude) {
        check.must(path, "property-missing", "A location must give a region, a country, or latitude and longitude.");
    }
}

/// Section 4.11: a family has a name.
pub(super) fn family(check: &mut Check<'_, '_>, node: Node<'_, '_>, path: &Path<'_>) {
    if node.get("is_family").and_then(Node::as_bool) == Some(true) && node.get("name").is_none() {
        check.must(&path.name("name"), "property-missing", "A malware family must have a name.");
    }
}

/// Section 4.12: how products are named.
pub(super) fn product(check: &mut Check<'_, '_>, value: Node<'_, '_>, path: &Path<'_>) {
    if check.text(value, path).is_some_and(|text| !formats::lower_hyphens(text)) {
        check.should(path, "product-format", "A product should be lower case with hyphens between words.");
    }
}

/// Section 4.14: observed data holds its objects in one of two ways.
pub(super) fn observed(check: &mut Check<'_, '_>, node: Node<'_, '_>, path: &Path<'_>) {
    if node.get("objects").is_some() == node.get("object_refs").is_some() {
        check.must(path, "observed-data-objects", "Observed data must have either objects or object_refs.");
    }
}

/// The deprecated container of observables inside observed data.
pub(super) fn contained(check: &mut Check<'_, '_>, value: Node<'_, '_>, path: &Path<'_>) {
    if value.shape() != Shape::Object {
        return check.mistyped(path, "an object");
    }
    check.should(path, "property-deprecated", "The property objects is deprecated; use object_refs.");
    let mut empty = true;
    for (key, object) in value.entries() {
        empty = false;
        let here = path.name(key);
        let schema = object.str("type").and_then(sco::of).unwrap_or(&sco::CUSTOM_SCO);
        check.inside(object, value, |inner| inner.object(object, schema, &here));
    }
    if empty {
        check.must(path, "dictionary-empty", "The objects of observed data must not be empty.");
    }
}

pub(super) fn relationship_type(check: &mut Check<'_, '_>, value: Node<'_, '_>, path: &Path<'_>) {
    let allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    if check.text(value, path).is_some_and(|text| text.is_empty() || !text.bytes().all(allowed)) {
        check.must(path, "relationship-type", "A relationship type must be lower-case letters, digits and hyphens.");
    }
}

/// Appendix B: relationships the specification suggests.
pub(super) fn relationship(check: &mut Check<'_, '_>, node: Node<'_, '_>, path: &Path<'_>) {
    let kind = |name| node.str(name).and_then(formats::identifier);
    let (Some(name), Some(source), Some(target)) =
        (node.str("relationship_type"), kind("source_ref"), kind("target_ref"))
    else {
        return;
    };
    if !relations::suggested(source, name, target) {
        let text = format!("The specification suggests no relationship {:?} from {source} to {target}.", clip(name));
        check.should(&path.name("relationship_type"), "relationship-unusual", text);
    }
}

/// Section 7.1: translations by language, then by property.
pub(super) fn translations(check: &mut Check<'_, '_>, value: Node<'_, '_>, path: &Path<'_>) {
    parts::dictionary(check, value, path);
    for (tag, content) in value.entries() {
        let here = path.name(tag);
        if !formats::language(tag) {
            check.must(
                &here,
                "language-tag",
                "The key must be a language tag as RFC 5646 defines it, like en or pt-BR.",
            );
        }
        if content.shape() != Shape::Object {
            check.mistyped(&here, "an object");
        }
        for (name, translation) in content.entries() {
            let there = here.name(name);
            if !formats::property_name(name) {
                check.must(&there, "property-name", "The key must be the name of a property.");
            }
            anything(check, translation, &there);
        }
    }
}

pub(super) fn extension_type(check: &mut Check<'_, '_>, value: Node<'_, '_>, path: &Path<'_>) {
    check.value(value, Rule::OneOf(EXTENSION_TYPES), path);
}

/// Section 7.3: `extension_properties` goes with top-level property extensions and nothing else.
pub(super) fn extension_properties(check: &mut Check<'_, '_>, node: Node<'_, '_>, path: &Path<'_>) {
    let types = node.get("extension_types");
    let top = types.is_some_and(|types| types.items().any(|item| item.as_str() == Some("toplevel-property-extension")));
    let here = path.name("extension_properties");
    match (top, node.get("extension_properties").is_some()) {
        (false, true) => check.must(
            &here,
            "extension-properties",
            "Only a toplevel-property-extension may list extension_properties.",
        ),
        (true, false) => check.should(
            &here,
            "extension-properties-missing",
            "A toplevel-property-extension should list its extension_properties.",
        ),
        _ => {}
    }
    if node.get("created_by_ref").is_none() {
        check.should(
            &path.name("created_by_ref"),
            "creator-missing",
            "An extension definition should say who made it.",
        );
    }
}

/// Section 7.2.1: what a marking definition says, and how.
pub(super) fn marking(check: &mut Check<'_, '_>, node: Node<'_, '_>, path: &Path<'_>) {
    own_marking(check, node, path);
    if node.get("extensions").is_none() {
        for name in ["definition_type", "definition"] {
            if node.get(name).is_none() {
                check.must(
                    &path.name(name),
                    "property-missing",
                    format!("The property {name} is required where there are no extensions."),
                );
            }
        }
    }
    let definition = node.get("definition");
    if definition.is_some_and(|definition| definition.shape() != Shape::Object) {
        check.mistyped(&path.name("definition"), "an object");
    }
    match node.str("definition_type") {
        Some("tlp") if !is_tlp(node, check.legacy) => {
            check.must(
                path,
                "marking-tlp",
                "A TLP marking must be one of the four that the specification defines, unchanged.",
            );
        }
        Some("statement") if definition.and_then(|definition| definition.str("statement")).is_none() => {
            check.must(&path.name("definition"), "property-missing", "A statement marking must hold a statement.");
        }
        None | Some("tlp" | "statement") => {}
        Some(_) => {
            let text =
                "The definition_type should be statement or tlp; other markings should be made with an extension.";
            check.should(&path.name("definition_type"), "marking-custom", text);
        }
    }
}

/// A marking does not mark itself.
fn own_marking(check: &mut Check<'_, '_>, node: Node<'_, '_>, path: &Path<'_>) {
    let Some(id) = node.str("id") else { return };
    let whole = node.get("object_marking_refs").is_some_and(|refs| refs.items().any(|item| item.as_str() == Some(id)));
    let parts = node
        .get("granular_markings")
        .is_some_and(|parts| parts.items().any(|part| part.str("marking_ref") == Some(id)));
    if whole || parts {
        check.must(path, "marking-circular", "A marking definition must not be marked with itself.");
    }
}

/// Section 7.2.1.4: the four TLP 1.0 markings, member for member; STIX 2.0 gave them no name.
fn is_tlp(node: Node<'_, '_>, legacy: bool) -> bool {
    const DEFINED: &[(&str, &str, &str)] = &[
        ("white", "TLP:WHITE", "marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9"),
        ("green", "TLP:GREEN", "marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da"),
        ("amber", "TLP:AMBER", "marking-definition--f88d31f6-486f-44da-b317-01333bde0b82"),
        ("red", "TLP:RED", "marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed"),
    ];
    let members = ["type", "id", "spec_version", "name", "created", "definition", "definition_type"];
    let tlp = node.get("definition").and_then(|definition| definition.str("tlp"));
    let defined = DEFINED.iter().any(|(word, name, id)| {
        let named = node.str("name").map_or(legacy, |given| given == *name);
        tlp == Some(*word) && named && node.str("id") == Some(*id)
    });
    defined
        && node.str("created") == Some("2017-01-20T00:00:00.000Z")
        && (legacy || node.str("spec_version") == Some("2.1"))
        && node.entries().all(|(name, _)| members.contains(&name))
}

/// Section 11.2: an object the specification does not define should come with an extension.
pub(super) fn custom_object(check: &mut Check<'_, '_>, node: Node<'_, '_>, path: &Path<'_>) {
    if !has_extension(node, &["new-sdo", "new-sco", "new-sro"]) {
        check.should(path, "custom-object", "A custom object should be made with an extension-definition.");
    }
}
