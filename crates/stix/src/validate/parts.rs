//! Rules for the parts that many types share: external references, markings, extensions, hashes, dictionaries.

use super::rule::{Rule, Targets, Unknown, opt, req, schema};
use super::run::{Check, Path};
use super::{formats, sco_ext, vocab};
use crate::header::clip;
use crate::{Class, Node, Shape};

pub(super) const MARKINGS: Targets = Targets::Only(&["marking-definition"]);
pub(super) const EXTENSION_TYPES: &[&str] =
    &["new-sdo", "new-sco", "new-sro", "property-extension", "toplevel-property-extension"];

schema!(KILL_CHAIN_PHASE: &[], [req("kill_chain_name", Rule::Custom(phase_word)), req("phase_name", Rule::Custom(phase_word))]);

schema!(EXTERNAL_REFERENCE: &[], [
    req("source_name", Rule::Text), opt("description", Rule::Text), opt("url", Rule::Custom(uri)),
    opt("hashes", Rule::Custom(reference_hashes)), opt("external_id", Rule::Text),
], extra: &[reference_identity]);

schema!(GRANULAR_MARKING: &[], [
    req("selectors", Rule::CustomList(selector)), opt("lang", Rule::Custom(language)), opt("marking_ref", Rule::Ref(MARKINGS)),
], extra: &[one_marking]);

/// A property that no table names: a custom one, or one that an extension brings.
pub(super) fn unknown(check: &mut Check<'_, '_>, name: &str, value: Node<'_, '_>, unknown: Unknown, path: &Path<'_>) {
    if matches!(name, "severity" | "action" | "username" | "phone_numbers") && unknown != Unknown::OfPart {
        check.must(
            path,
            "property-reserved",
            format!("The property name {name} is reserved for later versions of STIX."),
        );
    }
    custom_name(check, name, path);
    if name.ends_with("_bin") {
        check.value(value, Rule::Binary, path);
    } else if name.ends_with("_hex") {
        check.value(value, Rule::Hex, path);
    } else {
        anything(check, value, path);
    }
    if check.is_custom(unknown) {
        let text =
            format!("{:?} is no property of this type; a custom property should come with an extension.", clip(name));
        check.should(path, "custom-property", text);
    }
}

fn custom_name(check: &mut Check<'_, '_>, name: &str, path: &Path<'_>) {
    if !formats::property_name_begins(name) {
        let text =
            format!("{:?} cannot be a property name: use a-z, 0-9 and _, a letter first, at least three.", clip(name));
        check.must(path, "property-name", text);
    } else if !formats::property_name(name) && name != "id" {
        let text = format!("{:?} is no good property name: use only a-z, 0-9 and _, at most 250.", clip(name));
        check.should(path, "property-name-characters", text);
    }
}

/// What every value obeys (section 3.1): no null, no empty list.
pub(super) fn anything(check: &mut Check<'_, '_>, value: Node<'_, '_>, path: &Path<'_>) {
    match value.shape() {
        Shape::Null => check.must(path, "property-null", "A property must not be null; leave it out instead."),
        Shape::Array if value.items().next().is_none() => {
            check.must(path, "list-empty", "A list must not be empty; leave the property out instead.");
        }
        _ => {}
    }
}

fn phase_word(check: &mut Check<'_, '_>, value: Node<'_, '_>, path: &Path<'_>) {
    if check.text(value, path).is_some_and(|text| !formats::lower_hyphens(text)) {
        check.should(path, "kill-chain-format", "Kill chain names should be lower case with hyphens between words.");
    }
}

pub(super) fn uri(check: &mut Check<'_, '_>, value: Node<'_, '_>, path: &Path<'_>) {
    if check.text(value, path).is_some_and(|text| !formats::uri(text)) {
        check.must(path, "url-format", "This must be a URL as RFC 3986 defines it, with a scheme.");
    }
}

pub(super) fn language(check: &mut Check<'_, '_>, value: Node<'_, '_>, path: &Path<'_>) {
    if check.text(value, path).is_some_and(|text| !formats::language(text)) {
        check.must(path, "language-tag", "This must be a language tag as RFC 5646 defines it, like en or pt-BR.");
    }
}

/// Section 2.7 and appendix: what identifies an external reference.
fn reference_identity(check: &mut Check<'_, '_>, node: Node<'_, '_>, path: &Path<'_>) {
    let (source, id) = (node.str("source_name").unwrap_or_default(), node.str("external_id"));
    let fits = match source {
        "cve" => id.is_some_and(is_cve),
        "capec" => id.is_some_and(is_capec),
        _ => !id.is_some_and(|id| is_cve(id) || is_capec(id)),
    };
    if !fits {
        let text = "A CVE must have the source cve and an id like CVE-2026-1234; a CAPEC the source capec and an id like CAPEC-163.";
        check.must(path, "external-reference-id", text);
    }
    let url = node.get("url").is_some();
    if id.is_none() && !url && node.get("description").is_none() {
        check.must(path, "external-reference-empty", "One of description, url and external_id must be present.");
    }
    if url && node.get("hashes").is_none() {
        check.should(path, "url-without-hash", "A reference with a URL should give a hash of what stands there.");
    }
}

fn is_cve(id: &str) -> bool {
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    id.strip_prefix("CVE-").and_then(|rest| rest.split_once('-')).is_some_and(|(year, number)| {
        year.len() == 4
            && digits(year)
            && digits(number)
            && (number.len() == 4 || (number.len() > 4 && !number.starts_with('0')))
    })
}

