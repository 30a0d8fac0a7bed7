//! Cyber-observable Objects (STIX 2.1 section 6).

use super::parts::{GRANULAR_MARKING, MARKINGS, dictionary, extensions, hashes, uri};
use super::rule::Rule::{
    Binary, Bool, Custom, CustomList, Hex, Int, Objects, OneOf, Open, Refs, ScoRef, ScoRefs, Text, Texts, Time,
};
use super::rule::{Prop, Schema, Targets, Unknown, opt, req, schema};
use super::sdo::VERSIONS;
use super::{cross, observed, vocab};

const ANY_INT: super::rule::Rule = Int(i64::MIN, i64::MAX);
const COUNT: super::rule::Rule = Int(0, i64::MAX);
const PORT: super::rule::Rule = Int(0, 65_535);
const ADDRESSES: Targets = Targets::Only(&["email-addr"]);
const ACCOUNT: Targets = Targets::Only(&["user-account"]);
const ARTIFACT: Targets = Targets::Only(&["artifact"]);
const TRAFFIC: Targets = Targets::Only(&["network-traffic"]);
const ENDPOINT: Targets = Targets::Only(&["ipv4-addr", "ipv6-addr", "mac-addr", "domain-name"]);
const SYSTEMS: Targets = Targets::Only(&["autonomous-system"]);
const MAC: Targets = Targets::Only(&["mac-addr"]);
const FILE: Targets = Targets::Only(&["file"]);
const PROCESS: Targets = Targets::Only(&["process"]);

/// Section 3.2, the column of observables.
pub(super) const COMMON: &[Prop] = &[
    req("type", Custom(cross::type_name)),
    opt("spec_version", OneOf(VERSIONS)),
    req("id", Custom(cross::own_id)),
    opt("object_marking_refs", Refs(MARKINGS)),
    opt("granular_markings", Objects(&GRANULAR_MARKING)),
    opt("defanged", Bool),
    opt("extensions", Custom(extensions)),
];

macro_rules! sco {
    ($name:ident, [$($prop:expr),* $(,)?] $(, $field:ident: $value:expr)* $(,)?) => {
        schema!($name: super::sco::COMMON, [$($prop),*], unknown: Unknown::OfObject $(, $field: $value)*);
    };
}

