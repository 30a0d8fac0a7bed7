//! The extensions of observables that the specification predefines (STIX 2.1 section 6).

use super::parts::hashes;
use super::rule::Rule::{
    Bool, Custom, Hex, Int, Number, Object, Objects, OneOf, Open, ScoRef, ScoRefs, Text, Texts, Time,
};
use super::rule::{Rule, Schema, Targets, opt, req, schema};
use super::{observed, vocab};

const ANY_INT: Rule = Int(i64::MIN, i64::MAX);
const COUNT: Rule = Int(0, i64::MAX);
const CONTENTS: Targets = Targets::Only(&["file", "directory"]);

schema!(ARCHIVE: &[], [req("contains_refs", ScoRefs(CONTENTS)), opt("comment", Text)]);
schema!(STREAM: &[], [req("name", Text), opt("hashes", Custom(hashes)), opt("size", COUNT)]);
schema!(NTFS: &[], [opt("sid", Text), opt("alternate_data_streams", Objects(&STREAM))], any_of: &["sid", "alternate_data_streams"]);
schema!(PDF: &[], [
    opt("version", Text), opt("is_optimized", Bool), opt("document_info_dict", Custom(observed::pdf_info)), opt("pdfid0", Text),
    opt("pdfid1", Text),
], any_of: &["version", "is_optimized", "document_info_dict", "pdfid0", "pdfid1"]);
schema!(RASTER_IMAGE: &[], [
    opt("image_height", ANY_INT), opt("image_width", ANY_INT), opt("bits_per_pixel", ANY_INT),
    opt("image_compression_algorithm", Text), opt("exif_tags", Custom(observed::exif_tags)),
], any_of: &["image_height", "image_width", "bits_per_pixel", "image_compression_algorithm", "exif_tags"]);

schema!(PE_SECTION: &[], [
    req("name", Text), opt("size", COUNT), opt("entropy", Number(f64::MIN, f64::MAX)), opt("hashes", Custom(hashes)),
]);
schema!(PE_OPTIONAL_HEADER: &[], [
    opt("magic_hex", Hex), opt("major_linker_version", ANY_INT), opt("minor_linker_version", ANY_INT),
    opt("size_of_code", COUNT), opt("size_of_initialized_data", COUNT), opt("size_of_uninitialized_data", COUNT),
    opt("address_of_entry_point", ANY_INT), opt("base_of_code", ANY_INT), opt("base_of_data", ANY_INT),
    opt("image_base", ANY_INT), opt("section_alignment", ANY_INT), opt("file_alignment", ANY_INT),
    opt("major_os_version", ANY_INT), opt("minor_os_version", ANY_INT), opt("major_image_version", ANY_INT),
    opt("minor_image_version", ANY_INT), opt("major_subsystem_version", ANY_INT), opt("minor_subsystem_version", ANY_INT),
    opt("win32_version_value_hex", Hex), opt("size_of_image", COUNT), opt("size_of_headers", COUNT),
    opt("checksum_hex", Hex), opt("subsystem_hex", Hex), opt("dll_characteristics_hex", Hex),
    opt("size_of_stack_reserve", COUNT), opt("size_of_stack_commit", COUNT), opt("size_of_heap_reserve", COUNT),
    opt("size_of_heap_commit", COUNT), opt("loader_flags_hex", Hex), opt("number_of_rva_and_sizes", ANY_INT),
    opt("hashes", Custom(hashes)),
], extra: &[observed::not_empty]);
schema!(PE_BINARY: &[], [
    req("pe_type", Open(&vocab::PE_TYPE)), opt("imphash", Text), opt("machine_hex", Hex), opt("number_of_sections", COUNT),
    opt("time_date_stamp", Time), opt("pointer_to_symbol_table_hex", Hex), opt("number_of_symbols", COUNT),
    opt("size_of_optional_header", COUNT), opt("characteristics_hex", Hex), opt("file_header_hashes", Custom(hashes)),
    opt("optional_header", Object(&PE_OPTIONAL_HEADER)), opt("sections", Objects(&PE_SECTION)),
], any_of: &["imphash", "machine_hex", "number_of_sections", "time_date_stamp", "pointer_to_symbol_table_hex",
    "number_of_symbols", "size_of_optional_header", "characteristics_hex", "file_header_hashes", "optional_header", "sections"]);

