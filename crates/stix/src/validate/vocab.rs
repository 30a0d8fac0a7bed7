//! The open vocabularies of STIX 2.1 section 10.

/// An open vocabulary: its name and its words. Without words only the form is judged.
pub(super) struct Vocab {
    pub(super) name: &'static str,
    pub(super) words: &'static [&'static str],
}

macro_rules! vocabularies {
    ($($name:ident = $title:literal [$($word:literal),* $(,)?];)*) => {
        $(pub(super) static $name: Vocab = Vocab { name: $title, words: &[$($word),*] };)*
    };
}

vocabularies! {
    ACCOUNT_TYPE = "account-type-ov" ["facebook", "ldap", "nis", "openid", "radius", "skype", "tacacs", "twitter", "unix",
        "windows local", "windows domain", "windows-domain", "windows-local", "kavi"];
    ATTACK_MOTIVATION = "attack-motivation-ov" ["accidental", "coercion", "dominance", "ideology", "notoriety",
        "organizational-gain", "personal-gain", "personal-satisfaction", "revenge", "unpredictable"];
    ATTACK_RESOURCE_LEVEL = "attack-resource-level-ov" ["individual", "club", "contest", "team", "organization", "government"];
    GROUPING_CONTEXT = "grouping-context-ov" ["suspicious-activity", "malware-analysis", "unspecified"];
    IDENTITY_CLASS = "identity-class-ov" ["individual", "group", "system", "organization", "class", "unknown", "unspecified"];
    IMPLEMENTATION_LANGUAGE = "implementation-language-ov" ["applescript", "bash", "c", "c++", "c#", "go", "java",
        "javascript", "lua", "objective-c", "perl", "php", "powershell", "python", "ruby", "scala", "swift", "typescript",
        "visual-basic", "x86-32", "x86-64"];
    INDICATOR_TYPE = "indicator-type-ov" ["anomalous-activity", "anonymization", "benign", "compromised",
        "malicious-activity", "attribution", "unknown"];
    INDUSTRY_SECTOR = "industry-sector-ov" ["agriculture", "aerospace", "automotive", "chemical", "commercial",
        "communications", "construction", "defense", "education", "energy", "entertainment", "financial-services",
        "government", "emergency-services", "government-local", "government-national", "government-public-services",
        "government-regional", "healthcare", "hospitality-leisure", "infrastructure", "dams", "nuclear", "water",
        "insurance", "manufacturing", "mining", "non-profit", "pharmaceuticals", "retail", "technology",
        "telecommunications", "transportation", "utilities"];
    INFRASTRUCTURE_TYPE = "infrastructure-type-ov" ["amplification", "anonymization", "botnet", "command-and-control",
        "control-system", "exfiltration", "firewall", "hosting-malware", "hosting-target-lists", "phishing",
        "reconnaissance", "routers-switches", "staging", "workstation", "unknown"];
    MALWARE_RESULT = "malware-result-ov" ["malicious", "suspicious", "benign", "unknown"];
    MALWARE_CAPABILITIES = "malware-capabilities-ov" ["accesses-remote-machines", "anti-debugging", "anti-disassembly",
        "anti-emulation", "anti-memory-forensics", "anti-sandbox", "anti-vm", "captures-input-peripherals",
        "captures-output-peripherals", "captures-system-state-data", "cleans-traces-of-infection", "commits-fraud",
        "communicates-with-c2", "compromises-data-availability", "compromises-data-integrity",
        "compromises-system-availability", "controls-local-machine", "degrades-security-software",
        "degrades-system-updates", "determines-c2-server", "emails-spam", "escalates-privileges", "evades-av",
        "exfiltrates-data", "fingerprints-host", "hides-artifacts", "hides-executing-code", "infects-files",
        "infects-remote-machines", "installs-other-components", "persists-after-system-reboot",
        "prevents-artifact-access", "prevents-artifact-deletion", "probes-network-environment", "self-modifies",
        "steals-authentication-credentials", "violates-system-operational-integrity"];
    MALWARE_TYPE = "malware-type-ov" ["adware", "backdoor", "bot", "bootkit", "ddos", "downloader", "dropper",
        "exploit-kit", "keylogger", "ransomware", "remote-access-trojan", "resource-exploitation",
        "rogue-security-software", "rootkit", "screen-capture", "spyware", "trojan", "unknown", "virus", "webshell",
        "wiper", "worm"];
    PATTERN_TYPE = "pattern-type-ov" ["stix", "pcre", "sigma", "snort", "suricata", "yara"];
    PE_TYPE = "windows-pebinary-type-ov" ["dll", "exe", "sys"];
    PROCESSOR_ARCHITECTURE = "processor-architecture-ov" ["alpha", "arm", "ia-64", "mips", "powerpc", "sparc", "x86", "x86-64"];
    REGION = "region-ov" ["africa", "eastern-africa", "middle-africa", "northern-africa", "southern-africa",
        "western-africa", "americas", "caribbean", "central-america", "latin-america-caribbean", "northern-america",
        "south-america", "asia", "central-asia", "eastern-asia", "southern-asia", "south-eastern-asia", "western-asia",
        "europe", "eastern-europe", "northern-europe", "southern-europe", "western-europe", "oceania", "antarctica",
        "australia-new-zealand", "melanesia", "micronesia", "polynesia"];
    REPORT_TYPE = "report-type-ov" ["attack-pattern", "campaign", "identity", "indicator", "intrusion-set", "malware",
        "observed-data", "threat-actor", "threat-report", "tool", "vulnerability"];
    THREAT_ACTOR_TYPE = "threat-actor-type-ov" ["activist", "competitor", "crime-syndicate", "criminal", "hacker",
        "insider-accidental", "insider-disgruntled", "nation-state", "sensationalist", "spy", "terrorist", "unknown"];
    THREAT_ACTOR_ROLE = "threat-actor-role-ov" ["agent", "director", "independent", "sponsor", "infrastructure-operator",
        "infrastructure-architect", "malware-author"];
    THREAT_ACTOR_SOPHISTICATION = "threat-actor-sophistication-ov" ["none", "minimal", "intermediate", "advanced",
        "strategic", "expert", "innovator"];
    TOOL_TYPE = "tool-type-ov" ["denial-of-service", "exploitation", "information-gathering", "network-capture",
        "credential-exploitation", "remote-access", "vulnerability-scanning", "unknown"];
}