sco!(ARTIFACT_OBJECT, [
    opt("mime_type", Custom(observed::required_media_type)), opt("payload_bin", Binary), opt("url", Custom(uri)),
    opt("hashes", Custom(hashes)), opt("decryption_key", Text),
    opt("encryption_algorithm", OneOf(&["AES-256-GCM", "ChaCha20-Poly1305", "mime-type-indicated"])),
], extra: &[observed::artifact]);
sco!(AUTONOMOUS_SYSTEM, [req("number", ANY_INT), opt("name", Text), opt("rir", Text)]);
sco!(
    DIRECTORY,
    [
        req("path", Text),
        opt("path_enc", Custom(observed::character_set)),
        opt("ctime", Time),
        opt("mtime", Time),
        opt("atime", Time),
        opt("contains_refs", ScoRefs(Targets::Only(&["file", "directory"]))),
    ]
);
sco!(
    DOMAIN_NAME,
    [req("value", Text), opt("resolves_to_refs", ScoRefs(Targets::Only(&["ipv4-addr", "ipv6-addr", "domain-name"]))),]
);
sco!(
    EMAIL_ADDR,
    [req("value", Custom(observed::email)), opt("display_name", Text), opt("belongs_to_ref", ScoRef(ACCOUNT))]
);
schema!(MIME_PART: &[], [
    opt("body", Text), opt("body_raw_ref", ScoRef(Targets::Only(&["artifact", "file"]))), opt("content_type", Text),
    opt("content_disposition", Text),
], extra: &[observed::mime_part]);
sco!(EMAIL_MESSAGE, [
    req("is_multipart", Bool), opt("date", Time), opt("content_type", Text), opt("from_ref", ScoRef(ADDRESSES)),
    opt("sender_ref", ScoRef(ADDRESSES)), opt("to_refs", ScoRefs(ADDRESSES)), opt("cc_refs", ScoRefs(ADDRESSES)),
    opt("bcc_refs", ScoRefs(ADDRESSES)), opt("message_id", Text), opt("subject", Text), opt("received_lines", Texts),
    opt("additional_header_fields", Custom(observed::header_fields)), opt("body", Text),
    opt("body_multipart", Objects(&MIME_PART)), opt("raw_email_ref", ScoRef(ARTIFACT)),
], extra: &[observed::email_body]);
sco!(FILE_OBJECT, [
    opt("hashes", Custom(hashes)), opt("size", COUNT), opt("name", Text), opt("name_enc", Custom(observed::character_set)),
    opt("magic_number_hex", Hex), opt("mime_type", Custom(observed::media_type)), opt("ctime", Time), opt("mtime", Time),
    opt("atime", Time), opt("parent_directory_ref", ScoRef(Targets::Only(&["directory"]))),
    opt("contains_refs", ScoRefs(Targets::Any)), opt("content_ref", ScoRef(ARTIFACT)),
], any_of: &["hashes", "name"]);
sco!(
    IPV4_ADDR,
    [
        req("value", Custom(observed::ipv4)),
        opt("resolves_to_refs", ScoRefs(MAC)),
        opt("belongs_to_refs", ScoRefs(SYSTEMS)),
    ]
);
sco!(
    IPV6_ADDR,
    [
        req("value", Custom(observed::ipv6)),
        opt("resolves_to_refs", ScoRefs(MAC)),
        opt("belongs_to_refs", ScoRefs(SYSTEMS)),
    ]
);
sco!(MAC_ADDR, [req("value", Custom(observed::mac))]);
sco!(MUTEX, [req("name", Text)]);
sco!(NETWORK_TRAFFIC, [
    opt("start", Time), opt("end", Time), opt("is_active", Bool), opt("src_ref", ScoRef(ENDPOINT)),
    opt("dst_ref", ScoRef(ENDPOINT)), opt("src_port", PORT), opt("dst_port", PORT),
    req("protocols", CustomList(observed::protocol)), opt("src_byte_count", COUNT), opt("dst_byte_count", COUNT),
    opt("src_packets", COUNT), opt("dst_packets", COUNT), opt("ipfix", Custom(observed::ipfix)),
    opt("src_payload_ref", ScoRef(ARTIFACT)), opt("dst_payload_ref", ScoRef(ARTIFACT)),
    opt("encapsulates_refs", ScoRefs(TRAFFIC)), opt("encapsulated_by_ref", ScoRef(TRAFFIC)),
], any_of: &["src_ref", "dst_ref"], pairs: &[("start", "end", true)], extra: &[observed::active]);
sco!(PROCESS_OBJECT, [
    opt("is_hidden", Bool), opt("pid", ANY_INT), opt("created_time", Time), opt("cwd", Text), opt("command_line", Text),
    opt("environment_variables", Custom(dictionary)), opt("opened_connection_refs", ScoRefs(TRAFFIC)),
    opt("creator_user_ref", ScoRef(ACCOUNT)), opt("image_ref", ScoRef(FILE)), opt("parent_ref", ScoRef(PROCESS)),
    opt("child_refs", ScoRefs(PROCESS)),
], any_of: &["extensions", "is_hidden", "pid", "created_time", "cwd", "command_line", "environment_variables",
    "opened_connection_refs", "creator_user_ref", "image_ref", "parent_ref", "child_refs"]);
sco!(
    SOFTWARE,
    [
        req("name", Text),
        opt("cpe", Custom(observed::cpe)),
        opt("swid", Text),
        opt("languages", CustomList(observed::software_language)),
        opt("vendor", Text),
        opt("version", Text),
    ]
);
sco!(URL, [req("value", Custom(uri))]);
sco!(USER_ACCOUNT, [
    opt("user_id", Text), opt("credential", Text), opt("account_login", Text), opt("account_type", Open(&vocab::ACCOUNT_TYPE)),
    opt("display_name", Text), opt("is_service_account", Bool), opt("is_privileged", Bool), opt("can_escalate_privs", Bool),
    opt("is_disabled", Bool), opt("account_created", Time), opt("account_expires", Time),
    opt("credential_last_changed", Time), opt("account_first_login", Time), opt("account_last_login", Time),
], any_of: &["extensions", "user_id", "credential", "account_login", "account_type", "display_name", "is_service_account",
    "is_privileged", "can_escalate_privs", "is_disabled", "account_created", "account_expires",
    "credential_last_changed", "account_first_login", "account_last_login"]);
