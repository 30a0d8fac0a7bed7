//! Validation of objects against STIX 2.1, in two depths.
//!
//! [`accept`] refuses only what would corrupt the store and is run on everything that comes in.

mod finding;

pub use finding::{Finding, Severity};

use crate::header::Class;
use crate::{Header, Node};

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
/// Stub.
pub fn check(_root: Node<'_, '_>, _out: &mut Vec<Finding>) {}