/// The hash names of `hash-algorithm-ov` (section 10.8).
pub(super) const HASHES: &[&str] = &["MD5", "SHA-1", "SHA-256", "SHA-512", "SHA3-256", "SHA3-512", "SSDEEP", "TLSH"];

/// ISO 3166-1 alpha-2 codes, run together: every even place begins one.
const COUNTRIES: &str = "ADAEAFAGAIALAMAOAQARASATAUAWAXAZBABBBDBEBFBGBHBIBJBLBMBNBOBQBRBSBTBVBWBYBZCACCCDCFCGCHCICKCLCMCNCOCRCUCVCWCXCYCZ\
    DEDJDKDMDODZECEEEGEHERESETFIFJFKFMFOFRGAGBGDGEGFGGGHGIGLGMGNGPGQGRGSGTGUGWGYHKHMHNHRHTHUIDIEILIMINIOIQIRISITJEJMJOJPKEKGKHKIKMKNKPKRKWKYKZ\
    LALBLCLILKLRLSLTLULVLYMAMCMDMEMFMGMHMKMLMMMNMOMPMQMRMSMTMUMVMWMXMYMZNANCNENFNGNINLNONPNRNUNZOMPAPEPFPGPHPKPLPMPNPRPSPTPWPYQA\
    RERORSRURWSASBSCSDSESGSHSISJSKSLSMSNSOSRSSSTSVSXSYSZTCTDTFTGTHTJTKTLTMTNTOTRTTTVTWTZUAUGUMUSUYUZVAVCVEVGVIVNVUWFWSYEYTZAZMZW";

/// Whether this is an ISO 3166-1 alpha-2 code; lower case passes, as many producers write it so.
pub(super) fn country(code: &str) -> bool {
    code.len() == 2 && COUNTRIES.as_bytes().chunks(2).any(|known| known.eq_ignore_ascii_case(code.as_bytes()))
}

/// Whether a name is among these without regard to case.
pub(super) fn among(names: &[&str], name: &str) -> bool {
    names.iter().any(|known| known.eq_ignore_ascii_case(name))
}