schema!(REGISTRY_VALUE: &[], [
    opt("name", Text), opt("data", Text),
    opt("data_type", OneOf(&["REG_NONE", "REG_SZ", "REG_EXPAND_SZ", "REG_BINARY", "REG_DWORD", "REG_DWORD_BIG_ENDIAN",
        "REG_DWORD_LITTLE_ENDIAN", "REG_LINK", "REG_MULTI_SZ", "REG_RESOURCE_LIST", "REG_FULL_RESOURCE_DESCRIPTION",
        "REG_RESOURCE_REQUIREMENTS_LIST", "REG_QWORD", "REG_INVALID_TYPE"])),
], any_of: &["name", "data", "data_type"]);
sco!(WINDOWS_REGISTRY_KEY, [
    opt("key", Custom(observed::registry_key)), opt("values", Objects(&REGISTRY_VALUE)), opt("modified_time", Time),
    opt("creator_user_ref", ScoRef(ACCOUNT)), opt("number_of_subkeys", ANY_INT),
], any_of: &["key", "values", "modified_time", "creator_user_ref", "number_of_subkeys"]);
schema!(X509_V3: &[], [
    opt("basic_constraints", Text), opt("name_constraints", Text), opt("policy_constraints", Text), opt("key_usage", Text),
    opt("extended_key_usage", Text), opt("subject_key_identifier", Text), opt("authority_key_identifier", Text),
    opt("subject_alternative_name", Text), opt("issuer_alternative_name", Text), opt("subject_directory_attributes", Text),
    opt("crl_distribution_points", Text), opt("inhibit_any_policy", Text), opt("private_key_usage_period_not_before", Time),
    opt("private_key_usage_period_not_after", Time), opt("certificate_policies", Text), opt("policy_mappings", Text),
], any_of: &["basic_constraints", "name_constraints", "policy_constraints", "key_usage", "extended_key_usage",
    "subject_key_identifier", "authority_key_identifier", "subject_alternative_name", "issuer_alternative_name",
    "subject_directory_attributes", "crl_distribution_points", "inhibit_any_policy",
    "private_key_usage_period_not_before", "private_key_usage_period_not_after", "certificate_policies", "policy_mappings"]);
sco!(X509_CERTIFICATE, [
    opt("is_self_signed", Bool), opt("hashes", Custom(hashes)), opt("version", Text), opt("serial_number", Text),
    opt("signature_algorithm", Text), opt("issuer", Text), opt("validity_not_before", Time), opt("validity_not_after", Time),
    opt("subject", Text), opt("subject_public_key_algorithm", Text), opt("subject_public_key_modulus", Text),
    opt("subject_public_key_exponent", ANY_INT), opt("x509_v3_extensions", super::rule::Rule::Object(&X509_V3)),
], any_of: &["is_self_signed", "hashes", "version", "serial_number", "signature_algorithm", "issuer", "validity_not_before",
    "validity_not_after", "subject", "subject_public_key_algorithm", "subject_public_key_modulus",
    "subject_public_key_exponent", "x509_v3_extensions"]);

schema!(CUSTOM_SCO: super::sco::COMMON, [], unknown: Unknown::Fine, extra: &[cross::custom_object]);

/// The rules of a Cyber-observable Object's type.
pub(super) fn of(kind: &str) -> Option<&'static Schema> {
    Some(match kind {
        "artifact" => &ARTIFACT_OBJECT,
        "autonomous-system" => &AUTONOMOUS_SYSTEM,
        "directory" => &DIRECTORY,
        "domain-name" => &DOMAIN_NAME,
        "email-addr" => &EMAIL_ADDR,
        "email-message" => &EMAIL_MESSAGE,
        "file" => &FILE_OBJECT,
        "ipv4-addr" => &IPV4_ADDR,
        "ipv6-addr" => &IPV6_ADDR,
        "mac-addr" => &MAC_ADDR,
        "mutex" => &MUTEX,
        "network-traffic" => &NETWORK_TRAFFIC,
        "process" => &PROCESS_OBJECT,
        "software" => &SOFTWARE,
        "url" => &URL,
        "user-account" => &USER_ACCOUNT,
        "windows-registry-key" => &WINDOWS_REGISTRY_KEY,
        "x509-certificate" => &X509_CERTIFICATE,
        _ => return None,
    })
}