schema!(HTTP_REQUEST: &[], [
    req("request_method", Text), req("request_value", Text), opt("request_version", Text),
    opt("request_header", Custom(observed::request_header)), opt("message_body_length", ANY_INT),
    opt("message_body_data_ref", ScoRef(Targets::Only(&["artifact"]))),
]);
schema!(ICMP: &[], [req("icmp_type_hex", Hex), req("icmp_code_hex", Hex)]);
schema!(SOCKET: &[], [
    req("address_family", OneOf(&["AF_UNSPEC", "AF_INET", "AF_IPX", "AF_APPLETALK", "AF_NETBIOS", "AF_INET6", "AF_IRDA", "AF_BTH"])),
    opt("is_blocking", Bool), opt("is_listening", Bool), opt("options", Custom(observed::socket_options)),
    opt("socket_type", OneOf(&["SOCK_STREAM", "SOCK_DGRAM", "SOCK_RAW", "SOCK_RDM", "SOCK_SEQPACKET"])),
    opt("socket_descriptor", COUNT), opt("socket_handle", ANY_INT),
]);
schema!(TCP: &[], [opt("src_flags_hex", Hex), opt("dst_flags_hex", Hex)], any_of: &["src_flags_hex", "dst_flags_hex"]);

schema!(WINDOWS_PROCESS: &[], [
    opt("aslr_enabled", Bool), opt("dep_enabled", Bool), opt("priority", Custom(observed::priority)), opt("owner_sid", Text),
    opt("window_title", Text), opt("startup_info", Custom(observed::startup_info)),
    opt("integrity_level", OneOf(&["low", "medium", "high", "system"])),
], any_of: &["aslr_enabled", "dep_enabled", "priority", "owner_sid", "window_title", "startup_info", "integrity_level"]);
schema!(WINDOWS_SERVICE: &[], [
    opt("service_name", Text), opt("descriptions", Texts), opt("display_name", Text), opt("group_name", Text),
    opt("start_type", OneOf(&["SERVICE_AUTO_START", "SERVICE_BOOT_START", "SERVICE_DEMAND_START", "SERVICE_DISABLED", "SERVICE_SYSTEM_ALERT"])),
    opt("service_dll_refs", ScoRefs(Targets::Only(&["file"]))),
    opt("service_type", OneOf(&["SERVICE_KERNEL_DRIVER", "SERVICE_FILE_SYSTEM_DRIVER", "SERVICE_WIN32_OWN_PROCESS", "SERVICE_WIN32_SHARE_PROCESS"])),
    opt("service_status", OneOf(&["SERVICE_CONTINUE_PENDING", "SERVICE_PAUSE_PENDING", "SERVICE_PAUSED", "SERVICE_RUNNING",
        "SERVICE_START_PENDING", "SERVICE_STOP_PENDING", "SERVICE_STOPPED"])),
], any_of: &["service_name", "descriptions", "display_name", "group_name", "start_type", "service_dll_refs", "service_type", "service_status"]);

schema!(UNIX_ACCOUNT: &[], [
    opt("gid", Number(f64::MIN, f64::MAX)), opt("groups", Texts), opt("home_dir", Text), opt("shell", Text),
], any_of: &["gid", "groups", "home_dir", "shell"]);

/// The rules of a predefined extension of a type.
pub(super) fn of(kind: &str, extension: &str) -> Option<&'static Schema> {
    Some(match (kind, extension) {
        ("file", "archive-ext") => &ARCHIVE,
        ("file", "ntfs-ext") => &NTFS,
        ("file", "pdf-ext") => &PDF,
        ("file", "raster-image-ext") => &RASTER_IMAGE,
        ("file", "windows-pebinary-ext") => &PE_BINARY,
        ("network-traffic", "http-request-ext") => &HTTP_REQUEST,
        ("network-traffic", "icmp-ext") => &ICMP,
        ("network-traffic", "socket-ext") => &SOCKET,
        ("network-traffic", "tcp-ext") => &TCP,
        ("process", "windows-process-ext") => &WINDOWS_PROCESS,
        ("process", "windows-service-ext") => &WINDOWS_SERVICE,
        ("user-account", "unix-account-ext") => &UNIX_ACCOUNT,
        _ => return None,
    })
}
