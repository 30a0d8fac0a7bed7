use uuid::Uuid;

use crate::canonical::{canonical, text};
use crate::{Node, ObjectId, Shape};

/// The namespace of deterministic identifiers of Cyber-observable Objects (STIX 2.1 section 2.9).
pub const SCO_NAMESPACE: Uuid = Uuid::from_u128(0x00ab_edb4_aa42_466c_9c01_fed2_3315_a9b7);

/// The deterministic identifier of a Cyber-observable Object (STIX 2.1 section 2.9): a UUIDv5 over the
/// canonical JSON of its ID Contributing Properties.
///
/// Of several hashes one contributes: MD5, SHA-1, SHA-256, SHA-512 in that preference, else the first
/// written. References contribute their text. Also defined for our `comity-value` (`kind`, `value`).
///
/// None when the type defines no contributing properties (`process`, domain objects) or none is
/// present; such an object takes a random UUIDv4.
pub fn sco_id(kind: &str, root: Node<'_, '_>) -> Option<ObjectId> {
    let names = contributing(kind);
    let mut json = String::with_capacity(160);
    for name in names {
        let Some(value) = root.get(name) else { continue };
        json.push(if json.is_empty() { '{' } else { ',' });
        text(name, &mut json);
        json.push(':');
        if *name == "hashes" && value.shape() == Shape::Object {
            one_hash(value, &mut json);
        } else {
            canonical(value, &mut json);
        }
    }
    if json.is_empty() {
        return None;
    }
    json.push('}');
    ObjectId::new(kind, Uuid::new_v5(&SCO_NAMESPACE, json.as_bytes())).ok()
}

fn one_hash(hashes: Node<'_, '_>, json: &mut String) {
    let preferred = ["MD5", "SHA-1", "SHA-256", "SHA-512"];
    let chosen =
        preferred.into_iter().find_map(|name| Some((name, hashes.get(name)?))).or_else(|| hashes.entries().next());
    json.push('{');
    if let Some((name, value)) = chosen {
        text(name, json);
        json.push(':');
        canonical(value, json);
    }
    json.push('}');
}

/// The ID Contributing Properties of a type (STIX 2.1 section 6, the line of that name under each
/// object), in the order of canonical JSON.
fn contributing(kind: &str) -> &'static [&'static str] {
    match kind {
        "artifact" => &["hashes", "payload_bin"],
        "autonomous-system" => &["number"],
        "directory" => &["path"],
        "domain-name" | "email-addr" | "ipv4-addr" | "ipv6-addr" | "mac-addr" | "url" => &["value"],
        "email-message" => &["body", "from_ref", "subject"],
        "file" => &["extensions", "hashes", "name", "parent_directory_ref"],
        "mutex" => &["name"],
        "network-traffic" => &["dst_port", "dst_ref", "end", "extensions", "protocols", "src_port", "src_ref", "start"],
        "software" => &["cpe", "name", "swid", "vendor", "version"],
        "user-account" => &["account_login", "account_type", "user_id"],
        "windows-registry-key" => &["key", "values"],
        "x509-certificate" => &["hashes", "serial_number"],
        "comity-value" => &["kind", "value"],
        _ => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Doc;

    fn id(json: &str) -> Option<String> {
        let doc = Doc::parse(json.as_bytes(), 16).unwrap();
        sco_id(doc.root().str("type").unwrap(), doc.root()).map(|id| id.to_string())
    }

    #[test]
    fn agrees_with_published_identifiers() {
        // As the reference library (python-stix2) makes them; the specification's examples are of a draft.
        for (json, expected) in [
            (r#"{"type":"ipv4-addr","value":"198.51.100.3"}"#, "ipv4-addr--28bb3599-77cd-5a82-a950-b5bc3caf07c4"),
            (
                r#"{"type":"directory","path":"C:\\Windows\\System32"}"#,
                "directory--0a58d0c1-59e6-5afd-8252-dcd3f13e5622",
            ),
            (r#"{"type":"domain-name","value":"example.com"}"#, "domain-name--bedb4899-d24b-5401-bc86-8f6b4cc18ec7"),
        ] {
            assert_eq!(id(json).as_deref(), Some(expected), "{json}");
        }
    }

    #[test]
    fn one_hash_contributes_and_md5_is_preferred() {
        let both = id(r#"{"type":"file","hashes":{"SHA-256":"aa","MD5":"bb"},"name":"x"}"#);
        let only = id(r#"{"type":"file","name":"x","hashes":{"MD5":"bb"}}"#);
        assert_eq!(both, only);
        assert_ne!(both, id(r#"{"type":"file","name":"x","hashes":{"SHA-256":"aa"}}"#));
        assert!(id(r#"{"type":"file","hashes":{"SSDEEP":"3:a:b"}}"#).is_some());
    }

    #[test]
    fn what_does_not_contribute_does_not_count() {
        let bare = id(r#"{"type":"url","value":"http://example.com"}"#);
        assert_eq!(bare, id(r#"{"type":"url","value":"http://example.com","defanged":true,"spec_version":"2.1"}"#));
    }

    #[test]
    fn nothing_to_contribute_gives_no_identifier() {
        for json in [r#"{"type":"process","pid":1}"#, r#"{"type":"file","size":1}"#, r#"{"type":"malware","name":"x"}"#]
        {
            assert_eq!(id(json), None, "{json}");
        }
    }

    #[test]
    fn our_values_have_one_too() {
        let value = id(r#"{"type":"comity-value","kind":"iban","value":"EE382200221020145685"}"#).unwrap();
        assert!(value.starts_with("comity-value--"));
    }
}
