//! Validation of objects against STIX 2.1, in two depths.
//!
//! [`accept`] refuses only what would corrupt the store and is run first on everything that comes in.
//! [`check`] judges an object by the whole specification: what it must be and what it should be.
//! Both allocate nothing for an object that gives no cause. The grammar of patterns is judged elsewhere.
//!
//! Where the specification's text and the committee's own schemas and validator differ, the verdict
//! on a MUST follows the validator, so that two systems agree about the same object.

mod cross;
mod finding;
mod formats;
mod observed;
mod parts;
mod relations;
mod rule;
mod run;
mod sco;
mod sco_ext;
mod sdo;
mod vocab;

pub use finding::{Finding, Severity};

use self::rule::Schema;
use self::run::{Check, Path};
use crate::{Class, Header, Node, Shape, sco_id};

/// Refuses only structure that would corrupt the store; everything else is taken in and judged by [`check`].
///
/// Allocates nothing for an acceptable object of a standard type.
///
/// # Errors
/// As [`Header::read`], and when the object is a bundle, which is a container and no object.
pub fn accept(root: Node<'_, '_>) -> Result<Header, Finding> {
    let header = Header::read(root)?;
    if header.class() == Class::Bundle {
        return Err(Finding {
            severity: Severity::Refused,
            code: "bundle-as-object",
            pointer: "/type".to_owned(),
            text: "A bundle is a container, not an object: give its members one by one.".to_owned(),
        });
    }
    Ok(header)
}

/// Judges one object by the whole of STIX 2.1 and appends what it finds, at most 1,000 findings.
///
/// A bundle is not an object: its members are judged one by one. Whether what an object refers to
/// exists is not judged, and neither is a pattern's grammar.
pub fn check(root: Node<'_, '_>, out: &mut Vec<Finding>) {
    let refused = accept(root).err();
    let pointer = refused.as_ref().map(|finding| finding.pointer.clone());
    out.extend(refused);
    let Some(kind) = root.str("type").filter(|kind| *kind != "bundle") else { return };
    let mut check = Check::new(out, root, pointer);
    check.object(root, schema(kind, root), &Path::ROOT);
    if check.legacy {
        let text = "This is an object of STIX 2.0; what STIX 2.1 newly requires was not asked of it.";
        check.should(&Path::ROOT.name("spec_version"), "version-older", text);
    }
    if root.shape() == Shape::Object {
        identity(&mut check, root, kind);
    }
}

fn schema(kind: &str, root: Node<'_, '_>) -> &'static Schema {
    sdo::of(kind).or_else(|| sco::of(kind)).unwrap_or_else(|| custom_schema(root))
}

/// A custom object says by its extension what family it joins; without one, versions make it a Domain Object.
fn custom_schema(root: Node<'_, '_>) -> &'static Schema {
    let versioned = ["created", "modified"].iter().any(|name| root.get(name).is_some());
    let observable = run::has_extension(root, &["new-sco"]);
    if versioned && !observable { &sdo::CUSTOM_SDO } else { &sco::CUSTOM_SCO }
}

/// Section 2.9: which UUID an identifier is made of.
fn identity(check: &mut Check<'_, '_>, root: Node<'_, '_>, kind: &str) {
    let Some(id) = root.str("id").filter(|id| formats::identifier(id).is_some()) else { return };
    let version = formats::uuid_version(id);
    let path = Path::ROOT.name("id");
    let class = Class::of(kind);
    if class != Class::Sco && class != Class::Custom {
        if version != Some(b'4') {
            check.should(&path, "id-not-random", "The UUID of this identifier should be random (version 4).");
        }
        return;
    }
    match sco_id(kind, root) {
        Some(expected) if version == Some(b'5') && expected.to_string() == id => {}
        Some(expected) => {
            let text = format!("The identifier of this observable should be {expected}, made from its contents.");
            check.should(&path, "id-not-deterministic", text);
        }
        None if class == Class::Sco && version != Some(b'4') => {
            check.must(&path, "id-not-random", "Without properties to make it from, the UUID must be random (version 4).");
        }
        None => {}
    }
}