fn is_capec(id: &str) -> bool {
    id.strip_prefix("CAPEC-").is_some_and(|number| !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()))
}

fn reference_hashes(check: &mut Check<'_, '_>, node: Node<'_, '_>, path: &Path<'_>) {
    hashes(check, node, path);
    for (name, _) in node.entries() {
        if !vocab::HASHES.iter().any(|known| name.contains(known)) {
            check.must(&path.name(name), "hash-name", "The hashes of a reference must be of hash-algorithm-ov.");
        }
    }
}

/// Section 2.8.
pub(super) fn hashes(check: &mut Check<'_, '_>, node: Node<'_, '_>, path: &Path<'_>) {
    if !dictionary_shape(check, node, path) {
        return;
    }
    for (name, value) in node.entries() {
        let here = path.name(name);
        let Some(text) = check.text(value, &here) else { continue };
        if formats::hash(name, text) == Some(false) {
            check.must(&here, "hash-format", format!("This is not what a hash of {name} looks like."));
        }
        if name.len() < 3 || !formats::dictionary_key(name) {
            check.must(
                &here,
                "hash-name",
                "The name of a hash must be 3 to 250 letters, digits, hyphens and underscores.",
            );
        } else if !vocab::HASHES.contains(&name) && !name.starts_with("x_") {
            check.should(&here, "vocabulary", format!("{:?} is not in the vocabulary hash-algorithm-ov.", clip(name)));
        }
    }
}

fn dictionary_shape(check: &mut Check<'_, '_>, node: Node<'_, '_>, path: &Path<'_>) -> bool {
    if node.shape() != Shape::Object {
        check.mistyped(path, "an object");
        return false;
    }
    if node.entries().next().is_none() {
        check.must(path, "dictionary-empty", "A dictionary must not be empty; leave the property out instead.");
    }
    true
}

/// Section 2.5.
pub(super) fn dictionary(check: &mut Check<'_, '_>, node: Node<'_, '_>, path: &Path<'_>) {
    if !dictionary_shape(check, node, path) {
        return;
    }
    for (key, value) in node.entries() {
        let here = path.name(key);
        if !formats::dictionary_key(key) {
            check.must(
                &here,
                "dictionary-key",
                "A dictionary key must be at most 250 letters, digits, hyphens and underscores.",
            );
        }
        anything(check, value, &here);
    }
}

/// Section 7.2.3: lang or marking_ref, one of them.
fn one_marking(check: &mut Check<'_, '_>, node: Node<'_, '_>, path: &Path<'_>) {
    if node.get("lang").is_some() == node.get("marking_ref").is_some() {
        check.must(path, "granular-marking-kind", "A granular marking must have either lang or marking_ref.");
    }
}

/// Section 7.2.3.1: a selector is a path, and there must be something at its end.
fn selector(check: &mut Check<'_, '_>, value: Node<'_, '_>, path: &Path<'_>) {
    let Some(text) = check.text(value, path) else { return };
    let mut place = Some(check.root);
    for (number, step) in text.split('.').enumerate() {
        let index = step.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
        place = place.and_then(|node| match index {
            Some(digits) if number > 0 => check.step(node, "", Some(digits.parse().ok()?)),
            _ => check.step(node, step, None),
        });
    }
    if place.is_none() && !check.exhausted() {
        check.must(
            path,
            "granular-selector",
            format!("The selector {:?} leads to nothing in this object.", clip(text)),
        );
    }
}

/// Section 7.3: what may stand under `extensions`.
pub(super) fn extensions(check: &mut Check<'_, '_>, node: Node<'_, '_>, path: &Path<'_>) {
    if !dictionary_shape(check, node, path) {
        return;
    }
    let kind = check.kind;
    for (key, value) in node.entries() {
        let here = path.name(key);
        if let Some(schema) = sco_ext::of(kind, key) {
            check.object(value, schema, &here);
        } else if formats::identifier(key) == Some("extension-definition") {
            extension(check, value, &here);
        } else if key.ends_with("-ext") && formats::type_name(key) && Class::of(kind) != Class::Marking {
            custom_extension(check, value, &here);
        } else {
            let text = format!("{:?} cannot name an extension; use the id of its extension-definition.", clip(key));
            check.must(&here, "extension-key", text);
        }
    }
}

/// An extension of an `extension-definition`.
fn extension(check: &mut Check<'_, '_>, value: Node<'_, '_>, path: &Path<'_>) {
    if value.shape() != Shape::Object {
        return check.mistyped(path, "an object");
    }
    for (name, inner) in value.entries() {
        let here = path.name(name);
        if name == "extension_type" {
            check.value(inner, Rule::OneOf(EXTENSION_TYPES), &here);
        } else {
            unknown(check, name, inner, Unknown::Fine, &here);
        }
    }
    if value.get("extension_type").is_none() {
        check.must(&path.name("extension_type"), "property-missing", "An extension must say its extension_type.");
    }
}

/// An extension of the form of STIX 2.0, by name.
fn custom_extension(check: &mut Check<'_, '_>, value: Node<'_, '_>, path: &Path<'_>) {
    if dictionary_shape(check, value, path) {
        for (name, inner) in value.entries() {
            unknown(check, name, inner, Unknown::Fine, &path.name(name));
        }
    }
    check.should(path, "custom-extension", "A custom extension should be made with an extension-definition.");
}
