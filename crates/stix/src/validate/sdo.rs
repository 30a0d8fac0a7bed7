//! Domain Objects, Relationship Objects and Meta Objects (STIX 2.1 sections 3 to 5 and 7).

use super::parts::{EXTERNAL_REFERENCE, GRANULAR_MARKING, KILL_CHAIN_PHASE, MARKINGS, extensions, language};
use super::rule::Rule::{Bool, Custom, Int, Millis, Number, Objects, OneOf, Open, Opens, Ref, Refs, Text, Texts, Time};
use super::rule::{Prop, Schema, Targets, Unknown, opt, req, schema};
use super::{cross, vocab};

const WHOLE: Targets = Targets::Any;
const SOFTWARE: Targets = Targets::Only(&["software"]);
const CREATOR: Targets = Targets::Any;
/// What neither a relationship nor a sighting may point at (sections 5.1 and 5.2).
const NOT_RELATED: Targets =
    Targets::Not(&["relationship", "sighting", "bundle", "marking-definition", "language-content"]);
const SAMPLES: Targets = Targets::Only(&["artifact", "file", "network-traffic"]);
const SIGHTERS: Targets = Targets::Only(&["identity", "location"]);
/// What observed data may not hold: Domain Objects (section 4.14).
const OBSERVED: Targets = Targets::Not(&[
    "attack-pattern",
    "campaign",
    "course-of-action",
    "grouping",
    "identity",
    "incident",
    "indicator",
    "infrastructure",
    "intrusion-set",
    "location",
    "malware-analysis",
    "malware",
    "note",
    "observed-data",
    "opinion",
    "report",
    "threat-actor",
    "tool",
    "vulnerability",
]);
pub(super) const VERSIONS: &[&str] = &["2.0", "2.1"];

/// Section 3.2.
pub(super) const COMMON: &[Prop] = &[
    req("type", Custom(cross::type_name)),
    req("spec_version", OneOf(VERSIONS)),
    req("id", Custom(cross::own_id)),
    opt("created_by_ref", Ref(CREATOR)),
    req("created", Millis),
    req("modified", Millis),
    opt("revoked", Bool),
    opt("labels", Texts),
    opt("confidence", Int(0, 100)),
    opt("lang", Custom(language)),
    opt("external_references", Objects(&EXTERNAL_REFERENCE)),
    opt("object_marking_refs", Refs(Targets::Any)),
    opt("granular_markings", Objects(&GRANULAR_MARKING)),
    opt("extensions", Custom(extensions)),
];

const VERSION_TIMES: (&str, &str, bool) = ("created", "modified", true);
const SEEN: (&str, &str, bool) = ("first_seen", "last_seen", true);

macro_rules! sdo {
    ($name:ident, [$($prop:expr),* $(,)?] $(, $field:ident: $value:expr)* $(,)?) => {
        sdo!(@pairs $name, [$($prop),*], &[VERSION_TIMES] $(, $field: $value)*);
    };
    (seen $name:ident, [$($prop:expr),* $(,)?] $(, $field:ident: $value:expr)* $(,)?) => {
        sdo!(@pairs $name, [opt("first_seen", Time), opt("last_seen", Time), $($prop),*], &[VERSION_TIMES, SEEN] $(, $field: $value)*);
    };
    (@pairs $name:ident, [$($prop:expr),*], $pairs:expr $(, $field:ident: $value:expr)*) => {
        schema!($name: super::sdo::COMMON, [$($prop),*], unknown: Unknown::OfObject, pairs: $pairs $(, $field: $value)*);
    };
}