/// The request header fields a client may send (IANA message headers; RFC 9110 and those before it).
pub(super) const REQUEST_HEADERS: &[&str] = &[
    "A-IM",
    "Accept",
    "Accept-Charset",
    "Accept-Datetime",
    "Accept-Encoding",
    "Accept-Language",
    "Access-Control-Request-Headers",
    "Access-Control-Request-Method",
    "Authorization",
    "Cache-Control",
    "Connection",
    "Content-Encoding",
    "Content-Length",
    "Content-MD5",
    "Content-Type",
    "Cookie",
    "Date",
    "DNT",
    "Expect",
    "Forwarded",
    "From",
    "Front-End-Https",
    "Host",
    "HTTP2-Settings",
    "If-Match",
    "If-Modified-Since",
    "If-None-Match",
    "If-Range",
    "If-Unmodified-Since",
    "Max-Forwards",
    "Origin",
    "Pragma",
    "Prefer",
    "Proxy-Authorization",
    "Proxy-Connection",
    "Range",
    "Referer",
    "Save-Data",
    "Sec-Fetch-Dest",
    "Sec-Fetch-Mode",
    "Sec-Fetch-Site",
    "Sec-Fetch-User",
    "Sec-WebSocket-Extensions",
    "Sec-WebSocket-Key",
    "Sec-WebSocket-Protocol",
    "Sec-WebSocket-Version",
    "TE",
    "Trailer",
    "Transfer-Encoding",
    "Upgrade",
    "Upgrade-Insecure-Requests",
    "User-Agent",
    "Via",
    "Warning",
    "X-ATT-DeviceId",
    "X-Correlation-ID",
    "X-Csrf-Token",
    "X-Forwarded-For",
    "X-Forwarded-Host",
    "X-Forwarded-Proto",
    "X-Http-Method-Override",
    "X-Request-ID",
    "X-Requested-With",
    "X-UIDH",
    "X-Wap-Profile",
];

/// The names in a PDF's document information dictionary (ISO 32000-1 table 317).
pub(super) const PDF_INFO: &[&str] =
    &["Title", "Author", "Subject", "Keywords", "Creator", "Producer", "CreationDate", "ModDate", "Trapped"];