sdo!(
    ATTACK_PATTERN,
    [
        req("name", Text),
        opt("description", Text),
        opt("aliases", Texts),
        opt("kill_chain_phases", Objects(&KILL_CHAIN_PHASE)),
    ]
);
sdo!(seen CAMPAIGN, [req("name", Text), opt("description", Text), opt("aliases", Texts), opt("objective", Text)]);
sdo!(COURSE_OF_ACTION, [req("name", Text), opt("description", Text)]);
sdo!(
    GROUPING,
    [
        opt("name", Text),
        opt("description", Text),
        req("context", Open(&vocab::GROUPING_CONTEXT)),
        req("object_refs", Refs(WHOLE)),
    ]
);
sdo!(
    IDENTITY,
    [
        req("name", Text),
        opt("description", Text),
        opt("roles", Texts),
        opt("identity_class", Open(&vocab::IDENTITY_CLASS)),
        opt("sectors", Opens(&vocab::INDUSTRY_SECTOR)),
        opt("contact_information", Text),
    ]
);
sdo!(INCIDENT, [req("name", Text), opt("description", Text)]);
sdo!(@pairs INDICATOR, [
    opt("name", Text), opt("description", Text), opt("indicator_types", Opens(&vocab::INDICATOR_TYPE)), req("pattern", Text),
    req("pattern_type", Open(&vocab::PATTERN_TYPE)), opt("pattern_version", Text), req("valid_from", Time),
    opt("valid_until", Time), opt("kill_chain_phases", Objects(&KILL_CHAIN_PHASE))
], &[VERSION_TIMES, ("valid_from", "valid_until", false)], extra: &[cross::described]);
sdo!(seen INFRASTRUCTURE, [
    req("name", Text), opt("description", Text), opt("infrastructure_types", Opens(&vocab::INFRASTRUCTURE_TYPE)),
    opt("aliases", Texts), opt("kill_chain_phases", Objects(&KILL_CHAIN_PHASE)),
]);
sdo!(seen INTRUSION_SET, [
    req("name", Text), opt("description", Text), opt("aliases", Texts), opt("goals", Texts),
    opt("resource_level", Open(&vocab::ATTACK_RESOURCE_LEVEL)), opt("primary_motivation", Open(&vocab::ATTACK_MOTIVATION)),
    opt("secondary_motivations", Opens(&vocab::ATTACK_MOTIVATION)),
]);
sdo!(LOCATION, [
    opt("name", Text), opt("description", Text), opt("latitude", Number(-90.0, 90.0)), opt("longitude", Number(-180.0, 180.0)),
    opt("precision", Number(0.0, f64::MAX)), opt("region", Open(&vocab::REGION)), opt("country", Custom(cross::country)),
    opt("administrative_area", Text), opt("city", Text), opt("street_address", Text), opt("postal_code", Text),
], extra: &[cross::place]);
sdo!(seen MALWARE, [
    opt("name", Text), opt("description", Text), opt("malware_types", Opens(&vocab::MALWARE_TYPE)), req("is_family", Bool),
    opt("aliases", Texts), opt("kill_chain_phases", Objects(&KILL_CHAIN_PHASE)), opt("operating_system_refs", Refs(SOFTWARE)),
    opt("architecture_execution_envs", Opens(&vocab::PROCESSOR_ARCHITECTURE)),
    opt("implementation_languages", Opens(&vocab::IMPLEMENTATION_LANGUAGE)),
    opt("capabilities", Opens(&vocab::MALWARE_CAPABILITIES)), opt("sample_refs", super::rule::Rule::ScoRefs(Targets::Only(&["artifact", "file"]))),
], extra: &[cross::family]);
sdo!(@pairs MALWARE_ANALYSIS, [
    req("product", Custom(cross::product)), opt("version", Text), opt("host_vm_ref", Ref(SOFTWARE)),
    opt("operating_system_ref", Ref(SOFTWARE)), opt("installed_software_refs", Refs(SOFTWARE)),
    opt("configuration_version", Text), opt("modules", Texts), opt("analysis_engine_version", Text),
    opt("analysis_definition_version", Text), opt("submitted", Time), opt("analysis_started", Time),
    opt("analysis_ended", Time), opt("result_name", Text), opt("result", Open(&vocab::MALWARE_RESULT)),
    opt("analysis_sco_refs", Refs(WHOLE)), opt("sample_ref", Ref(SAMPLES))
], &[VERSION_TIMES, ("analysis_started", "analysis_ended", true)], any_of: &["result", "analysis_sco_refs"]);
sdo!(NOTE, [opt("abstract", Text), req("content", Text), opt("authors", Texts), req("object_refs", Refs(WHOLE))]);
sdo!(@pairs OBSERVED_DATA, [
    req("first_observed", Time), req("last_observed", Time), req("number_observed", Int(1, 999_999_999)),
    opt("objects", Custom(cross::contained)), opt("object_refs", Refs(OBSERVED))
], &[VERSION_TIMES, ("first_observed", "last_observed", true)], extra: &[cross::observed]);
sdo!(
    OPINION,
    [
        opt("explanation", Text),
        opt("authors", Texts),
        req("object_refs", Refs(WHOLE)),
        req("opinion", OneOf(&["strongly-disagree", "disagree", "neutral", "agree", "strongly-agree"])),
    ]
);
sdo!(
    REPORT,
    [
        req("name", Text),
        opt("description", Text),
        opt("report_types", Opens(&vocab::REPORT_TYPE)),
        req("published", Time),
        req("object_refs", Refs(WHOLE)),
    ]
);
sdo!(seen THREAT_ACTOR, [
    req("name", Text), opt("description", Text), opt("threat_actor_types", Opens(&vocab::THREAT_ACTOR_TYPE)),
    opt("aliases", Texts), opt("roles", Opens(&vocab::THREAT_ACTOR_ROLE)), opt("goals", Texts),
    opt("sophistication", Open(&vocab::THREAT_ACTOR_SOPHISTICATION)),
    opt("resource_level", Open(&vocab::ATTACK_RESOURCE_LEVEL)), opt("primary_motivation", Open(&vocab::ATTACK_MOTIVATION)),
    opt("secondary_motivations", Opens(&vocab::ATTACK_MOTIVATION)), opt("personal_motivations", Opens(&vocab::ATTACK_MOTIVATION)),
]);
sdo!(
    TOOL,
    [
        req("name", Text),
        opt("description", Text),
        opt("tool_types", Opens(&vocab::TOOL_TYPE)),
        opt("aliases", Texts),
        opt("kill_chain_phases", Objects(&KILL_CHAIN_PHASE)),
        opt("tool_version", Text),
    ]
);
sdo!(VULNERABILITY, [req("name", Text), opt("description", Text)]);

sdo!(@pairs RELATIONSHIP, [
    req("relationship_type", Custom(cross::relationship_type)), opt("description", Text), req("source_ref", Ref(NOT_RELATED)),
    req("target_ref", Ref(NOT_RELATED)), opt("start_time", Time), opt("stop_time", Time)
], &[VERSION_TIMES, ("start_time", "stop_time", false)], extra: &[cross::relationship]);
sdo!(seen SIGHTING, [
    opt("description", Text), opt("count", Int(0, 999_999_999)), req("sighting_of_ref", Ref(NOT_RELATED)),
    opt("observed_data_refs", Refs(Targets::Only(&["observed-data"]))), opt("where_sighted_refs", Refs(SIGHTERS)),
    opt("summary", Bool),
]);

sdo!(
    LANGUAGE_CONTENT,
    [
        req("object_ref", Ref(Targets::Not(&["bundle", "language-content"]))),
        opt("object_modified", Time),
        req("contents", Custom(cross::translations)),
    ]
);
sdo!(EXTENSION_DEFINITION, [
    req("name", Text), opt("description", Text), req("schema", Text), req("version", Text),
    req("extension_types", super::rule::Rule::CustomList(cross::extension_type)), opt("extension_properties", Texts),
], extra: &[cross::extension_properties]);

schema!(MARKING_DEFINITION: &[], [
    req("type", Custom(cross::type_name)), req("spec_version", OneOf(VERSIONS)), req("id", Custom(cross::own_id)),
    opt("created_by_ref", Ref(CREATOR)), req("created", Time), opt("name", Text), opt("definition_type", Text),
    opt("definition", super::rule::Rule::Any), opt("external_references", Objects(&EXTERNAL_REFERENCE)),
    opt("object_marking_refs", Refs(MARKINGS)), opt("granular_markings", Objects(&GRANULAR_MARKING)),
    opt("extensions", Custom(extensions)), opt("lang", Custom(language)),
], unknown: Unknown::OfObject, extra: &[cross::marking]);

schema!(CUSTOM_SDO: super::sdo::COMMON, [], unknown: Unknown::Fine, pairs: &[VERSION_TIMES], extra: &[cross::custom_object]);

/// The rules of a Domain, Relationship or Meta Object's type.
pub(super) fn of(kind: &str) -> Option<&'static Schema> {
    Some(match kind {
        "attack-pattern" => &ATTACK_PATTERN,
        "campaign" => &CAMPAIGN,
        "course-of-action" => &COURSE_OF_ACTION,
        "extension-definition" => &EXTENSION_DEFINITION,
        "grouping" => &GROUPING,
        "identity" => &IDENTITY,
        "incident" => &INCIDENT,
        "indicator" => &INDICATOR,
        "infrastructure" => &INFRASTRUCTURE,
        "intrusion-set" => &INTRUSION_SET,
        "language-content" => &LANGUAGE_CONTENT,
        "location" => &LOCATION,
        "malware" => &MALWARE,
        "malware-analysis" => &MALWARE_ANALYSIS,
        "marking-definition" => &MARKING_DEFINITION,
        "note" => &NOTE,
        "observed-data" => &OBSERVED_DATA,
        "opinion" => &OPINION,
        "relationship" => &RELATIONSHIP,
        "report" => &REPORT,
        "sighting" => &SIGHTING,
        "threat-actor" => &THREAT_ACTOR,
        "tool" => &TOOL,
        "vulnerability" => &VULNERABILITY,
        _ => return None,
    })
}