/// Socket options by prefix, of the common systems' headers.
pub(super) const SOCKET_OPTIONS: &[&str] = &[
    "SO_ACCEPTCONN",
    "SO_ATTACH_BPF",
    "SO_ATTACH_FILTER",
    "SO_BINDTODEVICE",
    "SO_BROADCAST",
    "SO_BSDCOMPAT",
    "SO_BSP_STATE",
    "SO_BUSY_POLL",
    "SO_CONDITIONAL_ACCEPT",
    "SO_CONNDATA",
    "SO_CONNDATALEN",
    "SO_CONNECT_TIME",
    "SO_CONNOPT",
    "SO_CONNOPTLEN",
    "SO_DEBUG",
    "SO_DETACH_FILTER",
    "SO_DISCDATA",
    "SO_DISCDATALEN",
    "SO_DISCOPT",
    "SO_DISCOPTLEN",
    "SO_DOMAIN",
    "SO_DONTLINGER",
    "SO_DONTROUTE",
    "SO_ERROR",
    "SO_EXCLUSIVEADDRUSE",
    "SO_GROUP_ID",
    "SO_GROUP_PRIORITY",
    "SO_INCOMING_CPU",
    "SO_KEEPALIVE",
    "SO_LINGER",
    "SO_LOCK_FILTER",
    "SO_MARK",
    "SO_MAX_MSG_SIZE",
    "SO_MAXDG",
    "SO_MAXPATHDG",
    "SO_NOSIGPIPE",
    "SO_OOBINLINE",
    "SO_OPENTYPE",
    "SO_PASSCRED",
    "SO_PAUSE_ACCEPT",
    "SO_PEEK_OFF",
    "SO_PEERCRED",
    "SO_PORT_SCALABILITY",
    "SO_PRIORITY",
    "SO_PROTOCOL",
    "SO_PROTOCOL_INFO",
    "SO_PROTOCOL_INFOA",
    "SO_PROTOCOL_INFOW",
    "SO_RCVBUF",
    "SO_RCVBUFFORCE",
    "SO_RCVLOWAT",
    "SO_RCVTIMEO",
    "SO_REUSEADDR",
    "SO_REUSEPORT",
    "SO_REUSE_MULTICASTPORT",
    "SO_REUSE_UNICASTPORT",
    "SO_RXQ_OVFL",
    "SO_SNDBUF",
    "SO_SNDBUFFORCE",
    "SO_SNDLOWAT",
    "SO_SNDTIMEO",
    "SO_TIMESTAMP",
    "SO_TYPE",
    "SO_UPDATE_ACCEPT_CONTEXT",
    "SO_UPDATE_CONNECT_CONTEXT",
    "SO_USELOOPBACK",
    "ICMP_FILTER",
    "ICMP6_FILTER",
    "IP_ADD_IFLIST",
    "IP_ADD_MEMBERSHIP",
    "IP_ADD_SOURCE_MEMBERSHIP",
    "IP_BIND_ADDRESS_NO_PORT",
    "IP_BLOCK_SOURCE",
    "IP_DEL_IFLIST",
    "IP_DONTFRAGMENT",
    "IP_DROP_MEMBERSHIP",
    "IP_DROP_SOURCE_MEMBERSHIP",
    "IP_FREEBIND",
    "IP_GET_IFLIST",
    "IP_HDRINCL",
    "IP_MSFILTER",
    "IP_MTU",
    "IP_MTU_DISCOVER",
    "IP_MULTICAST_ALL",
    "IP_MULTICAST_IF",
    "IP_MULTICAST_LOOP",
    "IP_MULTICAST_TTL",
    "IP_NODEFRAG",
    "IP_OPTIONS",
    "IP_ORIGINAL_ARRIVAL_IF",
    "IP_PKTINFO",
    "IP_RECEIVE_BROADCAST",
    "IP_RECVERR",
    "IP_RECVIF",
    "IP_RECVOPTS",
    "IP_RECVORIGDSTADDR",
    "IP_RECVTOS",
    "IP_RECVTTL",
    "IP_RETOPTS",
    "IP_ROUTER_ALERT",
    "IP_TOS",
    "IP_TRANSPARENT",
    "IP_TTL",
    "IP_UNBLOCK_SOURCE",
    "IP_UNICAST_IF",
    "IP_WFP_REDIRECT_CONTEXT",
    "IP_WFP_REDIRECT_RECORDS",
    "IPV6_ADD_IFLIST",
    "IPV6_ADD_MEMBERSHIP",
    "IPV6_ADDRFORM",
    "IPV6_CHECKSUM",
    "IPV6_DEL_IFLIST",
    "IPV6_DONTFRAG",
    "IPV6_DROP_MEMBERSHIP",
    "IPV6_FLOWINFO",
    "IPV6_GET_IFLIST",
    "IPV6_HDRINCL",
    "IPV6_HOPLIMIT",
    "IPV6_HOPOPTS",
    "IPV6_JOIN_GROUP",
    "IPV6_LEAVE_GROUP",
    "IPV6_MTU",
    "IPV6_MTU_DISCOVER",
    "IPV6_MULTICAST_HOPS",
    "IPV6_MULTICAST_IF",
    "IPV6_MULTICAST_LOOP",
    "IPV6_PKTINFO",
    "IPV6_PROTECTION_LEVEL",
    "IPV6_RECVERR",
    "IPV6_RECVIF",
    "IPV6_RECVPKTINFO",
    "IPV6_ROUTER_ALERT",
    "IPV6_RTHDR",
    "IPV6_UNICAST_HOPS",
    "IPV6_UNICAST_IF",
    "IPV6_UNICAT_IF",
    "IPV6_USER_MTU",
    "IPV6_V6ONLY",
    "MCAST_BLOCK_SOURCE",
    "MCAST_JOIN_GROUP",
    "MCAST_JOIN_SOURCE_GROUP",
    "MCAST_LEAVE_GROUP",
    "MCAST_LEAVE_SOURCE_GROUP",
    "MCAST_UNBLOCK_SOURCE",
    "TCP_BSDURGENT",
    "TCP_CONGESTION",
    "TCP_CORK",
    "TCP_DEFER_ACCEPT",
    "TCP_EXPEDITED_1122",
    "TCP_FASTOPEN",
    "TCP_FAIL_CONNECT_ON_ICMP_ERROR",
    "TCP_ICMP_ERROR_INFO",
    "TCP_INFO",
    "TCP_KEEPCNT",
    "TCP_KEEPIDLE",
    "TCP_KEEPINTVL",
    "TCP_LINGER2",
    "TCP_MAXRT",
    "TCP_MAXRTMS",
    "TCP_MAXSEG",
    "TCP_NODELAY",
    "TCP_NOOPT",
    "TCP_NOPUSH",
    "TCP_QUICKACK",
    "TCP_RXT_CONNDROPTIME",
    "TCP_RXT_FINDROP",
    "TCP_SENDMOREACKS",
    "TCP_SENDMORE_ACKS",
    "TCP_SYNCNT",
    "TCP_TIMESTAMPS",
    "TCP_USER_TIMEOUT",
    "TCP_WINDOW_CLAMP",
    "IRLMP_9WIRE_MODE",
    "IRLMP_DISCOVERY_MODE",
    "IRLMP_ENUMDEVICES",
    "IRLMP_EXCLUSIVE_MODE",
    "IRLMP_IAS_QUERY",
    "IRLMP_IAS_SET",
    "IRLMP_IRLPT_MODE",
    "IRLMP_PARAMETERS",
    "IRLMP_SEND_PDU_LEN",
    "IRLMP_SHARP_MODE",
    "IRLMP_TINYTP_MODE",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn countries_are_codes() {
        assert_eq!(COUNTRIES.len(), 249 * 2);
        assert!(country("EE") && country("us") && !country("USA") && !country("XX") && !country("DA"));
    }
}
